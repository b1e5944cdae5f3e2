// `--dump=beam`: a file's tables and generic instructions as text, one instruction a line, in a
// notation close to the compiler's .S files.
#include <cinttypes>
#include <cstdarg>

#include "loader/beam_file.h"

namespace lintel::loader {

namespace {

struct Text {
  std::string s;
  void add(std::string_view more) { s.append(more); }
  __attribute__((format(printf, 2, 3))) void addf(const char* format, ...) {
    char text[128];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s += text;
  }
};

// In quotes unless it is a plain lower-case atom.
void add_atom(Text& out, std::string_view name) {
  bool is_plain = !name.empty() && name[0] >= 'a' && name[0] <= 'z';
  for (const char c : name) {
    is_plain = is_plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                            c == '@');
  }
  if (is_plain) return out.add(name);
  out.add("'");
  for (const char c : name) {
    if (c == '\'' || c == '\\') out.add("\\");
    if (static_cast<u8>(c) < ' ') {
      out.addf("\\x{%x}", static_cast<u8>(c));
    } else {
      out.s += c;
    }
  }
  out.add("'");
}

void add_type(Text& out, const TypeEntry& type) {
  static constexpr const char* kNames[] = {"atom", "bitstring", "match_context", "cons", "float", "fun", "integer",
                                           "map",  "nil",       "pid",           "port", "reference", "tuple"};
  if (type.types == kTypeAny) return out.add("any");
  bool is_first = true;
  for (u32 i = 0; i < 13; i++) {
    if ((type.types >> i & 1) == 0) continue;
    if (!is_first) out.add("|");
    is_first = false;
    out.add(kNames[i]);
    if ((1u << i) == kTypeInteger && type.has_range()) out.addf("(%" PRId64 "..%" PRId64 ")", type.min, type.max);
  }
}

void add_mfa(Text& out, const BeamFile& file, const ImportEntry& import) {
  add_atom(out, file.atoms[import.module]);
  out.add(":");
  add_atom(out, file.atoms[import.function]);
  out.addf("/%u", import.arity);
}

void add_operand(Text& out, const BeamFile& file, char letter, Operand operand) {
  switch (operand.kind()) {
    case Kind::u:
      if (letter == 'm' || letter == 'b') return add_mfa(out, file, file.imports[operand.value()]);
      if (letter == 'g' || letter == 't') out.add("fun ");
      if (letter == 'e') out.add("item ");
      return out.addf("%" PRIu64, operand.value());
    case Kind::i:
      return out.addf("i%" PRId64, operand.int_value());
    case Kind::big:
      out.add("i0x");
      for (const u8 b : file.bigs[operand.value()]) out.addf("%02x", b);
      return;
    case Kind::nil:
      return out.add("[]");
    case Kind::atom:
      return add_atom(out, file.atoms[operand.value()]);
    case Kind::x:
    case Kind::y:
      out.addf("%c%u", operand.is_x() ? 'x' : 'y', operand.reg());
      if (operand.type() != 0) {
        out.add(":");
        add_type(out, file.types[operand.type()]);
      }
      return;
    case Kind::f:
      return operand.value() == 0 ? out.add("nolabel") : out.addf("L%" PRIu64, operand.value());
    case Kind::fr:
      return out.addf("fr%u", operand.reg());
    case Kind::literal:
      return out.addf("literal %" PRIu64, operand.value());
    case Kind::alloc: {
      const AllocNeed& need = file.allocs[operand.value()];
      return out.addf("{words %u, floats %u, funs %u}", need.words, need.floats, need.funs);
    }
    case Kind::overflow:
      return out.add("toolarge");
    case Kind::list:
      return;
  }
}

void add_instr(Text& out, const BeamFile& file, const GenericInstr& instr) {
  const GenOpInfo& row = info(instr.op);
  const Operand* args = file.args(instr);
  if (instr.op == GenOp::label_1) {
    out.addf("L%" PRIu64 ":\n", args[0].value());
    return;
  }
  out.addf("%6u    %s", instr.offset, row.name);
  for (u32 i = 0; i < instr.operand_count; i++) {
    out.add(i == 0 ? " " : ", ");
    if (!args[i].is(Kind::list)) {
      add_operand(out, file, row.operands[i], args[i]);
      continue;
    }
    out.add("[");
    bool is_first = true;
    for (const Operand element : file.list(instr)) {
      if (!is_first) out.add(", ");
      is_first = false;
      add_operand(out, file, 's', element);
    }
    out.add("]");
  }
  if (instr.op == GenOp::line_1) {
    const LineItem& item = file.lines.items[args[0].value()];
    const std::string_view name = file.lines.files[item.file];
    out.add("  % ");
    out.add(name.empty() ? file.module() : name);
    out.addf("%s:%u", name.empty() ? ".erl" : "", item.line);
  }
  out.add("\n");
}

}  // namespace

void dump_generic(FILE* to, const BeamFile& file) {
  Text out;
  out.add("module ");
  add_atom(out, file.module());
  out.add(", md5 ");
  for (const u8 b : file.md5) out.addf("%02x", b);
  out.addf("\n%zu atoms, %zu literals, %zu string bytes, %zu line items, %zu types, %u labels\n",
           file.atoms.size() - 1, file.literals.size(), file.strings.size(), file.lines.items.size() - 1,
           file.types.size(), file.label_count);
  for (const ExportEntry& entry : file.exports) {
    out.add("export ");
    add_atom(out, file.atoms[entry.function]);
    out.addf("/%u at L%u\n", entry.arity, entry.label);
  }
  for (const ImportEntry& entry : file.imports) {
    out.add("import ");
    add_mfa(out, file, entry);
    out.add("\n");
  }
  for (const LambdaEntry& fun : file.lambdas) {
    out.addf("fun %u is ", fun.index);
    add_atom(out, file.atoms[fun.function]);
    out.addf("/%u at L%u, %u free, uniq %u\n", fun.arity, fun.label, fun.num_free, fun.old_uniq);
  }
  for (const GenericInstr& instr : file.code) {
    add_instr(out, file, instr);
    if (out.s.size() > 1 << 16) {
      fwrite(out.s.data(), 1, out.s.size(), to);
      out.s.clear();
    }
  }
  fwrite(out.s.data(), 1, out.s.size(), to);
}

}  // namespace lintel::loader
