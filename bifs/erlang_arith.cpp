// erlang: operators called as functions, and rounding between floats and integers.
#include <cmath>

#include "vm/ops/arith.h"
#include "vm/proc/exception.h"
#include "vm/term/big.h"

namespace lintel {

BifResult erlang_plus_1(Process& p, Term* args) { return arith_plus(p, args); }
BifResult erlang_plus_2(Process& p, Term* args) { return arith_add(p, args); }
BifResult erlang_minus_1(Process& p, Term* args) { return arith_negate(p, args); }
BifResult erlang_minus_2(Process& p, Term* args) { return arith_sub(p, args); }
BifResult erlang_times_2(Process& p, Term* args) { return arith_mul(p, args); }
BifResult erlang_divide_2(Process& p, Term* args) { return arith_divide(p, args); }
BifResult erlang_div_2(Process& p, Term* args) { return arith_div(p, args); }
BifResult erlang_rem_2(Process& p, Term* args) { return arith_rem(p, args); }
BifResult erlang_band_2(Process& p, Term* args) { return arith_band(p, args); }
BifResult erlang_bor_2(Process& p, Term* args) { return arith_bor(p, args); }
BifResult erlang_bxor_2(Process& p, Term* args) { return arith_bxor(p, args); }
BifResult erlang_bsl_2(Process& p, Term* args) { return arith_bsl(p, args); }
BifResult erlang_bsr_2(Process& p, Term* args) { return arith_bsr(p, args); }
BifResult erlang_bnot_1(Process& p, Term* args) { return arith_bnot(p, args); }

BifResult erlang_abs_1(Process& p, Term* args) {
  Term a = args[0];
  if (a.is_small()) {
    i64 v = a.small_value();
    return v >= 0 ? a : p.reserve(kIntegerWords).integer(-v);
  }
  if (a.is_float()) {
    double d = float_value(a);
    return d < 0 ? p.reserve(kFloatWords).floating(-d) : a;  // abs(-0.0) is -0.0, as in stock
  }
  if (!a.is_big()) return raise_badarg(p);
  if (!big_is_negative(a)) return a;
  Builder heap = p.reserve(integer_negate_words(a));
  return integer_negate(args[0], heap);
}

BifResult erlang_float_1(Process& p, Term* args) {
  if (args[0].is_float()) return args[0];
  double d;
  if (!number_to_double(args[0], &d)) return raise_badarg(p);
  return p.reserve(kFloatWords).floating(d);
}

namespace {

template <typename Round>
BifResult to_integer(Process& p, Term t, Round round) {
  if (t.is_integer()) return t;
  if (!t.is_float()) return raise_badarg(p);
  return integer_of_whole_double(p, round(float_value(t)));
}

}  // namespace

BifResult erlang_trunc_1(Process& p, Term* args) {
  return to_integer(p, args[0], [](double d) { return std::trunc(d); });
}
BifResult erlang_round_1(Process& p, Term* args) {
  return to_integer(p, args[0], [](double d) { return std::round(d); });
}
BifResult erlang_ceil_1(Process& p, Term* args) {
  return to_integer(p, args[0], [](double d) { return std::ceil(d); });
}
BifResult erlang_floor_1(Process& p, Term* args) {
  return to_integer(p, args[0], [](double d) { return std::floor(d); });
}

}  // namespace lintel
