// Copying terms between heaps.
//
// The copy needs no stack: the object that was copied last is scanned word by word, and what a word
// refers to in the source is copied behind everything copied so far, until the scan catches up. A
// word that refers into the copy already (tails of lists, which are copied as runs) is left alone.
//
// A part of a binary that fits a heap binary is copied as one, so that a few bytes do not keep a
// large binary alive. A binary that could be appended to in place loses that by being copied,
// because the copy shares its bytes from then on.
#include "vm/heap/copy.h"

#include <cstring>

#include "vm/heap/literals.h"
#include "vm/heap/off_heap.h"
#include "vm/term/work_stack.h"

namespace lintel {

namespace {

// Bytes of the heap binary that stands for this sub binary in a copy, or -1.
i64 small_part_bytes(const SubBinary* s) {
  u64 bits = s->bit_size();
  return (bits & 7) == 0 && bits <= kMaxHeapBinary * 8 ? static_cast<i64>(bits / 8) : -1;
}

template <bool kWhole>
bool stays(const Term* p) {
  return !kWhole && is_literal_address(p) && !is_leaving_literal(p);
}

template <bool kWhole, bool kReported = false>
u64 size_of(Term t) {
  if (!t.is_pointer() || stays<kWhole>(t.address())) return 0;
  u64 words = 0;
  WorkStack<Term, 128> todo;
  for (;;) {
    // t is a pointer to something that gets copied.
    if (t.is_list()) {
      for (;;) {
        words += 2;
        Term head = t.head();
        if (head.is_pointer() && !stays<kWhole>(head.address())) todo.push(head);
        t = t.tail();
        if (!t.is_list() || stays<kWhole>(t.address())) break;
      }
      if (t.is_boxed() && !stays<kWhole>(t.address())) todo.push(t);
    } else {
      const Term* o = t.object();
      Term header = o[0];
      u64 arity = header.header_arity();
      if (header.header_tag() == BoxedTag::SubBinary) {
        auto* s = view<SubBinary>(t);
        i64 bytes = small_part_bytes(s);
        if (bytes >= 0) {
          words += heap_binary_words(static_cast<u64>(bytes));
        } else {
          words += kSubBinaryWords;
          if (!stays<kWhole>(s->base.address())) todo.push(s->base);
        }
      } else {
        words += kReported ? reported_words(o, 1 + arity) : 1 + arity;
        if (!header.header_is_raw()) {
          for (u64 i = 1; i <= arity; i++) {
            Term e = o[i];
            if (e.is_pointer() && !stays<kWhole>(e.address())) todo.push(e);
          }
        }
      }
    }
    if (todo.empty()) return words;
    t = todo.pop();
  }
}

// Copies the object at `from` (a boxed one) to `to`, without what it refers to; returns its end.
VM_ALWAYS_INLINE Term* copy_object(Term* from, Term* to, OffHeap& off_heap) {
  Term header = from[0];
  switch (header.header_tag()) {
    case BoxedTag::SubBinary: {
      auto* s = reinterpret_cast<SubBinary*>(from);
      i64 bytes = small_part_bytes(s);
      if (bytes >= 0) {
        u64 size = static_cast<u64>(bytes);
        auto* h = reinterpret_cast<HeapBinary*>(to);
        u64 words = heap_binary_words(size);
        h->header = Term::header(BoxedTag::HeapBinary, words - 1);
        h->size = size;
        Bits bits = bits_of(Term::boxed(from));
        if (bits.bit_offset == 0) {
          std::memcpy(h->bytes, bits.base, size);
        } else {
          for (u64 i = 0; i < size; i++) {
            h->bytes[i] = static_cast<u8>(bits.base[i] << bits.bit_offset |
                                          bits.base[i + 1] >> (8 - bits.bit_offset));
          }
        }
        return to + words;
      }
      std::memcpy(static_cast<void*>(to), from, sizeof(SubBinary));
      reinterpret_cast<SubBinary*>(to)->writable_small = Term::small(0);
      return to + kSubBinaryWords;
    }
    case BoxedTag::RefcBinary: {
      auto* source = reinterpret_cast<RefcBinary*>(from);
      if (source->flags_small != Term::small(0)) source->flags_small = Term::small(0);
      auto* copy = reinterpret_cast<RefcBinary*>(to);
      *copy = *source;
      binary_data_retain(copy->data);
      off_heap.link(reinterpret_cast<OffHeapObject*>(copy), copy->size() / kWordBytes);
      return to + kRefcBinaryWords;
    }
    case BoxedTag::MagicRef:
      to[0] = header;
      to[2] = from[2];
      to[2].as_raw_pointer<MagicData>()->refs.fetch_add(1, std::memory_order_relaxed);
      off_heap.link(reinterpret_cast<OffHeapObject*>(to), 0);
      return to + kMagicRefWords;
    default: {
      u64 words = 1 + header.header_arity();
      if (words <= 16) {
        for (u64 i = 0; i < words; i++) to[i] = from[i];
      } else {
        std::memcpy(static_cast<void*>(to), from, words * kWordBytes);
      }
      return to + words;
    }
  }
}

template <bool kWhole>
Term copy(Term t, Builder& b) {
  if (!t.is_pointer() || stays<kWhole>(t.address())) return t;
  Term* const start = b.top();
  OffHeap& off_heap = b.off_heap();
  Term* top = start;
  Term* scan = start;
  Term result = t;
  Term* slot = &result;
  for (;;) {
    // *slot refers to something in the source: copy it to top.
    Term source = *slot;
    if (source.is_list()) {
      for (;;) {
        const Term* cell = source.cell();
        *slot = Term::list(top);
        top[0] = cell[0];
        top[1] = source = cell[1];
        slot = top + 1;
        top += 2;
        if (!source.is_list() || stays<kWhole>(source.cell())) break;
      }
    } else {
      *slot = Term::boxed(top);
      top = copy_object(source.object(), top, off_heap);
    }
    // Find the next such word.
    for (;;) {
      if (scan == top) {
        b.alloc(static_cast<u64>(top - start));
        return result;
      }
      Term w = *scan;
      if (w.is_pointer()) {
        Term* at = w.address();
        if (!(at >= start && at < top) && !stays<kWhole>(at)) {
          slot = scan++;
          break;
        }
      } else if (w.is_header() && w.header_is_raw()) {
        scan += w.header_arity();
      }
      scan++;
    }
  }
}

}  // namespace

u64 copy_size(Term t) { return size_of<false>(t); }
u64 flat_size(Term t) { return size_of<true>(t); }
u64 reported_flat_size(Term t) { return size_of<true, true>(t); }
Term copy_term(Term t, Builder& b) { return copy<false>(t, b); }
Term copy_term_whole(Term t, Builder& b) { return copy<true>(t, b); }

Term copy_to_keep(Term t, Fragment** fragment) {
  *fragment = nullptr;
  if (!t.is_pointer()) return t;
  *fragment = fragment_new(flat_size(t));
  Builder b = (*fragment)->builder();
  return copy_term_whole(t, b);
}

}  // namespace lintel
