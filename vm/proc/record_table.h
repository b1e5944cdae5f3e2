// A small set of records that link themselves together: links, monitors, watchers, aliases of one
// process. Most processes have one to five of each, so up to eight the set is one list without any
// table; above, a hash table that doubles. Records are allocated and freed by the user.
//
// R has: R* next; u64 hash() const.
#pragma once
#include "vm/base/alloc.h"

namespace lintel {

template <typename R>
class RecordTable {
 public:
  RecordTable() = default;
  RecordTable(const RecordTable&) = delete;
  RecordTable& operator=(const RecordTable&) = delete;
  ~RecordTable() {
    if (buckets_ != &head_) vm_free(buckets_);
  }

  u64 count() const { return count_; }
  u64 memory_bytes() const { return mask_ == 0 ? 0 : (mask_ + 1) * sizeof(R*); }

  // The first record with this hash that `same` accepts, or null.
  template <typename Same>
  R* find(u64 hash, Same same) const {
    for (R* r = buckets_[hash & mask_]; r != nullptr; r = r->next) {
      if (same(*r)) return r;
    }
    return nullptr;
  }
  // No record equal to r is in the set.
  void insert(R* r) {
    if (VM_UNLIKELY(count_ >= kListMax && count_ > mask_)) grow();
    R** bucket = &buckets_[r->hash() & mask_];
    r->next = *bucket;
    *bucket = r;
    count_++;
  }
  void remove(R* r) {
    R** link = &buckets_[r->hash() & mask_];
    while (*link != r) {
      VM_ASSERT(*link != nullptr);
      link = &(*link)->next;
    }
    *link = r->next;
    count_--;
  }
  // Takes out any one; null when empty.
  R* take_any() {
    if (count_ == 0) return nullptr;
    while (buckets_[cursor_ & mask_] == nullptr) cursor_++;
    R** bucket = &buckets_[cursor_ & mask_];
    R* r = *bucket;
    *bucket = r->next;
    count_--;
    return r;
  }
  // f must not change the set.
  template <typename F>
  void each(F f) const {
    for (u64 i = 0; i <= mask_; i++) {
      for (R* r = buckets_[i]; r != nullptr; r = r->next) f(*r);
    }
  }

 private:
  static constexpr u64 kListMax = 8;

  void grow() {
    u64 size = mask_ == 0 ? 2 * kListMax : 2 * (mask_ + 1);
    R** bigger = static_cast<R**>(vm_alloc_zeroed(size * sizeof(R*)));
    for (u64 i = 0; i <= mask_; i++) {
      R* r = buckets_[i];
      while (r != nullptr) {
        R* next = r->next;
        R** bucket = &bigger[r->hash() & (size - 1)];
        r->next = *bucket;
        *bucket = r;
        r = next;
      }
    }
    if (buckets_ != &head_) vm_free(buckets_);
    buckets_ = bigger;
    mask_ = size - 1;
  }

  R* head_ = nullptr;
  R** buckets_ = &head_;
  u64 mask_ = 0;
  u64 count_ = 0;
  u64 cursor_ = 0;
};

}  // namespace lintel
