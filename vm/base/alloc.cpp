#include "vm/base/alloc.h"

#include <cstdlib>

#ifndef LINTEL_SANITIZED
#include <mimalloc.h>
#endif

namespace lintel {

namespace {
void* or_die(void* block, size_t bytes) {
  if (VM_UNLIKELY(block == nullptr && bytes != 0)) {
    VM_PANIC("Cannot allocate %zu bytes of memory", bytes);
  }
  return block;
}
}  // namespace

#ifdef LINTEL_SANITIZED
void* vm_alloc(size_t bytes) { return or_die(std::malloc(bytes), bytes); }
void* vm_alloc_zeroed(size_t bytes) { return or_die(std::calloc(1, bytes), bytes); }
void* vm_alloc_aligned(size_t bytes, size_t alignment) {
  return or_die(std::aligned_alloc(alignment, (bytes + alignment - 1) & ~(alignment - 1)), bytes);
}
void* vm_realloc(void* block, size_t bytes) { return or_die(std::realloc(block, bytes), bytes); }
void vm_free(void* block) { std::free(block); }
#else
void* vm_alloc(size_t bytes) { return or_die(mi_malloc(bytes), bytes); }
void* vm_alloc_zeroed(size_t bytes) { return or_die(mi_zalloc(bytes), bytes); }
void* vm_alloc_aligned(size_t bytes, size_t alignment) {
  // mi_malloc_aligned asks for the alignment's bytes on top, and so ends in the next size of block.
  // The blocks of a size that is a multiple of the alignment are aligned as they are, nearly always.
  if (bytes % alignment == 0) {
    void* block = or_die(mi_malloc(bytes), bytes);
    if (VM_LIKELY(reinterpret_cast<size_t>(block) % alignment == 0)) return block;
    mi_free(block);
  }
  return or_die(mi_malloc_aligned(bytes, alignment), bytes);
}
void* vm_realloc(void* block, size_t bytes) { return or_die(mi_realloc(block, bytes), bytes); }
void vm_free(void* block) { mi_free(block); }
#endif

}  // namespace lintel
