// A scheduler's run queue: what is ready to run, by priority.
//
// max goes before high, high before everything else. Among the rest, ports and processes take turns, and
// each low process is taken once while each normal one is taken eight times, however many there are of
// either.
#pragma once
#include "vm/base/lock.h"
#include "vm/proc/process.h"

namespace lintel {

// The lists themselves; whoever changes them sees to it that nobody else does.
class RunLists {
 public:
  static constexpr u32 kPorts = 4;  // lists 0..3 are the priorities
  static constexpr u32 kLists = 5;

  // A glance from any thread.
  u32 length() const { return length_.load(std::memory_order_seq_cst); }
  u32 length(u32 list) const { return counts_[list].load(std::memory_order_relaxed); }

  void append(Runnable* r);
  // The list whose turn it is; there is something in one of them.
  u32 choose();
  Runnable* first(u32 list) const { return lists_[list].first; }
  // Null at the end of the list.
  Runnable* take_after(u32 list, Runnable* before);
  // Null when empty.
  Runnable* take() { return length() == 0 ? nullptr : take_after(choose(), nullptr); }

 private:
  struct List {
    Runnable* first = nullptr;
    Runnable* last = nullptr;
  };
  static constexpr u64 kNormalsPerLow = 8;

  List lists_[kLists];
  std::atomic<u32> counts_[kLists] = {};
  std::atomic<u32> length_{0};
  u64 low_credit_ = 0;
  bool port_turn_ = true;
};

class RunQueue {
 public:
  // Number of entries; a glance without the lock.
  u32 length() const { return lists_.length(); }
  u32 length(u32 priority) const { return lists_.length(priority); }
  u32 port_length() const { return lists_.length(RunLists::kPorts); }

  // Returns the length after.
  u32 push(Runnable* r);
  // Null when empty.
  Runnable* pop();
  // Takes the n-th in an order that a seed can replay (seeded scheduling).
  Runnable* pop_random(u64 random);
  // Moves up to half of what may move into `to` and returns one of it; null when there is nothing.
  Runnable* steal_into(RunQueue& to);
  // Moves up to n entries of one list, the oldest first.
  void move_to(RunQueue& to, u32 list, u32 n);
  // Takes any entry that may run elsewhere.
  Runnable* take_movable();

 private:
  static constexpr u32 kMaxBatch = 32;
  u32 take_movables(u32 list, u32 n, Runnable** batch);

  Mutex<LockRank::RunQueue> lock_;
  RunLists lists_;
};

}  // namespace lintel
