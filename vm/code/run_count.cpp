#include "vm/code/run_count.h"

#include <atomic>
#include <map>
#include <memory>

#include "vm/base/lock.h"
#include "vm/code/module.h"
#include "vm/term/atom.h"

namespace lintel {

bool run_counting = false;

namespace {

Mutex<LockRank::Leaf> totals_lock;
std::map<std::pair<u64, u8>, u64> totals;  // by module name (its bits) and opcode

// The module that this thread was last seen in. Modules that go make all of these void.
std::atomic<u64> epoch{1};
struct Here {
  u64 epoch = 0;
  const Word* begin = nullptr;
  const Word* end = nullptr;
  u64* entered = nullptr;
};
thread_local Here here;

bool find(const Word* pc, u64 now) {
  CodePosition position;
  if (!code_find(pc, &position) || position.module->run_counts == nullptr) return false;
  Module& m = *position.module;
  here = {now, m.code, m.code + m.code_words, m.run_counts->entered.data()};
  return true;
}

void add_locked(const Module& m) {
  for (const OpOrigin& o : m.run_counts->origins) {
    // What stands after the last operation never runs.
    u64 count = o.code_offset < m.code_words ? m.run_counts->entered[o.code_offset] : 0;
    totals[{m.name.bits(), o.generic_op}] += count;
  }
}

}  // namespace

void run_count(const Word* pc) {
  u64 now = epoch.load(std::memory_order_relaxed);
  if (VM_UNLIKELY(pc < here.begin || pc >= here.end || here.epoch != now) && !find(pc, now)) return;
  here.entered[pc - here.begin]++;
}

void run_counts_retire(Module& m) {
  if (m.run_counts == nullptr) return;
  Guard guard(totals_lock);
  epoch.fetch_add(1, std::memory_order_relaxed);
  add_locked(m);
  m.run_counts.reset();
}

void run_counts_write(std::FILE* out) {
  module_slots_each(
      [](ModuleSlot* slot, void*) {
        Guard guard(totals_lock);
        for (Module* m : {slot->current.load(), slot->old.load(), slot->on_load.load()}) {
          if (m != nullptr && m->run_counts != nullptr) add_locked(*m);
        }
      },
      nullptr);
  Guard guard(totals_lock);
  for (const auto& [key, count] : totals) {
    std::string name(atom_name(Term(key.first)));
    std::fprintf(out, "%s %u %llu\n", name.c_str(), key.second, static_cast<unsigned long long>(count));
  }
}

}  // namespace lintel
