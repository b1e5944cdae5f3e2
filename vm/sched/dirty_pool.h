// The two pools of dirty threads, as the schedulers see them.
#pragma once
#include "vm/sched/scheduler.h"

namespace lintel {

void dirty_pools_init(const SchedulerOptions& options);
void dirty_pools_start();
void dirty_pools_stop();
// p (state Queued | Dirty) runs its next turn on a thread of the pool that p.dirty_kind names.
void dirty_pool_push(Process& p);

// scheduler.cpp: a thread with all of the VM's signals blocked.
void start_vm_thread(pthread_t* thread, void* (*main)(void*), void* arg);
// scheduler.cpp: comes back only when nobody blocks the world.
void scheduler_become_busy(Scheduler& s);
void scheduler_become_idle(Scheduler& s);

}  // namespace lintel
