#include "vm/io/packet.h"

#include <cstring>

namespace lintel {

// In the order of the numbers that http_header tuples carry.
const std::string_view kHttpHeaders[kHttpHeaderCount] = {
    "Cache-Control", "Connection", "Date", "Pragma", "Transfer-Encoding", "Upgrade", "Via", "Accept",
    "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization", "From", "Host",
    "If-Modified-Since", "If-Match", "If-None-Match", "If-Range", "If-Unmodified-Since",
    "Max-Forwards", "Proxy-Authorization", "Range", "Referer", "User-Agent", "Age", "Location",
    "Proxy-Authenticate", "Public", "Retry-After", "Server", "Vary", "Warning", "Www-Authenticate",
    "Allow", "Content-Base", "Content-Encoding", "Content-Language", "Content-Length",
    "Content-Location", "Content-Md5", "Content-Range", "Content-Type", "Etag", "Expires",
    "Last-Modified", "Accept-Ranges", "Set-Cookie", "Set-Cookie2", "X-Forwarded-For", "Cookie",
    "Keep-Alive", "Proxy-Connection",
};
const std::string_view kHttpMethods[kHttpMethodCount] = {"OPTIONS", "GET", "HEAD", "POST",
                                                         "PUT", "DELETE", "TRACE"};

namespace {

constexpr i64 kMore = 0;
constexpr i64 kBad = -1;

u32 big_endian(const u8* p, u32 bytes) {
  u32 v = 0;
  for (u32 i = 0; i < bytes; i++) v = v << 8 | p[i];
  return v;
}
u32 little_endian_32(const u8* p) { return u32{p[3]} << 24 | p[2] << 16 | p[1] << 8 | p[0]; }

bool is_space(u8 c) { return c == ' ' || c == '\t'; }
bool is_digit(u8 c) { return c >= '0' && c <= '9'; }
bool is_lower(u8 c) { return c >= 'a' && c <= 'z'; }
bool is_upper(u8 c) { return c >= 'A' && c <= 'Z'; }
// What ends a method or a header's name.
bool is_separator(u8 c) {
  constexpr std::string_view kMarks = "()<>@,;:\\\"/[]?={}";
  return c <= ' ' || c >= 0x80 || kMarks.find(static_cast<char>(c)) != std::string_view::npos;
}

i64 line_length(const u8* p, u64 n, const PacketLimits& l) {
  auto* end = static_cast<const u8*>(std::memchr(p, l.delimiter, n));
  u64 length = end != nullptr ? static_cast<u64>(end - p) + 1 : n;
  if (l.packet_size != 0 && length > l.packet_size) return kBad;
  if (end == nullptr) return l.line_length != 0 && n >= l.line_length ? l.line_length : kMore;
  return l.line_length != 0 && length > l.line_length ? l.line_length : static_cast<i64>(length);
}

// Of a header line, the lines that continue it belong to it; so the one after it must be there.
i64 http_length(const u8* p, u64 n, const PacketLimits& l, bool in_headers) {
  if ((n == 1 && p[0] == '\n') || (n == 2 && p[0] == '\r' && p[1] == '\n')) {
    return static_cast<i64>(n);
  }
  u64 most = l.packet_size != 0 ? l.packet_size : l.line_length;
  u64 from = 0;
  for (;;) {
    auto* end = n > from ? static_cast<const u8*>(std::memchr(p + from, '\n', n - from)) : nullptr;
    if (end == nullptr) return most != 0 && n >= most ? kBad : kMore;
    u64 length = static_cast<u64>(end - p) + 1;
    bool continues = in_headers && length < n && length > 2 && is_space(p[length]);
    if (continues) {
      from = length;
      continue;
    }
    if (most != 0 && length > most) return kBad;
    return in_headers && length == n ? kMore : static_cast<i64>(length);
  }
}

// Header of an ASN.1 BER value: *header is its size. False: see *result.
bool asn1_header(const u8* p, u64 n, u64* header, u32* size, i64* result) {
  *result = kMore;
  if (n < 2) return false;
  u64 at = 1;
  if ((p[0] & 0x1f) == 0x1f) {
    while (at < n && (p[at] & 0x80) != 0) at++;
    if (n - at < 2) return false;
    at++;
  }
  u32 length = p[at] & 0x7f;
  bool is_long = (p[at] & 0x80) != 0;
  at++;
  if (is_long) {
    if (n - at < length) return false;
    if (length > 4) {
      *result = kBad;
      return false;
    }
    *size = big_endian(p + at, length);
    at += length;
  } else {
    *size = length;
  }
  *header = at;
  return true;
}

}  // namespace

i64 packet_length(PacketKind kind, const u8* p, u64 n, const PacketLimits& limits,
                  bool in_headers) {
  u64 header = 0;
  u32 size = 0;
  switch (kind) {
    case PacketKind::Raw:
      return static_cast<i64>(n);
    case PacketKind::One:
    case PacketKind::Two:
    case PacketKind::Four:
    case PacketKind::SunRm:
      header = kind == PacketKind::One ? 1 : kind == PacketKind::Two ? 2 : 4;
      if (n < header) return kMore;
      size = big_endian(p, static_cast<u32>(header));
      if (kind == PacketKind::SunRm) size &= 0x7fffffff;
      break;
    case PacketKind::Line:
      return n == 0 ? kMore : line_length(p, n, limits);
    case PacketKind::Asn1: {
      i64 result;
      if (!asn1_header(p, n, &header, &size, &result)) return result;
      break;
    }
    case PacketKind::Cdr:
      header = 12;
      if (n < header) return kMore;
      if (std::memcmp(p, "GIOP", 4) != 0) return kBad;
      size = p[6] & 1 ? little_endian_32(p + 8) : big_endian(p + 8, 4);
      break;
    case PacketKind::Fcgi:
      header = 8;
      if (n < header) return kMore;
      if (p[0] != 1) return kBad;
      size = big_endian(p + 4, 2) + p[6];
      break;
    case PacketKind::Tpkt:
      header = 4;
      if (n < header) return kMore;
      if (p[0] != 3) return kBad;
      size = big_endian(p + 2, 2) - 4;
      break;
    case PacketKind::SslTls:
      header = 5;
      if (n < header) return kMore;
      size = (p[0] & 0x80) != 0 && p[2] == 1 ? (big_endian(p, 2) & 0x7fff) - 3
                                             : big_endian(p + 3, 2);
      break;
    default:
      return http_length(p, n, limits,
                         in_headers || kind == PacketKind::Httph || kind == PacketKind::HttphBin);
  }
  if (limits.packet_size != 0 && size > limits.packet_size) return kBad;
  i64 total = static_cast<i32>(static_cast<u32>(header) + size);
  return total < static_cast<i64>(header) ? kBad : total;
}

std::string_view packet_body(PacketKind kind, const u8* packet, u64 length) {
  u64 front = 0;
  u64 back = 0;
  switch (kind) {
    case PacketKind::One: front = 1; break;
    case PacketKind::Two: front = 2; break;
    case PacketKind::Four: front = 4; break;
    case PacketKind::Fcgi: back = packet[6]; break;
    default: break;
  }
  return {reinterpret_cast<const char*>(packet) + front, length - front - back};
}

// ---- HTTP ----

namespace {

class Reader {
 public:
  explicit Reader(std::string_view s) : s_(s) {}
  bool at_end() const { return s_.empty(); }
  std::string_view rest() const { return s_; }
  u8 peek() const { return static_cast<u8>(s_[0]); }
  bool skip(std::string_view prefix) {
    if (!s_.starts_with(prefix)) return false;
    s_.remove_prefix(prefix.size());
    return true;
  }
  template <typename F>
  std::string_view take_while(F f) {
    size_t i = 0;
    while (i < s_.size() && f(static_cast<u8>(s_[i]))) i++;
    std::string_view taken = s_.substr(0, i);
    s_.remove_prefix(i);
    return taken;
  }
  bool spaces() { return !take_while(is_space).empty(); }
  // At least one digit.
  bool number(i32* out) {
    std::string_view digits = take_while(is_digit);
    *out = 0;
    for (char c : digits) *out = static_cast<i32>(static_cast<u32>(*out) * 10 + static_cast<u32>(c - '0'));
    return !digits.empty();
  }
  bool version(HttpLine* out) {
    return number(&out->major) && skip(".") && number(&out->minor);
  }

 private:
  std::string_view s_;
};

bool starts_with_nocase(std::string_view s, std::string_view lower) {
  if (s.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); i++) {
    u8 c = static_cast<u8>(s[i]);
    if ((is_upper(c) ? c + 32 : c) != static_cast<u8>(lower[i])) return false;
  }
  return true;
}

// host[:port][/path]
void parse_absolute(std::string_view s, HttpUri* uri) {
  size_t slash = s.find('/');
  uri->second = slash == std::string_view::npos ? std::string_view("/") : s.substr(slash);
  std::string_view host = s.substr(0, slash);
  size_t colon = host.find(':');
  uri->first = host.substr(0, colon);
  if (colon == std::string_view::npos) return;
  Reader r(host.substr(colon + 1));
  i32 port;
  if (r.number(&port) && r.at_end()) uri->port = static_cast<u32>(port);
}

void parse_uri(std::string_view s, HttpUri* uri) {
  if (s == "*") {
    uri->kind = HttpUri::Star;
  } else if (s.size() <= 1 || s[0] == '/') {
    uri->kind = HttpUri::AbsPath;
    uri->first = s;
  } else if (starts_with_nocase(s, "http://")) {
    uri->kind = HttpUri::Http;
    parse_absolute(s.substr(7), uri);
  } else if (starts_with_nocase(s, "https://")) {
    uri->kind = HttpUri::Https;
    parse_absolute(s.substr(8), uri);
  } else {
    size_t colon = s.find(':');
    uri->kind = colon == std::string_view::npos ? HttpUri::Other : HttpUri::Scheme;
    uri->first = s.substr(0, colon);
    if (colon != std::string_view::npos) uri->second = s.substr(colon + 1);
  }
}

i32 index_in(const std::string_view* names, u32 count, std::string_view name) {
  for (u32 i = 0; i < count; i++) {
    if (names[i] == name) return static_cast<i32>(i);
  }
  return -1;
}

bool parse_response(std::string_view s, HttpLine* out) {
  Reader r(s.substr(5));
  if (!r.version(out) || !r.spaces()) return false;
  (void)r.number(&out->status);
  if (!r.spaces() && !r.at_end()) return false;
  out->text = r.rest();
  out->kind = HttpLine::Response;
  return true;
}

bool parse_request(std::string_view s, HttpLine* out) {
  Reader r(s);
  out->name = r.take_while([](u8 c) { return !is_separator(c); });
  if (out->name.empty() || r.at_end() || !is_space(r.peek())) return false;
  r.spaces();
  std::string_view uri = r.take_while([](u8 c) { return !is_space(c); });
  if (uri.empty()) return false;
  r.spaces();
  if (r.at_end()) {
    out->minor = 9;
  } else if (r.rest().size() < 8 || !r.skip("HTTP/") || !r.version(out)) {
    return false;
  }
  out->known = index_in(kHttpMethods, kHttpMethodCount, out->name);
  parse_uri(uri, &out->uri);
  out->kind = HttpLine::Request;
  return true;
}

// Names are delivered with a capital at each start and after each dash, when they are not too long.
bool parse_header(std::string_view s, HttpLine* out) {
  Reader r(s);
  std::string_view name = r.take_while([](u8 c) { return !is_separator(c); });
  if (r.at_end() || r.peek() != ':') return false;
  out->raw_name = out->name = name;
  if (name.size() <= sizeof out->own) {
    bool up = true;
    for (size_t i = 0; i < name.size(); i++) {
      u8 c = static_cast<u8>(name[i]);
      if (up) {
        if (is_lower(c)) c -= 32;
        up = false;
      } else if (is_upper(c)) {
        c += 32;
      } else if (c == '-') {
        up = true;
      }
      out->own[i] = static_cast<char>(c);
    }
    out->name = {out->own, name.size()};
    out->known = index_in(kHttpHeaders, kHttpHeaderCount, out->name);
  }
  r.skip(":");
  r.spaces();
  out->text = r.rest();
  out->kind = HttpLine::Header;
  return true;
}

}  // namespace

void http_parse(const u8* line, u64 length, bool* in_headers, HttpLine* out) {
  std::string_view whole(reinterpret_cast<const char*>(line), length);
  std::string_view s = whole;
  if (length >= 2 && s[length - 2] == '\r') {
    s.remove_suffix(2);
  } else if (length >= 1 && s[length - 1] == '\n') {
    s.remove_suffix(1);
  }
  bool ok;
  if (!*in_headers) {
    ok = s.starts_with("HTTP/") ? parse_response(s, out) : parse_request(s, out);
    if (ok) *in_headers = true;
  } else if (s.empty()) {
    *in_headers = false;
    out->kind = HttpLine::EndOfHeaders;
    ok = true;
  } else {
    ok = parse_header(s, out);
  }
  if (!ok) {
    out->kind = HttpLine::Bad;
    out->text = whole;
  }
}

TlsRecord tls_parse(const u8* p, u64 length) {
  auto body = [&](u64 from) {
    return std::string_view(reinterpret_cast<const char*>(p) + from, length - from);
  };
  if ((p[0] & 0x80) != 0 && p[2] == 1) {
    // A hello of SSL 2, made to look like a handshake message.
    u64 n = length - 3;
    return {22, p[3], p[4],
            {1, static_cast<u8>(n >> 16), static_cast<u8>(n >> 8), static_cast<u8>(n)},
            4, body(3)};
  }
  return {p[0], p[1], p[2], {}, 0, body(5)};
}

}  // namespace lintel
