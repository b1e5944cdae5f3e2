// Fuzzes the whole way from bytes to a Module: what beam_fuzz covers, then literals as terms and the
// transformation to specific operations. Atoms are never freed: once mutations have filled the
// table, files with new ones are refused and the others still load.
#include "loader/load.h"
#include "tests/fuzz/beam_mutator.h"
#include "vm/code/backend.h"
#include "vm/code/bif_table.h"
#include "vm/heap/literals.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

using namespace lintel;

namespace {
BifResult never_called(Process&, Term*) { VM_PANIC("nothing runs here"); }
}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  // Nothing runs here, so there is no engine: stubs stay empty.
  engine.link_export = [](Export*) {};
  engine.link_fun = [](FunEntry*) {};
  literals_init();
  atoms_init(1 << 18);
  nodes_init();
  // The BIFs themselves may not be linked in; that they are BIFs is all the loader asks.
  for (u32 i = 0; i < bif_count; i++) {
    if (bif_table[i].fn == nullptr) bif_table[i].fn = never_called;
  }
  bifs_init(never_called);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto module = loader::load_module({data, size});
  if (module) {
    module_delete(*module);
  } else {
    VM_CHECK(!module.error().message.empty());
  }
  return 0;
}
