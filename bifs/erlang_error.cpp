// error/1..3, exit/1, throw/1, raise/3, nif_error, and apply and hibernate as functions.
#include <algorithm>

#include "vm/ops/apply.h"
#include "vm/proc/exception.h"
#include "vm/proc/stacktrace.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"
#include "vm/term/map.h"

namespace lintel {

namespace {

// An exception whose trace starts at the caller.
BifResult raise_own(Process& p, ExcClass cls, Term reason) {
  BifResult r = raise(p, cls, reason);
  p.exc_flags = kExcNotBif;
  return r;
}

bool is_proper_list(Term t) {
  while (t.is_list()) t = t.tail();
  return t.is_nil();
}

}  // namespace

BifResult erlang_error_1(Process& p, Term* args) { return raise_own(p, ExcClass::Error, args[0]); }
BifResult erlang_exit_1(Process& p, Term* args) { return raise_own(p, ExcClass::Exit, args[0]); }
BifResult erlang_throw_1(Process& p, Term* args) { return raise_own(p, ExcClass::Throw, args[0]); }

BifResult erlang_error_2(Process& p, Term* args) {
  BifResult r = raise_own(p, ExcClass::Error, args[0]);
  if (args[1].is_list() || args[1].is_nil()) {  // `none`, and whatever else is no list, says nothing
    p.exc_args = args[1];
    p.exc_flags |= kExcHasArgs;
  }
  return r;
}

// error(Reason, Args, [{error_info, Map}]). Options that are none are passed over.
BifResult erlang_error_3(Process& p, Term* args) {
  Term info = Term::none();
  for (Term options = args[2]; options.is_list(); options = options.tail()) {
    Term o = options.head();
    if (!is_tuple_of(o, 2) || tuple_element(o, 0) != am::error_info ||
        !tuple_element(o, 1).is_map()) {
      continue;
    }
    info = tuple_element(o, 1);
  }
  BifResult r = raise_own(p, ExcClass::Error, args[0]);
  if (args[1].is_list() || args[1].is_nil()) {  // `none`, and whatever else is no list, says nothing
    p.exc_args = args[1];
    p.exc_flags |= kExcHasArgs;
  }
  if (!info.is_none()) {
    p.exc_info = info;
    p.exc_flags |= kExcErrorInfo;
  }
  return r;
}

BifResult erlang_nif_error_1(Process& p, Term* args) {
  return raise(p, ExcClass::Error, args[0]);
}
BifResult erlang_nif_error_2(Process& p, Term* args) {
  return raise(p, ExcClass::Error, args[0]);
}

namespace {

// One element of a trace given to raise/3: {M,F,A} | {M,F,A,Location} | {Fun,Args} | {Fun,Args,L}.
bool is_trace_item(Term item) {
  if (!item.is_tuple()) return false;
  u64 arity = tuple_arity(item);
  if (arity < 2 || arity > 4) return false;
  Term first = tuple_element(item, 0);
  if (first.is_fun()) {
    if (arity == 4) return false;
    return is_proper_list(tuple_element(item, 1)) &&
           (arity == 2 || is_proper_list(tuple_element(item, 2)));
  }
  if (arity < 3 || !first.is_atom() || !tuple_element(item, 1).is_atom()) return false;
  Term third = tuple_element(item, 2);
  if (!third.is_list() && !third.is_nil() && !third.is_small()) return false;
  return arity == 3 || is_proper_list(tuple_element(item, 3));
}

}  // namespace

// A wrong argument returns badarg instead of raising it.
BifResult erlang_raise_3(Process& p, Term* args) {
  ExcClass cls;
  if (args[0] == am::error) {
    cls = ExcClass::Error;
  } else if (args[0] == am::exit) {
    cls = ExcClass::Exit;
  } else if (args[0] == am::throw_) {
    cls = ExcClass::Throw;
  } else {
    return am::badarg;
  }
  u64 length = 0;
  bool needs_locations = false;
  for (Term t = args[2];; t = t.tail()) {
    if (t.is_nil()) break;
    if (!t.is_list() || !is_trace_item(t.head())) return am::badarg;
    Term item = t.head();
    u64 arity = tuple_arity(item);
    needs_locations = needs_locations || arity == (tuple_element(item, 0).is_fun() ? 2u : 3u);
    length++;
  }
  Term trace = args[2];
  u64 depth = std::max<u64>(backtrace_depth, 1);
  if (needs_locations || length > depth) {
    // Cut to the depth, and every item gets its location list.
    u64 count = std::min(length, depth);
    Builder b = p.reserve(count * (2 + 5));
    Term* link = &trace;
    trace = Term::nil();
    Term from = args[2];
    for (u64 i = 0; i < count; i++, from = from.tail()) {
      Term item = from.head();
      bool fun = tuple_element(item, 0).is_fun();
      if (tuple_arity(item) == (fun ? 2u : 3u)) {
        item = fun ? b.tuple({tuple_element(item, 0), tuple_element(item, 1), Term::nil()})
                   : b.tuple({tuple_element(item, 0), tuple_element(item, 1),
                              tuple_element(item, 2), Term::nil()});
      }
      Term cell = b.cons(item, Term::nil());
      *link = cell;
      link = cell.cell() + 1;
    }
  }
  LocalRoots<1> roots(p, trace);
  Builder b = p.reserve(tuple_words(2));
  Term raw = b.tuple({class_atom(cls), roots[0]});
  BifResult r = raise(p, cls, args[1]);
  p.exc_trace = raw;
  p.exc_flags = kExcHasTrace | kExcNotBif;
  return r;
}

// ---- apply and hibernate, where they are called as functions (calls in code have operations) ----

BifResult erlang_apply_3(Process& p, Term* args) {
  const Word* target = ops::apply3_target(p, args);
  if (target == nullptr) return Term::none();
  p.outcome = BifOutcome::Trap;
  p.trap_entry = target;
  return Term::none();
}
BifResult erlang_apply_2(Process& p, Term* args) {
  const Word* target = ops::apply_fun_target(p, args);
  if (target == nullptr) return Term::none();
  p.outcome = BifOutcome::Trap;
  p.trap_entry = target;
  return Term::none();
}
BifResult erlang_hibernate_3(Process& p, Term* args) {
  if (!ops::check_hibernate(p, args)) return Term::none();
  p.outcome = BifOutcome::Hibernate;
  return Term::none();
}

}  // namespace lintel
