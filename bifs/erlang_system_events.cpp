// erlang:system_monitor/0,1,2 and system_profile/0,2.
#include <vector>

#include "bifs/scratch.h"
#include "vm/diag/system_events.h"
#include "vm/io/port.h"
#include "vm/proc/exception.h"
#include "vm/proc/process_table.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

Term monitor_term(Process& p) {
  const SystemMonitor& m = system_monitor;
  if (m.to.is_none()) return am::undefined;
  Scratch s(p);
  std::vector<Term> options;
  auto limit = [&](Term key, u64 value) {
    if (value != 0) options.push_back(s.tuple({key, s.integer(static_cast<i64>(value))}));
  };
  if (m.busy_dist_port) options.push_back(am::busy_dist_port);
  if (m.busy_port) options.push_back(am::busy_port);
  limit(am::large_heap, m.large_heap_words);
  limit(am::long_schedule, m.long_schedule_ms);
  limit(am::long_gc, m.long_gc_ms);
  return s.tuple({m.to, s.list(options)});
}

BifResult set_monitor(Process& p, Term to, Term options) {
  SystemMonitor m;
  if (to != am::undefined && !options.is_nil()) {
    if (!to.is_local_pid() || process_lookup_alive(to) == nullptr) return raise_badarg(p);
    m.to = to;
    for (; options.is_list(); options = options.tail()) {
      Term o = options.head();
      if (o == am::busy_port) {
        m.busy_port = true;
      } else if (o == am::busy_dist_port) {
        m.busy_dist_port = true;
      } else {
        if (!is_tuple_of(o, 2) || !tuple_element(o, 1).is_small() || tuple_element(o, 1).small_value() < 0) {
          return raise_badarg(p);
        }
        Term key = tuple_element(o, 0);
        auto value = static_cast<u64>(tuple_element(o, 1).small_value());
        if (key == am::long_gc) {
          m.long_gc_ms = value < 1 ? 1 : value;
        } else if (key == am::long_schedule) {
          m.long_schedule_ms = value < 1 ? 1 : value;
        } else if (key == am::large_heap) {
          m.large_heap_words = value < 16384 ? 16384 : value;
        } else {
          return raise_badarg(p);
        }
      }
    }
    if (!options.is_nil()) return raise_badarg(p);
  }
  Term before = monitor_term(p);
  system_monitor_set(m);
  return before;
}

Term profile_term(Process& p) {
  const SystemProfile& s = system_profile;
  if (s.to.is_none()) return am::undefined;
  Scratch scratch(p);
  std::vector<Term> options;
  if (s.exclusive) options.push_back(am::exclusive);
  if (s.scheduler) options.push_back(am::scheduler);
  if (s.runnable_procs) options.push_back(am::runnable_procs);
  if (s.runnable_ports) options.push_back(am::runnable_ports);
  return scratch.tuple({s.to, scratch.list(options)});
}

}  // namespace

BifResult erlang_system_monitor_0(Process& p, Term*) { return monitor_term(p); }
BifResult erlang_system_monitor_1(Process& p, Term* args) {
  if (args[0] == am::undefined) return set_monitor(p, am::undefined, Term::nil());
  if (!is_tuple_of(args[0], 2)) return raise_badarg(p);
  return set_monitor(p, tuple_element(args[0], 0), tuple_element(args[0], 1));
}
BifResult erlang_system_monitor_2(Process& p, Term* args) { return set_monitor(p, args[0], args[1]); }

BifResult erlang_system_profile_0(Process& p, Term*) { return profile_term(p); }
BifResult erlang_system_profile_2(Process& p, Term* args) {
  SystemProfile s;
  Term to = args[0];
  Term options = args[1];
  if (to != am::undefined && !options.is_nil()) {
    Port* port = to.is_local_port() ? port_lookup(to) : nullptr;
    bool alive = to.is_local_pid() ? process_lookup_alive(to) != nullptr : port != nullptr && !port->is_dead();
    if (!alive || !options.is_list()) return raise_badarg(p);
    s.to = to;
    for (; options.is_list(); options = options.tail()) {
      Term o = options.head();
      if (o == am::runnable_procs) {
        s.runnable_procs = true;
      } else if (o == am::runnable_ports) {
        s.runnable_ports = true;
      } else if (o == am::scheduler) {
        s.scheduler = true;
      } else if (o == am::exclusive) {
        s.exclusive = true;
      } else if (o == am::timestamp) {
        s.stamp = kTraceTimestamp;
      } else if (o == am::monotonic_timestamp) {
        s.stamp = kTraceMonotonic;
      } else if (o == am::strict_monotonic_timestamp) {
        s.stamp = kTraceStrictMonotonic;
      } else {
        return raise_badarg(p);
      }
    }
    if (!options.is_nil()) return raise_badarg(p);
  }
  Term before = profile_term(p);
  system_profile_set(s);
  return before;
}

}  // namespace lintel
