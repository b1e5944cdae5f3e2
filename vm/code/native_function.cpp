#include "vm/code/native_function.h"

namespace lintel {

std::atomic<u32> native_breakpoints{0};

// A body that no file of this executable defines is a null pointer here.
#define NATIVE(module, function, arity, cname, fingerprint) \
  extern const NativeBody cname __attribute__((weak));
#include "vm/tables/native_functions.def"
#undef NATIVE

const NativeFunction native_functions[] = {
#define NATIVE(module, function, arity, cname, fingerprint) \
  {module, function, arity, fingerprint, &cname},
#include "vm/tables/native_functions.def"
#undef NATIVE
};

const u32 native_function_count = sizeof(native_functions) / sizeof(native_functions[0]);

}  // namespace lintel
