// A scheduler's run queue: what is ready to run, by priority.
//
// max goes before high, high before everything else. Among the rest, ports and processes take turns,
// and a low process is taken after every eighth normal one.
#pragma once
#include "vm/base/lock.h"
#include "vm/proc/process.h"

namespace lintel {

class RunQueue {
 public:
  // Number of entries; a glance without the lock.
  u32 length() const { return length_.load(std::memory_order_seq_cst); }
  u32 length(u32 priority) const { return counts_[priority].load(std::memory_order_relaxed); }
  u32 port_length() const { return counts_[kPorts].load(std::memory_order_relaxed); }

  // Returns the length after.
  u32 push(Runnable* r);
  // Null when empty.
  Runnable* pop();
  // Takes the n-th in an order that a seed can replay (seeded scheduling).
  Runnable* pop_random(u64 random);
  // Moves up to half of what may move into `to` and returns one of it; null when there is nothing.
  Runnable* steal_into(RunQueue& to);
  // Takes any entry that may run elsewhere.
  Runnable* take_movable();

 private:
  static constexpr u32 kPorts = 4;  // lists 0..3 are the priorities
  static constexpr u32 kLists = 5;
  static constexpr u32 kNormalsPerLow = 8;

  struct List {
    Runnable* first = nullptr;
    Runnable* last = nullptr;
  };
  static u32 list_of(const Runnable* r) {
    return r->kind == Runnable::Kind::Port ? kPorts : r->priority;
  }
  void append(u32 list, Runnable* r);
  Runnable* take_first(u32 list);
  Runnable* take_after(u32 list, Runnable* before);
  u32 choose();

  Mutex<LockRank::RunQueue> lock_;
  List lists_[kLists];
  std::atomic<u32> counts_[kLists] = {};
  std::atomic<u32> length_{0};
  u32 normals_since_low_ = 0;
  bool port_turn_ = true;
};

}  // namespace lintel
