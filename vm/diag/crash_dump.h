// The crash dump: what a VM that ends with a slogan leaves behind, in the text format of version 0.5
// that crashdump_viewer reads (its parts are in the guide "How to interpret the Erlang crash dumps").
//
//   ERL_CRASH_DUMP          its name; erl_crash.dump in the current folder otherwise
//   ERL_CRASH_DUMP_SECONDS  0: no dump; N: it must be done in so many seconds; otherwise no limit
//   ERL_CRASH_DUMP_BYTES    where it is cut off; 0: no dump
//   ERL_CRASH_DUMP_NICE     the priority at which it is written
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "vm/base/types.h"

namespace lintel {

struct CrashFacts {
  std::string slogan;
  std::string system_version;                        // one line
  std::vector<std::pair<const char*, u64>> memory;   // bytes, as erlang:memory/0 names them
};

// Stops the schedulers for good and writes the dump, with a line on standard error that says where.
// The caller, on a scheduler thread, ends the VM afterwards.
void crash_dump_write(const CrashFacts& facts);

}  // namespace lintel
