// erlang:trace_info/2. There is no tracing yet, so everything is reported as not traced.
#include "bifs/erlang_trace.h"

#include "vm/code/export.h"
#include "vm/proc/exception.h"
#include "vm/proc/process_table.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel {

std::atomic<u32> trace_control_word{0};

namespace {

bool is_function_item(Term item) {
  return item == am::traced || item == am::match_spec || item == am::meta ||
         item == am::meta_match_spec || item == am::call_count || item == am::call_time ||
         item == am::all;
}

}  // namespace

BifResult erlang_trace_info_2(Process& p, Term* args) {
  Term what = args[0];
  Term item = args[1];
  Builder b = p.reserve(tuple_words(2));
  if (what.is_local_pid() || what.is_local_port() || what == am::new_ ||
      what == am::new_processes || what == am::new_ports) {
    if (item != am::flags && item != am::tracer) return raise_badarg(p);
    if (what.is_local_pid() && process_lookup(what) == nullptr) return am::undefined;
    return b.tuple({item, Term::nil()});
  }
  if (what == am::send || what == am::receive) {
    if (item != am::match_spec) return raise_badarg(p);
    return b.tuple({item, am::true_});
  }
  if (what.is_atom() && what != am::on_load) return raise_badarg_cause(p, am::badopt);
  if (!is_function_item(item)) return raise_badarg(p);
  if (what == am::on_load) return b.tuple({item, am::false_});
  if (!is_tuple_of(what, 3) || !tuple_element(what, 0).is_atom() ||
      !tuple_element(what, 1).is_atom() || !tuple_element(what, 2).is_small()) {
    return raise_badarg(p);
  }
  Export* e = export_find(tuple_element(what, 0), tuple_element(what, 1),
                          static_cast<u32>(tuple_element(what, 2).small_value()));
  return b.tuple({item, e != nullptr && e->is_loaded() ? am::false_ : am::undefined});
}

}  // namespace lintel
