#include "vm/etf/decode.h"

#include <zlib.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "vm/base/alloc.h"
#include "vm/base/utf8.h"
#include "vm/code/export.h"
#include "vm/code/fun_table.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"
#include "vm/term/float_text.h"
#include "vm/term/map.h"
#include "vm/term/node.h"

namespace lintel {

const char* etf_fault_text(EtfFault fault) {
  switch (fault) {
    case EtfFault::Truncated: return "truncated";
    case EtfFault::BadVersion: return "bad version byte";
    case EtfFault::BadTag: return "unknown tag";
    case EtfFault::BadLength: return "impossible length";
    case EtfFault::BadAtom: return "bad atom";
    case EtfFault::UnknownAtom: return "unknown atom in safe mode";
    case EtfFault::UnknownExport: return "unknown function in safe mode";
    case EtfFault::AtomTableFull: return "atom table full";
    case EtfFault::BadNumber: return "bad number";
    case EtfFault::BadIdentifier: return "bad pid, port or reference";
    case EtfFault::BadFun: return "bad fun";
    case EtfFault::DuplicateKey: return "duplicate map key";
    case EtfFault::BadCompression: return "bad compressed data";
  }
  return "?";
}

namespace {

u16 read16(const u8* p) { return static_cast<u16>(p[0] << 8 | p[1]); }
u32 read32(const u8* p) {
  u32 v;
  std::memcpy(&v, p, 4);
  return __builtin_bswap32(v);
}
u64 read64(const u8* p) {
  u64 v;
  std::memcpy(&v, p, 8);
  return __builtin_bswap64(v);
}

constexpr u32 kFloatTextBytes = 31;

// This node, in its present life; creation 0 is any.
bool is_here(Term name, u32 creation) {
  Node* here = this_node();
  return name == here->name && (creation == here->creation || creation == 0);
}

// Cost of copying bytes, in terms.
constexpr i64 copy_cost(u64 bytes) { return static_cast<i64>(bytes / 64); }

}  // namespace

// ---------------------------------------------------------------------------------------------
// Pass 1

EtfSizer::Status EtfSizer::fail(EtfFault fault) {
  error_ = {fault, static_cast<u64>(p_ - start_)};
  return Status::Failed;
}

// An atom in any form, tag included.
bool EtfSizer::atom(EtfFault* fault) {
  auto has = [&](u64 n) { return static_cast<u64>(end_ - p_) >= n; };
  *fault = EtfFault::Truncated;
  if (!has(2)) return false;
  u64 length;
  bool utf8 = false;
  switch (static_cast<EtfTag>(*p_)) {
    case EtfTag::AtomUtf8: utf8 = true; [[fallthrough]];
    case EtfTag::Atom:
      if (!has(3)) return false;
      length = read16(p_ + 1);
      p_ += 3;
      break;
    case EtfTag::SmallAtomUtf8: utf8 = true; [[fallthrough]];
    case EtfTag::SmallAtom:
      length = p_[1];
      p_ += 2;
      break;
    case EtfTag::AtomCacheRef:
      *fault = EtfFault::BadAtom;
      if (p_[1] >= options_.atom_cache.size()) return false;
      p_ += 2;
      return true;
    default:
      *fault = EtfFault::BadTag;
      return false;
  }
  if (!has(length)) return false;
  *fault = EtfFault::BadAtom;
  if (utf8) {
    if (length > kMaxAtomBytes) return false;
    i64 chars = utf8_length({p_, length});
    if (chars < 0 || chars > kMaxAtomChars) return false;
  } else if (length > kMaxAtomChars) {
    return false;
  }
  p_ += length;
  return true;
}

// An integer term that must be small: arity, fun index, fun hash.
bool EtfSizer::small_int(EtfFault* fault) {
  auto has = [&](u64 n) { return static_cast<u64>(end_ - p_) >= n; };
  *fault = EtfFault::Truncated;
  if (!has(1)) return false;
  u64 size;
  switch (static_cast<EtfTag>(*p_)) {
    case EtfTag::SmallInteger: size = 2; break;
    case EtfTag::Integer: size = 5; break;
    default: *fault = EtfFault::BadNumber; return false;
  }
  if (!has(size)) return false;
  p_ += size;
  return true;
}

EtfSizer::Status EtfSizer::step(i64& budget) {
  while (pending_ != 0) {
    if (budget-- <= 0) return Status::More;
    u64 left = static_cast<u64>(end_ - p_);
    // Every pending term needs a byte; what claims more is refused before it can cost anything.
    if (left < pending_) return fail(pending_ == 1 ? EtfFault::Truncated : EtfFault::BadLength);
    pending_--;
    EtfTag tag = static_cast<EtfTag>(*p_);
    left--;
    // Fixed part after the tag, and variable length behind that.
    auto take = [&](u64 n) {
      if (left < n) return false;
      p_ += 1 + n;
      return true;
    };
    u64 n;
    EtfFault fault;
    switch (tag) {
      case EtfTag::SmallInteger:
        if (!take(1)) return fail(EtfFault::Truncated);
        break;
      case EtfTag::Integer:
        if (!take(4)) return fail(EtfFault::Truncated);
        break;
      case EtfTag::SmallBig:
        if (left < 1) return fail(EtfFault::Truncated);
        n = p_[1];
        if (!take(2 + n)) return fail(EtfFault::Truncated);
        words_ += integer_from_bytes_words(n);
        break;
      case EtfTag::LargeBig:
        if (left < 4) return fail(EtfFault::Truncated);
        n = read32(p_ + 1);
        if (n > kMaxBigLimbs * 8) return fail(EtfFault::BadNumber);
        if (!take(5 + n)) return fail(EtfFault::Truncated);
        words_ += integer_from_bytes_words(n);
        break;
      case EtfTag::Float:
        if (!take(kFloatTextBytes)) return fail(EtfFault::Truncated);
        words_ += kFloatWords;
        break;
      case EtfTag::NewFloat:
        if (!take(8)) return fail(EtfFault::Truncated);
        words_ += kFloatWords;
        break;
      case EtfTag::Atom:
      case EtfTag::SmallAtom:
      case EtfTag::AtomUtf8:
      case EtfTag::SmallAtomUtf8:
      case EtfTag::AtomCacheRef:
        if (!atom(&fault)) return fail(fault);
        break;
      case EtfTag::Nil:
        p_++;
        break;
      case EtfTag::String:
        if (left < 2) return fail(EtfFault::Truncated);
        n = read16(p_ + 1);
        if (!take(2 + n)) return fail(EtfFault::Truncated);
        words_ += n * kConsWords;
        budget -= copy_cost(n);
        break;
      case EtfTag::List:
        if (!take(4)) return fail(EtfFault::Truncated);
        n = read32(p_ - 4);
        words_ += n * kConsWords;
        pending_ += n + 1;
        break;
      case EtfTag::SmallTuple:
        if (!take(1)) return fail(EtfFault::Truncated);
        n = p_[-1];
        words_ += tuple_words(n);
        pending_ += n;
        break;
      case EtfTag::LargeTuple:
        if (!take(4)) return fail(EtfFault::Truncated);
        n = read32(p_ - 4);
        words_ += tuple_words(n);
        pending_ += n;
        break;
      case EtfTag::Map:
        if (!take(4)) return fail(EtfFault::Truncated);
        n = read32(p_ - 4);
        if (n > left / 2) return fail(EtfFault::BadLength);
        if (n > kMaxFlatMap) {
          large_maps_ = true;
        } else {
          words_ += flat_map_words(n) + tuple_words(n);
        }
        pending_ += 2 * n;
        break;
      case EtfTag::Binary:
        if (left < 4) return fail(EtfFault::Truncated);
        n = read32(p_ + 1);
        if (!take(4 + n)) return fail(EtfFault::Truncated);
        words_ += binary_words(n);
        budget -= copy_cost(n);
        break;
      case EtfTag::BitBinary:
        if (left < 5) return fail(EtfFault::Truncated);
        n = read32(p_ + 1);
        if (p_[5] > 8 || (p_[5] == 0) != (n == 0)) return fail(EtfFault::BadLength);
        if (!take(5 + n)) return fail(EtfFault::Truncated);
        words_ += binary_words(n) + kSubBinaryWords;
        budget -= copy_cost(n);
        break;
      case EtfTag::Pid:
      case EtfTag::NewPid:
      case EtfTag::Port:
      case EtfTag::NewPort:
      case EtfTag::V4Port: {
        p_++;
        if (!atom(&fault)) return fail(fault);
        n = tag == EtfTag::Pid       ? 9
            : tag == EtfTag::NewPid  ? 12
            : tag == EtfTag::Port    ? 5
            : tag == EtfTag::NewPort ? 8
                                     : 12;
        if (static_cast<u64>(end_ - p_) < n) return fail(EtfFault::Truncated);
        p_ += n;
        words_ += kExternalWords;
        break;
      }
      case EtfTag::Reference:
        p_++;
        if (!atom(&fault)) return fail(fault);
        if (end_ - p_ < 5) return fail(EtfFault::Truncated);
        p_ += 5;
        words_ += kMaxExternalRefWords;
        break;
      case EtfTag::NewReference:
      case EtfTag::NewerReference:
        if (!take(2)) return fail(EtfFault::Truncated);
        n = read16(p_ - 2);
        if (n == 0 || n > kMaxRefNumbers) return fail(EtfFault::BadIdentifier);
        if (!atom(&fault)) return fail(fault);
        n = 4 * n + (tag == EtfTag::NewReference ? 1 : 4);
        if (static_cast<u64>(end_ - p_) < n) return fail(EtfFault::Truncated);
        p_ += n;
        words_ += kMaxExternalRefWords;
        break;
      case EtfTag::NewFun:
        // size:4 arity:1 unique:16 index:4 free:4 module old_index old_unique creator free...
        // The size is not looked at: stock releases wrote it wrong at times.
        if (!take(4 + 1 + 16 + 4 + 4)) return fail(EtfFault::Truncated);
        n = read32(p_ - 4);
        if (n > kMaxFreeVariables) return fail(EtfFault::BadFun);
        if (!atom(&fault) || !small_int(&fault) || !small_int(&fault)) return fail(fault);
        words_ += kFunFixedWords + n;
        pending_ += 1 + n;
        break;
      case EtfTag::Export:
        p_++;
        if (!atom(&fault) || !atom(&fault) || !small_int(&fault)) return fail(fault);
        words_ += kExportFunWords;
        break;
      default:
        return fail(EtfFault::BadTag);
    }
  }
  return Status::Done;
}

// ---------------------------------------------------------------------------------------------
// Pass 2. Lengths are trusted: pass 1 has checked them all.

EtfDecoder::Status EtfDecoder::fail(EtfFault fault) {
  error_ = {fault, static_cast<u64>(p_ - start_)};
  return Status::Failed;
}

bool EtfDecoder::atom(Term* out) {
  u64 length;
  bool utf8 = false;
  switch (static_cast<EtfTag>(*p_)) {
    case EtfTag::AtomUtf8: utf8 = true; [[fallthrough]];
    case EtfTag::Atom:
      length = read16(p_ + 1);
      p_ += 3;
      break;
    case EtfTag::SmallAtomUtf8: utf8 = true; [[fallthrough]];
    case EtfTag::SmallAtom:
      length = p_[1];
      p_ += 2;
      break;
    default:
      *out = options_.atom_cache[p_[1]];
      p_ += 2;
      return true;
  }
  std::string_view name(reinterpret_cast<const char*>(p_), length);
  char as_utf8[2 * kMaxAtomChars];
  if (!utf8) {
    u64 n = 0;
    for (u8 c : name) {
      if (c < 0x80) {
        as_utf8[n++] = static_cast<char>(c);
      } else {
        as_utf8[n++] = static_cast<char>(0xc0 | c >> 6);
        as_utf8[n++] = static_cast<char>(0x80 | (c & 0x3f));
      }
    }
    name = {as_utf8, n};
  }
  *out = options_.safe ? atom_find(name) : atom_intern(name);
  if (out->is_none()) {
    fail(options_.safe ? EtfFault::UnknownAtom : EtfFault::AtomTableFull);
    return false;
  }
  p_ += length;
  return true;
}

bool EtfDecoder::small_int(i64* out) {
  if (static_cast<EtfTag>(*p_) == EtfTag::SmallInteger) {
    *out = p_[1];
    p_ += 2;
  } else {
    *out = static_cast<i32>(read32(p_ + 1));
    p_ += 5;
  }
  return true;
}

bool EtfDecoder::pid(Builder& heap, u8 tag, Term* out) {
  Term name;
  if (!atom(&name)) return false;
  u32 number = read32(p_);
  u32 serial = read32(p_ + 4);
  bool old = static_cast<EtfTag>(tag) == EtfTag::Pid;
  u32 creation = old ? p_[8] : read32(p_ + 8);
  if (old && creation > 3) {
    fail(EtfFault::BadIdentifier);
    return false;
  }
  p_ += old ? 9 : 12;
  if (is_here(name, creation)) {
    if (number >= 1u << kPidNumberBits || serial >= 1u << kPidSerialBits) {
      fail(EtfFault::BadIdentifier);
      return false;
    }
    *out = local_pid(number, serial);
  } else {
    *out = build_external_pid(heap, node_intern(name, creation), number, serial);
  }
  return true;
}

bool EtfDecoder::port(Builder& heap, u8 tag, Term* out) {
  Term name;
  if (!atom(&name)) return false;
  u64 number;
  if (static_cast<EtfTag>(tag) == EtfTag::V4Port) {
    number = read64(p_);
    p_ += 8;
  } else {
    number = read32(p_);
    p_ += 4;
  }
  u32 creation;
  if (static_cast<EtfTag>(tag) == EtfTag::Port) {
    creation = *p_++;
    if (creation > 3) {
      fail(EtfFault::BadIdentifier);
      return false;
    }
  } else {
    creation = read32(p_);
    p_ += 4;
  }
  if (is_here(name, creation)) {
    if (number >= u64{1} << kPortNumberBits) {
      fail(EtfFault::BadIdentifier);
      return false;
    }
    *out = Term::port(number);
  } else {
    *out = build_external_port(heap, node_intern(name, creation), number);
  }
  return true;
}

bool EtfDecoder::reference(Builder& heap, u8 tag, Term* out) {
  constexpr u32 kFirstNumberLimit = 1u << 18;
  RefParts parts{};
  parts.count = 1;
  EtfTag t = static_cast<EtfTag>(tag);
  if (t != EtfTag::Reference) {
    parts.count = read16(p_);
    p_ += 2;
  }
  Term name;
  if (!atom(&name)) return false;
  u32 creation = 0;
  if (t == EtfTag::Reference) {
    parts.n[0] = read32(p_);
    creation = p_[4];
    p_ += 5;
  } else {
    if (t == EtfTag::NewerReference) {
      creation = read32(p_);
      p_ += 4;
    } else {
      creation = *p_++;
    }
    for (u32 i = 0; i < parts.count; i++, p_ += 4) parts.n[i] = read32(p_);
  }
  bool local = is_here(name, creation);
  if (t != EtfTag::NewerReference && (creation > 3 || parts.n[0] >= kFirstNumberLimit)) {
    fail(EtfFault::BadIdentifier);
    return false;
  }
  if (!local) {
    *out = build_external_ref(heap, node_intern(name, creation), parts);
    return true;
  }
  *out = build_local_ref(heap, parts);
  if (!out->is_none()) return true;
  fail(EtfFault::BadIdentifier);
  return false;
}

bool EtfDecoder::fun(Builder& heap, Term* out, bool* opened) {
  const u8* fixed = p_;
  p_ += 4 + 1 + 16 + 4 + 4;
  u32 arity = fixed[4];
  FunKey key;
  std::memcpy(key.uniq.data(), fixed + 5, 16);
  key.index = read32(fixed + 21);
  u32 num_free = read32(fixed + 25);
  i64 old_index, old_uniq;
  if (!atom(&key.module)) return false;
  small_int(&old_index);
  small_int(&old_uniq);
  key.old_uniq = static_cast<u32>(old_uniq);
  FunEntry* entry = fun_entry_get(key, arity, num_free, static_cast<u32>(old_index));
  // The entry may have been made from other code: its frees must be what this term brings, or the
  // function's code would read registers that nobody set.
  if (entry->arity != arity || entry->num_free != num_free) {
    fail(EtfFault::BadFun);
    return false;
  }
  Term* f = heap.alloc(kFunFixedWords + num_free);
  f[0] = Term::header(BoxedTag::Fun, kFunFixedWords - 1 + num_free);
  f[1] = Term::raw_pointer(entry);
  *out = Term::boxed(f);
  push({Kind::Fun, 1, 1 + u64{num_free}, f + 2, {*out}});
  *opened = true;
  return true;
}

// none() when two keys are equal.
Term EtfDecoder::map(Builder& heap, const Term* pairs, u64 count) {
  MapPlan plan(pairs, 2, count);
  if (plan.has_duplicates()) return Term::none();
  if (count <= kMaxFlatMap) return plan.build(heap, pairs, pairs + 1);
  Fragment* f = fragment_new(plan.words());
  f->next = fragments_;
  fragments_ = f;
  Builder room = f->builder();
  return plan.build(room, pairs, pairs + 1);
}

EtfDecoder::~EtfDecoder() { fragments_free(fragments_); }

Fragment* EtfDecoder::take_fragments() { return std::exchange(fragments_, nullptr); }

// A length of one byte or of four.
u64 EtfDecoder::count(bool small) {
  if (small) return *p_++;
  u64 n = read32(p_);
  p_ += 4;
  return n;
}

// Reads one term. A scalar goes to *value; a container with elements is pushed, and *value is it when
// it is known already. *opened tells which.
bool EtfDecoder::element(Builder& heap, Term* value, bool* opened) {
  u8 tag = *p_++;
  *opened = false;
  switch (static_cast<EtfTag>(tag)) {
    case EtfTag::SmallInteger:
      *value = Term::small(*p_++);
      return true;
    case EtfTag::Integer:
      *value = Term::small(static_cast<i32>(read32(p_)));
      p_ += 4;
      return true;
    case EtfTag::SmallBig:
    case EtfTag::LargeBig: {
      u64 n = count(static_cast<EtfTag>(tag) == EtfTag::SmallBig);
      bool negative = *p_++ != 0;
      *value = integer_from_bytes(negative, p_, n, true, heap);
      p_ += n;
      VM_ASSERT(!value->is_none());
      return true;
    }
    case EtfTag::Float: {
      auto* text = reinterpret_cast<const char*>(p_);
      double d;
      if (!float_from_text({text, strnlen(text, kFloatTextBytes)}, &d)) {
        fail(EtfFault::BadNumber);
        return false;
      }
      p_ += kFloatTextBytes;
      *value = heap.floating(d);
      return true;
    }
    case EtfTag::NewFloat: {
      u64 bits = read64(p_);
      double d;
      std::memcpy(&d, &bits, 8);
      if (!std::isfinite(d)) {
        fail(EtfFault::BadNumber);
        return false;
      }
      p_ += 8;
      *value = heap.floating(d);
      return true;
    }
    case EtfTag::Atom:
    case EtfTag::SmallAtom:
    case EtfTag::AtomUtf8:
    case EtfTag::SmallAtomUtf8:
    case EtfTag::AtomCacheRef:
      p_--;
      return atom(value);
    case EtfTag::Nil:
      *value = Term::nil();
      return true;
    case EtfTag::String: {
      u64 n = read16(p_);
      p_ += 2;
      if (n == 0) {
        *value = Term::nil();
        return true;
      }
      Term* cell = heap.alloc(n * kConsWords);
      *value = Term::list(cell);
      for (u64 i = 0; i < n; i++, cell += 2) {
        cell[0] = Term::small(p_[i]);
        cell[1] = Term::list(cell + 2);
      }
      cell[-1] = Term::nil();
      p_ += n;
      return true;
    }
    case EtfTag::List: {
      u64 n = read32(p_);
      p_ += 4;
      if (n == 0) {
        // Only the tail follows: the list is its tail.
        push({Kind::List, 1, 1, nullptr, {Term::none()}});
        *opened = true;
        return true;
      }
      Term* cell = heap.alloc(n * kConsWords);
      *value = Term::list(cell);
      for (u64 i = 0; i + 1 < n; i++) cell[2 * i + 1] = Term::list(cell + 2 * (i + 1));
      push({Kind::List, 2, n + 1, cell, {*value}});
      *opened = true;
      return true;
    }
    case EtfTag::SmallTuple:
    case EtfTag::LargeTuple: {
      u64 n = count(static_cast<EtfTag>(tag) == EtfTag::SmallTuple);
      Term* elements;
      *value = heap.tuple_uninitialized(n, &elements);
      if (n != 0) {
        push({Kind::Tuple, 1, n, elements, {*value}});
        *opened = true;
      }
      return true;
    }
    case EtfTag::Map: {
      u64 n = read32(p_);
      p_ += 4;
      if (n == 0) {
        *value = build_empty_map(heap);
        return true;
      }
      Frame f{Kind::Map, 1, 2 * n, nullptr, {Term::none()}};
      f.base = pairs_.size();
      push(f);
      *opened = true;
      return true;
    }
    case EtfTag::Binary: {
      u64 n = read32(p_);
      p_ += 4;
      *value = heap.binary(p_, n);
      p_ += n;
      return true;
    }
    case EtfTag::BitBinary: {
      u64 n = read32(p_);
      u32 last_bits = p_[4];
      p_ += 5;
      Term whole = heap.binary(p_, n);
      p_ += n;
      *value = n == 0 || last_bits == 8 ? whole : heap.sub_binary(whole, 0, (n - 1) * 8 + last_bits);
      return true;
    }
    case EtfTag::Pid:
    case EtfTag::NewPid:
      return pid(heap, tag, value);
    case EtfTag::Port:
    case EtfTag::NewPort:
    case EtfTag::V4Port:
      return port(heap, tag, value);
    case EtfTag::Reference:
    case EtfTag::NewReference:
    case EtfTag::NewerReference:
      return reference(heap, tag, value);
    case EtfTag::NewFun:
      return fun(heap, value, opened);
    case EtfTag::Export: {
      Term module, function;
      i64 arity;
      if (!atom(&module) || !atom(&function)) return false;
      small_int(&arity);
      if (arity < 0 || arity > 255) {
        fail(EtfFault::BadFun);
        return false;
      }
      if (options_.safe) {
        Export* known = export_find(module, function, static_cast<u32>(arity));
        if (known == nullptr || !known->is_loaded()) {
          fail(EtfFault::UnknownExport);
          return false;
        }
      }
      *value = heap.export_fun(export_get(module, function, static_cast<u32>(arity)));
      return true;
    }
    default:
      VM_PANIC("external term changed between its two passes");
  }
}

EtfDecoder::Status EtfDecoder::step(Builder& heap, i64& budget) {
  for (;;) {
    if (budget-- <= 0) return Status::More;
    Term value;
    bool opened;
    const u8* from = p_;
    if (!element(heap, &value, &opened)) return Status::Failed;
    budget -= copy_cost(static_cast<u64>(p_ - from));
    if (opened) continue;
    // Hand the value to its container, and the container to its own when that was the last.
    for (;;) {
      if (frames_.empty()) {
        result_ = value;
        return Status::Done;
      }
      Frame& f = frames_.top();
      f.remaining--;
      if (f.kind == Kind::Map) {
        pairs_.push(value);
        if (f.remaining != 0) break;
        u64 base = f.base;
        value = map(heap, &pairs_[base], (pairs_.size() - base) / 2);
        if (value.is_none()) return fail(EtfFault::DuplicateKey);
        pairs_.shrink_to(base);
        frames_.pop();
        continue;
      }
      if (f.kind == Kind::List && f.remaining == 0) {
        // The tail: into the last cell, or it is the list.
        if (f.next != nullptr) {
          f.next[-1] = value;
          value = f.term;
        }
        frames_.pop();
        continue;
      }
      *f.next = value;
      f.next += f.stride;
      if (f.remaining != 0) break;
      value = f.term;
      bool bad_creator = f.kind == Kind::Fun && !view<Fun>(value)->creator.is_pid();
      frames_.pop();
      if (bad_creator) return fail(EtfFault::BadFun);
    }
  }
}

Result<DecodedSize, EtfError> etf_decoded_size(std::span<const u8> bytes, const EtfDecodeOptions& options) {
  EtfSizer sizer(bytes, options);
  i64 unlimited = INT64_MAX;
  if (sizer.step(unlimited) != EtfSizer::Status::Done) return Err{sizer.error()};
  return sizer.size();
}

Result<Term, EtfError> etf_decode(std::span<const u8> bytes, Builder& heap, Fragment** fragments,
                                  const EtfDecodeOptions& options) {
  Term* start = heap.top();
  OffHeap before = heap.off_heap();
  EtfDecoder decoder(bytes, options);
  i64 unlimited = INT64_MAX;
  if (decoder.step(heap, unlimited) == EtfDecoder::Status::Done) {
    *fragments = decoder.take_fragments();
    return decoder.term();
  }
  // Binaries are all that a decoder links off the heap.
  OffHeap& now = heap.off_heap();
  for (OffHeapObject* o = now.first; o != before.first; o = o->next) {
    binary_data_release(reinterpret_cast<RefcBinary*>(o)->data);
  }
  now = before;
  heap.shrink_to(start);
  *fragments = nullptr;
  return Err{decoder.error()};
}

Result<Term, EtfError> etf_decode(std::span<const u8> bytes, Heap& heap, const EtfDecodeOptions& options) {
  auto size = etf_decoded_size(bytes, options);
  if (!size) return Err{size.error()};
  Builder room = heap.reserve(size->words);
  Fragment* fragments;
  auto term = etf_decode(bytes, room, &fragments, options);
  if (fragments != nullptr) heap.attach(fragments);
  return term;
}

Result<DecodedFragments, EtfError> etf_decode(std::span<const u8> bytes, const EtfDecodeOptions& options) {
  auto size = etf_decoded_size(bytes, options);
  if (!size) return Err{size.error()};
  Fragment* f = fragment_new(size->words);
  Builder room = f->builder();
  auto term = etf_decode(bytes, room, &f->next, options);
  if (!term) {
    fragments_free(f);
    return Err{term.error()};
  }
  return DecodedFragments{*term, f};
}

// ---------------------------------------------------------------------------------------------

void EtfPayload::Freer::operator()(u8* p) const { vm_free(p); }

Result<EtfPayload, EtfError> etf_open(std::span<const u8> binary) {
  if (binary.size() < 2) return Err{EtfError{EtfFault::Truncated, binary.size()}};
  if (binary[0] != kEtfVersion) return Err{EtfError{EtfFault::BadVersion, 0}};
  EtfPayload payload{};
  if (static_cast<EtfTag>(binary[1]) != EtfTag::Compressed) {
    payload.header_bytes = 1;
    payload.bytes = binary.subspan(1);
    return payload;
  }
  EtfError bad{EtfFault::BadCompression, 1};
  if (binary.size() < 6) return Err{bad};
  u64 size = read32(binary.data() + 2);
  auto packed = binary.subspan(6);
  // Deflate cannot do better than 1032 to 1, so a larger claim is a lie told to make us allocate.
  if (size == 0 || size / 1032 > packed.size()) return Err{bad};
  payload.owned.reset(static_cast<u8*>(vm_alloc(size)));
  z_stream z{};
  z.next_in = const_cast<u8*>(packed.data());
  z.avail_in = static_cast<uInt>(packed.size());
  z.next_out = payload.owned.get();
  z.avail_out = static_cast<uInt>(size);
  if (inflateInit(&z) != Z_OK) return Err{bad};
  int status = inflate(&z, Z_FINISH);
  inflateEnd(&z);
  if (status != Z_STREAM_END || z.avail_out != 0) return Err{bad};
  payload.bytes = {payload.owned.get(), size};
  payload.header_bytes = 6;
  payload.compressed_bytes = binary.size() - z.avail_in;
  return payload;
}

}  // namespace lintel
