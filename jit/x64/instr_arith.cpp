// Arithmetic and guard BIFs on small integers, tuples and lists. Whatever is not that, overflows or
// fails is the handler's, which calls the BIF.
//
// A small integer is its value shifted, so words are added, subtracted and masked as they are.
#include <cstddef>

#include "jit/x64/emitter.h"
#include "vm/code/bif_table.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel::jit {

namespace {

constexpr u32 kMostShift = 63 - kSmallShift;  // more leaves nothing but the sign
constexpr u32 kResult = 4;  // operand index: live, fail, a, b, result

// What an operation's second operand is: a register, or a small's word.
struct Operands {
  bool constant;
  i32 word;
};

// kA = a, and kB = b when it is a register; both small.
Operands load_operands(Emitter& e, bool constant) {
  e.a.mov(kA, e.reg(2));
  if (constant) {
    e.need_small(kA, e.slow());
    return {true, e.i(3)};
  }
  e.a.mov(kB, e.reg(3));
  e.need_smalls(kA, kB, e.slow());
  return {false, 0};
}
// The same with the constant first, which is then in kA.
void load_constant_first(Emitter& e) {
  e.a.mov(kB, e.reg(3));
  e.need_small(kB, e.slow());
  e.load_word(kA, static_cast<Word>(static_cast<i64>(e.i(2))));
}
void finish(Emitter& e) { e.a.mov(e.reg(kResult), kA); }
void finish_unless_overflow(Emitter& e) {
  e.a.jo(e.slow());
  finish(e);
}

// Arithmetic that floats have too: of two registers, which may hold two floats.
void arith(Emitter& e, bool constant, void (*on_smalls)(Emitter& e, Operands o), x86::Inst::Id on_floats) {
  auto& a = e.a;
  if (constant) {
    on_smalls(e, load_operands(e, true));
    finish_unless_overflow(e);
    return;
  }
  Label no_smalls = a.newLabel();
  Label done = a.newLabel();
  a.mov(kA, e.reg(2));
  a.mov(kB, e.reg(3));
  e.need_smalls(kA, kB, no_smalls);
  on_smalls(e, {false, 0});
  finish_unless_overflow(e);
  a.bind(done);
  e.aside([&e, no_smalls, done, on_floats] {
    auto& a = e.a;
    constexpr i32 kBits = static_cast<i32>(kWordBytes) - static_cast<i32>(Tag::Boxed);
    a.bind(no_smalls);
    e.need_boxed(kA, BoxedTag::Float, e.slow());
    e.need_boxed(kB, BoxedTag::Float, e.slow());
    a.movsd(x86::xmm0, x86::qword_ptr(kA, kBits));
    a.emit(on_floats, x86::xmm0, x86::qword_ptr(kB, kBits));
    e.need_finite();
    e.need_room(kFloatWords);
    e.put_float();
    finish(e);
    a.jmp(done);
  });
}
void add(Emitter& e, bool constant) {
  auto smalls = [](Emitter& e, Operands o) { o.constant ? e.a.add(kA, o.word) : e.a.add(kA, kB); };
  arith(e, constant, smalls, x86::Inst::kIdAddsd);
}
void sub(Emitter& e, bool constant) {
  auto smalls = [](Emitter& e, Operands o) { o.constant ? e.a.sub(kA, o.word) : e.a.sub(kA, kB); };
  arith(e, constant, smalls, x86::Inst::kIdSubsd);
}
void mul(Emitter& e, bool constant) {
  auto smalls = [](Emitter& e, Operands o) {
    e.a.sar(kA, kSmallShift);
    o.constant ? e.a.imul(kA, kA, o.word) : e.a.imul(kA, kB);
  };
  arith(e, constant, smalls, x86::Inst::kIdMulsd);
}

// Leaves the quotient of the words in kA, or the remainder. rdx, which is the stack pointer, waits in
// kD. The smallest integer divided by -1 is no small, and its words' quotient overflows nothing.
void divide(Emitter& e, bool constant, bool remainder) {
  auto& a = e.a;
  static_assert(kSp == x86::rdx && kA == x86::rax && kD != kSp);
  Operands o = load_operands(e, constant);
  if (o.constant) {
    e.load_word(kB, static_cast<Word>(static_cast<i64>(o.word)));
  } else {
    a.test(kB, kB);
    a.jz(e.slow());
    if (!remainder) {
      a.cmp(kB, static_cast<i32>(Term::small(-1).bits()));
      a.je(e.slow());
    }
  }
  a.mov(kD, kSp);
  a.cqo();
  a.idiv(kB);
  if (remainder) {
    a.mov(kA, kSp);
  } else {
    a.shl(kA, kSmallShift);
  }
  a.mov(kSp, kD);
  finish(e);
}
bool can_divide_by(const Emitter& e, bool remainder) {
  return e.i(3) != 0 && (remainder || Term(static_cast<Word>(static_cast<i64>(e.i(3)))) != Term::small(-1));
}

// Shifts whose distance is in a register need it in cl; rcx, which is htop, waits in kD.
void shift_left(Emitter& e, bool constant) {
  auto& a = e.a;
  static_assert(kHtop == x86::rcx);
  Operands o = load_operands(e, constant);
  if (o.constant) {
    u32 distance = static_cast<u32>(o.word) >> kSmallShift;
    a.mov(kB, kA);
    a.shl(kA, distance);
    a.mov(kC, kA);
    a.sar(kC, distance);
    a.cmp(kC, kB);
  } else {
    a.sar(kB, kSmallShift);
    a.cmp(kB, 64 - kSmallShift);
    a.jae(e.slow());
    a.mov(kD, kHtop);
    a.mov(kHtop.r32(), kB.r32());
    a.mov(kB, kA);
    a.shl(kA, x86::cl);
    a.mov(kC, kA);
    a.sar(kC, x86::cl);
    a.mov(kHtop, kD);
    a.cmp(kC, kB);
  }
  a.jne(e.slow());  // bits were lost
  finish(e);
}
void shift_right(Emitter& e, bool constant) {
  auto& a = e.a;
  Operands o = load_operands(e, constant);
  if (o.constant) {
    u32 distance = static_cast<u32>(o.word) >> kSmallShift;
    a.sar(kA, distance > kMostShift ? 63 : distance + kSmallShift);
  } else {
    Label near = a.newLabel();
    a.sar(kB, kSmallShift);
    a.js(e.slow());
    a.cmp(kB, kMostShift);
    a.jbe(near);
    a.mov(kB.r32(), kMostShift);
    a.bind(near);
    a.mov(kD, kHtop);
    a.lea(kHtop.r32(), x86::ptr(kB, kSmallShift));
    a.sar(kA, x86::cl);
    a.mov(kHtop, kD);
  }
  a.shl(kA, kSmallShift);
  finish(e);
}
bool can_shift_by(const Emitter& e, u32 below) {
  return e.i(3) >= 0 && static_cast<u32>(e.i(3)) >> kSmallShift < below;
}

// kA is a tuple; leaves its arity in kB.
void tuple_arity_of(Emitter& e) {
  e.need_boxed(kA, BoxedTag::Tuple, e.slow());
  e.a.mov(kB, Emitter::header_of(kA));
  e.a.shr(kB, 8);
}
constexpr i32 kElement0 = -static_cast<i32>(Tag::Boxed);  // the header; elements count from 1

// ---- sizes ----

// A field of the object in kA.
Mem field_at(size_t offset) {
  return x86::qword_ptr(kA, static_cast<i32>(offset) - static_cast<i32>(Tag::Boxed));
}

// Loads the operand and its kind, in kB.
void load_object(Emitter& e) {
  e.load_source(kA, e.word(0));
  e.need_tag(kA, Tag::Boxed, e.slow());
  Mem kind_at = Emitter::header_of(kA);
  kind_at.setSize(1);
  e.a.movzx(kB.r32(), kind_at);
}

void byte_size(Emitter& e) {
  auto& a = e.a;
  Label shared = a.newLabel();
  Label part = a.newLabel();
  Label done = a.newLabel();
  load_object(e);
  a.cmp(kB.r8(), Emitter::kind_byte(BoxedTag::RefcBinary));
  a.je(shared);
  a.cmp(kB.r8(), Emitter::kind_byte(BoxedTag::SubBinary));
  a.je(part);
  a.cmp(kB.r8(), Emitter::kind_byte(BoxedTag::HeapBinary));
  a.jne(e.slow());
  a.mov(kA, field_at(offsetof(HeapBinary, size)));
  a.shl(kA, kSmallShift);
  a.jmp(done);
  a.bind(shared);
  a.mov(kA, field_at(offsetof(RefcBinary, size_small)));
  a.jmp(done);
  a.bind(part);  // bits, rounded up
  a.mov(kA, field_at(offsetof(SubBinary, bit_size_small)));
  a.add(kA, 7 << kSmallShift);
  a.shr(kA, 3);
  a.and_(kA, -(1 << kSmallShift));
  a.bind(done);
  a.mov(e.reg(2), kA);
}
void map_size(Emitter& e) {
  auto& a = e.a;
  Label flat = a.newLabel();
  Label done = a.newLabel();
  load_object(e);
  a.cmp(kB.r8(), Emitter::kind_byte(BoxedTag::FlatMap));
  a.je(flat);
  a.cmp(kB.r8(), Emitter::kind_byte(BoxedTag::HamtRoot));
  a.jne(e.slow());
  a.mov(kA, field_at(kWordBytes));
  a.jmp(done);
  a.bind(flat);  // a flat map's header counts its key tuple and its values
  a.mov(kA, Emitter::header_of(kA));
  a.shr(kA, 8);
  a.dec(kA);
  a.shl(kA, kSmallShift);
  a.bind(done);
  a.mov(e.reg(2), kA);
}

bool size_bif(Emitter& e) {
  const auto& bif = *reinterpret_cast<const BifEntry*>(e.word(1));
  if (bif.module != "erlang") return false;
  if (bif.function == "byte_size") return byte_size(e), true;
  if (bif.function == "map_size") return map_size(e), true;
  return false;
}

}  // namespace

bool emit_arith(Emitter& e) {
  auto& a = e.a;
  switch (e.op) {
    CASE(add): add(e, false); return true;
    CASE(add_i): add(e, true); return true;
    CASE(add_ir):
      load_constant_first(e);
      a.add(kA, kB);
      finish_unless_overflow(e);
      return true;
    CASE(sub): sub(e, false); return true;
    CASE(sub_i): sub(e, true); return true;
    CASE(sub_ir):
      load_constant_first(e);
      a.sub(kA, kB);
      finish_unless_overflow(e);
      return true;
    CASE(mul): mul(e, false); return true;
    CASE(mul_i): mul(e, true); return true;
    CASE(int_div): divide(e, false, false); return true;
    CASE(int_div_i):
      if (!can_divide_by(e, false)) return false;
      divide(e, true, false);
      return true;
    CASE(int_rem): divide(e, false, true); return true;
    CASE(int_rem_i):
      if (!can_divide_by(e, true)) return false;
      divide(e, true, true);
      return true;
    CASE(band):
      load_operands(e, false);
      a.and_(kA, kB);
      finish(e);
      return true;
    CASE(band_i):
      a.and_(kA, load_operands(e, true).word);
      finish(e);
      return true;
    CASE(bor):
      load_operands(e, false);
      a.or_(kA, kB);
      finish(e);
      return true;
    CASE(bor_i):
      a.or_(kA, load_operands(e, true).word);
      finish(e);
      return true;
    CASE(bxor):
      load_operands(e, false);
      a.xor_(kA, kB);
      finish(e);
      return true;
    CASE(bxor_i):
      a.xor_(kA, load_operands(e, true).word);
      finish(e);
      return true;
    CASE(bsl): shift_left(e, false); return true;
    CASE(bsl_i):
      if (!can_shift_by(e, 64 - kSmallShift)) return false;
      shift_left(e, true);
      return true;
    CASE(bsr): shift_right(e, false); return true;
    CASE(bsr_i):
      if (e.i(3) < 0) return false;
      shift_right(e, true);
      return true;

    CASE(element):
      a.mov(kA, e.reg(2));
      tuple_arity_of(e);
      a.mov(kD, e.reg(1));
      e.need_small(kD, e.slow());
      a.sar(kD, kSmallShift);
      a.lea(kC, x86::ptr(kD, -1));
      a.cmp(kC, kB);
      a.jae(e.slow());
      a.mov(kA, x86::qword_ptr(kA, kD, 3, kElement0));
      a.mov(e.reg(3), kA);
      return true;
    CASE(element_i):
      if (e.i(2) < 1 || e.i(2) >= 1 << 24) return false;
      a.mov(kA, e.reg(1));
      tuple_arity_of(e);
      a.cmp(kB, e.i(2));
      a.jb(e.slow());
      a.mov(kA, x86::qword_ptr(kA, kElement0 + e.i(2) * static_cast<i32>(kWordBytes)));
      a.mov(e.reg(3), kA);
      return true;
    CASE(hd):
      a.mov(kA, e.reg(1));
      e.need_tag(kA, Tag::List, e.slow());
      a.mov(kA, x86::qword_ptr(kA, -static_cast<i32>(Tag::List)));
      a.mov(e.reg(2), kA);
      return true;
    CASE(tl):
      a.mov(kA, e.reg(1));
      e.need_tag(kA, Tag::List, e.slow());
      a.mov(kA, x86::qword_ptr(kA, static_cast<i32>(kWordBytes) - static_cast<i32>(Tag::List)));
      a.mov(e.reg(2), kA);
      return true;
    CASE(tuple_size):
      a.mov(kA, e.reg(2));
      tuple_arity_of(e);
      a.shl(kB, kSmallShift);
      a.mov(e.reg(3), kB);
      return true;
    case Op::length: {
      Label again = a.newLabel();
      Label end = a.newLabel();
      a.mov(kA, e.reg(2));
      a.xor_(kB.r32(), kB.r32());
      a.bind(again);
      e.need_tag(kA, Tag::List, end);
      a.mov(kA, x86::qword_ptr(kA, static_cast<i32>(kWordBytes) - static_cast<i32>(Tag::List)));
      a.inc(kB);
      a.jmp(again);
      a.bind(end);
      a.cmp(kA, static_cast<i32>(Term::nil().bits()));
      a.jne(e.slow());
      a.mov(kA, kB);
      a.shr(kA, 6);
      a.sub(kReds, kA);
      a.shl(kB, kSmallShift);
      a.mov(e.reg(3), kB);
      return true;
    }
    case Op::gc_bif1: return size_bif(e);
    case Op::bif_eq_exact: {
      // Identical words are equal; of others only pointers of the same tag can be.
      Label done = a.newLabel();
      a.mov(kB, e.reg(0));
      a.mov(kC, e.reg(1));
      e.load_word(kA, am::true_.bits());
      a.cmp(kB, kC);
      a.je(done);
      a.mov(kD.r32(), kB.r32());
      a.xor_(kD.r32(), kC.r32());
      e.load_word(kA, am::false_.bits());
      a.test(kD.r8(), 7);
      a.jnz(done);
      a.inc(kB.r32());
      a.test(kB.r8(), 2);
      a.jnz(e.slow());
      a.bind(done);
      a.mov(e.reg(2), kA);
      return true;
    }
    case Op::not_: {
      Label done = a.newLabel();
      a.mov(kB, e.reg(1));
      e.load_word(kA, am::false_.bits());
      e.compare(kB, am::true_.bits());
      a.je(done);
      e.compare(kB, am::false_.bits());
      a.jne(e.slow());
      e.load_word(kA, am::true_.bits());
      a.bind(done);
      a.mov(e.reg(2), kA);
      return true;
    }
    case Op::self:
      a.mov(kA, x86::qword_ptr(kProcess, offsets.id));
      a.mov(e.reg(0), kA);
      return true;
    default: return false;
  }
}

}  // namespace lintel::jit
