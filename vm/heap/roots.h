// Roots whose number is known only at run time.
#pragma once
#include <vector>

#include "vm/heap/heap.h"

namespace lintel {

// Keeps the terms of a vector up to date across reservations. The vector must not grow meanwhile.
class VectorRoots : public LocalRootsBase {
 public:
  VectorRoots(Heap& heap, std::vector<Term>& v) : heap_(heap) {
    outer = heap.local_roots;
    terms = v.data();
    count = static_cast<u32>(v.size());
    VM_CHECK(v.size() == count);
    heap.local_roots = this;
  }
  ~VectorRoots() { heap_.local_roots = outer; }
  VectorRoots(const VectorRoots&) = delete;
  VectorRoots& operator=(const VectorRoots&) = delete;

 private:
  Heap& heap_;
};

}  // namespace lintel
