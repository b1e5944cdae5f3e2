// The Code chunk: opcodes and compact operands become GenericInstr and Operand.
//
// Every operand is checked against its letter in the opcode table, and every index against the
// table it points into. A list's elements are checked for being plain operands; which plain
// operands an instruction wants in its list is verify.cpp's question.
#include "loader/beam_file.h"
#include "loader/reader.h"

namespace lintel::loader {

namespace {

constexpr u64 kMaxHeapNeed = u64{1} << 26;  // words; a tuple of the largest arity needs 2^24
constexpr u64 kMaxStackSlots = 1023;

constexpr Kind kKindOfTag[8] = {Kind::u, Kind::i, Kind::atom, Kind::x, Kind::y, Kind::f};

// What each letter of the opcode table accepts.
struct LetterRule {
  u16 kinds = 0;            // a bit for each Kind
  bool is_limited = false;  // the value has a limit too
};
constexpr u16 bit(Kind kind) { return static_cast<u16>(1 << static_cast<u32>(kind)); }
constexpr u16 kRegisters = bit(Kind::x) | bit(Kind::y);
constexpr u16 kSources = kRegisters | bit(Kind::i) | bit(Kind::big) | bit(Kind::atom) | bit(Kind::nil) | bit(Kind::literal);

struct LetterRules {
  LetterRule of[128] = {};
  constexpr LetterRule& operator[](char letter) { return of[static_cast<u8>(letter)]; }
};
constexpr LetterRules make_rules() {
  LetterRules rules;
  for (const char letter : {'=', 'v', 'k', 'n', 'u', 'm', 'b', 'g', 'S', 'e'}) {
    rules[letter] = {bit(Kind::u), true};
  }
  rules['f'] = {bit(Kind::f), true};
  rules['j'] = {bit(Kind::f), false};
  rules['s'] = {kSources, false};
  for (const char letter : {'r', 'd', 'w'}) rules[letter] = {kRegisters, false};
  for (const char letter : {'y', 'c'}) rules[letter] = {bit(Kind::y), false};
  rules['h'] = {static_cast<u16>(bit(Kind::u) | bit(Kind::alloc)), true};
  rules['o'] = {static_cast<u16>(bit(Kind::u) | bit(Kind::overflow)), false};
  rules['a'] = {bit(Kind::atom), false};
  rules['F'] = rules['G'] = {bit(Kind::fr), false};
  rules['z'] = {static_cast<u16>(kSources | bit(Kind::u) | bit(Kind::overflow)), false};
  rules['p'] = {static_cast<u16>(kRegisters | bit(Kind::fr) | bit(Kind::literal)), false};
  rules['q'] = {static_cast<u16>(bit(Kind::f) | bit(Kind::atom)), false};
  rules['t'] = {static_cast<u16>(bit(Kind::u) | bit(Kind::atom)), true};
  return rules;
}

struct OpRules {
  LetterRule of[256][kMaxOperands] = {};
  bool has_list[256] = {};
};
constexpr OpRules make_op_rules() {
  LetterRules rules = make_rules();
  OpRules ops;
  const char* const letters[] = {
      nullptr,
#define GENERIC_OP(number, name, arity, operands, first, last) operands,
#include "vm/tables/generic_ops.def"
  };
  for (u32 op = 1; op <= kMaxGenericOp; op++) {
    for (u32 k = 0; letters[op] != nullptr && letters[op][k] != 0; k++) {
      ops.of[op][k] = rules[letters[op][k]];
      if (letters[op][k] == 'L') ops.has_list[op] = true;
    }
  }
  return ops;
}
constexpr OpRules kOpRules = make_op_rules();

class Decoder {
 public:
  Decoder(Reader& in, BeamFile& file, const DecodeOptions& options)
      : in_(in), file_(file), options_(options) {
    short_limits_[static_cast<u32>(Tag::atom)] = static_cast<u32>(file.atoms.size());
    short_limits_[static_cast<u32>(Tag::f)] = file.label_count;
  }

  bool run() {
    // Averages over OTP's own modules, so that one allocation nearly always serves.
    file_.code.reserve(in_.left() / 3 + 16);
    file_.operands.reserve(in_.left() * 2 / 3 + 16);
    while (in_.ok()) {
      if (in_.at_end()) {
        in_.fail("the code does not end in int_code_end");
        break;
      }
      if (read_instr() == GenOp::int_code_end_0) break;
    }
    return in_.ok();
  }

 private:
  // The cursor is kept in a local while operands are of the common short form, and is given back to
  // the reader for anything else.
  GenOp read_instr() {
    at_ = in_.offset();
    const u8 opcode = in_.read_u8();
    const GenOpInfo& row = kGenOps[opcode];
    const GenOp op = static_cast<GenOp>(opcode);
    if (VM_UNLIKELY(row.operands == nullptr || row.first_release > options_.otp_release ||
                    row.last_release < options_.otp_release)) {
      refuse_opcode(opcode);
      return op;
    }
    file_.code.push_back({static_cast<u32>(file_.operands.size()), static_cast<u32>(at_), op, row.arity});
    Operand operands[kMaxOperands];
    const u32 plain_count = row.arity - (kOpRules.has_list[opcode] ? 1 : 0);
    const u8* p = in_.cursor();
    const u8* const end = p + in_.left();
    for (u32 i = 0; i < plain_count; i++) {
      const u8* const start = p;
      Operand operand;
      const u32 first = p != end ? *p : 0xff;
      const u32 tag = first & 7, value = first >> 4;
      if (VM_LIKELY((first & 8) == 0 && value < short_limits_[tag])) {
        p++;
        operand = VM_UNLIKELY(first == static_cast<u32>(Tag::atom)) ? Operand(Kind::nil, 0)
                                                                     : Operand(kKindOfTag[tag], value);
      } else {
        operand_at_ = in_.offset_of(p);
        in_.seek(p);
        operand = read_plain(i);
        if (!in_.ok()) return op;
        p = in_.cursor();
      }
      const LetterRule rule = kOpRules.of[opcode][i];
      if (VM_UNLIKELY((rule.kinds >> static_cast<u32>(operand.kind()) & 1) == 0 ||
                      (rule.is_limited && !in_range(row.operands[i], operand)))) {
        operand_at_ = in_.offset_of(start);
        wrong(i, "wrong kind of operand, or out of range");
        return op;
      }
      operands[i] = operand;
    }
    // An index into a table that was stripped from the file says nothing.
    if (op == GenOp::line_1 && !options_.has_lines) operands[0] = Operand(Kind::u, 0);
    in_.seek(p);
    file_.operands.insert(file_.operands.end(), operands, operands + plain_count);
    if (plain_count != row.arity) read_list(plain_count);
    return op;
  }

  VM_COLD void refuse_opcode(u8 opcode) {
    const GenOpInfo& row = kGenOps[opcode];
    if (row.name == nullptr) {
      in_.fail_at(at_, format("opcode %u does not exist", opcode));
    } else if (row.first_release > options_.otp_release) {
      in_.fail_at(at_, format("opcode %u (%s/%u) belongs to OTP %u; this is OTP %u", opcode, row.name, row.arity,
                              row.first_release, options_.otp_release));
    } else {
      in_.fail_at(at_, format("opcode %u (%s/%u) is no longer supported; compile the module again", opcode,
                              row.name, row.arity));
    }
  }

  void wrong(u32 i, const char* what) {
    in_.fail_at(operand_at_, format("operand %u of %s: %s", i + 1, info(file_.code.back().op).name, what));
  }

  void read_list(u32 i) {
    operand_at_ = in_.offset();
    const CompactTerm head = read_compact(in_);
    if (head.tag != Tag::extended || head.value != 1) return wrong(i, "not a list");
    const CompactTerm count = read_compact(in_);
    if (count.tag != Tag::u || count.is_wide) return wrong(i, "bad size of a list");
    if (static_cast<u64>(count.value) > in_.left()) return wrong(i, "list is longer than the code");
    file_.operands.push_back(Operand(Kind::list, static_cast<u64>(count.value)));
    for (i64 k = 0; k < count.value && in_.ok(); k++) {
      operand_at_ = in_.offset();
      file_.operands.push_back(read_plain(i));
    }
  }

  // Any operand but a list.
  Operand read_plain(u32 i) {
    const CompactTerm term = read_compact(in_);
    const u64 value = static_cast<u64>(term.value);
    if (VM_UNLIKELY(term.is_wide)) {
      if (term.tag == Tag::i) {
        file_.bigs.push_back(term.wide);
        return Operand(Kind::big, file_.bigs.size() - 1);
      }
      if (term.tag == Tag::u) return Operand(Kind::overflow, 0);
      wrong(i, "number is too large");
      return {};
    }
    switch (term.tag) {
      case Tag::u:
        return Operand(Kind::u, value);
      case Tag::i:
        return Operand::integer(term.value);
      case Tag::atom:
        if (value == 0) return Operand(Kind::nil, 0);
        if (value >= file_.atoms.size()) wrong(i, "no such atom");
        return Operand(Kind::atom, value);
      case Tag::x:
        if (value >= kMaxXReg) wrong(i, "x register out of range");
        return Operand::reg(Kind::x, static_cast<u32>(value), 0);
      case Tag::y:
        if (value >= kMaxYReg) wrong(i, "y register out of range");
        return Operand::reg(Kind::y, static_cast<u32>(value), 0);
      case Tag::f:
        if (value >= file_.label_count) wrong(i, "no such label");
        return Operand(Kind::f, value);
      case Tag::character:
        wrong(i, "character operands do not exist any more");
        return {};
      case Tag::extended:
        return read_extended(i, value);
    }
    return {};
  }

  Operand read_extended(u32 i, u64 kind) {
    switch (kind) {
      case 0:
        wrong(i, "float operands do not exist any more; compile the module again");
        return {};
      case 1:
        wrong(i, "list where none is allowed");
        return {};
      case 2: {
        const u64 reg = read_index(i);
        if (reg >= kMaxFloatReg) wrong(i, "float register out of range");
        return Operand::reg(Kind::fr, static_cast<u32>(reg), 0);
      }
      case 3:
        return read_alloc(i);
      case 4: {
        const u64 literal = read_index(i);
        if (literal >= file_.literals.size()) wrong(i, "no such literal");
        return Operand(Kind::literal, literal);
      }
      case 5: {
        const CompactTerm reg = read_compact(in_);
        const u64 type = read_index(i);
        if (!in_.ok()) return {};
        const bool is_x = reg.tag == Tag::x;
        if (reg.is_wide || (!is_x && reg.tag != Tag::y)) return wrong(i, "type hint on what is no register"), Operand();
        if (static_cast<u64>(reg.value) >= (is_x ? kMaxXReg : kMaxYReg)) {
          return wrong(i, "register out of range"), Operand();
        }
        if (options_.use_type_hints && type >= file_.types.size()) return wrong(i, "no such type"), Operand();
        return Operand::reg(is_x ? Kind::x : Kind::y, static_cast<u32>(reg.value),
                            options_.use_type_hints ? static_cast<u32>(type) : 0);
      }
      default:
        wrong(i, "unknown kind of operand");
        return {};
    }
  }

  // An unsigned number inside an extended operand; a wide one comes out as too large for anything.
  u64 read_index(u32 i) {
    const CompactTerm term = read_compact(in_);
    if (term.tag != Tag::u) wrong(i, "bad index");
    return term.is_wide ? ~u64{0} : static_cast<u64>(term.value);
  }

  Operand read_alloc(u32 i) {
    AllocNeed need;
    const u64 count = read_index(i);
    if (count > 3) return wrong(i, "bad allocation list"), Operand();
    for (u64 k = 0; k < count && in_.ok(); k++) {
      const u64 kind = read_index(i);
      const u64 amount = read_index(i);
      if (kind > 2 || amount > kMaxHeapNeed / 8) return wrong(i, "bad allocation list"), Operand();
      (kind == 0 ? need.words : kind == 1 ? need.floats : need.funs) += static_cast<u32>(amount);
    }
    file_.allocs.push_back(need);
    return Operand(Kind::alloc, file_.allocs.size() - 1);
  }

  // For the letters whose rule is limited.
  bool in_range(char letter, Operand operand) const {
    const u64 value = operand.value();
    switch (letter) {
      case '=':
        return value != 0 && value < file_.label_count;
      case 'f':
        return value != 0;
      case 'v':
        return value <= kMaxXReg;
      case 'k':
        return value <= kMaxStackSlots;
      case 'h':
        return operand.is(Kind::alloc) || value <= kMaxHeapNeed;
      case 'n':
        return value <= kMaxArity;
      case 'u':
        return value <= UINT32_MAX;
      case 'm':
      case 'b':
        return value < file_.imports.size();
      case 'g':
        return value < file_.lambdas.size();
      case 'S':
        return value <= file_.strings.size();
      case 'e':
        return !options_.has_lines || value < file_.lines.items.size();
      case 't':
        return operand.is(Kind::atom) || value < file_.lambdas.size();
    }
    return true;
  }

  Reader& in_;
  BeamFile& file_;
  const DecodeOptions options_;
  // By tag: one-byte numbers below this are good without a closer look.
  u32 short_limits_[8] = {16, 16, 16, 16, 16, 16, 0, 0};
  u64 at_ = 0;          // of the current instruction
  u64 operand_at_ = 0;  // of the current operand
};

}  // namespace

bool decode_code(Reader& in, BeamFile& file, const DecodeOptions& options) {
  return Decoder(in, file, options).run();
}

}  // namespace lintel::loader
