// What an engine (interpreter, JIT) gives to the rest of the VM. Set once by the composition root.
#pragma once
#include "vm/code/bif_table.h"

namespace lintel {

struct Module;
enum class RunResult : u8;  // vm/proc/process.h
struct FunEntry;
struct NifFunction;  // vm/nif

struct Engine {
  // Runs p (its thread is a scheduler or dirty scheduler; p.x set, p.reds set) until it stops.
  // On return the live registers are in p.saved_x, and p.pc says where to go on.
  RunResult (*run)(Process& p);
  // Makes a module's code, as the loader left it, runnable.
  void (*link)(Module& m);
  // Fills an export's stub with the code for "not loaded" or "BIF" (e->bif set).
  void (*link_export)(Export* e);
  // Fills a fun entry's stub with the code for a fun whose module is not loaded.
  void (*link_fun)(FunEntry* f);
  // Makes the function at `entry` a call of the NIF. Schedulers are blocked, or nobody runs it yet.
  void (*bind_nif)(const Word* entry, NifFunction* f);
  // Calls a NIF bound to a function; set by vm/nif. `args` are roots.
  BifResult (*nif_call)(Process& p, NifFunction* f, Term* args, u32 arity);
  // Start of a new process: x0 = module, x1 = function, x2 = argument list; calls it by the rules
  // of apply/3 and exits normally when it returns.
  const Word* apply_start;
  // Return address that a new process's stack begins with: exits normally with x0 unused.
  const Word* normal_exit;
};
extern Engine engine;

}  // namespace lintel
