// What {process_dump} says about the process that runs: who it is, where it is, and its stack.
#pragma once
#include <string>

#include "vm/proc/process.h"

namespace lintel {

std::string process_text(const Process& p);

}  // namespace lintel
