// Fuzzes the loader up to verified generic code: whatever the bytes, the answer is a verified file
// or a LoadError that names a chunk and a place, without a crash, a hang or a leak.
#include <cstdio>
#include <cstring>

#include "loader/beam_file.h"
#include "loader/verify.h"
#include "tests/fuzz/beam_mutator.h"

using namespace lintel;
using namespace lintel::loader;

namespace {

FILE* null_file() {
  static FILE* file = fopen("/dev/null", "w");
  return file;
}

void check_error(const LoadError& error, size_t size) {
  VM_CHECK(!error.message.empty());
  // Literals may be larger than the file that holds them; everything else points into it.
  VM_CHECK(std::strcmp(error.chunk, "LitT") == 0 || error.offset <= size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto file = read_beam_file({data, size});
  if (!file) {
    check_error(file.error(), size);
    return 0;
  }
  dump_generic(null_file(), *file);
  auto verified = verify(*file);
  if (!verified) {
    check_error(verified.error(), size);
    return 0;
  }
  for (const u32 trap : verified->traps) VM_CHECK(trap < file->code.size());
  return 0;
}
