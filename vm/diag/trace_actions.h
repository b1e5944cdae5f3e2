// What the bodies of trace specifications do (MatchAction), on behalf of the process that runs.
#pragma once
#include "vm/diag/tracer.h"
#include "vm/ets/match_spec.h"

namespace lintel {

// A number that match specifications of traces can read and set.
extern std::atomic<u32> trace_control_word;

struct TraceActions final : MatchActions {
  // Null: no call, so there is no caller.
  explicit TraceActions(bool is_call, bool keeps_silence = false)
      : is_call_(is_call), keeps_silence_(keeps_silence) {}

  Term message = am_true_value();  // what {message, M} said last
  bool return_trace = false;
  bool exception_trace = false;

  Term perform(MatchAction action, Process& p, const Term* args, u32 count) override;

 private:
  static Term am_true_value();
  bool is_call_;
  bool keeps_silence_;
};

// Runs `program` over the arguments as a list. The result of the trace dialect: none when nothing
// matched, else what the report should say (`true`: nothing). It is good while `run` lives.
class TraceMatch {
 public:
  TraceMatch(MatchProgram& program, Process& p, const Term* args, u32 count, bool is_call);
  ~TraceMatch();
  TraceMatch(const TraceMatch&) = delete;
  TraceMatch& operator=(const TraceMatch&) = delete;
  Term result() const { return result_; }
  const TraceActions& actions() const { return actions_; }

 private:
  MatchProgram& program_;
  TraceActions actions_;
  Fragment* arguments_;
  MatchRun run_;
  Term result_;
};

// A list of trace flags as trace/3 takes them. False when it is none.
struct TraceOptions {
  u32 mask = 0;
  Tracer* tracer = nullptr;  // a reference of the caller's; null: none given
  bool cpu_timestamp = false;
};
bool parse_trace_options(Term list, TraceOptions* out);
u32 trace_flag_of(Term atom);

// Programs may be in use by other threads when a pattern drops them.
void match_program_retire(MatchProgram* m);

// The first return address of p's stack that is not of tracing; null without.
const Word* caller_address(const Process& p, const Term* sp);

}  // namespace lintel
