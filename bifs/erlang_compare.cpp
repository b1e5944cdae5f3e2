// erlang: comparison operators as functions.
#include "vm/proc/exception.h"
#include "vm/term/atom.h"
#include "vm/term/compare.h"

namespace lintel {

BifResult erlang_equal_2(Process&, Term* a) { return am_bool(equal(a[0], a[1])); }
BifResult erlang_not_equal_2(Process&, Term* a) { return am_bool(!equal(a[0], a[1])); }
BifResult erlang_exact_equal_2(Process&, Term* a) { return am_bool(exact_equal(a[0], a[1])); }
BifResult erlang_exact_not_equal_2(Process&, Term* a) { return am_bool(!exact_equal(a[0], a[1])); }
BifResult erlang_less_2(Process&, Term* a) { return am_bool(compare(a[0], a[1]) < 0); }
BifResult erlang_less_equal_2(Process&, Term* a) { return am_bool(compare(a[0], a[1]) <= 0); }
BifResult erlang_greater_2(Process&, Term* a) { return am_bool(compare(a[0], a[1]) > 0); }
BifResult erlang_greater_equal_2(Process&, Term* a) { return am_bool(compare(a[0], a[1]) >= 0); }

// The exact order: -1, 0 or 1.
BifResult erts_internal_cmp_term_2(Process&, Term* a) {
  i64 j = compare_exact(a[0], a[1]);
  return Term::small(j < 0 ? -1 : j > 0 ? 1 : 0);
}


}  // namespace lintel
