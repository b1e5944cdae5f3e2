// Timers: one hierarchical wheel per scheduler, touched only by its thread, so that setting and
// cancelling on the scheduler where a process runs takes no lock.
//
//   level 0: 256 slots of one tick (1 ms); level n: 256 slots of 256^n ticks
//
// A timer stands in the level where its distance from now fits and moves down as time goes on. A
// bitmap of the non-empty slots of each level tells how long the scheduler may sleep.
//
// Other threads cancel by state: who changes Active to Cancelled or Fired decides. A cancelled timer
// of another scheduler is put in that wheel's inbox, to be unlinked and freed there. Threads without
// a wheel (dirty ones) insert through the inbox of some scheduler.
#pragma once
#include <atomic>

#include "vm/base/types.h"

namespace lintel {

struct Process;
struct TimerWheel;

struct Timer {
  enum State : u8 { kActive, kFired, kCancelled };

  Timer* next = nullptr;         // in a slot; the wheel's owner
  Timer** link = nullptr;        // what points here; null when in no slot
  u64 deadline = 0;              // tick
  TimerWheel* wheel = nullptr;
  // After the wheel's owner made it kFired: takes the timer over. For a receive timer null: the
  // process is woken and frees it.
  void (*fire)(Timer* t) = nullptr;
  void (*destroy)(Timer* t) = nullptr;  // when cancelled; null: vm_free
  Process* receiver = nullptr;          // of a receive timer
  Timer* insert_next = nullptr;         // inbox links
  Timer* cancel_next = nullptr;
  std::atomic<u8> state{kActive};
  u8 level = 0;
  u8 slot = 0;
};

inline constexpr u64 kNoDeadline = ~u64{0};

struct TimerWheel {
  static constexpr u32 kLevels = 6;
  static constexpr u32 kSlotBits = 8;
  static constexpr u32 kSlots = 1 << kSlotBits;

  // -- the owner
  u64 now = 0;  // ticks handled
  u64 count = 0;
  Timer* slots[kLevels][kSlots] = {};
  u64 occupied[kLevels][kSlots / 64] = {};

  void insert(Timer* t);
  void unlink(Timer* t);
  // Fires what is due at `tick` and drains the inbox. Returns the number fired.
  u64 advance(u64 tick);
  // A tick at or before the next deadline, at which to look again; kNoDeadline when empty.
  u64 next_tick() const;
  bool inbox_empty() const {
    return inserts.load(std::memory_order_relaxed) == nullptr &&
           cancels.load(std::memory_order_relaxed) == nullptr;
  }
  void drain_inbox();

  // -- anyone
  std::atomic<Timer*> inserts{nullptr};
  std::atomic<Timer*> cancels{nullptr};

 private:
  void place(Timer* t);
  void expire_slot(u32 level, u32 slot, u64* fired);
};

// Starts t, whose deadline and callbacks are set, on the calling scheduler's wheel (or on some
// scheduler's when the thread has none).
void timer_start(Timer* t);
// True when this call prevented it from firing; then t is gone. False: it fires or has fired.
bool timer_cancel(Timer* t);
// The two halves of timer_cancel: deciding, and letting go of a timer that was decided to be cancelled.
bool timer_claim(Timer* t);
void timer_release_claimed(Timer* t);

}  // namespace lintel
