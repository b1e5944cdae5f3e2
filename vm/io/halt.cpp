#include "vm/io/halt.h"

#include <unistd.h>

#include <cstdio>

namespace lintel {

namespace {
void (*flush_ports)() = nullptr;
void (*clean_up)() = nullptr;
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

void halt_set_cleanup(void (*cleanup)()) { clean_up = cleanup; }

// No destructors: other threads are running.
void halt_emulator(int status, bool flush) {
  if (flush && flush_ports != nullptr) flush_ports();
  for (auto hook : hooks) {
    if (hook != nullptr) hook();
  }
  if (clean_up != nullptr) clean_up();
  std::fflush(nullptr);
  _exit(status);
}

}  // namespace lintel
