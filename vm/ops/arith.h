// Arithmetic on any numbers: what '+', 'div', 'bsl' and the others do when the engines' fast path
// for two small integers does not apply. Same shape as a BIF: the operands are args[0] and args[1],
// which are roots, and the operation may reserve.
//
// Errors are the stock VM's: badarith for operands of the wrong kind, division by zero and floats
// out of range; system_limit for an integer above kMaxBigLimbs.
#pragma once
#include "vm/code/bif_table.h"
#include "vm/proc/process.h"

namespace lintel {

BifResult arith_add(Process& p, Term* args);
BifResult arith_sub(Process& p, Term* args);
BifResult arith_mul(Process& p, Term* args);
BifResult arith_divide(Process& p, Term* args);  // '/'
BifResult arith_div(Process& p, Term* args);
BifResult arith_rem(Process& p, Term* args);
BifResult arith_band(Process& p, Term* args);
BifResult arith_bor(Process& p, Term* args);
BifResult arith_bxor(Process& p, Term* args);
BifResult arith_bsl(Process& p, Term* args);
BifResult arith_bsr(Process& p, Term* args);
BifResult arith_bnot(Process& p, Term* args);
BifResult arith_plus(Process& p, Term* args);    // unary
BifResult arith_negate(Process& p, Term* args);  // unary

// The double for any number; false when `t` is no number or an integer beyond a double's range.
[[nodiscard]] bool number_to_double(Term t, double* out);

// The integer nearest a finite whole double, built in p's heap.
Term integer_of_whole_double(Process& p, double d);

}  // namespace lintel
