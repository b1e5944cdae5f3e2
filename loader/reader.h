// A cursor over one chunk that remembers the first thing that went wrong, with its place.
//
// Reads past the end and refused values set the error and make every later read return zeros, so
// callers check `ok()` where it matters (loop conditions, before using an index) and not at every
// byte. Internal to the loader.
#pragma once
#include <span>
#include <string>

#include "loader/beam_file.h"

namespace lintel::loader {

class Reader {
 public:
  Reader(const char* chunk, std::span<const u8> data, LoadError& error)
      : begin_(data.data()), at_(begin_), end_(begin_ + data.size()), chunk_(chunk), error_(error) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == end_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  u64 offset() const { return static_cast<u64>(at_ - begin_); }

  u8 read_u8() {
    if (VM_UNLIKELY(at_ == end_)) return fail("data ends too soon"), 0;
    return *at_++;
  }
  // For callers that read a stretch on their own: from cursor(), `left()` bytes.
  const u8* cursor() const { return at_; }
  void seek(const u8* p) { at_ = p; }
  u64 offset_of(const u8* p) const { return static_cast<u64>(p - begin_); }
  u32 read_u16() {
    if (VM_UNLIKELY(left() < 2)) return fail("data ends too soon"), 0;
    const u32 v = u32{at_[0]} << 8 | at_[1];
    at_ += 2;
    return v;
  }
  u32 read_u32() {
    if (VM_UNLIKELY(left() < 4)) return fail("data ends too soon"), 0;
    u32 v;
    __builtin_memcpy(&v, at_, 4);
    at_ += 4;
    return __builtin_bswap32(v);
  }
  i64 read_i64() {
    const u64 high = read_u32();
    return static_cast<i64>(high << 32 | read_u32());
  }
  std::span<const u8> read_bytes(size_t n) {
    if (VM_UNLIKELY(left() < n)) return fail("data ends too soon"), std::span<const u8>{};
    const u8* p = at_;
    at_ += n;
    return {p, n};
  }

  // A count of items of at least `min_bytes` each; refused when they cannot be in the data.
  u32 read_count(size_t min_bytes) {
    const u64 at = offset();
    const u32 n = read_u32();
    if (n > left() / min_bytes) return fail_at(at, "count is larger than the data"), 0;
    return n;
  }

  VM_COLD void fail(std::string message) { fail_at(offset(), std::move(message)); }
  VM_COLD void fail_at(u64 offset, std::string message);

 private:
  const u8* begin_;
  const u8* at_;
  const u8* end_;
  const char* chunk_;
  LoadError& error_;
  bool ok_ = true;
};

// The compact term encoding: three bits of tag, and a number of 4 bits, 11 bits or whole bytes.
enum class Tag : u8 { u, i, atom, x, y, f, character, extended };

struct CompactTerm {
  Tag tag;
  bool is_wide;               // true: too large for `value`, see `wide`
  i64 value;                  // never negative unless tag is i
  std::span<const u8> wide;   // two's complement, most significant byte first
};

CompactTerm read_compact_slow(Reader& in, u8 first);

inline CompactTerm read_compact(Reader& in) {
  const u8 first = in.read_u8();
  if (VM_LIKELY((first & 0x08) == 0)) return {static_cast<Tag>(first & 7), false, first >> 4, {}};
  if (VM_LIKELY((first & 0x10) == 0)) {
    return {static_cast<Tag>(first & 7), false, (first & 0xe0) << 3 | in.read_u8(), {}};
  }
  return read_compact_slow(in, first);
}

// Appends to file.code, file.operands, file.bigs and file.allocs. `in` stands behind the Code
// chunk's header; every other table of the file has been read.
struct DecodeOptions {
  u32 otp_release;
  bool use_type_hints;  // false: the type table is absent or foreign, so indices in it mean nothing
  bool has_lines;       // false: likewise for the line table
};
bool decode_code(Reader& in, BeamFile& file, const DecodeOptions& options);

std::string format(const char* format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace lintel::loader
