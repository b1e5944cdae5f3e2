// What an engine (interpreter, JIT) gives to the rest of the VM. Set once by the composition root.
#pragma once
#include "vm/code/bif_table.h"
#include "vm/code/op_format.h"

namespace lintel {

struct Module;
enum class RunResult : u8;  // vm/proc/process.h
struct FunEntry;
struct NifFunction;  // vm/nif

// What an engine keeps of a function that a breakpoint has taken over. The rest is vm/diag's.
struct CodeBreakpoint {
  const Word* entry = nullptr;
  Word handler = 0;            // the function's own first handler
  NifFunction* nif = nullptr;  // when the function is a NIF
  // Calls go to error_handler:breakpoint/3 instead of to the function (erts_debug:breakpoint/2).
  bool is_diverted = false;
};

struct Engine {
  // Runs p (its thread is a scheduler or dirty scheduler; p.x set, p.reds set) until it stops.
  // On return the live registers are in p.saved_x, and p.pc says where to go on.
  RunResult (*run)(Process& p);
  // Makes a module's code, as the loader left it, runnable.
  void (*link)(Module& m);
  // Takes back what link attached to a module (m.machine_code) that nobody runs any more.
  void (*unlink)(Module& m);
  // The handler that interprets an operation alone, whatever stands in the code: where machine code
  // goes with what it leaves out. State and convention are those of vm/interp/handlers.h.
  u32 (*handler)(Op op);
  // Which operation stands at `pc`, the start of one: of fused ones the first; of one that a breakpoint
  // has taken over, that one. kCount: not to be told any more, as machine code has taken its place.
  Op (*operation)(const Word* pc);
  // Fills an export's stub with the code for "not loaded" or "BIF" (e->bif set).
  void (*link_export)(Export* e);
  // Fills a fun entry's stub with the code for a fun whose module is not loaded.
  void (*link_fun)(FunEntry* f);
  // Makes the function at `entry` a call of the NIF. Schedulers are blocked, or nobody runs it yet.
  void (*bind_nif)(const Word* entry, NifFunction* f);
  // Has calls of the function at `b.entry` reported to vm/diag (trace_call) before they run, and undoes
  // it. Schedulers are blocked.
  void (*set_breakpoint)(CodeBreakpoint& b);
  void (*clear_breakpoint)(CodeBreakpoint& b);
  // Fills two words with code for calls through an export: reports them, then goes to the function.
  void (*link_export_breakpoint)(Word* code, u32 arity, void* breakpoint);
  // Return addresses of frames that tracing pushes, with the slots each frame has. They are adjacent,
  // so that is_trace_return is a range check.
  const Word* trace_returns;
  // Calls a NIF bound to a function; set by vm/nif. `args` are roots.
  BifResult (*nif_call)(Process& p, NifFunction* f, Term* args, u32 arity);
  // Start of a new process: x0 = module, x1 = function, x2 = argument list; calls it by the rules
  // of apply/3 and exits normally when it returns.
  const Word* apply_start;
  // Return address that a new process's stack begins with: exits normally with x0 unused.
  const Word* normal_exit;
};
extern Engine engine;

// Frames of tracing: they stand between a traced function and its caller. kTraceReturn* index the
// words at engine.trace_returns.
enum TraceReturn : u32 { kReturnTrace, kExceptionTrace, kReturnToTrace, kReturnTimeTrace, kTraceReturns };
inline constexpr u32 kTraceFrameSlots[kTraceReturns] = {
    4,  // module, function, arity, tracer
    4,
    0,
    1,  // what time was taken for before
};
inline bool is_trace_return(const Word* address) {
  return static_cast<u64>(address - engine.trace_returns) < kTraceReturns;
}
inline TraceReturn trace_return_kind(const Word* address) {
  return static_cast<TraceReturn>(address - engine.trace_returns);
}

}  // namespace lintel
