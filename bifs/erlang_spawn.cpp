// spawn and its variants. The library's spawn/1, spawn_monitor and so on come down to these.
#include "bifs/process_options.h"
#include "vm/heap/copy.h"
#include "vm/ops/bytes.h"
#include "vm/proc/exception.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
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
  SpawnOptions options;
  return spawn(p, args, options);
}

BifResult erlang_spawn_link_3(Process& p, Term* args) {
  if (!is_mfa(args)) return raise_badarg(p);
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
  return spawn(p, args, options);
}

BifResult erts_internal_spawn_request_4(Process& p, Term* args) {
  if (!is_mfa(args)) return am::badarg;
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

// Spawning on another node: nothing is connected, and the reply says so. The library's spawn/2,4 then
// make a local process that exits with noconnection.
BifResult erts_internal_dist_spawn_request_4(Process& p, Term* args) {
  Term mfa = args[1];
  bool request = args[3] == am::spawn_request;
  if (!args[0].is_atom() || !is_tuple_of(mfa, 3) || !is_mfa(tuple_elements(mfa))) return am::badarg;
  SpawnOptions options;
  ReplyOptions reply;
  Parsed parsed = parse_options(args[2], &options, request ? &reply : nullptr);
  if (parsed == Parsed::NotAList) return am::badarg;
  RefNumbers ref = make_ref_numbers();
  if (reply.on_error) {
    send_spawn_reply(p, reply.tag, ref, AliasMode::None, am::error,
                     parsed == Parsed::Ok ? am::noconnection : am::badopt);
  }
  Builder b = p.reserve(kRefWords + tuple_words(2));
  Term r = b.reference(ref);
  if (request) return r;
  return b.tuple({r, am_bool(options.monitor)});
}

// The reply of a local spawn is in the queue when spawn_request returns: there is nothing to abandon.
BifResult erlang_spawn_request_abandon_1(Process& p, Term* args) {
  if (!args[0].is_ref()) return raise_badarg(p);
  return am::false_;
}

BifResult erts_internal_spawn_system_process_3(Process& p, Term* args) {
  if (!is_mfa(args)) return raise_badarg(p);
  SpawnOptions options;
  options.system_process = true;
  return spawn(p, args, options);
}

}  // namespace lintel
