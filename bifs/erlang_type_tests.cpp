// erlang: is_* and what kind of thing a term is.
#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel {

BifResult erlang_is_atom_1(Process&, Term* a) { return am_bool(a[0].is_atom()); }
BifResult erlang_is_binary_1(Process&, Term* a) { return am_bool(is_binary(a[0])); }
BifResult erlang_is_bitstring_1(Process&, Term* a) { return am_bool(a[0].is_bitstring()); }
BifResult erlang_is_boolean_1(Process&, Term* a) {
  return am_bool(a[0] == am::true_ || a[0] == am::false_);
}
BifResult erlang_is_float_1(Process&, Term* a) { return am_bool(a[0].is_float()); }
BifResult erlang_is_function_1(Process&, Term* a) { return am_bool(a[0].is_fun()); }
BifResult erlang_is_integer_1(Process&, Term* a) { return am_bool(a[0].is_integer()); }
BifResult erlang_is_list_1(Process&, Term* a) { return am_bool(a[0].is_list() || a[0].is_nil()); }
BifResult erlang_is_map_1(Process&, Term* a) { return am_bool(a[0].is_map()); }
BifResult erlang_is_number_1(Process&, Term* a) { return am_bool(a[0].is_number()); }
BifResult erlang_is_pid_1(Process&, Term* a) { return am_bool(a[0].is_pid()); }
BifResult erlang_is_port_1(Process&, Term* a) { return am_bool(a[0].is_port()); }
BifResult erlang_is_reference_1(Process&, Term* a) { return am_bool(a[0].is_ref()); }
BifResult erlang_is_tuple_1(Process&, Term* a) { return am_bool(a[0].is_tuple()); }

// Any arity that is an integer from 0 up may be asked for, bignums too.
BifResult erlang_is_function_2(Process& p, Term* a) {
  bool small = a[1].is_small();
  if (small ? a[1].small_value() < 0 : !a[1].is(BoxedTag::BigPos)) return raise_badarg(p);
  if (!small || !a[0].is_fun()) return am::false_;
  u32 arity = a[0].is(BoxedTag::Fun) ? view<Fun>(a[0])->entry->arity
                                     : view<ExportFun>(a[0])->entry->arity;
  return am_bool(arity == static_cast<u64>(a[1].small_value()));
}

BifResult erlang_is_record_2(Process& p, Term* a) {
  if (!a[1].is_atom()) return raise_badarg(p);
  return am_bool(a[0].is_tuple() && tuple_arity(a[0]) >= 1 && tuple_element(a[0], 0) == a[1]);
}

BifResult erlang_is_record_3(Process& p, Term* a) {
  if (!a[1].is_atom() || !a[2].is_small()) return raise_badarg(p);
  i64 size = a[2].small_value();
  return am_bool(size > 0 && a[0].is_tuple() && tuple_arity(a[0]) == static_cast<u64>(size) &&
                 tuple_element(a[0], 0) == a[1]);
}

BifResult erlang_is_builtin_3(Process& p, Term* a) {
  if (!a[0].is_atom() || !a[1].is_atom() || !a[2].is_small()) {
    return raise_badarg(p);
  }
  i64 arity = a[2].small_value();
  Export* e = arity < 0 || arity > 255 ? nullptr
                                       : export_find(a[0], a[1], static_cast<u32>(a[2].small_value()));
  return am_bool(e != nullptr && e->bif != nullptr);
}

BifResult erts_internal_term_type_1(Process&, Term* args) {
  Term t = args[0];
  switch (t.tag()) {
    case Tag::Small: return am::fixnum;
    case Tag::List: return am::list;
    case Tag::Imm:
      if (t.is_atom()) return am::atom;
      if (t.is_local_pid()) return am::pid;
      if (t.is_local_port()) return am::port;
      return am::nil_;
    case Tag::Boxed: break;
    default: VM_PANIC("term_type: not a term: %#lx", t.bits());
  }
  switch (t.boxed_tag()) {
    case BoxedTag::Tuple: return am::tuple;
    case BoxedTag::FlatMap: return am::flatmap;
    case BoxedTag::HamtRoot: return am::hashmap;
    case BoxedTag::HamtNode: return am::hashmap_node;
    case BoxedTag::Fun: return am::fun_;
    case BoxedTag::Export: return am::export_;
    case BoxedTag::RefcBinary: return am::refc_binary;
    case BoxedTag::SubBinary: return am::sub_binary;
    case BoxedTag::MatchCtx: return am::matchstate;
    case BoxedTag::MagicRef:
    case BoxedTag::Ref: return am::reference;
    case BoxedTag::Float: return am::hfloat;
    case BoxedTag::BigPos:
    case BoxedTag::BigNeg: return am::bignum;
    case BoxedTag::HeapBinary: return am::heap_binary;
    case BoxedTag::ExtPid: return am::external_pid;
    case BoxedTag::ExtPort: return am::external_port;
    case BoxedTag::ExtRef: return am::external_reference;
  }
  VM_PANIC("term_type: bad header");
}

}  // namespace lintel
