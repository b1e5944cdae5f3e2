// I/O lists: [] and cells of bytes, binaries and I/O lists, with a binary or [] as the tail.
#pragma once
#include <vector>

#include "vm/base/alloc.h"
#include "vm/base/bits.h"
#include "vm/code/bif_table.h"
#include "vm/heap/builder.h"

namespace lintel {

struct Process;

// Bytes being gathered, which may become a binary without another copy.
class ByteSink {
 public:
  ByteSink() = default;
  ~ByteSink() {
    if (data_ != nullptr) binary_data_release(data_);
  }
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;

  const u8* bytes() const { return start_; }
  u64 size() const { return size_; }
  void byte(u8 b) {
    if (VM_UNLIKELY(size_ == capacity_)) grow(1);
    start_[size_++] = b;
  }
  // Room for n more at the returned address.
  u8* extend(u64 n) {
    if (VM_UNLIKELY(capacity_ - size_ < n)) grow(n);
    u8* p = start_ + size_;
    size_ += n;
    return p;
  }
  void bits(const Bits& b) { copy_bits_out(extend((b.bit_size + 7) / 8), b.base, b.bit_offset, b.bit_size); }
  // Words that binary() takes.
  u64 words() const { return binary_words(size_); }
  // The bytes as a binary. The sink is empty afterwards.
  Term binary(Builder& heap);

 private:
  void grow(u64 need);

  u8 fixed_[256];
  BinaryData* data_ = nullptr;
  u8* start_ = fixed_;
  u64 size_ = 0;
  u64 capacity_ = sizeof fixed_;
};

// Goes through an I/O list in order: run(Term* t) at a list that begins with integers, of which it takes
// one or more off *t; binary(Term) at a bitstring. Either returns false when it finds no bytes there.
// False when that happened or the list is none. Stacks only the tails behind nested lists.
template <typename Run, typename Binary>
[[nodiscard]] bool iolist_walk(Term t, Run run, Binary binary) {
  std::vector<Term> tails;
  for (;;) {
    while (t.is_list()) {
      Term head = t.head();
      if (head.is_small()) {
        if (!run(&t)) return false;
        continue;
      }
      t = t.tail();
      if (head.is_list()) {
        if (!t.is_nil()) tails.push_back(t);
        t = head;
      } else if (head.is_bitstring()) {
        if (!binary(head)) return false;
      } else if (!head.is_nil()) {
        return false;
      }
    }
    if (t.is_bitstring()) {
      if (!binary(t)) return false;
    } else if (!t.is_nil()) {
      return false;
    }
    if (tails.empty()) return true;
    t = tails.back();
    tails.pop_back();
  }
}

// Appends the bytes of an I/O list. False when it is none; then the sink holds some of it.
[[nodiscard]] bool iolist_append(Term list, ByteSink& sink);
// Takes the bytes of an I/O list in pieces, the first `budget` or so. *list must be a root; it becomes
// the I/O list of what is left, built in p's heap, when that is not all.
class IoListConsumer {
 public:
  virtual void take(const u8* bytes, u64 size) = 0;
};
enum class IoListStatus { Done, More, Bad };
IoListStatus iolist_consume(Process& p, Term* list, u64 budget, IoListConsumer& consumer);

// What a BIF of one I/O list does with its bytes, in as many turns as it takes. In between, the BIF is
// called again with {Reference, Rest, List} in place of the list; no program can get hold of such a
// reference.
class IoListJob : public MagicData, public IoListConsumer {
 public:
  virtual ~IoListJob() = default;
  virtual BifResult finish(Process& p) = 0;
  // The same state in a new object of vm_new's; this one is not used any more.
  virtual IoListJob* move_to_heap() = 0;
};
// `first` is a fresh job, used unless args[0] is one that goes on. Raises badarg for what is no list.
BifResult iolist_job(Process& p, Term* args, IoListJob& first, u64 bytes_per_reduction);
bool iolist_job_goes_on(Term arg);

// Adds the bytes to *size, looking at up to `budget` cells or so; *list as for iolist_consume().
// TooBig: above 2^64.
enum class IoListSize { Done, More, Bad, TooBig };
IoListSize iolist_measure(Process& p, Term* list, u64 budget, u64* size);

}  // namespace lintel
