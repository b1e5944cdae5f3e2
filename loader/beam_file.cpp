// The container and the table chunks. The order matters: atoms first, because the others name
// functions by atom; the code last, because its operands are checked against every other table.
#include "loader/beam_file.h"

#include <zlib.h>

#include <cstdarg>
#include <cstring>

#include "loader/reader.h"
#include "vm/base/md5.h"

namespace lintel::loader {

std::string format(const char* format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return text;
}

std::string LoadError::text() const {
  if (chunk[0] == 0) return format("file, byte %llu: ", (unsigned long long)offset) + message;
  return format("%s chunk, byte %llu: ", chunk, (unsigned long long)offset) + message;
}

void Reader::fail_at(u64 offset, std::string message) {
  if (!ok_) return;
  ok_ = false;
  at_ = end_;
  std::memcpy(error_.chunk, chunk_, std::strlen(chunk_) + 1);
  error_.offset = offset;
  error_.message = std::move(message);
}

CompactTerm read_compact_slow(Reader& in, u8 first) {
  CompactTerm term{static_cast<Tag>(first & 7), false, 0, {}};
  const u64 at = in.offset();
  size_t size = (first >> 5) + 2;
  if (size == 9) {
    // The number of bytes is itself a compact number; one that is this long needs no third level.
    const u8 prefix = in.read_u8();
    if ((prefix & 0x07) != 0 || (prefix & 0x18) == 0x18) {
      in.fail_at(at, "bad size of a number");
      return term;
    }
    size += (prefix & 0x08) == 0 ? prefix >> 4 : (prefix & 0xe0) << 3 | in.read_u8();
  }
  std::span<const u8> bytes = in.read_bytes(size);
  if (!in.ok()) return term;
  const bool is_signed = term.tag == Tag::i;
  // Drop bytes that only repeat the sign, so that equal numbers have one form.
  while (bytes.size() > 1) {
    const bool next_is_negative = is_signed && (bytes[1] & 0x80) != 0;
    if (bytes[0] != (next_is_negative ? 0xff : 0)) break;
    bytes = bytes.subspan(1);
  }
  if (bytes.size() > 8 || (!is_signed && bytes.size() == 8 && (bytes[0] & 0x80) != 0)) {
    term.is_wide = true;
    term.wide = bytes;
    return term;
  }
  u64 value = is_signed && (bytes[0] & 0x80) != 0 ? ~u64{0} : 0;
  for (u8 b : bytes) value = value << 8 | b;
  term.value = static_cast<i64>(value);
  if (term.value > kMaxOperandInt || term.value < kMinOperandInt) {
    term.is_wide = true;
    term.wide = bytes;
  }
  return term;
}

namespace {

enum Chunk : u8 { AtU8, Code, StrT, ImpT, ExpT, FunT, LitT, Attr, CInf, Line, LocT, Atom, Type, Meta };
constexpr const char* kChunkNames[] = {"AtU8", "Code", "StrT", "ImpT", "ExpT", "FunT", "LitT",
                                       "Attr", "CInf", "Line", "LocT", "Atom", "Type", "Meta"};
constexpr u32 kChunkCount = sizeof kChunkNames / sizeof kChunkNames[0];

// Atom names have at most this many characters.
constexpr u32 kMaxAtomChars = 255;

// The number of characters in valid UTF-8, or -1.
int count_utf8(std::span<const u8> s) {
  int count = 0;
  for (size_t i = 0; i < s.size(); count++) {
    const u8 b = s[i];
    if (b < 0x80) {
      i++;
      continue;
    }
    const u32 more = b >= 0xf0 ? 3 : b >= 0xe0 ? 2 : 1;
    if (b < 0xc2 || b > 0xf4 || s.size() - i <= more) return -1;
    u32 code = b & (0x3f >> more);
    for (u32 k = 1; k <= more; k++) {
      if ((s[i + k] & 0xc0) != 0x80) return -1;
      code = code << 6 | (s[i + k] & 0x3f);
    }
    if ((more == 2 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) ||
        (more == 3 && (code < 0x10000 || code > 0x10ffff))) {
      return -1;
    }
    i += more + 1;
  }
  return count;
}

class FileReader {
 public:
  FileReader(std::span<const u8> bytes, u32 otp_release) : otp_release_(otp_release) {
    file_.bytes = bytes;
  }

  bool read() {
    return find_chunks() && read_code_header() && read_atoms() && read_imports() &&
           read_functions(ExpT, file_.exports) && read_functions(LocT, file_.locals) &&
           read_lambdas() && read_literals() && read_lines() && read_types() && read_data() &&
           read_code();
  }
  BeamFile take() { return std::move(file_); }
  LoadError& error() { return error_; }

 private:
  bool has(Chunk c) const { return !chunks_[c].empty(); }
  Reader reader(Chunk c) { return Reader(kChunkNames[c], chunks_[c], error_); }

  bool refuse(const char* chunk, u64 offset, std::string message) {
    Reader(chunk, {}, error_).fail_at(offset, std::move(message));
    return false;
  }

  bool find_chunks() {
    Reader in("", file_.bytes, error_);
    if (in.read_u32() != 0x464f5231) {  // FOR1
      in.fail_at(0, "not a BEAM file: it does not start with FOR1");
      return false;
    }
    const u32 form_size = in.read_u32();
    if (in.ok() && form_size > in.left()) {
      in.fail_at(4, format("the file is truncated: %u bytes promised, %zu present", form_size, in.left()));
    }
    if (in.read_u32() != 0x4245414d) in.fail_at(8, "not a BEAM file: the form is not BEAM");
    if (!in.ok() || form_size < 4) return in.fail_at(4, "bad form size"), false;
    const u64 end = 8 + u64{form_size};
    while (in.ok() && in.offset() < end) {
      const u64 at = in.offset();
      const std::span<const u8> id = in.read_bytes(4);
      const u64 size = in.read_u32();
      const u64 stored = (size + 3) & ~u64{3};
      if (!in.ok()) return false;
      if (stored > end - in.offset()) {
        return in.fail_at(at, "a chunk is longer than the file"), false;
      }
      const std::span<const u8> data = in.read_bytes(stored).first(size);
      for (u32 c = 0; c < kChunkCount; c++) {
        if (std::memcmp(id.data(), kChunkNames[c], 4) == 0) chunks_[c] = data;
      }
    }
    for (const Chunk c : {AtU8, Code, ImpT, ExpT}) {
      if (has(c)) continue;
      if (c == AtU8 && has(Atom)) {
        return refuse("Atom", 0,
                      "only the atom table of OTP 19 or older is present; "
                      "compile the module again with a newer compiler");
      }
      return refuse("", 0, std::string("the ") + kChunkNames[c] + " chunk is missing");
    }
    return in.ok();
  }

  bool read_code_header() {
    Reader in = reader(Code);
    const u32 header_size = in.read_u32();
    if (header_size < 16 || header_size > in.left()) in.fail_at(0, "bad header size");
    if (in.read_u32() != 0) in.fail_at(4, "unknown instruction set");
    file_.max_opcode = in.read_u32();
    file_.label_count = in.read_u32();
    file_.function_count = in.read_u32();
    code_start_ = 4 + u64{header_size};
    if (!in.ok()) return false;
    const u32 max = max_generic_op(otp_release_);
    if (file_.max_opcode > max) {
      std::string name = file_.max_opcode <= kMaxGenericOp
                             ? std::string(" (") + kGenOps[file_.max_opcode].name + ")"
                             : std::string();
      in.fail_at(8, format("compiled for a later release: uses opcode %u%s, OTP %u has %u", file_.max_opcode,
                           name.c_str(), otp_release_, max));
      return false;
    }
    // A label takes at least two bytes of code, a function more.
    const u64 code_size = chunks_[Code].size() - code_start_;
    if (file_.label_count > code_size / 2 + 2) in.fail_at(12, "more labels than the code can hold");
    if (file_.function_count > code_size / 2) in.fail_at(16, "more functions than the code can hold");
    return in.ok();
  }

  bool read_atoms() {
    Reader in = reader(AtU8);
    u32 count = in.read_u32();
    // A negated count says that lengths are compact numbers (OTP 28), which may exceed a byte.
    const bool is_long = static_cast<i32>(count) < 0;
    if (is_long) count = -count;
    if (in.ok() && (count == 0 || count > in.left())) in.fail_at(0, "bad atom count");
    if (!in.ok()) return false;
    file_.atoms.reserve(count + 1);
    file_.atoms.push_back({});
    for (u32 i = 0; i < count && in.ok(); i++) {
      const u64 at = in.offset();
      u64 size;
      if (is_long) {
        const CompactTerm term = read_compact(in);
        if (term.tag != Tag::u || term.is_wide) in.fail_at(at, "bad length of an atom");
        size = static_cast<u64>(term.value);
      } else {
        size = in.read_u8();
      }
      const std::span<const u8> name = in.read_bytes(size);
      const int chars = count_utf8(name);
      if (chars < 0) in.fail_at(at, "an atom is not valid UTF-8");
      if (chars > static_cast<int>(kMaxAtomChars)) in.fail_at(at, "an atom is too long");
      file_.atoms.push_back({reinterpret_cast<const char*>(name.data()), name.size()});
    }
    return in.ok();
  }

  u32 read_atom_index(Reader& in) {
    const u32 index = in.read_u32();
    if (in.ok() && (index == 0 || index >= file_.atoms.size())) {
      in.fail_at(in.offset() - 4, format("atom %u does not exist", index));
    }
    return index;
  }
  u32 read_arity(Reader& in) {
    const u32 arity = in.read_u32();
    if (in.ok() && arity > kMaxArity) in.fail_at(in.offset() - 4, format("arity %u is too large", arity));
    return arity;
  }
  u32 read_label(Reader& in) {
    const u32 label = in.read_u32();
    if (in.ok() && (label == 0 || label >= file_.label_count)) {
      in.fail_at(in.offset() - 4, format("label %u does not exist", label));
    }
    return label;
  }

  bool read_imports() {
    Reader in = reader(ImpT);
    const u32 count = in.read_count(12);
    file_.imports.reserve(count);
    for (u32 i = 0; i < count && in.ok(); i++) {
      const u32 module = read_atom_index(in);
      const u32 function = read_atom_index(in);
      file_.imports.push_back({module, function, read_arity(in)});
    }
    return in.ok();
  }

  bool read_functions(Chunk chunk, std::vector<ExportEntry>& entries) {
    if (!has(chunk)) return true;
    Reader in = reader(chunk);
    const u32 count = in.read_count(12);
    entries.reserve(count);
    for (u32 i = 0; i < count && in.ok(); i++) {
      const u32 function = read_atom_index(in);
      const u32 arity = read_arity(in);
      entries.push_back({function, arity, read_label(in)});
    }
    return in.ok();
  }

  bool read_lambdas() {
    if (!has(FunT)) return true;
    Reader in = reader(FunT);
    const u32 count = in.read_count(24);
    file_.lambdas.reserve(count);
    for (u32 i = 0; i < count && in.ok(); i++) {
      LambdaEntry fun;
      fun.function = read_atom_index(in);
      fun.arity = read_arity(in);
      fun.label = read_label(in);
      fun.index = in.read_u32();
      fun.num_free = in.read_u32();
      if (fun.num_free > fun.arity) in.fail_at(in.offset() - 4, "a fun has more free variables than arguments");
      fun.old_uniq = in.read_u32();
      file_.lambdas.push_back(fun);
    }
    if (in.ok() && !in.at_end()) in.fail("data after the last fun");
    return in.ok();
  }

  bool read_literals() {
    if (!has(LitT)) return true;
    Reader in = reader(LitT);
    const u32 size = in.read_u32();
    std::span<const u8> table = in.read_bytes(in.left());
    if (size != 0) {  // 0: stored without compression (OTP 28)
      // zlib cannot do better than 1032 to 1; a larger claim is a lie that would cost memory.
      if (size > table.size() * 1032 + 64) in.fail_at(0, "uncompressed size is absurd");
      if (!in.ok()) return false;
      file_.literal_data.reset(new u8[size]);
      uLongf produced = size;
      if (uncompress(file_.literal_data.get(), &produced, table.data(), table.size()) != Z_OK) {
        in.fail_at(4, "literals do not decompress");
        return false;
      }
      table = {file_.literal_data.get(), produced};
    }
    Reader terms("LitT", table, error_);
    const u32 count = terms.read_count(4);
    file_.literals.reserve(count);
    for (u32 i = 0; i < count && terms.ok(); i++) {
      const u64 at = terms.offset();
      const std::span<const u8> term = terms.read_bytes(terms.read_u32());
      if (terms.ok() && (term.size() < 2 || term[0] != 131)) {
        terms.fail_at(at, format("literal %u is not an external term", i));
      }
      file_.literals.push_back(term);
    }
    return in.ok() && terms.ok();
  }

  bool read_lines() {
    LineTable& lines = file_.lines;
    lines.items.push_back({0, 0});
    lines.files.push_back({});
    if (!has(Line)) return true;
    Reader in = reader(Line);
    const u32 version = in.read_u32();
    if (in.ok() && version != 0) return true;  // made by another release: no line numbers
    in.read_u32();                             // flags, none of which concerns OTP 25
    lines.instruction_count = in.read_u32();
    const u32 item_count = in.read_u32();
    const u32 file_count = in.read_u32();
    if (item_count > in.left() || file_count > in.left() / 2) in.fail_at(12, "count is larger than the data");
    if (!in.ok()) return false;
    lines.items.reserve(item_count + 1);
    lines.files.reserve(file_count + 1);
    u32 current_file = 0;
    while (lines.items.size() <= item_count && in.ok()) {
      const u64 at = in.offset();
      const CompactTerm term = read_compact(in);
      if (!in.ok()) break;
      if (term.is_wide || term.value < 0 || term.value > INT32_MAX) {
        in.fail_at(at, "a line number is out of range");
      } else if (term.tag == Tag::atom) {
        current_file = static_cast<u32>(term.value);
        if (current_file > file_count) in.fail_at(at, format("file %u does not exist", current_file));
      } else if (term.tag == Tag::i) {
        lines.items.push_back({current_file, static_cast<u32>(term.value)});
      } else {
        in.fail_at(at, "neither a file nor a line");
      }
    }
    for (u32 i = 0; i < file_count && in.ok(); i++) {
      const u64 at = in.offset();
      const std::span<const u8> name = in.read_bytes(in.read_u16());
      if (count_utf8(name) < 0) in.fail_at(at, "a file name is not valid UTF-8");
      lines.files.push_back({reinterpret_cast<const char*>(name.data()), name.size()});
    }
    return in.ok();
  }

  bool read_types() {
    const TypeEntry any{kTypeAny, 0, -1};
    if (has(Type)) {
      Reader in = reader(Type);
      const u32 version = in.read_u32();
      if (!in.ok()) return false;
      if (version == 1) {
        const u32 count = in.read_count(18);
        if (in.ok() && count == 0) in.fail_at(4, "the any type is missing");
        file_.types.reserve(count);
        for (u32 i = 0; i < count && in.ok(); i++) {
          const u64 at = in.offset();
          TypeEntry entry;
          entry.types = static_cast<u16>(in.read_u16());
          entry.min = in.read_i64();
          entry.max = in.read_i64();
          if (entry.types == 0 || entry.types > kTypeAny) in.fail_at(at, format("type %u is not a type", i));
          if (i == 0 && (entry.types != kTypeAny || entry.has_range())) in.fail_at(at, "type 0 is not the any type");
          file_.types.push_back(entry);
        }
        return in.ok();
      }
      // Another version is a hint in a language we do not speak: loads, without hints.
    }
    file_.types.push_back(any);
    type_hints_are_void_ = true;
    return true;
  }

  bool read_data() {
    file_.strings = chunks_[StrT];
    file_.attributes = chunks_[Attr];
    file_.compile_info = chunks_[CInf];
    file_.meta = chunks_[Meta];
    // The chunks that decide what a module does, in the compiler's order, without the part of FunT
    // that older compilers derived in a way that depended on the machine.
    Md5 md5;
    for (const Chunk c : {AtU8, Code, StrT, ImpT, ExpT}) md5.update(chunks_[c]);
    if (has(FunT)) {
      std::span<const u8> table = chunks_[FunT];
      md5.update(table.first(4));
      static constexpr u8 kZero[4] = {};
      for (table = table.subspan(4); !table.empty(); table = table.subspan(24)) {
        md5.update(table.first(20));
        md5.update(kZero);
      }
    }
    if (has(LitT)) md5.update(chunks_[LitT]);
    if (has(Meta)) md5.update(chunks_[Meta]);
    file_.md5 = md5.finish();
    return true;
  }

  bool read_code() {
    Reader in = reader(Code);
    in.read_bytes(code_start_);
    const bool has_lines = file_.lines.items.size() > 1;
    return decode_code(in, file_, {otp_release_, !type_hints_are_void_, has_lines});
  }

  BeamFile file_;
  LoadError error_;
  std::span<const u8> chunks_[kChunkCount];
  u64 code_start_ = 0;
  u32 otp_release_;
  bool type_hints_are_void_ = false;
};

}  // namespace

Result<BeamFile, LoadError> read_beam_file(std::span<const u8> bytes, const ReadOptions& options) {
  FileReader reader(bytes, options.otp_release);
  if (!reader.read()) return Err{std::move(reader.error())};
  return reader.take();
}

std::optional<std::vector<u8>> gunzip(std::span<const u8> bytes) {
  if (bytes.size() < 18 || bytes[0] != 0x1f || bytes[1] != 0x8b) return std::nullopt;
  z_stream z{};
  if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) return std::nullopt;
  std::vector<u8> out(bytes.size() * 4);
  z.next_in = const_cast<u8*>(bytes.data());
  z.avail_in = static_cast<uInt>(bytes.size());
  int status;
  do {
    if (z.total_out == out.size()) out.resize(out.size() * 2);
    z.next_out = out.data() + z.total_out;
    z.avail_out = static_cast<uInt>(out.size() - z.total_out);
    status = inflate(&z, Z_NO_FLUSH);
  } while (status == Z_OK);
  out.resize(z.total_out);
  inflateEnd(&z);
  if (status != Z_STREAM_END) return std::nullopt;
  return out;
}

}  // namespace lintel::loader
