// Numbers nobody else has: references and unique integers. References: each thread takes numbers in
// blocks from a shared counter, so that making one touches no shared line. Unique integers: each
// scheduler's thread counts for itself, and its number is in the integer's low bits.
#pragma once
#include "vm/heap/builder.h"

namespace lintel {

void unique_init();
RefNumbers make_ref_numbers();
RefNumbers make_magic_ref_numbers();

// erlang:unique_integer/0,1 in no order. `thread` is 0 for all threads without a number of their own.
struct UniqueInteger {
  u64 thread;
  u64 count;
};
// Threads have the numbers 1 to `count`. Before the first of them starts.
void unique_set_threads(u32 count);
void unique_thread_begins(u32 number);  // the calling thread's
UniqueInteger unique_next();
// The lowest is the least small integer, or 1 when positive.
inline constexpr u64 kUniqueIntegerWords = 3;
Term build_unique_integer(Builder& b, UniqueInteger u, bool positive);

// unique_integer([monotonic]): in order over all threads; 0 comes first.
u64 monotonic_next();
Term build_monotonic_integer(Builder& b, u64 n, bool positive);  // kUniqueIntegerWords
// The number taken last; ~0 when there was none. For tests of what happens at the ends.
u64 monotonic_last();
void monotonic_set_last(u64 n);

}  // namespace lintel
