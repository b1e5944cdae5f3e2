// erlang:system_monitor and erlang:system_profile: one process (or port) each that is told of what takes
// long, and of what runs when. Who could report something asks `system_watch` first (vm/proc/tracing.h).
// The listener itself is never reported about, for each report would make the next.
#pragma once
#include "vm/proc/tracing.h"

namespace lintel {

struct SystemMonitor {
  Term to = Term::none();
  u64 long_gc_ms = 0;        // 0: no
  u64 long_schedule_ms = 0;
  u64 large_heap_words = 0;
  bool busy_port = false;
  bool busy_dist_port = false;
};
// Changed with the schedulers blocked.
extern SystemMonitor system_monitor;

struct SystemProfile {
  Term to = Term::none();
  u32 stamp = kTraceTimestamp;
  bool scheduler = false;
  bool runnable_procs = false;
  bool runnable_ports = false;
  bool exclusive = false;
};
extern SystemProfile system_profile;

void system_monitor_set(const SystemMonitor& m);
void system_profile_set(const SystemProfile& p);
// Has collections reported, to tracers and to the monitor. Cheap to call again.
void watch_collections();
void system_events_init();
// Collections take this much longer while long_gc is watched, for tests.
extern std::atomic<u32> test_long_gc_sleep_ms;

}  // namespace lintel
