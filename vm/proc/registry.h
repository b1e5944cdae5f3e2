// Registered names. Looking up takes no lock: the table is an open-addressed array of {name, owner}
// words that is replaced whole when it grows, the old one being retired.
#pragma once
#include "vm/proc/process.h"

namespace lintel {

// Local pid or port, or none.
Term registry_whereis(Term name);
enum class RegisterResult : u8 { Ok, NameTaken, OwnerHasName, NotAlive };
RegisterResult registry_register(Term name, Term owner);
// False when nobody has it.
bool registry_unregister(Term name);
// The exiting owner's own name, if any.
void registry_release(Process& p);
u64 registry_count();
// Calls f(name, owner, data) for each.
void registry_each(void (*f)(Term name, Term owner, void* data), void* data);
// Name that the owner (pid or port) has, or none. Slow; for process_info use p.registered_name.
Term registry_name_of(Term owner);

}  // namespace lintel
