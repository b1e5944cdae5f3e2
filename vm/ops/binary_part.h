// Parts of binaries as new terms.
#pragma once
#include "vm/base/alloc.h"
#include "vm/base/bits.h"
#include "vm/heap/builder.h"

namespace lintel {

// Where a bitstring's bits are: a heap or refc binary, and the bit in it that the first one is.
struct BinaryBase {
  Term base;
  u64 bit_offset;
};
inline BinaryBase binary_base(Term bitstring) {
  if (!bitstring.is(BoxedTag::SubBinary)) return {bitstring, 0};
  SubBinary* s = view<SubBinary>(bitstring);
  return {s->base, s->bit_offset()};
}

// Room for any binary_part().
inline constexpr u64 kBinaryPartWords = heap_binary_words(kMaxHeapBinary);
static_assert(kBinaryPartWords >= kSubBinaryWords);

// Bits [from, from + bits) of a bitstring. Few whole bytes are copied, so that they do not keep a
// large binary alive; else a sub binary.
inline Term binary_part(Builder& heap, Term bitstring, u64 from, u64 bits) {
  if (bits % 8 == 0 && bits / 8 <= kMaxHeapBinary) {
    Bits source = bits_of(bitstring);
    u64 at = source.bit_offset + from;
    u8* to;
    Term t = heap.binary_uninitialized(bits / 8, &to);
    copy_bits_out(to, source.base + at / 8, static_cast<u32>(at % 8), bits);
    return t;
  }
  BinaryBase b = binary_base(bitstring);
  return heap.sub_binary(b.base, b.bit_offset + from, bits);
}

// The bytes of a binary at an address that holds until the next reservation: in place when they are
// aligned, else a copy.
class AlignedBytes {
 public:
  explicit AlignedBytes(Term binary) : AlignedBytes(bits_of(binary)) {}
  explicit AlignedBytes(const Bits& bits) : data_(bits.base), size_(bits.byte_size()) {
    if (bits.bit_offset == 0) return;
    u8* to = size_ <= sizeof fixed_ ? fixed_ : (owned_ = static_cast<u8*>(vm_alloc(size_)));
    copy_bits_out(to, bits.base, bits.bit_offset, size_ * 8);
    data_ = to;
  }
  ~AlignedBytes() {
    if (owned_ != nullptr) vm_free(owned_);
  }
  AlignedBytes(const AlignedBytes&) = delete;
  AlignedBytes& operator=(const AlignedBytes&) = delete;
  const u8* data() const { return data_; }
  u64 size() const { return size_; }

 private:
  u8 fixed_[128];
  u8* owned_ = nullptr;
  const u8* data_;
  u64 size_;
};

}  // namespace lintel
