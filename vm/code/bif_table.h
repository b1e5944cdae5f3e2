// Built-in functions: their C++ signature, their table, and how they end.
//
// A BIF gets its arguments in `args`, which are roots: they stay valid across p.reserve(). It returns
// a term, or the result of one of the makers in vm/proc/exception.h (raise, trap, yield), which
// return the none term after noting the rest in the process.
//
// The table is vm/tables/bifs.def. A row whose function is not defined anywhere is absent: calling
// it raises undef, and `lintel-bifs` lists it.
#pragma once
#include <string_view>

#include "vm/term/term.h"

namespace lintel {

struct Process;
struct Export;

struct [[nodiscard]] BifResult {
  Term value;  // none: see the process for what to do instead
  BifResult(Term t) : value(t) {}
};

using BifFn = BifResult (*)(Process& p, Term* args);

enum class BifKind : u8 {
  Normal,
  Guard,  // allowed in guards: no side effect; may reserve, may raise badarg/badarith/…
  Heavy,  // long work that its own code splits by trapping
};

struct BifEntry {
  std::string_view module;
  std::string_view function;
  u32 arity;
  BifKind kind;
  BifFn fn;        // null: absent. Tracing replaces it, see vm/diag/breakpoint.h
  Export* export_entry;  // set at start-up
  BifFn body = nullptr;  // the function itself
};

extern BifEntry bif_table[];
extern const u32 bif_count;

}  // namespace lintel
