#include "otp_stdlib/stream_port.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

ErlDrvEvent event_of(int fd) { return reinterpret_cast<ErlDrvEvent>(static_cast<intptr_t>(fd)); }

namespace {
constexpr size_t kReadSize = 65536;
constexpr int kMaxSlices = 64;

size_t packet_size(const std::string& p, int header) {
  size_t size = 0;
  for (int i = 0; i < header; i++) size = size << 8 | static_cast<unsigned char>(p[static_cast<size_t>(i)]);
  return size;
}
}  // namespace

void StreamPort::deliver_packets() {
  size_t header = static_cast<size_t>(packet_bytes);
  size_t at = 0;
  while (packet.size() - at >= header) {
    size_t size = packet_size(packet.substr(at, header), packet_bytes);
    if (packet.size() - at - header < size) break;
    driver_output(port, packet.data() + at + header, size);
    at += header + size;
  }
  packet.erase(0, at);
}

StreamPort::Input StreamPort::read_input() {
  static thread_local char buffer[kReadSize];
  ssize_t n = ::read(in, buffer, sizeof buffer);
  if (n < 0) return errno == EINTR || errno == EAGAIN ? Input::More : Input::Error;
  if (n == 0) return Input::Eof;
  if (packet_bytes == 0) {
    driver_output(port, buffer, static_cast<size_t>(n));
  } else {
    packet.append(buffer, static_cast<size_t>(n));
    deliver_packets();
  }
  return Input::More;
}

// As much as goes without blocking. -1 with EAGAIN: nothing now.
//
// A descriptor that we got from outside stays in the mode it has, because whoever shares it may not
// expect another. So it is asked first, and then gets at most what a pipe that is writable is sure
// to take.
ssize_t StreamPort::write_some(const SysIOVec* v, int count) {
  const auto* iov = reinterpret_cast<const struct iovec*>(v);
  if (!may_block) return ::writev(out, iov, std::min(count, kMaxSlices));
  if (is_output_socket) {
    return ::send(out, v[0].iov_base, v[0].iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  struct pollfd ask = {out, POLLOUT, 0};
  int ready = ::poll(&ask, 1, 0);
  if (ready <= 0) {
    if (ready == 0) errno = EAGAIN;
    return -1;
  }
  return ::write(out, v[0].iov_base, std::min<size_t>(v[0].iov_len, PIPE_BUF));
}

void StreamPort::note_queued(size_t bytes) {
  if (!is_busy && bytes >= high_watermark) {
    is_busy = true;
    set_busy_port(port, 1);
  }
}

// Slot 0 of the vector is ours: the packet header goes there.
void StreamPort::write_output(ErlIOVec* v) {
  size_t size = v->size;
  if ((packet_bytes == 1 && size > 0xff) || (packet_bytes == 2 && size > 0xffff) ||
      (packet_bytes == 4 && size > 0xffffffffu)) {
    driver_failure_posix(port, EINVAL);
    return;
  }
  char header[4];
  for (int i = 0; i < packet_bytes; i++) {
    header[i] = static_cast<char>(size >> (8 * (packet_bytes - 1 - i)));
  }
  v->iov[0].iov_base = header;
  v->iov[0].iov_len = static_cast<size_t>(packet_bytes);
  v->size += static_cast<size_t>(packet_bytes);
  if (has_output_failed) return;
  if (driver_sizeq(port) != 0) {
    driver_enqv(port, v, 0);
    note_queued(driver_sizeq(port));
    return;
  }
  size_t done = 0;
  SysIOVec* slice = v->iov;
  int left = v->vsize;
  while (done < v->size) {
    while (left > 0 && slice->iov_len == 0) {
      slice++;
      left--;
    }
    ssize_t n = write_some(slice, left);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) break;
      has_output_failed = true;
      driver_failure_posix(port, errno);
      return;
    }
    done += static_cast<size_t>(n);
    // What was written leaves the vector, so that the enqueue below takes the rest.
    size_t moved = static_cast<size_t>(n);
    while (moved > 0 && moved >= slice->iov_len) {
      moved -= slice->iov_len;
      slice->iov_len = 0;
      slice++;
      left--;
    }
    if (moved > 0) {
      slice->iov_base = static_cast<char*>(slice->iov_base) + moved;
      slice->iov_len -= moved;
    }
  }
  if (done == v->size) return;
  v->size -= done;  // what is left stands in the slices
  driver_enqv(port, v, 0);
  note_queued(driver_sizeq(port));
  driver_select(port, event_of(out), ERL_DRV_WRITE | ERL_DRV_USE, 1);
}

bool StreamPort::drain() {
  for (int rounds = 0; rounds < 16; rounds++) {
    int count;
    SysIOVec* v = driver_peekq(port, &count);
    if (v == nullptr) break;
    ssize_t n = write_some(v, count);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return false;
      int error = errno;
      ErlDrvPort p = port;  // emptying the queue of a closing port ends it, and us
      has_output_failed = true;
      driver_select(p, event_of(out), ERL_DRV_WRITE, 0);
      driver_deq(p, driver_sizeq(p));
      driver_failure_posix(p, error);
      return true;
    }
    // The last byte out of a port that is closing ends it: nothing of ours may be touched then.
    size_t left = driver_sizeq(port) - static_cast<size_t>(n);
    if (left == 0) driver_select(port, event_of(out), ERL_DRV_WRITE, 0);
    if (is_busy && left < low_watermark) {
      is_busy = false;
      set_busy_port(port, 0);
    }
    driver_deq(port, static_cast<size_t>(n));
    if (left == 0) return true;
  }
  return driver_sizeq(port) == 0;
}
