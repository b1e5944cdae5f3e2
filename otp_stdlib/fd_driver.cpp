// fd: a port over descriptors that are open already, such as standard input and output. They are
// never closed and stay in the mode they have.
// vanilla: a port over a file that is opened by its name.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "otp_stdlib/stream_port.h"

namespace {

// The Erlang side asks for the size of a terminal by this control number.
constexpr unsigned kWindowSize = 0x018b0900 + 100;

StreamPort* stream(ErlDrvData data) { return reinterpret_cast<StreamPort*>(data); }

bool is_socket(int fd) {
  struct stat st;
  return ::fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

StreamPort* make_stream(ErlDrvPort port, int in, int out, const SysDriverOpts& options) {
  auto* s = new StreamPort();
  s->port = port;
  if (options.read_write & ERL_DRV_READ) s->in = in;
  if (options.read_write & ERL_DRV_WRITE) s->out = out;
  s->packet_bytes = options.packet_bytes;
  s->high_watermark = options.high_watermark;
  s->low_watermark = options.low_watermark;
  s->may_block = true;
  s->is_output_socket = s->out >= 0 && is_socket(s->out);
  return s;
}

ErlDrvData fd_start(ErlDrvPort port, char*, SysDriverOpts* options) {
  StreamPort* s = make_stream(port, options->ifd, options->ofd, *options);
  if (s->in >= 0 && driver_select(port, event_of(s->in), ERL_DRV_READ | ERL_DRV_USE, 1) != 0) {
    delete s;
    return ERL_DRV_ERROR_ERRNO;
  }
  return reinterpret_cast<ErlDrvData>(s);
}

void fd_stop(ErlDrvData data) {
  StreamPort* s = stream(data);
  if (s->in >= 0) driver_select(s->port, event_of(s->in), ERL_DRV_USE_NO_CALLBACK | ERL_DRV_READ, 0);
  if (s->out >= 0) driver_select(s->port, event_of(s->out), ERL_DRV_USE_NO_CALLBACK | ERL_DRV_WRITE, 0);
  delete s;
}

void ready_input(ErlDrvData data, ErlDrvEvent) {
  StreamPort* s = stream(data);
  StreamPort::Input input = s->read_input();
  if (input == StreamPort::Input::More) return;
  int error = errno;
  driver_select(s->port, event_of(s->in), ERL_DRV_READ, 0);
  if (input == StreamPort::Input::Eof) {
    driver_failure_eof(s->port);
  } else {
    driver_failure_posix(s->port, error);
  }
}

void ready_output(ErlDrvData data, ErlDrvEvent) { stream(data)->drain(); }
void outputv(ErlDrvData data, ErlIOVec* v) {
  if (stream(data)->out >= 0) stream(data)->write_output(v);
}
// The queue goes on being written as the descriptor takes it.
void flush(ErlDrvData data) {
  StreamPort* s = stream(data);
  if (s->in >= 0) driver_select(s->port, event_of(s->in), ERL_DRV_READ, 0);
}

ErlDrvSSizeT control(ErlDrvData data, unsigned command, char*, ErlDrvSizeT, char** reply,
                     ErlDrvSizeT size) {
  StreamPort* s = stream(data);
  if (command != kWindowSize) return -1;
  struct winsize w;
  bool known = (s->out >= 0 && ::ioctl(s->out, TIOCGWINSZ, &w) == 0) ||
               (s->in >= 0 && ::ioctl(s->in, TIOCGWINSZ, &w) == 0);
  if (!known) return -1;
  const uint32_t numbers[2] = {w.ws_col, w.ws_row};
  if (size < sizeof numbers) *reply = static_cast<char*>(driver_alloc(sizeof numbers));
  std::memcpy(*reply, numbers, sizeof numbers);
  return sizeof numbers;
}

ErlDrvData vanilla_start(ErlDrvPort port, char* name, SysDriverOpts* options) {
  int mode = options->read_write == ERL_DRV_READ    ? O_RDONLY
             : options->read_write == ERL_DRV_WRITE ? O_WRONLY | O_CREAT | O_TRUNC
                                                    : O_RDWR | O_CREAT;
  int fd = ::open(name, mode | O_CLOEXEC, 0666);
  if (fd < 0) return ERL_DRV_ERROR_GENERAL;
  StreamPort* s = make_stream(port, fd, fd, *options);
  if (s->in >= 0) driver_select(port, event_of(fd), ERL_DRV_READ | ERL_DRV_USE, 1);
  return reinterpret_cast<ErlDrvData>(s);
}

void vanilla_stop(ErlDrvData data) {
  StreamPort* s = stream(data);
  int fd = s->in >= 0 ? s->in : s->out;
  driver_select(s->port, event_of(fd), ERL_DRV_USE, 0);  // closes it
  delete s;
}

void stop_select(ErlDrvEvent event, void*) { ::close(static_cast<int>(reinterpret_cast<intptr_t>(event))); }
// Descriptors of the fd driver are not ours to close.
void leave_open(ErlDrvEvent, void*) {}

ErlDrvEntry make_entry(const char* name) {
  ErlDrvEntry e{};
  e.ready_input = ready_input;
  e.ready_output = ready_output;
  e.outputv = outputv;
  e.flush = flush;
  e.driver_name = const_cast<char*>(name);
  e.extended_marker = static_cast<int>(ERL_DRV_EXTENDED_MARKER);
  e.major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  e.minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  e.driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING;
  return e;
}

ErlDrvEntry make_fd_entry() {
  ErlDrvEntry e = make_entry("fd");
  e.start = fd_start;
  e.stop = fd_stop;
  e.control = control;
  e.stop_select = leave_open;
  return e;
}

ErlDrvEntry make_vanilla_entry() {
  ErlDrvEntry e = make_entry("vanilla");
  e.start = vanilla_start;
  e.stop = vanilla_stop;
  e.stop_select = stop_select;
  return e;
}

}  // namespace

extern "C" {
ErlDrvEntry fd_driver_entry = make_fd_entry();
ErlDrvEntry vanilla_driver_entry = make_vanilla_entry();
}
