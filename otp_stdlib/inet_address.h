// Socket addresses as prim_inet writes and reads them:
//
//   inet   1, Port/16, 4 bytes          inet6  2, Port/16, 16 bytes (written to us: and flow, scope)
//   any    3, Port/16                   local  5, Length/8, path
//   loopback 4, Port/16                 unspec 0, undefined 6: nothing more
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "otp_stdlib/inet_protocol.h"

namespace inet {

union SocketAddress {
  sockaddr any;
  sockaddr_in in;
  sockaddr_in6 in6;
  sockaddr_un un;
  SocketAddress() { std::memset(this, 0, sizeof *this); }
};

struct AddressAndSize {
  SocketAddress address;
  socklen_t size = sizeof(SocketAddress);
};

// Reads an address; `family` is the socket's, for `any` and `loopback`. Null when it is all right,
// else the error's name.
const char* read_address(Reader& in, int family, AddressAndSize* out);
// False: no such address can be told.
bool write_address(Writer& out, const AddressAndSize& address);
// Of an interface: the family and the address without a port; of a link: its size and bytes. Nothing
// for any other.
void write_interface_address(Writer& out, const sockaddr* address);

// 0: the family has no ports.
uint16_t port_of(const AddressAndSize& address);

}  // namespace inet
