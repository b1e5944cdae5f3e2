// Linear probing; a removal moves the following entries of its run back, so there are no tombstones.
// Keys move when the heap is collected, so the hash is of the key's value and kept beside it.
#include "vm/proc/dictionary.h"

#include "vm/base/alloc.h"
#include "vm/term/compare.h"
#include "vm/term/hash.h"

namespace lintel {

struct Dictionary {
  struct Entry {
    Term key;  // none: empty
    Term value;
  };
  u32 mask;
  u32 count;
  Entry* entries;
  u32* hashes;
};

namespace {

constexpr u32 kFirstSize = 8;

u32 hash_of(Term key) {
  if (key.is_imm()) return static_cast<u32>(key.bits() * 0x9E3779B97F4A7C15u >> 32);
  return static_cast<u32>(phash2(key));
}

Dictionary* dictionary_new(u32 size) {
  auto* d = vm_new<Dictionary>();
  d->mask = size - 1;
  d->count = 0;
  d->entries = vm_alloc_array<Dictionary::Entry>(size);
  d->hashes = vm_alloc_array<u32>(size);
  for (u32 i = 0; i < size; i++) d->entries[i] = {Term::none(), Term::none()};
  return d;
}

void dictionary_free(Dictionary* d) {
  vm_free(d->entries);
  vm_free(d->hashes);
  vm_free(d);
}

// Index of the key, or of the empty entry where it would go.
u32 find(const Dictionary& d, Term key, u32 hash) {
  u32 i = hash & d.mask;
  while (!d.entries[i].key.is_none() &&
         !(d.hashes[i] == hash && exact_equal(d.entries[i].key, key))) {
    i = (i + 1) & d.mask;
  }
  return i;
}

Dictionary* grown(Dictionary* d) {
  Dictionary* bigger = dictionary_new(2 * (d->mask + 1));
  for (u32 i = 0; i <= d->mask; i++) {
    if (d->entries[i].key.is_none()) continue;
    u32 at = d->hashes[i] & bigger->mask;
    while (!bigger->entries[at].key.is_none()) at = (at + 1) & bigger->mask;
    bigger->entries[at] = d->entries[i];
    bigger->hashes[at] = d->hashes[i];
  }
  bigger->count = d->count;
  dictionary_free(d);
  return bigger;
}

}  // namespace

Term dictionary_get(const Process& p, Term key) {
  if (p.dictionary == nullptr) return Term::none();
  return p.dictionary->entries[find(*p.dictionary, key, hash_of(key))].value;
}

Term dictionary_put(Process& p, Term key, Term value) {
  if (p.dictionary == nullptr) p.dictionary = dictionary_new(kFirstSize);
  u32 hash = hash_of(key);
  u32 i = find(*p.dictionary, key, hash);
  if (!p.dictionary->entries[i].key.is_none()) {
    Term old = p.dictionary->entries[i].value;
    p.dictionary->entries[i].value = value;
    return old;
  }
  if ((p.dictionary->count + 1) * 4 > (p.dictionary->mask + 1) * 3) {
    p.dictionary = grown(p.dictionary);
    i = find(*p.dictionary, key, hash);
  }
  p.dictionary->entries[i] = {key, value};
  p.dictionary->hashes[i] = hash;
  p.dictionary->count++;
  return Term::none();
}

Term dictionary_erase(Process& p, Term key) {
  Dictionary* d = p.dictionary;
  if (d == nullptr) return Term::none();
  u32 hole = find(*d, key, hash_of(key));
  if (d->entries[hole].key.is_none()) return Term::none();
  Term old = d->entries[hole].value;
  d->count--;
  for (u32 i = (hole + 1) & d->mask; !d->entries[i].key.is_none(); i = (i + 1) & d->mask) {
    // An entry may move back only as far as its own start.
    u32 home = d->hashes[i] & d->mask;
    if (((i - home) & d->mask) < ((i - hole) & d->mask)) continue;
    d->entries[hole] = d->entries[i];
    d->hashes[hole] = d->hashes[i];
    hole = i;
  }
  d->entries[hole] = {Term::none(), Term::none()};
  return old;
}

void dictionary_clear(Process& p) { dictionary_destroy(p); }

u64 dictionary_count(const Process& p) { return p.dictionary == nullptr ? 0 : p.dictionary->count; }

void dictionary_each(const Process& p, void (*f)(Term, Term, void*), void* data) {
  const Dictionary* d = p.dictionary;
  for (u32 i = 0; d != nullptr && i <= d->mask; i++) {
    if (!d->entries[i].key.is_none()) f(d->entries[i].key, d->entries[i].value, data);
  }
}

void dictionary_visit_roots(Process& p, RootVisitor& visitor) {
  Dictionary* d = p.dictionary;
  // An empty entry's none terms are no pointers; the whole array can be shown at once.
  if (d != nullptr) visitor.visit(&d->entries[0].key, 2 * (u64{d->mask} + 1));
}

void dictionary_destroy(Process& p) {
  if (p.dictionary != nullptr) dictionary_free(p.dictionary);
  p.dictionary = nullptr;
}

u64 dictionary_memory_bytes(const Process& p) {
  if (p.dictionary == nullptr) return 0;
  return sizeof(Dictionary) + (u64{p.dictionary->mask} + 1) * (sizeof(Dictionary::Entry) + sizeof(u32));
}

}  // namespace lintel
