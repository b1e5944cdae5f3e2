// Stack frames and heap room. A frame is its Y registers, lowest first, then the return address:
//
//   sp -> y0 y1 ... yN-1 return-address  (the caller's y0 ...)
//
// Where the loader could not prove that each Y register is written before a collection sees it, new
// ones are filled with [], so that no collection meets an old word.
#include "vm/interp/handlers.h"
#include "vm/interp/interp.h"

namespace lintel::interp {

namespace {

enum Fill { kLeave, kClear };
template <Fill kFill>
VM_ALWAYS_INLINE Term* push_slots(Term* sp, u32 n) {
  if (kFill == kLeave) return sp - n;
  for (u32 i = 0; i < n; i++) *--sp = Term::nil();
  return sp;
}

// False: the operation stops here.
bool collect_now(Process* p, Term* x, u64 words, u32 live) {
  if (VM_UNLIKELY(stops_for_collection(*p, x, words, live))) return false;
  p->live = live;
  p->collect(words);
  return true;
}

COLD_PATH(test_heap_after_collection) {
  SAVE();
  if (!collect_now(p, x, U32(0), U32(1))) return;
  LOAD();
  NEXT(test_heap);
}

}  // namespace

#define ALLOCATE(op, fill)                                                         \
  COLD_PATH(op##_after_collection) {                                               \
    SAVE();                                                                        \
    if (!collect_now(p, x, U32(0), U32(1))) return;                                \
    LOAD();                                                                        \
    sp = push_slots<fill>(sp, U32(0));                                             \
    NEXT(op);                                                                      \
  }                                                                                \
  HANDLER(op) {                                                                    \
    if (VM_UNLIKELY(!has_room(p, sp, htop, U32(0)))) GOTO(op##_after_collection);  \
    sp = push_slots<fill>(sp, U32(0));                                             \
    NEXT(op);                                                                      \
  }
ALLOCATE(allocate, kLeave)
ALLOCATE(allocate_zero, kClear)
#undef ALLOCATE

#define ALLOCATE_HEAP(op, fill)                                                            \
  COLD_PATH(op##_after_collection) {                                                       \
    SAVE();                                                                                \
    if (!collect_now(p, x, U32(0) + U32(1), U32(2))) return;                               \
    LOAD();                                                                                \
    sp = push_slots<fill>(sp, U32(0));                                                     \
    NEXT(op);                                                                              \
  }                                                                                        \
  HANDLER(op) {                                                                            \
    if (VM_UNLIKELY(!has_room(p, sp, htop, U32(0) + U32(1)))) GOTO(op##_after_collection); \
    sp = push_slots<fill>(sp, U32(0));                                                     \
    NEXT(op);                                                                              \
  }
ALLOCATE_HEAP(allocate_heap, kLeave)
ALLOCATE_HEAP(allocate_heap_zero, kClear)
#undef ALLOCATE_HEAP

HANDLER(test_heap) {
  if (VM_UNLIKELY(!has_room(p, sp, htop, U32(0)))) GOTO(test_heap_after_collection);
  NEXT(test_heap);
}
HANDLER(deallocate) {
  sp += U32(0);
  NEXT(deallocate);
}
HANDLER(trim) {
  sp += U32(0);
  NEXT(trim);
}
HANDLER(init_y) {
  YREG(0) = Term::nil();
  NEXT(init_y);
}

}  // namespace lintel::interp
