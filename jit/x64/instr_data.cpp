// Moving data: registers, list cells, tuples, funs.
#include "jit/x64/emitter.h"
#include "vm/term/boxed.h"

namespace lintel::jit {

namespace {

constexpr i32 kHead = -static_cast<i32>(Tag::List);
constexpr i32 kTail = kHead + static_cast<i32>(kWordBytes);

void move(Emitter& e, Mem from, Mem to) {
  e.a.mov(kA, from);
  e.a.mov(to, kA);
}

// The element at a byte offset of the tuple in kA.
Mem element(Emitter& e, u32 n) {
  return x86::qword_ptr(kA, e.i(n) - static_cast<i32>(Tag::Boxed));
}

// `count` elements of operand 0's tuple: operands 1 offset, 2 register, 3 offset ...
void get_elements(Emitter& e, u32 count) {
  e.a.mov(kA, e.reg(0));
  for (u32 n = 0; n < count; n++) {
    e.a.mov(kB, element(e, 1 + 2 * n));
    e.a.mov(e.reg(2 + 2 * n), kB);
  }
}

Mem heap(u64 word) { return x86::qword_ptr(kHtop, static_cast<i32>(word * kWordBytes)); }

// The object built at htop, of this many words, goes to a register.
void finish(Emitter& e, Tag tag, u64 words, Mem to) {
  e.a.lea(kA, x86::ptr(kHtop, static_cast<i32>(tag)));
  e.a.add(kHtop, words * kWordBytes);
  e.a.mov(to, kA);
}

}  // namespace

bool emit_data(Emitter& e) {
  auto& a = e.a;
  switch (e.op) {
    case Op::move_xx: move(e, e.xreg(0), e.xreg(1)); return true;
    case Op::move_xy: move(e, e.xreg(0), e.yreg(1)); return true;
    case Op::move_yx: move(e, e.yreg(0), e.xreg(1)); return true;
    case Op::move_yy: move(e, e.yreg(0), e.yreg(1)); return true;
    case Op::move2_xx:
      for (u32 n = 0; n < 4; n += 2) move(e, e.xreg(n), e.xreg(n + 1));
      return true;
    case Op::move2_xy:
      for (u32 n = 0; n < 4; n += 2) move(e, e.xreg(n), e.yreg(n + 1));
      return true;
    case Op::move2_yx:
      for (u32 n = 0; n < 4; n += 2) move(e, e.yreg(n), e.xreg(n + 1));
      return true;
    case Op::move3_xy:
      for (u32 n = 0; n < 6; n += 2) move(e, e.xreg(n), e.yreg(n + 1));
      return true;
    case Op::move3_yx:
      for (u32 n = 0; n < 6; n += 2) move(e, e.yreg(n), e.xreg(n + 1));
      return true;
    case Op::move_cx: e.store_word(e.xreg(0), e.word(0)); return true;
    case Op::move_cy: e.store_word(e.yreg(0), e.word(0)); return true;
    case Op::swap:
      a.mov(kA, e.reg(0));
      a.mov(kB, e.reg(1));
      a.mov(e.reg(0), kB);
      a.mov(e.reg(1), kA);
      return true;

    CASE(get_list):
      a.mov(kA, e.reg(0));
      a.mov(kB, x86::qword_ptr(kA, kHead));
      a.mov(kC, x86::qword_ptr(kA, kTail));
      a.mov(e.reg(1), kB);
      a.mov(e.reg(2), kC);
      return true;
    CASE(is_nonempty_list_get_list):
      a.mov(kA, e.reg(1));
      e.need_tag(kA, Tag::List, e.fail(0));
      a.mov(kB, x86::qword_ptr(kA, kHead));
      a.mov(kC, x86::qword_ptr(kA, kTail));
      a.mov(e.reg(2), kB);
      a.mov(e.reg(3), kC);
      return true;
    CASE(get_hd):
      a.mov(kA, e.reg(0));
      move(e, x86::qword_ptr(kA, kHead), e.reg(1));
      return true;
    CASE(get_tl):
      a.mov(kA, e.reg(0));
      move(e, x86::qword_ptr(kA, kTail), e.reg(1));
      return true;
    CASE(get_tuple_element): get_elements(e, 1); return true;
    case Op::get_tuple_element_xy: get_elements(e, 1); return true;
    CASE(get_tuple_element2): get_elements(e, 2); return true;
    CASE(get_tuple_element3): get_elements(e, 3); return true;
    case Op::set_tuple_element:
      a.mov(kA, e.reg(1));
      a.mov(kB, e.reg(0));
      a.mov(element(e, 2), kB);
      return true;

    CASE(put_list):
      move(e, e.reg(0), heap(0));
      move(e, e.reg(1), heap(1));
      finish(e, Tag::List, 2, e.reg(2));
      return true;
    CASE(put_list_rc):
      move(e, e.reg(0), heap(0));
      e.store_word(heap(1), e.word(0));
      finish(e, Tag::List, 2, e.reg(1));
      return true;
    CASE(put_list_cr):
      e.store_word(heap(0), e.word(0));
      move(e, e.reg(0), heap(1));
      finish(e, Tag::List, 2, e.reg(1));
      return true;
    case Op::put_list_cc:
      e.store_word(heap(0), e.word(0));
      e.store_word(heap(1), e.word(1));
      finish(e, Tag::List, 2, e.reg(0));
      return true;
    CASE(put_tuple): {
      u32 count = e.u(1);
      e.store_word(heap(0), Term::header(BoxedTag::Tuple, count).bits());
      for (u32 n = 0; n < count; n++) e.store_source(heap(1 + n), e.tail()[n]);
      finish(e, Tag::Boxed, 1 + count, e.reg(0));
      return true;
    }
    case Op::make_fun: {
      u32 count = e.u(1);
      e.store_word(heap(0), Term::header(BoxedTag::Fun, kFunFixedWords - 1 + count).bits());
      e.store_word(heap(1), e.word(0));
      move(e, x86::qword_ptr(kProcess, offsets.id), heap(2));
      for (u32 n = 0; n < count; n++) e.store_source(heap(3 + n), e.tail()[n]);
      finish(e, Tag::Boxed, kFunFixedWords + count, e.reg(0));
      return true;
    }
    default: return false;
  }
}

}  // namespace lintel::jit
