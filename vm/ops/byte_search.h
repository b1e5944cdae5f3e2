// Finding byte patterns in bytes: one pattern, or several at once by an Aho-Corasick automaton.
//
// Of the occurrences, the leftmost counts, and of those that start there the longest. Occurrences
// found one after the other do not overlap.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "vm/base/types.h"

namespace lintel {

struct ByteMatch {
  u64 pos;
  u64 size;
};

class BytePatterns {
 public:
  // One pattern, not empty. The bytes are copied.
  explicit BytePatterns(std::span<const u8> pattern) : single_(pattern.begin(), pattern.end()) {}
  // Several, none empty.
  explicit BytePatterns(const std::vector<std::span<const u8>>& patterns);

  bool is_single() const { return !single_.empty(); }

  // A search and how far it has got. Positions are from the start of the text.
  struct Scan {
    bool all = false;  // else the first match only
    std::vector<ByteMatch> matches;
    u64 pos = 0;
    u32 state = 0;
  };
  // Goes on through the next `budget` bytes or so of the text, the same at every call. True when done.
  bool advance(std::span<const u8> text, Scan& scan, u64 budget) const;

 private:
  bool advance_single(std::span<const u8> text, Scan& scan, u64 budget) const;

  // State 0 is the root. Bytes that stand in no pattern are class 0 and lead to the root.
  struct State {
    u32 depth = 0;
    u32 fail = 0;
    u32 output = 0;  // nearest state on the failure path, itself included, that ends a pattern; 0: none
    bool final = false;
  };
  u32 step(u32 state, u8 byte) const { return next_[state * classes_ + class_of_[byte]]; }

  std::vector<u8> single_;
  u16 class_of_[256] = {};
  u32 classes_ = 1;
  std::vector<State> states_;
  std::vector<u32> next_;
};

}  // namespace lintel
