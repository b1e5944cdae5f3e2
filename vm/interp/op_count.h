// Counts which operations run, and which pairs and runs of three follow each other: what fused
// operations are chosen by. Fused handlers are not linked meanwhile.
// `--count-ops=FILE` makes the interpreter link every operation to a counting form of its handler and
// writes the counts when the emulator ends, with those of generic opcodes by module
// (vm/code/run_count.h). Without the flag nothing is paid.
#pragma once
#include "vm/interp/handlers.h"

namespace lintel::interp {

// To be called before init(). The counts go to this file.
void op_count_enable(const char* file);
bool op_count_enabled();
// The counting form of a handler.
Handler counted_handler(Op op);
// Writes the tables: one line an operation, then one a pair, then one a run of three, most frequent
// first; then one line a generic opcode of a module.
void op_count_write();

}  // namespace lintel::interp
