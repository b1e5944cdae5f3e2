// A slot's name is written once, after its owner; later only the owner changes (none: free again).
// So a reader that found the name may trust the owner word it reads. Dead slots go when the table is
// rebuilt.
#include "vm/proc/registry.h"

#include "vm/base/alloc.h"
#include "vm/base/lock.h"
#include "vm/base/quiesce.h"
#include "vm/proc/process_table.h"
#include "vm/proc/signal.h"
#include "vm/proc/tracing.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

struct Slot {
  std::atomic<Word> name;   // 0: never used
  std::atomic<Word> owner;  // a term
};
struct Table {
  u64 mask;
  u64 used;  // slots with a name; the lock's
  Slot slots[];
};

std::atomic<Table*> current{nullptr};
std::atomic<u64> live{0};
Mutex<LockRank::Registry> registry_lock;

Table* table_new(u64 size) {
  auto* t = static_cast<Table*>(vm_alloc_zeroed(sizeof(Table) + size * sizeof(Slot)));
  t->mask = size - 1;
  return t;
}

u64 start_of(Word name) { return (name >> 6) * 0x9E3779B97F4A7C15u >> 20; }

Slot* find(Table* t, Word name) {
  for (u64 i = start_of(name);; i++) {
    Slot& s = t->slots[i & t->mask];
    Word n = s.name.load(std::memory_order_acquire);
    if (n == name) return &s;
    if (n == 0) return nullptr;
  }
}

void put_new(Table* t, Word name, Word owner) {
  for (u64 i = start_of(name);; i++) {
    Slot& s = t->slots[i & t->mask];
    if (s.name.load(std::memory_order_relaxed) != 0) continue;
    s.owner.store(owner, std::memory_order_relaxed);
    s.name.store(name, std::memory_order_release);
    t->used++;
    return;
  }
}

// Room for one more name. Under the lock.
Table* table_with_room() {
  Table* t = current.load(std::memory_order_relaxed);
  if (t != nullptr && (t->used + 1) * 4 <= (t->mask + 1) * 3) return t;
  u64 size = 256;
  while (size < 4 * (live.load(std::memory_order_relaxed) + 1)) size *= 2;
  Table* bigger = table_new(size);
  for (u64 i = 0; t != nullptr && i <= t->mask; i++) {
    Word owner = t->slots[i].owner.load(std::memory_order_relaxed);
    Word name = t->slots[i].name.load(std::memory_order_relaxed);
    if (name != 0 && !Term(owner).is_none()) put_new(bigger, name, owner);
  }
  current.store(bigger, std::memory_order_release);
  if (t != nullptr) quiesce_retire(t, vm_free);
  return bigger;
}

void forget_locked(Term name) {
  Table* t = current.load(std::memory_order_relaxed);
  Slot* s = t == nullptr ? nullptr : find(t, name.bits());
  if (s == nullptr || Term(s->owner.load(std::memory_order_relaxed)).is_none()) return;
  s->owner.store(Term::none().bits(), std::memory_order_release);
  live.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace

Term registry_whereis(Term name) {
  Table* t = current.load(std::memory_order_acquire);
  if (t == nullptr) return Term::none();
  Slot* s = find(t, name.bits());
  return s == nullptr ? Term::none() : Term(s->owner.load(std::memory_order_acquire));
}

RegisterResult registry_register(Term name, Term owner) {
  Guard guard(registry_lock);
  if (!registry_whereis(name).is_none()) return RegisterResult::NameTaken;
  Process* p = nullptr;
  if (owner.is_local_pid()) {
    p = process_lookup_alive(owner);
    if (p == nullptr) return RegisterResult::NotAlive;
    if (!p->registered_name.load(std::memory_order_relaxed).is_nil()) {
      return RegisterResult::OwnerHasName;
    }
    // Either the exiting process sees its name in registry_release, or we see here that it exits.
    p->registered_name.store(name, std::memory_order_seq_cst);
    if ((p->state.load(std::memory_order_seq_cst) & kStateExiting) != 0) {
      p->registered_name.store(Term::nil(), std::memory_order_relaxed);
      return RegisterResult::NotAlive;
    }
  } else {
    if (port_hooks.exists == nullptr || !port_hooks.exists(owner)) return RegisterResult::NotAlive;
    if (!registry_name_of(owner).is_none()) return RegisterResult::OwnerHasName;
    port_hooks.set_name(owner, name);
  }
  Table* t = table_with_room();
  if (Slot* s = find(t, name.bits())) {
    s->owner.store(owner.bits(), std::memory_order_release);
  } else {
    put_new(t, name.bits(), owner.bits());
  }
  live.fetch_add(1, std::memory_order_relaxed);
  if (p != nullptr && VM_UNLIKELY((p->trace_flags & kTraceProcs) != 0)) {
    trace_process_event(*p, am::register_, name);
  }
  return RegisterResult::Ok;
}

bool registry_unregister(Term name) {
  Guard guard(registry_lock);
  Term owner = registry_whereis(name);
  if (owner.is_none()) return false;
  forget_locked(name);
  if (owner.is_local_port()) {
    port_hooks.set_name(owner, Term::none());
  } else if (Process* p = process_lookup(owner)) {
    p->registered_name.store(Term::nil(), std::memory_order_relaxed);
    if (VM_UNLIKELY((p->trace_flags & kTraceProcs) != 0)) trace_process_event(*p, am::unregister, name);
  }
  return true;
}

void registry_release(Process& p) {
  // Partner: registry_register. The state became Exiting before.
  if (p.registered_name.load(std::memory_order_seq_cst).is_nil()) return;
  Guard guard(registry_lock);
  Term name = p.registered_name.load(std::memory_order_relaxed);
  if (name.is_nil()) return;
  forget_locked(name);
  p.registered_name.store(Term::nil(), std::memory_order_relaxed);
  if (VM_UNLIKELY((p.trace_flags & kTraceProcs) != 0)) trace_process_event(p, am::unregister, name);
}

u64 registry_count() { return live.load(std::memory_order_relaxed); }

void registry_each(void (*f)(Term, Term, void*), void* data) {
  Table* t = current.load(std::memory_order_acquire);
  for (u64 i = 0; t != nullptr && i <= t->mask; i++) {
    Word name = t->slots[i].name.load(std::memory_order_acquire);
    if (name == 0) continue;
    Term owner(t->slots[i].owner.load(std::memory_order_acquire));
    if (!owner.is_none()) f(Term(name), owner, data);
  }
}

Term registry_name_of(Term owner) {
  struct Find {
    Term owner;
    Term name = Term::none();
  } search{owner};
  registry_each(
      [](Term name, Term o, void* data) {
        auto* s = static_cast<Find*>(data);
        if (o == s->owner) s->name = name;
      },
      &search);
  return search.name;
}

}  // namespace lintel
