// Unboxed float arithmetic on the float registers, which follow the X registers. A result that is
// not finite raises badarith, as everywhere in the language.
#include <cmath>

#include "vm/interp/handlers.h"
#include "vm/ops/arith.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel::interp {

namespace {

VM_ALWAYS_INLINE double& float_register(Term* x, u32 byte_offset) {
  return *reinterpret_cast<double*>(reinterpret_cast<char*>(x) + offsetof(RegisterFile, f) +
                                    byte_offset);
}
#define FREG(i) (float_register(x, U32(i)))

COLD_PATH(badarith) {
  if (U32(0) != 0) BRANCH(0);
  SAVE();
  (void)raise_badarith(*p);
  GOTO(raise_exception);
}

}  // namespace

HANDLER(fmove_in) {
  FREG(1) = float_value(REG(0));
  NEXT(fmove_in);
}
HANDLER(fmove_const) {
  FREG(0) = float_value(CONST(fmove_const, 0));
  NEXT(fmove_const);
}
HANDLER(fmove_out) {
  double value = FREG(0);
  htop[0] = Term::header(BoxedTag::Float, 1);
  std::memcpy(htop + 1, &value, sizeof value);
  Term t = Term::boxed(htop);
  htop += kFloatWords;
  REG(1) = t;
  NEXT(fmove_out);
}
HANDLER(fconv) {
  Term t = REG(0);
  if (VM_LIKELY(t.is_small())) {
    FREG(1) = static_cast<double>(t.small_value());
    NEXT(fconv);
  }
  double value;
  if (!number_to_double(t, &value)) {
    SAVE();
    (void)raise_badarith(*p);
    GOTO(raise_exception);
  }
  FREG(1) = value;
  NEXT(fconv);
}

#define FLOAT_OP(op, operator_)                       \
  HANDLER(op) {                                       \
    double result = FREG(1) operator_ FREG(2);        \
    if (VM_UNLIKELY(!std::isfinite(result))) GOTO(badarith); \
    FREG(3) = result;                                 \
    NEXT(op);                                         \
  }
FLOAT_OP(fadd, +)
FLOAT_OP(fsub, -)
FLOAT_OP(fmul, *)
FLOAT_OP(fdiv, /)
#undef FLOAT_OP
// As the stock JIT: no -0.0 from 0.0.
HANDLER(fnegate) {
  FREG(2) = 0.0 - FREG(1);
  NEXT(fnegate);
}

}  // namespace lintel::interp
