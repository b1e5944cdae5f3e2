#include "vm/sched/receive_timer.h"

#include "vm/base/alloc.h"
#include "vm/sched/clock.h"
#include "vm/sched/timer_wheel.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel {

namespace {

// Stands for `infinity`. A loop without clauses comes back to its wait_timeout when a signal wakes it,
// and by then the register that held the time is lost; so that it is infinite must be remembered.
Timer never;

}  // namespace

ReceiveWait receive_timer_wait(Process& p, Term timeout) {
  if (Timer* t = p.receive_timer) {
    if (t->state.load(std::memory_order_acquire) != Timer::kFired) return ReceiveWait::Wait;
    p.receive_timer = nullptr;
    vm_delete(t);
    return ReceiveWait::Expired;
  }
  if (timeout.is_small()) {
    i64 ms = timeout.small_value();
    if (ms == 0) return ReceiveWait::Expired;
    if (ms < 0 || ms > i64{0xFFFFFFFF}) return ReceiveWait::BadTimeout;
    auto* t = vm_new<Timer>();
    t->receiver = &p;
    t->deadline = clock_tick_after(static_cast<u64>(ms));
    p.receive_timer = t;
    timer_start(t);
    return ReceiveWait::Wait;
  }
  if (timeout != am::infinity) return ReceiveWait::BadTimeout;
  p.receive_timer = &never;
  return ReceiveWait::Wait;
}

void receive_timer_cancel_running(Process& p) {
  Timer* t = p.receive_timer;
  p.receive_timer = nullptr;
  if (t == &never) return;
  if (!timer_cancel(t)) vm_delete(t);
}

}  // namespace lintel
