// The JIT as an engine: it takes modules when they are linked, gives their operations machine code,
// and leaves the rest to the interpreter, which must have been set up before. See README.md.
#pragma once

namespace lintel::jit {

// Once, before any module is linked. False, with *why set, when the system gives no code memory.
bool init(const char** why);

}  // namespace lintel::jit
