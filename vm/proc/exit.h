// How processes end.
//
// A process ends by its own doing (its function returned, an exception nobody caught) or by an exit
// signal. Either way process_set_exiting decides the reason, nothing of its code runs any more, and
// the scheduler calls process_exit_continue in turns until it is gone:
//
//   1  names, ETS tables and what other parts registered as exit hooks are released
//   2  it leaves the process table; its in-queue is closed and answered as "no process"
//   3  links, monitors and suspends fire
//   4  heap and records are freed, the memory is retired
//
// So who hears of the end by a signal finds names free and tables gone.
#pragma once
#include "vm/proc/signal.h"

namespace lintel {

// The owner: from now on p is exiting with this reason (a term of its heap, or immediate).
void process_set_exiting(Process& p, Term reason);
// The engine said Exited: takes reason from the exception, reports errors to the logger.
void process_terminated(Process& p);
// One turn of exiting, within p.reds. True when all but step 4 is done.
bool process_exit_continue(Process& p);
bool process_exit_is_over(const Process& p);
// Step 4. The caller must not touch p again.
void process_release(Process& p);
// Whether step 4 has so much to free that it is not for a scheduler.
bool process_release_is_long(const Process& p);

// Sends an exit signal. `linked` by a link, otherwise as exit/2. From and to are this node's.
// exiting: the process that ends, if its token of sequential tracing is to go along.
void send_exit_signal(Term from, Term to, Term reason, bool linked, Process* exiting = nullptr);
void exit_signal_received(Process& p, ExitSignal* s);

// Work to do in step 1, in the order of registration. Returns false to be called again in a later
// turn. At start-up only.
void process_add_exit_hook(bool (*hook)(Process& p));

// Sends {log, Level, Format, Args, Meta} to the system logger, as the stock VM does for reports from
// below. `format` is plain text, args a list of p's.
void send_to_logger(Process* p, Term level, const char* format, Term args);
// Where those go: a pid, a name, or `undefined` (standard error). erlang:system_flag(system_logger).
Term system_logger();
void system_logger_set(Term to);

// Lets everything of p go that lives outside its Process block; for tests and failed spawns too.
void process_free_parts(Process& p);

}  // namespace lintel
