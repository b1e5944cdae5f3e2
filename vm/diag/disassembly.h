// Loaded code as text, an operation a line, for erts_debug:disassemble/1.
//
//   00007F3C10A0B2C8: move_x_x x(0) x(1)
//
// Addresses come from programs and may be anything: an address is an operation's only if walking the
// function from its start meets it. The schedulers must not be able to free code meanwhile, that is, the
// caller is a process that runs.
#pragma once
#include <string>

#include "vm/code/module.h"

namespace lintel {

struct Disassembly {
  std::string line;
  const Word* next = nullptr;  // the following operation; may be the next function's
  CodePosition in;
  u64 steps = 0;               // operations walked, for the caller's reductions
};

// False when no operation of loaded code that can still be told starts at pc.
bool disassemble(const Word* pc, Disassembly* out);

}  // namespace lintel
