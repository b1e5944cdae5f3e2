// lists: the searches and reverse/2. Long lists are walked in turns: a search that used up its
// reductions asks to be called again with the rest of the list.
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/compare.h"

namespace lintel {

namespace {

constexpr i64 kWalkedPerReduction = 16;
constexpr i64 kReversedPerReduction = 20;

// Cells that may be walked before the process has to let others run.
i64 budget(Process& p, i64 per_reduction) { return (p.reds > 1 ? p.reds : 1) * per_reduction; }

enum class Found { Tuple, Nothing, Error, OutOfTime };

// Where args = {Key, Position, List}: the first tuple whose element == Key. On OutOfTime args[2] is
// what is left.
Found key_search(Process& p, Term* args, Term* found) {
  if (!args[1].is_small() || args[1].small_value() < 1) return Found::Error;
  u64 index = static_cast<u64>(args[1].small_value()) - 1;
  Term key = args[0];
  Term list = args[2];
  i64 allowed = budget(p, kWalkedPerReduction);
  i64 left = allowed;
  auto charge = [&] { p.bump_reductions((allowed - left) / kWalkedPerReduction); };
  bool by_word = key.is_imm() && !key.is_small();
  // The stock VM converts a small key to a float where it meets one, also beyond 2^53.
  double as_float = key.is_small() ? static_cast<double>(key.small_value()) : 0;
  for (; list.is_list(); list = list.tail()) {
    if (left-- == 0) {
      args[2] = list;
      charge();
      return Found::OutOfTime;
    }
    Term t = list.head();
    if (!t.is_tuple() || index >= tuple_arity(t)) continue;
    Term e = tuple_element(t, index);
    bool same = e == key;
    if (!same && !by_word) {
      same = key.is_small() ? e.is_float() && float_value(e) == as_float : equal(e, key);
    }
    if (same) {
      *found = t;
      charge();
      return Found::Tuple;
    }
  }
  charge();
  return list.is_nil() ? Found::Nothing : Found::Error;
}

}  // namespace

BifResult lists_keyfind_3(Process& p, Term* args) {
  Term t;
  switch (key_search(p, args, &t)) {
    case Found::Tuple: return t;
    case Found::Nothing: return am::false_;
    case Found::OutOfTime: return yield_again(p, {args[0], args[1], args[2]});
    case Found::Error: break;
  }
  return raise_badarg(p);
}

BifResult lists_keymember_3(Process& p, Term* args) {
  Term t;
  switch (key_search(p, args, &t)) {
    case Found::Tuple: return am::true_;
    case Found::Nothing: return am::false_;
    case Found::OutOfTime: return yield_again(p, {args[0], args[1], args[2]});
    case Found::Error: break;
  }
  return raise_badarg(p);
}

BifResult lists_keysearch_3(Process& p, Term* args) {
  Term t;
  switch (key_search(p, args, &t)) {
    case Found::Tuple: {
      LocalRoots<1> roots(p, t);
      Builder b = p.reserve(tuple_words(2));
      return b.tuple({am::value, roots[0]});
    }
    case Found::Nothing: return am::false_;
    case Found::OutOfTime: return yield_again(p, {args[0], args[1], args[2]});
    case Found::Error: break;
  }
  return raise_badarg(p);
}

BifResult lists_member_2(Process& p, Term* args) {
  Term key = args[0];
  Term list = args[1];
  i64 allowed = budget(p, kWalkedPerReduction);
  i64 left = allowed;
  for (; list.is_list(); list = list.tail()) {
    if (left-- == 0) {
      p.bump_reductions(allowed / kWalkedPerReduction);
      return yield_again(p, {key, list});
    }
    if (exact_equal(list.head(), key)) {
      p.bump_reductions((allowed - left) / kWalkedPerReduction);
      return am::true_;
    }
  }
  p.bump_reductions((allowed - left) / kWalkedPerReduction);
  if (!list.is_nil()) return raise_badarg(p);
  return am::false_;
}

// reverse(List, Tail). Between turns the part done so far is the tail.
BifResult lists_reverse_2(Process& p, Term* args) {
  i64 allowed = budget(p, kReversedPerReduction);
  i64 n = 0;
  Term list = args[0];
  for (; list.is_list() && n < allowed; list = list.tail()) n++;
  if (!list.is_list() && !list.is_nil()) return raise_badarg(p);
  p.bump_reductions(n / kReversedPerReduction);
  Builder b = p.reserve(static_cast<u64>(n) * kConsWords);
  Term result = args[1];
  list = args[0];
  for (; n > 0; n--, list = list.tail()) result = b.cons(list.head(), result);
  if (list.is_nil()) return result;
  return yield_again(p, {list, result});
}

}  // namespace lintel
