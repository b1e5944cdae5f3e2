// Map updates by instructions. args[0] is the map, then `pairs` keys and values; all are roots.
#pragma once
#include "vm/proc/exception.h"

namespace lintel::ops {

BifResult put_map_assoc(Process& p, Term* args, u32 pairs);
// Raises {badkey, K} for the first key that the map lacks.
BifResult put_map_exact(Process& p, Term* args, u32 pairs);

}  // namespace lintel::ops
