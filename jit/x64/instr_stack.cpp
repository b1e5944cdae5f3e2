// Stack frames and heap room. Collections are the handlers'.
#include "jit/x64/emitter.h"

namespace lintel::jit {

namespace {

bool room_fits(u64 words) { return words < u64{1} << 24; }

void push_slots(Emitter& e, u32 slots, bool clear) {
  if (slots == 0) return;
  e.a.sub(kSp, slots * kWordBytes);
  if (!clear) return;
  e.load_word(kA, Term::nil().bits());
  for (u32 n = 0; n < slots; n++) e.a.mov(x86::qword_ptr(kSp, static_cast<i32>(n * kWordBytes)), kA);
}

}  // namespace

bool emit_stack(Emitter& e) {
  switch (e.op) {
    case Op::allocate:
    case Op::allocate_zero:
      if (!room_fits(e.u(0))) return false;
      e.need_room(e.u(0));
      push_slots(e, e.u(0), e.op == Op::allocate_zero);
      return true;
    case Op::allocate_heap:
    case Op::allocate_heap_zero:
      if (!room_fits(u64{e.u(0)} + e.u(1))) return false;
      e.need_room(u64{e.u(0)} + e.u(1));
      push_slots(e, e.u(0), e.op == Op::allocate_heap_zero);
      return true;
    case Op::test_heap:
      if (!room_fits(e.u(0))) return false;
      e.need_room(e.u(0));
      return true;
    case Op::deallocate:
    case Op::trim:
      if (e.u(0) != 0) e.a.add(kSp, e.u(0) * kWordBytes);
      return true;
    case Op::init_y: e.store_word(e.yreg(0), Term::nil().bits()); return true;
    default: return false;
  }
}

}  // namespace lintel::jit
