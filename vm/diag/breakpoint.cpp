#include "vm/diag/breakpoint.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "vm/base/lock.h"
#include "vm/base/quiesce.h"
#include "vm/code/code_server.h"
#include "vm/code/module.h"
#include "vm/code/native_function.h"
#include "vm/code/op_format.h"
#include "vm/diag/saved_calls.h"
#include "vm/diag/trace_actions.h"
#include "vm/heap/copy.h"
#include "vm/proc/stacktrace.h"
#include "vm/sched/clock.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {

// Rows of one function. The list of processes is short or the calls are many: one lock will do, for
// who counts time wants to know where it goes and not how fast.
struct CallTimes {
  Mutex<LockRank::Leaf> lock;
  std::unordered_map<Word, std::pair<u64, i64>> rows;  // by pid: calls, nanoseconds
  bool is_on = false;

  void add(Term pid, u64 calls, i64 ns) {
    Guard guard(lock);
    if (!is_on) return;
    auto& row = rows[pid.bits()];
    row.first += calls;
    row.second += ns;
  }
  void clear(bool on) {
    Guard guard(lock);
    rows.clear();
    is_on = on;
  }
};

DefaultPattern default_pattern;
EventPattern send_pattern;
EventPattern receive_pattern;

namespace {

bool saves_calls = false;  // kBreakSave is at every export; changed with the schedulers blocked

// All of them; changed with the schedulers blocked. Functions by their entry, exports by themselves.
std::unordered_map<const Word*, Breakpoint*> function_breaks;
std::unordered_map<Export*, ExportBreakpoint*> export_breaks;  // made once for an export, then kept
std::unordered_map<Export*, CallTimes*> all_times;             // likewise

bool is_bif(const Export* e) { return e != nullptr && e->bif != nullptr; }

// ---- one breakpoint ----

Breakpoint* breakpoint_new(Term module, Term function, u32 arity) {
  auto* b = vm_new<Breakpoint>();
  b->module = module;
  b->function = function;
  b->arity = arity;
  native_breakpoints.fetch_add(1, std::memory_order_relaxed);
  return b;
}

void breakpoint_retire(Breakpoint* b) {
  native_breakpoints.fetch_sub(1, std::memory_order_relaxed);
  quiesce_retire(b, [](void* block) {
    auto* gone = static_cast<Breakpoint*>(block);
    if (gone->program != nullptr) match_program_release(gone->program);
    if (gone->meta_program != nullptr) match_program_release(gone->meta_program);
    tracer_release(gone->meta_tracer.load(std::memory_order_relaxed));
    vm_delete(gone);
  });
}

void set_program(MatchProgram*& place, MatchProgram* program) {
  if (program != nullptr) match_program_retain(program);
  match_program_retire(place);
  place = program;
}

CallTimes* times_of(const Breakpoint& b) {
  CallTimes*& t = all_times[export_get(b.module, b.function, b.arity)];
  if (t == nullptr) t = vm_new<CallTimes>();
  return t;
}

void clear_flags(Breakpoint& b, u32 flags) {
  if ((flags & b.flags & (kBreakLocal | kBreakGlobal)) != 0) set_program(b.program, nullptr);
  if ((flags & b.flags & kBreakMeta) != 0) {
    set_program(b.meta_program, nullptr);
    tracer_release(b.meta_tracer.exchange(nullptr));
  }
  if ((flags & b.flags & kBreakTime) != 0) b.times->clear(false);
  if ((flags & kBreakDivert) != 0) b.is_diverted = false;
  b.flags &= ~flags;
}

void switch_on(Breakpoint& b, PatternSwitch how, const PatternFlags& f, MatchProgram* program,
               MatchProgram* meta_program, Tracer* meta_tracer) {
  if (f.local) {
    set_program(b.program, program);
    b.flags |= kBreakLocal;
  }
  if (f.meta) {
    set_program(b.meta_program, meta_program);
    if (meta_tracer != nullptr) tracer_retain(meta_tracer);
    tracer_release(b.meta_tracer.exchange(meta_tracer));
    b.flags |= kBreakMeta;
  }
  // A pause stops what is counted, anything else begins anew; only `true` starts what is not there.
  if (f.count) {
    if (how == PatternSwitch::Pause) {
      b.flags &= ~kBreakCountActive;
    } else if (how == PatternSwitch::On || (b.flags & kBreakCount) != 0) {
      b.count.store(0);
      b.flags |= kBreakCount | kBreakCountActive;
    }
  }
  if (f.time) {
    if (how == PatternSwitch::Pause) {
      b.flags &= ~kBreakTimeActive;
    } else if (how == PatternSwitch::On || (b.flags & kBreakTime) != 0) {
      if (b.times == nullptr) b.times = times_of(b);
      b.times->clear(true);
      b.flags |= kBreakTime | kBreakTimeActive;
    }
  }
}

void switch_off(Breakpoint& b, const PatternFlags& f) {
  u32 flags = (f.local ? kBreakLocal : 0u) | (f.meta ? kBreakMeta : 0u) |
              (f.count ? kBreakCount | kBreakCountActive : 0u) | (f.time ? kBreakTime | kBreakTimeActive : 0u);
  clear_flags(b, flags);
}

// ---- where they are ----

Breakpoint* function_break(const Word* entry) {
  auto it = function_breaks.find(entry);
  return it == function_breaks.end() ? nullptr : it->second;
}

Breakpoint* export_break(Export* e) {
  auto it = export_breaks.find(e);
  return it == export_breaks.end() ? nullptr : it->second->at;
}

Breakpoint& need_function_break(Term module, const Word* info) {
  const Word* entry = info + kFunctionHeaderWords;
  Breakpoint*& b = function_breaks[entry];
  if (b == nullptr) {
    b = breakpoint_new(module, function_name(info), function_arity(info));
    b->entry = entry;
    engine.set_breakpoint(*b);
  }
  return *b;
}

void drop_function_break(const Word* entry) {
  auto it = function_breaks.find(entry);
  if (it == function_breaks.end() || it->second->flags != 0) return;
  engine.clear_breakpoint(*it->second);
  breakpoint_retire(it->second);
  function_breaks.erase(it);
}

// What a traced BIF's instruction calls instead: the export, as if it were any function.
BifResult call_through_export(Process& p, Term*) {
  p.outcome = BifOutcome::Trap;
  p.trap_entry = p.current_bif->export_entry->entry.load(std::memory_order_acquire);
  return Term::none();
}

Breakpoint& need_export_break(Export* e) {
  ExportBreakpoint*& x = export_breaks[e];
  if (x == nullptr) {
    x = vm_new<ExportBreakpoint>();
    x->export_entry = e;
    engine.link_export_breakpoint(x->code, e->arity, x);
  }
  if (x->at == nullptr) {
    x->at = breakpoint_new(e->module, e->function, e->arity);
    x->target = e->entry.load(std::memory_order_relaxed);
    e->entry.store(x->code, std::memory_order_release);
    if (is_bif(e) && e->bif->kind != BifKind::Guard) const_cast<BifEntry*>(e->bif)->fn = call_through_export;
  }
  return *x->at;
}

void drop_export_break(Export* e) {
  auto it = export_breaks.find(e);
  if (it == export_breaks.end()) return;
  ExportBreakpoint& x = *it->second;
  if (x.at == nullptr || x.at->flags != 0) return;
  e->entry.store(x.target, std::memory_order_release);
  if (is_bif(e)) const_cast<BifEntry*>(e->bif)->fn = e->bif->body;
  breakpoint_retire(x.at);
  x.at = nullptr;
}

// ---- patterns ----

struct Selection {
  Term module;
  Term function;
  u32 arity;
  u32 given;
  bool matches(Term m, Term f, u32 a) const {
    return (given < 1 || m == module) && (given < 2 || f == function) && (given < 3 || a == arity);
  }
};

// f(module, info) for each function of current versions.
template <typename F>
void each_function(const Selection& s, F f) {
  auto in_slot = [&](ModuleSlot* slot) {
    Module* m = slot->current.load(std::memory_order_relaxed);
    if (m == nullptr) return;
    for (const FunctionRange& r : m->functions) {
      if (s.matches(m->name, function_name(r.info), function_arity(r.info))) f(*m, r.info);
    }
  };
  if (s.given >= 1) {
    if (ModuleSlot* slot = module_slot_find(s.module)) in_slot(slot);
    return;
  }
  module_slots_each([](ModuleSlot* slot, void* data) { (*static_cast<decltype(in_slot)*>(data))(slot); },
                    &in_slot);
}

template <typename F>
void each_export(const Selection& s, F f) {
  auto one = [&](Export* e) {
    if (e->is_loaded() && s.matches(e->module, e->function, e->arity)) f(e);
  };
  if (s.given == 3) {
    if (Export* e = export_find(s.module, s.function, s.arity)) one(e);
    return;
  }
  exports_each([](Export* e, void* data) { (*static_cast<decltype(one)*>(data))(e); }, &one);
}

// Calls of the function pass here, wherever that is: f(breakpoint).
Breakpoint& need_break(Module& m, const Word* info) {
  Export* e = export_find(m.name, function_name(info), function_arity(info));
  if (is_bif(e)) return need_export_break(e);
  return need_function_break(m.name, info);
}
Breakpoint* find_break(Term module, const Word* info) {
  Export* e = export_find(module, function_name(info), function_arity(info));
  return is_bif(e) ? export_break(e) : function_break(info + kFunctionHeaderWords);
}
void drop_break(Term module, const Word* info) {
  Export* e = export_find(module, function_name(info), function_arity(info));
  if (is_bif(e)) {
    drop_export_break(e);
  } else {
    drop_function_break(info + kFunctionHeaderWords);
  }
}

u32 set_blocked(const Selection& s, PatternSwitch how, const PatternFlags& f, MatchProgram* program,
                MatchProgram* meta_program, Tracer* meta_tracer) {
  bool on = how != PatternSwitch::Off;
  u32 exports = 0;
  u32 functions = 0;
  each_export(s, [&](Export* e) {
    exports++;
    if (on && !f.breakpoint) {
      Breakpoint& b = need_export_break(e);
      clear_flags(b, kBreakAll);
      set_program(b.program, program);
      b.flags |= kBreakGlobal;
    } else if (on || !f.breakpoint) {
      // Global tracing ends, when that is asked for or other tracing begins.
      if (Breakpoint* b = export_break(e)) {
        clear_flags(*b, kBreakGlobal);
        drop_export_break(e);
      }
    }
  });
  each_function(s, [&](Module& m, const Word* info) {
    functions++;
    if (on && f.breakpoint) {
      // Only what is there is paused or started again.
      bool starts = how == PatternSwitch::On || f.local || f.meta;
      Breakpoint* b = starts ? &need_break(m, info) : find_break(m.name, info);
      if (b != nullptr) switch_on(*b, how, f, program, meta_program, meta_tracer);
      return;
    }
    Breakpoint* b = find_break(m.name, info);
    if (b == nullptr) return;
    if (on) {
      clear_flags(*b, kBreakAll & ~kBreakGlobal);
    } else {
      switch_off(*b, f);
    }
    drop_break(m.name, info);
  });
  return f.breakpoint ? functions : exports;
}

// ---- loading ----

void leaving(Module& m) {
  for (const FunctionRange& r : m.functions) {
    if (Breakpoint* b = function_break(r.info + kFunctionHeaderWords)) {
      clear_flags(*b, kBreakAll | kBreakDivert);
      drop_function_break(r.info + kFunctionHeaderWords);
    }
  }
  for (const ModuleExport& x : m.exports) {
    Export* e = export_find(m.name, x.function, x.arity);
    if (e == nullptr || is_bif(e)) continue;
    if (Breakpoint* b = export_break(e)) {
      clear_flags(*b, kBreakAll | kBreakSave);
      drop_export_break(e);
    }
  }
}

void save_calls_at(const Selection& s, bool on) {
  each_export(s, [on](Export* e) {
    if (on) {
      need_export_break(e).flags |= kBreakSave;
    } else if (Breakpoint* b = export_break(e)) {
      clear_flags(*b, kBreakSave);
      drop_export_break(e);
    }
  });
}

void arrived(Module& m) {
  if (saves_calls) save_calls_at({m.name, Term::nil(), 0, 1}, true);
  const DefaultPattern& d = default_pattern;
  if (!d.on) return;
  set_blocked({m.name, Term::nil(), 0, 1}, PatternSwitch::On, d.flags, d.program, d.meta_program, d.meta_tracer);
}

}  // namespace

void trace_init() {
  code_hooks.leaving = leaving;
  code_hooks.arrived = arrived;
}

u32 breakpoints_set(Term module, Term function, u32 arity, u32 given, PatternSwitch how, PatternFlags flags,
                    MatchProgram* program, Tracer* meta_tracer) {
  schedulers_block();
  u32 n = set_blocked({module, function, arity, given}, how, flags, program, program, meta_tracer);
  schedulers_unblock();
  return n;
}

u32 breakpoints_divert(Term module, Term function, u32 arity, u32 given, bool on) {
  u32 matched = 0;
  schedulers_block();
  each_function({module, function, arity, given}, [&](Module& m, const Word* info) {
    matched++;
    if (is_bif(export_find(m.name, function_name(info), function_arity(info)))) return;
    const Word* entry = info + kFunctionHeaderWords;
    if (on) {
      Breakpoint& b = need_function_break(m.name, info);
      b.flags |= kBreakDivert;
      b.is_diverted = true;
    } else if (Breakpoint* b = function_break(entry)) {
      clear_flags(*b, kBreakDivert);
      drop_function_break(entry);
    }
  });
  schedulers_unblock();
  return matched;
}

void breakpoints_save_calls(bool on) {
  schedulers_block();
  // Who asks that they end may have been overtaken by a process that begins.
  on = on || saved_calls_wanted();
  if (on != saves_calls) {
    saves_calls = on;
    save_calls_at({Term::nil(), Term::nil(), 0, 0}, on);
  }
  schedulers_unblock();
}

void default_pattern_set(PatternSwitch how, PatternFlags f, MatchProgram* program, Tracer* meta_tracer) {
  bool on = how != PatternSwitch::Off;
  DefaultPattern& d = default_pattern;
  schedulers_block();
  if (f.local || !f.breakpoint) set_program(d.program, program);
  if (f.meta) {
    set_program(d.meta_program, program);
    if (meta_tracer != nullptr) tracer_retain(meta_tracer);
    tracer_release(d.meta_tracer);
    d.meta_tracer = meta_tracer;
  } else if (!f.breakpoint) {
    set_program(d.meta_program, nullptr);
    tracer_release(d.meta_tracer);
    d.meta_tracer = nullptr;
  }
  bool counts = how == PatternSwitch::On;
  if (d.flags.breakpoint && f.breakpoint) {
    if (on) {
      d.flags.local |= f.local;
      d.flags.meta |= f.meta;
      d.flags.count |= counts && f.count;
      d.flags.time |= counts && f.time;
    } else {
      d.flags.local &= !f.local;
      d.flags.meta &= !f.meta;
      d.flags.count &= !f.count;
      d.flags.time &= !f.time;
      d.flags.breakpoint = d.flags.local || d.flags.meta || d.flags.count || d.flags.time;
      if (!d.flags.breakpoint) d.on = false;
    }
  } else if (!d.flags.breakpoint && !f.breakpoint) {
    d.on = on;
  } else if (on) {
    if (f.breakpoint && !counts) f.count = f.time = false;
    if (f.breakpoint) f.breakpoint = f.local || f.meta || f.count || f.time;
    d.on = !d.flags.breakpoint ? f.breakpoint : true;
    d.flags = f;
  }
  schedulers_unblock();
}

void event_pattern_set(EventPattern& pattern, bool on, MatchProgram* program) {
  schedulers_block();
  pattern.on = on;
  set_program(pattern.program, program);
  schedulers_unblock();
}

Breakpoint* breakpoint_find(Term module, Term function, u32 arity, bool* exists) {
  Export* e = export_find(module, function, arity);
  *exists = e != nullptr && e->is_loaded();
  if (e != nullptr) {
    if (Breakpoint* b = export_break(e); b != nullptr && (b->flags & kBreakAll) != 0) return b;
  }
  Breakpoint* found = nullptr;
  each_function({module, function, arity, 3}, [&](Module& m, const Word* info) {
    *exists = true;
    found = function_break(info + kFunctionHeaderWords);
  });
  return found;
}

std::vector<CallTimeRow> breakpoint_times(const Breakpoint& b) {
  std::vector<CallTimeRow> rows;
  if (b.times == nullptr) return rows;
  Guard guard(b.times->lock);
  for (auto& [pid, row] : b.times->rows) rows.push_back({Term(pid), row.first, row.second});
  return rows;
}

// ---- a call ----

namespace {

// A match context among the arguments is shown as the rest of its binary.
struct Arguments {
  Term terms[256];
  alignas(8) Term rest[kSubBinaryWords];
  Arguments(const Term* x, u32 arity) {
    for (u32 i = 0; i < arity; i++) {
      terms[i] = x[i];
      if (!x[i].is(BoxedTag::MatchCtx)) continue;
      const auto* m = view<MatchContext>(x[i]);
      auto* s = reinterpret_cast<SubBinary*>(rest);
      s->header = Term::header(BoxedTag::SubBinary, kSubBinaryWords - 1);
      s->bit_size_small = Term::small(m->end_small.small_value() - m->position_small.small_value());
      s->bit_offset_small = m->position_small;
      s->base = m->base;
      s->writable_small = Term::small(0);
      terms[i] = Term::boxed(rest);
    }
  }
};

enum Want : u32 { kWantReturn = 1, kWantException = 2, kWantReturnTo = 4 };

// Reports the call to the process's tracer (meta null) or to a meta tracer; what frames it wants.
u32 report_call(Process& p, const Breakpoint& b, const Arguments& args, MatchProgram* program, Tracer* meta,
                bool local) {
  Tracer* t = meta != nullptr ? meta : process_tracer(p, TraceKind::Call, am::call);
  if (t == nullptr) return 0;
  tracer_retain(t);  // the program may change it
  u32 want = 0;
  auto report = [&](u32 flags, Term result) {
    Term arguments = Term::small(b.arity);
    Fragment* cells = nullptr;
    if ((flags & kTraceArity) == 0) {
      cells = fragment_new(kConsWords * b.arity);
      Builder cb = cells->builder();
      arguments = Term::nil();
      for (u32 i = b.arity; i-- > 0;) arguments = cb.cons(args.terms[i], arguments);
    }
    LocalTuple<3> mfa(b.module, b.function, arguments);
    Report r{am::call, mfa.term()};
    if (result != am::true_) r.match_result = result;
    tracer_report(*t, TraceKind::Call, {p.id, flags, &p}, r);
    if (cells != nullptr) fragments_free(cells);
  };
  auto decide = [&](Term result, const TraceActions* done) {
    if (done != nullptr) {
      if (result.is_none()) return;
      if (done->return_trace) want |= kWantReturn;
      if (done->exception_trace) want |= kWantException;
    }
    if (meta != nullptr) {
      if (result != am::false_) report(kTraceCall | kTraceTimestamp, result);
      return;
    }
    u32 flags = p.trace_flags;
    if ((flags & kTraceSilent) != 0) {
      want = 0;
      return;
    }
    if (result == am::false_) return;
    if (local && (flags & kTraceReturnTo) != 0) want |= kWantReturnTo;
    report(flags, result);
  };
  if (program == nullptr) {
    decide(am::true_, nullptr);
  } else {
    TraceMatch match(*program, p, args.terms, b.arity, true);
    decide(match.result(), &match.actions());
  }
  tracer_release(t);
  return want;
}

bool has_frame(const Process& p, TraceReturn kind) {
  // Of the frames of tracing on top.
  for (const Term* s = p.sp; s < p.end && s->is_return_address();) {
    const Word* to = s->return_address();
    if (!is_trace_return(to)) return false;
    if (trace_return_kind(to) == kind) return true;
    s += 1 + kTraceFrameSlots[trace_return_kind(to)];
  }
  return false;
}

void push_return(Process& p, TraceReturn kind) {
  *--p.sp = Term::interp_return(engine.trace_returns + kind);
}

void do_call_trace(Process& p, const Breakpoint& b, Term* x, MatchProgram* program, Tracer* meta, bool local) {
  u32 want;
  {
    Arguments args(x, b.arity);
    want = report_call(p, b, args, program, meta, local);
  }
  if ((want & kWantReturnTo) != 0 && has_frame(p, kReturnToTrace)) want &= ~kWantReturnTo;
  if (want == 0) return;
  u64 words = 1 + 1 + kTraceFrameSlots[kReturnTrace] + kConsWords + (meta != nullptr ? copy_size(meta->state) : 0);
  Builder room = p.reserve(words);
  Term tracer = am::true_;
  if (meta != nullptr) {
    tracer = meta->is_plain() ? meta->state : room.cons(meta->module, copy_term(meta->state, room));
  }
  if ((want & kWantReturnTo) != 0) push_return(p, kReturnToTrace);
  if ((want & (kWantReturn | kWantException)) != 0) {
    *--p.sp = tracer;
    *--p.sp = Term::small(b.arity);
    *--p.sp = b.function;
    *--p.sp = b.module;
    push_return(p, (want & kWantException) != 0 ? kExceptionTrace : kReturnTrace);
    p.trace_flags |= kTraceReturnFrames;
  }
}

// ---- time ----

CallTimes* timed(const Process& p) {
  return p.trace == nullptr ? nullptr : p.trace->timed;
}

void time_is_of(Process& p, CallTimes* t, i64 now) {
  TraceState& state = trace_state(p.trace);
  if (state.timed != nullptr) state.timed->add(p.id, 0, now - state.timed_since);
  state.timed = t;
  state.timed_since = now;
  if (t != nullptr) {
    p.trace_flags |= kTraceCallTime;
  } else {
    p.trace_flags &= ~kTraceCallTime;
  }
}

void do_time_trace(Process& p, const Breakpoint& b) {
  CallTimes* before = timed(p);
  time_is_of(p, b.times, os_monotonic_ns());
  b.times->add(p.id, 1, 0);
  // A call in tail position takes over what is there.
  if (p.sp < p.end && p.sp->is_return_address() && is_trace_return(p.sp->return_address())) return;
  (void)p.reserve(2);
  *--p.sp = before == nullptr ? Term::nil() : Term::raw_pointer(before);
  push_return(p, kReturnTimeTrace);
}

void at_breakpoint(Process& p, Breakpoint& b, Term* x) {
  u32 flags = b.flags;
  if ((flags & kBreakSave) != 0) saved_calls_add(p, b.module, b.function, b.arity);
  if ((p.trace_flags & kTraceCall) == 0) {
    flags &= ~(kBreakLocal | kBreakGlobal | kBreakTime | kBreakTimeActive);
    if (flags == 0) return;
  }
  if ((flags & (kBreakLocal | kBreakGlobal)) != 0) {
    do_call_trace(p, b, x, b.program, nullptr, (flags & kBreakLocal) != 0);
  }
  if ((flags & kBreakMeta) != 0) {
    Tracer* meta = b.meta_tracer.load(std::memory_order_acquire);
    if (meta != nullptr && (p.flags & kFlagSensitive) == 0) {
      switch (tracer_wish(*meta, TraceKind::Status, am::trace_status, p.id)) {
        case TracerWish::Remove:
          if (b.meta_tracer.compare_exchange_strong(meta, nullptr)) tracer_release(meta);
          break;
        case TracerWish::Discard: break;
        case TracerWish::Trace:
          if (tracer_wish(*meta, TraceKind::Call, am::call, p.id) != TracerWish::Trace) break;
          tracer_retain(meta);
          do_call_trace(p, b, x, b.meta_program, meta, true);
          tracer_release(meta);
          break;
      }
    }
  }
  if ((flags & kBreakCountActive) != 0) b.count.fetch_add(1, std::memory_order_relaxed);
  if ((flags & kBreakTimeActive) != 0) {
    // A tracer that is gone counts for nobody.
    (void)process_tracer(p, TraceKind::Call, am::trace_status);
    if ((p.trace_flags & kTraceCall) != 0) do_time_trace(p, b);
  }
}

// Who a frame says is to be told: the process's tracer or a meta tracer, as a reference of the caller's.
Tracer* frame_tracer(Process& p, Term slot, u32* flags) {
  if (slot == am::true_) {
    Tracer* t = p.trace == nullptr ? nullptr : p.trace->tracer;
    if (t == nullptr || (p.trace_flags & kTraceCall) == 0 || (p.flags & kFlagSensitive) != 0) return nullptr;
    *flags = p.trace_flags;
    tracer_retain(t);
    return t;
  }
  *flags = kTraceCall | kTraceTimestamp;
  return slot.is_list() ? tracer_new(slot.head(), slot.tail()) : tracer_new(am::erl_tracer, slot);
}

void report_position(Process& p, const Word* pc) {
  if ((p.trace_flags & kTraceReturnTo) == 0) return;
  Tracer* t = p.trace == nullptr || (p.flags & kFlagSensitive) != 0 ? nullptr : p.trace->tracer;
  if (t == nullptr) return;
  CodePosition at;
  Term where = am::undefined;
  LocalTuple<3> mfa(am::undefined, am::undefined, am::undefined);
  if (pc != nullptr && code_find(pc - 1, &at)) {
    mfa = LocalTuple<3>(at.module->name, at.function, Term::small(at.arity));
    where = mfa.term();
  }
  tracer_report(*t, TraceKind::Call, {p.id, p.trace_flags, &p}, {am::return_to, where});
}

}  // namespace

void trace_call(Process& p, CodeBreakpoint& b, Term* x) { at_breakpoint(p, static_cast<Breakpoint&>(b), x); }

const Word* trace_export_call(Process& p, ExportBreakpoint& x, Term* args) {
  // Tracing may have ended since somebody read the export's entry.
  if (x.at == nullptr) return x.export_entry->entry.load(std::memory_order_acquire);
  const Word* target = x.target;
  bool saves = (x.at->flags & kBreakSave) != 0;
  at_breakpoint(p, *x.at, args);
  // The last process that saved its calls has ended, or stopped: whoever comes here first cleans up.
  if (saves && !saved_calls_wanted()) breakpoints_save_calls(false);
  return target;
}

void trace_return(Process& p, const Term* slots, Term value) {
  u32 flags;
  Tracer* t = frame_tracer(p, slots[3], &flags);
  if (t == nullptr) return;
  LocalTuple<3> mfa(slots[0], slots[1], slots[2]);
  tracer_report(*t, TraceKind::Call, {p.id, flags, &p}, {am::return_from, mfa.term(), value});
  tracer_release(t);
}

void trace_return_to(Process& p) { report_position(p, caller_address(p, p.sp)); }

void trace_time_return(Process& p, Term slot) {
  if (p.trace == nullptr) return;
  time_is_of(p, slot.is_nil() ? nullptr : slot.as_raw_pointer<CallTimes>(), os_monotonic_ns());
}

void trace_unwinding(Process& p, const Term* frame) {
  if (trace_return_kind(frame->return_address()) != kExceptionTrace) return;
  const Term* slots = frame + 1;
  u32 flags;
  Tracer* t = frame_tracer(p, slots[3], &flags);
  if (t == nullptr) return;
  LocalTuple<3> mfa(slots[0], slots[1], slots[2]);
  // What nobody catches ends the process as an error.
  bool nocatch = p.catches == 0 && p.exc_class == ExcClass::Throw;
  LocalTuple<2> thrown(am::nocatch, p.exc_reason);
  LocalTuple<2> what(nocatch ? Term(am::error) : class_atom(p.exc_class), nocatch ? thrown.term() : p.exc_reason);
  tracer_report(*t, TraceKind::Call, {p.id, flags, &p}, {am::exception_from, mfa.term(), what.term()});
  tracer_release(t);
}

// The handler's frame is returned to when what it waits for was called with return_to.
void trace_landing(Process& p, const Term* from, const Term* to, const Word*) {
  bool has_frame = false;
  const Word* address = nullptr;
  for (const Term* s = from; s < to;) {
    if (!s->is_return_address()) {
      s++;
      continue;
    }
    const Word* a = s->return_address();
    if (!is_trace_return(a)) {
      address = has_frame ? a : nullptr;
      has_frame = false;
      s++;
      continue;
    }
    if (trace_return_kind(a) == kReturnToTrace) {
      has_frame = true;
      address = nullptr;
    }
    s += 1 + kTraceFrameSlots[trace_return_kind(a)];
  }
  if (address != nullptr) report_position(p, address);
}

// The time that a process is not running is nobody's.
void trace_time_scheduled(Process& p, bool in) {
  CallTimes* t = timed(p);
  if (t == nullptr) return;
  i64 now = os_monotonic_ns();
  if (!in) t->add(p.id, 0, now - p.trace->timed_since);
  p.trace->timed_since = now;
}

}  // namespace lintel
