// The atom table: constants, names, limits, and making the same atoms from many threads at once.
#include "vm/term/atom.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace lintel {
namespace {

struct AtomTest : testing::Test {
  void SetUp() override { atoms_init(1048576); }
};

TEST_F(AtomTest, ConstantsHaveTheirNames) {
  EXPECT_EQ(atom_name(am::true_), "true");
  EXPECT_EQ(atom_find("badarg"), am::badarg);
  EXPECT_EQ(atom_intern("error"), am::error);
}

TEST_F(AtomTest, FindDoesNotMake) {
  EXPECT_TRUE(atom_find("never made by anyone").is_none());
  u32 before = atom_count();
  Term a = atom_intern("made now");
  EXPECT_EQ(atom_count(), before + 1);
  EXPECT_EQ(atom_find("made now"), a);
}

TEST_F(AtomTest, EmptyLongAndUnicodeNames) {
  Term empty = atom_intern("");
  EXPECT_EQ(atom_name(empty), "");
  EXPECT_EQ(atom_ordinal(empty), 0u);
  std::string long_name;
  for (int i = 0; i < 255; i++) long_name += "\xF0\x9F\x98\x80";
  Term wide = atom_intern(long_name);
  EXPECT_EQ(atom_name(wide), long_name);
  EXPECT_EQ(atom_char_count(wide), 255u);
  EXPECT_FALSE(atom_is_latin1(wide));
  Term umlaut = atom_intern_latin1("\xE5\xE4\xF6");
  EXPECT_EQ(umlaut, atom_intern("\xC3\xA5\xC3\xA4\xC3\xB6"));
  EXPECT_EQ(atom_char_count(umlaut), 3u);
  EXPECT_TRUE(atom_is_latin1(umlaut));
}

TEST_F(AtomTest, OrdinalIsTheFirstFourBytes) {
  EXPECT_EQ(atom_ordinal(atom_intern("ab")), 0x61620000u);
  EXPECT_EQ(atom_ordinal(atom_intern("abcde")), 0x61626364u);
}

TEST_F(AtomTest, ThreadsAgree) {
  constexpr int kThreads = 4;
  constexpr int kNames = 40000;  // enough to grow the table several times
  std::vector<std::vector<Term>> made(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; t++) {
    threads.emplace_back([t, &made] {
      for (int i = 0; i < kNames; i++) made[t].push_back(atom_intern("thr_" + std::to_string(i)));
    });
  }
  for (auto& t : threads) t.join();
  for (int i = 0; i < kNames; i++) {
    for (int t = 1; t < kThreads; t++) ASSERT_EQ(made[t][i], made[0][i]);
    ASSERT_EQ(atom_name(made[0][i]), "thr_" + std::to_string(i));
    ASSERT_EQ(atom_find("thr_" + std::to_string(i)), made[0][i]);
  }
}

}  // namespace
}  // namespace lintel
