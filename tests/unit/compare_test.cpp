// Order and equality against the stock VM's answers for every pair of some 180 terms.
#include "vm/term/compare.h"

#include "tests/unit/term_reader.h"
#include "vm/term/node.h"

namespace lintel {
namespace {

struct CompareTest : testing::Test {
  static void SetUpTestSuite() {
    atoms_init(1048576);
    nodes_init();
  }
};

char sign(i64 j) { return j < 0 ? '<' : j > 0 ? '>' : '='; }

TEST_F(CompareTest, AgreesWithStock) {
  TermReader reader;
  std::vector<std::string> lines = golden_lines("compare.txt");
  size_t n = std::stoul(lines[0]);
  ASSERT_EQ(lines.size(), 1 + 4 * n);
  std::vector<Term> a, b;  // two copies, so that identity does not answer
  for (size_t i = 0; i < n; i++) a.push_back(reader.from_hex(lines[1 + i]));
  for (size_t i = 0; i < n; i++) b.push_back(reader.from_hex(lines[1 + i]));
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      SCOPED_TRACE(lines[1 + i] + " with " + lines[1 + j]);
      char arith = lines[1 + n + i][j];
      ASSERT_EQ(sign(compare(a[i], b[j])), arith);
      ASSERT_EQ(equal(a[i], b[j]), arith == '=');
      char exact = lines[1 + 2 * n + i][j];
      ASSERT_EQ(sign(compare_exact(a[i], b[j])), exact);
      ASSERT_EQ(exact_equal(a[i], b[j]), lines[1 + 3 * n + i][j] == '=');
    }
  }
}

TEST_F(CompareTest, DeepTermsNeedNoStack) {
  TermReader reader(1 << 24);
  Builder& b = reader.builder();
  Term x = Term::nil(), y = Term::nil(), z = Term::small(1);
  for (int i = 0; i < 300000; i++) {
    x = b.cons(x, Term::nil());
    y = b.cons(y, Term::nil());
    z = b.cons(z, Term::nil());
  }
  EXPECT_TRUE(exact_equal(x, y));
  EXPECT_TRUE(equal(x, y));
  EXPECT_EQ(compare(x, y), 0);
  EXPECT_FALSE(exact_equal(x, z));
  EXPECT_GT(compare(x, z), 0);
  for (int i = 0; i < 300000; i++) {
    x = b.tuple({x, Term::small(1)});
    y = b.tuple({y, Term::small(1)});
  }
  EXPECT_TRUE(exact_equal(x, y));
  EXPECT_EQ(compare(x, y), 0);
}

TEST_F(CompareTest, LargeMapsNestedInKeys) {
  TermReader reader(1 << 24);
  Builder& b = reader.builder();
  auto wrap = [&](Term inner) {
    std::vector<Term> kv{inner, Term::nil()};
    for (int i = 0; i < 40; i++) {
      kv.push_back(Term::small(i));
      kv.push_back(Term::nil());
    }
    MapPlan plan(kv.data(), 2, kv.size() / 2);
    return plan.build(b, kv.data(), kv.data() + 1);
  };
  Term x = b.floating(1.5), y = b.floating(1.5), z = b.floating(2.5);
  for (int i = 0; i < 300; i++) {
    x = wrap(x);
    y = wrap(y);
    z = wrap(z);
  }
  EXPECT_TRUE(exact_equal(x, y));
  EXPECT_EQ(compare(x, y), 0);
  EXPECT_LT(compare(x, z), 0);
  EXPECT_GT(compare(z, x), 0);
}

TEST_F(CompareTest, BitsAtAnyOffset) {
  TermReader reader;
  Builder& b = reader.builder();
  u8 bytes[] = {0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE};
  Term base = b.binary(bytes, sizeof bytes);
  // The same 37 bits copied to offset 0 and left at offset o.
  for (u64 o = 0; o < 8; o++) {
    u8 moved[6] = {};
    for (u64 i = 0; i < 37; i++) {
      u64 from = o + i;
      if (bytes[from / 8] >> (7 - from % 8) & 1) moved[i / 8] |= static_cast<u8>(0x80 >> i % 8);
    }
    Term a = b.sub_binary(base, o, 37);
    Term c = b.sub_binary(b.binary(moved, 6), 0, 37);
    EXPECT_TRUE(exact_equal(a, c)) << o;
    EXPECT_EQ(compare(a, c), 0) << o;
    EXPECT_EQ(phash2(a), phash2(c)) << o;
    EXPECT_EQ(phash(a), phash(c)) << o;
    EXPECT_EQ(internal_hash(a), internal_hash(c)) << o;
    EXPECT_GT(compare(a, b.sub_binary(base, o, 36)), 0) << o;
  }
}

TEST_F(CompareTest, IdentifiersOfOtherNodes) {
  TermReader reader;
  Builder& b = reader.builder();
  Node* other = node_intern(atom_intern("a@b"), 7);
  Term local = local_pid(5, 1);
  Term far1 = build_external_pid(b, other, 5, 1);
  Term far2 = build_external_pid(b, node_intern(atom_intern("a@b"), 7), 5, 1);
  EXPECT_TRUE(exact_equal(far1, far2));
  EXPECT_FALSE(equal(local, far1));
  EXPECT_GT(compare(local, far1), 0);  // nonode@nohost after a@b
  EXPECT_LT(compare(far1, local_pid(0, 2)), 0);
  Term ref = b.reference({{1, 2, 3}});
  Term far_ref = build_external_ref(b, other, {3, {1, 2, 3}});
  EXPECT_FALSE(exact_equal(ref, far_ref));
  EXPECT_TRUE(exact_equal(far_ref, build_external_ref(b, other, {3, {1, 2, 3}})));
  EXPECT_GT(compare(ref, far_ref), 0);
  EXPECT_LT(compare(ref, local), 0);
}

}  // namespace
}  // namespace lintel
