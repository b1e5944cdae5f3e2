#include "otp_stdlib/inet_socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstddef>

namespace inet {

Atoms atoms;

void make_atoms() {
#define X(name) atoms.name = driver_mk_atom(const_cast<char*>(#name));
  INET_ATOMS(X)
#undef X
  atoms.star = driver_mk_atom(const_cast<char*>("*"));
}

namespace {
constexpr const char* kBadPort = "exbadport";
constexpr const char* kBadSequence = "exbadseq";
}  // namespace

Socket::Socket(ErlDrvPort port, int protocol)
    : port_(port), port_term_(driver_mk_port(port)), protocol_(protocol) {}

// ---- requests ----

ErlDrvSSizeT Socket::control(unsigned command, const char* bytes, size_t size, char** reply,
                             ErlDrvSizeT room) {
  Reader in(bytes, size);
  Writer out;
  request(command - kControlBase, in, out);
  if (out.size() == 0) error(out, EINVAL);
  return out.finish(reply, room);
}

// What the kind of socket does not know by itself.
void Socket::common_request(unsigned code, Reader& in, Writer& out) {
  switch (code) {
    case kGetStat: return get_stats(in, out);
    case kSubscribe: return subscribe(in, out);
    case kGetOpts: return get_options(in, out);
    case kSetOpts:
      if (set_options(in)) {
        ok(out);
      } else {
        error(out, EINVAL);
      }
      return;
    case kGetIfList:
    case kIfGet:
    case kIfSet:
    case kGetIfAddrs:
      if (!is_open()) return error(out, kBadPort);
      if (code == kGetIfList) return list_interfaces(fd_, out);
      if (code == kIfGet) return get_interface(fd_, in, out);
      if (code == kIfSet) return set_interface(fd_, in, out);
      return list_interface_addresses(netns(), out);
    case kGetStatus:
      ok(out);
      out.u32(state_);
      return;
    case kGetType: return get_type(out);
    case kGetFd:
      if (!is_open()) return error(out, EINVAL);
      ok(out);
      out.u32(static_cast<uint32_t>(fd_));
      return;
    case kGetHostName: {
      char host[256];
      if (in.left() != 0) return error(out, EINVAL);
      if (::gethostname(host, sizeof host) != 0) return error(out, errno);
      host[sizeof host - 1] = '\0';
      ok(out);
      out.bytes(host, std::strlen(host));
      return;
    }
    case kPeer: return name(true, out);
    case kName: return name(false, out);
    case kSetPeer: return set_name(true, in, out);
    case kSetName: return set_name(false, in, out);
    case kGetPeerAddrs: return names(true, in, out);
    case kGetLocalAddrs: return names(false, in, out);
    case kBind: return bind(in, out);
    case kIgnoreFd: return ignore_fd(in, out);
    case kGetServByName: return service_by_name(in, out);
    case kGetServByPort: return service_by_port(in, out);
    default: return error(out, kBadPort);
  }
}

void Socket::request(unsigned code, Reader& in, Writer& out) { common_request(code, in, out); }

void Socket::get_type(Writer& out) {
  int family = family_ == AF_INET    ? kFamilyInet
               : family_ == AF_INET6 ? kFamilyInet6
               : family_ == AF_UNIX  ? kFamilyLocal
                                     : 0;
  int type = type_ == SOCK_STREAM ? kTypeStream : type_ == SOCK_DGRAM ? kTypeDatagram : 0;
  if (family == 0 || type == 0) return error(out, EINVAL);
  ok(out);
  out.u32(static_cast<uint32_t>(family)).u32(static_cast<uint32_t>(type));
}

void Socket::bind(Reader& in, Writer& out) {
  if (in.left() < 2) return error(out, EINVAL);
  if (state_ != kStateOpen) return error(out, kBadPort);
  AddressAndSize local;
  if (const char* wrong = read_address(in, family_, &local)) return error(out, wrong);
  if (::bind(fd_, &local.address.any, local.size) != 0) return error(out, errno);
  uint16_t port = port_of(local);
  if (port == 0) {
    AddressAndSize bound;
    if (::getsockname(fd_, &bound.address.any, &bound.size) == 0) port = port_of(bound);
  }
  ok(out);
  out.u16(port);
}

void Socket::name(bool is_peer, Writer& out) {
  if (is_peer && !(state_ & kStateActive)) return error(out, ENOTCONN);
  AddressAndSize a;
  if (is_peer ? has_fake_peer_ : has_fake_name_) {
    a = is_peer ? fake_peer_ : fake_name_;
  } else {
    int failed = is_peer ? ::getpeername(fd_, &a.address.any, &a.size)
                         : ::getsockname(fd_, &a.address.any, &a.size);
    if (failed) return error(out, errno);
  }
  Writer text;
  if (!write_address(text, a)) return error(out, EINVAL);
  ok(out);
  out.bytes(text.text().data(), text.size());
}

// All addresses of an end; outside SCTP there is one.
void Socket::names(bool is_peer, Reader& in, Writer& out) {
  if (in.left() != 4) return error(out, EINVAL);
  if (!is_open()) return error(out, kBadPort);
  AddressAndSize a;
  int failed = is_peer ? ::getpeername(fd_, &a.address.any, &a.size)
                       : ::getsockname(fd_, &a.address.any, &a.size);
  if (failed) return error(out, errno);
  Writer text;
  ok(out);
  if (write_address(text, a)) out.bytes(text.text().data(), text.size());
}

void Socket::set_name(bool is_peer, Reader& in, Writer& out) {
  bool& has = is_peer ? has_fake_peer_ : has_fake_name_;
  if (in.left() == 0) {
    has = false;
    return ok(out);
  }
  if (in.left() < 2) return error(out, EINVAL);
  AddressAndSize a;
  if (const char* wrong = read_address(in, family_, &a)) return error(out, wrong);
  (is_peer ? fake_peer_ : fake_name_) = a;
  has = true;
  ok(out);
}

// While ignored, the descriptor is somebody else's to read and write.
void Socket::ignore_fd(Reader& in, Writer& out) {
  if (!is_connected()) return error(out, ENOTCONN);
  if (type_ != SOCK_STREAM) return error(out, EINVAL);
  uint8_t on = in.u8();
  if (!in.ok()) return error(out, EINVAL);
  if (on == 1 && !is_ignored()) {
    driver_select(port_, event_of_fd(fd_), ERL_DRV_READ | ERL_DRV_WRITE | ERL_DRV_USE_NO_CALLBACK, 0);
    selected_ = 0;
    ignore_ = active_ != kPassive ? kIgnoreRead : kIgnorePassive;
  } else if (on == 0 && is_ignored()) {
    int directions = (ignore_ & kIgnoreRead ? ERL_DRV_READ : 0) | (ignore_ & kIgnoreWrite ? ERL_DRV_WRITE : 0);
    ignore_ = 0;
    if (directions != 0) select(directions, true);
  } else {
    return error(out, EINVAL);
  }
  ok(out);
}

void Socket::service_by_name(Reader& in, Writer& out) {
  std::string name(in.bytes(in.u8()));
  std::string protocol(in.bytes(in.u8()));
  if (!in.ok()) return error(out, EINVAL);
  servent entry;
  servent* found = nullptr;
  char space[2048];
  if (::getservbyname_r(name.c_str(), protocol.c_str(), &entry, space, sizeof space, &found) != 0 ||
      found == nullptr) {
    return error(out, EINVAL);
  }
  ok(out);
  out.u16(ntohs(static_cast<uint16_t>(found->s_port)));
}

void Socket::service_by_port(Reader& in, Writer& out) {
  uint16_t number = in.u16();
  std::string protocol(in.bytes(in.u8()));
  if (!in.ok()) return error(out, EINVAL);
  servent entry;
  servent* found = nullptr;
  char space[2048];
  if (::getservbyport_r(htons(number), protocol.c_str(), &entry, space, sizeof space, &found) != 0 ||
      found == nullptr) {
    return error(out, EINVAL);
  }
  ok(out);
  out.bytes(found->s_name, std::strlen(found->s_name));
}

// ---- answers that come later ----

bool Socket::push_op(Writer& out) {
  if (has_op_) return false;
  op_ = {new_async_id(), driver_caller(port_)};
  has_op_ = true;
  ok(out);
  out.u16(op_.id);
  return true;
}

bool Socket::take_op(AsyncOp* op) {
  if (!has_op_) return false;
  *op = op_;
  has_op_ = false;
  return true;
}

void Socket::async_ok() {
  AsyncOp op;
  if (!take_op(&op)) return;
  Message().atom(atoms.inet_async).port(port_term_).integer(op.id).atom(atoms.ok).tuple(4).send(port_term_, op.caller);
}

void Socket::async_error(ErlDrvTermData reason) {
  AsyncOp op;
  if (take_op(&op)) send_async_error(op, reason);
}

void Socket::send_async_ok_port(const AsyncOp& op, ErlDrvTermData port) {
  Message m;
  m.atom(atoms.inet_async).port(port_term_).integer(op.id).atom(atoms.ok).port(port).tuple(2).tuple(4);
  m.send(port_term_, op.caller);
}

void Socket::send_async_error(const AsyncOp& op, ErlDrvTermData reason) {
  Message m;
  m.atom(atoms.inet_async).port(port_term_).integer(op.id).atom(atoms.error).atom(reason).tuple(2).tuple(4);
  m.send(port_term_, op.caller);
}

void Socket::reply_ok() {
  ErlDrvTermData to = caller_;
  caller_ = 0;
  if (to == 0) return;
  Message().atom(atoms.inet_reply).port(port_term_).atom(atoms.ok).tuple(3).send(port_term_, to);
}

void Socket::reply_error(ErlDrvTermData reason) {
  ErlDrvTermData to = caller_;
  caller_ = 0;
  if (to == 0) return;
  Message m;
  m.atom(atoms.inet_reply).port(port_term_).atom(atoms.error).atom(reason).tuple(2).tuple(3);
  m.send(port_term_, to);
}

void Socket::passive_message() { Message().atom(passive_tag()).port(port_term_).tuple(2).output(port_term_); }

void Socket::count_active() {
  if (active_ == kOnce) {
    active_ = kPassive;
  } else if (active_ == kCounted && --active_count_ <= 0) {
    active_count_ = 0;
    active_ = kPassive;
    passive_message();
  }
}

// ---- the descriptor ----

int enter_namespace(const std::string& path, int* before) {
  *before = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (*before < 0) return errno;
  int there = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  int error = there < 0 ? errno : 0;
  if (error == 0 && ::setns(there, CLONE_NEWNET) != 0) error = errno;
  if (there >= 0) ::close(there);
  if (error != 0) ::close(*before);
  return error;
}

int leave_namespace(int before) {
  int error = ::setns(before, CLONE_NEWNET) != 0 ? errno : 0;
  ::close(before);
  return error;
}

void Socket::open_socket(int family, int type, Writer& out) {
  if (state_ != kStateClosed) return error(out, kBadSequence);
  int fd = -1;
  int failed = in_namespace(netns(), [&] {
    fd = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, family == AF_UNIX ? 0 : protocol_);
    return fd < 0 ? errno : 0;
  });
  if (failed != 0) {
    if (fd >= 0) ::close(fd);
    return error(out, failed);
  }
  fd_ = fd;
  state_ = kStateOpen;
  type_ = type;
  family_ = family;
  ok(out);
}

void Socket::adopt_socket(int fd, int family, int type, bool bound, Writer& out) {
  if (state_ != kStateClosed) return error(out, kBadSequence);
  if (bound) {
    AddressAndSize a;
    if (::getsockname(fd, &a.address.any, &a.size) != 0) return error(out, errno);
    if (a.address.any.sa_family != family) return error(out, EINVAL);
  }
  int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return error(out, errno);
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  fd_ = fd;
  state_ = kStateOpen;
  AddressAndSize peer;
  if (type == SOCK_STREAM && ::getpeername(fd, &peer.address.any, &peer.size) == 0) {
    state_ = kStateOpen | kStateActive;
  }
  is_prebound_ = true;
  type_ = type;
  family_ = family;
  ok(out);
}

void Socket::select(int directions, bool on) {
  if (fd_ < 0 || is_ignored()) return;
  uint8_t wanted = static_cast<uint8_t>(directions);
  uint8_t change = on ? static_cast<uint8_t>(wanted & ~selected_) : wanted & selected_;
  if (change == 0) return;
  selected_ = on ? selected_ | change : static_cast<uint8_t>(selected_ & ~change);
  driver_select(port_, event_of_fd(fd_), on ? change | ERL_DRV_USE : change, on);
}

void Socket::close_socket() {
  empty_queue_subscribers_.clear();
  if (fd_ < 0) return;
  if (is_prebound_) {
    driver_select(port_, event_of_fd(fd_), ERL_DRV_READ | ERL_DRV_WRITE | ERL_DRV_USE_NO_CALLBACK, 0);
    selected_ = 0;
    return;
  }
  // Closing must not wait for the peer: lingering is done in the background.
  linger l{};
  socklen_t size = sizeof l;
  if (::getsockopt(fd_, SOL_SOCKET, SO_LINGER, &l, &size) == 0 && l.l_onoff && l.l_linger != 0) {
    l.l_onoff = 0;
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &l, sizeof l);
  }
  int fd = fd_;
  fd_ = -1;
  selected_ = 0;
  state_ = kStateClosed;
  if (is_ignored()) {
    ::close(fd);
  } else {
    driver_select(port_, event_of_fd(fd), ERL_DRV_USE, 0);  // stop_select closes it
  }
}

void Socket::stop() {
  if (stopped_) return;
  stopping();
  close_socket();
  stopped_ = true;
}

// ---- counters ----

void Socket::count_output(size_t bytes) {
  uint32_t n = send_count_ + 1;
  if (n == 0) n = 1;
  send_octets_ += bytes;
  send_average_ += (static_cast<double>(bytes) - send_average_) / n;
  if (bytes > send_max_) send_max_ = bytes;
  send_count_ = n;
}

void Socket::count_input(size_t bytes) {
  uint32_t n = recv_count_ + 1;
  if (n == 0) n = 1;
  recv_octets_ += bytes;
  double size = static_cast<double>(bytes);
  recv_average_ += (size - recv_average_) / n;
  recv_deviation_ += ((size - recv_average_) - recv_deviation_) / n;
  if (bytes > recv_max_) recv_max_ = bytes;
  recv_count_ = n;
}

void Socket::get_stats(Reader& in, Writer& out) {
  ok(out);
  while (in.left() != 0) {
    uint8_t item = in.u8();
    out.u8(item);
    switch (item) {
      case kStatRecvCount: out.u32(recv_count_); break;
      case kStatRecvMax: out.u32(static_cast<uint32_t>(recv_max_)); break;
      case kStatRecvAverage: out.u32(static_cast<uint32_t>(recv_average_)); break;
      case kStatRecvDeviation: out.u32(static_cast<uint32_t>(std::fabs(recv_deviation_))); break;
      case kStatSendCount: out.u32(send_count_); break;
      case kStatSendMax: out.u32(static_cast<uint32_t>(send_max_)); break;
      case kStatSendAverage: out.u32(static_cast<uint32_t>(send_average_)); break;
      case kStatSendPending: out.u32(static_cast<uint32_t>(driver_sizeq(port_))); break;
      case kStatRecvOctets: out.u64(recv_octets_); break;
      case kStatSendOctets: out.u64(send_octets_); break;
      default:
        out.truncate(0);
        return error(out, EINVAL);
    }
    if (out.size() > kMaxOptionBytes) {
      out.truncate(0);
      return error(out, EINVAL);
    }
  }
}

// {empty_out_q, Port} when what is queued has been written.
void Socket::subscribe(Reader& in, Writer& out) {
  ok(out);
  while (in.left() != 0) {
    if (in.u8() != kSubscribeEmptyOutQueue || out.size() > kMaxOptionBytes) {
      out.truncate(0);
      return error(out, EINVAL);
    }
    size_t queued = driver_sizeq(port_);
    if (queued != 0) empty_queue_subscribers_.push_back(driver_caller(port_));
    out.u8(kSubscribeEmptyOutQueue).u32(static_cast<uint32_t>(queued));
  }
}

void Socket::tell_empty_queue() {
  std::vector<ErlDrvTermData> waiting = std::move(empty_queue_subscribers_);
  empty_queue_subscribers_.clear();
  for (ErlDrvTermData pid : waiting) {
    Message().atom(atoms.empty_out_q).port(port_term_).tuple(2).send(port_term_, pid);
  }
}

}  // namespace inet
