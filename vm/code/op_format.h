// The format of specific operations, as the loader emits and the engines read them.
//
//   word 0           low half: handler address (the operation's number until engine.link ran)
//                    high half: first 32-bit operand
//   then             the other 32-bit operands, packed two a word
//   then             the 64-bit operands
//   then             the tail: as many words as the operand with letter n says
//
// The executable is linked below 4 GB, so that a handler's address fits half a word.
//
// Operand letters (specific_ops.def), 32-bit first:
//   x  X register: byte offset          y  Y register: byte offset from the stack pointer
//   r  either: byte offset, bit 0 set for Y        d  the same, written
//   f  branch target: signed words from this instruction; 0 = none (raise instead)
//   u  unsigned number   i  signed number   n  number of tail words
// and 64-bit:
//   C  constant term     S  source: a constant, or byte offset << 3 | 4 for X, | 5 for Y
//   E  Export*           B  BifEntry*       L  FunEntry*      P  other pointer      W  raw word
//
// A function starts with a header of kFunctionHeaderWords before its entry:
//   info[0]  func_info operation, arity     info[1] module   info[2] function
//   info[3]  for engines: the NIF that replaced the function, hotness, breakpoints
#pragma once
#include "vm/base/types.h"
#include "vm/term/term.h"

namespace lintel {

enum class Op : u32 {
#define OP(name, letters) name,
#include "vm/tables/specific_ops.def"
#undef OP
  kCount
};
inline constexpr u32 kOpCount = static_cast<u32>(Op::kCount);

struct OpShape {
  u8 n32 = 0;
  u8 n64 = 0;
  bool tail = false;
  i8 tail_operand = -1;  // index of the 32-bit operand that counts the tail

  // Index of the first 64-bit operand's word.
  constexpr u32 first64() const { return n32 == 0 ? 1 : (n32 + 2) / 2; }
  // Words without the tail.
  constexpr u32 fixed_words() const { return first64() + n64; }
};

constexpr OpShape op_shape(const char* letters) {
  OpShape s;
  for (const char* c = letters; *c != 0; c++) {
    if (*c >= 'a') {
      if (*c == 'n') {
        s.tail = true;
        s.tail_operand = static_cast<i8>(s.n32);
      }
      s.n32++;
    } else {
      s.n64++;
    }
  }
  return s;
}

inline constexpr OpShape kOpShapes[] = {
#define OP(name, letters) op_shape(letters),
#include "vm/tables/specific_ops.def"
#undef OP
};
inline constexpr const char* kOpNames[] = {
#define OP(name, letters) #name,
#include "vm/tables/specific_ops.def"
#undef OP
};
inline constexpr const char* kOpLetters[] = {
#define OP(name, letters) letters,
#include "vm/tables/specific_ops.def"
#undef OP
};

// The form whose registers are all X registers; an operation without one stands for itself.
inline constexpr Op kOpXForms[] = {
#define OP(name, letters) Op::name,
#define OPX(name, letters) Op::name##_x, Op::name##_x,
#include "vm/tables/specific_ops.def"
#undef OPX
#undef OP
};

VM_ALWAYS_INLINE u32 operand32(const Word* pc, u32 i) {
  return reinterpret_cast<const u32*>(pc)[1 + i];
}
inline u32 op_words(const Word* pc, const OpShape& s) {
  return s.fixed_words() + (s.tail ? operand32(pc, static_cast<u32>(s.tail_operand)) : 0);
}

inline constexpr u32 kFunctionHeaderWords = 4;
inline u32 function_arity(const Word* info) { return operand32(info, 0); }
inline Term function_module(const Word* info) { return Term(info[1]); }
inline Term function_name(const Word* info) { return Term(info[2]); }
inline u32 entry_arity(const Word* entry) { return function_arity(entry - kFunctionHeaderWords); }

// select_hash: the slot where an immediate's chain begins. Multiplying spreads the middle bits, which
// tell atoms and small integers apart.
VM_ALWAYS_INLINE u32 select_hash_slot(Word immediate, u32 multiplier, u32 mask) {
  return static_cast<u32>((immediate >> 3 & 0xffffffff) * multiplier >> 32) & mask;
}

// Register operands.
inline constexpr u32 x_operand(u32 number) { return number * kWordBytes; }
inline constexpr u32 y_operand(u32 number) { return number * kWordBytes | 1; }
inline constexpr Word x_source(u32 number) { return Word{number} * kWordBytes << 3 | 4; }
inline constexpr Word y_source(u32 number) { return Word{number} * kWordBytes << 3 | 5; }
// X registers above those that code can name and those that BIF operands use, for the loader's own
// moves of constants.
inline constexpr u32 kScratchX = 1028;
inline constexpr u32 kScratchCount = 4;

}  // namespace lintel
