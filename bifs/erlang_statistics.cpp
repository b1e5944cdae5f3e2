// erlang:statistics/1, system_flag/2, system_monitor, system_profile.
#include <sys/resource.h>

#include "bifs/cpu_topology.h"
#include "bifs/erlang_trace.h"
#include "bifs/multi_scheduling.h"
#include "vm/diag/seq_trace.h"
#include "bifs/process_options.h"
#include "bifs/scratch.h"
#include "bifs/time_offset.h"
#include "vm/base/lock.h"
#include "vm/code/export.h"
#include "vm/proc/exception.h"
#include "vm/proc/exit.h"
#include "vm/proc/process_table.h"
#include "vm/proc/stacktrace.h"
#include "vm/proc/time_offset.h"
#include "vm/sched/clock.h"
#include "vm/sched/dirty.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

// {Total, SinceLastCall}; the last total is the whole system's.
Term total_and_since(Scratch& s, i64 total, std::atomic<i64>& last) {
  i64 before = last.exchange(total, std::memory_order_relaxed);
  return s.tuple({s.integer(total), s.integer(total - before)});
}
std::atomic<i64> last_reductions{0}, last_exact{0}, last_runtime{0}, last_wall{0};

i64 cpu_time_ms() {
  rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
         (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

// Reductions of finished turns and of the caller's own.
i64 reductions_now(Process& p) {
  i64 own = p.sched->turn_budget - p.reds;
  return static_cast<i64>(total_reductions()) + (own > 0 ? own : 0);
}

u64 queue_length(u32 i) { return scheduler_at(i).queue.length(); }
u64 active_tasks(u32 i) {
  Scheduler& s = scheduler_at(i);
  return s.queue.length() + (s.running.load(std::memory_order_relaxed) ? 1 : 0);
}

Term lengths(Scratch& s, u64 (*of)(u32), bool with_io) {
  std::vector<Term> list;
  for (u32 i = 0; i < scheduler_count(); i++) list.push_back(Term::small(static_cast<i64>(of(i))));
  list.push_back(Term::small(static_cast<i64>(dirty_queue_length(DirtyKind::Cpu))));
  if (with_io) list.push_back(Term::small(static_cast<i64>(dirty_queue_length(DirtyKind::Io))));
  return s.list(list);
}

Term total(u64 (*of)(u32), bool with_io) {
  u64 n = dirty_queue_length(DirtyKind::Cpu);
  if (with_io) n += dirty_queue_length(DirtyKind::Io);
  for (u32 i = 0; i < scheduler_count(); i++) n += of(i);
  return Term::small(static_cast<i64>(n));
}

std::atomic<bool> wall_time_wanted{false};

// [{Id, Active, Total}] in nanoseconds since the scheduler's start.
Term scheduler_wall_time(Scratch& s) {
  if (!wall_time_wanted.load(std::memory_order_relaxed)) return am::undefined;
  std::vector<Term> rows;
  i64 now = os_monotonic_ns();
  for (u32 i = 0; i < scheduler_count(); i++) {
    Scheduler& scheduler = scheduler_at(i);
    i64 all = now - scheduler.started_ns.load(std::memory_order_relaxed);
    i64 idle = scheduler.idle_ns.load(std::memory_order_relaxed);
    i64 since = scheduler.idle_since.load(std::memory_order_relaxed);
    if (since != 0) idle += now - since;
    i64 active = all > idle ? all - idle : 0;
    rows.push_back(s.tuple({Term::small(i + 1), s.integer(active), s.integer(all)}));
  }
  return s.list(rows);
}

Term garbage_collections(Scratch& s) {
  u64 count = 0;
  u64 words = 0;
  auto add = [&](const Scheduler& s) {
    count += s.collections.load(std::memory_order_relaxed);
    words += s.reclaimed_words.load(std::memory_order_relaxed);
  };
  for (u32 i = 0; i < scheduler_count(); i++) add(scheduler_at(i));
  for (u32 i = 0; i < dirty_cpu_count(); i++) add(dirty_scheduler_at(SchedulerKind::DirtyCpu, i));
  for (u32 i = 0; i < dirty_io_count(); i++) add(dirty_scheduler_at(SchedulerKind::DirtyIo, i));
  return s.tuple({s.integer(static_cast<i64>(count)), s.integer(static_cast<i64>(words)),
                  Term::small(0)});
}

Term statistic(Process& p, Term what, Scratch& s) {
  switch (what.atom_index()) {
    case am::index_active_tasks: return lengths(s, active_tasks, false);
    case am::index_active_tasks_all: return lengths(s, active_tasks, true);
    case am::index_run_queue_lengths: return lengths(s, queue_length, false);
    case am::index_run_queue_lengths_all: return lengths(s, queue_length, true);
    case am::index_total_active_tasks: return total(active_tasks, false);
    case am::index_total_active_tasks_all: return total(active_tasks, true);
    case am::index_run_queue:
    case am::index_total_run_queue_lengths: return total(queue_length, false);
    case am::index_total_run_queue_lengths_all: return total(queue_length, true);
    case am::index_context_switches:
      return s.tuple({s.integer(static_cast<i64>(total_context_switches())), Term::small(0)});
    case am::index_garbage_collection: return garbage_collections(s);
    case am::index_io: {
      Term in = s.tuple({am::input, s.integer(static_cast<i64>(io_bytes_in.load(std::memory_order_relaxed)))});
      Term out = s.tuple({am::output, s.integer(static_cast<i64>(io_bytes_out.load(std::memory_order_relaxed)))});
      return s.tuple({in, out});
    }
    case am::index_reductions: return total_and_since(s, reductions_now(p), last_reductions);
    case am::index_exact_reductions: return total_and_since(s, reductions_now(p), last_exact);
    case am::index_runtime: return total_and_since(s, cpu_time_ms(), last_runtime);
    case am::index_wall_clock: {
      i64 ms = (erlang_monotonic_ns() - erlang_start_monotonic_ns()) / 1000000;
      return total_and_since(s, ms, last_wall);
    }
    case am::index_scheduler_wall_time:
    case am::index_scheduler_wall_time_all: return scheduler_wall_time(s);
    case am::index_microstate_accounting: return am::undefined;
    default: return Term::none();
  }
}

}  // namespace

BifResult erlang_statistics_1(Process& p, Term* args) {
  if (args[0].is_atom()) {
    Scratch s(p);
    Term value = statistic(p, args[0], s);
    if (!value.is_none()) return value;
  }
  return raise_badarg(p);
}

// {Ref, ...} from each scheduler is what the library waits for; `true` says that it was set before.
BifResult erts_internal_scheduler_wall_time_1(Process& p, Term* args) {
  if (args[0] != am::true_ && args[0] != am::false_) return raise_badarg(p);
  return am_bool(wall_time_wanted.exchange(args[0] == am::true_, std::memory_order_relaxed));
}

// ---- system_flag ----

namespace {

template <typename T>
Term exchange(std::atomic<T>& flag, u64 value) {
  return Term::small(static_cast<i64>(flag.exchange(static_cast<T>(value), std::memory_order_relaxed)));
}

BifResult multi_scheduling(Process& p, Term what) {
  if (what == am::block) {
    multi_scheduling_block(p, MultiSchedulingBlock::All);
  } else if (what == am::block_normal) {
    multi_scheduling_block(p, MultiSchedulingBlock::Normal);
  } else if (what == am::unblock) {
    multi_scheduling_unblock(p, MultiSchedulingBlock::All);
  } else if (what == am::unblock_normal) {
    multi_scheduling_unblock(p, MultiSchedulingBlock::Normal);
  } else {
    return raise_badarg(p);
  }
  p.reds = 0;  // perhaps this scheduler is not online any more
  return multi_scheduling_state();
}

}  // namespace

namespace {
// The tracer before, or false.
BifResult set_system_tracer(Process& p, Term value) {
  Tracer* fresh = nullptr;
  if (value != am::false_) {
    fresh = is_tuple_of(value, 2) && tuple_element(value, 0).is_atom()
                ? tracer_of_parts(tuple_element(value, 0), tuple_element(value, 1))
                : tracer_of_term(Term::none(), value);
    if (fresh == nullptr) return raise_badarg(p);
    if (tracer_wish(*fresh, TraceKind::Status, am::trace_status, p.id) == TracerWish::Remove) {
      tracer_release(fresh);
      return raise_badarg(p);
    }
  }
  Tracer* before = system_tracer_set(fresh);
  if (before == nullptr) return am::false_;
  Builder b = p.reserve(tracer_term_words(before));
  Term answer = tracer_term(before, b);
  tracer_release(before);
  return answer;
}

void warn_deprecated(Process& p, const char* text) { send_to_logger(&p, am::warning, text, Term::nil()); }

BifResult set_cpu_topology(Process& p, Term list) {
  CpuTopology places;
  if (!cpu_topology_of_term(list, &places)) return raise_badarg(p);
  CpuTopology before = cpu_topology_used();
  if (!cpu_topology_define(std::move(places))) return raise_badarg(p);
  Scratch s(p);
  return cpu_topology_term(s, before);
}
}  // namespace

BifResult erlang_system_flag_2(Process& p, Term* args) {
  Term flag = args[0];
  Term value = args[1];
  i64 n = value.is_small() ? value.small_value() : -1;
  u64 number = static_cast<u64>(n);
  if (flag == am::schedulers_online) {
    u32 old = schedulers_online_wanted();
    if (n < 1 || n > scheduler_count()) return raise_badarg(p);
    // The dirty CPU pool shrinks and grows along, in proportion.
    u32 dirty = static_cast<u32>(number * dirty_cpu_count() / scheduler_count());
    schedulers_online_want(static_cast<u32>(n));
    dirty_cpu_set_online(dirty < 1 ? 1 : dirty);
    p.reds = 0;
    return Term::small(old);
  }
  if (flag == am::dirty_cpu_schedulers_online) {
    u32 old = dirty_cpu_online();
    if (n < 1 || n > dirty_cpu_count() || n > schedulers_online_wanted()) return raise_badarg(p);
    dirty_cpu_set_online(static_cast<u32>(n));
    return Term::small(old);
  }
  if (flag == am::multi_scheduling) return multi_scheduling(p, value);
  if (flag == am::fullsweep_after) {
    if (n < 0) return raise_badarg(p);
    return exchange(spawn_defaults.fullsweep_after, number < 65535 ? number : 65535);
  }
  if (flag == am::min_heap_size) {
    if (n < 0) return raise_badarg(p);
    return exchange(spawn_defaults.min_heap_words, next_heap_size(number));
  }
  if (flag == am::min_bin_vheap_size) {
    if (n < 0) return raise_badarg(p);
    return exchange(spawn_defaults.min_vheap_words, next_heap_size(number));
  }
  if (flag == am::max_heap_size) {
    MaxHeapOption max;
    if (!parse_max_heap(value, &max)) return raise_badarg(p);
    Builder b = p.reserve(kMaxHeapMapWords);
    Term old = build_max_heap(b, spawn_defaults.max_heap_words, spawn_defaults.max_heap_kill,
                              spawn_defaults.max_heap_log);
    spawn_defaults.max_heap_words = max.words;
    spawn_defaults.max_heap_kill = max.kill;
    spawn_defaults.max_heap_log = max.log;
    return old;
  }
  if (flag == am::backtrace_depth) {
    if (n < 0) return raise_badarg(p);
    u32 old = backtrace_depth;
    backtrace_depth = static_cast<u32>(number < kMaxBacktraceDepth ? number : kMaxBacktraceDepth);
    return Term::small(old);
  }
  if (flag == am::system_logger) {
    if (value != am::logger && value != am::undefined && !value.is_local_pid()) return raise_badarg(p);
    Term old = system_logger();
    system_logger_set(value);
    return old;
  }
  if (flag == am::scheduler_wall_time && (value == am::true_ || value == am::false_)) {
    return trap(p, export_get(am::erts_internal, am::system_flag_scheduler_wall_time, 1), {value});
  }
  if (flag == am::time_offset && value == am::finalize) {
    TimeOffsetState before = time_offset_finalize();
    if (before == TimeOffsetState::Preliminary) time_offset_changed(erlang_time_offset_ns());
    return time_offset_atom(before);
  }
  if (flag == am::debug_flags) return am::true_;
  if (flag == am::microstate_accounting) return am::false_;
  if (flag == am::sequential_tracer) return set_system_tracer(p, value);
  if (flag == am::reset_seq_trace && value == am::true_) {
    seq_trace_reset();
    return am::true_;
  }
  if (flag == am::trace_control_word && n >= 0 && n <= 0xffffffff) {
    return Term::small(trace_control_word.exchange(static_cast<u32>(n)));
  }
  if (flag == am::outstanding_system_requests_limit && n > 0) return Term::small(4);
  if (flag == am::scheduling_statistics) return am::true_;
  if (flag == am::internal_cpu_topology) return set_cpu_topology(p, value);
  if (flag == am::cpu_topology) {
    warn_deprecated(p,
                    "A call to erlang:system_flag(cpu_topology, _) was made.\n"
                    "The cpu_topology argument is deprecated and scheduled\n"
                    "for removal in Erlang/OTP 18. For more information\n"
                    "see the erlang:system_flag/2 documentation.\n");
    return trap(p, export_get(am::erlang, am::set_cpu_topology, 1), {value});
  }
  if (flag == am::scheduler_bind_type) {
    warn_deprecated(p,
                    "A call to erlang:system_flag(scheduler_bind_type, _) was\n"
                    "made. The scheduler_bind_type argument is deprecated and\n"
                    "scheduled for removal in Erlang/OTP 18. For more\n"
                    "information see the erlang:system_flag/2 documentation.\n");
    BindType before = scheduler_bind_type();
    BindType type;
    if (!bind_type_of_term(value, &type) || !scheduler_bind_type_set(type)) return raise_badarg(p);
    return bind_type_term(before);
  }
  if (flag == am::erts_alloc) return am::notsup;
  return raise_badarg_cause(p, am::badopt);
}

// Replies `Ref` once for each scheduler, from that scheduler.
BifResult erts_internal_system_check_1(Process& p, Term* args) {
  if (args[0] != am::schedulers) return raise_badarg(p);
  return am::ok;
}

}  // namespace lintel
