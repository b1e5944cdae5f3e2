// Exports, fun entries, module slots and code ranges: tables that only grow (ranges excepted), read
// without locks. Each is an open hash of chained nodes whose heads are atomic; a new node is
// published with a release store that pairs with the readers' acquire loads.
#include <algorithm>
#include <cstring>

#include "vm/base/alloc.h"
#include "vm/base/lock.h"
#include "vm/code/backend.h"
#include "vm/code/module.h"
#include "vm/code/op_format.h"
#include "vm/term/atom.h"

namespace lintel {

Engine engine;

namespace {

template <typename T>
struct Node {
  T value;
  Node* next;
};

// Fixed bucket count: these tables hold some tens of thousands of entries at most in practice, and
// lookups on hot paths are resolved at load time.
template <typename T, u32 kBuckets>
class GrowOnlyTable {
 public:
  template <typename Match>
  T* find(u64 hash, Match match) {
    for (auto* n = buckets_[hash % kBuckets].load(std::memory_order_acquire); n; n = n->next) {
      if (match(n->value)) return &n->value;
    }
    return nullptr;
  }
  // Call with the table's lock held, after find failed under it.
  template <typename Init>
  T* insert(u64 hash, Init init) {
    auto* n = static_cast<Node<T>*>(vm_alloc(sizeof(Node<T>)));
    new (n) Node<T>{};
    init(n->value);
    auto& head = buckets_[hash % kBuckets];
    n->next = head.load(std::memory_order_relaxed);
    head.store(n, std::memory_order_release);
    return &n->value;
  }
  template <typename F>
  void each(F f) {
    for (auto& head : buckets_) {
      for (auto* n = head.load(std::memory_order_acquire); n; n = n->next) f(&n->value);
    }
  }

 private:
  std::atomic<Node<T>*> buckets_[kBuckets] = {};
};

u64 mix(u64 a, u64 b, u64 c) {
  u64 h = a * 0x9e3779b97f4a7c15u;
  h = (h ^ (h >> 29) ^ b) * 0xbf58476d1ce4e5b9u;
  h = (h ^ (h >> 32) ^ c) * 0x94d049bb133111ebu;
  return h ^ (h >> 31);
}

GrowOnlyTable<Export, 1 << 16> export_table;
Mutex<LockRank::ExportTable> export_lock;
GrowOnlyTable<FunEntry, 1 << 14> fun_table;
Mutex<LockRank::FunTable> fun_lock;
GrowOnlyTable<ModuleSlot, 1 << 12> slot_table;
Mutex<LockRank::ExportTable> slot_lock;

}  // namespace

// ---- exports ----

Export* export_find(Term module, Term function, u32 arity) {
  return export_table.find(mix(module.bits(), function.bits(), arity), [&](const Export& e) {
    return e.function == function && e.module == module && e.arity == arity;
  });
}

Export* export_get(Term module, Term function, u32 arity) {
  if (Export* e = export_find(module, function, arity)) return e;
  Guard guard(export_lock);
  if (Export* e = export_find(module, function, arity)) return e;
  return export_table.insert(mix(module.bits(), function.bits(), arity), [&](Export& e) {
    e.module = module;
    e.function = function;
    e.arity = arity;
    e.bif = nullptr;
    engine.link_export(&e);
    e.entry.store(e.stub, std::memory_order_relaxed);
  });
}

void exports_each(void (*f)(Export*, void*), void* data) {
  export_table.each([&](Export* e) { f(e, data); });
}

void bifs_init(BifFn absent) {
  for (u32 i = 0; i < bif_count; i++) {
    BifEntry& bif = bif_table[i];
    Export* e = export_get(atom_intern(bif.module), atom_intern(bif.function), bif.arity);
    bif.export_entry = e;
    if (bif.fn == nullptr) {
      // Guards refer to their BIF directly, so an absent one has to fail by itself.
      if (bif.kind != BifKind::Guard) continue;
      bif.fn = absent;
    }
    bif.body = bif.fn;
    e->bif = &bif;
    engine.link_export(e);
  }
}

// ---- fun entries ----

FunEntry* fun_entry_get(const FunKey& key, u32 arity, u32 num_free, u32 old_index) {
  u64 hash = mix(key.module.bits(), key.index, key.old_uniq);
  auto match = [&](const FunEntry& f) {
    return f.module == key.module && f.index == key.index && f.old_uniq == key.old_uniq &&
           f.uniq == key.uniq;
  };
  if (FunEntry* f = fun_table.find(hash, match)) return f;
  Guard guard(fun_lock);
  if (FunEntry* f = fun_table.find(hash, match)) return f;
  return fun_table.insert(hash, [&](FunEntry& f) {
    f.module = key.module;
    f.arity = arity;
    f.num_free = num_free;
    f.index = key.index;
    f.old_index = old_index;
    f.old_uniq = key.old_uniq;
    f.uniq = key.uniq;
    f.function = Term::none();
    engine.link_fun(&f);
    f.entry.store(f.stub, std::memory_order_relaxed);
  });
}

// ---- module slots ----

ModuleSlot* module_slot_find(Term name) {
  return slot_table.find(mix(name.bits(), 0, 0),
                         [&](const ModuleSlot& s) { return s.name == name; });
}

ModuleSlot* module_slot_get(Term name) {
  if (ModuleSlot* s = module_slot_find(name)) return s;
  Guard guard(slot_lock);
  if (ModuleSlot* s = module_slot_find(name)) return s;
  return slot_table.insert(mix(name.bits(), 0, 0), [&](ModuleSlot& s) { s.name = name; });
}

void module_slots_each(void (*f)(ModuleSlot*, void*), void* data) {
  slot_table.each([&](ModuleSlot* s) { f(s, data); });
}

void module_delete(Module* m) {
  run_counts_retire(*m);
  if (m->machine_code != nullptr) engine.unlink(*m);
  vm_free(m->code);
  for (LiteralArea* a : m->literals) literal_area_free(a);
  delete m;
}

// ---- code ranges ----

namespace {

struct Ranges {
  u32 count;
  Module* modules[];  // by code address
};
std::atomic<Ranges*> ranges{nullptr};
Mutex<LockRank::Leaf> ranges_lock;
// Readers may still hold an old table; tables are small and module changes rare, so a replaced table
// is kept until the next but one change, when blocked schedulers have long let go of it.
Ranges* retired[64];
u32 retired_next = 0;

void replace_ranges(Ranges* fresh) {
  Ranges* gone = ranges.exchange(fresh, std::memory_order_acq_rel);
  Ranges*& slot = retired[retired_next++ % 64];
  vm_free(slot);
  slot = gone;
}

Ranges* ranges_alloc(u32 count) {
  auto* r = static_cast<Ranges*>(vm_alloc(sizeof(Ranges) + count * sizeof(Module*)));
  r->count = count;
  return r;
}

}  // namespace

void code_ranges_add(Module* m) {
  Guard guard(ranges_lock);
  Ranges* now = ranges.load(std::memory_order_relaxed);
  u32 count = now ? now->count : 0;
  Ranges* fresh = ranges_alloc(count + 1);
  u32 i = 0;
  while (i < count && now->modules[i]->code < m->code) {
    fresh->modules[i] = now->modules[i];
    i++;
  }
  fresh->modules[i] = m;
  for (; i < count; i++) fresh->modules[i + 1] = now->modules[i];
  replace_ranges(fresh);
}

void code_ranges_remove(Module* m) {
  Guard guard(ranges_lock);
  Ranges* now = ranges.load(std::memory_order_relaxed);
  if (now == nullptr) return;
  Ranges* fresh = ranges_alloc(now->count);
  u32 n = 0;
  for (u32 i = 0; i < now->count; i++) {
    if (now->modules[i] != m) fresh->modules[n++] = now->modules[i];
  }
  fresh->count = n;
  replace_ranges(fresh);
}

bool code_find(const Word* pc, CodePosition* out) {
  Ranges* r = ranges.load(std::memory_order_acquire);
  if (r == nullptr) return false;
  auto* end = r->modules + r->count;
  auto* after =
      std::upper_bound(r->modules, end, pc, [](const Word* a, Module* m) { return a < m->code; });
  if (after == r->modules) return false;
  Module* m = after[-1];
  if (!m->contains(pc)) return false;
  auto f = std::upper_bound(m->functions.begin(), m->functions.end(), pc,
                            [](const Word* a, const FunctionRange& r) { return a < r.info; });
  if (f == m->functions.begin()) return false;
  const Word* info = f[-1].info;
  *out = {m, info, function_name(info), function_arity(info)};
  return true;
}

bool code_line(const Module& m, const Word* pc, std::string_view* file, u32* line) {
  u32 offset = static_cast<u32>(pc - m.code);
  auto after = std::upper_bound(m.lines.begin(), m.lines.end(), offset,
                                [](u32 o, const LineEntry& e) { return o < e.code_offset; });
  if (after == m.lines.begin() || after[-1].line == 0) return false;
  *file = m.files[after[-1].file];
  *line = after[-1].line;
  return true;
}

}  // namespace lintel
