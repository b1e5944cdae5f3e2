// Fused operations (vm/tables/fused_ops.def), as the link step looks them up.
#pragma once
#include <span>

#include "vm/interp/handlers.h"

namespace lintel::interp {

inline constexpr u32 kFusedMost = 4;

struct FusedRow {
  Op ops[kFusedMost];
  u32 count;
  Handler handler;
};

std::span<const FusedRow> fused_rows();

}  // namespace lintel::interp
