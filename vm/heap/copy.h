// Copying terms between heaps: messages, spawn arguments, ETS, literals. Explicit stack, any depth.
#pragma once
#include "vm/heap/builder.h"
#include "vm/heap/fragment.h"

namespace lintel {

// Words that a copy takes, literals excluded (they are shared). Sharing inside t is lost, as in stock.
u64 copy_size(Term t);
// As copy_size but literals count too (for literal areas and purge).
u64 flat_size(Term t);
// Copies t (not literals) into b, which has copy_size(t) words.
Term copy_term(Term t, Builder& b);
// Copies everything including literals: flat_size(t) words.
Term copy_term_whole(Term t, Builder& b);

}  // namespace lintel
