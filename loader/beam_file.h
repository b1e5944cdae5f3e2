// A .beam file, taken apart: an IFF container whose chunks become plain tables, and whose Code
// chunk becomes generic instructions with decoded operands.
//
//   bytes --read_beam_file--> BeamFile --verify--> FunctionInfo per function --transform--> Module
//
// Nothing here makes a term or an atom, or touches a process: literals and attributes stay as
// external-format bytes, atoms as UTF-8 names by file index, big integers as bytes. So the whole
// stage can be fuzzed alone. Every span and string_view points into the caller's bytes (or into
// `literal_data`), which must outlive the BeamFile.
#pragma once
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loader/generic_ops.h"
#include "vm/base/result.h"
#include "vm/base/types.h"

namespace lintel::loader {

// Where and why a file was refused. `chunk` is "" for the container itself; `offset` counts bytes
// from the start of the chunk's data (from the start of the file when `chunk` is ""; from the start
// of the uncompressed table inside LitT).
struct LoadError {
  char chunk[5] = "";
  u64 offset = 0;
  std::string message;

  // "Code chunk, byte 1234: x register out of range"
  std::string text() const;
};

// What an operand is. The letters of the table in vm/tables/generic_ops.def say which kinds an
// instruction accepts.
enum class Kind : u8 {
  u,         // unsigned number: value()
  i,         // integer that fits 60 signed bits: int_value()
  big,       // larger integer: BeamFile::bigs[value()]
  nil,       // []
  atom,      // atom of the file: BeamFile::atoms[value()], 1-based
  x,         // reg(), type()
  y,         // reg(), type()
  f,         // label: value(); 0 stands for "no label: raise an exception"
  fr,        // float register: reg()
  literal,   // BeamFile::literals[value()]
  list,      // value() operands follow this one in the pool; always the last operand
  alloc,     // BeamFile::allocs[value()]
  overflow,  // unsigned number of 60 bits or more; its value is lost
};

class Operand {
 public:
  Operand() = default;
  Operand(Kind kind, u64 payload) : raw_(payload << 4 | static_cast<u64>(kind)) {}
  static Operand integer(i64 value) { return Operand(Kind::i, static_cast<u64>(value)); }
  static Operand reg(Kind kind, u32 number, u32 type) {
    return Operand(kind, number | static_cast<u64>(type) << 16);
  }

  Kind kind() const { return static_cast<Kind>(raw_ & 15); }
  u64 value() const { return raw_ >> 4; }
  i64 int_value() const { return static_cast<i64>(raw_) >> 4; }
  u32 reg() const { return static_cast<u32>(raw_ >> 4) & 0xffff; }
  // Index in BeamFile::types; 0 is the any type, so an operand without a hint needs no test.
  u32 type() const { return static_cast<u32>(raw_ >> 20); }

  bool is(Kind kind) const { return this->kind() == kind; }
  bool is_x() const { return is(Kind::x); }
  bool is_y() const { return is(Kind::y); }
  bool is_reg() const { return is_x() || is_y(); }
  bool is_label() const { return is(Kind::f) && value() != 0; }
  // Same kind and value; type hints do not count.
  bool same(Operand other) const {
    return is_reg() ? kind() == other.kind() && reg() == other.reg() : raw_ == other.raw_;
  }

 private:
  u64 raw_ = 0;
};
static_assert(sizeof(Operand) == 8);

inline constexpr i64 kMaxOperandInt = (i64{1} << 59) - 1;
inline constexpr i64 kMinOperandInt = -(i64{1} << 59);
inline constexpr u32 kMaxXReg = 1023;  // register numbers stay below this: x(0)..x(1022)
inline constexpr u32 kMaxYReg = 1023;
inline constexpr u32 kMaxFloatReg = 1023;
inline constexpr u32 kMaxArity = 255;

struct GenericInstr {
  u32 operands;  // index of the first in BeamFile::operands
  u32 offset;    // of the opcode, in the Code chunk's data
  GenOp op;
  u8 operand_count;  // as in the table: a list counts as one, its elements follow it in the pool
};

// Heap need in units whose size in words belongs to the VM's term layout.
struct AllocNeed {
  u32 words = 0;
  u32 floats = 0;
  u32 funs = 0;
};

struct ImportEntry {
  u32 module;  // atom
  u32 function;
  u32 arity;
};

struct ExportEntry {
  u32 function;  // atom
  u32 arity;
  u32 label;  // entry label
};

struct LambdaEntry {
  u32 function;  // atom
  u32 arity;     // of the implementing function: call arity plus num_free
  u32 label;
  u32 index;
  u32 num_free;
  u32 old_uniq;
};

struct LineItem {
  u32 file;  // index in LineTable::files
  u32 line;
};

struct LineTable {
  std::vector<LineItem> items;          // item 0: no location
  std::vector<std::string_view> files;  // UTF-8. Entry 0 is "": the module's name with ".erl"
  u32 instruction_count = 0;            // how many `line` instructions the compiler wrote
};

// A set of types, as the compiler proved it for one operand.
struct TypeEntry {
  u16 types;  // bits of TypeBit
  i64 min;    // integer range, valid where min <= max
  i64 max;
  bool has_range() const { return min <= max; }
};

enum TypeBit : u16 {
  kTypeAtom = 1 << 0,
  kTypeBitstring = 1 << 1,
  kTypeMatchContext = 1 << 2,
  kTypeCons = 1 << 3,
  kTypeFloat = 1 << 4,
  kTypeFun = 1 << 5,
  kTypeInteger = 1 << 6,
  kTypeMap = 1 << 7,
  kTypeNil = 1 << 8,
  kTypePid = 1 << 9,
  kTypePort = 1 << 10,
  kTypeReference = 1 << 11,
  kTypeTuple = 1 << 12,
  kTypeAny = (1 << 13) - 1,
};

struct BeamFile {
  std::span<const u8> bytes;

  std::vector<std::string_view> atoms;  // UTF-8; entry 0 is unused, entry 1 is the module's name
  std::vector<ImportEntry> imports;
  std::vector<ExportEntry> exports;
  std::vector<ExportEntry> locals;
  std::vector<LambdaEntry> lambdas;
  std::vector<std::span<const u8>> literals;  // each one term in external format, 131 first
  std::unique_ptr<u8[]> literal_data;         // the uncompressed LitT chunk
  LineTable lines;
  std::vector<TypeEntry> types;  // entry 0 is the any type
  std::span<const u8> strings;
  std::span<const u8> attributes;    // external format; empty where the chunk is absent
  std::span<const u8> compile_info;  // external format
  std::span<const u8> meta;          // external format
  std::array<u8, 16> md5{};

  u32 max_opcode = 0;
  u32 label_count = 0;  // labels are below this
  u32 function_count = 0;
  std::vector<GenericInstr> code;  // the last one is int_code_end
  std::vector<Operand> operands;
  std::vector<std::span<const u8>> bigs;  // two's complement, most significant byte first
  std::vector<AllocNeed> allocs;

  std::string_view module() const { return atoms[1]; }
  const Operand* args(const GenericInstr& instr) const { return &operands[instr.operands]; }
  Operand arg(const GenericInstr& instr, u32 i) const { return operands[instr.operands + i]; }
  // Elements of an instruction's list operand.
  std::span<const Operand> list(const GenericInstr& instr) const {
    const Operand* head = args(instr) + instr.operand_count - 1;
    return {head + 1, head->value()};
  }
};

struct ReadOptions {
  u32 otp_release = 25;  // opcodes of other releases are refused by name
};

// Reads the container and every chunk, and decodes the code. All indices and operand kinds are
// checked; what needs control flow (frames, live registers, function layout) is verify.h's part.
Result<BeamFile, LoadError> read_beam_file(std::span<const u8> bytes, const ReadOptions& = {});

// A gzip-compressed file's contents (the compiler's `compressed` option; the library unpacks these
// before it calls the loader), or nothing when `bytes` is not gzip or is damaged.
std::optional<std::vector<u8>> gunzip(std::span<const u8> bytes);

// Prints the file's tables and generic instructions as text: `--dump=beam`.
void dump_generic(FILE* out, const BeamFile& file);

}  // namespace lintel::loader
