// Built-in functions on numbers, binaries and external terms against the stock VM
// (tests/golden/make_bif_bytes.escript), and long ones in several turns.
#include "tests/unit/bif_runner.h"
#include "vm/ops/bytes.h"

namespace lintel {

// One function of each file, so that the linker brings the file in; the table's references are weak.
#define BIF(name) BifResult name(Process&, Term*)
BIF(erlang_plus_2);
BIF(erlang_integer_to_list_1);
BIF(math_sin_1);
BIF(erlang_byte_size_1);
BIF(binary_at_2);
BIF(binary_matches_2);
BIF(binary_split_3);
BIF(erlang_term_to_binary_1);
BIF(erlang_binary_to_term_1);
BIF(erlang_crc32_1);
BIF(erlang_md5_1);
BIF(erlang_iolist_to_binary_1);
BIF(erlang_iolist_size_1);
#undef BIF

namespace {

__attribute__((used)) BifFn kept[] = {erlang_plus_2, erlang_integer_to_list_1, math_sin_1, erlang_byte_size_1,
                                      binary_at_2,   erlang_term_to_binary_1,  erlang_crc32_1};

TEST(BifBytes, AgreeWithStock) { bif_run_golden("bif_bytes.txt", 3000); }

// A deep I/O list: [[...[[], Bytes, Binary] ...], Bytes, Binary].
Term deep_list(Process& p, u64 levels, std::vector<u8>* flat) {
  LocalRoots<1> list(p, Term::nil());
  for (u64 i = 0; i < levels; i++) {
    u8 bytes[100];
    for (u64 k = 0; k < sizeof bytes; k++) bytes[k] = static_cast<u8>(i + k);
    Builder b = p.reserve(300 * kConsWords + binary_words(100));
    Term tail = b.cons(b.binary(bytes, sizeof bytes), Term::nil());
    flat->insert(flat->end(), bytes, bytes + sizeof bytes);
    flat->insert(flat->end(), bytes, bytes + sizeof bytes);
    list[0] = b.cons(list[0], bytes_to_list(b, bytes, sizeof bytes, tail));
  }
  return list[0];
}

void set_arg(Process& p, Term a) {
  p.x[0] = a;
  p.live = 1;
}

TEST(BifBytes, LongListsInTurns) {
  Process& p = bif_process();
  std::vector<u8> flat;
  p.live = 0;
  set_arg(p, deep_list(p, 2000, &flat));
  LocalRoots<3> roots(p, p.x[0]);
  int turns = 0;
  BifResult r = bif_run(p, erlang_iolist_to_binary_1, 100, &turns);
  EXPECT_GT(turns, 3);
  ASSERT_FALSE(r.value.is_none());
  ASSERT_EQ(bitstring_bit_size(r.value) / 8, flat.size());
  EXPECT_EQ(std::memcmp(bits_of(r.value).base, flat.data(), flat.size()), 0);
  roots[1] = r.value;

  set_arg(p, roots[0]);
  r = bif_run(p, erlang_iolist_size_1, 100, &turns);
  EXPECT_GT(turns, 3);
  EXPECT_EQ(r.value, Term::small(static_cast<i64>(flat.size())));

  set_arg(p, roots[0]);
  r = bif_run(p, erlang_md5_1, 100, &turns);
  EXPECT_GT(turns, 3);
  roots[2] = r.value;
  set_arg(p, roots[1]);
  r = bif_run(p, erlang_md5_1, 1 << 30);
  EXPECT_TRUE(exact_equal(r.value, roots[2]));

  // A bad element far in: the error comes late and shows the list that was given.
  Builder b = p.reserve(2 * kConsWords);
  roots[2] = b.cons(roots[0], b.cons(am::ok, Term::nil()));
  set_arg(p, roots[2]);
  r = bif_run(p, erlang_iolist_to_binary_1, 100, &turns);
  EXPECT_GT(turns, 3);
  EXPECT_TRUE(r.value.is_none());
  EXPECT_EQ(p.exc_reason, am::badarg);
  EXPECT_TRUE(p.x[0] == roots[2]);
}

TEST(BifBytes, LongTermsInTurns) {
  Process& p = bif_process();
  p.live = 0;
  LocalRoots<2> roots(p);
  for (i64 i = 0; i < 5000; i++) {
    Builder b = p.reserve(20);
    roots[0] = b.cons(b.tuple({Term::small(i), b.floating(1.5), b.cons(am::ok, Term::nil())}), roots[0]);
  }
  set_arg(p, roots[0]);
  int turns = 0;
  BifResult r = bif_run(p, erlang_term_to_binary_1, 100, &turns);
  EXPECT_GT(turns, 3);
  roots[1] = r.value;
  set_arg(p, roots[0]);
  r = bif_run(p, erlang_term_to_binary_1, 1 << 30);
  EXPECT_TRUE(exact_equal(r.value, roots[1]));
  set_arg(p, roots[1]);
  r = bif_run(p, erlang_binary_to_term_1, 100, &turns);
  EXPECT_GT(turns, 3);
  EXPECT_TRUE(exact_equal(r.value, roots[0]));
}

TEST(BifBytes, LongSearchesInTurns) {
  Process& p = bif_process();
  p.live = 0;
  // A needle every 1000 bytes, so that some lie across the ends of turns.
  constexpr u64 kSize = 1000000;
  std::vector<u8> text(kSize, '.');
  for (u64 i = 500; i + 6 < kSize; i += 1000) std::memcpy(&text[i], "needle", 6);
  Builder b = p.reserve(100);
  LocalRoots<3> roots(p, b.binary(text.data(), kSize), b.binary("needle", 6));
  roots[2] = b.cons(roots[1], b.cons(b.binary("needl", 5), b.cons(b.binary("ed", 2), Term::nil())));
  for (int patterns : {1, 2}) {
    for (i64 reds : {i64{1} << 30, i64{60}}) {
      p.x[0] = roots[0];
      p.x[1] = roots[static_cast<u32>(patterns)];
      p.live = 2;
      int turns = 0;
      BifResult r = bif_run(p, binary_matches_2, reds, &turns);
      EXPECT_EQ(turns > 10, reds == 60);
      ASSERT_FALSE(r.value.is_none());
      u64 n = 0;
      for (Term l = r.value; l.is_list(); l = l.tail(), n++) {
        EXPECT_EQ(tuple_element(l.head(), 0), Term::small(static_cast<i64>(500 + 1000 * n)));
        EXPECT_EQ(tuple_element(l.head(), 1), Term::small(6));
      }
      EXPECT_EQ(n, 1000u);
    }
  }
  p.x[0] = roots[0];
  p.x[1] = roots[1];
  p.live = 2;
  p.x[2] = p.reserve(kConsWords).cons(am::global, Term::nil());
  p.live = 3;
  BifResult r = bif_run(p, binary_split_3, 60);
  EXPECT_EQ(list_length(r.value), 1001);
}

}  // namespace
}  // namespace lintel
