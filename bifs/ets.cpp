// ets: tables, single objects and keys, information. Traversals by pattern are in ets_select.cpp.
//
// Objects are copied on the way in before any lock is taken, and on the way out while it is held,
// without collecting. Reductions are charged for what was copied.
#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "vm/sched/long_work.h"
#include "bifs/ets_common.h"
#include "vm/ets/match_spec.h"
#include "vm/heap/copy.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/sched/clock.h"
#include "vm/sched/scheduler.h"
#include "vm/term/big.h"
#include "vm/term/compare.h"
#include "vm/term/node.h"
#include "vm/term/work_stack.h"

namespace lintel {

Term ets_copy_term_out(Process& p, Term t) {
  if (!t.is_pointer()) return t;
  Builder b = p.reserve_nogc(copy_size(t));
  return copy_term(t, b);
}

// ---- tables ----

namespace {

Term id_out(Process& p, EtsTable& t) {
  Builder b = p.reserve_nogc(kEtsIdWords);
  return ets_table_id(t, b);
}

bool is_bool(Term t) { return t == am::true_ || t == am::false_; }

constexpr i64 kMostDebugLocks = 32768;
constexpr u32 kFewestDebugLocks = 64;

Term debug_locks_atom() {
  static const Term atom = atom_intern("debug_hash_fixed_number_of_locks");
  return atom;
}

bool parse_option(Term option, EtsOptions& o, int& decentralized) {
  if (option == am::set) {
    // The default; does not undo an earlier type, as in stock.
  } else if (option == am::bag) {
    o.type = EtsType::Bag;
  } else if (option == am::duplicate_bag) {
    o.type = EtsType::DuplicateBag;
  } else if (option == am::ordered_set) {
    o.type = EtsType::OrderedSet;
    o.decentralized_counters = true;
  } else if (option == am::public_) {
    o.protection = EtsProtection::Public;
  } else if (option == am::private_) {
    o.protection = EtsProtection::Private;
  } else if (option == am::protected_) {
  } else if (option == am::named_table) {
    o.named = true;
  } else if (option == am::compressed) {
    o.compressed = true;
  } else if (is_tuple_of(option, 2)) {
    Term key = tuple_element(option, 0);
    Term value = tuple_element(option, 1);
    if (key == am::keypos) {
      if (!value.is_small() || value.small_value() <= 0 || value.small_value() > INT32_MAX) return false;
      o.keypos = static_cast<u32>(value.small_value());
    } else if (key == am::write_concurrency && value.is_tuple()) {
      // Of the stock VM's tests. There the number becomes a power of two, at least 64.
      if (!is_tuple_of(value, 2) || tuple_element(value, 0) != debug_locks_atom() ||
          !tuple_element(value, 1).is_small()) {
        return false;
      }
      i64 n = tuple_element(value, 1).small_value();
      if (n < 1 || n > kMostDebugLocks) return false;
      o.debug_locks = std::max(std::bit_floor(static_cast<u32>(n)), kFewestDebugLocks);
      o.write_concurrency = o.decentralized_counters = true;
      o.write_concurrency_auto = false;
    } else if (key == am::write_concurrency) {
      o.debug_locks = 0;
      if (!is_bool(value) && value != am::auto_) return false;
      o.write_concurrency = value != am::false_;
      o.write_concurrency_auto = value == am::auto_;
      if (value == am::auto_) {
        o.decentralized_counters = true;
      } else if (value == am::true_ && o.type != EtsType::OrderedSet) {
        o.decentralized_counters = false;
      }
    } else if (key == am::read_concurrency) {
      if (!is_bool(value)) return false;
      o.read_concurrency = value == am::true_;
    } else if (key == am::decentralized_counters) {
      if (!is_bool(value)) return false;
      decentralized = value == am::true_;
    } else if (key == am::heir && value == am::none) {
      o.heir = Term::none();
      o.heir_data = Term::nil();
    } else {
      return false;
    }
  } else if (is_tuple_of(option, 3) && tuple_element(option, 0) == am::heir &&
             tuple_element(option, 1).is_local_pid()) {
    o.heir = tuple_element(option, 1);
    o.heir_data = tuple_element(option, 2);
  } else {
    return false;
  }
  return true;
}

}  // namespace

BifResult ets_new_2(Process& p, Term* args) {
  Term name = args[0];
  if (!name.is_atom()) return raise_badarg(p);
  EtsOptions o;
  int decentralized = -1;
  Term list = args[1];
  for (; list.is_list(); list = list.tail()) {
    if (!parse_option(list.head(), o, decentralized)) return raise_badarg(p);
  }
  if (!list.is_nil()) return raise_badarg(p);
  if (decentralized != -1) o.decentralized_counters = decentralized == 1;
  if (o.debug_locks != 0 && o.type == EtsType::OrderedSet) return raise_badarg(p);
  if (o.protection == EtsProtection::Private) {
    o.read_concurrency = o.write_concurrency = o.write_concurrency_auto = false;
    o.debug_locks = 0;
  }
  if (!o.write_concurrency) o.decentralized_counters = false;
  p.flags |= kFlagUsingDb;
  EtsTable* t = ets_table_new(o, name, p);
  if (t == nullptr) return raise_badarg_cause(p, am::already_exists);
  return id_out(p, *t);
}

namespace {

// A table whose deletion takes more than one turn. Frees the rest should the process end before.
struct Deletion : MagicData {
  EtsTable* table;
};
void deletion_destroy(MagicData* m) {
  auto* d = static_cast<Deletion*>(m);
  i64 all = INT64_MAX;
  if (d->table != nullptr) (void)ets_table_free_some(*d->table, all);
  vm_delete(d);
}
Deletion* deletion_of(Term t) {
  if (!t.is(BoxedTag::MagicRef)) return nullptr;
  auto* data = t.object()[2].as_raw_pointer<MagicData>();
  return data->destroy == deletion_destroy ? static_cast<Deletion*>(data) : nullptr;
}

BifResult free_on(Process& p, EtsTable* t, Term state) {
  i64 budget = std::max<i64>(p.reds, 100);
  i64 before = budget;
  if (ets_table_free_some(*t, budget)) {
    p.bump_reductions(before - budget);
    if (Deletion* d = deletion_of(state)) d->table = nullptr;
    return am::true_;
  }
  p.bump_reductions(before);
  if (deletion_of(state) == nullptr) {
    auto* d = vm_new<Deletion>();
    d->destroy = deletion_destroy;
    d->numbers = make_magic_ref_numbers();
    d->table = t;
    Builder b = p.reserve_nogc(kMagicRefWords);
    state = b.magic_reference(d);
  }
  return yield_again(p, {state});
}

}  // namespace

BifResult ets_delete_1(Process& p, Term* args) {
  if (Deletion* d = deletion_of(args[0])) return free_on(p, d->table, args[0]);
  ETS_TABLE(Write);
  if (!ets_table_condemn(t)) return ets_gone(p);
  return free_on(p, &t, Term::nil());
}

BifResult ets_whereis_1(Process& p, Term* args) {
  if (!args[0].is_atom()) return raise_badarg(p);
  EtsTable* t = ets_table_named(args[0]);
  if (t == nullptr) return am::undefined;
  Builder b = p.reserve_nogc(kMagicRefWords);
  return b.magic_reference(t->tid);
}

BifResult ets_rename_2(Process& p, Term* args) {
  ETS_TABLE(Write);
  if (!args[1].is_atom()) return raise_badarg(p);
  if (!ets_table_rename(t, args[1])) return raise_badarg_cause(p, am::already_exists);
  return t.options.named ? args[1] : args[0];
}

BifResult ets_give_away_3(Process& p, Term* args) {
  Term to = args[1];
  ETS_TABLE(Write);
  if (!to.is_local_pid()) return raise_badarg(p);
  if (t.owner_pid() != p.id) return raise_badarg_cause(p, am::not_owner);
  if (to == p.id) return raise_badarg_cause(p, am::owner);
  if (!ets_table_give(t, p.id, to, args[2])) return raise_badarg(p);
  return am::true_;
}

namespace {

// One option of setopts/2. Applies it if `apply`.
bool set_option(Process& p, EtsTable& t, Term option, bool apply) {
  if (is_tuple_of(option, 2) && tuple_element(option, 0) == am::protection) {
    Term value = tuple_element(option, 1);
    EtsProtection protection;
    if (value == am::public_) {
      protection = EtsProtection::Public;
    } else if (value == am::protected_) {
      protection = EtsProtection::Protected;
    } else if (value == am::private_) {
      protection = EtsProtection::Private;
    } else {
      return false;
    }
    if (apply) t.protection.store(protection, std::memory_order_relaxed);
    return true;
  }
  if (is_tuple_of(option, 2) && tuple_element(option, 0) == am::heir &&
      tuple_element(option, 1) == am::none) {
    if (apply) ets_table_set_heir(t, p, Term::none(), Term::nil());
    return true;
  }
  if (is_tuple_of(option, 3) && tuple_element(option, 0) == am::heir &&
      tuple_element(option, 1).is_local_pid()) {
    if (apply) ets_table_set_heir(t, p, tuple_element(option, 1), tuple_element(option, 2));
    return true;
  }
  return false;
}

}  // namespace

BifResult ets_setopts_2(Process& p, Term* args) {
  ETS_TABLE(Write);
  if (t.owner_pid() != p.id) return raise_badarg_cause(p, am::not_owner);
  if (args[1].is_tuple()) {
    return set_option(p, t, args[1], true) ? BifResult(am::true_) : raise_badarg(p);
  }
  for (bool apply : {false, true}) {
    Term list = args[1];
    for (; list.is_list(); list = list.tail()) {
      if (!set_option(p, t, list.head(), apply)) return raise_badarg(p);
    }
    if (!list.is_nil()) return raise_badarg(p);
  }
  return am::true_;
}

BifResult ets_safe_fixtable_2(Process& p, Term* args) {
  ETS_TABLE(Read);
  if (args[1] == am::true_) {
    p.flags |= kFlagUsingDb;
    ets_fix_by(t, p);
  } else if (args[1] == am::false_) {
    ets_unfix_by(t, p);
  } else {
    return raise_badarg(p);
  }
  return am::true_;
}

// Answers as many messages {Ref, Tables} as there are schedulers, the first with all tables.
BifResult ets_internal_request_all_0(Process& p, Term*) {
  RefNumbers ref = make_ref_numbers();
  std::vector<EtsTable*> tables;
  ets_tables_each(
      [](EtsTable& t, void* data) { static_cast<std::vector<EtsTable*>*>(data)->push_back(&t); },
      &tables);
  for (u32 i = 0; i < scheduler_count(); i++) {
    u64 n = i == 0 ? tables.size() : 0;
    Fragment* f = fragment_new(kRefWords + tuple_words(2) + n * (kConsWords + kEtsIdWords));
    Builder b = f->builder();
    Term list = Term::nil();
    for (u64 k = 0; k < n; k++) list = b.cons(ets_table_id(*tables[k], b), list);
    Term r = b.reference(ref);
    send_fragment(p, b.tuple({r, list}), f);
  }
  return p.reserve(kRefWords).reference(ref);
}

// ---- putting in ----

namespace {

bool is_object(const EtsTable& t, Term object) {
  return object.is_tuple() && tuple_arity(object) >= t.keypos();
}

EtsObject* object_in(EtsTable& t, Term tuple) {
  return ets_object_new(tuple, ets_key_hash(t, tuple_element(tuple, t.keypos() - 1)));
}

BifResult insert_one(Process& p, EtsTable& t, Term table, Term object, bool only_new) {
  if (!is_object(t, object)) return raise_badarg(p);
  if (is_long_copy(p, object)) return run_on_dirty(p, DirtyKind::Cpu, {table, object});
  EtsObject* o = object_in(t, object);
  p.bump_reductions(o->words / 32);
  EtsKeyGuard guard(t, o->hash, true);
  if (!guard.alive) {
    ets_object_free(o);
    return ets_gone(p);
  }
  if (only_new && ets_find(t, o->key(t.keypos()), o->hash) != nullptr) {
    ets_object_free(o);
    return am::false_;
  }
  ets_put(t, o);
  return am::true_;
}

// The whole list appears at once, so the insertion cannot pause: a long one is not for a scheduler.
BifResult insert_many(Process& p, EtsTable& t, Term table, Term list, bool only_new) {
  u64 n = 0;
  Term rest = list;
  for (; rest.is_list(); rest = rest.tail(), n++) {
    if (!is_object(t, rest.head())) return raise_badarg(p);
  }
  if (!rest.is_nil()) return raise_badarg(p);
  if (n == 0) return am::true_;
  if (n == 1) return insert_one(p, t, table, list.head(), only_new);
  constexpr u64 kInsertAtOnce = 5000;
  if (is_long_work(p, n, kInsertAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {table, list});
  std::vector<EtsObject*> objects;
  objects.reserve(n);
  u64 words = 0;
  for (rest = list; rest.is_list(); rest = rest.tail()) {
    objects.push_back(object_in(t, rest.head()));
    words += objects.back()->words;
  }
  p.bump_reductions(static_cast<i64>(n / 4 + words / 32));
  // Stock puts the objects of such a list into a bag from the last to the first.
  if (t.options.type == EtsType::Bag) std::reverse(objects.begin(), objects.end());
  EtsAllGuard guard(t);
  bool go = guard.alive;
  if (go && only_new) {
    for (EtsObject* o : objects) {
      if (ets_find(t, o->key(t.keypos()), o->hash) == nullptr) continue;
      go = false;
      break;
    }
  }
  if (!go) {
    for (EtsObject* o : objects) ets_object_free(o);
    return guard.alive ? BifResult(am::false_) : ets_gone(p);
  }
  for (EtsObject* o : objects) ets_put(t, o);
  return am::true_;
}

}  // namespace

BifResult ets_insert_2(Process& p, Term* args) {
  ETS_TABLE(Write);
  if (VM_LIKELY(args[1].is_tuple())) return insert_one(p, t, args[0], args[1], false);
  return insert_many(p, t, args[0], args[1], false);
}

BifResult ets_insert_new_2(Process& p, Term* args) {
  ETS_TABLE(Write);
  if (args[1].is_tuple()) return insert_one(p, t, args[0], args[1], true);
  return insert_many(p, t, args[0], args[1], true);
}

// ---- getting out ----

namespace {

// Words copied out in one turn.
constexpr u64 kWordsAtOnce = 60000;

// All objects with the key, oldest first; none() when copying them is not for a scheduler. Lock held.
Term list_out(Process& p, EtsTable& t, EtsObject* o) {
  u64 words = 0;
  for (EtsObject* q = o; q != nullptr; q = ets_same_key_next(t, q)) words += q->words + kConsWords;
  if (is_long_work(p, words, kWordsAtOnce)) return Term::none();
  Builder b = p.reserve_nogc(words);
  Term list = Term::nil();
  for (; o != nullptr; o = ets_same_key_next(t, o)) list = b.cons(ets_object_copy(o, b), list);
  p.bump_reductions(static_cast<i64>(words / 32));
  return list;
}

}  // namespace

BifResult ets_lookup_2(Process& p, Term* args) {
  ETS_TABLE(Read);
  u32 hash = ets_key_hash(t, args[1]);
  EtsKeyGuard guard(t, hash, false);
  if (!guard.alive) return ets_gone(p);
  EtsObject* o = ets_find(t, args[1], hash);
  if (o == nullptr) return Term::nil();
  Term list = list_out(p, t, o);
  return list.is_none() ? run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]}) : BifResult(list);
}

BifResult ets_member_2(Process& p, Term* args) {
  ETS_TABLE(Read);
  u32 hash = ets_key_hash(t, args[1]);
  EtsKeyGuard guard(t, hash, false);
  if (!guard.alive) return ets_gone(p);
  return am_bool(ets_find(t, args[1], hash) != nullptr);
}

BifResult ets_lookup_element_3(Process& p, Term* args) {
  ETS_TABLE(Read);
  if (!args[2].is_small() || args[2].small_value() < 1) return raise_badarg(p);
  u64 position = static_cast<u64>(args[2].small_value());
  u32 hash = ets_key_hash(t, args[1]);
  EtsKeyGuard guard(t, hash, false);
  if (!guard.alive) return ets_gone(p);
  EtsObject* first = ets_find(t, args[1], hash);
  if (first == nullptr) return raise_badarg_cause(p, am::badkey);
  u64 words = 0;
  for (EtsObject* o = first; o != nullptr; o = ets_same_key_next(t, o)) words += o->words;
  if (is_long_work(p, words, kWordsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2]});
  for (EtsObject* o = first; o != nullptr; o = ets_same_key_next(t, o)) {
    if (tuple_arity(o->tuple()) < position) return raise_badarg(p);
  }
  if (!t.is_bag()) return ets_copy_term_out(p, first->mem[position]);
  Term list = Term::nil();
  for (EtsObject* o = first; o != nullptr; o = ets_same_key_next(t, o)) {
    Term e = o->mem[position];
    Builder b = p.reserve_nogc(copy_size(e) + kConsWords);
    Term copy = copy_term(e, b);
    list = b.cons(copy, list);
  }
  return list;
}

BifResult ets_take_2(Process& p, Term* args) {
  ETS_TABLE(Write);
  u32 hash = ets_key_hash(t, args[1]);
  EtsKeyGuard guard(t, hash, true);
  if (!guard.alive) return ets_gone(p);
  EtsObject* o = ets_find(t, args[1], hash);
  if (o == nullptr) return Term::nil();
  Term list = list_out(p, t, o);
  if (list.is_none()) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  if (t.ordered()) {
    t.tree.remove(args[1]);
  } else {
    t.shards[t.shard_of(hash)]->store.remove(args[1], hash, t.is_fixed());
  }
  return list;
}

// ---- taking away ----

BifResult ets_delete_2(Process& p, Term* args) {
  ETS_TABLE(Write);
  u32 hash = ets_key_hash(t, args[1]);
  EtsKeyGuard guard(t, hash, true);
  if (!guard.alive) return ets_gone(p);
  if (t.ordered()) {
    t.tree.remove(args[1]);
  } else {
    t.shards[t.shard_of(hash)]->store.remove(args[1], hash, t.is_fixed());
  }
  return am::true_;
}

BifResult ets_delete_object_2(Process& p, Term* args) {
  ETS_TABLE(Write);
  if (!is_object(t, args[1])) return raise_badarg(p);
  Term key = tuple_element(args[1], t.keypos() - 1);
  u32 hash = ets_key_hash(t, key);
  EtsKeyGuard guard(t, hash, true);
  if (!guard.alive) return ets_gone(p);
  if (t.ordered()) {
    EtsObject* o = t.tree.find(key);
    if (o != nullptr && exact_equal(o->tuple(), args[1])) t.tree.remove(key);
  } else {
    t.shards[t.shard_of(hash)]->store.remove_object(args[1], key, hash, t.is_fixed());
  }
  return am::true_;
}

// All objects go at once, so it cannot pause.
BifResult ets_internal_delete_all_2(Process& p, Term* args) {
  constexpr u64 kDeletedAtOnce = 5000;
  ETS_TABLE(Write);
  if (is_long_work(p, t.size(), kDeletedAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  EtsAllGuard guard(t);
  if (!guard.alive) return ets_gone(p);
  i64 n = static_cast<i64>(t.size());
  if (t.ordered()) {
    i64 all = INT64_MAX;
    (void)t.tree.free_some(all);
  } else {
    bool fixed = t.is_fixed();
    for (u32 s = 0; s < t.shard_count; s++) {
      HashStore& store = t.shards[s]->store;
      if (!fixed) {
        store.clear();
        continue;
      }
      for (u32 i = 0; i < store.buckets(); i++) {
        store.remove_if(i, true, [](EtsObject*) { return true; });
      }
    }
  }
  p.bump_reductions(n / 8);
  return Term::small(n);
}

// ---- walking by key ----

namespace {

// The key of the first live object from bucket `bucket` of shard `shard` on, copied out.
Term first_key_from(Process& p, EtsTable& t, u32 shard, u32 bucket, bool* alive) {
  *alive = true;
  for (; shard < t.shard_count; shard++, bucket = 0) {
    SharedGuard lock(t.shards[shard]->lock);
    if (t.dying.load(std::memory_order_relaxed)) {
      *alive = false;
      return Term::none();
    }
    HashStore& store = t.shards[shard]->store;
    for (; bucket < store.buckets(); bucket++) {
      for (EtsObject* o = store.bucket(bucket); o != nullptr; o = o->next) {
        if (!o->dead) return ets_copy_term_out(p, o->key(t.keypos()));
      }
    }
  }
  return am::end_of_table;
}

BifResult hash_first(Process& p, EtsTable& t) {
  bool alive;
  Term key = first_key_from(p, t, 0, 0, &alive);
  return alive ? BifResult(key) : ets_gone(p);
}

BifResult hash_next(Process& p, EtsTable& t, Term key) {
  u32 hash = ets_key_hash(t, key);
  u32 shard = t.shard_of(hash);
  u32 bucket;
  {
    SharedGuard lock(t.shards[shard]->lock);
    if (t.dying.load(std::memory_order_relaxed)) return ets_gone(p);
    HashStore& store = t.shards[shard]->store;
    EtsObject* o = store.find_any(key, hash);
    if (o == nullptr) return raise_badarg(p);
    Term same = o->key(t.keypos());
    for (o = o->next; o != nullptr; o = o->next) {
      if (o->dead || (o->hash == hash && exact_equal(o->key(t.keypos()), same))) continue;
      return ets_copy_term_out(p, o->key(t.keypos()));
    }
    bucket = store.bucket_of(hash) + 1;
  }
  bool alive;
  Term next = first_key_from(p, t, shard, bucket, &alive);
  return alive ? BifResult(next) : ets_gone(p);
}

template <typename F>
BifResult tree_key(Process& p, EtsTable& t, F find) {
  SharedGuard lock(t.tree_lock);
  if (t.dying.load(std::memory_order_relaxed)) return ets_gone(p);
  EtsObject* o = find(t.tree);
  return o == nullptr ? am::end_of_table : ets_copy_term_out(p, o->key(t.keypos()));
}

}  // namespace

BifResult ets_first_1(Process& p, Term* args) {
  ETS_TABLE(Read);
  if (!t.ordered()) return hash_first(p, t);
  return tree_key(p, t, [](TreeStore& s) { return s.first(); });
}
BifResult ets_last_1(Process& p, Term* args) {
  ETS_TABLE(Read);
  if (!t.ordered()) return hash_first(p, t);
  return tree_key(p, t, [](TreeStore& s) { return s.last(); });
}
BifResult ets_next_2(Process& p, Term* args) {
  ETS_TABLE(Read);
  if (!t.ordered()) return hash_next(p, t, args[1]);
  return tree_key(p, t, [&](TreeStore& s) { return s.next(args[1]); });
}
BifResult ets_prev_2(Process& p, Term* args) {
  ETS_TABLE(Read);
  if (!t.ordered()) return hash_next(p, t, args[1]);
  return tree_key(p, t, [&](TreeStore& s) { return s.prev(args[1]); });
}

// The objects of one bucket, or of one place in an ordered table.
BifResult ets_slot_2(Process& p, Term* args) {
  ETS_TABLE(Read);
  if (!args[1].is_small() || args[1].small_value() < 0) return raise_badarg(p);
  u64 slot = static_cast<u64>(args[1].small_value());
  if (t.ordered()) {
    SharedGuard lock(t.tree_lock);
    if (t.dying.load(std::memory_order_relaxed)) return ets_gone(p);
    if (slot == t.tree.size()) return am::end_of_table;
    if (slot > t.tree.size()) return raise_badarg(p);
    TreeStore::Place place = t.tree.place_first();
    for (; slot > 0; slot--) TreeStore::forward(place);
    Term list = list_out(p, t, TreeStore::at(place));
    return list.is_none() ? run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]}) : BifResult(list);
  }
  // Slots are numbered by the lowest bits of the hashes, which choose the shard.
  u64 bucket = static_cast<u64>(slot) / t.shard_count;
  u64 most_buckets = 0;
  for (u32 s = 0; s < t.shard_count; s++) {
    SharedGuard lock(t.shards[s]->lock);
    if (t.dying.load(std::memory_order_relaxed)) return ets_gone(p);
    HashStore& store = t.shards[s]->store;
    most_buckets = std::max<u64>(most_buckets, store.buckets());
    if (s != static_cast<u64>(slot) % t.shard_count || bucket >= store.buckets()) continue;
    Term list = Term::nil();
    for (EtsObject* o = store.bucket(static_cast<u32>(bucket)); o != nullptr; o = o->next) {
      if (o->dead) continue;
      Builder b = p.reserve_nogc(o->words + kConsWords);
      Term copy = ets_object_copy(o, b);
      list = b.cons(copy, list);
    }
    return list;
  }
  if (bucket < most_buckets) return Term::nil();
  return static_cast<u64>(slot) == most_buckets * t.shard_count ? BifResult(am::end_of_table) : raise_badarg(p);
}

BifResult erts_internal_ets_raw_first_1(Process& p, Term* args) { return ets_first_1(p, args); }
BifResult erts_internal_ets_raw_next_2(Process& p, Term* args) { return ets_next_2(p, args); }

// ---- changing in place ----

namespace {

// An object's words being changed: the elements as they will be, and room for new numbers.
class Change {
 public:
  explicit Change(EtsObject* o) : object_(o), arity_(tuple_arity(o->tuple())) {
    elements_.assign(o->mem, o->mem + 1 + arity_);
  }
  ~Change() { fragments_free(scratch_); }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  u64 arity() const { return arity_; }
  Term get(u64 position) const { return elements_[position]; }
  void set(u64 position, Term value) {
    elements_[position] = value;
    changed_ = true;
  }
  Builder room(u64 words) {
    Fragment* f = fragment_new(words);
    f->next = scratch_;
    scratch_ = f;
    return f->builder();
  }
  // Makes it so. Lock held for writing.
  void commit(EtsTable& t) {
    if (!changed_) return;
    bool in_place = true;
    for (u64 i = 1; i <= arity_; i++) {
      if (elements_[i] != object_->mem[i] &&
          (elements_[i].is_pointer() || object_->mem[i].is_pointer())) {
        in_place = false;
      }
    }
    if (in_place) {
      for (u64 i = 1; i <= arity_; i++) object_->mem[i] = elements_[i];
      return;
    }
    EtsObject* fresh = ets_object_new(Term::boxed(elements_.data()), object_->hash);
    if (t.ordered()) {
      t.tree.replace(object_, fresh);
    } else {
      t.shards[t.shard_of(fresh->hash)]->store.replace(object_, fresh);
    }
  }

 private:
  EtsObject* object_;
  u64 arity_;
  std::vector<Term> elements_;
  Fragment* scratch_ = nullptr;
  bool changed_ = false;
};

// One operation of update_counter: {Pos, Incr} or {Pos, Incr, Threshold, SetValue}.
struct CounterOp {
  u64 position;
  Term increment;
  Term threshold = Term::none();
  Term set_value = Term::none();
};

bool parse_counter_op(Term op, CounterOp* out) {
  if (!op.is_tuple()) return false;
  u64 n = tuple_arity(op);
  if (n != 2 && n != 4) return false;
  Term position = tuple_element(op, 0);
  if (!position.is_small()) return false;
  for (u64 i = 1; i < n; i++) {
    if (!tuple_element(op, i).is_integer()) return false;
  }
  out->position = position.small_value() < 0 ? 0 : static_cast<u64>(position.small_value());
  out->increment = tuple_element(op, 1);
  if (n == 4) {
    out->threshold = tuple_element(op, 2);
    out->set_value = tuple_element(op, 3);
  }
  return true;
}

BifResult update_counter(Process& p, Term* args, Term initial) {
  ETS_TABLE(Write);
  if (t.is_bag()) return raise_badarg_cause(p, am::table_type);
  Term key = args[1];
  Term what = args[2];
  std::vector<CounterOp> ops;
  bool as_list = false;
  if (what.is_integer()) {
    CounterOp op;
    op.position = t.keypos() + 1;
    op.increment = what;
    ops.push_back(op);
  } else if (what.is_tuple()) {
    CounterOp op;
    if (!parse_counter_op(what, &op)) return raise_badarg(p);
    ops.push_back(op);
  } else {
    as_list = true;
    for (; what.is_list(); what = what.tail()) {
      CounterOp op;
      if (!parse_counter_op(what.head(), &op)) return raise_badarg(p);
      ops.push_back(op);
    }
    if (!what.is_nil()) return raise_badarg(p);
  }
  u32 hash = ets_key_hash(t, key);
  EtsObject* fresh = nullptr;
  if (!initial.is_none()) {
    // The default object, with the key asked for. One that cannot hold it matters only if it is used.
    if (is_object(t, initial)) {
      std::vector<Term> words(initial.object(), initial.object() + 1 + tuple_arity(initial));
      words[t.keypos()] = key;
      fresh = ets_object_new(Term::boxed(words.data()), hash);
    }
  }
  Term result = Term::none();
  Term why = Term::none();
  {
    EtsKeyGuard guard(t, hash, true);
    EtsObject* o = guard.alive ? ets_find(t, key, hash) : nullptr;
    if (!guard.alive) {
      why = am::id;
    } else if (o == nullptr && fresh == nullptr) {
      if (initial.is_none()) why = am::badkey;
    } else {
      Change change(o != nullptr ? o : fresh);
      bool good = true;
      std::vector<Term> values;
      for (const CounterOp& op : ops) {
        if (op.position == t.keypos()) {
          why = am::keypos;
          good = false;
          break;
        }
        if (op.position < 1 || op.position > change.arity()) {
          why = am::position;
          good = false;
          break;
        }
        Term old = change.get(op.position);
        if (!old.is_integer()) {
          good = false;
          break;
        }
        Builder b = change.room(integer_add_words(old, op.increment));
        Term value = integer_add(old, op.increment, b);
        if (value.is_none()) {
          good = false;
          break;
        }
        if (!op.threshold.is_none()) {
          int beyond = integer_compare(value, op.threshold);
          bool down = IntegerView(op.increment).negative();
          if (down ? beyond < 0 : beyond > 0) value = op.set_value;
        }
        change.set(op.position, value);
        values.push_back(value);
      }
      if (good) {
        if (as_list) {
          result = Term::nil();
          for (size_t i = values.size(); i-- > 0;) {
            Builder b = p.reserve_nogc(copy_size(values[i]) + kConsWords);
            Term copy = copy_term(values[i], b);
            result = b.cons(copy, result);
          }
        } else {
          result = ets_copy_term_out(p, values[0]);
        }
        if (o == nullptr) {
          ets_put(t, fresh);
          fresh = nullptr;
        }
        change.commit(t);
      }
    }
  }
  if (fresh != nullptr) ets_object_free(fresh);
  if (!result.is_none()) return result;
  return why.is_none() ? raise_badarg(p) : raise_badarg_cause(p, why);
}

}  // namespace

BifResult ets_update_counter_3(Process& p, Term* args) {
  return update_counter(p, args, Term::none());
}
BifResult ets_update_counter_4(Process& p, Term* args) {
  if (!args[3].is_tuple()) {
    ETS_TABLE(Write);
    return t.is_bag() ? raise_badarg_cause(p, am::table_type) : raise_badarg(p);
  }
  return update_counter(p, args, args[3]);
}

BifResult ets_update_element_3(Process& p, Term* args) {
  ETS_TABLE(Write);
  if (t.is_bag()) return raise_badarg_cause(p, am::table_type);
  u32 hash = ets_key_hash(t, args[1]);
  EtsKeyGuard guard(t, hash, true);
  if (!guard.alive) return ets_gone(p);
  EtsObject* o = ets_find(t, args[1], hash);
  if (o == nullptr) return am::false_;
  std::vector<std::pair<u64, Term>> updates;
  auto add = [&](Term spec) {
    if (!is_tuple_of(spec, 2) || !tuple_element(spec, 0).is_small()) return false;
    i64 position = tuple_element(spec, 0).small_value();
    if (position < 1) return false;
    updates.push_back({static_cast<u64>(position), tuple_element(spec, 1)});
    return true;
  };
  if (args[2].is_tuple()) {
    if (!add(args[2])) return raise_badarg(p);
  } else {
    Term list = args[2];
    for (; list.is_list(); list = list.tail()) {
      if (!add(list.head())) return raise_badarg(p);
    }
    if (!list.is_nil()) return raise_badarg(p);
  }
  for (auto& [position, value] : updates) {
    if (position == t.keypos()) return raise_badarg_cause(p, am::keypos);
  }
  Change change(o);
  for (auto& [position, value] : updates) {
    if (position > change.arity()) return raise_badarg_cause(p, am::position);
    change.set(position, value);
  }
  change.commit(t);
  return am::true_;
}

// ---- information ----

namespace {

Term type_atom(EtsType type) {
  switch (type) {
    case EtsType::Set: return am::set;
    case EtsType::Bag: return am::bag;
    case EtsType::DuplicateBag: return am::duplicate_bag;
    case EtsType::OrderedSet: return am::ordered_set;
  }
  return am::set;
}

Term protection_atom(EtsProtection protection) {
  switch (protection) {
    case EtsProtection::Public: return am::public_;
    case EtsProtection::Protected: return am::protected_;
    case EtsProtection::Private: return am::private_;
  }
  return am::protected_;
}

template <typename F>
void each_object(EtsTable& t, F f) {
  if (t.ordered()) {
    SharedGuard lock(t.tree_lock);
    if (t.dying.load(std::memory_order_relaxed)) return;
    TreeStore::Place place = t.tree.place_first();
    for (; EtsObject* o = TreeStore::at(place); TreeStore::forward(place)) f(o);
    return;
  }
  for (u32 s = 0; s < t.shard_count; s++) {
    SharedGuard lock(t.shards[s]->lock);
    if (t.dying.load(std::memory_order_relaxed)) return;
    HashStore& store = t.shards[s]->store;
    for (u32 i = 0; i < store.buckets(); i++) {
      for (EtsObject* o = store.bucket(i); o != nullptr; o = o->next) f(o);
    }
  }
}

// Puts {Address, Bytes, Holders} of the object's reference-counted binaries in front of list.
Term add_binaries(Process& p, const EtsObject& o, Term list) {
  for (OffHeapObject* off = o.off_heap; off != nullptr; off = off->next) {
    if (off->header.header_tag() != BoxedTag::RefcBinary) continue;
    auto* binary = reinterpret_cast<RefcBinary*>(off);
    Builder b = p.reserve_nogc(kConsWords + tuple_words(3) + 3 * kIntegerWords);
    Term address = b.unsigned_integer(reinterpret_cast<Word>(binary->data));
    Term size = b.unsigned_integer(binary->size());
    Term refs = b.unsigned_integer(binary->data->refs.load(std::memory_order_relaxed));
    list = b.cons(b.tuple({address, size, refs}), list);
  }
  return list;
}

Term binaries_info(Process& p, EtsTable& t) {
  Term list = Term::nil();
  each_object(t, [&](EtsObject* o) { list = add_binaries(p, *o, list); });
  return list;
}

// {Buckets, mean, standard deviation, expected deviation, shortest, longest chain, dead, shards}
Term stats_info(Process& p, EtsTable& t) {
  if (t.ordered()) return am::false_;
  u64 buckets = 0;
  u64 objects = 0;
  u64 dead = 0;
  u64 shortest = ~u64{0};
  u64 longest = 0;
  double squares = 0;
  for (u32 s = 0; s < t.shard_count; s++) {
    SharedGuard lock(t.shards[s]->lock);
    HashStore& store = t.shards[s]->store;
    for (u32 i = 0; i < store.buckets(); i++) {
      u64 n = 0;
      for (EtsObject* o = store.bucket(i); o != nullptr; o = o->next) {
        n++;
        dead += o->dead;
      }
      buckets++;
      objects += n;
      squares += static_cast<double>(n) * static_cast<double>(n);
      shortest = std::min(shortest, n);
      longest = std::max(longest, n);
    }
  }
  double mean = static_cast<double>(objects) / static_cast<double>(buckets);
  double deviation =
      std::sqrt(std::max(0.0, squares / static_cast<double>(buckets) - mean * mean));
  double expected = std::sqrt(mean * (1 - 1.0 / static_cast<double>(buckets)));
  Builder b = p.reserve_nogc(tuple_words(8) + 3 * kFloatWords);
  Term f1 = b.floating(mean);
  Term f2 = b.floating(deviation);
  Term f3 = b.floating(expected);
  auto small = [](u64 v) { return Term::small(static_cast<i64>(v)); };
  return b.tuple({small(buckets), f1, f2, f3, small(shortest), small(longest), small(dead),
                  small(t.shard_count)});
}

Term fixers_info(Process& p, EtsTable& t, bool timestamp) {
  std::vector<EtsFixer> fixers;
  i64 since;
  {
    Guard meta(t.meta);
    fixers = t.fixers;
    since = t.fix_monotonic_ns;
  }
  if (fixers.empty()) return am::false_;
  i64 at = erlang_monotonic_ns() - (os_monotonic_ns() - since);
  Builder b = p.reserve_nogc(fixers.size() * (kConsWords + tuple_words(2)) + tuple_words(2) +
                             tuple_words(3) + kIntegerWords);
  Term list = Term::nil();
  for (size_t i = fixers.size(); i-- > 0;) {
    list = b.cons(b.tuple({fixers[i].pid, Term::small(fixers[i].count)}), list);
  }
  Term time;
  if (timestamp) {
    i64 us = (at + erlang_time_offset_ns()) / 1000;
    time = b.tuple({Term::small(us / 1'000'000'000'000), Term::small(us / 1'000'000 % 1'000'000),
                    Term::small(us % 1'000'000)});
  } else {
    time = b.integer(at);
  }
  return b.tuple({time, list});
}

// none(): no such item.
Term info_item(Process& p, EtsTable& t, Term item) {
  const EtsOptions& o = t.options;
  if (item == am::size) return Term::small(static_cast<i64>(t.size()));
  if (item == am::type) return type_atom(o.type);
  if (item == am::memory) return Term::small(static_cast<i64>(t.memory_words()));
  if (item == am::owner) return t.owner_pid();
  if (item == am::name) return t.name_term();
  if (item == am::named_table) return am_bool(o.named);
  if (item == am::node) return this_node()->name;
  if (item == am::keypos) return Term::small(o.keypos);
  if (item == am::protection) return protection_atom(t.protection.load(std::memory_order_relaxed));
  if (item == am::compressed) return am_bool(o.compressed);
  if (item == am::read_concurrency) return am_bool(o.read_concurrency);
  if (item == am::write_concurrency) {
    if (o.debug_locks != 0) {
      Builder b = p.reserve_nogc(tuple_words(2));
      return b.tuple({debug_locks_atom(), Term::small(o.debug_locks)});
    }
    return o.write_concurrency_auto ? am::auto_ : am_bool(o.write_concurrency);
  }
  if (item == am::decentralized_counters) return am_bool(o.decentralized_counters);
  if (item == am::heir) {
    Guard meta(t.meta);
    return t.heir.is_none() ? am::none : t.heir;
  }
  if (item == am::id) {
    Builder b = p.reserve_nogc(kMagicRefWords);
    return b.magic_reference(t.tid);
  }
  if (item == am::fixed) return am_bool(t.is_fixed());
  if (item == am::safe_fixed) return fixers_info(p, t, true);
  if (item == am::safe_fixed_monotonic_time) return fixers_info(p, t, false);
  if (item == am::binary) return binaries_info(p, t);
  if (item == am::stats) return stats_info(p, t);
  return Term::none();
}

}  // namespace

BifResult ets_info_1(Process& p, Term* args) {
  Term cause;
  EtsTable* t = ets_table(p, args[0], EtsAccess::Any, &cause);
  if (t == nullptr) {
    if (cause == am::id && (args[0].is_atom() || ets_tid_of(args[0]) != nullptr)) return am::undefined;
    return raise_badarg_cause(p, cause);
  }
  const Term items[] = {am::id,
                        am::decentralized_counters,
                        am::read_concurrency,
                        am::write_concurrency,
                        am::compressed,
                        am::memory,
                        am::owner,
                        am::heir,
                        am::name,
                        am::size,
                        am::node,
                        am::named_table,
                        am::type,
                        am::keypos,
                        am::protection};
  Term list = Term::nil();
  for (size_t i = std::size(items); i-- > 0;) {
    Term value = info_item(p, *t, items[i]);
    Builder b = p.reserve_nogc(kConsWords + tuple_words(2));
    list = b.cons(b.tuple({items[i], value}), list);
  }
  return list;
}

BifResult ets_info_2(Process& p, Term* args) {
  Term cause;
  EtsTable* t = ets_table(p, args[0], EtsAccess::Any, &cause);
  if (t == nullptr) {
    if (cause == am::id && (args[0].is_atom() || ets_tid_of(args[0]) != nullptr)) return am::undefined;
    return raise_badarg_cause(p, cause);
  }
  Term value = args[1].is_atom() ? info_item(p, *t, args[1]) : Term::none();
  return value.is_none() ? raise_badarg(p) : BifResult(value);
}

BifResult erts_internal_ets_super_user_1(Process& p, Term* args) {
  if (!is_bool(args[0])) return raise_badarg(p);
  p.flags = args[0] == am::true_ ? p.flags | kFlagEtsSuperUser : p.flags & ~u32{kFlagEtsSuperUser};
  return am::ok;
}

// The binaries of the objects with a key.
BifResult erts_internal_ets_lookup_binary_info_2(Process& p, Term* args) {
  ETS_TABLE(Read);
  u32 hash = ets_key_hash(t, args[1]);
  EtsKeyGuard guard(t, hash, false);
  if (!guard.alive) return ets_gone(p);
  Term list = Term::nil();
  for (EtsObject* o = ets_find(t, args[1], hash); o != nullptr; o = ets_same_key_next(t, o)) {
    list = add_binaries(p, *o, list);
  }
  return list;
}

}  // namespace lintel
