// Order and equality of terms.
//
//   number < atom < reference < fun < port < pid < tuple < map < [] < list < bitstring
//
// Two orders. The arithmetic one (`<`, `==`) compares integers with floats by exact value. The exact
// one (`=:=`, map keys) puts every integer before every float. Inside a map, keys are always compared
// exactly and values in the order asked for. Maps order by size, then by their sorted keys, then by
// the values in key order.
//
// No recursion, no allocation for shallow terms, nothing moves.
#pragma once
#include "vm/term/boxed.h"

namespace lintel {

// Less than, equal to or greater than zero.
i64 compare_slow(Term a, Term b, bool exact);
bool equal_slow(Term a, Term b);
bool exact_equal_slow(Term a, Term b);
i64 compare_atoms(Term a, Term b);
// Whether no program can tell two exactly equal terms apart: 0.0 and -0.0 can be. May say no when in doubt.
bool identical(Term a, Term b);
// Exact order of the n terms at a and b, the first difference deciding.
i64 compare_arrays_exact(const Term* a, const Term* b, u64 n);

VM_ALWAYS_INLINE bool both_small(Term a, Term b) { return ((a.bits() | b.bits()) & 7) == 0; }

// `==` as in Erlang's ==.
VM_ALWAYS_INLINE bool equal(Term a, Term b) {
  if (a == b) return true;
  if (both_small(a, b) || a.is_atom() || b.is_atom()) return false;
  return equal_slow(a, b);
}

// Erlang's =:=. Only two objects of one kind can be equal without being the same word.
VM_ALWAYS_INLINE bool exact_equal(Term a, Term b) {
  if (a == b) return true;
  if (!a.is_pointer() || a.tag() != b.tag()) return false;
  return exact_equal_slow(a, b);
}

// Arithmetic order (<, >, sort).
VM_ALWAYS_INLINE i64 compare(Term a, Term b) {
  if (a == b) return 0;
  if (both_small(a, b)) {
    return static_cast<i64>(a.bits()) < static_cast<i64>(b.bits()) ? -1 : 1;
  }
  if (a.is_atom() && b.is_atom()) return compare_atoms(a, b);
  return compare_slow(a, b, false);
}

// Exact order (map keys, ordered lookups by key).
VM_ALWAYS_INLINE i64 compare_exact(Term a, Term b) {
  if (a == b) return 0;
  if (both_small(a, b)) {
    return static_cast<i64>(a.bits()) < static_cast<i64>(b.bits()) ? -1 : 1;
  }
  if (a.is_atom() && b.is_atom()) return compare_atoms(a, b);
  return compare_slow(a, b, true);
}

// Sign of (the first bit_size bits at a) - (those at b), as unsigned bytes left to right.
int compare_bits(const Bits& a, const Bits& b, u64 bit_size);

}  // namespace lintel
