// Epochs. Slots are never freed, only reused, so that scanning them needs no lock; there is one per
// thread that ever lived at the same time, so the scan is short.
#include "vm/base/quiesce.h"

#include <sched.h>

#include <mutex>

#include "vm/base/alloc.h"

namespace lintel {

namespace {

struct Retired {
  Retired* next;
  void* block;
  void (*free_fn)(void*);
  u64 epoch;
};

// A queue, nearly in order of epochs: an entry may wait for one before it, never the reverse.
struct RetiredQueue {
  Retired* first = nullptr;
  Retired** last = &first;
};

struct alignas(64) Slot {
  std::atomic<u64> seen{0};  // 0: offline; else the epoch the thread has seen
  std::atomic<bool> used{false};
  Slot* next = nullptr;
};

constexpr u64 kFirstEpoch = 1;

std::atomic<u64> global_epoch{kFirstEpoch};
std::atomic<Slot*> slots{nullptr};
std::atomic<u64> pending_count{0};

// Blocks left behind by threads that ended or that are not long-lived.
std::mutex orphans_lock;
RetiredQueue orphans;
std::atomic<bool> has_orphans{false};

Slot* slot_acquire() {
  for (Slot* s = slots.load(std::memory_order_acquire); s != nullptr; s = s->next) {
    bool expected = false;
    if (!s->used.load(std::memory_order_relaxed) &&
        s->used.compare_exchange_strong(expected, true, std::memory_order_acq_rel)) {
      return s;
    }
  }
  void* mem = vm_alloc(sizeof(Slot) + alignof(Slot));
  auto at = (reinterpret_cast<Word>(mem) + alignof(Slot) - 1) & ~Word{alignof(Slot) - 1};
  Slot* s = new (reinterpret_cast<void*>(at)) Slot;
  s->used.store(true, std::memory_order_relaxed);
  Slot* head = slots.load(std::memory_order_relaxed);
  do {
    s->next = head;
  } while (!slots.compare_exchange_weak(head, s, std::memory_order_release,
                                        std::memory_order_relaxed));
  return s;
}

// Frees what is old enough. Returns the number freed.
u64 reclaim(RetiredQueue& q, u64 epoch) {
  u64 freed = 0;
  while (q.first != nullptr && q.first->epoch + 2 <= epoch) {
    Retired* r = q.first;
    q.first = r->next;
    if (q.first == nullptr) q.last = &q.first;
    r->free_fn(r->block);
    vm_free(r);
    freed++;
  }
  if (freed != 0) pending_count.fetch_sub(freed, std::memory_order_relaxed);
  return freed;
}

// Advances the epoch when every online thread has seen it.
void try_advance() {
  u64 epoch = global_epoch.load(std::memory_order_seq_cst);
  for (Slot* s = slots.load(std::memory_order_acquire); s != nullptr; s = s->next) {
    // Partner: the stores in quiesce_online and quiesce_point.
    u64 seen = s->seen.load(std::memory_order_seq_cst);
    if (seen != 0 && seen != epoch) return;
  }
  global_epoch.compare_exchange_strong(epoch, epoch + 1, std::memory_order_seq_cst);
}

struct ThreadState {
  Slot* slot = nullptr;
  RetiredQueue retired;

  // Leaves what waits to be freed to threads that stay.
  void abandon() {
    if (retired.first == nullptr) return;
    std::lock_guard guard(orphans_lock);
    *orphans.last = retired.first;
    orphans.last = retired.last;
    has_orphans.store(true, std::memory_order_release);
    retired.first = nullptr;
    retired.last = &retired.first;
  }

  ~ThreadState() {
    abandon();
    if (slot != nullptr) {
      slot->seen.store(0, std::memory_order_release);
      slot->used.store(false, std::memory_order_release);
    }
  }
};
thread_local ThreadState this_thread;

void reclaim_orphans(u64 epoch) {
  RetiredQueue ready;
  {
    std::unique_lock guard(orphans_lock, std::try_to_lock);
    if (!guard.owns_lock()) return;
    while (orphans.first != nullptr && orphans.first->epoch + 2 <= epoch) {
      Retired* r = orphans.first;
      orphans.first = r->next;
      if (orphans.first == nullptr) orphans.last = &orphans.first;
      r->next = nullptr;
      *ready.last = r;
      ready.last = &r->next;
    }
    if (orphans.first == nullptr) has_orphans.store(false, std::memory_order_release);
  }
  reclaim(ready, epoch);
}

}  // namespace

bool quiesce_is_online() {
  return this_thread.slot != nullptr && this_thread.slot->seen.load(std::memory_order_relaxed) != 0;
}

bool quiesce_online() {
  ThreadState& t = this_thread;
  if (t.slot == nullptr) t.slot = slot_acquire();
  if (t.slot->seen.load(std::memory_order_relaxed) != 0) return false;
  // The store must be visible before any shared pointer is read, else the epoch could advance twice
  // past us. Loop: an epoch read before the store may be old by the time it is visible.
  u64 epoch = global_epoch.load(std::memory_order_seq_cst);
  while (true) {
    t.slot->seen.store(epoch, std::memory_order_seq_cst);
    u64 now = global_epoch.load(std::memory_order_seq_cst);
    if (now == epoch) break;
    epoch = now;
  }
  return true;
}

void quiesce_offline() {
  VM_ASSERT(this_thread.slot != nullptr);
  this_thread.abandon();
  this_thread.slot->seen.store(0, std::memory_order_release);
}

void quiesce_point() {
  ThreadState& t = this_thread;
  u64 epoch = global_epoch.load(std::memory_order_acquire);
  if (t.slot != nullptr) {
    u64 seen = t.slot->seen.load(std::memory_order_relaxed);
    if (seen != 0 && seen != epoch) t.slot->seen.store(epoch, std::memory_order_seq_cst);
  }
  if (VM_LIKELY(t.retired.first == nullptr && !has_orphans.load(std::memory_order_relaxed))) return;
  try_advance();
  epoch = global_epoch.load(std::memory_order_acquire);
  if (t.slot != nullptr && t.slot->seen.load(std::memory_order_relaxed) != 0) {
    t.slot->seen.store(epoch, std::memory_order_seq_cst);
  }
  reclaim(t.retired, epoch);
  if (has_orphans.load(std::memory_order_relaxed)) reclaim_orphans(epoch);
}

void quiesce_retire(void* block, void (*free_fn)(void*)) {
  auto* r = vm_new<Retired>(
      Retired{nullptr, block, free_fn, global_epoch.load(std::memory_order_seq_cst)});
  pending_count.fetch_add(1, std::memory_order_relaxed);
  ThreadState& t = this_thread;
  if (t.slot != nullptr && t.slot->seen.load(std::memory_order_relaxed) != 0) {
    *t.retired.last = r;
    t.retired.last = &r->next;
    return;
  }
  // An offline thread may never pass a quiescent point: leave it to those that do.
  std::lock_guard guard(orphans_lock);
  r->epoch = global_epoch.load(std::memory_order_seq_cst);
  *orphans.last = r;
  orphans.last = &r->next;
  has_orphans.store(true, std::memory_order_release);
}

void quiesce_wait() {
  bool online = quiesce_is_online();
  if (online) quiesce_offline();
  u64 target = global_epoch.load(std::memory_order_seq_cst) + 2;
  while (global_epoch.load(std::memory_order_seq_cst) < target) {
    try_advance();
    sched_yield();
  }
  if (online) quiesce_online();
}

u64 quiesce_pending() { return pending_count.load(std::memory_order_relaxed); }

}  // namespace lintel
