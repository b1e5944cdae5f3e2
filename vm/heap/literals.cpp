// The literal range: 64 GB of addresses reserved once, given out in units of 64 bytes, best fit.
//
// Free stretches are kept by address (to join neighbours) and by size (to find one). Pages become
// accessible when the used part first grows over them, a megabyte at a time; pages that lie wholly
// inside a freed stretch go back to the system at once. Areas share pages, so a module with a few
// hundred bytes of literals costs a few hundred bytes.
#include "vm/heap/literals.h"

#include <sys/mman.h>

#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "vm/base/lock.h"
#include "vm/heap/off_heap.h"

namespace lintel {

std::atomic<const LiteralArea*> leaving_literal_area{nullptr};
u8* literal_range_start = nullptr;

namespace {

constexpr u64 kUnit = 64;
constexpr u64 kPage = 4096;
constexpr u64 kCommitStep = u64{1} << 20;

class Range {
 public:
  void init() {
    void* p = mmap(nullptr, kLiteralRangeBytes, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) VM_PANIC("Cannot reserve %zu bytes of addresses for literals",
                                  size_t{kLiteralRangeBytes});
    literal_range_start = static_cast<u8*>(p);
  }

  u8* take(u64 bytes) {
    Guard lock(mutex_);
    auto fit = by_size_.lower_bound({bytes, 0});
    if (fit != by_size_.end()) {
      auto [size, offset] = *fit;
      erase(offset, size);
      if (size > bytes) insert(offset + bytes, size - bytes);
      return literal_range_start + offset;
    }
    u64 offset = used_;
    used_ += bytes;
    if (used_ > committed_) {
      u64 until = (used_ + kCommitStep - 1) / kCommitStep * kCommitStep;
      if (until > kLiteralRangeBytes) VM_PANIC("The literal range of 64 GB is full");
      VM_CHECK(mprotect(literal_range_start + committed_, until - committed_,
                        PROT_READ | PROT_WRITE) == 0);
      committed_ = until;
    }
    return literal_range_start + offset;
  }

  void give_back(u8* p, u64 bytes) {
    Guard lock(mutex_);
    u64 offset = static_cast<u64>(p - literal_range_start);
    auto next = by_address_.lower_bound(offset);
    if (next != by_address_.end() && next->first == offset + bytes) {
      u64 size = next->second;
      erase(offset + bytes, size);
      bytes += size;
    }
    auto previous = by_address_.lower_bound(offset);
    if (previous != by_address_.begin()) {
      --previous;
      if (previous->first + previous->second == offset) {
        u64 size = previous->second;
        u64 at = previous->first;
        erase(at, size);
        offset = at;
        bytes += size;
      }
    }
    u64 first_page = (offset + kPage - 1) & ~(kPage - 1);
    u64 end_page = (offset + bytes) & ~(kPage - 1);
    if (end_page > first_page) {
      madvise(literal_range_start + first_page, end_page - first_page, MADV_DONTNEED);
    }
    if (offset + bytes == used_) {
      used_ = offset;
    } else {
      insert(offset, bytes);
    }
  }

 private:
  void insert(u64 offset, u64 size) {
    by_address_.emplace(offset, size);
    by_size_.emplace(size, offset);
  }
  void erase(u64 offset, u64 size) {
    by_address_.erase(offset);
    by_size_.erase({size, offset});
  }

  Mutex<LockRank::LiteralArea> mutex_;
  std::map<u64, u64> by_address_;            // offset -> size
  std::set<std::pair<u64, u64>> by_size_;    // {size, offset}
  u64 used_ = 0;
  u64 committed_ = 0;
};

Range range;

}  // namespace

void literals_init() {
  if (literal_range_start == nullptr) range.init();
}

LiteralArea* literal_area_new(u64 words) {
  VM_ASSERT(literal_range_start != nullptr);
  u64 bytes = (sizeof(LiteralArea) + words * kWordBytes + kUnit - 1) & ~(kUnit - 1);
  auto* area = reinterpret_cast<LiteralArea*>(range.take(bytes));
  area->off_heap = {};
  area->top = area->mem;
  area->end = area->mem + words;
  area->bytes = bytes;
  return area;
}

void literal_area_free(LiteralArea* area) {
  if (area == nullptr) return;
  off_heap_release(area->off_heap.first);
#ifdef LINTEL_ASSERTS
  // Whoever still refers to it had better notice.
  std::memset(static_cast<void*>(area->mem), 0xa5, static_cast<u64>(area->end - area->mem) * kWordBytes);
#endif
  range.give_back(reinterpret_cast<u8*>(area), area->bytes);
}

}  // namespace lintel
