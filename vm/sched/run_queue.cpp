#include "vm/sched/run_queue.h"

#include <algorithm>

namespace lintel {

namespace {

void step(std::atomic<u32>& count, u32 by) {
  count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace

void RunLists::append(Runnable* r) {
  u32 list = r->kind == Runnable::Kind::Port ? kPorts : r->priority;
  r->queue_next = nullptr;
  List& l = lists_[list];
  (l.last != nullptr ? l.last->queue_next : l.first) = r;
  l.last = r;
  step(counts_[list], 1);
  length_.store(length_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
}

Runnable* RunLists::take_after(u32 list, Runnable* before) {
  List& l = lists_[list];
  Runnable*& link = before != nullptr ? before->queue_next : l.first;
  Runnable* r = link;
  if (r == nullptr) return nullptr;
  link = r->queue_next;
  if (l.last == r) l.last = before;
  r->queue_next = nullptr;
  step(counts_[list], ~u32{0});
  step(length_, ~u32{0});
  return r;
}

u32 RunLists::choose() {
  if (lists_[kPriorityMax].first != nullptr) return kPriorityMax;
  if (lists_[kPriorityHigh].first != nullptr) return kPriorityHigh;
  u64 normals = length(kPriorityNormal);
  u64 lows = length(kPriorityLow);
  if (lists_[kPorts].first != nullptr) {
    port_turn_ = !port_turn_ || (normals == 0 && lows == 0);
    if (port_turn_) return kPorts;
  }
  if (lows == 0) {
    low_credit_ = 0;
    return kPriorityNormal;
  }
  // With both there, the low ones' part of the turns is lows / (lows + 8 * normals).
  low_credit_ += lows;
  if (normals != 0 && low_credit_ < lows + kNormalsPerLow * normals) return kPriorityNormal;
  low_credit_ = 0;
  return kPriorityLow;
}

u32 RunQueue::push(Runnable* r) {
  Guard guard(lock_);
  lists_.append(r);
  return lists_.length();
}

Runnable* RunQueue::pop() {
  if (length() == 0) return nullptr;
  Guard guard(lock_);
  return lists_.take();
}

Runnable* RunQueue::pop_random(u64 random) {
  Guard guard(lock_);
  if (lists_.length() == 0) return nullptr;
  u32 list = lists_.choose();
  u64 skip = random % lists_.length(list);
  Runnable* before = nullptr;
  for (; skip > 0; skip--) before = before != nullptr ? before->queue_next : lists_.first(list);
  return lists_.take_after(list, before);
}

u32 RunQueue::take_movables(u32 list, u32 n, Runnable** batch) {
  u32 taken = 0;
  Runnable* before = nullptr;
  while (taken < n) {
    Runnable* r = before != nullptr ? before->queue_next : lists_.first(list);
    if (r == nullptr) break;
    if (r->bound) {
      before = r;
    } else {
      batch[taken++] = lists_.take_after(list, before);
    }
  }
  return taken;
}

Runnable* RunQueue::steal_into(RunQueue& to) {
  constexpr u32 kOrder[] = {kPriorityMax, kPriorityHigh, RunLists::kPorts, kPriorityNormal, kPriorityLow};
  Runnable* batch[kMaxBatch];
  u32 taken = 0;
  {
    Guard guard(lock_);
    u32 want = std::min((lists_.length() + 1) / 2, kMaxBatch);
    for (u32 list : kOrder) taken += take_movables(list, want - taken, batch + taken);
  }
  if (taken == 0) return nullptr;
  if (taken > 1) {
    Guard guard(to.lock_);
    for (u32 i = 1; i < taken; i++) to.lists_.append(batch[i]);
  }
  return batch[0];
}

void RunQueue::move_to(RunQueue& to, u32 list, u32 n) {
  Runnable* batch[kMaxBatch];
  u32 taken;
  {
    Guard guard(lock_);
    taken = take_movables(list, std::min(n, kMaxBatch), batch);
  }
  if (taken == 0) return;
  Guard guard(to.lock_);
  for (u32 i = 0; i < taken; i++) to.lists_.append(batch[i]);
}

Runnable* RunQueue::take_movable() {
  Guard guard(lock_);
  for (u32 list = 0; list < RunLists::kLists; list++) {
    Runnable* r;
    if (take_movables(list, 1, &r) == 1) return r;
  }
  return nullptr;
}

}  // namespace lintel
