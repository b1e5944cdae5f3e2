// Signals of the operating system. One thread takes those that are handled and turns them into
// messages {notify, Name} to the registered process erl_signal_server; other threads block them.
#pragma once
#include "vm/term/term.h"

namespace lintel {

enum class OsSignalAction { Default, Ignore, Handle };

// Ignores SIGPIPE, blocks what is to be handled in this thread and those it makes. Before any other
// thread is started.
void os_signals_init();
// Starts the thread.
void os_signals_start();
// False: not the name of a signal that can be set (sighup, sigterm, ...).
bool os_signal_set(Term name, OsSignalAction action);

}  // namespace lintel
