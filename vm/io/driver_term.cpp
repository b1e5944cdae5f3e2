// Two passes over the description, which is a postfix program: the first checks it and counts heap
// words and stack depth, the second builds.
#include "vm/io/driver.h"

#include "vm/io/driver_term.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "vm/etf/decode.h"
#include "vm/term/map.h"

namespace lintel {
namespace {

// Arguments that follow each tag.
int argument_count(ErlDrvTermData tag) {
  switch (tag) {
    case ERL_DRV_NIL: return 0;
    case ERL_DRV_BINARY: return 3;
    case ERL_DRV_STRING:
    case ERL_DRV_STRING_CONS:
    case ERL_DRV_EXT2TERM:
    case ERL_DRV_BUF2BINARY: return 2;
    case ERL_DRV_ATOM:
    case ERL_DRV_INT:
    case ERL_DRV_UINT:
    case ERL_DRV_PORT:
    case ERL_DRV_TUPLE:
    case ERL_DRV_LIST:
    case ERL_DRV_PID:
    case ERL_DRV_FLOAT:
    case ERL_DRV_INT64:
    case ERL_DRV_UINT64:
    case ERL_DRV_MAP: return 1;
    default: return -1;
  }
}

struct Decoded {
  Term term;
  Fragment* fragments;
};

struct Program {
  const ErlDrvTermData* data;
  int length;
  u64 words = 0;
  std::vector<Decoded> externals;
  ~Program() {
    for (Decoded& e : externals) {
      if (e.fragments != nullptr) fragments_free(e.fragments);
    }
  }
  bool check();
  bool external(const u8* bytes, size_t size);
};

bool Program::external(const u8* bytes, size_t size) {
  auto payload = etf_open({bytes, size});
  if (!payload) return false;
  auto decoded = etf_decode(payload->bytes, EtfDecodeOptions{});
  if (!decoded) return false;
  externals.push_back({decoded->term, decoded->fragments});
  return true;
}

bool Program::check() {
  u64 depth = 0;
  for (int i = 0; i < length;) {
    int count = argument_count(data[i]);
    if (count < 0 || i + 1 + count > length) return false;
    ErlDrvTermData tag = data[i];
    const ErlDrvTermData* a = data + i + 1;
    i += 1 + count;
    u64 pops = 0;
    switch (tag) {
      case ERL_DRV_ATOM:
        if (!Term(a[0]).is_atom()) return false;
        break;
      case ERL_DRV_INT:
      case ERL_DRV_UINT:
        words += kIntegerWords;
        break;
      case ERL_DRV_INT64:
      case ERL_DRV_UINT64:
        if (a[0] == 0) return false;
        words += kIntegerWords;
        break;
      case ERL_DRV_PORT:
        if (!Term(a[0]).is_local_port()) return false;
        break;
      case ERL_DRV_PID:
        if (!Term(a[0]).is_local_pid()) return false;
        break;
      case ERL_DRV_BINARY:
        if (a[0] == 0 || a[2] + a[1] > binary_of_driver(reinterpret_cast<ErlDrvBinary*>(a[0]))->capacity) {
          return false;
        }
        words += kRefcBinaryWords + kSubBinaryWords + binary_words(a[1]);
        break;
      case ERL_DRV_BUF2BINARY:
        if (a[0] == 0 && a[1] != 0) return false;
        words += binary_words(a[1]);
        break;
      case ERL_DRV_STRING:
        if (a[0] == 0 && a[1] != 0) return false;
        words += a[1] * kConsWords;
        break;
      case ERL_DRV_STRING_CONS:
        if (a[0] == 0 && a[1] != 0) return false;
        words += a[1] * kConsWords;
        pops = 1;
        break;
      case ERL_DRV_TUPLE:
        words += tuple_words(a[0]);
        pops = a[0];
        break;
      case ERL_DRV_LIST:
        if (a[0] == 0) return false;
        words += (a[0] - 1) * kConsWords;
        pops = a[0];
        break;
      case ERL_DRV_MAP:
        pops = 2 * a[0];
        words += 40 + 24 * a[0];  // what MapPlan takes at most, checked when building
        break;
      case ERL_DRV_FLOAT: {
        double d;
        std::memcpy(&d, reinterpret_cast<const void*>(a[0]), sizeof d);
        if (!std::isfinite(d)) return false;
        words += kFloatWords;
        break;
      }
      case ERL_DRV_EXT2TERM:
        if (a[0] == 0 || !external(reinterpret_cast<const u8*>(a[0]), a[1])) return false;
        break;
      default: break;
    }
    if (depth < pops) return false;
    depth = depth - pops + 1;
  }
  return depth == 1;
}

Term bytes_before(Builder& b, const u8* bytes, u64 size, Term tail) {
  for (u64 i = size; i > 0; i--) tail = b.cons(Term::small(bytes[i - 1]), tail);
  return tail;
}

Term binary_part(Builder& b, ErlDrvBinary* bin, u64 size, u64 offset) {
  BinaryData* d = binary_of_driver(bin);
  if (size <= kMaxHeapBinary) return b.binary(d->bytes + offset, size);
  binary_data_retain(d);
  Term whole = b.refc_binary(d, offset + size);
  return offset == 0 ? whole : b.sub_binary(whole, offset * 8, size * 8);
}

}  // namespace

Term driver_term_build(const ErlDrvTermData* data, int length, Fragment** out) {
  *out = nullptr;
  Program program{data, length};
  if (!program.check()) return Term::none();
  Fragment* f = fragment_new(program.words);
  Builder b = f->builder();
  std::vector<Term> stack;
  size_t next_external = 0;
  for (int i = 0; i < length;) {
    ErlDrvTermData tag = data[i];
    const ErlDrvTermData* a = data + i + 1;
    i += 1 + argument_count(tag);
    const auto* bytes = reinterpret_cast<const u8*>(a[0]);
    Term t = Term::nil();
    switch (tag) {
      case ERL_DRV_ATOM:
      case ERL_DRV_PORT:
      case ERL_DRV_PID: t = Term(a[0]); break;
      case ERL_DRV_INT: t = b.integer(static_cast<i64>(a[0])); break;
      case ERL_DRV_UINT: t = b.unsigned_integer(a[0]); break;
      case ERL_DRV_INT64: t = b.integer(*reinterpret_cast<const i64*>(a[0])); break;
      case ERL_DRV_UINT64: t = b.unsigned_integer(*reinterpret_cast<const u64*>(a[0])); break;
      case ERL_DRV_FLOAT: t = b.floating(*reinterpret_cast<const double*>(a[0])); break;
      case ERL_DRV_BINARY:
        t = binary_part(b, reinterpret_cast<ErlDrvBinary*>(a[0]), a[1], a[2]);
        break;
      case ERL_DRV_BUF2BINARY: t = b.binary(bytes, a[1]); break;
      case ERL_DRV_STRING: t = bytes_before(b, bytes, a[1], Term::nil()); break;
      case ERL_DRV_STRING_CONS:
        t = bytes_before(b, bytes, a[1], stack.back());
        stack.pop_back();
        break;
      case ERL_DRV_TUPLE: {
        Term* elements;
        t = b.tuple_uninitialized(a[0], &elements);
        std::copy(stack.end() - static_cast<i64>(a[0]), stack.end(), elements);
        stack.resize(stack.size() - a[0]);
        break;
      }
      case ERL_DRV_LIST:  // the last one is the tail
        t = stack.back();
        stack.pop_back();
        for (u64 k = 1; k < a[0]; k++) {
          t = b.cons(stack.back(), t);
          stack.pop_back();
        }
        break;
      case ERL_DRV_MAP: {
        const Term* pairs = stack.data() + stack.size() - 2 * a[0];
        MapPlan plan(pairs, 2, a[0]);
        bool fits = !plan.has_duplicates() && plan.words() <= b.room();
        if (!fits) {
          fragments_free(f);
          return Term::none();
        }
        t = plan.build(b, pairs, pairs + 1);
        stack.resize(stack.size() - 2 * a[0]);
        break;
      }
      case ERL_DRV_EXT2TERM: t = program.externals[next_external++].term; break;
      default: break;
    }
    stack.push_back(t);
  }
  Fragment** tail = &f->next;
  for (Decoded& e : program.externals) {
    *tail = e.fragments;
    while (*tail != nullptr) tail = &(*tail)->next;
    e.fragments = nullptr;
  }
  *out = f;
  return stack.back();
}

}  // namespace lintel
