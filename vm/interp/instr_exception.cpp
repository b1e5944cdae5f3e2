// Exceptions. A catch tag in a Y register holds the handler's address. Raising scans the stack for
// the innermost tag; the handler finds
//
//   x0 = none   x1 = class   x2 = reason   x3 = raw trace
//
// and catch_end or try_case turns these into what the code expects.
#include "vm/code/backend.h"
#include "vm/diag/breakpoint.h"
#include "vm/interp/handlers.h"
#include "vm/interp/interp.h"
#include "vm/proc/stacktrace.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel::interp {

HANDLER(catch_) {
  const Word* handler = pc + I32(1);
  YREG(0) = Term::catch_tag(reinterpret_cast<u64>(handler));
  p->catches++;
  NEXT(catch_);
}
HANDLER(try_end) {
  YREG(0) = Term::nil();
  p->catches--;
  NEXT(try_end);
}
HANDLER(try_case) {
  YREG(0) = Term::nil();
  p->catches--;
  x[0] = x[1];
  x[1] = x[2];
  x[2] = x[3];
  NEXT(try_case);
}
HANDLER(catch_end) {
  YREG(0) = Term::nil();
  p->catches--;
  if (VM_LIKELY(!x[0].is_none())) NEXT(catch_end);
  if (x[1] == am::throw_) {
    x[0] = x[2];
    NEXT(catch_end);
  }
  // {'EXIT', Reason} or {'EXIT', {Reason, Trace}}
  SAVE();
  x[0] = Term::nil();
  p->live = 4;
  if (x[1] == am::error) x[3] = stacktrace_of_raw(*p, x[3]);
  Builder b = p->reserve(3 + 3);
  Term reason = x[1] == am::error ? b.tuple({x[2], x[3]}) : x[2];
  x[0] = b.tuple({am::EXIT, reason});
  LOAD();
  NEXT(catch_end);
}

// Rethrow: REG(0) is the raw trace, which knows its class, REG(1) the reason.
HANDLER(raise) {
  Term trace = REG(0);
  Term reason = REG(1);
  SAVE();
  p->live = 0;
  ExcClass cls = raw_trace_class(trace);
  (void)lintel::raise(*p, cls, reason);
  p->exc_trace = trace;
  p->exc_flags = kExcHasTrace;
  GOTO(raise_exception);
}
// x0 class, x1 reason, x2 raw trace or a readable one.
HANDLER(raw_raise) {
  Term cls = x[0];
  if (cls != am::error && cls != am::exit && cls != am::throw_) {
    x[0] = am::badarg;
    NEXT(raw_raise);
  }
  SAVE();
  p->live = 0;
  (void)lintel::raise(*p,
                      cls == am::error  ? ExcClass::Error
                      : cls == am::exit ? ExcClass::Exit
                                        : ExcClass::Throw,
                      x[1]);
  p->exc_trace = raw_trace_with_class(*p, x[2], p->exc_class);
  p->exc_flags = kExcHasTrace;
  LOAD();
  GOTO(raise_exception);
}
HANDLER(build_stacktrace) {
  SAVE();
  p->live = 1;
  Term trace = stacktrace_of_raw(*p, x[0]);
  LOAD();
  x[0] = trace;
  NEXT(build_stacktrace);
}

namespace {

// The stack position of the innermost frame with a catch tag, and the handler.
struct Landing {
  Term* sp;
  const Word* pc;
};
Landing find_handler(Process* p, Term* sp) {
  Term* frame = sp;
  for (Term* s = sp; s < p->end; s++) {
    if (s->is_return_address()) {
      frame = s + 1;
      if (VM_UNLIKELY(is_trace_return(s->return_address()))) trace_unwinding(*p, s);
    } else if (s->is_catch()) {
      return {frame, reinterpret_cast<const Word*>(s->catch_index())};
    }
  }
  // Passed frames of tracing only.
  VM_CHECK(p->catches == 0);
  return {nullptr, nullptr};
}

}  // namespace

COLD_PATH(raise_exception_in_bif) {
  exception_save_trace(*p, p->pc, p->current_bif);
  GOTO(raise_exception_with_trace);
}
COLD_PATH(raise_exception) {
  exception_save_trace(*p, p->pc, nullptr);
  GOTO(raise_exception_with_trace);
}
COLD_PATH(raise_exception_with_trace) {
  p->reds -= 10;
  p->live = 0;
  p->saved_count = 0;
  if (p->catches == 0) {
    if (VM_UNLIKELY((p->trace_flags & kTraceReturnFrames) != 0)) (void)find_handler(p, p->sp);
    p->run_result = RunResult::Exited;
    return;
  }
  Landing to = find_handler(p, p->sp);
  if (VM_UNLIKELY((p->trace_flags & kTraceReturnTo) != 0)) trace_landing(*p, p->sp, to.sp, to.pc);
  LOAD();
  sp = to.sp;
  x[0] = Term::none();
  x[1] = class_atom(p->exc_class);
  x[2] = p->exc_reason;
  x[3] = p->exc_trace;
  p->exc_reason = Term::nil();
  p->exc_trace = Term::nil();
  p->exc_args = Term::nil();
  p->exc_info = Term::nil();
  pc = to.pc;
  DISPATCH();
}

}  // namespace lintel::interp
