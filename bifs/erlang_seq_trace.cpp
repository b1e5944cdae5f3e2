// Sequential tracing and dynamic trace tags, as they answer while nobody traces: no token is set and
// no tag is attached.
#include "bifs/scratch.h"
#include "vm/proc/exception.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

bool is_flag(Term t) {
  return t == am::send || t == am::receive || t == am::print || t == am::timestamp ||
         t == am::monotonic_timestamp || t == am::strict_monotonic_timestamp;
}

}  // namespace

BifResult erlang_seq_trace_info_1(Process& p, Term* args) {
  Term what = args[0];
  if (what == am::label || what == am::serial) return Term::nil();
  if (!is_flag(what)) return raise_badarg(p);
  Builder b = p.reserve(tuple_words(2));
  return b.tuple({what, am::false_});
}

// The value before: none is ever set.
BifResult erlang_seq_trace_2(Process& p, Term* args) {
  Term what = args[0];
  if (is_flag(what)) return am::false_;
  if (what == am::label || what == am::serial || what == am::sequential_trace_token) {
    return Term::nil();
  }
  return raise_badarg(p);
}

BifResult erlang_seq_trace_print_1(Process&, Term*) { return am::false_; }
BifResult erlang_seq_trace_print_2(Process& p, Term* args) {
  if (!args[0].is_atom() && !args[0].is_small()) return raise_badarg(p);
  return am::false_;
}

// {trace_delivered, Pid | all, Ref}: everything that will ever be traced up to now is delivered.
BifResult erlang_trace_delivered_1(Process& p, Term* args) {
  if (args[0] != am::all && !args[0].is_local_pid()) return raise_badarg(p);
  RefNumbers ref = make_ref_numbers();
  Fragment* f = fragment_new(kRefWords + tuple_words(3));
  Builder fb = f->builder();
  Term r = fb.reference(ref);
  send_fragment(p, fb.tuple({am::trace_delivered, args[0], r}), f);
  Builder b = p.reserve(kRefWords);
  return b.reference(ref);
}

BifResult erlang_dt_put_tag_1(Process&, Term*) { return am::undefined; }
BifResult erlang_dt_get_tag_0(Process&, Term*) { return am::undefined; }
BifResult erlang_dt_get_tag_data_0(Process&, Term*) { return am::undefined; }
BifResult erlang_dt_prepend_vm_tag_data_1(Process&, Term* args) { return args[0]; }
BifResult erlang_dt_append_vm_tag_data_1(Process&, Term* args) { return args[0]; }
BifResult erlang_dt_spread_tag_1(Process&, Term*) { return am::true_; }
BifResult erlang_dt_restore_tag_1(Process&, Term*) { return am::true_; }

}  // namespace lintel
