// What kind of thread runs, and how a process gets to a dirty one.
#pragma once
#include "vm/proc/process.h"

namespace lintel {

enum class ThreadKind { Other, Scheduler, DirtyCpu, DirtyIo };

inline ThreadKind thread_kind() { return ThreadKind::Scheduler; }
inline bool has_dirty_threads() { return false; }
inline void request_dirty_thread(Process&, bool) {}

}  // namespace lintel
