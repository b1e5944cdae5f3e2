// Signals of processes to ports, and `Port ! Message`.
//
//   {Owner, {command, IoList}}    {Owner, close}    {Owner, {connect, Pid}}
//
// Anything else, or one that does not name the owner, is a bad signal: the owner gets an exit signal
// `badsig`.
#include "vm/base/alloc.h"
#include "vm/heap/copy.h"
#include "vm/io/port.h"
#include "vm/proc/exit.h"
#include "vm/proc/send.h"
#include "vm/proc/suspend.h"
#include "vm/proc/tracing.h"
#include "vm/term/atom.h"

namespace lintel {

void port_bad_signal(Port& p) {
  if (p.connected.is_local_pid()) send_exit_signal(p.id, p.connected, am::badsig, false);
}

namespace {

// ---- links, monitors, exits ----

LinkRecord* find_link(Port& p, Term peer) {
  return p.links.find(hash_id(peer), [&](LinkRecord& l) { return l.peer == peer; });
}
void remove_link(Port& p, LinkRecord* l) {
  p.links.remove(l);
  vm_free(l);
}

void handle_link(Port& p, LinkSignal* s) {
  LinkRecord* l = find_link(p, s->from);
  switch (s->kind) {
    case SignalKind::Link:
      if (l == nullptr && is_traced(p, kTracePorts)) {
        trace_port_event(p, kTracePorts, am::getting_linked, s->from);
      }
      if (l == nullptr) p.links.insert(vm_new<LinkRecord>(LinkRecord{nullptr, s->from}));
      break;
    case SignalKind::Unlink: {
      if (l != nullptr && l->unlink_id == 0) {
        remove_link(p, l);
        if (is_traced(p, kTracePorts)) trace_port_event(p, kTracePorts, am::getting_unlinked, s->from);
      }
      auto* ack = vm_new<LinkSignal>(SignalKind::UnlinkAck, p.id, s->from, s->id);
      if (!signal_push_to(s->from, ack)) vm_free(ack);
      break;
    }
    default:
      if (l != nullptr && l->unlink_id == s->id) remove_link(p, l);
      break;
  }
  vm_free(s);
}

void handle_monitor(Port& p, MonitorSignal* s) {
  auto same = [&](WatcherRecord& w) { return w.ref == s->ref; };
  WatcherRecord* w = p.watchers.find(hash_ref(s->ref), same);
  if (s->kind == SignalKind::Monitor) {
    p.watchers.insert(
        vm_new<WatcherRecord>(WatcherRecord{nullptr, s->ref, s->from, s->name, s->foreign}));
  } else if (w != nullptr) {
    p.watchers.remove(w);
    if (w->foreign != nullptr) w->foreign->released(w->foreign);
    vm_free(w);
  }
  vm_free(s);
}

void handle_exit(Port& p, ExitSignal* s) {
  if (s->kind == SignalKind::ExitLinked) {
    LinkRecord* l = find_link(p, s->from);
    bool active = l != nullptr && l->unlink_id == 0;
    if (l != nullptr) remove_link(p, l);
    if (!active) return signal_undeliverable(s);
  }
  port_exit(p, s->from, s->reason, false, true);
  signal_undeliverable(s);
}

struct SignalTask : PortTask {
  Signal* signal;
};

void run_signal(Port* p, PortTask* t) {
  auto* task = static_cast<SignalTask*>(t);
  Signal* s = task->signal;
  vm_delete(task);
  if (p == nullptr || p->is_dead()) return signal_undeliverable(s);
  switch (s->kind) {
    case SignalKind::Link:
    case SignalKind::Unlink:
    case SignalKind::UnlinkAck: return handle_link(*p, static_cast<LinkSignal*>(s));
    case SignalKind::Monitor:
    case SignalKind::Demonitor: return handle_monitor(*p, static_cast<MonitorSignal*>(s));
    case SignalKind::Exit:
    case SignalKind::ExitLinked: return handle_exit(*p, static_cast<ExitSignal*>(s));
    default: return signal_undeliverable(s);
  }
}

bool hook_signal(Term id, Signal* s) {
  Port* p = port_lookup(id);
  if (p == nullptr || p->is_dead()) return false;
  auto* t = vm_new<SignalTask>();
  t->run = run_signal;
  t->signal = s;
  port_push(*p, t);
  return true;
}

// ---- messages ----

struct Request {
  enum Kind { Bad, Command, Close, Connect } kind = Bad;
  Term owner = Term::none();
  Term argument = Term::nil();
};

Request parse(Term message) {
  Request r;
  if (!is_tuple_of(message, 2)) return r;
  Term owner = tuple_element(message, 0);
  Term what = tuple_element(message, 1);
  if (!owner.is_pid()) return r;
  r.owner = owner;
  if (what == am::close) {
    r.kind = Request::Close;
  } else if (is_tuple_of(what, 2)) {
    r.argument = tuple_element(what, 1);
    if (tuple_element(what, 0) == am::command) r.kind = Request::Command;
    if (tuple_element(what, 0) == am::connect && r.argument.is_local_pid()) {
      r.kind = Request::Connect;
    }
  }
  return r;
}

void perform(Port& p, Term sender, const Request& r) {
  if (p.is_dead()) return;
  if (r.kind == Request::Bad || r.owner != p.connected) return port_bad_signal(p);
  switch (r.kind) {
    case Request::Command:
      if (p.has(kPortBusy)) {
        auto* c = vm_new<DeferredCommand>();
        c->is_message = true;
        c->caller = r.owner;
        if (sender.is_local_pid()) {
          c->suspended = sender;
          process_suspend(p.id, sender, nullptr);
        }
        port_defer(p, c, r.argument);
      } else if (!port_output(p, r.owner, r.argument)) {
        port_bad_signal(p);
      }
      break;
    case Request::Close:
      if (is_traced(p, kTraceReceive)) trace_port_request(p, sender, am::close, Term::none());
      port_exit(p, sender, am::normal, true, false);
      break;
    default: {
      Term before = p.connected;
      if (is_traced(p, kTraceReceive)) trace_port_request(p, sender, am::connect, r.argument);
      port_connect(p, r.argument);
      // {Port, connected} to the old owner, who stays linked; the new one is not linked.
      Fragment* f = fragment_new(tuple_words(2));
      Builder b = f->builder();
      send_fragment_to(before, b.tuple({p.id, am::connected}), f);
      break;
    }
  }
}

struct MessageTask : PortTask {
  Term sender;
  Term message;
  Fragment* fragment;
};

void run_message(Port* p, PortTask* t) {
  auto* task = static_cast<MessageTask*>(t);
  if (p != nullptr) perform(*p, task->sender, parse(task->message));
  if (task->fragment != nullptr) fragments_free(task->fragment);
  vm_delete(task);
}

void hook_message(Process* from, Term id, Term message) {
  Port* p = port_lookup(id);
  if (p == nullptr || p->is_dead()) return;
  Term sender = from != nullptr ? from->id : Term::none();
  // At once when nobody is in the port.
  if (from != nullptr && p->tasks.load(std::memory_order_acquire) == nullptr && p->lock->try_lock()) {
    if (!p->has(kPortClosed) && p->tasks.load(std::memory_order_acquire) == nullptr) {
      perform(*p, sender, parse(message));
      // A sender who is to be suspended comes to that at his next turn.
      if (p->has(kPortBusy)) from->bump_reductions(kReductions);
      port_leave(*p);
      return;
    }
    port_leave(*p);
  }
  auto* t = vm_new<MessageTask>();
  t->run = run_message;
  t->sender = sender;
  t->message = copy_to_keep(message, &t->fragment);
  port_push(*p, t);
}

bool hook_exists(Term id) {
  Port* p = port_lookup(id);
  return p != nullptr && !p->is_dead();
}

void hook_set_name(Term id, Term name) {
  Port* p = port_lookup(id);
  if (p == nullptr) return;
  if (is_traced(*p, kTracePorts)) {
    bool gone = name.is_none();
    trace_port_event(*p, kTracePorts, gone ? am::unregister : am::register_, gone ? p->registered_name : name);
  }
  p->registered_name = name;
}

}  // namespace

namespace {
void run_command(Port* p, PortTask* t) {
  auto* task = static_cast<MessageTask*>(t);
  if (p != nullptr && !p->is_dead()) (void)port_output(*p, task->sender, task->message);
  if (task->fragment != nullptr) fragments_free(task->fragment);
  vm_delete(task);
}
}  // namespace

void port_command_later(Port& p, Term caller, Term data, Fragment* fragment) {
  auto* t = vm_new<MessageTask>();
  t->run = run_command;
  t->sender = caller;
  t->message = data;
  t->fragment = fragment;
  port_push(p, t);
}

void port_signals_init() {
  port_hooks.signal = hook_signal;
  port_hooks.message = hook_message;
  port_hooks.exists = hook_exists;
  port_hooks.set_name = hook_set_name;
}

}  // namespace lintel
