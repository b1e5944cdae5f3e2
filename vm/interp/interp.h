// The interpreter as an engine (vm/code/backend.h), and what its files share.
#pragma once
#include "vm/code/op_format.h"
#include "vm/proc/process.h"
#include "vm/interp/handlers.h"
#include "vm/sched/dirty.h"

namespace lintel::interp {

// Sets `engine`. Once, before any module is linked.
void init();

// Parts of init().
void arith_init();
void message_init();
// Row of the BIF table for erlang:name/arity.
const BifEntry* erlang_bif(std::string_view name, u32 arity);

// Continues an exception whose trace is saved already.
void raise_exception_with_trace(HANDLER_PARAMS);
void yield_after_bif(HANDLER_PARAMS);
void nif_no_value(HANDLER_PARAMS);

// Registers that are live at an address where a process can be resumed: the arity of the function,
// or of the export or fun whose stub it is.
u32 entry_live(const Word* entry);

void grow_saved(Process& p, u32 count);
inline void save_registers(Process& p, const Term* x, u32 count) {
  if (VM_UNLIKELY(count > p.saved_capacity)) grow_saved(p, count);
  for (u32 i = 0; i < count; i++) p.saved_x[i] = x[i];
  p.saved_count = count;
}

// Whether an operation that needs `words` stops, because the collection would take too long here. It
// runs again after the collection. Between SAVE() and the end of the run.
inline bool stops_for_collection(Process& p, const Term* x, u64 words, u32 live) {
  if (VM_LIKELY(!p.put_off_collection(words))) return false;
  save_registers(p, x, live);
  p.run_result = RunResult::Yielded;
  return true;
}

// An operation that is found to take long before it has changed anything runs again on a dirty thread.
// Between SAVE() and the end of the run.
inline void restart_on_dirty(Process& p, const Term* x, u32 live) {
  save_registers(p, x, live);
  p.dirty_kind = static_cast<u8>(DirtyKind::Cpu);
  p.run_result = RunResult::Yielded;
}

}  // namespace lintel::interp
