// Views over boxed objects: layout in one place, tags asserted. A view is a pointer and owns nothing.
//
// Every object is a header followed by `arity` words:
//   tuple        {hdr, e1, ..., eN}
//   float        {hdr, bits}
//   big          {hdr, limb0, limb1, ...}   least significant first, magnitude; sign in the header
//   ref          {hdr, w0, w1}              three 32-bit numbers, see RefView
//   magic ref    {hdr, next, *MagicData}
//   fun          {hdr, *FunEntry, creator pid, free1, ..., freeN}
//   export fun   {hdr, *Export}
//   heap binary  {hdr, byte size, bytes...}      up to kMaxHeapBinary bytes
//   refc binary  {hdr, next, byte size, *BinaryData, flags}    always starts at data[0]
//   sub binary   {hdr, bit size, bit offset, base, writable}  base: heap or refc binary
//   match ctx    {hdr, bit position, bit end, base, bit start}
//   flat map     {hdr, keys tuple, v1, ..., vN}  keys in term order, see vm/term/map.h
//   hamt root    {hdr, size, bitmap, children...}
//   hamt node    {hdr, bitmap, children...}
//   external     {hdr, *Node, data0, data1, ...}
#pragma once
#include <atomic>
#include <cstring>

#include "vm/term/term.h"

namespace lintel {

struct FunEntry;  // vm/code/fun_table.h
struct Export;    // vm/code/export.h
struct Node;      // vm/term/node.h

// ---- tuples ----
inline u64 tuple_arity(Term t) {
  VM_ASSERT(t.is_tuple());
  return t.header_word().header_arity();
}
inline Term* tuple_elements(Term t) { return t.object() + 1; }
inline Term tuple_element(Term t, u64 index0) {
  VM_ASSERT(index0 < tuple_arity(t));
  return t.object()[1 + index0];
}
inline bool is_tuple_of(Term t, u64 arity) {
  return t.is_boxed() && t.header_word() == Term::header(BoxedTag::Tuple, arity);
}

// ---- floats ----
inline constexpr u64 kFloatWords = 2;
inline double float_value(Term t) {
  VM_ASSERT(t.is_float());
  double d;
  std::memcpy(&d, t.object() + 1, sizeof d);
  return d;
}

// ---- bignums: magnitude limbs, least significant first; never fits a small when normalised ----
inline bool big_is_negative(Term t) { return t.boxed_tag() == BoxedTag::BigNeg; }
inline u64 big_limb_count(Term t) { return t.header_word().header_arity(); }
inline const u64* big_limbs(Term t) { return reinterpret_cast<const u64*>(t.object() + 1); }

// ---- local references: three numbers; n0 has 18 bits, n1 and n2 have 32 ----
struct RefNumbers {
  u32 n[3];
  friend bool operator==(const RefNumbers&, const RefNumbers&) = default;
};
inline constexpr u64 kRefWords = 3;
inline constexpr u64 kMagicRefWords = 3;
RefNumbers local_ref_numbers(Term t);  // Ref or MagicRef

// What a magic reference stands for: a NIF resource, a compiled match spec, atomics, ...
// Reference counted; destroyed when the last heap that holds a reference to it lets go.
struct MagicData {
  std::atomic<u64> refs{0};
  RefNumbers numbers{};             // see vm/term/magic.h
  std::atomic<bool> remembered{false};
  void (*destroy)(MagicData*) = nullptr;
};

// ---- binaries ----
inline constexpr u64 kMaxHeapBinary = 64;  // bytes

// A reference-counted byte array outside all heaps. `capacity` is the space allocated for bytes; it
// stands right before them, because there the driver API's ErlDrvBinary (size, bytes) begins.
struct BinaryData {
  std::atomic<u64> refs;
  // Where a byte array that was not made by us comes from (NIF resource binaries): run instead of
  // freeing this block. Null otherwise.
  void (*destroy)(BinaryData*);
  u8* bytes;  // inline_bytes() unless foreign
  u64 capacity;
  u8* inline_bytes() { return reinterpret_cast<u8*>(this + 1); }
};
BinaryData* binary_data_new(u64 capacity);  // refs = 1
// Grows (possibly moves) a block that has exactly one holder.
BinaryData* binary_data_grow(BinaryData* data, u64 capacity);
inline void binary_data_retain(BinaryData* d) { d->refs.fetch_add(1, std::memory_order_relaxed); }
void binary_data_release(BinaryData* d);

// Objects linked into a heap's off-heap list share this start: {hdr, next}.
struct OffHeapObject {
  Term header;
  OffHeapObject* next;
};

struct RefcBinary {  // boxed RefcBinary
  Term header;
  OffHeapObject* next;
  Term size_small;  // bytes used
  BinaryData* data;
  Term flags_small;
  enum Flags : i64 {
    kWritable = 1,        // may be appended to in place by the sub binary that ends at its end
    kActiveWriter = 2,    // an append is going on or has gone on since the last collection
  };
  u64 size() const { return static_cast<u64>(size_small.small_value()); }
  i64 flags() const { return flags_small.small_value(); }
};
inline constexpr u64 kRefcBinaryWords = sizeof(RefcBinary) / kWordBytes;

struct SubBinary {  // boxed SubBinary
  Term header;
  Term bit_size_small;
  Term bit_offset_small;
  Term base;
  Term writable_small;  // 1: result of an append, may be appended to in place
  u64 bit_size() const { return static_cast<u64>(bit_size_small.small_value()); }
  u64 bit_offset() const { return static_cast<u64>(bit_offset_small.small_value()); }
};
inline constexpr u64 kSubBinaryWords = sizeof(SubBinary) / kWordBytes;

struct MatchContext {  // boxed MatchCtx; positions are in bits from the start of base
  Term header;
  Term position_small;
  Term end_small;
  Term base;
  Term start_small;
};
inline constexpr u64 kMatchContextWords = sizeof(MatchContext) / kWordBytes;

struct HeapBinary {  // boxed HeapBinary; raw
  Term header;
  u64 size;
  u8 bytes[];
};
inline constexpr u64 heap_binary_words(u64 bytes) { return 2 + words_for_bytes(bytes); }

template <typename T>
inline T* view(Term t) {
  return reinterpret_cast<T*>(t.object());
}

// A bitstring (or match context's rest) as address and bits, whatever its representation.
// The pointer is good until the next reservation.
struct Bits {
  const u8* base;   // byte holding the first bit
  u32 bit_offset;   // 0..7, from the most significant bit of base[0]
  u64 bit_size;
  bool is_whole_bytes() const { return (bit_size & 7) == 0; }
  u64 byte_size() const { return bit_size >> 3; }
};
Bits bits_of(Term bitstring);
u64 bitstring_bit_size(Term bitstring);
// True when t is a bitstring of whole bytes; then bits_of(t).bit_offset may still be nonzero.
bool is_binary(Term t);
// Start of the bytes when the binary is byte aligned, else null.
const u8* aligned_bytes(Term binary);

// ---- funs ----
struct Fun {  // boxed Fun; arity in the header tells the number of free variables
  Term header;
  FunEntry* entry;
  Term creator;  // local pid or external pid
  Term free[];
};
inline constexpr u64 kFunFixedWords = 3;
inline u64 fun_num_free(Term t) { return t.header_word().header_arity() - (kFunFixedWords - 1); }

struct ExportFun {
  Term header;
  Export* entry;
};
inline constexpr u64 kExportFunWords = 2;

// ---- external pids, ports, references ----
struct External {  // raw
  Term header;
  Node* node;
  u64 data[];  // pid: {number | serial << 32}; port: {number}; ref: {count, numbers packed in pairs}
};

}  // namespace lintel
