#include "vm/heap/debug.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "vm/base/alloc.h"
#include "vm/base/lock.h"

namespace lintel {

HeapDebug heap_debug;

bool heap_debug_set_zeal(const char* text) {
  char* rest;
  double p = std::strtod(text, &rest);
  if (rest == text || !(p >= 0 && p <= 1)) return false;
  if (*rest == ',') {
    const char* seed = rest + 1;
    heap_debug.zeal_seed = std::strtoull(seed, &rest, 10);
    if (rest == seed) return false;
  }
  if (*rest != '\0') return false;
  heap_debug.zeal_per_million = static_cast<u32>(p * 1e6);
  return true;
}

bool heap_zeal_strikes(u64 heap_words) {
  // xorshift64*; each thread starts from the seed.
  static thread_local u64 state = heap_debug.zeal_seed * 0x9E3779B97F4A7C15ull + 1;
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  constexpr u64 kAtFullRate = 8192;
  u64 random = (state * 0x2545F4914F6CDD1Dull >> 32) % 1'000'000;
  if (heap_words <= kAtFullRate) return random < heap_debug.zeal_per_million;
  return random * heap_words < heap_debug.zeal_per_million * kAtFullRate;
}

namespace {

constexpr u64 kPage = 4096;
u64 block_bytes(u64 words) { return (words * kWordBytes + kPage - 1) & ~(kPage - 1); }

// Blocks under zeal are pages of their own. One that is given up stays mapped without access for a
// while, so that nothing else takes its address.
struct Graveyard {
  static constexpr u32 kGraves = 256;
  Mutex<LockRank::Leaf> mutex;
  void* block[kGraves] = {};
  u64 bytes[kGraves] = {};
  u32 next = 0;
};
Graveyard graveyard;

VM_COLD Term* zeal_block_new(u64 words) {
  void* p = mmap(nullptr, block_bytes(words), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                 -1, 0);
  VM_CHECK(p != MAP_FAILED);
  return static_cast<Term*>(p);
}

VM_COLD void zeal_block_free(Term* block, u64 words) {
  if (block == nullptr) return;
  // New pages in the same place: unreadable, and the old ones go back to the system.
  VM_CHECK(mmap(block, block_bytes(words), PROT_NONE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == block);
  Guard lock(graveyard.mutex);
  u32 i = graveyard.next++ % Graveyard::kGraves;
  if (graveyard.block[i] != nullptr) munmap(graveyard.block[i], graveyard.bytes[i]);
  graveyard.block[i] = block;
  graveyard.bytes[i] = block_bytes(words);
}

}  // namespace

Term* heap_block_new(u64 words) {
  if (VM_UNLIKELY(heap_debug.zeal_per_million != 0)) return zeal_block_new(words);
  return vm_alloc_array<Term>(words);
}

void heap_block_free(Term* block, u64 words) {
  if (VM_UNLIKELY(heap_debug.zeal_per_million != 0)) return zeal_block_free(block, words);
  vm_free(block);
}

}  // namespace lintel
