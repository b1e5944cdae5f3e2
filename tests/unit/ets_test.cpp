// Tables through their BIFs, with a collector that moves everything at random, against a model in
// ordinary C++ containers; and several threads on one table.
#include <algorithm>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "tests/unit/bif_runner.h"
#include "vm/base/quiesce.h"
#include "vm/ets/match_spec.h"
#include "vm/ets/table.h"
#include "vm/proc/exception.h"
#include "vm/proc/process_table.h"
#include "vm/proc/unique.h"
#include "vm/term/compare.h"

namespace lintel {

#define BIF(module, function, arity, kind, cname) BifResult cname(Process&, Term*);
#include "vm/tables/bifs.def"
#undef BIF

namespace {

// Guards call these through the table, which does not bring them in.
__attribute__((used)) BifFn kept[] = {erlang_exact_equal_2, erlang_plus_2, erlang_element_2, erlang_is_atom_1};

struct EtsTest : testing::Test {
  static void SetUpTestSuite() {
    bif_process();
    static bool once = false;
    if (once) return;
    once = true;
    unique_init();
    process_table_init(1024);
    ets_init();
    ASSERT_TRUE(process_table_insert(bif_process()));
  }
};

// Calls with terms built by `build`, which gets a builder with plenty of room.
template <typename Build>
Term call(BifFn fn, Build build, i64 reds = kReductions) {
  Process& p = bif_process();
  QuiesceGuard online;
  p.live = 0;
  Fragment* f = fragment_new(4096);
  Builder b = f->builder();
  std::vector<Term> args = build(b);
  for (size_t i = 0; i < args.size(); i++) p.x[i] = args[i];
  p.attach(f);
  p.live = static_cast<u32>(args.size());
  BifResult r = bif_run(p, fn, reds);
  return r.value;
}

Term integer_key(Builder& b, int k) {
  switch (k % 4) {
    case 0: return Term::small(k);
    case 1: return b.tuple({Term::small(k), am::ok});
    case 2: return b.integer(kSmallMax + k);
    default: return b.cons(Term::small(k), Term::nil());
  }
}

Term spec(Builder& b, Term head, std::initializer_list<Term> guards, Term result) {
  Term g = Term::nil();
  for (Term t : guards) g = b.cons(t, g);
  Term clause = b.tuple({head, g, b.cons(result, Term::nil())});
  return b.cons(clause, Term::nil());
}

u64 list_length(Term t) {
  u64 n = 0;
  for (; t.is_list(); t = t.tail()) n++;
  return n;
}

Term var(const char* name) { return atom_intern(name); }

struct Table {
  Term tid_word;
  Fragment* keep;
  Term tid;
  explicit Table(std::initializer_list<Term> options, Term extra = Term::none()) {
    Term t = call(ets_new_2, [&](Builder& b) {
      Term list = Term::nil();
      if (!extra.is_none()) list = b.cons(b.tuple({extra, am::true_}), list);
      for (Term o : options) list = b.cons(o, list);
      return std::vector<Term>{am::table, list};
    });
    keep = fragment_new(copy_size(t));
    Builder b = keep->builder();
    tid = copy_term(t, b);
  }
  ~Table() {
    call(ets_delete_1, [&](Builder&) { return std::vector<Term>{tid}; }, 100);
    fragments_free(keep);
  }
};

void random_operations(std::initializer_list<Term> options, Term extra, bool bag, bool duplicates,
                       u64 seed) {
  Table table(options, extra);
  Term tid = table.tid;
  std::mt19937_64 rng(seed);
  std::map<int, std::vector<int>> model;
  bool ordered = false;
  for (Term o : options) ordered |= o == am::ordered_set;
  auto key_of = [&](Builder& b, int k) { return ordered ? integer_key(b, k) : integer_key(b, k); };
  auto object = [&](Builder& b, int k, int v) {
    Term key = key_of(b, k);
    return b.tuple({key, Term::small(v), b.cons(Term::small(k), Term::nil())});
  };
  bool fixed = false;
  for (int step = 0; step < 6000; step++) {
    int k = static_cast<int>(rng() % 300);
    int v = static_cast<int>(rng() % 5);
    switch (rng() % 12) {
      case 0:
      case 1:
      case 2:
      case 3: {
        Term r = call(ets_insert_2, [&](Builder& b) { return std::vector<Term>{tid, object(b, k, v)}; });
        ASSERT_EQ(r, am::true_);
        auto& values = model[k];
        if (!bag) {
          values = {v};
        } else if (duplicates || std::find(values.begin(), values.end(), v) == values.end()) {
          values.push_back(v);
        }
        break;
      }
      case 4: {
        Term r = call(ets_delete_2, [&](Builder& b) { return std::vector<Term>{tid, key_of(b, k)}; });
        ASSERT_EQ(r, am::true_);
        model.erase(k);
        break;
      }
      case 5: {
        Term r = call(ets_delete_object_2, [&](Builder& b) { return std::vector<Term>{tid, object(b, k, v)}; });
        ASSERT_EQ(r, am::true_);
        auto at = model.find(k);
        if (at != model.end()) {
          std::erase(at->second, v);
          if (at->second.empty()) model.erase(at);
        }
        break;
      }
      case 6:
      case 7: {
        Term r = call(rng() % 8 == 0 ? ets_take_2 : ets_lookup_2,
                      [&](Builder& b) { return std::vector<Term>{tid, key_of(b, k)}; });
        auto at = model.find(k);
        std::vector<int> want = at == model.end() ? std::vector<int>{} : at->second;
        std::vector<int> got;
        for (; r.is_list(); r = r.tail()) {
          got.push_back(static_cast<int>(tuple_element(r.head(), 1).small_value()));
        }
        ASSERT_EQ(got.size(), want.size());
        // Inside a fixed bag an object may come back in its old place.
        if (fixed) {
          std::sort(got.begin(), got.end());
          std::sort(want.begin(), want.end());
        }
        ASSERT_EQ(got, want);
        // take removed it: see what is there now.
        Term again = call(ets_member_2, [&](Builder& b) { return std::vector<Term>{tid, key_of(b, k)}; });
        if (again == am::false_) model.erase(k);
        break;
      }
      case 8: {
        Term r = call(ets_insert_new_2, [&](Builder& b) {
          Term list = b.cons(object(b, k, v), Term::nil());
          return std::vector<Term>{tid, b.cons(object(b, k + 1, v), list)};
        });
        bool want = model.count(k) == 0 && model.count(k + 1) == 0;
        ASSERT_EQ(r, am_bool(want));
        if (want) model[k] = model[k + 1] = {v};
        break;
      }
      case 9: {
        if (rng() % 10 != 0) break;
        // Everything, by keys.
        u64 n = 0;
        Term key = call(ets_first_1, [&](Builder&) { return std::vector<Term>{tid}; });
        while (key != am::end_of_table) {
          n++;
          ASSERT_LE(n, model.size());
          Term previous = key;
          Fragment* f = fragment_new(64);
          Builder fb = f->builder();
          previous = copy_term(previous, fb);
          key = call(ets_next_2, [&](Builder& b) { return std::vector<Term>{tid, copy_term(previous, b)}; });
          ASSERT_FALSE(key.is_none());
          if (ordered && key != am::end_of_table) {
            ASSERT_LT(compare(previous, key), 0);
          }
          fragments_free(f);
        }
        ASSERT_EQ(n, model.size());
        break;
      }
      case 10: {
        if (rng() % 10 != 0) break;
        // Everything, by select, in few reductions a turn.
        u64 want = 0;
        for (auto& [mk, values] : model) want += values.size();
        Term r = call(
            ets_select_2,
            [&](Builder& b) { return std::vector<Term>{tid, spec(b, var("$1"), {}, var("$_"))}; }, 20);
        ASSERT_FALSE(r.is_none());
        ASSERT_EQ(list_length(r), want);
        if (ordered) {
          for (Term l = r; l.tail().is_list(); l = l.tail()) {
            ASSERT_LT(compare(tuple_element(l.head(), 0), tuple_element(l.tail().head(), 0)), 0);
          }
        }
        Term size = call(ets_info_2, [&](Builder&) { return std::vector<Term>{tid, am::size}; });
        ASSERT_EQ(size, Term::small(static_cast<i64>(want)));
        // Counting those of one value.
        u64 of_value = 0;
        for (auto& [mk, values] : model) {
          of_value += static_cast<u64>(std::count(values.begin(), values.end(), v));
        }
        Term n = call(
            ets_select_count_2,
            [&](Builder& b) {
              Term head = b.tuple({var("_"), var("$1"), var("_")});
              return std::vector<Term>{
                  tid, spec(b, head, {b.tuple({var("=:="), var("$1"), Term::small(v)})}, am::true_)};
            },
            20);
        ASSERT_EQ(n, Term::small(static_cast<i64>(of_value)));
        // And in chunks.
        u64 seen = 0;
        Term c = call(
            ets_select_3,
            [&](Builder& b) {
              return std::vector<Term>{tid, spec(b, var("$1"), {}, var("$1")), Term::small(7)};
            },
            30);
        while (c != am::end_of_table) {
          ASSERT_TRUE(is_tuple_of(c, 2));
          u64 chunk = list_length(tuple_element(c, 0));
          ASSERT_LE(chunk, 7u);
          seen += chunk;
          Term next = tuple_element(c, 1);
          if (next == am::end_of_table) break;
          Fragment* f = fragment_new(copy_size(next));
          Builder fb = f->builder();
          Term held = copy_term(next, fb);
          c = call(ets_select_1, [&](Builder& b) { return std::vector<Term>{copy_term(held, b)}; }, 30);
          fragments_free(f);
          ASSERT_FALSE(c.is_none());
        }
        ASSERT_EQ(seen, want);
        break;
      }
      default: {
        u64 choice = rng() % 60;
        if (choice == 0) {
          Term n = call(
              ets_internal_select_delete_2,
              [&](Builder& b) {
                Term head = b.tuple({var("_"), Term::small(v), var("_")});
                return std::vector<Term>{tid, spec(b, head, {}, am::true_)};
              },
              25);
          i64 gone = 0;
          for (auto at = model.begin(); at != model.end();) {
            gone += static_cast<i64>(std::erase(at->second, v));
            at = at->second.empty() ? model.erase(at) : std::next(at);
          }
          ASSERT_EQ(n, Term::small(gone));
        } else if (choice == 1) {
          Term n = call(ets_internal_delete_all_2, [&](Builder&) { return std::vector<Term>{tid, am::undefined}; });
          i64 want = 0;
          for (auto& [mk, values] : model) want += static_cast<i64>(values.size());
          ASSERT_EQ(n, Term::small(want));
          model.clear();
        } else if (choice < 8) {
          fixed = !fixed;
          Term r = call(ets_safe_fixtable_2, [&](Builder&) { return std::vector<Term>{tid, am_bool(fixed)}; });
          ASSERT_EQ(r, am::true_);
        } else if (choice < 20 && !bag && model.count(k) != 0) {
          Term r = call(ets_update_counter_3, [&](Builder& b) {
            return std::vector<Term>{tid, key_of(b, k), b.tuple({Term::small(2), Term::small(1)})};
          });
          ASSERT_EQ(r, Term::small(++model[k][0]));
        } else if (choice < 30 && !bag) {
          Term r = call(ets_update_element_3, [&](Builder& b) {
            Term op = b.tuple({Term::small(3), b.tuple({am::ok, b.integer(kSmallMax + 1)})});
            return std::vector<Term>{tid, key_of(b, k), op};
          });
          ASSERT_EQ(r, am_bool(model.count(k) != 0));
          // Back to what objects look like.
          if (model.count(k) != 0) {
            call(ets_insert_2, [&](Builder& b) { return std::vector<Term>{tid, object(b, k, model[k][0])}; });
          }
        }
      }
    }
  }
}

TEST_F(EtsTest, Set) {
  for (u64 seed = 1; seed <= 3; seed++) random_operations({am::public_}, Term::none(), false, false, seed);
}
TEST_F(EtsTest, SetWithWriteConcurrency) {
  random_operations({am::public_}, am::write_concurrency, false, false, 4);
}
TEST_F(EtsTest, Bag) { random_operations({am::public_, am::bag}, Term::none(), true, false, 5); }
TEST_F(EtsTest, DuplicateBag) {
  random_operations({am::public_, am::duplicate_bag}, Term::none(), true, true, 6);
}
TEST_F(EtsTest, OrderedSet) {
  for (u64 seed = 7; seed <= 9; seed++) {
    random_operations({am::public_, am::ordered_set}, Term::none(), false, false, seed);
  }
}

// Keys by the hundred thousand, up, down and at random, in and out: splits and merges.
TEST_F(EtsTest, TreeShapes) {
  std::mt19937_64 rng(1);
  for (int order = 0; order < 3; order++) {
    TreeStore tree(1);
    std::vector<int> keys(20000);
    for (size_t i = 0; i < keys.size(); i++) keys[i] = static_cast<int>(i);
    if (order == 1) std::reverse(keys.begin(), keys.end());
    if (order == 2) std::shuffle(keys.begin(), keys.end(), rng);
    for (int k : keys) {
      Term words[2] = {Term::header(BoxedTag::Tuple, 1), Term::small(k)};
      tree.insert(ets_object_new(Term::boxed(words), 0));
    }
    ASSERT_EQ(tree.size(), keys.size());
    int n = 0;
    for (auto p = tree.place_first(); TreeStore::at(p) != nullptr; TreeStore::forward(p), n++) {
      ASSERT_EQ(TreeStore::at(p)->mem[1], Term::small(n));
    }
    for (auto p = tree.place_last(); TreeStore::at(p) != nullptr; TreeStore::backward(p)) {
      ASSERT_EQ(TreeStore::at(p)->mem[1], Term::small(--n));
    }
    ASSERT_EQ(n, 0);
    std::shuffle(keys.begin(), keys.end(), rng);
    std::vector<bool> present(keys.size(), true);
    for (size_t i = 0; i < keys.size(); i++) {
      ASSERT_TRUE(tree.remove(Term::small(keys[i])));
      present[static_cast<size_t>(keys[i])] = false;
      ASSERT_FALSE(tree.remove(Term::small(keys[i])));
      if (i % 1000 != 0) continue;
      for (size_t k = 0; k < present.size(); k += 37) {
        ASSERT_EQ(tree.find(Term::small(static_cast<i64>(k))) != nullptr, present[k]);
        size_t next = k + 1;
        while (next < present.size() && !present[next]) next++;
        EtsObject* o = tree.next(Term::small(static_cast<i64>(k)));
        ASSERT_EQ(o == nullptr ? present.size() : static_cast<size_t>(o->mem[1].small_value()), next);
      }
    }
    ASSERT_EQ(tree.size(), 0u);
    ASSERT_EQ(tree.memory_words(), 0u);
  }
}

// Threads with processes of their own count up the same counters: nothing is lost.
TEST_F(EtsTest, ThreadsOnOneTable) {
  for (Term extra : {Term::none(), am::write_concurrency}) {
    Table table({am::public_}, extra);
    constexpr int kThreads = 4;
    constexpr int kRounds = 20000;
    std::vector<std::thread> threads;
    for (int n = 0; n < kThreads; n++) {
      threads.emplace_back([&, n] {
        auto* p = vm_new<Process>();
        static thread_local RegisterFile registers;
        p->id = Term::pid(static_cast<u64>(5000 + n));
        p->init(kDefaultMinHeap);
        p->x = registers.x;
        p->heap_flags = 0;
        quiesce_online();
        for (int i = 0; i < kRounds; i++) {
          p->live = 0;
          Builder b = p->reserve(64);
          p->x[0] = copy_term(table.tid, b);
          Term key = b.tuple({Term::small(i % 100)});
          p->x[1] = key;
          p->x[2] = b.tuple({Term::small(2), Term::small(1)});
          p->x[3] = b.tuple({key, Term::small(0)});
          p->live = 4;
          ASSERT_FALSE(ets_update_counter_4(*p, p->x).value.is_none());
          if (i % 16 == 0) {
            Term r = ets_lookup_2(*p, p->x).value;
            ASSERT_TRUE(r.is_list());
            quiesce_point();
          }
        }
        quiesce_offline();
        p->destroy();
        vm_delete(p);
      });
    }
    for (auto& t : threads) t.join();
    i64 sum = 0;
    for (int i = 0; i < 100; i++) {
      Term r = call(ets_lookup_element_3, [&](Builder& b) {
        return std::vector<Term>{table.tid, b.tuple({Term::small(i)}), Term::small(2)};
      });
      sum += r.small_value();
    }
    EXPECT_EQ(sum, kThreads * kRounds);
  }
}

TEST_F(EtsTest, Names) {
  auto make = [](Term name) {
    return call(ets_new_2, [&](Builder& b) {
      return std::vector<Term>{name, b.cons(am::named_table, Term::nil())};
    });
  };
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 200; i++) {
      std::string name = "name" + std::to_string(round) + "_" + std::to_string(i);
      Term atom = atom_intern(name);
      ASSERT_EQ(make(atom), atom);
      ASSERT_TRUE(make(atom).is_none());
      ASSERT_TRUE(call(ets_whereis_1, [&](Builder&) { return std::vector<Term>{atom}; }).is(BoxedTag::MagicRef));
    }
    for (int i = 0; i < 200; i++) {
      Term atom = atom_intern("name" + std::to_string(round) + "_" + std::to_string(i));
      ASSERT_EQ(call(ets_delete_1, [&](Builder&) { return std::vector<Term>{atom}; }), am::true_);
      ASSERT_EQ(call(ets_whereis_1, [&](Builder&) { return std::vector<Term>{atom}; }), am::undefined);
    }
  }
  EXPECT_EQ(ets_table_count(), 0u);
}

}  // namespace
}  // namespace lintel
