// Letting go of what magic references stand for, and finding it again by the reference's numbers.
//
// A magic reference that leaves as bytes or text (external terms, ref_to_list) can come back. So what
// it stands for is put into a table then, by its numbers, until it is destroyed. The numbers carry a
// mark, so that reading any other reference does not look there.
#pragma once
#include "vm/term/boxed.h"

namespace lintel {

inline constexpr u32 kMagicRefMark = u32{1} << 31;  // in n[2]
inline bool is_magic_numbers(RefNumbers n) { return (n.n[2] & kMagicRefMark) != 0; }

// `t` leaves. Anything but a magic reference is left alone.
void magic_remember(Term t);
// With one more holder; null when there is nothing of these numbers.
MagicData* magic_find(RefNumbers n);
// Of one who was remembered, once nobody holds it.
void magic_forget(MagicData* data);

inline void magic_release(MagicData* data) {
  // acq_rel pairs with the other holders' releases: the last one sees all their writes.
  if (data->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (VM_UNLIKELY(data->remembered.load(std::memory_order_relaxed))) magic_forget(data);
  data->destroy(data);
}

}  // namespace lintel
