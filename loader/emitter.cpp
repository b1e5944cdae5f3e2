#include "loader/emitter.h"

namespace lintel::loader {

namespace {

// The X form of the operation if it has one and each register operand is an X register.
Op with_x_registers(Op op, std::initializer_list<Arg32> args32) {
  Op x_form = kOpXForms[static_cast<u32>(op)];
  if (x_form == op) return op;
  const char* letter = kOpLetters[static_cast<u32>(op)];
  for (Arg32 a : args32) {
    if ((*letter == 'r' || *letter == 'd') && (a.value & 1) != 0) return op;
    letter++;
  }
  return x_form;
}

}  // namespace

void Emitter::emit(Op op, std::initializer_list<Arg32> args32, std::initializer_list<Word> args64) {
  op = with_x_registers(op, args32);
  const OpShape& shape = kOpShapes[static_cast<u32>(op)];
  VM_CHECK(args32.size() == shape.n32 && args64.size() == shape.n64);
  last_ = position();
  code_.resize(code_.size() + shape.first64());
  auto* halves = reinterpret_cast<u32*>(&code_[last_]);
  halves[0] = static_cast<u32>(op);
  u32 i = 1;
  for (Arg32 a : args32) {
    if (a.is_label) {
      if (a.value != 0) fixups_.push_back({last_ * 2 + i, last_, a.value, true});
      halves[i++] = 0;
    } else {
      halves[i++] = a.value;
    }
  }
  for (Word w : args64) code_.push_back(w);
}

void Emitter::resolve() {
  // Labels of code that nothing reaches were not translated: the handler of a try in which nothing can
  // raise, for one. What names them leads to a trap.
  for (const Fixup& f : fixups_) {
    if (VM_LIKELY(labels_[f.label] != kUndefined)) continue;
    const u32 trap = position();
    emit(Op::if_end);
    for (const Fixup& g : fixups_) {
      if (labels_[g.label] == kUndefined) labels_[g.label] = trap;
    }
    break;
  }
  auto* halves = reinterpret_cast<u32*>(code_.data());
  for (const Fixup& f : fixups_) {
    i64 distance = static_cast<i64>(labels_[f.label]) - static_cast<i64>(f.instr);
    if (f.half) {
      halves[f.where] = static_cast<u32>(static_cast<i32>(distance));
    } else {

      code_[f.where] = static_cast<Word>(distance);
    }
  }
}

}  // namespace lintel::loader
