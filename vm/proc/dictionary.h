// The process dictionary: get/1, put/2, erase/1 and what walks it.
//
// A hash table of key and value words outside the heap; its words are roots. Order of get/0 and
// get_keys/0 is that of the table.
#pragma once
#include "vm/heap/heap.h"
#include "vm/proc/process.h"

namespace lintel {

// The value, or none.
Term dictionary_get(const Process& p, Term key);
// The value before, or none.
Term dictionary_put(Process& p, Term key, Term value);
Term dictionary_erase(Process& p, Term key);
void dictionary_clear(Process& p);
u64 dictionary_count(const Process& p);
// Calls f(key, value, data) for each.
void dictionary_each(const Process& p, void (*f)(Term key, Term value, void* data), void* data);

void dictionary_visit_roots(Process& p, RootVisitor& visitor);
void dictionary_destroy(Process& p);
u64 dictionary_memory_bytes(const Process& p);

}  // namespace lintel
