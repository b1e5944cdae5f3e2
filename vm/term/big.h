// Integer arithmetic of any size, on terms.
//
// An integer is a small or a bignum; a bignum is a magnitude in limbs with the sign in its header
// and is always normalised: no leading zero limb, and no value that fits a small. Every function
// takes both kinds. GMP's mpn does the work on limbs that lie in the heap, so nothing is copied in
// or out; the caller reserves the words that the matching *_words() asks for, an upper bound, and
// the builder gets back what the normalised result does not need.
//
// A result above kMaxBigLimbs is none(): the caller raises system_limit. Operands may lie in the
// heap that is built on, but below its top.
#pragma once
#include <span>

#include "vm/heap/builder.h"
#include "vm/term/term.h"

namespace lintel {

// The stock VM's limit: 524,287 limbs of 64 bits.
inline constexpr u64 kMaxBigLimbs = (u64{1} << 19) - 1;

// Sign and magnitude of an integer term. Zero has no limbs. Points into itself for smalls.
class IntegerView {
 public:
  explicit IntegerView(Term t) {
    if (t.is_small()) {
      i64 v = t.small_value();
      negative_ = v < 0;
      own_limb_ = negative_ ? u64{0} - static_cast<u64>(v) : static_cast<u64>(v);
      limbs_ = &own_limb_;
      count_ = v != 0;
    } else {
      negative_ = big_is_negative(t);
      limbs_ = big_limbs(t);
      count_ = big_limb_count(t);
    }
  }
  IntegerView(const IntegerView&) = delete;
  IntegerView& operator=(const IntegerView&) = delete;
  bool negative() const { return negative_; }
  const u64* limbs() const { return limbs_; }
  u64 count() const { return count_; }
  // Bits of the magnitude; 0 for zero.
  u64 bit_length() const {
    return count_ == 0 ? 0 : count_ * 64 - static_cast<u64>(__builtin_clzll(limbs_[count_ - 1]));
  }

 private:
  bool negative_;
  u64 own_limb_;
  const u64* limbs_;
  u64 count_;
};

// ---- arithmetic ----
u64 integer_add_words(Term a, Term b);  // also for sub
Term integer_add(Term a, Term b, Builder& heap);
Term integer_sub(Term a, Term b, Builder& heap);
u64 integer_mul_words(Term a, Term b);
Term integer_mul(Term a, Term b, Builder& heap);
// Toward zero; the remainder has the dividend's sign. b is not 0.
u64 integer_div_words(Term a, Term b);
Term integer_div(Term a, Term b, Builder& heap);
u64 integer_rem_words(Term a, Term b);
Term integer_rem(Term a, Term b, Builder& heap);
u64 integer_negate_words(Term a);
Term integer_negate(Term a, Builder& heap);

// ---- bits, in two's complement of unlimited width ----
u64 integer_bitop_words(Term a, Term b);  // band, bor, bxor
Term integer_band(Term a, Term b, Builder& heap);
Term integer_bor(Term a, Term b, Builder& heap);
Term integer_bxor(Term a, Term b, Builder& heap);
u64 integer_bnot_words(Term a);
Term integer_bnot(Term a, Builder& heap);
// Left by `shift` bits, right (rounding down) when negative. Words: kShiftTooBig when the result
// cannot be represented.
inline constexpr u64 kShiftTooBig = ~u64{0};
u64 integer_shift_words(Term a, i64 shift);
Term integer_shift(Term a, i64 shift, Builder& heap);

// ---- order ----
// <0, 0, >0. Both integers.
int integer_compare(Term a, Term b);
// Exact: the double is not rounded, nor is the integer. `d` is finite.
int integer_compare_double(Term a, double d);

// ---- conversion ----
// False when the magnitude is beyond the largest double. Rounds as the stock VM does (once per limb
// from the top, which is not always to nearest).
[[nodiscard]] bool integer_to_double(Term a, double* out);
// `d` is a finite whole number.
inline constexpr u64 kIntegerFromDoubleWords = 1 + 16;
Term integer_from_double(double d, Builder& heap);

// False when it does not fit.
[[nodiscard]] bool integer_to_i64(Term a, i64* out);
[[nodiscard]] bool integer_to_u64(Term a, u64* out);

// The integer with this magnitude, any number of leading zero limbs allowed.
constexpr u64 integer_from_limbs_words(u64 limbs) { return 1 + limbs; }
Term integer_from_limbs(bool negative, const u64* limbs, u64 count, Builder& heap);
// From bytes of a magnitude, least significant first or last. none() above the limit.
constexpr u64 integer_from_bytes_words(u64 bytes) { return 1 + words_for_bytes(bytes); }
Term integer_from_bytes(bool negative, const u8* bytes, u64 count, bool little, Builder& heap);
// Bytes of the magnitude (0 for zero), and writing them.
u64 integer_magnitude_bytes(Term a);
void integer_magnitude_to_bytes(Term a, u8* to, bool little);

// ---- text; base 2..36 ----
// Upper bound on the characters of a's text, sign included.
u64 integer_text_bound(Term a, u32 base);
// Writes digits 0-9A-Z with a leading '-' when negative; returns the number of characters.
u64 integer_to_text(Term a, u32 base, char* to);
// Value of a digit character in `base`, or -1.
int digit_value(u32 ch, u32 base);
// `digits` are characters that digit_value() accepts, at least one.
u64 integer_from_digits_words(u64 digits, u32 base);
Term integer_from_digits(bool negative, std::span<const u8> digits, u32 base, Builder& heap);

}  // namespace lintel
