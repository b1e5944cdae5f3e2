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

// Stores xmm0, which must be finite.
void store_result(Emitter& e) {
  e.need_finite();
  e.a.movsd(freg(e, 3), x86::xmm0);
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
      a.movsd(x86::xmm0, freg(e, 0));
      e.put_float();
      a.mov(e.reg(1), kA);
      return true;
    case Op::fconv: {
      Label no_small = a.newLabel();
      Label done = a.newLabel();
      a.mov(kA, e.reg(0));
      e.need_small(kA, no_small);
      a.sar(kA, kSmallShift);
      a.xorps(x86::xmm0, x86::xmm0);
      a.cvtsi2sd(x86::xmm0, kA);
      a.movsd(freg(e, 1), x86::xmm0);
      a.bind(done);
      e.aside([&e, no_small, done] {
        e.a.bind(no_small);
        e.need_boxed(kA, BoxedTag::Float, e.slow());
        e.a.mov(kA, x86::qword_ptr(kA, kFloatBits));
        e.a.mov(freg(e, 1), kA);
        e.a.jmp(done);
      });
      return true;
    }
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
