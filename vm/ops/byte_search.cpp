#include "vm/ops/byte_search.h"

#include <cstring>

namespace lintel {

BytePatterns::BytePatterns(const std::vector<std::span<const u8>>& patterns) {
  for (auto pattern : patterns) {
    for (u8 b : pattern) {
      if (class_of_[b] == 0) class_of_[b] = static_cast<u16>(classes_++);
    }
  }
  // The trie; 0 stands for no edge, since none leads to the root.
  states_.push_back({});
  next_.resize(classes_);
  for (auto pattern : patterns) {
    u32 s = 0;
    for (u8 b : pattern) {
      u64 edge = u64{s} * classes_ + class_of_[b];
      if (next_[edge] == 0) {
        u32 fresh = static_cast<u32>(states_.size());
        State state;
        state.depth = states_[s].depth + 1;
        states_.push_back(state);
        next_.resize(next_.size() + classes_);
        next_[edge] = fresh;
      }
      s = next_[edge];
    }
    states_[s].final = true;
  }
  // Breadth first: a state's failure state is shallower, so it is complete before it is used.
  std::vector<u32> order;
  order.reserve(states_.size());
  for (u32 c = 0; c < classes_; c++) {
    if (next_[c] != 0) order.push_back(next_[c]);
  }
  for (u64 i = 0; i < order.size(); i++) {
    u32 s = order[i];
    State& state = states_[s];
    state.output = state.final ? s : states_[state.fail].output;
    for (u32 c = 0; c < classes_; c++) {
      u32& to = next_[u64{s} * classes_ + c];
      u32 through_fail = next_[u64{state.fail} * classes_ + c];
      if (to != 0) {
        states_[to].fail = through_fail;
        order.push_back(to);
      } else {
        to = through_fail;
      }
    }
  }
}

bool BytePatterns::advance_single(std::span<const u8> text, Scan& scan, u64 budget) const {
  u64 size = single_.size();
  // A match may begin before `stop`.
  u64 stop = budget < text.size() - scan.pos ? scan.pos + budget : text.size();
  u64 end = stop + size - 1 < text.size() ? stop + size - 1 : text.size();
  while (scan.pos < stop) {
    const u8* from = text.data() + scan.pos;
    auto* at = static_cast<const u8*>(memmem(from, end - scan.pos, single_.data(), size));
    if (at == nullptr) break;
    u64 pos = static_cast<u64>(at - text.data());
    scan.matches.push_back({pos, size});
    scan.pos = pos + size;
    if (!scan.all) return true;
  }
  if (scan.pos < stop) scan.pos = stop;
  return scan.pos >= text.size();
}

bool BytePatterns::advance(std::span<const u8> text, Scan& scan, u64 budget) const {
  if (is_single()) return advance_single(text, scan, budget);
  auto& matches = scan.matches;
  u64 stop = budget < text.size() - scan.pos ? scan.pos + budget : text.size();
  u32 s = scan.state;
  for (u64 i = scan.pos; i < stop;) {
    s = step(s, text[i++]);
    // What the automaton is in the middle of starts behind the match: nothing can replace it.
    if (!scan.all && !matches.empty() && i - states_[s].depth > matches[0].pos) return true;
    // A match that ends later but starts earlier, or is longer from the same start, throws out those
    // it covers, unless it would overlap with one that starts before it.
    for (u32 out = states_[s].output; out != 0; out = states_[states_[out].fail].output) {
      u64 size = states_[out].depth;
      u64 pos = i - size;
      u64 keep = matches.size();
      while (keep > 0 && (matches[keep - 1].pos > pos || (matches[keep - 1].pos == pos && matches[keep - 1].size < size))) {
        keep--;
      }
      if (keep == 0 || matches[keep - 1].pos + matches[keep - 1].size <= pos) {
        if (!scan.all && keep > 0) break;  // behind the first
        matches.resize(keep);
        matches.push_back({pos, size});
      }
    }
  }
  scan.state = s;
  scan.pos = stop;
  return stop == text.size();
}

}  // namespace lintel
