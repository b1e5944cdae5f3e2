// Packets in a stream of bytes: where one ends, and what an HTTP line or a TLS record says. For
// erlang:decode_packet/3 and for sockets in a packet mode. The formats are described under
// inet:setopts/2 and erlang:decode_packet/3. Nothing here knows terms.
#pragma once
#include <string_view>

#include "vm/base/types.h"

namespace lintel {

enum class PacketKind : u8 {
  Raw, One, Two, Four, Asn1, SunRm, Cdr, Fcgi, Line, Tpkt, Http, Httph, HttpBin, HttphBin, SslTls,
};

struct PacketLimits {
  u32 packet_size = 0;  // 0: none
  u32 line_length = 0;  // longer lines are cut; 0: none
  u8 delimiter = '\n';
};

// Length of the first packet, header included, which may be more than is there; 0 when that cannot
// be told yet, -1 when the bytes are no such packet. `in_headers`: an HTTP stream is past its first
// line.
i64 packet_length(PacketKind kind, const u8* bytes, u64 size, const PacketLimits& limits,
                  bool in_headers);

// The part of a whole packet that is delivered.
std::string_view packet_body(PacketKind kind, const u8* packet, u64 length);

// ---- HTTP ----

inline constexpr u32 kHttpHeaderCount = 52;
extern const std::string_view kHttpHeaders[kHttpHeaderCount];  // those that are delivered as atoms
inline constexpr u32 kHttpMethodCount = 7;
extern const std::string_view kHttpMethods[kHttpMethodCount];

struct HttpUri {
  enum Kind { Star, AbsPath, Http, Https, Other, Scheme } kind = Star;
  std::string_view first;   // path, host, text, or scheme
  std::string_view second;  // path, or what follows the scheme
  u32 port = 0;             // 0: not given
};

struct HttpLine {
  enum Kind { Response, Request, Header, EndOfHeaders, Bad } kind = Bad;
  i32 major = 0;
  i32 minor = 0;
  i32 status = 0;
  i32 known = -1;              // index in kHttpMethods or kHttpHeaders
  std::string_view name;       // method; header as it is delivered; `own` when it is not known
  std::string_view raw_name;   // header as it was sent
  std::string_view text;       // phrase; header's value; the whole line when Bad
  HttpUri uri;
  char own[50];
};
// Reads a whole line (with folded continuation lines). *in_headers is what comes next.
void http_parse(const u8* line, u64 length, bool* in_headers, HttpLine* out);

// ---- TLS ----

struct TlsRecord {
  u8 type;
  u8 major;
  u8 minor;
  u8 prefix[4];      // to be put in front of the body
  u32 prefix_size;
  std::string_view body;
};
TlsRecord tls_parse(const u8* packet, u64 length);

}  // namespace lintel
