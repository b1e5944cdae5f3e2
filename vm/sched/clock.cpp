#include "vm/sched/clock.h"

#include <atomic>
#include <time.h>

#include "vm/base/settings.h"

namespace lintel {

namespace {

constexpr i64 kBegin = -576460752000000000;
constexpr i64 kNsPerMs = 1000000;
i64 start_ns = 0;    // CLOCK_MONOTONIC at the start
std::atomic<i64> offset_ns{0};  // system - Erlang monotonic; alone, so relaxed
std::atomic<TimeOffsetState> offset_state{TimeOffsetState::Final};

i64 read(clockid_t id) {
  timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * i64{1000000000} + t.tv_nsec;
}

}  // namespace

void clock_init() {
  start_ns = read(CLOCK_MONOTONIC);
  offset_ns = read(CLOCK_REALTIME) - kBegin;
  if (settings.time_warp == "single_time_warp") offset_state = TimeOffsetState::Preliminary;
  if (settings.time_warp == "multi_time_warp") offset_state = TimeOffsetState::Volatile;
}

i64 os_monotonic_ns() { return read(CLOCK_MONOTONIC); }
i64 os_system_ns() { return read(CLOCK_REALTIME); }
i64 erlang_monotonic_ns() { return read(CLOCK_MONOTONIC) - start_ns + kBegin; }
i64 erlang_time_offset_ns() { return offset_ns.load(std::memory_order_relaxed); }

TimeOffsetState time_offset_state() { return offset_state.load(std::memory_order_relaxed); }
TimeOffsetState time_offset_finalize() {
  TimeOffsetState before = TimeOffsetState::Preliminary;
  if (!offset_state.compare_exchange_strong(before, TimeOffsetState::Final)) return before;
  // In whole microseconds, as it is known no better.
  i64 offset = read(CLOCK_REALTIME) - erlang_monotonic_ns();
  offset_ns.store(offset / 1000 * 1000, std::memory_order_relaxed);
  return before;
}
i64 erlang_start_monotonic_ns() { return kBegin; }

i64 clock_now_us() {
  static std::atomic<i64> last{0};
  i64 before = last.load(std::memory_order_relaxed);
  i64 now;
  do {
    now = erlang_system_ns() / 1000;
    if (now <= before) now = before + 1;
  } while (!last.compare_exchange_weak(before, now, std::memory_order_relaxed));
  return now;
}

u64 clock_tick_now() { return static_cast<u64>((read(CLOCK_MONOTONIC) - start_ns) / kNsPerMs); }

u64 clock_tick_after(u64 timeout_ms) {
  i64 ns = read(CLOCK_MONOTONIC) - start_ns;
  return static_cast<u64>((ns + kNsPerMs - 1) / kNsPerMs) + timeout_ms;
}

u64 clock_tick_at(i64 monotonic_ms) {
  static_assert(kBegin % kNsPerMs == 0);
  i64 since_start = monotonic_ms - kBegin / kNsPerMs;
  return since_start <= 0 ? 0 : static_cast<u64>(since_start);
}

u64 clock_ms_until(u64 tick) {
  i64 ns = static_cast<i64>(tick) * kNsPerMs - (read(CLOCK_MONOTONIC) - start_ns);
  return ns <= 0 ? 0 : static_cast<u64>(ns / kNsPerMs);
}

}  // namespace lintel
