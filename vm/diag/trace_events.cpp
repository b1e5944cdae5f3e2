// Reports of what processes do other than calling functions; see vm/proc/tracing.h.
#include "vm/diag/breakpoint.h"
#include "vm/diag/trace_actions.h"
#include "vm/io/port.h"
#include "vm/proc/gc_info.h"
#include "vm/proc/links.h"
#include "vm/proc/process_table.h"
#include "vm/proc/stacktrace.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {

void trace_time_scheduled(Process& p, bool in);  // breakpoint.cpp

// ---- messages ----

namespace {

// Reports a message event after its pattern has said what it thinks of it.
void message_event(Process& p, TraceKind kind, const EventPattern& pattern, const Term* args, u32 count, Report r) {
  if (pattern.program == nullptr) return process_report(p, kind, r);
  TraceMatch match(*pattern.program, p, args, count, false);
  if (match.result().is_none() || match.result() == am::false_) return;
  if ((p.trace_flags & kTraceSilent) != 0) return;
  if (match.result() != am::true_) r.match_result = match.result();
  process_report(p, kind, r);
}

}  // namespace

void trace_send(Process& from, Term to, Term message) {
  if (!send_pattern.on) return;
  bool gone = to.is_local_pid() && process_lookup(to) == nullptr;
  Report r{gone ? am::send_to_non_existing_process : am::send, message, to};
  const Term args[2] = {to, message};
  message_event(from, TraceKind::Send, send_pattern, args, 2, r);
}

void trace_received(Process& p, Message& m) {
  if (!receive_pattern.on) return;
  Term from = message_sender(m);
  const Term args[3] = {from.is_local_pid() ? this_node()->name : from.is_none() ? Term(am::system) : from,
                        from.is_local_pid() ? from : Term(am::undefined), m.value};
  message_event(p, TraceKind::Receive, receive_pattern, args, 3, {am::receive, m.value});
}

void trace_timed_out(Process& p) {
  if (!receive_pattern.on) return;
  const Term args[3] = {am::clock_service, am::undefined, am::timeout};
  message_event(p, TraceKind::Receive, receive_pattern, args, 3, {am::receive, am::timeout});
}

// ---- processes ----

namespace {

void inherit(Process& to, const Process& from) {
  to.trace_flags |= from.trace_flags & kTraceeFlags;
  Tracer* t = from.trace == nullptr ? nullptr : from.trace->tracer;
  if (t == nullptr) return;
  tracer_retain(t);
  TraceState& s = trace_state(to.trace);
  tracer_release(s.tracer);
  s.tracer = t;
}

void spawn_event(Process& p, Term what, Term other, Term module, Term function, Term args) {
  LocalTuple<3> mfa(module, function, args);
  process_report(p, TraceKind::Procs, {what, other, mfa.term()});
}

}  // namespace

void trace_new_process(Process& child) {
  if (trace_process_defaults.tracer == nullptr) return;
  child.trace_flags |= trace_process_defaults.flags & kTraceeFlags;
  tracer_retain(trace_process_defaults.tracer);
  trace_state(child.trace).tracer = trace_process_defaults.tracer;
}

void trace_spawned(Process& parent, Process& child, Term module, Term function, Term args, bool linked) {
  u32 flags = parent.trace_flags;
  bool is_traced = (flags & kTraceeFlags) != 0 && parent.trace != nullptr && parent.trace->tracer != nullptr;
  if (is_traced) {
    if ((flags & (kTraceSetOnSpawn | kTraceSetOnFirstSpawn)) != 0) inherit(child, parent);
    if ((flags & kTraceSetOnFirstSpawn) != 0) {
      child.trace_flags &= ~(kTraceSetOnSpawn | kTraceSetOnFirstSpawn);
      parent.trace_flags &= ~(kTraceSetOnSpawn | kTraceSetOnFirstSpawn);
    }
    // As the stock VM, which does not hand anything over a link that is made later.
    if (linked && (flags & (kTraceSetOnLink | kTraceSetOnFirstLink)) != 0) {
      inherit(child, parent);
      if ((flags & kTraceSetOnFirstLink) != 0) {
        child.trace_flags &= ~(kTraceSetOnLink | kTraceSetOnFirstLink);
        parent.trace_flags &= ~(kTraceSetOnLink | kTraceSetOnFirstLink);
      }
    }
    if ((flags & kTraceProcs) != 0) {
      spawn_event(parent, am::spawn, child.id, module, function, args);
      if (linked) trace_process_event(parent, am::link, child.id);
    }
  }
  if ((child.trace_flags & kTraceProcs) != 0) {
    spawn_event(child, am::spawned, parent.id, module, function, args);
    if (linked) trace_process_event(child, am::getting_linked, parent.id);
  }
}

void trace_process_event(Process& p, Term what, Term data) {
  process_report(p, TraceKind::Procs, {what, data});
}

void trace_exited(Process& p) { process_report(p, TraceKind::RunningProcs, {am::out_exited, Term::small(0)}); }

void trace_exiting(Process& p, Term reason) {
  TraceState& s = trace_state(p.trace);
  if (s.exit_reported) return;
  s.exit_reported = true;
  if ((p.trace_flags & kTraceProcs) != 0) trace_process_event(p, am::exit, reason);
}

// ---- memory ----

void trace_max_heap(Process& p) {
  Fragment* f = fragment_new(kGcInfoWords);
  Builder b = f->builder();
  process_report(p, TraceKind::Gc, {am::gc_max_heap_size, build_gc_info(b, p)});
  fragments_free(f);
}

// ---- scheduling ----

void trace_scheduled(Process& p, bool in) {
  if ((p.trace_flags & kTraceCallTime) != 0) trace_time_scheduled(p, in);
  bool exiting = p.exiting;
  u32 wanted = exiting ? kTraceExiting : kTraceRunning | kTraceRunningProcs;
  if ((p.trace_flags & wanted) == 0) return;
  Term what = exiting ? (in ? am::in_exiting : am::out_exiting) : in ? am::in : am::out;
  Term module, function;
  u32 arity;
  if (!exiting && trace_position(p, &module, &function, &arity)) {
    LocalTuple<3> mfa(module, function, Term::small(arity));
    return process_report(p, TraceKind::RunningProcs, {what, mfa.term()});
  }
  process_report(p, TraceKind::RunningProcs, {what, Term::small(0)});
}

// ---- ports ----

void trace_new_port(Port& p) {
  if (VM_LIKELY(trace_port_defaults.tracer == nullptr)) return;
  p.trace_flags = trace_port_defaults.flags & kTraceeFlags;
  tracer_retain(trace_port_defaults.tracer);
  trace_state(p.trace).tracer = trace_port_defaults.tracer;
}

void trace_forget_port(Port& p) {
  if (p.trace == nullptr) return;
  tracer_release(p.trace->tracer);
  vm_delete(p.trace);
  p.trace = nullptr;
}

void trace_port_event(Port& p, u32 flag, Term what, Term data, Term extra) {
  Tracer* t = p.trace == nullptr ? nullptr : p.trace->tracer;
  if ((p.trace_flags & flag) == 0 || t == nullptr) return;
  TraceKind kind = flag == kTracePorts     ? TraceKind::Ports
                   : flag == kTraceSend    ? TraceKind::Send
                   : flag == kTraceReceive ? TraceKind::Receive
                                           : TraceKind::RunningPorts;
  if (tracer_wish(*t, TraceKind::Status, am::trace_status, p.id) == TracerWish::Remove) {
    p.trace_flags = 0;
    return;  // the tracer goes with the port
  }
  if (tracer_wish(*t, kind, what, p.id) != TracerWish::Trace) return;
  tracer_report(*t, kind, {p.id, p.trace_flags}, {what, data, extra});
}

}  // namespace lintel
