// Sizes and copies that see each object once, however often it is referred to.
#pragma once
#include "vm/heap/fragment.h"

namespace lintel {

// Words of the distinct objects of t, without literals, in the stock VM's words (reported_words).
u64 shared_size(Term t);
// Words that copy_shared_whole takes.
u64 shared_size_whole(Term t);
// A copy in b that shares what t shares, literals copied too.
Term copy_shared_whole(Term t, Builder& b);
// A copy that shares what t shares, in a new fragment (null when t needs no copy). Literals are
// copied only if `literals_too`.
Fragment* copy_shared(Term t, bool literals_too, Term* result);

}  // namespace lintel
