#include "vm/base/lock.h"

namespace lintel {

#ifdef LINTEL_ASSERTS
namespace {
constexpr const char* kNames[] = {
#define LOCK(name) #name,
#include "vm/tables/locks.def"
#undef LOCK
};
// Locks held by this thread, counted per rank; two locks of one class are never held together.
thread_local u32 held_ranks = 0;
static_assert(sizeof(kNames) / sizeof(kNames[0]) <= 32);
}  // namespace

void lock_rank_push(LockRank rank) {
  u32 bit = 1u << static_cast<u32>(rank);
  if (held_ranks >= bit) {
    VM_PANIC("lock order: taking %s while holding ranks %#x", kNames[static_cast<u32>(rank)],
             held_ranks);
  }
  held_ranks |= bit;
}

void lock_rank_pop(LockRank rank) { held_ranks &= ~(1u << static_cast<u32>(rank)); }
#endif

}  // namespace lintel
