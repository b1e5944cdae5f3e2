#include "vm/diag/system_events.h"

#include <ctime>

#include "vm/code/backend.h"
#include "vm/diag/tracer.h"
#include "vm/dist/entry.h"
#include "vm/io/port.h"
#include "vm/proc/exit.h"
#include "vm/proc/gc_info.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/proc/stacktrace.h"
#include "vm/sched/clock.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {

SystemMonitor system_monitor;
SystemProfile system_profile;
std::atomic<u32> system_watch{0};
std::atomic<u32> test_long_gc_sleep_ms{0};

namespace {

std::atomic<i64> active_schedulers{0};

void tell(Term to, Term message, Fragment* f) {
  if (to.is_local_pid()) {
    (void)send_fragment_to(to, message, f);
    return;
  }
  // A port hears of it as its owner's command.
  if (Port* port = port_lookup(to)) {
    port_command_later(*port, port->connected, message, f);
    return;
  }
  fragments_free(f);
}

u32 watched() {
  const SystemMonitor& m = system_monitor;
  const SystemProfile& p = system_profile;
  return (m.long_schedule_ms != 0 ? kWatchLongSchedule : 0u) | (m.busy_port ? kWatchBusyPort : 0u) |
         (m.long_gc_ms != 0 || m.large_heap_words != 0 ? kWatchCollections : 0u) |
         (p.runnable_procs ? kWatchRunnableProcs : 0u) | (p.runnable_ports ? kWatchRunnablePorts : 0u) |
         (p.scheduler ? kWatchSchedulers : 0u);
}

// {M, F, A} of where p is, or `otherwise`.
Term position_of(const Process& p, Builder& b, Term otherwise) {
  Term module, function;
  u32 arity;
  if (p.exiting || !trace_position(p, &module, &function, &arity)) return otherwise;
  return b.tuple({module, function, Term::small(arity)});
}

void monitor_event(Term about, Term what, u64 words, const auto& build) {
  Term to = system_monitor.to;
  if (to.is_none() || to == about) return;
  Fragment* f = fragment_new(tuple_words(4) + words);
  Builder b = f->builder();
  Term info = build(b);
  tell(to, b.tuple({am::monitor, about, what, info}), f);
}

constexpr u64 kPairWords = tuple_words(2) + kConsWords;
Term pair(Builder& b, Term key, Term value, Term rest) { return b.cons(b.tuple({key, value}), rest); }

// What long_gc and large_heap say about p's memory.
Term heap_sizes(Builder& b, const Process& p) {
  auto words = [](const Term* from, const Term* to) { return Term::small(to - from); };
  Term l = pair(b, am::heap_size, words(p.start, p.htop), Term::nil());
  l = pair(b, am::old_heap_size, words(p.old_start, p.old_top), l);
  l = pair(b, am::stack_size, Term::small(static_cast<i64>(p.stack_words())), l);
  l = pair(b, am::mbuf_size, Term::small(static_cast<i64>(p.fragment_words)), l);
  l = pair(b, am::heap_block_size, words(p.start, p.end), l);
  return pair(b, am::old_heap_block_size, words(p.old_start, p.old_end), l);
}

void profile_event(Term about, Term state, const auto& detail) {
  Term to = system_profile.to;
  if (to.is_none() || to == about) return;
  Fragment* f = fragment_new(tuple_words(6) + tuple_words(3) + kTimestampWords);
  Builder b = f->builder();
  Term where = detail(b);
  Term stamp = build_timestamp(system_profile.stamp, b);
  tell(to, b.tuple({am::profile, about, state, where, stamp}), f);
}

// ---- collections ----

thread_local i64 collection_began = 0;

void gc_event(Process& p, Term what, u64 words) {
  if ((p.trace_flags & kTraceGc) == 0) return;
  Fragment* f = fragment_new(kGcInfoWords + kPairWords);
  Builder b = f->builder();
  Term info = build_gc_info(b, p);
  info = pair(b, am::wordsize, Term::small(static_cast<i64>(words)), info);
  process_report(p, TraceKind::Gc, {what, info});
  fragments_free(f);
}

void on_collection(Heap& heap, HeapEvent event, u64 words) {
  auto& p = static_cast<Process&>(heap);
  if (p.id.is_none()) return;  // not born yet
  switch (event) {
    case HeapEvent::MinorStart: gc_event(p, am::gc_minor_start, words); break;
    case HeapEvent::MinorEnd: gc_event(p, am::gc_minor_end, words); break;
    case HeapEvent::MajorStart: gc_event(p, am::gc_major_start, words); break;
    case HeapEvent::MajorEnd: gc_event(p, am::gc_major_end, words); break;
    case HeapEvent::Begin:
      if (system_monitor.long_gc_ms != 0) collection_began = os_monotonic_ns();
      break;
    case HeapEvent::Done: {
      if (u64 limit = system_monitor.long_gc_ms; limit != 0 && collection_began != 0) {
        if (u32 ms = test_long_gc_sleep_ms.load(std::memory_order_relaxed)) {
          timespec time{ms / 1000, ms % 1000 * 1000000};
          nanosleep(&time, nullptr);
        }
        u64 ms = static_cast<u64>((os_monotonic_ns() - collection_began) / 1000000);
        if (ms != 0 && ms > limit) {
          monitor_event(p.id, am::long_gc, 7 * kPairWords, [&](Builder& b) {
            return pair(b, am::timeout, Term::small(static_cast<i64>(ms)), heap_sizes(b, p));
          });
        }
      }
      collection_began = 0;
      u64 size = static_cast<u64>((p.end - p.start) + (p.old_end - p.old_start));
      if (system_monitor.large_heap_words != 0 && size >= system_monitor.large_heap_words) {
        monitor_event(p.id, am::large_heap, 6 * kPairWords, [&](Builder& b) { return heap_sizes(b, p); });
      }
      break;
    }
  }
}

bool forget_listener(Process& p) {
  if (VM_LIKELY(system_monitor.to != p.id && system_profile.to != p.id)) return true;
  if (system_monitor.to == p.id) system_monitor_set({});
  if (system_profile.to == p.id) system_profile_set({});
  return true;
}

}  // namespace

void watch_collections() { heap_watcher.store(on_collection, std::memory_order_release); }

void system_monitor_set(const SystemMonitor& m) {
  schedulers_block();
  system_monitor = m;
  system_watch.store(watched(), std::memory_order_relaxed);
  if ((watched() & kWatchCollections) != 0) watch_collections();
  schedulers_unblock();
}

void system_profile_set(const SystemProfile& p) {
  schedulers_block();
  system_profile = p;
  i64 active = 0;
  for (u32 i = 0; i < schedulers_online(); i++) {
    if (scheduler_at(i).idle_since.load(std::memory_order_relaxed) == 0) active++;
  }
  active_schedulers.store(active, std::memory_order_relaxed);
  system_watch.store(watched(), std::memory_order_relaxed);
  schedulers_unblock();
}

static void tell_busy_connection(Term pid, Term controller) {
  if (!system_monitor.busy_dist_port || controller.is_none()) return;
  monitor_event(pid, am::busy_dist_port, 0, [&](Builder&) { return controller; });
}

void system_events_init() {
  process_add_exit_hook(forget_listener);
  dist_tell_busy = tell_busy_connection;
}

// ---- hooks ----

bool trace_position(const Process& p, Term* module, Term* function, u32* arity) {
  if (p.pc == engine.apply_start) {
    *module = p.initial_mfa[0];
    *function = p.initial_mfa[1];
    *arity = static_cast<u32>(p.initial_mfa[2].small_value());
    return true;
  }
  return process_current_function(p, module, function, arity);
}

i64 watch_turn_begins(const Process& p, WatchedTurn* turn) {
  turn->known = !p.exiting && trace_position(p, &turn->module, &turn->function, &turn->arity);
  return turn->began = os_monotonic_ns();
}

void watch_turn_ends(const Process& p, const WatchedTurn& turn) {
  u64 limit = system_monitor.long_schedule_ms;
  u64 ms = static_cast<u64>((os_monotonic_ns() - turn.began) / 1000000);
  if (limit == 0 || turn.began == 0 || ms < limit) return;
  monitor_event(p.id, am::long_schedule, 3 * kPairWords + 2 * tuple_words(3), [&](Builder& b) {
    Term in = turn.known ? b.tuple({turn.module, turn.function, Term::small(turn.arity)}) : Term(am::undefined);
    Term out = position_of(p, b, am::undefined);
    Term l = pair(b, am::out, out, Term::nil());
    l = pair(b, am::in, in, l);
    return pair(b, am::timeout, Term::small(static_cast<i64>(ms)), l);
  });
}

void watch_port_turn_ends(Term port, i64 began) {
  u64 limit = system_monitor.long_schedule_ms;
  u64 ms = static_cast<u64>((os_monotonic_ns() - began) / 1000000);
  if (limit == 0 || ms < limit) return;
  monitor_event(port, am::long_schedule, 2 * kPairWords, [&](Builder& b) {
    Term l = pair(b, am::port_op, am::proc_sig, Term::nil());
    return pair(b, am::timeout, Term::small(static_cast<i64>(ms)), l);
  });
}

void watch_busy_port(Term pid, Term port) {
  monitor_event(pid, am::busy_port, 0, [&](Builder&) { return port; });
}

void watch_runnable(const Process& p, bool active) {
  profile_event(p.id, active ? am::active : am::inactive,
                [&](Builder& b) { return position_of(p, b, Term::small(0)); });
}

void watch_runnable_port(Term port, bool active) {
  profile_event(port, active ? am::active : am::inactive, [](Builder&) { return Term::small(0); });
}

void watch_scheduler(u32 index, bool active) {
  i64 n = active_schedulers.fetch_add(active ? 1 : -1, std::memory_order_relaxed) + (active ? 1 : -1);
  Term to = system_profile.to;
  if (to.is_none()) return;
  Fragment* f = fragment_new(tuple_words(6) + kTimestampWords);
  Builder b = f->builder();
  Term stamp = build_timestamp(system_profile.stamp, b);
  tell(to, b.tuple({am::profile, am::scheduler, Term::small(index + 1), active ? am::active : am::inactive,
                    Term::small(n), stamp}),
       f);
}

}  // namespace lintel
