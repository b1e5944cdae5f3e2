// The collector: copying, two generations, no recursion and no mark stack.
//
//   minor   young block ──┬─ below high_water (has survived once) ──> old block, behind old_top
//           fragments   ──┴─ the rest ──────────────────────────────> a new young block
//   major   young, fragments, old ──> a new young block, and when there is much, a new old block
//
// Live objects are copied where they are first met and the original is overwritten with its new
// place: an object's header by the new boxed term, a list cell by {none, new list term}. Then the
// copies are scanned in the order in which they were made, which copies what they refer to in turn,
// until the scan catches up (Cheney). A list is copied as a run along its tails, so that walking it
// later walks memory upward.
//
// Terms never change once built, so an old object never refers to a younger one, and a minor
// collection need not look at the old block. Every word of an object that is not raw bits is either
// a term or looks like a small (term.h), so the scan knows only three kinds of words: header of raw
// bits (skip them), pointer (copy), anything else (go on).
//
// A new block must have room for everything that may live. How large it is made beyond that follows
// from how much survived lately, so that a second copy into a larger block is rare.
//
// A process that fills its young block more than once in a turn, and loses time on what survives,
// gets one twice as large, until a turn fits (kLargeNursery at most): then less is alive by chance
// when a collection comes. A block that is much too large shrinks once turns pass without one.
#include <algorithm>
#include <cstring>

#include "vm/heap/copy.h"
#include "vm/heap/debug.h"
#include "vm/heap/heap.h"
#include "vm/heap/literals.h"
#include "vm/heap/off_heap.h"
#include "vm/heap/verify.h"

namespace lintel {

namespace {

struct Range {
  Word from = 0;
  u64 bytes = 0;
  Range() = default;
  Range(const Term* a, const Term* b)
      : from(reinterpret_cast<Word>(a)), bytes(reinterpret_cast<Word>(b) - from) {}
  bool has(const void* p) const { return reinterpret_cast<Word>(p) - from < bytes; }
};

}  // namespace

// One copying pass over a heap.
class Collection {
 public:
  enum class Into {
    Generations,  // what is mature goes to the old block
    Young,        // everything goes to the young block
  };

  // `young` has room for all that may come there. `old` is where mature objects go: the heap's own
  // old block (minor) or a new one (major).
  Collection(Heap& heap, bool major, Into into, Term* young, Term* old_top, Term* old_limit)
      : h_(heap),
        major_(major),
        young_from_(heap.start, heap.htop),
        old_from_(major ? Range(heap.old_start, heap.old_top) : Range()),
        mature_(into == Into::Generations ? Range(heap.start, heap.high_water) : Range()),
        old_stays_old_(into == Into::Generations),
        has_fragments_(heap.fragments != nullptr),
        old_other_(major ? Range() : Range(heap.old_start, heap.old_end)),
        young_to_(young),
        young_top_(young),
        young_scan_(young),
        old_to_(old_top),
        old_top_(old_top),
        old_scan_(old_top),
        old_limit_(old_limit) {}

  void run() {
    if (major_) {
      has_fragments_ ? trace<true, true>() : trace<true, false>();
    } else {
      has_fragments_ ? trace<false, true>() : trace<false, false>();
    }
    VM_ASSERT(old_top_ <= old_limit_);
    sweep_off_heap();
  }

  Term* young_top() const { return young_top_; }
  Term* old_top() const { return old_top_; }
  u64 copied_words() const {
    return static_cast<u64>(young_top_ - young_to_) + static_cast<u64>(old_top_ - old_to_);
  }

 private:
  // Where copies go; in registers during a scan.
  struct Tops {
    Term* young;
    Term* old;
  };

  template <bool kMajor, bool kFragments>
  VM_ALWAYS_INLINE bool in_from_space(const Term* p) const {
    if (young_from_.has(p)) return true;
    if (kMajor && old_from_.has(p)) return true;
    // What lies neither in a block of this heap nor among the literals lies in a fragment.
    if (kFragments) {
      return !is_literal_address(p) && !(p >= young_to_ && p < young_top_limit_) &&
             !old_other_.has(p) && !(p >= old_to_ && p < old_limit_);
    }
    return false;
  }

  template <bool kMajor>
  VM_ALWAYS_INLINE bool goes_old(const Term* p) const {
    return mature_.has(p) || (kMajor && old_stays_old_ && old_from_.has(p));
  }

  VM_ALWAYS_INLINE static Term* copy_words(const Term* from, Term* to, u64 words) {
    if (words <= 16) {
      for (u64 i = 0; i < words; i++) to[i] = from[i];
    } else {
      std::memcpy(to, from, words * kWordBytes);
    }
    return to + words;
  }

  template <bool kMajor, bool kFragments>
  VM_ALWAYS_INLINE Term* copy_list(Term* cell, Term* slot, Term* to) const {
    const bool old = goes_old<kMajor>(cell);
    for (;;) {
      Term head = cell[0];
      Term tail = cell[1];
      to[0] = head;
      to[1] = tail;
      Term copy = Term::list(to);
      cell[0] = Term::none();
      cell[1] = copy;
      *slot = copy;
      slot = to + 1;
      to += 2;
      if (!tail.is_list()) return to;
      cell = tail.cell();
      if (!in_from_space<kMajor, kFragments>(cell)) return to;
      if (cell[0].is_none()) {
        *slot = cell[1];
        return to;
      }
      if (goes_old<kMajor>(cell) != old) return to;  // the scan will copy it to the other place
    }
  }

  // Sees to it that *slot, a list or boxed term, refers to where its object is now.
  template <bool kMajor, bool kFragments>
  VM_ALWAYS_INLINE void evacuate(Term* slot, Tops& tops) const {
    Term t = *slot;
    Term* from = t.address();
    if (!in_from_space<kMajor, kFragments>(from)) return;
    Term first = from[0];
    if (t.is_list()) {
      if (first.is_none()) {
        *slot = from[1];
      } else if (goes_old<kMajor>(from)) {
        tops.old = copy_list<kMajor, kFragments>(from, slot, tops.old);
      } else {
        tops.young = copy_list<kMajor, kFragments>(from, slot, tops.young);
      }
      return;
    }
    if (first.is_boxed()) {
      *slot = first;
      return;
    }
    u64 words = 1 + first.header_arity();
    Term copy;
    if (goes_old<kMajor>(from)) {
      copy = Term::boxed(tops.old);
      tops.old = copy_words(from, tops.old, words);
    } else {
      copy = Term::boxed(tops.young);
      tops.young = copy_words(from, tops.young, words);
    }
    from[0] = copy;
    *slot = copy;
  }

  static VM_ALWAYS_INLINE bool is_pointer_word(Term t) { return ((t.bits() & 7) - 1) < 2; }

  template <bool kMajor, bool kFragments>
  VM_NOINLINE void roots(Term* p, u64 count) {
    Tops tops{young_top_, old_top_};
    for (Term* end = p + count; p < end; p++) {
      if (is_pointer_word(*p)) evacuate<kMajor, kFragments>(p, tops);
    }
    young_top_ = tops.young;
    old_top_ = tops.old;
  }

  // Scans the copies until nothing new comes. The two regions feed each other.
  template <bool kMajor, bool kFragments>
  VM_NOINLINE void scan_all() {
    Tops tops{young_top_, old_top_};
    Term* young_scan = young_scan_;
    Term* old_scan = old_scan_;
    do {
      while (old_scan < tops.old) {
        if (kMajor) prefetch_ahead(old_scan, tops.old);
        old_scan = scan_word<kMajor, kFragments>(old_scan, tops);
      }
      while (young_scan < tops.young) {
        if (kMajor) prefetch_ahead(young_scan, tops.young);
        young_scan = scan_word<kMajor, kFragments>(young_scan, tops);
      }
    } while (old_scan < tops.old);
    young_scan_ = young_scan;
    old_scan_ = old_scan;
    young_top_ = tops.young;
    old_top_ = tops.old;
  }

  // What the scan will come to soon, it looks at in the source: fetch that while there is time. Any
  // word will do, pointer or not.
  static VM_ALWAYS_INLINE void prefetch_ahead(const Term* scan, const Term* top) {
    if (scan + kPrefetchWords < top) {
      __builtin_prefetch(reinterpret_cast<const void*>(scan[kPrefetchWords].bits() & ~Word{7}), 1);
    }
  }
  static constexpr u64 kPrefetchWords = 16;

  template <bool kMajor, bool kFragments>
  VM_ALWAYS_INLINE Term* scan_word(Term* p, Tops& tops) const {
    Term w = *p;
    if (is_pointer_word(w)) {
      evacuate<kMajor, kFragments>(p, tops);
      return p + 1;
    }
    // Six in the low bits and the raw bit: a header whose words are no terms.
    if ((w.bits() & (128 | 7)) == (128 | 6)) return p + 1 + w.header_arity();
    return p + 1;
  }

  template <bool kMajor, bool kFragments>
  void trace() {
    struct Visitor final : RootVisitor {
      Collection* c;
      void visit(Term* terms, u64 count) override { c->roots<kMajor, kFragments>(terms, count); }
    } visitor;
    visitor.c = this;
    young_top_limit_ = young_to_ == nullptr ? nullptr : young_to_ + young_capacity_;
    for (LocalRootsBase* r = h_.local_roots; r != nullptr; r = r->outer) {
      roots<kMajor, kFragments>(r->terms, r->count);
    }
    if (h_.live != 0) roots<kMajor, kFragments>(h_.x, h_.live);
    if (h_.visit_owner_roots != nullptr) h_.visit_owner_roots(h_, visitor);
    roots<kMajor, kFragments>(h_.sp, static_cast<u64>(h_.end - h_.sp));
    scan_all<kMajor, kFragments>();
  }

  void sweep_off_heap();
  OffHeapObject* sweep_list(OffHeapObject* first, OffHeap& young, OffHeap& old);
  void settle_binary(RefcBinary* b);

 public:
  u64 young_capacity_ = 0;  // words of the new young block; set before run()

 private:
  Heap& h_;
  const bool major_;
  const Range young_from_;
  const Range old_from_;
  const Range mature_;
  const bool old_stays_old_;
  const bool has_fragments_;
  const Range old_other_;  // the old block, when it is not collected
  Term* const young_to_;
  Term* young_top_;
  Term* young_scan_;
  Term* const old_to_;
  Term* old_top_;
  Term* old_scan_;
  Term* const old_limit_;
  const Term* young_top_limit_ = nullptr;
};

// A binary that was appended to keeps spare room only while it is being appended to: one that was
// not touched since the last collection gives most of it back.
void Collection::settle_binary(RefcBinary* b) {
  i64 flags = b->flags();
  if (VM_LIKELY(flags == 0)) return;
  if ((flags & RefcBinary::kActiveWriter) != 0) {
    b->flags_small = Term::small(flags & ~i64{RefcBinary::kActiveWriter});
    return;
  }
  u64 keep = b->size() + b->size() / 4 + 24;
  if (b->data->capacity > keep + keep / 4 && b->data->destroy == nullptr &&
      b->data->refs.load(std::memory_order_acquire) == 1) {
    b->data = binary_data_grow(b->data, keep);
  }
}

OffHeapObject* Collection::sweep_list(OffHeapObject* o, OffHeap& young, OffHeap& old) {
  while (o != nullptr) {
    OffHeapObject* next = o->next;
    if (o->header.is_boxed()) {  // moved
      auto* copy = reinterpret_cast<OffHeapObject*>(o->header.object());
      if (copy->header.header_tag() == BoxedTag::RefcBinary) {
        settle_binary(reinterpret_cast<RefcBinary*>(copy));
      }
      Term* at = reinterpret_cast<Term*>(copy);
      (at >= old_to_ && at < old_top_ ? old : young).link(copy, off_heap_words(copy));
    } else {
      off_heap_release_one(o);
    }
    o = next;
  }
  return nullptr;
}

void Collection::sweep_off_heap() {
  OffHeap young;
  OffHeap old;
  if (!major_) old = h_.old_off_heap;
  sweep_list(h_.off_heap.first, young, old);
  if (major_) sweep_list(h_.old_off_heap.first, young, old);
  h_.off_heap = young;
  h_.old_off_heap = old;
}

namespace {

u64 words_between(const Term* a, const Term* b) { return static_cast<u64>(b - a); }

// Heaps at most this large are kept in one block by a major collection.
constexpr u64 kOneBlockWords = 4096;
constexpr u64 kLargeNursery = u64{1} << 15;
constexpr u32 kMuchSurvives = 10;  // of 256
constexpr u32 kCalmTurns = 8;      // without a collection: what was needed in a rush is not any more

// Where the limit on outside words goes after a collection that left `words` of them.
u64 next_vheap_limit(u64 words, u64 limit, u64 min) {
  if (words >= limit / 2) {
    // Leave room for half as much again.
    return std::max(min, heap_size_for(words + words / 2 + 1));
  }
  if (words < limit / 8) return std::max(min, limit / 2);
  return std::max(min, limit);
}

struct Sizes {
  u64 used;       // young words, garbage or not
  u64 mature;     // of them below high_water
  u64 fragments;
  u64 stack;
  u64 old_used;
  u64 capacity;   // of the young block

  explicit Sizes(const Heap& h)
      : used(words_between(h.start, h.htop)),
        mature(words_between(h.start, h.high_water)),
        fragments(h.fragment_words),
        stack(words_between(h.sp, h.end)),
        old_used(words_between(h.old_start, h.old_top)),
        capacity(words_between(h.start, h.end)) {}
};

}  // namespace

// What one collection needs to know about its heap, and the steps that both kinds share.
namespace {

// Size of a young block that holds `certain` words for sure (survivors at worst and the stack) and
// is comfortable with `likely` words in it: a quarter is left free beyond what is asked for.
//
// A heap with much in its old block gets a young one in proportion, up to what a cache holds: the
// more there is to lose by promoting what would have died a little later.
u64 young_block_size(const Heap& h, u64 certain, u64 likely, u64 need) {
  u64 old = words_between(h.old_start, h.old_top);
  u64 comfortable = std::max(likely + likely / 3, std::min<u64>(old / 8, kLargeNursery)) + need +
                    kStackRedZone;
  return heap_size_for(
      std::max({certain + kStackRedZone, comfortable, u64{h.min_heap_words}}));
}

void free_fragments(Heap& h) {
  for (Fragment* f = h.fragments; f != nullptr;) {
    Fragment* next = f->next;
    if (VM_UNLIKELY(heap_debug.zeal_per_million != 0)) {
      std::memset(static_cast<void*>(f->mem), 0x7f, words_between(f->mem, f->end) * kWordBytes);
    }
    vm_free(f);
    f = next;
  }
  h.fragments = nullptr;
  h.fragment_words = 0;
}

// Makes `block` the young block, the stack moved to its end.
void install_young(Heap& h, Term* block, u64 capacity, Term* top) {
  u64 stack = words_between(h.sp, h.end);
  Term* end = block + capacity;
  std::memcpy(static_cast<void*>(end - stack), h.sp, stack * kWordBytes);
  heap_block_free(h.start, words_between(h.start, h.end));
  h.start = block;
  h.end = end;
  h.sp = end - stack;
  h.htop = top;
  h.high_water = top;
}

// Copies the young generation alone into a block of `capacity` words, which it is known to fit.
void move_young(Heap& h, u64 capacity) {
  Term* block = heap_block_new(capacity);
  Collection pass(h, false, Collection::Into::Young, block, h.old_top, h.old_top);
  pass.young_capacity_ = capacity;
  pass.run();
  h.gc_cost += pass.copied_words();
  Term* top = pass.young_top();
  install_young(h, block, capacity, top);
}

void finish(Heap& h, u64 need) {
  h.heap_flags &= ~u32{Heap::kForceCollect | Heap::kForceMajor | Heap::kOldRefersToYoung};
  if (VM_UNLIKELY(heap_debug.zeal_per_million != 0)) h.heap_flags |= Heap::kForceCollect;
  VM_ASSERT(h.free_words() >= need + kStackRedZone);
  if (VM_UNLIKELY(heap_debug.verify)) heap_verify(h);
}

void note_block(Heap& h, u64 extra_words) {
  if (h.max_heap_words != 0 && h.total_words() + extra_words > h.max_heap_words) {
    h.heap_flags |= Heap::kMaxHeapExceeded;
  }
}

// Too full or far too empty after a collection: one more copy of the young generation.
void adjust_young(Heap& h, u64 need, bool calm = true) {
  u64 capacity = words_between(h.start, h.end);
  u64 live = words_between(h.start, h.htop) + words_between(h.sp, h.end);
  u64 wanted = live + need + kStackRedZone;
  if (wanted > capacity) {
    move_young(h, young_block_size(h, live, live, need));
  } else if (calm && capacity > 8000 && wanted < capacity / 4) {
    u64 old_words = words_between(h.old_start, h.old_end);
    u64 size = heap_size_for(
        std::max({3 * wanted, std::min<u64>(old_words / 8, u64{1} << 17), u64{h.min_heap_words}}));
    if (size < capacity) move_young(h, size);
  }
}

// False when the old block has no room for what may be promoted.
bool collect_minor(Heap& h, u64 need) {
  Sizes s(h);
  if (h.old_start == nullptr && s.mature != 0) {
    u64 size = heap_size_for(s.mature + s.capacity);
    h.old_start = h.old_top = heap_block_new(size);
    h.old_end = h.old_start + size;
  }
  if (s.mature > words_between(h.old_top, h.old_end)) return false;

  u64 may_live = s.used - s.mature + s.fragments;
  u64 likely = may_live * h.survival / 256 + s.stack;
  u64 capacity = young_block_size(h, may_live + s.stack, likely, need);
  u32 turns = h.turns - h.collected_turn;
  if (turns == 0 && h.survival >= kMuchSurvives && 2 * s.capacity <= kLargeNursery) {
    capacity = std::max(capacity, heap_size_for(2 * s.capacity));
  } else if (turns <= kCalmTurns && s.capacity <= kLargeNursery + kLargeNursery / 2) {
    capacity = std::max(capacity, s.capacity);
  }
  note_block(h, capacity);
  Term* block = heap_block_new(capacity);
  Collection pass(h, false, Collection::Into::Generations, block, h.old_top, h.old_end);
  pass.young_capacity_ = capacity;
  pass.run();
  h.old_top = pass.old_top();
  Term* top = pass.young_top();
  u64 live = words_between(block, top);
  if (may_live != 0) {
    h.survival = static_cast<u32>((h.survival + 3 * (live * 256 / may_live)) / 4);
  }
  h.gc_cost += pass.copied_words();
  h.gc_stats.minor++;
  h.gc_stats.reclaimed_words += s.used + s.fragments - pass.copied_words();
  install_young(h, block, capacity, top);
  free_fragments(h);
  h.minor_since_major++;
  h.vheap_limit = next_vheap_limit(h.off_heap.words, h.vheap_limit, h.min_vheap_words);
  adjust_young(h, need, turns > kCalmTurns);
  h.collected_turn = h.turns;
  return true;
}

// `compact`: asked for by the program or at the owner's rest, so leave no room to grow.
void collect_full(Heap& h, u64 need, bool compact) {
  Sizes s(h);
  u64 all = s.used + s.fragments + s.old_used;
  bool one_block = all <= kOneBlockWords || (h.heap_flags & Heap::kOldRefersToYoung) != 0;
  u64 old_capacity = 0;
  u64 capacity;
  if (one_block) {
    capacity = young_block_size(h, all + s.stack, s.stack, need);
  } else {
    u64 may_be_old = s.old_used + s.mature;
    u64 may_be_young = s.used - s.mature + s.fragments;
    capacity = young_block_size(h, may_be_young + s.stack,
                                may_be_young * h.survival / 256 + s.stack, need);
    old_capacity = heap_size_for(compact ? may_be_old : may_be_old + std::max(may_be_old / 2, capacity));
  }
  note_block(h, capacity + old_capacity);
  Term* block = heap_block_new(capacity);
  Term* old_block = old_capacity != 0 ? heap_block_new(old_capacity) : nullptr;
  Collection pass(h, true, one_block ? Collection::Into::Young : Collection::Into::Generations,
                  block, old_block, old_block + old_capacity);
  pass.young_capacity_ = capacity;
  pass.run();
  h.gc_cost += pass.copied_words();
  h.gc_stats.major++;
  h.gc_stats.reclaimed_words += all - pass.copied_words();
  install_young(h, block, capacity, pass.young_top());
  heap_block_free(h.old_start, words_between(h.old_start, h.old_end));
  h.old_start = old_block;
  h.old_top = pass.old_top();
  h.old_end = old_block + old_capacity;
  free_fragments(h);
  h.minor_since_major = 0;
  h.vheap_limit = next_vheap_limit(h.off_heap.words, h.vheap_limit, h.min_vheap_words);
  h.old_vheap_limit =
      next_vheap_limit(h.old_off_heap.words, h.old_vheap_limit, h.min_vheap_words);

  // Most of it was garbage, or the owner wants memory back: once more, now that the sizes are known.
  u64 live_old = words_between(h.old_start, h.old_top);
  u64 live_young = words_between(h.start, h.htop);
  if (old_capacity > kOneBlockWords && live_old < old_capacity / (compact ? 2 : 6)) {
    bool join = live_old + live_young <= kOneBlockWords;
    u64 size = join ? young_block_size(h, live_old + live_young + s.stack, 0, need)
                    : young_block_size(h, live_young + s.stack, live_young + s.stack, need);
    u64 old_size = join ? 0 : heap_size_for(live_old + (compact ? 0 : live_old / 2));
    if (size + old_size < capacity + old_capacity) {
      Term* young_again = heap_block_new(size);
      Term* old_again = old_size != 0 ? heap_block_new(old_size) : nullptr;
      // Everything old stays old; nothing in the young block is mature yet.
      h.high_water = h.start;
      Collection again(h, true, join ? Collection::Into::Young : Collection::Into::Generations,
                       young_again, old_again, old_again + old_size);
      again.young_capacity_ = size;
      again.run();
      h.gc_cost += again.copied_words();
      install_young(h, young_again, size, again.young_top());
      heap_block_free(h.old_start, old_capacity);
      h.old_start = old_again;
      h.old_top = again.old_top();
      h.old_end = old_again + old_size;
    }
  }
  // The new old block had to have room for the case that all lives. What is used of it until the next
  // full collection is set by what did live. (Under zeal a block's pages are freed by its size.)
  if (!compact && heap_debug.zeal_per_million == 0 && h.old_start != nullptr) {
    live_old = words_between(h.old_start, h.old_top);
    u64 room = std::max<u64>(live_old / 4 * 3, words_between(h.start, h.end));
    u64 limit = heap_size_for(live_old + room);
    if (limit < words_between(h.old_start, h.old_end)) h.old_end = h.old_start + limit;
  }
  adjust_young(h, need);
  if (compact) {
    u64 wanted = words_between(h.start, h.htop) + words_between(h.sp, h.end) + need + kStackRedZone;
    u64 size = heap_size_for(std::max(wanted + wanted / 3, u64{h.min_heap_words}));
    if (size < words_between(h.start, h.end)) move_young(h, size);
  }
}

}  // namespace

std::atomic<void (*)(Heap&, HeapEvent, u64)> heap_watcher{nullptr};

namespace {
// A collection with somebody looking on.
void collect_watched(Heap& h, u64 need, bool major, bool wanted, void (*watcher)(Heap&, HeapEvent, u64)) {
  u64 before = h.gc_stats.reclaimed_words;
  watcher(h, HeapEvent::Begin, 0);
  bool done = false;
  if (!major) {
    watcher(h, HeapEvent::MinorStart, need);
    done = collect_minor(h, need);
    watcher(h, HeapEvent::MinorEnd, h.gc_stats.reclaimed_words - before);
  }
  if (!done) {
    watcher(h, HeapEvent::MajorStart, need);
    collect_full(h, need, wanted);
    watcher(h, HeapEvent::MajorEnd, h.gc_stats.reclaimed_words - before);
  }
  finish(h, need);
  watcher(h, HeapEvent::Done, 0);
}
}  // namespace

bool Heap::collection_is_due(u64 need) const {
  // The flag is always set under zeal; see whether there is another reason.
  return free_words() < need + kStackRedZone || (heap_flags & kForceMajor) != 0 ||
         fragment_words > words_between(start, end) || off_heap.words > vheap_limit ||
         ((heap_flags & kForceCollect) != 0 && heap_debug.zeal_per_million == 0);
}

bool Heap::major_is_due() const {
  return (heap_flags & kForceMajor) != 0 || minor_since_major >= fullsweep_after ||
         old_off_heap.words > old_vheap_limit;
}

namespace {
// Fewer words are copied in little more than a millisecond. Under zeal small heaps take the long way too.
u64 long_words() {
  constexpr u64 kLong = 256 * 1024, kLongUnderZeal = 3000;
  return VM_UNLIKELY(heap_debug.zeal_per_million != 0) ? kLongUnderZeal : kLong;
}
// What a collection that was put off leaves free at least.
u64 put_off_room() { return long_words() / 4; }
}  // namespace

bool Heap::is_long_major() const {
  return words_between(start, htop) + fragment_words + words_between(old_start, old_top) > long_words();
}

bool Heap::puts_off_collection(u64 need) {
  if (VM_LIKELY((heap_flags & kShortCollectionsOnly) == 0) || !collection_is_due(need)) return false;
  bool full = major_is_due() || words_between(start, high_water) > words_between(old_top, old_end);
  bool is_long = full ? is_long_major() : words_between(start, htop) + fragment_words > long_words();
  if (is_long) note_collection_put_off();
  return is_long;
}

bool Heap::put_off_collection(u64 words) { return words <= put_off_room() && puts_off_collection(words); }

Builder Heap::reserve_slow(u64 words) {
  if (VM_UNLIKELY((heap_flags & kDisallowCollect) != 0 || puts_off_collection(words))) {
    return reserve_nogc(words);
  }
  collect(words);
  return Builder(&htop, limit_for(words), &off_heap);
}

void Heap::collect_in_block(u64 words) {
  if (free_words() < words + kStackRedZone || !puts_off_collection(words)) collect(words);
}

void Heap::collect_put_off() {
  heap_flags &= ~u32{kCollectionPutOff};
  if (collection_is_due(put_off_room())) collect(put_off_room());
}

void Heap::collect(u64 need) {
  if (VM_UNLIKELY(heap_debug.zeal_per_million != 0) && !collection_is_due(need) &&
      !heap_zeal_strikes(total_words() + stack_words())) {
    return;
  }
  bool major = major_is_due();
  auto* watcher = heap_watcher.load(std::memory_order_relaxed);
  if (VM_UNLIKELY(watcher != nullptr)) return collect_watched(*this, need, major, false, watcher);
  if (major || !collect_minor(*this, need)) collect_full(*this, need, false);
  finish(*this, need);
}

void Heap::collect_major(u64 need) {
  auto* watcher = heap_watcher.load(std::memory_order_relaxed);
  if (VM_UNLIKELY(watcher != nullptr)) return collect_watched(*this, need, true, true, watcher);
  collect_full(*this, need, true);
  finish(*this, need);
}

void Heap::hibernate() {
  VM_ASSERT(sp == end);
  Sizes s(*this);
  u64 all = s.used + s.fragments + s.old_used;
  // First into whatever is large enough, then into what is just right.
  Term* block = heap_block_new(all + kStackRedZone);
  Collection pass(*this, true, Collection::Into::Young, block, nullptr, nullptr);
  pass.young_capacity_ = all + kStackRedZone;
  pass.run();
  gc_cost += pass.copied_words();
  gc_stats.major++;
  gc_stats.reclaimed_words += all - pass.copied_words();
  u64 live = words_between(block, pass.young_top());
  install_young(*this, block, all + kStackRedZone, pass.young_top());
  heap_block_free(old_start, words_between(old_start, old_end));
  old_start = old_top = old_end = nullptr;
  free_fragments(*this);
  minor_since_major = 0;
  if (live != all) move_young(*this, live + kStackRedZone);
  finish(*this, 0);
}

// ---- literals that are about to go ----

namespace {

// Copies what slots refer to in one literal area, each object once.
class LiteralRescue {
 public:
  LiteralRescue(Heap& h, const LiteralArea& area) : h_(h), area_(area) {}
  ~LiteralRescue() { vm_free(table_); }

  void visit(Term* p, Term* end) {
    while (p < end) {
      Term w = *p;
      if (w.is_pointer()) {
        if (area_.contains(w.address())) *p = rescued(w);
      } else if (w.is_header() && w.header_is_raw()) {
        p += w.header_arity();
      }
      p++;
    }
  }
  void visit_roots(Term* p, u64 count) {
    for (Term* end = p + count; p < end; p++) {
      if (p->is_pointer() && area_.contains(p->address())) *p = rescued(*p);
    }
  }
  // Copies what the copies refer to, and gives everything to the heap.
  void finish() {
    if (fragment_ == nullptr) return;
    Term* scan = fragment_->mem;
    while (scan < fragment_->top) {
      Term w = *scan;
      if (w.is_pointer()) {
        if (area_.contains(w.address())) *scan = rescued(w);
      } else if (w.is_header() && w.header_is_raw()) {
        scan += w.header_arity();
      }
      scan++;
    }
    h_.attach(fragment_);
  }

 private:
  // The table has a word for each word of the area: where the object there went.
  Term rescued(Term t) {
    u64 area_words = words_between(area_.mem, area_.end);
    if (table_ == nullptr) {
      table_ = static_cast<Term*>(vm_alloc_zeroed(area_words * kWordBytes));
      fragment_ = fragment_new(area_words);
    }
    Term* from = t.address();
    Term& known = table_[from - area_.mem];
    if (known.bits() == 0) {
      u64 words = t.is_list() ? 2 : 1 + from[0].header_arity();
      Builder b = fragment_->builder();
      Term* to = b.alloc(words);
      std::memcpy(static_cast<void*>(to), from, words * kWordBytes);
      if (t.is_list()) {
        known = Term::list(to);
      } else {
        known = Term::boxed(to);
        take_share(to, b.off_heap());
      }
    }
    return known;
  }
  static void take_share(Term* to, OffHeap& off_heap) {
    auto* o = reinterpret_cast<OffHeapObject*>(to);
    if (to[0].header_tag() == BoxedTag::RefcBinary) {
      binary_data_retain(reinterpret_cast<RefcBinary*>(to)->data);
      off_heap.link(o, off_heap_words(o));
    } else if (to[0].header_tag() == BoxedTag::MagicRef) {
      to[2].as_raw_pointer<MagicData>()->refs.fetch_add(1, std::memory_order_relaxed);
      off_heap.link(o, 0);
    }
  }

  Heap& h_;
  const LiteralArea& area_;
  Term* table_ = nullptr;
  Fragment* fragment_ = nullptr;
};

}  // namespace

void Heap::collect_with_literal_area(const LiteralArea& area) {
  LiteralRescue rescue(*this, area);
  struct Visitor final : RootVisitor {
    LiteralRescue* rescue;
    void visit(Term* terms, u64 count) override { rescue->visit_roots(terms, count); }
  } visitor;
  visitor.rescue = &rescue;
  for (LocalRootsBase* r = local_roots; r != nullptr; r = r->outer) {
    rescue.visit_roots(r->terms, r->count);
  }
  rescue.visit_roots(x, live);
  if (visit_owner_roots != nullptr) visit_owner_roots(*this, visitor);
  rescue.visit_roots(sp, stack_words());
  rescue.visit(start, htop);
  rescue.visit(old_start, old_top);
  for (Fragment* f = fragments; f != nullptr; f = f->next) rescue.visit(f->mem, f->top);
  rescue.finish();
  // An old object may now refer to the fragment, which only a full collection puts right.
  heap_flags |= kForceMajor | kForceCollect | kOldRefersToYoung;
  if (max_heap_words != 0 && total_words() > max_heap_words) heap_flags |= kMaxHeapExceeded;
}

}  // namespace lintel
