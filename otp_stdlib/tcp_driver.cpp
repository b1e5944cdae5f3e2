// tcp_inet: stream sockets. What the states mean stands in inet_tcp.h.
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "otp_stdlib/inet_tcp.h"

namespace inet {
namespace {

constexpr uint32_t kStateConnected = kStateOpen | kStateActive;
constexpr uint32_t kStateListening = kStateOpen | kStateListen;

constexpr int kReadsPerEvent = 16;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

uint64_t now_ms() { return static_cast<uint64_t>(erl_drv_monotonic_time(ERL_DRV_MSEC) - INT64_MIN / 4); }

bool read_family(uint8_t code, int* family) {
  switch (code) {
    case kFamilyInet: *family = AF_INET; return true;
    case kFamilyInet6: *family = AF_INET6; return true;
    case kFamilyLocal: *family = AF_UNIX; return true;
    default: return false;
  }
}

// Writes a vector. Like writev, but a peer that is gone is an error and no signal.
ssize_t write_vector(int fd, SysIOVec* v, int count) {
  msghdr message{};
  message.msg_iov = reinterpret_cast<iovec*>(v);
  message.msg_iovlen = static_cast<size_t>(count < IOV_MAX ? count : IOV_MAX);
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

}  // namespace

TcpSocket::~TcpSocket() { drop_input(); }

// ---- requests ----

void TcpSocket::request(unsigned code, Reader& in, Writer& out) {
  switch (code) {
    case kOpen: return open(in, out, false);
    case kFdOpen: return open(in, out, true);
    case kListen: return listen(in, out);
    case kConnect: return connect(in, out);
    case kAccept: return accept(in, out);
    case kClose:
      abort_waiting();
      close_all();
      return ok(out);
    case kTcpRecv: return recv(in, out);
    case kTcpUnrecv: return unrecv(in, out);
    case kTcpShutdown: return shutdown(in, out);
    case kTcpSendFile: return send_file(in, out);
    default: return Socket::request(code, in, out);
  }
}

void TcpSocket::open(Reader& in, Writer& out, bool adopt) {
  if (adopt ? in.left() != 6 && in.left() != 10 : in.left() != 2) return error(out, EINVAL);
  int family;
  if (!read_family(in.u8(), &family)) return error(out, "eafnosupport");
  if (in.u8() != kTypeStream) return error(out, EINVAL);
  if (!adopt) return open_socket(family, SOCK_STREAM, out);
  int fd = in.i32();
  bool bound = in.left() == 0 || in.u32() != 0;
  adopt_socket(fd, family, SOCK_STREAM, bound, out);
}

void TcpSocket::listen(Reader& in, Writer& out) {
  if (!is_open()) return error(out, "exbadport");
  if (in.left() != 2) return error(out, EINVAL);
  if (::listen(fd_, in.u16()) != 0) return error(out, errno);
  state_ = kStateListening | (accepters_.empty() ? 0 : kStateAccepting);
  ok(out);
}

void TcpSocket::connect(Reader& in, Writer& out) {
  if (!is_open()) return error(out, "exbadport");
  if (is_connected()) return error(out, EISCONN);
  if (state_ & kStateConnecting) return error(out, EINVAL);
  if (in.left() < 6) return error(out, EINVAL);
  uint32_t timeout = in.u32();
  if (const char* wrong = read_address(in, family_, &remote_)) return error(out, wrong);
  int failed = ::connect(fd_, &remote_.address.any, remote_.size) == 0 ? 0 : errno;
  if (failed != 0 && failed != EINPROGRESS && failed != EAGAIN) return error(out, failed);
  if (!push_op(out)) return error(out, EALREADY);
  if (failed != 0) {
    state_ = kStateOpen | kStateConnecting;
    select(ERL_DRV_WRITE, true);
    if (timeout != kInfinity) start_timer(TimerKind::Connect, timeout);
    return;
  }
  state_ = kStateConnected;
  if (active_ != kPassive) select(ERL_DRV_READ, true);
  async_ok();
}

void TcpSocket::finish_connect() {
  // An event may be left over from another socket that had this descriptor's number.
  pollfd p = {fd_, POLLOUT, 0};
  if (::poll(&p, 1, 0) <= 0) return;
  select(ERL_DRV_WRITE, false);
  cancel_timers(TimerKind::Connect);
  int failed = 0;
  socklen_t size = sizeof failed;
  if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &failed, &size) != 0) failed = errno;
  if (failed != 0) {
    state_ = kStateOpen;
    return async_error(errno_atom(failed));
  }
  state_ = kStateConnected;
  if (active_ != kPassive) select(ERL_DRV_READ, true);
  async_ok();
}

// ---- accepting ----

void TcpSocket::accept_state() {
  bool waiting = !accepters_.empty();
  state_ = kStateListening | (waiting ? kStateAccepting : 0);
  select(ERL_DRV_READ, waiting);
}

void TcpSocket::accept(Reader& in, Writer& out) {
  if ((state_ & kStateListening) != kStateListening || in.left() != 4) return error(out, EINVAL);
  uint32_t timeout = in.u32();
  AsyncOp op = {0, driver_caller(port_)};
  // Who came first is served first.
  if (accepters_.empty()) {
    AddressAndSize remote;
    int fd = ::accept4(fd_, &remote.address.any, &remote.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && !would_block(errno)) return error(out, errno);
    if (fd >= 0) {
      int failed = 0;
      ErlDrvTermData port = make_accepted(fd, remote, op.caller, &failed);
      if (port == 0) return error(out, failed);
      op.id = new_async_id();
      send_async_ok_port(op, port);
      ok(out);
      out.u16(op.id);
      return;
    }
  }
  Accepter a;
  if (driver_monitor_process(port_, op.caller, &a.monitor) != 0) return error(out, "noproc");
  op.id = new_async_id();
  a.op = op;
  accepters_.push_back(a);
  if (timeout != kInfinity) start_timer(TimerKind::Accept, timeout, op.id);
  accept_state();
  ok(out);
  out.u16(op.id);
}

void TcpSocket::accept_ready() {
  while (!accepters_.empty()) {
    AddressAndSize remote;
    int fd = ::accept4(fd_, &remote.address.any, &remote.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int failed = fd < 0 ? errno : 0;
    if (fd < 0 && would_block(failed)) return;
    Accepter a = accepters_.front();
    accepters_.pop_front();
    cancel_timers(TimerKind::Accept, a.op.id);
    driver_demonitor_process(port_, &a.monitor);
    accept_state();
    ErlDrvTermData port = failed == 0 ? make_accepted(fd, remote, a.op.caller, &failed) : 0;
    if (port == 0) {
      send_async_error(a.op, errno_atom(failed));
      return;
    }
    send_async_ok_port(a.op, port);
  }
}

ErlDrvTermData TcpSocket::make_accepted(int fd, const AddressAndSize& remote, ErlDrvTermData owner, int* error) {
  auto* s = new TcpSocket(port_);
  s->fd_ = fd;
  s->family_ = family_;
  s->type_ = type_;
  s->state_ = kStateConnected;
  s->remote_ = remote;
  s->mode_ = mode_;
  s->exit_on_close_ = exit_on_close_;
  s->deliver_ = deliver_;
  s->packet_ = packet_;
  s->packet_size_ = packet_size_;
  s->header_ = header_;
  s->buffer_size_ = buffer_size_;
  s->is_buffer_set_ = is_buffer_set_;
  s->delimiter_ = delimiter_;
  s->high_ = high_;
  s->low_ = low_;
  s->send_timeout_ = send_timeout_;
  s->send_timeout_close_ = send_timeout_close_;
  s->show_reset_ = show_reset_;
  s->is_linger_zero_ = is_linger_zero_;
  ErlDrvPort port = driver_create_port(port_, owner, const_cast<char*>("tcp_inet"), reinterpret_cast<ErlDrvData>(s));
  if (port == nullptr || reinterpret_cast<intptr_t>(port) == -1) {
    *error = EMFILE;
    ::close(fd);
    delete s;
    return 0;
  }
  s->set_port(port);
  ErlDrvSizeT low = ERL_DRV_BUSY_MSGQ_READ_ONLY;
  ErlDrvSizeT high = ERL_DRV_BUSY_MSGQ_READ_ONLY;
  erl_drv_busy_msgq_limits(port_, &low, &high);
  erl_drv_busy_msgq_limits(port, &low, &high);
  return driver_mk_port(port);
}

void TcpSocket::process_exit(ErlDrvMonitor* monitor) {
  for (auto i = accepters_.begin(); i != accepters_.end(); ++i) {
    if (driver_compare_monitors(&i->monitor, monitor) != 0) continue;
    cancel_timers(TimerKind::Accept, i->op.id);
    accepters_.erase(i);
    return accept_state();
  }
}

// ---- timers ----

void TcpSocket::start_timer(TimerKind kind, uint32_t ms, uint16_t id) {
  timers_.push_back({now_ms() + ms, kind, id});
  arm_timer();
}

void TcpSocket::cancel_timers(TimerKind kind, uint16_t id) {
  if (timers_.empty()) return;
  size_t erased = std::erase_if(timers_, [&](const OpTimer& t) {
    return t.kind == kind && (kind != TimerKind::Accept || t.id == id);
  });
  if (erased != 0) arm_timer();
}

void TcpSocket::cancel_all_timers() {
  if (timers_.empty()) return;
  timers_.clear();
  driver_cancel_timer(port_);
}

void TcpSocket::arm_timer() {
  if (timers_.empty()) {
    driver_cancel_timer(port_);
    return;
  }
  uint64_t first = UINT64_MAX;
  for (const OpTimer& t : timers_) first = std::min(first, t.deadline_ms);
  uint64_t now = now_ms();
  driver_set_timer(port_, first > now ? static_cast<unsigned long>(first - now) : 0);
}

void TcpSocket::timeout() {
  uint64_t now = now_ms();
  for (;;) {
    auto due = std::min_element(timers_.begin(), timers_.end(), [](const OpTimer& a, const OpTimer& b) {
      return a.deadline_ms < b.deadline_ms;
    });
    if (due == timers_.end()) return;
    if (due->deadline_ms > now) return arm_timer();
    OpTimer t = *due;
    timers_.erase(due);
    fire(t);
    if (stopped()) return;
  }
}

void TcpSocket::fire(const OpTimer& t) {
  switch (t.kind) {
    case TimerKind::Connect:
      close_all();  // a socket that failed to connect is of no use
      async_error(atoms.timeout);
      return;
    case TimerKind::Accept:
      for (auto i = accepters_.begin(); i != accepters_.end(); ++i) {
        if (i->op.id != t.id) continue;
        Accepter a = *i;
        accepters_.erase(i);
        driver_demonitor_process(port_, &a.monitor);
        accept_state();
        return send_async_error(a.op, atoms.timeout);
      }
      return;
    case TimerKind::Recv:
      remain_ = 0;
      select(ERL_DRV_READ, false);
      return async_error(atoms.timeout);
    case TimerKind::Send:
      // The port is busy no more, though its queue is full: else the next sender would be suspended
      // without a time limit.
      is_waiting_to_send_ = false;
      end_busy();
      reply_error(atoms.timeout);
      if (send_timeout_close_) close_all();
      return;
    case TimerKind::DelayedSend: return write_queue();
  }
}

// ---- options ----

bool TcpSocket::set_own_option(uint8_t option, int32_t value) {
  size_t bytes = value < 0 ? 0 : static_cast<size_t>(value);
  switch (option) {
    case kOptPacket:
      if (value < 0 || value >= kPacketCodes) return false;
      packet_ = value;
      return true;
    case kOptHighWatermark:
      high_ = bytes;
      low_ = std::min(low_, high_);
      return true;
    case kOptLowWatermark:
      low_ = bytes;
      high_ = std::max(low_, high_);
      return true;
    case kOptSendTimeout: send_timeout_ = static_cast<uint32_t>(value); return true;
    case kOptSendTimeoutClose: send_timeout_close_ = value != 0; return true;
    case kOptDelaySend: delay_send_ = value != 0; return true;
    case kOptShowReset: show_reset_ = value != 0; return true;
    case kOptLinger: is_linger_zero_ = value != 0; return true;
    default: return true;
  }
}

bool TcpSocket::get_own_option(uint8_t option, int32_t* value) {
  switch (option) {
    case kOptHighWatermark: *value = static_cast<int32_t>(high_); return true;
    case kOptLowWatermark: *value = static_cast<int32_t>(low_); return true;
    case kOptSendTimeout: *value = static_cast<int32_t>(send_timeout_); return true;
    case kOptSendTimeoutClose: *value = send_timeout_close_; return true;
    case kOptDelaySend: *value = delay_send_; return true;
    case kOptShowReset: *value = show_reset_; return true;
    default: return false;
  }
}

void TcpSocket::buffer_for_recbuf(int32_t size) {
  if (size > buffer_size_) buffer_size_ = std::min(size, static_cast<int32_t>(kMaxPacket));
}

void TcpSocket::options_changed(int active, int packet) {
  bool same_packets = packet_ == packet;
  if (active == kPassive && (active_ == kOnce || active_ == kCounted) && same_packets) {
    // The next packet has most often arrived already.
    if (receive(0) >= 0 && active_ != kPassive) select(ERL_DRV_READ, true);
    return;
  }
  if (active_ != active) select(ERL_DRV_READ, active_ != kPassive);
  if (active_ != kPassive && (active == kPassive || !same_packets)) deliver_ready();
}

// Who makes a closed socket active hears at once that it is closed.
void TcpSocket::activated_while_closed() {
  if (was_reset_) {
    was_reset_ = false;
    error_message(ECONNRESET);
  }
  closed_message();
  if (exit_on_close_) {
    driver_exit(port_, 0);
  } else {
    close_read();
  }
}

// ---- recv ----

void TcpSocket::recv(Reader& in, Writer& out) {
  if (!is_connected()) {
    if (!closed_for_recv_) return error(out, ENOTCONN);
    closed_for_recv_ = closed_for_send_ = false;
    bool reset = was_reset_;
    was_reset_ = false;
    return error(out, reset ? "econnreset" : "closed");
  }
  if (active_ != kPassive || in.left() != 8) return error(out, EINVAL);
  uint32_t timeout = in.u32();
  uint32_t count = in.u32();
  if (packet_ != 0 && count != 0) return error(out, EINVAL);
  if (count > kMaxPacket) return error(out, ENOMEM);
  if (!push_op(out)) return error(out, EALREADY);
  if (!is_ignored() && receive(count) != 0) return;
  if (timeout == 0) {
    remain_ = 0;
    return async_error(atoms.timeout);
  }
  if (timeout != kInfinity) start_timer(TimerKind::Recv, timeout);
  if (is_ignored()) {
    ignore_ |= kIgnoreRead;
  } else {
    select(ERL_DRV_READ, true);
  }
}

void TcpSocket::unrecv(Reader& in, Writer& out) {
  if (!is_connected()) return error(out, ENOTCONN);
  size_t size = in.left();
  std::string_view bytes = in.bytes(size);
  size_t have = in_ != nullptr ? end_ - start_ : 0;
  if (in_ != nullptr && size <= start_) {
    start_ -= size;
    std::memcpy(in_->orig_bytes + start_, bytes.data(), size);
  } else if (size != 0) {
    size_t capacity = in_size_ + size;
    ErlDrvBinary* fresh = driver_alloc_binary(capacity);
    std::memcpy(fresh->orig_bytes, bytes.data(), size);
    if (have != 0) std::memcpy(fresh->orig_bytes + size, in_->orig_bytes + start_, have);
    drop_input();
    in_ = fresh;
    in_size_ = capacity;
    end_ = size + have;
  }
  remain_ = 0;
  if (active_ != kPassive) deliver_ready();
  ok(out);
}

void TcpSocket::ready_input() {
  if (is_ignored()) return;
  if (state_ & kStateListen) {
    accept_ready();
  } else if (is_connected()) {
    // Where a read was filled there is most likely more, which then needs no event of its own.
    for (int i = 0; i < kReadsPerEvent; i++) {
      was_filled_ = false;
      if (receive(0) < 0 || !was_filled_ || !is_connected()) return;
      if (active_ == kPassive && !has_op()) return;
    }
  } else {
    select(ERL_DRV_READ, false);
  }
}

// ---- send ----

void TcpSocket::output(ErlIOVec* v) {
  ErlDrvTermData caller = driver_caller(port_);
  caller_ = caller == driver_mk_term_nil() ? 0 : caller;
  if (!is_connected()) {
    if (!closed_for_send_) return reply_error(errno_atom(ENOTCONN));
    closed_for_send_ = false;
    return reply_error(was_reset_ ? errno_atom(ECONNRESET) : atoms.closed);
  }
  if (shutdown_when_written_ >= 0) {
    sending_over(EPIPE);
  } else if (queue_or_write(v) == 0) {
    reply_ok();
  }
}

// 0: done or queued, the sender goes on. Else he waits, or was answered.
int TcpSocket::queue_or_write(ErlIOVec* v) {
  uint8_t header[4];
  size_t size = static_cast<size_t>(v->size);
  size_t n = packet_ == 1 ? 1 : packet_ == 2 ? 2 : packet_ == 3 ? 4 : 0;
  for (size_t i = 0; i < n; i++) header[i] = static_cast<uint8_t>(size >> (8 * (n - 1 - i)));
  if (n != 0) {
    // The first slot is left for the driver.
    v->iov[0].iov_base = reinterpret_cast<char*>(header);
    v->iov[0].iov_len = n;
    v->size += n;
  }
  count_output(static_cast<size_t>(v->size));
  size_t queued = driver_sizeq(port_);
  if (is_sending_file_ || queued != 0) {
    driver_enqv(port_, v, 0);
    if (queued + static_cast<size_t>(v->size) < high_) return 0;
    if (send_timeout_ == 0) {
      reply_error(atoms.timeout);
      return 1;
    }
    state_ |= kStateBusy;
    busy_caller_ = caller_;
    set_busy_port(port_, 1);
    if (send_timeout_ != kInfinity) {
      is_waiting_to_send_ = true;
      start_timer(TimerKind::Send, send_timeout_);
    }
    return 1;
  }
  if (v->size == 0) return 0;
  size_t written = 0;
  if (is_ignored()) {
    ignore_ |= kIgnoreWrite;
  } else if (delay_send_) {
    driver_enqv(port_, v, 0);
    start_timer(TimerKind::DelayedSend, 0);
    return 0;
  } else {
    ssize_t done = write_vector(fd_, v->iov, v->vsize);
    if (done < 0) {
      if (!would_block(errno)) return send_failed(errno);
      done = 0;
    }
    written = static_cast<size_t>(done);
    if (written == static_cast<size_t>(v->size)) return 0;
  }
  driver_enqv(port_, v, written);
  select(ERL_DRV_WRITE, true);
  return 0;
}

void TcpSocket::ready_output() {
  if (is_ignored()) return;
  if (state_ & kStateConnecting) {
    finish_connect();
  } else if (is_connected()) {
    if (is_sending_file_) {
      continue_send_file();
    } else {
      write_queue();
    }
  } else {
    select(ERL_DRV_WRITE, false);
  }
}

void TcpSocket::write_queue() {
  while (!stopped()) {
    int count;
    SysIOVec* v = driver_peekq(port_, &count);
    if (v == nullptr) {
      select(ERL_DRV_WRITE, false);
      tell_empty_queue();
      pending_shutdown();
      return;
    }
    ssize_t n = write_vector(fd_, v, count);
    if (n < 0) {
      if (!would_block(errno)) {
        send_failed(errno);
        return;
      }
      select(ERL_DRV_WRITE, true);
      return;
    }
    driver_deq(port_, static_cast<ErlDrvSizeT>(n));
    low_watermark_reached();
  }
}

// Lets the waiting sender go on when enough has been written.
void TcpSocket::low_watermark_reached() {
  if (!is_busy() || stopped() || driver_sizeq(port_) > low_) return;
  end_busy();
  reply_ok();
}

void TcpSocket::end_busy() {
  caller_ = busy_caller_;
  busy_caller_ = 0;
  if (is_waiting_to_send_) {
    is_waiting_to_send_ = false;
    cancel_timers(TimerKind::Send);
  }
  state_ &= ~uint32_t{kStateBusy};
  set_busy_port(port_, 0);
}

void TcpSocket::drop_output() {
  driver_deq(port_, driver_sizeq(port_));
  tell_empty_queue();
}

// A pipe that broke without our having shut it down was reset by the peer.
int TcpSocket::send_failed(int error) {
  if (error == EPIPE && !is_shut_down_) error = ECONNRESET;
  return sending_over(error);
}

int TcpSocket::sending_over(int error) {
  bool show = error == ECONNRESET && show_reset_;
  if (is_busy()) end_busy();
  ErlDrvTermData reason = show ? errno_atom(error) : atoms.closed;
  if (active_ != kPassive) {
    if (show) error_message(error);
    closed_message();
    if (!is_sending_file_) reply_error(reason);
    if (exit_on_close_) {
      driver_exit(port_, 0);
    } else {
      close_all();
    }
    return -1;
  }
  abort_waiting();
  if (caller_ == 0) {
    closed_for_send_ = true;
  } else if (!is_sending_file_) {
    reply_error(reason);
  }
  close_all();
  // So who only looks at the result of recv sees it as well.
  closed_for_recv_ = true;
  if (show) was_reset_ = true;
  return -1;
}

// ---- shutdown ----

void TcpSocket::shutdown(Reader& in, Writer& out) {
  if (!is_connected()) return error(out, ENOTCONN);
  if (in.left() != 1) return error(out, EINVAL);
  int how = in.u8();
  if (how > 2) return error(out, EINVAL);
  bool stops_writing = how != SHUT_RD;
  if (stops_writing && driver_sizeq(port_) != 0) {
    shutdown_when_written_ = how;
    return ok(out);
  }
  if (::shutdown(fd_, how) == 0) return ok(out);
  int failed = errno;
  if (stops_writing) is_shut_down_ = true;
  error(out, failed);
}

void TcpSocket::pending_shutdown() {
  if (shutdown_when_written_ < 0 || stopped()) return;
  if (::shutdown(fd_, shutdown_when_written_) != 0) {
    sending_over(errno);
  } else {
    is_shut_down_ = true;
  }
}

// ---- sendfile ----

// A descriptor, as prim_file:get_handle gives it, offset and length.
void TcpSocket::send_file(Reader& in, Writer& out) {
  std::string_view handle = in.bytes(sizeof(int));
  auto offset = static_cast<int64_t>(in.u64());
  auto length = static_cast<int64_t>(in.u64());
  if (!in.ok() || in.left() != 0 || offset < 0 || length < 0) return error(out, EINVAL);
  if (!is_connected()) return error(out, ENOTCONN);
  if (is_sending_file_) return error(out, EINVAL);
  int fd;
  std::memcpy(&fd, handle.data(), sizeof fd);
  file_ = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (file_ < 0) return error(out, errno);
  file_offset_ = offset;
  file_left_ = length;
  file_sent_ = 0;
  queue_before_file_ = driver_sizeq(port_);
  caller_ = driver_caller(port_);
  is_sending_file_ = true;
  ok(out);
  if (continue_send_file() == 0 && is_sending_file_) select(ERL_DRV_WRITE, true);
}

int TcpSocket::continue_send_file() {
  int failed = 0;
  // What was queued before goes first. The port stays busy, if it is, until the file is through.
  while (queue_before_file_ != 0 && failed == 0) {
    int count;
    SysIOVec* v = driver_peekq(port_, &count);
    if (v == nullptr) {
      queue_before_file_ = 0;
      break;
    }
    size_t size = std::min<size_t>(queue_before_file_, v[0].iov_len);
    ssize_t n = ::send(fd_, v[0].iov_base, size, MSG_NOSIGNAL);
    if (n < 0) {
      failed = errno;
      break;
    }
    queue_before_file_ -= static_cast<size_t>(n);
    driver_deq(port_, static_cast<ErlDrvSizeT>(n));
  }
  while (file_left_ > 0 && failed == 0) {
    off_t offset = file_offset_;
    ssize_t n = ::sendfile(fd_, file_, &offset, static_cast<size_t>(std::min<int64_t>(file_left_, 1 << 30)));
    if (n < 0) {
      failed = errno;
    } else if (n == 0) {
      file_left_ = 0;  // the file's end
    } else {
      file_sent_ += static_cast<uint64_t>(n);
      file_offset_ += n;
      file_left_ -= n;
    }
  }
  if (failed == 0) {
    send_file_done();
    return 0;
  }
  if (would_block(failed)) return 0;
  send_file_aborted(failed);
  return send_failed(failed);
}

void TcpSocket::send_file_done() {
  is_sending_file_ = false;
  ::close(file_);
  file_ = -1;
  low_watermark_reached();
  if (driver_sizeq(port_) == 0) {
    select(ERL_DRV_WRITE, false);
    tell_empty_queue();
    pending_shutdown();
    if (stopped()) return;
  } else {
    select(ERL_DRV_WRITE, true);
  }
  Message m;
  m.atom(atoms.sendfile).port(port_term_).atom(atoms.ok);
  m.integer(static_cast<int64_t>(file_sent_ & 0xffffffff)).integer(static_cast<int64_t>(file_sent_ >> 32));
  m.tuple(3).tuple(3).output(port_term_);
}

// The descriptor is let go when the socket is closed.
void TcpSocket::send_file_aborted(int error) {
  bool gone = error == ECONNRESET || error == ENOTCONN || error == EPIPE;
  Message m;
  m.atom(atoms.sendfile).port(port_term_).atom(atoms.error).atom(gone ? atoms.closed : errno_atom(error));
  m.tuple(2).tuple(3).output(port_term_);
}

// ---- ending ----

void TcpSocket::closed_message() {
  if (is_close_told_) return;
  is_close_told_ = true;
  Message().atom(atoms.tcp_closed).port(port_term_).tuple(2).output(port_term_);
}

void TcpSocket::error_message(int error) {
  Message().atom(atoms.tcp_error).port(port_term_).atom(errno_atom(error)).tuple(3).output(port_term_);
}

// Who waits for something is told that it will not come.
void TcpSocket::abort_waiting() {
  if (!accepters_.empty()) {
    std::deque<Accepter> waiting = std::move(accepters_);
    accepters_.clear();
    accept_state();
    for (Accepter& a : waiting) {
      driver_demonitor_process(port_, &a.monitor);
      send_async_error(a.op, atoms.closed);
    }
  }
  async_error(atoms.closed);
  cancel_all_timers();
}

void TcpSocket::close_all() {
  drop_input();
  drop_output();
  if (is_sending_file_) {
    is_sending_file_ = false;
    ::close(file_);
    file_ = -1;
  }
  close_socket();
}

void TcpSocket::stopping() {
  abort_waiting();
  drop_input();
  if (is_sending_file_) {
    is_sending_file_ = false;
    ::close(file_);
    file_ = -1;
  }
}

// The port ends with something queued. It goes on being written only when the socket takes bytes.
void TcpSocket::flush() {
  if (!is_connected() || is_linger_zero_ || is_sending_file_ || is_ignored()) {
    drop_output();
  } else {
    select(ERL_DRV_WRITE, true);
  }
}

// ---- the driver ----

namespace {

TcpSocket* socket_of(ErlDrvData data) { return reinterpret_cast<TcpSocket*>(data); }

int tcp_init() {
  make_atoms();
  return 0;
}

ErlDrvData tcp_start(ErlDrvPort port, char*) {
  auto* s = new TcpSocket(port);
  ErlDrvSizeT low = 4096;
  ErlDrvSizeT high = 8192;
  erl_drv_busy_msgq_limits(port, &low, &high);
  return reinterpret_cast<ErlDrvData>(s);
}

void tcp_stop(ErlDrvData data) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->stop();
}

ErlDrvSSizeT tcp_control(ErlDrvData data, unsigned command, char* bytes, ErlDrvSizeT size, char** reply,
                         ErlDrvSizeT room) {
  Socket::Entry entry(socket_of(data));
  return socket_of(data)->control(command, bytes, size, reply, room);
}

void tcp_outputv(ErlDrvData data, ErlIOVec* v) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->output(v);
}
void tcp_ready_input(ErlDrvData data, ErlDrvEvent) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->ready_input();
}
void tcp_ready_output(ErlDrvData data, ErlDrvEvent) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->ready_output();
}
void tcp_timeout(ErlDrvData data) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->timeout();
}
void tcp_flush(ErlDrvData data) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->flush();
}
void tcp_process_exit(ErlDrvData data, ErlDrvMonitor* monitor) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->process_exit(monitor);
}
void close_event(ErlDrvEvent event, void*) { ::close(static_cast<int>(reinterpret_cast<intptr_t>(event))); }

ErlDrvEntry make_tcp_entry() {
  ErlDrvEntry e{};
  e.init = tcp_init;
  e.start = reinterpret_cast<decltype(e.start)>(tcp_start);
  e.stop = tcp_stop;
  e.ready_input = tcp_ready_input;
  e.ready_output = tcp_ready_output;
  e.driver_name = const_cast<char*>("tcp_inet");
  e.control = tcp_control;
  e.timeout = tcp_timeout;
  e.outputv = tcp_outputv;
  e.flush = tcp_flush;
  e.extended_marker = static_cast<int>(ERL_DRV_EXTENDED_MARKER);
  e.major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  e.minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  e.driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING | ERL_DRV_FLAG_SOFT_BUSY;
  e.process_exit = tcp_process_exit;
  e.stop_select = close_event;
  return e;
}

}  // namespace
}  // namespace inet

extern "C" {
ErlDrvEntry tcp_driver_entry = inet::make_tcp_entry();
}
