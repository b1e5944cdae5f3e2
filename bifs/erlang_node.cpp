// What is known of other nodes. There are no connections: this node is the only one.
#include "bifs/scratch.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/map.h"
#include "vm/term/node.h"

namespace lintel {

namespace {

// Whether this node belongs to the kinds asked for; false in *ok for an unknown kind.
bool includes_this(Term kinds, bool* ok) {
  *ok = true;
  auto one = [&](Term kind) {
    if (kind == am::this_ || kind == am::known) return true;
    if (kind != am::visible && kind != am::hidden && kind != am::connected) *ok = false;
    return false;
  };
  if (kinds.is_atom()) return one(kinds);
  bool any = false;
  for (; kinds.is_list(); kinds = kinds.tail()) any |= one(kinds.head());
  if (!kinds.is_nil()) *ok = false;
  return any;
}

}  // namespace

BifResult erlang_nodes_0(Process&, Term*) { return Term::nil(); }

BifResult erlang_nodes_1(Process& p, Term* args) {
  bool ok;
  bool found = includes_this(args[0], &ok);
  if (!ok) return raise_badarg(p);
  if (!found) return Term::nil();
  Builder b = p.reserve(kConsWords);
  return b.cons(this_node()->name, Term::nil());
}

// [{Node, #{connection_id => …, node_type => …}}] with the keys asked for.
BifResult erlang_nodes_2(Process& p, Term* args) {
  bool ok;
  bool found = includes_this(args[0], &ok);
  if (!ok || !args[1].is_map()) return raise_badarg(p);
  Term id = map_get_fast(args[1], am::connection_id);
  Term type = map_get_fast(args[1], am::node_type);
  u64 known = (id.is_none() ? 0 : 1) + (type.is_none() ? 0 : 1);
  for (Term wanted : {id, type}) {
    if (!wanted.is_none() && wanted != am::true_ && wanted != am::false_) return raise_badarg(p);
  }
  if (map_size(args[1]) != known) return raise_badarg(p);
  if (!found) return Term::nil();
  Term kv[4];
  u64 n = 0;
  if (id == am::true_) kv[2 * n] = am::connection_id, kv[2 * n++ + 1] = am::undefined;
  if (type == am::true_) kv[2 * n] = am::node_type, kv[2 * n++ + 1] = am::this_;
  Term info = map_from_pairs(p, kv, n);
  LocalRoots<1> roots(p, info);
  Builder b = p.reserve(kConsWords + tuple_words(2));
  return b.cons(b.tuple({this_node()->name, roots[0]}), Term::nil());
}

// Monitoring needs distribution to run.
BifResult erlang_monitor_node_2(Process& p, Term* args) {
  if (!args[0].is_atom() || (args[1] != am::true_ && args[1] != am::false_)) return raise_badarg(p);
  if (args[0] == this_node()->name) return am::true_;
  return raise_error(p, am::notalive);
}
BifResult erlang_monitor_node_3(Process& p, Term* args) {
  Term list = args[2];
  for (; list.is_list(); list = list.tail()) {
    if (list.head() != am::allow_passive_connect) return raise_badarg_cause(p, am::badopt);
  }
  if (!list.is_nil()) return raise_badarg_cause(p, am::badopt);
  return erlang_monitor_node_2(p, args);
}

// For the process that carries a connection; no process does.
BifResult erlang_dist_ctrl_get_data_1(Process& p, Term*) { return raise_notsup(p); }
BifResult erlang_dist_ctrl_get_data_notification_1(Process& p, Term*) { return raise_notsup(p); }
BifResult erlang_dist_ctrl_get_opt_2(Process& p, Term*) { return raise_notsup(p); }
BifResult erlang_dist_ctrl_set_opt_3(Process& p, Term*) { return raise_notsup(p); }
BifResult erlang_dist_ctrl_put_data_2(Process& p, Term*) { return raise_notsup(p); }
BifResult erlang_dist_ctrl_input_handler_2(Process& p, Term*) { return raise_notsup(p); }

}  // namespace lintel
