#include "vm/ops/apply.h"

#include "vm/code/code_server.h"
#include "vm/code/module.h"
#include "vm/code/op_format.h"
#include "vm/proc/exception.h"
#include "vm/proc/stacktrace.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel::ops {

namespace {

// As many as there are registers; more than 255 reach no function but are undef, not an error here.
constexpr u32 kMaxCallArity = kMaxX - 3;

const Word* entry_of(Export* e) { return e->entry.load(std::memory_order_acquire); }

// Number of elements of a proper list, or -1.
i64 proper_length(Term list) {
  i64 n = 0;
  for (; list.is_list(); list = list.tail()) n++;
  return list.is_nil() ? n : -1;
}

void spread(Term list, Term* x) {
  for (; list.is_list(); list = list.tail()) *x++ = list.head();
}

Term argument_list(Builder& b, const Term* x, u32 arity) {
  Term list = Term::nil();
  for (u32 i = arity; i-- > 0;) list = b.cons(x[i], list);
  return list;
}

// A refused apply: the trace names erlang:apply/3 (or /2), whose arguments are in x0...
const Word* refuse(Process& p, u32 arity, BifResult) {
  p.current_bif = export_find(am::erlang, am::apply, arity)->bif;
  p.bif_args = p.x;
  return nullptr;
}

// Its calls are reported where it is called.
bool is_traced(const BifEntry& b) { return b.fn != b.body; }

// The functions whose exception names their caller. Called through apply in tail position they would
// find it gone, so they are called here, while the instruction and its frame still stand.
bool raises_for_caller(const Export* e) {
  if (e->bif == nullptr || e->module != am::erlang) return false;
  if (e->function == am::error) return e->arity <= 3;
  return e->arity == 1 && (e->function == am::exit || e->function == am::throw_);
}

const Word* applied(Process& p, Term* x, Export* e) {
  if (VM_LIKELY(!raises_for_caller(e)) || is_traced(*e->bif)) return entry_of(e);
  p.current_bif = e->bif;
  p.bif_args = x;
  p.live = e->arity;
  BifResult r = e->bif->fn(p, x);
  VM_ASSERT(r.value.is_none());
  return nullptr;
}

Export* error_handler_export(Process& p, Term function) {
  Export* e = export_find(p.error_handler.is_none() ? am::error_handler : p.error_handler, function, 3);
  return e != nullptr && e->is_loaded() ? e : nullptr;
}

}  // namespace

const Word* apply_target(Process& p, Term* x, u32 arity) {
  p.current_bif = nullptr;
  Term module = x[arity];
  Term function = x[arity + 1];
  // A call of erlang:apply/2,3 through apply unfolds, so that a loop of them keeps one frame.
  if (VM_UNLIKELY(module == am::erlang && function == am::apply)) {
    if (arity == 3) return apply3_target(p, x);
    if (arity == 2) return apply_fun_target(p, x);
  }
  if (VM_UNLIKELY(!module.is_atom() || !function.is_atom())) {
    Builder b = p.reserve(2 * arity);
    Term args = argument_list(b, x, arity);
    module = x[arity];
    function = x[arity + 1];
    x[0] = module;
    x[1] = function;
    x[2] = args;
    return refuse(p, 3, raise_badarg(p));
  }
  return applied(p, x, export_get(module, function, arity));
}

const Word* apply3_target(Process& p, Term* x) {
  p.current_bif = nullptr;
  for (;;) {
    Term module = x[0];
    Term function = x[1];
    Term args = x[2];
    i64 n = proper_length(args);
    if (VM_UNLIKELY(!module.is_atom() || !function.is_atom() || n < 0)) {
      return refuse(p, 3, raise_badarg(p));
    }
    if (n > kMaxCallArity) return refuse(p, 3, raise_system_limit(p));
    spread(args, x);
    if (module == am::erlang && function == am::apply && n == 3) continue;
    Export* e = export_get(module, function, static_cast<u32>(n));
    // A process that begins with a fun begins with erlang:apply/2, which may be traced.
    if (module == am::erlang && function == am::apply && n == 2 && !is_traced(*e->bif)) return apply_fun_target(p, x);
    return applied(p, x, e);
  }
}

const Word* apply_fun_target(Process& p, Term* x) {
  Term f = x[0];
  Term args = x[1];
  i64 n = proper_length(args);
  if (n < 0) return refuse(p, 2, raise_badarg(p));
  if (n > kMaxCallArity) return refuse(p, 2, raise_system_limit(p));
  spread(args, x);
  p.current_bif = nullptr;
  x[n] = f;
  p.live = static_cast<u32>(n) + 1;
  return call_fun_target(p, x, static_cast<u32>(n));
}

const Word* call_fun_target(Process& p, Term* x, u32 arity) {
  Term f = x[arity];
  if (f.is(BoxedTag::Fun)) {
    const Fun* fun = view<Fun>(f);
    FunEntry* entry = fun->entry;
    if (entry->arity == arity) {
      u64 free_count = fun_num_free(f);
      for (u64 i = 0; i < free_count; i++) x[arity + i] = fun->free[i];
      if (!entry->is_loaded()) x[arity + free_count] = f;
      return entry->entry.load(std::memory_order_acquire);
    }
  } else if (f.is(BoxedTag::Export)) {
    Export* e = view<ExportFun>(f)->entry;
    if (e->arity == arity) return entry_of(e);
  } else {
    (void)raise_error_tuple(p, am::badfun, f);
    return nullptr;
  }
  // {badarity, {Fun, Args}}
  Builder b = p.reserve(2 * arity + 3 + 3);
  Term args = argument_list(b, x, arity);
  (void)raise_error(p, b.tuple({am::badarity, b.tuple({x[arity], args})}));
  return nullptr;
}

namespace {
const Word* handled_call(Process& p, Term* x, Term by, Term module, Term function, u32 arity) {
  Export* handler = error_handler_export(p, by);
  if (handler == nullptr) {
    (void)raise_undef(p);
    exception_save_trace_of(p, module, function, nullptr, arity);
    return nullptr;
  }
  Builder b = p.reserve(2 * arity);
  x[2] = argument_list(b, x, arity);
  x[0] = module;
  x[1] = function;
  return entry_of(handler);
}
}  // namespace

const Word* error_handler_target(Process& p, Term* x, Export* e) {
  return handled_call(p, x, am::undefined_function, e->module, e->function, e->arity);
}
const Word* breakpoint_target(Process& p, Term* x, Term module, Term function, u32 arity) {
  return handled_call(p, x, am::breakpoint, module, function, arity);
}

namespace {
// x: module, fun, arguments, for a function that makes the call later or says why it cannot be made.
const Word* pass_fun_call(Process& p, Term* x, FunEntry* f, Export* to) {
  Builder b = p.reserve(2 * f->arity);
  Term fun = x[f->arity + f->num_free];
  x[2] = argument_list(b, x, f->arity);
  x[0] = f->module;
  x[1] = fun;
  return entry_of(to);
}
}  // namespace

const Word* unloaded_fun_target(Process& p, Term* x, FunEntry* f) {
  if (f->is_purged) {
    // Whether its code stays is seen when the purge is over: the process waits at the entry of what
    // tries again.
    Export* again = export_find(am::erts_code_purger, am::pending_purge_lambda, 3);
    if (again != nullptr && again->is_loaded()) {
      p.suspend_count++;
      p.reds = 0;
      code_await_purge(p.id);
      return pass_fun_call(p, x, f, again);
    }
  }
  // The module is there, but in a version that has no such fun: nothing to be loaded.
  ModuleSlot* slot = module_slot_find(f->module);
  if (slot != nullptr && slot->current.load(std::memory_order_acquire) != nullptr) {
    (void)raise_error_tuple(p, am::badfun, x[f->arity + f->num_free]);
    return nullptr;
  }
  Export* handler = error_handler_export(p, am::undefined_lambda);
  if (handler == nullptr) {
    (void)raise_undef(p);
    return nullptr;
  }
  return pass_fun_call(p, x, f, handler);
}

void raise_function_clause(Process& p, u32 arity) {
  Builder b = p.reserve(2 * arity);
  Term args = argument_list(b, p.x, arity);
  (void)raise_error(p, am::function_clause);
  p.exc_args = args;
  p.exc_flags = kExcHasArgs;
}

bool check_hibernate(Process& p, Term* x) {
  i64 n = proper_length(x[2]);
  if (x[0].is_atom() && x[1].is_atom() && n >= 0 && n <= kMaxCallArity) return true;
  if (n > kMaxCallArity) {
    (void)raise_system_limit(p);
  } else {
    (void)raise_badarg(p);
  }
  return false;
}

}  // namespace lintel::ops
