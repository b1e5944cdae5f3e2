#include "vm/ops/bits.h"

#include <cmath>

#include "vm/base/alloc.h"
#include "vm/term/big.h"
#include "vm/term/compare.h"

namespace lintel {

// ---- small fields ----

u64 bits_load_slow(const u8* base, u64 offset, u32 n) {
  const u8* p = base + offset / 8;
  u32 skip = offset & 7;
  u32 bytes = (skip + n + 7) / 8;  // up to 9
  if (bytes == 9) {
    u64 v;
    std::memcpy(&v, p, 8);
    v = __builtin_bswap64(v) << skip | p[8] >> (8 - skip);
    return v >> (64 - n);
  }
  u64 v = 0;
  for (u32 i = 0; i < bytes; i++) v = v << 8 | p[i];
  v >>= bytes * 8 - skip - n;
  return n == 64 ? v : v & ((u64{1} << n) - 1);
}

u64 bits_load_little(const u8* base, u64 offset, u32 n) {
  if ((offset & 7) == 0 && n == 64) {
    u64 v;
    std::memcpy(&v, base + offset / 8, 8);
    return v;
  }
  u64 v = 0;
  u32 shift = 0;
  for (; shift + 8 <= n; shift += 8) v |= bits_load(base, offset + shift, 8) << shift;
  if (shift < n) v |= bits_load(base, offset + shift, n - shift) << shift;
  return v;
}

void bits_store_slow(u8* to, u64 offset, u64 value, u32 n) {
  u8* p = to + offset / 8;
  u32 skip = offset & 7;
  if (skip == 0 && (n & 7) == 0) {
    for (u32 shift = n; shift != 0;) {
      shift -= 8;
      *p++ = static_cast<u8>(value >> shift);
    }
    return;
  }
  u32 left = n;
  while (left != 0) {
    u32 take = 8 - skip < left ? 8 - skip : left;
    u32 down = 8 - skip - take;
    u32 mask = ((1u << take) - 1) << down;
    u32 bits = static_cast<u32>(value >> (left - take)) << down;
    *p = static_cast<u8>((*p & ~mask) | (bits & mask));
    p++;
    left -= take;
    skip = 0;
  }
}

// ---- runs ----

void bits_copy(u8* to, u64 to_offset, const u8* from, u64 from_offset, u64 n) {
  if (n == 0) return;
  to += to_offset / 8;
  from += from_offset / 8;
  u32 t = to_offset & 7;
  u32 f = from_offset & 7;
  if (t != 0) {
    u32 head = 8 - t < n ? 8 - t : static_cast<u32>(n);
    bits_store(to, t, bits_load(from, f, head), head);
    n -= head;
    if (n == 0) return;
    to++;
    f += head;
    from += f / 8;
    f &= 7;
  }
  u64 whole = n / 8;
  if (f == 0) {
    std::memcpy(to, from, whole);
  } else {
    u64 i = 0;
    for (; i + 8 <= whole; i += 8) {
      u64 v;
      std::memcpy(&v, from + i, 8);
      v = __builtin_bswap64(v) << f | from[i + 8] >> (8 - f);
      v = __builtin_bswap64(v);
      std::memcpy(to + i, &v, 8);
    }
    for (; i < whole; i++) to[i] = static_cast<u8>(from[i] << f | from[i + 1] >> (8 - f));
  }
  u32 rest = n & 7;
  if (rest != 0) bits_store(to + whole, 0, bits_load(from + whole, f, rest), rest);
}

bool bits_equal(const u8* a, u64 a_offset, const u8* b, u64 b_offset, u64 n) {
  if (n == 0) return true;
  Bits x{a + a_offset / 8, static_cast<u32>(a_offset & 7), n};
  Bits y{b + b_offset / 8, static_cast<u32>(b_offset & 7), n};
  return compare_bits(x, y, n) == 0;
}

// ---- integers ----

namespace {

// A byte buffer that is on the stack for the usual sizes.
class ByteBuffer {
 public:
  explicit ByteBuffer(u64 n) : bytes_(n <= sizeof own_ ? own_ : static_cast<u8*>(vm_alloc(n))) {}
  ~ByteBuffer() {
    if (bytes_ != own_) vm_free(bytes_);
  }
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  u8* get() { return bytes_; }

 private:
  u8 own_[256];
  u8* bytes_;
};

}  // namespace

Term bits_get_integer(const u8* base, u64 offset, u64 n, u32 flags, Builder& heap) {
  if (n == 0) return Term::small(0);
  if (n <= 64) {
    u64 v = bits_load_field(base, offset, static_cast<u32>(n), flags);
    return flags & kBitSigned ? heap.integer(static_cast<i64>(v)) : heap.unsigned_integer(v);
  }
  bool little = bits_little(flags);
  u64 count = (n + 7) / 8;
  u32 odd = n & 7;  // bits in the most significant byte, when not all eight
  ByteBuffer buffer(count);
  u8* bytes = buffer.get();
  u8* top = little ? bytes + count - 1 : bytes;
  *top = 0;
  bits_copy(bytes, little || odd == 0 ? 0 : 8 - odd, base, offset, n);
  if (little && odd != 0) *top = static_cast<u8>(*top >> (8 - odd));
  bool negative = (flags & kBitSigned) != 0 && (*top >> ((odd == 0 ? 8 : odd) - 1) & 1) != 0;
  if (negative) {
    if (odd != 0) *top = static_cast<u8>(*top | 0xff << odd);
    u32 carry = 1;
    for (u64 i = 0; i < count; i++) {
      u8& b = bytes[little ? i : count - 1 - i];
      carry += static_cast<u8>(~b);
      b = static_cast<u8>(carry);
      carry >>= 8;
    }
    // Only -2^(8 * count) would carry out, and it needs one bit more than the field has.
  }
  return integer_from_bytes(negative, bytes, count, little, heap);
}

void bits_put_integer(u8* to, u64 offset, u64 n, u32 flags, Term integer) {
  if (n == 0) return;
  bool little = bits_little(flags);
  if (VM_LIKELY(integer.is_small() && n <= 64)) {
    u64 v = static_cast<u64>(integer.small_value());
    u32 bits = static_cast<u32>(n);
    if (!little) {
      bits_store(to, offset, v, bits);
      return;
    }
    u32 done = 0;
    for (; done + 8 <= bits; done += 8) bits_store(to, offset + done, v >> done, 8);
    if (done < bits) bits_store(to, offset + done, v >> done, bits - done);
    return;
  }
  // Two's complement, least significant byte first, one byte at a time from the limbs.
  IntegerView value(integer);
  u64 count = (n + 7) / 8;
  u32 odd = n & 7;
  u32 carry = value.negative() ? 1 : 0;
  u32 flip = value.negative() ? 0xff : 0;
  auto next = [&](u64 i) {
    u64 limb = i / 8;
    u32 byte = limb < value.count() ? static_cast<u8>(value.limbs()[limb] >> (i % 8 * 8)) : 0;
    carry += byte ^ flip;
    u8 result = static_cast<u8>(carry);
    carry >>= 8;
    return result;
  };
  if ((offset & 7) == 0 && odd == 0) {
    u8* p = to + offset / 8;
    for (u64 i = 0; i < count; i++) p[little ? i : count - 1 - i] = next(i);
    return;
  }
  ByteBuffer buffer(count);
  u8* bytes = buffer.get();
  for (u64 i = 0; i < count; i++) bytes[little ? i : count - 1 - i] = next(i);
  if (little) {
    if (odd != 0) bytes[count - 1] = static_cast<u8>(bytes[count - 1] << (8 - odd));
    bits_copy(to, offset, bytes, 0, n);
  } else {
    bits_copy(to, offset, bytes, odd == 0 ? 0 : 8 - odd, n);
  }
}

// ---- floats ----

double half_to_double(u16 half) {
  u32 exponent = half >> 10 & 31;
  u32 fraction = half & 0x3ff;
  double v;
  if (exponent == 31) {
    v = fraction == 0 ? HUGE_VAL : std::nan("");
  } else if (exponent == 0) {
    v = std::ldexp(fraction, -24);
  } else {
    v = std::ldexp(fraction | 0x400, static_cast<int>(exponent) - 25);
  }
  return half & 0x8000 ? -v : v;
}

// To nearest, ties to even, in one rounding from the double.
u16 half_from_double(double value) {
  u16 sign = std::signbit(value) ? 0x8000 : 0;
  double magnitude = std::fabs(value);
  if (std::isnan(value)) return static_cast<u16>(sign | 0x7e00);
  if (magnitude >= 65520.0) return static_cast<u16>(sign | 0x7c00);
  // The unit in the last place: 2^-24 for subnormals. Rounding to it is exact in doubles.
  int exponent = magnitude == 0 ? -14 : std::ilogb(magnitude);
  if (exponent < -14) exponent = -14;
  u32 units = static_cast<u32>(std::nearbyint(std::ldexp(magnitude, 10 - exponent)));
  // 0x800 units carry into the next exponent, and the encoding adds up just so.
  u32 bits = units < 0x400 ? units : (static_cast<u32>(exponent + 14) << 10) + units;
  return static_cast<u16>(sign | bits);
}

bool bits_get_float(const u8* base, u64 offset, u32 n, u32 flags, double* out) {
  u64 v = bits_load_field(base, offset, n, flags & ~u32{kBitSigned});
  if (n == 64) {
    std::memcpy(out, &v, 8);
  } else if (n == 32) {
    float f;
    u32 w = static_cast<u32>(v);
    std::memcpy(&f, &w, 4);
    *out = f;
  } else {
    *out = half_to_double(static_cast<u16>(v));
  }
  return std::isfinite(*out);
}

void bits_put_float(u8* to, u64 offset, u32 n, u32 flags, double value) {
  u64 v;
  if (n == 64) {
    std::memcpy(&v, &value, 8);
  } else if (n == 32) {
    float f = static_cast<float>(value);
    u32 w;
    std::memcpy(&w, &f, 4);
    v = w;
  } else {
    v = half_from_double(value);
  }
  if (bits_little(flags)) v = __builtin_bswap64(v) >> (64 - n);
  bits_store(to, offset, v, n);
}

// ---- characters ----

u32 bits_get_utf8(const u8* base, u64 offset, u64 available, u32* character) {
  if (available < 8) return 0;
  u32 first = static_cast<u32>(bits_load(base, offset, 8));
  if (first < 0x80) {
    *character = first;
    return 8;
  }
  u32 more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  if (first < 0xc2 || first > 0xf4 || available < 8 * (more + 1)) return 0;
  u32 c = first & (0x3f >> more);
  for (u32 i = 1; i <= more; i++) {
    u32 next = static_cast<u32>(bits_load(base, offset + 8 * i, 8));
    if ((next & 0xc0) != 0x80) return 0;
    c = c << 6 | (next & 0x3f);
  }
  static constexpr u32 kLeast[] = {0, 0x80, 0x800, 0x10000};
  if (c < kLeast[more] || !is_unicode_scalar(c)) return 0;
  *character = c;
  return 8 * (more + 1);
}

u32 bits_get_utf16(const u8* base, u64 offset, u64 available, u32 flags, u32* character) {
  flags &= ~u32{kBitSigned};
  if (available < 16) return 0;
  u32 first = static_cast<u32>(bits_load_field(base, offset, 16, flags));
  if (first < 0xd800 || first > 0xdfff) {
    *character = first;
    return 16;
  }
  if (first > 0xdbff || available < 32) return 0;
  u32 second = static_cast<u32>(bits_load_field(base, offset + 16, 16, flags));
  if (second < 0xdc00 || second > 0xdfff) return 0;
  *character = 0x10000 + ((first & 0x3ff) << 10 | (second & 0x3ff));
  return 32;
}

u32 bits_get_utf32(const u8* base, u64 offset, u64 available, u32 flags, u32* character) {
  if (available < 32) return 0;
  u64 c = bits_load_field(base, offset, 32, flags & ~u32{kBitSigned});
  if (!is_unicode_scalar(c)) return 0;
  *character = static_cast<u32>(c);
  return 32;
}

u32 bits_put_utf8(u8* to, u64 offset, u32 c) {
  u8 bytes[4];
  u32 n = utf8_encode(bytes, c);
  bits_copy(to, offset, bytes, 0, n * 8);
  return n * 8;
}

u32 bits_put_utf16(u8* to, u64 offset, u32 flags, u32 c) {
  auto unit = [&](u64 at, u32 w) {
    bits_store(to, at, bits_little(flags) ? __builtin_bswap16(static_cast<u16>(w)) : w, 16);
  };
  if (c < 0x10000) {
    unit(offset, c);
    return 16;
  }
  c -= 0x10000;
  unit(offset, 0xd800 | c >> 10);
  unit(offset + 16, 0xdc00 | (c & 0x3ff));
  return 32;
}

// ---- parts ----

Term bits_part(Builder& heap, Term base, u64 offset, u64 n) {
  if (!bits_part_is_copied(n)) return heap.sub_binary(base, offset, n);
  u8* to;
  Term t = heap.binary_uninitialized(n / 8, &to);
  bits_copy(to, 0, base_bytes(base), offset, n);
  return t;
}

}  // namespace lintel
