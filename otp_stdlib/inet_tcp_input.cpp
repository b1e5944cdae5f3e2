// Input of stream sockets: reading, cutting into packets, delivering.
#include <cerrno>

#include "otp_stdlib/inet_tcp.h"

namespace inet {

using lintel::PacketKind;

PacketKind packet_kind(int code) {
  static constexpr PacketKind kKinds[kPacketCodes] = {
      PacketKind::Raw,   PacketKind::One,  PacketKind::Two,      PacketKind::Four,
      PacketKind::Asn1,  PacketKind::SunRm, PacketKind::Cdr,     PacketKind::Fcgi,
      PacketKind::Line,  PacketKind::Tpkt, PacketKind::Http,     PacketKind::Httph,
      PacketKind::SslTls, PacketKind::HttpBin, PacketKind::HttphBin};
  return kKinds[code];
}

namespace {
bool is_http(PacketKind k) {
  return k == PacketKind::Http || k == PacketKind::Httph || k == PacketKind::HttpBin || k == PacketKind::HttphBin;
}
bool is_http_headers(PacketKind k) { return k == PacketKind::Httph || k == PacketKind::HttphBin; }

// Peers may announce more than they send: memory is got as the bytes come.
constexpr size_t kTrustedPacket = size_t{16} << 20;
}  // namespace

// ---- the buffer ----

void TcpSocket::drop_input() {
  if (in_ != nullptr) driver_free_binary(in_);
  in_ = nullptr;
  start_ = end_ = in_size_ = remain_ = 0;
}

// Moves what is there to the front.
void TcpSocket::compact_input() {
  if (start_ == 0) return;
  std::memmove(in_->orig_bytes, in_->orig_bytes + start_, end_ - start_);
  end_ -= start_;
  start_ = 0;
}

// Room for `size` bytes from start_.
void TcpSocket::ensure_capacity(size_t size) {
  size_t needed = start_ + size;
  if (in_size_ >= needed) return;
  if (static_cast<size_t>(in_->orig_size) < needed) in_ = driver_realloc_binary(in_, needed);
  in_size_ = needed;
}

int64_t TcpSocket::missing(size_t* length) {
  PacketKind kind = packet_kind(packet_);
  size_t have = end_ - start_;
  lintel::PacketLimits limits;
  limits.packet_size = packet_size_;
  limits.line_length = static_cast<uint32_t>(in_size_);
  limits.delimiter = delimiter_;
  int64_t n = lintel::packet_length(kind, reinterpret_cast<uint8_t*>(in_->orig_bytes) + start_, have, limits,
                                    is_http_headers(kind) || in_headers_);
  *length = 0;
  if (n < 0 || n > INT32_MAX) return -1;
  if (n > 0) {
    auto total = static_cast<size_t>(n);
    *length = total;
    if (total <= have) return 0;
    if (total <= kTrustedPacket) ensure_capacity(total);
    *length = total - have;
    return static_cast<int64_t>(*length);
  }
  if (end_ < in_size_) return static_cast<int64_t>(in_size_ - end_);
  if (start_ != 0) {
    compact_input();
    return static_cast<int64_t>(in_size_ - end_);
  }
  if (packet_size_ == 0 || packet_size_ <= end_ || packet_size_ > kMaxPacket) return -1;
  ensure_capacity(packet_size_);
  return static_cast<int64_t>(in_size_ - end_);
}

// ---- reading ----

// Reads once and delivers what is whole. `request`: of how many bytes a passive socket wants exactly
// so many; 0: a packet. Below 0 when the connection or the port ended.
int TcpSocket::receive(uint32_t request) {
  size_t wanted;
  size_t length = 0;
  if (in_ == nullptr) {
    in_size_ = request != 0 ? request : static_cast<size_t>(buffer_size_);
    in_ = driver_alloc_binary(in_size_);
    start_ = end_ = 0;
    remain_ = request;
    wanted = in_size_;
  } else if (request != 0) {
    size_t have = end_ - start_;
    if (have >= request) return deliver(request);
    ensure_capacity(request);
    wanted = remain_ = request - have;
  } else if (remain_ == 0) {
    int64_t n = missing(&length);
    if (n < 0) return input_failed(EMSGSIZE);
    if (n == 0) return deliver(length);
    wanted = static_cast<size_t>(n);
    if (length != 0) remain_ = length;
  } else {
    wanted = remain_;
  }
  size_t room = static_cast<size_t>(in_->orig_size) - end_;
  if (room < wanted) {
    compact_input();
    room = static_cast<size_t>(in_->orig_size) - end_;
    if (room < wanted) {
      // A large packet: as much again as there is.
      size_t more = end_ + (wanted < kTrustedPacket ? wanted : kTrustedPacket + end_);
      if (more > end_ + wanted) more = end_ + wanted;
      in_ = driver_realloc_binary(in_, more);
      if (in_size_ < more) in_size_ = more;
      room = more - end_;
    }
  }
  if (wanted > room) wanted = room;
  ssize_t n;
  do {
    n = ::recv(fd_, in_->orig_bytes + end_, wanted, 0);
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK) return 0;
    if (error == ECONNRESET && !show_reset_) return input_closed();
    return input_failed(error);
  }
  if (n == 0) return input_closed();
  auto got = static_cast<size_t>(n);
  end_ += got;
  was_filled_ = got == wanted;
  if (remain_ != 0) {
    remain_ -= got < remain_ ? got : remain_;
    return remain_ == 0 ? deliver(end_ - start_) : 0;
  }
  int64_t m = missing(&length);
  if (m < 0) return input_failed(EMSGSIZE);
  if (m == 0) return deliver(length);
  if (length != 0) remain_ = length;
  return 0;
}

// Delivers the first `length` bytes (0: the first packet, if it is whole) and, when active, the
// packets behind them. The number of packets; below 0 when what follows is no packet, or the port is
// over.
int TcpSocket::deliver(size_t length) {
  int count = 0;
  if (length == 0) {
    if (in_ == nullptr || remain_ > 0) return 0;
    int64_t n = missing(&length);
    if (n < 0) return -1;
    if (n > 0) {
      if (length != 0) remain_ = length;
      return 0;
    }
  }
  while (length > 0) {
    // Nobody asked: it stays for who will.
    if (active_ == kPassive && deliver_ == kDeliverTerm && !has_op()) return -1;
    count_input(length);
    // A buffer that is nearly all packet is given away, else the packet is copied out of it.
    bool share = length * 4 >= static_cast<size_t>(in_->orig_size) * 3;
    deliver_packet(start_, length, share);
    if (stopped()) return -1;
    start_ += length;
    remain_ = 0;
    if (start_ == end_) {
      drop_input();
    } else if (share) {
      size_t left = end_ - start_;
      ErlDrvBinary* fresh = driver_alloc_binary(in_size_ > left ? in_size_ : left);
      std::memcpy(fresh->orig_bytes, in_->orig_bytes + start_, left);
      driver_free_binary(in_);
      in_ = fresh;
      in_size_ = static_cast<size_t>(fresh->orig_size);
      start_ = 0;
      end_ = left;
    }
    count++;
    length = 0;
    if (active_ == kPassive) {
      cancel_timers(TimerKind::Recv);
      select(ERL_DRV_READ, false);
      if (in_ != nullptr) compact_input();
    } else if (in_ != nullptr) {
      int64_t n = missing(&length);
      if (n < 0) return -1;
      if (n > 0) {
        compact_input();
        if (length != 0) remain_ = length;
        length = 0;
      }
    }
  }
  return count;
}

// ---- delivering ----

void TcpSocket::deliver_packet(size_t offset, size_t length, bool share) {
  PacketKind kind = packet_kind(packet_);
  auto* packet = reinterpret_cast<uint8_t*>(in_->orig_bytes) + offset;
  bool was_active = active_ != kPassive;
  if (deliver_ == kDeliverTerm && is_http(kind)) {
    deliver_http(in_->orig_bytes + offset, length);
  } else if (deliver_ == kDeliverTerm && kind == PacketKind::SslTls) {
    deliver_tls(in_->orig_bytes + offset, length);
  } else {
    std::string_view body = lintel::packet_body(kind, packet, length);
    size_t skip = static_cast<size_t>(reinterpret_cast<const uint8_t*>(body.data()) - packet);
    deliver_bytes(offset + skip, body.size(), share);
  }
  if (was_active && !stopped()) count_active();
}

// The bytes as list, or as binary behind a list of header bytes.
void TcpSocket::deliver_bytes(size_t offset, size_t length, bool share) {
  char* bytes = in_->orig_bytes + offset;
  bool as_list = mode_ == kModeList || header_ > length;
  size_t header = as_list ? length : header_;
  if (deliver_ == kDeliverPort) {
    if (as_list) {
      driver_output2(port_, bytes, length, nullptr, 0);
    } else if (share) {
      driver_output_binary(port_, bytes, header, in_, offset + header, length - header);
    } else {
      driver_output2(port_, bytes, header, bytes + header, length - header);
    }
    return;
  }
  auto put = [&](Message& m) {
    if (as_list) {
      m.string({bytes, length});
      return;
    }
    if (share) {
      m.shared(in_, offset + header, length - header);
    } else {
      m.binary({bytes + header, length - header});
    }
    if (header != 0) m.string_before({bytes, header});
  };
  Message m;
  if (active_ == kPassive) {
    AsyncOp op;
    if (!take_op(&op)) return;
    m.atom(atoms.inet_async).port(port_term_).integer(op.id).atom(atoms.ok);
    put(m);
    m.tuple(2).tuple(4).send(port_term_, op.caller);
  } else {
    m.atom(atoms.tcp).port(port_term_);
    put(m);
    m.tuple(3).output(port_term_);
  }
}

void TcpSocket::deliver_http(const char* bytes, size_t length) {
  using lintel::HttpLine;
  using lintel::HttpUri;
  PacketKind kind = packet_kind(packet_);
  bool as_binary = kind == PacketKind::HttpBin || kind == PacketKind::HttphBin;
  if (is_http_headers(kind)) in_headers_ = true;
  HttpLine line;
  lintel::http_parse(reinterpret_cast<const uint8_t*>(bytes), length, &in_headers_, &line);

  AsyncOp op;
  Message m;
  bool is_passive = active_ == kPassive;
  if (is_passive) {
    if (!take_op(&op)) return;
    m.atom(atoms.inet_async).port(port_term_).integer(op.id).atom(atoms.ok);
  } else {
    m.atom(atoms.http).port(port_term_);
  }
  auto text = [&](std::string_view s) { as_binary ? m.binary(s) : m.string(s); };
  auto known = [&](std::string_view s) { m.atom(driver_mk_atom(std::string(s).data())); };
  switch (line.kind) {
    case HttpLine::Response:
      m.atom(atoms.http_response).integer(line.major).integer(line.minor).tuple(2).integer(line.status);
      text(line.text);
      m.tuple(4);
      break;
    case HttpLine::Request:
      m.atom(atoms.http_request);
      line.known >= 0 ? known(line.name) : text(line.name);
      switch (line.uri.kind) {
        case HttpUri::Star: m.atom(atoms.star); break;
        case HttpUri::AbsPath:
          m.atom(atoms.abs_path);
          text(line.uri.first);
          m.tuple(2);
          break;
        case HttpUri::Http:
        case HttpUri::Https:
          m.atom(atoms.absoluteURI).atom(line.uri.kind == HttpUri::Http ? atoms.http : atoms.https);
          text(line.uri.first);
          line.uri.port == 0 ? m.atom(atoms.undefined) : m.integer(line.uri.port);
          text(line.uri.second);
          m.tuple(5);
          break;
        case HttpUri::Other: text(line.uri.first); break;
        case HttpUri::Scheme:
          m.atom(atoms.scheme);
          text(line.uri.first);
          text(line.uri.second);
          m.tuple(3);
          break;
      }
      m.integer(line.major).integer(line.minor).tuple(2).tuple(4);
      break;
    case HttpLine::Header:
      m.atom(atoms.http_header).integer(line.known + 1);
      line.known >= 0 ? known(line.name) : text(line.name);
      text(line.raw_name);
      text(line.text);
      m.tuple(5);
      break;
    case HttpLine::EndOfHeaders: m.atom(atoms.http_eoh); break;
    case HttpLine::Bad:
      m.atom(atoms.http_error);
      text(line.text);
      m.tuple(2);
      break;
  }
  if (is_passive) {
    m.tuple(2).tuple(4).send(port_term_, op.caller);
  } else {
    m.tuple(3).output(port_term_);
  }
}

// {ssl_tls, Port, Type, {Major, Minor}, Body}
void TcpSocket::deliver_tls(const char* packet, size_t length) {
  lintel::TlsRecord record = lintel::tls_parse(reinterpret_cast<const uint8_t*>(packet), length);
  std::string body(reinterpret_cast<const char*>(record.prefix), record.prefix_size);
  body += record.body;
  AsyncOp op;
  Message m;
  bool is_passive = active_ == kPassive;
  if (is_passive) {
    if (!take_op(&op)) return;
    m.atom(atoms.inet_async).port(port_term_).integer(op.id).atom(atoms.ok);
  }
  m.atom(atoms.ssl_tls).port(port_term_).integer(record.type).integer(record.major).integer(record.minor);
  m.tuple(2).binary(body).tuple(5);
  if (is_passive) {
    m.tuple(2).tuple(4).send(port_term_, op.caller);
  } else {
    m.output(port_term_);
  }
}

// ---- the end of input ----

void TcpSocket::close_read() { select(ERL_DRV_READ, false); }

// The peer has closed, or a reset counts as that.
int TcpSocket::input_closed() {
  bool told_sender = false;
  if (is_busy()) {
    drop_output();
    end_busy();
    reply_error(atoms.closed);
    told_sender = true;
  }
  if (is_sending_file_) {
    send_file_aborted(ENOTCONN);
    told_sender = true;
  }
  if (stopped()) return -1;
  // A send after this is to be told `closed` rather than enotconn.
  if (!told_sender) closed_for_send_ = true;
  drop_input();
  if (active_ == kPassive) {
    cancel_all_timers();
    if (exit_on_close_) {
      close_all();
    } else {
      close_read();
    }
    async_error(atoms.closed);
  } else {
    closed_message();
    if (exit_on_close_) {
      driver_exit(port_, 0);
    } else {
      close_read();
    }
  }
  return -1;
}

int TcpSocket::input_failed(int error) {
  if (is_busy()) {
    drop_output();
    end_busy();
    reply_error(atoms.closed);
  }
  if (is_sending_file_) send_file_aborted(error);
  if (stopped()) return -1;
  drop_input();
  if (active_ == kPassive) {
    cancel_all_timers();
    if (exit_on_close_) {
      close_all();
    } else {
      close_read();
    }
    async_error(errno_atom(error));
  } else {
    error_message(error);
    closed_message();
    if (exit_on_close_) {
      driver_exit(port_, error);
    } else {
      close_read();
    }
  }
  return -1;
}

}  // namespace inet
