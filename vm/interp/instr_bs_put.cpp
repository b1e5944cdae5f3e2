// Building binaries. bs_create_bin does it all in one operation (vm/ops/bs_create.h). Code of older
// compilers starts with bs_init, bs_append or bs_private_append, which note the place in p->build,
// and fills it in with bs_put_*; no collection comes in between.
#include "vm/interp/handlers.h"
#include "vm/interp/interp.h"
#include "vm/ops/bits.h"
#include "vm/ops/bs_create.h"
#include "vm/term/atom.h"
#include "vm/term/compare.h"

namespace lintel::interp {

namespace {

COLD_PATH(bs_badarg) {
  if (U32(0) != 0) BRANCH(0);
  SAVE();
  (void)raise_badarg(*p);
  GOTO(raise_exception);
}
COLD_PATH(bs_system_limit) {
  if (U32(0) != 0) BRANCH(0);
  SAVE();
  (void)raise_system_limit(*p);
  GOTO(raise_exception);
}

// The slow parts keep their own frames, so that the handlers have none. Between SAVE() and LOAD().

enum Outcome { kDone, kBad, kLimit, kLong };

// kDone: built, result in *d. The old registers are read before it is written.
VM_NOINLINE Outcome create(Process* p, Term* x, const Word* pc) {
  constexpr OpShape shape = SHAPE(bs_create_bin);
  BsFailure failure;
  Term result =
      bs_create(*p, reinterpret_cast<const BsSegment*>(pc + shape.fixed_words()),
                U32(5) / kBsSegmentWords, U32(3), U32(1), U32(2), &failure);
  if (VM_LIKELY(!result.is_none())) {
    reg_at(x, p->sp, U32(4)) = result;
    return kDone;
  }
  if (VM_UNLIKELY(failure.is_long)) return kLong;
  if (U32(0) == 0) (void)raise_bs_failure(*p, failure);
  return kBad;
}

VM_NOINLINE Outcome init(Process* p, Term* x, const Word* pc, Term size) {
  BsFailure failure;
  u64 bits;
  if (!bs_field_bits(size, U32(3), &bits, &failure)) return failure.limit ? kLimit : kBad;
  if (bits > kMaxBinaryBits) return kLimit;
  u8* bytes;
  Term result = bs_allocate(*p, bits, U32(1), U32(2), &bytes);
  p->build = {bytes, 0, bits};
  reg_at(x, p->sp, U32(4)) = result;
  return kDone;
}

VM_NOINLINE Outcome append(Process* p, Term* x, Term size, Term binary, u32 unit, u32 extra,
                           u32 live, bool is_private, u32 d) {
  BsFailure failure;
  u64 bits;
  if (!bs_field_bits(size, 1, &bits, &failure)) return failure.limit ? kLimit : kBad;
  BsAppend a = is_private ? bs_private_append(*p, binary, bits, unit, &failure)
                          : bs_append(*p, binary, bits, unit, extra, live, &failure);
  if (a.binary.is_none()) return failure.limit ? kLimit : kBad;
  p->build = {a.bytes, a.at, a.at + bits};
  reg_at(x, p->sp, d) = a.binary;
  return kDone;
}

bool room(const Process* p, u64 bits) { return p->build.end - p->build.at >= bits; }

VM_NOINLINE bool put_integer(Process* p, Term size, Term value, u32 unit, u32 flags) {
  BsFailure failure;
  u64 bits;
  if (!value.is_integer() || !bs_field_bits(size, unit, &bits, &failure) || !room(p, bits)) {
    return false;
  }
  bits_put_integer(p->build.bytes, p->build.at, bits, flags, value);
  p->build.at += bits;
  return true;
}
VM_NOINLINE bool put_float(Process* p, Term size, Term value, u32 unit, u32 flags) {
  BsFailure failure;
  u64 bits;
  if (!bs_field_bits(size, unit, &bits, &failure) || !room(p, bits) ||
      !bs_write_float(*p, p->build.bytes, p->build.at, bits, flags, value, &failure)) {
    return false;
  }
  p->build.at += bits;
  return true;
}
VM_NOINLINE bool put_binary(Process* p, Term size, Term value, u32 unit) {
  BsFailure failure;
  if (!value.is_bitstring()) return false;
  Bits from = bits_of(value);
  u64 bits = from.bit_size;
  if (size == am::all) {
    if (unit > 1 && bits % unit != 0) return false;
  } else if (!bs_field_bits(size, unit, &bits, &failure) || bits > from.bit_size) {
    return false;
  }
  if (!room(p, bits)) return false;
  bits_copy(p->build.bytes, p->build.at, from.base, from.bit_offset, bits);
  p->build.at += bits;
  p->reds -= static_cast<i64>(bits / (8 * 1024));
  return true;
}
bool is_character(Term c) {
  return c.is_small() && c.small_value() >= 0 &&
         is_unicode_scalar(static_cast<u64>(c.small_value()));
}
VM_NOINLINE bool put_utf8(Process* p, Term value) {
  if (!is_character(value)) return false;
  u32 c = static_cast<u32>(value.small_value());
  if (!room(p, utf8_bytes(c) * 8)) return false;
  p->build.at += bits_put_utf8(p->build.bytes, p->build.at, c);
  return true;
}
VM_NOINLINE bool put_utf16(Process* p, Term value, u32 flags) {
  if (!is_character(value)) return false;
  u32 c = static_cast<u32>(value.small_value());
  if (!room(p, utf16_bytes(c) * 8)) return false;
  p->build.at += bits_put_utf16(p->build.bytes, p->build.at, flags, c);
  return true;
}

}  // namespace

// What a binary takes in the block at most.
constexpr u64 kCreateWords = heap_binary_words(kMaxHeapBinary) + kSubBinaryWords + kRefcBinaryWords;

HANDLER(bs_create_bin) {
  SAVE();
  if (VM_UNLIKELY(!has_room(p, sp, htop, kCreateWords + U32(1))) &&
      stops_for_collection(*p, x, kCreateWords + U32(1), U32(2))) {
    return;
  }
  Outcome outcome = create(p, x, pc);
  LOAD();
  if (VM_LIKELY(outcome == kDone)) NEXT_TAIL(bs_create_bin, U32(5));
  if (outcome == kLong) return restart_on_dirty(*p, x, U32(2));
  if (U32(0) != 0) BRANCH(0);
  GOTO(raise_exception);
}
// Whole bytes at the end of a binary that is being built up by appending, with room for them: what
// most comprehensions and accumulating loops do. Everything else is left to bs_create_bin.
namespace {
struct Tail {
  BsWritable pair;
  u64 end;   // bytes used after
  bool ok;
};
VM_ALWAYS_INLINE Tail open_tail(Term binary, const BsSegment* s, Term value) {
  Tail t;
  u64 bits = s[1].size;
  t.ok = false;
  if (VM_UNLIKELY(!value.is_small()) || VM_UNLIKELY(!bs_writable_pair(binary, &t.pair))) return t;
  u64 used = t.pair.sub->bit_size();
  t.end = (used + bits) / 8;
  t.ok = (used & 7) == 0 && t.end <= t.pair.refc->data->capacity;
  return t;
}
VM_ALWAYS_INLINE void write_tail(Process* p, const Tail& t, u64 bits, Term value) {
  bits_store(t.pair.refc->data->bytes, t.end * 8 - bits, static_cast<u64>(value.small_value()),
             static_cast<u32>(bits));
  bs_note_growth(*p, t.pair.refc, t.end);
}
}  // namespace

HANDLER(bs_private_append_integer) {
  auto* s = reinterpret_cast<const BsSegment*>(TAIL(bs_private_append_integer));
  Term binary = source(x, sp, s[0].value);
  Term value = source(x, sp, s[1].value);
  Tail t = open_tail(binary, s, value);
  if (VM_UNLIKELY(!t.ok)) GOTO(op_bs_create_bin);
  write_tail(p, t, s[1].size, value);
  t.pair.sub->bit_size_small = Term::small(static_cast<i64>(t.end * 8));
  REG(4) = binary;
  NEXT_TAIL(bs_private_append_integer, U32(5));
}
HANDLER(bs_append_integer) {
  auto* s = reinterpret_cast<const BsSegment*>(TAIL(bs_append_integer));
  Term binary = source(x, sp, s[0].value);
  Term value = source(x, sp, s[1].value);
  Tail t = open_tail(binary, s, value);
  if (VM_UNLIKELY(!t.ok) || VM_UNLIKELY(!has_room(p, sp, htop, kSubBinaryWords + U32(1)))) {
    GOTO(op_bs_create_bin);
  }
  write_tail(p, t, s[1].size, value);
  t.pair.sub->writable_small = Term::small(0);
  auto* sub = reinterpret_cast<SubBinary*>(htop);
  htop += kSubBinaryWords;
  sub->header = Term::header(BoxedTag::SubBinary, kSubBinaryWords - 1);
  sub->bit_size_small = Term::small(static_cast<i64>(t.end * 8));
  sub->bit_offset_small = Term::small(0);
  sub->base = t.pair.sub->base;
  sub->writable_small = Term::small(1);
  REG(4) = Term::boxed(&sub->header);
  NEXT_TAIL(bs_append_integer, U32(5));
}
HANDLER(bs_fail_limit) { GOTO(bs_system_limit); }

#define FINISH(outcome, op)                        \
  LOAD();                                          \
  if (VM_LIKELY((outcome) == kDone)) NEXT(op);     \
  if ((outcome) == kLimit) GOTO(bs_system_limit);  \
  GOTO(bs_badarg)

HANDLER(bs_init) {
  SAVE();
  Outcome o = init(p, x, pc, SOURCE(bs_init, 0));
  FINISH(o, bs_init);
}
HANDLER(bs_append) {
  SAVE();
  Outcome o = append(p, x, SOURCE(bs_append, 0), SOURCE(bs_append, 1), U32(3), U32(1), U32(2),
                     false, U32(4));
  FINISH(o, bs_append);
}
HANDLER(bs_private_append) {
  SAVE();
  Outcome o = append(p, x, SOURCE(bs_private_append, 0), SOURCE(bs_private_append, 1), U32(1), 0, 0,
                     true, U32(2));
  FINISH(o, bs_private_append);
}
#undef FINISH

HANDLER(bs_init_writable) {
  SAVE();
  Term size = x[0];
  u64 bytes = size.is_small() && size.small_value() >= 0 &&
                      static_cast<u64>(size.small_value()) <= kMaxBinaryBits / 8
                  ? static_cast<u64>(size.small_value())
                  : 1024;
  Term result = bs_writable(*p, bytes, 0);
  LOAD();
  x[0] = result;
  NEXT(bs_init_writable);
}

// The total so far plus units * unit. What does not fit any binary is system_limit at once.
HANDLER(bs_add) {
  Term a = SOURCE(bs_add, 0);
  Term b = SOURCE(bs_add, 1);
  if (VM_LIKELY(both_small(a, b)) && a.small_value() >= 0 && b.small_value() >= 0) {
    i64 sum;
    if (VM_LIKELY(!__builtin_mul_overflow(b.small_value(), static_cast<i64>(U32(1)), &sum)) &&
        !__builtin_add_overflow(sum, a.small_value(), &sum) && Term::fits_small(sum)) {
      REG(2) = Term::small(sum);
      NEXT(bs_add);
    }
    GOTO(bs_system_limit);
  }
  auto counts = [](Term t) {
    return t.is_small() ? t.small_value() >= 0 : t.is_big() && !big_is_negative(t);
  };
  if (counts(a) && counts(b)) GOTO(bs_system_limit);
  GOTO(bs_badarg);
}

HANDLER(bs_put_integer) {
  if (VM_UNLIKELY(!put_integer(p, SOURCE(bs_put_integer, 0), SOURCE(bs_put_integer, 1), U32(1),
                               U32(2)))) {
    GOTO(bs_badarg);
  }
  NEXT(bs_put_integer);
}
HANDLER(bs_put_float) {
  if (VM_UNLIKELY(
          !put_float(p, SOURCE(bs_put_float, 0), SOURCE(bs_put_float, 1), U32(1), U32(2)))) {
    GOTO(bs_badarg);
  }
  NEXT(bs_put_float);
}
HANDLER(bs_put_binary) {
  SAVE();
  bool ok = put_binary(p, SOURCE(bs_put_binary, 0), SOURCE(bs_put_binary, 1), U32(1));
  LOAD();
  if (VM_UNLIKELY(!ok)) GOTO(bs_badarg);
  NEXT(bs_put_binary);
}
HANDLER(bs_put_string) {
  u64 bits = u64{U32(0)} * 8;
  if (VM_UNLIKELY(!room(p, bits))) {
    SAVE();
    (void)raise_badarg(*p);
    GOTO(raise_exception);
  }
  bits_copy(p->build.bytes, p->build.at, reinterpret_cast<const u8*>(A64(bs_put_string, 0)), 0,
            bits);
  p->build.at += bits;
  NEXT(bs_put_string);
}

// Sizes of characters in bytes. What is no character gets some size; writing it fails.
HANDLER(bs_utf8_size) {
  Term c = SOURCE(bs_utf8_size, 0);
  u32 n = is_character(c) ? utf8_bytes(static_cast<u32>(c.small_value())) : 4;
  REG(0) = Term::small(n);
  NEXT(bs_utf8_size);
}
HANDLER(bs_utf16_size) {
  Term c = SOURCE(bs_utf16_size, 0);
  u32 n = is_character(c) ? utf16_bytes(static_cast<u32>(c.small_value())) : 4;
  REG(0) = Term::small(n);
  NEXT(bs_utf16_size);
}
HANDLER(bs_put_utf8) {
  if (VM_UNLIKELY(!put_utf8(p, SOURCE(bs_put_utf8, 0)))) GOTO(bs_badarg);
  NEXT(bs_put_utf8);
}
HANDLER(bs_put_utf16) {
  if (VM_UNLIKELY(!put_utf16(p, SOURCE(bs_put_utf16, 0), U32(1)))) GOTO(bs_badarg);
  NEXT(bs_put_utf16);
}
HANDLER(bs_put_utf32) {
  Term c = SOURCE(bs_put_utf32, 0);
  if (VM_UNLIKELY(!is_character(c)) ||
      !put_integer(p, Term::small(32), c, 1, U32(1))) {
    GOTO(bs_badarg);
  }
  NEXT(bs_put_utf32);
}

}  // namespace lintel::interp
