// Float arithmetic on the float registers, which follow the X registers.
#include <cstddef>
#include <cstring>

#include "jit/x64/emitter.h"
#include "vm/proc/process.h"
#include "vm/term/boxed.h"

namespace lintel::jit {

namespace {

Mem freg(Emitter& e, u32 n) {
  return x86::qword_ptr(kX, static_cast<i32>(offsetof(RegisterFile, f) + e.u(n)));
}
constexpr i32 kFloatBits = static_cast<i32>(kWordBytes) - static_cast<i32>(Tag::Boxed);
constexpr i32 kExponentBits = 0x7ff;

// Stores xmm0, which must be finite.
void store_result(Emitter& e) {
  auto& a = e.a;
  a.movq(kA, x86::xmm0);
  a.shr(kA, 52);
  a.and_(kA.r32(), kExponentBits);
  a.cmp(kA.r32(), kExponentBits);
  a.je(e.slow());
  a.movsd(freg(e, 3), x86::xmm0);
}

}  // namespace

bool emit_float(Emitter& e) {
  auto& a = e.a;
  switch (e.op) {
    case Op::fmove_in:
      a.mov(kA, e.reg(0));
      a.mov(kA, x86::qword_ptr(kA, kFloatBits));
      a.mov(freg(e, 1), kA);
      return true;
    case Op::fmove_const: {
      double value = float_value(Term(e.word(0)));
      Word bits;
      std::memcpy(&bits, &value, sizeof bits);
      e.store_word(freg(e, 0), bits);
      return true;
    }
    case Op::fmove_out:
      e.store_word(x86::qword_ptr(kHtop), Term::header(BoxedTag::Float, 1).bits());
      a.mov(kA, freg(e, 0));
      a.mov(x86::qword_ptr(kHtop, kWordBytes), kA);
      a.lea(kA, x86::ptr(kHtop, static_cast<i32>(Tag::Boxed)));
      a.add(kHtop, kFloatWords * kWordBytes);
      a.mov(e.reg(1), kA);
      return true;
    case Op::fconv:
      a.mov(kA, e.reg(0));
      e.need_small(kA, e.slow());
      a.sar(kA, kSmallShift);
      a.xorps(x86::xmm0, x86::xmm0);
      a.cvtsi2sd(x86::xmm0, kA);
      a.movsd(freg(e, 1), x86::xmm0);
      return true;
    case Op::fadd:
      a.movsd(x86::xmm0, freg(e, 1));
      a.addsd(x86::xmm0, freg(e, 2));
      store_result(e);
      return true;
    case Op::fsub:
      a.movsd(x86::xmm0, freg(e, 1));
      a.subsd(x86::xmm0, freg(e, 2));
      store_result(e);
      return true;
    case Op::fmul:
      a.movsd(x86::xmm0, freg(e, 1));
      a.mulsd(x86::xmm0, freg(e, 2));
      store_result(e);
      return true;
    case Op::fdiv:
      a.movsd(x86::xmm0, freg(e, 1));
      a.divsd(x86::xmm0, freg(e, 2));
      store_result(e);
      return true;
    default: return false;
  }
}

}  // namespace lintel::jit
