// What enif_system_info and driver_system_info tell.
#pragma once
#include <erl_drv_nif.h>

#include "vm/base/types.h"

namespace lintel {

// Fills the first `size` bytes of *out, for callers compiled with a shorter structure.
void system_info_fill(ErlDrvSysInfo* out, size_t size);

}  // namespace lintel
