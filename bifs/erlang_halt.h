// The end of the VM with a slogan, as erlang:halt("Slogan") brings it about.
#pragma once
#include <string>

namespace lintel {

// Says the slogan on standard error, writes the crash dump.
[[noreturn]] void halt_with_slogan(const std::string& slogan);

}  // namespace lintel
