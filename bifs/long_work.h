// Work that cannot stop half-way and would take much longer than a turn goes to a dirty CPU thread:
// the schedulers stay free for others. A BIF asks before it begins,
//
//   if (is_long_work(p, bytes, kLimit)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
//
// and is called again with the same arguments on the other thread, where the answer is no.
#pragma once
#include "vm/heap/heap.h"
#include "vm/proc/process.h"
#include "vm/sched/dirty.h"
#include "vm/term/boxed.h"
#include "vm/term/work_stack.h"

namespace lintel {

inline bool is_long_work(const Process& p, u64 units, u64 limit) {
  return VM_UNLIKELY(units > limit) && p.sched != nullptr && !on_dirty_thread(p);
}

// Are there more than `limit` elements and cells in t? Looks at no more than that. Maps count, what is
// in them does not.
inline bool has_more_parts(Term t, u64 limit) {
  WorkStack<Term, 64> todo;
  u64 parts = 0;
  for (;;) {
    while (t.is_list()) {
      if (++parts > limit) return true;
      Term head = t.head();
      t = t.tail();
      if (head.is_list() || head.is_tuple()) {
        todo.push(t);
        t = head;
      }
    }
    if (t.is_tuple()) {
      u64 n = tuple_arity(t);
      if (n > limit || (parts += n) > limit) return true;
      for (u64 i = 0; i < n; i++) {
        Term e = tuple_element(t, i);
        if (e.is_list() || e.is_tuple()) todo.push(e);
      }
    }
    if (todo.empty()) return false;
    t = todo.pop();
  }
}

// A term whose walk takes longer than a turn. In a small heap there is none.
inline bool is_long_walk(const Process& p, Term t) {
  constexpr u64 kSmallHeap = 100000, kParts = 30000;
  if (!t.is_list() && !t.is_tuple()) return false;
  if (p.total_words() <= kSmallHeap || p.sched == nullptr || on_dirty_thread(p)) return false;
  return has_more_parts(t, kParts);
}

}  // namespace lintel
