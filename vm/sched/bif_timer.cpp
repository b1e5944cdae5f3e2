// Who changes the timer's state from Active decides what becomes of it, and then takes it out of both
// tables. A table's stripe lock keeps a timer found there alive: it is freed only after its removal.
#include "vm/sched/bif_timer.h"

#include "vm/base/alloc.h"
#include "vm/base/lock.h"
#include "vm/heap/copy.h"
#include "vm/proc/exit.h"
#include "vm/proc/links.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/send.h"
#include "vm/sched/clock.h"
#include "vm/sched/timer_wheel.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

struct BifTimer : Timer {
  BifTimer* next = nullptr;      // in the table by reference
  BifTimer* owner_next = nullptr;  // among the timers of one stripe's processes
  BifTimer** owner_link = nullptr;
  RefNumbers ref{};
  Term to;                       // local pid or name
  Term message;
  Fragment* fragment = nullptr;
  u64 hash() const { return hash_ref(ref); }
};

constexpr u32 kStripes = 64;
constexpr u32 kOwnerStripes = 1024;

struct alignas(64) RefStripe {
  Mutex<LockRank::Timer> lock;
  RecordTable<BifTimer> timers;
};
struct alignas(64) OwnerStripe {
  Mutex<LockRank::Timer> lock;
  BifTimer* first = nullptr;
};
RefStripe by_ref[kStripes];
OwnerStripe by_owner[kOwnerStripes];
std::atomic<u64> live{0};

RefStripe& stripe_of(RefNumbers ref) { return by_ref[ref.n[0] % kStripes]; }
OwnerStripe& owner_stripe(Term pid) { return by_owner[pid.pid_data() % kOwnerStripes]; }

BifTimer* find(RefStripe& s, RefNumbers ref) {
  return s.timers.find(hash_ref(ref), [&](BifTimer& t) { return t.ref == ref; });
}

void remove_from_refs(BifTimer* t) {
  RefStripe& s = stripe_of(t->ref);
  Guard guard(s.lock);
  s.timers.remove(t);
}

void unlink_owner(BifTimer* t) {
  *t->owner_link = t->owner_next;
  if (t->owner_next != nullptr) t->owner_next->owner_link = t->owner_link;
  t->owner_link = nullptr;
}

void remove_from_owner(BifTimer* t) {
  if (!t->to.is_local_pid()) return;
  OwnerStripe& s = owner_stripe(t->to);
  Guard guard(s.lock);
  if (t->owner_link == nullptr) return;
  unlink_owner(t);
  if (Process* p = process_lookup(t->to)) p->bif_timers.fetch_sub(1, std::memory_order_relaxed);
}

void destroy(Timer* timer) {
  auto* t = static_cast<BifTimer*>(timer);
  if (t->fragment != nullptr) fragments_free(t->fragment);
  live.fetch_sub(1, std::memory_order_relaxed);
  vm_delete(t);
}

void fire(Timer* timer) {
  auto* t = static_cast<BifTimer*>(timer);
  remove_from_refs(t);
  remove_from_owner(t);
  Term pid = t->to.is_atom() ? registry_whereis(t->to) : t->to;
  if (pid.is_local_pid()) {
    send_fragment_to(pid, t->message, t->fragment);
    t->fragment = nullptr;
  }
  destroy(t);
}

// An exiting process's timers are of no use to anybody.
bool drop_timers_of(Process& p) {
  if (p.bif_timers.load(std::memory_order_relaxed) == 0) return true;
  OwnerStripe& s = owner_stripe(p.id);
  BifTimer* mine = nullptr;
  {
    Guard guard(s.lock);
    BifTimer* t = s.first;
    while (t != nullptr) {
      BifTimer* next = t->owner_next;
      if (t->to == p.id && timer_claim(t)) {
        unlink_owner(t);
        t->owner_next = mine;
        mine = t;
      }
      t = next;
    }
  }
  while (mine != nullptr) {
    BifTimer* next = mine->owner_next;
    remove_from_refs(mine);
    timer_release_claimed(mine);
    mine = next;
  }
  return true;
}

}  // namespace

void bif_timers_init() { process_add_exit_hook(drop_timers_of); }

void bif_timer_start(RefNumbers ref, Term receiver, u64 deadline_tick, Term message, bool wrap) {
  // One who has ended gets no message, and its timers are forgotten already.
  if (receiver.is_local_pid() && process_lookup_alive(receiver) == nullptr) return;
  auto* t = vm_new<BifTimer>();
  t->deadline = deadline_tick;
  t->Timer::fire = fire;
  t->Timer::destroy = destroy;
  t->ref = ref;
  t->to = receiver;
  u64 words = flat_size(message) + (wrap ? kRefWords + tuple_words(3) : 0);
  if (words != 0) {
    t->fragment = fragment_new(words);
    Builder b = t->fragment->builder();
    message = copy_term_whole(message, b);
    if (wrap) message = b.tuple({am::timeout, b.reference(ref), message});
  }
  t->message = message;
  live.fetch_add(1, std::memory_order_relaxed);
  {
    RefStripe& s = stripe_of(ref);
    Guard guard(s.lock);
    s.timers.insert(t);  // nobody knows the reference yet
  }
  if (!receiver.is_local_pid()) return timer_start(t);
  // Started under the lock: neither the receiver's end nor the firing on another thread finds it in
  // the list before it is complete, or gone while it is being put in.
  OwnerStripe& s = owner_stripe(receiver);
  Guard guard(s.lock);
  t->owner_next = s.first;
  t->owner_link = &s.first;
  if (s.first != nullptr) s.first->owner_link = &t->owner_next;
  s.first = t;
  if (Process* p = process_lookup(receiver)) p->bif_timers.fetch_add(1, std::memory_order_relaxed);
  timer_start(t);
}

i64 bif_timer_cancel(RefNumbers ref) {
  BifTimer* t;
  {
    RefStripe& s = stripe_of(ref);
    Guard guard(s.lock);
    t = find(s, ref);
    if (t == nullptr || !timer_claim(t)) return -1;
    s.timers.remove(t);
  }
  i64 left = static_cast<i64>(clock_ms_until(t->deadline));
  remove_from_owner(t);
  timer_release_claimed(t);
  return left;
}

i64 bif_timer_read(RefNumbers ref) {
  RefStripe& s = stripe_of(ref);
  Guard guard(s.lock);
  BifTimer* t = find(s, ref);
  if (t == nullptr || t->state.load(std::memory_order_acquire) != Timer::kActive) return -1;
  return static_cast<i64>(clock_ms_until(t->deadline));
}

void bif_timers_each(void (*f)(Term, const Fragment*, void*), void* data) {
  for (RefStripe& s : by_ref) {
    Guard guard(s.lock);
    s.timers.each([&](BifTimer& t) { f(t.to, t.fragment, data); });
  }
}

u64 bif_timer_count() { return live.load(std::memory_order_relaxed); }
u64 bif_timer_bytes() { return bif_timer_count() * sizeof(BifTimer); }

}  // namespace lintel
