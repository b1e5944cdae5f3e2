// Objects of set, bag and duplicate_bag tables: linear hashing, so that growing and shrinking move
// one bucket at a time.
//
//   segments_[s][i]  bucket number s * kSegment + i, a chain of objects
//
// There are `buckets_` of them. A hash (without its lowest `shift` bits, by which the table has chosen
// this store) belongs to bucket hash & mask_, or, where that does not exist yet, to hash & (mask_ >> 1),
// from which it will be split off. Objects with equal keys stand next to each other, the newest first;
// other newcomers go to the end of their chain.
//
// Programs can see the order of traversal, and many a printed result depends on it, so the numbers of
// buckets and the moments of growing and shrinking are the stock VM's: 256 at first, one more whenever
// there are more objects than buckets, fewer once a segment could go and half of the rest stay empty.
//
// While the owner says that the table is fixed, the number of buckets stays and deleted objects stay
// in their chains, marked dead, so that a traversal by bucket sees every object exactly once and a
// traversal by key can go on from a deleted one.
//
// Callers hold the stripe's lock.
#pragma once
#include <atomic>
#include <vector>

#include "vm/ets/object.h"

namespace lintel {

enum class EtsType : u8 { Set, Bag, DuplicateBag, OrderedSet };

class HashStore {
 public:
  HashStore(EtsType type, u32 keypos, u32 shift);
  ~HashStore();
  HashStore(const HashStore&) = delete;
  HashStore& operator=(const HashStore&) = delete;

  u32 buckets() const { return buckets_; }
  EtsObject* bucket(u32 i) const { return segments_[i / kSegment][i % kSegment]; }
  u32 bucket_of(u32 hash) const {
    hash >>= shift_;
    u32 i = hash & mask_;
    return i < buckets_ ? i : hash & (mask_ >> 1);
  }

  // First object with the key, newest first when several; dead ones are skipped.
  EtsObject* find(Term key, u32 hash) const;
  // As find, but dead objects count.
  EtsObject* find_any(Term key, u32 hash) const;
  // The next object with the same key after o, or null.
  EtsObject* same_key_next(EtsObject* o) const;

  // Takes the object. Set: replaces what has its key. Bag: frees o when an equal object is there.
  void insert(EtsObject* o, bool fixed);
  // Puts `fresh` in the place of `old`, which is freed. Their keys are equal.
  void replace(EtsObject* old, EtsObject* fresh);
  // Removes all with this key; returns how many.
  u64 remove(Term key, u32 hash, bool fixed);
  // Removes all objects equal to `tuple`.
  u64 remove_object(Term tuple, Term key, u32 hash, bool fixed);
  // Removes the objects of a bucket for which f returns true.
  template <typename F>
  u64 remove_if(u32 i, bool fixed, F f) {
    u64 n = 0;
    EtsObject** link = &bucket_ref(i);
    while (EtsObject* o = *link) {
      if (o->dead || !f(o)) {
        link = &o->next;
        continue;
      }
      n++;
      if (drop(link, fixed)) link = &o->next;
    }
    return n;
  }
  // After removals, when not fixed.
  void shrink();
  // Unlinks what died while the table was fixed.
  void purge_dead();
  // Frees all objects and goes back to the first number of buckets. Not while fixed.
  void clear();
  // Frees up to `budget` objects without keeping the store in order, for deletion of the table.
  // True when all are gone.
  bool free_some(i64& budget);

  u64 size() const { return size_.load(std::memory_order_relaxed); }
  u64 memory_words() const { return words_.load(std::memory_order_relaxed); }
  bool has_dead() const { return !dead_.empty(); }

 private:
  static constexpr u32 kSegment = 256;
  static constexpr u32 kShrinkStep = 2048;  // the stock VM's segment

  EtsObject*& bucket_ref(u32 i) { return segments_[i / kSegment][i % kSegment]; }
  EtsObject** link_of(Term key, u32 hash);
  bool matches(const EtsObject* o, Term key, u32 hash) const;
  // Removes *link, or marks it dead (then true: it is still there).
  bool drop(EtsObject** link, bool fixed);
  void grow();
  void split_one();
  void merge_one();
  void add_size(i64 n) {
    size_.store(size_.load(std::memory_order_relaxed) + static_cast<u64>(n),
                std::memory_order_relaxed);
  }
  void add_words(i64 n) {
    words_.store(words_.load(std::memory_order_relaxed) + static_cast<u64>(n),
                 std::memory_order_relaxed);
  }

  const EtsType type_;
  const u32 keypos_;
  const u32 shift_;
  u32 buckets_;
  u32 mask_;
  std::vector<EtsObject**> segments_;
  std::vector<u32> dead_;  // hashes of dead objects
  // Written under the lock, read by anyone.
  std::atomic<u64> size_{0};
  std::atomic<u64> words_{0};
  u32 free_cursor_ = 0;
};

}  // namespace lintel
