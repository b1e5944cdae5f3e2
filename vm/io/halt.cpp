#include "vm/io/halt.h"

#include <unistd.h>

#include <cstdio>

namespace lintel {

namespace {
void (*flush_ports)() = nullptr;
}  // namespace

void halt_set_flush(void (*flush)()) { flush_ports = flush; }

// No destructors: other threads are running.
void halt_emulator(int status, bool flush) {
  if (flush && flush_ports != nullptr) flush_ports();
  std::fflush(nullptr);
  _exit(status);
}

}  // namespace lintel
