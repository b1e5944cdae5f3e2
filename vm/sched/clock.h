// Time. Native unit: nanoseconds, as the stock VM's on Linux.
//
// Erlang monotonic time starts near -2^59 ns when the VM starts, at stock's figure, so that it stays
// a small integer for long. System time is monotonic time plus an offset fixed at the start, or, with
// single_time_warp, when it is finalized: it may drift from the operating system's clock when that is set.
#pragma once
#include "vm/base/types.h"

namespace lintel {

void clock_init();
i64 os_monotonic_ns();   // CLOCK_MONOTONIC
i64 os_system_ns();      // CLOCK_REALTIME
i64 erlang_monotonic_ns();
i64 erlang_time_offset_ns();
enum class TimeOffsetState : u8 { Final, Preliminary, Volatile };
TimeOffsetState time_offset_state();
// Sets the offset by the operating system's clock if it is preliminary. Returns the state before.
TimeOffsetState time_offset_finalize();
// Microseconds of system time that never come twice, for erlang:now/0 and what is stamped like it.
i64 clock_now_us();
inline i64 erlang_system_ns() { return erlang_monotonic_ns() + erlang_time_offset_ns(); }
i64 erlang_start_monotonic_ns();  // monotonic time at the start
// Monotonic time never gets this far; no timer may be set to a later one.
inline constexpr i64 kErlangEndNs = 8'646'911'283'000'000'000;
// Milliseconds since the VM started, the ticks of timer wheels.
u64 clock_tick_now();
// The tick at which `timeout_ms` from now is over: never too early.
u64 clock_tick_after(u64 timeout_ms);
// The tick at which Erlang monotonic time reaches `monotonic_ms` milliseconds.
u64 clock_tick_at(i64 monotonic_ms);
// Whole milliseconds from now to a tick; 0 when it is past.
u64 clock_ms_until(u64 tick);

}  // namespace lintel
