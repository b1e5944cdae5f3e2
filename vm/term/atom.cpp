// The atom table.
//
//   index --> chunk directory --> chunk of 4096 entries {name, sizes, hash, ordinal}
//   name  --> open-addressing table of words {hash 32 | index + 1}, linear probing
//
// Nothing is ever moved or freed: an index resolves with two loads, and a probe needs no lock. A
// table that fills up is replaced by one of twice the size; the old one is left behind for readers
// that still look at it (all old ones together are smaller than the present one). A reader of an
// old table can only miss atoms that were made after it loaded the pointer, which is the same as
// having looked earlier. Only the making of a new atom takes the lock.
#include "vm/term/atom.h"

#include <atomic>
#include <cstring>

#include "vm/base/alloc.h"
#include "vm/base/lock.h"

namespace lintel {
namespace {

struct Entry {
  const char* name;
  u32 hash;
  u32 ordinal;
  u16 bytes;
  u16 chars;
  bool latin1;
};

constexpr u32 kChunkBits = 12;
constexpr u32 kChunkEntries = 1u << kChunkBits;
constexpr size_t kNameBlockBytes = 64 * 1024;

struct Table {
  Table* replaced;  // the smaller one before it, kept for readers that are still in it
  u64 mask;
  std::atomic<u64> slots[];
};

std::atomic<Entry*>* directory;
std::atomic<Table*> current_table;
std::atomic<u32> count;
u32 limit;
std::atomic<u64> memory_bytes;
char* name_block;
size_t name_block_left;
Mutex<LockRank::AtomTable> table_lock;

u64 load_bytes(const char* p, size_t n) {
  u64 v = 0;
  std::memcpy(&v, p, n);
  return v;
}

// Hash for finding: eight bytes a step. The stock VM's hash (below) is only for what users can see.
u32 probe_hash(std::string_view s) {
  u64 h = s.size() * 0x9E3779B97F4A7C15u;
  const char* p = s.data();
  size_t n = s.size();
  while (n >= 8) {
    h = (h ^ load_bytes(p, 8)) * 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
    p += 8;
    n -= 8;
  }
  h = (h ^ load_bytes(p, n)) * 0xD6E8FEB86659FD93u;
  return static_cast<u32>(h >> 32);
}

// The PJW hash over the characters, where those from 128 to 255 count as one byte (as they did when
// atoms were ISO 8859-1) and higher ones as their UTF-8 bytes.
u32 visible_hash(std::string_view s) {
  u32 h = 0;
  for (size_t i = 0; i < s.size(); i++) {
    u32 c = static_cast<u8>(s[i]);
    if ((c == 0xC2 || c == 0xC3) && i + 1 < s.size()) {
      c = ((c << 6) | (static_cast<u8>(s[i + 1]) & 0x3F)) & 0xFF;
      i++;
    }
    h = (h << 4) + c;
    u32 top = h & 0xF0000000u;
    h ^= top >> 24;
    h ^= top;
  }
  return h;
}

Entry& entry(u32 index) {
  // acquire pairs with the release in make(): the chunk's memory is ours to read.
  return directory[index >> kChunkBits].load(std::memory_order_acquire)[index & (kChunkEntries - 1)];
}

// Index of the name in this table, or -1.
i64 probe(const Table* t, std::string_view name, u32 hash) {
  for (u64 i = hash & t->mask;; i = (i + 1) & t->mask) {
    // acquire pairs with the release store in insert(): the entry is complete.
    u64 slot = t->slots[i].load(std::memory_order_acquire);
    if (slot == 0) return -1;
    if (static_cast<u32>(slot >> 32) != hash) continue;
    u32 index = static_cast<u32>(slot) - 1;
    const Entry& e = entry(index);
    if (e.bytes == name.size() && std::memcmp(e.name, name.data(), name.size()) == 0) return index;
  }
}

void insert(Table* t, u32 hash, u32 index) {
  u64 i = hash & t->mask;
  while (t->slots[i].load(std::memory_order_relaxed) != 0) i = (i + 1) & t->mask;
  t->slots[i].store(u64{hash} << 32 | (index + 1), std::memory_order_release);
}

Table* table_new(u64 size) {
  size_t bytes = sizeof(Table) + size * sizeof(std::atomic<u64>);
  auto* t = static_cast<Table*>(vm_alloc_zeroed(bytes));
  t->mask = size - 1;
  memory_bytes.fetch_add(bytes, std::memory_order_relaxed);
  return t;
}

const char* keep_name_locked(std::string_view name) {
  if (name.size() > name_block_left) {
    name_block = static_cast<char*>(vm_alloc(kNameBlockBytes));
    name_block_left = kNameBlockBytes;
    memory_bytes.fetch_add(kNameBlockBytes, std::memory_order_relaxed);
  }
  char* kept = name_block;
  std::memcpy(kept, name.data(), name.size());
  name_block += name.size();
  name_block_left -= name.size();
  return kept;
}

Term make(std::string_view name, u32 hash) {
  Guard<decltype(table_lock)> guard(table_lock);
  Table* t = current_table.load(std::memory_order_relaxed);
  if (i64 found = probe(t, name, hash); found >= 0) return Term::atom(static_cast<u32>(found));
  u32 index = count.load(std::memory_order_relaxed);
  if (index >= limit) return Term::none();

  auto& chunk = directory[index >> kChunkBits];
  if (chunk.load(std::memory_order_relaxed) == nullptr) {
    size_t bytes = sizeof(Entry) * kChunkEntries;
    memory_bytes.fetch_add(bytes, std::memory_order_relaxed);
    chunk.store(static_cast<Entry*>(vm_alloc(bytes)), std::memory_order_release);
  }
  Entry& e = entry(index);
  e.name = keep_name_locked(name);
  e.bytes = static_cast<u16>(name.size());
  e.hash = visible_hash(name);
  e.ordinal = 0;
  e.chars = 0;
  e.latin1 = true;
  for (size_t i = 0; i < name.size(); i++) {
    u8 c = static_cast<u8>(name[i]);
    if (i < 4) e.ordinal |= u32{c} << (24 - 8 * i);
    if ((c & 0xC0) != 0x80) e.chars++;
    if (c > 0xC3) e.latin1 = false;
  }

  if ((u64{index} + 1) * 2 > t->mask) {
    Table* bigger = table_new((t->mask + 1) * 2);
    bigger->replaced = t;
    for (u64 i = 0; i <= t->mask; i++) {
      u64 slot = t->slots[i].load(std::memory_order_relaxed);
      if (slot != 0) insert(bigger, static_cast<u32>(slot >> 32), static_cast<u32>(slot) - 1);
    }
    current_table.store(bigger, std::memory_order_release);
    t = bigger;
  }
  insert(t, hash, index);
  count.store(index + 1, std::memory_order_release);
  return Term::atom(index);
}

}  // namespace

// A second call is ignored, so that tests may each ask for the table.
void atoms_init(u32 max_atoms) {
  if (directory != nullptr) return;
  limit = max_atoms > am::kCount ? max_atoms : static_cast<u32>(am::kCount);
  u32 chunks = (limit + kChunkEntries - 1) / kChunkEntries;
  directory = static_cast<std::atomic<Entry*>*>(vm_alloc_zeroed(chunks * sizeof(*directory)));
  current_table.store(table_new(32 * 1024), std::memory_order_release);
  u32 expected = 0;
#define ATOM(name, text) VM_CHECK(atom_intern(text) == Term::atom(expected)), expected++;
#include "vm/tables/atoms.def"
#undef ATOM
}

Term atom_find(std::string_view utf8) {
  i64 found = probe(current_table.load(std::memory_order_acquire), utf8, probe_hash(utf8));
  return found < 0 ? Term::none() : Term::atom(static_cast<u32>(found));
}

Term atom_intern(std::string_view utf8) {
  u32 hash = probe_hash(utf8);
  i64 found = probe(current_table.load(std::memory_order_acquire), utf8, hash);
  if (VM_LIKELY(found >= 0)) return Term::atom(static_cast<u32>(found));
  return make(utf8, hash);
}

Term atom_intern_latin1(std::string_view bytes) {
  VM_ASSERT(bytes.size() <= kMaxAtomChars);
  char utf8[2 * kMaxAtomChars];
  size_t n = 0;
  for (char c : bytes) {
    u8 b = static_cast<u8>(c);
    if (b < 0x80) {
      utf8[n++] = c;
    } else {
      utf8[n++] = static_cast<char>(0xC0 | b >> 6);
      utf8[n++] = static_cast<char>(0x80 | (b & 0x3F));
    }
  }
  return atom_intern({utf8, n});
}

std::string_view atom_name(Term atom) {
  const Entry& e = entry(atom.atom_index());
  return {e.name, e.bytes};
}
u32 atom_char_count(Term atom) { return entry(atom.atom_index()).chars; }
bool atom_is_latin1(Term atom) { return entry(atom.atom_index()).latin1; }
u32 atom_hash(Term atom) { return entry(atom.atom_index()).hash; }
u32 atom_ordinal(Term atom) { return entry(atom.atom_index()).ordinal; }
u32 atom_count() { return count.load(std::memory_order_acquire); }
u32 atom_limit() { return limit; }
u64 atom_memory_bytes() { return memory_bytes.load(std::memory_order_relaxed); }

}  // namespace lintel
