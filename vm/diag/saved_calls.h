// The last calls of a process, process_flag(save_calls, N): what it called through exports, and that it
// sent, received, or gave up waiting.
//
// While anybody wants calls, every export has a breakpoint (kBreakSave); otherwise nothing anywhere looks.
// Putting them there stops the schedulers, so who switches the flag on holds them first. They go when a
// call meets one and nobody wants them any more: a process may end where it cannot wait for the others.
#pragma once
#include <vector>

#include "vm/proc/process.h"

namespace lintel {

inline constexpr i64 kSavedCallsMost = 10000;

struct SavedCall {
  Term module;  // none: function is send, receive or timeout
  Term function;
  u32 arity;
};
struct SavedCalls {
  explicit SavedCalls(u32 most) : limit(most) {}
  u32 limit;
  u32 next = 0;  // where the next one goes, once there are `limit`
  std::vector<SavedCall> calls;
  const SavedCall& oldest(u64 i) const { return calls[(next + i) % calls.size()]; }
};

// Whether any process saves its calls or is about to. A hold is taken where schedulers may be stopped,
// before a limit other than 0 is set, and released after that.
bool saved_calls_wanted();
void saved_calls_hold();
void saved_calls_release();

// By the owner. Forgets what was saved; 0 switches off. Returns the limit before.
u32 saved_calls_set(Process& p, u32 limit);
void saved_calls_add(Process& p, Term module, Term function, u32 arity);
// Null: p does not save its calls.
const SavedCalls* saved_calls_of(const Process& p);

}  // namespace lintel
