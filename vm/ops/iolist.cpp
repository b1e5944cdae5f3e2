#include "vm/ops/iolist.h"

#include <algorithm>
#include <vector>

#include "vm/heap/roots.h"
#include "vm/ops/binary_part.h"
#include "vm/proc/exception.h"
#include "vm/proc/unique.h"

namespace lintel {

void ByteSink::grow(u64 need) {
  u64 capacity = std::max(capacity_ * 2, size_ + need);
  if (data_ == nullptr) {
    data_ = binary_data_new(capacity);
    std::memcpy(data_->bytes, fixed_, size_);
  } else {
    data_ = binary_data_grow(data_, capacity);
  }
  start_ = data_->bytes;
  capacity_ = capacity;
}

Term ByteSink::binary(Builder& heap) {
  Term t;
  if (size_ <= kMaxHeapBinary) {
    t = heap.binary(start_, size_);
  } else if (data_ == nullptr) {
    t = heap.binary(fixed_, size_);
  } else {
    t = heap.refc_binary(binary_data_grow(data_, size_), size_);
    data_ = nullptr;
    start_ = fixed_;
    capacity_ = sizeof fixed_;
  }
  size_ = 0;
  return t;
}

bool iolist_append(Term list, ByteSink& sink) {
  return iolist_walk(
      list,
      [&](Term* t) {
        do {
          u64 b = static_cast<u64>(t->head().small_value());
          if (b > 255) return false;
          sink.byte(static_cast<u8>(b));
          *t = t->tail();
        } while (t->is_list() && t->head().is_small());
        return true;
      },
      [&](Term t) {
        Bits b = bits_of(t);
        if (!b.is_whole_bytes()) return false;
        sink.bits(b);
        return true;
      });
}

IoListStatus iolist_consume(Process& p, Term* list, u64 budget, IoListConsumer& consumer) {
  std::vector<Term> tails;
  Term t = *list;
  u8 gathered[512];
  u64 n = 0;
  auto flush = [&] {
    if (n != 0) consumer.take(gathered, n);
    n = 0;
  };
  // What is left is `t` and then the tails, last first; in front of it perhaps the end of a binary.
  Term cut = Term::none();
  u64 cut_at = 0;
  u64 left = budget;
  auto spend = [&](u64 cost) { left -= std::min(left, cost); };
  auto binary = [&](Term b) {
    Bits bits = bits_of(b);
    if (!bits.is_whole_bytes()) return false;
    u64 size = bits.byte_size();
    u64 now = std::min(size, std::max<u64>(left, 4096));
    flush();
    if (bits.bit_offset == 0) {
      if (now != 0) consumer.take(bits.base, now);
    } else {
      for (u64 i = 0; i < now;) {
        u64 piece = std::min<u64>(now - i, sizeof gathered);
        copy_bits_out(gathered, bits.base + i, bits.bit_offset, piece * 8);
        consumer.take(gathered, piece);
        i += piece;
      }
    }
    spend(now + 1);
    if (now < size) {
      cut = b;
      cut_at = now;
    }
    return true;
  };
  for (;;) {
    while (t.is_list() && left != 0) {
      Term head = t.head();
      t = t.tail();
      spend(1);
      if (head.is_small()) {
        if (static_cast<u64>(head.small_value()) > 255) return IoListStatus::Bad;
        if (n == sizeof gathered) flush();
        gathered[n++] = static_cast<u8>(head.small_value());
      } else if (head.is_list()) {
        if (!t.is_nil()) tails.push_back(t);
        t = head;
      } else if (head.is_bitstring()) {
        if (!binary(head)) return IoListStatus::Bad;
      } else if (!head.is_nil()) {
        return IoListStatus::Bad;
      }
    }
    if (t.is_list() || !cut.is_none()) break;
    if (t.is_bitstring()) {
      if (!binary(t)) return IoListStatus::Bad;
      t = Term::nil();
      if (!cut.is_none()) break;
    } else if (!t.is_nil()) {
      return IoListStatus::Bad;
    }
    if (tails.empty()) {
      flush();
      return IoListStatus::Done;
    }
    t = tails.back();
    tails.pop_back();
  }
  flush();
  tails.push_back(t);
  bool has_cut = !cut.is_none();
  if (has_cut) tails.push_back(cut);
  VectorRoots roots(p, tails);
  Builder heap = p.reserve(tails.size() * kConsWords + (has_cut ? kBinaryPartWords : 0));
  Term rest = Term::nil();
  for (u64 i = 0; i < tails.size(); i++) {
    Term item = tails[i];
    if (has_cut && i + 1 == tails.size()) {
      item = binary_part(heap, item, cut_at * 8, bitstring_bit_size(item) - cut_at * 8);
    }
    rest = heap.cons(item, rest);
  }
  *list = rest;
  return IoListStatus::More;
}

namespace {

// Lists up to this many bytes are taken at once.
constexpr u64 kAtOnce = 64 * 1024;

void iolist_job_destroy(MagicData* d) { vm_delete(static_cast<IoListJob*>(d)); }

IoListJob* job_of(Term arg) {
  return static_cast<IoListJob*>(tuple_element(arg, 0).object()[2].as_raw_pointer<MagicData>());
}

}  // namespace

bool iolist_job_goes_on(Term arg) {
  return is_tuple_of(arg, 3) && tuple_element(arg, 0).is(BoxedTag::MagicRef) &&
         tuple_element(arg, 0).object()[2].as_raw_pointer<MagicData>()->destroy == iolist_job_destroy;
}

BifResult iolist_job(Process& p, Term* args, IoListJob& first, u64 bytes_per_reduction) {
  if (!iolist_job_goes_on(args[0])) {
    if (!args[0].is_list() && !args[0].is_nil()) return raise_badarg(p);
    LocalRoots<1> rest(p, args[0]);
    switch (iolist_consume(p, &rest[0], kAtOnce, first)) {
      case IoListStatus::Done: return first.finish(p);
      case IoListStatus::Bad: return raise_badarg(p);
      case IoListStatus::More: break;
    }
    p.bump_reductions(static_cast<i64>(kAtOnce / bytes_per_reduction));
    IoListJob* job = first.move_to_heap();
    job->numbers = make_magic_ref_numbers();
    job->destroy = iolist_job_destroy;
    Builder heap = p.reserve(kMagicRefWords + tuple_words(3));
    args[0] = heap.tuple({heap.magic_reference(job), rest[0], args[0]});
  }
  u64 budget = static_cast<u64>(std::max<i64>(p.reds, 50)) * bytes_per_reduction;
  LocalRoots<1> rest(p, tuple_element(args[0], 1));
  switch (iolist_consume(p, &rest[0], budget, *job_of(args[0]))) {
    case IoListStatus::Done: return job_of(args[0])->finish(p);
    case IoListStatus::Bad: args[0] = tuple_element(args[0], 2); return raise_badarg(p);
    case IoListStatus::More: break;
  }
  p.bump_reductions(std::max<i64>(p.reds, 1));
  Builder heap = p.reserve(tuple_words(3));
  return yield_again(p, {heap.tuple({tuple_element(args[0], 0), rest[0], tuple_element(args[0], 2)})});
}

IoListSize iolist_measure(Process& p, Term* list, u64 budget, u64* size) {
  std::vector<Term> tails;
  Term t = *list;
  auto add = [&](Term binary) {
    u64 bits = bitstring_bit_size(binary);
    if (bits % 8 != 0) return IoListSize::Bad;
    return __builtin_add_overflow(*size, bits / 8, size) ? IoListSize::TooBig : IoListSize::Done;
  };
  for (; budget != 0; budget--) {
    if (t.is_list()) {
      Term head = t.head();
      t = t.tail();
      if (head.is_small()) {
        if (static_cast<u64>(head.small_value()) > 255) return IoListSize::Bad;
        ++*size;
      } else if (head.is_list()) {
        if (!t.is_nil()) tails.push_back(t);
        t = head;
      } else if (head.is_bitstring()) {
        if (auto status = add(head); status != IoListSize::Done) return status;
      } else if (!head.is_nil()) {
        return IoListSize::Bad;
      }
      continue;
    }
    if (t.is_bitstring()) {
      if (auto status = add(t); status != IoListSize::Done) return status;
    } else if (!t.is_nil()) {
      return IoListSize::Bad;
    }
    if (tails.empty()) return IoListSize::Done;
    t = tails.back();
    tails.pop_back();
  }
  tails.push_back(t);
  VectorRoots roots(p, tails);
  Builder heap = p.reserve(tails.size() * kConsWords);
  Term rest = Term::nil();
  for (Term tail : tails) rest = heap.cons(tail, rest);
  *list = rest;
  return IoListSize::More;
}

}  // namespace lintel
