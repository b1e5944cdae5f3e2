// erlang:trace/3, trace_pattern/2,3, trace_info/2, trace_delivered/1. The library's functions of these
// names load tracer modules and explain errors; the work is done by the ones of erts_internal.
#include <vector>

#include "bifs/erlang_trace.h"
#include "bifs/scratch.h"
#include "vm/diag/breakpoint.h"
#include "vm/diag/system_events.h"
#include "vm/io/port.h"
#include "vm/proc/exception.h"
#include "vm/proc/exit.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

struct Blocked {
  Blocked() { schedulers_block(); }
  ~Blocked() { schedulers_unblock(); }
};

// ---- trace/3 ----

struct Targets {
  bool processes = false;
  bool ports = false;
  bool new_processes = false;
  bool new_ports = false;
};

// Which kinds are meant by an atom; false: none of the documented ones.
bool parse_targets(Term t, u32 mask, Targets* out) {
  bool existing = false;
  bool fresh = false;
  bool processes = true;
  bool ports = true;
  if (t == am::all) {
    existing = fresh = true;
  } else if (t == am::existing) {
    existing = true;
  } else if (t == am::new_) {
    fresh = true;
  } else if (t == am::processes || t == am::existing_processes || t == am::new_processes) {
    ports = false;
    existing = t != am::new_processes;
    fresh = t != am::existing_processes;
  } else if (t == am::ports || t == am::existing_ports || t == am::new_ports) {
    processes = false;
    existing = t != am::new_ports;
    fresh = t != am::existing_ports;
  } else {
    return false;
  }
  bool modifiers = (mask & kTraceModifiers) != 0;
  out->processes = existing && processes &&
                   ((mask & kTraceProcessFlags & ~kTraceModifiers) != 0 || modifiers);
  out->ports = existing && ports && ((mask & kTracePortFlags & ~kTraceModifiers) != 0 || modifiers);
  out->new_processes = fresh && processes && (mask & kTraceProcessFlags) != 0;
  out->new_ports = fresh && ports && (mask & kTracePortFlags) != 0;
  return true;
}

void change_defaults(TraceDefaults& d, bool on, u32 mask, Tracer* tracer) {
  if (on) {
    d.flags |= mask;
  } else {
    d.flags &= ~mask;
  }
  Tracer* before = d.tracer;
  if ((d.flags & kTraceeFlags) == 0) {
    d.tracer = nullptr;
  } else if (tracer != nullptr) {
    tracer_retain(tracer);
    d.tracer = tracer;
  } else {
    return;
  }
  tracer_release(before);
}

struct Change {
  Tracer* tracer;
  bool on;
  u32 mask;
  u32 matches = 0;
};

// The number of what was changed; -1: somebody else traces it; -2: there is no such thing.
i64 change_one(Term what, Change& c) {
  Blocked blocked;
  if (what.is_local_pid()) {
    Process* q = process_lookup_alive(what);
    if (q == nullptr) return -2;
    return trace_start(q->trace_flags, q->trace, q->id, c.tracer, c.on, c.mask) ? 1 : -1;
  }
  Port* port = port_lookup(what);
  if (port == nullptr || port->is_dead()) return -2;
  return trace_start(port->trace_flags, port->trace, port->id, c.tracer, c.on, c.mask) ? 1 : -1;
}

u32 change_many(const Targets& targets, Change& c) {
  Blocked blocked;
  if (targets.processes) {
    processes_each(
        [](Process& q, void* data) {
          auto& change = *static_cast<Change*>(data);
          if (trace_start(q.trace_flags, q.trace, q.id, change.tracer, change.on, change.mask)) change.matches++;
        },
        &c);
  }
  if (targets.ports) {
    ports_each(
        [](Port& q, void* data) {
          auto& change = *static_cast<Change*>(data);
          if (q.is_dead()) return;
          if (trace_start(q.trace_flags, q.trace, q.id, change.tracer, change.on, change.mask)) change.matches++;
        },
        &c);
  }
  if (targets.new_processes) {
    change_defaults(trace_process_defaults, c.on, c.mask & kTraceProcessFlags, c.tracer);
    trace_new_processes.store(trace_process_defaults.flags != 0, std::memory_order_relaxed);
  }
  if (targets.new_ports) change_defaults(trace_port_defaults, c.on, c.mask & kTracePortFlags, c.tracer);
  return c.matches;
}

}  // namespace

BifResult erts_internal_trace_3(Process& p, Term* args) {
  TraceOptions o;
  if (!parse_trace_options(args[2], &o)) return raise_badarg_cause(p, am::badopt);
  bool on = args[1] == am::true_;
  auto refuse = [&] {
    tracer_release(o.tracer);
    return raise_badarg(p);
  };
  if (!on && args[1] != am::false_) return refuse();
  if (on && o.tracer == nullptr) o.tracer = tracer_new(am::erl_tracer, p.id);
  if (on && (o.mask & kTraceGc) != 0) watch_collections();
  Change c{o.tracer, on, o.mask};
  if (args[0].is_local_pid() || args[0].is_local_port()) {
    if (o.cpu_timestamp) return refuse();
    i64 n = change_one(args[0], c);
    if (n == -1) {
      send_to_logger(&p, am::error, "** can only have one tracer per process\n", Term::nil());
    }
    if (n < 0) return refuse();
    tracer_release(o.tracer);
    return Term::small(n);
  }
  Targets targets;
  if (!args[0].is_atom() || !parse_targets(args[0], o.mask, &targets)) return refuse();
  if (o.cpu_timestamp) {
    if (args[0] != am::all) return refuse();
    trace_cpu_timestamps.store(on, std::memory_order_relaxed);
  }
  u32 n = change_many(targets, c);
  tracer_release(o.tracer);
  return Term::small(n);
}

// ---- trace_pattern/3 ----

BifResult erts_internal_trace_pattern_3(Process& p, Term* args) {
  Term mfa = args[0];
  Term pattern = args[1];
  PatternSwitch how = PatternSwitch::On;
  MatchProgram* program = nullptr;
  if (pattern == am::false_) {
    how = PatternSwitch::Off;
  } else if (pattern == am::restart) {
    how = PatternSwitch::Restart;
  } else if (pattern == am::pause) {
    how = PatternSwitch::Pause;
  } else if (pattern != am::true_ && !pattern.is_nil()) {
    MatchUse use = mfa == am::send      ? MatchUse::TraceSend
                   : mfa == am::receive ? MatchUse::TraceReceive
                                        : MatchUse::Trace;
    program = match_spec_compile(pattern, nullptr, use);
    if (program == nullptr) return raise_badarg_cause(p, am::match_spec);
    match_program_retain(program);
  }
  Tracer* meta = nullptr;
  auto done = [&] {
    if (program != nullptr) match_program_release(program);
    tracer_release(meta);
  };
  auto refuse = [&](Term cause) {
    done();
    return raise_badarg_cause(p, cause);
  };
  PatternFlags f;
  bool global = false;
  Term list = args[2];
  for (; list.is_list(); list = list.tail()) {
    Term item = list.head();
    if (item.is_tuple()) {
      tracer_release(meta);
      meta = tracer_of_term(am::meta, item);
      if (meta == nullptr) return refuse(am::badopt);
      f.breakpoint = f.meta = true;
      continue;
    }
    if (item == am::global) {
      if (f.breakpoint) return refuse(am::badopt);
      global = true;
      continue;
    }
    if (global) return refuse(am::badopt);
    if (item == am::local) {
      f.local = true;
    } else if (item == am::meta) {
      f.meta = true;
      if (meta == nullptr) meta = tracer_new(am::erl_tracer, p.id);
    } else if (item == am::call_count) {
      f.count = true;
    } else if (item == am::call_time) {
      f.time = true;
    } else {
      return refuse(am::badopt);
    }
    f.breakpoint = true;
  }
  if (!list.is_nil()) return refuse(am::badopt);
  if (program != nullptr && !f.local && !f.meta && (f.count || f.time)) return refuse(am::call_count);
  i64 matches = -1;
  if (mfa == am::on_load) {
    default_pattern_set(how, f, program, meta);
    matches = 0;
  } else if (is_tuple_of(mfa, 3)) {
    Term e[3] = {tuple_element(mfa, 0), tuple_element(mfa, 1), tuple_element(mfa, 2)};
    bool good = e[0].is_atom() && e[1].is_atom() && (e[2].is_small() || e[2] == am::underscore);
    u32 given = 0;
    while (given < 3 && e[given] != am::underscore) given++;
    for (u32 i = given; i < 3; i++) good = good && e[i] == am::underscore;
    if (!good) return refuse(am::none);
    u32 arity = given == 3 ? static_cast<u32>(e[2].small_value()) : 0;
    matches = breakpoints_set(e[0], e[1], arity, given, how, f, program, meta);
  } else if (mfa == am::send || mfa == am::receive) {
    if (global || f.breakpoint || (how != PatternSwitch::On && how != PatternSwitch::Off)) return refuse(am::none);
    event_pattern_set(mfa == am::send ? send_pattern : receive_pattern, how == PatternSwitch::On, program);
    if (mfa == am::receive) note_senders.store(program != nullptr, std::memory_order_relaxed);
    matches = 1;
  } else {
    return refuse(am::none);
  }
  done();
  return Term::small(matches);
}

// ---- trace_info/2 ----

namespace {

Term flags_term(u32 flags, Scratch& s) {
  struct Row {
    u32 flag;
    Term name;
  };
  // As stock lists them, last first.
  const Row rows[] = {
      {kTraceTimestamp, am::timestamp},
      {kTraceStrictMonotonic, am::strict_monotonic_timestamp},
      {kTraceMonotonic, am::monotonic_timestamp},
      {kTraceSend, am::send},
      {kTraceReceive, am::receive},
      {kTraceSetOnSpawn, am::set_on_spawn},
      {kTraceCall, am::call},
      {kTraceProcs, am::procs},
      {kTraceSetOnFirstSpawn, am::set_on_first_spawn},
      {kTraceSetOnLink, am::set_on_link},
      {kTraceSetOnFirstLink, am::set_on_first_link},
      {kTraceRunning, am::running},
      {kTraceExiting, am::exiting},
      {kTraceGc, am::garbage_collection},
      {kTraceArity, am::arity},
      {kTraceReturnTo, am::return_to},
      {kTraceSilent, am::silent},
      {kTraceSchedulerId, am::scheduler_id},
      {kTracePorts, am::ports},
      {kTraceRunningPorts, am::running_ports},
      {kTraceRunningProcs, am::running_procs},
  };
  std::vector<Term> names;
  for (const Row& r : rows) {
    if ((flags & r.flag) != 0) names.insert(names.begin(), r.name);
  }
  return s.list(names);
}

Term tracer_info(const Tracer* t, Scratch& s) {
  Builder b = s.room(tracer_term_words(t));
  return tracer_term(t, b);
}

Term program_info(const MatchProgram* m, Scratch& s) {
  return m == nullptr ? Term::nil() : s.copy(m->source);
}

BifResult tracee_info(Process& p, Term what, Term key) {
  if (key != am::flags && key != am::tracer) return raise_badarg(p);
  Scratch s(p);
  auto answer = [&](u32 flags, const Tracer* t) {
    return s.tuple({key, key == am::flags ? flags_term(flags, s) : tracer_info(t, s)});
  };
  auto check = [](TraceDefaults& d) {
    if (d.tracer == nullptr ||
        tracer_wish(*d.tracer, TraceKind::Status, am::trace_status, am::undefined) != TracerWish::Remove) {
      return;
    }
    Blocked blocked;
    change_defaults(d, false, kTraceeFlags, nullptr);
    trace_new_processes.store(trace_process_defaults.flags != 0, std::memory_order_relaxed);
  };
  check(trace_process_defaults);
  check(trace_port_defaults);
  if (what == am::new_ || what == am::new_processes) {
    return answer(trace_process_defaults.flags, trace_process_defaults.tracer);
  }
  if (what == am::new_ports) return answer(trace_port_defaults.flags, trace_port_defaults.tracer);
  Blocked blocked;
  u32* flags;
  TraceState* state;
  if (what.is_local_pid()) {
    Process* q = process_lookup_alive(what);
    if (q == nullptr) return am::undefined;
    flags = &q->trace_flags;
    state = q->trace;
  } else {
    Port* q = port_lookup(what);
    if (q == nullptr || q->is_dead()) return am::undefined;
    flags = &q->trace_flags;
    state = q->trace;
  }
  Tracer* t = state == nullptr ? nullptr : state->tracer;
  if (t != nullptr &&
      tracer_wish(*t, TraceKind::Status, am::trace_status, what) == TracerWish::Remove) {
    tracer_release(t);
    state->tracer = t = nullptr;
    *flags &= ~kTraceeFlags;
  }
  return answer(*flags, t);
}

Term times_term(const Breakpoint& b, Scratch& s) {
  std::vector<Term> rows;
  for (const CallTimeRow& r : breakpoint_times(b)) {
    i64 us = r.ns / 1000;
    rows.push_back(s.tuple({r.pid, s.integer(static_cast<i64>(r.count)), Term::small(us / 1000000),
                            Term::small(us % 1000000)}));
  }
  return s.list(rows);
}

Term pairs(Scratch& s, std::initializer_list<std::pair<Term, Term>> list) {
  std::vector<Term> terms;
  for (auto& [key, value] : list) terms.push_back(s.tuple({key, value}));
  return s.list(terms);
}

BifResult function_info(Process& p, Term what, Term key) {
  if (!is_tuple_of(what, 3) || !tuple_element(what, 0).is_atom() || !tuple_element(what, 1).is_atom() ||
      !tuple_element(what, 2).is_small()) {
    return raise_badarg(p);
  }
  Scratch s(p);
  Blocked blocked;
  bool exists;
  Breakpoint* b = breakpoint_find(tuple_element(what, 0), tuple_element(what, 1),
                                  static_cast<u32>(tuple_element(what, 2).small_value()), &exists);
  if (!exists) return s.tuple({key, am::undefined});
  if (b == nullptr || b->flags == 0) return s.tuple({key, am::false_});
  bool traced_calls = (b->flags & (kBreakLocal | kBreakGlobal)) != 0;
  Term traced = (b->flags & kBreakGlobal) != 0 ? am::global : (b->flags & kBreakLocal) != 0 ? am::local : am::false_;
  Term spec = traced_calls ? program_info(b->program, s) : Term(am::false_);
  bool is_meta = (b->flags & kBreakMeta) != 0;
  const Tracer* meta_tracer = b->meta_tracer.load(std::memory_order_relaxed);
  auto meta = [&] { return tracer_info(meta_tracer, s); };
  auto meta_spec = [&] { return is_meta ? program_info(b->meta_program, s) : Term(am::false_); };
  auto count = [&] {
    return (b->flags & kBreakCount) != 0 ? s.integer(static_cast<i64>(b->count.load())) : Term(am::false_);
  };
  auto time = [&] { return (b->flags & kBreakTime) != 0 ? times_term(*b, s) : Term(am::false_); };
  Term value;
  if (key == am::traced) {
    value = traced;
  } else if (key == am::match_spec) {
    value = spec;
  } else if (key == am::meta) {
    value = meta();
  } else if (key == am::meta_match_spec) {
    value = meta_spec();
  } else if (key == am::call_count) {
    value = count();
  } else if (key == am::call_time) {
    value = time();
  } else if (key == am::all) {
    value = pairs(s, {{am::traced, traced},
                      {am::match_spec, spec},
                      {am::meta, meta_tracer == nullptr ? Term(am::false_) : meta()},
                      {am::meta_match_spec, meta_spec()},
                      {am::call_time, time()},
                      {am::call_count, count()}});
  } else {
    return raise_badarg(p);
  }
  return s.tuple({key, value});
}

BifResult on_load_info(Process& p, Term key) {
  Scratch s(p);
  const DefaultPattern& d = default_pattern;
  if (!d.on) return s.tuple({key, am::false_});
  bool global = !d.flags.breakpoint;
  Term traced = global ? am::global : d.flags.local ? am::local : am::false_;
  auto spec = [&] { return global || d.flags.local ? program_info(d.program, s) : Term(am::false_); };
  auto meta = [&] { return d.flags.meta ? tracer_info(d.meta_tracer, s) : Term(am::false_); };
  auto meta_spec = [&] { return d.flags.meta ? program_info(d.meta_program, s) : Term(am::false_); };
  Term value;
  if (key == am::traced) {
    value = traced;
  } else if (key == am::match_spec) {
    value = spec();
  } else if (key == am::meta) {
    value = meta();
  } else if (key == am::meta_match_spec) {
    value = meta_spec();
  } else if (key == am::call_count) {
    value = am_bool(d.flags.count);
  } else if (key == am::call_time) {
    value = am_bool(d.flags.time);
  } else if (key == am::all) {
    value = pairs(s, {{am::traced, traced},
                      {am::match_spec, spec()},
                      {am::meta, meta()},
                      {am::meta_match_spec, meta_spec()},
                      {am::call_count, am_bool(d.flags.count)}});
  } else {
    return raise_badarg(p);
  }
  return s.tuple({key, value});
}

BifResult event_info(Process& p, const EventPattern& e, Term key) {
  if (key != am::match_spec) return raise_badarg(p);
  Scratch s(p);
  return s.tuple({key, !e.on ? Term(am::false_) : e.program == nullptr ? Term(am::true_) : program_info(e.program, s)});
}

}  // namespace

BifResult erlang_trace_info_2(Process& p, Term* args) {
  Term what = args[0];
  Term key = args[1];
  if (what == am::on_load) return on_load_info(p, key);
  if (what == am::send) return event_info(p, send_pattern, key);
  if (what == am::receive) return event_info(p, receive_pattern, key);
  if (what.is_tuple()) return function_info(p, what, key);
  bool known = what.is_local_pid() || what.is_local_port() || what == am::new_ || what == am::new_processes ||
               what == am::new_ports;
  if (!known) return raise_badarg_cause(p, am::badopt);
  return tracee_info(p, what, key);
}

// ---- trace_delivered/1 ----

// {trace_delivered, Tracee | all, Ref} to the caller, when what was traced until now has been delivered.
// Reports are put in the tracer's queue where they arise, so that is so once every process has come to
// a stop after whatever it was in the middle of reporting.
BifResult erlang_trace_delivered_1(Process& p, Term* args) {
  if (args[0] != am::all && !args[0].is_local_pid()) return raise_badarg(p);
  { Blocked blocked; }
  RefNumbers ref = make_ref_numbers();
  Fragment* f = fragment_new(kRefWords + tuple_words(3));
  Builder fb = f->builder();
  Term r = fb.reference(ref);
  send_fragment(p, fb.tuple({am::trace_delivered, args[0], r}), f);
  Builder b = p.reserve(kRefWords);
  return b.reference(ref);
}

}  // namespace lintel
