// Built-in functions called as the engines call them, with a collector that moves everything at
// random, against what the stock VM answers (tests/golden/make_bif_calls.escript).
#include "vm/code/bif_table.h"

#include "tests/unit/term_reader.h"
#include "vm/heap/copy.h"
#include "vm/heap/debug.h"
#include "vm/heap/literals.h"
#include "vm/proc/dictionary.h"
#include "vm/proc/process.h"
#include "vm/term/node.h"
#include "vm/term/print.h"

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

BifFn find_bif(const std::string& module, const std::string& function, u64 arity) {
  for (u32 i = 0; i < bif_count; i++) {
    const BifEntry& b = bif_table[i];
    if (b.module == module && b.function == function && b.arity == arity) return b.fn;
  }
  return nullptr;
}

struct BifCalls : testing::Test {
  static void SetUpTestSuite() {
    atoms_init(1048576);
    nodes_init();
    literals_init();
    heap_debug.verify = true;
    heap_debug.zeal_per_million = 300000;
  }
  BifCalls() : p(*vm_new<Process>()) {
    p.visit_owner_roots = [](Heap& h, RootVisitor& v) {
      auto& p = static_cast<Process&>(h);
      v.visit(&p.exc_reason, 1);
      dictionary_visit_roots(p, v);
    };
    p.init(kDefaultMinHeap);
    p.x = registers.x;
  }
  ~BifCalls() override {
    dictionary_destroy(p);
    p.destroy();
    vm_delete(&p);
  }
  BifResult call(BifFn fn) {
    p.reds = kReductions;
    BifResult result = fn(p, p.x);
    while (result.value.is_none() && p.outcome == BifOutcome::Yield) {
      turns++;
      p.reds = kReductions;
      result = fn(p, p.x);
    }
    return result;
  }
  RegisterFile registers;
  Process& p;
  int turns = 0;
};

TEST_F(BifCalls, AgreeWithStock) {

  int calls = 0;
  for (const std::string& line : golden_lines("bif_calls.txt")) {
    std::istringstream in(line);
    std::string module, function, args_hex, want_hex;
    in >> module >> function >> args_hex >> want_hex;
    TermReader reader(1 << 16);
    Term args = reader.from_hex(args_hex);
    u32 arity = 0;
    p.live = 0;
    for (Term l = args; l.is_list(); l = l.tail()) {
      Builder b = p.reserve(copy_size(l.head()));
      p.x[arity++] = copy_term(l.head(), b);
      p.live = arity;
    }
    BifFn fn = find_bif(module, function, arity);
    ASSERT_NE(fn, nullptr) << module << ":" << function << "/" << arity;
    BifResult result = call(fn);
    Term want = reader.from_hex(want_hex);
    Term want_class = tuple_element(want, 0);
    Term want_value = tuple_element(want, 1);
    SCOPED_TRACE(module + ":" + function + " " + term_text(args, 2000));
    Term got = result.value.is_none() ? p.exc_reason : result.value;
    EXPECT_EQ(atom_name(want_class), result.value.is_none() ? "error" : "ok");
    EXPECT_TRUE(exact_equal(got, want_value)) << "got " << term_text(got) << "\nwant " << term_text(want_value);
    calls++;
  }
  EXPECT_GT(calls, 3000);
}

// Lists so long that the functions take several turns.
TEST_F(BifCalls, LongListsTakeTurns) {
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
  turns = 0;
  EXPECT_EQ(is_sequence(call(erlang_append_op_2).value, 1, 1, n), am::ok);
  EXPECT_GT(turns, 5);

  p.live = 0;
  p.x[0] = sequence();
  p.x[1] = Term::nil();
  p.live = 2;
  turns = 0;
  EXPECT_EQ(is_sequence(call(lists_reverse_2).value, n, -1, n), Term::nil());
  EXPECT_GT(turns, 5);

  p.live = 0;
  p.x[1] = sequence();
  p.x[0] = Term::small(n);
  p.live = 2;
  turns = 0;
  EXPECT_EQ(call(lists_member_2).value, am::true_);
  EXPECT_GT(turns, 5);
}

}  // namespace
}  // namespace lintel
