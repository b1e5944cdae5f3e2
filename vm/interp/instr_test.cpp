// Tests and selections. A failing test branches to operand 0.
#include <algorithm>

#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/interp/handlers.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"
#include "vm/term/compare.h"

namespace lintel::interp {

#define TYPE_TEST(op, condition) \
  HANDLER(op) {                  \
    Term t = REG(1);             \
    if (condition) NEXT(op);     \
    BRANCH(0);                   \
  }

TYPE_TEST(is_integer, VM_LIKELY(t.is_small()) || t.is_big())
TYPE_TEST(is_float, t.is_float())
TYPE_TEST(is_number, t.is_number())
TYPE_TEST(is_atom, t.is_atom())
TYPE_TEST(is_pid, t.is_pid())
TYPE_TEST(is_reference, t.is_ref())
TYPE_TEST(is_port, t.is_port())
TYPE_TEST(is_nil, t.is_nil())
TYPE_TEST(is_binary, is_binary(t))
TYPE_TEST(is_bitstr, t.is_bitstring())
TYPE_TEST(is_list, t.is_list() || t.is_nil())
TYPE_TEST(is_nonempty_list, t.is_list())
TYPE_TEST(is_tuple, t.is_tuple())
TYPE_TEST(is_boolean, t == am::true_ || t == am::false_)
TYPE_TEST(is_function, t.is_fun())
TYPE_TEST(is_map, t.is_map())
#undef TYPE_TEST
HANDLER(test_arity) {
  if (REG(1).header_word().bits() == A64(test_arity, 0)) NEXT(test_arity);
  BRANCH(0);
}
HANDLER(is_tuple_of_arity) {
  Term t = REG(1);
  if (t.is_boxed() && t.header_word().bits() == A64(is_tuple_of_arity, 0)) NEXT(is_tuple_of_arity);
  BRANCH(0);
}
HANDLER(is_tagged_tuple) {
  Term t = REG(1);
  if (t.is_boxed() && t.header_word().bits() == A64(is_tagged_tuple, 0) &&
      t.object()[1] == CONST(is_tagged_tuple, 1)) {
    NEXT(is_tagged_tuple);
  }
  BRANCH(0);
}
HANDLER(is_function2) {
  Term f = REG(1);
  Term n = REG(2);
  if (f.is_fun() && n.is_small()) {
    i64 arity = f.boxed_tag() == BoxedTag::Fun ? view<Fun>(f)->entry->arity
                                               : view<ExportFun>(f)->entry->arity;
    if (arity == n.small_value()) NEXT(is_function2);
  }
  BRANCH(0);
}

// Comparing objects is a call; it has a function of its own, so that the rest needs no frame.
#define COMPARE_OR_BRANCH(op, call, wanted) \
  COLD_PATH(op##_objects) {                 \
    if ((call) == (wanted)) NEXT(op);       \
    BRANCH(0);                              \
  }
#define EXACT_TEST(op, wanted)                                                  \
  namespace {                                                                   \
  COMPARE_OR_BRANCH(op, exact_equal_slow(REG(1), REG(2)), wanted)               \
  }                                                                             \
  HANDLER(op) {                                                                 \
    Term a = REG(1);                                                            \
    Term b = REG(2);                                                            \
    if (a != b && a.is_pointer() && a.tag() == b.tag()) GOTO(op##_objects);     \
    if ((a == b) == (wanted)) NEXT(op);                                         \
    BRANCH(0);                                                                  \
  }
EXACT_TEST(is_eq_exact, true)
EXACT_TEST(is_ne_exact, false)
#undef EXACT_TEST
HANDLER(is_eq_imm) {
  if (REG(1) == CONST(is_eq_imm, 0)) NEXT(is_eq_imm);
  BRANCH(0);
}
HANDLER(is_ne_imm) {
  if (REG(1) != CONST(is_ne_imm, 0)) NEXT(is_ne_imm);
  BRANCH(0);
}
// 1 == 1.0 makes numbers of different kinds equal, so only small integers and atoms are quick.
#define EQUAL_TEST(op, wanted)                                                  \
  namespace {                                                                   \
  COMPARE_OR_BRANCH(op, equal(REG(1), REG(2)), wanted)                          \
  }                                                                             \
  HANDLER(op) {                                                                 \
    Term a = REG(1);                                                            \
    Term b = REG(2);                                                            \
    bool same = a == b;                                                         \
    if (!same && !both_small(a, b) && !a.is_atom()) GOTO(op##_objects);         \
    if (same == (wanted)) NEXT(op);                                             \
    BRANCH(0);                                                                  \
  }
EQUAL_TEST(is_eq, true)
EQUAL_TEST(is_ne, false)
#undef EQUAL_TEST

namespace {
VM_ALWAYS_INLINE bool small_less(Term a, Term b) {
  return static_cast<i64>(a.bits()) < static_cast<i64>(b.bits());
}
}  // namespace

#define ORDER_TEST(op, A, B, wanted)                          \
  namespace {                                                 \
  COMPARE_OR_BRANCH(op, compare(A, B) < 0, wanted)            \
  }                                                           \
  HANDLER(op) {                                               \
    Term a = A;                                               \
    Term b = B;                                               \
    if (VM_UNLIKELY(!both_small(a, b))) GOTO(op##_objects);   \
    if (small_less(a, b) == (wanted)) NEXT(op);               \
    BRANCH(0);                                                \
  }
ORDER_TEST(is_lt, REG(1), REG(2), true)
ORDER_TEST(is_ge, REG(1), REG(2), false)
ORDER_TEST(is_lt_ri, REG(1), small_operand(I32(2)), true)
ORDER_TEST(is_ge_ri, REG(1), small_operand(I32(2)), false)
ORDER_TEST(is_lt_ir, small_operand(I32(1)), REG(2), true)
ORDER_TEST(is_ge_ir, small_operand(I32(1)), REG(2), false)
#undef ORDER_TEST
#undef COMPARE_OR_BRANCH

// ---- selections ----

HANDLER(select_table) {
  Term t = REG(0);
  if (t.is_small()) {
    u64 index = static_cast<u64>(t.small_value() - I32(2));
    if (index < U32(3)) {
      pc += static_cast<i64>(TAIL(select_table)[index]);
      DISPATCH();
    }
  }
  BRANCH(1);
}
HANDLER(select_linear) {
  Word t = REG(0).bits();
  const Word* value = TAIL(select_linear);
  const Word* end = value + U32(2) / 2;
#pragma clang loop unroll(disable)
  do {
    if (*value == t) {
      pc += static_cast<i64>(value[U32(2) / 2]);
      DISPATCH();
    }
  } while (++value != end);
  BRANCH(1);
}
// Open addressing; the loader sees to it that slots are empty and chains short.
HANDLER(select_hash) {
  Word t = REG(0).bits();
  u32 mask = U32(2) / 2 - 1;
  const Word* slots = TAIL(select_hash);
  for (u32 i = select_hash_slot(t, U32(3), mask);; i = (i + 1) & mask) {
    Word value = slots[2 * i];
    if (VM_LIKELY(value == t)) {
      pc += static_cast<i64>(slots[2 * i + 1]);
      DISPATCH();
    }
    if (value == Term::none().bits()) BRANCH(1);
  }
}
HANDLER(select_arity) {
  Term t = REG(0);
  if (t.is_boxed()) {
    Word header = t.header_word().bits();
    u32 n = U32(2) / 2;
    const Word* values = TAIL(select_arity);
    for (u32 i = 0; i < n; i++) {
      if (values[i] == header) {
        pc += static_cast<i64>(values[n + i]);
        DISPATCH();
      }
    }
  }
  BRANCH(1);
}

// ---- nothing matched ----

HANDLER(if_end) {
  SAVE();
  p->live = 0;
  (void)raise_error(*p, am::if_clause);
  LOAD();
  GOTO(raise_exception);
}

#define RAISE_TAGGED(op, tag)                   \
  HANDLER(op) {                                 \
    Term value = REG(0);                        \
    SAVE();                                     \
    p->live = 0;                                \
    (void)raise_error_tuple(*p, am::tag, value); \
    LOAD();                                     \
    GOTO(raise_exception);                      \
  }
RAISE_TAGGED(case_end, case_clause)
RAISE_TAGGED(badmatch, badmatch)
RAISE_TAGGED(badrecord, badrecord)
RAISE_TAGGED(try_case_end, try_clause)
#undef RAISE_TAGGED

}  // namespace lintel::interp
