// erlang:system_flag(multi_scheduling, ...): processes that want to be the only one running.
//
// While somebody blocks, one scheduler is online; the number that was asked for stays on record and
// comes back with the last unblocking. A block is held by a process, counted, and ends with it.
#pragma once
#include <vector>

#include "vm/proc/process.h"

namespace lintel {

enum class MultiSchedulingBlock : u8 { All, Normal };  // Normal leaves dirty schedulers alone

void multi_scheduling_init();
void multi_scheduling_block(Process& p, MultiSchedulingBlock kind);
void multi_scheduling_unblock(Process& p, MultiSchedulingBlock kind);  // without a block: nothing
// `enabled`, `blocked` or `blocked_normal`.
Term multi_scheduling_state();
// Pids, each once.
std::vector<Term> multi_scheduling_blockers(MultiSchedulingBlock kind);

// The schedulers online as the program set them; fewer run while somebody blocks.
u32 schedulers_online_wanted();
void schedulers_online_want(u32 n);

}  // namespace lintel
