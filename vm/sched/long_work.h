// Work that cannot stop half-way and would take much longer than a turn goes to a dirty CPU thread:
// the schedulers stay free for others. A BIF asks before it begins,
//
//   if (is_long_work(p, bytes, kLimit)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
//
// and is called again with the same arguments on the other thread, where the answer is no.
#pragma once
#include "vm/heap/heap.h"
#include "vm/heap/literals.h"
#include "vm/proc/process.h"
#include "vm/sched/dirty.h"
#include "vm/term/boxed.h"
#include "vm/term/map.h"
#include "vm/term/work_stack.h"

namespace lintel {

inline bool is_long_work(const Process& p, u64 units, u64 limit) {
  return VM_UNLIKELY(units > limit) && p.sched != nullptr && !on_dirty_thread(p);
}

// Are there more than `limit` parts in t: elements, cells, pairs of maps, runs of 64 bytes of binaries?
// Looks at no more than that. What is in a map is not looked at.
inline bool has_more_parts(Term t, u64 limit) {
  constexpr u64 kBitsAPart = 512;
  WorkStack<Term, 64> todo;
  u64 parts = 0;
  for (;;) {
    while (t.is_list()) {
      if (++parts > limit) return true;
      Term head = t.head();
      t = t.tail();
      if (head.is_pointer()) {
        todo.push(t);
        t = head;
      }
    }
    if (t.is_tuple()) {
      u64 n = tuple_arity(t);
      if (n > limit || (parts += n) > limit) return true;
      for (u64 i = 0; i < n; i++) {
        Term e = tuple_element(t, i);
        if (e.is_pointer()) todo.push(e);
      }
    } else if (t.is(BoxedTag::Fun)) {
      for (u64 i = 0; i < fun_num_free(t); i++) {
        if (view<Fun>(t)->free[i].is_pointer()) todo.push(view<Fun>(t)->free[i]);
      }
    } else if (t.is_bitstring()) {
      if ((parts += bitstring_bit_size(t) / kBitsAPart) > limit) return true;
    } else if (t.is_map()) {
      if ((parts += 2 * map_size(t)) > limit) return true;
    }
    if (todo.empty()) return false;
    t = todo.pop();
  }
}

inline constexpr u64 kLongWalkParts = 30000;
// Words. All of them are walked or copied in a millisecond or so.
inline constexpr u64 kSmallHeap = 200000;

// A term whose walk, byte by byte of its binaries, takes longer than a turn. Where all that a process
// owns is small there is none, but for literals.
inline bool is_long_walk(const Process& p, Term t) {
  if (!t.is_pointer()) return false;
  u64 words = p.total_words() + p.off_heap.words + p.old_off_heap.words;
  if (VM_LIKELY(words <= kSmallHeap) && !is_literal_address(t.address())) return false;
  if (p.sched == nullptr || on_dirty_thread(p)) return false;
  return has_more_parts(t, kLongWalkParts);
}

// As is_long_walk, for what copies t: binaries that are shared cost nothing, literals are not copied.
inline bool is_long_copy(const Process& p, Term t) {
  if (VM_LIKELY(!t.is_pointer() || p.total_words() <= kSmallHeap) || is_literal_address(t.address())) return false;
  if (p.sched == nullptr || on_dirty_thread(p)) return false;
  return has_more_parts(t, kLongWalkParts);
}

// Two integers whose product or quotient takes long. What is linear in them never does.
inline bool is_long_product(const Process& p, Term a, Term b) {
  constexpr u64 kLimbs = 5000;
  if (VM_LIKELY(!a.is_big() || !b.is_big())) return false;
  return is_long_work(p, big_limb_count(a) + big_limb_count(b), kLimbs);
}

// A list of more than `limit` cells, which is not for this thread.
inline bool is_long_list(const Process& p, Term list, u64 limit) {
  u64 n = 0;
  for (; list.is_list(); list = list.tail()) {
    if (VM_UNLIKELY(++n > limit)) return is_long_work(p, n, limit);
  }
  return false;
}

}  // namespace lintel
