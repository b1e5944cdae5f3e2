// What programs ask about other nodes, as a node that is not part of a cluster answers.
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"
#include "vm/term/map.h"
#include "vm/term/node.h"

namespace lintel {

namespace {

// Whether the argument of nodes/1,2 selects this node. False in *ok: no such selection.
bool selects_this_node(Term arg, bool* ok) {
  *ok = true;
  if (arg.is_atom()) {
    if (arg == am::this_ || arg == am::known) return true;
    *ok = arg == am::visible || arg == am::hidden || arg == am::connected;
    return false;
  }
  bool selected = false;
  while (arg.is_list()) {
    if (!arg.head().is_atom() || !*ok) {
      *ok = false;
      return false;
    }
    selected = selects_this_node(arg.head(), ok) || selected;
    arg = arg.tail();
  }
  *ok = *ok && arg.is_nil();
  return selected;
}

}  // namespace

BifResult erlang_nodes_0(Process&, Term*) { return Term::nil(); }

BifResult erlang_nodes_1(Process& p, Term* args) {
  bool ok;
  bool selected = selects_this_node(args[0], &ok);
  if (!ok) return raise_badarg(p);
  if (!selected) return Term::nil();
  Builder b = p.reserve(2);
  return b.cons(this_node()->name, Term::nil());
}

// [{Node, #{connection_id => Id, node_type => Type}}] with the keys that are asked for.
BifResult erlang_nodes_2(Process& p, Term* args) {
  bool ok;
  bool selected = selects_this_node(args[0], &ok);
  if (!ok || !args[1].is_map()) return raise_badarg(p);
  u64 known = 0;
  Term info = Term::nil();
  LocalRoots<1> roots(p, info);
  {
    Builder b = p.reserve(kEmptyMapWords);
    roots[0] = build_empty_map(b);
  }
  struct Item {
    Term key, value;
  };
  for (Item item : {Item{am::connection_id, am::undefined}, Item{am::node_type, am::this_}}) {
    Term wanted = map_get_fast(args[1], item.key);
    if (wanted.is_none()) continue;
    known++;
    if (wanted != am::true_ && wanted != am::false_) return raise_badarg(p);
    if (wanted == am::true_) roots[0] = map_put(p, roots[0], item.key, item.value);
  }
  if (known != map_size(args[1])) return raise_badarg(p);
  if (!selected) return Term::nil();
  Builder b = p.reserve(2 + 3);
  return b.cons(b.tuple({this_node()->name, roots[0]}), Term::nil());
}

BifResult erlang_monitor_node_3(Process& p, Term* args) {
  if (!args[0].is_atom() || (args[1] != am::true_ && args[1] != am::false_)) return raise_badarg(p);
  for (Term o = args[2]; !o.is_nil(); o = o.tail()) {
    if (!o.is_list() || o.head() != am::allow_passive_connect) return raise_badarg(p);
  }
  if (args[0] == this_node()->name) return am::true_;
  return raise_error(p, am::notalive);
}
BifResult erlang_monitor_node_2(Process& p, Term* args) {
  Term full[3] = {args[0], args[1], Term::nil()};
  return erlang_monitor_node_3(p, full);
}

}  // namespace lintel
