// This node's own life, and who hears of nodes coming and going.
#include <algorithm>

#include "vm/base/quiesce.h"
#include "vm/dist/entry.h"
#include "vm/heap/copy.h"
#include "vm/proc/exit.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/send.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

// What Relations::carried points at.
struct Carried {
  DistEntry* entry = nullptr;
  u32 connection = 0;
};

// net_kernel as setnode/2 found it; none: this node has no name.
std::atomic<Word> kernel_pid{Term::none().bits()};

// 1 for this node while net_kernel lives, and 1 for each connection.
std::atomic<i64> live{0};

constexpr u32 kNoConnection = ~u32{0};

// ---- process_flag(monitor_nodes): in the order of asking ----
struct Listener {
  Term pid;
  u32 options;
};
Mutex<LockRank::Leaf> listeners_lock;
std::vector<Listener> listeners;

// Runs in the listening process: it may have changed its mind.
struct NodesMessage : CallSignal {
  u32 options;
  Term message;
  Fragment* fragment;
  NodesMessage(u32 o, Term m, Fragment* f) : CallSignal(run_message), options(o), message(m), fragment(f) {}

  static void run_message(Process* p, CallSignal* signal) {
    auto* s = static_cast<NodesMessage*>(signal);
    u64 count = 0;
    if (p != nullptr && p->relations != nullptr) {
      NodesMonitorRecord* r = p->relations->nodes_monitors.find(
          s->options, [&](NodesMonitorRecord& m) { return m.options == s->options; });
      if (r != nullptr) count = r->count;
    }
    for (u64 i = 1; i < count; i++) {
      Fragment* f = fragment_new(copy_size(s->message));
      Builder b = f->builder();
      Term copy = copy_term(s->message, b);
      mailbox_append(*p, vm_new<Message>(SignalKind::Message, copy, f));
    }
    if (count != 0) {
      mailbox_append(*p, vm_new<Message>(SignalKind::Message, s->message, s->fragment));
    } else {
      fragments_free(s->fragment);
    }
    vm_delete(s);
  }
};

// {What, Node} or {What, Node, Info}
Term build_message(Builder& b, u32 options, Term what, Term node, u32 connection, Term type, Term reason) {
  if (options == 0) return b.tuple({what, node});
  Term number = connection == kNoConnection ? am::undefined : Term::small(connection);
  bool with_type = (options & (kNodesVisible | kNodesHidden)) != 0;
  bool with_reason = what == am::nodedown && (options & kNodesReason) != 0;
  bool with_number = (options & kNodesConnection) != 0;
  if ((options & kNodesMap) == 0) {
    Term info = Term::nil();
    if (with_type) info = b.cons(b.tuple({am::node_type, type}), info);
    if (with_reason) info = b.cons(b.tuple({am::nodedown_reason, copy_term(reason, b)}), info);
    if (with_number) info = b.cons(b.tuple({am::connection_id, number}), info);
    return b.tuple({what, node, info});
  }
  // Keys in term order.
  Term keys[3], values[3];
  u64 n = 0;
  if (with_number) keys[n] = am::connection_id, values[n++] = number;
  if (with_type) keys[n] = am::node_type, values[n++] = type;
  if (with_reason) keys[n] = am::nodedown_reason, values[n++] = copy_term(reason, b);
  Term* key_elements;
  Term key_tuple = b.tuple_uninitialized(n, &key_elements);
  for (u64 i = 0; i < n; i++) key_elements[i] = keys[i];
  Term* m = b.alloc(2 + n);
  m[0] = Term::header(BoxedTag::FlatMap, 1 + n);
  m[1] = key_tuple;
  for (u64 i = 0; i < n; i++) m[2 + i] = values[i];
  return b.tuple({what, node, Term::boxed(m)});
}

void set_not_alive() {
  Term name = this_node()->name;
  this_node_set(am::nonode_nohost, 0);
  nodes_monitors_tell(am::nodedown, name, kNoConnection, am::visible, am::net_kernel_terminated);
}

// net_kernel ended: so do all connections.
void stop(Term reason) {
  Term why = reason == am::no_network ? reason : am::net_kernel_terminated;
  dist_entries_each(
      [](DistEntry& e, void* data) {
        Term controller = Term::none();
        u32 pending = 0;
        {
          Guard guard(e.lock);
          if (e.state == DistState::Pending) pending = e.connection;
          if (e.state == DistState::Connected || e.state == DistState::Exiting) controller = e.controller;
        }
        if (pending != 0) dist_abort_pending(e, pending);
        if (controller.is_local_port()) {
          dist_port_kill(controller, *static_cast<Term*>(data));
        } else if (controller.is_local_pid()) {
          send_exit_signal(Term::pid(0), controller, am::kill, false);
        }
      },
      &why);
  dist_node_gone();
}

bool process_exits(Process& p) {
  Term reason = p.exit_reason;
  if (p.id.bits() == kernel_pid.load(std::memory_order_acquire)) {
    kernel_pid.store(Term::none().bits(), std::memory_order_release);
    stop(reason);
    return true;
  }
  auto* c = p.relations != nullptr ? static_cast<Carried*>(p.relations->carried) : nullptr;
  if (c == nullptr) return true;
  p.relations->carried = nullptr;
  // A supervised controller ends normally with {shutdown, Reason}.
  if (is_tuple_of(reason, 2) && tuple_element(reason, 0) == am::shutdown) reason = tuple_element(reason, 1);
  if (reason == am::normal) reason = am::connection_closed;
  dist_connection_down(*c->entry, c->connection, reason);
  vm_delete(c);
  return true;
}

}  // namespace

void dist_init() {
  process_add_exit_hook(process_exits);
  dist_send_init();
}

bool dist_start(Term name, u32 creation) {
  if (dist_is_alive() || !dist_is_node_name(name) || live.load(std::memory_order_acquire) != 0) return false;
  Term pid = registry_whereis(am::net_kernel);
  Process* kernel = pid.is_local_pid() ? process_lookup_alive(pid) : nullptr;
  if (kernel == nullptr) return false;
  (void)dist_entry(am::nonode_nohost);  // one of the known nodes from now on
  kernel_pid.store(pid.bits(), std::memory_order_release);
  live.store(1, std::memory_order_release);
  this_node_set(name, creation);
  nodes_monitors_tell(am::nodeup, name, kNoConnection, am::visible, Term::nil());
  return true;
}

bool dist_has_kernel(Term* pid) {
  *pid = Term(kernel_pid.load(std::memory_order_acquire));
  return !pid->is_none() && registry_whereis(am::net_kernel) == *pid;
}

void dist_node_added() { live.fetch_add(1, std::memory_order_acq_rel); }
void dist_node_gone() {
  if (live.fetch_sub(1, std::memory_order_acq_rel) == 1) set_not_alive();
}

void dist_process_attach(Process& p, DistEntry& e, u32 connection) {
  relations_of(p).carried = vm_new<Carried>(Carried{&e, connection});
}

DistEntry* dist_process_entry(const Process& p) {
  auto* c = p.relations != nullptr ? static_cast<Carried*>(p.relations->carried) : nullptr;
  return c == nullptr ? nullptr : c->entry;
}

void nodes_monitor_add(Term pid, u32 options) {
  Guard guard(listeners_lock);
  listeners.push_back({pid, options});
}

void nodes_monitor_remove(Term pid, u32 options) {
  Guard guard(listeners_lock);
  std::erase_if(listeners, [&](const Listener& l) { return l.pid == pid && l.options == options; });
}

void nodes_monitors_each(void (*f)(Term, u32, void*), void* data) {
  Guard guard(listeners_lock);
  for (const Listener& l : listeners) f(l.pid, l.options, data);
}

void nodes_monitors_tell(Term what, Term node, u32 connection, Term type, Term reason) {
  QuiesceGuard online;
  std::vector<Listener> all;
  {
    Guard guard(listeners_lock);
    all = listeners;
  }
  for (const Listener& l : all) {
    u32 types = l.options & (kNodesVisible | kNodesHidden);
    if (type == am::hidden ? (types & kNodesHidden) == 0 : types == kNodesHidden) continue;
    Process* p = process_lookup(l.pid);
    if (p == nullptr) continue;
    u64 words = 3 * (tuple_words(2) + kConsWords) + tuple_words(3) + 5 + tuple_words(3) + copy_size(reason);
    Fragment* f = fragment_new(words);
    Builder b = f->builder();
    Term message = build_message(b, l.options, what, node, connection, type, reason);
    signal_push_or_drop(*p, vm_new<NodesMessage>(l.options, message, f));
  }
}

}  // namespace lintel
