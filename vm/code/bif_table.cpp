#include "vm/code/bif_table.h"

namespace lintel {

// A BIF that no file defines is a null pointer here, found by its row.
#define BIF(module, function, arity, kind, cname) \
  BifResult cname(Process& p, Term* args) __attribute__((weak));
#include "vm/tables/bifs.def"
#undef BIF

BifEntry bif_table[] = {
#define BIF(module, function, arity, kind, cname) \
  {module, function, arity, BifKind::kind, &cname, nullptr},
#include "vm/tables/bifs.def"
#undef BIF
};

const u32 bif_count = sizeof(bif_table) / sizeof(bif_table[0]);

}  // namespace lintel
