// math: the C library's functions on any number. badarg for what is no number, badarith for integers
// beyond a float's range and for results that are not finite.
#include <cmath>

#include "vm/ops/arith.h"
#include "vm/proc/exception.h"

namespace lintel {

namespace {

BifResult finite(Process& p, double d) {
  if (!std::isfinite(d)) return raise_badarith(p);
  return p.reserve(kFloatWords).floating(d);
}

BifResult call(Process& p, Term* args, double (*f)(double)) {
  double x;
  if (!args[0].is_number()) return raise_badarg(p);
  if (!number_to_double(args[0], &x)) return raise_badarith(p);
  return finite(p, f(x));
}

BifResult call(Process& p, Term* args, double (*f)(double, double)) {
  double x, y;
  if (!args[0].is_number()) return raise_badarg(p);
  if (!number_to_double(args[0], &x)) return raise_badarith(p);
  if (!args[1].is_number()) return raise_badarg(p);
  if (!number_to_double(args[1], &y)) return raise_badarith(p);
  return finite(p, f(x, y));
}

}  // namespace

#define MATH1(name) \
  BifResult math_##name##_1(Process& p, Term* args) { return call(p, args, static_cast<double (*)(double)>(::name)); }
#define MATH2(name) \
  BifResult math_##name##_2(Process& p, Term* args) { return call(p, args, static_cast<double (*)(double, double)>(::name)); }
MATH1(acos)
MATH1(acosh)
MATH1(asin)
MATH1(asinh)
MATH1(atan)
MATH1(atanh)
MATH1(ceil)
MATH1(cos)
MATH1(cosh)
MATH1(erf)
MATH1(erfc)
MATH1(exp)
MATH1(floor)
MATH1(log)
MATH1(log10)
MATH1(log2)
MATH1(sin)
MATH1(sinh)
MATH1(sqrt)
MATH1(tan)
MATH1(tanh)
MATH2(atan2)
MATH2(fmod)
MATH2(pow)
#undef MATH1
#undef MATH2

}  // namespace lintel
