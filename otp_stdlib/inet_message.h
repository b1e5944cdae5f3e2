// Messages to Erlang, as the postfix description that erl_drv_send_term takes.
#pragma once
#include <cstdint>
#include <string_view>

#include "otp_stdlib/static_drivers.h"

namespace inet {

#define INET_ATOMS(X)                                                                            \
  X(ok) X(error) X(closed) X(timeout) X(einval) X(tcp) X(tcp_closed) X(tcp_error) X(tcp_passive) \
  X(udp) X(udp_error) X(udp_passive) X(inet_async) X(inet_reply) X(empty_out_q) X(ssl_tls)       \
  X(local) X(unspec) X(undefined) X(tos) X(tclass) X(ttl) X(sendfile) X(http) X(https)           \
  X(http_request) X(http_response) X(http_header) X(http_eoh) X(http_error) X(abs_path)          \
  X(absoluteURI) X(scheme)

struct Atoms {
#define X(name) ErlDrvTermData name;
  INET_ATOMS(X)
#undef X
  ErlDrvTermData star;
};
extern Atoms atoms;
void make_atoms();
inline ErlDrvTermData errno_atom(int error) { return driver_mk_atom(erl_errno_id(error)); }

class Message {
 public:
  Message& atom(ErlDrvTermData a) { return put(ERL_DRV_ATOM).put(a); }
  Message& port(ErlDrvTermData p) { return put(ERL_DRV_PORT).put(p); }
  Message& integer(int64_t n) { return put(ERL_DRV_INT).put(static_cast<ErlDrvTermData>(n)); }
  Message& string(std::string_view s) { return put(ERL_DRV_STRING).put(pointer(s.data())).put(s.size()); }
  // The bytes in front of the list or binary that was put last.
  Message& string_before(std::string_view s) {
    return put(ERL_DRV_STRING_CONS).put(pointer(s.data())).put(s.size());
  }
  // A binary with a copy of the bytes.
  Message& binary(std::string_view s) {
    return put(ERL_DRV_BUF2BINARY).put(pointer(s.data())).put(s.size());
  }
  // A binary that shares the bytes.
  Message& shared(ErlDrvBinary* bin, size_t offset, size_t size) {
    return put(ERL_DRV_BINARY).put(pointer(bin)).put(size).put(offset);
  }
  Message& nil() { return put(ERL_DRV_NIL); }
  // Of the last n terms; for a list the last one is its tail.
  Message& tuple(int n) { return put(ERL_DRV_TUPLE).put(static_cast<ErlDrvTermData>(n)); }
  Message& list(int n) { return put(ERL_DRV_LIST).put(static_cast<ErlDrvTermData>(n)); }

  void send(ErlDrvTermData port, ErlDrvTermData to) { erl_drv_send_term(port, to, data_, size_); }
  // To the port's owner.
  void output(ErlDrvTermData port) { erl_drv_output_term(port, data_, size_); }

 private:
  static ErlDrvTermData pointer(const void* p) { return reinterpret_cast<ErlDrvTermData>(p); }
  Message& put(ErlDrvTermData word) {
    data_[size_++] = word;
    return *this;
  }
  // The longest is an HTTP request with an absolute URI.
  ErlDrvTermData data_[96];
  int size_ = 0;
};

}  // namespace inet
