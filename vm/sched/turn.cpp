// The states that a turn moves a process through:
//
//   Queued -> Running -> Queued           yielded, or has more to do
//                     -> (nothing)        waits; only if no signal came meanwhile
//                     -> Queued | Dirty   its next call wants a dirty thread, or its heap does, to be
//                                         collected
//                     -> gone             exited; what is left of a large one goes on a dirty thread
#include "vm/sched/turn.h"

#include "vm/code/backend.h"
#include "vm/proc/exit.h"
#include "vm/proc/gc_info.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/signal.h"
#include "vm/proc/tracing.h"
#include "vm/sched/dirty.h"
#include "vm/sched/dirty_pool.h"
#include "vm/sched/receive_timer.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

// To a counter that only this thread writes.
void add(std::atomic<u64>& counter, u64 n) {
  counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

bool on_normal(const Scheduler& s) { return s.kind == SchedulerKind::Normal; }

// Gives up p, which goes on later.
void requeue(Scheduler& s, Process& p) {
  if (on_normal(s) && (!p.exiting || process_exit_is_over(p)) && (p.dirty_kind != 0 || p.has_collection_put_off())) {
    if (p.dirty_kind == 0) p.dirty_kind = static_cast<u8>(DirtyKind::Cpu);
    // Running -> Queued | Dirty: one addition, the bits are known.
    p.state.fetch_add(kStateQueued + kStateDirty - kStateRunning, std::memory_order_acq_rel);
    dirty_pool_push(p);
    return;
  }
  if (!on_normal(s)) p.state.fetch_and(~kStateDirty, std::memory_order_relaxed);
  p.state.fetch_add(kStateQueued - kStateRunning, std::memory_order_acq_rel);
  if (on_normal(s) && !p.bound) {
    s.queue.push(&p);
  } else {
    runnable_enqueue(p);
  }
}

// Gives up p unless something came for it.
bool try_wait(Scheduler& s, Process& p) {
  u32 st = p.state.load(std::memory_order_acquire);
  u32 next;
  do {
    if ((st & kStatePending) != 0) return false;
    next = st & ~(kStateRunning | kStateDirty);
  } while (!p.state.compare_exchange_weak(st, next, std::memory_order_acq_rel,
                                          std::memory_order_acquire));
  return true;
}

void load_registers(Scheduler& s, Process& p) {
  p.x = s.registers->x;
  for (u32 i = 0; i < p.saved_count; i++) p.x[i] = p.saved_x[i];
  p.live = p.saved_count;
  p.saved_count = 0;
}

// Hibernating: false when a message is there already. The stack holds only the first frame's return
// address; the heap shrinks to what lives.
bool fall_asleep(Process& p) {
  if (p.in_queue.load(std::memory_order_relaxed) != nullptr) signals_fetch(p);
  if (p.mailbox.first != nullptr || p.exiting) return false;
  Term first_return = *p.sp;
  p.sp = p.end;
  p.hibernate();
  *--p.sp = first_return;
  return true;
}

void handle_max_heap(Process& p) {
  if (VM_UNLIKELY((p.trace_flags & kTraceGc) != 0)) trace_max_heap(p);
  p.heap_flags &= ~Heap::kMaxHeapExceeded;
  report_max_heap(p);
  if ((p.flags & kFlagMaxHeapKill) != 0) process_set_exiting(p, am::killed);
}

}  // namespace

i64 run_turn(Scheduler& s, Process& p, i64 budget) {
  u32 st = p.state.fetch_add(kStateRunning - kStateQueued, std::memory_order_acq_rel);
  VM_ASSERT((st & kStateQueued) != 0 && (st & kStateRunning) == 0);
  s.current = &p;
  s.running.store(true, std::memory_order_relaxed);
  p.sched = &s;
  p.x = s.registers->x;
  p.live = 0;
  if (on_normal(s) && !p.bound) p.home = s.index;
  p.reds = budget;
  p.turns++;
  if (on_normal(s)) {
    p.heap_flags |= Heap::kShortCollectionsOnly;
  } else {
    p.heap_flags &= ~u32{Heap::kShortCollectionsOnly};
  }
  i64 used = 0;
  u64 collections = p.gc_stats.minor + p.gc_stats.major;
  u64 reclaimed = p.gc_stats.reclaimed_words;
  auto account = [&] {
    p.reds -= p.take_gc_cost();
    if (u64 n = p.gc_stats.minor + p.gc_stats.major; n != collections) {
      add(s.collections, n - collections);
      add(s.reclaimed_words, p.gc_stats.reclaimed_words - reclaimed);
      collections = n;
      reclaimed = p.gc_stats.reclaimed_words;
    }
    i64 spent = s.turn_budget - p.reds;  // what a yield gave away is off turn_budget
    if (spent < 0) spent = 0;
    used += spent;
    p.reds_total += spent;
    s.turn_budget = p.reds;
  };
  s.turn_budget = budget;

  if ((st & kStatePending) != 0) signals_fetch(p);
  bool ran = false;
  while (true) {
    if (VM_UNLIKELY((p.heap_flags & Heap::kMaxHeapExceeded) != 0)) handle_max_heap(p);
    if (VM_UNLIKELY(p.exiting)) {
      if (process_exit_is_over(p)) {
        process_release(p);
        break;
      }
      receive_timer_cancel(p);
      if (on_normal(s)) {
        if (p.reds <= 0) s.turn_budget = p.reds = kReductions / 4;
        if (VM_UNLIKELY((p.trace_flags & kTraceExiting) != 0) && !ran && p.exit_phase != 0) {
          trace_scheduled(p, true);
        }
        if (process_exit_continue(p)) {
          if (VM_LIKELY(!process_release_is_long(p))) {
            process_release(p);
            break;
          }
          p.dirty_kind = static_cast<u8>(DirtyKind::Cpu);
        }
        if (VM_UNLIKELY((p.trace_flags & kTraceExiting) != 0)) trace_scheduled(p, false);
      }
      account();
      requeue(s, p);
      break;
    }
    if (VM_UNLIKELY(p.has_collection_put_off())) {
      if (!on_normal(s)) p.collect_put_off();
      account();
      requeue(s, p);
      break;
    }
    if (p.suspend_count == 0 &&
        ((p.flags & kFlagHibernated) == 0 || p.mailbox.first != nullptr)) {
      p.flags &= ~kFlagHibernated;
      if (VM_UNLIKELY(p.reds <= 0)) {  // signals took the whole turn
        account();
        requeue(s, p);
        break;
      }
      if (VM_UNLIKELY((p.trace_flags & kTraceSchedulingMask) != 0)) trace_scheduled(p, true);
      WatchedTurn watched;
      bool is_watched_turn = on_normal(s) && is_watched(kWatchLongSchedule);
      if (is_watched_turn) watch_turn_begins(p, &watched);
      load_registers(s, p);
      p.waiting = false;
      p.run_result = RunResult::Yielded;
      RunResult result = engine.run(p);
      p.live = 0;
      ran = true;
      if (is_watched_turn) watch_turn_ends(p, watched);
      if (VM_UNLIKELY((p.trace_flags & kTraceSchedulingMask) != 0) && !p.exiting && result != RunResult::Exited) {
        trace_scheduled(p, false);
      }
      if (VM_UNLIKELY((p.heap_flags & Heap::kMaxHeapExceeded) != 0)) handle_max_heap(p);
      if (VM_LIKELY(!p.exiting)) {
        if (result == RunResult::Yielded) {
          account();
          requeue(s, p);
          break;
        }
        if (result == RunResult::Exited) {
          process_terminated(p);
        } else {
          p.waiting = result == RunResult::Waiting;
          if ((p.flags & kFlagHibernated) != 0 && !fall_asleep(p)) continue;
        }
      }
      if (VM_UNLIKELY(p.exiting)) continue;
    }
    account();
    bool watched = is_watched(kWatchRunnableProcs);
    if (watched) watch_runnable(p, false);
    if (try_wait(s, p)) break;  // from here p belongs to whoever wakes it
    if (watched) watch_runnable(p, true);
    signals_fetch(p);
  }
  s.current = nullptr;
  s.running.store(false, std::memory_order_relaxed);
  add(s.context_switches, 1);
  add(s.reductions, static_cast<u64>(used));
  return used;
}

}  // namespace lintel
