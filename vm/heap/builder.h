// Builder: where new terms are written. One type serves a process heap after a reservation, a
// message fragment, an ETS object and a literal area, so every function that constructs terms takes
// a Builder& and works in all of them. Building cannot fail and never moves anything: the room was
// reserved before. Debug builds check that no more is taken than was reserved.
#pragma once
#include <initializer_list>

#include "vm/term/boxed.h"
#include "vm/term/term.h"

namespace lintel {

// Objects that own something outside the heap (refc binaries, magic refs), newest first.
// `words` is the outside size in words that counts toward the next collection (virtual heap).
struct OffHeap {
  OffHeapObject* first = nullptr;
  u64 words = 0;

  void link(OffHeapObject* o, u64 outside_words) {
    o->next = first;
    first = o;
    words += outside_words;
  }
};

// Words that constructors take. integer(): at most.
inline constexpr u64 kConsWords = 2;
inline constexpr u64 kIntegerWords = 2;
constexpr u64 tuple_words(u64 arity) { return 1 + arity; }
// Heap words of a new binary of this many bytes (refc above kMaxHeapBinary).
constexpr u64 binary_words(u64 bytes) {
  return bytes <= kMaxHeapBinary ? heap_binary_words(bytes) : kRefcBinaryWords;
}

class Builder {
 public:
  // *top is advanced as terms are built; it must stay at or below limit.
  Builder(Term** top, Term* limit, OffHeap* off_heap)
      : top_(top), limit_(limit), off_heap_(off_heap) {}

  Term* top() const { return *top_; }
  u64 room() const { return static_cast<u64>(limit_ - *top_); }
  OffHeap& off_heap() { return *off_heap_; }

  Term* alloc(u64 words) {
    Term* p = *top_;
    *top_ = p + words;
    VM_ASSERT(*top_ <= limit_);
    return p;
  }

  // Gives back the room from `end` on. `end` lies in what alloc() returned last: for objects whose
  // size is known only once they are built (bignums).
  void shrink_to(Term* end) {
    VM_ASSERT(end <= *top_);
    *top_ = end;
  }

  Term cons(Term head, Term tail) {
    Term* c = alloc(2);
    c[0] = head;
    c[1] = tail;
    return Term::list(c);
  }
  // {} of arity 0 is a boxed header like any other.
  Term tuple(std::initializer_list<Term> elements) {
    Term* t = alloc(1 + elements.size());
    t[0] = Term::header(BoxedTag::Tuple, elements.size());
    u64 i = 1;
    for (Term e : elements) t[i++] = e;
    return Term::boxed(t);
  }
  // The caller fills `elements` before anything else can look.
  Term tuple_uninitialized(u64 arity, Term** elements) {
    Term* t = alloc(1 + arity);
    t[0] = Term::header(BoxedTag::Tuple, arity);
    *elements = t + 1;
    return Term::boxed(t);
  }
  Term floating(double value) {
    Term* f = alloc(kFloatWords);
    f[0] = Term::header(BoxedTag::Float, 1);
    std::memcpy(f + 1, &value, sizeof value);
    return Term::boxed(f);
  }
  // Small where it fits, else a one-limb bignum.
  Term integer(i64 value) {
    if (VM_LIKELY(Term::fits_small(value))) return Term::small(value);
    return one_limb(value < 0, value < 0 ? u64{0} - static_cast<u64>(value) : static_cast<u64>(value));
  }
  Term unsigned_integer(u64 value) {
    if (VM_LIKELY(value <= static_cast<u64>(kSmallMax))) return Term::small(static_cast<i64>(value));
    return one_limb(false, value);
  }
  Term reference(RefNumbers n) {
    Term* r = alloc(kRefWords);
    r[0] = Term::header(BoxedTag::Ref, 2);
    r[1] = Term(n.n[0] | static_cast<u64>(n.n[1]) << 32);
    r[2] = Term(n.n[2]);
    return Term::boxed(r);
  }
  // Takes one reference to `data`.
  Term magic_reference(MagicData* data) {
    Term* r = alloc(kMagicRefWords);
    r[0] = Term::header(BoxedTag::MagicRef, 2);
    data->refs.fetch_add(1, std::memory_order_relaxed);
    r[2] = Term::raw_pointer(data);
    off_heap_->link(reinterpret_cast<OffHeapObject*>(r), 0);
    return Term::boxed(r);
  }
  // A binary of `size` bytes to be filled in at *bytes. Takes binary_words(size).
  Term binary_uninitialized(u64 size, u8** bytes) {
    if (size <= kMaxHeapBinary) {
      auto* b = reinterpret_cast<HeapBinary*>(alloc(heap_binary_words(size)));
      b->header = Term::header(BoxedTag::HeapBinary, heap_binary_words(size) - 1);
      b->size = size;
      *bytes = b->bytes;
      return Term::boxed(&b->header);
    }
    BinaryData* data = binary_data_new(size);
    *bytes = data->bytes;
    return refc_binary(data, size);
  }
  Term binary(const void* bytes, u64 size) {
    u8* to;
    Term t = binary_uninitialized(size, &to);
    if (size != 0) std::memcpy(to, bytes, size);
    return t;
  }
  // Takes over the caller's reference to `data`. kRefcBinaryWords.
  Term refc_binary(BinaryData* data, u64 size) {
    auto* b = reinterpret_cast<RefcBinary*>(alloc(kRefcBinaryWords));
    b->header = Term::header(BoxedTag::RefcBinary, kRefcBinaryWords - 1);
    b->size_small = Term::small(static_cast<i64>(size));
    b->data = data;
    b->flags_small = Term::small(0);
    off_heap_->link(reinterpret_cast<OffHeapObject*>(b), size / kWordBytes);
    return Term::boxed(&b->header);
  }
  // A part of `base`, which is a heap or refc binary. kSubBinaryWords.
  Term sub_binary(Term base, u64 bit_offset, u64 bit_size) {
    VM_ASSERT(base.is(BoxedTag::HeapBinary) || base.is(BoxedTag::RefcBinary));
    auto* s = reinterpret_cast<SubBinary*>(alloc(kSubBinaryWords));
    s->header = Term::header(BoxedTag::SubBinary, kSubBinaryWords - 1);
    s->bit_size_small = Term::small(static_cast<i64>(bit_size));
    s->bit_offset_small = Term::small(static_cast<i64>(bit_offset));
    s->base = base;
    s->writable_small = Term::small(0);
    return Term::boxed(&s->header);
  }
  Term export_fun(Export* entry) {
    Term* f = alloc(kExportFunWords);
    f[0] = Term::header(BoxedTag::Export, 1);
    f[1] = Term::raw_pointer(entry);
    return Term::boxed(f);
  }

 private:
  Term one_limb(bool negative, u64 magnitude) {
    Term* b = alloc(2);
    b[0] = Term::header(negative ? BoxedTag::BigNeg : BoxedTag::BigPos, 1);
    b[1] = Term(magnitude);
    return Term::boxed(b);
  }

  Term** top_;
  Term* limit_;
  OffHeap* off_heap_;
};

// The next link of an off-heap object must look like a small to the scanner.
static_assert(alignof(OffHeapObject) == 8);

}  // namespace lintel
