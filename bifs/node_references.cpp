#include "bifs/node_references.h"

#include <set>

#include "bifs/scratch.h"
#include "vm/code/module.h"
#include "vm/heap/literals.h"
#include "vm/io/port.h"
#include "vm/proc/process_table.h"
#include "vm/sched/bif_timer.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/magic.h"

namespace lintel {

namespace {

class Search {
 public:
  explicit Search(NodeReferences* out, const FunEntry* fun = nullptr) : out_(*out), fun_(fun) {}

  u64 fun_count = 0;  // funs with the entry that was given

  void run() {
    note(this_node(), {.kind = am::system, .id = am::undefined}, NodeReference::System);
    processes_each([](Process& p, void* s) { static_cast<Search*>(s)->process(p); }, this);
    ports_each([](Port& p, void* s) { static_cast<Search*>(s)->port(p); }, this);
    dist_entries_each([](DistEntry& e, void* s) { static_cast<Search*>(s)->connection(e); }, this);
    ets_tables_each([](EtsTable& t, void* s) { static_cast<Search*>(s)->table(t); }, this);
    bif_timers_each(
        [](Term to, const Fragment* f, void* s) {
          static_cast<Search*>(s)->fragments(f, {.kind = am::process, .id = to}, NodeReference::Timer);
        },
        this);
    persistent_term_areas_each(
        [](const LiteralArea& a, void* s) { static_cast<Search*>(s)->area(a, am::persistent_term); }, this);
    module_slots_each([](ModuleSlot* slot, void* s) { static_cast<Search*>(s)->literals(*slot); }, this);
    nodes_to_entries();
  }

 private:
  static NodeReferrer& referrer(std::vector<NodeReferrer>& all, const NodeReferrer& who) {
    for (NodeReferrer& r : all) {
      if (r.same(who)) return r;
    }
    if (who.tid != nullptr) who.tid->refs.fetch_add(1, std::memory_order_relaxed);
    return all.emplace_back(who);
  }
  void note(const Node* node, const NodeReferrer& who, NodeReference how) {
    referrer(out_.nodes[node], who).counts[static_cast<u32>(how)]++;
  }
  void note(const DistEntry* e, const NodeReferrer& who, NodeReference how) {
    referrer(out_.entries[e], who).counts[static_cast<u32>(how)]++;
  }

  // ---- memory ----

  // Objects one after the other, garbage or not.
  void block(const Term* p, const Term* end, const NodeReferrer& who, NodeReference how) {
    while (p < end) {
      Term w = *p;
      if (w.is_header()) {
        switch (w.header_tag()) {
          case BoxedTag::ExtPid:
          case BoxedTag::ExtPort:
          case BoxedTag::ExtRef: note(reinterpret_cast<const External*>(p)->node, who, how); break;
          case BoxedTag::Fun:
            if (fun_ != nullptr && reinterpret_cast<const Fun*>(p)->entry == fun_) fun_count++;
            break;
          case BoxedTag::MagicRef: magic(p[2].as_raw_pointer<MagicData>(), who, how); break;
          default: break;
        }
        if (w.header_is_raw()) p += w.header_arity();
      }
      p++;
    }
  }
  void fragments(const Fragment* f, const NodeReferrer& who, NodeReference how) {
    for (; f != nullptr; f = f->next) block(f->mem, f->top, who, how);
  }
  void magic(MagicData* data, const NodeReferrer& who, NodeReference how) {
    if (const DistEntry* e = dist_entry_of_magic(data)) return note(e, who, how);
    MatchProgram* m = match_program_of(data);
    if (m == nullptr) m = ets_walk_program(data);
    if (m == nullptr || !programs_.insert(m).second) return;
    fragments(m->constants, {.kind = am::match_spec, .number = reinterpret_cast<Word>(m)}, NodeReference::Binary);
  }
  void area(const LiteralArea& a, Term whose) {
    block(a.mem, a.top, {.kind = am::system, .id = whose}, NodeReference::System);
  }
  void literals(const ModuleSlot& slot) {
    for (auto* version : {&slot.current, &slot.old}) {
      const Module* m = version->load(std::memory_order_acquire);
      if (m == nullptr) continue;
      for (const LiteralArea* a : m->literals) area(*a, am::literals);
    }
  }

  // ---- processes ----

  void process(Process& p) {
    // On a dirty thread it may be changing right now.
    if ((p.state_now() & (kStateDirty | kStateExiting)) != 0) return;
    NodeReferrer who{.kind = am::process, .id = p.id};
    block(p.start, p.htop, who, NodeReference::Heap);
    block(p.old_start, p.old_top, who, NodeReference::Heap);
    fragments(p.fragments, who, NodeReference::Heap);
    for (Message* m = p.mailbox.first; m != nullptr; m = static_cast<Message*>(m->next)) {
      fragments(m->fragment, who, NodeReference::Signal);
    }
    struct Waiting {
      Search* search;
      NodeReferrer* who;
    } waiting{this, &who};
    signals_each_waiting(
        p, [](Signal* s, void* data) {
          auto* w = static_cast<Waiting*>(data);
          w->search->signal(*s, *w->who);
        },
        &waiting);
    if (p.relations != nullptr) relations(*p.relations, who);
    if (const DistEntry* e = dist_process_entry(p)) note(e, who, NodeReference::Control);
  }

  void signal(const Signal& s, const NodeReferrer& who) {
    switch (s.kind) {
      case SignalKind::Message:
      case SignalKind::AliasMessage:
      case SignalKind::Down:
        return fragments(static_cast<const Message&>(s).fragment, who, NodeReference::Signal);
      case SignalKind::Exit:
      case SignalKind::ExitLinked:
        return fragments(static_cast<const ExitSignal&>(s).fragment, who, NodeReference::Signal);
      case SignalKind::Link:
      case SignalKind::Unlink:
      case SignalKind::UnlinkAck: return identifier(static_cast<const LinkSignal&>(s).from, who, NodeReference::Signal);
      case SignalKind::Monitor:
      case SignalKind::Demonitor: return watcher(static_cast<const MonitorSignal&>(s).foreign, who, NodeReference::Signal);
      case SignalKind::Call: return;  // holds what only its function knows
    }
  }

  // A pid of another node that is kept outside any heap.
  void identifier(Term id, const NodeReferrer& who, NodeReference how) {
    if (id.is_boxed() && is_external(id)) note(node_of(id), who, how);
  }
  // One for the watching pid, one for the reference.
  void watcher(ForeignWatcher* w, const NodeReferrer& who, NodeReference how) {
    RemoteWatcher* remote = w == nullptr ? nullptr : dist_remote_watcher(w);
    if (remote == nullptr) return;
    identifier(remote->watcher(), who, how);
    note(remote->ref_node, who, how);
  }

  void relations(const Relations& r, const NodeReferrer& who) {
    r.links.each([&](LinkRecord& l) { identifier(l.peer, who, NodeReference::Link); });
    r.monitors.each([&](MonitorRecord& m) {
      identifier(m.target, who, NodeReference::Monitor);
      fragments(m.tag_fragment, who, NodeReference::Monitor);
    });
    r.watchers.each([&](WatcherRecord& w) { watcher(w.foreign, who, NodeReference::Monitor); });
    r.spawn_requests.each([&](SpawnRequestRecord& s) { fragments(s.fragment, who, NodeReference::Monitor); });
  }

  // ---- everything else ----

  void port(Port& p) {
    if (p.is_dead()) return;
    NodeReferrer who{.kind = am::port, .id = p.id};
    fragments(p.user_data_fragment, who, NodeReference::Heap);
    if (p.dist != nullptr) note(p.dist, who, NodeReference::Control);
  }

  void connection(DistEntry& e) {
    NodeReferrer who{.kind = am::dist, .id = e.name};
    Guard guard(e.lock);
    if (e.tables == nullptr) return;
    e.tables->monitors.each([&](MonitorEntry& m) { identifier(m.target, who, NodeReference::Monitor); });
    e.tables->orphans.each([&](OrphanEntry& o) { fragments(o.fragment, who, NodeReference::Monitor); });
  }

  void object(const EtsObject* o, const NodeReferrer& who) {
    if (!o->dead) block(o->mem, o->mem + o->words, who, NodeReference::Ets);
  }
  void table(EtsTable& t) {
    NodeReferrer who{.kind = am::ets};
    if (t.options.named) {
      who.id = t.name_term();
    } else {
      who.tid = t.tid;
    }
    if (t.ordered()) {
      SharedGuard<EtsLock> guard(t.tree_lock);
      for (auto at = t.tree.place_first(); EtsObject* o = TreeStore::at(at); TreeStore::forward(at)) object(o, who);
    } else {
      for (u32 i = 0; i < t.shard_count; i++) {
        SharedGuard<EtsLock> guard(t.shards[i]->lock);
        const HashStore& store = t.shards[i]->store;
        for (u32 b = 0; b < store.buckets(); b++) {
          for (const EtsObject* o = store.bucket(b); o != nullptr; o = o->next) object(o, who);
        }
      }
    }
    Guard guard(t.meta);
    fragments(t.heir_fragment, who, NodeReference::Ets);
  }

  void nodes_to_entries() {
    for (auto& [node, referrers] : out_.nodes) {
      const DistEntry* e = dist_entry_find(node->name);
      if (e != nullptr) note(e, {.kind = am::node, .node = node}, NodeReference::Node);
    }
  }

  NodeReferences& out_;
  const FunEntry* fun_;
  std::set<const MatchProgram*> programs_;
};

// ---- as a term ----

constexpr Term kReferenceNames[] = {am::heap,  am::link,   am::monitor, am::ets,  am::binary,
                                    am::timer, am::system, am::signal,  am::node, am::control};
static_assert(sizeof kReferenceNames / sizeof(Term) == kNodeReferenceKinds);

Term build_id(Pieces& a, const NodeReferrer& r) {
  if (r.tid != nullptr) return a.room(kMagicRefWords).magic_reference(r.tid);
  if (r.node != nullptr) return a.tuple({r.node->name, Term::small(r.node->creation)});
  return r.id.is_none() ? a.integer(static_cast<i64>(r.number)) : r.id;
}

Term build_referrers(Pieces& a, const std::vector<NodeReferrer>& all, u64* total) {
  std::vector<Term> rows;
  *total = 0;
  for (const NodeReferrer& r : all) {
    std::vector<Term> counts;
    for (u32 i = 0; i < kNodeReferenceKinds; i++) {
      if (r.counts[i] == 0) continue;
      *total += r.counts[i];
      counts.push_back(a.tuple({kReferenceNames[i], Term::small(static_cast<i64>(r.counts[i]))}));
    }
    rows.push_back(a.tuple({a.tuple({r.kind, build_id(a, r)}), a.list(counts)}));
  }
  return a.list(rows);
}

void release_tids(std::vector<NodeReferrer>& all) {
  for (NodeReferrer& r : all) {
    if (r.tid != nullptr) ets_tid_release(r.tid);
  }
}

}  // namespace

NodeReferences::~NodeReferences() {
  for (auto& [node, all] : nodes) release_tids(all);
  for (auto& [entry, all] : entries) release_tids(all);
}

void find_node_references(NodeReferences* out) {
  schedulers_block();
  Search(out).run();
  schedulers_unblock();
}

u64 count_fun_references(const FunEntry* entry) {
  NodeReferences nodes;
  schedulers_block();
  Search search(&nodes, entry);
  search.run();
  schedulers_unblock();
  return search.fun_count;
}

BifResult get_node_references(Process& p) {
  NodeReferences found;
  find_node_references(&found);
  Scratch s(p);
  std::vector<Term> nodes, entries;
  u64 total;
  for (auto& [node, all] : found.nodes) {
    Term rows = build_referrers(s, all, &total);
    Term id = s.tuple({node->name, Term::small(node->creation)});
    nodes.push_back(s.tuple({id, Term::small(static_cast<i64>(total)), rows}));
  }
  for (auto& [entry, all] : found.entries) {
    Term rows = build_referrers(s, all, &total);
    entries.push_back(s.tuple({entry->name, Term::small(static_cast<i64>(total)), rows}));
  }
  return s.tuple({s.tuple({am::node_references, s.list(nodes)}), s.tuple({am::dist_references, s.list(entries)})});
}

}  // namespace lintel
