#include "bifs/system_memory.h"

#include <unistd.h>

#include <cstdio>

#include "vm/code/module.h"
#include "vm/proc/dictionary.h"
#include "vm/proc/links.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/sched/bif_timer.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {

// Defined by vm/ets; absent while there are no tables.
u64 ets_total_bytes() __attribute__((weak));

namespace {

u64 resident_bytes() {
  std::FILE* f = std::fopen("/proc/self/statm", "r");
  unsigned long long size = 0, resident = 0;
  if (f != nullptr) {
    if (std::fscanf(f, "%llu %llu", &size, &resident) != 2) resident = 0;
    std::fclose(f);
  }
  return resident * static_cast<u64>(sysconf(_SC_PAGESIZE));
}

void add_process(Process& p, void* data) {
  auto* m = static_cast<SystemMemory*>(data);
  // On a dirty thread it may be changing right now.
  if ((p.state_now() & (kStateDirty | kStateExiting)) != 0) return;
  m->processes += sizeof(Process) + p.total_words() * kWordBytes +
                  p.mailbox.length * sizeof(Message) + mailbox_outside_words(p) * kWordBytes +
                  relations_memory_bytes(p) + dictionary_memory_bytes(p);
  m->binaries += (p.off_heap.words + p.old_off_heap.words) * kWordBytes;
}

void add_module(ModuleSlot* slot, void* data) {
  auto* m = static_cast<SystemMemory*>(data);
  for (auto* version : {&slot->current, &slot->old}) {
    const Module* module = version->load(std::memory_order_acquire);
    if (module == nullptr) continue;
    m->code += sizeof(Module) + module->code_words * kWordBytes +
               module->lines.size() * sizeof(LineEntry) +
               module->functions.size() * sizeof(FunctionRange);
    for (const LiteralArea* area : module->literals) m->code += area->bytes;
  }
}

}  // namespace

SystemMemory system_memory() {
  SystemMemory m{};
  schedulers_block();
  processes_each(add_process, &m);
  module_slots_each(add_module, &m);
  schedulers_unblock();
  m.process_table = process_limit() * sizeof(void*);
  m.timers = bif_timer_bytes();
  m.processes += m.process_table + m.timers;
  m.atoms = atom_memory_bytes();
  if (&ets_total_bytes != nullptr) m.ets = ets_total_bytes();
  m.total = resident_bytes();
  u64 known = m.processes + m.binaries + m.code + m.atoms + m.ets;
  if (m.total < known) m.total = known;
  return m;
}

}  // namespace lintel
