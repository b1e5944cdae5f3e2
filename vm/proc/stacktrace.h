// Stack traces. At the raise a raw trace is taken: a plain tuple that costs little and is made
// readable only when somebody asks.
//
//   {Module | [], Function, Arity | Args, ErrorInfo, Class, Pc0, Pc1, ...}
//   {Class, List}                              a trace given to erlang:raise/3
//
// Module is [] when the head is the function that Pc0 lies in; then the third element is the
// argument list (error/2, function_clause) or true. ErrorInfo is [] or [{error_info, Map}]. A Pc is a code address
// stored as a small: the address of the raising instruction, or one word before a return address.
#pragma once
#include "vm/proc/process.h"

namespace lintel {

inline constexpr u32 kMaxBacktraceDepth = 64;
extern u32 backtrace_depth;  // erlang:system_flag(backtrace_depth, N); 8 at start

// Builds p.exc_trace for the exception in p.exc_*, raised by the instruction at pc; `bif` heads the
// trace with its arguments p.bif_args when not null. Collects (live registers: none).
void exception_save_trace(Process& p, const Word* pc, const BifEntry* bif);
// The same with a function that has no code of its own as the head: a NIF, or an undefined one. Args
// null: the trace shows the arity.
void exception_save_trace_of(Process& p, Term module, Term function, const Term* args, u32 arity);
// [{M, F, Arity | Args, [{file, F}, {line, L}]}] from a raw trace; a list comes back as it is.
Term stacktrace_of_raw(Process& p, Term raw);
// The class that a raw trace was taken for (error when the term is no raw trace).
ExcClass raw_trace_class(Term raw);
// `trace`, raw or a readable list, as a raw trace of this class. Collects; p.exc_* are roots.
Term raw_trace_with_class(Process& p, Term trace, ExcClass cls);
Term class_atom(ExcClass cls);
// What a process that no handler saved exits with: Reason for exit, {Reason, Trace} for error.
Term exception_exit_reason(Process& p);
// The stack of a process that does not run, for process_info(current_stacktrace): at most `depth`
// items; current_function is the first. Builds in `to`'s heap.
Term process_stacktrace(const Process& p, Process& to, u32 depth);
// Function that p is in, or BIF: false when it is in none (a new process, an exiting one).
bool process_current_function(const Process& p, Term* module, Term* function, u32* arity);

}  // namespace lintel
