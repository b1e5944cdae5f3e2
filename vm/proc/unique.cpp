#include "vm/proc/unique.h"

#include <time.h>

#include <atomic>

namespace lintel {

namespace {

// References: 82 bits are there; the 64 used start at a number made of the time, so that references
// of an earlier run of the same node are unlikely to come again.
constexpr u64 kRefBlock = 4096;
alignas(64) std::atomic<u64> next_ref_block{u64{1} << 32};
thread_local u64 ref_next = 0;
thread_local u64 ref_end = 0;

constexpr u64 kUniqueBlock = 256;
alignas(64) std::atomic<u64> next_unique_block{1};
thread_local u64 unique_next = 0;
thread_local u64 unique_end = 0;

alignas(64) std::atomic<u64> next_monotonic{1};

}  // namespace

void unique_init() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  u64 seed = static_cast<u64>(now.tv_sec) * 1000003 + static_cast<u64>(now.tv_nsec);
  seed ^= seed >> 31;
  next_ref_block.store((seed * 0x9E3779B97F4A7C15u >> 8) & ~(kRefBlock - 1),
                       std::memory_order_relaxed);
}

RefNumbers make_ref_numbers() {
  if (VM_UNLIKELY(ref_next == ref_end)) {
    ref_next = next_ref_block.fetch_add(kRefBlock, std::memory_order_relaxed);
    ref_end = ref_next + kRefBlock;
  }
  u64 v = ref_next++;
  return {{static_cast<u32>(v & 0x3FFFF), static_cast<u32>(v >> 18), static_cast<u32>(v >> 50)}};
}

u64 unique_positive() {
  if (VM_UNLIKELY(unique_next == unique_end)) {
    unique_next = next_unique_block.fetch_add(kUniqueBlock, std::memory_order_relaxed);
    unique_end = unique_next + kUniqueBlock;
  }
  return unique_next++;
}

u64 unique_monotonic() { return next_monotonic.fetch_add(1, std::memory_order_relaxed); }

}  // namespace lintel
