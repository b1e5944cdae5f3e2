// What the BIFs of module ets share.
#pragma once
#include "vm/ets/table.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/hash.h"

namespace lintel {

// The table of args[0] as `t`, or badarg with the cause that the library explains.
#define ETS_TABLE(access)                                                  \
  Term cause;                                                              \
  EtsTable* table = ets_table(p, args[0], EtsAccess::access, &cause);      \
  if (VM_UNLIKELY(table == nullptr)) return raise_badarg_cause(p, cause);  \
  EtsTable& t = *table

// Of the stock VM, as far as it is a function of the key alone, because programs see the order of
// traversal.
inline u32 ets_key_hash(const EtsTable& t, Term key) {
  if (t.ordered()) return 0;
  return key.is_atom() ? atom_hash(key) : internal_hash(key);
}

inline BifResult ets_gone(Process& p) { return raise_badarg_cause(p, am::id); }

inline EtsObject* ets_find(EtsTable& t, Term key, u32 hash) {
  return t.ordered() ? t.tree.find(key) : t.shards[t.shard_of(hash)]->store.find(key, hash);
}
inline EtsObject* ets_same_key_next(EtsTable& t, EtsObject* o) {
  return t.ordered() ? nullptr : t.shards[t.shard_of(o->hash)]->store.same_key_next(o);
}
inline void ets_put(EtsTable& t, EtsObject* o) {
  if (t.ordered()) return t.tree.insert(o);
  t.shards[t.shard_of(o->hash)]->store.insert(o, t.is_fixed());
}

// Copies out without collecting, because locks are held.
inline Term ets_copy_out(Process& p, EtsObject* o) {
  Builder b = p.reserve_nogc(o->words);
  return ets_object_copy(o, b);
}
Term ets_copy_term_out(Process& p, Term t);

}  // namespace lintel
