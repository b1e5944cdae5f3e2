#include "vm/diag/trace_actions.h"

#include <cstdio>

#include "vm/base/quiesce.h"
#include "vm/code/backend.h"
#include "vm/code/module.h"
#include "vm/diag/process_text.h"
#include "vm/diag/seq_trace.h"
#include "vm/heap/copy.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/print.h"

namespace lintel {

std::atomic<u32> trace_control_word{0};

// ---- flags ----

u32 trace_flag_of(Term t) {
  struct Row {
    Term name;
    u32 flag;
  };
  const Row rows[] = {
      {am::send, kTraceSend},
      {am::receive, kTraceReceive},
      {am::procs, kTraceProcs},
      {am::ports, kTracePorts},
      {am::call, kTraceCall},
      {am::return_to, kTraceReturnTo},
      {am::arity, kTraceArity},
      {am::silent, kTraceSilent},
      {am::garbage_collection, kTraceGc},
      {am::running, kTraceRunning},
      {am::running_procs, kTraceRunningProcs},
      {am::running_ports, kTraceRunningPorts},
      {am::exiting, kTraceExiting},
      {am::scheduler_id, kTraceSchedulerId},
      {am::timestamp, kTraceTimestamp},
      {am::strict_monotonic_timestamp, kTraceStrictMonotonic},
      {am::monotonic_timestamp, kTraceMonotonic},
      {am::set_on_spawn, kTraceSetOnSpawn},
      {am::set_on_first_spawn, kTraceSetOnFirstSpawn},
      {am::set_on_link, kTraceSetOnLink},
      {am::set_on_first_link, kTraceSetOnFirstLink},
      {am::all, kTraceeFlags},
  };
  for (const Row& r : rows) {
    if (r.name == t) return r.flag;
  }
  return 0;
}

bool parse_trace_options(Term list, TraceOptions* out) {
  for (; list.is_list(); list = list.tail()) {
    Term item = list.head();
    u32 flag = item.is_atom() ? trace_flag_of(item) : 0;
    if (flag != 0) {
      out->mask |= flag;
    } else if (item == am::cpu_timestamp) {
      out->cpu_timestamp = true;
    } else if (item.is_tuple()) {
      tracer_release(out->tracer);
      out->tracer = tracer_of_term(am::tracer, item);
      if (out->tracer == nullptr) return false;
    } else {
      break;
    }
  }
  if (list.is_nil()) return true;
  tracer_release(out->tracer);
  out->tracer = nullptr;
  return false;
}

void match_program_retire(MatchProgram* m) {
  if (m == nullptr) return;
  quiesce_retire(m, [](void* block) { match_program_release(static_cast<MatchProgram*>(block)); });
}

// ---- running a program ----

namespace {

Fragment* argument_cells(const Term* args, u32 count) {
  Fragment* f = fragment_new(kConsWords * count);
  Builder b = f->builder();
  Term list = Term::nil();
  // The list is read from the fragment's top downwards, see list_of.
  for (u32 i = count; i-- > 0;) list = b.cons(args[i], list);
  return f;
}
Term list_of(Fragment* f) { return f->top == f->mem ? Term::nil() : Term::list(f->top - kConsWords); }

}  // namespace

TraceMatch::TraceMatch(MatchProgram& program, Process& p, const Term* args, u32 count, bool is_call)
    : program_(program), actions_(is_call), arguments_(argument_cells(args, count)), run_(program, p, &actions_) {
  match_program_retain(&program_);
  result_ = run_.run(list_of(arguments_));
  if (!result_.is_none()) result_ = actions_.message;
}

TraceMatch::~TraceMatch() {
  fragments_free(arguments_);
  match_program_retire(&program_);
}

// ---- actions ----

Term TraceActions::am_true_value() { return am::true_; }

const Word* caller_address(const Process& p, const Term* sp) {
  while (sp < p.end && sp->is_return_address()) {
    const Word* to = sp->return_address();
    if (!is_trace_return(to)) return to;
    sp += 1 + kTraceFrameSlots[trace_return_kind(to)];
  }
  return nullptr;
}

namespace {

Term caller_term(Process& p, bool with_line) {
  const Word* to = caller_address(p, p.sp);
  CodePosition at;
  if (to == nullptr || !code_find(to - 1, &at)) return am::undefined;
  if (!with_line) {
    Builder b = p.reserve_nogc(tuple_words(3));
    return b.tuple({at.module->name, at.function, Term::small(at.arity)});
  }
  std::string_view file;
  u32 line;
  if (!code_line(*at.module, to - 1, &file, &line)) {
    Builder b = p.reserve_nogc(tuple_words(4));
    return b.tuple({at.module->name, at.function, Term::small(at.arity), am::undefined});
  }
  Builder b = p.reserve_nogc(tuple_words(4) + tuple_words(2) + kConsWords * file.size());
  Term name = Term::nil();
  for (size_t i = file.size(); i-- > 0;) name = b.cons(Term::small(static_cast<u8>(file[i])), name);
  Term where = b.tuple({name, Term::small(line)});
  return b.tuple({at.module->name, at.function, Term::small(at.arity), where});
}

// Changes what is traced about `who`; true when that is a change.
bool change(Process& who, Tracer* tracer, u32 off, u32 on) {
  u32 internal = who.trace_flags & ~kTraceeFlags;
  u32 flags = who.trace_flags & kTraceeFlags;
  Tracer* before = who.trace == nullptr ? nullptr : who.trace->tracer;
  flags = tracer == nullptr ? 0 : (flags & ~off) | on;
  if (flags == 0) tracer = nullptr;
  bool changed = !tracer_same(before, tracer) || flags != (who.trace_flags & kTraceeFlags);
  who.trace_flags = flags | internal;
  if (before != tracer) {
    if (tracer != nullptr) tracer_retain(tracer);
    trace_state(who.trace).tracer = tracer;
    tracer_release(before);
  }
  return changed;
}

// A process that is traced by name or pid; null when there is none.
Process* named(Term t) {
  if (t.is_atom()) t = registry_whereis(t);
  return t.is_local_pid() ? process_lookup_alive(t) : nullptr;
}

// f(process) with nothing running it but the caller.
template <typename F>
Term with_process(Process& p, Term who, F f) {
  if (who == p.id) return f(p);
  if (named(who) == nullptr) return Term::none();
  schedulers_block();
  Process* other = named(who);
  Term r = other == nullptr ? Term::none() : f(*other);
  schedulers_unblock();
  return r;
}

Term switch_flag(Process& p, Term who, Term flag, bool on) {
  u32 bits = trace_flag_of(flag);
  if (bits == 0) return Term::none();
  Tracer* own = p.trace == nullptr ? nullptr : p.trace->tracer;
  return with_process(p, who, [&](Process& other) {
    change(other, own, on ? 0 : bits, on ? bits : 0);
    return am::true_;
  });
}

Term set_trace(Process& p, Term who, Term off, Term on) {
  TraceOptions disable;
  TraceOptions enable;
  if (!parse_trace_options(off, &disable)) return Term::none();
  if (!parse_trace_options(on, &enable)) {
    tracer_release(disable.tracer);
    return Term::none();
  }
  Term result = Term::none();
  if (!disable.cpu_timestamp && !enable.cpu_timestamp) {
    Tracer* tracer = enable.tracer != nullptr ? enable.tracer
                     : disable.tracer != nullptr ? disable.tracer
                     : p.trace != nullptr        ? p.trace->tracer
                                                 : nullptr;
    result = with_process(p, who, [&](Process& other) {
      if (tracer != nullptr && tracer_wish(*tracer, TraceKind::Status, am::trace_status, other.id) ==
                                   TracerWish::Remove) {
        return Term::none();
      }
      return am_bool(change(other, tracer, disable.mask, enable.mask));
    });
  }
  tracer_release(disable.tracer);
  tracer_release(enable.tracer);
  return result;
}

}  // namespace

Term TraceActions::perform(MatchAction action, Process& p, const Term* args, u32 count) {
  switch (action) {
    case MatchAction::Message: message = args[0]; return am::true_;
    case MatchAction::ReturnTrace: return_trace = true; return am::true_;
    case MatchAction::ExceptionTrace: exception_trace = true; return am::true_;
    case MatchAction::IsSeqTrace: return am_bool((p.trace_flags & kTraceHasToken) != 0);
    case MatchAction::SetSeqToken: return seq_trace_set_from_match(p, args[0], args[1]);
    case MatchAction::GetSeqToken: return seq_trace_token_copy(p);
    case MatchAction::Display: {
      std::string text = term_text(args[0], 1u << 30) + "\n";
      std::fwrite(text.data(), 1, text.size(), stderr);
      return am::true_;
    }
    case MatchAction::ProcessDump: {
      std::string text = process_text(p);
      Builder b = p.reserve_nogc(binary_words(text.size()));
      return b.binary(text.data(), text.size());
    }
    case MatchAction::EnableTrace:
    case MatchAction::DisableTrace: {
      bool on = action == MatchAction::EnableTrace;
      return count == 1 ? switch_flag(p, p.id, args[0], on) : switch_flag(p, args[0], args[1], on);
    }
    case MatchAction::Trace:
      return count == 2 ? set_trace(p, p.id, args[0], args[1]) : set_trace(p, args[0], args[1], args[2]);
    case MatchAction::Caller: return is_call_ ? caller_term(p, false) : Term(am::undefined);
    case MatchAction::CallerLine: return is_call_ ? caller_term(p, true) : Term(am::undefined);
    case MatchAction::Silent:
      if (keeps_silence_) return am::true_;
      if (args[0] == am::true_) p.trace_flags |= kTraceSilent;
      if (args[0] == am::false_) p.trace_flags &= ~kTraceSilent;
      return am::true_;
    case MatchAction::SetTcw: {
      if (!args[0].is_small() || args[0].small_value() < 0 || args[0].small_value() > 0xffffffff) {
        return Term::none();
      }
      return Term::small(trace_control_word.exchange(static_cast<u32>(args[0].small_value())));
    }
    case MatchAction::GetTcw: return Term::small(trace_control_word.load(std::memory_order_relaxed));
  }
  return am::true_;
}

}  // namespace lintel
