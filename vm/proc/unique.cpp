#include "vm/proc/unique.h"

#include <time.h>

#include <atomic>

#include "vm/term/magic.h"

namespace lintel {

namespace {

// References: 82 bits are there; the 64 used start at a number made of the time, so that references
// of an earlier run of the same node are unlikely to come again.
constexpr u64 kRefBlock = 4096;
alignas(64) std::atomic<u64> next_ref_block{u64{1} << 32};
thread_local u64 ref_next = 0;
thread_local u64 ref_end = 0;

u32 thread_bits = 0;
thread_local u64 own_number = 0;
thread_local u64 own_count = 0;
alignas(64) std::atomic<u64> others_count{0};

alignas(64) std::atomic<u64> next_monotonic{0};

// value + offset, where value has as many as 128 bits.
Term build_offset(Builder& b, unsigned __int128 value, i64 offset) {
  i128 sum = static_cast<i128>(value) + offset;
  if (sum < 0) return b.integer(static_cast<i64>(sum));
  if (sum <= UINT64_MAX) return b.unsigned_integer(static_cast<u64>(sum));
  Term* big = b.alloc(3);
  big[0] = Term::header(BoxedTag::BigPos, 2);
  big[1] = Term(static_cast<u64>(sum));
  big[2] = Term(static_cast<u64>(sum >> 64));
  return Term::boxed(big);
}

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

RefNumbers make_magic_ref_numbers() {
  RefNumbers n = make_ref_numbers();
  n.n[2] |= kMagicRefMark;
  return n;
}

void unique_set_threads(u32 count) {
  thread_bits = 0;
  while (count >> thread_bits != 0) thread_bits++;
}

void unique_thread_begins(u32 number) {
  own_number = number;
  own_count = 0;
}

UniqueInteger unique_next() {
  if (VM_LIKELY(own_number != 0)) return {own_number, own_count++};
  return {0, others_count.fetch_add(1, std::memory_order_relaxed)};
}

Term build_unique_integer(Builder& b, UniqueInteger u, bool positive) {
  unsigned __int128 value = static_cast<unsigned __int128>(u.count) << thread_bits | u.thread;
  return build_offset(b, value, positive ? 1 : kSmallMin);
}

u64 monotonic_next() { return next_monotonic.fetch_add(1, std::memory_order_relaxed); }

Term build_monotonic_integer(Builder& b, u64 n, bool positive) {
  return build_offset(b, n, positive ? 1 : kSmallMin);
}

u64 monotonic_last() { return next_monotonic.load(std::memory_order_relaxed) - 1; }
void monotonic_set_last(u64 n) { next_monotonic.store(n + 1, std::memory_order_relaxed); }

}  // namespace lintel
