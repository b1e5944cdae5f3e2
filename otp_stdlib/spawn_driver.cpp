// spawn: external programs. {spawn, Command} runs `exec Command` in /bin/sh, {spawn_executable, File}
// runs the file itself with the arguments given.
//
//   child's descriptor 0 (or 3, without use_stdio) is a pipe that we write,
//                      1 (or 4) one that we read; 2 as well with stderr_to_stdout
//
// With exit_status the port lives until both the pipe is at its end and the child is reaped; a
// pidfd tells when it can be. Without, nobody waits for the child: the end of the pipe closes the
// port, and the reaper thread collects what exits later.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

#include "otp_stdlib/stream_port.h"

namespace {

struct Program {
  StreamPort stream;
  pid_t pid = -1;
  int pidfd = -1;        // -1: not waited for through the poll set
  bool wants_status = false;
  bool is_at_end = false;    // the pipe
  bool is_reaped = false;
  int status = 0;
};

Program* program(ErlDrvData data) { return reinterpret_cast<Program*>(data); }

int open_pidfd(pid_t pid) {
  int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd >= 0) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return fd;
}

struct Pipes {
  int to_child[2] = {-1, -1};
  int from_child[2] = {-1, -1};
  ~Pipes() {
    for (int fd : {to_child[0], to_child[1], from_child[0], from_child[1]}) {
      if (fd >= 0) ::close(fd);
    }
  }
  bool open() { return ::pipe2(to_child, O_CLOEXEC) == 0 && ::pipe2(from_child, O_CLOEXEC) == 0; }
};

// The numbers of our ends must not be those that the child's ends get in the child: dup2 onto itself
// would leave a descriptor closed on exec.
bool move_up(int* fd) {
  if (*fd > 4) return true;
  int higher = ::fcntl(*fd, F_DUPFD_CLOEXEC, 5);
  if (higher < 0) return false;
  ::close(*fd);
  *fd = higher;
  return true;
}

// Starts the program; an errno value on failure.
int start_child(const char* file, char* const argv[], const SysDriverOpts& o, const Pipes& pipes,
                pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  int in = o.use_stdio ? 0 : 3;
  int out = o.use_stdio ? 1 : 4;
  int last = o.use_stdio ? 2 : 4;
  if (o.read_write & ERL_DRV_WRITE) {
    posix_spawn_file_actions_adddup2(&actions, pipes.to_child[0], in);
  } else if (o.use_stdio) {
    posix_spawn_file_actions_addopen(&actions, in, "/dev/null", O_RDONLY, 0);
  }
  if (o.read_write & ERL_DRV_READ) {
    posix_spawn_file_actions_adddup2(&actions, pipes.from_child[1], out);
  }
  if (o.redir_stderr) posix_spawn_file_actions_adddup2(&actions, pipes.from_child[1], 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, last + 1);
  if (o.wd != nullptr) posix_spawn_file_actions_addchdir_np(&actions, o.wd);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                            POSIX_SPAWN_SETPGROUP);
  // A program starts on the processors of the whole VM, of which a bound scheduler has only one.
  cpu_set_t own, whole;
  bool narrow = ::sched_getaffinity(0, sizeof own, &own) == 0 &&
                ::sched_getaffinity(::getpid(), sizeof whole, &whole) == 0 && !CPU_EQUAL(&own, &whole);
  if (narrow) ::sched_setaffinity(0, sizeof whole, &whole);
  int error = ::posix_spawn(pid, file, &actions, &attributes, argv, o.envir);
  if (narrow) ::sched_setaffinity(0, sizeof own, &own);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

ErlDrvData start(ErlDrvPort port, char* name, SysDriverOpts* o) {
  Pipes pipes;
  if (!pipes.open()) return ERL_DRV_ERROR_ERRNO;
  for (int* fd : {&pipes.to_child[0], &pipes.to_child[1], &pipes.from_child[0], &pipes.from_child[1]}) {
    if (!move_up(fd)) return ERL_DRV_ERROR_ERRNO;
  }
  std::string command;
  char* shell_argv[4];
  const char* file = name;
  char* const* argv = o->argv;
  if (o->spawn_type == ERTS_SPAWN_EXECUTABLE) {
    if (::access(name, X_OK) != 0) return ERL_DRV_ERROR_ERRNO;
  } else {
    command = std::string("exec ") + name;
    file = "/bin/sh";
    shell_argv[0] = const_cast<char*>("sh");
    shell_argv[1] = const_cast<char*>("-c");
    shell_argv[2] = command.data();
    shell_argv[3] = nullptr;
    argv = shell_argv;
  }
  pid_t pid;
  int error = start_child(file, argv, *o, pipes, &pid);
  if (error != 0) {
    errno = error;
    return ERL_DRV_ERROR_ERRNO;
  }
  auto* p = new Program();
  p->pid = pid;
  p->wants_status = o->exit_status != 0;
  p->stream.port = port;
  p->stream.packet_bytes = o->packet_bytes;
  p->stream.high_watermark = o->high_watermark;
  p->stream.low_watermark = o->low_watermark;
  if (o->read_write & ERL_DRV_READ) {
    p->stream.in = pipes.from_child[0];
    pipes.from_child[0] = -1;
    ::fcntl(p->stream.in, F_SETFL, O_NONBLOCK);
    driver_select(port, event_of(p->stream.in), ERL_DRV_READ | ERL_DRV_USE, 1);
  }
  if (o->read_write & ERL_DRV_WRITE) {
    p->stream.out = pipes.to_child[1];
    pipes.to_child[1] = -1;
    ::fcntl(p->stream.out, F_SETFL, O_NONBLOCK);
  }
  p->pidfd = open_pidfd(pid);
  if (p->pidfd >= 0) driver_select(port, event_of(p->pidfd), ERL_DRV_READ | ERL_DRV_USE, 1);
  p->is_at_end = p->stream.in < 0;
  erl_drv_set_os_pid(port, pid);
  return reinterpret_cast<ErlDrvData>(p);
}

// A child that outlives its port is waited for by a thread of its own, so that it leaves no zombie.
void* wait_for(void* argument) {
  auto pid = static_cast<pid_t>(reinterpret_cast<intptr_t>(argument));
  int status;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return nullptr;
}

void reap_later(pid_t pid) {
  int status;
  if (::waitpid(pid, &status, WNOHANG) != 0) return;
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 65536);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_create(&thread, &attributes, wait_for, reinterpret_cast<void*>(static_cast<intptr_t>(pid)));
  pthread_attr_destroy(&attributes);
}

void close_selected(Program* p, int* fd, int mode) {
  if (*fd < 0) return;
  int number = *fd;
  *fd = -1;
  driver_select(p->stream.port, event_of(number), ERL_DRV_USE | mode, 0);  // closes it
}

void stop(ErlDrvData data) {
  Program* p = program(data);
  close_selected(p, &p->stream.in, ERL_DRV_READ);
  close_selected(p, &p->stream.out, ERL_DRV_WRITE);
  close_selected(p, &p->pidfd, ERL_DRV_READ);
  if (!p->is_reaped) reap_later(p->pid);
  delete p;
}

// {Port, {exit_status, N}}, then the end.
void report(Program* p) {
  ErlDrvPort port = p->stream.port;
  int status = p->status;
  int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  ErlDrvTermData message[] = {ERL_DRV_PORT, driver_mk_port(port),
                              ERL_DRV_ATOM, driver_mk_atom(const_cast<char*>("exit_status")),
                              ERL_DRV_INT,  static_cast<ErlDrvTermData>(code),
                              ERL_DRV_TUPLE, 2, ERL_DRV_TUPLE, 2};
  erl_drv_output_term(driver_mk_port(port), message, sizeof message / sizeof message[0]);
  driver_failure_eof(port);
}

void child_exited(Program* p) {
  if (::waitpid(p->pid, &p->status, WNOHANG) != p->pid) return;
  p->is_reaped = true;
  close_selected(p, &p->pidfd, ERL_DRV_READ);
  if (p->wants_status && p->is_at_end) report(p);
}

void ready_input(ErlDrvData data, ErlDrvEvent event) {
  Program* p = program(data);
  if (event == event_of(p->pidfd)) return child_exited(p);
  StreamPort::Input input = p->stream.read_input();
  if (input == StreamPort::Input::More) return;
  int error = errno;
  driver_select(p->stream.port, event, ERL_DRV_READ, 0);
  if (input == StreamPort::Input::Error) {
    driver_failure_posix(p->stream.port, error);
    return;
  }
  p->is_at_end = true;
  if (!p->wants_status) {
    driver_failure_eof(p->stream.port);
    return;
  }
  if (p->pidfd < 0 && !p->is_reaped) {
    // No pidfds here: the program has closed its output and is about to end.
    while (::waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR) {
    }
    p->is_reaped = true;
  }
  if (p->is_reaped) report(p);
}

void ready_output(ErlDrvData data, ErlDrvEvent) { program(data)->stream.drain(); }
void outputv(ErlDrvData data, ErlIOVec* v) {
  Program* p = program(data);
  if (p->stream.out >= 0) p->stream.write_output(v);
}
void stop_select(ErlDrvEvent event, void*) { ::close(static_cast<int>(reinterpret_cast<intptr_t>(event))); }

ErlDrvEntry make_entry() {
  ErlDrvEntry e{};
  e.start = start;
  e.stop = stop;
  e.ready_input = ready_input;
  e.ready_output = ready_output;
  e.outputv = outputv;
  e.driver_name = const_cast<char*>("spawn");
  e.extended_marker = static_cast<int>(ERL_DRV_EXTENDED_MARKER);
  e.major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  e.minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  e.driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING;
  e.stop_select = stop_select;
  return e;
}

}  // namespace

extern "C" {
ErlDrvEntry spawn_driver_entry = make_entry();
}
