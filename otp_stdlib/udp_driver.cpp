// udp_inet: datagram sockets, of the Internet families and local ones.
//
// What is to be sent comes as Address, Size/32, ancillary options, data. What was received is
// delivered as {udp, Port, Address, PortNumber, Data}, with the ancillary values before Data when
// such were asked for; to recv, with the address in prim_inet's encoding in front of the data.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "otp_stdlib/inet_socket.h"

namespace inet {
namespace {

// Ancillary values: type of service or traffic class, and time to live.
constexpr size_t kAncillaryBytes = 4 * CMSG_SPACE(sizeof(int));

bool read_family(uint8_t code, int* family) {
  switch (code) {
    case kFamilyInet: *family = AF_INET; return true;
    case kFamilyInet6: *family = AF_INET6; return true;
    case kFamilyLocal: *family = AF_UNIX; return true;
    default: return false;
  }
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

class UdpSocket final : public Socket {
 public:
  explicit UdpSocket(ErlDrvPort port) : Socket(port, IPPROTO_UDP) {}
  void output(const char* bytes, size_t size);
  void ready_input();
  void timeout();

 protected:
  void request(unsigned code, Reader& in, Writer& out) override;
  bool set_own_option(uint8_t option, int32_t value) override;
  bool get_own_option(uint8_t option, int32_t* value) override;
  void options_changed(int active, int packet) override;
  // No datagram is larger.
  void buffer_for_recbuf(int32_t size) override {
    buffer_size_ = size > 1 << 16 ? 1 << 16 : std::max(size, buffer_size_);
  }
  void stopping() override { async_error(atoms.closed); }
  ErlDrvTermData passive_tag() const override { return atoms.udp_passive; }

 private:
  void open(Reader& in, Writer& out, bool adopt);
  void connect(Reader& in, Writer& out);
  void recv(Reader& in, Writer& out);
  // Takes packets. How many; a passive socket takes one.
  int receive();
  void deliver(ErlDrvBinary* bin, size_t size, const AddressAndSize& from, msghdr* ancillary);
  void put_data(Message& m, ErlDrvBinary* bin, size_t size);
  bool send(Reader& in, int* error);

  int32_t read_packets_ = 5;
};

// ---- requests ----

void UdpSocket::request(unsigned code, Reader& in, Writer& out) {
  switch (code) {
    case kOpen: return open(in, out, false);
    case kFdOpen: return open(in, out, true);
    case kClose:
      close_socket();
      return ok(out);
    case kConnect: return connect(in, out);
    case kListen: return error(out, "exbadport");
    case kPacketRecv: return recv(in, out);
    default: return Socket::request(code, in, out);
  }
}

void UdpSocket::open(Reader& in, Writer& out, bool adopt) {
  if (adopt ? in.left() != 6 && in.left() != 10 : in.left() != 2) return error(out, EINVAL);
  int family;
  if (!read_family(in.u8(), &family)) return error(out, "eafnosupport");
  if (in.u8() != kTypeDatagram) return error(out, EINVAL);
  if (adopt) {
    int fd = in.i32();
    bool bound = in.left() == 0 || in.u32() != 0;
    adopt_socket(fd, family, SOCK_DGRAM, bound, out);
  } else {
    open_socket(family, SOCK_DGRAM, out);
  }
  if (is_open() && active_ != kPassive) select(ERL_DRV_READ, true);
}

void UdpSocket::connect(Reader& in, Writer& out) {
  if (!is_open()) return error(out, "exbadport");
  sockaddr nobody{};
  nobody.sa_family = AF_UNSPEC;
  if (in.left() == 0) {
    (void)::connect(fd_, &nobody, sizeof nobody);
    state_ &= ~uint32_t{kStateActive};
  } else {
    if (in.left() < 6) return error(out, EINVAL);
    (void)in.u32();  // it takes no time
    if (const char* wrong = read_address(in, family_, &remote_)) return error(out, wrong);
    // Linux keeps the source address of the first connection otherwise.
    if (is_connected()) (void)::connect(fd_, &nobody, sizeof nobody);
    if (::connect(fd_, &remote_.address.any, remote_.size) != 0) {
      int failed = errno;
      (void)::connect(fd_, &nobody, sizeof nobody);
      state_ &= ~uint32_t{kStateActive};
      return error(out, failed);
    }
    state_ |= kStateActive;
  }
  if (!push_op(out)) return error(out, EALREADY);
  async_ok();
}

void UdpSocket::recv(Reader& in, Writer& out) {
  if (!is_open()) return error(out, "exbadport");
  if (active_ != kPassive || in.left() != 8) return error(out, EINVAL);
  uint32_t timeout = in.u32();
  if (!push_op(out)) return error(out, EALREADY);
  if (receive() == 0 && has_op() && timeout != kInfinity) driver_set_timer(port_, timeout);
}

// ---- options ----

bool UdpSocket::set_own_option(uint8_t option, int32_t value) {
  if (option == kOptReadPackets) {
    if (value <= 0) return false;
    read_packets_ = value;
  } else if (option == kOptPacket) {
    packet_ = value;
  }
  return true;
}

bool UdpSocket::get_own_option(uint8_t option, int32_t* value) {
  if (option != kOptReadPackets) return false;
  *value = read_packets_;
  return true;
}

void UdpSocket::options_changed(int active, int) {
  if (active_ == active) return;
  if (active_ == kPassive) driver_cancel_timer(port_);
  select(ERL_DRV_READ, active_ != kPassive);
}

// ---- receiving ----

void UdpSocket::ready_input() { receive(); }

void UdpSocket::timeout() {
  if (active_ != kPassive) {
    receive();  // goes on where it paused
    return;
  }
  select(ERL_DRV_READ, false);
  async_error(atoms.timeout);
}

int UdpSocket::receive() {
  int count = 0;
  for (int i = 0; i < read_packets_; i++) {
    if (fd_ < 0) return count;
    auto room = static_cast<size_t>(buffer_size_);
    ErlDrvBinary* bin = driver_alloc_binary(room);
    AddressAndSize from;
    alignas(cmsghdr) char space[kAncillaryBytes];
    iovec v = {bin->orig_bytes, room};
    msghdr message{};
    message.msg_name = &from.address;
    message.msg_namelen = from.size;
    message.msg_iov = &v;
    message.msg_iovlen = 1;
    if (received_ancillary_ != 0) {
      message.msg_control = space;
      message.msg_controllen = sizeof space;
    }
    ssize_t n = ::recvmsg(fd_, &message, 0);
    if (n < 0) {
      int failed = errno;
      driver_free_binary(bin);
      if (would_block(failed)) {
        if (active_ == kPassive && has_op()) select(ERL_DRV_READ, true);
        return count;
      }
      if (active_ == kPassive) {
        async_error(errno_atom(failed));
        driver_cancel_timer(port_);
        select(ERL_DRV_READ, false);
      } else {
        Message().atom(atoms.udp_error).port(port_term_).atom(errno_atom(failed)).tuple(3).output(port_term_);
      }
      return count;
    }
    from.size = message.msg_namelen;
    if (state_ & kStateActive) from = remote_;
    auto size = static_cast<size_t>(n);
    count_input(size);
    // A binary that is mostly unused is not worth keeping.
    if (mode_ == kModeBinary && size + room / 4 < room) bin = driver_realloc_binary(bin, size);
    deliver(bin, size, from, received_ancillary_ != 0 ? &message : nullptr);
    driver_free_binary(bin);
    count++;
    if (stopped()) return count;
    if (active_ == kPassive) {
      driver_cancel_timer(port_);
      select(ERL_DRV_READ, false);
      return count;
    }
  }
  // Others get their turn, then it goes on.
  driver_set_timer(port_, 0);
  return count;
}

static void put_address(Message& m, const AddressAndSize& from, const std::string& path) {
  switch (from.address.any.sa_family) {
    case AF_INET: {
      auto* bytes = reinterpret_cast<const uint8_t*>(&from.address.in.sin_addr);
      for (int i = 0; i < 4; i++) m.integer(bytes[i]);
      m.tuple(4).integer(port_of(from));
      break;
    }
    case AF_INET6: {
      const uint8_t* bytes = from.address.in6.sin6_addr.s6_addr;
      for (int i = 0; i < 16; i += 2) m.integer(bytes[i] << 8 | bytes[i + 1]);
      m.tuple(8).integer(port_of(from));
      break;
    }
    case AF_UNIX: m.atom(atoms.local).binary(path).tuple(2).integer(0); break;
    case AF_UNSPEC: m.atom(atoms.unspec).binary({"", 0}).tuple(2).integer(0); break;
    default: m.atom(atoms.undefined).binary({"", 0}).tuple(2).integer(0); break;
  }
}

// [{tos | tclass | ttl, Number}]
static void put_ancillary(Message& m, msghdr* message) {
  int count = 0;
  for (cmsghdr* c = CMSG_FIRSTHDR(message); c != nullptr; c = CMSG_NXTHDR(message, c)) {
    ErlDrvTermData name = 0;
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) name = atoms.tos;
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) name = atoms.tclass;
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) name = atoms.ttl;
    if (name == 0 || count == 4) continue;
    int64_t value = 0;
    if (c->cmsg_len == CMSG_LEN(1)) {
      value = *CMSG_DATA(c);
    } else if (c->cmsg_len == CMSG_LEN(4)) {
      int32_t n;
      std::memcpy(&n, CMSG_DATA(c), sizeof n);
      value = n;
    }
    m.atom(name).integer(value).tuple(2);
    count++;
  }
  m.nil().list(count + 1);
}

void UdpSocket::put_data(Message& m, ErlDrvBinary* bin, size_t size) {
  if (mode_ == kModeList || header_ > size) {
    m.string({bin->orig_bytes, size});
    return;
  }
  m.shared(bin, header_, size - header_);
  if (header_ != 0) m.string_before({bin->orig_bytes, header_});
}

void UdpSocket::deliver(ErlDrvBinary* bin, size_t size, const AddressAndSize& from, msghdr* ancillary) {
  Writer address;
  write_address(address, from);
  if (active_ == kPassive) {
    AsyncOp op;
    if (!take_op(&op)) return;
    Message m;
    m.atom(atoms.inet_async).port(port_term_).integer(op.id).atom(atoms.ok);
    put_data(m, bin, size);
    m.string_before(address.text());
    if (ancillary != nullptr) {
      put_ancillary(m, ancillary);
      m.tuple(2);
    }
    m.tuple(2).tuple(4).send(port_term_, op.caller);
    return;
  }
  if (deliver_ == kDeliverPort) {
    std::string whole = address.text() + std::string(bin->orig_bytes, size);
    size_t header = mode_ == kModeList || header_ > whole.size() ? whole.size() : header_;
    bool all = header == whole.size();
    driver_output2(port_, whole.data(), header, all ? nullptr : whole.data() + header, whole.size() - header);
  } else {
    std::string path;
    if (from.address.any.sa_family == AF_UNIX) path = address.text().substr(2);
    Message m;
    m.atom(atoms.udp).port(port_term_);
    put_address(m, from, path);
    if (ancillary != nullptr) put_ancillary(m, ancillary);
    put_data(m, bin, size);
    m.tuple(ancillary != nullptr ? 6 : 5).output(port_term_);
  }
  count_active();
}

// ---- sending ----

bool UdpSocket::send(Reader& in, int* error) {
  *error = EINVAL;
  std::string_view options = in.bytes(in.u32());
  if (!in.ok()) return false;
  // One of the two kinds, and a time to live.
  alignas(cmsghdr) char space[2 * CMSG_SPACE(sizeof(int))] = {};
  size_t used = 0;
  Reader o(options.data(), options.size());
  while (o.left() != 0) {
    uint8_t option = o.u8();
    int32_t value = o.i32();
    if (!o.ok() || used + CMSG_SPACE(sizeof value) > sizeof space) return false;
    auto* c = reinterpret_cast<cmsghdr*>(space + used);
    switch (option) {
      case kOptTos: c->cmsg_level = IPPROTO_IP, c->cmsg_type = IP_TOS; break;
      case kOptTtl: c->cmsg_level = IPPROTO_IP, c->cmsg_type = IP_TTL; break;
      case kOptTclass: c->cmsg_level = IPPROTO_IPV6, c->cmsg_type = IPV6_TCLASS; break;
      default: return false;
    }
    c->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(c), &value, sizeof value);
    used += CMSG_SPACE(sizeof value);
  }
  iovec v = {const_cast<uint8_t*>(in.at()), in.left()};
  msghdr message{};
  if (!(state_ & kStateActive)) {
    message.msg_name = &remote_.address;
    message.msg_namelen = remote_.size;
  }
  message.msg_iov = &v;
  message.msg_iovlen = 1;
  if (used != 0) {
    message.msg_control = space;
    message.msg_controllen = used;
  }
  count_output(in.left());
  if (::sendmsg(fd_, &message, MSG_NOSIGNAL) >= 0) return true;
  *error = errno;
  return false;
}

void UdpSocket::output(const char* bytes, size_t size) {
  ErlDrvTermData caller = driver_caller(port_);
  caller_ = caller == driver_mk_term_nil() ? 0 : caller;
  if (!is_open()) return reply_error(atoms.einval);
  Reader in(bytes, size);
  AddressAndSize to;
  if (const char* wrong = read_address(in, family_, &to)) {
    return reply_error(driver_mk_atom(const_cast<char*>(wrong)));
  }
  // A connected socket has its peer.
  if (!(state_ & kStateActive)) remote_ = to;
  int error;
  if (send(in, &error)) {
    reply_ok();
  } else {
    reply_error(errno_atom(error));
  }
}

// ---- the driver ----

UdpSocket* socket_of(ErlDrvData data) { return reinterpret_cast<UdpSocket*>(data); }

int udp_init() {
  make_atoms();
  return 0;
}

ErlDrvData udp_start(ErlDrvPort port, char*) {
  auto* s = new UdpSocket(port);
  ErlDrvSizeT low = 4096;
  ErlDrvSizeT high = 8192;
  erl_drv_busy_msgq_limits(port, &low, &high);
  return reinterpret_cast<ErlDrvData>(s);
}
void udp_stop(ErlDrvData data) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->stop();
}
ErlDrvSSizeT udp_control(ErlDrvData data, unsigned command, char* bytes, ErlDrvSizeT size, char** reply,
                         ErlDrvSizeT room) {
  Socket::Entry entry(socket_of(data));
  return socket_of(data)->control(command, bytes, size, reply, room);
}
void udp_output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->output(bytes, size);
}
void udp_ready_input(ErlDrvData data, ErlDrvEvent) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->ready_input();
}
void udp_timeout(ErlDrvData data) {
  Socket::Entry entry(socket_of(data));
  socket_of(data)->timeout();
}
void close_event(ErlDrvEvent event, void*) { ::close(static_cast<int>(reinterpret_cast<intptr_t>(event))); }

ErlDrvEntry make_udp_entry() {
  ErlDrvEntry e{};
  e.init = udp_init;
  e.start = reinterpret_cast<decltype(e.start)>(udp_start);
  e.stop = udp_stop;
  e.ready_input = udp_ready_input;
  e.driver_name = const_cast<char*>("udp_inet");
  e.output = udp_output;
  e.control = udp_control;
  e.timeout = udp_timeout;
  e.extended_marker = static_cast<int>(ERL_DRV_EXTENDED_MARKER);
  e.major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  e.minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  e.driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING;
  e.stop_select = close_event;
  return e;
}

}  // namespace
}  // namespace inet

extern "C" {
ErlDrvEntry udp_driver_entry = inet::make_udp_entry();
}
