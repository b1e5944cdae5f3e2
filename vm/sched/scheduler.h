// Schedulers: threads that run processes and port tasks.
//
//   normal     one run queue, timer wheel and aux queue each. The loop: quiescent point, stop for a
//              block, due timers, aux work, then the next runnable, else steal, else sleep.
//   dirty      two pools (CPU, I/O) with one queue each, for processes whose next BIF or NIF is long
//              native work; see vm/sched/dirty.h.
//
// A woken process goes to the scheduler that ran it last if that one is awake, else to the waker's
// own queue: a process that sends and then waits hands its core over without waking another. A
// scheduler that leaves something behind in its queue when it picks the next wakes a sleeper, which
// steals. Sleeping is a futex wait that ends at the scheduler's next timer.
//
// A woken sleeper and a stop-the-world block agree by `activity`: see schedulers_block.
#pragma once
#include <pthread.h>

#include "vm/proc/process.h"
#include "vm/sched/run_queue.h"
#include "vm/sched/timer_wheel.h"

namespace lintel {

enum class SchedulerKind : u8 { Normal, DirtyCpu, DirtyIo };

struct SchedulerOptions {
  u32 schedulers = 0;         // +S n; 0: as many as logical processors
  u32 online = 0;             // +S :m
  u32 dirty_cpu = 0;          // +SDcpu; 0: as schedulers
  u32 dirty_cpu_online = 0;
  u32 dirty_io = 10;          // +SDio
  u32 async_threads = 1;      // +A, accepted
  i64 reductions = kReductions;  // --reds
  bool seeded = false;        // --sched-seed: one scheduler, order and budgets from the seed
  u64 seed = 0;
  u32 spin = 200;             // +sbwt: rounds of looking for work before sleeping
};

struct AuxWork {
  AuxWork* next;
  void (*run)(void*);
  void* data;
};

struct alignas(64) Scheduler {
  // -- its own thread
  u32 index = 0;              // from 0, within its kind
  SchedulerKind kind = SchedulerKind::Normal;
  RegisterFile* registers = nullptr;
  Process* current = nullptr;
  i64 turn_budget = 0;        // p.reds of `current` when it was last counted into its total
  u64 random = 0;
  u32 turns = 0;
  u32 rounds = 0;             // turns, all counted
  u32 lowest = kPriorityLow;  // least Priority that had a turn since the last balancing
  u32 balance_with = 0;       // scheduler whose queue was looked at
  bool wheel_checked = false;
  pthread_t thread{};

  // -- read by anyone
  alignas(64) std::atomic<u64> reductions{0};
  std::atomic<u64> context_switches{0};
  std::atomic<u64> balance_rounds{0};
  std::atomic<u32> reaches{kPriorityLow};  // `lowest` of the last round
  std::atomic<u64> collections{0};
  std::atomic<u64> reclaimed_words{0};
  std::atomic<i64> idle_ns{0};
  std::atomic<i64> idle_since{0};    // 0: busy
  std::atomic<bool> running{false};  // runs a process
  std::atomic<i64> started_ns{0};

  // -- anyone
  alignas(64) std::atomic<u32> wake_word{0};   // futex: 0 may sleep, 1 look again
  std::atomic<u32> activity{0};                // Activity
  std::atomic<AuxWork*> aux{nullptr};
  std::atomic<bool> asleep{false};
  RunQueue queue;
  TimerWheel wheel;
};

// The scheduler of this thread; null on other threads.
extern thread_local Scheduler* this_scheduler;

void schedulers_init(const SchedulerOptions& options);
// Starts the threads.
void schedulers_start();
bool schedulers_are_started();
// Asks the threads to end and waits for them (tests; a VM that halts just exits).
void schedulers_stop();

u32 scheduler_count();         // normal ones
u32 schedulers_online();
bool schedulers_set_online(u32 n);
u32 dirty_cpu_count();
u32 dirty_cpu_online();
void dirty_cpu_set_online(u32 n);
u32 dirty_io_count();
Scheduler& scheduler_at(u32 index);
Scheduler& dirty_scheduler_at(SchedulerKind kind, u32 index);
// From 1, over all kinds: normal, dirty CPU, dirty I/O.
u32 scheduler_thread_number(const Scheduler& s);
const SchedulerOptions& scheduler_options();

// Puts a runnable into a run queue, waking a scheduler where useful. The caller has seen to it that
// it is in none. For processes use process_wake.
void runnable_enqueue(Runnable& r);
// Runs one port task; set by vm/io.
extern void (*run_port_task)(Runnable& port);

// Makes a sleeping scheduler look around.
void scheduler_poke(Scheduler& s);
// Runs f(data) on the thread of scheduler `index` between two processes.
void scheduler_post(u32 index, void (*f)(void*), void* data);

// Stop-the-world: returns when no other normal scheduler runs anything, and none will until
// schedulers_unblock. Dirty threads stop when they come out of native code. May be called from a
// BIF; callers queue up.
void schedulers_block();
void schedulers_unblock();
bool schedulers_are_blocked();

// Totals for statistics/1. Ports count what they read and write.
extern std::atomic<u64> io_bytes_in;
extern std::atomic<u64> io_bytes_out;
u64 total_reductions();
u64 total_context_switches();
u64 total_run_queue_length();
// How often the schedulers have evened out their queues.
u64 scheduler_balance_rounds();
u32 processors_configured();
u32 processors_online();     // in the affinity mask
u32 processors_quota();      // cgroup quota, rounded up; 0: none

}  // namespace lintel
