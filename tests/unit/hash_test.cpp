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

// phash2 of a binary of 2^32 bytes, of which it looks at none.
TEST_F(HashTest, LengthsAreModulo32Bits) {
  Heap heap;
  heap.init(0);
  const Term empty = heap.reserve(binary_words(0)).binary(nullptr, 0);
  EXPECT_EQ(phash2(empty) & ((1u << 27) - 1), 13708901u);
  BinaryData* data = binary_data_new(1);
  Builder b = heap.reserve(kRefcBinaryWords);
  EXPECT_EQ(phash2(b.refc_binary(data, u64{1} << 32)), phash2(empty));
  heap.destroy();
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
