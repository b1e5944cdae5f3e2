#include "vm/ops/iolist.h"

#include <algorithm>
#include <vector>

namespace lintel {

void ByteSink::grow(u64 need) {
  u64 capacity = std::max(capacity_ * 2, size_ + need);
  if (data_ == nullptr) {
    data_ = binary_data_new(capacity);
    std::memcpy(data_->bytes, fixed_, size_);
  } else {
    data_ = binary_data_grow(data_, capacity);
  }
  start_ = data_->bytes;
  capacity_ = capacity;
}

Term ByteSink::binary(Builder& heap) {
  Term t;
  if (size_ <= kMaxHeapBinary) {
    t = heap.binary(start_, size_);
  } else if (data_ == nullptr) {
    t = heap.binary(fixed_, size_);
  } else {
    t = heap.refc_binary(binary_data_grow(data_, size_), size_);
    data_ = nullptr;
    start_ = fixed_;
    capacity_ = sizeof fixed_;
  }
  size_ = 0;
  return t;
}

namespace {

// Calls byte(u8) and binary(Term) in order. Stacks only the tails behind nested lists.
template <typename Byte, typename Binary>
bool walk(Term t, Byte byte, Binary binary) {
  std::vector<Term> tails;
  for (;;) {
    while (t.is_list()) {
      Term head = t.head();
      t = t.tail();
      if (head.is_small()) {
        if (static_cast<u64>(head.small_value()) > 255) return false;
        byte(static_cast<u8>(head.small_value()));
      } else if (head.is_list()) {
        if (!t.is_nil()) tails.push_back(t);
        t = head;
      } else if (head.is_bitstring()) {
        if (!binary(head)) return false;
      } else if (!head.is_nil()) {
        return false;
      }
    }
    if (t.is_bitstring()) {
      if (!binary(t)) return false;
    } else if (!t.is_nil()) {
      return false;
    }
    if (tails.empty()) return true;
    t = tails.back();
    tails.pop_back();
  }
}

}  // namespace

bool iolist_append(Term list, ByteSink& sink) {
  return walk(
      list, [&](u8 b) { sink.byte(b); },
      [&](Term t) {
        Bits b = bits_of(t);
        if (!b.is_whole_bytes()) return false;
        sink.bits(b);
        return true;
      });
}

bool iolist_size(Term list, u64* size) {
  u64 n = 0;
  bool ok = walk(
      list, [&](u8) { n++; },
      [&](Term t) {
        u64 bits = bitstring_bit_size(t);
        n += bits / 8;
        return bits % 8 == 0;
      });
  *size = n;
  return ok;
}

}  // namespace lintel
