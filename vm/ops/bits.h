// Bit strings, free of any engine: reading and writing integers, floats, characters and runs of bits
// at any bit offset. Bit 0 is the most significant bit of byte 0, as in the language's bit syntax.
//
// A little-endian field of n bits is n / 8 whole bytes, least significant first, then the n % 8 most
// significant bits of the value. "Native" is little-endian on every machine that this runs on.
//
// None of this allocates in a heap except where a Builder is passed. Nothing reads or writes a byte
// that holds no bit of the field; bits of the first and last byte outside the field are kept.
#pragma once
#include <bit>

#include "vm/code/bs_format.h"
#include "vm/heap/builder.h"
#include "vm/term/term.h"

namespace lintel {

static_assert(std::endian::native == std::endian::little);

// The largest number of bits a binary may be built with: above it system_limit is raised.
inline constexpr u64 kMaxBinaryBits = u64{1} << 44;

// ---- small fields: 1..64 bits, big-endian, not sign-extended ----

template <u32 n>
VM_ALWAYS_INLINE u64 bits_load_aligned(const u8* p) {
  static_assert(n == 8 || n == 16 || n == 32);
  if constexpr (n == 8) return *p;
  u32 v = 0;
  std::memcpy(&v, p, n / 8);
  return n == 16 ? __builtin_bswap16(static_cast<u16>(v)) : __builtin_bswap32(v);
}
u64 bits_load_slow(const u8* base, u64 offset, u32 n);
inline u64 bits_load(const u8* base, u64 offset, u32 n) {
  if (VM_LIKELY(((offset | n) & 7) == 0)) {
    const u8* p = base + offset / 8;
    switch (n) {
      case 8:
        return *p;
      case 16: {
        u16 v;
        std::memcpy(&v, p, 2);
        return __builtin_bswap16(v);
      }
      case 32: {
        u32 v;
        std::memcpy(&v, p, 4);
        return __builtin_bswap32(v);
      }
      case 64: {
        u64 v;
        std::memcpy(&v, p, 8);
        return __builtin_bswap64(v);
      }
      default:
        break;
    }
  }
  return bits_load_slow(base, offset, n);
}
// The low n bits of value.
void bits_store_slow(u8* to, u64 offset, u64 value, u32 n);
inline void bits_store(u8* to, u64 offset, u64 value, u32 n) {
  if (VM_LIKELY(((offset | n) & 7) == 0)) {
    u8* p = to + offset / 8;
    switch (n) {
      case 8:
        *p = static_cast<u8>(value);
        return;
      case 16: {
        u16 v = __builtin_bswap16(static_cast<u16>(value));
        std::memcpy(p, &v, 2);
        return;
      }
      case 32: {
        u32 v = __builtin_bswap32(static_cast<u32>(value));
        std::memcpy(p, &v, 4);
        return;
      }
      case 64: {
        u64 v = __builtin_bswap64(value);
        std::memcpy(p, &v, 8);
        return;
      }
      default:
        break;
    }
  }
  bits_store_slow(to, offset, value, n);
}

// The same field read as little-endian.
u64 bits_load_little(const u8* base, u64 offset, u32 n);
inline i64 bits_sign_extend(u64 value, u32 n) {
  return static_cast<i64>(value << (64 - n)) >> (64 - n);
}
// Any field of 1..64 bits as the term's value; an unsigned one of 64 bits comes back as its bits.
inline u64 bits_load_field(const u8* base, u64 offset, u32 n, u32 flags) {
  u64 v = bits_little(flags) ? bits_load_little(base, offset, n) : bits_load(base, offset, n);
  return flags & kBitSigned ? static_cast<u64>(bits_sign_extend(v, n)) : v;
}

// ---- runs of bits ----

// The runs do not overlap.
void bits_copy(u8* to, u64 to_offset, const u8* from, u64 from_offset, u64 n);
// Whether n bits are equal.
bool bits_equal(const u8* a, u64 a_offset, const u8* b, u64 b_offset, u64 n);

// ---- integers of any size ----

inline u64 bits_get_integer_words(u64 n) { return n <= kSmallFieldBits ? 0 : 2 + (n + 63) / 64; }
// none() when the integer is beyond the limit of bignums.
Term bits_get_integer(const u8* base, u64 offset, u64 n, u32 flags, Builder& heap);
// The low n bits of an integer, sign-extended where n is larger.
void bits_put_integer(u8* to, u64 offset, u64 n, u32 flags, Term integer);

// ---- floats of 16, 32 and 64 bits ----

constexpr bool bits_float_size_ok(u64 n) { return n == 16 || n == 32 || n == 64; }
// False for infinities and NaNs.
[[nodiscard]] bool bits_get_float(const u8* base, u64 offset, u32 n, u32 flags, double* out);
// Too large a value becomes an infinity of the size.
void bits_put_float(u8* to, u64 offset, u32 n, u32 flags, double value);
u16 half_from_double(double value);
double half_to_double(u16 half);

// ---- characters ----

constexpr bool is_unicode_scalar(u64 c) { return c < 0xd800 || (c > 0xdfff && c < 0x110000); }
// Each returns the number of bits consumed (0: no valid character here) and the character.
// `available` counts the bits from `offset`.
u32 bits_get_utf8(const u8* base, u64 offset, u64 available, u32* character);
u32 bits_get_utf16(const u8* base, u64 offset, u64 available, u32 flags, u32* character);
u32 bits_get_utf32(const u8* base, u64 offset, u64 available, u32 flags, u32* character);
// Bytes of a character's encoding, for scalars.
constexpr u32 utf8_bytes(u32 c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }
constexpr u32 utf16_bytes(u32 c) { return c < 0x10000 ? 2 : 4; }
// Writes utf8_bytes(c) bytes.
inline u32 utf8_encode(u8* to, u32 c) {
  if (c < 0x80) {
    to[0] = static_cast<u8>(c);
    return 1;
  }
  if (c < 0x800) {
    to[0] = static_cast<u8>(0xc0 | c >> 6);
    to[1] = static_cast<u8>(0x80 | (c & 0x3f));
    return 2;
  }
  if (c < 0x10000) {
    to[0] = static_cast<u8>(0xe0 | c >> 12);
    to[1] = static_cast<u8>(0x80 | (c >> 6 & 0x3f));
    to[2] = static_cast<u8>(0x80 | (c & 0x3f));
    return 3;
  }
  to[0] = static_cast<u8>(0xf0 | c >> 18);
  to[1] = static_cast<u8>(0x80 | (c >> 12 & 0x3f));
  to[2] = static_cast<u8>(0x80 | (c >> 6 & 0x3f));
  to[3] = static_cast<u8>(0x80 | (c & 0x3f));
  return 4;
}
// Each writes a scalar and returns its bits.
u32 bits_put_utf8(u8* to, u64 offset, u32 character);
u32 bits_put_utf16(u8* to, u64 offset, u32 flags, u32 character);

// ---- parts as terms ----

// Whole bytes up to a heap binary's limit are copied out; anything else is a sub binary that keeps
// its base alive. This is the stock VM's rule, and referenced_byte_size shows it.
constexpr bool bits_part_is_copied(u64 n) { return (n & 7) == 0 && n / 8 <= kMaxHeapBinary; }
constexpr u64 bits_part_words(u64 n) {
  return bits_part_is_copied(n) ? heap_binary_words(n / 8) : kSubBinaryWords;
}
// n bits at bit `offset` of `base`, a heap or refc binary.
Term bits_part(Builder& heap, Term base, u64 offset, u64 n);

inline const u8* base_bytes(Term base) {
  return base.boxed_tag() == BoxedTag::HeapBinary ? view<HeapBinary>(base)->bytes
                                                  : view<RefcBinary>(base)->data->bytes;
}

}  // namespace lintel
