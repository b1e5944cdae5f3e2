// Hashes of terms.
//
//   phash2         erlang:phash2/1: the same on every release, machine and node; users store it
//   phash          erlang:phash/2 before its range is applied; likewise
//   internal_hash  for tables inside this VM. Every bit that =:= looks at goes in, and a salt gives
//                  independent values, which the HAMT needs to tell colliding keys apart. For
//                  numbers, binaries, and lists and tuples of them it is the stock VM's of OTP 25,
//                  because it decides the order in which large maps are listed.
//
// Terms that are =:= have equal hashes. No recursion, nothing moves.
#pragma once
#include "vm/term/term.h"

namespace lintel {

u32 phash2(Term t);
u32 phash(Term t);
u32 internal_hash_compound(Term t, u32 salt);

namespace hash_detail {
inline constexpr u32 kGolden = 0x9E3779B9u;

// Bob Jenkins' mixing of three words (lookup2, public domain).
VM_ALWAYS_INLINE void mix(u32& a, u32& b, u32& c) {
  a -= b; a -= c; a ^= c >> 13;
  b -= c; b -= a; b ^= a << 8;
  c -= a; c -= b; c ^= b >> 13;
  a -= b; a -= c; a ^= c >> 12;
  b -= c; b -= a; b ^= a << 16;
  c -= a; c -= b; c ^= b >> 5;
  a -= b; a -= c; a ^= c >> 3;
  b -= c; b -= a; b ^= a << 10;
  c -= a; c -= b; c ^= b >> 15;
}
// Two more words into `hash`; multiples of the golden ratio keep kinds of input apart.
VM_ALWAYS_INLINE u32 mix2(u32 hash, u64 x, u64 y, u32 constant) {
  u32 a = constant + static_cast<u32>(x);
  u32 b = constant + static_cast<u32>(y);
  mix(a, b, hash);
  return hash;
}
inline constexpr u32 golden(u32 n) { return kGolden * n; }

// Immediates go in as the word that the stock VM has for them.
VM_ALWAYS_INLINE u32 immediate(Term t, u32 hash) {
  u64 word;
  if (t.is_small()) {
    word = t.bits() | 0xF;
  } else if (t.is_atom()) {
    word = t.bits() | 0xB;
  } else if (t.is_nil()) {
    word = 0x3B;
  } else {
    word = t.bits() >> 6 << 4 | (t.is_local_pid() ? 0x3 : 0x7);
  }
  return mix2(hash, word, word >> 32, kGolden);
}
}  // namespace hash_detail

inline constexpr u32 kInternalHashSeed = 3432918353u;

inline u32 internal_hash(Term t, u32 salt = 0) {
  if (!t.is_pointer()) return hash_detail::immediate(t, salt ^ kInternalHashSeed);
  return internal_hash_compound(t, salt);
}

// The hash that places a key at levels 8*depth .. 8*depth+7 of a HAMT.
inline u32 map_hash(Term key, u32 depth = 0) {
  u32 salt = depth == 0 ? 0 : hash_detail::mix2(0, depth, 1, hash_detail::golden(22));
  return internal_hash(key, salt);
}

}  // namespace lintel
