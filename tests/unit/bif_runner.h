// Calls built-in functions as the engines call them, with a collector that moves everything at random,
// and compares with what the stock VM answered (golden lines: module function [Args] {ok, Value} |
// {Class, Reason}, terms in hex of the external format).
#pragma once
#include "tests/unit/term_reader.h"
#include "vm/code/bif_table.h"
#include "vm/heap/copy.h"
#include "vm/heap/debug.h"
#include "vm/heap/literals.h"
#include "vm/proc/dictionary.h"
#include "vm/proc/process.h"
#include "vm/term/node.h"
#include "vm/term/print.h"

namespace lintel {

inline BifFn find_bif(const std::string& module, const std::string& function, u64 arity) {
  for (u32 i = 0; i < bif_count; i++) {
    const BifEntry& b = bif_table[i];
    if (b.module == module && b.function == function && b.arity == arity) return b.fn;
  }
  return nullptr;
}

// A process that calls; one in a program.
inline Process& bif_process() {
  static Process* process = nullptr;
  if (process != nullptr) return *process;
  atoms_init(1048576);
  nodes_init();
  literals_init();
  heap_debug.verify = true;
  heap_debug.zeal_per_million = 300000;
  static RegisterFile registers;
  Process& p = *(process = vm_new<Process>());
  p.visit_owner_roots = [](Heap& h, RootVisitor& v) {
    auto& p = static_cast<Process&>(h);
    v.visit(&p.exc_reason, 1);
    dictionary_visit_roots(p, v);
  };
  p.init(kDefaultMinHeap);
  p.x = registers.x;
  return p;
}

// Calls fn with what is in p.x[0..p.live), giving it `reds` reductions a turn.
inline BifResult bif_run(Process& p, BifFn fn, i64 reds, int* turns = nullptr) {
  for (int n = 1;; n++) {
    p.reds = reds;
    BifResult result = fn(p, p.x);
    if (turns != nullptr) *turns = n;
    if (!result.value.is_none() || p.outcome != BifOutcome::Yield) return result;
  }
}

// Every second call gets turns of `short_turn` reductions.
inline void bif_run_golden(const char* file, int at_least, i64 short_turn = 10) {
  Process& p = bif_process();
  int calls = 0;
  for (const std::string& line : golden_lines(file)) {
    std::istringstream in(line);
    std::string module, function, args_hex, want_hex;
    in >> module >> function >> args_hex >> want_hex;
    TermReader reader(1 << 16);
    Term args = reader.from_hex(args_hex);
    u32 arity = 0;
    p.live = 0;
    for (Term l = args; l.is_list(); l = l.tail()) {
      Builder b = p.reserve(copy_size(l.head()));
      p.x[arity++] = copy_term(l.head(), b);
      p.live = arity;
    }
    BifFn fn = find_bif(module, function, arity);
    ASSERT_NE(fn, nullptr) << module << ":" << function << "/" << arity;
    BifResult result = bif_run(p, fn, calls % 2 == 0 ? kReductions : short_turn);
    Term want = reader.from_hex(want_hex);
    Term want_class = tuple_element(want, 0);
    Term want_value = tuple_element(want, 1);
    SCOPED_TRACE(module + ":" + function + " " + term_text(args, 2000));
    Term got = result.value.is_none() ? p.exc_reason : result.value;
    EXPECT_EQ(atom_name(want_class), result.value.is_none() ? "error" : "ok");
    EXPECT_TRUE(exact_equal(got, want_value)) << "got " << term_text(got) << "\nwant " << term_text(want_value);
    calls++;
  }
  EXPECT_GE(calls, at_least);
}

}  // namespace lintel
