// What maps look like in memory, for code that walks them (compare, hash, print, copy, iterate).
//
//   flat map   {hdr, keys tuple, v1, ..., vN}              N <= 32, keys in exact order
//   hamt root  {hdr, size, bitmap, child1, ..., childK}    size > 32
//   hamt node  {hdr, bitmap, child1, ..., childK}
//   leaf       list cell [Key | Value]
//
// A child is a leaf or a node; child i belongs to the i-th set bit of the bitmap. At level L (root 0)
// a key goes to the slot in bits 4*(L%8) of map_hash(key, L/8). A subtree with one key is a leaf, so
// a set of keys has exactly one shape and equal maps are equal word for word of structure.
#pragma once
#include <bit>

#include "vm/term/boxed.h"

namespace lintel {

inline constexpr u64 kMaxFlatMap = 32;  // keys

inline u64 flat_map_size(Term map) { return map.header_word().header_arity() - 1; }
inline Term flat_map_key_tuple(Term map) { return map.object()[1]; }
inline Term* flat_map_keys(Term map) { return tuple_elements(flat_map_key_tuple(map)); }
inline Term* flat_map_values(Term map) { return map.object() + 2; }
inline bool is_flat_map(Term map) { return map.boxed_tag() == BoxedTag::FlatMap; }

inline u64 map_size(Term map) {
  return is_flat_map(map) ? flat_map_size(map)
                          : static_cast<u64>(map.object()[1].small_value());
}

// The inner part of a root or node.
struct HamtNode {
  u32 bitmap;
  Term* children;
  u32 count() const { return static_cast<u32>(std::popcount(bitmap)); }
  bool has(u32 slot) const { return (bitmap >> slot & 1) != 0; }
  u32 position(u32 slot) const {
    if (bitmap == 0xFFFF) return slot;  // the upper levels of a large map
    return static_cast<u32>(std::popcount(bitmap & ((1u << slot) - 1)));
  }
};
inline HamtNode hamt_node(Term t) {
  Term* o = t.object();
  u64 skip = t.boxed_tag() == BoxedTag::HamtRoot ? 2 : 1;
  return {static_cast<u32>(o[skip].small_value()), o + skip + 1};
}
inline bool is_hamt_leaf(Term child) { return child.is_list(); }

}  // namespace lintel
