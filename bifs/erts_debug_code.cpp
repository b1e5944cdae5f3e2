// erts_debug: what loaded code and the engine consist of, and breakpoints that divert calls.
#include <algorithm>

#include "bifs/scratch.h"
#include "vm/code/backend.h"
#include "vm/diag/breakpoint.h"
#include "vm/diag/disassembly.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"

namespace lintel {

namespace {

// The func_info of a function of the current code; null.
const Word* current_function(Term module, Term function, i64 arity) {
  ModuleSlot* slot = module_slot_find(module);
  Module* m = slot == nullptr ? nullptr : slot->current.load(std::memory_order_acquire);
  if (m == nullptr) return nullptr;
  for (const FunctionRange& r : m->functions) {
    if (function_name(r.info) == function && function_arity(r.info) == arity) return r.info;
  }
  return nullptr;
}

}  // namespace

// An MFA's first operation, or the one at an address that an earlier answer gave.
BifResult erts_debug_disassemble_1(Process& p, Term* args) {
  const Word* pc;
  if (args[0].is_integer()) {
    u64 address;
    if (!integer_to_u64(args[0], &address)) return am::false_;
    pc = reinterpret_cast<const Word*>(address);
  } else {
    if (!is_tuple_of(args[0], 3)) return raise_badarg(p);
    Term arity = tuple_element(args[0], 2);
    if (!tuple_element(args[0], 0).is_atom() || !tuple_element(args[0], 1).is_atom() || !arity.is_small()) {
      return raise_badarg(p);
    }
    pc = current_function(tuple_element(args[0], 0), tuple_element(args[0], 1), arity.small_value());
    if (pc == nullptr) return am::undef;
  }
  Disassembly d;
  bool found = disassemble(pc, &d);
  p.reds -= static_cast<i64>(d.steps / 16);
  if (!found) return am::false_;
  Scratch s(p);
  Term mfa = s.tuple({d.in.module->name, d.in.function, Term::small(d.in.arity)});
  Term line = s.binary(d.line);
  return s.tuple({s.integer(static_cast<i64>(reinterpret_cast<u64>(d.next))), line, mfa});
}

BifResult erts_debug_instructions_0(Process& p, Term*) {
  Scratch s(p);
  std::vector<Term> names;
  for (const char* name : kOpNames) names.push_back(s.text(name));
  return s.list(names);
}

// From the first handler to the last one's start, as they lie in the executable.
BifResult erts_debug_interpreter_size_0(Process&, Term*) {
  u32 low = ~0u;
  u32 high = 0;
  for (u32 op = 0; op < kOpCount; op++) {
    u32 handler = engine.handler(static_cast<Op>(op));
    low = std::min(low, handler);
    high = std::max(high, handler);
  }
  return Term::small(high - low);
}

BifResult erts_debug_breakpoint_2(Process& p, Term* args) {
  bool on = args[1] == am::true_;
  if ((!on && args[1] != am::false_) || !is_tuple_of(args[0], 3)) return raise_badarg(p);
  Term module = tuple_element(args[0], 0);
  Term function = tuple_element(args[0], 1);
  Term arity = tuple_element(args[0], 2);
  if (!module.is_atom() || !function.is_atom() || (!arity.is_small() && arity != am::underscore)) {
    return raise_badarg(p);
  }
  // What follows the first wildcard is one, too.
  Term parts[] = {module, function, arity};
  auto given = static_cast<u32>(std::find(parts, std::end(parts), Term(am::underscore)) - parts);
  if (!std::all_of(parts + given, std::end(parts), [](Term t) { return t == am::underscore; })) {
    return raise_badarg(p);
  }
  i64 n = arity.is_small() ? arity.small_value() : 0;
  if (n < 0 || n > 255) return Term::small(0);
  return Term::small(breakpoints_divert(module, function, static_cast<u32>(n), given, on));
}

// Locks are not counted: there is nothing to collect, nothing to clear, and no setting to read or change.
BifResult erts_debug_lcnt_collect_0(Process&, Term*) { return am::error; }
BifResult erts_debug_lcnt_clear_0(Process&, Term*) { return am::error; }
BifResult erts_debug_lcnt_control_1(Process& p, Term*) { return raise_badarg(p); }
BifResult erts_debug_lcnt_control_2(Process& p, Term*) { return raise_badarg(p); }

}  // namespace lintel
