// The end of the emulator.
#pragma once

namespace lintel {

// What must happen before the process ends with `flush`: ports write out what they hold. At start-up.
void halt_set_flush(void (*flush)());
// Runs at every end of the emulator. At start-up.
void halt_add_hook(void (*hook)());
// What must happen however the process ends: terminals get their modes back. At start-up.
void halt_set_cleanup(void (*cleanup)());
// Ends the operating system process with this exit code.
[[noreturn]] void halt_emulator(int status, bool flush);

}  // namespace lintel
