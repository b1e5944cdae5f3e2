// The loader on every installed .beam file, on damaged copies of some, and on small hand-made
// modules that each break one rule.
#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "loader/beam_file.h"
#include "loader/verify.h"
#include "vm/base/md5.h"

namespace lintel::loader {
namespace {

using Bytes = std::vector<u8>;

std::vector<std::string> entries(const std::string& dir) {
  std::vector<std::string> names;
  if (DIR* d = opendir(dir.c_str())) {
    while (const dirent* e = readdir(d)) {
      if (e->d_name[0] != '.') names.push_back(e->d_name);
    }
    closedir(d);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> installed_beams() {
  std::vector<std::string> paths;
  for (const char* root : {"/usr/lib/erlang/lib", "/usr/lib/elixir/lib"}) {
    for (const std::string& app : entries(root)) {
      const std::string ebin = std::string(root) + "/" + app + "/ebin";
      for (const std::string& name : entries(ebin)) {
        if (name.size() > 5 && name.substr(name.size() - 5) == ".beam") paths.push_back(ebin + "/" + name);
      }
    }
  }
  return paths;
}

Bytes read_file(const std::string& path) {
  Bytes bytes;
  if (FILE* f = fopen(path.c_str(), "rb")) {
    struct stat st;
    if (fstat(fileno(f), &st) == 0) bytes.resize(static_cast<size_t>(st.st_size));
    if (fread(bytes.data(), 1, bytes.size(), f) != bytes.size()) bytes.clear();
    fclose(f);
  }
  return bytes;
}

std::string output_of(const std::string& command) {
  std::string out;
  if (FILE* p = popen(command.c_str(), "r")) {
    char text[4096];
    while (const size_t n = fread(text, 1, sizeof text, p)) out.append(text, n);
    pclose(p);
  }
  return out;
}

std::string load(const Bytes& bytes) {
  auto file = read_beam_file(bytes);
  if (!file) return file.error().text();
  auto verified = verify(*file);
  return verified ? "ok" : verified.error().text();
}

// The error must name a real chunk and a place inside it (or just behind its end).
void expect_good_error(const Bytes& bytes, const std::string& what) {
  auto file = read_beam_file(bytes);
  LoadError error;
  if (!file) {
    error = file.error();
  } else {
    auto verified = verify(*file);
    if (verified) return;
    error = verified.error();
  }
  EXPECT_FALSE(error.message.empty()) << what;
  static const std::map<std::string, int> kChunks = {{"", 0},     {"AtU8", 0}, {"Atom", 0}, {"Code", 0}, {"ImpT", 0},
                                                     {"ExpT", 0}, {"LocT", 0}, {"FunT", 0}, {"LitT", 0}, {"Line", 0},
                                                     {"Type", 0}};
  EXPECT_TRUE(kChunks.count(error.chunk)) << what << ": " << error.chunk;
  if (std::string(error.chunk) != "LitT") {
    EXPECT_LE(error.offset, bytes.size()) << what;
  }
}

TEST(GenericOps, AgreeWithTheInstalledCompiler) {
  const std::string out = output_of(
      "erl -noshell -eval '[begin {N,A} = beam_opcodes:opname(I), io:format(\"~w ~s ~w~n\", [I,N,A]) end"
      " || I <- lists:seq(1, 180)], halt().' 2>&1");
  size_t lines = 0;
  for (size_t at = 0; at < out.size(); lines++) {
    const size_t end = out.find('\n', at);
    ASSERT_NE(end, std::string::npos) << out;
    u32 number, arity;
    char name[64];
    ASSERT_EQ(sscanf(out.substr(at, end - at).c_str(), "%u %63s %u", &number, name, &arity), 3);
    ASSERT_LE(number, kMaxGenericOp);
    EXPECT_STREQ(kGenOps[number].name, name);
    EXPECT_EQ(kGenOps[number].arity, arity) << name;
    at = end + 1;
  }
  EXPECT_EQ(lines, 180u);
  EXPECT_EQ(max_generic_op(25), 180u);
  EXPECT_EQ(max_generic_op(27), 183u);
}

TEST(Md5, KnownDigests) {
  const auto hex = [](std::string_view text) {
    Md5 md5;
    for (const char c : text) md5.update({reinterpret_cast<const u8*>(&c), 1});  // in pieces
    std::string s;
    for (const u8 b : md5.finish()) {
      char digits[3];
      snprintf(digits, sizeof digits, "%02x", b);
      s += digits;
    }
    return s;
  };
  EXPECT_EQ(hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Loader, AllInstalledModulesVerify) {
  const std::vector<std::string> paths = installed_beams();
  ASSERT_GT(paths.size(), 500u);
  size_t functions = 0, cleared = 0;
  for (const std::string& path : paths) {
    const Bytes bytes = read_file(path);
    auto file = read_beam_file(bytes);
    ASSERT_TRUE(file) << path << ": " << file.error().text();
    auto verified = verify(*file);
    ASSERT_TRUE(verified) << path << ": " << verified.error().text();
    for (const FunctionInfo& f : verified->functions) {
      functions++;
      if (!f.y_always_initialised) cleared++;
    }
  }
  EXPECT_LT(cleared * 100, functions);  // clearing frames on allocation is the rare case
}

TEST(Loader, ChecksumIsThatOfStock) {
  const std::string out = output_of(
      "erl -noshell -eval '[io:format(\"~s ~32.16.0b~n\", [code:which(M), binary:decode_unsigned(M:module_info(md5))])"
      " || M <- [lists,gen_server,erl_eval,string,code_server,beam_validator,compile,unicode_util,ets,maps,epp]],"
      " halt().' 2>&1");
  size_t lines = 0;
  for (size_t at = 0; at < out.size(); lines++) {
    const size_t end = out.find('\n', at);
    ASSERT_NE(end, std::string::npos) << out;
    const std::string line = out.substr(at, end - at);
    const size_t space = line.find(' ');
    const Bytes bytes = read_file(line.substr(0, space));
    auto file = read_beam_file(bytes);
    ASSERT_TRUE(file) << line;
    std::string hex;
    for (const u8 b : file->md5) {
      char digits[3];
      snprintf(digits, sizeof digits, "%02x", b);
      hex += digits;
    }
    std::string theirs = line.substr(space + 1);
    std::transform(theirs.begin(), theirs.end(), theirs.begin(), ::tolower);
    EXPECT_EQ(hex, theirs) << line;
    at = end + 1;
  }
  EXPECT_EQ(lines, 11u);
}

// A few files of every size, for damage.
std::vector<std::string> sample_beams(size_t every) {
  std::vector<std::string> sample;
  const std::vector<std::string> all = installed_beams();
  for (size_t i = 0; i < all.size(); i += every) sample.push_back(all[i]);
  return sample;
}

struct Random {
  u64 state;
  u64 next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
};

TEST(Loader, TruncatedFilesAreRefused) {
  for (const std::string& path : sample_beams(97)) {
    const Bytes bytes = read_file(path);
    for (size_t i = 0; i < 64; i++) {
      const size_t size = bytes.size() * i / 64;
      Bytes cut(bytes.begin(), bytes.begin() + static_cast<long>(size));
      cut.shrink_to_fit();
      EXPECT_NE(load(cut), "ok") << path << " cut to " << size;
      expect_good_error(cut, path + " cut to " + std::to_string(size));
    }
  }
}

TEST(Loader, FlippedBitsNeverCrash) {
  for (const std::string& path : sample_beams(61)) {
    const Bytes bytes = read_file(path);
    if (bytes.size() > 60000) continue;
    for (u64 seed = 1; seed <= 60; seed++) {
      Random random{seed * 0x9e3779b97f4a7c15};
      Bytes damaged = bytes;
      const u64 flips = 1 + random.next() % 4;
      for (u64 i = 0; i < flips; i++) damaged[random.next() % damaged.size()] ^= static_cast<u8>(1 << random.next() % 8);
      expect_good_error(damaged, path + " seed " + std::to_string(seed));
    }
  }
}

// ---- hand-made modules ----

// Assembles one module `m` with an import erlang:error/1 (0) and m:f/2 (1). Function code is given as
// bytes built by op() and the operand helpers.
struct Assembler {
  Bytes code;
  u32 labels = 1;
  u32 functions = 0;
  std::string strings = "abcd";
  std::vector<std::array<u32, 3>> exports;  // atom, arity, label
  std::vector<std::array<u32, 6>> funs;

  static Bytes compact(u8 tag, u64 value) {
    if (value < 16) return {static_cast<u8>(value << 4 | tag)};
    if (value < 2048) return {static_cast<u8>((value >> 3 & 0xe0) | 8 | tag), static_cast<u8>(value)};
    Bytes bytes;
    for (int shift = 56; shift >= 0; shift -= 8) {
      const u8 b = static_cast<u8>(value >> shift);
      if (!bytes.empty() || b != 0 || shift == 8) bytes.push_back(b);
    }
    if (bytes[0] & 0x80) bytes.insert(bytes.begin(), 0);
    Bytes out;
    if (bytes.size() <= 8) {
      out.push_back(static_cast<u8>((bytes.size() - 2) << 5 | 0x18 | tag));
    } else {
      out = {static_cast<u8>(0xf8 | tag), static_cast<u8>((bytes.size() - 9) << 4)};
    }
    out.insert(out.end(), bytes.begin(), bytes.end());
    return out;
  }
  void op(GenOp opcode, std::initializer_list<Bytes> operands = {}) {
    code.push_back(static_cast<u8>(opcode));
    for (const Bytes& b : operands) code.insert(code.end(), b.begin(), b.end());
  }

  // label, func_info and entry label of atom `name`; returns the entry label.
  u32 function(u32 name, u32 arity);
  Bytes file();
};

Bytes u(u64 v) { return Assembler::compact(0, v); }
Bytes i(u64 v) { return Assembler::compact(1, v); }
Bytes a(u64 v) { return Assembler::compact(2, v); }
Bytes x(u64 v) { return Assembler::compact(3, v); }
Bytes y(u64 v) { return Assembler::compact(4, v); }
Bytes f(u64 v) { return Assembler::compact(5, v); }
Bytes fr(u64 v) {
  Bytes b = Assembler::compact(7, 2);
  const Bytes n = u(v);
  b.insert(b.end(), n.begin(), n.end());
  return b;
}
Bytes list(std::initializer_list<Bytes> elements) {
  Bytes b = Assembler::compact(7, 1);
  const Bytes n = u(elements.size());
  b.insert(b.end(), n.begin(), n.end());
  for (const Bytes& e : elements) b.insert(b.end(), e.begin(), e.end());
  return b;
}

// Atoms of every hand-made module, from 1.
enum : u32 { kM = 1, kF, kErlang, kError, kPlus, kSafe, kString, kInteger };
constexpr const char* kAtomNames[] = {"m", "f", "erlang", "error", "+", "safe", "string", "integer"};
// Imports, from 0.
enum : u32 { kImportError = 0, kImportF2 = 1, kImportPlus = 2 };

u32 Assembler::function(u32 name, u32 arity) {
  const u32 label = labels;
  labels += 2;
  functions++;
  op(GenOp::label_1, {u(label)});
  op(GenOp::func_info_3, {a(kM), a(name), u(arity)});
  op(GenOp::label_1, {u(label + 1)});
  return label + 1;
}

void put32(Bytes& out, u64 v) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<u8>(v >> shift));
}

void put_chunk(Bytes& out, const char* id, const Bytes& data) {
  out.insert(out.end(), id, id + 4);
  put32(out, data.size());
  out.insert(out.end(), data.begin(), data.end());
  while (out.size() % 4 != 0) out.push_back(0);
}

Bytes Assembler::file() {
  Bytes body = {'B', 'E', 'A', 'M'};
  Bytes atoms;
  put32(atoms, std::size(kAtomNames));
  for (const char* name : kAtomNames) {
    atoms.push_back(static_cast<u8>(strlen(name)));
    atoms.insert(atoms.end(), name, name + strlen(name));
  }
  put_chunk(body, "AtU8", atoms);
  Bytes chunk;
  put32(chunk, 16);
  put32(chunk, 0);
  put32(chunk, 180);
  put32(chunk, labels);
  put32(chunk, functions);
  chunk.insert(chunk.end(), code.begin(), code.end());
  chunk.push_back(3);
  put_chunk(body, "Code", chunk);
  put_chunk(body, "StrT", Bytes(strings.begin(), strings.end()));
  Bytes imports;
  put32(imports, 3);
  for (const u32 v : std::initializer_list<u32>{kErlang, kError, 1, kM, kF, 2, kErlang, kPlus, 2}) put32(imports, v);
  put_chunk(body, "ImpT", imports);
  Bytes exp;
  put32(exp, exports.size());
  for (const auto& e : exports) {
    for (const u32 v : e) put32(exp, v);
  }
  put_chunk(body, "ExpT", exp);
  if (!funs.empty()) {
    Bytes fun;
    put32(fun, funs.size());
    for (const auto& e : funs) {
      for (const u32 v : e) put32(fun, v);
    }
    put_chunk(body, "FunT", fun);
  }
  Bytes out = {'F', 'O', 'R', '1'};
  put32(out, body.size());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

// A module whose f/1 has the given body.
template <typename Body>
std::string check(Body body) {
  Assembler as;
  const u32 entry = as.function(kF, 1);
  as.exports.push_back({kF, 1, entry});
  body(as);
  return load(as.file());
}

#define EXPECT_REFUSED(result, part)                                          \
  do {                                                                        \
    const std::string r_ = (result);                                          \
    EXPECT_NE(r_.find(part), std::string::npos) << "got: " << r_;             \
  } while (0)

using enum GenOp;

TEST(Verify, AcceptsTheSimplest) {
  EXPECT_EQ(check([](Assembler& as) { as.op(return_0); }), "ok");
  EXPECT_EQ(check([](Assembler& as) {
              as.op(allocate_2, {u(1), u(1)});
              as.op(move_2, {x(0), y(0)});
              as.op(call_2, {u(1), f(2)});
              as.op(test_heap_2, {u(2), u(1)});
              as.op(put_list_3, {x(0), y(0), x(0)});
              as.op(deallocate_1, {u(1)});
              as.op(return_0);
            }),
            "ok");
}

TEST(Verify, Registers) {
  EXPECT_REFUSED(check([](Assembler& as) { as.op(move_2, {x(1), x(0)}); as.op(return_0); }), "x(1) is read");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(move_2, {x(1023), x(0)}); as.op(return_0); }), "out of range");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(move_2, {x(0), y(0)}); as.op(return_0); }), "there is no frame");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(allocate_2, {u(1), u(1)});
                   as.op(move_2, {x(0), y(1)});
                 }),
                 "the frame has 1 slots");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(allocate_2, {u(1), u(1)});
                   as.op(move_2, {y(0), x(0)});
                 }),
                 "y(0) is read but may not be set");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(test_heap_2, {u(2), u(3)}); as.op(return_0); }), "x(1) must be set");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(move_2, {x(0), x(1)});
                   as.op(test_heap_2, {u(2), u(1)});
                   as.op(move_2, {x(1), x(0)});
                   as.op(return_0);
                 }),
                 "x(1) is read");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(swap_2, {x(0), x(1)}); as.op(return_0); }), "x(1) is read");
}

TEST(Verify, Frames) {
  EXPECT_REFUSED(check([](Assembler& as) { as.op(allocate_2, {u(1), u(1)}); as.op(return_0); }), "still there");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(deallocate_1, {u(0)}); }), "there is no frame");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(allocate_2, {u(2), u(1)});
                   as.op(deallocate_1, {u(1)});
                   as.op(return_0);
                 }),
                 "the frame has 2 slots, not 1");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(allocate_2, {u(2), u(1)});
                   as.op(allocate_2, {u(2), u(1)});
                 }),
                 "still there");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(allocate_2, {u(3), u(1)});
                   as.op(trim_2, {u(2), u(2)});
                 }),
                 "does not match the frame");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(call_2, {u(1), f(2)}); as.op(return_0); }), "there is no frame");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(allocate_2, {u(1), u(1)});
                   as.op(call_only_2, {u(1), f(2)});
                 }),
                 "still there");
  // One path has a frame, the other none: fine to raise, not to return.
  const auto merging = [](bool returns) {
    return check([=](Assembler& as) {
      as.labels += 2;
      as.op(is_atom_2, {f(3), x(0)});
      as.op(allocate_2, {u(1), u(1)});
      as.op(label_1, {u(3)});
      if (returns) {
        as.op(deallocate_1, {u(1)});
        as.op(return_0);
      } else {
        as.op(badmatch_1, {x(0)});
      }
      as.op(label_1, {u(4)});
      as.op(return_0);
    });
  };
  EXPECT_EQ(merging(false), "ok");
  EXPECT_REFUSED(merging(true), "the frame differs by path");
}

TEST(Verify, TrimShiftsWhatIsKnown) {
  const auto trimming = [](u64 slot) {
    return check([=](Assembler& as) {
      as.op(allocate_2, {u(70), u(1)});
      as.op(move_2, {x(0), y(68)});
      as.op(trim_2, {u(66), u(4)});
      as.op(move_2, {y(slot), x(0)});
      as.op(deallocate_1, {u(4)});
      as.op(return_0);
    });
  };
  EXPECT_EQ(trimming(2), "ok");
  EXPECT_REFUSED(trimming(1), "y(1) is read");
  EXPECT_REFUSED(trimming(4), "the frame has 4 slots");
}

TEST(Verify, HeapReservations) {
  EXPECT_REFUSED(check([](Assembler& as) { as.op(put_list_3, {x(0), x(0), x(0)}); as.op(return_0); }),
                 "needs 2 heap words, 0 are reserved");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(test_heap_2, {u(4), u(1)});
                   as.op(put_tuple2_2, {x(0), list({x(0), i(1), a(kF), a(0)})});
                   as.op(return_0);
                 }),
                 "needs 5 heap words, 4 are reserved");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(test_heap_2, {u(4), u(1)});
                   as.op(gc_bif2_6, {f(0), u(1), u(kImportPlus), x(0), i(1), x(0)});
                   as.op(put_list_3, {x(0), x(0), x(0)});
                 }),
                 "0 are reserved");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(fconv_2, {x(0), fr(0)});
                   as.op(fmove_2, {fr(0), x(0)});
                 }),
                 "needs 2 heap words");
}

TEST(Verify, BinariesUnderConstruction) {
  const auto building = [](bool collects) {
    return check([=](Assembler& as) {
      as.op(bs_init2_6, {f(0), u(2), u(0), u(1), u(0), x(1)});
      if (collects) as.op(test_heap_2, {u(2), u(2)});
      as.op(bs_put_integer_5, {f(0), i(8), u(2), u(0), x(0)});
      as.op(move_2, {x(1), x(0)});
      as.op(return_0);
    });
  };
  EXPECT_EQ(building(false), "ok");
  EXPECT_REFUSED(building(true), "no binary is under construction");
}

TEST(Verify, Catches) {
  const auto with_try = [](auto body, auto handler) {
    return check([&](Assembler& as) {
      as.labels += 1;
      as.op(allocate_2, {u(2), u(1)});
      as.op(move_2, {x(0), y(1)});
      as.op(try_2, {y(0), f(3)});
      body(as);
      as.op(label_1, {u(3)});
      handler(as);
    });
  };
  const auto good_body = [](Assembler& as) {
    as.op(call_2, {u(1), f(2)});
    as.op(try_end_1, {y(0)});
    as.op(deallocate_1, {u(2)});
    as.op(return_0);
  };
  const auto good_handler = [](Assembler& as) {
    as.op(try_case_1, {y(0)});
    as.op(move_2, {x(2), x(0)});
    as.op(deallocate_1, {u(2)});
    as.op(return_0);
  };
  EXPECT_EQ(with_try(good_body, good_handler), "ok");
  EXPECT_REFUSED(with_try([](Assembler& as) { as.op(deallocate_1, {u(2)}); as.op(return_0); }, good_handler),
                 "a catch is still in force");
  EXPECT_REFUSED(with_try([](Assembler& as) { as.op(move_2, {x(0), y(0)}); }, good_handler), "holds a catch tag");
  EXPECT_REFUSED(with_try([](Assembler& as) { as.op(move_2, {y(0), x(0)}); }, good_handler), "holds a catch tag");
  EXPECT_REFUSED(with_try([](Assembler& as) { as.op(catch_end_1, {y(0)}); }, good_handler), "innermost catch");
  EXPECT_REFUSED(with_try([](Assembler& as) { as.op(trim_2, {u(1), u(1)}); }, good_handler), "a catch is in force");
  EXPECT_REFUSED(with_try(good_body, [](Assembler& as) { as.op(move_2, {x(0), y(1)}); }), "taking the exception");
  EXPECT_REFUSED(with_try(good_body,
                          [](Assembler& as) {
                            as.op(try_case_1, {y(0)});
                            as.op(move_2, {x(3), x(0)});
                          }),
                 "x(3) is read");
}

TEST(Verify, InnerCatchesUseLowerSlots) {
  const auto nested = [](u64 outer, u64 inner) {
    return check([=](Assembler& as) {
      as.labels += 2;
      as.op(allocate_zero_2, {u(2), u(1)});
      as.op(catch_2, {y(outer), f(3)});
      as.op(catch_2, {y(inner), f(4)});
      as.op(call_2, {u(1), f(2)});
      as.op(label_1, {u(4)});
      as.op(catch_end_1, {y(inner)});
      as.op(label_1, {u(3)});
      as.op(catch_end_1, {y(outer)});
      as.op(deallocate_1, {u(2)});
      as.op(return_0);
    });
  };
  EXPECT_EQ(nested(1, 0), "ok");
  EXPECT_REFUSED(nested(0, 1), "needs a lower slot");
}

TEST(Verify, Receives) {
  const auto receiving = [](bool removes, bool keeps_x) {
    return check([=](Assembler& as) {
      as.labels += 2;
      as.op(label_1, {u(3)});
      as.op(loop_rec_2, {f(4), x(1)});
      if (removes) as.op(remove_message_0);
      as.op(move_2, {keeps_x ? x(0) : x(1), x(0)});
      as.op(return_0);
      as.op(label_1, {u(4)});
      as.op(wait_1, {f(3)});
    });
  };
  EXPECT_EQ(receiving(true, false), "ok");
  EXPECT_REFUSED(receiving(false, false), "a receive is not finished");
  EXPECT_REFUSED(receiving(true, true), "x(0) is read");
  // A wait for a time that is read only once.
  EXPECT_EQ(check([](Assembler& as) {
              as.labels += 1;
              as.op(label_1, {u(3)});
              as.op(wait_timeout_2, {f(3), x(0)});
              as.op(timeout_0);
              as.op(move_2, {a(kF), x(0)});
              as.op(return_0);
            }),
            "ok");
}

// A block that raises, shared by the inside and the outside of a try: fine, but the handler may
// only rely on what holds on every path into the block.
TEST(Verify, RaisingWhereCatchesDifferByPath) {
  const auto shared = [](bool set_before, u64 slot_read) {
    return check([=](Assembler& as) {
      as.labels += 2;  // 3: handler, 4: shared
      as.op(allocate_2, {u(3), u(1)});
      as.op(move_2, {x(0), y(1)});
      as.op(is_atom_2, {f(4), x(0)});
      if (set_before) as.op(move_2, {x(0), y(2)});
      as.op(try_2, {y(0), f(3)});
      as.op(is_integer_2, {f(4), x(0)});
      if (!set_before) as.op(move_2, {x(0), y(2)});
      as.op(call_2, {u(1), f(2)});
      as.op(try_end_1, {y(0)});
      as.op(deallocate_1, {u(3)});
      as.op(return_0);
      as.op(label_1, {u(3)});
      as.op(try_case_1, {y(0)});
      as.op(move_2, {y(slot_read), x(0)});
      as.op(deallocate_1, {u(3)});
      as.op(return_0);
      as.op(label_1, {u(4)});
      as.op(badmatch_1, {y(1)});
    });
  };
  EXPECT_EQ(shared(true, 1), "ok");
  EXPECT_EQ(shared(true, 2), "ok");
  EXPECT_REFUSED(shared(false, 2), "y(2) is read but may not be set");
  EXPECT_EQ(shared(false, 1), "ok");
}

TEST(Verify, ControlFlow) {
  EXPECT_REFUSED(check([](Assembler& as) { as.op(move_2, {x(0), x(1)}); }), "past the end of the function");
  EXPECT_REFUSED(check([](Assembler& as) { as.labels++; as.op(jump_1, {f(3)}); }), "label 3 is not defined");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(jump_1, {f(9)}); }), "no such label");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(jump_1, {f(0)}); }), "wrong kind of operand");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(label_1, {u(2)}); as.op(return_0); }), "defined twice");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(jump_1, {f(4)});
                   as.function(kError, 1);
                   as.op(return_0);
                 }),
                 "in another function");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(call_only_2, {u(2), f(2)}); }), "no function of that arity");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(call_ext_only_2, {u(1), u(kImportF2)}); }), "another arity");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(call_ext_only_2, {u(1), u(3)}); }), "out of range");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(select_val_3, {x(0), f(1), list({i(1)})}); }), "without a label");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(select_val_3, {x(0), f(1), list({x(0), f(1)})}); }), "no constant");
  EXPECT_EQ(check([](Assembler& as) { as.op(select_val_3, {x(0), f(1), list({i(1), f(2), a(kF), f(1)})}); }), "ok");
  // Nothing returns from erlang:error/1, so what comes next need not fit.
  EXPECT_EQ(check([](Assembler& as) {
              as.op(allocate_2, {u(0), u(1)});
              as.op(call_ext_2, {u(1), u(kImportError)});
            }),
            "ok");
}

TEST(Verify, FallingIntoAHandlerBecomesATrap) {
  Assembler as;
  const u32 entry = as.function(kF, 1);
  as.exports.push_back({kF, 1, entry});
  as.labels++;
  as.op(allocate_2, {u(1), u(1)});
  as.op(try_2, {y(0), f(3)});
  as.op(move_2, {x(0), x(1)});
  as.op(call_ext_2, {u(2), u(kImportF2)});
  as.op(label_1, {u(3)});
  as.op(try_case_1, {y(0)});
  as.op(deallocate_1, {u(1)});
  as.op(return_0);
  const Bytes bytes = as.file();
  auto file = read_beam_file(bytes);
  ASSERT_TRUE(file) << file.error().text();
  auto verified = verify(*file);
  ASSERT_TRUE(verified) << verified.error().text();
  ASSERT_EQ(verified->traps.size(), 1u);
  EXPECT_EQ(verified->traps[0], verified->label_instr[3]);
}

// Both ways into label 3 read x(1), the failing one without having written it.
TEST(Verify, ResultReadAfterFailureIsCleared) {
  for (const bool set_before : {false, true}) {
    Assembler as;
    const u32 entry = as.function(kF, 1);
    as.exports.push_back({kF, 1, entry});
    as.labels++;
    if (set_before) as.op(move_2, {x(0), x(1)});
    as.op(bif2_5, {f(3), u(kImportF2), x(0), x(0), x(1)});
    as.op(label_1, {u(3)});
    as.op(move_2, {x(1), x(0)});
    as.op(return_0);
    const Bytes bytes = as.file();
    auto file = read_beam_file(bytes);
    ASSERT_TRUE(file) << file.error().text();
    auto verified = verify(*file);
    ASSERT_TRUE(verified) << verified.error().text();
    ASSERT_EQ(verified->clears.size(), set_before ? 0u : 1u);
    if (set_before) continue;
    EXPECT_EQ(file->code[verified->clears[0].instr].op, GenOp::bif2_5);
    EXPECT_TRUE(verified->clears[0].dst.is_x());
    EXPECT_EQ(verified->clears[0].dst.reg(), 1u);
  }
}

// Label 3 needs x(1) cleared; what the second operation would clear for label 4 is behind the frame.
TEST(Verify, NothingBehindTheFrameIsCleared) {
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.labels += 2;
                   as.op(allocate_2, {u(1), u(1)});
                   as.op(bif2_5, {f(3), u(kImportF2), x(0), x(0), x(1)});
                   as.op(label_1, {u(3)});
                   as.op(move_2, {x(1), x(0)});
                   as.op(bif2_5, {f(4), u(kImportF2), x(0), x(0), y(200)});
                   as.op(label_1, {u(4)});
                   as.op(deallocate_1, {u(1)});
                   as.op(return_0);
                 }),
                 "the frame has 1 slots");
}

TEST(Verify, Indices) {
  EXPECT_REFUSED(check([](Assembler& as) { as.op(make_fun2_1, {u(0)}); }), "out of range");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(bs_init2_6, {f(0), u(3), u(0), u(1), u(0), x(0)});
                   as.op(bs_put_string_2, {u(3), u(2)});
                 }),
                 "past the end of the string table");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(bs_match_string_4, {f(1), x(0), u(40), u(0)}); }), "string table");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(bs_create_bin_6,
                         {f(0), u(0), u(1), u(8), x(0), list({a(kString), u(1), u(8), a(0), u(1), i(4)})});
                 }),
                 "string table");
  EXPECT_REFUSED(check([](Assembler& as) {
                   as.op(bs_create_bin_6, {f(0), u(0), u(1), u(8), x(0), list({a(kInteger), u(1), u(8)})});
                 }),
                 "incomplete");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(is_tagged_tuple_4, {f(1), x(0), u(2), a(200)}); }), "no such atom");
}

TEST(Decode, OpcodesOfOtherReleasesAreRefusedByName) {
  EXPECT_REFUSED(check([](Assembler& as) { as.op(put_tuple_2, {u(2), x(0)}); }), "put_tuple/2) is no longer supported");
  EXPECT_REFUSED(check([](Assembler& as) { as.op(bs_match_3, {f(1), x(0), list({})}); }),
                 "bs_match/3) belongs to OTP 26; this is OTP 25");
  EXPECT_REFUSED(check([](Assembler& as) { as.code.push_back(240); }), "opcode 240 does not exist");
}

TEST(Decode, Numbers) {
  // Values around every change of encoding, as move operands.
  const i64 values[] = {0,   1,    15,        16,         127,       128,           2047,          2048,
                        255, 0x7fff, 0x8000, 0x7fffffff, 0xffffffff, kMaxOperandInt, kMaxOperandInt + 1, INT64_MAX};
  for (const i64 value : values) {
    Assembler as;
    const u32 entry = as.function(kF, 1);
    as.exports.push_back({kF, 1, entry});
    as.op(move_2, {i(static_cast<u64>(value)), x(0)});
    as.op(return_0);
    const Bytes bytes = as.file();
    auto file = read_beam_file(bytes);
    ASSERT_TRUE(file) << value << ": " << file.error().text();
    const Operand operand = file->arg(file->code[3], 0);
    if (value <= kMaxOperandInt) {
      ASSERT_TRUE(operand.is(Kind::i)) << value;
      EXPECT_EQ(operand.int_value(), value);
    } else {
      ASSERT_TRUE(operand.is(Kind::big)) << value;
      i64 big = 0;
      for (const u8 b : file->bigs[operand.value()]) big = big << 8 | b;
      EXPECT_EQ(big, value);
    }
  }
  // Negative, in two bytes with a redundant sign byte.
  Assembler as;
  as.exports.push_back({kF, 1, as.function(kF, 1)});
  as.op(move_2, {Bytes{0x19, 0xff, 0xfe}, x(0)});
  as.op(return_0);
  const Bytes bytes = as.file();
  auto file = read_beam_file(bytes);
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->arg(file->code[3], 0).int_value(), -2);
}

TEST(Decode, LongAtomsOfOtp28) {
  Assembler as;
  as.exports.push_back({kF, 1, as.function(kF, 1)});
  as.op(return_0);
  Bytes bytes = as.file();
  // The atom table is the first chunk: negate its count, and make every length compact.
  const size_t count_at = 12 + 8;
  Bytes atoms;
  put32(atoms, static_cast<u32>(-static_cast<i32>(std::size(kAtomNames))));
  const std::string long_name(600, 'x');
  for (const char* name : kAtomNames) {
    std::string text = name;
    if (text == "integer") {
      text.clear();
      for (int k = 0; k < 200; k++) text += "\xe4\xb8\xad";  // 200 characters, 600 bytes
    }
    const Bytes size = u(text.size());
    atoms.insert(atoms.end(), size.begin(), size.end());
    atoms.insert(atoms.end(), text.begin(), text.end());
  }
  const u32 old_size = static_cast<u32>(bytes[16] << 24 | bytes[17] << 16 | bytes[18] << 8 | bytes[19]);
  Bytes rest(bytes.begin() + static_cast<long>(count_at + ((old_size + 3) & ~3u)), bytes.end());
  Bytes body = {'B', 'E', 'A', 'M'};
  put_chunk(body, "AtU8", atoms);
  body.insert(body.end(), rest.begin(), rest.end());
  Bytes out = {'F', 'O', 'R', '1'};
  put32(out, body.size());
  out.insert(out.end(), body.begin(), body.end());
  auto file = read_beam_file(out);
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->atoms[kF], "f");
  EXPECT_EQ(file->atoms[kInteger].size(), 600u);
  EXPECT_EQ(load(out), "ok");
}

TEST(Gunzip, RoundTripThroughTheSystemTool) {
  const std::string out = output_of("printf 'FOR1 and so on' | gzip -c");
  const auto plain = gunzip({reinterpret_cast<const u8*>(out.data()), out.size()});
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(std::string(plain->begin(), plain->end()), "FOR1 and so on");
  EXPECT_FALSE(gunzip({reinterpret_cast<const u8*>("FOR1"), 4}).has_value());
}

TEST(Dump, NamesEveryInstruction) {
  const Bytes bytes = read_file(installed_beams().front());
  auto file = read_beam_file(bytes);
  ASSERT_TRUE(file);
  char* text = nullptr;
  size_t size = 0;
  FILE* memory = open_memstream(&text, &size);
  dump_generic(memory, *file);
  fclose(memory);
  const std::string s(text, size);
  free(text);
  EXPECT_NE(s.find("int_code_end"), std::string::npos);
  EXPECT_GT(std::count(s.begin(), s.end(), '\n'), static_cast<long>(file->code.size()));
}

}  // namespace
}  // namespace lintel::loader
