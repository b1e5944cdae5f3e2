// monitor(time_offset, clock_service): {'CHANGE', Ref, time_offset, clock_service, Offset} to whoever
// monitors, each time the offset is set. Such monitors stay until they are removed.
#pragma once
#include "vm/base/types.h"

namespace lintel {

// By a thread that is not inside a process's signals. Which processes monitor is theirs to know, so every
// process gets a signal; offsets change once in a VM's life, if ever.
void time_offset_changed(i64 offset_ns);

}  // namespace lintel
