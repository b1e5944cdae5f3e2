// The node table: a fixed array of chains. Looking up takes no lock, since nodes are only ever put
// in front of a chain, complete, and never leave it.
#include "vm/term/node.h"

#include <atomic>

#include "vm/base/alloc.h"
#include "vm/base/lock.h"
#include "vm/term/atom.h"
#include "vm/term/magic.h"

namespace lintel {
namespace {

constexpr u32 kBuckets = 1024;
std::atomic<Node*> buckets[kBuckets];
std::atomic<Node*> current;
Mutex<LockRank::Nodes> nodes_lock;

u32 bucket_of(Term name, u32 creation) {
  return (name.atom_index() * 31 + creation) * 0x9E3779B9u >> 22;
}

Node* find(Node* n, Term name, u32 creation) {
  while (n != nullptr && !(n->name == name && n->creation == creation)) n = n->next_in_bucket;
  return n;
}

}  // namespace

Node* node_intern(Term name, u32 creation) {
  auto& bucket = buckets[bucket_of(name, creation)];
  // acquire pairs with the release below: a node that is seen is complete.
  if (Node* n = find(bucket.load(std::memory_order_acquire), name, creation)) return n;
  Guard<decltype(nodes_lock)> guard(nodes_lock);
  Node* first = bucket.load(std::memory_order_relaxed);
  if (Node* n = find(first, name, creation)) return n;
  Node* n = vm_new<Node>(Node{name, creation, first});
  bucket.store(n, std::memory_order_release);
  return n;
}

// Only for reading printed identifiers back, so a walk over the whole table will do.
Node* node_find_named(Term name) {
  Node* best = nullptr;
  for (auto& bucket : buckets) {
    for (Node* n = bucket.load(std::memory_order_acquire); n != nullptr; n = n->next_in_bucket) {
      if (n->name == name && (best == nullptr || n->creation > best->creation)) best = n;
    }
  }
  return best;
}

void nodes_init() { this_node_set(atom_intern("nonode@nohost"), 0); }
Node* this_node() { return current.load(std::memory_order_acquire); }
void this_node_set(Term name, u32 creation) {
  current.store(node_intern(name, creation), std::memory_order_release);
}

u32 pid_number(Term t) {
  if (t.is_local_pid()) return t.pid_data() & ((1u << kPidNumberBits) - 1);
  return static_cast<u32>(view<External>(t)->data[0]);
}
u32 pid_serial(Term t) {
  if (t.is_local_pid()) return static_cast<u32>(t.pid_data() >> kPidNumberBits);
  return static_cast<u32>(view<External>(t)->data[0] >> 32);
}
u64 port_number(Term t) {
  return t.is_local_port() ? t.port_data() : view<External>(t)->data[0];
}

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

// The fourth number is a pid's word in the stock VM: 28 bits of data above a tag.
constexpr u32 kAliasPidShift = 4;
constexpr u32 kAliasPidTag = 3;

Term build_local_ref(Builder& b, const RefParts& parts) {
  RefNumbers n{{parts.n[0], parts.n[1], parts.n[2]}};
  if (n.n[0] >= 1u << 18) return Term::none();
  if (parts.count <= 3) {
    MagicData* magic = magic_find(n);
    if (magic == nullptr) return b.reference(n);
    Term ref = b.magic_reference(magic);
    magic_release(magic);
    return ref;
  }
  if (parts.count != 5 || parts.n[4] != 0 || (parts.n[3] & 15) != kAliasPidTag) return Term::none();
  return build_alias_ref(b, n, Term::pid(parts.n[3] >> kAliasPidShift));
}

RefParts ref_parts(Term t) {
  if (t.is_local_ref()) {
    RefNumbers n = local_ref_numbers(t);
    return {3, {n.n[0], n.n[1], n.n[2], 0, 0}};
  }
  const u64* data = view<External>(t)->data;
  RefParts parts{static_cast<u32>(data[0]), {}};
  for (u32 i = 0; i < parts.count; i++) {
    parts.n[i] = static_cast<u32>(data[1 + i / 2] >> (i % 2 * 32));
  }
  return parts;
}

RefParts ref_external_parts(Term t) {
  RefParts parts = ref_parts(t);
  Term owner = t.is_local_ref() ? alias_ref_owner(t) : Term::none();
  if (owner.is_none()) return parts;
  parts.count = 5;
  parts.n[3] = static_cast<u32>(owner.pid_data()) << kAliasPidShift | kAliasPidTag;
  return parts;
}

Node* node_of(Term t) { return is_external(t) ? view<External>(t)->node : this_node(); }

u64 node_print_number(Term t) {
  if (!is_external(t)) return 0;
  Node* n = view<External>(t)->node;
  return n->name == this_node()->name ? 0 : n->name.atom_index();
}

static External* external_new(Builder& b, BoxedTag tag, Node* node, u64 data_words) {
  auto* e = reinterpret_cast<External*>(b.alloc(2 + data_words));
  e->header = Term::header(tag, 1 + data_words);
  e->node = node;
  return e;
}

Term build_external_pid(Builder& b, Node* node, u32 number, u32 serial) {
  External* e = external_new(b, BoxedTag::ExtPid, node, 1);
  e->data[0] = u64{serial} << 32 | number;
  return Term::boxed(&e->header);
}

Term build_external_port(Builder& b, Node* node, u64 number) {
  External* e = external_new(b, BoxedTag::ExtPort, node, 1);
  e->data[0] = number;
  return Term::boxed(&e->header);
}

Term build_external_ref(Builder& b, Node* node, const RefParts& parts) {
  VM_ASSERT(parts.count >= 1 && parts.count <= 5);
  u64 pairs = (parts.count + 1) / 2;
  External* e = external_new(b, BoxedTag::ExtRef, node, 1 + pairs);
  e->data[0] = parts.count;
  for (u64 i = 0; i < pairs; i++) {
    u64 high = 2 * i + 1 < parts.count ? parts.n[2 * i + 1] : 0;
    e->data[1 + i] = parts.n[2 * i] | high << 32;
  }
  return Term::boxed(&e->header);
}

}  // namespace lintel
