// Tags of the dynamic trace (DTrace, SystemTap) that the stock VM can be built with. As in its usual
// build there is none: nothing is tagged, and data passes through.
#include "vm/proc/exception.h"
#include "vm/term/atom.h"

namespace lintel {

BifResult erlang_dt_put_tag_1(Process&, Term*) { return am::undefined; }
BifResult erlang_dt_get_tag_0(Process&, Term*) { return am::undefined; }
BifResult erlang_dt_get_tag_data_0(Process&, Term*) { return am::undefined; }
BifResult erlang_dt_spread_tag_1(Process&, Term*) { return am::true_; }
BifResult erlang_dt_restore_tag_1(Process&, Term*) { return am::true_; }
BifResult erlang_dt_append_vm_tag_data_1(Process&, Term* args) { return args[0]; }
BifResult erlang_dt_prepend_vm_tag_data_1(Process&, Term* args) { return args[0]; }

}  // namespace lintel
