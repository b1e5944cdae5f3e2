// erlang:load_nif/2.
#include "vm/code/module.h"
#include "vm/nif/library.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"

namespace lintel {

// The calling module is the one whose code the call stands in.
BifResult erlang_load_nif_2(Process& p, Term* args) {
  CodePosition at;
  if (!code_find(p.pc, &at) && !(p.sp < p.end && p.sp->is_return_address() &&
                                 code_find(p.sp->return_address(), &at))) {
    return raise_badarg(p);
  }
  ModuleSlot* slot = module_slot_find(at.module->name);
  Module* current = slot->current.load(std::memory_order_acquire);
  Module* old = slot->old.load(std::memory_order_acquire);
  bool is_on_load = slot->on_load.load(std::memory_order_acquire) == at.module;
  if (at.module == old && !is_on_load) {
    return nif_load_error(p, "old_code", "Calling load_nif from old module '" +
                                             std::string(atom_name(at.module->name)) +
                                             "' not allowed");
  }
  Module* previous = is_on_load && current != nullptr ? current : old;
  return nif_load(p, *at.module, previous, args[0], args[1]);
}

}  // namespace lintel
