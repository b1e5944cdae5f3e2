// The line by which the emulator names itself, with its newline: erlang:system_info(system_version).
#pragma once
#include <string>

namespace lintel {

std::string system_version();

}  // namespace lintel
