// Rewriting one module's generic code. Shared by transform.cpp (the driver and most families) and
// transform_bs.cpp (binaries).
#pragma once
#include <vector>

#include "loader/beam_file.h"
#include "loader/emitter.h"
#include "loader/verify.h"
#include "vm/code/module.h"

namespace lintel::loader {

enum CallForm { kCallBody, kCallOnly, kCallLast };

class Transform {
 public:
  Transform(const BeamFile& file, const Verified& verified, Module& module);
  Result<Module*, LoadError> run();

 private:
  // transform.cpp
  Result<bool, LoadError> resolve_atoms();
  Result<bool, LoadError> build_literals();
  void resolve_imports();
  void resolve_lambdas();
  Result<bool, LoadError> code();
  bool instruction(u32 index);  // false: refused, see error_
  void call_fun(u32 index, u32 arity);
  void call_ext(const GenericInstr& instr, CallForm form);
  bool guard_bif(const GenericInstr& instr);
  bool arithmetic(Term function, const GenericInstr& instr, u32 live, Operand a, Operand b,
                  Operand d, Operand fail);
  void order_test(const GenericInstr& instr, Op general, Op reg_imm, Op imm_reg);
  void equality_test(const GenericInstr& instr, Op general, Op imm);
  void select_val(const GenericInstr& instr);
  void select_hash(u32 r, Operand otherwise, std::span<const std::pair<Term, u64>> choices);
  void select_tuple_arity(const GenericInstr& instr);
  void put_map(const GenericInstr& instr, Op op);
  void line(u32 item);
  void native_body();
  void note_origins(u32 place, u32 index, u32 count);
  void finish_tables();

  // fuse.cpp: instructions from `index` on that became one operation; 0: none did.
  u32 fuse(u32 index);
  u32 fuse_moves(u32 index);
  u32 fuse_binary(u32 index);  // transform_bs.cpp
  u32 element_offset(const GenericInstr& get_tuple_element) const {
    return static_cast<u32>((arg(get_tuple_element, 1).value() + 1) * kWordBytes);
  }

  // transform_bs.cpp: true when the instruction was one of its own.
  bool binary_instruction(const GenericInstr& instr);
  void create_binary(const GenericInstr& instr);
  static bool segment_flags(Term list, u32* flags);

  // ---- operands ----
  Operand arg(const GenericInstr& i, u32 n) const { return file_.arg(i, n); }
  u32 number(Operand o) const { return static_cast<u32>(o.value()); }
  bool is_constant(Operand o) const { return !o.is_reg(); }
  Term constant(Operand o) const;
  bool is_immediate(Operand o) const { return is_constant(o) && constant(o).is_imm(); }
  // The operand as a register; a constant is first moved to a scratch register.
  u32 reg(Operand o);
  static u32 dst(Operand o) { return o.is_x() ? x_operand(o.reg()) : y_operand(o.reg()); }
  Word source(Operand o) const;
  Arg32 label(Operand o) const { return label_arg(o.value()); }
  u32 heap_words(Operand o) const;
  // True when the constant is a small whose word fits a sign-extended 32-bit operand.
  bool small_word(Operand o, u32* word) const;
  void refuse(const GenericInstr& instr, const char* message);

  const BeamFile& file_;
  const Verified& verified_;
  Module& m_;
  Emitter e_;
  std::vector<Term> atoms_;
  std::vector<Term> literals_;
  std::vector<Term> bigs_;
  std::vector<Export*> imports_;
  const FunctionInfo* function_ = nullptr;
  u32 entry_position_ = 0;         // of the function's first operation
  bool entry_is_defined_ = false;  // its label was seen
  u32 scratch_next_ = 0;
  LoadError error_;
};

}  // namespace lintel::loader
