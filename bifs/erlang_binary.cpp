// erlang: binaries and bitstrings: sizes, parts, conversion from and to lists.
#include <algorithm>
#include <vector>

#include "vm/sched/long_work.h"
#include "vm/ops/binary_part.h"
#include "vm/ops/bytes.h"
#include "vm/ops/iolist.h"
#include "vm/proc/exception.h"
#include "vm/proc/unique.h"
#include "vm/term/big.h"

namespace lintel {

namespace {

// Bytes moved per reduction.
constexpr u64 kBytesPerReduction = 512;
constexpr u64 kCellsPerReduction = 64;
// More cells than this are built on a dirty thread.
constexpr u64 kCellsAtOnce = 50000;

Term small_size(u64 n) { return Term::small(static_cast<i64>(n)); }

}  // namespace

// ---- sizes ----

BifResult erlang_bit_size_1(Process& p, Term* args) {
  if (!args[0].is_bitstring()) return raise_badarg(p);
  return small_size(bitstring_bit_size(args[0]));
}

// Rounded up.
BifResult erlang_byte_size_1(Process& p, Term* args) {
  if (!args[0].is_bitstring()) return raise_badarg(p);
  return small_size((bitstring_bit_size(args[0]) + 7) / 8);
}

// Of a tuple, or of a bitstring, rounded down.
BifResult erlang_size_1(Process& p, Term* args) {
  if (args[0].is_tuple()) return small_size(tuple_arity(args[0]));
  if (!args[0].is_bitstring()) return raise_badarg(p);
  return small_size(bitstring_bit_size(args[0]) / 8);
}

// ---- parts ----

namespace {

// Start and length, both integers, length perhaps negative, within `size` bytes.
bool part_range(Term start, Term length, u64 size, u64* from, u64* count) {
  i64 s, n;
  if (!integer_to_i64(start, &s) || !integer_to_i64(length, &n) || s < 0) return false;
  u64 pos = static_cast<u64>(s);
  if (pos > size) return false;
  if (n < 0) {
    u64 back = u64{0} - static_cast<u64>(n);
    if (back > pos) return false;
    *from = pos - back;
    *count = back;
    return true;
  }
  *from = pos;
  *count = static_cast<u64>(n);
  return *count <= size - pos;
}

}  // namespace

// For erlang and binary alike. Bits behind the last whole byte are out of reach.
BifResult binary_part_of(Process& p, Term* binary, Term start, Term length) {
  u64 from, count;
  if (!start.is_integer() || !length.is_integer() || !binary->is_bitstring()) return raise_badarg(p);
  if (!part_range(start, length, bitstring_bit_size(*binary) / 8, &from, &count)) return raise_badarg(p);
  Builder heap = p.reserve(kBinaryPartWords);
  return binary_part(heap, *binary, from * 8, count * 8);
}

BifResult erlang_binary_part_3(Process& p, Term* args) { return binary_part_of(p, &args[0], args[1], args[2]); }

BifResult erlang_binary_part_2(Process& p, Term* args) {
  if (!is_tuple_of(args[1], 2)) return raise_badarg(p);
  return binary_part_of(p, &args[0], tuple_element(args[1], 0), tuple_element(args[1], 1));
}

BifResult erlang_split_binary_2(Process& p, Term* args) {
  u64 at;
  if (!args[0].is_bitstring() || !args[1].is_integer() || !integer_to_u64(args[1], &at)) return raise_badarg(p);
  if (at > bitstring_bit_size(args[0]) / 8) return raise_badarg(p);
  Builder heap = p.reserve(2 * kBinaryPartWords + tuple_words(2));
  Term left = binary_part(heap, args[0], 0, at * 8);
  Term right = binary_part(heap, args[0], at * 8, bitstring_bit_size(args[0]) - at * 8);
  return heap.tuple({left, right});
}

// ---- to lists ----

namespace {

// Bytes [from, from + count) of *binary as a list.
Term byte_list(Process& p, Term* binary, u64 from, u64 count, u64 extra_words, Builder* out) {
  p.bump_reductions(static_cast<i64>(count / kCellsPerReduction));
  *out = p.reserve(count * kConsWords + extra_words);
  Bits b = bits_of(*binary);
  if (count == 0) return Term::nil();
  Term* cell = out->alloc(count * kConsWords);
  Term list = Term::list(cell);
  const u8* s = b.base + from;
  for (u64 i = 0; i < count; i++, cell += 2) {
    u8 byte = b.bit_offset == 0
                  ? s[i]
                  : static_cast<u8>(s[i] << b.bit_offset | s[i + 1] >> (8 - b.bit_offset));
    cell[0] = Term::small(byte);
    cell[1] = Term::list(cell + 2);
  }
  cell[-1] = Term::nil();
  return list;
}

}  // namespace

BifResult erlang_binary_to_list_1(Process& p, Term* args) {
  if (!is_binary(args[0])) return raise_badarg(p);
  if (is_long_work(p, bitstring_bit_size(args[0]) / 8, kCellsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  Builder heap(nullptr, nullptr, nullptr);
  return byte_list(p, &args[0], 0, bitstring_bit_size(args[0]) / 8, 0, &heap);
}

// From byte `start` to byte `stop`, both counted from 1, both included.
BifResult erlang_binary_to_list_3(Process& p, Term* args) {
  u64 start, stop;
  if (!args[0].is_bitstring() || !args[1].is_integer() || !args[2].is_integer() ||
      !integer_to_u64(args[1], &start) || !integer_to_u64(args[2], &stop)) {
    return raise_badarg(p);
  }
  u64 size = bitstring_bit_size(args[0]) / 8;
  if (start < 1 || stop > size || stop < start) return raise_badarg(p);
  if (is_long_work(p, stop - start, kCellsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2]});
  Builder heap(nullptr, nullptr, nullptr);
  return byte_list(p, &args[0], start - 1, stop - start + 1, 0, &heap);
}

// Bytes, and the last bits as a bitstring of their own.
BifResult erlang_bitstring_to_list_1(Process& p, Term* args) {
  if (!args[0].is_bitstring()) return raise_badarg(p);
  u64 bits = bitstring_bit_size(args[0]);
  if (is_long_work(p, bits / 8, kCellsAtOnce)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  Builder heap(nullptr, nullptr, nullptr);
  if (bits % 8 == 0) return byte_list(p, &args[0], 0, bits / 8, 0, &heap);
  Term list = byte_list(p, &args[0], 0, bits / 8, kSubBinaryWords + kConsWords, &heap);
  BinaryBase b = binary_base(args[0]);
  Term last = heap.cons(heap.sub_binary(b.base, b.bit_offset + bits / 8 * 8, bits % 8), Term::nil());
  if (list.is_nil()) return last;
  // The bytes' cells lie one behind the other.
  list.cell()[2 * (bits / 8) - 1] = last;
  return list;
}

// ---- from lists ----

namespace {

struct GatherJob final : IoListJob {
  ByteSink sink;
  void take(const u8* bytes, u64 size) override { std::memcpy(sink.extend(size), bytes, size); }
  BifResult finish(Process& p) override {
    p.bump_reductions(static_cast<i64>(sink.size() / kBytesPerReduction));
    Builder heap = p.reserve(sink.words());
    return sink.binary(heap);
  }
  IoListJob* move_to_heap() override {
    auto* job = vm_new<GatherJob>();
    job->take(sink.bytes(), sink.size());
    return job;
  }
};

}  // namespace

// For binary:list_to_bin/1 too.
BifResult erlang_list_to_binary_1(Process& p, Term* args) {
  Term list = args[0];
  if (list.is_list() && list.tail().is_nil() && is_binary(list.head())) return list.head();
  GatherJob job;
  return iolist_job(p, args, job, kBytesPerReduction / 4);
}

BifResult erlang_iolist_to_binary_1(Process& p, Term* args) {
  if (is_binary(args[0])) return args[0];
  return erlang_list_to_binary_1(p, args);
}

namespace {

// {Reference, Rest, List} in place of the list.
struct SizeState : MagicData {
  u64 size = 0;
};
void size_state_destroy(MagicData* d) { vm_delete(static_cast<SizeState*>(d)); }

SizeState* size_state(Term arg) {
  if (!is_tuple_of(arg, 3) || !tuple_element(arg, 0).is(BoxedTag::MagicRef)) return nullptr;
  auto* data = tuple_element(arg, 0).object()[2].as_raw_pointer<MagicData>();
  return data->destroy == size_state_destroy ? static_cast<SizeState*>(data) : nullptr;
}

}  // namespace

BifResult erlang_iolist_size_1(Process& p, Term* args) {
  SizeState* state = size_state(args[0]);
  if (state == nullptr && !args[0].is_list() && !args[0].is_nil() && !args[0].is_bitstring()) return raise_badarg(p);
  u64 size = state == nullptr ? 0 : state->size;
  LocalRoots<1> rest(p, state == nullptr ? args[0] : tuple_element(args[0], 1));
  u64 budget = static_cast<u64>(std::max<i64>(p.reds, 50)) * kCellsPerReduction;
  switch (iolist_measure(p, &rest[0], budget, &size)) {
    case IoListSize::Done:
      p.bump_reductions(static_cast<i64>(std::min(size, budget) / kCellsPerReduction));
      return p.reserve(kIntegerWords).unsigned_integer(size);
    case IoListSize::Bad:
      if (state != nullptr) args[0] = tuple_element(args[0], 2);
      return raise_badarg(p);
    case IoListSize::TooBig:
      if (state != nullptr) args[0] = tuple_element(args[0], 2);
      return raise_system_limit(p);
    case IoListSize::More: break;
  }
  p.bump_reductions(std::max<i64>(p.reds, 1));
  Builder heap = p.reserve(kMagicRefWords + tuple_words(3));
  Term ref, list;
  if (state == nullptr) {
    state = vm_new<SizeState>();
    state->numbers = make_magic_ref_numbers();
    state->destroy = size_state_destroy;
    ref = heap.magic_reference(state);
    list = args[0];
  } else {
    ref = tuple_element(args[0], 0);
    list = tuple_element(args[0], 2);
  }
  state->size = size;
  return yield_again(p, {heap.tuple({ref, rest[0], list})});
}

namespace {

// Bits being gathered. The last byte's unused bits are zero.
struct BitSink {
  ByteSink bytes;
  u32 used = 0;  // bits used of the last byte, 0: all

  void add(const Bits& b) {
    if (used == 0) {
      bytes.bits(b);
    } else {
      // The old last byte takes the first bits; the rest follows shifted.
      u8 aligned[256];
      u64 left = b.bit_size;
      const u8* base = b.base;
      while (left != 0) {
        u64 n = std::min<u64>(left, sizeof aligned * 8);
        copy_bits_out(aligned, base, b.bit_offset, n);
        u64 now = used + n;  // bits from the start of the old last byte
        u64 first = bytes.size() - 1;
        bytes.extend((now + 7) / 8 - 1);
        u8* to = const_cast<u8*>(bytes.bytes()) + first;
        u8 carry = to[0];
        for (u64 i = 0; i < (n + 7) / 8; i++) {
          to[i] = static_cast<u8>(carry | aligned[i] >> used);
          carry = static_cast<u8>(aligned[i] << (8 - used));
          if (i + 1 < (now + 7) / 8) to[i + 1] = carry;
        }
        base += n / 8;
        left -= n;
        // A full buffer is whole bytes, so `used` stays the same until the last round.
        if (left == 0) {
          used = static_cast<u32>(now % 8);
          return;
        }
      }
      return;
    }
    used = static_cast<u32>(b.bit_size % 8);
  }
  void byte(u8 v) {
    if (used == 0) {
      bytes.byte(v);
    } else {
      add({&v, 0, 8});
    }
  }
};

bool bit_list(Term t, BitSink& sink) {
  std::vector<Term> tails;
  for (;;) {
    while (t.is_list()) {
      Term head = t.head();
      t = t.tail();
      if (head.is_small()) {
        if (static_cast<u64>(head.small_value()) > 255) return false;
        sink.byte(static_cast<u8>(head.small_value()));
      } else if (head.is_list()) {
        if (!t.is_nil()) tails.push_back(t);
        t = head;
      } else if (head.is_bitstring()) {
        sink.add(bits_of(head));
      } else if (!head.is_nil()) {
        return false;
      }
    }
    if (t.is_bitstring()) {
      sink.add(bits_of(t));
    } else if (!t.is_nil()) {
      return false;
    }
    if (tails.empty()) return true;
    t = tails.back();
    tails.pop_back();
  }
}

}  // namespace

BifResult erlang_list_to_bitstring_1(Process& p, Term* args) {
  Term list = args[0];
  if (!list.is_list() && !list.is_nil()) return raise_badarg(p);
  if (list.is_list() && list.tail().is_nil() && list.head().is_bitstring()) return list.head();
  if (is_long_walk(p, list)) return run_on_dirty(p, DirtyKind::Cpu, {list});
  BitSink sink;
  if (!bit_list(list, sink)) return raise_badarg(p);
  u64 bytes = sink.bytes.size();
  p.bump_reductions(static_cast<i64>(bytes / kBytesPerReduction));
  Builder heap = p.reserve(sink.bytes.words() + kSubBinaryWords);
  Term whole = sink.bytes.binary(heap);
  if (sink.used == 0) return whole;
  return heap.sub_binary(whole, 0, (bytes - 1) * 8 + sink.used);
}

// ---- vectors ----

namespace {

// Pieces of an I/O vector: large binaries as they are, what is small copied together. The limits and
// the way they are applied are the stock VM's, so that the pieces come out the same.
class IoVector {
 public:
  static constexpr u64 kSmall = 256;
  static constexpr u64 kMaxGather = kSmall * 32;

  ~IoVector() {
    for (Piece& piece : pieces_) {
      if (piece.data != nullptr) binary_data_release(piece.data);
    }
    if (gathered_ != nullptr) binary_data_release(gathered_);
  }

  bool add_list(Term list) {
    bool bytes_only = iolist_walk(
        list, [this](Term* t) { return bytes(t); }, [this](Term t) { return binary(t); });
    if (bytes_only && size_ != 0) flush();
    return bytes_only;
  }

  u64 words() const { return pieces_.size() * (kConsWords + kRefcBinaryWords + kSubBinaryWords); }

  Term build(Builder& heap) {
    Term list = Term::nil();
    for (u64 i = pieces_.size(); i-- > 0;) {
      Piece& piece = pieces_[i];
      u64 end = (piece.bit_offset + piece.bytes * 8 + 7) / 8;
      Term t = heap.refc_binary(std::exchange(piece.data, nullptr), end);
      if (piece.bit_offset != 0) t = heap.sub_binary(t, piece.bit_offset, piece.bytes * 8);
      list = heap.cons(t, list);
    }
    return list;
  }

 private:
  struct Piece {
    BinaryData* data;
    u64 bit_offset;
    u64 bytes;
  };

  void flush() {
    pieces_.push_back({binary_data_grow(gathered_, size_), 0, size_});
    gathered_ = nullptr;
    size_ = 0;
  }

  u8* extend(u64 n) {
    u64 capacity = gathered_ != nullptr ? gathered_->capacity : 0;
    if (gathered_ == nullptr) {
      gathered_ = binary_data_new(std::max(n, kSmall));
    } else if (size_ + n > capacity) {
      if (capacity >= kMaxGather) {
        flush();
        return extend(n);
      }
      gathered_ = binary_data_grow(gathered_, std::max(size_ + n, 2 * capacity));
    }
    size_ += n;
    return gathered_->bytes + size_ - n;
  }

  // A run of bytes at the head of *list.
  bool bytes(Term* list) {
    u64 n = 0;
    for (Term t = *list; t.is_list() && t.head().is_small(); t = t.tail()) n++;
    u8* to = extend(n);
    for (u64 i = 0; i < n; i++, *list = list->tail()) {
      i64 v = list->head().small_value();
      if (v < 0 || v > 255) return false;
      to[i] = static_cast<u8>(v);
    }
    return true;
  }

  bool binary(Term t) {
    Bits b = bits_of(t);
    if (!b.is_whole_bytes()) return false;
    u64 n = b.byte_size();
    if (n == 0) return true;
    if (n >= kSmall && (size_ == 0 || size_ >= kSmall)) {
      if (size_ != 0) flush();
      piece(t, 0, n);
    } else if (n < kSmall || size_ + n < 2 * kSmall) {
      copy_bits_out(extend(n), b.base, b.bit_offset, n * 8);
    } else {
      u64 spill = kSmall - size_;
      copy_bits_out(extend(spill), b.base, b.bit_offset, spill * 8);
      flush();
      piece(t, spill, n - spill);
    }
    return true;
  }

  // Bytes [from, from + n) of a binary that is too large for the heap.
  void piece(Term t, u64 from, u64 n) {
    BinaryBase b = binary_base(t);
    BinaryData* data = view<RefcBinary>(b.base)->data;
    binary_data_retain(data);
    pieces_.push_back({data, b.bit_offset + from * 8, n});
  }

  std::vector<Piece> pieces_;
  BinaryData* gathered_ = nullptr;
  u64 size_ = 0;
};

}  // namespace

BifResult erlang_iolist_to_iovec_1(Process& p, Term* args) {
  if (args[0].is_bitstring()) {
    u64 bits = bitstring_bit_size(args[0]);
    if (bits % 8 != 0) return raise_badarg(p);
    if (bits == 0) return Term::nil();
    Builder heap = p.reserve(kConsWords);
    return heap.cons(args[0], Term::nil());
  }
  if (is_long_walk(p, args[0])) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  IoVector vector;
  if ((!args[0].is_list() && !args[0].is_nil()) || !vector.add_list(args[0])) return raise_badarg(p);
  Builder heap = p.reserve(vector.words());
  return vector.build(heap);
}

}  // namespace lintel
