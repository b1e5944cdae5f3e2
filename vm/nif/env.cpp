#include "vm/nif/env.h"

#include <algorithm>

#include "vm/base/alloc.h"

using namespace lintel;

struct Temporary {
  Temporary* next;
  u64 padding;  // keeps what follows aligned for any use
};

Builder enif_environment_t::reserve_fragment(u64 words) {
  if (fragments == nullptr || static_cast<u64>(fragments->end - fragments->top) < words) {
    u64 size = std::max(words, fragment_words);
    fragment_words = std::min<u64>(fragment_words * 2, 32768);
    Fragment* f = fragment_new(size);
    f->next = fragments;
    fragments = f;
  }
  return fragments->builder();
}

void enif_environment_t::adopt(Fragment* chain) {
  if (chain == nullptr) return;
  Fragment* last = chain;
  while (last->next != nullptr) last = last->next;
  last->next = fragments;
  fragments = chain;
}

void* enif_environment_t::alloc_temporary(size_t bytes) {
  auto* t = static_cast<Temporary*>(vm_alloc(sizeof(Temporary) + bytes));
  t->next = temporaries;
  temporaries = t;
  return t + 1;
}

void enif_environment_t::free_temporaries() {
  while (temporaries != nullptr) {
    Temporary* t = temporaries;
    temporaries = t->next;
    vm_free(t);
  }
}

void enif_environment_t::clear() {
  free_temporaries();
  if (fragments != nullptr) fragments_free(take_fragments());
  is_raised = false;
  exception = Term::none();
}
