// Breakpoints: which functions' calls are reported, and what happens at such a call.
//
//   local, meta,         at the function's entry, whose first handler the engine replaces (a BIF has no
//   count, time          code: there they are at its export)
//   global               at the export: its entry points at two words of code, which report and go on
//                        to the function. Local calls do not pass there.
//
// A BIF is called by an instruction that knows its C++ function. While its calls are traced that
// function is one that makes the instruction call the export instead, so that BIFs that nobody traces
// cost nothing.
//
// Breakpoints are set and removed with the schedulers blocked, and freed when no thread can still be in
// one. What a call pushes on the stack are frames of the engine (TraceReturn in vm/code/backend.h).
#pragma once
#include "vm/code/backend.h"
#include "vm/code/export.h"
#include "vm/diag/tracer.h"
#include "vm/ets/match_spec.h"

namespace lintel {

enum BreakpointFlags : u32 {
  kBreakLocal = 1,
  kBreakGlobal = 2,
  kBreakMeta = 4,
  kBreakCount = 8,
  kBreakCountActive = 16,
  kBreakTime = 32,
  kBreakTimeActive = 64,
  kBreakAll = 127,        // of tracing
  kBreakDivert = 128,     // erts_debug:breakpoint/2
  kBreakSave = 256,       // at every export, while a process saves its calls
};

struct CallTimes;  // one function's calls and time, by process

struct Breakpoint : CodeBreakpoint {
  Term module;
  Term function;
  u32 arity = 0;
  u32 flags = 0;
  MatchProgram* program = nullptr;       // of local or global; null: none
  MatchProgram* meta_program = nullptr;
  std::atomic<Tracer*> meta_tracer{nullptr};
  std::atomic<u64> count{0};
  CallTimes* times = nullptr;            // never freed: frames refer to it
};

struct ExportBreakpoint {
  Export* export_entry;
  Breakpoint* at = nullptr;              // null: not traced now
  const Word* target = nullptr;          // where the export would point
  Word code[2];
};

// ---- called by engines; p.live registers are roots, and may move ----
void trace_call(Process& p, CodeBreakpoint& b, Term* x);
// Where to go on.
const Word* trace_export_call(Process& p, ExportBreakpoint& b, Term* x);
// slots: of the frame that is returned to.
void trace_return(Process& p, const Term* slots, Term value);
void trace_return_to(Process& p);
void trace_time_return(Process& p, Term slot);
// An exception passes the frame whose return address is at `frame`, and lands at a handler.
void trace_unwinding(Process& p, const Term* frame);
void trace_landing(Process& p, const Term* from, const Term* to, const Word* handler);

// ---- setting them ----
struct PatternFlags {
  bool breakpoint = false;  // any of the following
  bool local = false;
  bool meta = false;
  bool count = false;
  bool time = false;
};
enum class PatternSwitch : u8 { Off, On, Restart, Pause };

// {M, F, A} of which the first `given` elements count. Programs and tracer may be null; they are
// retained. Returns how many functions match. Blocks the schedulers.
u32 breakpoints_set(Term module, Term function, u32 arity, u32 given, PatternSwitch how, PatternFlags flags,
                    MatchProgram* program, Tracer* meta_tracer);
// erts_debug:breakpoint/2 for {M, F, A}, of which the first `given` elements count: calls of the functions
// that match go to the error handler, or no longer. BIFs count but run as ever, as nothing calls their code.
// Returns how many match. Blocks the schedulers.
u32 breakpoints_divert(Term module, Term function, u32 arity, u32 given, bool on);
// At every export there is and that will be loaded, or at none any more; no change when it is so already.
// Blocks the schedulers.
void breakpoints_save_calls(bool on);
// For modules loaded from now on.
struct DefaultPattern {
  bool on = false;
  PatternFlags flags;
  MatchProgram* program = nullptr;
  MatchProgram* meta_program = nullptr;
  Tracer* meta_tracer = nullptr;
};
extern DefaultPattern default_pattern;
void default_pattern_set(PatternSwitch how, PatternFlags flags, MatchProgram* program, Tracer* meta_tracer);

// Of send and receive: on, with a program or without.
struct EventPattern {
  bool on = true;
  MatchProgram* program = nullptr;
};
extern EventPattern send_pattern;
extern EventPattern receive_pattern;
void event_pattern_set(EventPattern& pattern, bool on, MatchProgram* program);

// The breakpoint that a function has; null none. exists: whether there is such a function.
Breakpoint* breakpoint_find(Term module, Term function, u32 arity, bool* exists);
struct CallTimeRow {
  Term pid;
  u64 count;
  i64 ns;
};
std::vector<CallTimeRow> breakpoint_times(const Breakpoint& b);

void trace_init();  // code_hooks

}  // namespace lintel
