// Calls, returns, and the code that no module owns: export stubs, process start and end.
#include "vm/code/backend.h"
#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/code/module.h"
#include "vm/code/native_function.h"
#include "vm/interp/handlers.h"
#include "vm/interp/interp.h"
#include "vm/ops/apply.h"
#include "vm/proc/tracing.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel::interp {

HANDLER(func_info) {
  u32 arity = U32(0);
  SAVE();
  p->live = arity;
  ops::raise_function_clause(*p, arity);
  LOAD();
  GOTO(raise_exception);
}
HANDLER(jump) { BRANCH(0); }

HANDLER(call) {
  PUSH_RETURN(call);
  ENTER(pc + I32(0));
}
HANDLER(call_last) {
  sp += U32(1);
  ENTER(pc + I32(0));
}
HANDLER(call_only) { ENTER(pc + I32(0)); }

namespace {
VM_ALWAYS_INLINE const Word* export_entry(Word e) {
  // Pairs with the release in the code loader: whoever sees the entry sees the code.
  return reinterpret_cast<Export*>(e)->entry.load(std::memory_order_acquire);
}
}  // namespace

HANDLER(call_ext) {
  PUSH_RETURN(call_ext);
  ENTER(export_entry(A64(call_ext, 0)));
}
HANDLER(call_ext_last) {
  sp += U32(0);
  ENTER(export_entry(A64(call_ext_last, 0)));
}
HANDLER(call_ext_only) { ENTER(export_entry(A64(call_ext_only, 0))); }

HANDLER(return_) {
  pc = sp->return_address();
  sp++;
  DISPATCH();
}
HANDLER(deallocate_return) {
  sp += U32(0);
  pc = sp->return_address();
  sp++;
  DISPATCH();
}

HANDLER(return_c) {
  x[0] = CONST(return_c, 0);
  pc = sp->return_address();
  sp++;
  DISPATCH();
}
HANDLER(return_x) {
  x[0] = XREG(0);
  pc = sp->return_address();
  sp++;
  DISPATCH();
}

// ---- BIFs ----

HANDLER(call_bif) {
  const auto* bif = reinterpret_cast<const BifEntry*>(A64(call_bif, 0));
  SAVE();
  p->reds = reds - 1;
  p->live = U32(0);
  p->current_bif = bif;
  p->bif_args = x;
  BifResult r = bif->fn(*p, x);
  LOAD();
  if (VM_UNLIKELY(r.value.is_none())) GOTO(bif_no_value);
  x[0] = r.value;
  if (VM_UNLIKELY(reds <= 0)) GOTO(yield_after_bif);
  NEXT(call_bif);
}
// The stub of a BIF's export is this and a return, so a trap's return address is the return.
HANDLER(call_bif_export) {
  const auto* bif = reinterpret_cast<const BifEntry*>(A64(call_bif_export, 0));
  SAVE();
  p->live = U32(0);
  p->current_bif = bif;
  p->bif_args = x;
  BifResult r = bif->body(*p, x);
  LOAD();
  if (VM_UNLIKELY(r.value.is_none())) GOTO(bif_no_value);
  x[0] = r.value;
  NEXT(call_bif_export);
}
HANDLER(call_nif) {
  SAVE();
  p->live = U32(0);
  p->current_bif = nullptr;
  p->bif_args = x;
  BifResult r = engine.nif_call(*p, reinterpret_cast<NifFunction*>(pc[-1]), x, U32(0));
  LOAD();
  if (VM_UNLIKELY(r.value.is_none())) GOTO(nif_no_value);
  x[0] = r.value;
  pc = sp->return_address();
  sp++;
  DISPATCH();
}

// ---- native bodies (vm/code/native_function.h) ----

namespace {
COLD_PATH(native_yield) {
  SAVE();
  save_registers(*p, x, kNativeStateRegisters);
  p->run_result = RunResult::Yielded;
}
constexpr u32 kNativeBodyWords = SHAPE(native_body).fixed_words();
}  // namespace

HANDLER(native_body) {
  // Who traces calls sees those that the Erlang code makes.
  if (VM_UNLIKELY((p->trace_flags & kTraceCall) != 0)) {
    pc += kNativeBodyWords;
    NEXT(native_resume);
  }
  const auto* native = reinterpret_cast<const NativeFunction*>(A64(native_body, 0));
  if (VM_UNLIKELY(native_breakpoints.load(std::memory_order_relaxed) != 0)) {
    pc += kNativeBodyWords;
    NEXT(native_resume);
  }
  SAVE();
  p->live = U32(0);
  NativeStatus status = native->body->start(*p, x);
  LOAD();
  if (VM_LIKELY(status == NativeStatus::Done)) {
    pc = sp->return_address();
    sp++;
    DISPATCH();
  }
  pc += kNativeBodyWords;
  if (status == NativeStatus::Again) GOTO(native_yield);
  NEXT(native_resume);
}
HANDLER(native_resume) {
  const auto* native = reinterpret_cast<const NativeFunction*>(A64(native_resume, 0));
  SAVE();
  p->live = U32(0);
  NativeStatus status = native->body->resume(*p, x);
  LOAD();
  if (status == NativeStatus::Done) {
    pc = sp->return_address();
    sp++;
    DISPATCH();
  }
  if (status == NativeStatus::Again) GOTO(native_yield);
  NEXT(native_resume);
}

COLD_PATH(yield_after_bif) {
  // Goes on at the next instruction with x0 as its only register: a call's result is all that lives.
  pc += SHAPE(call_bif).fixed_words();
  SAVE();
  p->saved_x[0] = x[0];
  p->saved_count = 1;
  p->run_result = RunResult::Yielded;
}

COLD_PATH(bif_no_value) {
  switch (p->outcome) {
    case BifOutcome::Raise:
      p->pc = pc;
      GOTO(raise_exception_in_bif);
    case BifOutcome::Trap: {
      *--sp = Term::interp_return(pc + SHAPE(call_bif).fixed_words());
      ENTER(p->trap_entry);
    }
    case BifOutcome::Yield:
    case BifOutcome::Wait: {
      // The same instruction runs again with the registers as the BIF left them.
      SAVE();
      save_registers(*p, x, U32(0));
      p->suspended_bif = p->current_bif;
      p->run_result =
          p->outcome == BifOutcome::Yield ? RunResult::Yielded : RunResult::Waiting;
      // A NIF's call is at its function's entry: a breakpoint there has reported it.
      p->resumes_call = handler_at(pc) == op_breakpoint;
      return;
    }
    case BifOutcome::Hibernate:
      // Everything but the call to come, in x0..x2, is forgotten.
      SAVE();
      p->sp = p->end - 1;  // only the first frame's return address stays
      p->catches = 0;
      save_registers(*p, x, 3);
      p->pc = engine.apply_start;
      p->flags |= kFlagHibernated;
      p->run_result = RunResult::Waiting;
      return;
    case BifOutcome::Exit:
      SAVE();
      p->saved_count = 0;
      p->run_result = RunResult::Exited;
      return;
  }
}
static_assert(kOpShapes[static_cast<u32>(Op::call_bif)].fixed_words() ==
              kOpShapes[static_cast<u32>(Op::call_bif_export)].fixed_words());

// A NIF is in tail position of its function's code: a trap replaces the function itself.
COLD_PATH(nif_no_value) {
  switch (p->outcome) {
    case BifOutcome::Raise:
      p->pc = pc;
      GOTO(raise_exception);
    case BifOutcome::Trap:
      ENTER(p->trap_entry);
    default:
      GOTO(bif_no_value);
  }
}

COLD_PATH(yield_at_entry) {
  SAVE();
  save_registers(*p, x, entry_live(pc));
  p->run_result = RunResult::Yielded;
}

// ---- apply and funs ----

// Calls whose target an op finds (nullptr: it raised). `leave` is what happens to the frame: a return
// address goes onto it, or it goes away, or there is none.
#define APPLY(op, registers, find, leave)                               \
  HANDLER(op) {                                                         \
    SAVE();                                                             \
    p->live = (registers);                                              \
    const Word* target = ops::find;                                     \
    LOAD();                                                             \
    if (VM_UNLIKELY(target == nullptr)) GOTO(raise_exception_in_bif);   \
    leave;                                                              \
    ENTER(target);                                                      \
  }
// x[arity], x[arity+1] hold module and function.
APPLY(apply, U32(0) + 2, apply_target(*p, x, U32(0)), PUSH_RETURN(apply))
APPLY(apply_last, U32(0) + 2, apply_target(*p, x, U32(0)), sp += U32(1))
// x0 module, x1 function, x2 list: spreads the list over the registers.
APPLY(apply3, 3, apply3_target(*p, x), PUSH_RETURN(apply3))
APPLY(apply3_last, 3, apply3_target(*p, x), sp += U32(0))
APPLY(apply3_only, 3, apply3_target(*p, x), )
// x0 fun, x1 list.
APPLY(apply_fun, 2, apply_fun_target(*p, x), PUSH_RETURN(apply_fun))
APPLY(apply_fun_last, 2, apply_fun_target(*p, x), sp += U32(0))
APPLY(apply_fun_only, 2, apply_fun_target(*p, x), )
#undef APPLY

namespace {
// The return address is on the stack already when the stock VM finds that it has no fun, so that the
// caller shows twice in the trace.
COLD_PATH(call_fun_failed) {
  *--p->sp = Term::interp_return(pc + SHAPE(call_fun).fixed_words());
  GOTO(raise_exception);
}
}  // namespace

// x[arity] is the fun; after it the free variables follow the arguments. Local funs are called here,
// the others (of exports, of unloaded code, and what is no fun of this arity) through the op. More than
// two free variables need registers that have to be saved, and so a function of their own.
#define CALL_FUN(op, failed, leave)                                                     \
  namespace {                                                                           \
  COLD_PATH(op##_slow) {                                                                \
    SAVE();                                                                             \
    p->live = U32(0) + 1;                                                               \
    const Word* target = ops::call_fun_target(*p, x, U32(0));                           \
    LOAD();                                                                             \
    if (VM_UNLIKELY(target == nullptr)) GOTO(failed);                                   \
    leave;                                                                              \
    ENTER(target);                                                                      \
  }                                                                                     \
  VM_NOINLINE void op##_closure(HANDLER_PARAMS) {                                       \
    Term* to = x + U32(0);                                                              \
    const Fun* fun = view<Fun>(*to);                                                    \
    u64 count = fun_num_free(*to);                                                      \
    _Pragma("clang loop vectorize(disable) unroll(disable)")                            \
    for (u64 i = 0; i < count; i++) to[i] = fun->free[i];                               \
    const Word* target = fun->entry->entry.load(std::memory_order_acquire);             \
    leave;                                                                              \
    ENTER(target);                                                                      \
  }                                                                                     \
  }                                                                                     \
  HANDLER(op) {                                                                         \
    Term f = x[U32(0)];                                                                 \
    if (!VM_LIKELY(f.is(BoxedTag::Fun))) GOTO(op##_slow);                               \
    const Fun* fun = view<Fun>(f);                                                      \
    if (!VM_LIKELY(fun->entry->arity == U32(0) && fun->entry->is_loaded())) {           \
      GOTO(op##_slow);                                                                  \
    }                                                                                   \
    u64 count = fun_num_free(f);                                                        \
    if (count > 2) GOTO(op##_closure);                                                  \
    if (count > 1) x[U32(0) + 1] = fun->free[1];                                        \
    const Word* target = fun->entry->entry.load(std::memory_order_acquire);             \
    if (count > 0) x[U32(0)] = fun->free[0];                                            \
    leave;                                                                              \
    ENTER(target);                                                                      \
  }
CALL_FUN(call_fun, call_fun_failed, PUSH_RETURN(call_fun))
CALL_FUN(call_fun_last, raise_exception, sp += U32(1))
#undef CALL_FUN

HANDLER(call_error_handler) {
  auto* e = reinterpret_cast<Export*>(A64(call_error_handler, 0));
  SAVE();
  p->live = e->arity;
  const Word* target = ops::error_handler_target(*p, x, e);
  LOAD();
  if (target == nullptr) GOTO(raise_exception_with_trace);
  ENTER(target);
}
HANDLER(unloaded_fun) {
  auto* f = reinterpret_cast<FunEntry*>(A64(unloaded_fun, 0));
  SAVE();
  p->live = f->arity + f->num_free + 1;
  const Word* target = ops::unloaded_fun_target(*p, x, f);
  LOAD();
  if (target == nullptr) GOTO(raise_exception);
  ENTER(target);
}

// ---- a process's first and last instructions ----

HANDLER(start_process) {
  SAVE();
  p->live = 3;
  const Word* target = ops::apply3_target(*p, x);
  LOAD();
  if (target == nullptr) GOTO(raise_exception_in_bif);
  pc = target;
  DISPATCH();
}
HANDLER(exit_normally) {
  SAVE();
  p->exc_class = ExcClass::Exit;
  p->exc_reason = am::normal;
  p->exc_trace = Term::nil();
  p->saved_count = 0;
  p->run_result = RunResult::Exited;
}

}  // namespace lintel::interp
