// What the loader and the engines agree on for binaries: the flags of a field, and the segments that
// follow a bs_create_bin operation.
//
// A segment of bs_create_bin is three words of the operation's tail:
//
//   word 0   BsSegment::head: kind | flags << 8 | unit << 16 | number << 32
//   word 1   the value as a source operand; for Str the address of the bytes
//   word 2   the size as a source operand; for the Fixed kinds and Str the number of bits
#pragma once
#include "vm/base/types.h"

namespace lintel {

// Flags of a field, as the compiler writes them.
enum BitFlags : u32 {
  kBitLittle = 2,
  kBitSigned = 4,
  kBitNative = 16,
};
constexpr bool bits_little(u32 flags) { return (flags & (kBitLittle | kBitNative)) != 0; }

// A field of at most this many bits always fits a small.
inline constexpr u32 kSmallFieldBits = 59;

enum class BsKind : u8 {
  Append,         // first only: value is the binary that grows
  PrivateAppend,  // the same, of a binary that nobody else holds
  BinaryAll,
  Binary,
  BinaryFixed,
  Integer,
  IntegerFixed,
  Float,
  FloatFixed,
  Str,
  Utf8,
  Utf16,
  Utf32,
};

struct BsSegment {
  Word head;
  Word value;
  Word size;
  BsKind kind() const { return static_cast<BsKind>(head & 0xff); }
  u32 flags() const { return head >> 8 & 0xff; }
  u32 unit() const { return head >> 16 & 0xffff; }
  u32 number() const { return static_cast<u32>(head >> 32); }
  static constexpr Word make_head(BsKind kind, u32 flags, u32 unit, u32 number) {
    return static_cast<Word>(kind) | Word{flags & 0xff} << 8 | Word{unit & 0xffff} << 16 |
           Word{number} << 32;
  }
};
inline constexpr u32 kBsSegmentWords = 3;
static_assert(sizeof(BsSegment) == kBsSegmentWords * kWordBytes);

// The operand of bs_create_bin for a size that is known only when it runs.
inline constexpr u32 kBsNotFixed = ~u32{0};

// A field of bs_get_integers: one word of the tail. `d` is a register operand; a field that is only
// skipped has kBsSkip.
struct BsField {
  Word word;
  static constexpr u32 kBsSkip = 2;  // no register's operand: those are multiples of 8, or that plus 1
  u32 d() const { return static_cast<u32>(word); }
  u32 bits() const { return word >> 32 & 0xff; }
  u32 flags() const { return static_cast<u32>(word >> 40); }
  static constexpr Word make(u32 d, u32 bits, u32 flags) {
    return d | Word{bits} << 32 | Word{flags} << 40;
  }
};

}  // namespace lintel
