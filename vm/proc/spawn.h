// Making processes.
#pragma once
#include "vm/proc/links.h"
#include "vm/proc/process.h"

namespace lintel {

// What a process starts with when spawn_opt says nothing; system_flag changes these.
struct SpawnDefaults {
  std::atomic<u32> min_heap_words{kDefaultMinHeap};
  std::atomic<u64> min_vheap_words{46422};
  std::atomic<u32> fullsweep_after{65535};
  std::atomic<u64> max_heap_words{0};
  std::atomic<bool> max_heap_kill{true};
  std::atomic<bool> max_heap_log{true};
  std::atomic<bool> off_heap_messages{false};
};
extern SpawnDefaults spawn_defaults;

struct SpawnOptions {
  bool link = false;
  bool monitor = false;
  MonitorOptions monitor_options;
  RefNumbers monitor_ref{};
  u8 priority = kPriorityNormal;
  u32 min_heap_words = spawn_defaults.min_heap_words;
  u64 min_vheap_words = spawn_defaults.min_vheap_words;
  u32 fullsweep_after = spawn_defaults.fullsweep_after;
  u64 max_heap_words = spawn_defaults.max_heap_words;
  bool max_heap_kill = spawn_defaults.max_heap_kill;
  bool max_heap_log = spawn_defaults.max_heap_log;
  bool off_heap_messages = spawn_defaults.off_heap_messages;
  bool system_process = false;
  u32 scheduler = 0;  // 1-based: bound to it; 0: any
  bool held = false;  // does not start before process_start
  // For another node's process: parent, group leader and {M, F, Arity} to be told of. `link` and
  // `monitor` are then the caller's business.
  struct Remote {
    Term parent;
    Term group_leader;
    Term mfa[3];
  };
  const Remote* remote = nullptr;
};

// Makes and starts a process that runs module:function(args...). `parent` may be null (the first
// process). The arguments are copied. Returns null when the table is full. The returned process may
// already run, and even be gone by the caller's next quiescent point: use its id.
Process* process_spawn(Process* parent, Term module, Term function, Term args,
                       const SpawnOptions& options);
// Starts one that was spawned `held`.
void process_start(Process& p);

}  // namespace lintel
