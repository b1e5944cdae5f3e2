// A stack for walking terms without C++ recursion: the first entries are inside the object (on the
// C++ stack), more go to the allocator. T is trivially copyable.
#pragma once
#include <cstring>
#include <type_traits>

#include "vm/base/alloc.h"

namespace lintel {

template <typename T, u32 kInline>
class WorkStack {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  WorkStack() : base_(reinterpret_cast<T*>(inline_)), top_(base_), end_(base_ + kInline) {}
  ~WorkStack() {
    if (VM_UNLIKELY(base_ != reinterpret_cast<T*>(inline_))) vm_free(base_);
  }
  WorkStack(const WorkStack&) = delete;
  WorkStack& operator=(const WorkStack&) = delete;

  bool empty() const { return top_ == base_; }
  u64 size() const { return static_cast<u64>(top_ - base_); }
  void push(T entry) {
    if (VM_UNLIKELY(top_ == end_)) grow();
    *top_++ = entry;
  }
  T pop() {
    VM_ASSERT(top_ > base_);
    return *--top_;
  }
  T& top() {
    VM_ASSERT(top_ > base_);
    return top_[-1];
  }
  T& operator[](u64 i) { return base_[i]; }
  const T& operator[](u64 i) const { return base_[i]; }
  // Drops everything above the first n entries.
  void shrink_to(u64 n) { top_ = base_ + n; }

 private:
  VM_COLD void grow() {
    u64 used = size();
    u64 capacity = used * 2;
    T* bigger;
    if (base_ == reinterpret_cast<T*>(inline_)) {
      bigger = vm_alloc_array<T>(capacity);
      std::memcpy(static_cast<void*>(bigger), base_, used * sizeof(T));
    } else {
      bigger = static_cast<T*>(vm_realloc(base_, capacity * sizeof(T)));
    }
    base_ = bigger;
    top_ = bigger + used;
    end_ = bigger + capacity;
  }

  alignas(T) u8 inline_[sizeof(T) * kInline];
  T* base_;
  T* top_;
  T* end_;
};

}  // namespace lintel
