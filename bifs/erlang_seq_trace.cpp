// Sequential tracing, and dynamic trace tags as they answer where no dynamic tracer is built in.
#include "vm/diag/seq_trace.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"

namespace lintel {

BifResult erlang_seq_trace_info_1(Process& p, Term* args) {
  Term value = args[0].is_atom() ? seq_trace_info(p, args[0]) : Term::none();
  return value.is_none() ? raise_badarg(p) : value;
}

// The value before.
BifResult erlang_seq_trace_2(Process& p, Term* args) {
  Term value = args[0].is_atom() ? seq_trace_set(p, args[0], args[1]) : Term::none();
  return value.is_none() ? raise_badarg(p) : value;
}

BifResult erlang_seq_trace_print_1(Process& p, Term* args) {
  return am_bool(seq_trace_print(p, args[0], Term::none()));
}
BifResult erlang_seq_trace_print_2(Process& p, Term* args) {
  return am_bool(seq_trace_print(p, args[1], args[0]));
}

BifResult erlang_dt_put_tag_1(Process&, Term*) { return am::undefined; }
BifResult erlang_dt_get_tag_0(Process&, Term*) { return am::undefined; }
BifResult erlang_dt_get_tag_data_0(Process&, Term*) { return am::undefined; }
BifResult erlang_dt_prepend_vm_tag_data_1(Process&, Term* args) { return args[0]; }
BifResult erlang_dt_append_vm_tag_data_1(Process&, Term* args) { return args[0]; }
BifResult erlang_dt_spread_tag_1(Process& p, Term* args) {
  return args[0] == am::true_ || args[0] == am::false_ ? BifResult(am::true_) : raise_badarg(p);
}
// Takes what dt_spread_tag returned.
BifResult erlang_dt_restore_tag_1(Process& p, Term* args) {
  return args[0] == am::true_ ? BifResult(am::true_) : raise_badarg(p);
}

}  // namespace lintel
