// erlang:suspend_process/2 and resume_process/1. Suspending is a count in the suspendee, raised and
// lowered by signals; a suspended process still handles signals but runs no code.
#pragma once
#include "vm/proc/links.h"

namespace lintel {

// Lowers the suspendee's count. `from` is the suspender.
void process_resume(Term from, Term suspendee, u64 count);
// Raises it by one. With `reply` set the suspendee answers {Ref, true} to `from`, or {Ref, noproc}
// (as the library's suspend_process expects) once it really stands still.
void process_suspend(Term from, Term suspendee, const RefNumbers* reply);

}  // namespace lintel
