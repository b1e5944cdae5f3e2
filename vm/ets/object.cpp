#include "vm/ets/object.h"

#include <algorithm>

#include "vm/base/alloc.h"
#include "vm/heap/copy.h"
#include "vm/heap/off_heap.h"

namespace lintel {

EtsObject* ets_object_new(Term tuple, u32 hash) {
  // Most objects have no parts.
  const Term* from = tuple.object();
  u64 arity = from[0].header_arity();
  bool flat = true;
  for (u64 i = 1; i <= arity && flat; i++) flat = !from[i].is_pointer();
  u64 words = flat ? 1 + arity : flat_size(tuple);
  VM_CHECK(words < (u64{1} << 31));
  auto* o = static_cast<EtsObject*>(vm_alloc(sizeof(EtsObject) + words * kWordBytes));
  o->next = nullptr;
  o->hash = hash;
  o->words = static_cast<u32>(words);
  o->dead = 0;
  if (flat) {
    std::copy(from, from + words, o->mem);
    o->off_heap = nullptr;
    return o;
  }
  OffHeap off_heap;
  Term* top = o->mem;
  Builder b(&top, o->mem + words, &off_heap);
  Term copy = copy_term_whole(tuple, b);
  VM_ASSERT(copy == o->tuple() && top == o->mem + words);
  o->off_heap = off_heap.first;
  return o;
}

void ets_object_free(EtsObject* o) {
  off_heap_release(o->off_heap);
  vm_free(o);
}

// The object refers only to itself (and to immediates), so its copy is the same words with the
// pointers shifted.
Term ets_object_copy(EtsObject* o, Builder& b) {
  u64 n = o->words;
  Term* to = b.alloc(n);
  const Term* from = o->mem;
  const u64 delta = reinterpret_cast<Word>(to) - reinterpret_cast<Word>(from);
  for (u64 i = 0; i < n;) {
    Term w = from[i];
    if (w.is_pointer()) {
      to[i++] = Term(w.bits() + delta);
      continue;
    }
    to[i++] = w;
    if (w.is_header() && w.header_is_raw()) {
      u64 raw = w.header_arity();
      for (u64 end = i + raw; i < end; i++) to[i] = from[i];
    }
  }
  for (OffHeapObject* off = o->off_heap; off != nullptr; off = off->next) {
    auto* copy = reinterpret_cast<OffHeapObject*>(reinterpret_cast<u8*>(off) + delta);
    if (copy->header.header_tag() == BoxedTag::RefcBinary) {
      binary_data_retain(reinterpret_cast<RefcBinary*>(copy)->data);
    } else {
      reinterpret_cast<Term*>(copy)[2].as_raw_pointer<MagicData>()->refs.fetch_add(
          1, std::memory_order_relaxed);
    }
    b.off_heap().link(copy, off_heap_words(copy));
  }
  return Term::boxed(to);
}

}  // namespace lintel
