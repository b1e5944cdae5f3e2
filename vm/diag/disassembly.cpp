#include "vm/diag/disassembly.h"

#include <cinttypes>
#include <cstdio>

#include "vm/code/backend.h"
#include "vm/code/op_format.h"
#include "vm/term/print.h"

namespace lintel {

namespace {

std::string hex(u64 value, int digits = 1) {
  char text[17];
  (void)snprintf(text, sizeof text, "%0*" PRIX64, digits, value);
  return text;
}
std::string address_text(const Word* pc) { return hex(reinterpret_cast<u64>(pc), 16); }

std::string mfa_text(Term module, Term function, u32 arity) {
  std::string text;
  print_atom(text, module);
  text += ':';
  print_atom(text, function);
  return text + '/' + std::to_string(arity);
}

std::string register_text(char kind, u64 byte_offset) {
  return std::string(1, kind) + '(' + std::to_string(byte_offset / kWordBytes) + ')';
}

std::string operand_text(char letter, u32 value, const Word* pc) {
  switch (letter) {
    case 'x':
    case 'y': return register_text(letter, value);
    case 'r':
    case 'd': return register_text((value & 1) != 0 ? 'y' : 'x', value);
    case 'f': {
      auto distance = static_cast<i32>(value);
      return "f(" + (distance == 0 ? "0" : address_text(pc + distance)) + ')';
    }
    case 'i': return std::to_string(static_cast<i32>(value));
    default: return std::to_string(value);
  }
}

std::string operand_text(char letter, Word value) {
  switch (letter) {
    case 'S':
      if ((value & 7) == 4) return register_text('x', value >> 3);
      if ((value & 7) == 5) return register_text('y', value >> 3);
      [[fallthrough]];
    case 'C': return term_text(Term(value), 1000);
    case 'E': {
      const auto* e = reinterpret_cast<const Export*>(value);
      return mfa_text(e->module, e->function, e->arity);
    }
    case 'B': {
      const auto* b = reinterpret_cast<const BifEntry*>(value);
      return std::string(b->module) + ':' + std::string(b->function) + '/' + std::to_string(b->arity);
    }
    case 'L': {
      const auto* f = reinterpret_cast<const FunEntry*>(value);
      std::string text;
      print_atom(text, f->module);
      return text + ":fun " + std::to_string(f->index) + '/' + std::to_string(f->arity);
    }
    default: return hex(value);
  }
}

std::string line_of(const Word* pc, Op op) {
  auto number = static_cast<u32>(op);
  std::string line = address_text(pc) + ": " + kOpNames[number];
  if (op == Op::func_info) {
    return line + ' ' + mfa_text(function_module(pc), function_name(pc), function_arity(pc)) + '\n';
  }
  const OpShape& shape = kOpShapes[number];
  u32 small = 0;
  u32 large = shape.first64();
  for (const char* c = kOpLetters[number]; *c != 0; c++) {
    line += ' ';
    line += *c >= 'a' ? operand_text(*c, operand32(pc, small++), pc) : operand_text(*c, pc[large++]);
  }
  for (u32 end = op_words(pc, shape); large < end; large++) line += ' ' + hex(pc[large]);
  return line + '\n';
}

}  // namespace

bool disassemble(const Word* pc, Disassembly* out) {
  if (!code_find(pc, &out->in)) return false;
  const Word* end = out->in.module->code + out->in.module->code_words;
  for (const Word* at = out->in.info; at <= pc && at < end; out->steps++) {
    Op op = engine.operation(at);
    if (op == Op::kCount) return false;
    const Word* next = at + op_words(at, kOpShapes[static_cast<u32>(op)]);
    if (at == pc) {
      out->line = line_of(pc, op);
      out->next = next;
      return true;
    }
    at = next;
  }
  return false;
}

}  // namespace lintel
