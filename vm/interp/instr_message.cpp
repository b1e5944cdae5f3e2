// Sending and receiving. A receive loop looks at one message after another from the save point; when
// none is left the process waits, and goes on at the loop's start when a signal arrived.
#include "vm/interp/handlers.h"
#include "vm/interp/interp.h"
#include "vm/proc/tracing.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/send.h"
#include "vm/sched/long_work.h"
#include "vm/sched/receive_timer.h"
#include "vm/term/atom.h"

namespace lintel::interp {

namespace {
const BifEntry* send_bif;  // erlang:send/2, for traces
}  // namespace

void message_init() { send_bif = erlang_bif("send", 2); }

// A message whose copying takes long is sent from a dirty thread, by the same instruction.
COLD_PATH(send_on_dirty) {
  restart_on_dirty(*p, x, 2);
}

HANDLER(send) {
  SAVE();
  if (VM_UNLIKELY(is_long_copy(*p, x[1]))) GOTO(send_on_dirty);
  p->live = 2;
  Term message = x[1];
  switch (send_message(p, x[0], message)) {
    case SendResult::Ok:
    case SendResult::NoConnect:
      break;
    case SendResult::BadArg:
      p->current_bif = send_bif;
      p->bif_args = x;
      (void)raise_badarg(*p);
      GOTO(raise_exception_in_bif);
    case SendResult::Suspend:
      save_registers(*p, x, 2);
      p->run_result = RunResult::Suspended;
      return;
  }
  LOAD();
  x[0] = message;
  NEXT(send);
}

// loop_rec's fail label leads to the wait instruction.
COLD_PATH(loop_rec_fetch) {
  SAVE();
  p->live = 0;
  Term message = mailbox_peek(*p);
  LOAD();
  if (message.is_none()) {
    if (VM_UNLIKELY(p->exiting)) {
      p->saved_count = 0;
      p->run_result = RunResult::Waiting;
      return;
    }
    BRANCH(0);
  }
  REG(1) = message;
  NEXT(loop_rec);
}
HANDLER(loop_rec) {
  Term message = mailbox_peek_ready(*p);
  if (VM_UNLIKELY(message.is_none())) GOTO(loop_rec_fetch);
  REG(1) = message;
  NEXT(loop_rec);
}
HANDLER(loop_rec_end) {
  mailbox_advance(*p);
  pc += I32(0);
  if (VM_UNLIKELY(--reds <= 0)) {
    SAVE();
    p->saved_count = 0;
    p->run_result = RunResult::Yielded;
    return;
  }
  DISPATCH();
}
HANDLER(remove_message) {
  SAVE();
  mailbox_remove(*p);
  receive_timer_cancel(*p);
  LOAD();
  NEXT(remove_message);
}
HANDLER(timeout) {
  if (VM_UNLIKELY((p->trace_flags & (kTraceReceive | kTraceSavedCalls)) != 0)) {
    SAVE();
    if ((p->trace_flags & kTraceReceive) != 0) trace_timed_out(*p);
    saved_calls_event(*p, am::timeout);
    LOAD();
  }
  mailbox_reset_save(*p);
  NEXT(timeout);
}
HANDLER(wait) {
  SAVE();
  p->pc = pc + I32(0);
  p->saved_count = 0;
  p->run_result = RunResult::Waiting;
}
HANDLER(wait_timeout) {
  SAVE();
  p->live = 0;
  switch (receive_timer_wait(*p, SOURCE(wait_timeout, 0))) {
    case ReceiveWait::Expired:
      LOAD();
      NEXT(wait_timeout);
    case ReceiveWait::BadTimeout:
      mailbox_reset_save(*p);
      (void)raise_error(*p, am::timeout_value);
      LOAD();
      GOTO(raise_exception);
    case ReceiveWait::Wait:
      break;
  }
  // Woken by a signal or the timer, the loop starts over; when it comes here again without having
  // found a message, receive_timer_wait tells whether the time is up.
  p->pc = pc + I32(0);
  p->saved_count = 0;
  p->run_result = RunResult::Waiting;
}

HANDLER(recv_marker_reserve) {
  SAVE();
  Term marker = receive_marker_reserve(*p);
  REG(0) = marker;
  NEXT(recv_marker_reserve);
}
HANDLER(recv_marker_bind) {
  receive_marker_bind(*p, REG(0), REG(1));
  NEXT(recv_marker_bind);
}
HANDLER(recv_marker_clear) {
  receive_marker_clear(*p, REG(0));
  NEXT(recv_marker_clear);
}
HANDLER(recv_marker_use) {
  SAVE();
  receive_marker_use(*p, REG(0));
  LOAD();
  NEXT(recv_marker_use);
}

}  // namespace lintel::interp
