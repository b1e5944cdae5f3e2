#include "vm/ops/arith.h"

#include <cmath>

#include "vm/proc/exception.h"
#include "vm/term/big.h"

namespace lintel {

namespace {

BifResult integer_or_limit(Process& p, Term result) {
  if (VM_UNLIKELY(result.is_none())) return raise_system_limit(p);
  return result;
}

BifResult float_or_badarith(Process& p, double d) {
  if (VM_UNLIKELY(!std::isfinite(d))) return raise_badarith(p);
  return p.reserve(kFloatWords).floating(d);
}

// ---- integers just past the small ones: two limbs at most, in machine arithmetic ----

constexpr u64 kWideWords = 3;

VM_ALWAYS_INLINE bool as_wide(Term t, i128* out) {
  if (t.is_small()) {
    *out = t.small_value();
    return true;
  }
  u64 n = big_limb_count(t);
  if (n > 2) return false;
  u128 magnitude = big_limbs(t)[0];
  if (n == 2) {
    u64 high = big_limbs(t)[1];
    if (high >> 63 != 0) return false;
    magnitude |= static_cast<u128>(high) << 64;
  }
  *out = big_is_negative(t) ? -static_cast<i128>(magnitude) : static_cast<i128>(magnitude);
  return true;
}

Term wide_integer(Process& p, bool negative, u128 magnitude) {
  u64 low = static_cast<u64>(magnitude);
  u64 high = static_cast<u64>(magnitude >> 64);
  if (high == 0 && low <= static_cast<u64>(kSmallMax) + negative) {
    return Term::small(negative ? static_cast<i64>(u64{0} - low) : static_cast<i64>(low));
  }
  u64 limbs = high != 0 ? 2 : 1;
  Term* o = p.reserve(kWideWords).alloc(1 + limbs);
  o[0] = Term::header(negative ? BoxedTag::BigNeg : BoxedTag::BigPos, limbs);
  o[1] = Term(low);
  if (limbs == 2) o[2] = Term(high);
  return Term::boxed(o);
}
Term wide_integer(Process& p, i128 v) {
  return wide_integer(p, v < 0, v < 0 ? u128{0} - static_cast<u128>(v) : static_cast<u128>(v));
}

// a * b; none() when an operand has more than one limb.
Term wide_product(Process& p, i128 a, i128 b) {
  u128 x = a < 0 ? u128{0} - static_cast<u128>(a) : static_cast<u128>(a);
  u128 y = b < 0 ? u128{0} - static_cast<u128>(b) : static_cast<u128>(b);
  if ((x | y) >> 64 != 0) return Term::none();
  return wide_integer(p, (a < 0) != (b < 0), x * y);
}

// One shape for + - *: integers by `wide` or `big`, anything with a float in it by `floating`.
template <typename Wide, typename Words, typename Big, typename Floating>
VM_ALWAYS_INLINE BifResult mixed(Process& p, Term* args, Wide wide, Words words, Big big,
                                 Floating floating) {
  Term a = args[0], b = args[1];
  if (a.is_float() && b.is_float()) return float_or_badarith(p, floating(float_value(a), float_value(b)));
  if (a.is_integer() && b.is_integer()) {
    i128 x, y;
    if (VM_LIKELY(as_wide(a, &x) && as_wide(b, &y))) {
      Term r = wide(x, y);
      if (VM_LIKELY(!r.is_none())) return r;
    }
    Builder heap = p.reserve(words(a, b));
    return integer_or_limit(p, big(args[0], args[1], heap));
  }
  double x, y;
  if (!number_to_double(a, &x) || !number_to_double(b, &y)) return raise_badarith(p);
  return float_or_badarith(p, floating(x, y));
}

template <typename Wide, typename Words, typename Op>
VM_ALWAYS_INLINE BifResult bitwise(Process& p, Term* args, Wide wide, Words words, Op op) {
  if (!args[0].is_integer() || !args[1].is_integer()) return raise_badarith(p);
  i128 x, y;
  if (VM_LIKELY(as_wide(args[0], &x) && as_wide(args[1], &y))) return wide_integer(p, wide(x, y));
  Builder heap = p.reserve(words(args[0], args[1]));
  return integer_or_limit(p, op(args[0], args[1], heap));
}

// args[0] shifted left by args[1] bits, or right when `right`.
BifResult shift(Process& p, Term* args, bool right) {
  if (!args[0].is_integer() || !args[1].is_integer()) return raise_badarith(p);
  // A bignum's worth of bits is as good as the largest small's.
  i64 by = args[1].is_small() ? args[1].small_value()
                              : (big_is_negative(args[1]) ? kSmallMin : kSmallMax);
  if (right) by = -by;
  u64 words = integer_shift_words(args[0], by);
  if (words == kShiftTooBig) return raise_system_limit(p);
  Builder heap = p.reserve(words);
  return integer_or_limit(p, integer_shift(args[0], by, heap));
}

}  // namespace

bool number_to_double(Term t, double* out) {
  if (t.is_small()) {
    *out = static_cast<double>(t.small_value());
    return true;
  }
  if (t.is_float()) {
    *out = float_value(t);
    return true;
  }
  return t.is_big() && integer_to_double(t, out);
}

Term integer_of_whole_double(Process& p, double d) {
  Builder heap = p.reserve(kIntegerFromDoubleWords);
  return integer_from_double(d, heap);
}

BifResult arith_add(Process& p, Term* args) {
  return mixed(
      p, args,
      [&](i128 x, i128 y) {
        i128 r;
        return __builtin_add_overflow(x, y, &r) ? Term::none() : wide_integer(p, r);
      },
      integer_add_words, integer_add, [](double x, double y) { return x + y; });
}

BifResult arith_sub(Process& p, Term* args) {
  return mixed(
      p, args,
      [&](i128 x, i128 y) {
        i128 r;
        return __builtin_sub_overflow(x, y, &r) ? Term::none() : wide_integer(p, r);
      },
      integer_add_words, integer_sub, [](double x, double y) { return x - y; });
}

BifResult arith_mul(Process& p, Term* args) {
  return mixed(
      p, args, [&](i128 x, i128 y) { return wide_product(p, x, y); },
      integer_mul_words, integer_mul, [](double x, double y) { return x * y; });
}

BifResult arith_divide(Process& p, Term* args) {
  double x, y;
  if (!number_to_double(args[0], &x) || !number_to_double(args[1], &y) || y == 0) {
    return raise_badarith(p);
  }
  return float_or_badarith(p, x / y);
}

BifResult arith_div(Process& p, Term* args) {
  Term a = args[0], b = args[1];
  if (!a.is_integer() || !b.is_integer() || b == Term::small(0)) return raise_badarith(p);
  if (a.is_small() && b.is_small()) {
    // kSmallMin / -1 does not fit a small but fits the machine word.
    return p.reserve(kIntegerWords).integer(a.small_value() / b.small_value());
  }
  Builder heap = p.reserve(integer_div_words(a, b));
  return integer_or_limit(p, integer_div(args[0], args[1], heap));
}

BifResult arith_rem(Process& p, Term* args) {
  Term a = args[0], b = args[1];
  if (!a.is_integer() || !b.is_integer() || b == Term::small(0)) return raise_badarith(p);
  if (a.is_small() && b.is_small()) return Term::small(a.small_value() % b.small_value());
  Builder heap = p.reserve(integer_rem_words(a, b));
  return integer_or_limit(p, integer_rem(args[0], args[1], heap));
}

BifResult arith_band(Process& p, Term* args) {
  return bitwise(p, args, [](i128 x, i128 y) { return x & y; }, integer_bitop_words, integer_band);
}
BifResult arith_bor(Process& p, Term* args) {
  return bitwise(p, args, [](i128 x, i128 y) { return x | y; }, integer_bitop_words, integer_bor);
}
BifResult arith_bxor(Process& p, Term* args) {
  return bitwise(p, args, [](i128 x, i128 y) { return x ^ y; }, integer_bitop_words, integer_bxor);
}

BifResult arith_bsl(Process& p, Term* args) { return shift(p, args, false); }
BifResult arith_bsr(Process& p, Term* args) { return shift(p, args, true); }

BifResult arith_bnot(Process& p, Term* args) {
  if (args[0].is_small()) return Term::small(~args[0].small_value());
  if (!args[0].is_big()) return raise_badarith(p);
  Builder heap = p.reserve(integer_bnot_words(args[0]));
  return integer_or_limit(p, integer_bnot(args[0], heap));
}

BifResult arith_plus(Process& p, Term* args) {
  if (!args[0].is_number()) return raise_badarith(p);
  return args[0];
}

BifResult arith_negate(Process& p, Term* args) {
  Term a = args[0];
  if (a.is_small()) return p.reserve(kIntegerWords).integer(-a.small_value());
  if (a.is_float()) {
    double d = float_value(a);
    return p.reserve(kFloatWords).floating(-d);
  }
  if (!a.is_big()) return raise_badarith(p);
  Builder heap = p.reserve(integer_negate_words(a));
  return integer_negate(args[0], heap);
}

}  // namespace lintel
