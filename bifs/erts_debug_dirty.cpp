// erts_debug:dirty_cpu/2, dirty_io/2 and dirty/3: jobs for the test suites, which say where to run and
// what to do there. A job that waits looks after its process's signals: it goes back to a normal
// scheduler, which handles them, and comes again for the rest of its time.
#include <algorithm>
#include <ctime>

#include "vm/code/export.h"
#include "vm/heap/copy.h"
#include "vm/proc/exception.h"
#include "vm/proc/send.h"
#include "vm/sched/dirty.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/boxed.h"

namespace lintel {

namespace {

constexpr i64 kSlice = 10;  // milliseconds between looks at the signals

bool has_signals(const Process& p) { return p.in_queue.load(std::memory_order_relaxed) != nullptr; }

i64 now_ms() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Waits up to `ms`, at work or asleep. Returns what is left when signals came.
i64 wait_ms(const Process& p, i64 ms, bool busy) {
  i64 end = now_ms() + ms;
  for (i64 now = now_ms(); now < end; now = now_ms()) {
    if (has_signals(p)) return end - now;
    i64 until = std::min(end, now + kSlice);
    DirtyNative section;
    if (busy) {
      while (now_ms() < until) {
      }
    } else {
      timespec t{(until - now) / 1000, (until - now) % 1000 * 1000000};
      nanosleep(&t, nullptr);
    }
  }
  return 0;
}

BifResult error_named(Process& p, Term name) {
  if (name == am::notsup || name == am::undef || name == am::badarith || name == am::noproc ||
      name == am::system_limit) {
    return raise_error(p, name);
  }
  return raise_badarg(p);
}

BifResult thousand_copies(Process& p, Term what) {
  LocalRoots<2> roots(p, what, Term::nil());
  for (int i = 0; i < 1000; i++) {
    u64 words = copy_size(roots[0]);
    Builder b = p.reserve(words + kConsWords);
    Term copied = copy_term(roots[0], b);
    roots[1] = b.cons(copied, roots[1]);
  }
  return roots[1];
}

// Every second job of four changes the kind of thread.
BifResult reschedule(Process& p, Term kind, Term* args) {
  i64 n = args[1].is_small() ? args[1].small_value() : -1;
  if (n < 0) return raise_badarg(p);
  if (n == 0) return am::ok;
  if (n % 4 == 0) {
    kind = kind == am::dirty_cpu ? am::dirty_io : kind == am::dirty_io ? am::normal : am::dirty_cpu;
  }
  Term left = Term::small(n - 2);
  Term name = kind == am::normal ? am::dirty : kind;
  Export* e = export_get(am::erts_debug, name, kind == am::normal ? 3 : 2);
  if (kind == am::normal) return trap(p, e, {am::normal, args[0], left});
  return trap(p, e, {args[0], left});
}

BifResult job(Process& p, Term kind, Term* args) {
  Term what = args[0];
  Term with = args[1];
  if (what == am::scheduler) return with == am::type ? BifResult(kind) : raise_badarg(p);
  if (what == am::error) return error_named(p, with);
  if (what == am::copy) return thousand_copies(p, with);
  if (what == am::reschedule) return reschedule(p, kind, args);
  if (what == am::send) {
    (void)send_message(&p, with, am::ok);
    return am::ok;
  }
  if (what == am::wait) {
    if (!with.is_small() || with.small_value() < 0) return raise_badarg(p);
    i64 left = wait_ms(p, with.small_value(), kind == am::dirty_cpu);
    return left == 0 ? BifResult(am::ok) : yield_again(p, {what, Term::small(left)});
  }
  if (what == am::ready_wait6_done) {
    // The second part of the job has the rest of the time as a pair.
    i64 left = 6000;
    Term to = with;
    if (is_tuple_of(with, 2)) {
      to = tuple_element(with, 0);
      left = tuple_element(with, 1).small_value();
    } else {
      (void)send_message(&p, to, am::ready);
    }
    left = wait_ms(p, left, false);
    if (left != 0) {
      LocalRoots<2> roots(p, what, to);
      Builder b = p.reserve(tuple_words(2));
      Term rest = b.tuple({roots[1], Term::small(left)});
      return yield_again(p, {roots[0], rest});
    }
    (void)send_message(&p, to, am::done);
    return am::ok;
  }
  if (what == am::alive_waitexiting) {
    if (with != am::done) (void)send_message(&p, with, am::alive);
    while (wait_ms(p, kSlice, kind == am::dirty_cpu) == 0) {
    }
    return yield_again(p, {what, am::done});
  }
  return raise_badarg(p);
}

}  // namespace

BifResult erts_debug_dirty_cpu_2(Process& p, Term* args) {
  if (!on_dirty_thread(p)) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  return job(p, am::dirty_cpu, args);
}

BifResult erts_debug_dirty_io_2(Process& p, Term* args) {
  if (!on_dirty_thread(p)) return run_on_dirty(p, DirtyKind::Io, {args[0], args[1]});
  return job(p, am::dirty_io, args);
}

BifResult erts_debug_dirty_3(Process& p, Term* args) {
  Term kind = args[0];
  if (kind == am::normal) {
    if (on_dirty_thread(p)) return yield_again(p, {args[0], args[1], args[2]});
    return job(p, am::normal, args + 1);
  }
  if (kind != am::dirty_cpu && kind != am::dirty_io) return raise_badarg(p);
  Export* e = export_get(am::erts_debug, kind, 2);
  return trap(p, e, {args[1], args[2]});
}

}  // namespace lintel
