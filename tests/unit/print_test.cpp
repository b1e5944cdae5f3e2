// Printing against what the stock VM's erlang:display/1 prints.
#include "vm/term/print.h"

#include "tests/unit/term_reader.h"
#include "vm/term/node.h"

namespace lintel {
namespace {

struct PrintTest : testing::Test {
  static void SetUpTestSuite() {
    atoms_init(1048576);
    nodes_init();
  }
};

TEST_F(PrintTest, AgreesWithStock) {
  TermReader reader;
  for (const std::string& line : golden_lines("print.txt")) {
    std::istringstream in(line);
    std::string hex, want;
    in >> hex >> want;
    EXPECT_EQ(term_text(reader.from_hex(hex)) + "\n", TermReader::bytes_from_hex(want)) << hex;
  }
}

TEST_F(PrintTest, Identifiers) {
  TermReader reader;
  Builder& b = reader.builder();
  EXPECT_EQ(term_text(local_pid(45, 2)), "<0.45.2>");
  EXPECT_EQ(term_text(Term::port(7)), "#Port<0.7>");
  EXPECT_EQ(term_text(b.reference({{1, 2, 3}})), "#Ref<0.3.2.1>");
  Node* other = node_intern(atom_intern("x@y"), 3);
  EXPECT_EQ(term_text(build_external_pid(b, other, 1, 2)),
            "<" + std::to_string(atom_intern("x@y").atom_index()) + ".1.2>");
}

TEST_F(PrintTest, Limit) {
  TermReader reader;
  Term list = Term::nil();
  for (int i = 0; i < 1000; i++) list = reader.builder().cons(Term::small(1000 + i), list);
  EXPECT_EQ(term_text(list, 4), "[1999,1998,1997,... ");
}

TEST_F(PrintTest, DeepTermsNeedNoStack) {
  TermReader reader(1 << 24);
  Term t = Term::nil();
  for (int i = 0; i < 300000; i++) t = reader.builder().tuple({t});
  EXPECT_EQ(term_text(t).size(), 600002u);
}

}  // namespace
}  // namespace lintel
