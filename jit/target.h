// What a machine's half of the JIT (jit/x64) gives to the shared half.
#pragma once
#include <span>
#include <vector>

#include "vm/code/op_format.h"

namespace lintel::jit {

// An operation of a module, in the order of its code. Nothing is linked yet or everything is: the
// emitter reads operands only.
struct Operation {
  const Word* at;
  Op op;
};

struct MachineEntry {
  u32 operation;  // index
  u32 offset;     // of its machine code, in bytes
};

struct Assembled {
  std::vector<u8> bytes;               // runs at any address
  std::vector<MachineEntry> entries;   // operations that have machine code, in order
};

// Offsets that the emitter needs and whose structs may change.
void target_init();
// Machine code for a module's operations. Where an operation has no template, and where one meets what
// its template leaves out, the code goes to the operation's handler (engine.handler).
Assembled assemble(std::span<const Operation> operations);


// Entries that count calls: the n-th takes one from *countdown and goes to handlers[n], or to `at_zero`
// when nothing is left.
Assembled assemble_counters(std::span<const u32> handlers, i64* countdown, u32 at_zero);

}  // namespace lintel::jit
