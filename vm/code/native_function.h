// Native bodies of library functions: C++ that does what a function of OTP's Erlang code does, for
// functions that are pure and hot, such as lists:sort/1. The function stays what it is, exported
// Erlang code of its module; the loader puts the native body before its first instruction when it
// finds the very code that the body was written for (vm/tables/native_functions.def, and
// loader/native.cpp for how that is known). A module of a user's that happens to bear the name, or a
// patched one, runs as it is written.
//
// A body that meets anything that it does not handle declines, having changed nothing, and the
// Erlang code runs: so whatever raises is raised there, with the stock trace. It must not decline
// after side effects, so a function that calls funs or sends cannot have one.
//
// Long work is done in turns. A body that has used up its reductions leaves what it needs in
// x[0..kNativeStateRegisters), all terms, and is resumed there when the process runs again. Nothing
// else of it survives, so a process that is killed meanwhile leaves nothing behind.
#pragma once
#include <atomic>
#include <string_view>

#include "vm/term/term.h"

namespace lintel {

struct Process;

inline constexpr u32 kNativeStateRegisters = 4;

enum class NativeStatus : u8 {
  Done,      // the value is in x[0]
  Declined,  // x[0..arity) are the arguments: the Erlang code is to run
  Again,     // x[0..kNativeStateRegisters) say how to go on
};

struct NativeBody {
  NativeStatus (*start)(Process& p, Term* x);   // x[0..arity): the arguments, roots
  NativeStatus (*resume)(Process& p, Term* x);  // x[0..kNativeStateRegisters): roots
};

struct NativeFunction {
  std::string_view module;
  std::string_view function;
  u32 arity;
  u64 fingerprint;
  const NativeBody* body;  // null: not linked in
};

// Breakpoints that there are. While there is one, nothing has a native body: the functions that the
// Erlang code calls, which a native body skips, may be among those whose calls are to be reported.
extern std::atomic<u32> native_breakpoints;

extern const NativeFunction native_functions[];
extern const u32 native_function_count;

}  // namespace lintel
