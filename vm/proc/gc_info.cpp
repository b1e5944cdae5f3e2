#include "vm/proc/gc_info.h"

#include "vm/proc/exit.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {

Term build_gc_info(Builder& b, const Process& p) {
  auto words = [](const Term* from, const Term* to) { return static_cast<i64>(to - from); };
  struct {
    Term key;
    i64 value;
  } rows[] = {
      {am::old_heap_block_size, words(p.old_start, p.old_end)},
      {am::heap_block_size, words(p.start, p.end)},
      {am::mbuf_size, static_cast<i64>(p.fragment_words)},
      {am::recent_size, words(p.start, p.high_water)},
      {am::stack_size, static_cast<i64>(p.stack_words())},
      {am::old_heap_size, words(p.old_start, p.old_top)},
      {am::heap_size, words(p.start, p.htop)},
      {am::bin_vheap_size, static_cast<i64>(p.off_heap.words)},
      {am::bin_vheap_block_size, static_cast<i64>(p.vheap_limit)},
      {am::bin_old_vheap_size, static_cast<i64>(p.old_off_heap.words)},
      {am::bin_old_vheap_block_size, static_cast<i64>(p.old_vheap_limit)},
  };
  Term list = Term::nil();
  for (u64 i = sizeof rows / sizeof rows[0]; i-- > 0;) {
    list = b.cons(b.tuple({rows[i].key, Term::small(rows[i].value)}), list);
  }
  return list;
}

void report_max_heap(Process& p) {
  if ((p.flags & kFlagMaxHeapLog) == 0) return;
  bool named = this_node()->name != am::nonode_nohost;
  Builder b = p.reserve_nogc(kGcInfoWords + 8 * kConsWords);
  Term args = b.cons(build_gc_info(b, p), Term::nil());
  args = b.cons(Term::small(static_cast<i64>(p.mailbox.length)), args);
  args = b.cons(am::true_, args);
  args = b.cons(am_bool((p.flags & kFlagMaxHeapKill) != 0), args);
  args = b.cons(Term::small(static_cast<i64>(p.total_words())), args);
  args = b.cons(Term::small(static_cast<i64>(p.max_heap_words)), args);
  if (named) args = b.cons(this_node()->name, args);
  args = b.cons(p.id, args);
#define LINTEL_MAX_HEAP_ROWS                              \
  "~n     Context:            maximum heap size reached~n" \
  "     Max Heap Size:      ~p~n"                         \
  "     Total Heap Size:    ~p~n"                         \
  "     Kill:               ~p~n"                         \
  "     Error Logger:       ~p~n"                         \
  "     Message Queue Len:  ~p~n"                         \
  "     GC Info:            ~p~n"
  send_to_logger(&p, am::error,
                 named ? "     Process:            ~p on node ~p" LINTEL_MAX_HEAP_ROWS
                       : "     Process:            ~p " LINTEL_MAX_HEAP_ROWS,
                 args);
#undef LINTEL_MAX_HEAP_ROWS
}

}  // namespace lintel
