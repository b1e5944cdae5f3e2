// Calls and returns. A call charges its reduction here unless it is the turn's last one, which the
// handler does. The callee is entered by its handler, so that breakpoints and NIFs are found; frames
// hold the interpreter's return addresses, whose handlers are machine code where there is some.
#include "jit/x64/emitter.h"
#include "vm/code/export.h"
#include "vm/term/boxed.h"

namespace lintel::jit {

namespace {

void charge(Emitter& e) {
  e.a.cmp(kReds, 1);
  e.a.jle(e.slow());
  e.a.dec(kReds);
}

// The return address, when `base` holds the address of the code word `from`.
void push_return(Emitter& e, Gp base, const Word* from) {
  Word back = Term::interp_return(e.pc + e.shape().fixed_words()).bits();
  i64 distance = static_cast<i64>(back - reinterpret_cast<Word>(from));
  VM_CHECK(distance == static_cast<i32>(distance));
  e.a.lea(kA, x86::ptr(base, static_cast<i32>(distance)));
  e.a.mov(x86::qword_ptr(kSp, -8), kA);
  e.a.sub(kSp, 8);
}

void drop_frame(Emitter& e, u32 words) {
  if (words != 0) e.a.add(kSp, words * kWordBytes);
}

void call_local(Emitter& e, bool push, u32 frame) {
  charge(e);
  const Word* target = e.pc + e.i(0);
  e.a.mov(kPc, reinterpret_cast<Word>(target));
  if (push) push_return(e, kPc, target);
  drop_frame(e, frame);
  e.dispatch();
}

void call_export(Emitter& e, bool push, u32 frame) {
  charge(e);
  if (push) {
    e.a.mov(kPc, reinterpret_cast<Word>(e.pc));
    push_return(e, kPc, e.pc);
  }
  drop_frame(e, frame);
  e.a.mov(kA, e.word(0));
  e.a.mov(kPc, x86::qword_ptr(kA, offsets.export_entry));
  e.dispatch();
}

// Funs of loaded code and the right arity; x[arity] is the fun, after it its free variables follow
// the arguments.
void call_fun(Emitter& e, bool push, u32 frame) {
  auto& a = e.a;
  u32 arity = e.u(0);
  i32 x_fun = static_cast<i32>(arity * kWordBytes);
  i32 words = -static_cast<i32>(Tag::Boxed);
  a.cmp(kReds, 1);
  a.jle(e.slow());
  a.mov(kB, x86::qword_ptr(kX, x_fun));
  e.need_boxed(kB, BoxedTag::Fun, e.slow());
  a.mov(kC, x86::qword_ptr(kB, words + 8));
  a.cmp(x86::dword_ptr(kC, offsets.fun_arity), arity);
  a.jne(e.slow());
  a.mov(kPc, x86::qword_ptr(kC, offsets.fun_entry));
  a.add(kC, offsets.fun_stub);
  a.cmp(kPc, kC);
  a.je(e.slow());
  a.dec(kReds);
  a.mov(kA, Emitter::header_of(kB));
  a.shr(kA, 8);
  Label copied = a.newLabel();
  Label copy = a.newLabel();
  a.sub(kA, static_cast<i32>(kFunFixedWords - 1));
  a.jz(copied);
  a.bind(copy);  // the last free variable first
  a.mov(kC, x86::qword_ptr(kB, kA, 3, words + static_cast<i32>(kFunFixedWords - 1) * 8));
  a.mov(x86::qword_ptr(kX, kA, 3, x_fun - 8), kC);
  a.dec(kA);
  a.jnz(copy);
  a.bind(copied);
  if (push) {
    a.mov(kA, Term::interp_return(e.pc + e.shape().fixed_words()).bits());
    a.mov(x86::qword_ptr(kSp, -8), kA);
    a.sub(kSp, 8);
  }
  drop_frame(e, frame);
  e.dispatch();
}

void return_to_caller(Emitter& e, u32 frame) {
  auto& a = e.a;
  a.mov(kPc, x86::qword_ptr(kSp, static_cast<i32>(frame * kWordBytes)));
  a.add(kSp, (frame + 1) * kWordBytes);
  a.and_(kPc, -8);
  e.dispatch();
}

}  // namespace

bool emit_control(Emitter& e) {
  auto& a = e.a;
  switch (e.op) {
    case Op::jump: a.jmp(e.fail(0)); return true;
    case Op::nop: a.nop(); return true;
    case Op::call: call_local(e, true, 0); return true;
    case Op::call_last: call_local(e, false, e.u(1)); return true;
    case Op::call_only: call_local(e, false, 0); return true;
    case Op::call_ext: call_export(e, true, 0); return true;
    case Op::call_ext_last: call_export(e, false, e.u(0)); return true;
    case Op::call_ext_only: call_export(e, false, 0); return true;
    case Op::call_fun: call_fun(e, true, 0); return true;
    case Op::call_fun_last: call_fun(e, false, e.u(1)); return true;
    case Op::return_: return_to_caller(e, 0); return true;
    case Op::deallocate_return: return_to_caller(e, e.u(0)); return true;
    case Op::return_c:
      e.store_word(x86::qword_ptr(kX), e.word(0));
      return_to_caller(e, 0);
      return true;
    case Op::return_x:
      a.mov(kA, e.xreg(0));
      a.mov(x86::qword_ptr(kX), kA);
      return_to_caller(e, 0);
      return true;
    default: return false;
  }
}

}  // namespace lintel::jit
