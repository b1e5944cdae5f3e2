// Bit strings: every operation against a plain model, one bit at a time.
#include "vm/ops/bits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "vm/heap/fragment.h"
#include "vm/term/big.h"

namespace lintel {
namespace {

using Model = std::vector<bool>;

bool bit_at(const u8* p, u64 i) { return (p[i / 8] >> (7 - i % 8) & 1) != 0; }
Model bits_model(const u8* p, u64 offset, u64 n) {
  Model m;
  for (u64 i = 0; i < n; i++) m.push_back(bit_at(p, offset + i));
  return m;
}
u64 number_of(const Model& m) {
  u64 v = 0;
  for (bool b : m) v = v << 1 | (b ? 1 : 0);
  return v;
}
// The model of a little-endian field in the order of a big-endian one.
Model little_to_big(const Model& m) {
  Model r;
  u64 rest = m.size() % 8;
  r.insert(r.end(), m.end() - static_cast<i64>(rest), m.end());
  for (u64 i = m.size() / 8; i-- > 0;) {
    r.insert(r.end(), m.begin() + static_cast<i64>(i * 8), m.begin() + static_cast<i64>(i * 8 + 8));
  }
  return r;
}

struct Bytes {
  std::vector<u8> v;
  explicit Bytes(u64 n, u32 seed) : v(n) {
    std::mt19937 random(seed);
    for (u8& b : v) b = static_cast<u8>(random());
  }
  u8* data() { return v.data(); }
};

TEST(Bits, LoadAndStore) {
  for (u64 offset = 0; offset < 17; offset++) {
    for (u32 n = 1; n <= 64; n++) {
      // Exactly the bytes needed, so that a sanitizer sees an overread.
      Bytes from((offset + n + 7) / 8, n);
      Model m = bits_model(from.data(), offset, n);
      ASSERT_EQ(bits_load(from.data(), offset, n), number_of(m)) << offset << " " << n;
      ASSERT_EQ(bits_load_little(from.data(), offset, n), number_of(little_to_big(m)));
      Bytes to(from.v.size(), 77);
      Bytes before = to;
      bits_store(to.data(), offset, number_of(m) | (n < 64 ? ~u64{0} << n : 0), n);
      ASSERT_EQ(bits_model(to.data(), offset, n), m);
      ASSERT_EQ(bits_model(to.data(), 0, offset), bits_model(before.data(), 0, offset));
      u64 end = to.v.size() * 8;
      ASSERT_EQ(bits_model(to.data(), offset + n, end - offset - n),
                bits_model(before.data(), offset + n, end - offset - n));
    }
  }
}

TEST(Bits, Copy) {
  for (u64 t = 0; t < 9; t++) {
    for (u64 f = 0; f < 9; f++) {
      for (u64 n = 0; n < 200; n += n < 20 ? 1 : 7) {
        Bytes from((f + n + 7) / 8, 5);
        Bytes to((t + n + 7) / 8, 6);
        Bytes before = to;
        bits_copy(to.data(), t, from.data(), f, n);
        ASSERT_EQ(bits_model(to.data(), t, n), bits_model(from.data(), f, n));
        ASSERT_EQ(bits_model(to.data(), 0, t), bits_model(before.data(), 0, t));
        u64 end = to.v.size() * 8;
        ASSERT_EQ(bits_model(to.data(), t + n, end - t - n),
                  bits_model(before.data(), t + n, end - t - n));
        ASSERT_TRUE(bits_equal(to.data(), t, from.data(), f, n));
        if (n != 0) {
          to.v[(t + n - 1) / 8] ^= static_cast<u8>(1 << (7 - (t + n - 1) % 8));
          ASSERT_FALSE(bits_equal(to.data(), t, from.data(), f, n));
        }
      }
    }
  }
}

// The integer put into a field is the one that comes out of it, and the bits are the model's.
TEST(Bits, Integers) {
  for (u64 n : {1u, 7u, 8u, 9u, 31u, 60u, 61u, 63u, 64u, 65u, 71u, 72u, 128u, 130u, 511u, 2100u}) {
    for (u64 offset : {0u, 3u, 8u}) {
      for (u32 flags = 0; flags < 8; flags += 2) {
        for (u32 seed = 0; seed < 4; seed++) {
          Fragment* fragment = fragment_new(4096);
          Builder b = fragment->builder();
          Bytes from((offset + n + 7) / 8, seed);
          Term* top = b.top();
          Term t = bits_get_integer(from.data(), offset, n, flags, b);
          ASSERT_LE(static_cast<u64>(b.top() - top), bits_get_integer_words(n));
          Model m = bits_model(from.data(), offset, n);
          if (flags & kBitLittle) m = little_to_big(m);
          IntegerView view(t);
          bool negative = (flags & kBitSigned) != 0 && m[0];
          ASSERT_EQ(view.negative(), negative);
          if (n <= 64) {
            i64 want = negative ? bits_sign_extend(number_of(m), static_cast<u32>(n))
                                : static_cast<i64>(number_of(m));
            i64 got;
            u64 ugot;
            if (negative) {
              ASSERT_TRUE(integer_to_i64(t, &got));
              ASSERT_EQ(got, want);
            } else {
              ASSERT_TRUE(integer_to_u64(t, &ugot));
              ASSERT_EQ(static_cast<i64>(ugot), want);
            }
          }
          Bytes to(from.v.size(), 99);
          bits_put_integer(to.data(), offset, n, flags, t);
          ASSERT_EQ(bits_model(to.data(), offset, n), bits_model(from.data(), offset, n))
              << n << " " << offset << " " << flags;
          // Wider fields repeat the sign.
          Bytes wide((n + 70 + 7) / 8, 3);
          bits_put_integer(wide.data(), 0, n + 70, 0, t);
          Model w = bits_model(wide.data(), 0, n + 70);
          for (u64 i = 0; i < 70; i++) ASSERT_EQ(w[i], negative);
          ASSERT_EQ(Model(w.begin() + 70, w.end()), m);
          fragments_free(fragment);
        }
      }
    }
  }
}

TEST(Bits, Halves) {
  EXPECT_EQ(half_from_double(1.0), 0x3c00);
  EXPECT_EQ(half_from_double(65504.0), 0x7bff);
  EXPECT_EQ(half_from_double(65519.99), 0x7bff);
  EXPECT_EQ(half_from_double(65520.0), 0x7c00);
  EXPECT_EQ(half_from_double(1.0e-7), 2);
  EXPECT_EQ(half_from_double(2.98023223876953125e-8), 0);
  EXPECT_EQ(half_from_double(2.9802322387695316e-8), 1);
  EXPECT_EQ(half_from_double(1.00048828125), 0x3c00);
  EXPECT_EQ(half_from_double(1.00048828125000022), 0x3c01);
  EXPECT_EQ(half_from_double(1.00146484375), 0x3c02);
  EXPECT_EQ(half_from_double(6.1e-5), 0x03ff);
  EXPECT_EQ(half_from_double(-0.0), 0x8000);
  EXPECT_EQ(half_from_double(-2.5), 0xc100);
  for (u32 h = 0; h < 0x10000; h++) {
    double d = half_to_double(static_cast<u16>(h));
    if (std::isfinite(d)) ASSERT_EQ(half_from_double(d), h);
  }
}

TEST(Bits, Floats) {
  for (u64 offset : {0u, 5u}) {
    for (u32 flags : {0u, 2u}) {
      for (u32 n : {16u, 32u, 64u}) {
        u8 bytes[10] = {};
        double d;
        bits_put_float(bytes, offset, n, flags, -1.5);
        ASSERT_TRUE(bits_get_float(bytes, offset, n, flags, &d));
        ASSERT_EQ(d, -1.5);
        if (n != 64) {
          bits_put_float(bytes, offset, n, flags, 1.0e300);
          ASSERT_FALSE(bits_get_float(bytes, offset, n, flags, &d));
        }
      }
    }
  }
}

TEST(Bits, Characters) {
  for (u32 c = 0; c < 0x110400; c += c < 0x3000 ? 1 : 0x101) {
    for (u64 offset : {0u, 3u}) {
      u8 bytes[6] = {};
      u32 got = 0;
      if (!is_unicode_scalar(c)) {
        bits_store(bytes, offset, c, 32);
        ASSERT_EQ(bits_get_utf32(bytes, offset, 32, 0, &got), 0u);
        continue;
      }
      u32 n = bits_put_utf8(bytes, offset, c);
      ASSERT_EQ(n, utf8_bytes(c) * 8);
      ASSERT_EQ(bits_get_utf8(bytes, offset, n, &got), n);
      ASSERT_EQ(got, c);
      ASSERT_EQ(bits_get_utf8(bytes, offset, n - 1, &got), 0u);
      for (u32 flags : {0u, 2u}) {
        n = bits_put_utf16(bytes, offset, flags, c);
        ASSERT_EQ(n, utf16_bytes(c) * 8);
        ASSERT_EQ(bits_get_utf16(bytes, offset, n, flags, &got), n);
        ASSERT_EQ(got, c);
        ASSERT_EQ(bits_get_utf16(bytes, offset, n - 1, flags, &got), 0u);
      }
    }
  }
  auto utf8 = [](std::initializer_list<u8> bytes) {
    u32 c;
    return bits_get_utf8(bytes.begin(), 0, bytes.size() * 8, &c);
  };
  EXPECT_EQ(utf8({0xc0, 0x80}), 0u);
  EXPECT_EQ(utf8({0xe0, 0x9f, 0xbf}), 0u);
  EXPECT_EQ(utf8({0xed, 0xa0, 0x80}), 0u);
  EXPECT_EQ(utf8({0xf0, 0x8f, 0xbf, 0xbf}), 0u);
  EXPECT_EQ(utf8({0xf4, 0x90, 0x80, 0x80}), 0u);
  EXPECT_EQ(utf8({0xf5, 0x80, 0x80, 0x80}), 0u);
  EXPECT_EQ(utf8({0x80}), 0u);
  EXPECT_EQ(utf8({0xe2, 0x82}), 0u);
  EXPECT_EQ(utf8({0xef, 0xbf, 0xbf}), 24u);
}

}  // namespace
}  // namespace lintel
