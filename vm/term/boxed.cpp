#include "vm/term/boxed.h"

#include "vm/base/alloc.h"

namespace lintel {

// A ref keeps its numbers as w0 = n0 | n1 << 32, w1 = n2. A magic ref takes them from its data.
RefNumbers local_ref_numbers(Term t) {
  const Term* o = t.object();
  if (t.boxed_tag() == BoxedTag::MagicRef) return o[2].as_raw_pointer<MagicData>()->numbers;
  VM_ASSERT(t.boxed_tag() == BoxedTag::Ref);
  u64 w0 = o[1].bits();
  u64 w1 = o[2].bits();
  return {{static_cast<u32>(w0), static_cast<u32>(w0 >> 32), static_cast<u32>(w1)}};
}

BinaryData* binary_data_new(u64 capacity) {
  auto* d = static_cast<BinaryData*>(vm_alloc(sizeof(BinaryData) + capacity));
  new (&d->refs) std::atomic<u64>(1);
  d->capacity = capacity;
  d->destroy = nullptr;
  d->bytes = d->inline_bytes();
  return d;
}

BinaryData* binary_data_grow(BinaryData* d, u64 capacity) {
  VM_ASSERT(d->refs.load(std::memory_order_relaxed) == 1 && d->destroy == nullptr);
  d = static_cast<BinaryData*>(vm_realloc(d, sizeof(BinaryData) + capacity));
  d->capacity = capacity;
  d->bytes = d->inline_bytes();
  return d;
}

void binary_data_release(BinaryData* d) {
  // acq_rel pairs with the other holders' releases: the last one sees all their writes.
  if (d->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (d->destroy != nullptr) {
    d->destroy(d);
  } else {
    vm_free(d);
  }
}

Bits bits_of(Term t) {
  switch (t.boxed_tag()) {
    case BoxedTag::HeapBinary: {
      auto* b = view<HeapBinary>(t);
      return {b->bytes, 0, b->size * 8};
    }
    case BoxedTag::RefcBinary: {
      auto* b = view<RefcBinary>(t);
      return {b->data->bytes, 0, b->size() * 8};
    }
    case BoxedTag::SubBinary: {
      auto* b = view<SubBinary>(t);
      Bits base = bits_of(b->base);
      u64 offset = b->bit_offset();
      return {base.base + offset / 8, static_cast<u32>(offset % 8), b->bit_size()};
    }
    case BoxedTag::MatchCtx: {
      auto* m = view<MatchContext>(t);
      Bits base = bits_of(m->base);
      u64 offset = static_cast<u64>(m->position_small.small_value());
      u64 end = static_cast<u64>(m->end_small.small_value());
      return {base.base + offset / 8, static_cast<u32>(offset % 8), end - offset};
    }
    default:
      VM_PANIC("bits_of: not a bitstring");
  }
}

u64 bitstring_bit_size(Term t) {
  switch (t.boxed_tag()) {
    case BoxedTag::HeapBinary: return view<HeapBinary>(t)->size * 8;
    case BoxedTag::RefcBinary: return view<RefcBinary>(t)->size() * 8;
    case BoxedTag::SubBinary: return view<SubBinary>(t)->bit_size();
    default: VM_PANIC("bitstring_bit_size: not a bitstring");
  }
}

bool is_binary(Term t) { return t.is_bitstring() && (bitstring_bit_size(t) & 7) == 0; }

const u8* aligned_bytes(Term t) {
  Bits b = bits_of(t);
  return b.bit_offset == 0 ? b.base : nullptr;
}

}  // namespace lintel
