// The end of the emulator.
#pragma once

namespace lintel {

// What must happen before the process ends with `flush`: ports write out what they hold. At start-up.
void halt_set_flush(void (*flush)());
// Ends the operating system process with this exit code.
[[noreturn]] void halt_emulator(int status, bool flush);

}  // namespace lintel
