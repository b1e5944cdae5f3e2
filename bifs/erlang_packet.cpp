// erlang:decode_packet/3: the first packet in a binary, on vm/io/packet.h.
#include "vm/io/packet.h"

#include <vector>

#include "vm/ops/binary_part.h"
#include "vm/ops/bytes.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"

namespace lintel {

namespace {

bool packet_kind(Term t, PacketKind* kind) {
  struct Row {
    Term name;
    PacketKind kind;
  };
  static const Row rows[] = {
      {Term::small(0), PacketKind::Raw}, {am::raw, PacketKind::Raw},
      {Term::small(1), PacketKind::One}, {Term::small(2), PacketKind::Two},
      {Term::small(4), PacketKind::Four}, {am::asn1, PacketKind::Asn1},
      {am::sunrm, PacketKind::SunRm}, {am::cdr, PacketKind::Cdr},
      {am::fcgi, PacketKind::Fcgi}, {am::line, PacketKind::Line},
      {am::tpkt, PacketKind::Tpkt}, {am::http, PacketKind::Http},
      {am::httph, PacketKind::Httph}, {am::http_bin, PacketKind::HttpBin},
      {am::httph_bin, PacketKind::HttphBin}, {am::ssl_tls, PacketKind::SslTls},
  };
  for (const Row& r : rows) {
    if (r.name != t) continue;
    *kind = r.kind;
    return true;
  }
  return false;
}

bool packet_options(Term list, PacketKind kind, PacketLimits* limits) {
  for (; list.is_list(); list = list.tail()) {
    Term t = list.head();
    if (!is_tuple_of(t, 2)) return false;
    Term value = tuple_element(t, 1);
    if (!value.is_small() || value.small_value() < 0 || value.small_value() > UINT32_MAX) {
      return false;
    }
    u32 v = static_cast<u32>(value.small_value());
    Term name = tuple_element(t, 0);
    if (name == am::packet_size) {
      limits->packet_size = v;
    } else if (name == am::line_length) {
      limits->line_length = v;
    } else if (name == am::line_delimiter && kind == PacketKind::Line && v <= 255) {
      limits->delimiter = static_cast<u8>(v);
    } else {
      return false;
    }
  }
  return list.is_nil();
}

// Makes terms of the parts of a packet that lies in `binary`, whose bytes are at `bytes`.
class Maker {
 public:
  Maker(Process& p, Term binary, const u8* bytes, u64 size, bool as_binaries)
      : roots_(p, binary), bytes_(bytes), size_(size), as_binaries_(as_binaries) {}

  u64 words(std::string_view s) const {
    if (!as_binaries_) return s.size() * kConsWords;
    return is_part(s) ? kSubBinaryWords : heap_binary_words(s.size());
  }
  Term make(Builder& b, std::string_view s) {
    if (!as_binaries_) return chars_to_list(b, s);
    return is_part(s) ? part(b, s.data(), s.size() * 8) : b.binary(s.data(), s.size());
  }
  // `bits` of the binary from an address in it.
  Term part(Builder& b, const void* at, u64 bits) {
    BinaryBase base = binary_base(roots_[0]);
    u64 offset = static_cast<u64>(static_cast<const u8*>(at) - bytes_);
    return b.sub_binary(base.base, base.bit_offset + offset * 8, bits);
  }
  Term binary() { return roots_[0]; }

 private:
  // What is longer than a sub binary would be becomes one.
  bool is_part(std::string_view s) const {
    u64 offset = static_cast<u64>(reinterpret_cast<const u8*>(s.data()) - bytes_);
    return offset < size_ && heap_binary_words(s.size()) > kSubBinaryWords;
  }

  LocalRoots<1> roots_;
  const u8* bytes_;
  u64 size_;
  bool as_binaries_;
};

constexpr u64 kMostTuples = 3 * tuple_words(5);

Term uri_term(Maker& m, Builder& b, const HttpUri& uri) {
  Term first = uri.kind == HttpUri::Star ? Term::nil() : m.make(b, uri.first);
  switch (uri.kind) {
    case HttpUri::Star:
      return am::star;
    case HttpUri::AbsPath:
      return b.tuple({am::abs_path, first});
    case HttpUri::Http:
    case HttpUri::Https: {
      Term port = uri.port == 0 ? am::undefined : Term::small(static_cast<i32>(uri.port));
      return b.tuple({am::absoluteURI, uri.kind == HttpUri::Http ? am::http : am::https, first, port,
                      m.make(b, uri.second)});
    }
    case HttpUri::Other:
      return first;
    case HttpUri::Scheme:
      return b.tuple({am::scheme, first, m.make(b, uri.second)});
  }
  return Term::nil();
}

Term known_atom(const HttpLine& line) {
  static const std::vector<Term>* headers = [] {
    auto* v = new std::vector<Term>;
    for (std::string_view name : kHttpHeaders) v->push_back(atom_intern(name));
    return v;
  }();
  static const std::vector<Term>* methods = [] {
    auto* v = new std::vector<Term>;
    for (std::string_view name : kHttpMethods) v->push_back(atom_intern(name));
    return v;
  }();
  return (*(line.kind == HttpLine::Header ? headers : methods))[static_cast<u32>(line.known)];
}

u64 http_words(const Maker& m, const HttpLine& line) {
  return kMostTuples + m.words(line.name) + m.words(line.raw_name) + m.words(line.text) +
         m.words(line.uri.first) + m.words(line.uri.second);
}

Term http_term(Maker& m, Builder& b, const HttpLine& line) {
  auto version = [&] { return b.tuple({Term::small(line.major), Term::small(line.minor)}); };
  auto name = [&] { return line.known >= 0 ? known_atom(line) : m.make(b, line.name); };
  switch (line.kind) {
    case HttpLine::Response: {
      Term v = version();
      return b.tuple({am::http_response, v, Term::small(line.status), m.make(b, line.text)});
    }
    case HttpLine::Request: {
      Term method = name();
      Term uri = uri_term(m, b, line.uri);
      return b.tuple({am::http_request, method, uri, version()});
    }
    case HttpLine::Header: {
      Term n = name();
      Term raw = m.make(b, line.raw_name);
      return b.tuple({am::http_header, Term::small(line.known + 1), n, raw, m.make(b, line.text)});
    }
    case HttpLine::EndOfHeaders:
      return am::http_eoh;
    case HttpLine::Bad:
      return b.tuple({am::http_error, m.make(b, line.text)});
  }
  return Term::nil();
}

}  // namespace

BifResult erlang_decode_packet_3(Process& p, Term* args) {
  PacketKind kind;
  PacketLimits limits;
  if (!packet_kind(args[0], &kind)) return raise_badarg_cause(p, am::badopt);
  if (!args[1].is_bitstring() || !packet_options(args[2], kind, &limits)) return raise_badarg(p);
  // A heap binary moves at the reservation below, so it is parsed in a copy; bits after the last
  // whole byte go into the rest.
  Bits bits = bits_of(args[1]);
  u64 extra_bits = bits.bit_size & 7;
  std::vector<u8> copy;
  const u8* bytes = bits.base;
  u64 size = bits.byte_size();
  if (bits.bit_offset != 0 || binary_base(args[1]).base.boxed_tag() == BoxedTag::HeapBinary) {
    copy.resize(size + 1);
    copy_bits_out(copy.data(), bits.base, bits.bit_offset, size * 8);
    bytes = copy.data();
  }
  i64 length = packet_length(kind, bytes, size, limits, false);
  if (length < 0) {
    Builder b = p.reserve(tuple_words(2));
    return b.tuple({am::error, am::invalid});
  }
  if (length == 0 || static_cast<u64>(length) > size) {
    Builder b = p.reserve(tuple_words(2));
    return b.tuple({am::more, length == 0 ? am::undefined : Term::small(length)});
  }
  u64 n = static_cast<u64>(length);
  p.bump_reductions(static_cast<i64>(n / 1024));
  bool is_http = kind == PacketKind::Http || kind == PacketKind::Httph ||
                 kind == PacketKind::HttpBin || kind == PacketKind::HttphBin;
  bool as_binaries = kind == PacketKind::HttpBin || kind == PacketKind::HttphBin;
  Maker m(p, args[1], bytes, size, as_binaries);
  u64 words = tuple_words(3) + 2 * kSubBinaryWords;
  HttpLine line;
  TlsRecord record;
  if (is_http) {
    bool in_headers = kind == PacketKind::Httph || kind == PacketKind::HttphBin;
    http_parse(bytes, n, &in_headers, &line);
    words += http_words(m, line);
  } else if (kind == PacketKind::SslTls) {
    record = tls_parse(bytes, n);
    words += binary_words(record.body.size() + record.prefix_size) + tuple_words(2) + tuple_words(5);
  }
  Builder b = p.reserve(words);
  Term packet;
  if (is_http) {
    packet = http_term(m, b, line);
  } else if (kind == PacketKind::SslTls) {
    u8* to;
    Term body = b.binary_uninitialized(record.body.size() + record.prefix_size, &to);
    std::memcpy(to, record.prefix, record.prefix_size);
    std::memcpy(to + record.prefix_size, record.body.data(), record.body.size());
    Term version = b.tuple({Term::small(record.major), Term::small(record.minor)});
    packet = b.tuple({am::ssl_tls, Term::nil(), Term::small(record.type), version, body});
  } else {
    std::string_view body = packet_body(kind, bytes, n);
    packet = m.part(b, body.data(), body.size() * 8);
  }
  return b.tuple({am::ok, packet, m.part(b, bytes + n, (size - n) * 8 + extra_bits)});
}

}  // namespace lintel
