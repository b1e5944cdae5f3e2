// Tables: what they are, who may use them, how they are found, owned and deleted.
//
// A table is named by a magic reference (its tid) and perhaps by an atom. Both lead to it without a
// lock: the tid's data points to the table, and names are in an open-addressed array. A pointer found
// so is good until the thread's next quiescent point; whether the table still lives is said by
// `dying`, to be looked at under one of its locks.
//
// The objects of a hash table are spread over `shard_count` stores, each with its own lock; only
// tables with write_concurrency have more than one. An ordered table has one store and one lock.
// Operations on one key lock one shard; an insertion of several objects locks all, in order; a
// traversal locks one after the other.
//
// When a table is deleted it first becomes invisible (no name, no tid, dying), then its objects are
// freed in as many turns as it takes, by the process that deleted it or by its owner's exit.
#pragma once
#include <atomic>
#include <vector>

#include "vm/ets/hash_store.h"
#include "vm/ets/lock.h"
#include "vm/ets/tree_store.h"
#include "vm/heap/fragment.h"
#include "vm/proc/process.h"

namespace lintel {

enum class EtsProtection : u8 { Public, Protected, Private };

struct EtsTable;

struct EtsTid : MagicData {
  std::atomic<EtsTable*> table{nullptr};
};

struct EtsOptions {
  EtsType type = EtsType::Set;
  EtsProtection protection = EtsProtection::Protected;
  u32 keypos = 1;
  bool named = false;
  bool compressed = false;
  bool read_concurrency = false;
  bool write_concurrency = false;
  bool write_concurrency_auto = false;
  u32 debug_locks = 0;  // {write_concurrency, {debug_hash_fixed_number_of_locks, N}}: only reported
  bool decentralized_counters = false;
  Term heir = Term::none();  // local pid or none
  Term heir_data = Term::nil();
};

struct EtsShard {
  alignas(64) EtsLock lock;
  HashStore store;
  EtsShard(EtsType type, u32 keypos, u32 shift) : store(type, keypos, shift) {}
};

struct EtsFixer {
  Term pid;
  u32 count;
};

struct EtsTable {
  explicit EtsTable(const EtsOptions& o, Term name_atom, Term owner_pid);
  ~EtsTable();
  EtsTable(const EtsTable&) = delete;
  EtsTable& operator=(const EtsTable&) = delete;

  const EtsOptions options;  // type, keypos and so on; protection and heir are below
  EtsTid* tid;               // holds one reference
  std::atomic<Word> name;    // atom
  std::atomic<Word> owner;   // local pid
  std::atomic<EtsProtection> protection;
  std::atomic<u32> fixed{0};     // traversals and safe_fixtable calls in effect
  std::atomic<bool> dying{false};  // written under all locks

  u32 shard_count;
  EtsShard** shards;  // null when ordered
  EtsLock tree_lock;
  TreeStore tree;

  // Guarded by meta.
  Mutex<LockRank::EtsStripe> meta;
  Term heir = Term::none();
  Term heir_data = Term::nil();
  Fragment* heir_fragment = nullptr;
  std::vector<EtsFixer> fixers;
  i64 fix_monotonic_ns = 0;

  bool ordered() const { return options.type == EtsType::OrderedSet; }
  bool is_bag() const {
    return options.type == EtsType::Bag || options.type == EtsType::DuplicateBag;
  }
  u32 keypos() const { return options.keypos; }
  Term name_term() const { return Term(name.load(std::memory_order_relaxed)); }
  Term owner_pid() const { return Term(owner.load(std::memory_order_relaxed)); }
  u32 shard_of(u32 hash) const { return hash & (shard_count - 1); }
  u64 size() const;
  u64 memory_words() const;
  bool is_fixed() const { return fixed.load(std::memory_order_acquire) != 0; }
};
inline constexpr u32 kEtsShardBits = 6;
inline constexpr u32 kEtsShards = 1 << kEtsShardBits;

// ---- locks ----

// The lock that a key needs; `alive` false means that the table was deleted meanwhile.
class EtsKeyGuard {
 public:
  EtsKeyGuard(EtsTable& t, u32 hash, bool write)
      : lock_(t.ordered() ? t.tree_lock : t.shards[t.shard_of(hash)]->lock), write_(write) {
    write_ ? lock_.lock() : lock_.lock_shared();
    alive = !t.dying.load(std::memory_order_relaxed);
  }
  ~EtsKeyGuard() { write_ ? lock_.unlock() : lock_.unlock_shared(); }
  EtsKeyGuard(const EtsKeyGuard&) = delete;
  EtsKeyGuard& operator=(const EtsKeyGuard&) = delete;
  bool alive;

 private:
  EtsLock& lock_;
  bool write_;
};

// Every lock of the table, for writing.
class EtsAllGuard {
 public:
  explicit EtsAllGuard(EtsTable& t) : t_(t) {
    if (t.ordered()) {
      t.tree_lock.lock();
    } else {
      lock_rank_push(LockRank::EtsTable);
      for (u32 i = 0; i < t.shard_count; i++) t.shards[i]->lock.lock_unranked();
    }
    alive = !t.dying.load(std::memory_order_relaxed);
  }
  ~EtsAllGuard() {
    if (t_.ordered()) {
      t_.tree_lock.unlock();
    } else {
      for (u32 i = t_.shard_count; i-- > 0;) t_.shards[i]->lock.unlock_unranked();
      lock_rank_pop(LockRank::EtsTable);
    }
  }
  EtsAllGuard(const EtsAllGuard&) = delete;
  EtsAllGuard& operator=(const EtsAllGuard&) = delete;
  bool alive;

 private:
  EtsTable& t_;
};

// ---- finding ----

enum class EtsAccess : u8 { Any, Read, Write };

// Null when `id` is no table that p may use so; *cause is then `type`, `id` or `access`.
EtsTable* ets_table(Process& p, Term id, EtsAccess access, Term* cause);
// Null when the name is not a table's.
EtsTable* ets_table_named(Term name);
// The tid behind a magic reference, or null.
EtsTid* ets_tid_of(Term t);
void ets_tid_release(EtsTid* tid);
// Words and term of what programs call the table by: its name if it is a named table, else its tid.
inline constexpr u64 kEtsIdWords = kMagicRefWords;
Term ets_table_id(EtsTable& t, Builder& b);

// ---- life ----

void ets_init();
// Null when the name is taken.
EtsTable* ets_table_new(const EtsOptions& options, Term name, Process& owner);
// Makes the table invisible. False when somebody else did already. Frees nothing.
bool ets_table_condemn(EtsTable& t);
// Frees objects of a condemned table; true when it is all gone (and retired).
bool ets_table_free_some(EtsTable& t, i64& budget);
// False when the new name is taken.
bool ets_table_rename(EtsTable& t, Term name);
// Hands t to `to`, with the message that tells. False when that process is gone.
bool ets_table_give(EtsTable& t, Term from, Term to, Term gift);
// `n` atoms whose place in the table of names is that of `name`. For tests.
std::vector<Term> ets_colliding_names(Term name, u64 n);
void ets_table_set_heir(EtsTable& t, Process& p, Term heir, Term data);
void ets_tables_each(void (*f)(EtsTable& t, void* data), void* data);
u64 ets_table_count();
u64 ets_memory_bytes();

// ---- fixing ----

// For the time of a traversal, by nobody in particular.
void ets_fix(EtsTable& t);
void ets_unfix(EtsTable& t);
// safe_fixtable/2: counted for each process, undone when it exits.
void ets_fix_by(EtsTable& t, Process& p);
void ets_unfix_by(EtsTable& t, Process& p);

}  // namespace lintel
