// erlang: tuples. Positions count from 1; anything out of place is badarg.
#include <algorithm>

#include "vm/ops/bytes.h"
#include "vm/proc/exception.h"
#include "vm/sched/long_work.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel {

namespace {

constexpr i64 kMaxTupleSize = (i64{1} << 24) - 1;
// Words copied per reduction.
constexpr u64 kWordsPerReduction = 64;

// Zero-based index of position `t` in 1..limit; false otherwise.
bool position(Term t, u64 limit, u64* index) {
  if (!t.is_small() || t.small_value() < 1 || static_cast<u64>(t.small_value()) > limit) {
    return false;
  }
  *index = static_cast<u64>(t.small_value()) - 1;
  return true;
}

bool tuple_size_arg(Term t) {
  return t.is_small() && t.small_value() >= 0 && t.small_value() <= kMaxTupleSize;
}

// Elements copied in one turn: well under a millisecond.
constexpr u64 kElementsAtOnce = 50000;

// A tuple to fill, from the reductions' view a copy of `arity` words.
Term new_tuple(Process& p, u64 arity, Term** elements) {
  p.bump_reductions(static_cast<i64>(arity / kWordsPerReduction));
  return p.reserve(tuple_words(arity)).tuple_uninitialized(arity, elements);
}

}  // namespace

BifResult erlang_element_2(Process& p, Term* args) {
  u64 i;
  if (!args[1].is_tuple() || !position(args[0], tuple_arity(args[1]), &i)) return raise_badarg(p);
  return tuple_element(args[1], i);
}

BifResult erlang_setelement_3(Process& p, Term* args) {
  u64 i;
  if (!args[1].is_tuple() || !position(args[0], tuple_arity(args[1]), &i)) return raise_badarg(p);
  u64 n = tuple_arity(args[1]);
  if (is_long_work(p, n, kElementsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2]});
  Term* e;
  Term t = new_tuple(p, n, &e);
  std::copy_n(tuple_elements(args[1]), n, e);
  e[i] = args[2];
  return t;
}

BifResult erlang_tuple_size_1(Process& p, Term* args) {
  if (!args[0].is_tuple()) return raise_badarg(p);
  return Term::small(static_cast<i64>(tuple_arity(args[0])));
}

BifResult erlang_make_tuple_2(Process& p, Term* args) {
  if (!tuple_size_arg(args[0])) return raise_badarg(p);
  u64 n = static_cast<u64>(args[0].small_value());
  if (is_long_work(p, n, kElementsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  Term* e;
  Term t = new_tuple(p, n, &e);
  std::fill_n(e, n, args[1]);
  return t;
}

// The third argument is a list of {Position, Value}; later ones win.
BifResult erlang_make_tuple_3(Process& p, Term* args) {
  if (!tuple_size_arg(args[0])) return raise_badarg(p);
  u64 n = static_cast<u64>(args[0].small_value());
  if (is_long_work(p, n, kElementsAtOnce) || is_long_list(p, args[2], kElementsAtOnce)) {
    return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2]});
  }
  u64 i;
  Term list = args[2];
  for (; list.is_list(); list = list.tail()) {
    if (!is_tuple_of(list.head(), 2) || !position(tuple_element(list.head(), 0), n, &i)) {
      return raise_badarg(p);
    }
  }
  if (!list.is_nil()) return raise_badarg(p);
  Term* e;
  Term t = new_tuple(p, n, &e);
  std::fill_n(e, n, args[1]);
  for (list = args[2]; list.is_list(); list = list.tail()) {
    position(tuple_element(list.head(), 0), n, &i);
    e[i] = tuple_element(list.head(), 1);
  }
  return t;
}

BifResult erlang_append_element_2(Process& p, Term* args) {
  if (!args[0].is_tuple() || tuple_arity(args[0]) == kMaxTupleSize) return raise_badarg(p);
  u64 n = tuple_arity(args[0]);
  if (is_long_work(p, n, kElementsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  Term* e;
  Term t = new_tuple(p, n + 1, &e);
  std::copy_n(tuple_elements(args[0]), n, e);
  e[n] = args[1];
  return t;
}

BifResult erlang_insert_element_3(Process& p, Term* args) {
  u64 i;
  if (!args[1].is_tuple() || tuple_arity(args[1]) == kMaxTupleSize ||
      !position(args[0], tuple_arity(args[1]) + 1, &i)) {
    return raise_badarg(p);
  }
  u64 n = tuple_arity(args[1]);
  if (is_long_work(p, n, kElementsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2]});
  Term* e;
  Term t = new_tuple(p, n + 1, &e);
  const Term* from = tuple_elements(args[1]);
  std::copy_n(from, i, e);
  e[i] = args[2];
  std::copy_n(from + i, n - i, e + i + 1);
  return t;
}

BifResult erlang_delete_element_2(Process& p, Term* args) {
  u64 i;
  if (!args[1].is_tuple() || !position(args[0], tuple_arity(args[1]), &i)) return raise_badarg(p);
  u64 n = tuple_arity(args[1]);
  if (is_long_work(p, n, kElementsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  Term* e;
  Term t = new_tuple(p, n - 1, &e);
  const Term* from = tuple_elements(args[1]);
  std::copy_n(from, i, e);
  std::copy_n(from + i + 1, n - i - 1, e + i);
  return t;
}

BifResult erlang_tuple_to_list_1(Process& p, Term* args) {
  if (!args[0].is_tuple()) return raise_badarg(p);
  u64 n = tuple_arity(args[0]);
  if (is_long_work(p, n, kElementsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  p.bump_reductions(static_cast<i64>(n / kWordsPerReduction));
  Builder b = p.reserve(n * kConsWords);
  Term list = Term::nil();
  while (n-- > 0) list = b.cons(tuple_element(args[0], n), list);
  return list;
}

BifResult erlang_list_to_tuple_1(Process& p, Term* args) {
  if (is_long_list(p, args[0], kElementsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  i64 n = list_length(args[0]);
  if (n < 0 || n > kMaxTupleSize) return raise_badarg(p);
  Term* e;
  Term t = new_tuple(p, static_cast<u64>(n), &e);
  for (Term list = args[0]; list.is_list(); list = list.tail()) *e++ = list.head();
  return t;
}

}  // namespace lintel
