#include "vm/io/iolist.h"

#include <cstring>

#include "vm/term/work_stack.h"

namespace lintel {

void copy_unaligned(const Bits& bits, u8* to, u64 bytes) {
  if (bits.bit_offset == 0) {
    if (bytes != 0) std::memcpy(to, bits.base, bytes);
    return;
  }
  u32 shift = bits.bit_offset;
  for (u64 i = 0; i < bytes; i++) {
    to[i] = static_cast<u8>(bits.base[i] << shift | bits.base[i + 1] >> (8 - shift));
  }
}

namespace {

// The array a binary's bytes can be shared from: inline (so a driver can hold it) and byte aligned.
BinaryData* sharable(Term t) {
  if (t.is(BoxedTag::SubBinary)) {
    if (view<SubBinary>(t)->bit_offset() % 8 != 0) return nullptr;
    t = view<SubBinary>(t)->base;
  }
  if (!t.is(BoxedTag::RefcBinary)) return nullptr;
  BinaryData* d = view<RefcBinary>(t)->data;
  return is_driver_binary(d) ? d : nullptr;
}

// Calls sink.byte(u8) and sink.binary(Term) in order.
template <typename Sink>
bool walk(Term t, Sink& sink) {
  WorkStack<Term, 16> stack;
  for (;;) {
    while (t.is_list()) {
      Term head = t.head();
      if (head.is_small()) {
        i64 v = head.small_value();
        if (v < 0 || v > 255) return false;
        sink.byte(static_cast<u8>(v));
      } else if (head.is_list()) {
        stack.push(t.tail());
        t = head;
        continue;
      } else if (is_binary(head)) {
        sink.binary(head);
      } else if (!head.is_nil()) {
        return false;
      }
      t = t.tail();
    }
    if (!t.is_nil()) {
      if (!is_binary(t)) return false;
      sink.binary(t);
    }
    if (stack.empty()) return true;
    t = stack.pop();
  }
}

struct Measure {
  size_t share_above;
  IoListShape& shape;
  bool in_run = false;

  void gather(size_t n) {
    if (n == 0) return;
    if (!in_run) shape.slices++;
    in_run = true;
    shape.copied += n;
  }
  void byte(u8) { gather(1); }
  void binary(Term t) {
    u64 size = bitstring_bit_size(t) / 8;
    if (size <= share_above || sharable(t) == nullptr) return gather(size);
    in_run = false;
    shape.slices++;
    shape.shared += size;
  }
};

struct Slice {
  size_t share_above;
  const IoListSlices& out;
  int count = 0;
  size_t gathered = 0;
  bool in_run = false;

  void extend(size_t n) {
    if (!in_run) {
      out.slices[count] = {reinterpret_cast<char*>(out.gathered->bytes) + gathered, 0};
      out.owners[count++] = driver_binary(out.gathered);
      in_run = true;
    }
    out.slices[count - 1].iov_len += n;
    gathered += n;
  }
  void byte(u8 b) {
    out.gathered->bytes[gathered] = b;
    extend(1);
  }
  void binary(Term t) {
    Bits bits = bits_of(t);
    u64 size = bits.byte_size();
    if (size == 0) return;
    BinaryData* d = size > share_above ? sharable(t) : nullptr;
    if (d == nullptr) {
      copy_unaligned(bits, out.gathered->bytes + gathered, size);
      extend(size);
      return;
    }
    in_run = false;
    out.slices[count] = {reinterpret_cast<char*>(const_cast<u8*>(bits.base)), size};
    out.owners[count++] = driver_binary(d);
  }
};

struct Copy {
  u8* to;
  void byte(u8 b) { *to++ = b; }
  void binary(Term t) {
    Bits bits = bits_of(t);
    copy_unaligned(bits, to, bits.byte_size());
    to += bits.byte_size();
  }
};

}  // namespace

bool iolist_measure(Term t, size_t share_above, IoListShape* out) {
  *out = IoListShape();
  if (!t.is_list() && !t.is_nil() && !is_binary(t)) return false;
  Measure m{share_above, *out};
  return walk(t, m);
}

int iolist_slice(Term t, size_t share_above, const IoListSlices& out) {
  Slice s{share_above, out};
  walk(t, s);
  return s.count;
}

void iolist_copy(Term t, u8* to) {
  Copy c{to};
  walk(t, c);
}

}  // namespace lintel
