// The JIT as an engine: it takes modules when they are linked, gives their operations machine code,
// and leaves the rest to the interpreter, which must have been set up before. See README.md.
#pragma once
#include "vm/base/types.h"

namespace lintel::jit {

// How many calls of a module's functions are interpreted before it gets machine code; 0: none, it is
// compiled when it is linked.
inline constexpr i64 kDefaultThreshold = 2000;

// Once, before any module is linked. False, with *why set, when the system gives no code memory.
bool init(i64 threshold, const char** why);

}  // namespace lintel::jit
