// Finding what a dynamic call runs. Each returns the entry to jump to with the registers arranged,
// or null with an exception noted; p.current_bif is then the BIF that heads its trace, or null.
#pragma once
#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/proc/process.h"

namespace lintel::ops {

// x[0..arity) arguments, x[arity] module, x[arity+1] function.
const Word* apply_target(Process& p, Term* x, u32 arity);
// x0 module, x1 function, x2 proper list of at most 255 arguments, spread to x[0..).
const Word* apply3_target(Process& p, Term* x);
// x0 fun, x1 list.
const Word* apply_fun_target(Process& p, Term* x);
// x[0..arity) arguments, x[arity] any term that should be a fun. For a local fun the free variables
// are put behind the arguments.
const Word* call_fun_target(Process& p, Term* x, u32 arity);
// error_handler:undefined_function(M, F, Args) for an export that has no code.
const Word* error_handler_target(Process& p, Term* x, Export* e);
// error_handler:breakpoint(M, F, Args) for a call that erts_debug:breakpoint/2 diverts.
const Word* breakpoint_target(Process& p, Term* x, Term module, Term function, u32 arity);
// error_handler:undefined_lambda(M, Fun, Args); x[arity + num_free] is the fun.
const Word* unloaded_fun_target(Process& p, Term* x, FunEntry* f);
// function_clause with x[0..arity) as the function's arguments.
void raise_function_clause(Process& p, u32 arity);
// hibernate/3's argument check: false with badarg noted.
bool check_hibernate(Process& p, Term* x);

}  // namespace lintel::ops
