// The trace control word: a number that match specs of traces can read and set.
#pragma once
#include <atomic>

#include "vm/base/types.h"

namespace lintel {

extern std::atomic<u32> trace_control_word;

}  // namespace lintel
