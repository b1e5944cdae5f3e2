// Tracers: who gets the reports, and how a report becomes a message.
//
//   {trace, Tracee, Tag, Data [, Extra] [, MatchResult] [, SchedulerId]}
//   {trace_ts, ..., Timestamp}
//
// A tracer is a process, a port (which gets the report as a binary in the external format), or a module
// of NIFs with some state. The first two are the module erl_tracer with the pid or port as its state.
#pragma once
#include "vm/proc/tracing.h"

namespace lintel {

struct CallTimes;  // vm/diag/breakpoint.cpp
struct Port;

// Immutable once made; shared by tracees and breakpoints. Freed when nobody can be reading it.
struct Tracer {
  std::atomic<u32> refs{1};
  Term module;
  Term state;
  Fragment* fragment = nullptr;  // holds `state`

  bool is_plain() const;         // a process or port
  Term term() const { return state; }
};

// What only traced processes and ports need.
struct SavedCalls;  // saved_calls.h
struct TraceState {
  Tracer* tracer = nullptr;
  CallTimes* timed = nullptr;    // of the function that time is being taken for
  i64 timed_since = 0;
  bool exit_reported = false;
  SavedCalls* saved = nullptr;
  // Sequential tracing: how many messages with a token were sent, and the serial of the last received.
  Term token = Term::nil();
  u64 token_clock = 0;
  u64 token_last = 0;
};
TraceState& trace_state(TraceState*& place);  // makes it

Tracer* tracer_new(Term module, Term state);
void tracer_retain(Tracer* t);
void tracer_release(Tracer* t);  // null is fine
bool tracer_same(const Tracer* a, const Tracer* b);
// {tracer, Pid | Port} or {tracer, Module, State} (prefix: the atom in front); with no prefix the pid.
// None of these: null.
Tracer* tracer_of_term(Term prefix, Term t);
Tracer* tracer_of_parts(Term module, Term state);
// What trace_info says: the pid or port, {Module, State}, or nil for no tracer.
u64 tracer_term_words(const Tracer* t);
Term tracer_term(const Tracer* t, Builder& b);

// Who is traced, as far as reports need it.
struct Tracee {
  Term id;
  u32 flags;
  Process* process = nullptr;  // in whose context this runs, if any
};

struct Report {
  Term tag;
  Term data;
  Term extra = Term::none();
  Term match_result = Term::none();  // none: nothing to say
};

// The answers of a tracer to whether it wants something.
enum class TracerWish : u8 { Trace, Discard, Remove };
// kind: which of the module's functions is asked first (enabled_call, ...); tag: what happened, or
// trace_status.
enum class TraceKind : u8 { Status, Call, Send, Receive, Procs, Gc, RunningProcs, RunningPorts, Ports, SeqTrace };
TracerWish tracer_wish(const Tracer& t, TraceKind kind, Term tag, Term tracee);
void tracer_report(const Tracer& t, TraceKind kind, const Tracee& who, const Report& r);

// The tracer of p, when it wants to hear of `tag`; else null. One that is gone for good loses p.
Tracer* process_tracer(Process& p, TraceKind kind, Term tag);
// Sends a report about p to its tracer when that one wants it.
void process_report(Process& p, TraceKind kind, const Report& r);
// Ends all tracing of a process.
void process_untrace(Process& p);
// Changes flags and tracer (null: as it is). False when another living tracer traces p.
bool trace_start(u32& flags, TraceState*& state, Term id, Tracer* tracer, bool on, u32 mask);

extern std::atomic<bool> trace_cpu_timestamps;

// The timestamp that `flags` ask for; none without.
inline constexpr u64 kTimestampWords = 5 + 2 * 2;
Term build_timestamp(u32 flags, Builder& b);

// {M, F, A} and other small tuples that live on the C stack while they are copied.
template <u32 N>
struct LocalTuple {
  alignas(8) Term words[N + 1];
  template <typename... T>
  explicit LocalTuple(T... elements) : words{Term::header(BoxedTag::Tuple, N), elements...} {
    static_assert(sizeof...(T) == N);
  }
  Term term() const { return Term::boxed(words); }
};

// New processes and ports.
struct TraceDefaults {
  u32 flags = 0;
  Tracer* tracer = nullptr;
};
extern TraceDefaults trace_process_defaults;
extern TraceDefaults trace_port_defaults;

}  // namespace lintel
