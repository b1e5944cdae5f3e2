// One turn of one process on a scheduler or dirty thread: signals, running, and what comes after.
#pragma once
#include "vm/sched/scheduler.h"

namespace lintel {

// p was just taken from a queue (state Queued). Returns the reductions used. p may be gone after.
i64 run_turn(Scheduler& s, Process& p, i64 budget);

}  // namespace lintel
