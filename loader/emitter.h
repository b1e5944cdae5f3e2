// Collects specific operations in the layout of vm/code/op_format.h, and resolves labels at the end.
#pragma once
#include <initializer_list>
#include <span>
#include <vector>

#include "vm/code/op_format.h"

namespace lintel::loader {

// A 32-bit operand: a number, or a label to be resolved (label 0 becomes 0: no branch).
struct Arg32 {
  u32 value;
  bool is_label = false;
  Arg32(u32 v) : value(v) {}
  Arg32(u32 v, bool label) : value(v), is_label(label) {}
};
inline Arg32 label_arg(u64 label) { return Arg32(static_cast<u32>(label), true); }

class Emitter {
 public:
  explicit Emitter(u32 label_count) : labels_(label_count, kUndefined) {}

  u32 position() const { return static_cast<u32>(code_.size()); }
  void define_label(u32 label) { labels_[label] = position(); }
  u32 label_position(u32 label) const { return labels_[label]; }

  void emit(Op op, std::initializer_list<Arg32> args32 = {},
            std::initializer_list<Word> args64 = {});
  // The tail of the operation just emitted.
  void tail(Word word) { code_.push_back(word); }
  void tail_label(u64 label) {
    fixups_.push_back({position(), last_, static_cast<u32>(label), false});
    code_.push_back(0);
  }

  // Patches every label operand. All labels used are defined (the verifier saw to it).
  void resolve();
  std::vector<Word>& code() { return code_; }

 private:
  static constexpr u32 kUndefined = ~0u;
  struct Fixup {
    u32 where;  // half word index for an operand, word index for a tail word
    u32 instr;
    u32 label;
    bool half;
  };
  std::vector<Word> code_;
  std::vector<u32> labels_;
  std::vector<Fixup> fixups_;
  u32 last_ = 0;
};

}  // namespace lintel::loader
