// What ordering, hashing and printing need to know about funs, whose entries belong to the code
// tables above this part. The two functions are defined in vm/code/identity.cpp.
#pragma once
#include "vm/term/boxed.h"

namespace lintel {

struct FunIdentity {
  Term module;
  u32 index;
  u32 old_index;
  u32 old_uniq;
};
FunIdentity fun_identity(const FunEntry* entry);

struct ExportIdentity {
  Term module;
  Term function;
  u32 arity;
};
ExportIdentity export_identity(const Export* entry);

}  // namespace lintel
