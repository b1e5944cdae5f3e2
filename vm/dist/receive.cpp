// What other nodes do to processes of this one: reads packets, checks control messages, and turns
// them into signals.
//
// Nothing in a packet is trusted. A message that is not as the protocol says ends the connection with
// a report; what is addressed to an earlier life of this node is dropped or answered `noproc`.
#include "vm/base/quiesce.h"
#include "vm/dist/entry.h"
#include "vm/dist/spawn_request.h"
#include "vm/heap/copy.h"
#include "vm/proc/exit.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/send.h"
#include "vm/proc/spawn.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"

namespace lintel {

namespace {

// ---- reports ----

void report_bytes(DistEntry& e, const char* what, std::span<const u8> bytes) {
  constexpr u64 kMostShown = 1024;
  u64 n = bytes.size() < kMostShown ? bytes.size() : kMostShown;
  Fragment* f = fragment_new(4 * kConsWords + binary_words(n));
  Builder b = f->builder();
  Term args = b.cons(b.binary(bytes.data(), n), Term::nil());
  args = b.cons(Term::small(e.name.atom_index()), args);
  args = b.cons(e.name, args);
  args = b.cons(this_node()->name, args);
  send_to_logger(nullptr, am::warning, what, args);
  fragments_free(f);
}

void report_invalid(Term control) {
  Fragment* f = fragment_new(kConsWords);
  Builder b = f->builder();
  send_to_logger(nullptr, am::error, "Invalid distribution message: ~0tp~n", b.cons(control, Term::nil()));
  fragments_free(f);
}

// ---- monitors of this node's processes ----

void release(RemoteWatcher* w) {
  if (w->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) vm_delete(w);
}

// Takes it out of its connection's table; false when it is there no more.
bool take_out(RemoteWatcher* w) {
  DistEntry& e = *w->entry;
  Guard guard(e.lock);
  if (e.connection != w->connection || e.tables == nullptr) return false;
  if (e.tables->watchers.find(w->hash(), [&](RemoteWatcher& o) { return &o == w; }) == nullptr) return false;
  e.tables->watchers.remove(w);
  return true;
}

void send_monitor_exit(DistEntry& e, u32 connection, Term watched, Term watcher, Node* ref_node,
                       const RefParts& ref, Term reason) {
  u64 flags;
  {
    Guard guard(e.lock);
    flags = e.flags;
  }
  Fragment* f = fragment_new(tuple_words(5) + kMaxExternalRefWords);
  Builder b = f->builder();
  Term r = build_external_ref(b, ref_node, ref);
  if ((flags & kDistExitPayload) != 0) {
    Term control =
        b.tuple({Term::small(static_cast<i64>(DistOp::PayloadMonitorPExit)), watched, watcher, r});
    dist_send_control(e, connection, control, reason);
  } else {
    Term control = b.tuple({Term::small(static_cast<i64>(DistOp::MonitorPExit)), watched, watcher, r, reason});
    dist_send_control(e, connection, control, Term::none());
  }
  fragments_free(f);
}

void watched_down(ForeignWatcher* foreign, Term object, RefNumbers, Term reason) {
  auto* w = static_cast<RemoteWatcher*>(foreign);
  if (take_out(w)) {
    Term watched = w->name.is_none() ? object : w->name;
    send_monitor_exit(*w->entry, w->connection, watched, w->watcher(), w->ref_node, w->ref, reason);
    release(w);
  }
  release(w);
}

void watch_released(ForeignWatcher* foreign) { release(static_cast<RemoteWatcher*>(foreign)); }

}  // namespace

RemoteWatcher* dist_remote_watcher(ForeignWatcher* w) {
  return w->down == watched_down ? static_cast<RemoteWatcher*>(w) : nullptr;
}

namespace {

// Null when the connection is gone, or this reference is in use already.
RemoteWatcher* make_watcher(DistEntry& e, u32 connection, Term watcher, Term watched, Term name, Term ref) {
  auto* w = vm_new<RemoteWatcher>();
  w->down = watched_down;
  w->released = watch_released;
  w->entry = &e;
  w->connection = connection;
  w->key = make_ref_numbers();
  w->ref = ref_parts(ref);
  w->ref_node = node_of(ref);
  w->watched = watched;
  w->name = name;
  for (u64 i = 0; i < kExternalWords; i++) w->pid[i] = watcher.object()[i];
  Guard guard(e.lock);
  if (e.connection != connection || e.tables == nullptr) {
    vm_delete(w);
    return nullptr;
  }
  e.tables->watchers.insert(w);
  return w;
}

bool same_ref(const RemoteWatcher& w, const RefParts& parts, Node* node) {
  if (w.ref.count != parts.count || w.ref_node != node) return false;
  for (u32 i = 0; i < parts.count; i++) {
    if (w.ref.n[i] != parts.n[i]) return false;
  }
  return true;
}

RemoteWatcher* take_watcher(DistEntry& e, u32 connection, Term ref) {
  RefParts parts = ref_parts(ref);
  Node* node = node_of(ref);
  Guard guard(e.lock);
  if (e.connection != connection || e.tables == nullptr) return nullptr;
  RemoteWatcher* w = e.tables->watchers.find(RemoteWatcher::hash_parts(parts),
                                             [&](RemoteWatcher& o) { return same_ref(o, parts, node); });
  if (w != nullptr) e.tables->watchers.remove(w);
  return w;
}

// ---- group leader ----

struct LeaderCall : CallSignal {
  Term leader;
  Fragment* fragment;
  LeaderCall(Term l, Fragment* f) : CallSignal(run_leader), leader(l), fragment(f) {}
  static void run_leader(Process* p, CallSignal* signal) {
    auto* s = static_cast<LeaderCall*>(signal);
    if (p != nullptr) {
      p->attach(s->fragment);
      p->group_leader = s->leader;
    } else {
      fragments_free(s->fragment);
    }
    vm_delete(s);
  }
};

// ---- spawn replies ----

struct SpawnReplied : CallSignal {
  DistEntry* entry;
  Term to;
  RefNumbers ref;
  u32 connection;
  u32 flags;
  Term result;
  Term box[kExternalWords];

  SpawnReplied(DistEntry& e, Term p, RefNumbers r, u32 c, u32 f, Term what)
      : CallSignal(run_replied), entry(&e), to(p), ref(r), connection(c), flags(f), result(what) {
    if (what.is_boxed()) {
      for (u64 i = 0; i < kExternalWords; i++) box[i] = what.object()[i];
      result = Term::boxed(box);
    }
  }
  static void run_replied(Process* p, CallSignal* s);
};

// Nobody waits for the child any more.
void disown(const SpawnReplied& s, Term reason) {
  if (!s.result.is_boxed()) return;
  if ((s.flags & kDistSpawnMonitor) != 0) {
    Fragment* f = fragment_new(tuple_words(4) + kRefWords);
    Builder b = f->builder();
    Term ref = b.reference(s.ref);
    Term control = b.tuple({Term::small(static_cast<i64>(DistOp::DemonitorP)), s.to, s.result, ref});
    dist_send_control(*s.entry, s.connection, control, Term::none());
    fragments_free(f);
  }
  if ((s.flags & kDistSpawnLink) != 0) remote_hooks.link_exit(s.to, s.result, s.connection, reason);
}

// The parent is gone. If it has not said why yet, it finds the child in the connection's entry then.
void reply_to_nobody(const SpawnReplied& s) {
  if (s.connection == 0) return;
  OrphanEntry* orphan = nullptr;
  {
    Guard guard(s.entry->lock);
    if (s.entry->connection != s.connection || s.entry->tables == nullptr) return;
    DistTables& t = *s.entry->tables;
    if (s.result.is_boxed()) {
      auto same = [&](MonitorEntry& m) { return m.ref == s.ref; };
      if (MonitorEntry* m = t.monitors.find(hash_ref(s.ref), same)) {
        for (u64 i = 0; i < kExternalWords; i++) m->box[i] = s.box[i];
        if ((s.flags & kDistSpawnLink) != 0) m->target = Term::boxed(m->box);
      }
    }
    orphan = t.orphans.find(hash_ref(s.ref), [&](OrphanEntry& o) { return o.ref == s.ref; });
    if (orphan != nullptr) t.orphans.remove(orphan);
  }
  if (orphan != nullptr) {
    disown(s, orphan->reason);
    if (orphan->fragment != nullptr) fragments_free(orphan->fragment);
    vm_free(orphan);
  } else if ((s.flags & kDistSpawnMonitor) != 0) {
    SpawnReplied unlinked(*s.entry, s.to, s.ref, s.connection, kDistSpawnMonitor, s.result);
    disown(unlinked, am::noproc);
  }
}

void SpawnReplied::run_replied(Process* p, CallSignal* signal) {
  auto& s = *static_cast<SpawnReplied*>(signal);
  if (p == nullptr) {
    reply_to_nobody(s);
    vm_delete(&s);
    return;
  }
  SpawnRequestRecord* r = nullptr;
  if (p->relations != nullptr) {
    r = p->relations->spawn_requests.find(
        hash_ref(s.ref), [&](SpawnRequestRecord& o) { return o.ref == s.ref; });
  }
  if (r == nullptr) {
    disown(s, am::abandoned);
    vm_delete(&s);
    return;
  }
  MonitorRecord* m = monitor_record_find(*p, s.ref);
  bool alias = m != nullptr && m->alias != AliasMode::None;
  bool ok = s.result.is_boxed();
  bool lost_link = false;
  if (!ok) {
    if (s.connection != 0) dist_spawn_became_monitor(*s.entry, s.connection, s.ref, Term::none());
    monitor_record_drop(*p, s.ref);
  } else {
    if (m != nullptr) {
      monitor_record_set_target(*p, s.ref, s.result);
      m->node = s.entry->name;
      m->connection = s.connection;
      // If the connection is gone, the entry's end has been or will be taken for an answer to the
      // request; so the DOWN is ours to send.
      if (!dist_spawn_became_monitor(*s.entry, s.connection, s.ref, s.result)) {
        Fragment* f = fragment_new(tuple_words(5) + kRefWords + kExternalWords);
        Builder b = f->builder();
        Term what = copy_term(s.result, b);
        Term down = b.tuple({am::DOWN, b.reference(s.ref), am::process, what, am::noconnection});
        signal_push_or_drop(*p, vm_new<DownSignal>(down, f, s.ref));
      }
    } else {
      dist_spawn_became_monitor(*s.entry, s.connection, s.ref, Term::none());
      if ((s.flags & kDistSpawnMonitor) != 0) {
        SpawnReplied unlinked(*s.entry, s.to, s.ref, s.connection, kDistSpawnMonitor, s.result);
        disown(unlinked, am::noproc);
      }
    }
    if ((s.flags & kDistSpawnLink) != 0) {
      link_record_add(*p, s.result, s.connection);
      lost_link = !remote_hooks.link_added(p->id, s.result, s.connection);
    }
  }
  if (ok ? r->reply_ok : r->reply_error) {
    Fragment* f = fragment_new(tuple_words(4) + copy_size(r->tag) + kAliasRefWords + kExternalWords);
    Builder b = f->builder();
    Term tag = copy_term(r->tag, b);
    Term ref = alias ? build_alias_ref(b, s.ref, p->id) : b.reference(s.ref);
    Term what = copy_term(s.result, b);
    Term message = b.tuple({tag, ref, ok ? am::ok : am::error, what});
    mailbox_append(*p, vm_new<Message>(SignalKind::Message, message, f));
  }
  spawn_request_record_remove(*p, r);
  if (lost_link) {
    Fragment* f = fragment_new(tuple_words(3) + kExternalWords);
    Builder b = f->builder();
    auto* e = vm_new<ExitSignal>(SignalKind::ExitLinked, copy_term(s.result, b), am::noconnection, f);
    e->connection = s.connection;
    signal_push_or_drop(*p, e);
  }
  vm_delete(&s);
}

// ---- control messages ----

// One message being handled. Each `on_` answers whether the message was well formed.
class Handler {
 public:
  Handler(DistEntry& e, u32 connection, DistTerms& t) : e_(e), connection_(connection), t_(t) {}
  ~Handler() {
    if (t_.control_fragments != nullptr) fragments_free(t_.control_fragments);
    if (t_.payload_fragments != nullptr) fragments_free(t_.payload_fragments);
  }
  bool run();

 private:
  Term arg(u64 i) const { return tuple_element(t_.control, i); }
  bool is_peer(Term t) const { return t.is(BoxedTag::ExtPid) && node_of(t)->name == e_.name; }
  static bool is_former(Term t) { return is_external(t) && node_of(t)->name == this_node()->name; }
  bool has_payload() const { return !t_.payload.is_none(); }

  // The payload's fragments, or a copy of a term of the control message. The caller owns them.
  Fragment* take_payload(Term* value) {
    *value = t_.payload;
    return std::exchange(t_.payload_fragments, nullptr);
  }
  Fragment* take_reason(bool in_payload, Term in_control, Term* value) {
    if (in_payload) return take_payload(value);
    u64 words = copy_size(in_control);
    if (words == 0) {
      *value = in_control;
      return nullptr;
    }
    Fragment* f = fragment_new(words);
    Builder b = f->builder();
    *value = copy_term(in_control, b);
    return f;
  }

  void deliver(Process& to, Message* m, Term token);
  bool on_link(Term from, Term to);
  bool on_unlink(SignalKind kind, Term id, Term from, Term to);
  bool on_monitor(Term watcher, Term watched, Term ref);
  bool on_demonitor(Term watcher, Term watched, Term ref);
  bool on_send(Term to, Term token);
  bool on_reg_send(Term from, Term name, Term token);
  bool on_alias_send(Term ref, Term token);
  bool on_monitor_exit(Term watched, Term watcher, Term ref, bool in_payload, Term reason);
  bool on_exit(SignalKind kind, Term from, Term to, bool in_payload, Term reason);
  bool on_group_leader(Term leader, Term of);
  bool on_spawn_request(Term ref, Term from, Term leader, Term mfa, Term options);
  bool on_spawn_reply(Term ref, Term to, Term flags, Term result);
  void spawn_reply(Term ref, Term to, u32 flags, Term result);

  DistEntry& e_;
  u32 connection_;
  DistTerms& t_;
};

// {Flags, Label, Serial, From, Previous}
bool is_token(Term t) {
  return is_tuple_of(t, 5) && tuple_element(t, 0).is_small() && tuple_element(t, 2).is_small() &&
         tuple_element(t, 3).is_pid() && tuple_element(t, 4).is_small();
}

// A seq_trace token lives in the control message's fragments, which then go along.
void Handler::deliver(Process& to, Message* m, Term token) {
  m->token = Term::nil();
  if (is_token(token)) {
    m->token = token;
    Fragment* last = t_.control_fragments;
    while (last->next != nullptr) last = last->next;
    last->next = m->fragment;
    m->fragment = std::exchange(t_.control_fragments, nullptr);
  }
  signal_push_or_drop(to, m);
}

bool Handler::on_link(Term from, Term to) {
  if (!is_peer(from)) return false;
  if (is_former(to) && to.is_pid()) {
    remote_hooks.link_exit(to, from, connection_, am::noproc);
    return true;
  }
  if (!to.is_local_pid()) return false;
  signal_push_to_or_drop(to, vm_new<RemoteLinkSignal>(SignalKind::Link, from, to, 0, connection_));
  return true;
}

// `id` none: of a node without ids, which wants no acknowledgement.
bool Handler::on_unlink(SignalKind kind, Term id, Term from, Term to) {
  u64 number = 0;
  if (!id.is_none() && (!id.is_integer() || !integer_to_u64(id, &number) || number == 0)) return false;
  if (!is_peer(from)) return false;
  if (is_former(to)) return true;
  if (!to.is_local_pid()) return false;
  signal_push_to_or_drop(to, vm_new<RemoteLinkSignal>(kind, from, to, number, connection_));
  return true;
}

bool Handler::on_monitor(Term watcher, Term watched, Term ref) {
  if (!is_peer(watcher) || !ref.is_ref()) return false;
  Term pid = watched;
  Term name = Term::none();
  if (watched.is_atom()) {
    name = watched;
    pid = registry_whereis(name);
  } else if (!watched.is_local_pid() && !(is_former(watched) && watched.is_pid())) {
    return false;
  }
  if (!pid.is_local_pid()) {
    send_monitor_exit(e_, connection_, watched, watcher, node_of(ref), ref_parts(ref), am::noproc);
    return true;
  }
  RemoteWatcher* w = make_watcher(e_, connection_, watcher, pid, name, ref);
  if (w == nullptr) return true;
  auto* s = vm_new<MonitorSignal>(SignalKind::Monitor, w->watcher(), pid, w->key, name);
  s->foreign = w;
  signal_push_to_or_drop(pid, s);
  return true;
}

bool Handler::on_demonitor(Term watcher, Term watched, Term ref) {
  if (!ref.is_ref() || !is_peer(watcher)) return false;
  if (!watched.is_local_pid() && !watched.is_atom() && !(is_former(watched) && watched.is_pid())) return false;
  RemoteWatcher* w = take_watcher(e_, connection_, ref);
  if (w == nullptr) return true;
  foreign_demonitor(w, w->watched, w->key);
  release(w);
  return true;
}

bool Handler::on_send(Term to, Term token) {
  if (!to.is_pid() || !has_payload()) return false;
  Process* p = to.is_local_pid() ? process_lookup(to) : nullptr;
  if (p == nullptr) return true;
  Term value;
  Fragment* f = take_payload(&value);
  deliver(*p, vm_new<Message>(SignalKind::Message, value, f), token);
  return true;
}

bool Handler::on_reg_send(Term from, Term name, Term token) {
  if (!from.is_pid() || !name.is_atom() || !has_payload()) return false;
  Term owner = registry_whereis(name);
  return owner.is_local_pid() ? on_send(owner, token) : true;
}

bool Handler::on_alias_send(Term ref, Term token) {
  if (!ref.is_ref() || !has_payload()) return false;
  Term owner = alias_ref_owner(ref);
  Process* p = owner.is_none() ? nullptr : process_lookup(owner);
  if (p == nullptr) return true;
  Term value;
  Fragment* f = take_payload(&value);
  deliver(*p, vm_new<AliasMessage>(value, f, local_ref_numbers(ref), Term::nil()), token);
  return true;
}

bool Handler::on_monitor_exit(Term watched, Term watcher, Term ref, bool in_payload, Term reason) {
  if (!ref.is_ref() || (in_payload && !has_payload())) return false;
  if (!watched.is(BoxedTag::ExtPid) && !watched.is_atom()) return false;
  if (!watcher.is_local_pid()) return watcher.is_pid() && is_former(watcher);
  if (!ref.is_local_ref() || process_lookup(watcher) == nullptr) return true;
  Fragment* f = fragment_new(tuple_words(5) + kRefWords + tuple_words(2) + kExternalWords);
  Builder b = f->builder();
  Term why;
  f->next = take_reason(in_payload, reason, &why);
  Term what = watched.is_atom() ? b.tuple({watched, e_.name}) : copy_term(watched, b);
  RefNumbers numbers = local_ref_numbers(ref);
  Term message = b.tuple({am::DOWN, b.reference(numbers), am::process, what, why});
  signal_push_to_or_drop(watcher, vm_new<DownSignal>(message, f, numbers));
  return true;
}

bool Handler::on_exit(SignalKind kind, Term from, Term to, bool in_payload, Term reason) {
  if (!is_peer(from) || (in_payload && !has_payload())) return false;
  if (!to.is_local_pid()) return kind == SignalKind::Exit && to.is_pid() && is_former(to);
  if (process_lookup(to) == nullptr) return true;
  Fragment* f = fragment_new(tuple_words(3) + kExternalWords);
  Builder b = f->builder();
  Term who = copy_term(from, b);
  Term why;
  f->next = take_reason(in_payload, reason, &why);
  auto* s = vm_new<ExitSignal>(kind, who, why, f);
  s->connection = connection_;
  signal_push_to_or_drop(to, s);
  return true;
}

bool Handler::on_group_leader(Term leader, Term of) {
  if (!leader.is_pid() || !of.is_pid()) return false;
  if (!of.is_local_pid()) return true;
  Fragment* f = fragment_new(kExternalWords);
  Builder b = f->builder();
  Term copy = copy_term(leader, b);
  signal_push_to_or_drop(of, vm_new<LeaderCall>(copy, f));
  return true;
}

void Handler::spawn_reply(Term ref, Term to, u32 flags, Term result) {
  Fragment* f = fragment_new(tuple_words(5));
  Builder b = f->builder();
  Term control = b.tuple({Term::small(static_cast<i64>(DistOp::SpawnReply)), ref, to, Term::small(flags), result});
  dist_send_control(e_, connection_, control, Term::none());
  fragments_free(f);
}

bool Handler::on_spawn_request(Term ref, Term from, Term leader, Term mfa, Term options) {
  if (!ref.is(BoxedTag::ExtRef) || !is_peer(from) || !leader.is_pid() || !has_payload()) return false;
  if (!is_tuple_of(mfa, 3) || !tuple_element(mfa, 0).is_atom() || !tuple_element(mfa, 1).is_atom() ||
      !tuple_element(mfa, 2).is_small()) {
    return false;
  }
  SpawnOptions so;
  switch (dist_parse_spawn_options(options, &so)) {
    case SpawnOptionsResult::NotAList: return false;
    case SpawnOptionsResult::BadOption:
      spawn_reply(ref, from, 0, am::badopt);
      return true;
    case SpawnOptionsResult::Ok: break;
  }
  bool link = std::exchange(so.link, false);
  bool monitor = std::exchange(so.monitor, false);
  SpawnOptions::Remote remote = {
      from, leader, {tuple_element(mfa, 0), tuple_element(mfa, 1), tuple_element(mfa, 2)}};
  so.remote = &remote;
  so.held = true;
  Fragment* f = fragment_new(kConsWords);
  Builder b = f->builder();
  Process* child = process_spawn(nullptr, am::erts_internal, am::dist_spawn_init, b.cons(mfa, Term::nil()), so);
  fragments_free(f);
  if (child == nullptr) {
    spawn_reply(ref, from, 0, am::system_limit);
    return true;
  }
  // It does not run yet: its records are ours to make.
  if (link) {
    link_record_add(*child, from, connection_);
    if (!remote_hooks.link_added(child->id, from, connection_)) {
      Fragment* ef = fragment_new(tuple_words(3) + kExternalWords);
      Builder eb = ef->builder();
      auto* s = vm_new<ExitSignal>(SignalKind::ExitLinked, copy_term(from, eb), am::noconnection, ef);
      s->connection = connection_;
      signal_push_or_drop(*child, s);
    }
  }
  if (monitor) {
    if (RemoteWatcher* w = make_watcher(e_, connection_, from, child->id, Term::none(), ref)) {
      relations_of(*child).watchers.insert(
          vm_new<WatcherRecord>(WatcherRecord{nullptr, w->key, w->watcher(), Term::none(), w}));
    }
  }
  spawn_reply(ref, from, (link ? kDistSpawnLink : 0) | (monitor ? kDistSpawnMonitor : 0), child->id);
  // erts_internal:dist_spawn_init waits for the arguments.
  Term arguments;
  Fragment* af = take_payload(&arguments);
  send_fragment(*child, arguments, af);
  process_start(*child);
  return true;
}

bool Handler::on_spawn_reply(Term ref, Term to, Term flags, Term result) {
  if (!to.is_local_pid()) return to.is_pid() && is_former(to);
  if (!ref.is_local_ref()) return ref.is_ref() && is_former(ref);
  if (!flags.is_small() || flags.small_value() < 0 || flags.small_value() >= i64{1} << 27) return false;
  if (!is_peer(result) && !result.is_atom()) return false;
  (void)dist_spawn_replied(e_, to, local_ref_numbers(ref), connection_,
                           static_cast<u32>(flags.small_value()), result);
  return true;
}

bool Handler::run() {
  Term c = t_.control;
  if (!c.is_tuple() || tuple_arity(c) < 1 || !arg(0).is_small()) return false;
  u64 n = tuple_arity(c);
  i64 op = arg(0).small_value();
  if (op < 0 || op > 255) return false;
  switch (static_cast<DistOp>(op)) {
    case DistOp::Link: return n == 3 && on_link(arg(1), arg(2));
    case DistOp::Unlink: return n == 3 && on_unlink(SignalKind::Unlink, Term::none(), arg(1), arg(2));
    case DistOp::UnlinkId: return n == 4 && on_unlink(SignalKind::Unlink, arg(1), arg(2), arg(3));
    case DistOp::UnlinkIdAck: return n == 4 && on_unlink(SignalKind::UnlinkAck, arg(1), arg(2), arg(3));
    case DistOp::MonitorP: return n == 4 && on_monitor(arg(1), arg(2), arg(3));
    case DistOp::DemonitorP: return n == 4 && on_demonitor(arg(1), arg(2), arg(3));
    case DistOp::Send:
    case DistOp::SendSender: return n == 3 && on_send(arg(2), Term::nil());
    case DistOp::SendTt:
    case DistOp::SendSenderTt: return n == 4 && on_send(arg(2), arg(3));
    case DistOp::RegSend: return n == 4 && on_reg_send(arg(1), arg(3), Term::nil());
    case DistOp::RegSendTt: return n == 5 && on_reg_send(arg(1), arg(3), arg(4));
    case DistOp::AliasSend: return n == 3 && on_alias_send(arg(2), Term::nil());
    case DistOp::AliasSendTt: return n == 4 && on_alias_send(arg(2), arg(3));
    case DistOp::PayloadMonitorPExit:
      return n == 4 && on_monitor_exit(arg(1), arg(2), arg(3), true, Term::none());
    case DistOp::MonitorPExit: return n == 5 && on_monitor_exit(arg(1), arg(2), arg(3), false, arg(4));
    case DistOp::Exit: return n == 4 && on_exit(SignalKind::ExitLinked, arg(1), arg(2), false, arg(3));
    case DistOp::ExitTt: return n == 5 && on_exit(SignalKind::ExitLinked, arg(1), arg(2), false, arg(4));
    case DistOp::PayloadExit:
      return n == 3 && on_exit(SignalKind::ExitLinked, arg(1), arg(2), true, Term::none());
    case DistOp::PayloadExitTt:
      return n == 4 && on_exit(SignalKind::ExitLinked, arg(1), arg(2), true, Term::none());
    case DistOp::Exit2: return n == 4 && on_exit(SignalKind::Exit, arg(1), arg(2), false, arg(3));
    case DistOp::Exit2Tt: return n == 5 && on_exit(SignalKind::Exit, arg(1), arg(2), false, arg(4));
    case DistOp::PayloadExit2: return n == 3 && on_exit(SignalKind::Exit, arg(1), arg(2), true, Term::none());
    case DistOp::PayloadExit2Tt:
      return n == 4 && on_exit(SignalKind::Exit, arg(1), arg(2), true, Term::none());
    case DistOp::GroupLeader: return n == 3 && on_group_leader(arg(1), arg(2));
    case DistOp::SpawnRequest: return n == 6 && on_spawn_request(arg(1), arg(2), arg(3), arg(4), arg(5));
    case DistOp::SpawnRequestTt: return n == 7 && on_spawn_request(arg(1), arg(2), arg(3), arg(4), arg(5));
    case DistOp::SpawnReply: return n == 5 && on_spawn_reply(arg(1), arg(2), arg(3), arg(4));
    case DistOp::SpawnReplyTt: return n == 6 && on_spawn_reply(arg(1), arg(2), arg(3), arg(4));
  }
  return false;
}

}  // namespace

bool dist_spawn_replied(DistEntry& e, Term to, RefNumbers ref, u32 connection, u32 flags, Term result) {
  auto* s = vm_new<SpawnReplied>(e, to, ref, connection, flags, result);
  if (signal_push_to(to, s)) return true;
  SpawnReplied::run_replied(nullptr, s);
  return false;
}

void dist_receive(DistEntry& e, u32 connection, std::span<const u8> packet) {
  std::shared_ptr<DistInput> input;
  u64 flags;
  {
    Guard guard(e.lock);
    if (e.connection != connection || e.state != DistState::Connected) return;
    e.in++;
    input = e.input;
    flags = e.flags;
  }
  if (packet.empty()) return;  // a tick
  QuiesceGuard online;
  DistIncoming message;
  DistPacketError error;
  switch (input->take(packet, &message, &error)) {
    case DistInput::Status::Incomplete: return;
    case DistInput::Status::Message: break;
    case DistInput::Status::Failed:
      if (error == DistPacketError::Version) {
        report_bytes(e, "~w: ** Got message from incompatible erlang, ~w, on channel ~w~n~w~n", packet);
      } else {
        report_bytes(e, "~w got a corrupted distribution header from ~w on distribution channel ~w~n~w~n", packet);
      }
      dist_kill(e, connection);
      return;
  }
  DistTerms terms;
  bool has_header = (flags & (kDistHdrAtomCache | kDistFragments)) != 0;
  if (!dist_decode(message, has_header, &terms)) {
    report_bytes(e, "~w got a corrupted external term from ~w on distribution channel ~w~n~w~n", message.control);
    dist_kill(e, connection);
    return;
  }
  Handler handler(e, connection, terms);
  if (handler.run()) return;
  report_invalid(terms.control);
  dist_kill(e, connection);
}

}  // namespace lintel
