#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "vm/base/types.h"

namespace lintel {

void vm_panic(const char* file, int line, const char* format, ...) {
  va_list args;
  va_start(args, format);
  std::fprintf(stderr, "lintel: %s:%d: ", file, line);
  std::vfprintf(stderr, format, args);
  std::fputc('\n', stderr);
  va_end(args);
  std::fflush(stderr);
  std::abort();
}

}  // namespace lintel
