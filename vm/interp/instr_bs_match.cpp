// Matching binaries. A match context is a mutable cursor into a heap or refc binary; each operation
// reads at its position and, when the field is there and right, moves it on. A failing operation
// leaves the position alone and branches to operand 0.
//
// The code says nothing about what a register holds, so each operation makes sure that it is a
// context before it looks inside. Contexts move at a collection: an operation that reserves keeps
// its context in the register above the live ones meanwhile.
#include "vm/interp/handlers.h"
#include "vm/ops/bits.h"
#include "vm/term/atom.h"

namespace lintel::interp {

namespace {

VM_ALWAYS_INLINE bool is_context(Term t) {
  return VM_LIKELY(t.is_boxed()) &&
         VM_LIKELY(t.header_word() == Term::header(BoxedTag::MatchCtx, kMatchContextWords - 1));
}

// A context opened: where it stands and what is left.
struct Cursor {
  MatchContext* context;
  u64 at;
  u64 left;
  const u8* base() const { return base_bytes(context->base); }
  void move(u64 bits) const { context->position_small = Term::small(static_cast<i64>(at + bits)); }
};
VM_ALWAYS_INLINE Cursor cursor_of(Term t) {
  auto* m = view<MatchContext>(t);
  i64 at = m->position_small.small_value();
  return {m, static_cast<u64>(at), static_cast<u64>(m->end_small.small_value() - at)};
}

COLD_PATH(not_a_context) {
  SAVE();
  (void)raise_badarg(*p);
  GOTO(raise_exception);
}

// Bits of a field whose size is a term. False: no size at all, or more than any binary has.
VM_ALWAYS_INLINE bool field_bits(Term size, u64 unit, u64* bits) {
  if (VM_UNLIKELY(!size.is_small() || size.small_value() < 0)) return false;
  return VM_LIKELY(
      !__builtin_mul_overflow(static_cast<u64>(size.small_value()), unit, bits));
}

// Room for `words`; `context` is a root meanwhile and comes back where it moved to. Between SAVE()
// and LOAD().
VM_ALWAYS_INLINE Builder reserve_for(Process* p, Term* x, u32 live, u64 words, Term* context) {
  x[live] = *context;
  p->live = live + 1;
  Builder b = p->reserve(words);
  *context = x[live];
  return b;
}

}  // namespace

#define CONTEXT(i)                                   \
  Term ctx = REG(i);                                 \
  if (VM_UNLIKELY(!is_context(ctx))) GOTO(not_a_context); \
  Cursor in = cursor_of(ctx)

// ---- contexts ----

namespace {
// Makes a context of a bitstring; SAVE() before, LOAD() after.
VM_NOINLINE Term new_context(Process* p, Term* x, u32 live, Term source) {
  Builder b = reserve_for(p, x, live, kMatchContextWords, &source);
  Term base = source;
  u64 start = 0;
  u64 size = bitstring_bit_size(source);
  if (source.boxed_tag() == BoxedTag::SubBinary) {
    base = view<SubBinary>(source)->base;
    start = view<SubBinary>(source)->bit_offset();
  }
  auto* m = reinterpret_cast<MatchContext*>(b.alloc(kMatchContextWords));
  m->header = Term::header(BoxedTag::MatchCtx, kMatchContextWords - 1);
  m->position_small = Term::small(static_cast<i64>(start));
  m->end_small = Term::small(static_cast<i64>(start + size));
  m->base = base;
  m->start_small = Term::small(static_cast<i64>(start));
  return Term::boxed(&m->header);
}

COLD_PATH(no_match) {
  if (U32(0) != 0) BRANCH(0);
  GOTO(not_a_context);
}
// The first look at a binary; later rounds of a loop find a context.
VM_NOINLINE void start_match_new(HANDLER_PARAMS) {
  Term source = REG(3);
  if (VM_UNLIKELY(!source.is_bitstring())) GOTO(no_match);
  SAVE();
  Term context = new_context(p, x, U32(1), source);
  LOAD();
  REG(2) = context;
  NEXT(bs_start_match);
}
VM_NOINLINE void start_match_position_new(HANDLER_PARAMS) {
  Term source = REG(4);
  if (VM_UNLIKELY(!source.is_bitstring())) GOTO(no_match);
  SAVE();
  Term context = new_context(p, x, U32(1), source);
  LOAD();
  REG(2) = context;
  REG(3) = view<MatchContext>(context)->position_small;
  NEXT(bs_start_match_position);
}
}  // namespace

HANDLER(bs_start_match) {
  Term source = REG(3);
  if (VM_UNLIKELY(!is_context(source))) GOTO(start_match_new);
  REG(2) = source;
  NEXT(bs_start_match);
}
HANDLER(bs_start_match_position) {
  Term source = REG(4);
  if (VM_UNLIKELY(!is_context(source))) GOTO(start_match_position_new);
  REG(2) = source;
  REG(3) = view<MatchContext>(source)->position_small;
  NEXT(bs_start_match_position);
}
HANDLER(bs_get_position) {
  Term ctx = REG(0);
  if (VM_UNLIKELY(!is_context(ctx))) GOTO(not_a_context);
  REG(1) = view<MatchContext>(ctx)->position_small;
  NEXT(bs_get_position);
}
HANDLER(bs_set_position) {
  Term ctx = REG(0);
  Term position = REG(1);
  if (VM_UNLIKELY(!is_context(ctx)) || VM_UNLIKELY(!position.is_small())) GOTO(not_a_context);
  auto* m = view<MatchContext>(ctx);
  i64 at = position.small_value();
  if (VM_UNLIKELY(at < m->start_small.small_value() || at > m->end_small.small_value())) {
    GOTO(not_a_context);
  }
  m->position_small = position;
  NEXT(bs_set_position);
}
HANDLER(bs_get_tail) {
  CONTEXT(1);
  SAVE();
  Builder b = reserve_for(p, x, U32(0), bits_part_words(in.left), &ctx);
  Term tail = bits_part(b, view<MatchContext>(ctx)->base, in.at, in.left);
  LOAD();
  REG(2) = tail;
  NEXT(bs_get_tail);
}

// ---- integers ----

// Fields of whole bytes at whole bytes need no C++ call and so no frame.
#define GET_WHOLE(op, n, fits)                                                     \
  VM_NOINLINE static void op##_unaligned(HANDLER_PARAMS) {                         \
    Cursor in = cursor_of(REG(1));                                                 \
    u64 value = bits_load_slow(in.base(), in.at, n);                               \
    in.move(n);                                                                    \
    REG(2) = Term::small(static_cast<i64>(value));                                 \
    NEXT(op);                                                                      \
  }                                                                                \
  HANDLER(op) {                                                                    \
    CONTEXT(1);                                                                    \
    if (VM_UNLIKELY(in.left < n) || !(fits)) BRANCH(0);                            \
    if (VM_UNLIKELY((in.at & 7) != 0)) GOTO(op##_unaligned);                       \
    u64 value = bits_load_aligned<n>(in.base() + in.at / 8);                       \
    in.move(n);                                                                    \
    REG(2) = Term::small(static_cast<i64>(value));                                 \
    NEXT(op);                                                                      \
  }
GET_WHOLE(bs_get_integer_8, 8, true)
GET_WHOLE(bs_get_integer_16, 16, true)
GET_WHOLE(bs_get_integer_32, 32, true)
// At the label that both tests branch to, it does not show how far they got.
GET_WHOLE(bs_get_integer_8_unit8, 8, (in.left & 7) == 0)
#undef GET_WHOLE

// Fields that follow each other, with one look at what is left.
HANDLER(bs_get_integers) {
  CONTEXT(1);
  u64 total = A64(bs_get_integers, 0);
  if (VM_UNLIKELY(in.left < total)) BRANCH(0);
  const u8* base = in.base();
  u64 at = in.at;
  u32 n = U32(2);
  const Word* fields = TAIL(bs_get_integers);
  in.move(total);
  for (u32 i = 0; i < n; i++) {
    BsField f{fields[i]};
    if (f.d() != BsField::kBsSkip) {
      u64 value = bits_load_field(base, at, f.bits(), f.flags());
      reg_at(x, sp, f.d()) = Term::small(static_cast<i64>(value));
    }
    at += f.bits();
  }
  NEXT_TAIL(bs_get_integers, n);
}

HANDLER(bs_get_integer_small) {
  CONTEXT(1);
  u32 n = U32(2);
  if (VM_UNLIKELY(in.left < n)) BRANCH(0);
  u64 value = bits_load_field(in.base(), in.at, n, U32(3));
  in.move(n);
  REG(4) = Term::small(static_cast<i64>(value));
  NEXT(bs_get_integer_small);
}

// The integer of `n` bits, n <= what is left, into `result`; none() when it is beyond bignums.
#define GET_INTEGER(n, flags, live)                                              \
  SAVE();                                                                        \
  Term result;                                                                   \
  {                                                                              \
    Builder b = reserve_for(p, x, live, bits_get_integer_words(n), &ctx);        \
    in = cursor_of(ctx);                                                         \
    result = bits_get_integer(in.base(), in.at, n, flags, b);                    \
    if (VM_LIKELY(!result.is_none())) in.move(n);                                \
  }                                                                              \
  LOAD()

HANDLER(bs_get_integer_fixed) {
  CONTEXT(2);
  u64 n = A64(bs_get_integer_fixed, 0);
  if (VM_UNLIKELY(in.left < n)) BRANCH(0);
  GET_INTEGER(n, U32(3), U32(1));
  if (VM_UNLIKELY(result.is_none())) BRANCH(0);
  REG(4) = result;
  NEXT(bs_get_integer_fixed);
}
HANDLER(bs_get_integer) {
  CONTEXT(2);
  u64 n;
  if (VM_UNLIKELY(!field_bits(SOURCE(bs_get_integer, 0), U32(3), &n)) || in.left < n) BRANCH(0);
  if (VM_LIKELY(n <= kSmallFieldBits)) {
    u64 value = n == 0 ? 0 : bits_load_field(in.base(), in.at, static_cast<u32>(n), U32(4));
    in.move(n);
    REG(5) = Term::small(static_cast<i64>(value));
    NEXT(bs_get_integer);
  }
  GET_INTEGER(n, U32(4), U32(1));
  if (VM_UNLIKELY(result.is_none())) BRANCH(0);
  REG(5) = result;
  NEXT(bs_get_integer);
}

// ---- floats ----

HANDLER(bs_get_float) {
  CONTEXT(2);
  u64 n;
  if (VM_UNLIKELY(!field_bits(SOURCE(bs_get_float, 0), U32(3), &n)) || in.left < n) BRANCH(0);
  double value = 0.0;
  if (VM_LIKELY(n != 0)) {
    if (VM_UNLIKELY(!bits_float_size_ok(n)) ||
        !bits_get_float(in.base(), in.at, static_cast<u32>(n), U32(4), &value)) {
      BRANCH(0);
    }
  }
  SAVE();
  Builder b = reserve_for(p, x, U32(1), kFloatWords, &ctx);
  Term result = b.floating(value);
  LOAD();
  cursor_of(ctx).move(n);
  REG(5) = result;
  NEXT(bs_get_float);
}

// ---- binaries ----

#define GET_BINARY(n, live)                                                  \
  SAVE();                                                                    \
  Builder b = reserve_for(p, x, live, bits_part_words(n), &ctx);             \
  in = cursor_of(ctx);                                                       \
  Term result = bits_part(b, in.context->base, in.at, n);                    \
  in.move(n);                                                                \
  LOAD()

HANDLER(bs_get_binary_fixed) {
  CONTEXT(2);
  u64 n = A64(bs_get_binary_fixed, 0);
  if (VM_UNLIKELY(in.left < n)) BRANCH(0);
  GET_BINARY(n, U32(1));
  REG(3) = result;
  NEXT(bs_get_binary_fixed);
}
HANDLER(bs_get_binary) {
  CONTEXT(2);
  u64 n;
  if (VM_UNLIKELY(!field_bits(SOURCE(bs_get_binary, 0), U32(3), &n)) || in.left < n) BRANCH(0);
  GET_BINARY(n, U32(1));
  REG(4) = result;
  NEXT(bs_get_binary);
}
HANDLER(bs_get_binary_all) {
  CONTEXT(2);
  u64 n = in.left;
  u32 unit = U32(3);
  if (VM_UNLIKELY(unit == 8 ? (n & 7) != 0 : n % unit != 0)) BRANCH(0);
  GET_BINARY(n, U32(1));
  REG(4) = result;
  NEXT(bs_get_binary_all);
}

// ---- what only looks or skips ----

HANDLER(bs_skip_bits_fixed) {
  CONTEXT(1);
  u64 n = A64(bs_skip_bits_fixed, 0);
  if (VM_UNLIKELY(in.left < n)) BRANCH(0);
  in.move(n);
  NEXT(bs_skip_bits_fixed);
}
HANDLER(bs_skip_bits) {
  CONTEXT(1);
  u64 n;
  if (VM_UNLIKELY(!field_bits(SOURCE(bs_skip_bits, 0), U32(2), &n)) || in.left < n) BRANCH(0);
  in.move(n);
  NEXT(bs_skip_bits);
}
HANDLER(bs_test_tail) {
  CONTEXT(1);
  if (in.left != A64(bs_test_tail, 0)) BRANCH(0);
  NEXT(bs_test_tail);
}
HANDLER(bs_test_unit) {
  CONTEXT(1);
  u32 unit = U32(2);
  if (unit == 8 ? (in.left & 7) != 0 : in.left % unit != 0) BRANCH(0);
  NEXT(bs_test_unit);
}
HANDLER(bs_match_string) {
  CONTEXT(1);
  u32 n = U32(2);
  if (in.left < n ||
      !bits_equal(in.base(), in.at, reinterpret_cast<const u8*>(A64(bs_match_string, 0)), 0, n)) {
    BRANCH(0);
  }
  in.move(n);
  NEXT(bs_match_string);
}

// ---- characters ----

// Out of line, so that a handler keeps no C++ variable in memory over its tail call: the character,
// or -1, with the context moved.
namespace {
VM_NOINLINE i64 take_utf8(const Cursor in) {
  u32 c;
  u32 n = bits_get_utf8(in.base(), in.at, in.left, &c);
  if (n == 0) return -1;
  in.move(n);
  return c;
}
VM_NOINLINE i64 take_utf16(const Cursor in, u32 flags) {
  u32 c;
  u32 n = bits_get_utf16(in.base(), in.at, in.left, flags, &c);
  if (n == 0) return -1;
  in.move(n);
  return c;
}
VM_NOINLINE i64 take_utf32(const Cursor in, u32 flags) {
  u32 c;
  u32 n = bits_get_utf32(in.base(), in.at, in.left, flags, &c);
  if (n == 0) return -1;
  in.move(n);
  return c;
}
}  // namespace

HANDLER(bs_get_utf8) {
  CONTEXT(1);
  if (VM_LIKELY((in.at & 7) == 0 && in.left >= 8)) {
    u8 first = in.base()[in.at / 8];
    if (VM_LIKELY(first < 0x80)) {
      in.move(8);
      REG(2) = Term::small(first);
      NEXT(bs_get_utf8);
    }
  }
  i64 c = take_utf8(in);
  if (c < 0) BRANCH(0);
  REG(2) = Term::small(c);
  NEXT(bs_get_utf8);
}
HANDLER(bs_get_utf16) {
  CONTEXT(1);
  i64 c = take_utf16(in, U32(2));
  if (c < 0) BRANCH(0);
  REG(3) = Term::small(c);
  NEXT(bs_get_utf16);
}
HANDLER(bs_get_utf32) {
  CONTEXT(1);
  i64 c = take_utf32(in, U32(2));
  if (c < 0) BRANCH(0);
  REG(3) = Term::small(c);
  NEXT(bs_get_utf32);
}
HANDLER(bs_skip_utf8) {
  CONTEXT(1);
  if (take_utf8(in) < 0) BRANCH(0);
  NEXT(bs_skip_utf8);
}
HANDLER(bs_skip_utf16) {
  CONTEXT(1);
  if (take_utf16(in, U32(2)) < 0) BRANCH(0);
  NEXT(bs_skip_utf16);
}
HANDLER(bs_skip_utf32) {
  CONTEXT(1);
  if (take_utf32(in, U32(2)) < 0) BRANCH(0);
  NEXT(bs_skip_utf32);
}

}  // namespace lintel::interp
