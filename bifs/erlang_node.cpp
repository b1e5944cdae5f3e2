// What is known of other nodes: nodes/0..2, monitor_node/2,3.
#include <algorithm>

#include "bifs/scratch.h"
#include "vm/code/export.h"
#include "vm/dist/spawn_request.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/map.h"
#include "vm/term/node.h"

namespace lintel {

namespace {

enum Kinds : u32 { kThis = 1, kVisible = 2, kHidden = 4, kKnown = 8 };

bool parse_kinds(Term kinds, u32* out) {
  *out = 0;
  auto one = [&](Term kind) {
    if (kind == am::visible) *out |= kVisible;
    else if (kind == am::hidden) *out |= kHidden;
    else if (kind == am::connected) *out |= kVisible | kHidden;
    else if (kind == am::this_) *out |= kThis;
    else if (kind == am::known) *out |= kThis | kVisible | kHidden | kKnown;
    else return false;
    return true;
  };
  if (kinds.is_atom()) return one(kinds);
  for (; kinds.is_list(); kinds = kinds.tail()) {
    if (!one(kinds.head())) return false;
  }
  return kinds.is_nil();
}

struct Found {
  Term name;
  Term type;       // as nodes/2 tells it
  u32 connection;  // 0: none
  u32 rank;        // place among the kinds
  u64 order;
};

// In the order in which the stock VM lists them: those not connected, hidden ones, visible ones, each
// by age of the connection, and this node last.
std::vector<Found> find_nodes(u32 kinds) {
  struct State {
    u32 kinds;
    std::vector<Found> found;
  } state{kinds, {}};
  dist_entries_each(
      [](DistEntry& e, void* data) {
        auto* s = static_cast<State*>(data);
        if (e.name == this_node()->name) return;
        Guard guard(e.lock);
        if (e.state != DistState::Connected && e.state != DistState::Exiting) {
          if ((s->kinds & kKnown) != 0) s->found.push_back({e.name, am::known, 0, 0, 0});
          return;
        }
        bool visible = (e.flags & kDistPublished) != 0;
        if ((s->kinds & (visible ? kVisible : kHidden)) == 0) return;
        s->found.push_back({e.name, visible ? am::visible : am::hidden, e.connection, visible ? 2u : 1u, e.order});
      },
      &state);
  if ((kinds & kThis) != 0) state.found.push_back({this_node()->name, am::this_, 0, 3, 0});
  std::stable_sort(state.found.begin(), state.found.end(), [](const Found& a, const Found& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.order < b.order;
  });
  return state.found;
}

BifResult names(Process& p, u32 kinds) {
  std::vector<Found> found = find_nodes(kinds);
  Builder b = p.reserve(kConsWords * found.size());
  Term list = Term::nil();
  for (size_t i = found.size(); i-- > 0;) list = b.cons(found[i].name, list);
  return list;
}

}  // namespace

BifResult erlang_nodes_0(Process& p, Term*) { return names(p, kVisible); }

BifResult erlang_nodes_1(Process& p, Term* args) {
  u32 kinds;
  if (!parse_kinds(args[0], &kinds)) return raise_badarg(p);
  return names(p, kinds);
}

// [{Node, #{connection_id => …, node_type => …}}] with the keys asked for.
BifResult erlang_nodes_2(Process& p, Term* args) {
  u32 kinds;
  if (!parse_kinds(args[0], &kinds) || !args[1].is_map()) return raise_badarg(p);
  Term id = map_get_fast(args[1], am::connection_id);
  Term type = map_get_fast(args[1], am::node_type);
  u64 known = (id.is_none() ? 0 : 1) + (type.is_none() ? 0 : 1);
  for (Term wanted : {id, type}) {
    if (!wanted.is_none() && wanted != am::true_ && wanted != am::false_) return raise_badarg(p);
  }
  if (map_size(args[1]) != known) return raise_badarg(p);
  std::vector<Found> found = find_nodes(kinds);
  LocalRoots<1> roots(p, Term::nil());
  for (size_t i = found.size(); i-- > 0;) {
    Term kv[4];
    u64 n = 0;
    if (id == am::true_) {
      kv[0] = am::connection_id;
      kv[1] = found[i].connection == 0 ? am::undefined : Term::small(found[i].connection);
      n = 1;
    }
    if (type == am::true_) kv[2 * n] = am::node_type, kv[2 * n + 1] = found[i].type, n++;
    LocalRoots<1> info(p, map_from_pairs(p, kv, n));
    Builder b = p.reserve(kConsWords + tuple_words(2));
    roots[0] = b.cons(b.tuple({found[i].name, info[0]}), roots[0]);
  }
  return roots[0];
}

// ---- monitor_node ----

namespace {

NodeMonitorRecord* find_record(Process& p, Term node, u32 connection) {
  if (p.relations == nullptr) return nullptr;
  return p.relations->node_monitors.find(hash_id(node), [&](NodeMonitorRecord& r) {
    return r.node == node && (connection == 0 || r.connection == connection);
  });
}

BifResult monitor_node(Process& p, Term node, Term on, Term options) {
  bool connect = true;
  Term list = options;
  for (; list.is_list(); list = list.tail()) {
    if (list.head() != am::allow_passive_connect) return raise_badarg_cause(p, am::badopt);
    connect = false;
  }
  if (!list.is_nil()) return raise_badarg_cause(p, am::badopt);
  if (!node.is_atom() || (on != am::true_ && on != am::false_)) return raise_badarg(p);
  if (node != am::nonode_nohost && !dist_is_alive()) return raise_error(p, am::notalive);
  if (on == am::false_) {
    NodeMonitorRecord* r = find_record(p, node, 0);
    if (r == nullptr || --r->count != 0) return am::true_;
    p.relations->node_monitors.remove(r);
    remote_hooks.node_monitor_removed(p.id, node, r->connection);
    vm_free(r);
    return am::true_;
  }
  if (node == this_node()->name) return am::true_;
  u32 connection;
  // Says nodedown, or connects in the way that waits.
  if (!dist_monitor_node(p, node, connect, &connection)) {
    return trap(p, export_get(am::erlang, am::dmonitor_node, 3), {node, on, options});
  }
  if (NodeMonitorRecord* r = find_record(p, node, connection)) {
    r->count++;
  } else {
    relations_of(p).node_monitors.insert(
        vm_new<NodeMonitorRecord>(NodeMonitorRecord{nullptr, node, 1, connection}));
  }
  return am::true_;
}

}  // namespace

BifResult erlang_monitor_node_2(Process& p, Term* args) {
  return monitor_node(p, args[0], args[1], Term::nil());
}
BifResult erlang_monitor_node_3(Process& p, Term* args) {
  return monitor_node(p, args[0], args[1], args[2]);
}

}  // namespace lintel
