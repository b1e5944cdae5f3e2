// Network interfaces: their names, addresses and flags.
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sys/ioctl.h>

#include <cerrno>

#include "otp_stdlib/inet_socket.h"

namespace inet {
namespace {

void fail(Writer& out, int error) {
  const char* name = erl_errno_id(error);
  out.truncate(0);
  out.u8(kReplyError).bytes(name, std::strlen(name));
}

struct FlagPair {
  uint32_t system;
  uint32_t ours;
};
constexpr FlagPair kFlags[] = {{IFF_UP, kIfUp},           {IFF_BROADCAST, kIfBroadcast},
                               {IFF_LOOPBACK, kIfLoopback}, {IFF_POINTOPOINT, kIfPointToPoint},
                               {IFF_RUNNING, kIfRunning},   {IFF_MULTICAST, kIfMulticast}};

uint32_t our_flags(uint32_t system) {
  uint32_t flags = 0;
  for (const FlagPair& f : kFlags) {
    if (system & f.system) flags |= f.ours;
  }
  return flags;
}

// The name that a request begins with.
bool read_name(Reader& in, ifreq* request) {
  *request = ifreq{};
  std::string_view name = in.bytes(in.u8());
  if (!in.ok()) return false;
  if (name.size() >= IFNAMSIZ) name = name.substr(0, IFNAMSIZ - 1);
  std::memcpy(request->ifr_name, name.data(), name.size());
  return true;
}

bool read_address(Reader& in, sockaddr* out) {
  uint8_t family = in.u8();
  *out = sockaddr{};
  if (family == kFamilyInet) {
    std::string_view bytes = in.bytes(4);
    if (!in.ok()) return false;
    out->sa_family = AF_INET;
    std::memcpy(&reinterpret_cast<sockaddr_in*>(out)->sin_addr, bytes.data(), 4);
    return true;
  }
  return false;  // ifreq has no room for others
}

void put_name(Writer& out, const char* name) {
  // Names are Latin-1 for us and UTF-8 for prim_inet.
  for (; *name != '\0'; name++) {
    auto c = static_cast<uint8_t>(*name);
    if (c < 0x80) {
      out.u8(c);
    } else {
      out.u8(0xc0 | c >> 6).u8(0x80 | (c & 0x3f));
    }
  }
  out.u8(0);
}

void put_address(Writer& out, uint8_t option, const sockaddr* address) {
  if (address == nullptr) return;
  Writer text;
  write_interface_address(text, address);
  if (text.size() != 0) out.u8(option).bytes(text.text().data(), text.size());
}

}  // namespace

// Names of interfaces that have an IPv4 address.
void list_interfaces(int fd, Writer& out) {
  std::vector<ifreq> requests(64);
  ifconf list{};
  for (;;) {
    list.ifc_len = static_cast<int>(requests.size() * sizeof(ifreq));
    list.ifc_req = requests.data();
    if (::ioctl(fd, SIOCGIFCONF, &list) < 0) return fail(out, errno);
    if (static_cast<size_t>(list.ifc_len) < requests.size() * sizeof(ifreq)) break;
    requests.resize(requests.size() * 2);
  }
  out.u8(kReplyOk);
  for (size_t i = 0; i < static_cast<size_t>(list.ifc_len) / sizeof(ifreq); i++) {
    const char* name = requests[i].ifr_name;
    out.bytes(name, strnlen(name, IFNAMSIZ)).u8(0);
  }
}

void get_interface(int fd, Reader& in, Writer& out) {
  ifreq request;
  if (!read_name(in, &request)) return fail(out, EINVAL);
  out.u8(kReplyOk);
  auto ask = [&](unsigned long what) { return ::ioctl(fd, what, &request) >= 0; };
  while (in.left() != 0) {
    uint8_t option = in.u8();
    switch (option) {
      case kIfAddr:
        if (ask(SIOCGIFADDR)) put_address(out, option, &request.ifr_addr);
        break;
      case kIfBroadAddr:
        if (ask(SIOCGIFBRDADDR)) put_address(out, option, &request.ifr_broadaddr);
        break;
      case kIfDstAddr:
        if (ask(SIOCGIFDSTADDR)) put_address(out, option, &request.ifr_dstaddr);
        break;
      case kIfNetmask:
        if (ask(SIOCGIFNETMASK)) put_address(out, option, &request.ifr_netmask);
        break;
      case kIfHwAddr:
        if (ask(SIOCGIFHWADDR)) {
          out.u8(option).u16(IFHWADDRLEN).bytes(request.ifr_hwaddr.sa_data, IFHWADDRLEN);
        }
        break;
      case kIfMtu:
        if (ask(SIOCGIFMTU)) out.u8(option).u32(static_cast<uint32_t>(request.ifr_mtu));
        break;
      case kIfFlags: {
        uint32_t flags = ask(SIOCGIFFLAGS) ? static_cast<uint16_t>(request.ifr_flags) : 0;
        out.u8(option).u32(our_flags(flags));
        break;
      }
      default: return fail(out, EINVAL);
    }
  }
}

// What the system refuses is not reported.
void set_interface(int fd, Reader& in, Writer& out) {
  ifreq request;
  if (!read_name(in, &request)) return fail(out, EINVAL);
  auto tell = [&](unsigned long what) { (void)::ioctl(fd, what, &request); };
  while (in.left() != 0) {
    switch (in.u8()) {
      case kIfAddr:
        if (!read_address(in, &request.ifr_addr)) return fail(out, EINVAL);
        tell(SIOCSIFADDR);
        break;
      case kIfBroadAddr:
        if (!read_address(in, &request.ifr_broadaddr)) return fail(out, EINVAL);
        tell(SIOCSIFBRDADDR);
        break;
      case kIfDstAddr:
        if (!read_address(in, &request.ifr_dstaddr)) return fail(out, EINVAL);
        tell(SIOCSIFDSTADDR);
        break;
      case kIfNetmask:
        if (!read_address(in, &request.ifr_netmask)) return fail(out, EINVAL);
        tell(SIOCSIFNETMASK);
        break;
      case kIfHwAddr: {
        std::string_view bytes = in.bytes(in.u16());
        if (!in.ok() || bytes.size() > sizeof request.ifr_hwaddr.sa_data) return fail(out, EINVAL);
        std::memset(request.ifr_hwaddr.sa_data, 0, sizeof request.ifr_hwaddr.sa_data);
        std::memcpy(request.ifr_hwaddr.sa_data, bytes.data(), bytes.size());
        tell(SIOCSIFHWADDR);
        break;
      }
      case kIfMtu:
        request.ifr_mtu = in.i32();
        if (!in.ok()) return fail(out, EINVAL);
        tell(SIOCSIFMTU);
        break;
      case kIfFlags: {
        uint32_t wanted = in.u32();
        if (!in.ok()) return fail(out, EINVAL);
        uint32_t before = ::ioctl(fd, SIOCGIFFLAGS, &request) < 0 ? 0 : static_cast<uint16_t>(request.ifr_flags);
        uint32_t flags = before;
        if (wanted & kIfUp) flags |= IFF_UP;
        if (wanted & kIfDown) flags &= ~uint32_t{IFF_UP};
        if (wanted & kIfBroadcast) flags |= IFF_BROADCAST;
        if (wanted & kIfNoBroadcast) flags &= ~uint32_t{IFF_BROADCAST};
        if (wanted & kIfPointToPoint) flags |= IFF_POINTOPOINT;
        if (wanted & kIfNoPointToPoint) flags &= ~uint32_t{IFF_POINTOPOINT};
        if (flags != before) {
          request.ifr_flags = static_cast<short>(flags);
          tell(SIOCSIFFLAGS);
        }
        break;
      }
      default: return fail(out, EINVAL);
    }
  }
  out.u8(kReplyOk);
}

// For each address of each interface: Name, 0, flags, what there is, 0.
void list_interface_addresses(const std::string* netns, Writer& out) {
  ifaddrs* first = nullptr;
  int error = in_namespace(netns, [&] { return ::getifaddrs(&first) != 0 ? errno : 0; });
  if (error != 0) {
    if (first != nullptr) ::freeifaddrs(first);
    return fail(out, error);
  }
  out.u8(kReplyOk);
  for (ifaddrs* i = first; i != nullptr; i = i->ifa_next) {
    put_name(out, i->ifa_name);
    out.u8(kIfFlags).u32(our_flags(i->ifa_flags));
    int family = i->ifa_addr != nullptr ? i->ifa_addr->sa_family : AF_UNSPEC;
    if (family == AF_INET || family == AF_INET6) {
      put_address(out, kIfAddr, i->ifa_addr);
      put_address(out, kIfNetmask, i->ifa_netmask);
      if (i->ifa_dstaddr != nullptr && (i->ifa_flags & IFF_POINTOPOINT)) {
        put_address(out, kIfDstAddr, i->ifa_dstaddr);
      } else if (i->ifa_broadaddr != nullptr && (i->ifa_flags & IFF_BROADCAST)) {
        put_address(out, kIfBroadAddr, i->ifa_broadaddr);
      }
    } else if (family == AF_PACKET && reinterpret_cast<sockaddr_ll*>(i->ifa_addr)->sll_halen > 1) {
      put_address(out, kIfHwAddr, i->ifa_addr);
    }
    out.u8(0);
  }
  ::freeifaddrs(first);
}

}  // namespace inet
