#include "vm/ets/table.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <unordered_map>

#include "vm/base/alloc.h"
#include "vm/base/quiesce.h"
#include "vm/heap/copy.h"
#include "vm/proc/exit.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"
#include "vm/term/magic.h"

namespace lintel {

namespace {

// ---- names ----

struct NameSlot {
  std::atomic<Word> name{0};
  std::atomic<EtsTable*> table{nullptr};
};
struct NameTable {
  u32 mask;
  u32 used;  // slots with a name, with a table or not
  NameSlot slots[];
};

NameTable* name_table_new(u32 size) {
  auto* t = static_cast<NameTable*>(vm_alloc_zeroed(sizeof(NameTable) + size * sizeof(NameSlot)));
  t->mask = size - 1;
  return t;
}

u32 name_start(Term name) { return name.atom_index() * 0x9E3779B1u >> 7; }

NameSlot* find_slot(NameTable* t, Term name) {
  for (u32 i = name_start(name);; i++) {
    NameSlot& s = t->slots[i & t->mask];
    Word there = s.name.load(std::memory_order_acquire);  // pairs with the release in place()
    if (there == name.bits()) return &s;
    if (there == 0) return nullptr;
  }
}

// What one process has to do with tables.
struct Users {
  std::vector<EtsTable*> owned;
  std::vector<EtsTable*> fixed;
  std::vector<EtsTable*> condemned;  // of an exiting owner, not freed yet
};

struct NumbersHash {
  size_t operator()(const RefNumbers& n) const {
    return (u64{n.n[0]} << 32 ^ u64{n.n[1]} << 11 ^ n.n[2]) * 0x9E3779B97F4A7C15ull;
  }
};

struct Directory {
  Mutex<LockRank::EtsNames> mutex;
  std::atomic<NameTable*> names{nullptr};
  std::unordered_map<RefNumbers, EtsTable*, NumbersHash> by_number;
  std::unordered_map<Word, Users> users;
  // How many tables processes with this hash own or fix: an exiting process whose count is 0 need
  // not look. A giver counts the receiver first and then sees whether it is exiting; the receiver
  // does it the other way around (all sequentially consistent), so one of them notices.
  std::atomic<u32> presence[4096] = {};

  std::atomic<u32>& presence_of(Term pid) {
    return presence[(pid.pid_data() * 0x9E3779B97F4A7C15ull) >> 52];
  }
  // All below: mutex held.
  void place(Term name, EtsTable* t) {
    NameTable* n = names.load(std::memory_order_relaxed);
    if (n->used * 2 >= n->mask) n = rebuild(n);
    for (u32 i = name_start(name);; i++) {
      NameSlot& s = n->slots[i & n->mask];
      Word there = s.name.load(std::memory_order_relaxed);
      if (there == name.bits()) {
        s.table.store(t, std::memory_order_release);
        return;
      }
      if (there == 0) {
        s.table.store(t, std::memory_order_relaxed);
        s.name.store(name.bits(), std::memory_order_release);  // pairs with find_slot
        n->used++;
        return;
      }
    }
  }
  NameTable* rebuild(NameTable* old) {
    u32 live = 0;
    for (u32 i = 0; i <= old->mask; i++) live += old->slots[i].table.load() != nullptr;
    u32 size = 64;
    while (size < live * 4) size *= 2;
    NameTable* n = name_table_new(size);
    for (u32 i = 0; i <= old->mask; i++) {
      EtsTable* t = old->slots[i].table.load(std::memory_order_relaxed);
      if (t == nullptr) continue;
      Term name(old->slots[i].name.load(std::memory_order_relaxed));
      u32 at = name_start(name);
      while (n->slots[at & n->mask].name.load(std::memory_order_relaxed) != 0) at++;
      n->slots[at & n->mask].table.store(t, std::memory_order_relaxed);
      n->slots[at & n->mask].name.store(name.bits(), std::memory_order_relaxed);
      n->used++;
    }
    names.store(n, std::memory_order_release);
    quiesce_retire(old, vm_free);
    return n;
  }
  EtsTable* named(Term name) {
    NameSlot* s = find_slot(names.load(std::memory_order_acquire), name);
    return s == nullptr ? nullptr : s->table.load(std::memory_order_acquire);
  }
  void unplace(Term name) {
    NameSlot* s = find_slot(names.load(std::memory_order_relaxed), name);
    s->table.store(nullptr, std::memory_order_release);
  }
  void disown(Term pid, EtsTable* t) {
    auto at = users.find(pid.bits());
    if (at == users.end()) return;
    auto& owned = at->second.owned;
    auto found = std::find(owned.begin(), owned.end(), t);
    if (found == owned.end()) return;
    owned.erase(found);
    presence_of(pid).fetch_sub(1, std::memory_order_seq_cst);
    forget_if_empty(pid);
  }
  void forget_if_empty(Term pid) {
    auto at = users.find(pid.bits());
    if (at != users.end() && at->second.owned.empty() && at->second.fixed.empty() &&
        at->second.condemned.empty()) {
      users.erase(at);
    }
  }
};

Directory directory;

void tid_destroy(MagicData* m) { vm_delete(static_cast<EtsTid*>(m)); }

i64 monotonic_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return i64{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

void purge_dead(EtsTable& t) {
  if (t.ordered()) return;
  for (u32 i = 0; i < t.shard_count; i++) {
    Guard lock(t.shards[i]->lock);
    if (t.dying.load(std::memory_order_relaxed)) return;
    // Fixed again meanwhile: whoever ends that will come here.
    if (t.is_fixed()) return;
    t.shards[i]->store.purge_dead();
  }
}

// Removes t from the list of what `pid` fixes. Mutex held.
void unlist_fix(Term pid, EtsTable* t) {
  auto at = directory.users.find(pid.bits());
  if (at == directory.users.end()) return;
  auto& fixed = at->second.fixed;
  auto found = std::find(fixed.begin(), fixed.end(), t);
  if (found == fixed.end()) return;
  fixed.erase(found);
  directory.presence_of(pid).fetch_sub(1, std::memory_order_seq_cst);
  directory.forget_if_empty(pid);
}

bool process_exit_hook(Process& p);

}  // namespace

EtsTable::EtsTable(const EtsOptions& o, Term name_atom, Term owner_pid)
    : options(o),
      tid(vm_new<EtsTid>()),
      name(name_atom.bits()),
      owner(owner_pid.bits()),
      protection(o.protection),
      shard_count(o.type == EtsType::OrderedSet ? 0
                  : o.write_concurrency && o.protection != EtsProtection::Private ? kEtsShards
                                                                                  : 1),
      shards(nullptr),
      tree(o.keypos) {
  tid->refs = 1;
  tid->destroy = tid_destroy;
  tid->numbers = make_magic_ref_numbers();
  tid->table.store(this, std::memory_order_release);
  if (shard_count != 0) {
    shards = vm_alloc_array<EtsShard*>(shard_count);
    for (u32 i = 0; i < shard_count; i++) shards[i] = vm_new<EtsShard>(o.type, o.keypos, shard_count == 1 ? 0 : kEtsShardBits);
  }
}

EtsTable::~EtsTable() {
  for (u32 i = 0; i < shard_count; i++) vm_delete(shards[i]);
  vm_free(shards);
  fragments_free(heir_fragment);
  ets_tid_release(tid);
}

u64 EtsTable::size() const {
  if (ordered()) return tree.size();
  u64 n = 0;
  for (u32 i = 0; i < shard_count; i++) n += shards[i]->store.size();
  return n;
}

u64 EtsTable::memory_words() const {
  u64 n = words_for_bytes(sizeof(EtsTable));
  if (ordered()) return n + tree.memory_words();
  for (u32 i = 0; i < shard_count; i++) {
    n += shards[i]->store.memory_words() + words_for_bytes(sizeof(EtsShard));
  }
  return n;
}

void ets_init() {
  if (directory.names.load() != nullptr) return;
  directory.names.store(name_table_new(64));
  process_add_exit_hook(process_exit_hook);
}

// ---- finding ----

EtsTable* ets_table_named(Term name) { return directory.named(name); }

std::vector<Term> ets_colliding_names(Term name, u64 n) {
  QuiesceGuard online;
  u32 mask = directory.names.load(std::memory_order_acquire)->mask;
  std::vector<Term> found;
  for (u32 i = 0; found.size() < n; i++) {
    char text[40];
    std::snprintf(text, sizeof text, "colliding_name_%u", i);
    Term atom = atom_intern(text);
    if (atom.is_none()) break;
    if (((name_start(atom) ^ name_start(name)) & mask) == 0 && atom != name) found.push_back(atom);
  }
  return found;
}

EtsTid* ets_tid_of(Term t) {
  if (!t.is(BoxedTag::MagicRef)) return nullptr;
  auto* data = t.object()[2].as_raw_pointer<MagicData>();
  return data->destroy == tid_destroy ? static_cast<EtsTid*>(data) : nullptr;
}

void ets_tid_release(EtsTid* tid) { magic_release(tid); }

EtsTable* ets_table(Process& p, Term id, EtsAccess access, Term* cause) {
  EtsTable* t = nullptr;
  *cause = am::id;
  if (id.is_atom()) {
    t = directory.named(id);
  } else if (EtsTid* tid = ets_tid_of(id)) {
    t = tid->table.load(std::memory_order_acquire);
  } else if (!id.is(BoxedTag::Ref) || !is_magic_numbers(local_ref_numbers(id))) {
    *cause = am::type;  // else it may have been a tid that came back too late
  }
  if (t == nullptr || access == EtsAccess::Any) return t;
  EtsProtection protection = t->protection.load(std::memory_order_relaxed);
  if (VM_LIKELY(protection == EtsProtection::Public) || t->owner_pid() == p.id ||
      (protection == EtsProtection::Protected && access == EtsAccess::Read) ||
      (p.flags & kFlagEtsSuperUser) != 0) {
    return t;
  }
  *cause = am::access;
  return nullptr;
}

Term ets_table_id(EtsTable& t, Builder& b) {
  return t.options.named ? t.name_term() : b.magic_reference(t.tid);
}

// ---- life ----

EtsTable* ets_table_new(const EtsOptions& options, Term name, Process& p) {
  auto* t = vm_new<EtsTable>(options, name, p.id);
  if (options.heir != Term::none()) ets_table_set_heir(*t, p, options.heir, options.heir_data);
  Guard lock(directory.mutex);
  if (options.named) {
    if (directory.named(name) != nullptr) {
      t->tid->table.store(nullptr, std::memory_order_relaxed);
      vm_delete(t);
      return nullptr;
    }
    directory.place(name, t);
  }
  directory.by_number.emplace(t->tid->numbers, t);
  directory.users[p.id.bits()].owned.push_back(t);
  directory.presence_of(p.id).fetch_add(1, std::memory_order_seq_cst);
  return t;
}

bool ets_table_condemn(EtsTable& t) {
  {
    Guard lock(directory.mutex);
    if (t.tid->table.load(std::memory_order_relaxed) == nullptr) return false;
    t.tid->table.store(nullptr, std::memory_order_release);
    if (t.options.named) directory.unplace(t.name_term());
    directory.by_number.erase(t.tid->numbers);
    directory.disown(t.owner_pid(), &t);
    std::vector<EtsFixer> fixers;
    {
      Guard meta(t.meta);
      fixers.swap(t.fixers);
    }
    for (const EtsFixer& f : fixers) unlist_fix(f.pid, &t);
  }
  EtsAllGuard all(t);
  t.dying.store(true, std::memory_order_relaxed);
  return true;
}

bool ets_table_free_some(EtsTable& t, i64& budget) {
  if (t.ordered()) {
    if (!t.tree.free_some(budget)) return false;
  } else {
    for (u32 i = 0; i < t.shard_count; i++) {
      if (!t.shards[i]->store.free_some(budget)) return false;
    }
  }
  quiesce_retire(&t, [](void* block) { vm_delete(static_cast<EtsTable*>(block)); });
  return true;
}

bool ets_table_rename(EtsTable& t, Term name) {
  Guard lock(directory.mutex);
  if (t.options.named) {
    if (directory.named(name) != nullptr) return name == t.name_term();
    directory.unplace(t.name_term());
    directory.place(name, &t);
  }
  t.name.store(name.bits(), std::memory_order_relaxed);
  return true;
}

void ets_table_set_heir(EtsTable& t, Process& p, Term heir, Term data) {
  Fragment* f = nullptr;
  if (!heir.is_none()) data = copy_to_keep(data, &f);
  Fragment* old;
  {
    Guard meta(t.meta);
    old = t.heir_fragment;
    t.heir = heir;
    t.heir_data = data;
    t.heir_fragment = f;
  }
  fragments_free(old);
}

bool ets_table_give(EtsTable& t, Term from, Term to, Term gift) {
  Process* receiver;
  {
    Guard lock(directory.mutex);
    if (t.tid->table.load(std::memory_order_relaxed) == nullptr) return false;
    directory.presence_of(to).fetch_add(1, std::memory_order_seq_cst);
    receiver = process_lookup_alive(to);
    if (receiver == nullptr) {
      directory.presence_of(to).fetch_sub(1, std::memory_order_seq_cst);
      return false;
    }
    directory.disown(from, &t);
    t.owner.store(to.bits(), std::memory_order_relaxed);
    directory.users[to.bits()].owned.push_back(&t);
  }
  Fragment* f = fragment_new(tuple_words(4) + kEtsIdWords + copy_size(gift));
  Builder b = f->builder();
  Term id = ets_table_id(t, b);
  Term copy = copy_term(gift, b);
  send_fragment(*receiver, b.tuple({am::ETS_TRANSFER, id, from, copy}), f);
  return true;
}

void ets_tables_each(void (*f)(EtsTable& t, void* data), void* data) {
  Guard lock(directory.mutex);
  for (auto& [number, table] : directory.by_number) f(*table, data);
}

u64 ets_table_count() {
  Guard lock(directory.mutex);
  return directory.by_number.size();
}

u64 ets_memory_bytes() {
  u64 words = 0;
  ets_tables_each(
      [](EtsTable& t, void* data) { *static_cast<u64*>(data) += t.memory_words(); }, &words);
  return words * kWordBytes;
}

// ---- fixing ----

void ets_fix(EtsTable& t) { t.fixed.fetch_add(1, std::memory_order_acq_rel); }

void ets_unfix(EtsTable& t) {
  if (t.fixed.fetch_sub(1, std::memory_order_acq_rel) == 1) purge_dead(t);
}

void ets_fix_by(EtsTable& t, Process& p) {
  Guard lock(directory.mutex);
  Guard meta(t.meta);
  if (t.tid->table.load(std::memory_order_relaxed) == nullptr) return;
  if (t.fixers.empty()) t.fix_monotonic_ns = monotonic_ns();
  for (EtsFixer& f : t.fixers) {
    if (f.pid == p.id) {
      f.count++;
      return;
    }
  }
  t.fixers.push_back({p.id, 1});
  directory.users[p.id.bits()].fixed.push_back(&t);
  directory.presence_of(p.id).fetch_add(1, std::memory_order_seq_cst);
  ets_fix(t);
}

void ets_unfix_by(EtsTable& t, Process& p) {
  {
    Guard lock(directory.mutex);
    Guard meta(t.meta);
    auto at = std::find_if(t.fixers.begin(), t.fixers.end(),
                           [&](const EtsFixer& f) { return f.pid == p.id; });
    if (at == t.fixers.end()) return;
    if (--at->count != 0) return;
    t.fixers.erase(at);
    unlist_fix(p.id, &t);
  }
  ets_unfix(t);
}

namespace {

// Gives a dying owner's table to its heir. False when there is none to take it.
bool pass_to_heir(EtsTable& t, Process& p) {
  Term heir;
  Term data;
  Fragment* f = nullptr;
  {
    Guard meta(t.meta);
    heir = t.heir;
    data = t.heir_data;
    f = t.heir_fragment;
    t.heir = Term::none();
    t.heir_data = Term::nil();
    t.heir_fragment = nullptr;
  }
  bool given = !heir.is_none() && heir != p.id && ets_table_give(t, p.id, heir, data);
  if (given) {
    // The heir stays what it is: the new owner itself.
    Guard meta(t.meta);
    t.heir = heir;
    t.heir_data = data;
    t.heir_fragment = f;
    return true;
  }
  fragments_free(f);
  return false;
}

bool process_exit_hook(Process& p) {
  // Partner: ets_table_give.
  if (directory.presence_of(p.id).load(std::memory_order_seq_cst) == 0) return true;
  i64 budget = kReductions;
  for (;;) {
    EtsTable* fixed = nullptr;
    EtsTable* owned = nullptr;
    EtsTable* condemned = nullptr;
    {
      Guard lock(directory.mutex);
      auto at = directory.users.find(p.id.bits());
      if (at == directory.users.end()) return true;
      Users& u = at->second;
      if (!u.fixed.empty()) {
        fixed = u.fixed.back();
      } else if (!u.owned.empty()) {
        owned = u.owned.back();
      } else if (!u.condemned.empty()) {
        condemned = u.condemned.back();
      } else {
        directory.users.erase(at);
        return true;
      }
    }
    if (fixed != nullptr) {
      {
        Guard lock(directory.mutex);
        Guard meta(fixed->meta);
        auto at = std::find_if(fixed->fixers.begin(), fixed->fixers.end(),
                               [&](const EtsFixer& f) { return f.pid == p.id; });
        if (at != fixed->fixers.end()) fixed->fixers.erase(at);
        unlist_fix(p.id, fixed);
      }
      ets_unfix(*fixed);
    } else if (owned != nullptr) {
      // Somebody else may be deleting it right now; then it is theirs to free.
      if (!pass_to_heir(*owned, p) && ets_table_condemn(*owned)) {
        Guard lock(directory.mutex);
        directory.users[p.id.bits()].condemned.push_back(owned);
        directory.presence_of(p.id).fetch_add(1, std::memory_order_seq_cst);
      }
    } else {
      if (!ets_table_free_some(*condemned, budget)) return false;
      Guard lock(directory.mutex);
      auto& list = directory.users[p.id.bits()].condemned;
      list.erase(std::find(list.begin(), list.end(), condemned));
      directory.presence_of(p.id).fetch_sub(1, std::memory_order_seq_cst);
    }
    if (--budget <= 0) return false;
  }
}

}  // namespace

}  // namespace lintel
