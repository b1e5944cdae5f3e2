// unicode: characters_to_binary/2, characters_to_list/2 and bin_is_7bit/1.
//
// The input is a list, of any depth, of characters and binaries, in UTF-8 or latin1. It is first
// looked through once, for what is no such list at all (badarg) and for the room the result needs.
// Then it is written out as UTF-8, in as many turns as that takes; a list result is made from there.
//
// A character may be split over two binaries that follow each other; the bytes of the first part wait
// in `leftover_`. Where a character is bad, the result tells what was converted and what was not:
// the rest is the list from there on, the tails of the lists around it consed up outwards, and the
// leftover bytes in front.
#include <algorithm>
#include <vector>

#include "vm/code/export.h"
#include "vm/heap/roots.h"
#include "vm/ops/binary_part.h"
#include "vm/ops/bits.h"
#include "vm/proc/exception.h"
#include "vm/proc/unique.h"
#include "vm/sched/long_work.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

constexpr u64 kItemsPerReduction = 32;
constexpr u64 kScannedAtOnce = 4 << 20;  // bytes

// Bytes at the start that are below 128.
u64 ascii_prefix(const u8* p, u64 n) {
  u64 i = 0;
  for (; i + 8 <= n; i += 8) {
    u64 v;
    std::memcpy(&v, p + i, 8);
    v &= 0x8080808080808080u;
    if (v != 0) return i + static_cast<u64>(__builtin_ctzll(v)) / 8;
  }
  while (i < n && p[i] < 0x80) i++;
  return i;
}

// Length that the first byte of a character announces; 0 for a byte that starts none.
u32 announced_length(u8 first) {
  return first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
}
// Whether the announced length of bytes, all there, is a character.
bool is_whole_character(const u8* p, u32 length) {
  u32 c;
  return bits_get_utf8(p, 0, length * 8, &c) == length * 8;
}

struct Scan {
  u64 bytes;       // of whole, valid characters
  u64 characters;
  bool cut;        // the rest is too short for what its first byte announces, else it is bad (or empty)
};
// Reads characters, at most about `limit` bytes of them.
Scan scan_utf8(const u8* p, u64 n, u64 limit) {
  u64 i = 0;
  u64 characters = 0;
  while (i < n && i < limit) {
    u64 plain = ascii_prefix(p + i, std::min(n, limit) - i);
    i += plain;
    characters += plain;
    if (i >= n || i >= limit) break;
    u32 length = announced_length(p[i]);
    if (length == 0) return {i, characters, false};
    if (n - i < length) return {i, characters, true};
    if (!is_whole_character(p + i, length)) return {i, characters, false};
    i += length;
    characters++;
  }
  return {i, characters, false};
}

// Whether the start of a character may still become one.
bool may_become_character(const u8* p, u64 n) {
  u32 length = announced_length(p[0]);
  for (u64 i = 1; i < n && length > 2; i++) {
    if ((p[i] & 0xc0) != 0x80) return false;
  }
  return length != 0;
}

// ---- the first look ----

struct Need {
  bool ok;
  u64 bytes;
  u64 cost;
};

u64 latin1_need(const u8* p, u64 n) {
  u64 need = n;
  for (u64 i = 0; i < n; i++) need += p[i] >> 7;
  return need;
}

// Bytes that the input takes as UTF-8, when it is well-formed.
Need look(Term input, bool latin1) {
  std::vector<Term> tails;
  Need need{true, 0, 0};
  auto binary = [&](Term t) {
    Bits b = bits_of(t);
    if (!b.is_whole_bytes()) return false;
    need.cost++;
    if (latin1) {
      AlignedBytes bytes(b);
      need.bytes += latin1_need(bytes.data(), bytes.size());
      need.cost += bytes.size() / 8;
    } else {
      need.bytes += b.byte_size();
    }
    return true;
  };
  Term t = input;
  for (;;) {
    while (t.is_list()) {
      Term head = t.head();
      t = t.tail();
      need.cost++;
      if (head.is_small()) {
        u64 c = static_cast<u64>(head.small_value());
        need.bytes += c < 0x110000 ? utf8_bytes(static_cast<u32>(c)) : 4;
      } else if (head.is_list()) {
        tails.push_back(t);
        t = head;
      } else if (head.is_bitstring()) {
        if (!binary(head)) return {false, 0, need.cost};
      } else if (head.is_big()) {
        return need;  // the conversion gets no further than this
      } else if (!head.is_nil()) {
        return {false, 0, need.cost};
      }
    }
    if (t.is_bitstring()) {
      if (!binary(t)) return {false, 0, need.cost};
    } else if (!t.is_nil()) {
      return {false, 0, need.cost};
    }
    if (tails.empty()) return need;
    t = tails.back();
    tails.pop_back();
  }
}

// ---- the conversion ----

enum class Status { Done, More, Bad };

class Conversion : public MagicData {
 public:
  Conversion(u64 need, bool latin1, bool to_list)
      : data_(binary_data_new(need)), latin1_(latin1), to_list_(to_list) {}
  ~Conversion() {
    if (data_ != nullptr) binary_data_release(data_);
  }
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;
  Conversion(Conversion&& o)
      : data_(std::exchange(o.data_, nullptr)),
        size_(o.size_),
        characters_(o.characters_),
        left_(o.left_),
        latin1_(o.latin1_),
        to_list_(o.to_list_) {
    std::memcpy(leftover_, o.leftover_, sizeof leftover_);
  }

  // Converts about `budget` items of *input, which is a root. When it is not Done, *input becomes
  // the rest, built in p's heap.
  Status run(Process& p, Term* input, u64* budget);
  BifResult finish(Process& p, Status status, Term rest);
  bool to_list() const { return to_list_; }

 private:
  // What became of one binary: `at` is how far it was taken.
  struct Part {
    Status status;
    u64 at;
  };
  Part binary(const Bits& bits, u64* budget);
  void put(u32 c) {
    size_ += utf8_encode(data_->bytes + size_, c);
    characters_++;
  }
  Term converted(Process& p);

  BinaryData* data_;
  u64 size_ = 0;
  u64 characters_ = 0;
  u32 left_ = 0;
  u8 leftover_[4] = {};
  bool latin1_;
  bool to_list_;
};

Conversion::Part Conversion::binary(const Bits& bits, u64* budget) {
  u64 size = bits.byte_size();
  // A part of the binary a turn; unaligned ones are copied only as far as they are read.
  u64 now = std::min(size, std::max<u64>(*budget, 64));
  u64 looked = std::min(size, now + 8);
  AlignedBytes aligned(Bits{bits.base, bits.bit_offset, looked * 8});
  const u8* p = aligned.data();
  *budget -= std::min(*budget, now);
  if (latin1_) {
    for (u64 i = 0; i < now; i++) put(p[i]);
    return {now < size ? Status::More : Status::Done, now};
  }
  u64 at = 0;
  if (left_ != 0) {
    u32 length = announced_length(leftover_[0]);
    u32 take = length - left_;
    if (size < take) {
      std::memcpy(leftover_ + left_, p, size);
      left_ += static_cast<u32>(size);
      return {Status::Done, size};
    }
    std::memcpy(leftover_ + left_, p, take);
    if (!is_whole_character(leftover_, length)) return {Status::Bad, 0};
    std::memcpy(data_->bytes + size_, leftover_, length);
    size_ += length;
    characters_++;
    left_ = 0;
    at = take;
    if (now < at) now = at;
  }
  Scan s = scan_utf8(p + at, looked - at, now - at);
  if (s.bytes != 0) std::memcpy(data_->bytes + size_, p + at, s.bytes);
  size_ += s.bytes;
  characters_ += s.characters;
  at += s.bytes;
  if (at == size) return {Status::Done, at};
  if (at >= now) return {Status::More, at};
  if (!s.cut) return {Status::Bad, at};
  if (looked < size) return {Status::More, at};
  left_ = static_cast<u32>(size - at);
  std::memcpy(leftover_, p + at, left_);
  return {Status::Done, size};
}

Status Conversion::run(Process& p, Term* input, u64* budget) {
  std::vector<Term> tails;
  Term t = *input;
  Status status = Status::Done;
  Term cut = Term::none();  // a binary of which a part is left, in front of `t` if `cut_in_list`
  u64 cut_at = 0;
  bool cut_in_list = false;
  auto take = [&](Term b, bool in_list) {
    Part part = binary(bits_of(b), budget);
    if (part.status == Status::Done) return true;
    status = part.status;
    cut = b;
    cut_at = part.at;
    cut_in_list = in_list;
    return false;
  };
  for (;;) {
    while (t.is_list()) {
      if (VM_UNLIKELY(*budget == 0)) {
        status = Status::More;
        goto stop;
      }
      Term head = t.head();
      if (VM_LIKELY(head.is_small())) {
        u64 c = static_cast<u64>(head.small_value());
        if (left_ != 0 || !is_unicode_scalar(c) || (latin1_ && c > 255)) {
          status = Status::Bad;
          goto stop;
        }
        put(static_cast<u32>(c));
        --*budget;
        t = t.tail();
      } else if (head.is_list()) {
        tails.push_back(t.tail());
        t = head;
      } else if (head.is_bitstring()) {
        t = t.tail();
        if (!take(head, true)) goto stop;
      } else if (head.is_nil()) {
        t = t.tail();
      } else {
        status = Status::Bad;
        goto stop;
      }
    }
    if (!t.is_nil() && !take(t, false)) goto stop;
    if (tails.empty()) {
      *input = Term::nil();
      return Status::Done;
    }
    t = tails.back();
    tails.pop_back();
  }
stop:
  bool has_cut = !cut.is_none();
  tails.push_back(cut_in_list ? t : Term::nil());
  tails.push_back(has_cut ? cut : t);
  VectorRoots roots(p, tails);
  Builder heap = p.reserve(kSubBinaryWords + tails.size() * kConsWords);
  Term rest = tails.back();
  tails.pop_back();
  if (has_cut) {
    BinaryBase b = binary_base(rest);
    u64 bits = bitstring_bit_size(rest) - cut_at * 8;
    rest = heap.sub_binary(b.base, b.bit_offset + cut_at * 8, bits);
  }
  Term after = tails.back();
  tails.pop_back();
  if (cut_in_list) rest = heap.cons(rest, after);
  while (!tails.empty()) {
    rest = heap.cons(rest, tails.back());
    tails.pop_back();
  }
  *input = rest;
  return status;
}

// What was converted, as the caller wants it.
Term Conversion::converted(Process& p) {
  if (!to_list_) {
    if (size_ <= kMaxHeapBinary) {
      return p.reserve(heap_binary_words(size_)).binary(data_->bytes, size_);
    }
    BinaryData* data = std::exchange(data_, nullptr);
    if (data->capacity > size_ + size_ / 8) data = binary_data_grow(data, size_);
    return p.reserve(kRefcBinaryWords).refc_binary(data, size_);
  }
  Builder heap = p.reserve(characters_ * kConsWords);
  p.bump_reductions(static_cast<i64>(characters_ / kItemsPerReduction));
  if (characters_ == 0) return Term::nil();
  Term* cell = heap.alloc(characters_ * kConsWords);
  Term list = Term::list(cell);
  const u8* b = data_->bytes;
  for (u64 i = 0; i < size_; cell += 2) {
    u32 c = b[i];
    if (c < 0x80) {
      i++;
    } else {
      i += bits_get_utf8(b + i, 0, (size_ - i) * 8, &c) / 8;
    }
    cell[0] = Term::small(c);
    cell[1] = Term::list(cell + 2);
  }
  cell[-1] = Term::nil();
  return list;
}

BifResult Conversion::finish(Process& p, Status status, Term rest) {
  LocalRoots<3> roots(p, rest);
  roots[1] = converted(p);
  if (status == Status::Done && left_ == 0) return roots[1];
  Builder heap = p.reserve(heap_binary_words(4) + 2 * kConsWords + tuple_words(3));
  Term tag = am::error;
  rest = roots[0];
  if (status == Status::Done) {
    if (may_become_character(leftover_, left_)) tag = am::incomplete;
    rest = heap.binary(leftover_, left_);
  } else if (left_ != 0) {
    rest = heap.cons(heap.binary(leftover_, left_), heap.cons(rest, Term::nil()));
  }
  return heap.tuple({tag, roots[1], rest});
}

void conversion_destroy(MagicData* d) { vm_delete(static_cast<Conversion*>(d)); }

Conversion* conversion_of(Term arg) {
  return static_cast<Conversion*>(tuple_element(arg, 0).object()[2].as_raw_pointer<MagicData>());
}
// In between turns the first argument is {Reference, Rest, Input}. No program can hold such a
// reference.
bool goes_on(Term arg) {
  return is_tuple_of(arg, 3) && tuple_element(arg, 0).is(BoxedTag::MagicRef) &&
         tuple_element(arg, 0).object()[2].as_raw_pointer<MagicData>()->destroy == conversion_destroy;
}

// On a dirty thread all there is.
u64 items_now(const Process& p) {
  if (on_dirty_thread(p)) return ~u64{0};
  return static_cast<u64>(std::max<i64>(p.reds, 20)) * kItemsPerReduction;
}

BifResult convert(Process& p, Term* args, Term subject, bool latin1, bool to_list) {
  bool again = goes_on(args[0]);
  u64 budget = items_now(p);
  u64 start = budget;
  LocalRoots<1> rest(p, again ? tuple_element(args[0], 1) : subject);
  if (again) {
    Status status = conversion_of(args[0])->run(p, &rest[0], &budget);
    p.bump_reductions(static_cast<i64>((start - budget) / kItemsPerReduction));
    if (status != Status::More) return conversion_of(args[0])->finish(p, status, rest[0]);
    Builder heap = p.reserve(tuple_words(3));
    return yield_again(
        p, {heap.tuple({tuple_element(args[0], 0), rest[0], tuple_element(args[0], 2)}), args[1]});
  }
  // The first look does not pause, nor does making a list of what was converted.
  constexpr u64 kLookedAtOnce = 50000;
  u64 bytes = subject.is_bitstring() ? bitstring_bit_size(subject) / 8 : 0;
  if (is_long_list(p, subject, kLookedAtOnce) || (to_list && is_long_walk(p, subject)) ||
      is_long_work(p, bytes, to_list ? kLookedAtOnce : kScannedAtOnce)) {
    return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  }
  Need need = look(subject, latin1);
  p.bump_reductions(static_cast<i64>(need.cost / (2 * kItemsPerReduction)));
  if (!need.ok) return raise_badarg(p);
  Conversion conversion(need.bytes, latin1, to_list);
  Status status = conversion.run(p, &rest[0], &budget);
  p.bump_reductions(static_cast<i64>((start - budget) / kItemsPerReduction));
  if (status != Status::More) return conversion.finish(p, status, rest[0]);
  auto* state = vm_new<Conversion>(std::move(conversion));
  state->numbers = make_magic_ref_numbers();
  state->destroy = conversion_destroy;
  Builder heap = p.reserve(kMagicRefWords + tuple_words(3));
  return yield_again(p, {heap.tuple({heap.magic_reference(state), rest[0], args[0]}), args[1]});
}

// False: an encoding that the library's own code converts.
bool encoding(Term t, bool* latin1) {
  *latin1 = t == am::latin1;
  return *latin1 || t == am::unicode || t == am::utf8;
}

// A binary that is its own result.
bool is_plain(Term t, bool latin1) {
  if (!is_binary(t)) return false;
  AlignedBytes b(t);
  if (latin1) return ascii_prefix(b.data(), b.size()) == b.size();
  return scan_utf8(b.data(), b.size(), b.size()).bytes == b.size();
}

Export* library(const char* function) {
  return export_get(am::unicode, atom_intern(function), 2);
}

}  // namespace

BifResult unicode_characters_to_binary_2(Process& p, Term* args) {
  bool latin1;
  if (!encoding(args[1], &latin1)) {
    static Export* other = library("characters_to_binary_int");
    return trap(p, other, {args[0], args[1]});
  }
  Term subject = args[0];
  if (subject.is_list() && subject.tail().is_nil() && subject.head().is_bitstring()) {
    subject = subject.head();
  }
  if (subject.is_bitstring() && is_long_work(p, bitstring_bit_size(subject) / 8, kScannedAtOnce)) {
    return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  }
  if (subject.is_bitstring() && is_plain(subject, latin1)) {
    p.bump_reductions(static_cast<i64>(bitstring_bit_size(subject) / 8 / 256));
    return subject;
  }
  return convert(p, args, subject, latin1, false);
}

BifResult unicode_characters_to_list_2(Process& p, Term* args) {
  bool latin1;
  if (!encoding(args[1], &latin1)) {
    static Export* other = library("characters_to_list_int");
    return trap(p, other, {args[0], args[1]});
  }
  return convert(p, args, args[0], latin1, true);
}

BifResult unicode_bin_is_7bit_1(Process& p, Term* args) {
  if (!is_binary(args[0])) return am::false_;
  if (is_long_work(p, bitstring_bit_size(args[0]) / 8, kScannedAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  p.bump_reductions(static_cast<i64>(bitstring_bit_size(args[0]) / 8 / 256));
  return am_bool(is_plain(args[0], true));
}

}  // namespace lintel
