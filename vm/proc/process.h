// A process: its heap, its place in code, its exception in flight, its mailbox and its relations.
//
// Who may touch what:
//   - fields under "shared": any thread, as each field says;
//   - everything else: only the thread that runs the process (state has kRunning).
//
// What others want of a process they put in its in-queue as a signal (vm/proc/signal.h); then they
// make sure that it gets scheduled (process_wake). A process's memory stays readable for every
// thread that found it in the process table until that thread's next quiescent point.
#pragma once
#include <atomic>

#include "vm/code/bif_table.h"
#include "vm/heap/heap.h"
#include "vm/term/term.h"

namespace lintel {

struct Signal;       // vm/proc/signal.h
struct Message;      // vm/proc/signal.h
struct AttachedMessages;  // vm/proc/mailbox.cpp
struct ReceiveMarkers;    // vm/proc/mailbox.cpp
struct Relations;    // vm/proc/links.h: links, monitors, aliases
struct Dictionary;   // vm/proc/dictionary.h
struct Scheduler;    // vm/sched/scheduler.h
struct Timer;        // vm/sched/timer_wheel.h
struct Export;       // vm/code/export.h
struct TraceState;   // vm/diag/tracer.h

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
  Trap,   // call trap_entry with the arguments in x
  Yield,  // call the same BIF again with the same x[0..arity) in the next turn
  Exit,   // the process is exiting; stop
  Wait,   // stop running; when woken call the same BIF again with x[0..arity)
  Hibernate,  // stop running with an empty stack; when woken apply x0:x1 to the list x2
};

// One scheduler thread's register file. p.x points at x; float registers follow at a fixed offset.
inline constexpr u32 kMaxX = 1024;
inline constexpr u32 kMaxFloatRegs = 1024;
struct alignas(64) RegisterFile {
  // Code names the first kMaxX. Operands of BIFs and map updates in code go above the live ones.
  Term x[kMaxX + 192];
  double f[kMaxFloatRegs];
};

// Anything that a run queue holds.
struct Runnable {
  enum class Kind : u8 { Process, Port };
  Runnable* queue_next = nullptr;  // owned by the lock of the queue it is in
  u32 home = 0;                    // index of the scheduler that ran it last
  Kind kind = Kind::Process;
  u8 priority = 2;                 // Priority
  bool bound = false;              // may run on `home` only
};

enum Priority : u8 { kPriorityMax = 0, kPriorityHigh = 1, kPriorityNormal = 2, kPriorityLow = 3 };

// Process::state.
enum ProcState : u32 {
  kStateRunning = 1,    // some thread owns the process
  kStateQueued = 2,     // in a run queue or on the way into one
  kStatePending = 4,    // signals or a wake-up came since the owner last looked
  kStateExiting = 8,    // no longer alive for anybody
  kStateDirty = 16,     // queued to or running on a dirty thread
  kStateFree = 32,      // exited completely
  kStateSystem = 64,    // a system process; never changes
};

// Process::flags, the owner's.
enum ProcFlags : u32 {
  kFlagTrapExit = 1,
  kFlagSensitive = 2,
  kFlagOffHeapMessages = 8,
  kFlagUsingDb = 16,           // owns ETS tables or is named as an heir
  kFlagHibernated = 32,
  kFlagMaxHeapKill = 256,
  kFlagMaxHeapLog = 512,
  kFlagEtsSuperUser = 1024,    // may use every table
};

// The owner's side of the message queue; see vm/proc/mailbox.h.
struct Mailbox {
  Message* first = nullptr;
  Message** last = &first;  // link that the next message is stored in
  Message** save = &first;  // link to the message that receive looks at
  u64 length = 0;
  // Messages whose fragments belong to the heap already: they may stand behind any number of others,
  // and the collector must not look for them. Null: none ever.
  AttachedMessages* attached = nullptr;
  ReceiveMarkers* markers = nullptr;
};

// A binary between bs_init2, bs_append or bs_private_append and the last bs_put_* into it. Nothing
// collects in between, so the address is good.
struct BinaryBuild {
  u8* bytes = nullptr;
  u64 at = 0;   // next bit
  u64 end = 0;  // bit after the last
};

struct alignas(64) Process : Heap, Runnable {
  // ---- execution ----
  const Word* pc = nullptr;      // where it goes on when scheduled in; saved_x[0..saved_count) are its X
  i64 reds = 0;                  // left in this turn; see note_reductions
  Scheduler* sched = nullptr;    // that runs it now
  u32 catches = 0;               // catch tags on the stack
  BifOutcome outcome = BifOutcome::Raise;
  RunResult run_result = RunResult::Yielded;  // why the engine stopped
  ExcClass exc_class = ExcClass::Error;
  u8 exc_flags = 0;              // ExcFlags in vm/proc/exception.h
  u32 saved_count = 0;
  u32 saved_capacity = 6;
  Term* saved_x = inline_saved_x;
  Term inline_saved_x[6];
  u32 flags = 0;                 // ProcFlags
  const Word* trap_entry = nullptr;
  const BifEntry* current_bif = nullptr;  // the BIF that runs or ran last
  const BifEntry* suspended_bif = nullptr;  // that the next turn goes on with; null while p runs
  Term* bif_args = nullptr;               // its arguments, valid until the registers change

  BinaryBuild build;

  // ---- exception in flight (roots) ----
  Term exc_reason = Term::nil();
  Term exc_trace = Term::nil();   // raw trace built at the raise, see vm/proc/stacktrace.h
  Term exc_args = Term::nil();    // argument list for error_info, or nil
  Term exc_info = Term::nil();    // error/3's error_info map or a BIF's cause; exc_flags say which

  // ---- identity and relations ----
  Term id = Term::none();         // local pid
  Term group_leader = Term::nil();
  Term error_handler = Term::none();  // module; none(): error_handler
  Dictionary* dictionary = nullptr;
  Relations* relations = nullptr;
  TraceState* trace = nullptr;        // once traced, see vm/diag/tracer.h
  i64 reds_total = 0;             // reductions executed in finished turns
  u64 start_unique = 0;           // orders processes by birth

  // ---- mailbox and waiting (owner side) ----
  Mailbox mailbox;
  Timer* receive_timer = nullptr;  // see vm/sched/receive_timer.h
  u32 trace_flags = 0;             // TraceFlag, see vm/proc/tracing.h
  bool waiting = false;            // in receive: runs only for a new message or its timer
  bool exiting = false;            // exit_reason is decided; runs no more code
  u8 exit_phase = 0;
  u8 dirty_kind = 0;               // DirtyKind that the next turn needs; see vm/sched/dirty.h
  Term exit_reason = Term::none();

  // ---- shared ----
  alignas(64) std::atomic<Signal*> in_queue{nullptr};  // pushed by anyone, taken by the owner
  std::atomic<u32> state{0};                           // ProcState
  // The owner has taken signals that it has not handled yet: what they do is not to be seen yet.
  std::atomic<bool> fetching{false};
  // The owner's: what runs next at p.pc is a call that began before, see op_breakpoint.
  bool resumes_call = false;
  std::atomic<u32> bif_timers{0};                      // running timers for it, see vm/sched/bif_timer.h
  u32 suspend_count = 0;                               // the owner's
  std::atomic<Term> registered_name{Term::nil()};      // written by the registry

  // ---- the owner's again, in what the shared cache line leaves: set once ----
  Term parent = Term::nil();  // pid, or `undefined`
  Term initial_mfa[3] = {};   // atoms and small

  // Reductions spent in long work done by C++ code.
  void bump_reductions(i64 n) { reds -= n; }
  u32 state_now() const { return state.load(std::memory_order_acquire); }
  // Runs on a normal scheduler, which others wait for.
  bool on_scheduler() const { return (heap_flags & kShortCollectionsOnly) != 0; }
  bool is_exiting() const { return exiting; }
};

// One of the allocator's block sizes; the next one is 128 bytes more for every process.
static_assert(sizeof(Process) <= 640);

// Makes sure that p looks at its signals soon: marks it pending and puts it in a run queue unless it
// runs or is queued. Any thread that may hold the pointer.
void process_wake(Process& p);
// Puts p, whose state the caller has just made Queued, into a run queue. Defined by vm/sched.
void process_enqueue(Process& p);

}  // namespace lintel
