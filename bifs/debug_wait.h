// Two of erts_debug:set_internal_state/2's jobs that go through the schedulers.
#pragma once
#include "vm/proc/process.h"

namespace lintel {

// `ok` once every scheduler has let go of timers that were cancelled and of memory that was given up
// before the call.
BifResult debug_wait_completed(Process& p);

// After `ms` a timer starts another that is due at once, and this one a third, which sends the pid
// `multizero_timeout_in_timeout_done`.
void debug_start_zero_timers(Term pid, u64 ms);

}  // namespace lintel
