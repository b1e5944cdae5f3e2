// driver_select: descriptors of ports.
//
// A descriptor that gets ready is a task for its port; the scheduler that runs the port calls the
// driver, which does the system call. Between the task's making and its end the direction is
// `pending` and not armed in the poll set.
#include <unistd.h>

#include "vm/base/alloc.h"
#include "vm/base/quiesce.h"
#include "vm/io/poll.h"
#include "vm/io/port_select.h"

namespace lintel {

struct PortDescriptor : PollTarget {
  Term port;
  int fd;
  u8 selected = 0;  // PollDirection bits
  std::atomic<u8> pending{0};  // reported, the task not yet run; set by the poll thread
  bool in_use = false;  // ERL_DRV_USE: stop_select is owed
};

namespace {

struct ReadyTask : PortTask {
  int fd;
  u8 directions;
};

PortDescriptor* find(Port& p, int fd) {
  for (PortDescriptor* d : p.descriptors) {
    if (d->fd == fd) return d;
  }
  return nullptr;
}

int arm(PortDescriptor* d, u8 directions) {
  u8 wanted = d->selected & directions & static_cast<u8>(~d->pending.load(std::memory_order_acquire));
  return wanted != 0 ? poll_arm(d->fd, wanted, d) : 0;
}

void run_ready(Port* p, PortTask* t) {
  auto* task = static_cast<ReadyTask*>(t);
  int fd = task->fd;
  u8 directions = task->directions;
  vm_delete(task);
  if (p == nullptr) return;
  PortDescriptor* d = find(*p, fd);
  if (d == nullptr) return;
  d->pending.fetch_and(static_cast<u8>(~directions), std::memory_order_acq_rel);
  auto event = reinterpret_cast<ErlDrvEvent>(static_cast<intptr_t>(fd));
  for (u8 direction : {kPollRead, kPollWrite}) {
    // A callback may deselect, or end the port.
    if (!(directions & direction) || p->has(kPortClosed)) continue;
    d = find(*p, fd);
    if (d == nullptr || !(d->selected & direction)) continue;
    auto callback = direction == kPollRead ? p->entry().ready_input : p->entry().ready_output;
    if (callback != nullptr) callback(p->data, event);
  }
  if (p->has(kPortClosed)) return;
  d = find(*p, fd);
  if (d != nullptr) arm(d, directions);
}

// On the poll thread.
void ready(PollTarget* target, int fd, u8 directions) {
  auto* d = static_cast<PortDescriptor*>(target);
  auto* t = vm_new<ReadyTask>();
  t->run = run_ready;
  t->fd = fd;
  t->directions = directions & (kPollRead | kPollWrite);
  d->pending.fetch_or(t->directions, std::memory_order_acq_rel);
  port_push_to(d->port, t);
}

void drop(Port& p, PortDescriptor* d, bool call_stop) {
  poll_disarm(d->fd, kPollRead | kPollWrite);
  poll_forget(d->fd);
  std::erase(p.descriptors, d);
  bool owes_stop = call_stop && d->in_use && p.entry().stop_select != nullptr;
  int fd = d->fd;
  quiesce_retire(d, [](void* block) { vm_delete(static_cast<PortDescriptor*>(block)); });
  if (owes_stop) p.entry().stop_select(reinterpret_cast<ErlDrvEvent>(static_cast<intptr_t>(fd)), nullptr);
}

}  // namespace

int port_select(Port& p, int fd, int mode, bool on) {
  PortDescriptor* d = find(p, fd);
  u8 directions = static_cast<u8>(mode) & (kPollRead | kPollWrite);
  if (on) {
    if (fd < 0) return -1;
    if (d == nullptr) {
      d = vm_new<PortDescriptor>();
      d->PollTarget::ready = ready;
      d->port = p.id;
      d->fd = fd;
      p.descriptors.push_back(d);
    }
    if (mode & ERL_DRV_USE) d->in_use = true;
    u8 fresh = directions & static_cast<u8>(~d->selected);
    d->selected |= directions;
    return arm(d, fresh) == 0 ? 0 : -1;
  }
  if (d == nullptr) {
    // Never selected: the driver still wants its event closed.
    if ((mode & ERL_DRV_USE) && (mode & ERL_DRV_USE_NO_CALLBACK) != ERL_DRV_USE_NO_CALLBACK &&
        p.entry().stop_select != nullptr) {
      p.entry().stop_select(reinterpret_cast<ErlDrvEvent>(static_cast<intptr_t>(fd)), nullptr);
    }
    return 0;
  }
  if (mode & ERL_DRV_USE) {
    drop(p, d, (mode & ERL_DRV_USE_NO_CALLBACK) != ERL_DRV_USE_NO_CALLBACK);
    return 0;
  }
  d->selected &= static_cast<u8>(~directions);
  poll_disarm(fd, directions);
  return 0;
}

void port_select_drop_all(Port& p) {
  while (!p.descriptors.empty()) drop(p, p.descriptors.back(), true);
}

}  // namespace lintel
