// A small reader-writer lock: one word, uncontended costs one atomic operation each way. Held for
// the time of one table operation, so waiters spin briefly, then sleep in growing steps.
//
// A waiting writer keeps new readers out.
#pragma once
#include <sched.h>
#include <time.h>

#include <atomic>

#include "vm/base/lock.h"

namespace lintel {

class EtsLock {
 public:
  void lock() {
    lock_rank_push(LockRank::EtsTable);
    lock_unranked();
  }
  void unlock() {
    unlock_unranked();
    lock_rank_pop(LockRank::EtsTable);
  }
  void lock_shared() {
    lock_rank_push(LockRank::EtsTable);
    u32 s = state_.load(std::memory_order_relaxed);
    if (VM_LIKELY((s & (kWriter | kWaiting)) == 0 &&
                  state_.compare_exchange_weak(s, s + kReader, std::memory_order_acquire))) {
      return;
    }
    lock_shared_slow();
  }
  void unlock_shared() {
    // Release: pairs with the acquire of the next writer.
    state_.fetch_sub(kReader, std::memory_order_release);
    lock_rank_pop(LockRank::EtsTable);
  }
  // For taking all stripes of a table in order: only the first counts for the rank check.
  void lock_unranked() {
    u32 s = 0;
    if (VM_LIKELY(state_.compare_exchange_weak(s, kWriter, std::memory_order_acquire))) return;
    lock_slow();
  }
  // Clears kWaiting too: who waits sets it again in its next round.
  void unlock_unranked() { state_.store(0, std::memory_order_release); }

 private:
  static constexpr u32 kWriter = 1;
  static constexpr u32 kWaiting = 2;  // a writer waits
  static constexpr u32 kReader = 4;

  static void pause(u32& turn) {
    if (turn < 64) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    } else if (turn < 80) {
      sched_yield();
    } else {
      timespec t{0, turn < 120 ? 20'000 : 200'000};
      nanosleep(&t, nullptr);
    }
    turn++;
  }

  VM_NOINLINE void lock_slow() {
    for (u32 turn = 0;;) {
      u32 s = state_.load(std::memory_order_relaxed);
      if ((s & ~kWaiting) == 0) {
        // Whoever else waits sets its bit again.
        if (state_.compare_exchange_weak(s, kWriter, std::memory_order_acquire)) return;
        continue;
      }
      if ((s & kWaiting) == 0) state_.fetch_or(kWaiting, std::memory_order_relaxed);
      pause(turn);
    }
  }
  VM_NOINLINE void lock_shared_slow() {
    for (u32 turn = 0;;) {
      u32 s = state_.load(std::memory_order_relaxed);
      if ((s & (kWriter | kWaiting)) == 0) {
        if (state_.compare_exchange_weak(s, s + kReader, std::memory_order_acquire)) return;
        continue;
      }
      pause(turn);
    }
  }

  std::atomic<u32> state_{0};
};

}  // namespace lintel
