#include "vm/proc/links.h"

#include "vm/base/quiesce.h"
#include "vm/heap/copy.h"
#include "vm/proc/exit.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/remote.h"
#include "vm/proc/suspend.h"
#include "vm/proc/tracing.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {

RemoteHooks remote_hooks;

namespace {

LinkRecord* find_link(Process& p, Term peer) {
  if (p.relations == nullptr) return nullptr;
  return p.relations->links.find(hash_id(peer), [&](LinkRecord& r) { return same_id(r.peer, peer); });
}

// A pid of another node moves into the words behind the record.
constexpr u64 kIdBytes = kExternalWords * kWordBytes;
Term keep_id(Term id, void* behind) {
  if (!id.is_boxed()) return id;
  std::memcpy(behind, id.object(), kIdBytes);
  return Term::boxed(static_cast<Term*>(behind));
}

MonitorRecord* find_monitor(Process& p, RefNumbers ref) {
  if (p.relations == nullptr) return nullptr;
  return p.relations->monitors.find(hash_ref(ref), [&](MonitorRecord& r) { return r.ref == ref; });
}

WatcherRecord* find_watcher(Process& p, RefNumbers ref) {
  if (p.relations == nullptr) return nullptr;
  return p.relations->watchers.find(hash_ref(ref), [&](WatcherRecord& r) { return r.ref == ref; });
}

AliasRecord* find_alias(Process& p, RefNumbers ref) {
  if (p.relations == nullptr) return nullptr;
  return p.relations->aliases.find(hash_ref(ref), [&](AliasRecord& r) { return r.ref == ref; });
}

void remove_link(Process& p, LinkRecord* r) {
  p.relations->links.remove(r);
  vm_free(r);
}

void free_monitor(MonitorRecord* m) {
  if (m->tag_fragment != nullptr) fragments_free(m->tag_fragment);
  vm_free(m);
}

// Takes the record out. Its alias lives on only if it has to be switched off explicitly.
void unhook_monitor(Process& p, MonitorRecord* m) {
  p.relations->monitors.remove(m);
  if (m->alias == AliasMode::Explicit) alias_add(p, m->ref, AliasMode::Explicit);
}

void send_demonitor(Process& p, const MonitorRecord& m) {
  if (m.connection != 0) {
    Term target = m.name.is_none() ? m.target : m.name;
    return remote_hooks.demonitor(p.id, target, m.node, m.ref, m.connection);
  }
  if (m.target.is_none() || m.target.is_boxed()) return;
  auto* s = vm_new<MonitorSignal>(SignalKind::Demonitor, p.id, m.target, m.ref);
  if (!signal_push_to(m.target, s)) vm_free(s);
}

}  // namespace

Relations& relations_of(Process& p) {
  if (p.relations == nullptr) p.relations = vm_new<Relations>();
  return *p.relations;
}

// ---- links ----

void link_record_add(Process& p, Term peer, u32 connection) {
  if (LinkRecord* r = find_link(p, peer)) {
    r->unlink_id = 0;
    r->connection = connection;
    return;
  }
  u64 behind = peer.is_boxed() ? kIdBytes : 0;
  auto* r = new (vm_alloc(sizeof(LinkRecord) + behind)) LinkRecord{nullptr, peer, 0, connection};
  r->peer = keep_id(peer, r + 1);
  relations_of(p).links.insert(r);
}

bool process_link(Process& p, Term peer) {
  if (peer == p.id) return true;
  LinkRecord* old = find_link(p, peer);
  if (old != nullptr && old->unlink_id == 0) return true;
  if (peer.is_boxed()) {
    u32 connection = remote_hooks.link != nullptr ? remote_hooks.link(p, peer) : 0;
    if (connection != 0) {
      link_record_add(p, peer, connection);
    } else if (old != nullptr) {
      remove_link(p, old);
    }
    return connection != 0;
  }
  auto* s = vm_new<LinkSignal>(SignalKind::Link, p.id, peer);
  if (!signal_push_to(peer, s)) {
    vm_free(s);
    if (old != nullptr) remove_link(p, old);
    return false;
  }
  link_record_add(p, peer);
  return true;
}

void process_unlink(Process& p, Term peer) {
  LinkRecord* r = find_link(p, peer);
  if (r == nullptr || r->unlink_id != 0) return;
  u64 id = p.relations->next_unlink_id++;
  if (r->connection != 0) {
    if (remote_hooks.unlink(p.id, r->peer, r->connection, id)) {
      r->unlink_id = id;
    } else {
      remove_link(p, r);
    }
    return;
  }
  auto* s = vm_new<LinkSignal>(SignalKind::Unlink, p.id, peer, id);
  if (signal_push_to(peer, s)) {
    r->unlink_id = id;
  } else {
    vm_free(s);
    remove_link(p, r);
  }
}

namespace {

// A link that a process of another node made. When the connection is gone already, so is the peer.
void remote_link_received(Process& p, LinkSignal* s) {
  LinkRecord* r = find_link(p, s->from);
  if (r != nullptr && r->connection == s->connection) return;
  if (!remote_hooks.link_added(p.id, s->from, s->connection)) {
    // A newer connection may have a link of its own.
    if (r != nullptr) return;
    Fragment* f = fragment_new(tuple_words(3) + kExternalWords);
    Builder b = f->builder();
    Term from = copy_term(s->from, b);
    link_record_add(p, s->from, s->connection);
    auto* e = vm_new<ExitSignal>(SignalKind::ExitLinked, from, am::noconnection, f);
    e->connection = s->connection;
    return exit_signal_received(p, e);
  }
  link_record_add(p, s->from, s->connection);
}

}  // namespace

void link_signal_received(Process& p, LinkSignal* s) {
  switch (s->kind) {
    case SignalKind::Link:
      // When both link at the same time one of the records is there already. One that this side is
      // unlinking stays inactive: the unlink on its way takes back the link just made.
      if (s->connection != 0) {
        remote_link_received(p, s);
      } else if (find_link(p, s->from) == nullptr) {
        if (VM_UNLIKELY((p.trace_flags & kTraceProcs) != 0)) trace_process_event(p, am::getting_linked, s->from);
        link_record_add(p, s->from);
      }
      break;
    case SignalKind::Unlink: {
      LinkRecord* r = find_link(p, s->from);
      if (r != nullptr && r->unlink_id == 0 && r->connection == s->connection) {
        if (s->connection != 0) remote_hooks.link_removed(p.id, s->from, s->connection);
        remove_link(p, r);
        if (VM_UNLIKELY((p.trace_flags & kTraceProcs) != 0)) trace_process_event(p, am::getting_unlinked, s->from);
      }
      if (s->connection != 0) {
        remote_hooks.unlink_ack(p.id, s->from, s->connection, s->id);
        break;
      }
      auto* ack = vm_new<LinkSignal>(SignalKind::UnlinkAck, p.id, s->from, s->id);
      if (!signal_push_to(s->from, ack)) vm_free(ack);
      break;
    }
    default: {
      LinkRecord* r = find_link(p, s->from);
      if (r != nullptr && r->unlink_id == s->id && r->connection == s->connection) remove_link(p, r);
      break;
    }
  }
  vm_free(s);
}

// ---- monitors ----

MonitorRecord& monitor_record_add(Process& p, MonitorType type, Term target, Term name, RefNumbers ref,
                                  const MonitorOptions& options) {
  // Room for a pid even where the target is yet to be known.
  u64 behind = target.is_boxed() || target == am::pending ? kIdBytes : 0;
  auto* m = new (vm_alloc(sizeof(MonitorRecord) + behind)) MonitorRecord{
      nullptr, ref, type, options.alias, target, name, options.tag, nullptr, Term::none(), 0};
  m->target = keep_id(target, m + 1);
  m->tag = copy_to_keep(options.tag, &m->tag_fragment);
  relations_of(p).monitors.insert(m);
  return *m;
}

MonitorRecord* monitor_record_find(Process& p, RefNumbers ref) { return find_monitor(p, ref); }

void monitor_record_set_target(Process& p, RefNumbers ref, Term target) {
  MonitorRecord* m = find_monitor(p, ref);
  if (m != nullptr && m->target == am::pending) m->target = keep_id(target, m + 1);
}

void monitor_record_drop(Process& p, RefNumbers ref) {
  MonitorRecord* m = find_monitor(p, ref);
  if (m == nullptr) return;
  p.relations->monitors.remove(m);
  free_monitor(m);
}

void spawn_request_record_remove(Process& p, SpawnRequestRecord* r) {
  p.relations->spawn_requests.remove(r);
  if (r->fragment != nullptr) fragments_free(r->fragment);
  vm_free(r);
}

void process_monitor(Process& p, MonitorType type, Term target, Term name, RefNumbers ref,
                     const MonitorOptions& options) {
  if (type == MonitorType::Process && target == p.id) {
    // A process cannot monitor itself: the reference is good for nothing but its alias.
    if (options.alias == AliasMode::Explicit) alias_add(p, ref, AliasMode::Explicit);
    return;
  }
  monitor_record_add(p, type, target, name, ref, options);
  if (type == MonitorType::TimeOffset) return;
  auto* s = vm_new<MonitorSignal>(SignalKind::Monitor, p.id, target, ref, name);
  if (!target.is_none()) return signal_push_to_or_drop(target, s);
  signal_undeliverable(s);
}

void process_monitor_remote(Process& p, Term target, Term name, Term node, RefNumbers ref,
                            const MonitorOptions& options) {
  MonitorRecord& m = monitor_record_add(p, MonitorType::Process, target, name, ref, options);
  m.node = node;
  if (remote_hooks.monitor != nullptr) {
    m.connection = remote_hooks.monitor(p, name.is_none() ? m.target : name, node, ref);
  }
  if (m.connection != 0) return;
  Fragment* f = fragment_new(tuple_words(5) + kRefWords + tuple_words(2) + kExternalWords);
  Builder b = f->builder();
  Term what = name.is_none() ? copy_term(m.target, b) : b.tuple({name, node});
  Term message = b.tuple({am::DOWN, b.reference(ref), am::process, what, am::noconnection});
  signal_push_or_drop(p, vm_new<DownSignal>(message, f, ref));
}

bool process_has_monitor(Process& p, RefNumbers ref) { return find_monitor(p, ref) != nullptr; }

bool process_demonitor(Process& p, RefNumbers ref) {
  MonitorRecord* m = find_monitor(p, ref);
  if (m == nullptr) return false;
  unhook_monitor(p, m);
  send_demonitor(p, *m);
  free_monitor(m);
  return true;
}

bool foreign_monitor(ForeignWatcher* w, Term target, RefNumbers ref) {
  QuiesceGuard guard;
  auto* s = vm_new<MonitorSignal>(SignalKind::Monitor, Term::none(), target, ref);
  s->foreign = w;
  if (process_lookup_alive(target) != nullptr && signal_push_to(target, s)) return true;
  vm_free(s);
  return false;
}

void foreign_demonitor(ForeignWatcher*, Term target, RefNumbers ref) {
  QuiesceGuard guard;
  auto* s = vm_new<MonitorSignal>(SignalKind::Demonitor, Term::none(), target, ref);
  if (!signal_push_to(target, s)) vm_free(s);
}

void monitor_signal_received(Process& p, MonitorSignal* s) {
  WatcherRecord* w = find_watcher(p, s->ref);
  if (s->kind == SignalKind::Monitor) {
    VM_ASSERT(w == nullptr);
    relations_of(p).watchers.insert(
        vm_new<WatcherRecord>(WatcherRecord{nullptr, s->ref, s->from, s->name, s->foreign}));
  } else if (w != nullptr) {
    p.relations->watchers.remove(w);
    if (w->foreign != nullptr) w->foreign->released(w->foreign);
    vm_free(w);
  }
  vm_free(s);
}

void send_down(const WatcherRecord& w, Term object, Term reason) {
  if (w.foreign != nullptr) {
    w.foreign->down(w.foreign, object, w.ref, reason);
    return;
  }
  // {'DOWN', Ref, process | port, Object | {Name, Node}, Reason}
  u64 words = tuple_words(5) + kRefWords + tuple_words(2) + copy_size(reason);
  Fragment* f = fragment_new(words);
  Builder b = f->builder();
  Term ref = b.reference(w.ref);
  bool is_port = object.is_local_port();
  Term what = w.name.is_none() ? object : b.tuple({w.name, this_node()->name});
  Term why = copy_term(reason, b);
  Term message = b.tuple({am::DOWN, ref, is_port ? am::port : am::process, what, why});
  auto* s = vm_new<DownSignal>(message, f, w.ref);
  signal_push_to_or_drop(w.watcher, s);
}

void down_signal_received(Process& p, DownSignal* s) {
  MonitorRecord* m = find_monitor(p, s->ref);
  if (m == nullptr) return signal_undeliverable(s);
  unhook_monitor(p, m);
  if (m->connection != 0) remote_hooks.monitor_removed(m->ref, m->node, m->connection);
  if (!m->tag.is_none()) {
    tuple_elements(s->value)[0] = m->tag;
    if (m->tag_fragment != nullptr) {
      m->tag_fragment->next = s->fragment;
      s->fragment = m->tag_fragment;
      m->tag_fragment = nullptr;
    }
  }
  free_monitor(m);
  s->kind = SignalKind::Message;
  mailbox_receive(p, s);
}

// ---- aliases ----

void alias_add(Process& p, RefNumbers ref, AliasMode mode) {
  relations_of(p).aliases.insert(vm_new<AliasRecord>(AliasRecord{nullptr, ref, mode}));
}

bool alias_remove(Process& p, RefNumbers ref) {
  if (MonitorRecord* m = find_monitor(p, ref)) {
    if (m->alias == AliasMode::None) return false;
    m->alias = AliasMode::None;
    return true;
  }
  AliasRecord* a = find_alias(p, ref);
  if (a == nullptr) return false;
  p.relations->aliases.remove(a);
  vm_free(a);
  return true;
}

void alias_message_received(Process& p, AliasMessage* s) {
  MonitorRecord* m = find_monitor(p, s->alias);
  if (m != nullptr && m->alias != AliasMode::None) {
    if (m->alias == AliasMode::ReplyDemonitor) {
      p.relations->monitors.remove(m);
      send_demonitor(p, *m);
      free_monitor(m);
    }
  } else if (AliasRecord* a = find_alias(p, s->alias)) {
    if (a->mode == AliasMode::Reply) {
      p.relations->aliases.remove(a);
      vm_free(a);
    }
  } else {
    return signal_undeliverable(s);
  }
  s->kind = SignalKind::Message;
  mailbox_receive(p, s);
}

// ---- the end ----

bool relations_fire(Process& p, Term reason, i64& reds) {
  if (p.relations == nullptr) return true;
  Relations& r = *p.relations;
  constexpr i64 kCost = 4;  // reductions per record
  while (LinkRecord* l = r.links.take_any()) {
    // For an inactive one the unlink signal is on its way already.
    if (l->unlink_id == 0) {
      if (l->connection != 0) {
        remote_hooks.link_exit(p.id, l->peer, l->connection, reason);
      } else {
        send_exit_signal(p.id, l->peer, reason, true, &p);
      }
    }
    vm_free(l);
    if ((reds -= kCost) < 0) return false;
  }
  while (WatcherRecord* w = r.watchers.take_any()) {
    send_down(*w, p.id, reason);
    vm_free(w);
    if ((reds -= kCost) < 0) return false;
  }
  while (MonitorRecord* m = r.monitors.take_any()) {
    send_demonitor(p, *m);
    free_monitor(m);
    if ((reds -= kCost) < 0) return false;
  }
  while (AliasRecord* a = r.aliases.take_any()) {
    vm_free(a);
    if (--reds < 0) return false;
  }
  while (SuspendRecord* s = r.suspends.take_any()) {
    process_resume(p.id, s->suspendee, s->count);
    vm_free(s);
    if ((reds -= kCost) < 0) return false;
  }
  while (SpawnRequestRecord* s = r.spawn_requests.take_any()) {
    remote_hooks.spawn_abandoned(s->ref, s->node, s->connection, s->link ? reason : Term::none());
    if (s->fragment != nullptr) fragments_free(s->fragment);
    vm_free(s);
    if ((reds -= kCost) < 0) return false;
  }
  while (NodeMonitorRecord* n = r.node_monitors.take_any()) {
    remote_hooks.node_monitor_removed(p.id, n->node, n->connection);
    vm_free(n);
    if ((reds -= kCost) < 0) return false;
  }
  while (NodesMonitorRecord* n = r.nodes_monitors.take_any()) {
    remote_hooks.nodes_monitor_removed(p.id, n->options);
    vm_free(n);
  }
  return true;
}

void relations_destroy(Process& p) {
  Relations* r = p.relations;
  if (r == nullptr) return;
  while (LinkRecord* l = r->links.take_any()) vm_free(l);
  while (WatcherRecord* w = r->watchers.take_any()) vm_free(w);
  while (MonitorRecord* m = r->monitors.take_any()) free_monitor(m);
  while (AliasRecord* a = r->aliases.take_any()) vm_free(a);
  while (SuspendRecord* s = r->suspends.take_any()) vm_free(s);
  while (SpawnRequestRecord* s = r->spawn_requests.take_any()) {
    if (s->fragment != nullptr) fragments_free(s->fragment);
    vm_free(s);
  }
  while (NodeMonitorRecord* n = r->node_monitors.take_any()) vm_free(n);
  while (NodesMonitorRecord* n = r->nodes_monitors.take_any()) vm_free(n);
  vm_delete(r);
  p.relations = nullptr;
}

u64 relations_memory_bytes(const Process& p) {
  if (p.relations == nullptr) return 0;
  const Relations& r = *p.relations;
  return sizeof(Relations) + r.links.count() * sizeof(LinkRecord) +
         r.watchers.count() * sizeof(WatcherRecord) + r.monitors.count() * sizeof(MonitorRecord) +
         r.aliases.count() * sizeof(AliasRecord) + r.suspends.count() * sizeof(SuspendRecord) +
         r.links.memory_bytes() + r.watchers.memory_bytes() + r.monitors.memory_bytes() +
         r.aliases.memory_bytes() + r.suspends.memory_bytes();
}

}  // namespace lintel
