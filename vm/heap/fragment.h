// A heap fragment: terms built outside any process heap, on their way to one (a message, the value
// a BIF copies out of a table, a decoded external term). The next collection of the heap that it is
// attached to moves its contents into the heap proper and frees it.
#pragma once
#include "vm/base/alloc.h"
#include "vm/heap/builder.h"

namespace lintel {

struct Fragment {
  Fragment* next;
  OffHeap off_heap;
  Term* top;
  Term* end;
  Term mem[];

  Builder builder() { return Builder(&top, end, &off_heap); }
  u64 used_words() const { return static_cast<u64>(top - mem); }
};

inline Fragment* fragment_new(u64 words) {
  auto* f = static_cast<Fragment*>(vm_alloc(sizeof(Fragment) + words * kWordBytes));
  f->next = nullptr;
  f->off_heap = {};
  f->top = f->mem;
  f->end = f->mem + words;
  return f;
}
// Frees the fragments of a chain and releases what their off-heap lists own.
void fragments_free(Fragment* first);

}  // namespace lintel
