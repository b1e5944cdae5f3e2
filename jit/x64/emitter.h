// How an operation's template is written for x86-64.
//
// Machine code keeps the machine's state where the interpreter's handlers keep it (the parameters of
// vm/interp/handlers.h, in the registers of the C calling convention), so going from one to the other
// is a jump:
//
//   rdi pc (only when a handler is about to run)   rsi x   rdx sp   rcx htop   r8 reds   r9 process
//   rax r10 r11 and rdi, xmm0 xmm1 are free inside a template; nothing else may be written
//
// A template is the operation's quick path and nothing else: it calls no C++ and cannot collect, raise
// or yield. What it leaves out goes to slow(), which runs the operation's own handler from its start;
// so a template writes no register of the language, no heap and no state before its last test.
//
// Families are switches, one function a file: CASE(name) takes the X form of an operation along. They
// return false where an operation (or this use of it) has no template.
#pragma once
#include <asmjit/x86.h>

#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "jit/target.h"
#include "vm/term/term.h"

namespace lintel::jit {

namespace x86 = asmjit::x86;
using asmjit::Label;
using x86::Gp;
using x86::Mem;

inline constexpr Gp kPc = x86::rdi;
inline constexpr Gp kX = x86::rsi;
inline constexpr Gp kSp = x86::rdx;
inline constexpr Gp kHtop = x86::rcx;
inline constexpr Gp kReds = x86::r8;
inline constexpr Gp kProcess = x86::r9;
// Free ones, in the order in which templates use them.
inline constexpr Gp kA = x86::rax;
inline constexpr Gp kB = x86::r10;
inline constexpr Gp kC = x86::r11;
inline constexpr Gp kD = x86::rdi;

// Offsets in structs that are no standard layout; measured once.
struct Offsets {
  i32 heap_flags;
  i32 id;
  i32 catches;
  i32 fun_entry;  // FunEntry::entry
  i32 fun_stub;
  i32 fun_arity;
  i32 export_entry;
};
extern Offsets offsets;

class Emitter {
 public:
  explicit Emitter(std::span<const Operation> operations);

  // The operation at hand.
  const Word* pc = nullptr;
  Op op = Op::kCount;
  x86::Assembler a;

  // ---- its operands ----
  u32 u(u32 i) const { return operand32(pc, i); }
  i32 i(u32 n) const { return static_cast<i32>(operand32(pc, n)); }
  const OpShape& shape() const { return kOpShapes[static_cast<u32>(op)]; }
  Word word(u32 j) const { return pc[shape().first64() + j]; }
  const Word* tail() const { return pc + shape().fixed_words(); }
  // Register operands by their letters (vm/code/op_format.h): any of x, y, r, d.
  Mem xreg(u32 n) const { return x86::qword_ptr(kX, i(n)); }
  Mem yreg(u32 n) const { return x86::qword_ptr(kSp, static_cast<i32>(u(n) & ~1u)); }
  Mem reg(u32 n) const { return register_at(u(n)); }
  static Mem register_at(u32 operand) {
    return x86::qword_ptr((operand & 1) != 0 ? kSp : kX, static_cast<i32>(operand & ~1u));
  }

  // ---- where to go on ----
  // The operation's machine code, or the way to its handler when it has none.
  Label at(const Word* target) { return labels_.at(target); }
  Label fail(u32 n) { return at(pc + i(n)); }
  // The operation's handler, from its start.
  Label slow();
  // The operation that stands at the address in kPc, whatever handler it has.
  void dispatch();
  // To the operation's handler, now.
  void leave();
  // Code for the less usual case, out of the way of what follows: it is put behind all operations, and
  // sees this one's operands and slow(). It is entered and left by labels of its own.
  void aside(std::function<void()> code);

  // ---- heap ----
  // Goes on when `words` can be built right now, with the red zone left. Uses kA.
  void need_room(u64 words);
  void need_no_collection();

  // ---- terms ----
  void load_word(Gp to, Word w);
  void store_word(Mem to, Word w);  // may use kC
  // A source operand (letter S, and the tails of put_tuple and make_fun).
  void store_source(Mem to, Word source);  // may use kC
  void load_source(Gp to, Word source);
  void compare(Gp with, Word w);           // may use kC
  // Jumps unless the terms (both of them) are small integers. Uses kC.
  void need_small(Gp t, Label otherwise);
  void need_smalls(Gp s, Gp t, Label otherwise);
  // Jumps unless t has this tag; unless it is a boxed object of this kind. Use kC.
  void need_tag(Gp t, Tag tag, Label otherwise);
  void need_boxed(Gp t, BoxedTag kind, Label otherwise);
  // ---- floats ----
  // Goes on when xmm0 is finite. Uses kA.
  void need_finite();
  // kA = a float of the value in xmm0, for which there is room. Uses kC.
  void put_float();

  static Mem header_of(Gp boxed) { return x86::qword_ptr(boxed, -static_cast<i32>(Tag::Boxed)); }
  static u8 kind_byte(BoxedTag kind) {
    return static_cast<u8>(Term::header(kind, 0).bits());
  }

  // ---- data in the code ----
  // Jumps to targets[index]; index is below their number. Uses kC.
  void jump_by_table(Gp index, std::vector<Label> targets);

  Assembled assemble(std::span<const Operation> operations);
  void finish(std::vector<u8>* bytes);

 private:
  struct SlowPath {
    Label label;
    const Word* pc;
    Op op;
  };
  struct Table {
    Label label;
    std::vector<Label> targets;
  };
  struct Aside {
    Label slow;
    const Word* pc;
    Op op;
    std::function<void()> code;
  };
  bool emit();
  void go_to_handler(const Word* pc, Op op);

  asmjit::CodeHolder code_;
  std::unordered_map<const Word*, Label> labels_;
  Label slow_;  // of the operation at hand, invalid while nothing asked for it
  std::vector<SlowPath> slow_paths_;
  std::vector<Aside> asides_;
  std::vector<Table> tables_;
};

#define CASE(name)    \
  case Op::name:      \
  case Op::name##_x

// The families: false when the operation has no template. Nothing is emitted then.
bool emit_control(Emitter& e);
bool emit_stack(Emitter& e);
bool emit_data(Emitter& e);
bool emit_test(Emitter& e);
bool emit_arith(Emitter& e);
bool emit_float(Emitter& e);
bool emit_exception(Emitter& e);
bool emit_map(Emitter& e);
bool emit_bs_match(Emitter& e);

}  // namespace lintel::jit
