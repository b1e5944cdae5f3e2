// Nodes, and the numbers inside pids, ports and references, local and external alike.
//
// A Node is a name with a creation. There is one object per pair, never freed, so external terms
// compare nodes by address. This node's name changes when distribution starts or stops; local pids,
// ports and references carry no node and so follow along.
#pragma once
#include "vm/heap/builder.h"
#include "vm/term/term.h"

namespace lintel {

struct Node {
  Term name;
  u32 creation;
  Node* next_in_bucket;
};

void nodes_init();  // this node is nonode@nohost with creation 0
Node* node_intern(Term name, u32 creation);
// A known node of this name, the youngest if there are several; null when none is known.
Node* node_find_named(Term name);
Node* this_node();
// From now on this node is called `name`.
void this_node_set(Term name, u32 creation);

// ---- pids: 15 bits of number and 13 of serial in a local one, 32 bits each in an external one ----
inline constexpr u32 kPidNumberBits = 15;
inline constexpr u32 kPidSerialBits = 13;
inline constexpr u32 kPortNumberBits = 28;

inline Term local_pid(u32 number, u32 serial) {
  VM_ASSERT(number < (1u << kPidNumberBits) && serial < (1u << kPidSerialBits));
  return Term::pid(u64{serial} << kPidNumberBits | number);
}
u32 pid_number(Term pid);
u32 pid_serial(Term pid);
u64 port_number(Term port);

// Numbers of any reference, least significant first.
struct RefParts {
  u32 count;
  u32 n[5];
};
// What tells it from others, and what is printed.
RefParts ref_parts(Term ref);
// The same for the external format: two more numbers, which name the owner, where a reference of this
// node carries one.
RefParts ref_external_parts(Term ref);

// References that carry their owner's pid (aliases): the pid's data + 1 in the upper half of the last
// word. The owner is no part of what they are: with or without it they are the same term. kRefWords.
Term build_alias_ref(Builder& b, RefNumbers n, Term owner);
// The owner's pid, or none for a reference that is not an alias of this node.
Term alias_ref_owner(Term ref);
// A local reference of these numbers; none when there can be no such reference. A magic one, if there
// is something that it stands for. kRefWords.
Term build_local_ref(Builder& b, const RefParts& parts);

// The node a pid, port or reference belongs to.
Node* node_of(Term identifier);
inline bool is_external(Term t) {
  return t.is(BoxedTag::ExtPid) || t.is(BoxedTag::ExtPort) || t.is(BoxedTag::ExtRef);
}
// First number of the printed form: 0 for this node, else the index of the node name's atom.
u64 node_print_number(Term identifier);

// Words: kExternalWords for pids and ports.
inline constexpr u64 kExternalWords = 3;
inline constexpr u64 kMaxExternalRefWords = 6;
constexpr u64 external_ref_words(u32 numbers) { return 3 + (u64{numbers} + 1) / 2; }
Term build_external_pid(Builder& b, Node* node, u32 number, u32 serial);
Term build_external_port(Builder& b, Node* node, u64 number);
Term build_external_ref(Builder& b, Node* node, const RefParts& parts);

}  // namespace lintel
