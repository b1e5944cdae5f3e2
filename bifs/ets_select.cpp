// ets: traversals by pattern. match, match_object, select, select_count, select_delete and
// select_replace are one walk with different ends; chunked ones return a continuation.
//
// A walk goes through a hash table bucket by bucket and through an ordered one by key, holding the
// lock of one shard at a time, and gives up its turn when its reductions are used. Meanwhile the
// table is fixed, and the walk's state waits in a magic reference in the argument list, with the
// results so far behind it: [State | Results]. Should the process die there, the reference's end
// lets the table go.
//
// Patterns whose key is fully given do not walk: they look up. In an ordered table whose keys are
// tuples, a key pattern that starts with given elements walks only through the keys that start so.
//
// Continuations have the stock VM's shapes, because ets:repair_continuation/2 takes them apart:
//   hash      {Table, Place, Limit, Program, Results left over, 0}       Place -1: no more to walk
//   ordered   {Table, LastKey, [], Limit, Program, [], 1 if reverse, 0}
#include <algorithm>

#include "bifs/ets_common.h"
#include "bifs/node_references.h"
#include "vm/diag/seq_trace.h"
#include "vm/ets/match_spec.h"
#include "vm/heap/copy.h"
#include "vm/proc/unique.h"
#include "vm/term/compare.h"

namespace lintel {

BifResult erlang_display_1(Process& p, Term* args);

namespace {

enum class WalkKind : u8 { Select, Count, Delete, Replace };

struct Walk {
  EtsTid* tid = nullptr;            // retained
  MatchProgram* program = nullptr;  // retained
  WalkKind kind = WalkKind::Select;
  bool reverse = false;
  bool fixed = false;
  bool ended = false;
  bool bad_result = false;  // select_replace: a body changed the key
  u64 limit = 0;            // results per chunk; 0: all
  u64 got = 0;              // results so far (of this chunk)
  u64 count = 0;            // of the other kinds
  // Where to go on: hash...
  u32 shard = 0;
  u32 bucket = 0;
  // ... ordered: beyond this key.
  bool has_key = false;
  Term last_key = Term::nil();
  Fragment* key_fragment = nullptr;

  void set_key(Term key) {
    Fragment* f = nullptr;
    if (key.is_pointer()) {
      f = fragment_new(flat_size(key));
      Builder b = f->builder();
      key = copy_term_whole(key, b);
    }
    fragments_free(key_fragment);
    key_fragment = f;
    last_key = key;
    has_key = true;
  }
  // The walk goes through the table upward in key order.
  bool upward() const {
    // Whole lists are built from the back.
    bool consing = kind == WalkKind::Select && limit == 0;
    return consing ? reverse : !reverse;
  }
};

struct WalkState : MagicData {
  Walk walk;
};

void walk_release(Walk& w) {
  if (w.fixed) {
    if (EtsTable* t = w.tid->table.load(std::memory_order_acquire)) ets_unfix(*t);
    w.fixed = false;
  }
  fragments_free(w.key_fragment);
  w.key_fragment = nullptr;
  if (w.program != nullptr) match_program_release(w.program);
  if (w.tid != nullptr) ets_tid_release(w.tid);
  w.program = nullptr;
  w.tid = nullptr;
}

void walk_state_destroy(MagicData* m) {
  auto* s = static_cast<WalkState*>(m);
  walk_release(s->walk);
  vm_delete(s);
}

}  // namespace

MatchProgram* ets_walk_program(MagicData* data) {
  return data->destroy == walk_state_destroy ? static_cast<WalkState*>(data)->walk.program : nullptr;
}

namespace {

// The waiting walk in an argument [State | Results], or null.
WalkState* waiting_walk(Term t) {
  if (!t.is_list() || !t.head().is(BoxedTag::MagicRef)) return nullptr;
  auto* data = t.head().object()[2].as_raw_pointer<MagicData>();
  return data->destroy == walk_state_destroy ? static_cast<WalkState*>(data) : nullptr;
}

// ---- what patterns say about keys ----

// The key's part of a head, '_' where it says nothing.
Term key_pattern(Term head, u32 keypos) {
  if (head.is_tuple() && tuple_arity(head) >= keypos) return tuple_element(head, keypos - 1);
  return Term::none();
}

// All heads give their key fully: the distinct keys. A head that can match no object adds none.
bool given_keys(const MatchProgram& program, const EtsTable& t, std::vector<Term>* keys) {
  for (const MatchProgram::Clause& c : program.clauses) {
    Term key = key_pattern(c.head, t.keypos());
    if (key.is_none()) {
      if (c.head.is_tuple() || match_variable(c.head) == -2) continue;
      return false;
    }
    if (!match_pattern_is_ground(key)) return false;
    bool known = false;
    for (Term k : *keys) known |= t.ordered() ? equal(k, key) : exact_equal(k, key);
    if (!known) keys->push_back(key);
    if (keys->size() > 64) return false;
  }
  return true;
}

// Keys of an ordered table that one head's key pattern may match: tuples of one arity whose first
// elements are given. `elements` 0: no such bound.
struct KeyBound {
  Term pattern = Term::none();
  u64 elements = 0;

  // Where `key` lies: below (<0), in (0) or above (>0) the run of possible keys.
  i64 place(Term key) const {
    if (!key.is_tuple()) return compare(key, pattern);
    u64 arity = tuple_arity(pattern);
    if (tuple_arity(key) != arity) return tuple_arity(key) < arity ? -1 : 1;
    for (u64 i = 0; i < elements; i++) {
      i64 c = compare(tuple_element(key, i), tuple_element(pattern, i));
      if (c != 0) return c;
    }
    return 0;
  }
};

KeyBound key_bound(const MatchProgram& program, const EtsTable& t) {
  KeyBound bound;
  if (!t.ordered() || program.clauses.size() != 1) return bound;
  Term key = key_pattern(program.clauses[0].head, t.keypos());
  if (key.is_none() || !key.is_tuple()) return bound;
  while (bound.elements < tuple_arity(key) &&
         match_pattern_is_ground(tuple_element(key, bound.elements))) {
    bound.elements++;
  }
  if (bound.elements != 0) bound.pattern = key;
  return bound;
}

// ---- one object ----

class Visitor {
 public:
  Visitor(Process& p, EtsTable& t, Walk& w, Term& results)
      : p_(p), t_(t), w_(w), results_(results), run_(*w.program, p) {}

  // What becomes of the object: for hash tables Delete asks for its removal.
  enum class Fate { Stays, Goes, Replaced };

  Fate visit(EtsObject* o, EtsObject** replacement) {
    Term subject = o->tuple();
    Term r = run_.run(subject);
    if (r.is_none()) return Fate::Stays;
    switch (w_.kind) {
      case WalkKind::Select: {
        Term copy;
        Builder b(nullptr, nullptr, nullptr);
        if (r == subject) {
          b = p_.reserve_nogc(o->words + kConsWords);
          copy = ets_object_copy(o, b);
        } else {
          b = p_.reserve_nogc(copy_size(r) + kConsWords);
          copy = copy_term(r, b);
        }
        results_ = b.cons(copy, results_);
        w_.got++;
        return Fate::Stays;
      }
      case WalkKind::Count:
        w_.count += r == am::true_;
        return Fate::Stays;
      case WalkKind::Delete:
        if (r != am::true_) return Fate::Stays;
        w_.count++;
        return Fate::Goes;
      case WalkKind::Replace: {
        Term key = o->key(t_.keypos());
        if (!r.is_tuple() || tuple_arity(r) < t_.keypos() ||
            !(t_.ordered() ? equal(tuple_element(r, t_.keypos() - 1), key)
                           : exact_equal(tuple_element(r, t_.keypos() - 1), key))) {
          w_.bad_result = true;
          return Fate::Stays;
        }
        w_.count++;
        *replacement = ets_object_new(r, o->hash);
        return Fate::Replaced;
      }
    }
    return Fate::Stays;
  }

 private:
  Process& p_;
  EtsTable& t_;
  Walk& w_;
  Term& results_;
  MatchRun run_;
};

// ---- walking ----

enum class WalkEnd { Done, ChunkFull, OutOfTurn, Gone };

bool writes(const Walk& w) { return w.kind == WalkKind::Delete || w.kind == WalkKind::Replace; }

// Applies the visitor to the chain of a bucket, or to the objects of one key in it.
void visit_chain(EtsTable& t, HashStore& store, u32 bucket, Visitor& v, Walk& w, bool one_key,
                 Term key, i64& budget) {
  if (w.kind == WalkKind::Delete) {
    store.remove_if(bucket, t.is_fixed(), [&](EtsObject* o) {
      budget--;
      if (one_key && !exact_equal(o->key(t.keypos()), key)) return false;
      return v.visit(o, nullptr) == Visitor::Fate::Goes;
    });
    return;
  }
  for (EtsObject* o = store.bucket(bucket); o != nullptr;) {
    EtsObject* next = o->next;
    budget--;
    EtsObject* fresh = nullptr;
    if (!o->dead && (!one_key || exact_equal(o->key(t.keypos()), key)) &&
        v.visit(o, &fresh) == Visitor::Fate::Replaced) {
      store.replace(o, fresh);
    }
    o = next;
  }
}

WalkEnd walk_hash(EtsTable& t, Visitor& v, Walk& w, i64& budget) {
  for (; w.shard < t.shard_count; w.shard++, w.bucket = 0) {
    EtsKeyGuard guard(t, w.shard, writes(w));
    if (!guard.alive) return WalkEnd::Gone;
    HashStore& store = t.shards[w.shard]->store;
    for (; w.bucket < store.buckets(); w.bucket++) {
      if (w.limit != 0 && w.got >= w.limit) return WalkEnd::ChunkFull;
      if (budget <= 0) return WalkEnd::OutOfTurn;
      if ((w.bucket & 7) == 0) budget--;
      if (store.bucket(w.bucket) == nullptr) continue;
      visit_chain(t, store, w.bucket, v, w, false, Term::nil(), budget);
    }
    if (w.kind == WalkKind::Delete && !t.is_fixed()) store.shrink();
  }
  return WalkEnd::Done;
}

WalkEnd look_up_keys(EtsTable& t, Visitor& v, Walk& w, const std::vector<Term>& keys, i64& budget) {
  for (Term key : keys) {
    u32 hash = ets_key_hash(t, key);
    EtsKeyGuard guard(t, hash, writes(w));
    if (!guard.alive) return WalkEnd::Gone;
    if (t.ordered()) {
      budget--;
      EtsObject* o = t.tree.find(key);
      if (o == nullptr) continue;
      EtsObject* fresh = nullptr;
      switch (v.visit(o, &fresh)) {
        case Visitor::Fate::Stays: break;
        case Visitor::Fate::Goes: t.tree.remove(key); break;
        case Visitor::Fate::Replaced: t.tree.replace(o, fresh); break;
      }
    } else {
      HashStore& store = t.shards[t.shard_of(hash)]->store;
      visit_chain(t, store, store.bucket_of(hash), v, w, true, key, budget);
      if (w.kind == WalkKind::Delete && !t.is_fixed()) store.shrink();
    }
  }
  return WalkEnd::Done;
}

WalkEnd walk_tree(EtsTable& t, Visitor& v, Walk& w, i64& budget) {
  KeyBound bound = key_bound(*w.program, t);
  bool up = w.upward();
  EtsKeyGuard guard(t, 0, writes(w));
  if (!guard.alive) return WalkEnd::Gone;
  TreeStore& tree = t.tree;
  TreeStore::Place place;
  if (w.has_key) {
    place = up ? tree.place_after(w.last_key) : tree.place_before(w.last_key);
  } else if (bound.elements == 0) {
    place = up ? tree.place_first() : tree.place_last();
  } else if (up) {
    place = tree.place_where([&](Term key) { return bound.place(key) < 0; });
  } else {
    place = tree.place_where([&](Term key) { return bound.place(key) <= 0; });
    if (TreeStore::at(place) == nullptr) {
      place = tree.place_last();
    } else {
      TreeStore::backward(place);
    }
  }
  EtsObject* last = nullptr;
  WalkEnd end = WalkEnd::Done;
  while (EtsObject* o = TreeStore::at(place)) {
    if (bound.elements != 0) {
      i64 c = bound.place(o->key(t.keypos()));
      if (up ? c > 0 : c < 0) break;
    }
    if (w.limit != 0 && w.got >= w.limit) {
      end = WalkEnd::ChunkFull;
      break;
    }
    if (budget <= 0) {
      end = WalkEnd::OutOfTurn;
      break;
    }
    budget--;
    EtsObject* fresh = nullptr;
    switch (v.visit(o, &fresh)) {
      case Visitor::Fate::Stays:
        last = o;
        up ? TreeStore::forward(place) : TreeStore::backward(place);
        break;
      case Visitor::Fate::Replaced:
        tree.replace(o, fresh);
        last = fresh;
        up ? TreeStore::forward(place) : TreeStore::backward(place);
        break;
      case Visitor::Fate::Goes: {
        w.set_key(o->key(t.keypos()));
        tree.remove(w.last_key);
        last = nullptr;
        place = up ? tree.place_after(w.last_key) : tree.place_before(w.last_key);
        break;
      }
    }
  }
  // A full chunk has a continuation even where nothing comes after it.
  if (end == WalkEnd::Done && w.limit != 0 && w.got >= w.limit && last != nullptr) end = WalkEnd::ChunkFull;
  if (end != WalkEnd::Done && last != nullptr) w.set_key(last->key(t.keypos()));
  return end;
}

// ---- results ----

Term reversed(Process& p, Term list) {
  u64 n = 0;
  for (Term l = list; l.is_list(); l = l.tail()) n++;
  Builder b = p.reserve_nogc(n * kConsWords);
  Term out = Term::nil();
  for (; list.is_list(); list = list.tail()) out = b.cons(list.head(), out);
  return out;
}

Term program_out(Process& p, MatchProgram* m) {
  Builder b = p.reserve_nogc(kMagicRefWords);
  return b.magic_reference(m);
}

// {Results, Continuation} or '$end_of_table'. The chunk may have more results than the limit (a
// bucket is visited as a whole); the newest ones are kept for the next.
BifResult chunk_result(Process& p, EtsTable& t, Term table_arg, Walk& w, Term results) {
  Term left_over = Term::nil();
  u64 got = w.got;
  for (; got > w.limit; got--) {
    Builder b = p.reserve_nogc(kConsWords);
    left_over = b.cons(results.head(), left_over);
    results = results.tail();
  }
  if (results.is_nil()) return am::end_of_table;
  if (t.ordered()) {
    results = reversed(p, results);
    left_over = reversed(p, left_over);
  }
  Term next = am::end_of_table;
  if (!w.ended || !left_over.is_nil()) {
    Term program = program_out(p, w.program);
    if (table_arg.is_none()) {  // not known any more after a turn was given up
      Builder b = p.reserve_nogc(kEtsIdWords);
      table_arg = ets_table_id(t, b);
    }
    if (t.ordered() && w.has_key) {
      Builder b = p.reserve_nogc(copy_size(w.last_key) + tuple_words(8));
      Term key = copy_term(w.last_key, b);
      next = b.tuple({table_arg, key, Term::nil(), Term::small(static_cast<i64>(w.limit)), program,
                      Term::nil(), Term::small(w.reverse), Term::small(0)});
    } else {
      i64 place = w.ended ? -1 : static_cast<i64>(u64{w.shard} << 32 | w.bucket);
      Builder b = p.reserve_nogc(tuple_words(6));
      next = b.tuple({table_arg, Term::small(place), Term::small(static_cast<i64>(w.limit)),
                      program, left_over, Term::small(0)});
    }
  }
  Builder b = p.reserve_nogc(tuple_words(2));
  return b.tuple({results, next});
}

BifResult walk_result(Process& p, EtsTable& t, Term table_arg, Walk& w, Term results) {
  if (w.kind != WalkKind::Select) return Term::small(static_cast<i64>(w.count));
  if (w.limit != 0) return chunk_result(p, t, table_arg, w, results);
  return results;
}

// Walks for one turn. `args` are the BIF's; args[state_at] is where a waiting walk goes. The walk is
// taken over, or is the one in `waiting`.
BifResult walk_on(Process& p, Term* args, u32 arity, u32 state_at, Term table_arg, Walk& w,
                  WalkState* waiting, Term results) {
  EtsTable* t = w.tid->table.load(std::memory_order_acquire);
  auto finish = [&](BifResult r) {
    if (waiting == nullptr) {
      walk_release(w);
    } else if (w.fixed) {
      if (t != nullptr) ets_unfix(*t);
      w.fixed = false;
    }
    return r;
  };
  if (t == nullptr) return finish(ets_gone(p));
  i64 budget = std::max<i64>(p.reds, 50);
  i64 before = budget;
  WalkEnd end;
  if (w.ended) {
    end = WalkEnd::Done;
  } else {
    Visitor v(p, *t, w, results);
    std::vector<Term> keys;
    bool fresh = !w.has_key && w.shard == 0 && w.bucket == 0;
    if (fresh && given_keys(*w.program, *t, &keys)) {
      if (t->ordered()) {
        bool up = w.upward();
        std::sort(keys.begin(), keys.end(), [&](Term a, Term b) {
          return up ? compare(a, b) < 0 : compare(a, b) > 0;
        });
      }
      end = look_up_keys(*t, v, w, keys, budget);
    } else {
      end = t->ordered() ? walk_tree(*t, v, w, budget) : walk_hash(*t, v, w, budget);
    }
  }
  p.bump_reductions(before - budget);
  if (w.bad_result) return finish(raise_badarg(p));
  switch (end) {
    case WalkEnd::Gone: return finish(ets_gone(p));
    case WalkEnd::Done:
      w.ended = true;
      return finish(walk_result(p, *t, table_arg, w, results));
    case WalkEnd::ChunkFull: return finish(walk_result(p, *t, table_arg, w, results));
    case WalkEnd::OutOfTurn: break;
  }
  Term reference;
  if (waiting == nullptr) {
    if (!w.fixed) {
      ets_fix(*t);
      w.fixed = true;
    }
    auto* s = vm_new<WalkState>();
    s->destroy = walk_state_destroy;
    s->numbers = make_magic_ref_numbers();
    s->walk = w;
    Builder b = p.reserve_nogc(kMagicRefWords);
    reference = b.magic_reference(s);
  } else {
    reference = args[state_at].head();
  }
  Builder b = p.reserve_nogc(kConsWords);
  Term state = b.cons(reference, results);
  switch (arity) {
    case 1: return yield_again(p, {state});
    case 2: return yield_again(p, {args[0], state});
    default: return yield_again(p, {args[0], state, args[2]});
  }
}

bool limit_of(Term t, u64* limit) {
  if (!t.is_small() || t.small_value() < 1) return false;
  *limit = static_cast<u64>(t.small_value());
  return true;
}

enum class Spec { Given, Match, MatchObject };

// [{Pattern, [], ['$$' or '$_']}] as a program.
MatchProgram* pattern_program(Term pattern, Spec spec) {
  static const Term whole = atom_intern("$_");
  static const Term variables = atom_intern("$$");
  Fragment* f = fragment_new(tuple_words(3) + 2 * kConsWords);
  Builder b = f->builder();
  Term body = b.cons(spec == Spec::Match ? variables : whole, Term::nil());
  Term list = b.cons(b.tuple({pattern, Term::nil(), body}), Term::nil());
  MatchProgram* m = match_spec_compile(list, nullptr);
  fragments_free(f);
  return m;
}

// The start or a later turn of a walk whose BIF has (Table, Spec) or (Table, Spec, Limit).
template <u32 kArity>
BifResult walk(Process& p, Term* args, WalkKind kind, Spec spec, bool reverse) {
  if (WalkState* s = waiting_walk(args[1])) {
    return walk_on(p, args, kArity, 1, args[0], s->walk, s, args[1].tail());
  }
  Term cause;
  EtsTable* t = ets_table(p, args[0],
                          kind == WalkKind::Select || kind == WalkKind::Count ? EtsAccess::Read
                                                                             : EtsAccess::Write,
                          &cause);
  if (t == nullptr) return raise_badarg_cause(p, cause);
  Walk w;
  w.kind = kind;
  w.reverse = reverse;
  if (kArity == 3 && !limit_of(args[2], &w.limit)) return raise_badarg(p);
  MatchProgram* m = spec == Spec::Given ? match_spec_compile(args[1], nullptr)
                                        : pattern_program(args[1], spec);
  if (m == nullptr) return raise_badarg(p);
  match_program_retain(m);
  w.program = m;
  t->tid->refs.fetch_add(1, std::memory_order_relaxed);
  w.tid = t->tid;
  return walk_on(p, args, kArity, 1, args[0], w, nullptr, Term::nil());
}

// select/1 and friends: a continuation, or a waiting walk.
BifResult walk_continuation(Process& p, Term* args) {
  if (WalkState* s = waiting_walk(args[0])) {
    return walk_on(p, args, 1, 0, Term::none(), s->walk, s, args[0].tail());
  }
  Term c = args[0];
  if (c == am::end_of_table) return c;
  bool hash = is_tuple_of(c, 6);
  if (!hash && !is_tuple_of(c, 8)) return raise_badarg(p);
  Walk w;
  MatchProgram* m = match_program_of(tuple_element(c, hash ? 3 : 4));
  if (m == nullptr || !limit_of(tuple_element(c, hash ? 2 : 3), &w.limit)) return raise_badarg(p);
  Term results = Term::nil();
  if (hash) {
    Term place = tuple_element(c, 1);
    if (!place.is_small()) return raise_badarg(p);
    if (place.small_value() < 0) {
      w.ended = true;
    } else {
      w.shard = static_cast<u32>(place.small_value() >> 32);
      w.bucket = static_cast<u32>(place.small_value());
    }
    results = tuple_element(c, 4);
    Term l = results;
    for (; l.is_list(); l = l.tail()) w.got++;
    if (!l.is_nil()) return raise_badarg(p);
  } else {
    w.reverse = tuple_element(c, 6) == Term::small(1);
  }
  Term cause;
  EtsTable* t = ets_table(p, tuple_element(c, 0), EtsAccess::Read, &cause);
  if (t == nullptr) return raise_badarg_cause(p, cause);
  if (t->ordered() == hash && !(hash && w.ended)) return raise_badarg(p);
  if (!hash) w.set_key(tuple_element(c, 1));
  match_program_retain(m);
  w.program = m;
  t->tid->refs.fetch_add(1, std::memory_order_relaxed);
  w.tid = t->tid;
  if (w.got >= w.limit) {
    // The results that were left over make a chunk by themselves.
    BifResult r = walk_result(p, *t, tuple_element(c, 0), w, results);
    walk_release(w);
    return r;
  }
  return walk_on(p, args, 1, 0, tuple_element(c, 0), w, nullptr, results);
}

}  // namespace

BifResult ets_select_2(Process& p, Term* args) {
  return walk<2>(p, args, WalkKind::Select, Spec::Given, false);
}
BifResult ets_select_3(Process& p, Term* args) {
  return walk<3>(p, args, WalkKind::Select, Spec::Given, false);
}
BifResult ets_select_reverse_2(Process& p, Term* args) {
  return walk<2>(p, args, WalkKind::Select, Spec::Given, true);
}
BifResult ets_select_reverse_3(Process& p, Term* args) {
  return walk<3>(p, args, WalkKind::Select, Spec::Given, true);
}
BifResult ets_match_2(Process& p, Term* args) {
  return walk<2>(p, args, WalkKind::Select, Spec::Match, false);
}
BifResult ets_match_3(Process& p, Term* args) {
  return walk<3>(p, args, WalkKind::Select, Spec::Match, false);
}
BifResult ets_match_object_2(Process& p, Term* args) {
  return walk<2>(p, args, WalkKind::Select, Spec::MatchObject, false);
}
BifResult ets_match_object_3(Process& p, Term* args) {
  return walk<3>(p, args, WalkKind::Select, Spec::MatchObject, false);
}
BifResult ets_select_1(Process& p, Term* args) { return walk_continuation(p, args); }
BifResult ets_select_reverse_1(Process& p, Term* args) { return walk_continuation(p, args); }
BifResult ets_match_1(Process& p, Term* args) { return walk_continuation(p, args); }
BifResult ets_match_object_1(Process& p, Term* args) { return walk_continuation(p, args); }

BifResult ets_select_count_2(Process& p, Term* args) {
  return walk<2>(p, args, WalkKind::Count, Spec::Given, false);
}
BifResult ets_internal_select_delete_2(Process& p, Term* args) {
  return walk<2>(p, args, WalkKind::Delete, Spec::Given, false);
}

namespace {

// Whether a clause of select_replace can be seen to leave the key as it is.
bool keeps_key(Term clause, u32 keypos) {
  if (!is_tuple_of(clause, 3)) return false;
  Term head = tuple_element(clause, 0);
  Term body = tuple_element(clause, 2);
  if (!body.is_list()) return false;
  while (body.tail().is_list()) body = body.tail();
  Term last = body.head();
  if (last.is_atom()) {
    return atom_name(last) == "$_" || (match_variable(last) >= 0 && last == head);
  }
  if (!last.is_tuple()) return false;
  Term key = key_pattern(head, keypos);
  if (is_tuple_of(last, 2) && tuple_element(last, 0).is_atom() &&
      atom_name(tuple_element(last, 0)) == "const") {
    Term object = tuple_element(last, 1);
    return !key.is_none() && match_pattern_is_ground(key) && object.is_tuple() &&
           tuple_arity(object) >= keypos && exact_equal(tuple_element(object, keypos - 1), key);
  }
  if (!is_tuple_of(last, 1) || !tuple_element(last, 0).is_tuple()) return false;
  Term object = tuple_element(last, 0);
  if (tuple_arity(object) < keypos) return false;
  Term new_key = tuple_element(object, keypos - 1);
  if (match_variable(new_key) >= 0) return new_key == key;
  if (is_tuple_of(new_key, 3) && tuple_element(new_key, 0) == am::element &&
      tuple_element(new_key, 1) == Term::small(keypos)) {
    Term of = tuple_element(new_key, 2);
    return of.is_atom() && (atom_name(of) == "$_" || (match_variable(of) >= 0 && of == head));
  }
  if (key.is_none() || !match_pattern_is_ground(key)) return false;
  if (is_tuple_of(new_key, 2) && tuple_element(new_key, 0).is_atom() &&
      atom_name(tuple_element(new_key, 0)) == "const") {
    return exact_equal(tuple_element(new_key, 1), key);
  }
  if (is_tuple_of(new_key, 1) && tuple_element(new_key, 0).is_tuple()) {
    return exact_equal(tuple_element(new_key, 0), key);
  }
  return !new_key.is_tuple() && exact_equal(new_key, key);
}

}  // namespace

BifResult ets_select_replace_2(Process& p, Term* args) {
  if (waiting_walk(args[1]) == nullptr) {
    ETS_TABLE(Write);
    if (t.options.type == EtsType::Bag) return raise_badarg_cause(p, am::table_type);
    for (Term l = args[1]; l.is_list(); l = l.tail()) {
      if (!keeps_key(l.head(), t.keypos())) return raise_badarg(p);
    }
  }
  return walk<2>(p, args, WalkKind::Replace, Spec::Given, false);
}

// ---- compiled specifications ----

BifResult ets_match_spec_compile_1(Process& p, Term* args) {
  MatchProgram* m = args[0].is_nil() ? nullptr : match_spec_compile(args[0], nullptr);
  if (m == nullptr) return raise_badarg(p);
  Builder b = p.reserve_nogc(kMagicRefWords);
  return b.magic_reference(m);
}

BifResult ets_is_compiled_ms_1(Process& p, Term* args) {
  return am_bool(match_program_of(args[0]) != nullptr);
}

// Results in front of args[2], the last first.
BifResult ets_match_spec_run_r_3(Process& p, Term* args) {
  MatchProgram* m = match_program_of(args[1]);
  if (m == nullptr) return raise_badarg(p);
  Term list = args[0];
  Term results = args[2];
  i64 budget = std::max<i64>(p.reds, 50);
  {
    MatchRun run(*m, p);
    for (; list.is_list() && budget > 0; list = list.tail(), budget--) {
      Term subject = list.head();
      Term r = run.run(subject);
      if (r.is_none()) continue;
      if (r == subject) {
        results = p.reserve_nogc(kConsWords).cons(r, results);
      } else {
        Builder b = p.reserve_nogc(copy_size(r) + kConsWords);
        Term copy = copy_term(r, b);
        results = b.cons(copy, results);
      }
    }
  }
  p.bump_reductions(std::max<i64>(p.reds, 50) - budget);
  if (list.is_list()) return yield_again(p, {list, args[1], results});
  if (!list.is_nil()) return raise_badarg(p);
  return results;
}

namespace {

// Actions that a test run only notes.
struct TestActions final : MatchActions {
  Term message = am::true_;
  bool return_trace = false;
  bool exception_trace = false;

  Term perform(MatchAction action, Process& p, const Term* args, u32 count) override {
    switch (action) {
      case MatchAction::Message: message = args[0]; return am::true_;
      case MatchAction::ReturnTrace: return_trace = true; return am::true_;
      case MatchAction::ExceptionTrace: exception_trace = true; return am::true_;
      case MatchAction::Display: {
        Term shown = args[0];
        return erlang_display_1(p, &shown).value;
      }
      case MatchAction::GetTcw: return Term::small(0);
      case MatchAction::SetTcw: return args[0].is_integer() ? Term::small(0) : Term::none();
      case MatchAction::GetSeqToken: return seq_trace_token_copy(p);
      case MatchAction::IsSeqTrace: return am_bool((p.trace_flags & kTraceHasToken) != 0);
      case MatchAction::Trace: return am::false_;
      case MatchAction::Caller:
      case MatchAction::CallerLine:
      case MatchAction::ProcessDump: return am::undefined;
      // What the token has now of what would be set.
      case MatchAction::SetSeqToken: return args[0].is_atom() ? seq_trace_info(p, args[0]) : Term::none();
      case MatchAction::EnableTrace:
      case MatchAction::DisableTrace:
      case MatchAction::Silent: return am::true_;
    }
    return am::true_;
  }
};

Term error_list(Process& p, const MatchErrors& errors) {
  Term list = Term::nil();
  for (size_t i = errors.texts.size(); i-- > 0;) {
    const std::string& text = errors.texts[i];
    Builder b = p.reserve_nogc(text.size() * kConsWords + tuple_words(2) + kConsWords);
    Term chars = Term::nil();
    for (size_t k = text.size(); k-- > 0;) {
      chars = b.cons(Term::small(static_cast<u8>(text[k])), chars);
    }
    list = b.cons(b.tuple({am::error, chars}), list);
  }
  return list;
}

}  // namespace

// {ok, Result, Flags, []} or {error, [{error, Text}]}.
BifResult erlang_match_spec_test_3(Process& p, Term* args) {
  bool trace = args[2] == am::trace;
  if (!trace && args[2] != am::table) return raise_badarg(p);
  if (trace && !args[0].is_list() && !args[0].is_nil()) return raise_badarg(p);
  MatchErrors errors;
  MatchProgram* m =
      match_spec_compile(args[1].is_nil() ? am::nil_ : args[1], &errors, trace ? MatchUse::Trace : MatchUse::Table);
  if (m == nullptr) {
    Term list = error_list(p, errors);
    return p.reserve_nogc(tuple_words(2)).tuple({am::error, list});
  }
  match_program_retain(m);
  Term result;
  TestActions actions;
  {
    MatchRun run(*m, p, &actions);
    Term r = run.run(args[0]);
    if (trace && !r.is_none()) r = actions.message;
    result = r.is_none() ? am::false_ : ets_copy_term_out(p, r);
  }
  match_program_release(m);
  Builder b = p.reserve_nogc(tuple_words(4) + 2 * kConsWords);
  Term flags = Term::nil();
  if (actions.exception_trace) flags = b.cons(am::exception_trace, flags);
  if (actions.return_trace) flags = b.cons(am::return_trace, flags);
  return b.tuple({am::ok, result, flags, Term::nil()});
}

}  // namespace lintel
