// The generic opcodes as an enumeration and a table, from vm/tables/generic_ops.def.
//
// Each enumerator carries its arity (`GenOp::try_2`), which also keeps clear of C++ keywords.
#pragma once
#include <array>

#include "vm/base/types.h"

namespace lintel::loader {

inline constexpr u8 kStill = 255;  // see the table's `last` column

enum class GenOp : u8 {
#define GENERIC_OP(number, name, arity, operands, first, last) name##_##arity = number,
#include "vm/tables/generic_ops.def"
};

struct GenOpInfo {
  const char* name;      // null: no such opcode
  const char* operands;  // a letter per operand; null where no release we run accepts the opcode
  u8 arity;
  u8 first_release;
  u8 last_release;
};

inline constexpr u32 kMaxGenericOp = 184;     // the last one the table knows
inline constexpr u32 kMaxOperands = 8;        // apart from a list's elements

extern const std::array<GenOpInfo, 256> kGenOps;

inline const GenOpInfo& info(GenOp op) { return kGenOps[static_cast<u8>(op)]; }

// The highest opcode that the emulator of `release` accepts.
u32 max_generic_op(u32 release);

}  // namespace lintel::loader
