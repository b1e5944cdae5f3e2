// Copying terms between heaps: messages, spawn arguments, ETS, literals. Explicit stack, any depth.
#pragma once
#include "vm/heap/builder.h"
#include "vm/heap/fragment.h"

namespace lintel {

// Words that a copy takes, literals excluded (they are shared). Sharing inside t is lost, as in stock.
u64 copy_size(Term t);
// As copy_size but literals count too (for literal areas and purge).
u64 flat_size(Term t);
// As flat_size, but in the stock VM's words.
u64 reported_flat_size(Term t);
// What the stock VM takes for an object that takes `words` here. It has but one empty tuple, counts a
// flat map's size in it, links funs and terms of other nodes like binaries, packs the count of a
// reference's numbers with them, and has the bits of a large map's root in its header. (Its large maps
// are built of other nodes.)
inline u64 reported_words(const Term* object, u64 words) {
  switch (object->header_tag()) {
    case BoxedTag::Tuple: return words == 1 ? 0 : words;
    case BoxedTag::FlatMap:
    case BoxedTag::RefcBinary:
    case BoxedTag::ExtPid:
    case BoxedTag::ExtPort: return words + 1;
    case BoxedTag::ExtRef: return reinterpret_cast<const External*>(object)->data[0] % 2 == 0 ? words + 1 : words;
    case BoxedTag::Fun: return words + 2;
    case BoxedTag::Export: return words + 3;
    case BoxedTag::HamtRoot: return words - 1;
    default: return words;
  }
}
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
