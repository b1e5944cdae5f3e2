#include "vm/proc/process_table.h"

#include "vm/base/alloc.h"

namespace lintel {

namespace {

struct Table {
  std::atomic<Process*>* slots = nullptr;
  u32 mask = 0;
  u32 limit = 0;
  alignas(64) std::atomic<u64> next{0};
  alignas(64) std::atomic<u32> count{0};
};
Table table;

constexpr u64 kPidDataMask = (u64{1} << kPidDataBits) - 1;

// Holds a slot while its process is being made visible.
Process* const kReserved = reinterpret_cast<Process*>(Word{8});

bool is_process(Process* p) { return p != nullptr && p != kReserved; }

}  // namespace

void process_table_init(u32 max_processes) {
  u32 size = 1024;
  while (size < max_processes) size <<= 1;
  table.slots = static_cast<std::atomic<Process*>*>(
      vm_alloc_zeroed(size * sizeof(std::atomic<Process*>)));
  table.mask = size - 1;
  table.limit = size;
  table.next.store(0, std::memory_order_relaxed);
  table.count.store(0, std::memory_order_relaxed);
}

bool process_table_insert(Process& p) {
  if (table.count.fetch_add(1, std::memory_order_relaxed) >= table.limit) {
    table.count.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  // count <= limit = number of slots, so an empty one exists or is about to be given back.
  while (true) {
    u64 data = table.next.fetch_add(1, std::memory_order_relaxed) & kPidDataMask;
    std::atomic<Process*>& slot = table.slots[data & table.mask];
    Process* expected = nullptr;
    if (slot.load(std::memory_order_relaxed) == nullptr &&
        slot.compare_exchange_strong(expected, kReserved, std::memory_order_acq_rel)) {
      p.id = Term::pid(data);
      slot.store(&p, std::memory_order_release);
      return true;
    }
  }
}

void process_table_remove(Process& p) {
  std::atomic<Process*>& slot = table.slots[p.id.pid_data() & table.mask];
  VM_ASSERT(slot.load(std::memory_order_relaxed) == &p);
  slot.store(nullptr, std::memory_order_release);
  table.count.fetch_sub(1, std::memory_order_relaxed);
}

Process* process_lookup(Term pid) {
  Process* p = table.slots[pid.pid_data() & table.mask].load(std::memory_order_acquire);
  return is_process(p) && p->id == pid ? p : nullptr;
}

Process* process_lookup_alive(Term pid) {
  Process* p = process_lookup(pid);
  return p != nullptr && (p->state_now() & kStateExiting) == 0 ? p : nullptr;
}

u32 process_count() { return table.count.load(std::memory_order_relaxed); }
u32 process_limit() { return table.limit; }

void processes_each(void (*f)(Process&, void*), void* data) {
  for (u64 i = 0; i <= table.mask; i++) {
    Process* p = table.slots[i].load(std::memory_order_acquire);
    if (is_process(p)) f(*p, data);
  }
}

u32 process_table_next() {
  return static_cast<u32>(table.next.load(std::memory_order_relaxed) & kPidDataMask);
}
void process_table_set_next(u32 data) { table.next.store(data, std::memory_order_relaxed); }

}  // namespace lintel
