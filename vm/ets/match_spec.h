// Match specifications: [{Head, [Guard], [Body]}], compiled once, run against many terms.
//
// A compiled clause is a flat run of operations:
//
//   head    take the subject apart into slots, compare with constants, bind variables
//   guards  postfix expressions on a value stack, each followed by "must be true"
//   body    postfix expressions; the last value is the result
//
// Running moves nothing: whatever guards and bodies build on the process heap is built without
// collecting, and what the evaluator builds itself is in an arena of its own. A result may therefore
// refer to the subject, the program, the arena and the heap all at once, and the caller copies it.
// A call that fails makes a guard fail; in a body its value is 'EXIT'.
#pragma once
#include <string>
#include <vector>

#include "vm/base/alloc.h"
#include "vm/heap/builder.h"
#include "vm/heap/fragment.h"
#include "vm/term/boxed.h"

namespace lintel {

struct Process;

// A program is what a magic reference stands for (ets:match_spec_compile/1).
struct MatchProgram : MagicData {
  enum class Op : u8;
  struct Code {
    Op op;
    u32 a;
    u32 b;
    u32 c;
    Term term;
  };
  struct Clause {
    u32 start;
    // The subject's pattern, in `constants`.
    Term head;
  };
  std::vector<Code> code;
  std::vector<Clause> clauses;
  u32 slots = 1;
  u32 variables = 0;        // most that a clause has
  u32 stack = 0;            // values at most
  Fragment* constants = nullptr;  // a copy of the whole specification
  Term source = Term::nil();      // that copy

  ~MatchProgram() { fragments_free(constants); }
};

// Who runs the program decides what heads look like and what bodies may do.
enum class MatchUse : u8 {
  Table,  // heads match objects; the last value of a body is the result
  Trace,  // heads match argument lists; bodies act, and what they say is in `message`
  TraceSend,     // the same for what is sent, where there is no call to act on
  TraceReceive,  // and for what is received, where the receiver is left alone
};
inline bool is_trace_use(MatchUse use) { return use != MatchUse::Table; }

// What the body of a trace specification can do besides computing; the functions' names are those of
// the language. Some may stand in guards.
enum class MatchAction : u8 {
  Message,
  ReturnTrace,
  ExceptionTrace,
  IsSeqTrace,
  SetSeqToken,
  GetSeqToken,
  Display,
  ProcessDump,
  EnableTrace,
  DisableTrace,
  Trace,
  Caller,
  CallerLine,
  Silent,
  SetTcw,
  GetTcw,
};

// Does them. Returns the value of the call, none() when it fails. `args` are the evaluated arguments,
// which may refer to the subject and to the run's arena. Nothing may be collected meanwhile.
struct MatchActions {
  virtual Term perform(MatchAction action, Process& p, const Term* args, u32 count) = 0;
};

struct MatchErrors {
  std::vector<std::string> texts;  // UTF-8
};

// Null when the specification is wrong; then `errors`, if given, says why. The result has no
// references yet: magic_reference() makes the first, match_program_release drops one.
MatchProgram* match_spec_compile(Term spec, MatchErrors* errors, MatchUse use = MatchUse::Table);
inline void match_program_retain(MatchProgram* m) { m->refs.fetch_add(1, std::memory_order_relaxed); }
void match_program_release(MatchProgram* m);
// The program behind a magic reference, or null.
MatchProgram* match_program_of(Term t);
MatchProgram* match_program_of(MagicData* data);

// Whether a term of a head has neither variables nor parts that match more than one term.
bool match_pattern_is_ground(Term pattern);
// '_' and '$N': N, or -1 for '_', or -2 for any other term.
i64 match_variable(Term t);

// For the time of a traversal.
class MatchRun {
 public:
  MatchRun(MatchProgram& program, Process& p, MatchActions* actions = nullptr);
  ~MatchRun();
  MatchRun(const MatchRun&) = delete;
  MatchRun& operator=(const MatchRun&) = delete;

  // The result of the first clause that matches, or none(). Good until the next run().
  Term run(Term subject);

 private:
  bool run_head(const MatchProgram::Code*& pc, Term subject);
  Term run_body(const MatchProgram::Code* pc, Term subject);
  Term* arena(u64 words);
  Term build_map(Term* pairs, u64 n);

  MatchProgram& program_;
  Process& p_;
  MatchActions* actions_;
  bool was_disallowed_;
  Term* slots_;
  Term* variables_;
  Term* stack_;
  std::vector<Term> buffer_;
  Fragment* arena_ = nullptr;
};

}  // namespace lintel
