// Modes that find heap errors early, and heap blocks, whose life they change.
//
//   verify   every collection is followed by a walk over all that the heap holds (verify.h)
//   zeal     a reservation collects with a given probability even when there is room, into new
//            blocks, and the blocks left behind become unreadable: a term kept without a root faults
//            at its first use
//
// Set once, before the first heap is made.
#pragma once
#include "vm/heap/heap.h"

namespace lintel {

struct HeapDebug {
  bool verify = false;
  u32 zeal_per_million = 0;  // probability that a reservation collects
  u64 zeal_seed = 1;
};
extern HeapDebug heap_debug;

// "P" or "P,seed", P from 0 to 1. False when it is neither.
bool heap_debug_set_zeal(const char* text);
// Whether this reservation, which has room, is to collect. Large heaps, where a collection takes long,
// are struck less often, so that time goes up by a factor and not by a power.
bool heap_zeal_strikes(u64 heap_words);

Term* heap_block_new(u64 words);
void heap_block_free(Term* block, u64 words);

}  // namespace lintel
