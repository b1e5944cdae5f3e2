// Maps: finding, changing, making, walking. The layout is in map_layout.h.
//
// A map of at most 32 keys is flat and keeps its keys, in exact order, in a tuple that maps made
// from it share; a larger one is a HAMT. Which of the two a set of keys gets depends on its size
// alone, and so does the shape of the HAMT, so equal maps look equal.
//
// Functions with a Heap& reserve what they need and may collect; their Term arguments need not be
// roots of the caller's (they are rooted inside), but whatever else the caller holds does.
#pragma once
#include "vm/heap/heap.h"
#include "vm/term/compare.h"
#include "vm/term/hash.h"
#include "vm/term/map_layout.h"

namespace lintel {

// ---- finding: no allocation ----

// Address of the value of `key`, or null. Good until the next reservation.
const Term* map_find_slow(Term map, Term key);
const Term* hamt_find(Term map, Term key, u32 hash);

inline const Term* map_find(Term map, Term key) {
  if (VM_LIKELY(is_flat_map(map)) && !key.is_pointer()) {
    u64 n = flat_map_size(map);
    const Term* keys = flat_map_keys(map);
    for (u64 i = 0; i < n; i++) {
      if (keys[i] == key) return flat_map_values(map) + i;
    }
    return nullptr;
  }
  return map_find_slow(map, key);
}
// The value, or none().
inline Term map_get_fast(Term map, Term key) {
  const Term* v = map_find(map, key);
  return v != nullptr ? *v : Term::none();
}

// ---- changing: the result may be `map` itself where nothing changes ----

Term map_put(Heap& heap, Term map, Term key, Term value);
// none() when the key is absent.
Term map_update(Heap& heap, Term map, Term key, Term value);
// Without the key; `map` when it is absent. *value gets its value or none().
Term map_take(Heap& heap, Term map, Term key, Term* value);
inline Term map_remove(Heap& heap, Term map, Term key) {
  Term value;
  return map_take(heap, map, key, &value);
}
// All of both; where both have a key, b's value.
Term map_merge(Heap& heap, Term a, Term b);

// kv = {k1, v1, k2, v2, ...}, n pairs, later ones win. The array is rooted inside and updated.
Term map_put_many(Heap& heap, Term map, Term* kv, u64 n);
// Every key must be there already: else none() and *missing is the first that is not (its index).
Term map_update_many(Heap& heap, Term map, Term* kv, u64 n, u64* missing);

// ---- making ----

inline constexpr u64 kEmptyMapWords = 3;
inline constexpr u64 flat_map_words(u64 n) { return 2 + n; }  // its key tuple is 1 + n more

inline Term build_empty_map(Builder& b) {
  Term keys = b.tuple({});
  Term* m = b.alloc(2);
  m[0] = Term::header(BoxedTag::FlatMap, 1);
  m[1] = keys;
  return Term::boxed(m);
}
// A flat map over an existing tuple of distinct keys in exact order; the caller fills in *values.
inline Term build_flat_map(Builder& b, Term key_tuple, Term** values) {
  u64 n = tuple_arity(key_tuple);
  Term* m = b.alloc(flat_map_words(n));
  m[0] = Term::header(BoxedTag::FlatMap, 1 + n);
  m[1] = key_tuple;
  *values = m + 2;
  return Term::boxed(m);
}

// Pairs in any order into a map, in two steps, so that the room can be reserved in between: the
// constructor looks at the keys and finds out the order, the duplicates (the last one of equal keys
// counts) and the size; build() reads keys and values again, from wherever they are by then.
// Key i is keys[i * stride], value i is values[i * stride].
class MapPlan {
 public:
  MapPlan(const Term* keys, u64 stride, u64 n);
  // When the keys were hashed before, perhaps bit by bit: entries[i] is entry(keys[i * stride], i), in
  // a block of vm_alloc that becomes the plan's. More than kMaxFlatMap keys.
  MapPlan(const Term* keys, u64 stride, u64 n, u64* entries);
  static u64 entry(Term key, u64 index);
  ~MapPlan();
  MapPlan(const MapPlan&) = delete;
  MapPlan& operator=(const MapPlan&) = delete;

  u64 size() const { return size_; }
  bool has_duplicates() const { return size_ != given_; }
  u64 words() const { return words_; }
  Term build(Builder& b, const Term* keys, const Term* values) const;
  // With one value for all keys.
  Term build_same_value(Builder& b, const Term* keys, Term value) const;

 private:
  void make(const Term* keys, bool hashed);

  u64 given_;
  u64 size_;
  u64 stride_;
  u64 words_;
  u64* order_;  // pairs to use, in the map's order: hash path << 32 | index
  u64 inline_order_[kMaxFlatMap];
};

// Pairs from an array; may collect. Roots the array.
Term map_from_pairs(Heap& heap, Term* kv, u64 n);

// ---- walking ----

// Yields pairs in the stock VM's order: key order when flat, trie order when not. Nothing may be
// reserved on the map's heap meanwhile.
class MapIterator {
 public:
  explicit MapIterator(Term map);
  // False at the end.
  bool next(Term* key, Term* value);

 private:
  struct Level {
    const Term* next;
    const Term* end;
  };
  static constexpr u32 kMaxLevels = 256;
  const Term* flat_keys_ = nullptr;
  const Term* flat_values_ = nullptr;
  u64 flat_left_ = 0;
  u32 depth_ = 0;
  Level levels_[kMaxLevels];
};

}  // namespace lintel
