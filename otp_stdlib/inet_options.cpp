// Options of sockets: setopts and getopts.
//
// A request to set is a row of option codes, each with its value: 4 bytes, for some more behind them.
// Most failures of the system's own options are not reported, as on the stock VM; those of newer
// options are. A request to get is a row of codes; an option that cannot be read is left out of the
// answer.
#include <net/if.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <climits>

#include "otp_stdlib/inet_socket.h"

namespace inet {
namespace {

// Options that are one int for the system.
struct SystemOption {
  uint8_t code;
  int level;
  int name;
  bool must_succeed;
};
constexpr SystemOption kSystemOptions[] = {
    {kOptReuseAddr, SOL_SOCKET, SO_REUSEADDR, false},
    {kOptKeepAlive, SOL_SOCKET, SO_KEEPALIVE, false},
    {kOptDontRoute, SOL_SOCKET, SO_DONTROUTE, false},
    {kOptBroadcast, SOL_SOCKET, SO_BROADCAST, false},
    {kOptOobInline, SOL_SOCKET, SO_OOBINLINE, false},
    {kOptSndBuf, SOL_SOCKET, SO_SNDBUF, false},
    {kOptRcvBuf, SOL_SOCKET, SO_RCVBUF, false},
    {kOptPriority, SOL_SOCKET, SO_PRIORITY, true},
    {kOptTos, IPPROTO_IP, IP_TOS, true},
    {kOptTclass, IPPROTO_IPV6, IPV6_TCLASS, true},
    {kOptTtl, IPPROTO_IP, IP_TTL, true},
    {kOptRecvTos, IPPROTO_IP, IP_RECVTOS, true},
    {kOptRecvTclass, IPPROTO_IPV6, IPV6_RECVTCLASS, true},
    {kOptRecvTtl, IPPROTO_IP, IP_RECVTTL, true},
    {kOptNoDelay, IPPROTO_TCP, TCP_NODELAY, false},
    {kOptNoPush, IPPROTO_TCP, TCP_CORK, false},
    {kOptMulticastTtl, IPPROTO_IP, IP_MULTICAST_TTL, false},
    {kOptMulticastLoop, IPPROTO_IP, IP_MULTICAST_LOOP, false},
    {kOptV6Only, IPPROTO_IPV6, IPV6_V6ONLY, true},
};

const SystemOption* find_option(uint8_t code) {
  for (const SystemOption& o : kSystemOptions) {
    if (o.code == code) return &o;
  }
  return nullptr;
}

// Which kinds of ancillary data arrive.
uint32_t ancillary_bit(uint8_t option) {
  switch (option) {
    case kOptRecvTos: return 1;
    case kOptRecvTclass: return 2;
    case kOptRecvTtl: return 4;
    default: return 0;
  }
}

int32_t clamp_to_int(size_t n) { return n > INT_MAX ? INT_MAX : static_cast<int32_t>(n); }

}  // namespace

// ---- setting ----

// Setting the type of service sets the priority as well; users see the two as separate.
bool Socket::set_raw(int level, int name, const void* value, size_t size) {
  int priority = 0;
  socklen_t n = sizeof priority;
  bool keeps_priority = level == IPPROTO_IP && name == IP_TOS &&
                        ::getsockopt(fd_, SOL_SOCKET, SO_PRIORITY, &priority, &n) == 0;
  if (::setsockopt(fd_, level, name, value, static_cast<socklen_t>(size)) != 0) return false;
  if (!keeps_priority) return true;
  return ::setsockopt(fd_, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority) == 0 || errno == EPERM;
}

bool Socket::set_active(int32_t value, Reader& in) {
  if (value < kPassive || value > kCounted) return false;
  active_ = value;
  if (value != kCounted) {
    active_count_ = 0;
  } else {
    int count = static_cast<int16_t>(in.u16());
    if (!in.ok()) return false;
    int sum = active_count_ + count;
    if (sum > INT16_MAX || sum < INT16_MIN) return false;
    active_count_ = sum < 0 ? 0 : sum;
    if (active_count_ == 0) {
      active_ = kPassive;
      passive_message();
    }
  }
  if (type_ == SOCK_STREAM && active_ != kPassive && state_ == kStateClosed) activated_while_closed();
  return true;
}

bool Socket::set_membership(uint8_t option, int32_t family, Reader& in) {
  uint32_t interface = in.u32();
  if (family == kFamilyInet && family_ == AF_INET) {
    ip_mreqn request{};
    uint32_t group = in.u32();
    uint32_t address = in.u32();
    if (!in.ok()) return false;
    request.imr_multiaddr.s_addr = htonl(group);
    request.imr_address.s_addr = htonl(address);
    request.imr_ifindex = static_cast<int>(interface);
    int name = option == kOptAddMembership ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
    (void)::setsockopt(fd_, IPPROTO_IP, name, &request, sizeof request);
    return true;
  }
  if (family == kFamilyInet6 && family_ == AF_INET6) {
    ipv6_mreq request{};
    std::string_view group = in.bytes(16);
    if (!in.ok()) return false;
    std::memcpy(&request.ipv6mr_multiaddr, group.data(), 16);
    request.ipv6mr_interface = interface;
    int name = option == kOptAddMembership ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
    (void)::setsockopt(fd_, IPPROTO_IPV6, name, &request, sizeof request);
    return true;
  }
  return false;
}

bool Socket::set_system_option(uint8_t option, int32_t value, Reader& in) {
  switch (option) {
    case kOptLinger: {
      linger l = {value, in.i32()};
      if (!in.ok()) return false;
      (void)set_own_option(option, l.l_onoff != 0 && l.l_linger == 0);
      (void)set_raw(SOL_SOCKET, SO_LINGER, &l, sizeof l);
      return true;
    }
    case kOptRaw: {
      int name = in.i32();
      std::string_view bytes = in.bytes(in.u32());
      if (!in.ok()) return false;
      (void)set_raw(value, name, bytes.data(), bytes.size());
      return true;
    }
    case kOptBindToDevice: {
      std::string_view name = in.bytes(static_cast<uint32_t>(value));
      char device[IFNAMSIZ] = {};
      if (!in.ok() || name.size() >= sizeof device) return false;
      std::memcpy(device, name.data(), name.size());
      return set_raw(SOL_SOCKET, SO_BINDTODEVICE, device, sizeof device);
    }
    case kOptMulticastIf: {
      uint32_t address = htonl(static_cast<uint32_t>(value));
      if (family_ == AF_INET) {
        (void)set_raw(IPPROTO_IP, IP_MULTICAST_IF, &address, sizeof address);
      } else if (family_ == AF_INET6) {
        // The index comes as an int here, not as an address.
        (void)set_raw(IPPROTO_IPV6, IPV6_MULTICAST_IF, &value, sizeof value);
      } else {
        return false;
      }
      return true;
    }
    case kOptAddMembership:
    case kOptDropMembership: return set_membership(option, value, in);
    default: break;
  }
  const SystemOption* o = find_option(option);
  if (o == nullptr) return false;
  if (option == kOptRcvBuf && !is_buffer_set_) buffer_for_recbuf(value);
  bool done = set_raw(o->level, o->name, &value, sizeof value);
  if (uint32_t bit = ancillary_bit(option); bit != 0 && done) {
    received_ancillary_ = value != 0 ? received_ancillary_ | bit : received_ancillary_ & ~bit;
  }
  return done || !o->must_succeed;
}

bool Socket::set_options(Reader& in) {
  int active_before = active_;
  int packet_before = packet_;
  // What is left when it is shorter than an option is ignored.
  while (in.left() >= 5) {
    uint8_t option = in.u8();
    int32_t value = in.i32();
    switch (option) {
      case kOptHeader: header_ = static_cast<uint32_t>(value); break;
      case kOptMode:
        if (value != kModeList && value != kModeBinary) return false;
        mode_ = value;
        break;
      case kOptDeliver:
        if (value != kDeliverPort && value != kDeliverTerm) return false;
        deliver_ = value;
        break;
      case kOptBuffer:
        buffer_size_ = value < 1 ? 1 : value;
        if (buffer_size_ > static_cast<int32_t>(kMaxPacket)) buffer_size_ = kMaxPacket;
        is_buffer_set_ = true;
        break;
      case kOptActive:
        if (!set_active(value, in)) return false;
        if (stopped()) return true;
        break;
      case kOptPacketSize: packet_size_ = static_cast<uint32_t>(value); break;
      case kOptExitOnClose: exit_on_close_ = value != 0; break;
      case kOptLineDelimiter: delimiter_ = static_cast<uint8_t>(value); break;
      case kOptDebug: debug_ = value != 0; break;
      case kOptQueueHigh:
      case kOptQueueLow: {
        if (value < static_cast<int32_t>(ERL_DRV_BUSY_MSGQ_LIM_MIN)) return false;
        auto limit = static_cast<ErlDrvSizeT>(value);
        bool is_high = option == kOptQueueHigh;
        erl_drv_busy_msgq_limits(port_, is_high ? nullptr : &limit, is_high ? &limit : nullptr);
        break;
      }
      case kOptNetNs: {
        std::string_view path = in.bytes(static_cast<uint32_t>(value));
        if (!in.ok()) return false;
        netns_ = path;
        has_netns_ = true;
        break;
      }
      case kOptPacket:
      case kOptHighWatermark:
      case kOptLowWatermark:
      case kOptSendTimeout:
      case kOptSendTimeoutClose:
      case kOptDelaySend:
      case kOptReadPackets:
      case kOptShowReset:
        if (!set_own_option(option, value)) return false;
        break;
      default:
        if (!set_system_option(option, value, in)) return false;
        break;
    }
  }
  bool works = type_ == SOCK_STREAM ? is_connected() : type_ == SOCK_DGRAM && is_open();
  if (works) options_changed(active_before, packet_before);
  return true;
}

// ---- getting ----

// {raw, Level, Name, SizeOrBytes}
void Socket::get_raw_option(Reader& in, Writer& out, bool* ok) {
  int level = in.i32();
  int name = in.i32();
  bool has_value = in.u8() != 0;
  uint32_t size = in.u32();
  if (!in.ok() || size > kMaxOptionBytes) {
    *ok = false;
    return;
  }
  std::string value(size, '\0');
  if (has_value) {
    std::string_view given = in.bytes(size);
    if (!in.ok()) {
      *ok = false;
      return;
    }
    value = given;
  }
  socklen_t n = size;
  if (::getsockopt(fd_, level, name, value.data(), &n) != 0) return;
  if (n > size) n = size;
  out.u8(kOptRaw).u32(static_cast<uint32_t>(level)).u32(static_cast<uint32_t>(name)).u32(n);
  out.bytes(value.data(), n);
}

static uint32_t ancillary_number(const cmsghdr* c) {
  switch (c->cmsg_len - CMSG_LEN(0)) {
    case 1: return *CMSG_DATA(c);
    case 4: {
      uint32_t n;
      std::memcpy(&n, CMSG_DATA(c), sizeof n);
      return n;
    }
    default: return 0;
  }
}

// The ancillary values that the last packets carried. False: the family has none.
bool Socket::get_packet_options(Writer& out) {
  alignas(cmsghdr) char space[4 * CMSG_SPACE(sizeof(int))];
  socklen_t size = sizeof space;
  int level, name;
  if (family_ == AF_INET) {
    level = IPPROTO_IP;
    name = IP_PKTOPTIONS;
  } else if (family_ == AF_INET6) {
    level = IPPROTO_IPV6;
    name = IPV6_2292PKTOPTIONS;
  } else {
    return false;
  }
  if (::getsockopt(fd_, level, name, space, &size) != 0) return true;
  msghdr header{};
  header.msg_control = space;
  header.msg_controllen = size;
  out.u8(kOptPktOptions);
  size_t at = out.size();
  out.u32(0);
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
      out.u8(kOptTos).u32(ancillary_number(c));
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
      out.u8(kOptTclass).u32(ancillary_number(c));
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) {
      out.u8(kOptTtl).u32(ancillary_number(c));
    }
  }
  out.patch_u32(at, static_cast<uint32_t>(out.size() - at - 4));
  return true;
}

bool Socket::get_option(uint8_t option, Reader& in, Writer& out) {
  auto number = [&](int32_t value) {
    out.u8(option).u32(static_cast<uint32_t>(value));
    return true;
  };
  switch (option) {
    case kOptBuffer: return number(buffer_size_);
    case kOptHeader: return number(static_cast<int32_t>(header_));
    case kOptMode: return number(mode_);
    case kOptDeliver: return number(deliver_);
    case kOptPacket: return number(packet_);
    case kOptPacketSize: return number(static_cast<int32_t>(packet_size_));
    case kOptExitOnClose: return number(exit_on_close_);
    case kOptDebug: return number(debug_);
    case kOptActive:
      number(active_);
      if (active_ == kCounted) out.u16(static_cast<unsigned>(active_count_));
      return true;
    case kOptQueueHigh:
    case kOptQueueLow: {
      ErlDrvSizeT low = ERL_DRV_BUSY_MSGQ_READ_ONLY;
      ErlDrvSizeT high = ERL_DRV_BUSY_MSGQ_READ_ONLY;
      erl_drv_busy_msgq_limits(port_, &low, &high);
      return number(clamp_to_int(option == kOptQueueHigh ? high : low));
    }
    case kOptNetNs:
      if (has_netns_) {
        out.u8(option).u32(static_cast<uint32_t>(netns_.size())).bytes(netns_.data(), netns_.size());
      }
      return true;
    case kOptHighWatermark:
    case kOptLowWatermark:
    case kOptSendTimeout:
    case kOptSendTimeoutClose:
    case kOptDelaySend:
    case kOptReadPackets:
    case kOptShowReset: {
      int32_t value = 0;
      return get_own_option(option, &value) ? number(value) : true;
    }
    case kOptLinger: {
      linger l{};
      socklen_t size = sizeof l;
      if (::getsockopt(fd_, SOL_SOCKET, SO_LINGER, &l, &size) != 0) return true;
      number(l.l_onoff != 0);
      out.u32(static_cast<uint32_t>(l.l_linger));
      return true;
    }
    case kOptRaw: {
      bool ok = true;
      get_raw_option(in, out, &ok);
      return ok;
    }
    case kOptMulticastIf: {
      if (family_ != AF_INET && family_ != AF_INET6) return false;
      uint32_t value = 0;
      socklen_t size = sizeof value;
      bool is_inet = family_ == AF_INET;
      if (::getsockopt(fd_, is_inet ? IPPROTO_IP : IPPROTO_IPV6, is_inet ? IP_MULTICAST_IF : IPV6_MULTICAST_IF,
                       &value, &size) != 0) {
        return true;
      }
      number(static_cast<int32_t>(is_inet ? ntohl(value) : value));
      out.u32(is_inet ? kFamilyInet : kFamilyInet6);
      return true;
    }
    case kOptBindToDevice: {
      char device[IFNAMSIZ] = {};
      socklen_t size = sizeof device;
      if (::getsockopt(fd_, SOL_SOCKET, SO_BINDTODEVICE, device, &size) != 0) return true;
      size_t length = strnlen(device, sizeof device);
      out.u8(option).u32(static_cast<uint32_t>(length)).bytes(device, length);
      return true;
    }
    case kOptPktOptions: return get_packet_options(out);
    default: break;
  }
  const SystemOption* o = find_option(option);
  if (o == nullptr) return false;
  int32_t value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd_, o->level, o->name, &value, &size) != 0) return true;
  return number(value);
}

void Socket::get_options(Reader& in, Writer& out) {
  ok(out);
  while (in.left() != 0) {
    if (get_option(in.u8(), in, out) && out.size() <= kMaxOptionBytes) continue;
    out.truncate(0);
    return error(out, EINVAL);
  }
}

}  // namespace inet
