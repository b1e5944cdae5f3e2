// The opcode table as data, and the static proofs that its rows are consistent.
#include "loader/generic_ops.h"

namespace lintel::loader {

namespace {

constexpr u32 operand_letters(const char* s) {
  u32 n = 0;
  while (s[n] != 0) n++;
  return n;
}

struct Table {
  GenOpInfo rows[256] = {};
};

constexpr Table make_table() {
  Table t;
#define GENERIC_OP(number, name, arity, operands, first, last) \
  t.rows[number] = {#name, operands, arity, first, last};
#include "vm/tables/generic_ops.def"
  return t;
}

constexpr bool letters_match_arities(const Table& t) {
  for (const GenOpInfo& row : t.rows) {
    if (row.arity > kMaxOperands) return false;
    if (row.operands != nullptr && operand_letters(row.operands) != row.arity) return false;
  }
  return true;
}

constexpr bool no_gaps(const Table& t) {
  for (u32 i = 1; i <= kMaxGenericOp; i++) {
    if (t.rows[i].name == nullptr) return false;
  }
  return t.rows[0].name == nullptr && t.rows[kMaxGenericOp + 1].name == nullptr;
}

constexpr Table kTable = make_table();
static_assert(letters_match_arities(kTable));
static_assert(no_gaps(kTable));

}  // namespace

constinit const std::array<GenOpInfo, 256> kGenOps = std::to_array(kTable.rows);

u32 max_generic_op(u32 release) {
  u32 max = 0;
  for (u32 i = 1; i <= kMaxGenericOp; i++) {
    if (kGenOps[i].first_release <= release) max = i;
  }
  return max;
}

}  // namespace lintel::loader
