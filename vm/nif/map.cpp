// Maps, comparison and hashes for NIFs.
//
// The map operations of vm/term/map.h build on a Heap and may collect; a NIF's terms must not move.
// So they get a heap whose young block is room in the environment, more than the operation can use:
// it never collects.
#include "vm/term/map.h"

#include <cstring>

#include "vm/base/alloc.h"
#include "vm/nif/env.h"
#include "vm/term/compare.h"
#include "vm/term/hash.h"

using namespace lintel;

namespace {

// A change of one key copies a flat map (and its keys), turns one into a HAMT, or copies a path of
// a HAMT: at most a node of 18 words for each level, of which there are few unless hashes collide.
constexpr u64 kFlatRoom = 4 * (kMaxFlatMap + 8) + 1024;
constexpr u64 kHamtRoom = 256 * 20;

class RoomInEnv {
 public:
  RoomInEnv(ErlNifEnv* env, Term map) {
    bool is_flat = is_flat_map(map) && map_size(map) < kMaxFlatMap;
    env->reserve_fragment(is_flat ? kFlatRoom : kHamtRoom);
    fragment_ = env->fragments;
    heap_.start = heap_.high_water = heap_.htop = fragment_->top;
    heap_.sp = heap_.end = fragment_->end;
  }
  ~RoomInEnv() { fragment_->top = heap_.htop; }
  Heap& heap() { return heap_; }

 private:
  Fragment* fragment_;
  Heap heap_;
};

// The iterator of the public header has room for an index and two pointers: pairs are laid out in an
// array when it is made, so that it can go both ways.
//   map: the map   size: pairs   idx: 1-based position, 0 = head, size + 1 = tail
//   u.hash.kv: {k, v} pairs, or null for a flat map
void allocate_pairs(ErlNifMapIterator* it, Term map) {
  it->u.flat.ks = nullptr;
  it->u.flat.vs = nullptr;
  if (is_flat_map(map)) {
    it->u.flat.ks = reinterpret_cast<ERL_NIF_TERM*>(flat_map_keys(map));
    it->u.flat.vs = reinterpret_cast<ERL_NIF_TERM*>(flat_map_values(map));
    it->__spare__[0] = nullptr;
    return;
  }
  u64 n = map_size(map);
  auto* pairs = vm_alloc_array<ERL_NIF_TERM>(2 * n);
  MapIterator walk(map);
  Term key, value;
  for (u64 i = 0; walk.next(&key, &value); i++) {
    pairs[i] = from_term(key);
    pairs[n + i] = from_term(value);
  }
  it->u.flat.ks = pairs;
  it->u.flat.vs = pairs + n;
  it->__spare__[0] = pairs;
}

}  // namespace

extern "C" {

// ---- comparison and hashes ----
int enif_is_identical(ERL_NIF_TERM a, ERL_NIF_TERM b) { return exact_equal(to_term(a), to_term(b)); }
int enif_compare(ERL_NIF_TERM a, ERL_NIF_TERM b) {
  i64 c = compare(to_term(a), to_term(b));
  return c < 0 ? -1 : c > 0;
}
ErlNifUInt64 enif_hash(ErlNifHash kind, ERL_NIF_TERM t, ErlNifUInt64 salt) {
  if (kind == ERL_NIF_PHASH2) return phash2(to_term(t)) & ((1u << 27) - 1);
  return internal_hash(to_term(t), static_cast<u32>(salt));
}

// ---- maps ----
int enif_get_map_size(ErlNifEnv*, ERL_NIF_TERM t, size_t* size) {
  if (!to_term(t).is_map()) return 0;
  *size = map_size(to_term(t));
  return 1;
}
ERL_NIF_TERM enif_make_new_map(ErlNifEnv* env) {
  Builder b = env->reserve(kEmptyMapWords);
  return from_term(build_empty_map(b));
}
int enif_get_map_value(ErlNifEnv*, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM* value) {
  if (!to_term(map).is_map()) return 0;
  const Term* v = map_find(to_term(map), to_term(key));
  if (v == nullptr) return 0;
  *value = from_term(*v);
  return 1;
}
int enif_make_map_put(ErlNifEnv* env, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM value,
                      ERL_NIF_TERM* out) {
  if (!to_term(map).is_map()) return 0;
  RoomInEnv room(env, to_term(map));
  *out = from_term(map_put(room.heap(), to_term(map), to_term(key), to_term(value)));
  return 1;
}
int enif_make_map_update(ErlNifEnv* env, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM value,
                         ERL_NIF_TERM* out) {
  if (!to_term(map).is_map()) return 0;
  RoomInEnv room(env, to_term(map));
  Term result = map_update(room.heap(), to_term(map), to_term(key), to_term(value));
  if (result.is_none()) return 0;
  *out = from_term(result);
  return 1;
}
int enif_make_map_remove(ErlNifEnv* env, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM* out) {
  if (!to_term(map).is_map()) return 0;
  RoomInEnv room(env, to_term(map));
  *out = from_term(map_remove(room.heap(), to_term(map), to_term(key)));
  return 1;
}
// 0 when a key stands twice.
int enif_make_map_from_arrays(ErlNifEnv* env, ERL_NIF_TERM keys[], ERL_NIF_TERM values[],
                              size_t count, ERL_NIF_TERM* out) {
  auto* k = reinterpret_cast<const Term*>(keys);
  auto* v = reinterpret_cast<const Term*>(values);
  MapPlan plan(k, 1, count);
  if (plan.has_duplicates()) return 0;
  Builder b = env->reserve(plan.words());
  *out = from_term(plan.build(b, k, v));
  return 1;
}

// ---- iterators ----
int enif_map_iterator_create(ErlNifEnv*, ERL_NIF_TERM map, ErlNifMapIterator* it,
                             ErlNifMapIteratorEntry entry) {
  if (!to_term(map).is_map()) return 0;
  if (entry != ERL_NIF_MAP_ITERATOR_FIRST && entry != ERL_NIF_MAP_ITERATOR_LAST) return 0;
  it->map = map;
  it->size = map_size(to_term(map));
  it->idx = entry == ERL_NIF_MAP_ITERATOR_FIRST ? 1 : it->size;
  allocate_pairs(it, to_term(map));
  return 1;
}
void enif_map_iterator_destroy(ErlNifEnv*, ErlNifMapIterator* it) {
  vm_free(it->__spare__[0]);
  it->__spare__[0] = nullptr;
}
int enif_map_iterator_is_tail(ErlNifEnv*, ErlNifMapIterator* it) {
  return it->size == 0 || it->idx > it->size;
}
int enif_map_iterator_is_head(ErlNifEnv*, ErlNifMapIterator* it) {
  return it->size == 0 || it->idx == 0;
}
int enif_map_iterator_next(ErlNifEnv*, ErlNifMapIterator* it) {
  if (it->idx <= it->size) it->idx++;
  return it->idx <= it->size;
}
int enif_map_iterator_prev(ErlNifEnv*, ErlNifMapIterator* it) {
  if (it->idx > 0) it->idx--;
  return it->idx > 0;
}
int enif_map_iterator_get_pair(ErlNifEnv*, ErlNifMapIterator* it, ERL_NIF_TERM* key,
                               ERL_NIF_TERM* value) {
  if (it->idx < 1 || it->idx > it->size) return 0;
  *key = it->u.flat.ks[it->idx - 1];
  *value = it->u.flat.vs[it->idx - 1];
  return 1;
}

}  // extern "C"
