// Maps. Changing a flat map copies its values and, when the keys change, its key tuple. Changing a
// HAMT copies the nodes on the way from the root to the key. Both first find out how many words that
// takes, then reserve, then walk again: a collection in between moves nodes but keeps positions, so
// what is remembered of the first walk is positions, never addresses.
//
// C++ recursion here is only ever as deep as a trie, which grows with the logarithm of the number
// of keys (see kMaxLevels), never as deep as the terms in it.
#include "vm/term/map.h"

#include <algorithm>

#include "vm/base/alloc.h"
#include "vm/term/work_stack.h"

namespace lintel {
namespace {

// Levels that a path may have. Two keys that share 256 levels agree in 32 independent hashes.
constexpr u32 kMaxLevels = 256;
constexpr u64 kRootFixed = 3;  // words of a root or node besides its children
constexpr u64 kNodeFixed = 2;

u32 slot_at(Term key, u32 level) { return map_hash(key, level / 8) >> 4 * (level % 8) & 15; }

// Walks the levels of one key, hashing once per eight levels.
class HashPath {
 public:
  explicit HashPath(Term key, u32 level = 0)
      : key_(key), level_(level), hash_(map_hash(key, level / 8) >> 4 * (level % 8)) {}
  u32 slot() const { return hash_ & 15; }
  u32 level() const { return level_; }
  void descend() {
    level_++;
    VM_CHECK(level_ < kMaxLevels);
    hash_ = level_ % 8 != 0 ? hash_ >> 4 : map_hash(key_, level_ / 8);
  }

 private:
  Term key_;
  u32 level_;
  u32 hash_;
};

u64 node_words(Term node) { return 1 + node.header_word().header_arity(); }

Term* new_node(Builder& b, bool root, u64 size, u32 bitmap) {
  u32 n = static_cast<u32>(std::popcount(bitmap));
  Term* o;
  if (root) {
    o = b.alloc(kRootFixed + n);
    o[0] = Term::header(BoxedTag::HamtRoot, kRootFixed + n - 1);
    o[1] = Term::small(static_cast<i64>(size));
    o[2] = Term::small(bitmap);
  } else {
    o = b.alloc(kNodeFixed + n);
    o[0] = Term::header(BoxedTag::HamtNode, kNodeFixed + n - 1);
    o[1] = Term::small(bitmap);
  }
  return o;
}
// Nodes are small: no call of memmove.
VM_ALWAYS_INLINE void copy_children(const Term* from, const Term* end, Term* to) {
#pragma clang loop vectorize(disable) unroll_count(4)
  while (from < end) *to++ = *from++;
}
Term* children_of_new(Term* o, bool root) { return o + (root ? kRootFixed : kNodeFixed); }

// Where key is among n sorted keys; or, when absent, ~(where it would go).
i64 flat_search(const Term* keys, u64 n, Term key) {
  for (u64 i = 0; i < n; i++) {
    if (keys[i] == key) return static_cast<i64>(i);
  }
  u64 low = 0;
  u64 high = n;
  while (low < high) {
    u64 mid = (low + high) / 2;
    i64 j = compare_exact(key, keys[mid]);
    if (j == 0) return static_cast<i64>(mid);
    if (j < 0) {
      high = mid;
    } else {
      low = mid + 1;
    }
  }
  return ~static_cast<i64>(low);
}

// As flat_search when it does not matter where an absent key would go: -1.
i64 flat_find(const Term* keys, u64 n, Term key) {
  if (key.is_pointer()) return flat_search(keys, n, key);
  for (u64 i = 0; i < n; i++) {
    if (keys[i] == key) return static_cast<i64>(i);
  }
  return -1;
}

Term copy_flat(Builder& b, Term map) {
  u64 n = flat_map_words(flat_map_size(map));
  Term* to = b.alloc(n);
  std::memcpy(static_cast<void*>(to), map.object(), n * kWordBytes);
  return Term::boxed(to);
}

Term flat_replace(Heap& heap, Term map, u64 i, Term value) {
  LocalRoots<2> roots(heap, map, value);
  Builder b = heap.reserve(flat_map_words(flat_map_size(map)));
  Term result = copy_flat(b, roots[0]);
  flat_map_values(result)[i] = roots[1];
  return result;
}

Term flat_insert(Heap& heap, Term map, u64 at, Term key, Term value) {
  u64 n = flat_map_size(map);
  LocalRoots<3> roots(heap, map, key, value);
  Builder b = heap.reserve(tuple_words(n + 1) + flat_map_words(n + 1));
  Term* keys;
  Term* values;
  Term tuple = b.tuple_uninitialized(n + 1, &keys);
  Term result = build_flat_map(b, tuple, &values);
  const Term* old_keys = flat_map_keys(roots[0]);
  const Term* old_values = flat_map_values(roots[0]);
  for (u64 i = 0; i < at; i++) {
    keys[i] = old_keys[i];
    values[i] = old_values[i];
  }
  keys[at] = roots[1];
  values[at] = roots[2];
  for (u64 i = at; i < n; i++) {
    keys[i + 1] = old_keys[i];
    values[i + 1] = old_values[i];
  }
  return result;
}

// ---- HAMT: one key in, one key out ----

struct Path {
  u8 position[kMaxLevels];
  u32 depth = 0;
};

// What becomes of a key that is there: a pair that changes nothing leaves the map as it is, and the old key
// stays in it; for a merge the new key has to be the one that is in the result.
enum class PutMode { Put, Update, Merge };

Term hamt_put(Heap& heap, Term map, Term key, Term value, PutMode mode) {
  enum { Replace, Fill, Split } how;
  Path path;
  HashPath hash(key);
  u64 need = kConsWords;
  u32 fill_slot = 0;
  u32 single_nodes = 0;  // Split: nodes with one child above the one that tells the keys apart
  for (Term node = map;; hash.descend()) {
    HamtNode h = hamt_node(node);
    need += node_words(node);
    u32 slot = hash.slot();
    path.position[path.depth++] = static_cast<u8>(h.position(slot));
    if (!h.has(slot)) {
      need++;
      fill_slot = slot;
      how = Fill;
      break;
    }
    Term child = h.children[h.position(slot)];
    if (!is_hamt_leaf(child)) {
      node = child;
      continue;
    }
    if (exact_equal(child.head(), key)) {
      if (child.tail() == value && (mode != PutMode::Merge || identical(child.head(), key))) return map;
      how = Replace;
      break;
    }
    how = Split;
    hash.descend();
    HashPath other(child.head(), hash.level());
    for (; hash.slot() == other.slot(); hash.descend(), other.descend()) single_nodes++;
    need += single_nodes * (kNodeFixed + 1) + kNodeFixed + 2;
    break;
  }
  if (mode == PutMode::Update && how != Replace) return Term::none();

  LocalRoots<3> roots(heap, map, key, value);
  Builder b = heap.reserve(need);
  Term node = roots[0];
  Term result = Term::none();
  Term* link = &result;  // where the next copy goes
  for (u32 level = 0; level < path.depth; level++) {
    bool root = level == 0;
    HamtNode h = hamt_node(node);
    u32 at = path.position[level];
    u64 size = root ? map_size(node) + (how != Replace) : 0;
    if (how == Fill && level + 1 == path.depth) {
      Term* o = new_node(b, root, size, h.bitmap | 1u << fill_slot);
      Term* c = children_of_new(o, root);
      copy_children(h.children, h.children + at, c);
      copy_children(h.children + at, h.children + h.count(), c + at + 1);
      *link = Term::boxed(o);
      link = c + at;
    } else {
      Term* o = new_node(b, root, size, h.bitmap);
      Term* c = children_of_new(o, root);
      copy_children(h.children, h.children + h.count(), c);
      *link = Term::boxed(o);
      link = c + at;
      node = c[at];
    }
  }
  Term leaf = b.cons(roots[1], roots[2]);
  if (how != Split) {
    *link = leaf;
    return result;
  }
  // `node` is the leaf in the way.
  HashPath mine(roots[1], path.depth);
  for (; single_nodes > 0; single_nodes--, mine.descend()) {
    Term* o = new_node(b, false, 0, 1u << mine.slot());
    *link = Term::boxed(o);
    link = children_of_new(o, false);
  }
  u32 other_slot = slot_at(node.head(), mine.level());
  Term* o = new_node(b, false, 0, 1u << mine.slot() | 1u << other_slot);
  Term* c = children_of_new(o, false);
  bool mine_first = mine.slot() < other_slot;
  c[0] = mine_first ? leaf : node;
  c[1] = mine_first ? node : leaf;
  *link = Term::boxed(o);
  return result;
}

// A HAMT of 33 keys without this one: flat.
Term hamt_take_to_flat(Heap& heap, Term map, Term leaf, Term* value) {
  LocalRoots<2> roots(heap, map, leaf);
  Term kv[2 * kMaxFlatMap];
  auto gather = [&] {
    MapIterator it(roots[0]);
    Term k, v;
    for (u64 n = 0; it.next(&k, &v);) {
      if (k == roots[1].head()) continue;  // the very word: k comes out of that leaf
      VM_ASSERT(n < 2 * kMaxFlatMap);
      kv[n++] = k;
      kv[n++] = v;
    }
  };
  gather();
  MapPlan plan(kv, 2, kMaxFlatMap);
  Builder b = heap.reserve(plan.words());
  gather();
  *value = roots[1].tail();
  return plan.build(b, kv, kv + 1);
}

Term hamt_take(Heap& heap, Term map, Term key, Term* value) {
  Path path;
  WorkStack<u64, 16> words;  // of the nodes on the path
  WorkStack<u8, 16> counts;  // and their children
  HashPath hash(key);
  Term node = map;
  Term leaf;
  for (;; hash.descend()) {
    HamtNode h = hamt_node(node);
    if (!h.has(hash.slot())) return map;
    u32 at = h.position(hash.slot());
    path.position[path.depth++] = static_cast<u8>(at);
    words.push(node_words(node));
    counts.push(static_cast<u8>(h.count()));
    leaf = h.children[at];
    if (!is_hamt_leaf(leaf)) {
      node = leaf;
      continue;
    }
    if (!exact_equal(leaf.head(), key)) return map;
    break;
  }
  *value = leaf.tail();
  if (map_size(map) == kMaxFlatMap + 1) return hamt_take_to_flat(heap, map, leaf, value);

  // A node that would be left with one leaf gives that leaf to its parent, and so on upward.
  u32 last = path.depth - 1;  // level of the last node that stays
  bool lift = false;
  if (last > 0 && counts[last] == 2 &&
      is_hamt_leaf(hamt_node(node).children[1 - path.position[last]])) {
    lift = true;
    do last--;
    while (last > 0 && counts[last] == 1);
  }
  u64 need = 0;
  for (u32 level = 0; level <= last; level++) need += words[level];
  if (!lift) need--;

  LocalRoots<2> roots(heap, map, *value);
  Builder b = heap.reserve(need);
  *value = roots[1];
  node = roots[0];
  Term result = Term::none();
  Term* link = &result;
  for (u32 level = 0; level < path.depth; level++) {
    bool root = level == 0;
    HamtNode h = hamt_node(node);
    u32 at = path.position[level];
    u64 size = root ? map_size(node) - 1 : 0;
    if (level > last) {
      // Not copied, only passed through to its remaining leaf.
      if (level + 1 == path.depth) {
        *link = h.children[1 - at];
        break;
      }
      node = h.children[at];
      continue;
    }
    if (!lift && level == last) {
      u32 bitmap = h.bitmap;
      for (u32 i = 0; i < at; i++) bitmap &= bitmap - 1;
      u32 bit = bitmap & -bitmap;
      Term* o = new_node(b, root, size, h.bitmap ^ bit);
      Term* c = children_of_new(o, root);
      std::copy(h.children, h.children + at, c);
      std::copy(h.children + at + 1, h.children + h.count(), c + at);
      *link = Term::boxed(o);
      break;
    }
    Term* o = new_node(b, root, size, h.bitmap);
    Term* c = children_of_new(o, root);
    std::copy(h.children, h.children + h.count(), c);
    *link = Term::boxed(o);
    link = c + at;
    node = c[at];
  }
  return result;
}

// ---- merging two HAMTs ----

// The first pass decides for each pair of subtrees that meet: take a's, take b's, or build a new
// node; it writes the decisions down in the order of the walk and counts the words. The second pass,
// after the reservation, follows the notes.
class HamtMerge {
 public:
  u64 measure(Term a, Term b) {
    words_ = 0;
    visit(a, b, 0);
    return words_;
  }
  u64 common() const { return common_; }
  Term build(Builder& b, Term x, Term y, u64 size) {
    at_ = 0;
    return rebuild(b, x, y, 0, size);
  }

 private:
  enum Note : u8 { TakeA = 1, TakeB = 2, Build = 0 };  // bits: what the result is the same as

  // A leaf that meets a node is seen as the node it would sit in.
  static HamtNode view_at(const Term& t, u32 level) {
    if (!is_hamt_leaf(t)) return hamt_node(t);
    return {1u << slot_at(t.head(), level), const_cast<Term*>(&t)};
  }

  u8 visit(const Term& a, const Term& b, u32 level) {
    VM_CHECK(level < kMaxLevels);
    if (a == b) {
      common_ += leaves(a);
      return note(TakeA | TakeB);
    }
    if (is_hamt_leaf(a) && is_hamt_leaf(b) && exact_equal(a.head(), b.head())) {
      common_++;
      return note(a.tail() == b.tail() && identical(a.head(), b.head()) ? TakeA | TakeB : TakeB);
    }
    HamtNode na = view_at(a, level);
    HamtNode nb = view_at(b, level);
    u32 all = na.bitmap | nb.bitmap;
    u64 start = notes_.size();
    u64 words_before = words_;
    u8 same = 0;
    if (all == na.bitmap && !is_hamt_leaf(a)) same |= TakeA;
    if (all == nb.bitmap && !is_hamt_leaf(b)) same |= TakeB;
    note(Build);
    words_ += (level == 0 ? kRootFixed : kNodeFixed) + static_cast<u64>(std::popcount(all));
    for (u32 slots = na.bitmap & nb.bitmap; slots != 0; slots &= slots - 1) {
      u32 slot = static_cast<u32>(std::countr_zero(slots));
      same &= visit(na.children[na.position(slot)], nb.children[nb.position(slot)], level + 1);
    }
    if (same != 0) {
      notes_.shrink_to(start);
      words_ = words_before;
      note(same);
    }
    return same;
  }

  Term rebuild(Builder& b, const Term& x, const Term& y, u32 level, u64 size) {
    u8 n = notes_[at_++];
    if (n != Build) return (n & TakeB) != 0 ? y : x;
    HamtNode nx = view_at(x, level);
    HamtNode ny = view_at(y, level);
    u32 all = nx.bitmap | ny.bitmap;
    Term* o = new_node(b, level == 0, size, all);
    Term* c = children_of_new(o, level == 0);
    Term* cx = nx.children;
    Term* cy = ny.children;
    for (u32 slots = all; slots != 0; slots &= slots - 1, c++) {
      u32 slot = static_cast<u32>(std::countr_zero(slots));
      if (!ny.has(slot)) {
        *c = *cx++;
      } else if (!nx.has(slot)) {
        *c = *cy++;
      } else {
        *c = rebuild(b, *cx++, *cy++, level + 1, 0);
      }
    }
    return Term::boxed(o);
  }

  static u64 leaves(Term t) {
    if (is_hamt_leaf(t)) return 1;
    HamtNode n = hamt_node(t);
    u64 sum = 0;
    for (u32 i = 0; i < n.count(); i++) sum += leaves(n.children[i]);
    return sum;
  }
  u8 note(u8 n) {
    notes_.push(n);
    return n;
  }

  WorkStack<u8, 512> notes_;
  u64 at_ = 0;
  u64 words_ = 0;
  u64 common_ = 0;
};

Term hamt_merge(Heap& heap, Term a, Term b) {
  if (a == b) return b;
  HamtMerge merge;
  u64 size = map_size(a) + map_size(b);
  LocalRoots<2> roots(heap, a, b);
  Builder to = heap.reserve(merge.measure(a, b));
  return merge.build(to, roots[0], roots[1], size - merge.common());
}

// Where the keys of two sorted arrays end up: steps of the merge, at most 64.
enum MergeStep : u8 { FromA, FromB, FromBoth };

// *takes_a: whether a's keys are those of the result, if they are as many.
u64 plan_flat_merge(const Term* a, u64 na, const Term* b, u64 nb, MergeStep* steps, bool* takes_a) {
  *takes_a = true;
  u64 i = 0;
  u64 j = 0;
  u64 n = 0;
  while (i < na && j < nb) {
    i64 order = compare_exact(a[i], b[j]);
    steps[n++] = order < 0 ? FromA : order > 0 ? FromB : FromBoth;
    if (order == 0 && a[i] != b[j] && !identical(a[i], b[j])) *takes_a = false;
    i += order <= 0;
    j += order >= 0;
  }
  while (i < na) i++, steps[n++] = FromA;
  while (j < nb) j++, steps[n++] = FromB;
  return n;
}

Term flat_merge(Heap& heap, Term a, Term b) {
  u64 na = flat_map_size(a);
  u64 nb = flat_map_size(b);
  if (nb == 0) return a;
  if (na == 0) return b;
  MergeStep steps[2 * kMaxFlatMap];
  bool same_tuple = flat_map_key_tuple(a) == flat_map_key_tuple(b);
  if (same_tuple) return b;
  bool takes_a;
  u64 n = plan_flat_merge(flat_map_keys(a), na, flat_map_keys(b), nb, steps, &takes_a);
  LocalRoots<2> roots(heap, a, b);
  if (n == nb) return b;

  Term keys[2 * kMaxFlatMap];
  Term values[2 * kMaxFlatMap];
  auto gather = [&] {
    const Term* ka = flat_map_keys(roots[0]);
    const Term* kb = flat_map_keys(roots[1]);
    const Term* va = flat_map_values(roots[0]);
    const Term* vb = flat_map_values(roots[1]);
    for (u64 i = 0; i < n; i++) {
      if (steps[i] == FromA) {
        keys[i] = *ka++;
        values[i] = *va++;
      } else {
        keys[i] = *kb++;
        values[i] = *vb++;
        if (steps[i] == FromBoth) ka++, va++;
      }
    }
  };
  if (n > kMaxFlatMap) {
    gather();
    MapPlan plan(keys, 1, n);
    Builder to = heap.reserve(plan.words());
    gather();
    return plan.build(to, keys, values);
  }
  Builder to = heap.reserve(tuple_words(n) + flat_map_words(n));
  gather();
  Term* out;
  Term tuple;
  if (n == na && takes_a) {
    tuple = flat_map_key_tuple(roots[0]);
  } else {
    tuple = to.tuple_uninitialized(n, &out);
    std::copy(keys, keys + n, out);
  }
  Term result = build_flat_map(to, tuple, &out);
  std::copy(values, values + n, out);
  return result;
}

u32 reverse_nibbles(u32 h) {
  h = __builtin_bswap32(h);
  return (h >> 4 & 0x0F0F0F0Fu) | (h & 0x0F0F0F0Fu) << 4;
}

// By the upper halves; entries come in the order of their lower halves and equal ones stay so.
void sort_by_path(u64* entries, u64 n) {
  if (n < 512) {
    std::sort(entries, entries + n);
    return;
  }
  u64* other = vm_alloc_array<u64>(n);
  for (u32 shift = 32; shift < 64; shift += 8) {
    u32 starts[257] = {};
    for (u64 i = 0; i < n; i++) starts[(entries[i] >> shift & 255) + 1]++;
    for (u32 i = 0; i < 256; i++) starts[i + 1] += starts[i];
    for (u64 i = 0; i < n; i++) other[starts[entries[i] >> shift & 255]++] = entries[i];
    std::swap(entries, other);
  }
  // After an even number of passes `other` is the scratch block again.
  vm_free(other);
}

// Builds or only measures the trie over sorted entries.
struct TrieBuilder {
  const u64* order;
  const Term* keys;
  const Term* values;
  u64 key_stride;
  u64 value_stride;

  Term key(u64 i) const { return keys[static_cast<u32>(order[i]) * key_stride]; }
  Term value(u64 i) const { return values[static_cast<u32>(order[i]) * value_stride]; }
  u32 slot(u64 i, u32 level) const {
    if (level < 8) return static_cast<u32>(order[i] >> (60 - 4 * level)) & 15;
    return slot_at(key(i), level);
  }
  u64 run_end(u64 first, u64 last, u32 level) const {
    u32 s = slot(first, level);
    u64 end = first + 1;
    while (end < last && slot(end, level) == s) end++;
    return end;
  }
  u64 measure(u64 first, u64 last, u32 level) const {
    VM_CHECK(level < kMaxLevels);
    u64 words = level == 0 ? kRootFixed : kNodeFixed;
    for (u64 end; first < last; first = end) {
      end = run_end(first, last, level);
      words += 1 + (end - first == 1 ? kConsWords : measure(first, end, level + 1));
    }
    return words;
  }
  Term build(Builder& b, u64 first, u64 last, u32 level, u64 size) const {
    u32 bitmap = 0;
    u64 ends[16];
    u32 n = 0;
    for (u64 i = first; i < last; i = ends[n++]) {
      bitmap |= 1u << slot(i, level);
      ends[n] = run_end(i, last, level);
    }
    Term* o = new_node(b, level == 0, size, bitmap);
    Term* c = children_of_new(o, level == 0);
    for (u32 i = 0; i < n; first = ends[i++]) {
      c[i] = ends[i] - first == 1 ? b.cons(key(first), value(first))
                                  : build(b, first, ends[i], level + 1, 0);
    }
    return Term::boxed(o);
  }
};

}  // namespace

// ---- finding ----

const Term* hamt_find(Term map, Term key, u32 hash) {
  u32 level = 0;
  HamtNode h = hamt_node(map);
  for (;;) {
    u32 slot = hash & 15;
    if (!h.has(slot)) return nullptr;
    Term child = h.children[h.position(slot)];
    if (is_hamt_leaf(child)) {
      return exact_equal(child.head(), key) ? child.cell() + 1 : nullptr;
    }
    h = {static_cast<u32>(child.object()[1].small_value()), child.object() + 2};
    level++;
    hash = level % 8 != 0 ? hash >> 4 : map_hash(key, level / 8);
  }
}

const Term* map_find_slow(Term map, Term key) {
  if (!is_flat_map(map)) return hamt_find(map, key, map_hash(key));
  i64 i = flat_find(flat_map_keys(map), flat_map_size(map), key);
  return i < 0 ? nullptr : flat_map_values(map) + i;
}

// ---- changing ----

Term map_put(Heap& heap, Term map, Term key, Term value) {
  if (!is_flat_map(map)) return hamt_put(heap, map, key, value, PutMode::Put);
  u64 n = flat_map_size(map);
  i64 i = flat_search(flat_map_keys(map), n, key);
  if (i >= 0) {
    if (flat_map_values(map)[i] == value) return map;
    return flat_replace(heap, map, static_cast<u64>(i), value);
  }
  if (n < kMaxFlatMap) return flat_insert(heap, map, static_cast<u64>(~i), key, value);

  LocalRoots<3> roots(heap, map, key, value);
  Term keys[kMaxFlatMap + 1];
  Term values[kMaxFlatMap + 1];
  auto gather = [&] {
    std::copy(flat_map_keys(roots[0]), flat_map_keys(roots[0]) + kMaxFlatMap, keys);
    std::copy(flat_map_values(roots[0]), flat_map_values(roots[0]) + kMaxFlatMap, values);
    keys[kMaxFlatMap] = roots[1];
    values[kMaxFlatMap] = roots[2];
  };
  gather();
  MapPlan plan(keys, 1, kMaxFlatMap + 1);
  Builder b = heap.reserve(plan.words());
  gather();
  return plan.build(b, keys, values);
}

Term map_update(Heap& heap, Term map, Term key, Term value) {
  if (!is_flat_map(map)) return hamt_put(heap, map, key, value, PutMode::Update);
  i64 i = flat_find(flat_map_keys(map), flat_map_size(map), key);
  if (i < 0) return Term::none();
  if (flat_map_values(map)[i] == value) return map;
  return flat_replace(heap, map, static_cast<u64>(i), value);
}

Term map_take(Heap& heap, Term map, Term key, Term* value) {
  *value = Term::none();
  if (!is_flat_map(map)) return hamt_take(heap, map, key, value);
  u64 n = flat_map_size(map);
  i64 found = flat_find(flat_map_keys(map), n, key);
  if (found < 0) return map;
  u64 at = static_cast<u64>(found);
  LocalRoots<1> roots(heap, map);
  Builder b = heap.reserve(tuple_words(n - 1) + flat_map_words(n - 1));
  const Term* old_keys = flat_map_keys(roots[0]);
  const Term* old_values = flat_map_values(roots[0]);
  *value = old_values[at];
  Term* keys;
  Term* values;
  Term tuple = b.tuple_uninitialized(n - 1, &keys);
  Term result = build_flat_map(b, tuple, &values);
  std::copy(old_keys, old_keys + at, keys);
  std::copy(old_keys + at + 1, old_keys + n, keys + at);
  std::copy(old_values, old_values + at, values);
  std::copy(old_values + at + 1, old_values + n, values + at);
  return result;
}

Term map_merge(Heap& heap, Term a, Term b) {
  bool flat_a = is_flat_map(a);
  bool flat_b = is_flat_map(b);
  if (flat_a && flat_b) return flat_merge(heap, a, b);
  if (!flat_a && !flat_b) return hamt_merge(heap, a, b);
  // The few pairs of the flat one go into the other, unless b has the say.
  Term flat = flat_a ? a : b;
  LocalRoots<2> roots(heap, flat_a ? b : a, flat);
  for (u64 i = 0, n = flat_map_size(flat); i < n; i++) {
    Term key = flat_map_keys(roots[1])[i];
    if (flat_a && map_find(roots[0], key) != nullptr) continue;
    roots[0] = hamt_put(heap, roots[0], key, flat_map_values(roots[1])[i], PutMode::Merge);
  }
  return roots[0];
}

Term map_put_many(Heap& heap, Term map, Term* kv, u64 n) {
  if (n == 1) return map_put(heap, map, kv[0], kv[1]);
  RootSpan span(heap, kv, 2 * n);
  if (!is_flat_map(map)) {
    LocalRoots<1> roots(heap, map);
    for (u64 i = 0; i < n; i++) roots[0] = map_put(heap, roots[0], kv[2 * i], kv[2 * i + 1]);
    return roots[0];
  }
  u64 old_n = flat_map_size(map);
  if (old_n == 0) return map_from_pairs(heap, kv, n);

  // All keys there already: only values change.
  u64 missing;
  Term updated = map_update_many(heap, map, kv, n, &missing);
  if (!updated.is_none()) return updated;

  // The old pairs, then the new ones.
  LocalRoots<1> roots(heap, map);
  u64 total = old_n + n;
  WorkStack<Term, 4 * kMaxFlatMap> pairs;
  auto gather = [&] {
    pairs.shrink_to(0);
    for (u64 i = 0; i < old_n; i++) {
      pairs.push(flat_map_keys(roots[0])[i]);
      pairs.push(flat_map_values(roots[0])[i]);
    }
    for (u64 i = 0; i < 2 * n; i++) pairs.push(kv[i]);
  };
  gather();
  MapPlan plan(&pairs[0], 2, total);
  Builder b = heap.reserve(plan.words());
  gather();
  return plan.build(b, &pairs[0], &pairs[0] + 1);
}

Term map_update_many(Heap& heap, Term map, Term* kv, u64 n, u64* missing) {
  if (!is_flat_map(map)) {
    RootSpan span(heap, kv, 2 * n);
    LocalRoots<1> roots(heap, map);
    for (u64 i = 0; i < n; i++) {
      Term next = map_update(heap, roots[0], kv[2 * i], kv[2 * i + 1]);
      if (next.is_none()) {
        *missing = i;
        return next;
      }
      roots[0] = next;
    }
    return roots[0];
  }
  u64 size = flat_map_size(map);
  const Term* keys = flat_map_keys(map);
  const Term* values = flat_map_values(map);
  bool changes = false;
  for (u64 i = 0; i < n; i++) {
    i64 at = flat_find(keys, size, kv[2 * i]);
    if (at < 0) {
      *missing = i;
      return Term::none();
    }
    changes |= values[at] != kv[2 * i + 1];
  }
  if (!changes) return map;
  RootSpan span(heap, kv, 2 * n);
  LocalRoots<1> roots(heap, map);
  Builder b = heap.reserve(flat_map_words(size));
  Term result = copy_flat(b, roots[0]);
  keys = flat_map_keys(result);
  Term* out = flat_map_values(result);
  for (u64 i = 0; i < n; i++) out[flat_find(keys, size, kv[2 * i])] = kv[2 * i + 1];
  return result;
}

// ---- making ----

u64 MapPlan::entry(Term key, u64 index) { return u64{reverse_nibbles(map_hash(key))} << 32 | index; }

MapPlan::MapPlan(const Term* keys, u64 stride, u64 n)
    : given_(n), size_(0), stride_(stride), order_(inline_order_) {
  make(keys, false);
}

MapPlan::MapPlan(const Term* keys, u64 stride, u64 n, u64* entries)
    : given_(n), size_(0), stride_(stride), order_(entries) {
  VM_CHECK(n > kMaxFlatMap);
  make(keys, true);
}

void MapPlan::make(const Term* keys, bool hashed) {
  u64 n = given_;
  u64 stride = stride_;
  auto key = [&](u64 entry) { return keys[static_cast<u32>(entry) * stride]; };
  // Sorted insertion; an equal key takes the place of the earlier one.
  auto insert_sorted = [&](u64 index) {
    Term k = key(index);
    u64 low = 0;
    u64 high = size_;
    if (size_ != 0 && compare_exact(k, key(order_[size_ - 1])) > 0) low = size_;
    while (low < high) {
      u64 mid = (low + high) / 2;
      i64 j = compare_exact(k, key(order_[mid]));
      if (j == 0) {
        order_[mid] = index;
        return;
      }
      if (j < 0) {
        high = mid;
      } else {
        low = mid + 1;
      }
    }
    for (u64 i = size_; i > low; i--) order_[i] = order_[i - 1];
    order_[low] = index;
    size_++;
  };

  if (n <= kMaxFlatMap) {
    for (u64 i = 0; i < n; i++) insert_sorted(i);
  } else {
    VM_CHECK(n < (u64{1} << 32));
    if (!hashed) {
      order_ = vm_alloc_array<u64>(n);
      for (u64 i = 0; i < n; i++) order_[i] = entry(keys[i * stride], i);
    }
    sort_by_path(order_, n);
    for (u64 first = 0, end; first < n; first = end) {
      end = first + 1;
      u64 path = order_[first] >> 32;
      while (end < n && order_[end] >> 32 == path) end++;
      u64 kept = size_;
      order_[size_++] = order_[first];
      for (u64 i = first + 1; i < end; i++) {
        u64 j = kept;
        while (j < size_ && !exact_equal(key(order_[j]), key(order_[i]))) j++;
        order_[j] = order_[i];
        if (j == size_) size_++;
      }
      if (size_ - kept > 1) {
        // Different keys with one hash: the next hashes decide.
        std::sort(order_ + kept, order_ + size_, [&](u64 x, u64 y) {
          for (u32 depth = 1; depth < kMaxLevels / 8; depth++) {
            u32 hx = reverse_nibbles(map_hash(key(x), depth));
            u32 hy = reverse_nibbles(map_hash(key(y), depth));
            if (hx != hy) return hx < hy;
          }
          return false;
        });
      }
    }
    if (size_ <= kMaxFlatMap) {
      u64 distinct = size_;
      u64 indices[kMaxFlatMap];
      for (u64 i = 0; i < distinct; i++) indices[i] = static_cast<u32>(order_[i]);
      size_ = 0;
      for (u64 i = 0; i < distinct; i++) insert_sorted(indices[i]);
    }
  }
  if (size_ <= kMaxFlatMap) {
    words_ = tuple_words(size_) + flat_map_words(size_);
  } else {
    words_ = TrieBuilder{order_, keys, nullptr, stride, 0}.measure(0, size_, 0);
  }
}

MapPlan::~MapPlan() {
  if (order_ != inline_order_) vm_free(order_);
}

static Term build_planned(Builder& b, const TrieBuilder& t, u64 size) {
  if (size > kMaxFlatMap) return t.build(b, 0, size, 0, size);
  Term* keys;
  Term* values;
  Term tuple = b.tuple_uninitialized(size, &keys);
  Term map = build_flat_map(b, tuple, &values);
  for (u64 i = 0; i < size; i++) {
    keys[i] = t.key(i);
    values[i] = t.value(i);
  }
  return map;
}

Term MapPlan::build(Builder& b, const Term* keys, const Term* values) const {
  return build_planned(b, {order_, keys, values, stride_, stride_}, size_);
}

Term MapPlan::build_same_value(Builder& b, const Term* keys, Term value) const {
  return build_planned(b, {order_, keys, &value, stride_, 0}, size_);
}

Term map_from_pairs(Heap& heap, Term* kv, u64 n) {
  MapPlan plan(kv, 2, n);
  RootSpan span(heap, kv, 2 * n);
  Builder b = heap.reserve(plan.words());
  return plan.build(b, kv, kv + 1);
}

// ---- walking ----

MapIterator::MapIterator(Term map) {
  if (is_flat_map(map)) {
    flat_keys_ = flat_map_keys(map);
    flat_values_ = flat_map_values(map);
    flat_left_ = flat_map_size(map);
  } else {
    HamtNode h = hamt_node(map);
    levels_[depth_++] = {h.children, h.children + h.count()};
  }
}

bool MapIterator::next(Term* key, Term* value) {
  if (flat_left_ != 0) {
    flat_left_--;
    *key = *flat_keys_++;
    *value = *flat_values_++;
    return true;
  }
  while (depth_ != 0) {
    Level& l = levels_[depth_ - 1];
    if (l.next == l.end) {
      depth_--;
      continue;
    }
    Term child = *l.next++;
    if (is_hamt_leaf(child)) {
      *key = child.head();
      *value = child.tail();
      return true;
    }
    HamtNode h = hamt_node(child);
    levels_[depth_++] = {h.children, h.children + h.count()};
  }
  return false;
}

}  // namespace lintel
