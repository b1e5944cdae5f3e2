#include "vm/diag/saved_calls.h"

#include <atomic>

#include "vm/diag/breakpoint.h"

namespace lintel {

namespace {
std::atomic<u32> holders{0};  // processes and holds
}

bool saved_calls_wanted() { return holders.load(std::memory_order_relaxed) != 0; }
void saved_calls_hold() {
  holders.fetch_add(1, std::memory_order_relaxed);
  breakpoints_save_calls(true);
}
void saved_calls_release() { holders.fetch_sub(1, std::memory_order_relaxed); }

u32 saved_calls_set(Process& p, u32 limit) {
  if (limit == 0 && p.trace == nullptr) return 0;
  SavedCalls*& saved = trace_state(p.trace).saved;
  u32 before = saved == nullptr ? 0 : saved->limit;
  if (limit != 0) holders.fetch_add(1, std::memory_order_relaxed);
  if (before != 0) {
    vm_delete(saved);
    saved = nullptr;
    saved_calls_release();
  }
  if (limit == 0) {
    p.trace_flags &= ~kTraceSavedCalls;
  } else {
    saved = vm_new<SavedCalls>(limit);
    p.trace_flags |= kTraceSavedCalls;
  }
  return before;
}

void saved_calls_add(Process& p, Term module, Term function, u32 arity) {
  if ((p.trace_flags & kTraceSavedCalls) == 0 || (p.flags & kFlagSensitive) != 0) return;
  SavedCalls& s = *p.trace->saved;
  if (s.calls.size() < s.limit) {
    s.calls.push_back({module, function, arity});
  } else {
    s.calls[s.next] = {module, function, arity};
    s.next = (s.next + 1) % s.limit;
  }
}

void saved_calls_event(Process& p, Term what) { saved_calls_add(p, Term::none(), what, 0); }

const SavedCalls* saved_calls_of(const Process& p) { return p.trace == nullptr ? nullptr : p.trace->saved; }

}  // namespace lintel
