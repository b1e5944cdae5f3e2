// Reading external terms: two passes with explicit stacks, so that hostile bytes can neither overrun
// a stack nor make us allocate more than a small multiple of their own length.
//
//   1. EtfSizer checks the structure and lengths and counts heap words. It makes nothing: no atom,
//      no node. A count is refused at once when the rest of the bytes is too short for it.
//   2. EtfDecoder builds in room of that many words. It can still fail (safe mode, duplicate map
//      keys, identifiers out of range); what it built by then is garbage in the builder's heap.
//
// The size of a map above 32 keys is known only when its keys are: such maps go to fragments that
// the decoder makes and the caller attaches to the heap it builds in (or frees).
//
// Both may be run in steps, for callers that must yield in between; between steps of a decoder
// nothing may move its heap, so such callers build in a Fragment.
#pragma once
#include <memory>
#include <span>

#include "vm/etf/format.h"
#include "vm/heap/fragment.h"
#include "vm/heap/heap.h"
#include "vm/term/work_stack.h"

namespace lintel {

struct EtfDecodeOptions {
  bool safe = false;  // refuse what would make a new atom or name an unknown function
  // Atoms that AtomCacheRef names, for distribution.
  std::span<const Term> atom_cache = {};
};

struct DecodedSize {
  u64 words;  // of heap, at most
  u64 bytes;  // of input that the term takes
  bool large_maps;  // some parts will be in fragments of the decoder's
};

class EtfSizer {
 public:
  EtfSizer(std::span<const u8> bytes, const EtfDecodeOptions& options = {})
      : start_(bytes.data()), p_(start_), end_(start_ + bytes.size()), options_(options) {}

  enum class Status { More, Done, Failed };
  // Looks at up to `budget` terms, counting it down.
  Status step(i64& budget);
  DecodedSize size() const { return {words_, static_cast<u64>(p_ - start_), large_maps_}; }
  EtfError error() const { return error_; }

 private:
  Status fail(EtfFault fault);
  bool atom(EtfFault* fault);
  bool small_int(EtfFault* fault);

  const u8* start_;
  const u8* p_;
  const u8* end_;
  EtfDecodeOptions options_;
  u64 words_ = 0;
  bool large_maps_ = false;
  u64 pending_ = 1;  // terms still to come; each takes a byte at least
  EtfError error_{};
};

class EtfDecoder {
 public:
  // `bytes` passed an EtfSizer with the same options.
  EtfDecoder(std::span<const u8> bytes, const EtfDecodeOptions& options = {})
      : start_(bytes.data()), p_(start_), options_(options) {}
  ~EtfDecoder();
  EtfDecoder(const EtfDecoder&) = delete;
  EtfDecoder& operator=(const EtfDecoder&) = delete;

  using Status = EtfSizer::Status;
  // Builds up to about `budget` terms.
  Status step(Builder& heap, i64& budget);
  Term term() const { return result_; }
  // Fragments that parts of the term are in; the caller's from now on. Null for most terms.
  Fragment* take_fragments();
  EtfError error() const { return error_; }

 private:
  // A container being filled. Elements go to next[0], next[stride], ...; a map's go to pairs_, which
  // starts at `base`.
  enum class Kind : u8 { Tuple, List, Fun, Map };
  struct Frame {
    Kind kind;
    u32 stride;
    u64 remaining;
    Term* next;
    union {
      Term term;   // the container, when it is already known
      u64 base;    // Map: index of its first key in pairs_
    };
  };

  Status fail(EtfFault fault);
  u64 count(bool small);
  bool element(Builder& heap, Term* value, bool* opened);
  bool atom(Term* out);
  bool small_int(i64* out);
  bool pid(Builder& heap, u8 tag, Term* out);
  bool port(Builder& heap, u8 tag, Term* out);
  bool reference(Builder& heap, u8 tag, Term* out);
  bool fun(Builder& heap, Term* out, bool* opened);
  Term map(Builder& heap, const Term* pairs, u64 count);
  void push(const Frame& f) { frames_.push(f); }

  const u8* start_;
  const u8* p_;
  EtfDecodeOptions options_;
  WorkStack<Frame, 8> frames_;
  WorkStack<Term, 16> pairs_;
  Fragment* fragments_ = nullptr;
  Term result_ = Term::none();
  EtfError error_{};
};

// Whole passes. `bytes` starts at a term's tag; what follows the term is left alone.
Result<DecodedSize, EtfError> etf_decoded_size(std::span<const u8> bytes, const EtfDecodeOptions& options = {});
// The second pass. *fragments gets what take_fragments() gives. After a failure nothing is left
// behind in `heap`.
Result<Term, EtfError> etf_decode(std::span<const u8> bytes, Builder& heap, Fragment** fragments,
                                  const EtfDecodeOptions& options = {});
// Both passes, building in a process's heap. May collect.
Result<Term, EtfError> etf_decode(std::span<const u8> bytes, Heap& heap, const EtfDecodeOptions& options = {});
// Both passes, building in new fragments.
struct DecodedFragments {
  Term term;
  Fragment* fragments;
};
Result<DecodedFragments, EtfError> etf_decode(std::span<const u8> bytes, const EtfDecodeOptions& options = {});

// The bytes of the term in a binary that starts with the version byte: the rest of it, or what it
// holds compressed.
struct EtfPayload {
  std::span<const u8> bytes;
  u64 header_bytes;      // in front of the payload (uncompressed) ...
  u64 compressed_bytes;  // ... or all that a compressed term takes; 0 if not compressed
  struct Freer {
    void operator()(u8* p) const;
  };
  std::unique_ptr<u8, Freer> owned;
  // Bytes of the binary that were used, once the term's own size is known.
  u64 used(u64 term_bytes) const { return compressed_bytes != 0 ? compressed_bytes : header_bytes + term_bytes; }
};
Result<EtfPayload, EtfError> etf_open(std::span<const u8> binary);

}  // namespace lintel
