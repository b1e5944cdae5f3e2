// One object of a table: a tuple in a block of its own, with everything that it refers to, literals
// included, so that no table keeps a module's literals alive.
#pragma once
#include "vm/heap/builder.h"
#include "vm/term/boxed.h"

namespace lintel {

struct EtsObject {
  EtsObject* next;      // in its hash bucket
  u32 hash;             // of its key; 0 in ordered tables
  u32 words : 31;       // of mem
  u32 dead : 1;         // deleted while the table was fixed: traversals may still stand on it
  OffHeapObject* off_heap;
  Term mem[];           // starts with the tuple

  Term tuple() { return Term::boxed(mem); }
  Term key(u32 keypos) const { return mem[keypos]; }
  u64 memory_words() const { return sizeof(EtsObject) / kWordBytes + words; }
};

// Copies `tuple` out of a process heap.
EtsObject* ets_object_new(Term tuple, u32 hash);
void ets_object_free(EtsObject* o);
// The whole object as a term; takes o->words words of b.
Term ets_object_copy(EtsObject* o, Builder& b);

}  // namespace lintel
