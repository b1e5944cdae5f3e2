// erlang: and, or, xor, not. The operands are booleans, nothing else.
#include "vm/proc/exception.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

bool is_bool(Term t) { return t == am::true_ || t == am::false_; }
bool are_bools(Term* a) { return is_bool(a[0]) && is_bool(a[1]); }

}  // namespace

BifResult erlang_and_2(Process& p, Term* a) {
  if (!are_bools(a)) return raise_badarg(p);
  return am_bool(a[0] == am::true_ && a[1] == am::true_);
}
BifResult erlang_or_2(Process& p, Term* a) {
  if (!are_bools(a)) return raise_badarg(p);
  return am_bool(a[0] == am::true_ || a[1] == am::true_);
}
BifResult erlang_xor_2(Process& p, Term* a) {
  if (!are_bools(a)) return raise_badarg(p);
  return am_bool(a[0] != a[1]);
}
BifResult erlang_not_1(Process& p, Term* a) {
  if (!is_bool(a[0])) return raise_badarg(p);
  return am_bool(a[0] == am::false_);
}

}  // namespace lintel
