// Reads golden files: hex of the external term format into terms, for tests only. It trusts its input.
#pragma once
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/unit/golden.h"
#include "vm/code/backend.h"
#include "vm/code/export.h"
#include "vm/heap/fragment.h"
#include "vm/term/atom.h"
#include "vm/term/map.h"

namespace lintel {

class TermReader {
 public:
  explicit TermReader(u64 words = 1 << 22) : fragment_(fragment_new(words)), b_(fragment_->builder()) {
    if (engine.link_export == nullptr) engine.link_export = [](Export*) {};  // nothing runs here
  }
  ~TermReader() { fragments_free(fragment_); }
  Builder& builder() { return b_; }

  Term from_hex(const std::string& hex) {
    bytes_.clear();
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
      bytes_.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    at_ = 0;
    EXPECT_EQ(number(1), 131u);
    return term();
  }
  static std::string bytes_from_hex(const std::string& hex) {
    std::string out;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
      out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return out;
  }

 private:
  u64 number(u32 n) {
    u64 v = 0;
    while (n-- > 0) v = v << 8 | static_cast<u8>(bytes_[at_++]);
    return v;
  }
  Term big(u64 n) {
    bool negative = number(1) != 0;
    std::vector<u64> limbs((n + 7) / 8);
    std::memcpy(limbs.data(), &bytes_[at_], n);
    at_ += n;
    while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
    if (limbs.size() <= 1) {
      i128 v = limbs.empty() ? 0 : limbs[0];
      if (negative) v = -v;
      if (v >= kSmallMin && v <= kSmallMax) return Term::small(static_cast<i64>(v));
    }
    Term* o = b_.alloc(1 + limbs.size());
    o[0] = Term::header(negative ? BoxedTag::BigNeg : BoxedTag::BigPos, limbs.size());
    std::memcpy(static_cast<void*>(o + 1), limbs.data(), limbs.size() * 8);
    return Term::boxed(o);
  }
  Term term() {
    switch (u64 tag = number(1)) {
      case 97: return Term::small(static_cast<i64>(number(1)));
      case 98: return Term::small(static_cast<i32>(number(4)));
      case 70: {
        u64 bits = number(8);
        double d;
        std::memcpy(&d, &bits, 8);
        return b_.floating(d);
      }
      case 110: return big(number(1));
      case 111: return big(number(4));
      case 118:
      case 119:
      case 100: {
        u64 n = number(tag == 119 ? 1 : 2);
        std::string_view name(&bytes_[at_], n);
        at_ += n;
        return tag == 100 ? atom_intern_latin1(name) : atom_intern(name);
      }
      case 104:
      case 105: {
        u64 n = number(tag == 104 ? 1 : 4);
        Term* e;
        Term t = b_.tuple_uninitialized(n, &e);
        for (u64 i = 0; i < n; i++) e[i] = term();
        return t;
      }
      case 106: return Term::nil();
      case 107: {
        u64 n = number(2);
        return bytes_list(n);
      }
      case 108: {
        std::vector<Term> e(number(4));
        for (Term& t : e) t = term();
        Term tail = term();
        for (size_t i = e.size(); i-- > 0;) tail = b_.cons(e[i], tail);
        return tail;
      }
      case 109: {
        u64 n = number(4);
        Term t = b_.binary(&bytes_[at_], n);
        at_ += n;
        return t;
      }
      case 77: {
        u64 n = number(4);
        u64 bits = number(1);
        Term base = b_.binary(&bytes_[at_], n);
        at_ += n;
        return b_.sub_binary(base, 0, (n - 1) * 8 + bits);
      }
      case 113: {
        Term m = term();
        Term f = term();
        return b_.export_fun(export_get(m, f, static_cast<u32>(term().small_value())));
      }
      case 116: {
        u64 n = number(4);
        std::vector<Term> kv(2 * n + 2);
        for (u64 i = 0; i < 2 * n; i++) kv[i] = term();
        MapPlan plan(kv.data(), 2, n);
        return plan.build(b_, kv.data(), kv.data() + 1);
      }
      default: ADD_FAILURE() << "tag " << tag; return Term::nil();
    }
  }
  Term bytes_list(u64 n) {
    Term t = Term::nil();
    for (u64 i = n; i-- > 0;) t = b_.cons(Term::small(static_cast<u8>(bytes_[at_ + i])), t);
    at_ += n;
    return t;
  }

  Fragment* fragment_;
  Builder b_;
  std::string bytes_;
  size_t at_ = 0;
};

inline std::vector<std::string> golden_lines(const char* name) {
  std::ifstream in(golden_path(name));
  EXPECT_TRUE(in.good()) << name;
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace lintel
