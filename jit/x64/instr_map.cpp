// Reading and changing flat maps where an operation's hint (vm/interp/instr_map.cpp) finds the keys. Searching,
// new keys and the hints' writing are the handlers'.
#include "jit/x64/emitter.h"
#include "vm/heap/heap.h"
#include "vm/term/boxed.h"

namespace lintel::jit {

namespace {

constexpr u32 kGetHintOperand = 3;
constexpr u32 kPutHintOperand = 4;
constexpr u32 kHintedKeys = 6;  // five bits each
constexpr u32 kHintMask = 31;
constexpr i32 kObject = -static_cast<i32>(Tag::Boxed);
constexpr i32 kKeyTuple = kObject + static_cast<i32>(kWordBytes);
constexpr i32 kFirstKey = kObject + static_cast<i32>(kWordBytes);
constexpr i32 kFirstValue = kObject + static_cast<i32>(2 * kWordBytes);

void load_hint(Emitter& e, Gp to, u32 operand) {
  e.a.mov(to, reinterpret_cast<Word>(reinterpret_cast<const u32*>(e.pc) + 1 + operand));
  e.a.mov(to.r32(), x86::dword_ptr(to));
}
// The five bits for pair n of the hint in xmm0. (Another thread may change the operation's own.)
void load_position(Emitter& e, u32 n) {
  e.a.movd(kB.r32(), x86::xmm0);
  if (n != 0) e.a.shr(kB.r32(), 5 * n);
  e.a.and_(kB.r32(), kHintMask);
}
// Goes on when kA is a flat map with this key at the position in kB. Uses kC, kD.
void need_key_there(Emitter& e, Word key) {
  auto& a = e.a;
  a.mov(kC, Emitter::header_of(kA));
  a.cmp(kC.r8(), Emitter::kind_byte(BoxedTag::FlatMap));
  a.jne(e.slow());
  a.shr(kC, 8);
  a.dec(kC);  // its keys
  a.cmp(kB, kC);
  a.jae(e.slow());
  a.mov(kC, x86::qword_ptr(kA, kKeyTuple));
  Mem there = x86::qword_ptr(kC, kB, 3, kFirstKey);
  if ((key & 4) != 0) {
    a.mov(kC, there);
    a.cmp(kC, x86::qword_ptr((key & 1) != 0 ? kSp : kX, static_cast<i32>(key >> 3)));
  } else if (static_cast<i64>(key) == static_cast<i32>(static_cast<i64>(key))) {
    a.cmp(there, static_cast<i32>(key));
  } else {
    a.mov(kC, there);
    a.mov(kD, key);
    a.cmp(kC, kD);
  }
  a.jne(e.slow());
}

// A copy with other values; the map itself when they are the same.
void put_values(Emitter& e) {
  auto& a = e.a;
  u32 pairs = e.u(3) / 2;
  e.load_source(kA, e.word(0));
  e.need_tag(kA, Tag::Boxed, e.slow());
  load_hint(e, kB, kPutHintOperand);
  a.movd(x86::xmm0, kB.r32());
  for (u32 n = 0; n < pairs; n++) {
    load_position(e, n);
    need_key_there(e, e.tail()[2 * n]);
  }
  a.mov(kC, Emitter::header_of(kA));
  a.shr(kC, 8);
  a.lea(kB, x86::ptr(kC, 1 + kStackRedZone));
  a.shl(kB, 3);
  a.mov(kD, kSp);
  a.sub(kD, kHtop);
  a.cmp(kD, kB);
  a.jl(e.slow());
  e.need_no_collection();
  Label copy = a.newLabel();
  a.bind(copy);  // the last value first, and the header last
  a.mov(kD, x86::qword_ptr(kA, kC, 3, kObject));
  a.mov(x86::qword_ptr(kHtop, kC, 3), kD);
  a.dec(kC);
  a.jns(copy);
  a.xor_(kD.r32(), kD.r32());  // collects the bits that change
  for (u32 n = 0; n < pairs; n++) {
    load_position(e, n);
    Mem value_at = x86::qword_ptr(kHtop, kB, 3, 2 * static_cast<i32>(kWordBytes));
    e.load_source(kC, e.tail()[2 * n + 1]);
    a.xor_(kC, value_at);
    a.or_(kD, kC);
    a.xor_(value_at, kC);
  }
  Label same = a.newLabel();
  a.test(kD, kD);
  a.jz(same);
  a.mov(kC, x86::qword_ptr(kHtop));
  a.shr(kC, 8);
  a.lea(kA, x86::ptr(kHtop, static_cast<i32>(Tag::Boxed)));
  a.lea(kHtop, x86::ptr(kHtop, kC, 3, static_cast<i32>(kWordBytes)));
  a.bind(same);
  a.mov(e.reg(2), kA);
}

}  // namespace

bool emit_map(Emitter& e) {
  auto& a = e.a;
  switch (e.op) {
    CASE(get_map_element):
      a.mov(kA, e.reg(1));
      load_hint(e, kB, kGetHintOperand);
      need_key_there(e, e.word(0));
      a.mov(kA, x86::qword_ptr(kA, kB, 3, kFirstValue));
      a.mov(e.reg(2), kA);
      return true;
    case Op::get_map_elements: {
      u32 pairs = e.u(2) / 2;
      if (pairs > kHintedKeys) return false;
      a.mov(kA, e.reg(1));
      load_hint(e, kB, kGetHintOperand);
      a.movd(x86::xmm0, kB.r32());
      for (u32 n = 0; n < pairs; n++) {
        load_position(e, n);
        need_key_there(e, e.tail()[2 * n]);
      }
      for (u32 n = 0; n < pairs; n++) {
        load_position(e, n);
        a.mov(kB, x86::qword_ptr(kA, kB, 3, kFirstValue));
        a.mov(Emitter::register_at(static_cast<u32>(e.tail()[2 * n + 1])), kB);
      }
      return true;
    }
    case Op::put_map_assoc:
    case Op::put_map_exact:
      if (e.u(3) == 0 || e.u(3) / 2 > kHintedKeys) return false;
      put_values(e);
      return true;
    default: return false;
  }
}

}  // namespace lintel::jit
