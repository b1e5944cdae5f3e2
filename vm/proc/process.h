// A process: its heap, its place in code, its exception in flight, its mailbox and its relations.
//
// Who may touch what:
//   - fields under "shared": any thread, as each field says;
//   - everything else: only the thread that runs the process (state has Running, or DirtyRunning).
#pragma once
#include <atomic>

#include "vm/code/bif_table.h"
#include "vm/heap/heap.h"
#include "vm/term/term.h"

namespace lintel {

struct Signal;       // vm/proc/signal.h
struct Mailbox;      // vm/proc/mailbox.h
struct Relations;    // vm/proc/links.h: links, monitors, aliases
struct Dictionary;   // vm/proc/dictionary.h
struct Scheduler;    // vm/sched/scheduler.h
struct Timer;        // vm/sched/timer_wheel.h
struct Export;       // vm/code/export.h

inline constexpr i64 kReductions = 4000;  // budget of one turn

enum class ExcClass : u8 { Error, Exit, Throw };

// What interpreted or native code tells the scheduler when it comes back.
enum class RunResult : u8 {
  Yielded,    // budget used up: runnable
  Waiting,    // in receive with nothing to do
  Exited,     // ran off its last frame or died of an exception
  Suspended,  // a signal or BIF asked to stop running (suspend, dirty job started, ...)
};

// How a BIF that returned none wants to go on; see vm/proc/exception.h.
enum class BifOutcome : u8 {
  Raise,  // exc_* fields are set
  Trap,   // call trap_export with x[0..arity)
  Yield,  // call the same BIF again with the same x[0..arity) in the next turn
  Exit,   // the process is exiting; stop
  Wait,   // suspend; when woken call trap_export with x[0..arity)
};

// One scheduler thread's register file. p.x points at x; float registers follow at a fixed offset.
inline constexpr u32 kMaxX = 1024;
inline constexpr u32 kMaxFloatRegs = 1024;
struct alignas(64) RegisterFile {
  Term x[kMaxX + 8];  // code names the first kMaxX; arguments of BIFs in code go above the live ones
  double f[kMaxFloatRegs];
};

struct alignas(64) Process : Heap {
  // ---- execution ----
  const Word* pc = nullptr;      // where it goes on when scheduled in; saved_x[0..saved_count) are its X
  i64 reds = 0;                  // left in this turn; see note_reductions
  Scheduler* sched = nullptr;    // that runs it now
  u32 catches = 0;               // catch tags on the stack
  u8 priority = 2;               // 0 max, 1 high, 2 normal, 3 low
  BifOutcome outcome = BifOutcome::Raise;
  RunResult run_result = RunResult::Yielded;  // why the engine stopped
  ExcClass exc_class = ExcClass::Error;
  u8 exc_flags = 0;              // ExcFlags in vm/proc/exception.h
  u32 saved_count = 0;
  u32 saved_capacity = 6;
  Term* saved_x = inline_saved_x;
  Term inline_saved_x[6];
  u32 current_arity = 0;         // of the export or BIF being called (for traces and current_function)
  Term current_module = Term::none();
  Term current_function = Term::none();
  Export* trap_export = nullptr;
  const BifEntry* current_bif = nullptr;  // the BIF that runs or ran last
  Term* bif_args = nullptr;               // its arguments, valid until the registers change

  // ---- exception in flight (roots) ----
  Term exc_reason = Term::nil();
  Term exc_trace = Term::nil();   // raw trace built at the raise, see vm/proc/stacktrace.h
  Term exc_args = Term::nil();    // argument list for error_info, or nil

  // ---- identity and relations ----
  Term id = Term::none();         // local pid
  Term group_leader = Term::nil();
  Term parent = Term::nil();      // pid, or `undefined`
  Term registered_name = Term::nil();
  Term initial_mfa[3] = {};       // atoms and small
  Dictionary* dictionary = nullptr;
  Relations* relations = nullptr;
  Term seq_trace_token = Term::nil();
  u32 flags = 0;                  // ProcFlags (proc_flags.def): trap_exit, sensitive, ...
  i64 reds_total = 0;             // reductions executed in finished turns
  u64 start_unique = 0;           // orders processes by birth

  // ---- mailbox (owner side) ----
  Mailbox* mailbox = nullptr;
  Timer* receive_timer = nullptr;

  // ---- shared ----
  alignas(64) std::atomic<Signal*> in_queue{nullptr};  // pushed by anyone, taken by the owner
  std::atomic<u32> state{0};                           // ProcState in vm/proc/state.h
  std::atomic<u64> refs{1};
  Process* queue_next = nullptr;                       // run queue link, owned by the queue's lock

  // Reductions spent in long work done by C++ code.
  void bump_reductions(i64 n) { reds -= n; }
};

}  // namespace lintel
