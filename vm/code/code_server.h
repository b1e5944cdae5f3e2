// The system's side of loading: what makes a Module that the loader produced current, old, or gone.
// The loader itself sits above this layer and is reached through `code_loader`.
//
//   prepare   bytes -> Module, linked, in the code ranges, visible to nobody
//   commit    its slot's current version becomes old, it becomes current, exports and funs point at it
//   delete    current becomes old
//   purge     old goes; its literals only after every heap let go of them (LiteralRelease)
//
// Commit, delete and purge run under the CodeLoad lock with the schedulers blocked.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "vm/code/module.h"

namespace lintel {

struct CodeLoader {
  // Null with *why set ("Code chunk, byte 12: ...") when the bytes are no valid module.
  Module* (*load)(std::span<const u8> bytes, std::string* why);
  // A chunk's bytes; false when the file is bad or lacks it.
  bool (*chunk)(std::span<const u8> bytes, std::string_view name, std::span<const u8>* out);
  bool (*md5)(std::span<const u8> bytes, std::array<u8, 16>* out);
};
extern CodeLoader code_loader;

// Told while a version becomes current (after its exports are bound) and stops being current (before
// they are unbound), with the schedulers blocked or before they run. May be null.
struct CodeHooks {
  void (*arrived)(Module& m) = nullptr;
  void (*leaving)(Module& m) = nullptr;
};
extern CodeHooks code_hooks;

// Loads and links; the module is in the code ranges afterwards.
Module* code_prepare(std::span<const u8> bytes, std::string* why);
// Throws a prepared module away.
void code_discard(Module* m);

// The following need the caller to hold the code lock (code_lock() ... code_unlock()).
void code_lock();
void code_unlock();
bool code_has_old(Term module);
// Makes m current. The slot has no old version, or no current one. A module with an on_load function goes to the slot's
// on_load place instead and becomes current by code_finish_on_load.
void code_commit(Module* m);
void code_finish_on_load(ModuleSlot& slot, bool keep);
// False: not loaded.
bool code_delete(ModuleSlot& slot);
// Unbinds funs from the old version (or the refused on_load version); true when there is one.
bool code_purge_prepare(ModuleSlot& slot, bool on_load);
// Frees the version being purged; its literals go on the list of areas to be released.
// True when there are any.
bool code_purge_complete(ModuleSlot& slot);
void code_purge_abort(ModuleSlot& slot);
// Who called a fun while its code was being purged, suspended; the list is empty afterwards. After
// complete or abort, for the caller to resume them.
std::vector<Term> code_purge_waiters();

// Adds the process to that list; its fun is_purged. Takes the code lock.
void code_await_purge(Term pid);

// Names of modules loaded before the code server ran.
void code_mark_preloaded(Term module);
bool code_is_preloaded(Term module);

// Literal areas that nothing current refers to, waiting for all heaps to copy what they hold: of
// purged modules, erased persistent terms. Who adds one sends `copy_literals` to
// erts_literal_area_collector, which asks every process for each area in turn.
// Its pid; set at start-up.
extern Term literal_area_collector;
void literal_release_later(LiteralArea* area);
// Frees the area that all heaps have given up and makes the next one leaving_literal_area. With the
// schedulers blocked. False: none left.
bool literal_release_next();

}  // namespace lintel
