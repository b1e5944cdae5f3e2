// A ResourceMonitor has two holders: the resource's list and the watched process. It leaves the list
// exactly once, by its DOWN or by a demonitor, whoever comes first under the resource's lock; that
// decides whether the callback runs. The process's side lets go at `down` or `released`.
//
// The resource is not kept alive by its monitors: when it goes, its monitors are dropped first. A
// DOWN that is on its way then finds `resource` null.
#include "vm/nif/monitor.h"

#include <cstring>

#include "vm/base/alloc.h"
#include "vm/proc/links.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"

using namespace lintel;

namespace lintel {

struct ResourceMonitor : ForeignWatcher {
  ResourceMonitor* next = nullptr;  // in the resource's list, under its lock
  std::atomic<u32> holders{2};
  Mutex<LockRank::NifMonitor> lock;  // of `resource`
  Resource* resource = nullptr;      // null: cancelled
  Term pid;
  RefNumbers ref;
};

namespace {

void release(ResourceMonitor* m) {
  if (m->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) vm_delete(m);
}

// What an ErlNifMonitor holds.
struct MonitorImage {
  u64 pid;
  RefNumbers ref;
};
static_assert(sizeof(MonitorImage) <= sizeof(ErlNifMonitor));

bool list_remove(Resource& r, ResourceMonitor* m) {
  for (ResourceMonitor** link = &r.monitors; *link != nullptr; link = &(*link)->next) {
    if (*link == m) {
      *link = m->next;
      return true;
    }
  }
  return false;
}

// Takes the resource with a reference, unless it is cancelled or being destroyed.
Resource* claim(ResourceMonitor* m) {
  Guard guard(m->lock);
  Resource* r = m->resource;
  m->resource = nullptr;
  if (r == nullptr) return nullptr;
  // The destructor takes m->lock before it lets the memory go, so r is still there.
  u64 refs = r->refs.load(std::memory_order_relaxed);
  while (refs != 0) {
    if (r->refs.compare_exchange_weak(refs, refs + 1, std::memory_order_acq_rel)) return r;
  }
  return nullptr;
}

void down(ForeignWatcher* w, Term, RefNumbers, Term) {
  auto* m = static_cast<ResourceMonitor*>(w);
  Resource* r = claim(m);
  if (r != nullptr) {
    bool mine;
    {
      Guard guard(r->lock);
      mine = list_remove(*r, m);
    }
    if (mine) {
      release(m);
      if (r->type->callbacks.down != nullptr) {
        enif_environment_t env;
        env.library = r->type->owner;
        ErlNifPid pid = {m->pid.bits()};
        ErlNifMonitor image{};
        MonitorImage content = {m->pid.bits(), m->ref};
        std::memcpy(&image, &content, sizeof content);
        r->type->callbacks.down(&env, r->data, &pid, &image);
      }
    }
    resource_release(*r);
  }
  release(m);
}

void released(ForeignWatcher* w) { release(static_cast<ResourceMonitor*>(w)); }

}  // namespace

void monitors_drop_all(Resource& r) {
  for (;;) {
    ResourceMonitor* m;
    {
      Guard guard(r.lock);
      m = r.monitors;
      if (m == nullptr) return;
      r.monitors = m->next;
    }
    {
      Guard guard(m->lock);
      m->resource = nullptr;
    }
    foreign_demonitor(m, m->pid, m->ref);
    release(m);
  }
}

}  // namespace lintel

extern "C" {

// 0: set up; negative: the type has no down callback; positive: there is no such process.
int enif_monitor_process(ErlNifEnv*, void* object, const ErlNifPid* pid, ErlNifMonitor* out) {
  Resource* r = Resource::from_data(object);
  if (r->type->callbacks.down == nullptr) return -1;
  if (!to_term(pid->pid).is_local_pid()) return 1;
  auto* m = vm_new<ResourceMonitor>();
  m->down = down;
  m->released = released;
  m->resource = r;
  m->pid = to_term(pid->pid);
  m->ref = make_ref_numbers();
  RefNumbers ref = m->ref;
  {
    Guard guard(r->lock);
    m->next = r->monitors;
    r->monitors = m;
  }
  if (!foreign_monitor(m, m->pid, m->ref)) {
    bool mine;
    {
      Guard guard(r->lock);
      mine = list_remove(*r, m);
    }
    if (mine) release(m);
    release(m);
    return 1;
  }
  if (out != nullptr) {
    std::memset(out, 0, sizeof *out);
    MonitorImage content = {pid->pid, ref};
    std::memcpy(out, &content, sizeof content);
  }
  return 0;
}

int enif_demonitor_process(ErlNifEnv*, void* object, const ErlNifMonitor* monitor) {
  Resource* r = Resource::from_data(object);
  MonitorImage content;
  std::memcpy(&content, monitor, sizeof content);
  ResourceMonitor* m = nullptr;
  {
    Guard guard(r->lock);
    for (m = r->monitors; m != nullptr && !(m->ref == content.ref); m = m->next) {
    }
    if (m == nullptr) return 1;
    list_remove(*r, m);
  }
  {
    Guard guard(m->lock);
    m->resource = nullptr;
  }
  foreign_demonitor(m, m->pid, m->ref);
  release(m);
  return 0;
}

int enif_compare_monitors(const ErlNifMonitor* a, const ErlNifMonitor* b) {
  return std::memcmp(a, b, sizeof *a);
}

ERL_NIF_TERM enif_make_monitor_term(ErlNifEnv* env, const ErlNifMonitor* monitor) {
  MonitorImage content;
  std::memcpy(&content, monitor, sizeof content);
  return from_term(env->reserve(kRefWords).reference(content.ref));
}

}  // extern "C"
