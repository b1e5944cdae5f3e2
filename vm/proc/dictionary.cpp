// The process dictionary: linear hashing, growing and shrinking a few slots at a time. Programs see
// the table's order in get/0 and get_keys/0, so slots split and join, and chains are reordered, just
// as in the stock VM: for keys that are integers the order is the same; other keys' slots depend on
// atom numbers and the like.
//
// Chains go through a pool of entries by index. The pool is one run of words {key, value} for the
// collector, free entries hold [] in both, with the links in an array of their own.
#include "vm/proc/dictionary.h"

#include "vm/base/alloc.h"
#include "vm/term/compare.h"
#include "vm/term/hash.h"

namespace lintel {

namespace {
constexpr u32 kInitialSlots = 8;
constexpr u32 kNone = ~u32{0};
struct Entry {
  Term key;
  Term value;
};
}  // namespace

struct Dictionary {
  u32 used_slots = kInitialSlots;  // slots in use; keys hash to one of them
  u32 mask = 2 * kInitialSlots - 1;
  u32 split = 0;     // next slot to split
  u32 count = 0;     // keys
  u32 slot_capacity = 0;
  u32* slots = nullptr;  // head of each chain
  u32 capacity = 0;
  u32 top = 0;           // entries ever used
  u32 free = kNone;
  Entry* entries = nullptr;
  u32* links = nullptr;
};

namespace {

u32 key_hash(Term key) {
  if (key.is_small()) return static_cast<u32>(key.small_value());
  if (key.is_atom()) return key.atom_index();
  return internal_hash(key);
}

u32 slot_of(const Dictionary& d, Term key) {
  u32 hash = key_hash(key);
  u32 slot = hash & d.mask;
  return slot < d.used_slots ? slot : slot & d.mask >> 1;
}

u32 find(const Dictionary& d, u32 slot, Term key) {
  u32 e = d.slots[slot];
  while (e != kNone && !exact_equal(d.entries[e].key, key)) e = d.links[e];
  return e;
}

u32 new_entry(Dictionary& d, Term key, Term value) {
  u32 e = d.free;
  if (e != kNone) {
    d.free = d.links[e];
  } else {
    if (d.top == d.capacity) {
      d.capacity = d.capacity == 0 ? 8 : d.capacity * 2;
      d.entries = static_cast<Entry*>(vm_realloc(d.entries, d.capacity * sizeof(Entry)));
      d.links = static_cast<u32*>(vm_realloc(d.links, d.capacity * sizeof(u32)));
    }
    e = d.top++;
  }
  d.entries[e] = {key, value};
  return e;
}

void unlink(Dictionary& d, u32 slot, u32 entry) {
  u32* link = &d.slots[slot];
  while (*link != entry) link = &d.links[*link];
  *link = d.links[entry];
}

void need_slots(Dictionary& d, u32 n) {
  if (n <= d.slot_capacity) return;
  d.slot_capacity = d.slot_capacity == 0 ? kInitialSlots : d.slot_capacity * 2;
  if (d.slot_capacity < n) d.slot_capacity = n;
  d.slots = static_cast<u32*>(vm_realloc(d.slots, d.slot_capacity * sizeof(u32)));
}

void grow(Dictionary& d) {
  u32 steps = d.used_slots / 4 & 15;
  if (steps == 0) steps = 1;
  need_slots(d, d.used_slots + steps);
  u32 home = d.used_slots - d.split;  // a power of two: slots when the round began
  for (; steps > 0; steps--) {
    if (d.split == home) {
      home *= 2;
      d.mask = home * 2 - 1;
      d.split = 0;
    }
    u32 low = d.split++;
    u32 high = d.used_slots++;
    u32 e = d.slots[low];
    d.slots[low] = d.slots[high] = kNone;
    while (e != kNone) {  // each half comes out in the opposite order
      u32 next = d.links[e];
      u32 to = slot_of(d, d.entries[e].key) == low ? low : high;
      d.links[e] = d.slots[to];
      d.slots[to] = e;
      e = next;
    }
  }
}

void shrink(Dictionary& d) {
  u32 steps = d.used_slots * 3 / 10;
  if (d.used_slots - steps < kInitialSlots) steps = d.used_slots - kInitialSlots;
  for (; steps > 0; steps--) {
    if (d.split == 0) {
      d.mask = d.used_slots - 1;
      d.split = d.used_slots / 2;
    }
    d.split--;
    d.used_slots--;
    u32 high = d.slots[d.used_slots];
    u32& low = d.slots[d.split];
    if (high == kNone) continue;
    if (low == kNone) {
      low = high;
    } else if (d.links[low] == kNone) {
      d.links[low] = high;  // the one entry of the low slot goes before those of the high one
    } else {
      while (high != kNone) {
        u32 next = d.links[high];
        d.links[high] = low;
        low = high;
        high = next;
      }
    }
  }
}

}  // namespace

Term dictionary_get(const Process& p, Term key) {
  const Dictionary* d = p.dictionary;
  if (d == nullptr) return Term::none();
  u32 e = find(*d, slot_of(*d, key), key);
  return e == kNone ? Term::none() : d->entries[e].value;
}

Term dictionary_put(Process& p, Term key, Term value) {
  if (p.dictionary == nullptr) {
    p.dictionary = vm_new<Dictionary>();
    need_slots(*p.dictionary, kInitialSlots);
    for (u32 i = 0; i < kInitialSlots; i++) p.dictionary->slots[i] = kNone;
  }
  Dictionary& d = *p.dictionary;
  u32 slot = slot_of(d, key);
  u32 e = find(d, slot, key);
  if (e != kNone) {
    Term old = d.entries[e].value;
    d.entries[e].value = value;
    // An entry that gets a new object moves to the front of its chain.
    if (value.is_pointer() && d.slots[slot] != e) {
      unlink(d, slot, e);
      d.links[e] = d.slots[slot];
      d.slots[slot] = e;
    }
    return old;
  }
  e = new_entry(d, key, value);
  d.links[e] = d.slots[slot];
  d.slots[slot] = e;
  d.count++;
  if (d.used_slots <= d.count) grow(d);
  return Term::none();
}

Term dictionary_erase(Process& p, Term key) {
  if (p.dictionary == nullptr) return Term::none();
  Dictionary& d = *p.dictionary;
  u32 slot = slot_of(d, key);
  u32 e = find(d, slot, key);
  Term old = Term::none();
  if (e != kNone) {
    old = d.entries[e].value;
    unlink(d, slot, e);
    d.entries[e] = {Term::nil(), Term::nil()};
    d.links[e] = d.free;
    d.free = e;
    d.count--;
  }
  if (d.used_slots > kInitialSlots && d.used_slots / 2 > d.count) shrink(d);
  return old;
}

void dictionary_clear(Process& p) { dictionary_destroy(p); }

u64 dictionary_count(const Process& p) { return p.dictionary == nullptr ? 0 : p.dictionary->count; }

void dictionary_each(const Process& p, void (*f)(Term, Term, void*), void* data) {
  const Dictionary* d = p.dictionary;
  if (d == nullptr) return;
  for (u32 slot = 0; slot < d->used_slots; slot++) {
    for (u32 e = d->slots[slot]; e != kNone; e = d->links[e]) {
      f(d->entries[e].key, d->entries[e].value, data);
    }
  }
}

void dictionary_visit_roots(Process& p, RootVisitor& visitor) {
  if (p.dictionary == nullptr || p.dictionary->top == 0) return;
  visitor.visit(&p.dictionary->entries[0].key, 2 * u64{p.dictionary->top});
}

void dictionary_destroy(Process& p) {
  Dictionary* d = p.dictionary;
  if (d == nullptr) return;
  p.dictionary = nullptr;
  vm_free(d->slots);
  vm_free(d->entries);
  vm_free(d->links);
  vm_delete(d);
}

u64 dictionary_memory_bytes(const Process& p) {
  const Dictionary* d = p.dictionary;
  if (d == nullptr) return 0;
  return sizeof(Dictionary) + d->slot_capacity * sizeof(u32) +
         d->capacity * (sizeof(Entry) + sizeof(u32));
}

}  // namespace lintel
