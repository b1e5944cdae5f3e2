// Raw memory for the VM itself. mimalloc in ordinary builds, malloc under a sanitizer so that it
// sees every block. Running out of memory is fatal, as in the stock VM, so callers never check.
#pragma once
#include <new>
#include <utility>

#include "vm/base/types.h"

namespace lintel {

[[nodiscard]] void* vm_alloc(size_t bytes);
[[nodiscard]] void* vm_alloc_zeroed(size_t bytes);
[[nodiscard]] void* vm_alloc_aligned(size_t bytes, size_t alignment);  // freed by vm_free
[[nodiscard]] void* vm_realloc(void* block, size_t bytes);
void vm_free(void* block);

template <typename T, typename... Args>
[[nodiscard]] T* vm_new(Args&&... args) {
  void* block =
      alignof(T) > alignof(max_align_t) ? vm_alloc_aligned(sizeof(T), alignof(T)) : vm_alloc(sizeof(T));
  return new (block) T(std::forward<Args>(args)...);
}
template <typename T>
void vm_delete(T* object) {
  if (object == nullptr) return;
  object->~T();
  vm_free(object);
}
template <typename T>
[[nodiscard]] T* vm_alloc_array(size_t count) {
  return static_cast<T*>(vm_alloc(count * sizeof(T)));
}

}  // namespace lintel
