// Who refers to which nodes: every pid, port and reference of another node anywhere in this one, found
// by a walk over all memory with the schedulers stopped. Nothing counts such references as they come
// and go, so a node entry costs nobody anything, and this is the only way to know.
#pragma once
#include <map>
#include <vector>

#include "vm/code/fun_table.h"
#include "vm/dist/entry.h"
#include "vm/ets/match_spec.h"
#include "vm/ets/table.h"

namespace lintel {

// How somebody refers to a node or to its entry in the table of connections.
enum class NodeReference : u8 { Heap, Link, Monitor, Ets, Binary, Timer, System, Signal, Node, Control };
inline constexpr u32 kNodeReferenceKinds = 10;

// Who: {kind, id}. The id is a term that needs no room, or what one of the other fields says.
struct NodeReferrer {
  Term kind;
  Term id = Term::none();
  EtsTid* tid = nullptr;      // of a table without a name
  u64 number = 0;             // of a match specification
  const lintel::Node* node = nullptr;  // {Name, Creation}
  u64 counts[kNodeReferenceKinds] = {};

  bool same(const NodeReferrer& o) const {
    return kind == o.kind && id == o.id && tid == o.tid && number == o.number && node == o.node;
  }
};

struct NodeReferences {
  std::map<const Node*, std::vector<NodeReferrer>> nodes;
  std::map<const DistEntry*, std::vector<NodeReferrer>> entries;

  NodeReferences() = default;
  NodeReferences(const NodeReferences&) = delete;
  NodeReferences& operator=(const NodeReferences&) = delete;
  ~NodeReferences();
};

// Stops the schedulers meanwhile.
void find_node_references(NodeReferences* out);

// How many funs with this entry there are, wherever they are, dead ones that no collection has taken
// yet included. Stops the schedulers meanwhile.
u64 count_fun_references(const FunEntry* entry);

// {{node_references, [{{Node, Creation}, Count, [{{Kind, Id}, [{Reference, Count}]}]}]},
//  {dist_references, [{Node, Count, [...]}]}}. What nobody refers to is not listed.
BifResult get_node_references(Process& p);

// Terms that a match specification in use keeps; null when `data` is something else. bifs/ets_select.cpp
MatchProgram* ets_walk_program(MagicData* data);
// Areas of persistent terms. bifs/persistent_term.cpp
void persistent_term_areas_each(void (*f)(const LiteralArea&, void*), void* data);

}  // namespace lintel
