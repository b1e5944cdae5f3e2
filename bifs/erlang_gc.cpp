// Collections on request, and what programs may ask about the memory of terms.
#include "vm/heap/copy.h"
#include "vm/heap/shared.h"
#include "vm/proc/exception.h"
#include "vm/sched/long_work.h"
#include "vm/term/atom.h"

namespace lintel {

BifResult erts_internal_garbage_collect_1(Process& p, Term* args) {
  if (args[0] == am::major) {
    if (p.is_long_major() && !on_dirty_thread(p)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
    p.collect_major(0);
  } else if (args[0] == am::minor) {
    p.heap_flags |= Heap::kForceCollect;
    p.collect(0);
  } else {
    return raise_badarg(p);
  }
  return am::true_;
}

BifResult erts_debug_flat_size_1(Process& p, Term* args) {
  if (is_long_walk(p, args[0])) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  return Term::small(static_cast<i64>(reported_flat_size(args[0])));
}

BifResult erts_debug_size_shared_1(Process& p, Term* args) {
  if (is_long_walk(p, args[0])) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  return Term::small(static_cast<i64>(shared_size(args[0])));
}

BifResult erts_debug_same_2(Process& p, Term* args) { return am_bool(args[0] == args[1]); }

BifResult erts_debug_copy_shared_2(Process& p, Term* args) {
  bool literals_too = args[1] == am::true_;
  if (!literals_too && args[1] != am::false_) return raise_badarg(p);
  if (is_long_walk(p, args[0])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  Term result;
  if (Fragment* f = copy_shared(args[0], literals_too, &result)) p.attach(f);
  return result;
}

}  // namespace lintel
