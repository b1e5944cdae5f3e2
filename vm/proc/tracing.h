// What tracing adds to the parts that do things worth tracing.
//
// A process (and a port) has `trace_flags`: what is to be reported about it, and a TraceState: to whom,
// and what tracing itself has to remember. Both belong to the owner; others change them only while the
// schedulers are blocked. Whoever does something that can be traced asks the flags first, which costs
// one test of a word that is in the cache anyway, and calls a function below when its flag is set.
//
// The functions are defined by vm/diag. They build each report in a fragment of its own: nothing that
// the traced process holds ever moves because it is traced.
#pragma once
#include "vm/proc/signal.h"

namespace lintel {

enum TraceFlag : u32 {
  kTraceSend = 1u << 0,
  kTraceReceive = 1u << 1,
  kTraceProcs = 1u << 2,
  kTracePorts = 1u << 3,
  kTraceCall = 1u << 4,
  kTraceReturnTo = 1u << 5,
  kTraceArity = 1u << 6,
  kTraceSilent = 1u << 7,
  kTraceGc = 1u << 8,
  kTraceRunning = 1u << 9,
  kTraceRunningProcs = 1u << 10,
  kTraceRunningPorts = 1u << 11,
  kTraceExiting = 1u << 12,
  kTraceSchedulerId = 1u << 13,
  kTraceTimestamp = 1u << 14,
  kTraceStrictMonotonic = 1u << 15,
  kTraceMonotonic = 1u << 16,
  kTraceSetOnSpawn = 1u << 17,
  kTraceSetOnFirstSpawn = 1u << 18,
  kTraceSetOnLink = 1u << 19,
  kTraceSetOnFirstLink = 1u << 20,
  // Not asked for by anybody: what tracing itself has to be called for.
  kTraceHasToken = 1u << 24,       // a sequential trace token is set
  kTraceReturnFrames = 1u << 25,   // the stack has frames that report exceptions
  kTraceCallTime = 1u << 26,       // time is taken for a function now running
  kTraceSavedCalls = 1u << 27,     // process_flag(save_calls, _)
};
inline constexpr u32 kTraceStampMask = kTraceTimestamp | kTraceStrictMonotonic | kTraceMonotonic;
inline constexpr u32 kTraceeFlags = (1u << 21) - 1;
// Flags that both processes and ports understand, and what else each does.
inline constexpr u32 kTraceModifiers =
    kTraceSilent | kTraceStampMask | kTraceSchedulerId | kTraceReceive | kTraceSend;
inline constexpr u32 kTracePortFlags = kTraceModifiers | kTracePorts | kTraceRunningPorts;
inline constexpr u32 kTraceProcessFlags = (kTraceeFlags & ~kTracePortFlags) | kTraceModifiers;

// Anybody traces new processes by default.
extern std::atomic<bool> trace_new_processes;

// ---- messages ----
// `to` as the sender wrote it; exists: whether a process of that pid does.
void trace_send(Process& from, Term to, Term message);
// m has just reached p's message queue.
void trace_received(Process& p, Message& m);

// A receive's time is up.
void trace_timed_out(Process& p);

// ---- the last calls of a process (process_flag(save_calls, N)); see vm/diag/saved_calls.h ----
// p sends, receives or gives up waiting, as the atom says.
void saved_calls_event(Process& p, Term what);

// ---- processes ----
void trace_spawned(Process& parent, Process& child, Term module, Term function, Term args, bool linked);
void trace_new_process(Process& child);  // without a parent
// {trace, P, What, Data}: link, unlink, getting_linked, getting_unlinked, register, unregister, exit.
void trace_process_event(Process& p, Term what, Term data);
void trace_exiting(Process& p, Term reason);
// The last of a process with kTraceExiting.
void trace_exited(Process& p);
// The terms that tracing keeps for p.
void trace_visit_roots(Process& p, RootVisitor& visitor);
// p's token, or [].
Term seq_trace_token(const Process& p);
// Frees p's TraceState.
void trace_forget(Process& p);

// ---- sequential tracing: a token travels with every message ----
// `from` has a token and sends: the token moves on and is reported; words() of it go with the message.
void seq_trace_sending(Process& from, Term to, Term message);
// p takes m out of its queue; p or m has a token.
void seq_trace_receiving(Process& p, Message& m);
// `child` gets its parent's token.
void seq_trace_spawning(Process& parent, Process& child, Term module, Term function, Term args, bool linked,
                        bool monitored);
// p ends, has a token, and tells `to`, who is linked to it.
void seq_trace_exiting(Process& p, Term to, Term reason);

// ---- scheduling: flags & kTraceSchedulingMask ----
inline constexpr u32 kTraceSchedulingMask =
    kTraceRunning | kTraceRunningProcs | kTraceExiting | kTraceCallTime;
void trace_scheduled(Process& p, bool in);
// The process outgrew its limit.
void trace_max_heap(Process& p);

// Where p is, for reports: a process that has not begun yet is where it will begin.
bool trace_position(const Process& p, Term* module, Term* function, u32* arity);

// ---- ports ----
// {trace, Port, What, Data [, Extra]}: open, closed, register, ... when its flags say so.
struct Port;
void trace_new_port(Port& p);
void trace_forget_port(Port& p);
void trace_port_event(Port& p, u32 flag, Term what, Term data, Term extra = Term::none());

// ---- what erlang:system_monitor and system_profile listen to; see vm/diag/system_events.h ----
enum SystemWatch : u32 {
  kWatchLongSchedule = 1,
  kWatchBusyPort = 2,
  kWatchCollections = 4,
  kWatchRunnableProcs = 8,
  kWatchRunnablePorts = 16,
  kWatchSchedulers = 32,
};
extern std::atomic<u32> system_watch;
inline bool is_watched(SystemWatch what) {
  return VM_UNLIKELY((system_watch.load(std::memory_order_relaxed) & what) != 0);
}
struct WatchedTurn {
  i64 began = 0;  // 0: nobody asked then
  bool known = false;
  Term module, function;
  u32 arity = 0;
};
i64 watch_turn_begins(const Process& p, WatchedTurn* turn);
void watch_turn_ends(const Process& p, const WatchedTurn& turn);
// A port's turn began at `began_ns`, of the operating system's clock.
void watch_port_turn_ends(Term port, i64 began_ns);
void watch_busy_port(Term pid, Term port);
void watch_runnable(const Process& p, bool active);
void watch_runnable_port(Term port, bool active);
void watch_scheduler(u32 index, bool active);

}  // namespace lintel
