// Signals to processes of other nodes: the control message of each, and the entries that the
// connection keeps for this node's processes.
//
// A message is encoded before the entry's lock is taken, for the connection as it was then; when
// another one is there by the time it could be queued, the signal goes the way of a lost connection.
#include <algorithm>

#include "vm/dist/entry.h"
#include "vm/dist/spawn_request.h"
#include "vm/heap/copy.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/proc/tracing.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

struct Route {
  u32 connection;
  u64 flags;
  bool use_cache;
  bool busy;
  bool has(u64 f) const { return (flags & f) != 0; }
};

// The entry's connection, made if there is none and `connect` asks for it.
bool route_to(DistEntry& e, bool connect, Route* out) {
  if (!dist_is_alive() || e.name == this_node()->name) return false;
  for (int tries = 0;; tries++) {
    {
      Guard guard(e.lock);
      if (e.is_up()) {
        *out = {e.connection, e.flags,
                e.state == DistState::Connected && (e.flags & kDistHdrAtomCache) != 0, e.busy};
        return true;
      }
      if (e.state == DistState::Exiting || !connect || tries == 2) return false;
    }
    if (!dist_auto_connect(e)) return false;
  }
}

// The route over a connection that is known to have been there.
bool route_over(DistEntry& e, u32 connection, Route* out) {
  return route_to(e, false, out) && out->connection == connection;
}

// A control tuple on the C stack.
class Control {
 public:
  Control() : builder_(&top_, mem_ + kRoom, &off_heap_) {}
  Builder& builder() { return builder_; }
  Term tuple(DistOp op, std::initializer_list<Term> rest) {
    Term* elements;
    Term t = builder_.tuple_uninitialized(1 + rest.size(), &elements);
    *elements++ = Term::small(static_cast<i64>(op));
    for (Term r : rest) *elements++ = r;
    return t;
  }

 private:
  static constexpr u64 kRoom = 24;
  Term mem_[kRoom];
  Term* top_ = mem_;
  OffHeap off_heap_{};
  Builder builder_;
};

Term empty_atom() {
  static const Term atom = atom_intern("");
  return atom;
}

// What a sender pays for bytes.
void charge(Process* p, const DistMessage& m) {
  if (p != nullptr) p->bump_reductions(static_cast<i64>(m.bytes / 256 + 4));
}

// Encodes and appends. False: another connection, none, or too large.
bool post(DistEntry& e, const Route& r, Term control, Term payload, Process* sender) {
  DistMessage* m = dist_encode(control, payload, r.use_cache);
  if (m == nullptr) return false;
  charge(sender, *m);
  return dist_enqueue(e, r.connection, m, sender);
}

// As post, and does `entry(tables)` in the same step.
template <typename F>
bool post_with(DistEntry& e, const Route& r, Term control, F entry) {
  DistMessage* m = dist_encode(control, Term::none(), r.use_cache);
  if (m == nullptr) return false;
  Guard guard(e.lock);
  if (!dist_enqueue_locked(e, r.connection, m, nullptr)) return false;
  entry(*e.tables);
  return true;
}

// Runs f(tables) if this connection is still up.
template <typename F>
bool with_tables(DistEntry& e, u32 connection, F f) {
  Guard guard(e.lock);
  if (e.connection != connection || e.tables == nullptr) return false;
  f(*e.tables);
  return true;
}

DistEntry& entry_of(Term pid) { return *dist_entry(node_of(pid)->name); }

// The sequential trace token moves on and goes along. `to` is for the report. none: there is none.
Term token_for(Process& p, Term to, Term message) {
  if (VM_LIKELY((p.trace_flags & kTraceHasToken) == 0)) return Term::none();
  seq_trace_sending(p, to, message);
  return seq_trace_token(p);
}

// ---- send ----

RemoteResult send(Process& from, Term to, Term node, Term message, u32 flags) {
  if (!dist_is_alive()) return RemoteResult::NoConnection;
  DistEntry& e = *dist_entry(node);
  Route r;
  if (!route_to(e, (flags & kRemoteNoConnect) == 0, &r)) return RemoteResult::NoConnection;
  bool may_suspend = (flags & kRemoteNoSuspend) == 0;
  if (r.busy && !may_suspend) return RemoteResult::Busy;
  Control c;
  Term control;
  Term token = token_for(from, to.is_atom() ? c.builder().tuple({to, node}) : to, message);
  bool traced = !token.is_none();
  if (to.is_atom()) {
    control = traced ? c.tuple(DistOp::RegSendTt, {from.id, empty_atom(), to, token})
                     : c.tuple(DistOp::RegSend, {from.id, empty_atom(), to});
  } else if (to.is_ref()) {
    if (!r.has(kDistAlias)) return RemoteResult::Ok;
    control = traced ? c.tuple(DistOp::AliasSendTt, {from.id, to, token})
                     : c.tuple(DistOp::AliasSend, {from.id, to});
  } else {
    bool sender = r.has(kDistSendSender);
    Term who = sender ? from.id : empty_atom();
    control = traced ? c.tuple(sender ? DistOp::SendSenderTt : DistOp::SendTt, {who, to, token})
                     : c.tuple(sender ? DistOp::SendSender : DistOp::Send, {who, to});
  }
  post(e, r, control, message, may_suspend ? &from : nullptr);
  return RemoteResult::Ok;
}

void send_exit(Process* from, Term from_id, Term to, Term reason) {
  if (!dist_is_alive()) return;
  DistEntry& e = entry_of(to);
  Route r;
  if (!route_to(e, true, &r)) return;
  Control c;
  if (r.has(kDistExitPayload)) {
    post(e, r, c.tuple(DistOp::PayloadExit2, {from_id, to}), reason, from);
  } else {
    post(e, r, c.tuple(DistOp::Exit2, {from_id, to, reason}), Term::none(), from);
  }
}

void send_group_leader(Process& from, Term leader, Term of) {
  if (!dist_is_alive()) return;
  DistEntry& e = entry_of(of);
  Route r;
  Control c;
  if (route_to(e, true, &r)) post(e, r, c.tuple(DistOp::GroupLeader, {leader, of}), Term::none(), &from);
}

// ---- links ----

LinkEntry make_link_entry(Term local, Term peer) {
  return {nullptr, local, pid_number(peer), pid_serial(peer), node_of(peer)->creation};
}

LinkEntry* find_link(DistTables& t, const LinkEntry& key) {
  return t.links.find(key.hash(), [&](LinkEntry& l) {
    return l.local == key.local && l.number == key.number && l.serial == key.serial &&
           l.creation == key.creation;
  });
}

void add_link(DistTables& t, Term local, Term peer) {
  LinkEntry key = make_link_entry(local, peer);
  if (find_link(t, key) == nullptr) t.links.insert(vm_new<LinkEntry>(key));
}

bool drop_link(DistTables& t, Term local, Term peer) {
  LinkEntry* l = find_link(t, make_link_entry(local, peer));
  if (l == nullptr) return false;
  t.links.remove(l);
  vm_free(l);
  return true;
}

u32 link(Process& p, Term peer) {
  if (!dist_is_alive()) return 0;
  DistEntry& e = entry_of(peer);
  Route r;
  if (!route_to(e, true, &r)) return 0;
  Control c;
  Term control = c.tuple(DistOp::Link, {p.id, peer});
  return post_with(e, r, control, [&](DistTables& t) { add_link(t, p.id, peer); }) ? r.connection : 0;
}

bool link_added(Term local, Term peer, u32 connection) {
  return with_tables(entry_of(peer), connection, [&](DistTables& t) { add_link(t, local, peer); });
}

void link_removed(Term local, Term peer, u32 connection) {
  with_tables(entry_of(peer), connection, [&](DistTables& t) { drop_link(t, local, peer); });
}

bool unlink(Term local, Term peer, u32 connection, u64 id) {
  DistEntry& e = entry_of(peer);
  Route r;
  if (!route_over(e, connection, &r)) return false;
  Control c;
  bool acknowledged = r.has(kDistUnlinkId);
  Term control = acknowledged ? c.tuple(DistOp::UnlinkId, {c.builder().unsigned_integer(id), local, peer})
                              : c.tuple(DistOp::Unlink, {local, peer});
  return post_with(e, r, control, [&](DistTables& t) { drop_link(t, local, peer); }) && acknowledged;
}

void unlink_ack(Term local, Term peer, u32 connection, u64 id) {
  DistEntry& e = entry_of(peer);
  Route r;
  if (id == 0 || !route_over(e, connection, &r)) return;
  Control c;
  post(e, r, c.tuple(DistOp::UnlinkIdAck, {c.builder().unsigned_integer(id), local, peer}), Term::none(),
       nullptr);
}

void link_exit(Term local, Term peer, u32 connection, Term reason) {
  DistEntry& e = entry_of(peer);
  Route r;
  if (!route_over(e, connection, &r)) return;
  with_tables(e, connection, [&](DistTables& t) { drop_link(t, local, peer); });
  Control c;
  if (r.has(kDistExitPayload)) {
    post(e, r, c.tuple(DistOp::PayloadExit, {local, peer}), reason, nullptr);
  } else {
    post(e, r, c.tuple(DistOp::Exit, {local, peer, reason}), Term::none(), nullptr);
  }
}

// ---- monitors ----

MonitorEntry* find_monitor(DistTables& t, RefNumbers ref) {
  return t.monitors.find(hash_ref(ref), [&](MonitorEntry& m) { return m.ref == ref; });
}

void add_monitor(DistTables& t, Term local, RefNumbers ref, Term target, bool is_spawn) {
  auto* m = vm_new<MonitorEntry>(MonitorEntry{nullptr, ref, local, is_spawn, target, {}});
  if (target.is_boxed()) {
    for (u64 i = 0; i < kExternalWords; i++) m->box[i] = target.object()[i];
    m->target = Term::boxed(m->box);
  }
  t.monitors.insert(m);
}

bool drop_monitor(DistTables& t, RefNumbers ref) {
  MonitorEntry* m = find_monitor(t, ref);
  if (m == nullptr) return false;
  t.monitors.remove(m);
  vm_free(m);
  return true;
}

u32 monitor(Process& p, Term target, Term node, RefNumbers ref) {
  if (!dist_is_alive()) return 0;
  DistEntry& e = *dist_entry(node);
  Route r;
  if (!route_to(e, true, &r)) return 0;
  Control c;
  Term control = c.tuple(DistOp::MonitorP, {p.id, target, c.builder().reference(ref)});
  auto add = [&](DistTables& t) { add_monitor(t, p.id, ref, target, false); };
  return post_with(e, r, control, add) ? r.connection : 0;
}

void monitor_removed(RefNumbers ref, Term node, u32 connection) {
  with_tables(*dist_entry(node), connection, [&](DistTables& t) { drop_monitor(t, ref); });
}

void demonitor(Term local, Term target, Term node, RefNumbers ref, u32 connection) {
  DistEntry& e = *dist_entry(node);
  bool existed = false;
  with_tables(e, connection, [&](DistTables& t) { existed = drop_monitor(t, ref); });
  Route r;
  if (!existed || !route_over(e, connection, &r)) return;
  Control c;
  post(e, r, c.tuple(DistOp::DemonitorP, {local, target, c.builder().reference(ref)}), Term::none(), nullptr);
}

// ---- spawn requests ----

void spawn_abandoned(RefNumbers ref, Term node, u32 connection, Term reason) {
  // The child, if the answer came too late for its parent; else it will find the reason.
  Term child[kExternalWords];
  bool has_child = false;
  Term local;
  with_tables(*dist_entry(node), connection, [&](DistTables& t) {
    MonitorEntry* m = find_monitor(t, ref);
    if (m == nullptr) return;
    local = m->local;
    has_child = m->target.is_boxed();
    if (has_child) std::copy_n(m->box, kExternalWords, child);
    drop_monitor(t, ref);
    if (reason.is_none() || has_child) return;
    auto* o = vm_new<OrphanEntry>(OrphanEntry{nullptr, ref, reason, nullptr});
    if (reason.is_pointer() && copy_size(reason) != 0) {
      o->fragment = fragment_new(copy_size(reason));
      Builder b = o->fragment->builder();
      o->reason = copy_term(reason, b);
    }
    t.orphans.insert(o);
  });
  if (has_child && !reason.is_none()) link_exit(local, Term::boxed(child), connection, reason);
}

// ---- node monitors ----

void node_monitor_removed(Term local, Term node, u32 connection) {
  with_tables(*dist_entry(node), connection, [&](DistTables& t) {
    NodeMonitorEntry* n =
        t.node_monitors.find(hash_id(local), [&](NodeMonitorEntry& m) { return m.local == local; });
    if (n == nullptr) return;
    t.node_monitors.remove(n);
    vm_free(n);
  });
}

}  // namespace

const LinkEntry* dist_link_find_locked(DistEntry& e, Term local, Term peer) {
  return find_link(*e.tables, make_link_entry(local, peer));
}

void dist_send_init() {
  remote_hooks = {send,         send_exit,  send_group_leader, link,
                  link_added,   link_removed, unlink,          unlink_ack,
                  link_exit,    monitor,    monitor_removed,   demonitor,
                  spawn_abandoned, node_monitor_removed, nodes_monitor_remove};
}

SpawnRequestResult dist_spawn_request(Process& p, DistEntry& e, RefNumbers ref, Term ref_term, Term mfa,
                                      Term args, Term options, u32* connection) {
  Route r;
  if (!route_to(e, true, &r)) return SpawnRequestResult::NoConnection;
  if (!r.has(kDistSpawn)) return SpawnRequestResult::NotSupported;
  Control c;
  Term token = token_for(p, e.name, args);
  Term control =
      !token.is_none()
          ? c.tuple(DistOp::SpawnRequestTt, {ref_term, p.id, p.group_leader, mfa, options, token})
          : c.tuple(DistOp::SpawnRequest, {ref_term, p.id, p.group_leader, mfa, options});
  DistMessage* m = dist_encode(control, args, r.use_cache);
  if (m == nullptr) return SpawnRequestResult::SystemLimit;
  charge(&p, *m);
  Guard guard(e.lock);
  if (!dist_enqueue_locked(e, r.connection, m, &p)) return SpawnRequestResult::NoConnection;
  add_monitor(*e.tables, p.id, ref, am::pending, true);
  *connection = r.connection;
  return SpawnRequestResult::Ok;
}

bool dist_spawn_became_monitor(DistEntry& e, u32 connection, RefNumbers ref, Term target) {
  return with_tables(e, connection, [&](DistTables& t) {
    MonitorEntry* m = find_monitor(t, ref);
    if (m == nullptr) return;
    Term local = m->local;
    drop_monitor(t, ref);
    if (!target.is_none()) add_monitor(t, local, ref, target, false);
  });
}

bool dist_monitor_node(Process& p, Term node, bool connect, u32* connection) {
  DistEntry& e = *dist_entry(node);
  Route r;
  if (!route_to(e, connect, &r)) return false;
  *connection = r.connection;
  return with_tables(e, r.connection, [&](DistTables& t) {
    auto same = [&](NodeMonitorEntry& m) { return m.local == p.id; };
    if (t.node_monitors.find(hash_id(p.id), same) == nullptr) {
      t.node_monitors.insert(vm_new<NodeMonitorEntry>(NodeMonitorEntry{nullptr, p.id}));
    }
  });
}

}  // namespace lintel
