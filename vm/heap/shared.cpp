#include "vm/heap/shared.h"

#include <cstring>

#include "vm/base/alloc.h"
#include "vm/heap/copy.h"
#include "vm/heap/literals.h"
#include "vm/heap/off_heap.h"
#include "vm/term/work_stack.h"

namespace lintel {

namespace {

u64 object_words(Term t) { return t.is_list() ? 2 : 1 + t.header_word().header_arity(); }

bool stays(Term t, bool literals_too) {
  return !t.is_pointer() || (!literals_too && is_literal_address(t.address()));
}

// From pointers to what became of them: open addressing, no removal.
class PointerMap {
 public:
  PointerMap() = default;
  PointerMap(const PointerMap&) = delete;
  PointerMap& operator=(const PointerMap&) = delete;
  ~PointerMap() {
    if (slots_ != small_) vm_free(slots_);
  }
  // Where the value of `key` is; none() for a new one, which the caller has to set.
  Term* at(Term key) {
    if (used_ * 2 >= mask_ + 1) grow();
    Slot* s = slot(key);
    if (s->key.is_none()) {
      s->key = key;
      used_++;
    }
    return &s->value;
  }

 private:
  struct Slot {
    Term key = Term::none();
    Term value = Term::none();
  };
  Slot* slot(Term key) {
    for (u64 i = (key.bits() * 0x9e3779b97f4a7c15u) >> 20 & mask_;; i = (i + 1) & mask_) {
      if (slots_[i].key == key || slots_[i].key.is_none()) return &slots_[i];
    }
  }
  void grow() {
    Slot* old = slots_;
    u64 count = mask_ + 1;
    slots_ = vm_alloc_array<Slot>(count * 4);
    mask_ = count * 4 - 1;
    for (u64 i = 0; i <= mask_; i++) new (&slots_[i]) Slot();
    for (u64 i = 0; i < count; i++) {
      if (!old[i].key.is_none()) *slot(old[i].key) = old[i];
    }
    if (old != small_) vm_free(old);
  }

  Slot small_[64];
  Slot* slots_ = small_;
  u64 mask_ = 63;
  u64 used_ = 0;
};

// Calls f for each object reachable from t, once.
template <typename F>
void each_object(Term t, bool literals_too, F f) {
  PointerMap seen;
  WorkStack<Term, 64> todo;
  if (!stays(t, literals_too)) todo.push(t);
  while (!todo.empty()) {
    t = todo.pop();
    Term* mark = seen.at(t);
    if (!mark->is_none()) continue;
    *mark = t;
    f(t);
    Term* p = t.address();
    u64 words = object_words(t);
    if (t.is_boxed() && p[0].header_is_raw()) continue;
    for (u64 i = t.is_list() ? 0 : 1; i < words; i++) {
      if (!stays(p[i], literals_too)) todo.push(p[i]);
    }
  }
}

u64 size_of(Term t, bool literals_too) {
  u64 words = 0;
  each_object(t, literals_too, [&](Term o) { words += object_words(o); });
  return words;
}

// What is copied is scanned behind the copies; b has size_of(t) words.
Term copy_into(Term t, bool literals_too, Builder& b) {
  if (stays(t, literals_too)) return t;
  PointerMap copies;
  auto copy_of = [&](Term from) {
    Term* copy = copies.at(from);
    if (!copy->is_none()) return *copy;
    u64 n = object_words(from);
    Term* to = b.alloc(n);
    std::memcpy(static_cast<void*>(to), from.address(), n * kWordBytes);
    *copy = from.is_list() ? Term::list(to) : Term::boxed(to);
    if (from.is_list()) return *copy;
    auto* o = reinterpret_cast<OffHeapObject*>(to);
    if (to->header_tag() == BoxedTag::RefcBinary) {
      // Bytes with two holders are not appended to in place any more.
      auto* source = view<RefcBinary>(from);
      if (source->flags_small != Term::small(0)) source->flags_small = Term::small(0);
      reinterpret_cast<RefcBinary*>(to)->flags_small = Term::small(0);
      binary_data_retain(reinterpret_cast<RefcBinary*>(to)->data);
      b.off_heap().link(o, off_heap_words(o));
    } else if (to->header_tag() == BoxedTag::MagicRef) {
      to[2].as_raw_pointer<MagicData>()->refs.fetch_add(1, std::memory_order_relaxed);
      b.off_heap().link(o, 0);
    } else if (to->header_tag() == BoxedTag::SubBinary) {
      reinterpret_cast<SubBinary*>(to)->writable_small = Term::small(0);
    }
    return *copy;
  };
  Term* scan = b.top();
  Term result = copy_of(t);
  for (; scan < b.top(); scan++) {
    Term w = *scan;
    if (w.is_header() && w.header_is_raw()) {
      scan += w.header_arity();
    } else if (!stays(w, literals_too)) {
      *scan = copy_of(w);
    }
  }
  return result;
}

}  // namespace

u64 shared_size(Term t) {
  u64 words = 0;
  each_object(t, false, [&](Term o) {
    words += o.is_list() ? object_words(o) : reported_words(o.object(), object_words(o));
  });
  return words;
}

u64 shared_size_whole(Term t) { return size_of(t, true); }
Term copy_shared_whole(Term t, Builder& b) { return copy_into(t, true, b); }

Fragment* copy_shared(Term t, bool literals_too, Term* result) {
  *result = t;
  if (stays(t, literals_too)) return nullptr;
  Fragment* f = fragment_new(size_of(t, literals_too));
  Builder b = f->builder();
  *result = copy_into(t, literals_too, b);
  return f;
}

}  // namespace lintel
