// An engine whose code is C++ functions, so that processes, signals and schedulers can be tested
// without an interpreter. A program is called for each turn until it returns Exited; its argument
// list's head is its number.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>

#include "vm/base/quiesce.h"
#include "vm/code/backend.h"
#include "vm/heap/literals.h"
#include "vm/proc/exit.h"
#include "vm/proc/links.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/proc/spawn.h"
#include "vm/proc/unique.h"
#include "vm/sched/clock.h"
#include "vm/sched/receive_timer.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel::fake {

using Program = std::function<RunResult(Process&)>;

inline std::mutex programs_lock;
inline std::deque<Program>& programs = *new std::deque<Program>;  // outlives the schedulers
inline Word code[2];

inline RunResult run(Process& p) {
  Term list = p.x[2];
  Program* program;
  {
    std::lock_guard guard(programs_lock);
    program = &programs[static_cast<size_t>(list.head().small_value())];
  }
  RunResult result = (*program)(p);
  for (u32 i = 0; i < 3; i++) p.saved_x[i] = p.x[i];
  p.saved_count = 3;
  return result;
}

// Argument n of the program, after its number.
inline Term argument(Process& p, u32 n = 0) {
  Term t = p.x[2].tail();
  while (n-- > 0) t = t.tail();
  return t.head();
}

inline RunResult exit_with(Process& p, Term reason) {
  p.exc_class = ExcClass::Exit;
  p.exc_reason = reason;
  return RunResult::Exited;
}

// Starts a program; `args` are immediates.
inline Term start(Process* parent, Program f, std::initializer_list<Term> args = {},
                  SpawnOptions options = {}) {
  size_t number;
  {
    std::lock_guard guard(programs_lock);
    number = programs.size();
    programs.push_back(std::move(f));
  }
  Term cells[64];
  Term list = Term::nil();
  Term* at = cells;
  for (auto i = args.end(); i != args.begin();) {
    at[0] = *--i;
    at[1] = list;
    list = Term::list(at);
    at += 2;
  }
  at[0] = Term::small(static_cast<i64>(number));
  at[1] = list;
  QuiesceGuard guard;
  Process* p = process_spawn(parent, am::erlang, am::normal, Term::list(at), options);
  return p == nullptr ? Term::none() : p->id;
}

// The next message, or none: then return Waiting. A message is taken from the queue.
inline Term receive(Process& p) {
  Term t = mailbox_peek(p);
  if (!t.is_none()) mailbox_remove(p);
  return t;
}

class Machine : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    static bool done = false;
    if (done) return;
    done = true;
    atoms_init(1 << 20);
    nodes_init();
    literals_init();
    unique_init();
    clock_init();
    process_table_init(32768);
    engine.run = run;
    engine.apply_start = code;
    engine.normal_exit = code + 1;
    SchedulerOptions options;
    options.schedulers = 4;
    options.dirty_cpu = 2;
    options.dirty_io = 2;
    schedulers_init(options);
    schedulers_start();
  }
  // Waits until the condition holds; fails the test after ten seconds.
  template <typename F>
  static void wait_for(F condition) {
    for (int i = 0; i < 20000; i++) {
      if (condition()) return;
      usleep(500);
    }
    FAIL() << "condition did not come true";
  }
  static void wait_for_no_processes() {
    wait_for([] { return process_count() == 0; });
    // What they wrote is visible here after a stop.
    schedulers_block();
    schedulers_unblock();
  }
};

}  // namespace lintel::fake
