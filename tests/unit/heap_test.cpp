// Heaps, the collector and the copier against an independent model: every term that a test builds
// has a shadow, a node of a graph in ordinary C++ memory. After collections and copies the terms
// must still look like their shadows, shared objects must still be shared (not in copies), and at the
// end every binary and magic object must have been let go exactly once.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "vm/heap/copy.h"
#include "vm/heap/debug.h"
#include "vm/heap/heap.h"
#include "vm/heap/literals.h"
#include "vm/heap/off_heap.h"
#include "vm/heap/verify.h"

using namespace lintel;

namespace {

struct Shadow {
  Term immediate = Term::nil();  // when it has no kids and no object
  BoxedTag tag{};
  bool is_list = false;
  bool is_object = false;
  u64 payload = 0;        // numbers and first bytes, sizes
  u64 offset = 0;         // of sub binaries
  u64 tree_words = 1;     // size when all sharing is lost, an estimate
  std::vector<u32> kids;
};

int live_binaries = 0;
int live_magics = 0;

struct CountedMagic : MagicData {};

class World {
 public:
  static constexpr u32 kSlots = 48;

  explicit World(u64 seed) : rng_(seed), roots_(heap_) {
    heap_.min_heap_words = 233;
    heap_.init(0);
    heap_.x = x_;
    heap_.live = 8;
    for (auto& x : x_) x = Term::nil();
    Shadow nil;
    shadows_.push_back(nil);
    slot_shadow_.assign(kSlots, 0);
    x_shadow_.assign(8, 0);
  }
  ~World() {
    heap_.local_roots = nullptr;
    if (heap_.start != nullptr) heap_.destroy();
  }

  Heap heap_;

  u64 random(u64 n) { return std::uniform_int_distribution<u64>(0, n - 1)(rng_); }

  // One random thing: build, forget, push, pop, collect.
  void step() {
    switch (random(40)) {
      case 0:
        if (random(6) == 0) heap_.collect_major(random(100));
        break;
      case 1:
        if (random(4) == 0) heap_.collect(random(100));
        break;
      case 2: push(); break;
      case 3: push(); break;
      case 4: pop(); break;
      case 5: pop(); break;
      case 6: {
        u32 s = static_cast<u32>(random(kSlots));
        roots_[s] = Term::nil();
        slot_shadow_[s] = 0;
        break;
      }
      case 7: {
        u32 s = static_cast<u32>(random(kSlots));
        u32 r = static_cast<u32>(random(8));
        x_[r] = roots_[s];
        x_shadow_[r] = slot_shadow_[s];
        break;
      }
      case 8: receive_copy(); break;
      case 9:
        if (heap_.stack_words() == 0 && random(5) == 0) heap_.hibernate();
        break;
      default: build(); break;
    }
  }

  void check() {
    seen_.clear();
    back_.clear();
    for (u32 i = 0; i < kSlots; i++) compare(roots_[i], slot_shadow_[i], true);
    for (u32 i = 0; i < 8; i++) compare(x_[i], x_shadow_[i], true);
    size_t n = stack_shadow_.size();
    Term* p = heap_.sp;
    for (size_t i = 0; i < n; i++) {
      i64 shadow = stack_shadow_[n - 1 - i];
      if (shadow >= 0) {
        compare(p[i], static_cast<u32>(shadow), true);
      } else {
        ASSERT_EQ(p[i].bits(), static_cast<Word>(-shadow));
      }
    }
    heap_verify(heap_);
  }

  // Copies slot i out and in again and looks at the copy.
  void check_copy() {
    u32 s = static_cast<u32>(random(kSlots));
    if (shadows_[slot_shadow_[s]].tree_words > 50000 || !copyable(slot_shadow_[s])) return;
    Term t = roots_[s];
    u64 words = copy_size(t);
    Fragment* f = fragment_new(words);
    Builder b = f->builder();
    Term c = copy_term(t, b);
    ASSERT_EQ(f->used_words(), words);
    ASSERT_EQ(copy_size(c), words);
    seen_.clear();
    back_.clear();
    compare(c, slot_shadow_[s], false);
    fragments_free(f);
    u64 whole = flat_size(t);
    LiteralArea* area = literal_area_new(whole);
    Builder lb = area->builder();
    Term l = copy_term_whole(t, lb);
    ASSERT_EQ(area->top, area->end);
    ASSERT_EQ(copy_size(l), 0u);
    compare(l, slot_shadow_[s], false);
    if (!l.is_pointer() || random(2) == 0) {
      literal_area_free(area);
      return;
    }
    // Live with the literal for a while, then lose the area under the heap's feet.
    roots_[s] = l;
    slot_shadow_[s] = clone(slot_shadow_[s]);  // a tree
    for (int i = 0; i < 30; i++) build();
    heap_.collect_with_literal_area(*area);
    literal_area_free(area);
    heap_.collect(0);
  }

 private:
  struct Pick {
    Term term;
    u32 shadow;
  };
  Pick pick() {
    u32 i = static_cast<u32>(random(kSlots + 8));
    return i < kSlots ? Pick{roots_[i], slot_shadow_[i]}
                      : Pick{x_[i - kSlots], x_shadow_[i - kSlots]};
  }
  u32 add(Shadow s) {
    for (u32 k : s.kids) s.tree_words += shadows_[k].tree_words;
    shadows_.push_back(std::move(s));
    return static_cast<u32>(shadows_.size() - 1);
  }
  void put(Term t, u32 shadow) {
    u32 s = static_cast<u32>(random(kSlots));
    roots_[s] = t;
    slot_shadow_[s] = shadow;
  }
  bool copyable(u32 shadow) const {
    const Shadow& s = shadows_[shadow];
    if (s.is_object && s.tag == BoxedTag::MatchCtx) return false;
    for (u32 k : s.kids) {
      if (!copyable(k)) return false;
    }
    return true;
  }

  void build() {
    Shadow s;
    s.is_object = true;
    u64 kind = random(16);
    switch (kind) {
      case 0:
        s.is_object = false;
        s.immediate = Term::small(static_cast<i64>(random(1000)));
        return put(s.immediate, add(s));
      case 1: {
        Builder b = heap_.reserve(2);
        s.tag = BoxedTag::Float;
        s.payload = random(1u << 30);
        return put(b.floating(static_cast<double>(s.payload)), add(s));
      }
      case 2: {
        u64 limbs = 1 + random(5);
        Builder b = heap_.reserve(1 + limbs);
        s.tag = BoxedTag::BigNeg;
        s.payload = rng_();
        Term* o = b.alloc(1 + limbs);
        o[0] = Term::header(BoxedTag::BigNeg, limbs);
        for (u64 i = 1; i <= limbs; i++) o[i] = Term(s.payload + i);
        s.offset = limbs;
        return put(Term::boxed(o), add(s));
      }
      case 3:
      case 4:
      case 5: {
        u64 arity = random(10) == 0 ? random(60) : random(5);
        s.tag = kind == 3 ? BoxedTag::FlatMap : kind == 4 ? BoxedTag::HamtNode : BoxedTag::Tuple;
        Builder b = heap_.reserve(1 + arity);
        Term* o = b.alloc(1 + arity);
        o[0] = Term::header(s.tag, arity);
        for (u64 i = 0; i < arity; i++) {
          Pick k = small_pick();
          o[1 + i] = k.term;
          s.kids.push_back(k.shadow);
        }
        return put(Term::boxed(o), add(s));
      }
      case 6:
      case 7:
      case 8: {
        u64 n = random(30) == 0 ? random(400) : 1 + random(4);
        Builder b = heap_.reserve(2 * n);
        Pick tail = small_pick();
        Term t = tail.term;
        u32 shadow = tail.shadow;
        Pick head = small_pick();
        for (u64 i = 0; i < n; i++) {
          if (i % 8 == 7) head = small_pick();
          t = b.cons(head.term, t);
          Shadow cell;
          cell.is_list = true;
          cell.kids = {head.shadow, shadow};
          shadow = add(cell);
        }
        return put(t, shadow);
      }
      case 9: {
        Builder b = heap_.reserve(kRefcBinaryWords);
        s.tag = BoxedTag::RefcBinary;
        s.payload = 65 + random(3000);
        BinaryData* d = binary_data_new(s.payload);
        d->destroy = [](BinaryData* data) {
          live_binaries--;
          vm_free(data);
        };
        live_binaries++;
        for (u64 i = 0; i < s.payload; i++) d->bytes[i] = static_cast<u8>(s.payload + i);
        Term t = b.refc_binary(d, s.payload);
        return put(t, add(s));
      }
      case 10: {
        s.tag = BoxedTag::HeapBinary;
        s.payload = random(65);
        Builder b = heap_.reserve(heap_binary_words(s.payload));
        u8* to;
        Term t = b.binary_uninitialized(s.payload, &to);
        for (u64 i = 0; i < s.payload; i++) to[i] = static_cast<u8>(s.payload + i);
        return put(t, add(s));
      }
      case 11: {
        Builder b = heap_.reserve(kSubBinaryWords);
        Pick base = pick();
        if (!base.term.is(BoxedTag::HeapBinary) && !base.term.is(BoxedTag::RefcBinary)) return;
        u64 bits = bitstring_bit_size(base.term);
        s.tag = random(4) == 0 ? BoxedTag::MatchCtx : BoxedTag::SubBinary;
        s.offset = random(bits + 1);
        s.payload = random(bits - s.offset + 1);
        if (random(2) == 0) s.payload &= ~u64{7};
        s.kids = {base.shadow};
        Term t;
        if (s.tag == BoxedTag::SubBinary) {
          t = b.sub_binary(base.term, s.offset, s.payload);
        } else {
          auto* m = reinterpret_cast<MatchContext*>(b.alloc(kMatchContextWords));
          m->header = Term::header(BoxedTag::MatchCtx, kMatchContextWords - 1);
          m->position_small = Term::small(static_cast<i64>(s.offset));
          m->end_small = Term::small(static_cast<i64>(s.offset + s.payload));
          m->base = base.term;
          m->start_small = Term::small(0);
          t = Term::boxed(&m->header);
        }
        return put(t, add(s));
      }
      case 12: {
        Builder b = heap_.reserve(kMagicRefWords);
        s.tag = BoxedTag::MagicRef;
        auto* m = vm_new<CountedMagic>();
        live_magics++;
        m->destroy = [](MagicData* data) {
          live_magics--;
          vm_delete(static_cast<CountedMagic*>(data));
        };
        m->numbers = {{1, 2, static_cast<u32>(s.payload = random(1u << 31))}};
        return put(b.magic_reference(m), add(s));
      }
      case 13: {
        Builder b = heap_.reserve(kRefWords);
        s.tag = BoxedTag::Ref;
        s.payload = random(1u << 31);
        return put(b.reference({{7, 0xffffffff, static_cast<u32>(s.payload)}}), add(s));
      }
      case 14: {
        u64 free = random(4);
        Builder b = heap_.reserve(kFunFixedWords + free);
        Term* o = b.alloc(kFunFixedWords + free);
        o[0] = Term::header(BoxedTag::Fun, kFunFixedWords - 1 + free);
        o[1] = Term::raw_pointer(this);
        s.tag = BoxedTag::Fun;
        for (u64 i = 0; i < 1 + free; i++) {
          Pick k = small_pick();
          o[2 + i] = k.term;
          s.kids.push_back(k.shadow);
        }
        return put(Term::boxed(o), add(s));
      }
      default: {
        // Room in a fragment.
        Builder b = heap_.reserve_nogc(200);
        Pick a = small_pick();
        Pick d = small_pick();
        s.tag = BoxedTag::Tuple;
        s.kids = {a.shadow, d.shadow};
        Term t = b.tuple({a.term, d.term});
        return put(t, add(s));
      }
    }
  }

  // Something whose tree is not too large to be used again.
  Pick small_pick() {
    Pick p = pick();
    if (shadows_[p.shadow].tree_words > 20000) return {Term::nil(), 0};
    return p;
  }

  void receive_copy() {
    Pick p = pick();
    if (shadows_[p.shadow].tree_words > 20000 || !copyable(p.shadow)) return;
    Fragment* f = fragment_new(copy_size(p.term));
    Builder b = f->builder();
    Term c = copy_term(p.term, b);
    heap_.attach(f);
    // The copy is a tree: give it shadows of its own.
    put(c, clone(p.shadow));
  }
  u32 clone(u32 shadow) {
    std::vector<std::pair<u32, u32>> todo;  // {source, clone}
    auto make = [&](u32 from) {
      if (from == 0) return 0u;
      Shadow s = shadows_[from];
      shadows_.push_back(s);
      todo.push_back({from, static_cast<u32>(shadows_.size() - 1)});
      return static_cast<u32>(shadows_.size() - 1);
    };
    u32 result = make(shadow);
    while (!todo.empty()) {
      auto [from, to] = todo.back();
      todo.pop_back();
      for (size_t i = 0; i < shadows_[from].kids.size(); i++) {
        u32 kid = make(shadows_[from].kids[i]);
        shadows_[to].kids[i] = kid;
      }
    }
    return result;
  }

  void push() {
    if (heap_.free_words() < kStackRedZone + 1) return;
    if (random(4) == 0) {
      Word w = random(2) == 0 ? (random(1u << 20) * 8 + 4 + random(2)) : Term::catch_tag(5).bits();
      *--heap_.sp = Term(w);
      stack_shadow_.push_back(-static_cast<i64>(w));
    } else {
      Pick p = pick();
      *--heap_.sp = p.term;
      stack_shadow_.push_back(p.shadow);
    }
  }
  void pop() {
    for (u64 n = 1 + random(3); n > 0 && !stack_shadow_.empty(); n--) {
      heap_.sp++;
      stack_shadow_.pop_back();
    }
  }

  void compare(Term first, u32 first_shadow, bool sharing) {
    std::vector<std::pair<Term, u32>> todo{{first, first_shadow}};
    while (!todo.empty()) {
      auto [t, shadow] = todo.back();
      todo.pop_back();
      const Shadow& s = shadows_[shadow];
      if (!s.is_list && !s.is_object) {
        ASSERT_EQ(t.bits(), s.immediate.bits());
        continue;
      }
      if (sharing && !is_literal(t)) {
        auto [at, fresh] = seen_.emplace(shadow, t.bits());
        if (!fresh && !is_literal(Term(at->second))) {
          ASSERT_EQ(at->second, t.bits()) << "an object has been duplicated";
          continue;
        }
      }
      if (s.is_list) {
        ASSERT_TRUE(t.is_list());
        todo.push_back({t.head(), s.kids[0]});
        todo.push_back({t.tail(), s.kids[1]});
        continue;
      }
      ASSERT_TRUE(t.is_boxed());
      Term* o = t.object();
      switch (s.tag) {
        case BoxedTag::Float: ASSERT_EQ(float_value(t), static_cast<double>(s.payload)); break;
        case BoxedTag::BigNeg:
          ASSERT_EQ(big_limb_count(t), s.offset);
          for (u64 i = 0; i < s.offset; i++) ASSERT_EQ(big_limbs(t)[i], s.payload + i + 1);
          break;
        case BoxedTag::Tuple:
        case BoxedTag::FlatMap:
        case BoxedTag::HamtNode:
          ASSERT_EQ(t.boxed_tag(), s.tag);
          ASSERT_EQ(o[0].header_arity(), s.kids.size());
          for (size_t i = 0; i < s.kids.size(); i++) todo.push_back({o[1 + i], s.kids[i]});
          break;
        case BoxedTag::Fun:
          ASSERT_EQ(o[1].bits(), reinterpret_cast<Word>(this));
          for (size_t i = 0; i < s.kids.size(); i++) todo.push_back({o[2 + i], s.kids[i]});
          break;
        case BoxedTag::RefcBinary:
        case BoxedTag::HeapBinary: {
          Bits b = bits_of(t);
          ASSERT_EQ(b.bit_size, s.payload * 8);
          for (u64 i = 0; i < s.payload; i++) ASSERT_EQ(b.base[i], static_cast<u8>(s.payload + i));
          break;
        }
        case BoxedTag::SubBinary:
        case BoxedTag::MatchCtx: {
          // A small part may have become a heap binary.
          u64 base_size = shadows_[s.kids[0]].payload;
          Bits b = bits_of(t);
          ASSERT_EQ(b.bit_size, s.payload);
          for (u64 i = 0; i < s.payload; i++) {
            u64 in = s.offset + i;
            u64 out = b.bit_offset + i;
            int want = static_cast<u8>(base_size + in / 8) >> (7 - in % 8) & 1;
            int have = b.base[out / 8] >> (7 - out % 8) & 1;
            ASSERT_EQ(want, have);
          }
          break;
        }
        case BoxedTag::MagicRef:
        case BoxedTag::Ref:
          ASSERT_EQ(t.boxed_tag(), s.tag);
          ASSERT_EQ(local_ref_numbers(t).n[2], s.payload);
          break;
        default: FAIL();
      }
    }
  }

  std::mt19937_64 rng_;
  LocalRoots<kSlots> roots_;
  Term x_[8];
  std::vector<Shadow> shadows_;
  std::vector<u32> slot_shadow_;
  std::vector<u32> x_shadow_;
  std::vector<i64> stack_shadow_;
  std::map<u32, Word> seen_;
  std::map<Word, u32> back_;
};

void exercise(u64 seed, int steps) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  live_binaries = live_magics = 0;
  {
    World w(seed);
    for (int i = 0; i < steps; i++) {
      w.step();
      if (i % 97 == 0) {
        w.check();
        w.check_copy();
        if (::testing::Test::HasFatalFailure()) return;
      }
    }
    w.heap_.collect_major(0);
    w.check();
    EXPECT_GT(w.heap_.gc_stats.minor, 0u);
  }
  EXPECT_EQ(live_binaries, 0);
  EXPECT_EQ(live_magics, 0);
}

class HeapTest : public ::testing::Test {
 protected:
  void SetUp() override { literals_init(); }
  void TearDown() override { heap_debug = HeapDebug(); }
};

TEST_F(HeapTest, RandomGraphs) {
  for (u64 seed = 1; seed <= 6; seed++) exercise(seed, 8000);
}

TEST_F(HeapTest, RandomGraphsVerified) {
  heap_debug.verify = true;
  for (u64 seed = 10; seed <= 12; seed++) exercise(seed, 4000);
}

TEST_F(HeapTest, RandomGraphsUnderZeal) {
  ASSERT_TRUE(heap_debug_set_zeal("0.3,42"));
  heap_debug.verify = true;
  for (u64 seed = 20; seed <= 21; seed++) exercise(seed, 2500);
}

TEST_F(HeapTest, ZealText) {
  EXPECT_TRUE(heap_debug_set_zeal("1"));
  EXPECT_EQ(heap_debug.zeal_per_million, 1'000'000u);
  EXPECT_TRUE(heap_debug_set_zeal("0.5,7"));
  EXPECT_EQ(heap_debug.zeal_seed, 7u);
  EXPECT_FALSE(heap_debug_set_zeal("2"));
  EXPECT_FALSE(heap_debug_set_zeal("x"));
  EXPECT_FALSE(heap_debug_set_zeal("0.5,"));
  EXPECT_FALSE(heap_debug_set_zeal("0.5,7x"));
}

TEST_F(HeapTest, Sizes) {
  EXPECT_EQ(heap_size_for(0), 12u);
  EXPECT_EQ(heap_size_for(13), 38u);
  EXPECT_EQ(heap_size_for(233), 233u);
  EXPECT_EQ(heap_size_for(234), 376u);
  EXPECT_EQ(heap_size_for(10000), 10958u);
}

// A list of a million cells and a tuple nested a million deep: no recursion, and growth keeps up.
TEST_F(HeapTest, DeepAndLong) {
  Heap h;
  h.init(0);
  {
    LocalRoots<2> roots(h, Term::nil(), Term::nil());
    for (int i = 0; i < 1'000'000; i++) {
      Builder b = h.reserve(2 + 3);
      roots[0] = b.cons(Term::small(i), roots[0]);
      roots[1] = b.tuple({roots[1], Term::small(i)});
    }
    h.collect_major(0);
    int n = 0;
    for (Term t = roots[0]; t.is_list(); t = t.tail()) n++;
    EXPECT_EQ(n, 1'000'000);
    EXPECT_EQ(copy_size(roots[0]), 2'000'000u);
    EXPECT_EQ(copy_size(roots[1]), 3'000'000u);
    Fragment* f = fragment_new(3'000'000);
    Builder b = f->builder();
    Term c = copy_term(roots[1], b);
    n = 0;
    for (; c.is_tuple(); c = tuple_element(c, 0)) n++;
    EXPECT_EQ(n, 1'000'000);
    fragments_free(f);
    // The heap holds 5 million words; no more than twice of that may be taken.
    EXPECT_LT(h.total_words(), 10'000'000u);
    EXPECT_LT(h.gc_stats.major, 40u);
  }
  h.collect_major(0);
  EXPECT_LT(h.total_words(), 10'000u);
  h.destroy();
}

// Large binaries are collected by what they weigh outside, although they hardly use the heap.
TEST_F(HeapTest, OutsideWordsForceCollections) {
  Heap h;
  h.init(100'000);
  live_binaries = 0;
  for (int i = 0; i < 1000; i++) {
    Builder b = h.reserve(kRefcBinaryWords);
    BinaryData* d = binary_data_new(100'000);
    d->destroy = [](BinaryData* data) {
      live_binaries--;
      vm_free(data);
    };
    live_binaries++;
    b.refc_binary(d, 100'000);
    ASSERT_LT(live_binaries, 20);
  }
  h.destroy();
  EXPECT_EQ(live_binaries, 0);
}

TEST_F(HeapTest, MaxHeapSizeIsNoticed) {
  Heap h;
  h.max_heap_words = 5000;
  h.init(0);
  LocalRoots<1> roots(h, Term::nil());
  int i = 0;
  for (; i < 10000 && (h.heap_flags & Heap::kMaxHeapExceeded) == 0; i++) {
    Builder b = h.reserve(2);
    roots[0] = b.cons(Term::small(i), roots[0]);
  }
  EXPECT_LT(i, 2500);
  EXPECT_GT(i, 500);
  h.destroy();
}

TEST_F(HeapTest, LiteralAreasShareAndReuseSpace) {
  std::vector<LiteralArea*> areas;
  u8* lowest = nullptr;
  u8* highest = nullptr;
  for (int i = 0; i < 500; i++) {
    LiteralArea* a = literal_area_new(100);
    ASSERT_TRUE(is_literal_address(a));
    auto* at = reinterpret_cast<u8*>(a);
    if (lowest == nullptr || at < lowest) lowest = at;
    if (at > highest) highest = at;
    std::memset(static_cast<void*>(a->mem), i, 100 * kWordBytes);
    areas.push_back(a);
  }
  EXPECT_LT(highest - lowest, 500 * 1000);
  for (size_t i = 0; i < areas.size(); i += 2) literal_area_free(areas[i]);
  LiteralArea* reused = literal_area_new(90);
  EXPECT_LT(reinterpret_cast<u8*>(reused), highest);
  literal_area_free(reused);
  for (size_t i = 1; i < areas.size(); i += 2) literal_area_free(areas[i]);
  LiteralArea* big = literal_area_new(500 * 100);
  EXPECT_LE(reinterpret_cast<u8*>(big), highest);
  literal_area_free(big);
}

}  // namespace
