#include "vm/proc/links.h"

#include "vm/base/quiesce.h"
#include "vm/heap/copy.h"
#include "vm/proc/exit.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/suspend.h"
#include "vm/proc/tracing.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {

namespace {

LinkRecord* find_link(Process& p, Term peer) {
  if (p.relations == nullptr) return nullptr;
  return p.relations->links.find(hash_id(peer), [&](LinkRecord& r) { return r.peer == peer; });
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
  if (m.target.is_none()) return;
  auto* s = vm_new<MonitorSignal>(SignalKind::Demonitor, p.id, m.target, m.ref);
  if (!signal_push_to(m.target, s)) vm_free(s);
}

}  // namespace

Relations& relations_of(Process& p) {
  if (p.relations == nullptr) p.relations = vm_new<Relations>();
  return *p.relations;
}

// ---- references with an owner: the pid's data + 1 in the upper half of the last word ----

Term build_alias_ref(Builder& b, RefNumbers n, Term owner) {
  Term ref = b.reference(n);
  Term& last = ref.object()[2];
  last = Term(last.bits() | (owner.pid_data() + 1) << 32);
  return ref;
}

Term alias_ref_owner(Term ref) {
  if (!ref.is(BoxedTag::Ref)) return Term::none();
  u64 data = ref.object()[2].bits() >> 32;
  return data == 0 ? Term::none() : Term::pid(data - 1);
}

// ---- links ----

void link_record_add(Process& p, Term peer) {
  if (LinkRecord* r = find_link(p, peer)) {
    r->unlink_id = 0;
    return;
  }
  relations_of(p).links.insert(vm_new<LinkRecord>(LinkRecord{nullptr, peer, 0}));
}

bool process_link(Process& p, Term peer) {
  if (peer == p.id) return true;
  LinkRecord* old = find_link(p, peer);
  if (old != nullptr && old->unlink_id == 0) return true;
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
  auto* s = vm_new<LinkSignal>(SignalKind::Unlink, p.id, peer, id);
  if (signal_push_to(peer, s)) {
    r->unlink_id = id;
  } else {
    vm_free(s);
    remove_link(p, r);
  }
}

void link_signal_received(Process& p, LinkSignal* s) {
  switch (s->kind) {
    case SignalKind::Link:
      // When both link at the same time one of the records is there already. One that this side is
      // unlinking stays inactive: the unlink on its way takes back the link just made.
      if (find_link(p, s->from) == nullptr) {
        if (VM_UNLIKELY((p.trace_flags & kTraceProcs) != 0)) trace_process_event(p, am::getting_linked, s->from);
        link_record_add(p, s->from);
      }
      break;
    case SignalKind::Unlink: {
      LinkRecord* r = find_link(p, s->from);
      if (r != nullptr && r->unlink_id == 0) {
        remove_link(p, r);
        if (VM_UNLIKELY((p.trace_flags & kTraceProcs) != 0)) trace_process_event(p, am::getting_unlinked, s->from);
      }
      auto* ack = vm_new<LinkSignal>(SignalKind::UnlinkAck, p.id, s->from, s->id);
      if (!signal_push_to(s->from, ack)) vm_free(ack);
      break;
    }
    default: {
      LinkRecord* r = find_link(p, s->from);
      if (r != nullptr && r->unlink_id == s->id) remove_link(p, r);
      break;
    }
  }
  vm_free(s);
}

// ---- monitors ----

void monitor_record_add(Process& p, MonitorType type, Term target, Term name, RefNumbers ref,
                        const MonitorOptions& options) {
  auto* m = vm_new<MonitorRecord>(
      MonitorRecord{nullptr, ref, type, options.alias, target, name, options.tag, nullptr});
  if (options.tag.is_pointer() && copy_size(options.tag) != 0) {
    m->tag_fragment = fragment_new(copy_size(options.tag));
    Builder b = m->tag_fragment->builder();
    m->tag = copy_term(options.tag, b);
  }
  relations_of(p).monitors.insert(m);
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
    w.foreign->down(w.foreign, object, w.ref);
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
    if (l->unlink_id == 0) send_exit_signal(p.id, l->peer, reason, true, &p);
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
