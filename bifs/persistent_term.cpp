// persistent_term: one table of {Key, Value} tuples for the whole node, each in a literal area of its
// own, so that a read copies nothing and takes no lock.
//
//   table   open addressing, linear probing; a slot is a tuple, none(), or kErased where a term was:
//           a walk goes on behind that one. Readers walk it as it is. Inserting, replacing and erasing
//           store one slot. A table that gets too full or too empty is replaced by a new one and
//           retired, for a reader may still be walking it until its next quiescent point.
//   terms   processes hold a replaced or erased term as long as they like; its area goes through the
//           release that purged modules' literals take (vm/code/code_server.h).
#include <atomic>
#include <vector>

#include "bifs/node_references.h"
#include "vm/base/alloc.h"
#include "vm/base/lock.h"
#include "vm/base/quiesce.h"
#include "vm/code/code_server.h"
#include "vm/heap/copy.h"
#include "vm/heap/literals.h"
#include "vm/heap/shared.h"
#include "vm/proc/exception.h"
#include "vm/proc/send.h"
#include "vm/sched/long_work.h"
#include "vm/term/atom.h"
#include "vm/term/compare.h"
#include "vm/term/hash.h"
#include "vm/term/map.h"

namespace lintel {

namespace {

struct Table {
  u64 mask;
  std::atomic<Term> slots[];
};

constexpr u64 kFirstSlots = 64;
constexpr Term kErased = Term::nil();

Mutex<LockRank::PersistentTerm> lock;  // held by writers
std::atomic<Table*> table{nullptr};
u64 count = 0;        // written under the lock
u64 erased = 0;       // slots that say kErased
u64 area_bytes = 0;

Table* table_new(u64 slots) {
  auto* t = static_cast<Table*>(vm_alloc(sizeof(Table) + slots * sizeof(std::atomic<Term>)));
  t->mask = slots - 1;
  for (u64 i = 0; i < slots; i++) new (&t->slots[i]) std::atomic<Term>(Term::none());
  return t;
}

// For writers: the slot of `key`, or one where it may go.
std::atomic<Term>* slot_of(Table* t, Term key) {
  std::atomic<Term>* free = nullptr;
  for (u64 i = internal_hash(key) & t->mask;; i = (i + 1) & t->mask) {
    Term entry = t->slots[i].load(std::memory_order_relaxed);
    if (entry.is_none()) return free != nullptr ? free : &t->slots[i];
    if (entry == kErased) {
      if (free == nullptr) free = &t->slots[i];
    } else if (exact_equal(tuple_element(entry, 0), key)) {
      return &t->slots[i];
    }
  }
}

// A slot may be filled behind the walk: it is read once.
Term find(Term key) {
  Table* t = table.load(std::memory_order_acquire);
  if (t == nullptr) return Term::none();
  for (u64 i = internal_hash(key) & t->mask;; i = (i + 1) & t->mask) {
    // acquire pairs with the release of put: who sees the tuple sees what is in it.
    Term entry = t->slots[i].load(std::memory_order_acquire);
    if (entry.is_none()) return entry;
    if (entry != kErased && exact_equal(tuple_element(entry, 0), key)) return entry;
  }
}

// f(entry) for all; returns how many slots were looked at.
template <typename F>
u64 each_entry(Table* t, F f) {
  if (t == nullptr) return 0;
  for (u64 i = 0; i <= t->mask; i++) {
    Term entry = t->slots[i].load(std::memory_order_acquire);
    if (entry.is_boxed()) f(entry);
  }
  return t->mask + 1;
}

// The tuple is the first thing in its area.
LiteralArea* area_of(Term entry) {
  return reinterpret_cast<LiteralArea*>(reinterpret_cast<u8*>(entry.object()) -
                                        offsetof(LiteralArea, mem));
}

// Keeps what key and value share.
Term make_entry(Term key, Term value) {
  alignas(8) Term pair[] = {Term::header(BoxedTag::Tuple, 2), key, value};
  LiteralArea* area = literal_area_new(shared_size_whole(Term::boxed(pair)));
  Builder b = area->builder();
  return copy_shared_whole(Term::boxed(pair), b);
}

void rebuild(u64 slots) {
  Table* old = table.load(std::memory_order_relaxed);
  Table* fresh = table_new(slots);
  each_entry(old, [&](Term entry) {
    slot_of(fresh, tuple_element(entry, 0))->store(entry, std::memory_order_relaxed);
  });
  erased = 0;
  table.store(fresh, std::memory_order_release);
  if (old != nullptr) quiesce_retire(old, vm_free);
}

void release(Process& p, const std::vector<Term>& entries) {
  for (Term entry : entries) literal_release_later(area_of(entry));
  if (!entries.empty() && !literal_area_collector.is_none()) {
    (void)send_message(&p, literal_area_collector, am::copy_literals);
  }
}

// What an entry takes, without what its area is rounded up to.
u64 bytes_of(Term entry) {
  const LiteralArea* area = area_of(entry);
  return sizeof(LiteralArea) + static_cast<u64>(area->end - area->mem) * kWordBytes;
}
void note_added(Term entry) {
  count++;
  area_bytes += bytes_of(entry);
}
void note_removed(Term entry) {
  count--;
  area_bytes -= bytes_of(entry);
}

}  // namespace

BifResult persistent_term_get_1(Process& p, Term* args) {
  Term entry = find(args[0]);
  if (entry.is_none()) return raise_badarg(p);
  return tuple_element(entry, 1);
}

BifResult persistent_term_get_2(Process&, Term* args) {
  Term entry = find(args[0]);
  return entry.is_none() ? args[1] : tuple_element(entry, 1);
}

BifResult persistent_term_get_0(Process& p, Term*) {
  Table* t = table.load(std::memory_order_acquire);
  if (t == nullptr) return Term::nil();
  std::vector<Term> entries;
  u64 slots = each_entry(t, [&](Term entry) { entries.push_back(entry); });
  Builder b = p.reserve(entries.size() * kConsWords);
  Term list = Term::nil();
  for (Term entry : entries) list = b.cons(entry, list);
  p.bump_reductions(static_cast<i64>(slots / 16));
  return list;
}

BifResult persistent_term_info_0(Process& p, Term*) {
  u64 n, bytes;
  {
    Guard guard(lock);
    Table* t = table.load(std::memory_order_relaxed);
    n = count;
    bytes = area_bytes + (t == nullptr ? 0 : sizeof(Table) + (t->mask + 1) * sizeof(Term));
  }
  Term kv[] = {am::count, Term::small(static_cast<i64>(n)), am::memory,
               Term::small(static_cast<i64>(bytes))};
  return map_from_pairs(p, kv, 2);
}

BifResult persistent_term_put_2(Process& p, Term* args) {
  if (is_long_walk(p, args[1])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  Term old = find(args[0]);
  if (!old.is_none() && exact_equal(tuple_element(old, 1), args[1])) return am::ok;
  Term entry = make_entry(args[0], args[1]);
  std::vector<Term> gone;
  {
    Guard guard(lock);
    Table* t = table.load(std::memory_order_relaxed);
    if (t == nullptr) {
      rebuild(kFirstSlots);
    } else if ((count + erased + 1) * 2 > t->mask + 1 && find(args[0]).is_none()) {
      rebuild((count + 1) * 2 > t->mask + 1 ? (t->mask + 1) * 2 : t->mask + 1);
    }
    std::atomic<Term>* slot = slot_of(table.load(std::memory_order_relaxed), args[0]);
    old = slot->load(std::memory_order_relaxed);
    slot->store(entry, std::memory_order_release);
    if (old == kErased) {
      erased--;
      old = Term::none();
    }
    note_added(entry);
    if (!old.is_none()) {
      note_removed(old);
      gone.push_back(old);
    }
  }
  release(p, gone);
  return am::ok;
}

BifResult persistent_term_erase_1(Process& p, Term* args) {
  std::vector<Term> gone;
  {
    Guard guard(lock);
    Term entry = find(args[0]);
    if (entry.is_none()) return am::false_;
    Table* t = table.load(std::memory_order_relaxed);
    slot_of(t, args[0])->store(kErased, std::memory_order_release);
    erased++;
    note_removed(entry);
    u64 slots = t->mask + 1;
    while (slots > kFirstSlots && count * 4 < slots) slots /= 2;
    if (slots != t->mask + 1) rebuild(slots);
    gone.push_back(entry);
  }
  release(p, gone);
  return am::true_;
}

BifResult erts_internal_erase_persistent_terms_0(Process& p, Term*) {
  std::vector<Term> gone;
  {
    Guard guard(lock);
    Table* old = table.load(std::memory_order_relaxed);
    each_entry(old, [&](Term entry) {
      note_removed(entry);
      gone.push_back(entry);
    });
    erased = 0;
    table.store(nullptr, std::memory_order_release);
    if (old != nullptr) quiesce_retire(old, vm_free);
  }
  release(p, gone);
  return am::true_;
}

void persistent_term_areas_each(void (*f)(const LiteralArea&, void*), void* data) {
  Guard guard(lock);
  each_entry(table.load(std::memory_order_relaxed), [&](Term entry) { f(*area_of(entry), data); });
}

// For erts_debug:get_internal_state(persistent_term).
u64 persistent_term_slots() {
  Table* t = table.load(std::memory_order_acquire);
  return t == nullptr ? kFirstSlots : t->mask + 1;
}

}  // namespace lintel
