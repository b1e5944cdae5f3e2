// Funs as values: making external ones, and looking into any.
#include "bifs/node_references.h"
#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/code/module.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/ops/bytes.h"
#include "vm/term/boxed.h"
#include "vm/term/print.h"

namespace lintel {

BifResult erlang_make_fun_3(Process& p, Term* args) {
  if (!args[0].is_atom() || !args[1].is_atom() || !args[2].is_small()) return raise_badarg(p);
  i64 arity = args[2].small_value();
  if (arity < 0 || arity > 255) return raise_badarg(p);
  Builder b = p.reserve(kExportFunWords);
  return b.export_fun(export_get(args[0], args[1], static_cast<u32>(arity)));
}

BifResult erlang_function_exported_3(Process& p, Term* args) {
  if (!args[0].is_atom() || !args[1].is_atom() || !args[2].is_small()) return raise_badarg(p);
  i64 arity = args[2].small_value();
  if (arity < 0 || arity > 255) return am::false_;
  Export* e = export_find(args[0], args[1], static_cast<u32>(arity));
  return am_bool(e != nullptr && e->is_loaded());
}

namespace {
// A fun without code has no name.
Term name_of(const FunEntry* e) { return e->is_loaded() && !e->function.is_none() ? e->function : Term::nil(); }
}  // namespace

// fun_info(Fun, Item) -> {Item, Value}
BifResult erlang_fun_info_2(Process& p, Term* args) {
  Term f = args[0];
  Term item = args[1];
  if (!f.is_fun()) return raise_badarg(p);
  constexpr u64 kMd5Words = binary_words(16);
  if (f.is(BoxedTag::Export)) {
    Builder b = p.reserve(3);
    Export* e = view<ExportFun>(args[0])->entry;
    Term value;
    if (item == am::type) value = am::external;
    else if (item == am::pid) value = am::undefined;
    else if (item == am::module) value = e->module;
    else if (item == am::new_index || item == am::new_uniq || item == am::index || item == am::uniq) value = am::undefined;
    else if (item == am::env) value = Term::nil();
    else if (item == am::refc) value = am::undefined;
    else if (item == am::arity) value = Term::small(e->arity);
    else if (item == am::name) value = e->function;
    else return raise_badarg(p);
    return b.tuple({item, value});
  }
  u64 free_count = fun_num_free(f);
  Builder b = p.reserve(3 + kMd5Words + 2 * free_count + kIntegerWords);
  const Fun* fun = view<Fun>(args[0]);
  FunEntry* e = fun->entry;
  Term value;
  if (item == am::type) {
    value = am::local;
  } else if (item == am::pid) {
    value = fun->creator;
  } else if (item == am::module) {
    value = e->module;
  } else if (item == am::new_index) {
    value = Term::small(e->index);
  } else if (item == am::new_uniq) {
    value = b.binary(e->uniq.data(), e->uniq.size());
  } else if (item == am::index) {
    value = Term::small(e->old_index);
  } else if (item == am::uniq) {
    value = Term::small(e->old_uniq);
  } else if (item == am::env) {
    value = Term::nil();
    for (u64 i = free_count; i-- > 0;) value = b.cons(fun->free[i], value);
  } else if (item == am::refc) {
    // A module that has it counts as one.
    u64 count = count_fun_references(e) + (e->is_loaded() || e->is_purged ? 1 : 0);
    value = Term::small(static_cast<i64>(count));
  } else if (item == am::arity) {
    value = Term::small(e->arity);
  } else if (item == am::name) {
    value = name_of(e);
  } else {
    return raise_badarg(p);
  }
  return b.tuple({item, value});
}

// {Module, Name, Arity} of the function that a fun runs.
BifResult erlang_fun_info_mfa_1(Process& p, Term* args) {
  if (!args[0].is_fun()) return raise_badarg(p);
  Builder b = p.reserve(4);
  if (args[0].is(BoxedTag::Export)) {
    Export* e = view<ExportFun>(args[0])->entry;
    return b.tuple({e->module, e->function, Term::small(e->arity)});
  }
  FunEntry* e = view<Fun>(args[0])->entry;
  return b.tuple({e->module, name_of(e), Term::small(e->arity)});
}

BifResult erlang_fun_to_list_1(Process& p, Term* args) {
  if (!args[0].is_fun()) return raise_badarg(p);
  std::string text = term_text(args[0]);
  Builder b = p.reserve(2 * text.size());
  return chars_to_list(b, text);
}

}  // namespace lintel
