#include "vm/heap/verify.h"

#include "vm/base/alloc.h"
#include "vm/heap/literals.h"

namespace lintel {

namespace {

class Verifier {
 public:
  explicit Verifier(Heap& h) : h_(h) {}

  void run() {
    VM_CHECK(h_.start <= h_.high_water && h_.high_water <= h_.htop && h_.htop <= h_.sp &&
             h_.sp <= h_.end);
    VM_CHECK(h_.old_start <= h_.old_top && h_.old_top <= h_.old_end);
    block(h_.start, h_.htop, "young", true);
    u64 young_owners = owners_;
    for (Fragment* f = h_.fragments; f != nullptr; f = f->next) block(f->mem, f->top, "fragment", true);
    young_owners = owners_;
    owners_ = 0;
    block(h_.old_start, h_.old_top, "old", (h_.heap_flags & Heap::kOldRefersToYoung) != 0);
    check_list(h_.off_heap, young_owners, "young", false);
    check_list(h_.old_off_heap, owners_, "old", true);
    roots(h_.sp, static_cast<u64>(h_.end - h_.sp), "stack");
    roots(h_.x, h_.live, "x register");
    for (LocalRootsBase* r = h_.local_roots; r != nullptr; r = r->outer) {
      roots(r->terms, r->count, "local root");
    }
    struct Visitor final : RootVisitor {
      Verifier* v;
      void visit(Term* terms, u64 count) override { v->roots(terms, count, "owner's root"); }
    } visitor;
    visitor.v = this;
    if (h_.visit_owner_roots != nullptr) h_.visit_owner_roots(h_, visitor);
  }

 private:
  bool in_old(const Term* p) const { return p >= h_.old_start && p < h_.old_top; }
  // End of the used memory that p lies in, or null.
  const Term* limit_of(const Term* p, bool young_allowed) const {
    if (in_old(p)) return h_.old_top;
    if (is_literal_address(p)) {
      return reinterpret_cast<const Term*>(literal_range_start + kLiteralRangeBytes);
    }
    if (!young_allowed) return nullptr;
    if (p >= h_.start && p < h_.htop) return h_.htop;
    for (Fragment* f = h_.fragments; f != nullptr; f = f->next) {
      if (p >= f->mem && p < f->top) return f->top;
    }
    return nullptr;
  }

  void word(const Term* at, const char* where, bool young_allowed) const {
    Term w = *at;
    if (!w.is_pointer()) return;
    const Term* to = w.address();
    const Term* limit = limit_of(to, young_allowed);
    if (limit == nullptr) {
      VM_PANIC("heap: the word %#zx at %p (%s) refers to memory that is not this heap's%s",
               size_t{w.bits()}, static_cast<const void*>(at), where,
               young_allowed ? "" : ", or from old to young");
    }
    if (w.is_list()) {
      if (to + 2 > limit || to[0].is_header() || to[0].is_none()) {
        VM_PANIC("heap: the word %#zx at %p (%s) is no list cell", size_t{w.bits()},
                 static_cast<const void*>(at), where);
      }
    } else if (!to[0].is_header() || to + 1 + to[0].header_arity() > limit || !known(to[0])) {
      VM_PANIC("heap: the word %#zx at %p (%s) refers to %#zx, which is no object",
               size_t{w.bits()}, static_cast<const void*>(at), where, size_t{to[0].bits()});
    }
  }

  static bool known(Term header) {
    switch (header.header_tag()) {
#define BOXED(name, subtag, contents) case BoxedTag::name:
#include "vm/tables/term_tags.def"
#undef BOXED
      return true;
    }
    return false;
  }

  void block(const Term* p, const Term* end, const char* where, bool young_allowed) {
    while (p < end) {
      Term w = *p;
      if (w.is_header()) {
        u64 arity = w.header_arity();
        if (!known(w) || p + 1 + arity > end) {
          VM_PANIC("heap: bad header %#zx at %p (%s)", size_t{w.bits()},
                   static_cast<const void*>(p), where);
        }
        if (w.header_tag() == BoxedTag::RefcBinary || w.header_tag() == BoxedTag::MagicRef) owners_++;
        if (w.header_is_raw()) p += arity;
      } else if (w.is_none() || w.is_catch() || w.is_return_address()) {
        VM_PANIC("heap: %#zx at %p (%s) is no term", size_t{w.bits()}, static_cast<const void*>(p),
                 where);
      } else {
        word(p, where, young_allowed);
      }
      p++;
    }
  }

  void roots(const Term* p, u64 count, const char* where) const {
    for (const Term* end = p + count; p < end; p++) word(p, where, true);
  }

  void check_list(const OffHeap& list, u64 owners, const char* where, bool old) const {
    u64 n = 0;
    for (OffHeapObject* o = list.first; o != nullptr; o = o->next) {
      auto* at = reinterpret_cast<Term*>(o);
      bool placed = old ? in_old(at) : limit_of(at, true) != nullptr && !in_old(at);
      if (!placed || !at->is_header() ||
          (at->header_tag() != BoxedTag::RefcBinary && at->header_tag() != BoxedTag::MagicRef)) {
        VM_PANIC("heap: %p on the %s off-heap list does not belong there",
                 static_cast<void*>(at), where);
      }
      n++;
    }
    if (n != owners) {
      VM_PANIC("heap: %zu objects on the %s off-heap list, but %zu in memory", size_t{n}, where,
               size_t{owners});
    }
  }

  Heap& h_;
  u64 owners_ = 0;
};

}  // namespace

void heap_verify(Heap& h) { Verifier(h).run(); }

}  // namespace lintel
