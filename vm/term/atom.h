// The atom table: index <-> UTF-8 name, never freed. Names known to the VM are in atoms.def and are
// constants: am::ok. Reading a name and finding an existing atom take no lock.
#pragma once
#include <string_view>

#include "vm/term/term.h"

namespace lintel {

namespace am {
enum Index : u32 {
#define ATOM(name, text) index_##name,
#include "vm/tables/atoms.def"
#undef ATOM
  kCount
};
#define ATOM(name, text) inline constexpr Term name = Term::atom(index_##name);
#include "vm/tables/atoms.def"
#undef ATOM
}  // namespace am

inline constexpr u32 kMaxAtomChars = 255;

void atoms_init(u32 limit);  // limit: +t flag, default 1,048,576
// The atom of this valid UTF-8 name of at most 255 characters. none() when the table is full.
Term atom_intern(std::string_view utf8);
// As above, from ISO 8859-1 bytes.
Term atom_intern_latin1(std::string_view bytes);
// none() when there is no such atom.
Term atom_find(std::string_view utf8);
std::string_view atom_name(Term atom);  // UTF-8
u32 atom_char_count(Term atom);         // characters (code points)
bool atom_is_latin1(Term atom);         // all code points below 256
// Hash of the name as the stock VM computes it (phash, phash2 depend on it).
u32 atom_hash(Term atom);
// First four bytes of the name as one big-endian number, for the fast path of ordering.
u32 atom_ordinal(Term atom);
u32 atom_count();
u32 atom_limit();
u64 atom_memory_bytes();

inline Term am_bool(bool b) { return b ? am::true_ : am::false_; }

}  // namespace lintel
