// Built-in functions called as the engines call them, with a collector that moves everything at
// random, against what the stock VM answers (tests/golden/make_bif_calls.escript).
#include "tests/unit/bif_runner.h"

namespace lintel {

// One function of each file, so that the linker brings the file in; the table's references are weak.
#define BIF(name) BifResult name(Process&, Term*)
BIF(maps_get_2);
BIF(lists_member_2);
BIF(lists_reverse_2);
BIF(erlang_append_op_2);
BIF(erlang_hd_1);
BIF(erlang_element_2);
BIF(erlang_atom_to_list_1);
BIF(erlang_is_atom_1);
BIF(erlang_equal_2);
BIF(erlang_phash_2);
BIF(erlang_get_0);
BIF(erlang_node_0);
BIF(erlang_not_1);
#undef BIF

namespace {

__attribute__((used)) BifFn kept[] = {maps_get_2,       lists_member_2, erlang_hd_1,    erlang_element_2, erlang_atom_to_list_1,
                         erlang_is_atom_1, erlang_equal_2, erlang_phash_2, erlang_get_0, erlang_node_0, erlang_not_1};

// How far an iteration of a map goes in one step depends on the reductions, so turns are full ones.
TEST(BifCalls, AgreeWithStock) { bif_run_golden("bif_calls.txt", 3000, kReductions); }

// Lists so long that the functions take several turns.
TEST(BifCalls, LongListsTakeTurns) {
  Process& p = bif_process();
  int turns = 0;
  auto call = [&](BifFn fn) { return bif_run(p, fn, kReductions, &turns); };
  constexpr i64 n = 1000000;
  auto sequence = [&] {
    Builder b = p.reserve(n * kConsWords);
    Term list = Term::nil();
    for (i64 i = n; i > 0; i--) list = b.cons(Term::small(i), list);
    return list;
  };
  auto is_sequence = [](Term l, i64 from, i64 step, i64 count) {
    for (; count > 0 && l.is_list() && l.head() == Term::small(from); l = l.tail()) {
      from += step;
      count--;
    }
    return count == 0 ? l : Term::none();
  };
  p.live = 0;
  p.x[0] = sequence();
  p.x[1] = am::ok;
  p.live = 2;
  EXPECT_EQ(is_sequence(call(erlang_append_op_2).value, 1, 1, n), am::ok);
  EXPECT_GT(turns, 5);

  p.live = 0;
  p.x[0] = sequence();
  p.x[1] = Term::nil();
  p.live = 2;
  EXPECT_EQ(is_sequence(call(lists_reverse_2).value, n, -1, n), Term::nil());
  EXPECT_GT(turns, 5);

  p.live = 0;
  p.x[1] = sequence();
  p.x[0] = Term::small(n);
  p.live = 2;
  EXPECT_EQ(call(lists_member_2).value, am::true_);
  EXPECT_GT(turns, 5);
}

}  // namespace
}  // namespace lintel
