#include "vm/heap/shared.h"

#include <cstring>
#include <unordered_map>

#include "vm/heap/literals.h"
#include "vm/heap/off_heap.h"
#include "vm/term/work_stack.h"

namespace lintel {

namespace {

u64 object_words(Term t) { return t.is_list() ? 2 : 1 + t.header_word().header_arity(); }

bool stays(Term t, bool literals_too) {
  return !t.is_pointer() || (!literals_too && is_literal_address(t.address()));
}

// Calls f for each object reachable from t, once.
template <typename F>
void each_object(Term t, bool literals_too, F f) {
  std::unordered_map<Word, bool> seen;
  WorkStack<Term, 64> todo;
  if (!stays(t, literals_too)) todo.push(t);
  while (!todo.empty()) {
    t = todo.pop();
    if (!seen.emplace(t.bits(), true).second) continue;
    f(t);
    Term* p = t.address();
    u64 words = object_words(t);
    if (t.is_boxed() && p[0].header_is_raw()) continue;
    for (u64 i = t.is_list() ? 0 : 1; i < words; i++) {
      if (!stays(p[i], literals_too)) todo.push(p[i]);
    }
  }
}

}  // namespace

u64 shared_size(Term t) {
  u64 words = 0;
  each_object(t, false, [&](Term o) { words += object_words(o); });
  return words;
}

Fragment* copy_shared(Term t, bool literals_too, Term* result) {
  *result = t;
  if (stays(t, literals_too)) return nullptr;
  u64 words = 0;
  each_object(t, literals_too, [&](Term o) { words += object_words(o); });
  Fragment* f = fragment_new(words);
  Builder b = f->builder();
  std::unordered_map<Word, Term> copies;
  auto copy_of = [&](Term from) {
    auto [at, fresh] = copies.emplace(from.bits(), Term::none());
    if (!fresh) return at->second;
    u64 n = object_words(from);
    Term* to = b.alloc(n);
    std::memcpy(static_cast<void*>(to), from.address(), n * kWordBytes);
    at->second = from.is_list() ? Term::list(to) : Term::boxed(to);
    if (from.is_list()) return at->second;
    auto* o = reinterpret_cast<OffHeapObject*>(to);
    if (to->header_tag() == BoxedTag::RefcBinary) {
      // Bytes with two holders are not appended to in place any more.
      view<RefcBinary>(from)->flags_small = Term::small(0);
      reinterpret_cast<RefcBinary*>(to)->flags_small = Term::small(0);
      binary_data_retain(reinterpret_cast<RefcBinary*>(to)->data);
      b.off_heap().link(o, off_heap_words(o));
    } else if (to->header_tag() == BoxedTag::MagicRef) {
      to[2].as_raw_pointer<MagicData>()->refs.fetch_add(1, std::memory_order_relaxed);
      b.off_heap().link(o, 0);
    } else if (to->header_tag() == BoxedTag::SubBinary) {
      reinterpret_cast<SubBinary*>(to)->writable_small = Term::small(0);
    }
    return at->second;
  };
  *result = copy_of(t);
  for (Term* scan = f->mem; scan < f->top; scan++) {
    Term w = *scan;
    if (w.is_header() && w.header_is_raw()) {
      scan += w.header_arity();
    } else if (!stays(w, literals_too)) {
      *scan = copy_of(w);
    }
  }
  return f;
}

}  // namespace lintel
