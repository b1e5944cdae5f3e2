// Arithmetic and guard BIFs. Small integers are done here; everything else goes to the BIF itself,
// with its arguments placed above the live registers so that they are roots.
#include "vm/code/export.h"
#include "vm/interp/handlers.h"
#include "vm/interp/interp.h"
#include "vm/sched/long_work.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"
#include "vm/term/compare.h"
#include "vm/term/map.h"

namespace lintel::interp {

namespace {

// Runs a BIF on two operands put above the live registers. Shared by all slow paths of one shape:
// operands 0 live, 1 fail, then the result register at `d`.
#define FINISH_BIF(result, d, raise, after)    \
  LOAD();                                      \
  if (VM_UNLIKELY((result).value.is_none())) { \
    if (U32(1) != 0) BRANCH(1);                \
    GOTO(raise);                               \
  }                                            \
  REG(d) = (result).value;                     \
  after

// A guard BIF in a body failed: its exception stands. (It cannot trap or yield.)
COLD_PATH(raise_guard_bif) {
  p->pc = pc;
  GOTO(raise_exception_in_bif);
}

// The BIFs that have operations of their own: called in every odd case, and named in traces.
struct OwnBifs {
#define OWN_BIFS(F)                                                                            \
  F(plus, "+", 2) F(minus, "-", 2) F(times, "*", 2) F(int_div, "div", 2) F(int_rem, "rem", 2)   \
  F(band, "band", 2) F(bor, "bor", 2) F(bxor, "bxor", 2) F(bsl, "bsl", 2) F(bsr, "bsr", 2)      \
  F(element, "element", 2) F(hd, "hd", 1) F(tl, "tl", 1) F(tuple_size, "tuple_size", 1)         \
  F(length, "length", 1) F(map_get, "map_get", 2) F(not_, "not", 1)
#define F(name, text, arity) const BifEntry* name;
  OWN_BIFS(F)
#undef F
};
OwnBifs own;

// Notes which BIF runs on which arguments, and calls it.
VM_ALWAYS_INLINE BifResult call_guard_bif(Process* p, const BifEntry* bif, Term* args) {
  p->current_bif = bif;
  p->bif_args = args;
  return bif->body(*p, args);
}

// Small integers: the word of the result, or false where it is no small or the BIF has to look.
// Words are added, subtracted and compared as they are; the tag is 0.
VM_ALWAYS_INLINE i64 word_of(Term t) { return static_cast<i64>(t.bits()); }
VM_ALWAYS_INLINE bool fast_add(Term a, Term b, i64* r) {
  return !__builtin_add_overflow(word_of(a), word_of(b), r);
}
VM_ALWAYS_INLINE bool fast_sub(Term a, Term b, i64* r) {
  return !__builtin_sub_overflow(word_of(a), word_of(b), r);
}
VM_ALWAYS_INLINE bool fast_mul(Term a, Term b, i64* r) {
  return !__builtin_mul_overflow(a.small_value(), word_of(b), r);
}
VM_ALWAYS_INLINE bool fast_int_div(Term a, Term b, i64* r) {
  // kSmallMin div -1 is the one quotient that does not fit.
  if (b == Term::small(0) || b == Term::small(-1)) return false;
  *r = word_of(Term::small(a.small_value() / b.small_value()));
  return true;
}
VM_ALWAYS_INLINE bool fast_int_rem(Term a, Term b, i64* r) {
  if (b == Term::small(0)) return false;
  *r = word_of(Term::small(a.small_value() % b.small_value()));
  return true;
}
VM_ALWAYS_INLINE bool fast_band(Term a, Term b, i64* r) { return *r = word_of(a) & word_of(b), true; }
VM_ALWAYS_INLINE bool fast_bor(Term a, Term b, i64* r) { return *r = word_of(a) | word_of(b), true; }
VM_ALWAYS_INLINE bool fast_bxor(Term a, Term b, i64* r) { return *r = word_of(a) ^ word_of(b), true; }
VM_ALWAYS_INLINE bool fast_bsl(Term a, Term b, i64* r) {
  u64 shift = static_cast<u64>(b.small_value());
  if (shift >= 64 - kSmallShift) return false;
  *r = static_cast<i64>(a.bits() << shift);
  return *r >> shift == word_of(a);  // nothing is lost when shifting back gives the same word
}
VM_ALWAYS_INLINE bool fast_bsr(Term a, Term b, i64* r) {
  i64 shift = b.small_value();
  if (shift < 0) return false;
  *r = word_of(Term::small(a.small_value() >> (shift > 63 ? 63 : shift)));
  return true;
}

VM_ALWAYS_INLINE bool never_long(const Process&, Term, Term) { return false; }

}  // namespace

// One form of an operation: its operands are A and B; `raise` is how it fails in a body; what `is_long`
// is not for a scheduler.
#define ARITH_FORM(op, A, B, fast, bif, raise, is_long)                      \
  namespace {                                                                \
  COLD_PATH(op##_slow) {                                                     \
    u32 live = U32(0);                                                       \
    Term a = A;                                                              \
    Term b = B;                                                              \
    SAVE();                                                                  \
    if (is_long(*p, a, b)) return restart_on_dirty(*p, x, live);             \
    x[live] = a;                                                             \
    x[live + 1] = b;                                                         \
    p->live = live + 2;                                                      \
    BifResult r = call_guard_bif(p, own.bif, x + live);                      \
    FINISH_BIF(r, 4, raise, NEXT(op));                                       \
  }                                                                          \
  }                                                                          \
  HANDLER(op) {                                                              \
    Term a = A;                                                              \
    Term b = B;                                                              \
    i64 r;                                                                   \
    if (VM_LIKELY(both_small(a, b)) && VM_LIKELY(fast(a, b, &r))) {          \
      REG(4) = Term(static_cast<Word>(r));                                   \
      NEXT(op);                                                              \
    }                                                                        \
    GOTO(op##_slow);                                                         \
  }
// Registers; register and small constant.
#define ARITH(op, bif, raise_i, is_long)                                               \
  ARITH_FORM(op, REG(2), REG(3), fast_##op, bif, raise_guard_bif, is_long)             \
  ARITH_FORM(op##_i, REG(2), small_operand(I32(3)), fast_##op, bif, raise_i, never_long)

// Adding a constant in a body is an instruction of its own to the stock VM, so that its failure shows
// no erlang:'+'/2 in the trace.
ARITH(add, plus, raise_exception, never_long)
ARITH(sub, minus, raise_exception, never_long)
ARITH_FORM(add_ir, small_operand(I32(2)), REG(3), fast_add, plus, raise_exception, never_long)
ARITH_FORM(sub_ir, small_operand(I32(2)), REG(3), fast_sub, minus, raise_guard_bif, never_long)
ARITH(mul, times, raise_guard_bif, is_long_product)
ARITH(int_div, int_div, raise_guard_bif, is_long_product)
ARITH(int_rem, int_rem, raise_guard_bif, is_long_product)
ARITH(band, band, raise_guard_bif, never_long)
ARITH(bor, bor, raise_guard_bif, never_long)
ARITH(bxor, bxor, raise_guard_bif, never_long)
ARITH(bsl, bsl, raise_guard_bif, never_long)
ARITH(bsr, bsr, raise_guard_bif, never_long)
#undef ARITH
#undef ARITH_FORM

// ---- BIFs in guards and bodies ----

namespace {
VM_ALWAYS_INLINE const BifEntry* bif_entry(Word operand) {
  return reinterpret_cast<const BifEntry*>(operand);
}
}  // namespace

HANDLER(gc_bif1) {
  u32 live = U32(0);
  x[live] = SOURCE(gc_bif1, 0);
  SAVE();
  p->live = live + 1;
  BifResult r = call_guard_bif(p, bif_entry(A64(gc_bif1, 1)), x + live);
  FINISH_BIF(r, 2, raise_guard_bif, NEXT(gc_bif1));
}
HANDLER(gc_bif2) {
  u32 live = U32(0);
  Term a = SOURCE(gc_bif2, 0);
  Term b = SOURCE(gc_bif2, 1);
  x[live] = a;
  x[live + 1] = b;
  SAVE();
  p->live = live + 2;
  BifResult r = call_guard_bif(p, bif_entry(A64(gc_bif2, 2)), x + live);
  FINISH_BIF(r, 2, raise_guard_bif, NEXT(gc_bif2));
}
HANDLER(gc_bif3) {
  u32 live = U32(0);
  Term a = SOURCE(gc_bif3, 0);
  Term b = SOURCE(gc_bif3, 1);
  Term c = SOURCE(gc_bif3, 2);
  x[live] = a;
  x[live + 1] = b;
  x[live + 2] = c;
  SAVE();
  p->live = live + 3;
  BifResult r = call_guard_bif(p, bif_entry(A64(gc_bif3, 3)), x + live);
  FINISH_BIF(r, 2, raise_guard_bif, NEXT(gc_bif3));
}

// The compiler gives these no live count, so nothing may move: a reservation inside one of them is
// served from a fragment. `fail` is the index of the fail label's operand, kNoFail without one.
constexpr u32 kNoFail = ~0u;
#define NOGC_BIF(bif, args, fail, d, op)                                   \
  SAVE();                                                                  \
  u32 flags = p->heap_flags;                                               \
  p->heap_flags = (flags & ~Heap::kForceCollect) | Heap::kDisallowCollect; \
  BifResult r = call_guard_bif(p, bif, args);                              \
  p->heap_flags = flags;                                                   \
  LOAD();                                                                  \
  if (VM_UNLIKELY(r.value.is_none())) {                                    \
    if ((fail) != kNoFail && U32(fail) != 0) BRANCH(fail);                 \
    GOTO(raise_guard_bif);                                                 \
  }                                                                        \
  REG(d) = r.value;                                                        \
  NEXT(op)

HANDLER(bif0) {
  Term* args = x + kMaxX;
  NOGC_BIF(bif_entry(A64(bif0, 0)), args, kNoFail, 0, bif0);
}
HANDLER(bif1) {
  Term* args = x + kMaxX;
  args[0] = SOURCE(bif1, 0);
  NOGC_BIF(bif_entry(A64(bif1, 1)), args, 0, 1, bif1);
}
HANDLER(bif2) {
  Term* args = x + kMaxX;
  args[0] = SOURCE(bif2, 0);
  args[1] = SOURCE(bif2, 1);
  NOGC_BIF(bif_entry(A64(bif2, 2)), args, 0, 1, bif2);
}

namespace {

// The fast paths below leave every odd case to the BIF itself.
#define FALL_BACK(op, bif, count, fail, d, A, B)    \
  COLD_PATH(op##_slow) {                            \
    Term* args = x + kMaxX;                         \
    args[0] = A;                                    \
    if (count == 2) args[1] = B;                    \
    NOGC_BIF(own.bif, args, fail, d, op);           \
  }
FALL_BACK(element, element, 2, 0, 3, REG(1), REG(2))
FALL_BACK(element_i, element, 2, 0, 3, Term::small(I32(2)), REG(1))
FALL_BACK(hd, hd, 1, 0, 2, REG(1), Term())
FALL_BACK(tl, tl, 1, 0, 2, REG(1), Term())
FALL_BACK(tuple_size, tuple_size, 1, 1, 3, REG(2), Term())
FALL_BACK(length, length, 1, 1, 3, REG(2), Term())
FALL_BACK(map_get, map_get, 2, 0, 3, REG(1), REG(2))
FALL_BACK(not_, not_, 1, 0, 2, REG(1), Term())
#undef FALL_BACK

}  // namespace

const BifEntry* erlang_bif(std::string_view name, u32 arity) {
  for (u32 i = 0; i < bif_count; i++) {
    const BifEntry& b = bif_table[i];
    if (b.module == "erlang" && b.function == name && b.arity == arity) return &b;
  }
  VM_PANIC("no such BIF");
}

void arith_init() {
#define F(name, text, arity) own.name = erlang_bif(text, arity);
  OWN_BIFS(F)
#undef F
}

HANDLER(element) {
  Term t = REG(2);
  Term position = REG(1);
  if (VM_LIKELY(t.is_tuple() && position.is_small()) &&
      VM_LIKELY(static_cast<u64>(position.small_value()) - 1 < tuple_arity(t))) {
    REG(3) = t.object()[position.small_value()];
    NEXT(element);
  }
  GOTO(element_slow);
}
HANDLER(element_i) {
  Term t = REG(1);
  u64 position = static_cast<u64>(I32(2));
  if (VM_LIKELY(t.is_tuple() && position - 1 < tuple_arity(t))) {
    REG(3) = t.object()[position];
    NEXT(element_i);
  }
  GOTO(element_i_slow);
}
HANDLER(hd) {
  Term t = REG(1);
  if (VM_LIKELY(t.is_list())) {
    REG(2) = t.head();
    NEXT(hd);
  }
  GOTO(hd_slow);
}
HANDLER(tl) {
  Term t = REG(1);
  if (VM_LIKELY(t.is_list())) {
    REG(2) = t.tail();
    NEXT(tl);
  }
  GOTO(tl_slow);
}
HANDLER(tuple_size) {
  Term t = REG(2);
  if (VM_LIKELY(t.is_tuple())) {
    REG(3) = Term::small(static_cast<i64>(tuple_arity(t)));
    NEXT(tuple_size);
  }
  GOTO(tuple_size_slow);
}
namespace {
// Cells counted by a scheduler.
constexpr i64 kCountedAtOnce = 500000;
COLD_PATH(length_long) {
  if (on_dirty_thread(*p)) GOTO(length_slow);
  SAVE();
  restart_on_dirty(*p, x, U32(0));
}
}  // namespace

HANDLER(length) {
  Term t = REG(2);
  i64 n = 0;
  while (t.is_list()) {
    t = t.tail();
    if (VM_UNLIKELY(++n > kCountedAtOnce)) GOTO(length_long);
  }
  if (VM_LIKELY(t.is_nil())) {
    reds -= n >> 6;
    REG(3) = Term::small(n);
    NEXT(length);
  }
  GOTO(length_slow);
}
HANDLER(map_get) {
  Term map = REG(2);
  if (VM_LIKELY(map.is_map())) {
    Term value = map_get_fast(map, REG(1));
    if (VM_LIKELY(!value.is_none())) {
      REG(3) = value;
      NEXT(map_get);
    }
  }
  GOTO(map_get_slow);
}
HANDLER(self) {
  REG(0) = p->id;
  NEXT(self);
}
HANDLER(bif_eq_exact) {
  Term result = am_bool(exact_equal(REG(0), REG(1)));
  REG(2) = result;
  NEXT(bif_eq_exact);
}
HANDLER(not_) {
  Term t = REG(1);
  if (t == am::true_) {
    REG(2) = am::false_;
    NEXT(not_);
  }
  if (VM_LIKELY(t == am::false_)) {
    REG(2) = am::true_;
    NEXT(not_);
  }
  GOTO(not__slow);
}

}  // namespace lintel::interp
