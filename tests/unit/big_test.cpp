// Integer arithmetic against results of the stock VM (tests/golden/make_big.escript).
#include "vm/term/big.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/unit/golden.h"
#include "vm/heap/fragment.h"

namespace lintel {
namespace {

struct Heap1 {
  Fragment* f = fragment_new(1 << 16);
  Builder b = f->builder();
  ~Heap1() { vm_free(f); }
};

Term parse(const std::string& s, Builder& b, u32 base = 16) {
  bool negative = s[0] == '-';
  std::span<const u8> digits(reinterpret_cast<const u8*>(s.data()) + negative, s.size() - negative);
  return integer_from_digits(negative, digits, base, b);
}

std::string text(Term t, u32 base = 16) {
  std::string s(integer_text_bound(t, base), '?');
  s.resize(integer_to_text(t, base, s.data()));
  return s;
}

double as_double(Term bits) {
  u64 u = 0;
  EXPECT_TRUE(integer_to_u64(bits, &u));
  double d;
  std::memcpy(&d, &u, 8);
  return d;
}

TEST(Big, Golden) {
  std::ifstream in(golden_path("big.txt"));
  ASSERT_TRUE(in);
  std::string line;
  int n = 0;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string op, sa, sb, want;
    fields >> op >> sa >> sb >> want;
    Heap1 h;
    Term a = parse(sa, h.b), b = parse(sb, h.b);
    EXPECT_EQ(text(a), sa);
    Term r = Term::none();
    Term* before = h.b.top();
    u64 words = 0;
    i64 shift = 0;
    if (op == "add") words = integer_add_words(a, b), r = integer_add(a, b, h.b);
    if (op == "sub") words = integer_add_words(a, b), r = integer_sub(a, b, h.b);
    if (op == "mul") words = integer_mul_words(a, b), r = integer_mul(a, b, h.b);
    if (op == "div") words = integer_div_words(a, b), r = integer_div(a, b, h.b);
    if (op == "rem") words = integer_rem_words(a, b), r = integer_rem(a, b, h.b);
    if (op == "band") words = integer_bitop_words(a, b), r = integer_band(a, b, h.b);
    if (op == "bor") words = integer_bitop_words(a, b), r = integer_bor(a, b, h.b);
    if (op == "bxor") words = integer_bitop_words(a, b), r = integer_bxor(a, b, h.b);
    if (op == "bnot") words = integer_bnot_words(a), r = integer_bnot(a, h.b);
    if (op == "neg") words = integer_negate_words(a), r = integer_negate(a, h.b);
    if (op == "bsl") {
      ASSERT_TRUE(integer_to_i64(b, &shift));
      words = integer_shift_words(a, shift), r = integer_shift(a, shift, h.b);
    }
    if (op == "cmp") r = Term::small(integer_compare(a, b)), words = 0;
    if (op == "cmpf") r = Term::small(integer_compare_double(a, as_double(b)));
    if (op == "trunc") words = kIntegerFromDoubleWords, r = integer_from_double(std::trunc(as_double(a)), h.b);
    if (op == "text") {
      u32 base = static_cast<u32>(b.small_value());
      EXPECT_EQ(text(a, base), want) << line;
      EXPECT_EQ(text(parse(want, h.b, base)), sa) << line;
    } else if (op == "double") {
      double d;
      ASSERT_TRUE(integer_to_double(a, &d));
      Heap1 other;
      EXPECT_EQ(d, as_double(parse(want, other.b))) << line;
    } else {
      ASSERT_FALSE(r.is_none()) << line;
      EXPECT_EQ(text(r), want) << line;
      EXPECT_LE(static_cast<u64>(h.b.top() - before), words) << line;
    }
    n++;
  }
  EXPECT_GT(n, 1000);
}

// The bound holds for what the operation touches, not only for what it leaves.
TEST(Big, RoomSuffices) {
  for (u64 na = 1; na < 6; na++) {
    for (u64 nb = 1; nb < 6; nb++) {
      Heap1 h;
      u64 limbs[8];
      std::fill_n(limbs, 8, ~u64{0});
      Term a = integer_from_limbs(true, limbs, na, h.b);
      Term b = integer_from_limbs(false, limbs, nb, h.b);
      auto run = [&](u64 words, auto op) {
        Fragment* f = fragment_new(words);
        Builder exact = f->builder();
        Term r = op(exact);
        EXPECT_LE(f->used_words(), words);
        EXPECT_FALSE(r.is_none());
        vm_free(f);
      };
      run(integer_add_words(a, b), [&](Builder& x) { return integer_add(a, b, x); });
      run(integer_add_words(a, b), [&](Builder& x) { return integer_sub(a, b, x); });
      run(integer_mul_words(a, b), [&](Builder& x) { return integer_mul(a, b, x); });
      run(integer_div_words(a, b), [&](Builder& x) { return integer_div(a, b, x); });
      run(integer_rem_words(a, b), [&](Builder& x) { return integer_rem(a, b, x); });
      run(integer_bitop_words(a, b), [&](Builder& x) { return integer_band(a, b, x); });
      run(integer_bitop_words(a, b), [&](Builder& x) { return integer_bor(a, b, x); });
      run(integer_bitop_words(a, b), [&](Builder& x) { return integer_bxor(a, b, x); });
      run(integer_bnot_words(a), [&](Builder& x) { return integer_bnot(a, x); });
      for (i64 s : {-500, -129, -128, -64, -1, 1, 63, 64, 65, 300}) {
        run(integer_shift_words(a, s), [&](Builder& x) { return integer_shift(a, s, x); });
      }
    }
  }
}

TEST(Big, Limit) {
  Fragment* f = fragment_new(3 * kMaxBigLimbs);
  Builder b = f->builder();
  Term top = integer_shift(Term::small(1), static_cast<i64>(kMaxBigLimbs) * 64 - 1, b);
  ASSERT_FALSE(top.is_none());
  EXPECT_EQ(big_limb_count(top), kMaxBigLimbs);
  EXPECT_EQ(integer_shift_words(Term::small(1), static_cast<i64>(kMaxBigLimbs) * 64), kShiftTooBig);
  EXPECT_EQ(integer_shift_words(top, 1), kShiftTooBig);
  EXPECT_TRUE(integer_add(top, top, b).is_none());
  EXPECT_TRUE(integer_mul(top, Term::small(2), b).is_none());
  EXPECT_TRUE(integer_mul(top, top, b).is_none());
  double d;
  EXPECT_FALSE(integer_to_double(top, &d));
  vm_free(f);
}

TEST(Big, Bytes) {
  Heap1 h;
  u8 bytes[40];
  for (u64 n = 1; n <= 40; n++) {
    for (u64 i = 0; i < n; i++) bytes[i] = static_cast<u8>(i * 37 + 1);
    for (bool little : {false, true}) {
      Term t = integer_from_bytes(true, bytes, n, little, h.b);
      ASSERT_EQ(integer_magnitude_bytes(t), n);
      u8 back[40];
      integer_magnitude_to_bytes(t, back, little);
      EXPECT_EQ(std::memcmp(bytes, back, n), 0);
    }
  }
  EXPECT_EQ(integer_magnitude_bytes(Term::small(0)), 0u);
  u8 zeros[20] = {};
  EXPECT_EQ(integer_from_bytes(false, zeros, 20, true, h.b), Term::small(0));
}

}  // namespace
}  // namespace lintel
