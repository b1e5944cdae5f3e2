// Building a result of unknown size piece by piece: each piece is a fragment. Those of a Scratch become
// part of the caller's heap in the end; those of Pieces go where take()'s caller puts them. Nothing moves
// meanwhile.
#pragma once
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/heap/copy.h"
#include "vm/ops/bytes.h"
#include "vm/proc/process.h"

namespace lintel {

class Pieces {
 public:
  Pieces() = default;
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;
  ~Pieces() { VM_ASSERT(chain_ == nullptr); }

  Builder room(u64 words) {
    Fragment* f = fragment_new(words);
    f->next = chain_;
    chain_ = f;
    return f->builder();
  }
  Term copy(Term t) {
    u64 words = copy_size(t);
    if (words == 0) return t;
    Builder b = room(words);
    return copy_term(t, b);
  }
  Term tuple(std::initializer_list<Term> elements) {
    Builder b = room(tuple_words(elements.size()));
    return b.tuple(elements);
  }
  Term list(const std::vector<Term>& terms) {
    Builder b = room(kConsWords * terms.size());
    Term l = Term::nil();
    for (size_t i = terms.size(); i-- > 0;) l = b.cons(terms[i], l);
    return l;
  }
  Term text(std::string_view chars) {
    Builder b = room(kConsWords * chars.size());
    return chars_to_list(b, chars);
  }
  Term binary(std::string_view bytes) {
    Builder b = room(binary_words(bytes.size()));
    return b.binary(bytes.data(), bytes.size());
  }
  Term integer(i64 value) {
    Builder b = room(kIntegerWords);
    return b.integer(value);
  }

  // All fragments, as one chain; null when there are none.
  [[nodiscard]] Fragment* take() { return std::exchange(chain_, nullptr); }

 private:
  Fragment* chain_ = nullptr;
};

class Scratch : public Pieces {
 public:
  explicit Scratch(Process& p) : p_(p) {}
  ~Scratch() {
    if (Fragment* chain = take()) p_.attach(chain);
  }

 private:
  Process& p_;
};

}  // namespace lintel
