#include "vm/sched/run_queue.h"

namespace lintel {

void RunQueue::append(u32 list, Runnable* r) {
  r->queue_next = nullptr;
  List& l = lists_[list];
  (l.last != nullptr ? l.last->queue_next : l.first) = r;
  l.last = r;
  counts_[list].store(counts_[list].load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  length_.store(length_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
}

Runnable* RunQueue::take_after(u32 list, Runnable* before) {
  List& l = lists_[list];
  Runnable*& link = before != nullptr ? before->queue_next : l.first;
  Runnable* r = link;
  if (r == nullptr) return nullptr;
  link = r->queue_next;
  if (l.last == r) l.last = before;
  r->queue_next = nullptr;
  counts_[list].store(counts_[list].load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  length_.store(length_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  return r;
}

Runnable* RunQueue::take_first(u32 list) { return take_after(list, nullptr); }

u32 RunQueue::push(Runnable* r) {
  Guard guard(lock_);
  append(list_of(r), r);
  return length_.load(std::memory_order_relaxed);
}

u32 RunQueue::choose() {
  if (lists_[kPriorityMax].first != nullptr) return kPriorityMax;
  if (lists_[kPriorityHigh].first != nullptr) return kPriorityHigh;
  bool normal = lists_[kPriorityNormal].first != nullptr;
  bool low = lists_[kPriorityLow].first != nullptr;
  if (lists_[kPorts].first != nullptr) {
    port_turn_ = !port_turn_ || (!normal && !low);
    if (port_turn_) return kPorts;
  }
  if (!low) {
    normals_since_low_ = 0;
  } else if (!normal || normals_since_low_++ >= kNormalsPerLow) {
    normals_since_low_ = 0;
    return kPriorityLow;
  }
  return kPriorityNormal;
}

Runnable* RunQueue::pop() {
  if (length_.load(std::memory_order_relaxed) == 0) return nullptr;
  Guard guard(lock_);
  if (length_.load(std::memory_order_relaxed) == 0) return nullptr;
  return take_first(choose());
}

Runnable* RunQueue::pop_random(u64 random) {
  Guard guard(lock_);
  u32 n = length_.load(std::memory_order_relaxed);
  if (n == 0) return nullptr;
  u32 list = choose();
  u64 skip = random % counts_[list].load(std::memory_order_relaxed);
  Runnable* before = nullptr;
  for (; skip > 0; skip--) before = before != nullptr ? before->queue_next : lists_[list].first;
  return take_after(list, before);
}

Runnable* RunQueue::steal_into(RunQueue& to) {
  constexpr u32 kMaxBatch = 32;
  constexpr u32 kOrder[] = {kPriorityMax, kPriorityHigh, kPorts, kPriorityNormal, kPriorityLow};
  Runnable* batch[kMaxBatch];
  u32 taken = 0;
  {
    Guard guard(lock_);
    u32 want = (length_.load(std::memory_order_relaxed) + 1) / 2;
    if (want > kMaxBatch) want = kMaxBatch;
    for (u32 list : kOrder) {
      Runnable* before = nullptr;
      while (taken < want) {
        Runnable* r = before != nullptr ? before->queue_next : lists_[list].first;
        if (r == nullptr) break;
        if (r->bound) {
          before = r;
        } else {
          batch[taken++] = take_after(list, before);
        }
      }
    }
  }
  if (taken == 0) return nullptr;
  if (taken > 1) {
    Guard guard(to.lock_);
    for (u32 i = 1; i < taken; i++) to.append(list_of(batch[i]), batch[i]);
  }
  return batch[0];
}

Runnable* RunQueue::take_movable() {
  Guard guard(lock_);
  for (u32 list = 0; list < kLists; list++) {
    Runnable* before = nullptr;
    for (Runnable* r = lists_[list].first; r != nullptr; before = r, r = r->queue_next) {
      if (!r->bound) return take_after(list, before);
    }
  }
  return nullptr;
}

}  // namespace lintel
