// Maps: the order of large ones against the stock VM, and every change against a plain model.
#include "vm/term/map.h"

#include <algorithm>
#include <map>
#include <random>

#include "tests/unit/term_reader.h"
#include "vm/heap/debug.h"
#include "vm/heap/literals.h"
#include "vm/term/node.h"

namespace lintel {
namespace {

struct MapTest : testing::Test {
  static void SetUpTestSuite() {
    atoms_init(1048576);
    nodes_init();
    literals_init();
    // Reservations move everything at random, so that a term kept without a root faults.
    heap_debug.verify = true;
    heap_debug.zeal_per_million = 300000;
  }
};

struct TestHeap : Heap {
  TestHeap() { init(kDefaultMinHeap); }
  ~TestHeap() { destroy(); }
};

TEST_F(MapTest, OrderAgreesWithStock) {
  TermReader reader(1 << 24);
  int line_number = 0;
  for (const std::string& line : golden_lines("maps.txt")) {
    SCOPED_TRACE(++line_number);
    std::istringstream in(line);
    std::string keys_hex, order_hex;
    in >> keys_hex >> order_hex;
    std::vector<Term> kv;
    kv.reserve(2);
    for (Term l = reader.from_hex(keys_hex); l.is_list(); l = l.tail()) {
      kv.push_back(l.head());
      kv.push_back(Term::nil());
    }
    MapPlan plan(kv.data(), 2, kv.size() / 2);
    Term* before = reader.builder().top();
    Term map = plan.build(reader.builder(), kv.data(), kv.data() + 1);
    EXPECT_EQ(static_cast<u64>(reader.builder().top() - before), plan.words());
    std::vector<Term> keys;
    MapIterator it(map);
    for (Term k, v; it.next(&k, &v);) keys.push_back(k);
    ASSERT_EQ(keys.size(), map_size(map));
    // maps:keys/1 conses a large map's keys up from the first to the last.
    if (!is_flat_map(map)) std::reverse(keys.begin(), keys.end());
    Term want = reader.from_hex(order_hex);
    for (Term k : keys) {
      ASSERT_TRUE(want.is_list());
      ASSERT_TRUE(exact_equal(k, want.head()));
      want = want.tail();
    }
    EXPECT_TRUE(want.is_nil());
  }
}

Term read_map(TermReader& reader, const std::map<i64, i64>& model) {
  std::vector<Term> kv;
  kv.reserve(2);
  for (auto [k, v] : model) {
    kv.push_back(Term::small(k));
    kv.push_back(Term::small(v));
  }
  MapPlan plan(kv.data(), 2, model.size());
  return plan.build(reader.builder(), kv.data(), kv.data() + 1);
}

Term heap_map(Heap& heap, const std::map<i64, i64>& model) {
  std::vector<Term> kv;
  kv.reserve(2);
  for (auto [k, v] : model) {
    kv.push_back(Term::small(k));
    kv.push_back(Term::small(v));
  }
  return map_from_pairs(heap, kv.data(), model.size());
}

// Whatever way a map came about, it is the same as one made at once.
void expect_is(Term map, const std::map<i64, i64>& model) {
  TermReader reader(1 << 20);
  Term want = read_map(reader, model);
  ASSERT_EQ(map_size(map), model.size());
  ASSERT_TRUE(exact_equal(map, want));
  ASSERT_EQ(compare(map, want), 0);
  ASSERT_EQ(phash2(map), phash2(want));
}

// Pairs with the same 32-bit hash: they part only below the eighth level.
constexpr i64 kColliding[] = {
    388950, 892162, 409845, 625435, 392768, 707725, 407586, 710891, 924938, 968407, 412884,
    605474, 426156, 967209, 119919, 827997, 38925, 973526, 542747, 980787, 689746, 847678,
    41122, 871222, 20274, 794909, 712200, 727129, 123632, 980352, 291744, 449910, 301481,
    476133, 443705, 799104, 510333, 651095, 166184, 991206, 936750, 989364, 807409, 1010949,
    341625, 641162, 703538, 928325, 578266, 757151, 227569, 399454, 573882, 1026921, 619118,
    969902, 204599, 1026119, 125778, 601523, 691943, 908806, 886634, 990972, 213585, 753304,
    842585, 1023474, 250516, 559107, 560694, 801661, 335378, 400719, 425079, 620694, 401954,
    1001789, 159781, 810959, 195508, 874057, 171977, 387944, 108090, 915399, 43773, 709956,
    429080, 489784, 458396, 493074, 137513, 722095, 189299, 360461, 88953, 451793, 729261,
    895192, 147625, 754109, 765064, 857011, 779583, 1026388, 178207, 526538, 116763, 768277,
    198773, 280384, 196515, 454744, 332661, 919824, 78307, 641061, 598141, 608319};

TEST_F(MapTest, CollidingKeysCollide) {
  for (size_t i = 0; i < std::size(kColliding); i += 2) {
    EXPECT_EQ(map_hash(Term::small(kColliding[i])), map_hash(Term::small(kColliding[i + 1])));
  }
}

TEST_F(MapTest, RandomChangesAgainstAModel) {
  for (u32 seed = 1; seed <= 30; seed++) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    TestHeap heap;
    u32 range = seed % 3 == 0 ? 40 : seed % 3 == 1 ? 100 : 2000;
    bool colliding = seed % 5 == 0;
    if (colliding) range = std::size(kColliding);
    auto random_key = [&]() -> i64 {
      u32 k = random() % range;
      return colliding ? kColliding[k] : k;
    };
    std::map<i64, i64> model;
    LocalRoots<1> map(heap, Term::nil());
    Builder b = heap.reserve(kEmptyMapWords);
    map[0] = build_empty_map(b);
    for (int step = 0; step < 600; step++) {
      i64 k = random_key();
      i64 v = random() % 5;
      switch (random() % 8) {
        case 0:
        case 1:
        case 2:
        case 3:
          map[0] = map_put(heap, map[0], Term::small(k), Term::small(v));
          model[k] = v;
          break;
        case 4:
        case 5: {
          Term value;
          map[0] = map_take(heap, map[0], Term::small(k), &value);
          ASSERT_EQ(value, model.count(k) ? Term::small(model[k]) : Term::none());
          model.erase(k);
          break;
        }
        case 6: {
          Term t = map_update(heap, map[0], Term::small(k), Term::small(v));
          ASSERT_EQ(t.is_none(), model.count(k) == 0);
          if (!t.is_none()) {
            map[0] = t;
            model[k] = v;
          }
          break;
        }
        case 7: {
          Term kv[12];
          u64 n = 1 + random() % 6;
          for (u64 i = 0; i < n; i++) {
            i64 key = random_key();
            kv[2 * i] = Term::small(key);
            kv[2 * i + 1] = Term::small(v + static_cast<i64>(i));
            model[key] = v + static_cast<i64>(i);
          }
          map[0] = map_put_many(heap, map[0], kv, n);
          break;
        }
      }
      Term found = map_get_fast(map[0], Term::small(k));
      ASSERT_EQ(found, model.count(k) ? Term::small(model[k]) : Term::none());
      if (step % 20 == 0) expect_is(map[0], model);
      ASSERT_FALSE(HasFatalFailure());
    }
    expect_is(map[0], model);
  }
}

TEST_F(MapTest, MergeAgainstAModel) {
  std::mt19937 random(7);
  const u64 sizes[] = {0, 1, 10, 31, 32, 33, 60, 400};
  for (u64 na : sizes) {
    for (u64 nb : sizes) {
      for (u64 range : {u64{50}, u64{1000}, std::size(kColliding)}) {
        std::map<i64, i64> a, b;
        auto random_key = [&]() -> i64 {
          u64 k = random() % range;
          return range == std::size(kColliding) ? kColliding[k] : static_cast<i64>(k);
        };
        for (u64 i = 0; i < na; i++) a[random_key()] = random() % 3;
        for (u64 i = 0; i < nb; i++) b[random_key()] = random() % 3;
        TestHeap heap;
        LocalRoots<2> roots(heap);
        roots[0] = heap_map(heap, a);
        roots[1] = heap_map(heap, b);
        std::map<i64, i64> both = b;
        both.insert(a.begin(), a.end());
        expect_is(map_merge(heap, roots[0], roots[1]), both);
        EXPECT_EQ(map_merge(heap, roots[1], roots[1]), roots[1]);
      }
    }
  }
}

TEST_F(MapTest, UnchangedMapsAreReturnedAsTheyAre) {
  TestHeap heap;
  for (i64 n : {5, 32, 33, 200}) {
    std::map<i64, i64> model;
    for (i64 i = 0; i < n; i++) model[i] = i;
    Term map = heap_map(heap, model);
    EXPECT_EQ(map_put(heap, map, Term::small(3), Term::small(3)), map);
    EXPECT_EQ(map_remove(heap, map, Term::small(1000)), map);
    EXPECT_TRUE(map_update(heap, map, Term::small(1000), Term::nil()).is_none());
  }
}

TEST_F(MapTest, IntegersAndFloatsAreDifferentKeys) {
  TestHeap heap;
  TermReader reader;
  Builder& b = reader.builder();
  Term one = b.floating(1.0);
  Term kv[] = {one, Term::small(10), Term::small(1), Term::small(20), b.floating(1.0),
               Term::small(30)};
  MapPlan plan(kv, 2, 3);
  EXPECT_TRUE(plan.has_duplicates());
  Term map = plan.build(b, kv, kv + 1);
  EXPECT_EQ(map_size(map), 2u);
  EXPECT_EQ(flat_map_keys(map)[0], Term::small(1));
  EXPECT_EQ(map_get_fast(map, one), Term::small(30));
}

}  // namespace
}  // namespace lintel
