// Writing external terms, byte for byte as the stock VM writes them. One pass into a buffer that
// grows, with an explicit stack; nothing on the heap is touched.
//
// An encoder may be run in steps. Between steps the heap may move: the caller saves the terms that
// the encoder still needs where the collector sees them, and loads them again.
#pragma once
#include <cstring>
#include <vector>

#include "vm/etf/format.h"
#include "vm/term/boxed.h"
#include "vm/term/work_stack.h"

namespace lintel {

struct EtfEncodeOptions {
  bool new_floats = true;      // minor_version 1 and up; else 31 characters
  bool utf8_atoms = false;     // minor_version 2
  bool deterministic = false;  // large maps in key order
  // Large reference-counted binaries are not copied but named in segments().
  bool segments = false;
  // For distribution: index of an atom in the message's cache table, or -1.
  int (*atom_cache)(void* context, Term atom) = nullptr;
  void* atom_cache_context = nullptr;
};

// A binary that belongs behind the first `at` bytes of the buffer. Holds a reference to the data.
struct EtfSegment {
  u64 at;
  BinaryData* data;
  u64 offset;
  u64 size;
};

class EtfEncoder {
 public:
  EtfEncoder(Term term, const EtfEncodeOptions& options = {});
  ~EtfEncoder();
  EtfEncoder(EtfEncoder&& other);
  EtfEncoder(const EtfEncoder&) = delete;
  EtfEncoder& operator=(const EtfEncoder&) = delete;

  enum class Status { More, Done, TooBig };  // TooBig: a binary above 4 GB: system_limit
  Status step(i64& budget);
  // Terms that further steps will look at.
  u64 term_count() const;
  void save_terms(Term* to) const;
  void load_terms(const Term* from);
  // Writes one byte in front of everything: the version, before the first step.
  void put_version() {
    room(1);
    put8(kEtfVersion);
  }

  const u8* bytes() const { return bytes_; }
  u64 size() const { return static_cast<u64>(p_ - bytes_); }
  // The buffer as binary data of exactly size() bytes; the caller's reference from now on.
  BinaryData* take_buffer();
  std::vector<EtfSegment>& segments() { return segments_; }

 private:
  enum class Kind : u8 { Terms, List, Pairs, Hamt, Sorted, FunSize };
  // What is left of a container: words [index, index + left) of the object or cell at `term`.
  struct Frame {
    Kind kind;
    Term term;  // List: what follows. Sorted, FunSize: unused
    u64 index;  // Pairs: of the next key. Hamt: past the next child. Sorted: which array
    u64 left;   // List: cells so far. FunSize: bytes of segments in front
    u64 at;     // List: where the count goes. FunSize: where the size goes
  };

  void grow(u64 need);
  void room(u64 n) {
    if (VM_UNLIKELY(static_cast<u64>(end_ - p_) < n)) grow(n);
  }
  // Room was made for these: kFixedRoom at the start of each term is enough for all that has a fixed
  // size in it, what varies asks for more.
  static constexpr u64 kFixedRoom = 64;
  void put8(u8 v) { *p_++ = v; }
  void put16(u16 v) {
    v = __builtin_bswap16(v);
    std::memcpy(p_, &v, 2);
    p_ += 2;
  }
  void put32(u32 v) {
    v = __builtin_bswap32(v);
    std::memcpy(p_, &v, 4);
    p_ += 4;
  }
  void put64(u64 v) {
    v = __builtin_bswap64(v);
    std::memcpy(p_, &v, 8);
    p_ += 8;
  }
  void tag(EtfTag t) { put8(static_cast<u8>(t)); }
  void put_immediate(Term t);
  void put_term(Term t, i64& budget);
  void put_atom(Term t);
  void put_integer(i64 v);
  void put_pid(Term t);
  void put_port(Term t);
  void put_binary(Term t, i64& budget);
  void put_fun(Term t);
  void put_map(Term t, i64& budget);
  void push_hamt(Term node);
  void put_list(Term t, i64& budget);
  void push(Kind kind, Term term, u64 index, u64 left, u64 at = 0) {
    frames_.push({kind, term, index, left, at});
  }

  EtfEncodeOptions options_;
  Term start_;  // before the first step
  u8 fixed_[256];  // most terms are small
  BinaryData* buffer_ = nullptr;
  u8* bytes_ = fixed_;
  u8* p_ = fixed_;
  u8* end_ = fixed_ + sizeof fixed_;
  bool too_big_ = false;
  u64 segment_bytes_ = 0;
  WorkStack<Frame, 8> frames_;
  std::vector<std::vector<Term>> sorted_;
  std::vector<EtfSegment> segments_;
};

// Bytes that encoding takes, version byte excluded. As erlang:external_size/2 counts: exact but for
// local funs, where it is an upper bound. kTooBig when a binary is beyond the format.
inline constexpr u64 kEtfTooBig = ~u64{0};
u64 etf_encoded_size(Term term, const EtfEncodeOptions& options = {});

// Deflated at `level` (-1: zlib's default, 1..9), in a new buffer with version byte, tag and size in
// front; null when that would not be smaller. `bytes` is without version byte.
BinaryData* etf_compress(const u8* bytes, u64 size, int level, u64* out_size);

}  // namespace lintel
