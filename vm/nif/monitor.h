// Processes that resources watch (enif_monitor_process).
#pragma once
#include "vm/nif/resource.h"

namespace lintel {

// Ends all monitors of a resource that is being destroyed.
void monitors_drop_all(Resource& r);

}  // namespace lintel
