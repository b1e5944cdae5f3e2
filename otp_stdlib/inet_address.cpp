#include "otp_stdlib/inet_address.h"

#include <netpacket/packet.h>

#include <cstddef>

namespace inet {
namespace {

constexpr const char* kEinval = "einval";
constexpr const char* kEafnosupport = "eafnosupport";
constexpr size_t kPathOffset = offsetof(sockaddr_un, sun_path);

void set_inet(AddressAndSize* out, uint16_t port, const void* address) {
  out->address.in.sin_family = AF_INET;
  out->address.in.sin_port = htons(port);
  std::memcpy(&out->address.in.sin_addr, address, 4);
  out->size = sizeof(sockaddr_in);
}

void set_inet6(AddressAndSize* out, uint16_t port, const void* address) {
  out->address.in6.sin6_family = AF_INET6;
  out->address.in6.sin6_port = htons(port);
  std::memcpy(&out->address.in6.sin6_addr, address, 16);
  out->size = sizeof(sockaddr_in6);
}

// A path needs its terminating zero within the structure; a name that begins with zero (Linux's
// abstract ones) is as long as it says.
const char* read_local(Reader& in, AddressAndSize* out) {
  size_t length = in.u8();
  std::string_view path = in.bytes(length);
  if (!in.ok()) return kEinval;
  size_t terminator = !path.empty() && path[0] == '\0' ? 0 : 1;
  if (length + terminator > sizeof out->address.un.sun_path) return kEinval;
  out->address.un.sun_family = AF_UNIX;
  std::memcpy(out->address.un.sun_path, path.data(), length);
  out->size = static_cast<socklen_t>(kPathOffset + length);
  return nullptr;
}

}  // namespace

const char* read_address(Reader& in, int family, AddressAndSize* out) {
  *out = AddressAndSize();
  uint8_t tag = in.u8();
  if (!in.ok()) return kEinval;
  switch (tag) {
    case kFamilyInet: {
      uint16_t port = in.u16();
      std::string_view address = in.bytes(4);
      if (!in.ok()) return kEinval;
      set_inet(out, port, address.data());
      return nullptr;
    }
    case kFamilyInet6: {
      uint16_t port = in.u16();
      std::string_view address = in.bytes(16);
      uint32_t flow = in.u32();
      uint32_t scope = in.u32();
      if (!in.ok()) return kEinval;
      set_inet6(out, port, address.data());
      out->address.in6.sin6_flowinfo = flow;
      out->address.in6.sin6_scope_id = scope;
      return nullptr;
    }
    case kFamilyLocal: return read_local(in, out);
    case kFamilyAny:
    case kFamilyLoopback: {
      uint16_t port = in.u16();
      if (!in.ok()) return kEinval;
      if (family == AF_INET) {
        in_addr address;
        address.s_addr = htonl(tag == kFamilyAny ? INADDR_ANY : INADDR_LOOPBACK);
        set_inet(out, port, &address);
      } else if (family == AF_INET6) {
        set_inet6(out, port, tag == kFamilyAny ? &in6addr_any : &in6addr_loopback);
      } else {
        return kEinval;
      }
      return nullptr;
    }
    default: return kEafnosupport;
  }
}

bool write_address(Writer& out, const AddressAndSize& a) {
  switch (a.address.any.sa_family) {
    case AF_INET:
      if (a.size < sizeof(sockaddr_in)) return false;
      out.u8(kFamilyInet).u16(ntohs(a.address.in.sin_port)).bytes(&a.address.in.sin_addr, 4);
      return true;
    case AF_INET6:
      if (a.size < sizeof(sockaddr_in6)) return false;
      out.u8(kFamilyInet6).u16(ntohs(a.address.in6.sin6_port)).bytes(&a.address.in6.sin6_addr, 16);
      return true;
    case AF_UNIX: {
      if (a.size < kPathOffset) return false;
      size_t room = a.size - kPathOffset;
      if (room > sizeof a.address.un.sun_path) return false;
      size_t length = strnlen(a.address.un.sun_path, room);
      if (length == 0) length = room;  // an abstract name, or none
      out.u8(kFamilyLocal).u8(static_cast<unsigned>(length)).bytes(a.address.un.sun_path, length);
      return true;
    }
    case AF_UNSPEC: out.u8(kFamilyUnspec); return false;
    default: out.u8(kFamilyUndefined); return false;
  }
}

void write_interface_address(Writer& out, const sockaddr* address) {
  switch (address->sa_family) {
    case AF_UNSPEC:
    case AF_INET:
      out.u8(kFamilyInet).bytes(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
      break;
    case AF_INET6:
      out.u8(kFamilyInet6).bytes(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
      break;
    case AF_PACKET: {
      auto* link = reinterpret_cast<const sockaddr_ll*>(address);
      size_t length = link->sll_halen < sizeof link->sll_addr ? link->sll_halen : sizeof link->sll_addr;
      out.u16(static_cast<unsigned>(length)).bytes(link->sll_addr, length);
      break;
    }
    default: break;
  }
}

uint16_t port_of(const AddressAndSize& a) {
  switch (a.address.any.sa_family) {
    case AF_INET: return ntohs(a.address.in.sin_port);
    case AF_INET6: return ntohs(a.address.in6.sin6_port);
    default: return 0;
  }
}

}  // namespace inet
