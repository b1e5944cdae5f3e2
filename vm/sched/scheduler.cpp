#include "vm/sched/scheduler.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

#include "vm/base/alloc.h"
#include "vm/base/quiesce.h"
#include "vm/proc/tracing.h"
#include "vm/proc/unique.h"
#include "vm/sched/bif_timer.h"
#include "vm/sched/clock.h"
#include "vm/sched/cpu_topology.h"
#include "vm/sched/dirty_pool.h"
#include "vm/sched/turn.h"

namespace lintel {

thread_local Scheduler* this_scheduler = nullptr;
void (*run_port_task)(Runnable& port) = nullptr;
std::atomic<u64> io_bytes_in{0};
std::atomic<u64> io_bytes_out{0};

namespace {

enum Activity : u32 { kIdle, kBusy, kParked };

constexpr u32 kMaxSchedulers = 1024;
SchedulerOptions options;
Scheduler* all[kMaxSchedulers];
u32 normal_count = 0;
std::atomic<u32> online{0};
std::atomic<u32> sleepers{0};
std::atomic<u32> searching{0};
std::atomic<bool> stopping{false};
std::atomic<bool> started{false};
std::atomic<u32> block_flag{0};

void futex_wait(std::atomic<u32>& word, u32 expected, const timespec* timeout) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, timeout, nullptr, 0);
}
void futex_wake(std::atomic<u32>& word, int count) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

void cpu_relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

u64 next_random(u64& state) {
  u64 z = (state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// ---- waking ----

// Ends the sleep of s if it sleeps. True when this call did.
bool wake(Scheduler& s) {
  if (!s.asleep.load(std::memory_order_seq_cst)) return false;
  if (!s.asleep.exchange(false, std::memory_order_acq_rel)) return false;
  sleepers.fetch_sub(1, std::memory_order_seq_cst);
  s.wake_word.store(1, std::memory_order_seq_cst);
  futex_wake(s.wake_word, 1);
  return true;
}

// There is work that nobody is about to look at: lets a sleeper come and steal it.
void wake_one() {
  // Partner: the searcher that gives up lowers `searching` before it looks at all queues again.
  if (sleepers.load(std::memory_order_seq_cst) == 0 ||
      searching.load(std::memory_order_seq_cst) != 0) {
    return;
  }
  u32 n = online.load(std::memory_order_relaxed);
  for (u32 i = 0; i < n; i++) {
    if (wake(*all[i])) return;
  }
}

// ---- being busy, idle, parked (see schedulers_block) ----

void park_while_blocked(Scheduler& s) {
  while (block_flag.load(std::memory_order_seq_cst) != 0) {
    s.activity.store(kParked, std::memory_order_seq_cst);
    futex_wait(block_flag, 1, nullptr);
  }
}

void become_busy(Scheduler& s) {
  while (true) {
    s.activity.store(kBusy, std::memory_order_seq_cst);
    if (VM_LIKELY(block_flag.load(std::memory_order_seq_cst) == 0)) return;
    park_while_blocked(s);
  }
}

// ---- finding work ----

Runnable* steal(Scheduler& s) {
  u32 n = normal_count;
  u32 first = static_cast<u32>(next_random(s.random) % n);
  for (u32 i = 0; i < n; i++) {
    Scheduler& victim = *all[(first + i) % n];
    if (&victim == &s || victim.queue.length() == 0) continue;
    if (Runnable* r = victim.queue.steal_into(s.queue)) return r;
  }
  return nullptr;
}

bool is_online(const Scheduler& s) { return s.index < online.load(std::memory_order_relaxed); }

Runnable* find_work(Scheduler& s) {
  if (Runnable* r = options.seeded ? s.queue.pop_random(next_random(s.random)) : s.queue.pop()) {
    return r;
  }
  return normal_count > 1 && is_online(s) ? steal(s) : nullptr;
}

bool has_other_work(Scheduler& s) {
  return s.aux.load(std::memory_order_seq_cst) != nullptr || !s.wheel.inbox_empty() ||
         stopping.load(std::memory_order_relaxed) ||
         block_flag.load(std::memory_order_relaxed) != 0;
}

void sleep(Scheduler& s, Runnable** found) {
  s.wake_word.store(0, std::memory_order_relaxed);
  sleepers.fetch_add(1, std::memory_order_seq_cst);
  s.asleep.store(true, std::memory_order_seq_cst);
  // What was queued before the store above became visible is seen here; later it wakes us.
  *found = find_work(s);
  if (*found == nullptr && !has_other_work(s)) {
    timespec timeout;
    timespec* until = nullptr;
    u64 next = s.wheel.next_tick();
    if (next != kNoDeadline) {
      i64 ns = (erlang_start_monotonic_ns() + static_cast<i64>(next) * 1000000) - erlang_monotonic_ns();
      if (ns < 0) ns = 0;
      timeout = {ns / 1000000000, ns % 1000000000};
      until = &timeout;
    }
    // What only we keep from being freed is freed now, not after the sleep.
    for (int i = 0; i < 3; i++) quiesce_point();
    quiesce_offline();
    s.activity.store(kIdle, std::memory_order_seq_cst);
    futex_wait(s.wake_word, 0, until);
    become_busy(s);
    quiesce_online();
  }
  if (s.asleep.exchange(false, std::memory_order_acq_rel)) {
    sleepers.fetch_sub(1, std::memory_order_seq_cst);
  }
}

void set_idle(Scheduler& s, bool idle) {
  i64 now = os_monotonic_ns();
  if (is_watched(kWatchSchedulers)) watch_scheduler(s.index, !idle);
  if (idle) {
    s.idle_since.store(now, std::memory_order_relaxed);
  } else if (i64 since = s.idle_since.load(std::memory_order_relaxed); since != 0) {
    s.idle_ns.fetch_add(now - since, std::memory_order_relaxed);
    s.idle_since.store(0, std::memory_order_relaxed);
  }
}

// Nothing to do: looks around for a while, then sleeps. Null after a wake-up for other reasons.
Runnable* idle(Scheduler& s) {
  set_idle(s, true);
  Runnable* r = nullptr;
  if (normal_count > 1 && is_online(s)) {
    searching.fetch_add(1, std::memory_order_seq_cst);
    for (u32 i = 0; i < options.spin && r == nullptr && !has_other_work(s); i++) {
      for (int pause = 0; pause < 20; pause++) cpu_relax();
      r = find_work(s);
    }
    searching.fetch_sub(1, std::memory_order_seq_cst);
  }
  if (r == nullptr) sleep(s, &r);
  set_idle(s, false);
  return r;
}

void run_aux(Scheduler& s) {
  AuxWork* newest = s.aux.exchange(nullptr, std::memory_order_acquire);
  AuxWork* oldest = nullptr;
  while (newest != nullptr) {
    AuxWork* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    AuxWork* next = oldest->next;
    oldest->run(oldest->data);
    vm_free(oldest);
    oldest = next;
  }
}

// A scheduler taken offline gives away what it has.
void empty_queue(Scheduler& s) {
  while (Runnable* r = s.queue.take_movable()) {
    r->home = static_cast<u32>(next_random(s.random) % online.load(std::memory_order_relaxed));
    Scheduler& to = *all[r->home];
    to.queue.push(r);
    wake(to);
  }
}

// Evens out what stealing does not: long queues beside short ones, all busy, by priority; and processes
// that get no turn where they are, for those above them leave none.
constexpr u32 kRoundsPerBalance = 64;

void balance(Scheduler& s) {
  // What was not reached here in this round would only wait here instead.
  u32 lowest = std::exchange(s.lowest, 0);
  s.reaches.store(lowest, std::memory_order_relaxed);
  s.balance_rounds.store(s.balance_rounds.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  u32 n = normal_count;
  s.balance_with = (s.balance_with + 1) % n;
  if (s.balance_with == s.index) s.balance_with = (s.balance_with + 1) % n;
  Scheduler& other = *all[s.balance_with];
  u32 other_reaches = other.reaches.load(std::memory_order_relaxed);
  for (u32 list = kPriorityMax; list <= kPriorityLow; list++) {
    u32 class_of = list == kPriorityLow ? u32{kPriorityNormal} : list;
    if (class_of > std::min<u32>(lowest, kPriorityNormal)) break;
    u32 mine = s.queue.length(list);
    u32 theirs = other.queue.length(list);
    if (theirs != 0 && class_of > other_reaches) {
      other.queue.move_to(s.queue, list, (theirs + 1) / 2);
    } else if (theirs > mine + 1) {
      other.queue.move_to(s.queue, list, (theirs - mine) / 2);
    }
  }
}

void scheduler_loop(Scheduler& s) {
  quiesce_online();
  become_busy(s);
  s.started_ns.store(os_monotonic_ns(), std::memory_order_relaxed);
  bool was_long = true;
  while (!stopping.load(std::memory_order_relaxed)) {
    quiesce_point();
    if (VM_UNLIKELY(block_flag.load(std::memory_order_relaxed) != 0)) {
      park_while_blocked(s);
      become_busy(s);
    }
    if (VM_UNLIKELY(s.aux.load(std::memory_order_relaxed) != nullptr)) run_aux(s);
    // The clock is not read for every short turn.
    if ((was_long || (++s.turns & 7) == 0) && (s.wheel.count != 0 || !s.wheel.inbox_empty())) {
      s.wheel.advance(clock_tick_now());
    }
    if (VM_UNLIKELY(!is_online(s)) && s.queue.length() != 0) empty_queue(s);
    if (s.queue.length() > 1 && !options.seeded) wake_one();
    Runnable* r = find_work(s);
    if (r == nullptr) {
      r = idle(s);
      was_long = true;
      if (s.wheel.count != 0 || !s.wheel.inbox_empty()) s.wheel.advance(clock_tick_now());
      if (r == nullptr) continue;
    }
    u32 ran = r->kind == Runnable::Kind::Port ? u32{kPriorityNormal} : r->priority;  // r may be gone after
    if (r->kind == Runnable::Kind::Port) {
      r->home = s.index;
      run_port_task(*r);
      was_long = true;
    } else {
      i64 budget = options.reductions;
      if (options.seeded) budget = 1 + static_cast<i64>(next_random(s.random) % static_cast<u64>(budget));
      was_long = run_turn(s, *static_cast<Process*>(r), budget) > 500;
    }
    s.lowest = std::max(s.lowest, ran);
    if (++s.rounds % kRoundsPerBalance == 0 && normal_count > 1 && is_online(s)) balance(s);
  }
  quiesce_offline();
  s.activity.store(kIdle, std::memory_order_seq_cst);
}

void* scheduler_main(void* arg) {
  auto* s = static_cast<Scheduler*>(arg);
  this_scheduler = s;
  unique_thread_begins(scheduler_thread_number(*s));
  char name[16];
  std::snprintf(name, sizeof name, "sched_%u", s->index + 1);
  pthread_setname_np(pthread_self(), name);
  scheduler_loop(*s);
  return nullptr;
}

// ---- processors ----

u32 count_affinity() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int n = CPU_COUNT(&set);
  return n < 1 ? 1 : static_cast<u32>(n);
}

// Reads "quota period" or two files with one number each; 0 when there is no limit.
u32 quota_from(const char* both, const char* quota_file, const char* period_file) {
  long long quota = -1, period = 0;
  if (std::FILE* f = std::fopen(both, "r")) {
    if (std::fscanf(f, "%lld %lld", &quota, &period) != 2) quota = -1;
    std::fclose(f);
  } else {
    std::FILE* q = std::fopen(quota_file, "r");
    std::FILE* p = std::fopen(period_file, "r");
    if (q == nullptr || p == nullptr || std::fscanf(q, "%lld", &quota) != 1 ||
        std::fscanf(p, "%lld", &period) != 1) {
      quota = -1;
    }
    if (q != nullptr) std::fclose(q);
    if (p != nullptr) std::fclose(p);
  }
  if (quota <= 0 || period <= 0) return 0;
  return static_cast<u32>((quota + period - 1) / period);
}

}  // namespace

u32 processors_configured() {
  long n = sysconf(_SC_NPROCESSORS_CONF);
  return n < 1 ? 1 : static_cast<u32>(n);
}
u32 processors_online() { return count_affinity(); }

u32 processors_quota() {
  // The group's own limit as seen inside a container; else that of the path in /proc/self/cgroup.
  if (u32 n = quota_from("/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
                         "/sys/fs/cgroup/cpu/cpu.cfs_period_us")) {
    return n;
  }
  char line[4096];
  std::FILE* f = std::fopen("/proc/self/cgroup", "r");
  if (f == nullptr) return 0;
  u32 found = 0;
  while (found == 0 && std::fgets(line, sizeof line, f) != nullptr) {
    char group[3000];
    if (std::sscanf(line, "0::%2999s", group) == 1) {
      char path[3200];
      std::snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
      found = quota_from(path, "", "");
    }
  }
  std::fclose(f);
  return found;
}

// ---- setting up ----

void schedulers_init(const SchedulerOptions& given) {
  options = given;
  u32 processors = processors_online();
  if (u32 quota = processors_quota(); quota != 0 && quota < processors) processors = quota;
  if (options.schedulers == 0) {
    options.schedulers = processors_configured();
    if (options.online == 0) options.online = processors;
  }
  if (options.online == 0 || options.online > options.schedulers) options.online = options.schedulers;
  if (options.schedulers > kMaxSchedulers) options.schedulers = kMaxSchedulers;
  if (options.seeded) options.schedulers = options.online = 1;
  // Never more dirty CPU threads than schedulers, nor more online.
  if (options.dirty_cpu == 0) options.dirty_cpu = processors;
  if (options.dirty_cpu > options.schedulers) options.dirty_cpu = options.schedulers;
  if (options.dirty_cpu_online == 0) options.dirty_cpu_online = options.dirty_cpu;
  if (options.dirty_cpu_online > options.dirty_cpu) options.dirty_cpu_online = options.dirty_cpu;
  if (options.dirty_cpu_online > options.online) options.dirty_cpu_online = options.online;
  normal_count = options.schedulers;
  online.store(options.online, std::memory_order_relaxed);
  stopping.store(false, std::memory_order_relaxed);
  sleepers.store(0, std::memory_order_relaxed);
  for (u32 i = 0; i < normal_count; i++) {
    all[i] = vm_new<Scheduler>();
    all[i]->index = i;
    all[i]->random = options.seed + i;
    all[i]->registers = vm_new<RegisterFile>();
  }
  dirty_pools_init(options);
  unique_set_threads(options.schedulers + options.dirty_cpu + options.dirty_io);
  bif_timers_init();
}

void start_vm_thread(pthread_t* thread, void* (*main)(void*), void* arg) {
  // Signals of the operating system are for the main thread.
  sigset_t every, before;
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &before);
  VM_CHECK(pthread_create(thread, nullptr, main, arg) == 0);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void schedulers_start() {
  for (u32 i = 0; i < normal_count; i++) start_vm_thread(&all[i]->thread, scheduler_main, all[i]);
  dirty_pools_start();
  started.store(true, std::memory_order_release);
  scheduler_bindings_apply();
}

bool schedulers_are_started() { return started.load(std::memory_order_acquire); }

void schedulers_stop() {
  started.store(false, std::memory_order_relaxed);
  stopping.store(true, std::memory_order_seq_cst);
  for (u32 i = 0; i < normal_count; i++) scheduler_poke(*all[i]);
  for (u32 i = 0; i < normal_count; i++) pthread_join(all[i]->thread, nullptr);
  dirty_pools_stop();
}

const SchedulerOptions& scheduler_options() { return options; }
u32 scheduler_count() { return normal_count; }
u32 schedulers_online() { return online.load(std::memory_order_relaxed); }
Scheduler& scheduler_at(u32 index) { return *all[index]; }
u32 scheduler_thread_number(const Scheduler& s) {
  switch (s.kind) {
    case SchedulerKind::Normal: return s.index + 1;
    case SchedulerKind::DirtyCpu: return options.schedulers + s.index + 1;
    case SchedulerKind::DirtyIo: return options.schedulers + options.dirty_cpu + s.index + 1;
  }
  return 0;
}

bool schedulers_set_online(u32 n) {
  if (n < 1 || n > normal_count) return false;
  online.store(n, std::memory_order_seq_cst);
  for (u32 i = 0; i < normal_count; i++) scheduler_poke(*all[i]);
  if (scheduler_bind_type() != BindType::Unbound) scheduler_bindings_apply();
  return true;
}

// ---- putting into queues ----

// Helpers are called between turns, when all that is ready lies in the queue in its order. Called in the
// middle of a turn, a helper may displace us from our processor and take what is there, while the rest
// of what the turn does comes long after: what happened together would be acted on far apart. Only a
// turn that wakes more than this many does not wait for its end.
constexpr u32 kBurst = 8;

void runnable_enqueue(Runnable& r) {
  Scheduler* self = this_scheduler;
  u32 n = online.load(std::memory_order_relaxed);
  Scheduler* home = all[r.home < n ? r.home : r.home % n];
  if (self == nullptr || self->kind != SchedulerKind::Normal || r.bound || !is_online(*self)) {
    home->queue.push(&r);
    if (!wake(*home) && home->queue.length() > 1) wake_one();
    return;
  }
  // An idle one, asleep or looking around, will steal it if it gets a processor before we do; in its
  // own queue the work would wait for that.
  if (home != self && home->idle_since.load(std::memory_order_relaxed) != 0) home = self;
  u32 length = home->queue.push(&r);
  if (home != self) {
    wake(*home);
  } else if (length > kBurst) {
    wake_one();
  }
}

void process_enqueue(Process& p) {
  if (is_watched(kWatchRunnableProcs)) watch_runnable(p, true);
  runnable_enqueue(p);
}

void scheduler_poke(Scheduler& s) { wake(s); }

void scheduler_post(u32 index, void (*f)(void*), void* data) {
  Scheduler& s = *all[index];
  auto* work = vm_new<AuxWork>(AuxWork{nullptr, f, data});
  AuxWork* head = s.aux.load(std::memory_order_relaxed);
  do {
    work->next = head;
  } while (!s.aux.compare_exchange_weak(head, work, std::memory_order_seq_cst,
                                        std::memory_order_relaxed));
  wake(s);
}

// ---- stop the world ----

void schedulers_block() {
  Scheduler* self = this_scheduler;
  u32 expected = 0;
  while (!block_flag.compare_exchange_strong(expected, 1, std::memory_order_seq_cst)) {
    if (self != nullptr) {
      // Somebody else blocks: we stand still for him like everybody.
      park_while_blocked(*self);
      become_busy(*self);
    } else {
      futex_wait(block_flag, 1, nullptr);
    }
    expected = 0;
  }
  auto wait_for = [self](Scheduler& s) {
    for (u32 spins = 0; &s != self && s.activity.load(std::memory_order_seq_cst) == kBusy; spins++) {
      if (spins < 100) {
        cpu_relax();
      } else {
        timespec nap{0, 20000};
        nanosleep(&nap, nullptr);
      }
    }
  };
  for (u32 i = 0; i < normal_count; i++) wait_for(*all[i]);
  for (u32 i = 0; i < dirty_cpu_count(); i++) wait_for(dirty_scheduler_at(SchedulerKind::DirtyCpu, i));
  for (u32 i = 0; i < dirty_io_count(); i++) wait_for(dirty_scheduler_at(SchedulerKind::DirtyIo, i));
}

void schedulers_unblock() {
  VM_ASSERT(block_flag.load(std::memory_order_relaxed) == 1);
  block_flag.store(0, std::memory_order_seq_cst);
  futex_wake(block_flag, 1 << 30);
}

bool schedulers_are_blocked() { return block_flag.load(std::memory_order_relaxed) != 0; }

void scheduler_become_busy(Scheduler& s) { become_busy(s); }
void scheduler_become_idle(Scheduler& s) { s.activity.store(kIdle, std::memory_order_seq_cst); }

// ---- totals ----

u64 total_reductions() {
  u64 n = 0;
  for (u32 i = 0; i < normal_count; i++) n += all[i]->reductions.load(std::memory_order_relaxed);
  return n;
}
u64 total_context_switches() {
  u64 n = 0;
  for (u32 i = 0; i < normal_count; i++) {
    n += all[i]->context_switches.load(std::memory_order_relaxed);
  }
  return n;
}
u64 scheduler_balance_rounds() {
  u64 n = 0;
  for (u32 i = 0; i < normal_count; i++) n += all[i]->balance_rounds.load(std::memory_order_relaxed);
  return n / (u64{kRoundsPerBalance} * schedulers_online());
}
u64 total_run_queue_length() {
  u64 n = 0;
  for (u32 i = 0; i < normal_count; i++) n += all[i]->queue.length();
  return n;
}

}  // namespace lintel
