// What process_info(garbage_collection_info) and reports about heap limits say.
#pragma once
#include "vm/proc/process.h"

namespace lintel {

inline constexpr u64 kGcInfoWords = 11 * (kConsWords + tuple_words(2));
// [{old_heap_block_size, Words}, ...], all smalls.
Term build_gc_info(Builder& b, const Process& p);
// Tells the logger that p's heap outgrew max_heap_size, if p's flags want that. Collects.
void report_max_heap(Process& p);

}  // namespace lintel
