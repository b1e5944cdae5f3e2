#include "vm/ets/hash_store.h"

#include "vm/base/alloc.h"
#include "vm/term/compare.h"

namespace lintel {

HashStore::HashStore(EtsType type, u32 keypos, u32 shift)
    : type_(type), keypos_(keypos), shift_(shift), buckets_(kSegment >> shift), mask_(buckets_ - 1) {
  // Where a table has several stores, their first segments are small and double until they are whole.
  segments_.push_back(static_cast<EtsObject**>(vm_alloc_zeroed(buckets_ * sizeof(EtsObject*))));
  words_ = buckets_;
}

HashStore::~HashStore() {
  i64 all = INT64_MAX;
  free_some(all);
  for (EtsObject** s : segments_) vm_free(s);
}

inline bool HashStore::matches(const EtsObject* o, Term key, u32 hash) const {
  return o->hash == hash && exact_equal(o->key(keypos_), key);
}

EtsObject* HashStore::find(Term key, u32 hash) const {
  for (EtsObject* o = bucket(bucket_of(hash)); o != nullptr; o = o->next) {
    if (matches(o, key, hash) && !o->dead) return o;
  }
  return nullptr;
}

EtsObject* HashStore::find_any(Term key, u32 hash) const {
  for (EtsObject* o = bucket(bucket_of(hash)); o != nullptr; o = o->next) {
    if (matches(o, key, hash)) return o;
  }
  return nullptr;
}

EtsObject* HashStore::same_key_next(EtsObject* o) const {
  if (type_ == EtsType::Set) return nullptr;
  Term key = o->key(keypos_);
  u32 hash = o->hash;
  for (o = o->next; o != nullptr && matches(o, key, hash); o = o->next) {
    if (!o->dead) return o;
  }
  return nullptr;
}

EtsObject** HashStore::link_of(Term key, u32 hash) {
  EtsObject** link = &bucket_ref(bucket_of(hash));
  while (*link != nullptr && !matches(*link, key, hash)) link = &(*link)->next;
  return link;
}

void HashStore::replace(EtsObject* old, EtsObject* fresh) {
  EtsObject** link = &bucket_ref(bucket_of(old->hash));
  while (*link != old) link = &(*link)->next;
  fresh->next = old->next;
  *link = fresh;
  add_words(static_cast<i64>(fresh->memory_words()) - static_cast<i64>(old->memory_words()));
  ets_object_free(old);
}

void HashStore::insert(EtsObject* o, bool fixed) {
  Term key = o->key(keypos_);
  EtsObject** link = link_of(key, o->hash);
  EtsObject* there = *link;
  if (type_ == EtsType::Set) {
    if (there != nullptr) {
      // A dead one comes back to life in its place.
      if (there->dead) add_size(1);
      o->next = there->next;
      *link = o;
      add_words(static_cast<i64>(o->memory_words()) - static_cast<i64>(there->memory_words()));
      ets_object_free(there);
      return;
    }
  } else if (type_ == EtsType::Bag) {
    EtsObject** to_q = link;
    for (EtsObject* q = there; q != nullptr && matches(q, key, o->hash); to_q = &q->next, q = q->next) {
      if (!exact_equal(q->tuple(), o->tuple())) continue;
      if (q->dead) {
        // Back to life, as the newest.
        q->dead = 0;
        add_size(1);
        if (q != there) {
          *to_q = q->next;
          q->next = there;
          *link = q;
        }
      }
      ets_object_free(o);
      return;
    }
  }
  o->next = there;
  *link = o;
  add_size(1);
  add_words(static_cast<i64>(o->memory_words()));
  // A table that was fixed for long catches up step by step.
  for (u32 i = 0; i < 5 && !fixed && size() > buckets_; i++) split_one();
}

bool HashStore::drop(EtsObject** link, bool fixed) {
  EtsObject* o = *link;
  add_size(-1);
  if (fixed) {
    o->dead = 1;
    dead_.push_back(o->hash);
    return true;
  }
  *link = o->next;
  add_words(-static_cast<i64>(o->memory_words()));
  ets_object_free(o);
  return false;
}

u64 HashStore::remove(Term key, u32 hash, bool fixed) {
  EtsObject** link = link_of(key, hash);
  u64 n = 0;
  // The key may live in what is removed first: go by the run of equal keys without using it again.
  while (EtsObject* o = *link) {
    if (!o->dead) {
      bool more = type_ != EtsType::Set && o->next != nullptr &&
                  matches(o->next, o->key(keypos_), hash);
      n++;
      if (drop(link, fixed)) link = &o->next;
      if (!more) break;
    } else {
      EtsObject* next = o->next;
      if (next == nullptr || !matches(next, o->key(keypos_), hash)) break;
      link = &o->next;
    }
  }
  if (!fixed) shrink();
  return n;
}

u64 HashStore::remove_object(Term tuple, Term key, u32 hash, bool fixed) {
  EtsObject** link = link_of(key, hash);
  u64 n = 0;
  while (*link != nullptr && matches(*link, key, hash)) {
    EtsObject* o = *link;
    if (!o->dead && exact_equal(o->tuple(), tuple)) {
      n++;
      if (drop(link, fixed)) link = &o->next;
    } else {
      link = &o->next;
    }
  }
  if (!fixed) shrink();
  return n;
}

void HashStore::purge_dead() {
  for (u32 hash : dead_) {
    EtsObject** link = &bucket_ref(bucket_of(hash));
    while (EtsObject* o = *link) {
      if (!o->dead) {
        link = &o->next;
        continue;
      }
      *link = o->next;
      add_words(-static_cast<i64>(o->memory_words()));
      ets_object_free(o);
    }
  }
  dead_.clear();
  dead_.shrink_to_fit();
}

void HashStore::grow() {
  if (buckets_ < kSegment) {
    u32 room = mask_ + 1;
    if (buckets_ == room) {
      segments_[0] = static_cast<EtsObject**>(vm_realloc(segments_[0], 2 * room * sizeof(EtsObject*)));
      for (u32 i = room; i < 2 * room; i++) segments_[0][i] = nullptr;
      add_words(room);
    }
  } else if (buckets_ % kSegment == 0 && buckets_ / kSegment == segments_.size()) {
    segments_.push_back(static_cast<EtsObject**>(vm_alloc_zeroed(kSegment * sizeof(EtsObject*))));
    add_words(kSegment);
  }
}

void HashStore::split_one() {
  if (buckets_ == UINT32_MAX) return;
  grow();
  if (buckets_ == mask_ + 1) mask_ = mask_ * 2 + 1;
  u32 fresh = buckets_++;
  u32 source = fresh & (mask_ >> 1);
  // Both chains keep their order, so that equal keys stay together.
  EtsObject** stay = &bucket_ref(source);
  EtsObject** move = &bucket_ref(fresh);
  EtsObject* o = *stay;
  while (o != nullptr) {
    if ((o->hash >> shift_ & mask_) == fresh) {
      *move = o;
      move = &o->next;
    } else {
      *stay = o;
      stay = &o->next;
    }
    o = o->next;
  }
  *stay = nullptr;
  *move = nullptr;
}

void HashStore::merge_one() {
  u32 last = buckets_ - 1;
  u32 into = last & (mask_ >> 1);
  EtsObject** link = &bucket_ref(last);
  while (*link != nullptr) link = &(*link)->next;
  *link = bucket_ref(into);
  bucket_ref(into) = bucket_ref(last);
  bucket_ref(last) = nullptr;
  buckets_ = last;
  if (buckets_ == (mask_ >> 1) + 1) mask_ >>= 1;
  // One segment stays in reserve.
  if (segments_.size() > 2 && segments_.size() * kSegment >= buckets_ + 2 * kSegment) {
    vm_free(segments_.back());
    segments_.pop_back();
    add_words(-i64{kSegment});
  }
}

void HashStore::shrink() {
  u64 step = kShrinkStep >> shift_;
  u64 first = kSegment >> shift_;
  for (u32 i = 0; i < 5; i++) {
    if (VM_LIKELY(buckets_ <= first + step)) return;
    // The number of slots in whole steps, of which one could go.
    u64 slots = first + (buckets_ - first + step - 1) / step * step;
    if (slots < first + 2 * step || size() >= (slots - step) / 2) return;
    merge_one();
  }
}

void HashStore::clear() {
  i64 all = INT64_MAX;
  free_some(all);
  free_cursor_ = 0;
  for (u64 i = 1; i < segments_.size(); i++) vm_free(segments_[i]);
  segments_.resize(1);
  buckets_ = kSegment >> shift_;
  mask_ = buckets_ - 1;
  segments_[0] = static_cast<EtsObject**>(vm_realloc(segments_[0], buckets_ * sizeof(EtsObject*)));
  size_.store(0, std::memory_order_relaxed);
  words_.store(buckets_, std::memory_order_relaxed);
}

bool HashStore::free_some(i64& budget) {
  for (; free_cursor_ < buckets_; free_cursor_++) {
    EtsObject*& head = bucket_ref(free_cursor_);
    while (EtsObject* o = head) {
      if (budget <= 0) return false;
      head = o->next;
      ets_object_free(o);
      budget--;
    }
    if ((free_cursor_ & 7) == 0) budget--;
  }
  dead_.clear();
  return true;
}

}  // namespace lintel
