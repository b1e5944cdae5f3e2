// What processes do to each other: send, exit/2, link, monitor, alias, and requests answered by
// another process.
#include "bifs/process_options.h"
#include "vm/code/export.h"
#include "vm/heap/copy.h"
#include "vm/proc/exception.h"
#include "vm/proc/exit.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/tracing.h"
#include "vm/proc/registry.h"
#include "vm/proc/remote.h"
#include "vm/proc/reply.h"
#include "vm/proc/send.h"
#include "vm/proc/suspend.h"
#include "vm/proc/unique.h"
#include "vm/sched/long_work.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {

BifResult erts_internal_check_process_code_1(Process& p, Term* args);  // bifs/erlang_code.cpp

// ---- send ----

namespace {

// A busy destination: the same call again when it is our turn again.
BifResult finish_send(Process& p, Term* args, u32 arity, Term result, SendResult sent) {
  switch (sent) {
    case SendResult::Ok: return result;
    case SendResult::BadArg: return raise_badarg(p);
    case SendResult::NoConnect: return am::noconnect;
    case SendResult::Suspend:
      if (arity == 2) return yield_again(p, {args[0], args[1]});
      return yield_again(p, {args[0], args[1], args[2]});
  }
  return raise_badarg(p);
}

}  // namespace

BifResult erlang_send_2(Process& p, Term* args) {
  if (is_long_copy(p, args[1])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  return finish_send(p, args, 2, args[1], send_message(&p, args[0], args[1]));
}
BifResult erlang_send_op_2(Process& p, Term* args) { return erlang_send_2(p, args); }

BifResult erlang_send_3(Process& p, Term* args) {
  bool nosuspend = false;
  bool noconnect = false;
  Term list = args[2];
  for (; list.is_list(); list = list.tail()) {
    if (list.head() == am::nosuspend) {
      nosuspend = true;
    } else if (list.head() == am::noconnect) {
      noconnect = true;
    } else {
      return raise_badarg_cause(p, am::badopt);
    }
  }
  if (!list.is_nil()) return raise_badarg_cause(p, am::badopt);
  if (is_long_copy(p, args[1])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2]});
  u32 flags = (noconnect ? kRemoteNoConnect : 0) | (nosuspend ? kRemoteNoSuspend : 0);
  SendResult sent = send_message(&p, args[0], args[1], flags);
  if (sent == SendResult::Suspend && nosuspend) return am::nosuspend;
  return finish_send(p, args, 3, am::ok, sent);
}

// ---- exit signals ----

namespace {

BifResult send_exit(Process& p, Term to, Term reason, bool may_end_self) {
  if (to.is_local_pid()) {
    send_exit_signal(p.id, to, reason, false);
    // exit(self(), R) has ended the caller before it returns, or put its message in the queue.
    if (to == p.id && may_end_self) {
      signals_fetch(p);
      if (p.exiting) {
        p.outcome = BifOutcome::Exit;
        return Term::none();
      }
    }
    return am::true_;
  }
  if (to.is_local_port()) {
    send_exit_signal(p.id, to, reason, false);
    return am::true_;
  }
  if (to.is(BoxedTag::ExtPid)) {
    bool here = node_of(to)->name == this_node()->name;
    if (!here && remote_hooks.exit != nullptr) remote_hooks.exit(&p, p.id, to, reason);
    return am::true_;
  }
  if (to.is(BoxedTag::ExtPort) && node_of(to)->name == this_node()->name) return am::true_;
  return raise_badarg(p);
}

}  // namespace

BifResult erlang_exit_2(Process& p, Term* args) {
  // One that may end the caller is heard by the scheduler that runs it.
  if (args[0] != p.id && is_long_copy(p, args[1])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  return send_exit(p, args[0], args[1], true);
}
BifResult erlang_exit_signal_2(Process& p, Term* args) {
  if (is_long_copy(p, args[1])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  return send_exit(p, args[0], args[1], false);
}

// ---- links ----

namespace {

// {'EXIT', To, Reason} as a message to the caller, who traps exits.
void send_link_failure(Process& p, Term to, Term reason) {
  Fragment* f = fragment_new(tuple_words(3) + copy_size(to));
  Builder b = f->builder();
  Term from = copy_term(to, b);
  send_fragment(p, b.tuple({am::EXIT, from, reason}), f);
}

}  // namespace

BifResult erlang_link_1(Process& p, Term* args) {
  Term to = args[0];
  if (VM_UNLIKELY((p.trace_flags & kTraceProcs) != 0)) trace_process_event(p, am::link, to);
  if (!to.is_pid() && !to.is_port()) return raise_badarg(p);
  bool local = to.is_local_pid() || to.is_local_port();
  if (local && process_link(p, to)) return am::true_;
  bool traps = (p.flags & kFlagTrapExit) != 0;
  if (to.is(BoxedTag::ExtPid) && node_of(to)->name != this_node()->name) {
    if (process_link(p, to)) return am::true_;
    if (!traps) return send_exit(p, p.id, am::noconnection, true);
    send_link_failure(p, to, am::noconnection);
    return am::true_;
  }
  if (!traps) return raise_error(p, am::noproc);
  send_link_failure(p, to, am::noproc);
  return am::true_;
}

BifResult erlang_unlink_1(Process& p, Term* args) {
  Term to = args[0];
  if (VM_UNLIKELY((p.trace_flags & kTraceProcs) != 0)) trace_process_event(p, am::unlink, to);
  if (to.is_local_pid() || to.is_local_port()) {
    process_unlink(p, to);
    return am::true_;
  }
  if (to.is_pid()) process_unlink(p, to);
  if (to.is_pid() || to.is_port()) return am::true_;
  return raise_badarg(p);
}

// ---- monitors ----

namespace {

// A process of another node.
BifResult monitor_elsewhere(Process& p, Term item, RefNumbers ref, const MonitorOptions& options) {
  if (item.is_tuple()) {
    process_monitor_remote(p, Term::none(), tuple_element(item, 0), tuple_element(item, 1), ref, options);
  } else {
    process_monitor_remote(p, item, Term::none(), node_of(item)->name, ref, options);
  }
  Builder b = p.reserve(kAliasRefWords);
  return build_monitor_ref(b, p, ref, options.alias);
}

// Nobody: a process or port of an earlier life of this node, or a port's name that no port has.
BifResult monitor_nobody(Process& p, Term type, Term item, RefNumbers ref, const MonitorOptions& options) {
  monitor_record_add(p, type == am::port ? MonitorType::Port : MonitorType::Process, Term::none(), Term::none(), ref,
                     options);
  Fragment* f = fragment_new(tuple_words(5) + kRefWords + tuple_words(2) + copy_size(item));
  Builder b = f->builder();
  Term what = item.is_atom() ? b.tuple({item, this_node()->name}) : copy_term(item, b);
  Term message = b.tuple({am::DOWN, b.reference(ref), type, what, am::noproc});
  signal_push_or_drop(p, vm_new<DownSignal>(message, f, ref));
  Builder room = p.reserve(kAliasRefWords);
  return build_monitor_ref(room, p, ref, options.alias);
}

BifResult set_monitor(Process& p, Term type, Term item, const MonitorOptions& options) {
  RefNumbers ref = make_ref_numbers();
  Term target = Term::none();
  Term name = Term::none();
  MonitorType kind;
  if (type == am::process || type == am::port) {
    bool port = type == am::port;
    kind = port ? MonitorType::Port : MonitorType::Process;
    if (port ? item.is_local_port() : item.is_local_pid()) {
      target = item;
    } else if (item.is_atom()) {
      name = item;
    } else if (is_tuple_of(item, 2) && tuple_element(item, 0).is_atom() &&
               tuple_element(item, 1).is_atom()) {
      if (tuple_element(item, 1) != this_node()->name) {
        // A node without distribution knows no other.
        if (port || this_node()->name == am::nonode_nohost) return raise_badarg(p);
        return monitor_elsewhere(p, item, ref, options);
      }
      name = tuple_element(item, 0);
    } else if (port ? item.is_port() : item.is_pid()) {
      if (node_of(item)->name == this_node()->name) return monitor_nobody(p, type, item, ref, options);
      if (port) return raise_badarg(p);
      return monitor_elsewhere(p, item, ref, options);
    } else {
      return raise_badarg(p);
    }
    if (!name.is_none()) {
      target = registry_whereis(name);
      // A name of the other kind counts as nobody.
      if (!target.is_none() && target.is_local_port() != port) target = Term::none();
      if (port && target.is_none()) return monitor_nobody(p, type, name, ref, options);
    }
  } else if (type == am::time_offset) {
    if (item != am::clock_service) return raise_badarg(p);
    kind = MonitorType::TimeOffset;
  } else {
    return raise_badarg_cause(p, am::badtype);
  }
  process_monitor(p, kind, target, name, ref, options);
  Builder b = p.reserve(kAliasRefWords);
  return build_monitor_ref(b, p, ref, options.alias);
}

}  // namespace

BifResult erlang_monitor_2(Process& p, Term* args) {
  return set_monitor(p, args[0], args[1], MonitorOptions{});
}

BifResult erlang_monitor_3(Process& p, Term* args) {
  MonitorOptions options;
  if (!parse_monitor_options(args[2], &options)) return raise_badarg_cause(p, am::badopt);
  return set_monitor(p, args[0], args[1], options);
}

BifResult erlang_demonitor_1(Process& p, Term* args) {
  if (!args[0].is_local_ref()) return raise_badarg(p);  // nobody monitors with one of another node
  process_demonitor(p, local_ref_numbers(args[0]));
  return am::true_;
}

BifResult erlang_demonitor_2(Process& p, Term* args) {
  if (!args[0].is_local_ref()) return raise_badarg(p);
  bool info = false;
  bool flush = false;
  Term list = args[1];
  for (; list.is_list(); list = list.tail()) {
    if (list.head() == am::info) info = true;
    else if (list.head() == am::flush) flush = true;
    else return raise_badarg_cause(p, am::badopt);
  }
  if (!list.is_nil()) return raise_badarg_cause(p, am::badopt);
  bool existed = process_demonitor(p, local_ref_numbers(args[0]));
  Term result = am_bool(info ? existed : true);
  if (flush && !existed) {
    // The library removes a DOWN message already in the queue; with info it answers whether it did
    // not find one.
    Export* e = export_get(am::erts_internal, am::flush_monitor_messages, 3);
    return trap(p, e, {args[0], am::false_, result});
  }
  return result;
}

// ---- aliases ----

BifResult erlang_alias_1(Process& p, Term* args) {
  AliasMode mode = AliasMode::Explicit;
  Term list = args[0];
  for (; list.is_list(); list = list.tail()) {
    if (list.head() == am::explicit_unalias) mode = AliasMode::Explicit;
    else if (list.head() == am::reply) mode = AliasMode::Reply;
    else return raise_badarg_cause(p, am::badopt);
  }
  if (!list.is_nil()) return raise_badarg_cause(p, am::badopt);
  RefNumbers ref = make_ref_numbers();
  alias_add(p, ref, mode);
  Builder b = p.reserve(kAliasRefWords);
  return build_alias_ref(b, ref, p.id);
}

BifResult erlang_unalias_1(Process& p, Term* args) {
  if (!args[0].is_ref()) return raise_badarg(p);
  if (!args[0].is_local_ref()) return am::false_;
  return am_bool(alias_remove(p, local_ref_numbers(args[0])));
}

// ---- is_process_alive ----

BifResult erlang_is_process_alive_1(Process& p, Term* args) {
  Term pid = args[0];
  if (!pid.is_local_pid()) {
    if (pid.is(BoxedTag::ExtPid) && node_of(pid)->name == this_node()->name) return am::false_;
    return raise_badarg(p);
  }
  if (pid == p.id) return am::true_;
  Process* other = process_lookup(pid);
  if (other == nullptr) return am::false_;
  // An exit signal sent before may still be in its queue, and one on its way out must be out before
  // we say so: then it answers itself.
  if (process_may_be_dying(*other)) {
    return trap(p, export_get(am::erts_internal, am::is_process_alive, 1), {pid});
  }
  return am::true_;
}

BifResult erts_internal_is_process_alive_2(Process& p, Term* args) {
  if (!args[0].is_local_pid() || !args[1].is_local_ref()) return raise_badarg(p);
  auto* r = vm_new<Request>(p.id, local_ref_numbers(args[1]),
                            [](Process* target, Request&, Fragment**, u64) {
                              return am_bool(target != nullptr);
                            });
  signal_push_to_or_drop(args[0], r);
  return am::ok;
}

// ---- group leaders ----

BifResult erlang_group_leader_0(Process& p, Term*) { return p.group_leader; }

namespace {

bool set_group_leader(Process& p, Term leader) {
  if (leader.is_local_pid()) {
    p.group_leader = leader;
    return true;
  }
  u64 words = copy_size(leader);
  Builder b = p.reserve_nogc(words);
  p.group_leader = copy_term(leader, b);
  return true;
}

}  // namespace

BifResult erts_internal_group_leader_2(Process& p, Term* args) {
  if (!args[0].is_pid()) return am::badarg;
  if (args[1].is_local_pid()) {
    if (args[1] == p.id) {
      p.group_leader = args[0];
      return am::true_;
    }
    return process_lookup_alive(args[1]) != nullptr ? am::false_ : am::badarg;
  }
  if (!args[1].is_pid()) return am::badarg;
  if (node_of(args[1])->name == this_node()->name) return am::badarg;
  if (remote_hooks.group_leader != nullptr) remote_hooks.group_leader(p, args[0], args[1]);
  return am::true_;
}

BifResult erts_internal_group_leader_3(Process& p, Term* args) {
  if (!args[0].is_pid() || !args[1].is_local_pid() || !args[2].is_local_ref()) return raise_badarg(p);
  auto* r = vm_new<Request>(p.id, local_ref_numbers(args[2]),
                            [](Process* target, Request& request, Fragment**, u64) {
                              if (target == nullptr) return am::badarg;
                              set_group_leader(*target, request.args[0]);
                              return am::true_;
                            });
  r->args[0] = request_keep(*r, args[0]);
  signal_push_to_or_drop(args[1], r);
  return am::ok;
}

// ---- suspend ----

namespace {

SuspendRecord* find_suspend(Process& p, Term pid) {
  if (p.relations == nullptr) return nullptr;
  return p.relations->suspends.find(hash_id(pid),
                                    [&](SuspendRecord& r) { return r.suspendee == pid; });
}

}  // namespace

// Returns a reference to wait for, true, false, badarg or badopt.
BifResult erts_internal_suspend_process_2(Process& p, Term* args) {
  Term pid = args[0];
  if (!pid.is_local_pid() || pid == p.id) return am::badarg;
  bool asynchronous = false;
  bool unless_suspending = false;
  Term reply_tag = Term::none();
  Term list = args[1];
  for (; list.is_list(); list = list.tail()) {
    Term option = list.head();
    if (option == am::unless_suspending) {
      unless_suspending = true;
    } else if (option == am::asynchronous) {
      asynchronous = true;
    } else if (is_tuple_of(option, 2) && tuple_element(option, 0) == am::asynchronous) {
      asynchronous = true;
      reply_tag = tuple_element(option, 1);
    } else {
      return am::badopt;
    }
  }
  if (!list.is_nil()) return am::badopt;
  if (process_lookup_alive(pid) == nullptr) return asynchronous ? am::true_ : am::badarg;

  SuspendRecord* record = find_suspend(p, pid);
  bool result = true;
  if (record != nullptr && unless_suspending) {
    result = false;
  } else if (record != nullptr) {
    record->count++;
  } else {
    record = vm_new<SuspendRecord>(SuspendRecord{nullptr, pid, 1});
    relations_of(p).suspends.insert(record);
  }
  if (result) process_suspend(p.id, pid, nullptr);
  if (asynchronous && reply_tag.is_none()) return am_bool(result);
  // The suspendee answers when it handles the request, and by then it stands still.
  RefNumbers ref = make_ref_numbers();
  auto* r = vm_new<Request>(p.id, ref, [](Process* target, Request& request, Fragment**, u64) {
    if (target == nullptr) return request.reply_tag.is_none() ? am::badarg : am::exited;
    return request.reply_tag.is_none() ? request.args[0] : am::suspended;
  });
  r->args[0] = am_bool(result);
  if (asynchronous) r->reply_tag = request_keep(*r, reply_tag);
  signal_push_to_or_drop(pid, r);
  if (asynchronous) return am_bool(result);
  mailbox_save_at_end(p);
  Builder b = p.reserve(kRefWords);
  return b.reference(ref);
}

BifResult erlang_resume_process_1(Process& p, Term* args) {
  SuspendRecord* record = args[0].is_local_pid() ? find_suspend(p, args[0]) : nullptr;
  if (record == nullptr) return raise_badarg(p);
  process_resume(p.id, args[0], 1);
  if (--record->count == 0) {
    p.relations->suspends.remove(record);
    vm_free(record);
  }
  return am::true_;
}

// ---- tasks in another process ----

namespace {

Term collect_garbage(Process* target, Request& r, Fragment**, u64) {
  if (target == nullptr) return am::false_;
  if (r.args[0] == am::minor) {
    target->collect(0);
  } else {
    target->collect_major(0);
  }
  return am::true_;
}

Term check_code(Process* target, Request& r, Fragment**, u64) {
  if (target == nullptr) return am::false_;
  return erts_internal_check_process_code_1(*target, r.args).value;
}

Term nothing_but_answer(Process* target, Request&, Fragment**, u64) { return am_bool(target != nullptr); }

BifResult request_task(Process& p, Term requester, Term target, Term priority, Term operation) {
  u8 level;
  if (!target.is_local_pid() || !operation.is_tuple() || tuple_arity(operation) < 2 ||
      (priority != am::inherit && !parse_priority(priority, &level))) {
    return raise_badarg(p);
  }
  Term type = tuple_element(operation, 0);
  Term argument = tuple_arity(operation) >= 3 ? tuple_element(operation, 2) : Term::none();
  Request::Answer answer;
  if (type == am::garbage_collect) {
    if (argument != am::minor && argument != am::major) return raise_badarg(p);
    answer = collect_garbage;
  } else if (type == am::check_process_code) {
    if (!argument.is_atom()) return raise_badarg(p);
    answer = check_code;
  } else if (type == am::system_task_test) {
    answer = nothing_but_answer;
    argument = am::true_;
  } else {
    return raise_badarg(p);
  }
  auto* r = vm_new<Request>(requester, RefNumbers{}, answer);
  r->walks_heap = type == am::garbage_collect;
  r->args[0] = argument;
  r->args[2] = type;
  r->arity = 3;
  r->reply_tag = request_keep(*r, tuple_element(operation, 1));
  signal_push_to_or_drop(target, r);
  return am::ok;
}

}  // namespace

BifResult erts_internal_request_system_task_3(Process& p, Term* args) {
  return request_task(p, p.id, args[0], args[1], args[2]);
}
BifResult erts_internal_request_system_task_4(Process& p, Term* args) {
  if (!args[0].is_local_pid()) return raise_badarg(p);
  return request_task(p, args[0], args[1], args[2], args[3]);
}

}  // namespace lintel
