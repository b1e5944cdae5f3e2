// Exports: one per {module, function, arity} ever mentioned, never freed. Calls between modules, BIFs
// and export funs go through `entry`, the one slot that loading, purging and tracing redirect.
#pragma once
#include <atomic>

#include "vm/code/bif_table.h"
#include "vm/term/term.h"

namespace lintel {

struct Module;

struct Export {
  // Code to run; never null. Points at module code, or into `stub`.
  std::atomic<const Word*> entry;
  Term module;
  Term function;
  u32 arity;
  const BifEntry* bif;  // null unless the function is a BIF with a definition
  // Code of its own: the head of call_error_handler or call_bif, built by the backend.
  Word stub[4];

  bool is_loaded() const { return entry.load(std::memory_order_acquire) != stub || bif != nullptr; }
};

// Finds or makes. Lock-free when it exists. Terms are atoms.
Export* export_get(Term module, Term function, u32 arity);
// Null when nothing ever mentioned it.
Export* export_find(Term module, Term function, u32 arity);
// Calls f(export) for each; new ones may or may not be seen.
void exports_each(void (*f)(Export*, void*), void* data);
// Binds BIFs to their exports and names. Once, at start-up, after atoms. A guard BIF that nobody
// defines becomes `absent`.
void bifs_init(BifFn absent);

}  // namespace lintel
