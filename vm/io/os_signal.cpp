// Handlers only write the signal's number to a pipe; the thread reads it. A handler may run on any
// thread that does not block the signal, which is this one alone.
#include "vm/io/os_signal.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "vm/base/quiesce.h"
#include "vm/heap/fragment.h"
#include "vm/proc/registry.h"
#include "vm/proc/send.h"
#include "vm/term/atom.h"

namespace lintel {
namespace {

int pipe_fds[2] = {-1, -1};

struct Known {
  Term name;
  int number;
};
const Known kSignals[] = {
    {am::sighup, SIGHUP},   {am::sigquit, SIGQUIT}, {am::sigabrt, SIGABRT}, {am::sigalrm, SIGALRM},
    {am::sigterm, SIGTERM}, {am::sigusr1, SIGUSR1}, {am::sigusr2, SIGUSR2}, {am::sigchld, SIGCHLD},
    {am::sigstop, SIGSTOP}, {am::sigtstp, SIGTSTP},
};

void handler(int number) {
  int saved = errno;
  u8 byte = static_cast<u8>(number);
  ssize_t ignored = ::write(pipe_fds[1], &byte, 1);
  (void)ignored;
  errno = saved;
}

void set_handler(int number, void (*f)(int)) {
  struct sigaction action {};
  action.sa_handler = f;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, nullptr);
}

// Ctrl-C without a shell that takes it: the VM ends at once, as a program would.
void interrupted() { _exit(130); }

void notify(int number) {
  if (number == SIGINT) interrupted();
  for (const Known& s : kSignals) {
    if (s.number != number) continue;
    QuiesceGuard guard;
    Term server = registry_whereis(am::erl_signal_server);
    if (!server.is_none() && server.is_local_pid()) {
      Fragment* f = fragment_new(tuple_words(2));
      Builder b = f->builder();
      send_fragment_to(server, b.tuple({am::notify, s.name}), f);
    } else if (number == SIGTERM) {
      _exit(143);  // too early to be told nicely
    }
    return;
  }
}

void* signal_main(void*) {
  pthread_setname_np(pthread_self(), "signals");
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  for (;;) {
    u8 byte;
    ssize_t n = ::read(pipe_fds[0], &byte, 1);
    if (n == 1) notify(byte);
  }
  return nullptr;
}

}  // namespace

void os_signals_init() {
  VM_CHECK(::pipe2(pipe_fds, O_CLOEXEC) == 0);
  ::fcntl(pipe_fds[1], F_SETFL, O_NONBLOCK);
  set_handler(SIGPIPE, SIG_IGN);
  set_handler(SIGTERM, handler);
  set_handler(SIGINT, handler);
  sigset_t blocked;
  sigemptyset(&blocked);
  for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD, SIGTSTP,
                     SIGCONT, SIGWINCH}) {
    sigaddset(&blocked, number);
  }
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
}

void os_signals_start() {
  pthread_t thread;
  VM_CHECK(pthread_create(&thread, nullptr, signal_main, nullptr) == 0);
  pthread_detach(thread);
}

bool os_signal_set(Term name, OsSignalAction action) {
  for (const Known& s : kSignals) {
    if (s.name != name) continue;
    switch (action) {
      case OsSignalAction::Default: set_handler(s.number, SIG_DFL); break;
      case OsSignalAction::Ignore: set_handler(s.number, SIG_IGN); break;
      case OsSignalAction::Handle: set_handler(s.number, handler); break;
    }
    return true;
  }
  return false;
}

}  // namespace lintel
