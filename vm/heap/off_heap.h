// What off-heap objects own, and letting go of it.
#pragma once
#include "vm/heap/builder.h"
#include "vm/term/magic.h"

namespace lintel {

// Gives up what this one object holds outside the heap. The object itself is not touched again.
inline void off_heap_release_one(OffHeapObject* o) {
  Term header = o->header;
  if (header.header_tag() == BoxedTag::RefcBinary) {
    binary_data_release(reinterpret_cast<RefcBinary*>(o)->data);
    return;
  }
  VM_ASSERT(header.header_tag() == BoxedTag::MagicRef);
  magic_release(reinterpret_cast<Term*>(o)[2].as_raw_pointer<MagicData>());
}

inline void off_heap_release(OffHeapObject* o) {
  while (o != nullptr) {
    OffHeapObject* next = o->next;  // the object may be in memory that a destructor frees
    off_heap_release_one(o);
    o = next;
  }
}

// Words outside that an off-heap object stands for.
inline u64 off_heap_words(const OffHeapObject* o) {
  if (o->header.header_tag() != BoxedTag::RefcBinary) return 0;
  return reinterpret_cast<const RefcBinary*>(o)->size() / kWordBytes;
}

}  // namespace lintel
