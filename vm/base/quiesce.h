// Quiescent-state reclamation: how memory that other threads may still be reading is freed without
// any lock on the reading side.
//
// A thread that follows shared pointers (process table, registry, ETS directories, code index) is
// *online* while it does so. It announces now and then, at a moment when it holds no such pointer,
// that it is *quiescent*. A block retired at epoch E is freed when the global epoch reached E + 2,
// and the epoch advances only when every online thread has seen the present one; so by then every
// reader that could have found the block has passed a quiescent point.
//
//   schedulers         online while they work; quiescent between two processes; offline asleep and
//                      inside native dirty calls
//   every other thread goes online for the extent of a QuiesceGuard
//
// Threads get a slot on first use and give it back when they end.
#pragma once
#include <atomic>

#include "vm/base/types.h"

namespace lintel {

// Frees `block` with `free_fn` when nobody can still be reading it. Any thread, online or not.
void quiesce_retire(void* block, void (*free_fn)(void*));

// For long-lived online threads. quiesce_online may be called when online already; returns whether
// the thread was offline before.
bool quiesce_online();
void quiesce_offline();
bool quiesce_is_online();

// The caller holds no shared pointer now. Also frees what became free. Cheap when nothing waits.
void quiesce_point();

// Waits until every thread online at the call has passed a quiescent point. The caller must not
// hold shared pointers; if it is online it counts as quiescent meanwhile.
void quiesce_wait();

// Runs f(data) on some scheduler after every thread online now has passed a quiescent point.
inline void quiesce_call(void* data, void (*f)(void*)) { quiesce_retire(data, f); }

// Blocks retired and not freed yet (for tests and system_info).
u64 quiesce_pending();

class QuiesceGuard {
 public:
  QuiesceGuard() : entered_(quiesce_online()) {}
  ~QuiesceGuard() {
    if (entered_) quiesce_offline();
  }
  QuiesceGuard(const QuiesceGuard&) = delete;
  QuiesceGuard& operator=(const QuiesceGuard&) = delete;

 private:
  bool entered_;
};

}  // namespace lintel
