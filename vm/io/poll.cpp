#include "vm/io/poll.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "vm/base/lock.h"
#include "vm/base/quiesce.h"

namespace lintel {
namespace {

struct Descriptor {
  PollTarget* target[3] = {};  // by direction
  u8 armed = 0;
  bool is_registered = false;    // epoll knows it
  bool is_always_ready = false;  // epoll refuses it
};

Mutex<LockRank::Poll> lock;
std::vector<Descriptor>& table() {
  static auto* t = new std::vector<Descriptor>();
  return *t;
}
int epoll_fd = -1;

constexpr u32 direction_events(u8 d) {
  return ((d & kPollRead) ? EPOLLIN | EPOLLRDHUP : 0u) | ((d & kPollWrite) ? EPOLLOUT : 0u);
}

// Tells epoll what is armed. Locked. 0 or errno.
int update_locked(int fd, Descriptor& d) {
  epoll_event event{};
  event.events = direction_events(d.armed) | EPOLLONESHOT;
  event.data.fd = fd;
  int op = d.is_registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (epoll_ctl(epoll_fd, op, fd, &event) == 0) {
    d.is_registered = true;
    return 0;
  }
  // The number may stand for another file by now, which epoll does not know, or know already.
  if (errno == ENOENT || errno == EEXIST) {
    op = errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(epoll_fd, op, fd, &event) == 0) {
      d.is_registered = true;
      return 0;
    }
  }
  if (errno == EPERM) {
    d.is_always_ready = true;
    return 0;
  }
  return errno;
}

// Takes the directions in `ready` that are armed and groups them by target.
struct Firing {
  PollTarget* target;
  u8 directions;
};
int fire_locked(Descriptor& d, u8 ready, Firing* out) {
  u8 fired = d.armed & ready;
  d.armed &= static_cast<u8>(~fired);
  int n = 0;
  for (int i = 0; i < 3; i++) {
    u8 bit = static_cast<u8>(1 << i);
    if (!(fired & bit) || d.target[i] == nullptr) continue;
    int k = 0;
    while (k < n && out[k].target != d.target[i]) k++;
    if (k == n) out[n++] = {d.target[i], 0};
    out[k].directions |= bit;
  }
  return n;
}

void handle(int fd, u32 events) {
  u8 ready = 0;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ready |= kPollRead;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) ready |= kPollWrite;
  if (events & (EPOLLERR | EPOLLHUP)) ready |= kPollError;
  Firing firings[3];
  int n;
  {
    Guard guard(lock);
    if (static_cast<size_t>(fd) >= table().size()) return;
    Descriptor& d = table()[static_cast<size_t>(fd)];
    n = fire_locked(d, ready, firings);
    if (d.armed != 0) update_locked(fd, d);  // what did not fire was switched off with the rest
  }
  for (int i = 0; i < n; i++) firings[i].target->ready(firings[i].target, fd, firings[i].directions);
}

void* poll_main(void*) {
  pthread_setname_np(pthread_self(), "poll");
  epoll_event events[256];
  for (;;) {
    int n = epoll_wait(epoll_fd, events, 256, -1);
    if (n < 0) {
      VM_CHECK(errno == EINTR);
      continue;
    }
    QuiesceGuard guard;
    for (int i = 0; i < n; i++) handle(events[i].data.fd, events[i].events);
  }
  return nullptr;
}

}  // namespace

void poll_init() {
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  VM_CHECK(epoll_fd >= 0);
}

void poll_start() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  VM_CHECK(pthread_create(&thread, nullptr, poll_main, nullptr) == 0);
  pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

int poll_arm(int fd, u8 directions, PollTarget* target) {
  if (fd < 0) return EBADF;
  Firing firings[3];
  int n = 0;
  {
    Guard guard(lock);
    if (static_cast<size_t>(fd) >= table().size()) table().resize(static_cast<size_t>(fd) + 16);
    Descriptor& d = table()[static_cast<size_t>(fd)];
    for (int i = 0; i < 3; i++) {
      if (directions & (1 << i)) d.target[i] = target;
    }
    d.armed |= directions;
    if (!d.is_always_ready) {
      int error = update_locked(fd, d);
      if (error != 0) {
        d.armed &= static_cast<u8>(~directions);
        return error;
      }
    }
    if (d.is_always_ready) n = fire_locked(d, kPollRead | kPollWrite, firings);
  }
  for (int i = 0; i < n; i++) firings[i].target->ready(firings[i].target, fd, firings[i].directions);
  return 0;
}

void poll_disarm(int fd, u8 directions) {
  Guard guard(lock);
  if (fd < 0 || static_cast<size_t>(fd) >= table().size()) return;
  Descriptor& d = table()[static_cast<size_t>(fd)];
  u8 before = d.armed;
  d.armed &= static_cast<u8>(~directions);
  for (int i = 0; i < 3; i++) {
    if (directions & (1 << i)) d.target[i] = nullptr;
  }
  if (d.armed != before && d.is_registered) update_locked(fd, d);
}

void poll_forget(int fd) {
  Guard guard(lock);
  if (fd < 0 || static_cast<size_t>(fd) >= table().size()) return;
  Descriptor& d = table()[static_cast<size_t>(fd)];
  if (d.is_registered) {
    epoll_event event{};
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, &event);
  }
  d = Descriptor();
}

PollStats poll_stats() {
  Guard guard(lock);
  PollStats s{};
  for (const Descriptor& d : table()) {
    if (d.is_registered || d.is_always_ready) s.descriptors++;
    for (u8 b = d.armed; b != 0; b &= static_cast<u8>(b - 1)) s.armed++;
  }
  return s;
}

}  // namespace lintel
