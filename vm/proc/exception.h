// How BIFs and slow paths fail or ask to be called again. Each maker notes its case in the process
// and returns the none term, to be returned on at once:
//
//   if (!args[0].is_atom()) return raise_badarg(p);
//
// Reasons are terms of the process's heap (or immediates).
#pragma once
#include "vm/proc/process.h"

namespace lintel {

enum ExcFlags : u8 {
  kExcHasTrace = 1,   // exc_trace was given (raise/3, a rethrow): do not build one
  kExcHasArgs = 2,    // exc_args holds the argument list of the raising function (error/2,3)
  kExcErrorInfo = 4,  // exc_info is the error_info map (error/3)
  kExcCause = 8,      // exc_info is the cause that goes into the BIF's error_info
  kExcNotBif = 16,    // the trace starts at the caller (error/1..3, exit/1, throw/1)
};

BifResult raise(Process& p, ExcClass cls, Term reason);
inline BifResult raise_error(Process& p, Term reason) { return raise(p, ExcClass::Error, reason); }
BifResult raise_badarg(Process& p);
BifResult raise_badarith(Process& p);
BifResult raise_system_limit(Process& p);
BifResult raise_notsup(Process& p);
BifResult raise_undef(Process& p);
// {Tag, Value}, e.g. {badmap, T}. `value` may be anything of p's; collects.
BifResult raise_error_tuple(Process& p, Term tag, Term value);
// As raise_badarg with error_info's cause: `cause` is the atom that erl_erts_errors:format_error
// knows (e.g. badopt, noproc), shown in "error_info => #{cause => …}".
BifResult raise_badarg_cause(Process& p, Term cause);

// Continue as a call of `target` with these arguments (at most 8), as if the BIF had tail-called it.
BifResult trap(Process& p, Export* target, std::initializer_list<Term> args);
// Call this same BIF again with `args` (same arity, changed as the BIF likes) after other processes had a turn.
BifResult yield_again(Process& p, std::initializer_list<Term> args);

}  // namespace lintel
