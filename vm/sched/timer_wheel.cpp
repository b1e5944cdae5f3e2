#include "vm/sched/timer_wheel.h"

#include <bit>

#include "vm/base/alloc.h"
#include "vm/proc/process.h"
#include "vm/sched/scheduler.h"

namespace lintel {

namespace {

void push(std::atomic<Timer*>& inbox, Timer* t, Timer* Timer::*link) {
  Timer* head = inbox.load(std::memory_order_relaxed);
  do {
    t->*link = head;
  } while (!inbox.compare_exchange_weak(head, t, std::memory_order_release,
                                        std::memory_order_relaxed));
}

void free_timer(Timer* t) {
  if (t->destroy != nullptr) {
    t->destroy(t);
  } else {
    vm_free(t);
  }
}

}  // namespace

void TimerWheel::place(Timer* t) {
  u64 at = t->deadline > now ? t->deadline : now + 1;  // the present tick's slot has been handled
  u64 distance = at - now;
  u32 level = 0;
  while (level + 1 < kLevels && distance >= u64{kSlots} << (kSlotBits * level)) level++;
  // Beyond the last level: parked as far as it reaches, and placed again from there.
  u64 reach = (u64{kSlots} << (kSlotBits * (kLevels - 1))) - 1;
  if (distance > reach) at = now + reach;
  u32 slot = static_cast<u32>(at >> (kSlotBits * level)) & (kSlots - 1);
  t->level = static_cast<u8>(level);
  t->slot = static_cast<u8>(slot);
  Timer** head = &slots[level][slot];
  t->next = *head;
  t->link = head;
  if (t->next != nullptr) t->next->link = &t->next;
  *head = t;
  occupied[level][slot / 64] |= u64{1} << (slot % 64);
}

void TimerWheel::insert(Timer* t) {
  place(t);
  count++;
}

void TimerWheel::unlink(Timer* t) {
  *t->link = t->next;
  if (t->next != nullptr) t->next->link = t->link;
  t->link = nullptr;
  if (slots[t->level][t->slot] == nullptr) {
    occupied[t->level][t->slot / 64] &= ~(u64{1} << (t->slot % 64));
  }
  count--;
}

void TimerWheel::expire_slot(u32 level, u32 slot, u64* fired) {
  Timer* t = slots[level][slot];
  slots[level][slot] = nullptr;
  occupied[level][slot / 64] &= ~(u64{1} << (slot % 64));
  // None of them is in a slot now; one that gets cancelled meanwhile goes through the inbox.
  for (Timer* i = t; i != nullptr; i = i->next) i->link = nullptr;
  while (t != nullptr) {
    Timer* next = t->next;
    if (t->deadline > now) {
      place(t);
    } else {
      count--;
      Process* receiver = t->receiver;  // once Fired, the process may free t
      u8 expected = Timer::kActive;
      if (t->state.compare_exchange_strong(expected, Timer::kFired, std::memory_order_acq_rel)) {
        (*fired)++;
        if (receiver != nullptr) {
          process_wake(*receiver);
        } else {
          t->fire(t);
        }
      }
      // Else cancelled: it comes through the inbox and is freed there.
    }
    t = next;
  }
}

u64 TimerWheel::advance(u64 tick) {
  if (!inbox_empty()) drain_inbox();
  u64 fired = 0;
  while (now < tick) {
    if (count == 0) {
      now = tick;
      break;
    }
    // Jump to the next tick at which anything happens.
    u64 next = next_tick();
    if (next > tick) {
      now = tick;
      break;
    }
    now = next;
    // Higher levels first: what they hold for this very tick drops into level 0's present slot.
    for (u32 level = kLevels - 1; level > 0; level--) {
      if ((now & ((u64{1} << (kSlotBits * level)) - 1)) != 0) continue;
      u32 slot = static_cast<u32>(now >> (kSlotBits * level)) & (kSlots - 1);
      if (slots[level][slot] != nullptr) expire_slot(level, slot, &fired);
    }
    u32 slot = static_cast<u32>(now) & (kSlots - 1);
    if (slots[0][slot] != nullptr) expire_slot(0, slot, &fired);
  }
  return fired;
}

u64 TimerWheel::next_tick() const {
  if (count == 0) return kNoDeadline;
  u64 best = kNoDeadline;
  for (u32 level = 0; level < kLevels; level++) {
    u32 shift = kSlotBits * level;
    u64 base = now >> shift;  // slot number of the present, this level's unit
    // The occupied slot that comes first after the present one, going round.
    for (u32 step = 0; step <= kSlots / 64; step++) {
      u32 first = static_cast<u32>(base + 1) & (kSlots - 1);
      u32 word = (first / 64 + step) % (kSlots / 64);
      u64 bits = occupied[level][word];
      if (step == 0) bits &= ~u64{0} << (first % 64);
      if (step == kSlots / 64) bits &= ~(~u64{0} << (first % 64));
      if (bits == 0) continue;
      u32 slot = word * 64 + static_cast<u32>(std::countr_zero(bits));
      u64 distance = (slot - first) & (kSlots - 1);
      u64 tick = (base + 1 + distance) << shift;
      if (tick < best) best = tick;
      break;
    }
  }
  return best;
}

void TimerWheel::drain_inbox() {
  // Cancels are taken first: whatever they name was put in before.
  Timer* cancelled = cancels.exchange(nullptr, std::memory_order_acquire);
  Timer* t = inserts.exchange(nullptr, std::memory_order_acquire);
  while (t != nullptr) {
    Timer* next = t->insert_next;
    insert(t);
    t = next;
  }
  while (cancelled != nullptr) {
    Timer* next = cancelled->cancel_next;
    if (cancelled->link != nullptr) unlink(cancelled);
    free_timer(cancelled);
    cancelled = next;
  }
}

void timer_start(Timer* t) {
  Scheduler* s = this_scheduler;
  if (s != nullptr && s->kind == SchedulerKind::Normal) {
    t->wheel = &s->wheel;
    s->wheel.insert(t);
    return;
  }
  Scheduler& first = scheduler_at(0);
  t->wheel = &first.wheel;
  push(first.wheel.inserts, t, &Timer::insert_next);
  scheduler_poke(first);
}

bool timer_claim(Timer* t) {
  u8 expected = Timer::kActive;
  return t->state.compare_exchange_strong(expected, Timer::kCancelled, std::memory_order_acq_rel);
}

void timer_release_claimed(Timer* t) {
  TimerWheel* wheel = t->wheel;
  Scheduler* s = this_scheduler;
  if (s != nullptr && wheel == &s->wheel && t->link != nullptr) {
    wheel->unlink(t);
    free_timer(t);
  } else {
    push(wheel->cancels, t, &Timer::cancel_next);
  }
}

bool timer_cancel(Timer* t) {
  if (!timer_claim(t)) return false;
  timer_release_claimed(t);
  return true;
}

}  // namespace lintel
