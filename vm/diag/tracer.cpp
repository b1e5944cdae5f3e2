#include "vm/diag/tracer.h"

#include <ctime>

#include "vm/base/quiesce.h"
#include "vm/code/module.h"
#include "vm/diag/saved_calls.h"
#include "vm/etf/encode.h"
#include "vm/heap/copy.h"
#include "vm/io/port.h"
#include "vm/nif/library.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/sched/clock.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/compare.h"

namespace lintel {

std::atomic<bool> trace_cpu_timestamps{false};
std::atomic<bool> trace_new_processes{false};
TraceDefaults trace_process_defaults;
TraceDefaults trace_port_defaults;

bool Tracer::is_plain() const { return module == am::erl_tracer; }

TraceState& trace_state(TraceState*& place) {
  if (place == nullptr) place = vm_new<TraceState>();
  return *place;
}

Tracer* tracer_new(Term module, Term state) {
  auto* t = vm_new<Tracer>();
  t->module = module;
  t->state = copy_to_keep(state, &t->fragment);
  return t;
}

void tracer_retain(Tracer* t) { t->refs.fetch_add(1, std::memory_order_relaxed); }

void tracer_release(Tracer* t) {
  if (t == nullptr || t->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // Somebody may be reporting to it at this moment.
  quiesce_retire(t, [](void* block) {
    auto* gone = static_cast<Tracer*>(block);
    if (gone->fragment != nullptr) fragments_free(gone->fragment);
    vm_delete(gone);
  });
}

bool tracer_same(const Tracer* a, const Tracer* b) {
  if (a == b) return true;
  if (a == nullptr || b == nullptr) return false;
  return a->module == b->module && exact_equal(a->state, b->state);
}

// ---- modules as tracers ----

namespace {

struct KindNames {
  const char* enabled;
  const char* trace;
};
constexpr KindNames kKindNames[] = {
    {"enabled", "trace"},
    {"enabled_call", "trace_call"},
    {"enabled_send", "trace_send"},
    {"enabled_receive", "trace_receive"},
    {"enabled_procs", "trace_procs"},
    {"enabled_garbage_collection", "trace_garbage_collection"},
    {"enabled_running_procs", "trace_running_procs"},
    {"enabled_running_ports", "trace_running_ports"},
    {"enabled_ports", "trace_ports"},
    {"enabled", "trace"},
};

NifFunction* find_nif(Term module, std::string_view name, u32 arity) {
  ModuleSlot* slot = module_slot_find(module);
  Module* m = slot == nullptr ? nullptr : slot->current.load(std::memory_order_acquire);
  if (m == nullptr || m->nif_library == nullptr) return nullptr;
  NifLibrary& lib = *m->nif_library;
  for (int i = 0; i < lib.entry.num_of_funcs; i++) {
    NifFunction& f = lib.functions[i];
    if (f.arity == arity && atom_name(f.name) == name) return &f;
  }
  return nullptr;
}

NifFunction* find_nif(Term module, const char* special, const char* general, u32 arity) {
  NifFunction* f = find_nif(module, special, arity);
  return f != nullptr ? f : find_nif(module, general, arity);
}

// In an environment of its own: what it builds is gone when it returns.
Term call_nif(NifFunction& f, const Term* args, u32 arity) {
  enif_environment_t env;
  env.library = f.library;
  return to_term(f.fn(&env, static_cast<int>(arity), reinterpret_cast<const ERL_NIF_TERM*>(args)));
}

bool can_trace(const Tracer& t) {
  return t.is_plain() || (find_nif(t.module, "enabled", 3) != nullptr &&
                          find_nif(t.module, "trace", 5) != nullptr);
}

Term stamp_kind(u32 flags) {
  if ((flags & kTraceTimestamp) != 0) {
    return trace_cpu_timestamps.load(std::memory_order_relaxed) ? am::cpu_timestamp : am::timestamp;
  }
  return (flags & kTraceStrictMonotonic) != 0 ? am::strict_monotonic : am::monotonic;
}

void report_to_module(const Tracer& t, TraceKind kind, const Tracee& who, const Report& r) {
  NifFunction* f = find_nif(t.module, kKindNames[static_cast<u32>(kind)].trace, "trace", 5);
  if (f == nullptr) return;
  alignas(8) Term keys[5];
  alignas(8) Term map[6];
  u32 n = 0;
  auto option = [&](Term key, Term value) {
    keys[1 + n] = key;
    map[2 + n++] = value;
  };
  if (!r.extra.is_none()) option(am::extra, r.extra);
  if (!r.match_result.is_none()) option(am::match_spec_result, r.match_result);
  if ((who.flags & kTraceSchedulerId) != 0) {
    option(am::scheduler_id, Term::small(this_scheduler == nullptr ? 0 : this_scheduler->index + 1));
  }
  if ((who.flags & kTraceStampMask) != 0) option(am::timestamp, stamp_kind(who.flags));
  keys[0] = Term::header(BoxedTag::Tuple, n);
  map[0] = Term::header(BoxedTag::FlatMap, 1 + n);
  map[1] = Term::boxed(keys);
  Term args[5] = {r.tag, t.state, who.id, r.data, Term::boxed(map)};
  (void)call_nif(*f, args, 5);
}

bool is_alive(Term id) {
  if (id.is_local_pid()) return process_lookup_alive(id) != nullptr;
  Port* port = id.is_local_port() ? port_lookup(id) : nullptr;
  return port != nullptr && !port->is_dead();
}

}  // namespace

Tracer* tracer_of_term(Term prefix, Term t) {
  Term module = am::erl_tracer;
  Term state = Term::none();
  if (t.is_tuple() && !prefix.is_none()) {
    u64 n = tuple_arity(t);
    if ((n == 2 || n == 3) && tuple_element(t, 0) == prefix) {
      if (n == 3) {
        if (!tuple_element(t, 1).is_atom()) return nullptr;
        module = tuple_element(t, 1);
        state = tuple_element(t, 2);
      } else {
        t = tuple_element(t, 1);
      }
    }
  }
  if (state.is_none()) {
    if (!t.is_local_pid() && !t.is_local_port()) return nullptr;
    state = t;
  }
  return tracer_of_parts(module, state);
}

Tracer* tracer_of_parts(Term module, Term state) {
  Tracer* made = tracer_new(module, state);
  if (can_trace(*made)) return made;
  tracer_release(made);
  return nullptr;
}

u64 tracer_term_words(const Tracer* t) {
  return t == nullptr || t->is_plain() ? 0 : tuple_words(2) + copy_size(t->state);
}
Term tracer_term(const Tracer* t, Builder& b) {
  if (t == nullptr) return Term::nil();
  if (t->is_plain()) return t->state;
  Term state = copy_term(t->state, b);
  return b.tuple({t->module, state});
}

// ---- asking ----

TracerWish tracer_wish(const Tracer& t, TraceKind kind, Term tag, Term tracee) {
  if (t.is_plain()) {
    if (!is_alive(t.state)) {
      return tag == am::trace_status ? TracerWish::Remove : TracerWish::Discard;
    }
    return t.state == tracee ? TracerWish::Discard : TracerWish::Trace;
  }
  NifFunction* f = find_nif(t.module, kKindNames[static_cast<u32>(kind)].enabled, "enabled", 3);
  if (f == nullptr) return TracerWish::Remove;
  Term args[3] = {tag, t.state, tracee};
  Term answer = call_nif(*f, args, 3);
  if (answer == am::trace) return TracerWish::Trace;
  return answer == am::discard ? TracerWish::Discard : TracerWish::Remove;
}

// ---- telling ----

Term build_timestamp(u32 flags, Builder& b) {
  if ((flags & kTraceTimestamp) != 0) {
    i64 us;
    if (trace_cpu_timestamps.load(std::memory_order_relaxed)) {
      timespec t;
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
      us = t.tv_sec * 1000000 + t.tv_nsec / 1000;
    } else {
      us = clock_now_us();
    }
    i64 s = us / 1000000;
    return b.tuple({Term::small(s / 1000000), Term::small(s % 1000000), Term::small(us % 1000000)});
  }
  if ((flags & kTraceStrictMonotonic) != 0) {
    Term now = b.integer(erlang_monotonic_ns());
    Term unique = build_monotonic_integer(b, monotonic_next(), false);
    return b.tuple({now, unique});
  }
  if ((flags & kTraceMonotonic) != 0) return b.integer(erlang_monotonic_ns());
  return Term::none();
}

void tracer_report(const Tracer& t, TraceKind kind, const Tracee& who, const Report& r) {
  if (!t.is_plain()) return report_to_module(t, kind, who, r);
  Term parts[5] = {r.data, r.extra, r.match_result, who.id, Term::none()};
  u64 words = tuple_words(8) + kTimestampWords;
  for (Term part : parts) {
    if (part.is_pointer()) words += copy_size(part);
  }
  Fragment* f = fragment_new(words);
  Builder b = f->builder();
  Term e[8];
  u32 n = 0;
  bool stamped = (who.flags & kTraceStampMask) != 0;
  bool sequential = kind == TraceKind::SeqTrace;
  e[n++] = sequential ? am::seq_trace : stamped ? am::trace_ts : am::trace;
  e[n++] = copy_term(who.id, b);
  if (!sequential) e[n++] = r.tag;
  e[n++] = copy_term(r.data, b);
  if (!r.extra.is_none()) e[n++] = copy_term(r.extra, b);
  if (!r.match_result.is_none()) e[n++] = copy_term(r.match_result, b);
  if ((who.flags & kTraceSchedulerId) != 0) {
    e[n++] = Term::small(this_scheduler == nullptr ? 0 : this_scheduler->index + 1);
  }
  if (stamped) e[n++] = build_timestamp(who.flags, b);
  Term* to;
  Term message = b.tuple_uninitialized(n, &to);
  for (u32 i = 0; i < n; i++) to[i] = e[i];
  if (t.state.is_local_pid()) {
    (void)send_fragment_to(t.state, message, f);
    return;
  }
  if (Port* port = port_lookup(t.state)) {
    EtfEncoder encoder(message);
    encoder.put_version();
    i64 budget = INT64_MAX;
    if (encoder.step(budget) == EtfEncoder::Status::Done) {
      u64 size = encoder.size();
      BinaryData* bytes = encoder.take_buffer();
      Fragment* data = fragment_new(kRefcBinaryWords);
      Builder db = data->builder();
      Term binary = db.refc_binary(bytes, size);
      port_command_later(*port, port->connected, binary, data);
    }
  }
  fragments_free(f);
}

// ---- processes ----

void process_untrace(Process& p) {
  p.trace_flags &= ~kTraceeFlags;
  if (p.trace == nullptr) return;
  tracer_release(p.trace->tracer);
  p.trace->tracer = nullptr;
}

Tracer* process_tracer(Process& p, TraceKind kind, Term tag) {
  if ((p.flags & kFlagSensitive) != 0 || p.trace == nullptr || p.trace->tracer == nullptr) return nullptr;
  Tracer* t = p.trace->tracer;
  // A tracer that is gone takes the tracing of this process with it.
  bool gone = t->is_plain() ? !is_alive(t->state)
                            : kind == TraceKind::Call && tracer_wish(*t, TraceKind::Status, am::trace_status,
                                                                     p.id) == TracerWish::Remove;
  if (gone) {
    // Others, who tell about a process that they are not, leave that to it.
    if (this_scheduler != nullptr && this_scheduler->current == &p) process_untrace(p);
    return nullptr;
  }
  return tracer_wish(*t, kind, tag, p.id) == TracerWish::Trace ? t : nullptr;
}

void process_report(Process& p, TraceKind kind, const Report& r) {
  if (Tracer* t = process_tracer(p, kind, r.tag)) {
    tracer_report(*t, kind, {p.id, p.trace_flags, &p}, r);
  }
}

bool trace_start(u32& flags, TraceState*& state, Term id, Tracer* tracer, bool on, u32 mask) {
  Tracer* now = state == nullptr ? nullptr : state->tracer;
  if (tracer != nullptr && (flags & kTraceeFlags) != 0 && now != nullptr && !tracer_same(now, tracer) &&
      tracer_wish(*now, TraceKind::Status, am::trace_status, id) != TracerWish::Remove) {
    return false;
  }
  if (on) {
    flags |= mask;
  } else {
    flags &= ~mask;
  }
  if ((flags & kTraceeFlags) == 0) {
    if (now != nullptr) {
      state->tracer = nullptr;
      tracer_release(now);
    }
  } else if (tracer != nullptr && now != tracer) {
    tracer_retain(tracer);
    trace_state(state).tracer = tracer;
    tracer_release(now);
  }
  return true;
}

void trace_visit_roots(Process& p, RootVisitor& visitor) { visitor.visit(&p.trace->token, 1); }
Term seq_trace_token(const Process& p) { return p.trace == nullptr ? Term::nil() : p.trace->token; }

void trace_forget(Process& p) {
  if (p.trace == nullptr) return;
  (void)saved_calls_set(p, 0);
  tracer_release(p.trace->tracer);
  vm_delete(p.trace);
  p.trace = nullptr;
  p.trace_flags = 0;
}

}  // namespace lintel
