// Option lists that several BIFs share.
#pragma once
#include "vm/proc/spawn.h"
#include "vm/term/node.h"

namespace lintel {

// [{alias, Mode}, {tag, Term}]. False when it is anything else.
bool parse_monitor_options(Term list, MonitorOptions* out);

// max_heap_size: a size in words or a map with size, kill, error_logger.
struct MaxHeapOption {
  u64 words;
  bool kill;
  bool log;
};
// Is p the one that the VM itself started in `module`? Some functions are only for it.
bool is_system_process_of(const Process& p, Term module);

bool parse_max_heap(Term value, MaxHeapOption* out);
// #{size, kill, error_logger} takes kMaxHeapMapWords (plus an integer).
inline constexpr u64 kMaxHeapMapWords = tuple_words(3) + 5 + kIntegerWords;
Term build_max_heap(Builder& b, u64 words, bool kill, bool log);

// Priority of an atom; false when it is none.
bool parse_priority(Term value, u8* out);
Term priority_atom(u8 priority);

// The heap size that `words` is rounded up to: stock's table, Fibonacci-like up to a million words,
// then by a fifth each.
u64 next_heap_size(u64 words);

// What the monitor option's reference term takes, and the term.
inline Term build_monitor_ref(Builder& b, const Process& p, RefNumbers ref, AliasMode alias) {
  return alias == AliasMode::None ? b.reference(ref) : build_alias_ref(b, ref, p.id);
}

}  // namespace lintel
