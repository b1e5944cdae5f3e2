// phash2 and phash against the stock VM's values. internal_hash is tested by the order of large maps
// (map_test.cpp).
#include "vm/term/hash.h"

#include "tests/unit/term_reader.h"
#include "vm/term/node.h"

namespace lintel {
namespace {

struct HashTest : testing::Test {
  static void SetUpTestSuite() {
    atoms_init(1048576);
    nodes_init();
  }
};

TEST_F(HashTest, AgreesWithStock) {
  TermReader reader;
  for (const std::string& line : golden_lines("hash.txt")) {
    std::istringstream in(line);
    std::string hex;
    u64 want2, want;
    in >> hex >> want2 >> want;
    SCOPED_TRACE(hex);
    Term t = reader.from_hex(hex);
    EXPECT_EQ(phash2(t) & ((1u << 27) - 1), want2);
    EXPECT_EQ(phash(t), want);
  }
}

TEST_F(HashTest, DeepTermsNeedNoStack) {
  TermReader reader(1 << 24);
  Term t = Term::nil();
  for (int i = 0; i < 500000; i++) t = reader.builder().tuple({t, t.is_nil() ? t : Term::nil()});
  EXPECT_NE(phash2(t), 0u);
  EXPECT_NE(phash(t), 0u);
  EXPECT_NE(internal_hash(t), 0u);
}

TEST_F(HashTest, SaltsGiveIndependentHashes) {
  int same = 0;
  for (int i = 0; i < 1000; i++) same += map_hash(Term::small(i), 1) == map_hash(Term::small(i), 2);
  EXPECT_EQ(same, 0);
}

}  // namespace
}  // namespace lintel
