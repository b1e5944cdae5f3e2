// A monitor has two holders, the port's list and the watched process. The process's DOWN becomes a
// task; the callback runs if the monitor still stands in the list then.
#include "vm/io/port_monitor.h"

#include <cstring>

#include "vm/base/alloc.h"
#include "vm/proc/unique.h"

namespace lintel {

struct PortMonitor : ForeignWatcher {
  std::atomic<u32> holders{2};
  Term port;
  Term pid;
  RefNumbers ref;
};

namespace {

struct Image {
  u64 pid;
  RefNumbers ref;
};
static_assert(sizeof(Image) <= sizeof(ErlDrvMonitor));

void release(PortMonitor* m) {
  if (m->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) vm_delete(m);
}

struct DownTask : PortTask {
  PortMonitor* monitor;
};

void run_down(Port* p, PortTask* t) {
  auto* task = static_cast<DownTask*>(t);
  PortMonitor* m = task->monitor;
  vm_delete(task);
  if (p != nullptr && std::erase(p->monitors, m) != 0) {
    ErlDrvMonitor image{};
    Image content = {m->pid.bits(), m->ref};
    std::memcpy(&image, &content, sizeof content);
    release(m);
    if (p->entry().process_exit != nullptr) p->entry().process_exit(p->data, &image);
  }
  release(m);
}

void down(ForeignWatcher* w, Term, RefNumbers, Term) {
  auto* m = static_cast<PortMonitor*>(w);
  auto* t = vm_new<DownTask>();
  t->run = run_down;
  t->monitor = m;
  port_push_to(m->port, t);
}
void released(ForeignWatcher* w) { release(static_cast<PortMonitor*>(w)); }

PortMonitor* find(Port& p, const ErlDrvMonitor* monitor) {
  Image content;
  std::memcpy(&content, monitor, sizeof content);
  for (PortMonitor* m : p.monitors) {
    if (m->ref == content.ref) return m;
  }
  return nullptr;
}

}  // namespace

int port_monitor(Port& p, Term pid, ErlDrvMonitor* out) {
  if (!pid.is_local_pid()) return 1;
  auto* m = vm_new<PortMonitor>();
  m->down = down;
  m->released = released;
  m->port = p.id;
  m->pid = pid;
  m->ref = make_ref_numbers();
  std::memset(out, 0, sizeof *out);
  Image content = {pid.bits(), m->ref};
  std::memcpy(out, &content, sizeof content);
  p.monitors.push_back(m);
  if (foreign_monitor(m, pid, content.ref)) return 0;
  std::erase(p.monitors, m);
  vm_delete(m);
  return 1;
}

bool port_demonitor(Port& p, const ErlDrvMonitor* monitor) {
  PortMonitor* m = find(p, monitor);
  if (m == nullptr) return false;
  std::erase(p.monitors, m);
  foreign_demonitor(m, m->pid, m->ref);
  release(m);
  return true;
}

Term port_monitored(Port& p, const ErlDrvMonitor* monitor) {
  PortMonitor* m = find(p, monitor);
  return m != nullptr ? m->pid : Term::none();
}

std::vector<Term> port_monitored_pids(const Port& p) {
  std::vector<Term> pids;
  for (const PortMonitor* m : p.monitors) pids.push_back(m->pid);
  return pids;
}

void port_monitors_drop_all(Port& p) {
  while (!p.monitors.empty()) {
    PortMonitor* m = p.monitors.back();
    p.monitors.pop_back();
    foreign_demonitor(m, m->pid, m->ref);
    release(m);
  }
}

}  // namespace lintel
