#include "vm/sched/dirty_pool.h"

#include <condition_variable>
#include <cstdio>

#include "vm/base/alloc.h"
#include "vm/base/quiesce.h"
#include "vm/proc/exception.h"
#include "vm/proc/unique.h"
#include "vm/sched/dirty.h"
#include "vm/sched/turn.h"

namespace lintel {

namespace {

struct Pool {
  Mutex<LockRank::DirtyQueue> lock;
  std::condition_variable_any work;
  RunLists ready;
  bool stopping = false;
  u32 count = 0;
  u32 online = 0;
  Scheduler* threads[1024] = {};
};
Pool* cpu_pool;
Pool* io_pool;

Pool& pool_of(SchedulerKind kind) { return kind == SchedulerKind::DirtyCpu ? *cpu_pool : *io_pool; }

void* dirty_main(void* arg) {
  auto* s = static_cast<Scheduler*>(arg);
  this_scheduler = s;
  unique_thread_begins(scheduler_thread_number(*s));
  Pool& pool = pool_of(s->kind);
  char name[16];
  std::snprintf(name, sizeof name, "dirty_%s_%u", s->kind == SchedulerKind::DirtyCpu ? "cpu" : "io",
                s->index + 1);
  pthread_setname_np(pthread_self(), name);
  while (true) {
    Runnable* r;
    {
      std::unique_lock guard(pool.lock);
      while (!pool.stopping && (pool.ready.length() == 0 || s->index >= pool.online)) {
        pool.work.wait(guard);
      }
      if (pool.stopping) break;
      r = pool.ready.take();
    }
    scheduler_become_busy(*s);
    quiesce_online();
    // One reduction: after the call that wanted a dirty thread it yields at the next call.
    run_turn(*s, *static_cast<Process*>(r), 1);
    quiesce_point();
    quiesce_offline();
    scheduler_become_idle(*s);
  }
  return nullptr;
}

Pool* pool_new(SchedulerKind kind, u32 count, u32 online) {
  auto* pool = vm_new<Pool>();
  pool->count = count;
  pool->online = online;
  for (u32 i = 0; i < count; i++) {
    auto* s = vm_new<Scheduler>();
    s->index = i;
    s->kind = kind;
    s->registers = vm_new<RegisterFile>();
    pool->threads[i] = s;
  }
  return pool;
}

void pool_stop(Pool& pool) {
  {
    Guard guard(pool.lock);
    pool.stopping = true;
  }
  pool.work.notify_all();
  for (u32 i = 0; i < pool.count; i++) pthread_join(pool.threads[i]->thread, nullptr);
}

}  // namespace

void dirty_pools_init(const SchedulerOptions& options) {
  cpu_pool = pool_new(SchedulerKind::DirtyCpu, options.dirty_cpu, options.dirty_cpu_online);
  io_pool = pool_new(SchedulerKind::DirtyIo, options.dirty_io, options.dirty_io);
}

void dirty_pools_start() {
  for (Pool* pool : {cpu_pool, io_pool}) {
    for (u32 i = 0; i < pool->count; i++) {
      start_vm_thread(&pool->threads[i]->thread, dirty_main, pool->threads[i]);
    }
  }
}

void dirty_pools_stop() {
  pool_stop(*cpu_pool);
  pool_stop(*io_pool);
}

void dirty_pool_push(Process& p) {
  Pool& pool = p.dirty_kind == static_cast<u8>(DirtyKind::Cpu) ? *cpu_pool : *io_pool;
  bool all_online = pool.online == pool.count;
  {
    Guard guard(pool.lock);
    p.dirty_kind = 0;
    pool.ready.append(&p);
  }
  // With some threads offline the one woken might be one of those.
  if (all_online) {
    pool.work.notify_one();
  } else {
    pool.work.notify_all();
  }
}

u64 dirty_queue_length(DirtyKind kind) {
  Pool& pool = kind == DirtyKind::Cpu ? *cpu_pool : *io_pool;
  Guard guard(pool.lock);
  return pool.ready.length();
}

u32 dirty_cpu_count() { return cpu_pool->count; }
u32 dirty_cpu_online() { return cpu_pool->online; }
void dirty_cpu_set_online(u32 n) {
  {
    Guard guard(cpu_pool->lock);
    cpu_pool->online = n;
  }
  cpu_pool->work.notify_all();
}
u32 dirty_io_count() { return io_pool->count; }
Scheduler& dirty_scheduler_at(SchedulerKind kind, u32 index) { return *pool_of(kind).threads[index]; }

bool on_dirty_thread(const Process& p) {
  return p.sched != nullptr && p.sched->kind != SchedulerKind::Normal;
}

BifResult run_on_dirty(Process& p, DirtyKind kind, std::initializer_list<Term> args) {
  p.dirty_kind = static_cast<u8>(kind);
  return yield_again(p, args);
}

DirtyNative::DirtyNative()
    : active_(this_scheduler != nullptr && this_scheduler->kind != SchedulerKind::Normal) {
  if (!active_) return;
  quiesce_offline();
  scheduler_become_idle(*this_scheduler);
}

DirtyNative::~DirtyNative() {
  if (!active_) return;
  scheduler_become_busy(*this_scheduler);
  quiesce_online();
}

}  // namespace lintel
