// spawn and its variants. The library's spawn/1, spawn_monitor and so on come down to these.
#include <vector>

#include "bifs/process_options.h"
#include "vm/dist/spawn_request.h"
#include "vm/heap/copy.h"
#include "vm/ops/bytes.h"
#include "vm/proc/exception.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/sched/long_work.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

struct ReplyOptions {
  Term tag = am::spawn_reply;
  bool on_success = true;
  bool on_error = true;
};

enum class Parsed { Ok, BadOption, NotAList };

bool parse_reply(Term value, ReplyOptions* reply) {
  if (value == am::yes) reply->on_success = reply->on_error = true;
  else if (value == am::no) reply->on_success = reply->on_error = false;
  else if (value == am::error_only) reply->on_success = false, reply->on_error = true;
  else if (value == am::success_only) reply->on_success = true, reply->on_error = false;
  else return false;
  return true;
}

// `reply` is null where the options of spawn_request are not allowed.
bool parse_pair(Term key, Term value, SpawnOptions* out, ReplyOptions* reply) {
  i64 number = value.is_small() ? value.small_value() : -1;
  if (key == am::priority) return parse_priority(value, &out->priority);
  if (key == am::message_queue_data) {
    out->off_heap_messages = value == am::off_heap;
    return value == am::off_heap || value == am::on_heap;
  }
  if (key == am::min_heap_size) {
    if (number < 0) return false;
    out->min_heap_words = static_cast<u32>(next_heap_size(static_cast<u64>(number)));
    return true;
  }
  if (key == am::min_bin_vheap_size) {
    if (number < 0) return false;
    return true;  // a hint that OTP 25 takes and does not use
  }
  if (key == am::max_heap_size) {
    MaxHeapOption max;
    if (!parse_max_heap(value, &max)) return false;
    out->max_heap_words = max.words;
    out->max_heap_kill = max.kill;
    out->max_heap_log = max.log;
    return true;
  }
  if (key == am::fullsweep_after) {
    if (number < 0) return false;
    out->fullsweep_after = static_cast<u32>(number < 65535 ? number : 65535);
    return true;
  }
  if (key == am::scheduler) {
    if (number < 0 || number > scheduler_count()) return false;
    out->scheduler = static_cast<u32>(number);
    return true;
  }
  if (key == am::monitor) {
    out->monitor = true;
    return parse_monitor_options(value, &out->monitor_options);
  }
  if (reply != nullptr && key == am::reply) return parse_reply(value, reply);
  if (reply != nullptr && key == am::reply_tag) {
    reply->tag = value;
    return true;
  }
  return false;
}

Parsed parse_options(Term list, SpawnOptions* out, ReplyOptions* reply) {
  bool bad = false;
  for (; list.is_list(); list = list.tail()) {
    Term option = list.head();
    if (option == am::link) {
      out->link = true;
    } else if (option == am::monitor) {
      out->monitor = true;
      out->monitor_options = {};
    } else if (!is_tuple_of(option, 2) ||
               !parse_pair(tuple_element(option, 0), tuple_element(option, 1), out, reply)) {
      bad = true;
    }
  }
  if (!list.is_nil()) return Parsed::NotAList;
  if (out->max_heap_words != 0 && out->max_heap_words < out->min_heap_words) bad = true;
  return bad ? Parsed::BadOption : Parsed::Ok;
}

SpawnOptionsResult parse_for_other_node(Term list, SpawnOptions* out) {
  switch (parse_options(list, out, nullptr)) {
    case Parsed::Ok: return SpawnOptionsResult::Ok;
    case Parsed::BadOption: return SpawnOptionsResult::BadOption;
    case Parsed::NotAList: break;
  }
  return SpawnOptionsResult::NotAList;
}
[[maybe_unused]] const bool known_to_dist = (dist_parse_spawn_options = parse_for_other_node, true);

bool is_mfa(Term* args) {
  return args[0].is_atom() && args[1].is_atom() && list_length(args[2]) >= 0;
}

constexpr i64 kSpawnCost = 100;  // reductions

BifResult spawn(Process& p, Term* args, SpawnOptions& options) {
  if (options.monitor) options.monitor_ref = make_ref_numbers();
  Process* child = process_spawn(&p, args[0], args[1], args[2], options);
  if (child == nullptr) return raise_system_limit(p);
  p.bump_reductions(kSpawnCost);
  Term id = child->id;
  if (!options.monitor) return id;
  Builder b = p.reserve(kAliasRefWords + tuple_words(2));
  Term ref = build_monitor_ref(b, p, options.monitor_ref, options.monitor_options.alias);
  return b.tuple({id, ref});
}

// {Tag, Ref, ok | error, PidOrReason} to the caller itself.
void send_spawn_reply(Process& p, Term tag, RefNumbers ref, AliasMode alias, Term status, Term what) {
  Fragment* f = fragment_new(copy_size(tag) + kAliasRefWords + tuple_words(4));
  Builder b = f->builder();
  Term reply_tag = copy_term(tag, b);
  Term r = build_monitor_ref(b, p, ref, alias);
  send_fragment(p, b.tuple({reply_tag, r, status, what}), f);
}

}  // namespace

BifResult erlang_spawn_3(Process& p, Term* args) {
  if (!is_mfa(args)) return raise_badarg(p);
  if (is_long_copy(p, args[2])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2]});
  SpawnOptions options;
  return spawn(p, args, options);
}

BifResult erlang_spawn_link_3(Process& p, Term* args) {
  if (!is_mfa(args)) return raise_badarg(p);
  if (is_long_copy(p, args[2])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2]});
  SpawnOptions options;
  options.link = true;
  return spawn(p, args, options);
}

BifResult erlang_spawn_opt_4(Process& p, Term* args) {
  SpawnOptions options;
  if (parse_options(args[3], &options, nullptr) != Parsed::Ok) {
    return raise_badarg_cause(p, am::badopt);
  }
  if (!is_mfa(args)) return raise_badarg(p);
  if (is_long_copy(p, args[2])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2], args[3]});
  return spawn(p, args, options);
}

BifResult erts_internal_spawn_request_4(Process& p, Term* args) {
  if (!is_mfa(args)) return am::badarg;
  if (is_long_copy(p, args[2])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1], args[2], args[3]});
  SpawnOptions options;
  ReplyOptions reply;
  Parsed parsed = parse_options(args[3], &options, &reply);
  if (parsed == Parsed::NotAList) return am::badopt;
  options.monitor_ref = make_ref_numbers();
  AliasMode alias = AliasMode::None;
  Term error = Term::none();
  Term child_id = Term::none();
  if (parsed == Parsed::BadOption) {
    error = am::badopt;
  } else {
    if (options.monitor) alias = options.monitor_options.alias;
    // Not runnable before the reply is in the queue: whatever the child sends comes after it.
    options.held = true;
    Process* child = process_spawn(&p, args[0], args[1], args[2], options);
    if (child == nullptr) {
      error = am::system_limit;
      alias = AliasMode::None;
    } else {
      child_id = child->id;
      if (reply.on_success) {
        send_spawn_reply(p, reply.tag, options.monitor_ref, alias, am::ok, child_id);
      }
      process_start(*child);
    }
  }
  if (!error.is_none() && reply.on_error) {
    send_spawn_reply(p, reply.tag, options.monitor_ref, alias, am::error, error);
  }
  p.bump_reductions(kSpawnCost);
  Builder b = p.reserve(kAliasRefWords);
  return build_monitor_ref(b, p, options.monitor_ref, alias);
}

// Spawning on another node. The options about the reply, and those of the monitor, are for this side;
// the rest goes along and is judged there. Answers the reference, for spawn_opt with whether it is
// a monitor's.
BifResult erts_internal_dist_spawn_request_4(Process& p, Term* args) {
  Term node = args[0];
  Term mfa = args[1];
  bool request = args[3] == am::spawn_request;
  if (!node.is_atom() || node == this_node()->name || !is_tuple_of(mfa, 3) || !is_mfa(tuple_elements(mfa))) {
    return am::badarg;
  }
  ReplyOptions reply;
  MonitorOptions monitor_options;
  bool link = false, monitor = false, bad = false, monitor_pair = false;
  u64 kept = 0;
  Term list = args[2];
  for (; list.is_list(); list = list.tail()) {
    Term option = list.head();
    kept++;
    if (option == am::link) {
      link = true;
    } else if (option == am::monitor) {
      monitor = true;
    } else if (is_tuple_of(option, 2)) {
      Term key = tuple_element(option, 0);
      Term value = tuple_element(option, 1);
      if (key == am::monitor) {
        monitor = monitor_pair = true;
        if (!parse_monitor_options(value, &monitor_options)) bad = true;
      } else if (key == am::reply || key == am::reply_tag) {
        if (!request) return am::badarg;
        if (key == am::reply_tag) {
          reply.tag = value;
        } else if (!parse_reply(value, &reply)) {
          bad = true;
        }
      } else {
        continue;
      }
      kept--;
    }
  }
  if (!list.is_nil() || (bad && !request)) return am::badarg;

  AliasMode alias = monitor ? monitor_options.alias : AliasMode::None;
  RefNumbers ref = make_ref_numbers();
  LocalRoots<3> roots(p, mfa, args[2], reply.tag);
  LocalRoots<1> monitor_tag(p, monitor_options.tag.is_none() ? Term::nil() : monitor_options.tag);
  Builder b = p.reserve((kept + 1) * kConsWords + tuple_words(3) + kAliasRefWords + tuple_words(2));
  Term options = Term::nil();
  {
    // In their order, the plain `monitor` last.
    std::vector<Term> rest;
    for (Term l = roots[1]; l.is_list(); l = l.tail()) {
      Term option = l.head();
      if (is_tuple_of(option, 2)) {
        Term key = tuple_element(option, 0);
        if (key == am::monitor || key == am::reply || key == am::reply_tag) continue;
      }
      rest.push_back(option);
    }
    if (monitor_pair) options = b.cons(am::monitor, options);
    for (size_t i = rest.size(); i-- > 0;) options = b.cons(rest[i], options);
  }
  Term* e = tuple_elements(roots[0]);
  Term arguments = e[2];
  Term mfn = b.tuple({e[0], e[1], Term::small(list_length(arguments))});
  Term ref_term = build_monitor_ref(b, p, ref, bad ? AliasMode::None : alias);
  Term result = request ? ref_term : b.tuple({ref_term, am_bool(monitor)});

  Term error = Term::none();
  u32 connection = 0;
  if (bad) {
    error = am::badopt;
  } else {
    // The entry's answer may only come as a signal, so the records are in time.
    switch (dist_spawn_request(p, *dist_entry(node), ref, ref_term, mfn, arguments, options, &connection)) {
      case SpawnRequestResult::Ok: break;
      case SpawnRequestResult::NoConnection: error = am::noconnection; break;
      case SpawnRequestResult::NotSupported: error = am::notsup; break;
      case SpawnRequestResult::SystemLimit: error = am::system_limit; break;
    }
  }
  p.bump_reductions(kSpawnCost);
  if (!error.is_none()) {
    if (reply.on_error) send_spawn_reply(p, roots[2], ref, AliasMode::None, am::error, error);
    return result;
  }
  auto* r = vm_new<SpawnRequestRecord>(SpawnRequestRecord{
      nullptr, ref, node, connection, link, reply.on_success, reply.on_error, roots[2], nullptr});
  if (u64 words = copy_size(r->tag); words != 0) {
    r->fragment = fragment_new(words);
    Builder fb = r->fragment->builder();
    r->tag = copy_term(r->tag, fb);
  }
  relations_of(p).spawn_requests.insert(r);
  if (monitor) {
    if (!monitor_options.tag.is_none()) monitor_options.tag = monitor_tag[0];
    monitor_record_add(p, MonitorType::Process, am::pending, Term::none(), ref, monitor_options);
  }
  return result;
}

// Only of a request to another node: the reply of a local spawn is in the queue when spawn_request
// returns.
BifResult erlang_spawn_request_abandon_1(Process& p, Term* args) {
  if (!args[0].is_ref()) return raise_badarg(p);
  if (!args[0].is_local_ref() || p.relations == nullptr) return am::false_;
  RefNumbers ref = local_ref_numbers(args[0]);
  SpawnRequestRecord* r = p.relations->spawn_requests.find(
      hash_ref(ref), [&](SpawnRequestRecord& o) { return o.ref == ref; });
  if (r == nullptr) return am::false_;
  dist_spawn_became_monitor(*dist_entry(r->node), r->connection, ref, Term::none());
  spawn_request_record_remove(p, r);
  monitor_record_drop(p, ref);
  return am::true_;
}

BifResult erts_internal_spawn_system_process_3(Process& p, Term* args) {
  if (!is_mfa(args)) return raise_badarg(p);
  SpawnOptions options;
  options.system_process = true;
  return spawn(p, args, options);
}

}  // namespace lintel
