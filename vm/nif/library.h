// NIF libraries: loading, the table of those built into the executable, and when one goes away.
//
// A library counts its users: the module version that loaded it, each resource type that has a
// callback in it, each call that may still be running. When the module version is purged and the
// last of the others is gone, `unload` has run and the shared object is closed.
#pragma once
#include <atomic>
#include <string>

#include "vm/nif/env.h"

namespace lintel {

struct Module;

struct NifLibrary {
  ErlNifEntry entry;  // the library's own, extended with defaults when it is of an older version
  void* handle = nullptr;      // dlopen's; null: built in
  void* priv_data = nullptr;
  Term module = Term::none();  // atom
  NifFunction* functions = nullptr;  // entry.num_of_funcs of them
  std::atomic<u32> users{1};
  bool is_unloaded = false;  // the module version is gone
};

void nif_library_retain(NifLibrary& lib);
void nif_library_release(NifLibrary& lib);
// The module version that loaded `lib` is being freed: calls its unload function.
void nif_library_unload(NifLibrary& lib);

// A library that is part of the executable; erlang:load_nif/2 called by the module of that name
// takes it, whatever the path says. Registered at start-up, before any module is loaded.
struct StaticNif {
  const char* module;
  ErlNifEntry* (*init)();
};
void static_nif_register(const StaticNif& nif);

// erlang:load_nif/2 for module version `m`. `previous` is the version that it replaces, or null.
// Returns ok or {error, {Reason, Text}}, on p's heap; raises badarg.
BifResult nif_load(Process& p, Module& m, Module* previous, Term path, Term load_info);

// {error, {Reason, Text}}
Term nif_load_error(Process& p, const char* reason, const std::string& text);

// Makes the function that starts at `entry` (of module m) a call of `f`. Set by the engine.
extern void (*nif_bind_entry)(Module& m, const Word* entry, NifFunction& f);

// Gives the engine its way to call NIFs and prepares what enif_schedule_nif needs. Once, at start-up,
// after atoms, BIFs and the engine.
void nif_init();

}  // namespace lintel
