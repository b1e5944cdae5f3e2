// Building binaries: allocating them, appending in place, and the whole of bs_create_bin.
//
// A binary that grows by appending is a refc binary with spare room and a sub binary that ends where
// the used part ends and is marked writable. Only through that mark may the spare room be written:
// an append clears it on the old sub binary and sets it on the new one, so that whoever kept the old
// one and appends again copies instead. Copying to another heap clears the marks on both sides. The
// room doubles, so that a loop of appends costs a constant each.
#pragma once
#include "vm/code/bs_format.h"
#include "vm/proc/exception.h"
#include "vm/proc/process.h"

namespace lintel {

// Why a construction failed, in the terms that the library's error texts are made from:
// {Segment, Type, Error, Value}.
struct BsFailure {
  bool limit = false;        // system_limit, else badarg
  bool is_long = false;      // no failure: too much to copy on a scheduler, nothing is done yet
  u32 segment = 0;           // 0: nothing is known beyond the reason
  BsKind kind = BsKind::Integer;
  Term error = Term::nil();  // atom
  Term value = Term::nil();
};
// Raises it with error_info.
BifResult raise_bs_failure(Process& p, const BsFailure& failure);

// Builds the binary. `extra_words` are free on the heap afterwards. Sources are read from p.x and
// from the stack; x[0..live) survive. none(): *failure says why.
// `fixed_bits` is the sum of all sizes, or kBsNotFixed.
Term bs_create(Process& p, const BsSegment* segments, u32 count, u32 fixed_bits, u32 extra_words,
               u32 live, BsFailure* failure);

// A sub binary that may be appended to in place, and the binary that it is the whole of.
struct BsWritable {
  SubBinary* sub = nullptr;
  RefcBinary* refc = nullptr;
};
inline bool bs_writable_pair(Term t, BsWritable* w) {
  if (!t.is(BoxedTag::SubBinary)) return false;
  w->sub = view<SubBinary>(t);
  if (w->sub->writable_small != Term::small(1)) return false;
  Term base = w->sub->base;
  if (!base.is(BoxedTag::RefcBinary)) return false;
  w->refc = view<RefcBinary>(base);
  // acquire pairs with binary_data_release: other holders are done with the bytes.
  return (w->refc->flags() & RefcBinary::kWritable) != 0 && w->refc->data->destroy == nullptr &&
         w->refc->data->refs.load(std::memory_order_acquire) == 1;
}
// The used part of a writable binary, all of whose room is there already, is now `bytes` long.
inline void bs_note_growth(Process& p, RefcBinary* refc, u64 bytes) {
  u64 before = refc->size();
  p.off_heap.words += bytes / kWordBytes - before / kWordBytes;
  refc->size_small = Term::small(static_cast<i64>(bytes));
  refc->flags_small = Term::small(RefcBinary::kWritable | RefcBinary::kActiveWriter);
}

// ---- the parts, for the older instructions ----

// A new binary or bitstring of `bits` bits with nothing written; its bytes at *bytes.
Term bs_allocate(Process& p, u64 bits, u32 extra_words, u32 live, u8** bytes);

struct BsAppend {
  Term binary;   // the grown one; none(): *failure says why
  u8* bytes;     // its bytes from the start
  u64 at;        // bit where the new part starts
};
// Makes room for `bits` more bits at the end of `binary`. x[0..live) survive. When `bits` is 0 the
// binary comes back as it is.
BsAppend bs_append(Process& p, Term binary, u64 bits, u32 unit, u32 extra_words, u32 live,
                   BsFailure* failure);
// The same where the compiler knows that `binary` has no other user: the sub binary itself grows.
// Collects nothing.
BsAppend bs_private_append(Process& p, Term binary, u64 bits, u32 unit, BsFailure* failure);
// An empty binary with room for `bytes` bytes, ready to be appended to.
Term bs_writable(Process& p, u64 bytes, u32 live);

// Writes an integer, float, ... at the place; false and *failure when the value cannot be written.
// `bits` was checked against the room.
bool bs_write_float(Process& p, u8* bytes, u64 at, u64 bits, u32 flags, Term value,
                    BsFailure* failure);

// The number of bits of a field: false with failure->limit set or not when `size` is no good.
bool bs_field_bits(Term size, u64 unit, u64* bits, BsFailure* failure);

}  // namespace lintel
