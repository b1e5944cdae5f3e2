// The memory of one process: a young block with the stack growing down into it, an old generation,
// fragments, and off-heap lists.
//
//   start          high_water      htop            sp              end
//   | survived one  | new terms     | free ...      | stack (down)  |
//
// `reserve(words)` is the only point that may collect. Everything below it is free to be built on.
// A collection of a large heap takes long. While the owner runs on a normal scheduler it is put off
// (kShortCollectionsOnly): a reservation gets a fragment, code that needs room stops, and the owner's
// next turn is on a dirty thread, where collect_put_off makes good.
//
// Between htop and sp there are always at least kStackRedZone words, so that a call may push a
// return address (and a transition stub) without a test.
//
// Roots of a collection: the stack, x[0..live), the LocalRoots chain, the heap's owner's roots
// (through `visit_owner_roots`), and the fragments' contents are merged in.
#pragma once
#include <atomic>

#include "vm/heap/builder.h"
#include "vm/heap/fragment.h"

namespace lintel {

inline constexpr u64 kStackRedZone = 8;        // words
inline constexpr u64 kDefaultMinHeap = 233;    // words, as the stock VM's default

class LocalRootsBase {
 protected:
  LocalRootsBase() = default;

 public:
  LocalRootsBase* outer;
  Term* terms;
  u32 count;
};

// Called with each run of root words.
struct RootVisitor {
  virtual void visit(Term* terms, u64 count) = 0;
};

struct GcStats {
  u32 minor = 0;
  u32 major = 0;
  u64 reclaimed_words = 0;
};

struct LiteralArea;  // vm/heap/literals.h

// Who wants to know of collections: null or a function that neither builds nor collects on the heap.
// `words`: what is needed (starts), what was reclaimed (ends).
enum class HeapEvent : u8 { Begin, MinorStart, MinorEnd, MajorStart, MajorEnd, Done };
struct Heap;
extern std::atomic<void (*)(Heap&, HeapEvent, u64 words)> heap_watcher;

// The sizes that blocks have, in words: 12, 38, then each the sum of the two before plus one up to
// 1.3 million, then 20 % more each; as the stock VM's, because process_info shows them.
// The smallest one that is at least `words`.
u64 heap_size_for(u64 words);
// Calls f with each size, smallest first, while it returns true.
void heap_sizes_each(bool (*f)(u64 words, void*), void* data);
// What a process of default settings has as min_bin_vheap_size.
inline constexpr u64 kDefaultMinVheap = 46422;

struct Heap {
  // Swapped with machine registers while the process runs.
  Term* htop = nullptr;
  Term* sp = nullptr;
  Term* start = nullptr;
  Term* end = nullptr;  // one past the stack's first word
  Term* x = nullptr;    // register file of the scheduler that runs it; x[0..live) are roots
  u32 live = 0;
  u32 heap_flags = 0;   // HeapFlags
  LocalRootsBase* local_roots = nullptr;

  Term* high_water = nullptr;
  Term* old_start = nullptr;
  Term* old_top = nullptr;
  Term* old_end = nullptr;
  Fragment* fragments = nullptr;
  u64 fragment_words = 0;
  OffHeap off_heap;       // of the young generation and attached fragments
  OffHeap old_off_heap;
  u64 vheap_limit = 0;    // words outside that force a collection, young
  u64 old_vheap_limit = 0;
  u32 min_heap_words = kDefaultMinHeap;
  u32 minor_since_major = 0;
  u32 survival = 0;        // of new words in recent collections, in 1/256
  u32 fullsweep_after = 65535;
  u32 turns = 0;           // of the owner; counted by the scheduler
  u32 collected_turn = 0;  // when the last minor collection was
  u64 min_vheap_words = 0;
  u64 max_heap_words = 0;  // 0: none
  u64 gc_cost = 0;         // words copied and not charged to the owner yet, see take_gc_cost
  GcStats gc_stats;
  // Visits every term that the owner holds outside x, stack and local roots. Set by the owner.
  void (*visit_owner_roots)(Heap&, RootVisitor&) = nullptr;

  enum HeapFlags : u32 {
    kForceCollect = 1,      // next reservation collects
    kForceMajor = 2,        // next collection is a full sweep
    kMaxHeapExceeded = 4,   // the last collection found the heap above max_heap_words
    kDisallowCollect = 8,   // reservations go to fragments (used while exiting)
    kOldRefersToYoung = 16, // after literals were copied: generations are not separate now
    kShortCollectionsOnly = 32,  // long collections are put off; set by the scheduler
    kCollectionPutOff = 64,      // one was
  };
  // Reductions that the collections since the last call should cost the owner (as stock: a tenth of
  // the words copied).
  i64 take_gc_cost() {
    i64 reductions = static_cast<i64>(gc_cost / 10);
    gc_cost = 0;
    return reductions;
  }

  u64 free_words() const { return static_cast<u64>(sp - htop); }
  u64 stack_words() const { return static_cast<u64>(end - sp); }

  // After this, `words` words can be built. May move every term of this heap.
  Builder reserve(u64 words) {
    if (VM_UNLIKELY(free_words() < words + kStackRedZone || (heap_flags & kForceCollect) != 0 ||
                    off_heap.words > vheap_limit)) {
      return reserve_slow(words);
    }
    return Builder(&htop, limit_for(words), &off_heap);
  }
  // As reserve, for code that builds at htop itself: the room is in the block.
  Builder reserve_in_block(u64 words) {
    if (VM_UNLIKELY(free_words() < words + kStackRedZone || (heap_flags & kForceCollect) != 0 ||
                    off_heap.words > vheap_limit)) {
      collect_in_block(words);
    }
    return Builder(&htop, limit_for(words), &off_heap);
  }
  // As reserve, but never moves anything: when the heap is full the room is in a new fragment.
  // For the few callers that hold many unrooted terms (decoders, match specs); costs a merge later.
  Builder reserve_nogc(u64 words);
  // For code that needs `words` in the block itself and may stop to run again later: when they are not
  // there and the collection would be a long one, notes that it is put off, and the caller stops.
  bool put_off_collection(u64 words);
  // Has the next turn be on a dirty thread.
  void note_collection_put_off() { heap_flags |= kCollectionPutOff; }
  bool has_collection_put_off() const { return (heap_flags & kCollectionPutOff) != 0; }
  // Where it may take its time.
  void collect_put_off();
  // Whether a collection, of all generations or of those that are due, is not for a scheduler.
  bool is_long_major() const;
  // Adopts fragments built elsewhere; their terms are then this heap's. Moves nothing.
  void attach(Fragment* chain);

  // Allocates the first block. `words` is rounded up to a heap size.
  void init(u64 words);
  // Frees everything, releasing off-heap objects.
  void destroy();
  // Minor or full collection leaving at least `need` words free. See gc.cpp.
  void collect(u64 need);
  void collect_major(u64 need);
  // Gives the heap its own copy of everything it refers to in `area`, which is about to be freed.
  void collect_with_literal_area(const LiteralArea& area);
  // Shrinks to exactly what lives, as erlang:hibernate/3 does. The stack must be empty.
  void hibernate();
  // Total words held: young block, old block, fragments.
  u64 total_words() const;

 private:
  friend class Collection;
  Builder reserve_slow(u64 words);
  void collect_in_block(u64 words);
  bool collection_is_due(u64 need) const;
  bool major_is_due() const;
  bool puts_off_collection(u64 need);
  Term* limit_for(u64 words) const {
#ifdef LINTEL_ASSERTS
    return htop + words;
#else
    return sp;
#endif
  }
};

// Terms that a C++ function keeps across a reservation.
template <u32 N>
class LocalRoots : public LocalRootsBase {
 public:
  template <typename... T>
  explicit LocalRoots(Heap& heap, T... initial) : heap_(heap), slots_{initial...} {
    static_assert(sizeof...(T) <= N);
    for (u32 i = sizeof...(T); i < N; i++) slots_[i] = Term::nil();
    outer = heap.local_roots;
    terms = slots_;
    count = N;
    heap.local_roots = this;
  }
  ~LocalRoots() { heap_.local_roots = outer; }
  LocalRoots(const LocalRoots&) = delete;
  LocalRoots& operator=(const LocalRoots&) = delete;
  Term& operator[](u32 i) {
    VM_ASSERT(i < N);
    return slots_[i];
  }

 private:
  Heap& heap_;
  Term slots_[N];
};

// An array of the caller's own as roots.
class RootSpan : public LocalRootsBase {
 public:
  RootSpan(Heap& heap, Term* first, u64 n) : heap_(heap) {
    outer = heap.local_roots;
    terms = first;
    count = static_cast<u32>(n);
    heap.local_roots = this;
  }
  ~RootSpan() { heap_.local_roots = outer; }
  RootSpan(const RootSpan&) = delete;
  RootSpan& operator=(const RootSpan&) = delete;

 private:
  Heap& heap_;
};

}  // namespace lintel
