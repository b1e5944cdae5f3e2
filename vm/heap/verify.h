// The heap verifier: walks every word that a heap holds and aborts at the first that cannot be.
//
// Each pointer must lead to the start of something that may stand there, inside this heap's own
// used memory or the literal range; nothing old may refer to something young; each object that owns
// something outside must be on the off-heap list of its generation, and nothing else may be.
#pragma once
#include "vm/heap/heap.h"

namespace lintel {

// Only at a moment when a collection could run: every root is in its place.
void heap_verify(Heap& h);

}  // namespace lintel
