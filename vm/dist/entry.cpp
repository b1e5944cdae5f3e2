#include "vm/dist/entry.h"

#include "vm/base/quiesce.h"
#include "vm/heap/copy.h"
#include "vm/proc/exit.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/send.h"
#include "vm/proc/suspend.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"

namespace lintel {

std::atomic<u64> dist_busy_limit{1024 * 1024};
SpawnOptionsResult (*dist_parse_spawn_options)(Term, SpawnOptions*) = nullptr;
void (*dist_tell_busy)(Term, Term) = nullptr;

namespace {

constexpr u32 kConnectionMask = 0xffffff;
constexpr u32 kBuckets = 1024;

RwMutex<LockRank::DistTable> table_lock;
DistEntry* buckets[kBuckets];
std::atomic<u64> next_order{1};

void never_destroyed(MagicData*) {}

DistEntry* find_locked(Term node) {
  DistEntry* e = buckets[node.atom_index() % kBuckets];
  while (e != nullptr && e->name != node) e = e->next_in_bucket;
  return e;
}

void free_messages(DistMessage* m) {
  while (m != nullptr) {
    DistMessage* next = m->next;
    vm_delete(m);
    m = next;
  }
}

// What a queued message counts for, beside its bytes.
constexpr u64 kMessageOverhead = 64;

u64 packet_bytes(const std::vector<DistBytes>& packet) {
  u64 n = 0;
  for (const DistBytes& s : packet) n += s.size;
  return n;
}

void resume_all(std::vector<Term>& pids) {
  for (Term pid : pids) process_resume(Term::none(), pid, 1);
  pids.clear();
}

// The controller has something to fetch.
void notify_locked(DistEntry& e) {
  if (e.state != DistState::Connected) return;
  if (e.controller.is_local_port()) {
    dist_port_schedule(e.controller);
  } else if (e.wants_notice) {
    e.wants_notice = false;
    send_fragment_to(e.controller, am::dist_data, nullptr);
  }
}

}  // namespace

bool dist_is_alive() { return this_node()->name != am::nonode_nohost; }

bool dist_is_node_name(Term atom) {
  if (!atom.is_atom()) return false;
  std::string_view name = atom_name(atom);
  size_t at = name.find('@');
  return at != std::string_view::npos && at != 0 && at + 1 < name.size();
}

DistEntry* dist_entry_find(Term node) {
  SharedGuard<decltype(table_lock)> guard(table_lock);
  return find_locked(node);
}

DistEntry* dist_entry(Term node) {
  if (DistEntry* e = dist_entry_find(node)) return e;
  Guard<decltype(table_lock)> guard(table_lock);
  if (DistEntry* e = find_locked(node)) return e;
  auto* e = vm_new<DistEntry>();
  e->name = node;
  e->numbers = make_magic_ref_numbers();
  e->destroy = never_destroyed;
  e->refs.store(1, std::memory_order_relaxed);
  DistEntry*& bucket = buckets[node.atom_index() % kBuckets];
  e->next_in_bucket = bucket;
  bucket = e;
  return e;
}

void dist_entries_each(void (*f)(DistEntry&, void*), void* data) {
  std::vector<DistEntry*> all;
  {
    SharedGuard<decltype(table_lock)> guard(table_lock);
    for (DistEntry* e : buckets) {
      for (; e != nullptr; e = e->next_in_bucket) all.push_back(e);
    }
  }
  for (DistEntry* e : all) f(*e, data);
}

Term dist_handle(Builder& b, DistEntry& e, u32 connection) {
  Term ref = b.magic_reference(&e);
  return b.tuple({Term::small(connection), ref});
}

DistEntry* dist_entry_of_magic(MagicData* data) {
  return data->destroy == never_destroyed ? static_cast<DistEntry*>(data) : nullptr;
}

DistEntry* dist_entry_of_handle(Term handle, u32* connection) {
  if (!is_tuple_of(handle, 2)) return nullptr;
  Term number = tuple_element(handle, 0);
  Term ref = tuple_element(handle, 1);
  if (!number.is_small() || !ref.is(BoxedTag::MagicRef)) return nullptr;
  *connection = static_cast<u32>(number.small_value());
  return dist_entry_of_magic(ref.object()[2].as_raw_pointer<MagicData>());
}

// ---- states ----

void dist_set_pending_locked(DistEntry& e) {
  VM_ASSERT(e.state == DistState::Idle);
  e.state = DistState::Pending;
  e.connection = (e.connection + 1) & kConnectionMask;
  if (e.connection == 0) e.connection = 1;
  e.flags = kDistMandatory | kDistHopefully;
  e.tables = vm_new<DistTables>();
}

bool dist_auto_connect(DistEntry& e) {
  u32 connection;
  {
    Guard guard(e.lock);
    if (e.state != DistState::Idle) return true;
    dist_set_pending_locked(e);
    connection = e.connection;
  }
  Term kernel = registry_whereis(am::net_kernel);
  if (!kernel.is_local_pid()) {
    dist_abort_pending(e, connection);
    return false;
  }
  Fragment* f = fragment_new(tuple_words(3) + kDistHandleWords);
  Builder b = f->builder();
  Term handle = dist_handle(b, e, connection);
  Term message = b.tuple({am::auto_connect, e.name, handle});
  if (send_fragment_to(kernel, message, f)) return true;
  dist_abort_pending(e, connection);
  return false;
}

bool dist_abort_pending(DistEntry& e, u32 connection) {
  {
    Guard guard(e.lock);
    if (e.connection != connection) return true;
    if (e.state == DistState::Connected) return false;
    if (e.state != DistState::Pending) return true;
  }
  dist_connection_down(e, connection, am::noconnection);
  return true;
}

void dist_set_connected_locked(DistEntry& e, Term controller, u64 flags, u32 creation) {
  VM_ASSERT(e.state == DistState::Pending);
  e.state = DistState::Connected;
  e.controller = controller;
  e.flags = flags;
  e.creation = creation;
  e.input = std::make_shared<DistInput>(flags);
  e.output = std::make_unique<DistOutput>(flags);
  e.order = next_order.fetch_add(1, std::memory_order_relaxed);
  e.wants_notice = false;
  e.get_size = false;
  e.input_handler = Term::none();
  e.in = e.out = 0;
  if (e.first != nullptr) notify_locked(e);
}

void dist_kill(DistEntry& e, u32 connection) {
  Term controller;
  {
    Guard guard(e.lock);
    if (e.connection != connection || e.state != DistState::Connected) return;
    e.state = DistState::Exiting;
    controller = e.controller;
  }
  if (controller.is_local_port()) {
    dist_port_kill(controller, am::killed);
  } else {
    send_exit_signal(Term::pid(0), controller, am::kill, false);
  }
}

// ---- the queue ----

bool dist_enqueue_locked(DistEntry& e, u32 connection, DistMessage* m, Process* sender) {
  if (e.connection != connection || !e.is_up()) {
    vm_delete(m);
    return false;
  }
  bool was_empty = e.first == nullptr && e.packets.empty();
  (e.last != nullptr ? e.last->next : e.first) = m;
  e.last = m;
  e.queued_bytes += m->bytes + kMessageOverhead;
  if (e.queued_bytes >= dist_busy_limit.load(std::memory_order_relaxed)) e.busy = true;
  if (e.busy && sender != nullptr) {
    // It goes on when the queue is short again.
    sender->suspend_count++;
    sender->reds = 0;
    e.suspended.push_back(sender->id);
    if (dist_tell_busy != nullptr) dist_tell_busy(sender->id, e.controller);
  }
  if (was_empty) notify_locked(e);
  return true;
}

bool dist_enqueue(DistEntry& e, u32 connection, DistMessage* m, Process* sender) {
  Guard guard(e.lock);
  return dist_enqueue_locked(e, connection, m, sender);
}

bool dist_next_packet(DistEntry& e, u32 connection, std::vector<DistBytes>* packet) {
  Guard guard(e.lock);
  if (e.connection != connection || e.state != DistState::Connected) return false;
  if (e.packets.empty()) {
    DistMessage* m = e.first;
    if (m == nullptr) return false;
    e.first = m->next;
    if (e.first == nullptr) e.last = nullptr;
    std::vector<std::vector<DistBytes>> made;
    u64 before = m->bytes;
    e.output->packets(*m, &made);
    vm_delete(m);
    u64 after = 0;
    for (auto& p : made) {
      after += packet_bytes(p);
      e.packets.push_back(std::move(p));
    }
    e.queued_bytes += after - before - kMessageOverhead;
  }
  *packet = std::move(e.packets.front());
  e.packets.pop_front();
  e.queued_bytes -= packet_bytes(*packet);
  e.out++;
  if (e.busy && e.queued_bytes < dist_busy_limit.load(std::memory_order_relaxed) / 2) {
    e.busy = false;
    resume_all(e.suspended);
  }
  return true;
}

void dist_send_control(DistEntry& e, u32 connection, Term control, Term payload) {
  bool use_cache;
  {
    Guard guard(e.lock);
    if (e.connection != connection || !e.is_up()) return;
    use_cache = e.state == DistState::Connected && (e.flags & kDistHdrAtomCache) != 0;
  }
  if (DistMessage* m = dist_encode(control, payload, use_cache)) dist_enqueue(e, connection, m, nullptr);
}

// ---- the end of a connection ----

namespace {

// Runs in the monitoring process: {nodedown, Node} as often as it asked for.
struct NodeDown : CallSignal {
  Term node;
  u32 connection;
  NodeDown(Term n, u32 c) : CallSignal(run_down), node(n), connection(c) {}

  static void run_down(Process* p, CallSignal* signal) {
    auto* s = static_cast<NodeDown*>(signal);
    if (p != nullptr && p->relations != nullptr) {
      NodeMonitorRecord* r = p->relations->node_monitors.find(
          hash_id(s->node), [&](NodeMonitorRecord& m) { return m.node == s->node; });
      if (r != nullptr && r->connection == s->connection) {
        p->relations->node_monitors.remove(r);
        send_all(*p, r->node, r->count);
        vm_free(r);
      }
    }
    vm_delete(s);
  }
  static void send_all(Process& p, Term node, u64 count) {
    for (; count != 0; count--) {
      Fragment* f = fragment_new(tuple_words(2));
      Builder b = f->builder();
      Term message = b.tuple({am::nodedown, node});
      mailbox_append(p, vm_new<Message>(SignalKind::Message, message, f));
    }
  }
};

void fire_link(DistEntry& e, u32 connection, LinkEntry& l) {
  Fragment* f = fragment_new(tuple_words(3) + kExternalWords);
  Builder b = f->builder();
  Term from = build_external_pid(b, node_intern(e.name, l.creation), l.number, l.serial);
  auto* s = vm_new<ExitSignal>(SignalKind::ExitLinked, from, am::noconnection, f);
  s->connection = connection;
  signal_push_to_or_drop(l.local, s);
}

void fire_monitor(DistEntry& e, MonitorEntry& m) {
  if (m.is_spawn) {
    // The same as an answer of the other node.
    (void)dist_spawn_replied(e, m.local, m.ref, 0, 0, am::noconnection);
    return;
  }
  Fragment* f = fragment_new(tuple_words(5) + kRefWords + tuple_words(2) + kExternalWords);
  Builder b = f->builder();
  Term what = m.target.is_atom() ? b.tuple({m.target, e.name}) : copy_term(m.target, b);
  Term message = b.tuple({am::DOWN, b.reference(m.ref), am::process, what, am::noconnection});
  signal_push_to_or_drop(m.local, vm_new<DownSignal>(message, f, m.ref));
}

}  // namespace

void dist_connection_down(DistEntry& e, u32 connection, Term reason) {
  QuiesceGuard online;
  DistTables* tables;
  DistMessage* messages;
  std::deque<std::vector<DistBytes>> packets;
  std::vector<Term> suspended;
  std::shared_ptr<DistInput> input;
  std::unique_ptr<DistOutput> output;
  bool was_connected;
  Term type;
  {
    Guard guard(e.lock);
    if (e.connection != connection || e.state == DistState::Idle) return;
    was_connected = e.state != DistState::Pending;
    type = (e.flags & kDistPublished) != 0 ? am::visible : am::hidden;
    e.state = DistState::Idle;
    e.controller = e.input_handler = Term::none();
    tables = std::exchange(e.tables, nullptr);
    messages = std::exchange(e.first, nullptr);
    e.last = nullptr;
    packets.swap(e.packets);
    suspended.swap(e.suspended);
    input.swap(e.input);
    output.swap(e.output);
    e.queued_bytes = 0;
    e.busy = e.wants_notice = false;
  }
  while (LinkEntry* l = tables->links.take_any()) {
    fire_link(e, connection, *l);
    vm_free(l);
  }
  while (MonitorEntry* m = tables->monitors.take_any()) {
    fire_monitor(e, *m);
    vm_free(m);
  }
  while (RemoteWatcher* w = tables->watchers.take_any()) {
    foreign_demonitor(w, w->watched, w->key);
    if (w->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) vm_delete(w);
  }
  while (OrphanEntry* o = tables->orphans.take_any()) {
    if (o->fragment != nullptr) fragments_free(o->fragment);
    vm_free(o);
  }
  while (NodeMonitorEntry* n = tables->node_monitors.take_any()) {
    if (Process* p = process_lookup(n->local)) signal_push_or_drop(*p, vm_new<NodeDown>(e.name, connection));
    vm_free(n);
  }
  vm_delete(tables);
  free_messages(messages);
  for (auto& packet : packets) dist_bytes_release(packet);
  if (was_connected) nodes_monitors_tell(am::nodedown, e.name, connection, type, reason);
  resume_all(suspended);
  if (was_connected) dist_node_gone();
}

}  // namespace lintel
