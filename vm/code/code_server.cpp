#include "vm/code/code_server.h"

#include <deque>
#include <utility>
#include <vector>

#include "vm/base/lock.h"
#include "vm/code/backend.h"
#include "vm/term/atom.h"

namespace lintel {

CodeLoader code_loader;
CodeHooks code_hooks;
Term literal_area_collector = Term::nil();

namespace {

Mutex<LockRank::CodeLoad> lock;
std::vector<Term> preloaded;
std::deque<LiteralArea*> areas_to_release;
Module* purging = nullptr;  // the version that purge_prepare unbound
std::vector<Term> purge_waiters;

bool points_into(const std::atomic<const Word*>& entry, const Module& m) {
  return m.contains(entry.load(std::memory_order_relaxed));
}

// Release stores pair with the acquire loads at calls: who sees an entry sees the code behind it.
void bind(Module& m) {
  for (const ModuleExport& x : m.exports) {
    Export* e = export_get(m.name, x.function, x.arity);
    if (e->bif == nullptr) e->entry.store(x.entry, std::memory_order_release);
  }
  for (size_t i = 0; i < m.lambdas.size(); i++) {
    m.lambdas[i]->entry.store(m.lambda_entries[i], std::memory_order_release);
  }
}

// Only funs that no version holds: those that another one shares run as well there.
void bind_free_funs(Module& m) {
  for (size_t i = 0; i < m.lambdas.size(); i++) {
    FunEntry* f = m.lambdas[i];
    if (!f->is_loaded()) f->entry.store(m.lambda_entries[i], std::memory_order_release);
  }
}

void unbind_exports(Module& m) {
  for (const ModuleExport& x : m.exports) {
    Export* e = export_get(m.name, x.function, x.arity);
    if (points_into(e->entry, m)) e->entry.store(e->stub, std::memory_order_release);
  }
}

void unbind_funs(Module& m) {
  for (FunEntry* f : m.lambdas) {
    if (!points_into(f->entry, m)) continue;
    f->entry.store(f->stub, std::memory_order_release);
    f->is_purged = true;
  }
}

// Before the module goes, or is bound again.
void end_purge(Module& m) {
  for (FunEntry* f : m.lambdas) f->is_purged = false;
}

}  // namespace

void code_lock() { lock.lock(); }
void code_unlock() { lock.unlock(); }

Module* code_prepare(std::span<const u8> bytes, std::string* why) {
  Module* m = code_loader.load(bytes, why);
  if (m == nullptr) return nullptr;
  engine.link(*m);
  code_ranges_add(m);
  return m;
}

void code_discard(Module* m) {
  code_ranges_remove(m);
  module_delete(m);
}

bool code_has_old(Term module) {
  ModuleSlot* s = module_slot_find(module);
  return s != nullptr && s->old.load(std::memory_order_relaxed) != nullptr;
}

void code_commit(Module* m) {
  ModuleSlot& slot = *module_slot_get(m->name);
  if (m->on_load != nullptr) {
    slot.on_load.store(m, std::memory_order_release);
    // The on_load function may hand its funs to other processes and wait for them.
    bind_free_funs(*m);
    return;
  }
  // A deleted module has an old version and no current one; the old one stays where it is.
  if (Module* before = slot.current.load(std::memory_order_relaxed)) {
    VM_CHECK(slot.old.load(std::memory_order_relaxed) == nullptr);
    if (code_hooks.leaving != nullptr) code_hooks.leaving(*before);
    unbind_exports(*before);
    slot.old.store(before, std::memory_order_release);
  }
  slot.current.store(m, std::memory_order_release);
  bind(*m);
  if (code_hooks.arrived != nullptr) code_hooks.arrived(*m);
}

void code_finish_on_load(ModuleSlot& slot, bool keep) {
  Module* m = slot.on_load.load(std::memory_order_relaxed);
  if (m == nullptr || !keep) return;
  slot.on_load.store(nullptr, std::memory_order_relaxed);
  m->on_load = nullptr;
  code_commit(m);
}

bool code_delete(ModuleSlot& slot) {
  Module* m = slot.current.load(std::memory_order_relaxed);
  if (m == nullptr) return false;
  if (code_hooks.leaving != nullptr) code_hooks.leaving(*m);
  unbind_exports(*m);
  slot.current.store(nullptr, std::memory_order_release);
  slot.old.store(m, std::memory_order_release);
  return true;
}

bool code_purge_prepare(ModuleSlot& slot, bool on_load) {
  auto& place = on_load ? slot.on_load : slot.old;
  Module* m = place.load(std::memory_order_relaxed);
  if (m == nullptr) return false;
  unbind_funs(*m);
  purging = m;
  return true;
}

bool code_purge_complete(ModuleSlot& slot) {
  Module* m = purging;
  purging = nullptr;
  if (m == nullptr) return false;
  end_purge(*m);
  if (slot.old.load(std::memory_order_relaxed) == m) slot.old.store(nullptr);
  if (slot.on_load.load(std::memory_order_relaxed) == m) slot.on_load.store(nullptr);
  code_ranges_remove(m);
  for (LiteralArea* a : m->literals) areas_to_release.push_back(a);
  bool has_literals = !m->literals.empty();
  m->literals.clear();
  module_delete(m);
  return has_literals;
}

void code_purge_abort(ModuleSlot& slot) {
  Module* m = purging;
  purging = nullptr;
  if (m == nullptr) return;
  end_purge(*m);
  bind_free_funs(*m);  // unless the current version has taken them over
}

void code_await_purge(Term pid) {
  Guard guard(lock);
  purge_waiters.push_back(pid);
}
std::vector<Term> code_purge_waiters() { return std::exchange(purge_waiters, {}); }

void code_mark_preloaded(Term module) { preloaded.push_back(module); }
bool code_is_preloaded(Term module) {
  for (Term t : preloaded) {
    if (t == module) return true;
  }
  return false;
}

bool literal_release_next() {
  const LiteralArea* gone = leaving_literal_area.load(std::memory_order_relaxed);
  LiteralArea* next = nullptr;
  {
    Guard guard(lock);
    if (!areas_to_release.empty()) {
      next = areas_to_release.front();
      areas_to_release.pop_front();
    }
    // Release pairs with the acquire in copies.
    leaving_literal_area.store(next, std::memory_order_release);
  }
  if (gone != nullptr) literal_area_free(const_cast<LiteralArea*>(gone));
  return next != nullptr;
}

void literal_release_later(LiteralArea* area) {
  Guard guard(lock);
  areas_to_release.push_back(area);
}

}  // namespace lintel
