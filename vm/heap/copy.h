// Copying terms between heaps: messages, spawn arguments, ETS, literals. Explicit stack, any depth.
#pragma once
#include "vm/heap/builder.h"
#include "vm/heap/fragment.h"

namespace lintel {

// Words that a copy takes, literals excluded (they are shared). Sharing inside t is lost, as in stock.
u64 copy_size(Term t);
// As copy_size but literals count too (for literal areas and purge).
u64 flat_size(Term t);
// As flat_size, but empty tuples take nothing: the stock VM has but one and counts accordingly.
u64 reported_flat_size(Term t);
inline bool is_empty_tuple(Term t) { return t.is_boxed() && *t.object() == Term::header(BoxedTag::Tuple, 0); }
// Copies t (not literals) into b, which has copy_size(t) words.
Term copy_term(Term t, Builder& b);
// Copies everything including literals: flat_size(t) words.
Term copy_term_whole(Term t, Builder& b);

// copy_size and copy_term agree as long as no literal area begins to leave in between, which happens
// with the schedulers blocked: only threads that then stand still may use the two. What is kept where a
// purge does not look (timers, ports, tracers), or is copied by a thread of a NIF, is copied whole:
// into a fragment of its own, or null when t is immediate.
Term copy_to_keep(Term t, Fragment** fragment);

}  // namespace lintel
