// Which generic opcodes of which module have run, and how often: how the tests know that each opcode
// was not only loaded but executed.
//
//   loader        notes for every operation it emits the generic instructions that it stands for
//   interpreter   counts each operation that it enters, by its place in the code
//   the end       the counts of a module's operations are added up by opcode
//
// An instruction that became part of another's operation, or emits nothing (`line`, a label), counts
// when the operation at its place is entered. All this is kept only when run_counting is set, before
// anything is loaded. Several schedulers count without atomics and may lose a few.
#pragma once
#include <cstdio>
#include <vector>

#include "vm/base/types.h"

namespace lintel {

struct Module;

struct OpOrigin {
  u32 code_offset;  // words from Module::code
  u8 generic_op;
};

struct RunCounts {
  std::vector<OpOrigin> origins;
  std::vector<u64> entered;  // by code offset
};

extern bool run_counting;

// The operation at pc is entered, on this thread.
void run_count(const Word* pc);
// A module goes: what was counted stays. Schedulers are blocked, or nobody ever ran it.
void run_counts_retire(Module& m);
// A line "module opcode count" for each opcode of each module that has been loaded since the start.
void run_counts_write(std::FILE* out);

}  // namespace lintel
