// Timers that send a message: erlang:start_timer and send_after.
//
// Besides its wheel, a timer is found by its reference (cancel_timer, read_timer) and, when it is for
// a pid, by that process, which takes its timers along when it ends. Two tables of locked stripes;
// no two stripes are ever held together.
#pragma once
#include "vm/proc/process.h"
#include "vm/term/boxed.h"

namespace lintel {

void bif_timers_init();  // once, at start-up

// Starts a timer for a local pid or a name. The message is {timeout, Ref, Message} when `wrap`.
void bif_timer_start(RefNumbers ref, Term receiver, u64 deadline_tick, Term message, bool wrap);
// Milliseconds that were left, or -1: no such timer (any more).
i64 bif_timer_cancel(RefNumbers ref);
i64 bif_timer_read(RefNumbers ref);
u64 bif_timer_count();
// What they take, without their messages.
u64 bif_timer_bytes();
// The receiver of each, a pid or a name, and what its message lives in; null: in nothing. With the
// schedulers stopped.
void bif_timers_each(void (*f)(Term to, const Fragment* fragment, void* data), void* data);

}  // namespace lintel
