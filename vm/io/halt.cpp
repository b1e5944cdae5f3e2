#include "vm/io/halt.h"

#include <unistd.h>

#include <cstdio>

namespace lintel {

namespace {
void (*flush_ports)() = nullptr;
void (*hooks[4])() = {};
}  // namespace

void halt_set_flush(void (*flush)()) { flush_ports = flush; }

void halt_add_hook(void (*hook)()) {
  for (auto& h : hooks) {
    if (h != nullptr) continue;
    h = hook;
    return;
  }
}

// No destructors: other threads are running.
void halt_emulator(int status, bool flush) {
  if (flush && flush_ports != nullptr) flush_ports();
  for (auto hook : hooks) {
    if (hook != nullptr) hook();
  }
  std::fflush(nullptr);
  _exit(status);
}

}  // namespace lintel
