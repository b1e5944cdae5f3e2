// maps, the map BIFs of erlang, and what maps.erl and erts_debug need to walk large maps.
//
// What is long takes turns. keys/1 and values/1 take a part of the map a turn; in between the argument
// is {Mark, Map, Path, List so far}. from_list/1 and from_keys/2 hash a part of the list a turn; in
// between the first argument is {Hashes, Rest, List}, where Hashes is a reference to numbers outside
// the heap. Sorting those and building, which cannot pause, is then done on a dirty thread, as is the
// merge of two large maps. No program can hold such a reference.
#include <algorithm>
#include <utility>

#include "vm/sched/long_work.h"
#include "vm/base/alloc.h"
#include "vm/proc/exception.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"
#include "vm/term/map.h"
#include "vm/term/work_stack.h"

namespace lintel {

namespace {

// Pairs handled per reduction.
constexpr u64 kPairsPerReduction = 4;

BifResult bad_map(Process& p, Term t) { return raise_error_tuple(p, am::badmap, t); }
BifResult bad_key(Process& p, Term t) { return raise_error_tuple(p, am::badkey, t); }

void charge(Process& p, u64 pairs) { p.bump_reductions(static_cast<i64>(pairs / kPairsPerReduction)); }

BifResult get(Process& p, Term key, Term map) {
  if (!map.is_map()) return bad_map(p, map);
  const Term* v = map_find(map, key);
  if (v == nullptr) return bad_key(p, key);
  return *v;
}

BifResult is_key(Process& p, Term key, Term map) {
  if (!map.is_map()) return bad_map(p, map);
  return am_bool(map_find(map, key) != nullptr);
}

}  // namespace

BifResult maps_get_2(Process& p, Term* args) { return get(p, args[0], args[1]); }
BifResult erlang_map_get_2(Process& p, Term* args) { return get(p, args[0], args[1]); }
BifResult maps_is_key_2(Process& p, Term* args) { return is_key(p, args[0], args[1]); }
BifResult erlang_is_map_key_2(Process& p, Term* args) { return is_key(p, args[0], args[1]); }

BifResult erlang_map_size_1(Process& p, Term* args) {
  if (!args[0].is_map()) return bad_map(p, args[0]);
  return Term::small(static_cast<i64>(map_size(args[0])));
}

BifResult maps_find_2(Process& p, Term* args) {
  if (!args[1].is_map()) return bad_map(p, args[1]);
  if (map_find(args[1], args[0]) == nullptr) return am::error;
  Builder b = p.reserve(tuple_words(2));
  return b.tuple({am::ok, *map_find(args[1], args[0])});
}

// ---- places in a large map ----
//
// A path is a number whose hexadecimal digits, the lowest first, are the child positions from the root
// to a leaf. 0 is the first leaf's.

namespace {

constexpr u32 kMaxPathDigits = 256;

struct Place {
  HamtNode node;
  u32 next;  // child to look at next
};

u32 path_digit(Term path, u32 i) {
  if (path.is_small()) return i < 16 ? static_cast<u64>(path.small_value()) >> 4 * i & 15 : 0;
  return i / 16 < big_limb_count(path) ? big_limbs(path)[i / 16] >> i % 16 * 4 & 15 : 0;
}

// The places from the root to the leaf that `path` names; false when it names none.
bool follow(Term map, Term path, Place* places, u32* depth) {
  Term node = map;
  for (*depth = 0; *depth < kMaxPathDigits;) {
    HamtNode h = hamt_node(node);
    u32 i = path_digit(path, *depth);
    if (i >= h.count()) return false;
    places[(*depth)++] = {h, i};
    if (is_hamt_leaf(h.children[i])) return true;
    node = h.children[i];
  }
  return false;
}

// Goes on to the next leaf; false at the end.
bool advance(Place* places, u32* depth) {
  places[*depth - 1].next++;
  while (places[*depth - 1].next == places[*depth - 1].node.count()) {
    if (--*depth == 0) return false;
    places[*depth - 1].next++;
  }
  for (;;) {
    Place& p = places[*depth - 1];
    Term child = p.node.children[p.next];
    if (is_hamt_leaf(child)) return true;
    VM_CHECK(*depth < kMaxPathDigits);
    places[(*depth)++] = {hamt_node(child), 0};
  }
}

constexpr u64 kMaxPathWords = 1 + kMaxPathDigits / 16;

Term path_term(Builder& b, const Place* places, u32 depth) {
  u64 limbs[kMaxPathDigits / 16] = {};
  for (u32 i = 0; i < depth; i++) limbs[i / 16] |= u64{places[i].next} << i % 16 * 4;
  u64 n = kMaxPathDigits / 16;
  while (n > 0 && limbs[n - 1] == 0) n--;
  if (n <= 1) return b.unsigned_integer(limbs[0]);
  Term* o = b.alloc(1 + n);
  o[0] = Term::header(BoxedTag::BigPos, n);
  for (u64 i = 0; i < n; i++) o[1 + i] = Term(limbs[i]);
  return Term::boxed(o);
}

}  // namespace

// ---- keys and values ----

namespace {

constexpr u64 kPairsAtOnce = 10000;  // where a turn's reductions do not say more

u64 pairs_now(const Process& p) {
  return std::max<u64>(static_cast<u64>(std::max<i64>(p.reds, 1)) * kPairsPerReduction, 100);
}

void forget_mark(MagicData*) {}
MagicData walk_mark{.refs = 1, .numbers = {{3, 0, 0}}, .destroy = forget_mark};

bool is_walk_state(Term t) {
  if (!is_tuple_of(t, 4)) return false;
  Term mark = tuple_element(t, 0);
  return mark.is(BoxedTag::MagicRef) && mark.object()[2].as_raw_pointer<MagicData>() == &walk_mark;
}

// A part of a large map, from the leaf at `path` on.
template <bool kKeys>
BifResult keys_or_values_turn(Process& p, Term map, Term path, Term list) {
  u64 portion = std::min(pairs_now(p), map_size(map));
  LocalRoots<3> roots(p, map, path, list);
  Builder b = p.reserve(portion * kConsWords + tuple_words(4) + kMagicRefWords + kMaxPathWords);
  Place places[kMaxPathDigits];
  u32 depth;
  if (!follow(roots[0], roots[1], places, &depth)) return raise_badarg(p);
  list = roots[2];
  bool more = true;
  charge(p, portion);
  for (; portion > 0 && more; portion--) {
    Term leaf = places[depth - 1].node.children[places[depth - 1].next];
    list = b.cons(kKeys ? leaf.head() : leaf.tail(), list);
    more = advance(places, &depth);
  }
  if (!more) return list;
  Term mark = b.magic_reference(&walk_mark);
  path = path_term(b, places, depth);
  return yield_again(p, {b.tuple({mark, roots[0], path, list})});
}

// A flat map's keys or values come in their order, a large one's are consed up in trie order.
template <bool kKeys>
BifResult keys_or_values(Process& p, Term* args) {
  if (VM_UNLIKELY(is_walk_state(args[0]))) {
    const Term* e = tuple_elements(args[0]);
    return keys_or_values_turn<kKeys>(p, e[1], e[2], e[3]);
  }
  if (!args[0].is_map()) return bad_map(p, args[0]);
  u64 n = map_size(args[0]);
  if (n > kPairsAtOnce) return keys_or_values_turn<kKeys>(p, args[0], Term::small(0), Term::nil());
  charge(p, n);
  Builder b = p.reserve(n * kConsWords);
  Term list = Term::nil();
  if (is_flat_map(args[0])) {
    const Term* from = kKeys ? flat_map_keys(args[0]) : flat_map_values(args[0]);
    while (n-- > 0) list = b.cons(from[n], list);
    return list;
  }
  MapIterator it(args[0]);
  for (Term k, v; it.next(&k, &v);) list = b.cons(kKeys ? k : v, list);
  return list;
}

}  // namespace

BifResult maps_keys_1(Process& p, Term* args) { return keys_or_values<true>(p, args); }
BifResult maps_values_1(Process& p, Term* args) { return keys_or_values<false>(p, args); }

// ---- changing ----

BifResult maps_put_3(Process& p, Term* args) {
  if (!args[2].is_map()) return bad_map(p, args[2]);
  return map_put(p, args[2], args[0], args[1]);
}

BifResult maps_update_3(Process& p, Term* args) {
  if (!args[2].is_map()) return bad_map(p, args[2]);
  Term map = map_update(p, args[2], args[0], args[1]);
  if (map.is_none()) return bad_key(p, args[0]);
  return map;
}

BifResult maps_remove_2(Process& p, Term* args) {
  if (!args[1].is_map()) return bad_map(p, args[1]);
  return map_remove(p, args[1], args[0]);
}

BifResult maps_take_2(Process& p, Term* args) {
  if (!args[1].is_map()) return bad_map(p, args[1]);
  Term value;
  Term map = map_take(p, args[1], args[0], &value);
  if (value.is_none()) return am::error;
  LocalRoots<2> roots(p, value, map);
  Builder b = p.reserve(tuple_words(2));
  return b.tuple({roots[0], roots[1]});
}

BifResult maps_merge_2(Process& p, Term* args) {
  if (!args[0].is_map()) return bad_map(p, args[0]);
  if (!args[1].is_map()) return bad_map(p, args[1]);
  if (!is_flat_map(args[0]) && !is_flat_map(args[1])) {
    u64 few = std::min(map_size(args[0]), map_size(args[1]));
    if (is_long_work(p, few, 2 * kPairsAtOnce)) {
      return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
    }
    charge(p, few);
  }
  return map_merge(p, args[0], args[1]);
}

// ---- making ----

namespace {

// The hashes of a long list's keys, as far as it was walked.
struct Hashing : MagicData {
  u64* entries = nullptr;
  u64 n = 0;
  u64 room = 0;

  void push(u64 entry) {
    if (n == room) {
      room = std::max<u64>(2 * room, 4 * kPairsAtOnce);
      entries = static_cast<u64*>(vm_realloc(entries, room * sizeof(u64)));
    }
    entries[n++] = entry;
  }
};
void hashing_destroy(MagicData* m) {
  auto* h = static_cast<Hashing*>(m);
  vm_free(h->entries);
  vm_delete(h);
}
Hashing* hashing_of(Term t) {
  if (!is_tuple_of(t, 3) || !tuple_element(t, 0).is(BoxedTag::MagicRef)) return nullptr;
  auto* data = tuple_element(t, 0).object()[2].as_raw_pointer<MagicData>();
  return data->destroy == hashing_destroy ? static_cast<Hashing*>(data) : nullptr;
}

bool longer_than(Term list, u64 n) {
  for (; list.is_list(); list = list.tail()) {
    if (n-- == 0) return true;
  }
  return false;
}

// The elements of `list` are pairs, or keys alone with the value args[1].
template <bool kPairs>
bool gather(Term list, WorkStack<Term, 128>& out) {
  out.shrink_to(0);
  for (; list.is_list(); list = list.tail()) {
    if (!kPairs) {
      out.push(list.head());
      continue;
    }
    if (!is_tuple_of(list.head(), 2)) return false;
    out.push(tuple_element(list.head(), 0));
    out.push(tuple_element(list.head(), 1));
  }
  return list.is_nil();
}

template <bool kPairs>
BifResult again(Process& p, Term* args, Term state) {
  return kPairs ? yield_again(p, {state}) : yield_again(p, {state, args[1]});
}

template <bool kPairs>
BifResult hash_turn(Process& p, Term* args) {
  Hashing* h = hashing_of(args[0]);
  Term rest = tuple_element(args[0], 1);
  u64 portion = pairs_now(p);
  u64 left = portion;
  for (; rest.is_list() && left > 0; left--, rest = rest.tail()) {
    Term key = rest.head();
    if (kPairs) {
      if (!is_tuple_of(key, 2)) break;
      key = tuple_element(key, 0);
    }
    h->push(MapPlan::entry(key, h->n));
  }
  charge(p, portion - left);
  if (!rest.is_nil() && left > 0) {
    args[0] = tuple_element(args[0], 2);
    return raise_badarg(p);
  }
  Term state = args[0];
  if (tuple_element(state, 1) != rest) {
    LocalRoots<2> roots(p, state, rest);
    Builder b = p.reserve(tuple_words(3));
    state = b.tuple({tuple_element(roots[0], 0), roots[1], tuple_element(roots[0], 2)});
  }
  return again<kPairs>(p, args, state);
}

template <bool kPairs>
BifResult build_hashed(Process& p, Term* args, Hashing* h) {
  constexpr u64 kStride = kPairs ? 2 : 1;
  WorkStack<Term, 128> terms;
  gather<kPairs>(tuple_element(args[0], 2), terms);
  MapPlan plan(&terms[0], kStride, h->n, std::exchange(h->entries, nullptr));
  Builder b = p.reserve(plan.words());
  gather<kPairs>(tuple_element(args[0], 2), terms);
  return kPairs ? plan.build(b, &terms[0], &terms[0] + 1)
                : plan.build_same_value(b, &terms[0], args[1]);
}

// The elements are gathered outside the heap, planned, and gathered again after the reservation.
template <bool kPairs>
BifResult from_list(Process& p, Term* args) {
  if (Hashing* h = hashing_of(args[0])) {
    if (!tuple_element(args[0], 1).is_nil()) return hash_turn<kPairs>(p, args);
    if (is_long_work(p, h->n, kPairsAtOnce)) {
      return kPairs ? run_on_dirty(p, DirtyKind::Cpu, {args[0]})
                    : run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
    }
    return build_hashed<kPairs>(p, args, h);
  }
  if (longer_than(args[0], kPairsAtOnce)) {
    auto* h = vm_new<Hashing>();
    h->numbers = make_magic_ref_numbers();
    h->destroy = hashing_destroy;
    Builder b = p.reserve(kMagicRefWords + tuple_words(3));
    Term reference = b.magic_reference(h);
    args[0] = b.tuple({reference, args[0], args[0]});
    return hash_turn<kPairs>(p, args);
  }
  WorkStack<Term, 128> terms;
  if (!gather<kPairs>(args[0], terms)) return raise_badarg(p);
  constexpr u64 kStride = kPairs ? 2 : 1;
  u64 n = terms.size() / kStride;
  charge(p, n);
  MapPlan plan(&terms[0], kStride, n);
  Builder b = p.reserve(plan.words());
  gather<kPairs>(args[0], terms);
  return kPairs ? plan.build(b, &terms[0], &terms[0] + 1)
                : plan.build_same_value(b, &terms[0], args[1]);
}

}  // namespace

BifResult maps_from_list_1(Process& p, Term* args) { return from_list<true>(p, args); }
BifResult maps_from_keys_2(Process& p, Term* args) { return from_list<false>(p, args); }

// ---- iterating in portions ----
//
// map_next(Path, Map, How). Path says where to begin: 0 at first, later what the last call gave.
// How = iterator gives {K1, V1, {K2, V2, ... none | [Path | Map]}}; How = a list
// gives [Path, Map, {Kn, Vn}, ..., {K1, V1} | How], or without the first two at the end.

BifResult erts_internal_map_next_3(Process& p, Term* args) {
  if (!args[1].is_map()) return raise_badarg(p);
  bool iterator = args[2] == am::iterator;
  if (!iterator && !args[2].is_nil() && !args[2].is_list()) return raise_badarg(p);
  u64 size = map_size(args[1]);

  if (is_flat_map(args[1])) {
    if (!args[0].is_small() || args[0].small_value() < 0 ||
        size < static_cast<u64>(args[0].small_value())) {
      return raise_badarg(p);
    }
    Builder b = p.reserve(size * (iterator ? tuple_words(3) : tuple_words(2) + kConsWords));
    const Term* keys = flat_map_keys(args[1]);
    const Term* values = flat_map_values(args[1]);
    Term result = iterator ? am::none : args[2];
    while (size-- > 0) {
      if (iterator) {
        result = b.tuple({keys[size], values[size], result});
      } else {
        Term pair = b.tuple({keys[size], values[size]});
        result = b.cons(pair, result);
      }
    }
    return result;
  }

  bool path_ok = args[0].is_small() ? args[0].small_value() >= 0 : args[0].is(BoxedTag::BigPos);
  if (!path_ok) return raise_badarg(p);
  u64 portion = p.reds > 4 ? static_cast<u64>(p.reds) / kPairsPerReduction : 1;
  if (portion > size) portion = size;
  if (args[0] == Term::small(0) && portion > kMaxFlatMap) portion = kMaxFlatMap;

  u64 per_pair = iterator ? tuple_words(3) : tuple_words(2) + kConsWords;
  Builder b = p.reserve(portion * per_pair + 2 * kConsWords + kMaxPathWords);
  Place places[kMaxPathDigits];
  u32 depth;
  if (!follow(args[1], args[0], places, &depth)) return raise_badarg(p);
  Term result = iterator ? Term::nil() : args[2];
  Term* link = &result;
  bool more = true;
  for (u64 i = 0; i < portion && more; i++) {
    Term leaf = places[depth - 1].node.children[places[depth - 1].next];
    if (iterator) {
      *link = b.tuple({leaf.head(), leaf.tail(), Term::nil()});
      link = tuple_elements(*link) + 2;
    } else {
      Term pair = b.tuple({leaf.head(), leaf.tail()});
      result = b.cons(pair, result);
    }
    more = advance(places, &depth);
  }
  p.bump_reductions(static_cast<i64>(portion));
  if (!more) {
    if (iterator) *link = am::none;
    return result;
  }
  Term path = path_term(b, places, depth);
  if (iterator) {
    *link = b.cons(path, args[1]);
    return result;
  }
  result = b.cons(args[1], result);
  return b.cons(path, result);
}

// ---- the parts of a map, for erts_debug:size/1 ----

BifResult erts_internal_map_to_tuple_keys_1(Process& p, Term* args) {
  if (!args[0].is_map()) return bad_map(p, args[0]);
  if (!is_flat_map(args[0])) return raise_badarg(p);
  return flat_map_key_tuple(args[0]);
}

// Of a large map, or of an inner node that an earlier call gave. Last child first.
BifResult erts_internal_map_hashmap_children_1(Process& p, Term* args) {
  bool node = args[0].is(BoxedTag::HamtNode);
  if (!node && !args[0].is_map()) return bad_map(p, args[0]);
  if (!node && is_flat_map(args[0])) return raise_badarg(p);
  Builder b = p.reserve(hamt_node(args[0]).count() * kConsWords);
  HamtNode h = hamt_node(args[0]);
  Term list = Term::nil();
  for (u32 i = 0; i < h.count(); i++) list = b.cons(h.children[i], list);
  return list;
}

// The shape of a large map, for tests: [{depth, D}, {arrays, A, []}, {bitmaps, B, PerSize},
// {leafs, L, PerLevel}]. A root with all sixteen children counts as an array.
BifResult erts_debug_map_info_1(Process& p, Term* args) {
  if (!args[0].is_map()) return bad_map(p, args[0]);
  if (is_flat_map(args[0])) return raise_badarg(p);
  u64 per_size[16] = {};
  u64 per_level[16] = {};
  u64 leaves = 0, nodes = 0, arrays = 0, depth = 0;
  struct At {
    Word term;
    u64 level;
  };
  WorkStack<At, 128> todo;
  todo.push({args[0].bits(), 0});
  while (!todo.empty()) {
    At at = todo.pop();
    Term t(at.term);
    if (at.level > depth) depth = at.level;
    if (is_hamt_leaf(t)) {
      leaves++;
      per_level[std::min<u64>(at.level, 15)]++;
      continue;
    }
    HamtNode h = hamt_node(t);
    if (at.level == 0 && h.count() == 16) {
      arrays++;
    } else {
      nodes++;
      per_size[h.count() - 1]++;
    }
    for (u32 i = 0; i < h.count(); i++) todo.push({h.children[i].bits(), at.level + 1});
  }
  auto small = [](u64 n) { return Term::small(static_cast<i64>(n)); };
  Builder b = p.reserve(2 * tuple_words(16) + 3 * tuple_words(3) + tuple_words(2) + 4 * kConsWords);
  Term* sizes;
  Term* levels;
  Term size_tuple = b.tuple_uninitialized(16, &sizes);
  Term level_tuple = b.tuple_uninitialized(16, &levels);
  for (u32 i = 0; i < 16; i++) {
    sizes[i] = small(per_size[i]);
    levels[i] = small(per_level[i]);
  }
  Term list = b.cons(b.tuple({am::leafs, small(leaves), level_tuple}), Term::nil());
  list = b.cons(b.tuple({am::bitmaps, small(nodes), size_tuple}), list);
  list = b.cons(b.tuple({am::arrays, small(arrays), Term::nil()}), list);
  return b.cons(b.tuple({am::depth, small(depth)}), list);
}

}  // namespace lintel
