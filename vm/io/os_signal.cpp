// Handlers only write the signal's number to a pipe; the thread reads it. A handler may run on any
// thread that does not block the signal, which is this one alone.
#include "vm/io/os_signal.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include <string>

#include "vm/base/quiesce.h"
#include "vm/base/settings.h"
#include "vm/base/settings.h"
#include "vm/heap/fragment.h"
#include "vm/io/halt.h"
#include "vm/io/halt.h"
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

void say(std::string_view text) {
  ssize_t ignored = ::write(STDOUT_FILENO, text.data(), text.size());
  (void)ignored;
}

// Ctrl-C: asks what to do. A second Ctrl-C, or the end of the input, ends the VM. Other threads run on.
void break_menu() {
  say("\r\nBREAK: (a)bort (A)bort with failure (c)ontinue (v)ersion\r\n");
  for (;;) {
    pollfd fds[2] = {{STDIN_FILENO, POLLIN, 0}, {pipe_fds[0], POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0) continue;
    u8 byte;
    if (fds[1].revents != 0 && ::read(pipe_fds[0], &byte, 1) == 1) {
      if (byte == SIGINT) halt_emulator(0, false);
      continue;
    }
    ssize_t n = ::read(STDIN_FILENO, &byte, 1);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) halt_emulator(0, false);
    switch (byte) {
      case 'a':
      case 'q': halt_emulator(0, false);
      case 'A': halt_emulator(1, false);
      case 'c': return;
      case 'v': say("Erlang/OTP " + settings.otp_release + " [erts-" + settings.erts_version +
                    "] [lintel-" LINTEL_VERSION "]\r\n"); break;
      case '\n':
      case '\r': break;
      default: say("a, A, c or v\r\n");
    }
  }
}

void notify(int number) {
  if (number == SIGINT) return break_menu();
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
    } else if (number == SIGQUIT || number == SIGUSR1) {
      _exit(1);
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
  set_handler(SIGUSR1, handler);
  switch (settings.break_mode) {
    case Settings::Break::Menu:
      set_handler(SIGINT, handler);
      set_handler(SIGQUIT, handler);
      break;
    case Settings::Break::Ignore:
      for (int number : {SIGINT, SIGQUIT, SIGTSTP}) set_handler(number, SIG_IGN);
      break;
    case Settings::Break::Off: break;
  }
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
