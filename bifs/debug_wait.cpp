#include "bifs/debug_wait.h"

#include "vm/base/quiesce.h"
#include "vm/code/export.h"
#include "vm/proc/exception.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/sched/clock.h"
#include "vm/sched/scheduler.h"
#include "vm/sched/timer_wheel.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

// A round visits all schedulers. What was retired before it is free after two epochs, and an epoch
// ends at the latest with a round in which everybody was quiescent.
struct Wait {
  static constexpr u32 kRounds = 3;
  std::atomic<u32> left{0};
  u32 rounds = kRounds;
  Term pid;
  RefNumbers ref;
};

void visit(void* data);

void begin_round(Wait* w) {
  u32 n = scheduler_count();
  // release: partners with the acq_rel of visit, whose last one reads the other fields.
  w->left.store(n, std::memory_order_release);
  for (u32 i = 0; i < n; i++) scheduler_post(i, visit, w);
}

// On each scheduler's thread, between two processes.
void visit(void* data) {
  auto* w = static_cast<Wait*>(data);
  this_scheduler->wheel.drain_inbox();
  quiesce_point();
  if (w->left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (--w->rounds != 0) return begin_round(w);
  Fragment* f = fragment_new(kRefWords + tuple_words(2));
  Builder b = f->builder();
  Term message = b.tuple({b.reference(w->ref), am::ok});
  send_fragment_to(w->pid, message, f);
  vm_delete(w);
}

struct ZeroTimer : Timer {
  Term pid;
  u32 more = 2;
};

void zero_timer_fires(Timer* timer) {
  auto* t = static_cast<ZeroTimer*>(timer);
  if (t->more != 0) {
    auto* next = vm_new<ZeroTimer>();
    next->fire = zero_timer_fires;
    next->deadline = clock_tick_now();
    next->pid = t->pid;
    next->more = t->more - 1;
    timer_start(next);
  } else {
    send_fragment_to(t->pid, am::multizero_timeout_in_timeout_done, nullptr);
  }
  vm_delete(t);
}

}  // namespace

BifResult debug_wait_completed(Process& p) {
  auto* w = vm_new<Wait>();
  w->pid = p.id;
  w->ref = make_ref_numbers();
  Builder b = p.reserve(kRefWords);
  Term ref = b.reference(w->ref);
  mailbox_save_at_end(p);
  begin_round(w);
  return trap(p, export_get(am::erts_internal, am::await_result, 1), {ref});
}

void debug_start_zero_timers(Term pid, u64 ms) {
  auto* t = vm_new<ZeroTimer>();
  t->fire = zero_timer_fires;
  t->deadline = clock_tick_after(ms);
  t->pid = pid;
  timer_start(t);
}

}  // namespace lintel
