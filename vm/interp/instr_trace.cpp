// Breakpoints and the frames that tracing pushes. What is reported, and which frames are pushed, is
// decided in vm/diag/breakpoint.cpp; here is only the way in and out.
//
//   sp -> trace return   slots ...   caller's return address   ...
//
// A traced function returns to the word at engine.trace_returns, whose handler reports, drops the
// slots and returns to the caller.
#include "vm/code/backend.h"
#include "vm/diag/breakpoint.h"
#include "vm/interp/handlers.h"
#include "vm/interp/interp.h"
#include "vm/ops/apply.h"

namespace lintel::interp {

// The handler of the function that was taken over still finds its operands where they were.
HANDLER(breakpoint) {
  auto* b = reinterpret_cast<CodeBreakpoint*>(pc[-1]);
  if (VM_UNLIKELY(p->resumes_call)) {
    p->resumes_call = false;
  } else {
    SAVE();
    p->live = entry_arity(pc);
    trace_call(*p, *b, x);
    const Word* info = pc - kFunctionHeaderWords;
    const Word* target = nullptr;
    bool diverted = b->is_diverted;
    if (diverted) target = ops::breakpoint_target(*p, x, function_module(info), function_name(info), p->live);
    LOAD();
    if (diverted) {
      if (target == nullptr) GOTO(raise_exception_with_trace);
      ENTER(target);
    }
  }
  if (b->nif != nullptr) {
    SAVE();
    p->live = entry_arity(pc);
    p->current_bif = nullptr;
    p->bif_args = x;
    BifResult r = engine.nif_call(*p, b->nif, x, p->live);
    LOAD();
    if (VM_UNLIKELY(r.value.is_none())) GOTO(nif_no_value);
    x[0] = r.value;
    pc = sp->return_address();
    sp++;
    DISPATCH();
  }
  auto handler = reinterpret_cast<Handler>(b->handler);
  [[clang::musttail]] return handler(pc, x, sp, htop, reds, p);
}

HANDLER(export_breakpoint) {
  auto* b = reinterpret_cast<ExportBreakpoint*>(A64(export_breakpoint, 0));
  SAVE();
  p->live = U32(0);
  pc = trace_export_call(*p, *b, x);
  LOAD();
  DISPATCH();
}

namespace {
VM_ALWAYS_INLINE const Word* leave_frame(Term*& sp, TraceReturn kind) {
  sp += kTraceFrameSlots[kind];
  const Word* to = sp->return_address();
  sp++;
  return to;
}
}  // namespace

HANDLER(return_trace) {
  SAVE();
  p->live = 1;
  trace_return(*p, sp, x[0]);
  LOAD();
  pc = leave_frame(sp, kReturnTrace);
  DISPATCH();
}
HANDLER(return_to_trace) {
  SAVE();
  p->live = 1;
  trace_return_to(*p);
  LOAD();
  pc = leave_frame(sp, kReturnToTrace);
  DISPATCH();
}
HANDLER(return_time_trace) {
  SAVE();
  trace_time_return(*p, sp[0]);
  LOAD();
  pc = leave_frame(sp, kReturnTimeTrace);
  DISPATCH();
}

HANDLER(nop) { NEXT(nop); }

}  // namespace lintel::interp
