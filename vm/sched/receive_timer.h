// receive ... after.
#pragma once
#include "vm/proc/process.h"

namespace lintel {

enum class ReceiveWait : u8 {
  Wait,        // go and wait; the timer (if any) runs
  Expired,     // the time is up: run the `after` part
  BadTimeout,  // error timeout_value
};

// wait_timeout: starts the timer at the first call of this receive, and later tells whether it has
// run out. `timeout`: milliseconds below 2^32, or infinity.
ReceiveWait receive_timer_wait(Process& p, Term timeout);
// A message was taken, or the process ends: stop it.
void receive_timer_cancel_running(Process& p);
inline void receive_timer_cancel(Process& p) {
  if (VM_UNLIKELY(p.receive_timer != nullptr)) receive_timer_cancel_running(p);
}

}  // namespace lintel
