// Literal areas: immutable terms of loaded modules and persistent terms, in one reserved address
// range, so that "is this a literal" is one subtraction and one comparison. Collections and copies
// leave literals alone. An area is freed only after purge copied what heaps still referred to.
#pragma once
#include <atomic>

#include "vm/heap/builder.h"

namespace lintel {

inline constexpr u64 kLiteralRangeBytes = u64{64} << 30;
extern u8* literal_range_start;  // reserved once by literals_init()

inline bool is_literal_address(const void* p) {
  return static_cast<u64>(static_cast<const u8*>(p) - literal_range_start) < kLiteralRangeBytes;
}
inline bool is_literal(Term t) { return t.is_pointer() && is_literal_address(t.address()); }

struct LiteralArea {
  OffHeap off_heap;
  Term* top;
  Term* end;
  u64 bytes;  // of the mapping, whole pages or a size class
  Term mem[];

  Builder builder() { return Builder(&top, end, &off_heap); }
  bool contains(const void* p) const {
    return p >= static_cast<const void*>(mem) && p < static_cast<const void*>(end);
  }
};

// The area whose literals all heaps are just giving up, or null: what is sent or stored meanwhile must
// not refer to it, so copies treat its terms as ordinary ones. Set before the heaps are asked.
extern std::atomic<const LiteralArea*> leaving_literal_area;
inline bool is_leaving_literal(const void* p) {
  const LiteralArea* a = leaving_literal_area.load(std::memory_order_acquire);
  return VM_UNLIKELY(a != nullptr) && a->contains(p);
}

void literals_init();
LiteralArea* literal_area_new(u64 words);
void literal_area_free(LiteralArea* area);

}  // namespace lintel
