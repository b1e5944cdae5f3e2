// What the loader and the engines agree on for binaries: the flags of a field, and the segments that
// follow a bs_create_bin operation.
//
// A segment is three words of the operation's tail:
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
inline constexpr u32 kSmallFieldBits = 60;

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

}  // namespace lintel
