// Blocks and fragments of a process heap: their sizes, their life, what is adopted from elsewhere.
// The collector itself is in gc.cpp.
#include "vm/heap/heap.h"

#include <algorithm>
#include <array>

#include "vm/base/alloc.h"
#include "vm/heap/debug.h"
#include "vm/heap/off_heap.h"

namespace lintel {

namespace {

struct Sizes {
  std::array<u64, 128> words{};
  u32 count = 0;
};

constexpr Sizes make_sizes() {
  constexpr u64 kLargest = (u64{1} << 53) / kWordBytes;
  Sizes s;
  s.words[0] = 12;
  s.words[1] = 38;
  s.count = 2;
  while (s.count < 23) {
    s.words[s.count] = s.words[s.count - 1] + s.words[s.count - 2] + 1;
    s.count++;
  }
  while (s.count < s.words.size()) {
    u64 next = s.words[s.count - 1] + s.words[s.count - 1] / 5;
    if (next > kLargest) break;
    s.words[s.count++] = next;
  }
  return s;
}

constexpr Sizes kSizes = make_sizes();
static_assert(kSizes.words[5] == kDefaultMinHeap);
static_assert(kSizes.words[16] == kDefaultMinVheap);

}  // namespace

u64 heap_size_for(u64 words) {
  const u64* end = kSizes.words.data() + kSizes.count;
  const u64* found = std::lower_bound(kSizes.words.data(), end, words);
  if (VM_UNLIKELY(found == end)) VM_PANIC("Cannot allocate a heap of %zu words", size_t{words});
  return *found;
}

void heap_sizes_each(bool (*f)(u64 words, void*), void* data) {
  for (u32 i = 0; i < kSizes.count; i++) {
    if (!f(kSizes.words[i], data)) return;
  }
}

void Heap::init(u64 words) {
  VM_ASSERT(start == nullptr);
  words = heap_size_for(std::max<u64>(words, min_heap_words));
  start = heap_block_new(words);
  end = start + words;
  htop = high_water = start;
  sp = end;
  min_vheap_words = std::max<u64>(min_vheap_words, kDefaultMinVheap);
  vheap_limit = old_vheap_limit = min_vheap_words;
  if (heap_debug.zeal_per_million != 0) heap_flags |= kForceCollect;
}

void Heap::destroy() {
  off_heap_release(off_heap.first);
  off_heap_release(old_off_heap.first);
  off_heap = old_off_heap = {};
  // What the fragments owned is in off_heap since they were attached.
  for (Fragment* f = fragments; f != nullptr;) {
    Fragment* next = f->next;
    vm_free(f);
    f = next;
  }
  fragments = nullptr;
  fragment_words = 0;
  heap_block_free(start, static_cast<u64>(end - start));
  heap_block_free(old_start, static_cast<u64>(old_end - old_start));
  start = end = htop = sp = high_water = nullptr;
  old_start = old_top = old_end = nullptr;
}

Builder Heap::reserve_nogc(u64 words) {
  if (free_words() >= words + kStackRedZone) return Builder(&htop, limit_for(words), &off_heap);
  // Many small reservations share a fragment; the more there have been, the larger the next is.
  Fragment* f = fragments;
  if (f == nullptr || words > static_cast<u64>(f->end - f->top)) {
    f = fragment_new(std::max(words, std::clamp<u64>(fragment_words, 64, 16384)));
    f->next = fragments;
    fragments = f;
  }
  fragment_words += words;
  if (fragment_words > static_cast<u64>(end - start)) heap_flags |= kForceCollect;
  return Builder(&f->top, f->top + words, &off_heap);
}

void Heap::attach(Fragment* chain) {
  while (chain != nullptr) {
    Fragment* next = chain->next;
    if (OffHeapObject* first = chain->off_heap.first; first != nullptr) {
      OffHeapObject* last = first;
      while (last->next != nullptr) last = last->next;
      last->next = off_heap.first;
      off_heap.first = first;
      off_heap.words += chain->off_heap.words;
      chain->off_heap = {};
    }
    fragment_words += chain->used_words();
    chain->next = fragments;
    fragments = chain;
    chain = next;
  }
  if (fragment_words > static_cast<u64>(end - start)) heap_flags |= kForceCollect;
}

u64 Heap::total_words() const {
  return static_cast<u64>(end - start) + static_cast<u64>(old_end - old_start) + fragment_words;
}

void fragments_free(Fragment* f) {
  while (f != nullptr) {
    Fragment* next = f->next;
    off_heap_release(f->off_heap.first);
    vm_free(f);
    f = next;
  }
}

}  // namespace lintel
