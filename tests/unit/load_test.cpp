// From bytes to a Module, for every installed .beam file: all of them load, and their code is whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "loader/load.h"
#include "loader/native.h"
#include "vm/code/backend.h"
#include "vm/code/bif_table.h"
#include "vm/code/op_format.h"
#include "vm/heap/literals.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {
namespace {

std::vector<std::filesystem::path> installed_beams() {
  std::vector<std::filesystem::path> paths;
  for (const char* root : {"/usr/lib/erlang/lib", "/usr/lib/elixir/lib"}) {
    std::error_code error;
    for (const auto& app : std::filesystem::directory_iterator(root, error)) {
      for (const auto& file : std::filesystem::directory_iterator(app.path() / "ebin", error)) {
        if (file.path().extension() == ".beam") paths.push_back(file.path());
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

BifResult never_called(Process&, Term*) { VM_PANIC("nothing runs here"); }

// Each function of the table has a row whose fingerprint is that of the installed code.
TEST(Load, NativeBodiesMatchTheInstalledLibrary) {
  for (u32 i = 0; i < native_function_count; i++) {
    const NativeFunction& n = native_functions[i];
    bool found = false;
    for (const auto& path : installed_beams()) {
      if (path.stem().string() != n.module) continue;
      std::ifstream in(path, std::ios::binary);
      const std::vector<char> bytes((std::istreambuf_iterator<char>(in)),
                                    std::istreambuf_iterator<char>());
      auto file =
          loader::read_beam_file({reinterpret_cast<const u8*>(bytes.data()), bytes.size()});
      ASSERT_TRUE(file);
      auto verified = loader::verify(*file);
      ASSERT_TRUE(verified);
      for (u32 f = 0; f < verified->functions.size(); f++) {
        const auto& info = verified->functions[f];
        if (file->atoms[info.name] != n.function || info.arity != n.arity) continue;
        found = true;
        u64 fingerprint = loader::code_fingerprint(*file, *verified, f);
        bool known = false;
        for (u32 k = 0; k < native_function_count; k++) {
          const NativeFunction& row = native_functions[k];
          known |= row.module == n.module && row.function == n.function && row.arity == n.arity &&
                   row.fingerprint == fingerprint;
        }
        EXPECT_TRUE(known) << n.module << ":" << n.function << "/" << n.arity << " is 0x" << std::hex
                           << fingerprint;
      }
    }
    EXPECT_TRUE(found) << n.module << ":" << n.function << "/" << n.arity << " is not installed";
  }
}

TEST(Load, AllInstalledModules) {
  engine.link_export = [](Export*) {};
  engine.link_fun = [](FunEntry*) {};
  literals_init();
  atoms_init(1 << 20);
  nodes_init();
  // The BIFs themselves may not be linked in; that they are BIFs is all the loader asks.
  for (u32 i = 0; i < bif_count; i++) {
    if (bif_table[i].fn == nullptr) bif_table[i].fn = never_called;
  }
  bifs_init(never_called);
  const auto paths = installed_beams();
  ASSERT_GT(paths.size(), 500u);
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    auto loaded = loader::load_module({reinterpret_cast<const u8*>(bytes.data()), bytes.size()});
    ASSERT_TRUE(loaded) << path << ": " << loaded.error().text();
    Module* m = *loaded;
    // The words are operations from end to end.
    u64 at = 0;
    while (at < m->code_words) {
      const u32 op = static_cast<u32>(m->code[at]);
      ASSERT_LT(op, kOpCount) << path << " at word " << at;
      at += op_words(&m->code[at], kOpShapes[op]);
    }
    EXPECT_EQ(at, m->code_words) << path;
    for (const ModuleExport& e : m->exports) EXPECT_TRUE(m->contains(e.entry)) << path;
    for (const Word* entry : m->lambda_entries) EXPECT_TRUE(m->contains(entry)) << path;
    EXPECT_EQ(atom_name(m->name), path.stem().string());
    module_delete(m);
  }
}

}  // namespace
}  // namespace lintel
