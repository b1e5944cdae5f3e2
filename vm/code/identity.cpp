// What vm/term needs to know about code objects, answered from the tables of this part.
#include "vm/term/identity.h"

#include "vm/code/export.h"
#include "vm/code/fun_table.h"

namespace lintel {

FunIdentity fun_identity(const FunEntry* e) { return {e->module, e->index, e->old_index, e->old_uniq}; }
ExportIdentity export_identity(const Export* e) { return {e->module, e->function, e->arity}; }

}  // namespace lintel
