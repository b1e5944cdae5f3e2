// Exceptions: entering and leaving try and catch. Raising is the handlers'.
#include "jit/x64/emitter.h"

namespace lintel::jit {

namespace {

// The catch tag's register holds no handler any more.
void forget_handler(Emitter& e) {
  e.store_word(e.yreg(0), Term::nil().bits());
  e.a.dec(x86::dword_ptr(kProcess, offsets.catches));
}

Mem x(u32 number) { return x86::qword_ptr(kX, static_cast<i32>(number * kWordBytes)); }

}  // namespace

bool emit_exception(Emitter& e) {
  auto& a = e.a;
  switch (e.op) {
    case Op::catch_:
      e.store_word(e.yreg(0), Term::catch_tag(reinterpret_cast<u64>(e.pc + e.i(1))).bits());
      a.inc(x86::dword_ptr(kProcess, offsets.catches));
      return true;
    case Op::try_end: forget_handler(e); return true;
    case Op::try_case:
      forget_handler(e);
      for (u32 n = 0; n < 3; n++) {
        a.mov(kA, x(n + 1));
        a.mov(x(n), kA);
      }
      return true;
    case Op::catch_end:  // nothing was raised
      a.cmp(x(0), static_cast<i32>(Term::none().bits()));
      a.je(e.slow());
      forget_handler(e);
      return true;
    default: return false;
  }
}

}  // namespace lintel::jit
