// A process on itself: flags, names, giving up its turn; and the list of all processes.
#include <vector>

#include "bifs/process_options.h"
#include "vm/diag/saved_calls.h"
#include "vm/dist/entry.h"
#include "vm/proc/exception.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/reply.h"
#include "vm/proc/unique.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/map.h"

namespace lintel {

BifResult erlang_self_0(Process& p, Term*) { return p.id; }

BifResult erlang_processes_0(Process& p, Term*) {
  std::vector<Term> ids;
  processes_each(
      [](Process& other, void* data) {
        if ((other.state_now() & kStateExiting) == 0) {
          static_cast<std::vector<Term>*>(data)->push_back(other.id);
        }
      },
      &ids);
  Builder b = p.reserve(kConsWords * ids.size());
  Term list = Term::nil();
  for (size_t i = ids.size(); i-- > 0;) list = b.cons(ids[i], list);
  p.bump_reductions(static_cast<i64>(ids.size() / 16));
  return list;
}

// ---- giving up the turn ----

// The rest of the turn is given away, not used: it counts for nobody's reductions.
BifResult erlang_yield_0(Process& p, Term*) {
  if (p.reds > 0) {
    p.sched->turn_budget -= p.reds;
    p.reds = 0;
  }
  return am::true_;
}

BifResult erlang_bump_reductions_1(Process& p, Term* args) {
  if (!args[0].is_small() || args[0].small_value() < 0) return raise_badarg(p);
  i64 n = args[0].small_value();
  p.bump_reductions(n < kReductions ? n : kReductions);
  return am::true_;
}

// ---- names ----

BifResult erlang_register_2(Process& p, Term* args) {
  Term name = args[0];
  Term owner = args[1];
  if (!name.is_atom() || name == am::undefined) return raise_badarg(p);
  if (!owner.is_local_pid() && !owner.is_local_port()) return raise_badarg(p);
  switch (registry_register(name, owner)) {
    case RegisterResult::Ok: return am::true_;
    case RegisterResult::NameTaken: return raise_badarg(p);
    case RegisterResult::OwnerHasName: return raise_badarg_cause(p, am::registered_name);
    case RegisterResult::NotAlive: return raise_badarg_cause(p, am::notalive);
  }
  return raise_badarg(p);
}

BifResult erlang_unregister_1(Process& p, Term* args) {
  if (!args[0].is_atom() || !registry_unregister(args[0])) return raise_badarg(p);
  return am::true_;
}

BifResult erlang_whereis_1(Process& p, Term* args) {
  if (!args[0].is_atom()) return raise_badarg(p);
  Term owner = registry_whereis(args[0]);
  return owner.is_none() ? am::undefined : owner;
}

BifResult erlang_registered_0(Process& p, Term*) {
  std::vector<Term> names;
  registry_each(
      [](Term name, Term, void* data) { static_cast<std::vector<Term>*>(data)->push_back(name); },
      &names);
  Builder b = p.reserve(kConsWords * names.size());
  Term list = Term::nil();
  for (Term name : names) list = b.cons(name, list);
  return list;
}

// ---- process_flag ----

namespace {

bool parse_bool(Term t, bool* out) {
  *out = t == am::true_;
  return t == am::true_ || t == am::false_;
}

// Sets or clears; returns the old value.
Term swap_flag(Process& p, u32 flag, bool on) {
  Term old = am_bool((p.flags & flag) != 0);
  p.flags = on ? p.flags | flag : p.flags & ~flag;
  return old;
}

BifResult set_number(Process& p, Term value, u64 old, void (*set)(Process&, u64)) {
  if (!value.is_small() || value.small_value() < 0) return raise_badarg(p);
  set(p, static_cast<u64>(value.small_value()));
  return Term::small(static_cast<i64>(old));
}

// nodeup and nodedown subscriptions: each `true` adds one, `false` removes all that have the same
// options. Answers how many there were.
BifResult monitor_nodes(Process& p, Term value, Term map) {
  bool on;
  if (!parse_bool(value, &on)) return raise_badarg(p);
  u32 options = 0;
  if (!map.is_nil()) {
    if (!map.is_map()) return raise_badarg(p);
    options = kNodesMap;
    u64 known = 0;
    auto take = [&](Term key) {
      Term t = map_get_fast(map, key);
      if (!t.is_none()) known++;
      return t;
    };
    Term list = take(am::list);
    Term id = take(am::connection_id);
    Term type = take(am::node_type);
    Term reason = take(am::nodedown_reason);
    if (known != map_size(map)) return raise_badarg(p);
    if (list == am::true_) {
      options &= ~kNodesMap;
    } else if (!list.is_none()) {
      return raise_badarg(p);
    }
    for (auto [t, bit] : {std::pair{id, kNodesConnection}, std::pair{reason, kNodesReason}}) {
      if (t == am::true_) options |= bit;
      else if (!t.is_none() && t != am::false_) return raise_badarg(p);
    }
    if (type == am::visible) options |= kNodesVisible;
    else if (type == am::hidden) options |= kNodesHidden;
    else if (type == am::all) options |= kNodesVisible | kNodesHidden;
    else if (!type.is_none()) return raise_badarg(p);
  }
  Relations& relations = relations_of(p);
  NodesMonitorRecord* r = relations.nodes_monitors.find(
      options, [&](NodesMonitorRecord& m) { return m.options == options; });
  u64 before = r != nullptr ? r->count : 0;
  if (on && r != nullptr) {
    r->count++;
  } else if (on) {
    relations.nodes_monitors.insert(vm_new<NodesMonitorRecord>(NodesMonitorRecord{nullptr, options, 1}));
    nodes_monitor_add(p.id, options);
  } else if (r != nullptr) {
    relations.nodes_monitors.remove(r);
    vm_free(r);
    nodes_monitor_remove(p.id, options);
  }
  return Term::small(static_cast<i64>(before));
}

bool is_save_calls_limit(Term t) {
  return t.is_small() && t.small_value() >= 0 && t.small_value() <= kSavedCallsMost;
}

// Whether every export has to report calls before the flag is set.
bool starts_saving_calls(Term flag, Term value) {
  return flag == am::save_calls && is_save_calls_limit(value) && value.small_value() != 0;
}

// Flags that another process may set too. none: no such flag or value.
Term set_shared_flag(Process& p, Term flag, Term value) {
  if (flag == am::save_calls) {
    if (!is_save_calls_limit(value)) return Term::none();
    return Term::small(saved_calls_set(p, static_cast<u32>(value.small_value())));
  }
  return Term::none();
}

Term set_own_shared_flag(Process& p, Term flag, Term value) {
  bool holds = starts_saving_calls(flag, value);
  if (holds) saved_calls_hold();
  Term old = set_shared_flag(p, flag, value);
  if (holds) saved_calls_release();
  return old;
}

}  // namespace

BifResult erlang_process_flag_2(Process& p, Term* args) {
  Term flag = args[0];
  Term value = args[1];
  bool on;
  if (flag == am::trap_exit) {
    if (!parse_bool(value, &on)) return raise_badarg(p);
    return swap_flag(p, kFlagTrapExit, on);
  }
  if (flag == am::priority) {
    u8 priority;
    if (!parse_priority(value, &priority)) return raise_badarg(p);
    Term old = priority_atom(p.priority);
    p.priority = priority;
    return old;
  }
  if (flag == am::error_handler) {
    if (!value.is_atom()) return raise_badarg(p);
    Term old = p.error_handler.is_none() ? am::error_handler : p.error_handler;
    p.error_handler = value;
    return old;
  }
  if (flag == am::sensitive) {
    if (!parse_bool(value, &on)) return raise_badarg(p);
    p.reds = 0;
    return swap_flag(p, kFlagSensitive, on);
  }
  if (flag == am::message_queue_data) {
    if (value != am::on_heap && value != am::off_heap) return raise_badarg(p);
    bool was_off = (p.flags & kFlagOffHeapMessages) != 0;
    swap_flag(p, kFlagOffHeapMessages, value == am::off_heap);
    return was_off ? am::off_heap : am::on_heap;
  }
  if (flag == am::min_heap_size) {
    return set_number(p, value, p.min_heap_words, [](Process& q, u64 n) {
      q.min_heap_words = static_cast<u32>(next_heap_size(n));
    });
  }
  if (flag == am::min_bin_vheap_size) {
    return set_number(p, value, p.min_vheap_words, [](Process& q, u64 n) {
      q.min_vheap_words = n < 46422 ? 46422 : next_heap_size(n);
    });
  }
  if (flag == am::fullsweep_after) {
    return set_number(p, value, p.fullsweep_after, [](Process& q, u64 n) {
      q.fullsweep_after = static_cast<u32>(n < 65535 ? n : 65535);
    });
  }
  if (flag == am::max_heap_size) {
    MaxHeapOption max;
    if (!parse_max_heap(value, &max)) return raise_badarg(p);
    if (max.words != 0 && max.words < p.min_heap_words) return raise_badarg(p);
    u64 old_words = p.max_heap_words;
    bool old_kill = (p.flags & kFlagMaxHeapKill) != 0;
    bool old_log = (p.flags & kFlagMaxHeapLog) != 0;
    p.max_heap_words = max.words;
    swap_flag(p, kFlagMaxHeapKill, max.kill);
    swap_flag(p, kFlagMaxHeapLog, max.log);
    Builder b = p.reserve(kMaxHeapMapWords);
    return build_max_heap(b, old_words, old_kill, old_log);
  }
  if (flag == am::scheduler) {
    if (!value.is_small()) return raise_badarg(p);
    i64 index = value.small_value();
    if (index < 0 || index > scheduler_count()) return raise_badarg(p);
    Term old = Term::small(p.bound ? p.home + 1 : 0);
    p.bound = index != 0;
    if (index != 0) p.home = static_cast<u32>(index - 1);
    p.reds = 0;
    return old;
  }
  if (flag == am::monitor_nodes) return monitor_nodes(p, value, Term::nil());
  if (is_tuple_of(flag, 2) && tuple_element(flag, 0) == am::monitor_nodes) {
    return monitor_nodes(p, value, tuple_element(flag, 1));
  }
  Term old = set_own_shared_flag(p, flag, value);
  if (!old.is_none()) return old;
  return flag == am::save_calls ? raise_badarg(p) : raise_badarg_cause(p, am::badopt);
}

// Returns the old value, or a reference to wait for, or badarg, or badtype.
BifResult erts_internal_process_flag_3(Process& p, Term* args) {
  if (!args[0].is_local_pid()) return am::badtype;
  if (args[0] == p.id) {
    Term old = set_own_shared_flag(p, args[1], args[2]);
    return old.is_none() ? am::badarg : old;
  }
  if (process_lookup_alive(args[0]) == nullptr) return am::badtype;
  if (starts_saving_calls(args[1], args[2])) saved_calls_hold();
  RefNumbers ref = make_ref_numbers();
  auto* r = vm_new<Request>(p.id, ref, [](Process* target, Request& request, Fragment**, u64) {
    Term old = target == nullptr ? Term(am::badtype) : set_shared_flag(*target, request.args[0], request.args[1]);
    if (starts_saving_calls(request.args[0], request.args[1])) saved_calls_release();
    return old.is_none() ? am::badarg : old;
  });
  r->args[0] = request_keep(*r, args[1]);
  r->args[1] = request_keep(*r, args[2]);
  signal_push_to_or_drop(args[0], r);
  mailbox_save_at_end(p);
  Builder b = p.reserve(kRefWords);
  return b.reference(ref);
}

BifResult erts_internal_is_system_process_1(Process& p, Term* args) {
  if (!args[0].is_local_pid()) {
    if (args[0].is_pid()) return am::false_;
    return raise_badarg(p);
  }
  Process* other = process_lookup(args[0]);
  return am_bool(other != nullptr && (other->state_now() & kStateSystem) != 0);
}

BifResult erts_internal_is_process_executing_dirty_1(Process& p, Term* args) {
  if (!args[0].is_pid()) return raise_badarg(p);
  Process* other = args[0].is_local_pid() ? process_lookup(args[0]) : nullptr;
  if (other == nullptr) return am::false_;
  u32 dirty = kStateDirty | kStateRunning;
  return am_bool((other->state_now() & dirty) == dirty);
}

// The process comes back from its native call, and then handles its signals itself.
BifResult erts_internal_dirty_process_handle_signals_1(Process& p, Term* args) {
  if (!args[0].is_local_pid()) return am::false_;
  return process_lookup_alive(args[0]) == nullptr ? am::noproc : am::ok;
}

// A process on a dirty thread runs native code only, and handles code checks when it is back.
bool is_system_process_of(const Process& p, Term module) {
  return (p.state_now() & kStateSystem) != 0 && p.initial_mfa[0] == module;
}

BifResult erts_internal_check_dirty_process_code_2(Process& p, Term* args) {
  if (!is_system_process_of(p, am::erts_code_purger)) return raise_notsup(p);
  if (!args[0].is_local_pid() || !args[1].is_atom()) return raise_badarg(p);
  return am::normal;
}

}  // namespace lintel
