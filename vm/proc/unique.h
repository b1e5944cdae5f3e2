// Numbers nobody else has: references and unique integers. Each thread takes numbers in blocks from
// a shared counter, so that making one touches no shared line.
#pragma once
#include "vm/term/boxed.h"

namespace lintel {

void unique_init();
RefNumbers make_ref_numbers();
// erlang:unique_integer([positive]) counts from 1 in no order; [monotonic] in order over all threads.
u64 unique_positive();
// Without `positive` the numbers start at the least small integer.
u64 unique_monotonic();

}  // namespace lintel
