// What the parts of the VM hold, for erlang:memory/0 and system_info.
#pragma once
#include "vm/base/types.h"

namespace lintel {

struct SystemMemory {
  u64 total;           // held from the operating system
  u64 processes;       // heaps, messages, process structures; and the next two
  u64 process_table;
  u64 timers;          // those of erlang:start_timer and erlang:send_after
  u64 atoms;
  u64 binaries;        // reference-counted binaries that processes hold
  u64 code;
  u64 ets;
};
// Stops the world while it looks at the processes.
SystemMemory system_memory();

}  // namespace lintel
