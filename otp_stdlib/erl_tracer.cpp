// erl_tracer: the tracer module behind erlang:trace/3's process and port tracers. `enabled` says
// whether an event is worth making; `trace` makes the message and sends it.
#define STATIC_ERLANG_NIF 1
#include <erl_nif.h>

#include "otp_stdlib/static_nifs.h"

namespace {

using Args = const ERL_NIF_TERM[];

#define TRACER_ATOMS(X)                                                                        \
  X(ok) X(trace) X(trace_ts) X(trace_status) X(seq_trace) X(remove) X(discard) X(extra)        \
  X(match_spec_result) X(scheduler_id) X(timestamp) X(cpu_timestamp) X(monotonic) X(strict_monotonic)
#define X(name) ERL_NIF_TERM am_##name;
TRACER_ATOMS(X)
#undef X

// enabled(Tag, Tracer, Tracee)
ERL_NIF_TERM enabled(ErlNifEnv* env, int, Args argv) {
  ErlNifPid pid;
  ErlNifPort port;
  bool alive = false;
  if (enif_get_local_pid(env, argv[1], &pid)) {
    alive = enif_is_process_alive(env, &pid);
  } else if (enif_get_local_port(env, argv[1], &port)) {
    alive = enif_is_port_alive(env, &port);
  }
  if (!alive) return enif_is_identical(argv[0], am_trace_status) ? am_remove : am_discard;
  return enif_is_identical(argv[1], argv[2]) ? am_discard : am_trace;
}

bool option(ErlNifEnv* env, ERL_NIF_TERM options, ERL_NIF_TERM key, ERL_NIF_TERM* value) {
  return enif_get_map_value(env, options, key, value) != 0;
}

ERL_NIF_TERM time_of_kind(ErlNifEnv* env, ERL_NIF_TERM kind) {
  if (enif_is_identical(kind, am_timestamp)) return enif_now_time(env);
  if (enif_is_identical(kind, am_cpu_timestamp)) return enif_cpu_time(env);
  ERL_NIF_TERM now = enif_make_int64(env, enif_monotonic_time(ERL_NIF_NSEC));
  if (enif_is_identical(kind, am_monotonic)) return now;
  return enif_make_tuple2(env, now, enif_make_unique_integer(env, ERL_NIF_UNIQUE_MONOTONIC));
}

// trace(Tag, Tracer, Tracee | Label, Message, Options): sends
// {trace | trace_ts, Tracee, Tag, Message, Extra, MatchSpecResult, SchedulerId, Time}, the last four
// as far as the options have them, or {seq_trace, Label, Message, ...}.
ERL_NIF_TERM trace(ErlNifEnv* env, int, Args argv) {
  ERL_NIF_TERM items[8];
  unsigned n = 0;
  ERL_NIF_TERM options = argv[4];
  ERL_NIF_TERM value;
  bool is_seq = enif_is_identical(argv[0], am_seq_trace);
  bool has_extra = option(env, options, am_extra, &value);
  items[n++] = is_seq && !has_extra ? am_seq_trace : am_trace;
  items[n++] = argv[2];
  if (!is_seq || has_extra) items[n++] = argv[0];
  items[n++] = argv[3];
  if (has_extra) items[n++] = value;
  if (option(env, options, am_match_spec_result, &value)) items[n++] = value;
  if (option(env, options, am_scheduler_id, &value)) items[n++] = value;
  if (option(env, options, am_timestamp, &value)) {
    items[n++] = time_of_kind(env, value);
    if (items[0] == am_trace) items[0] = am_trace_ts;
  }
  ERL_NIF_TERM message = enif_make_tuple_from_array(env, items, n);
  ErlNifPid pid;
  ErlNifPort port;
  if (enif_get_local_pid(env, argv[1], &pid)) {
    enif_send(env, &pid, nullptr, message);
  } else if (enif_get_local_port(env, argv[1], &port)) {
    ErlNifBinary bin;
    if (enif_term_to_binary(env, message, &bin)) {
      enif_port_command(env, &port, nullptr, enif_make_binary(env, &bin));
    }
  }
  return am_ok;
}

int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM) {
#define X(name) am_##name = enif_make_atom(env, #name);
  TRACER_ATOMS(X)
#undef X
  *priv_data = nullptr;
  return 0;
}

int upgrade(ErlNifEnv* env, void** priv_data, void** old_priv_data, ERL_NIF_TERM info) {
  return *old_priv_data != nullptr ? -1 : load(env, priv_data, info);
}

ErlNifFunc functions[] = {{"enabled", 3, enabled, 0}, {"trace", 5, trace, 0}};

}  // namespace

ERL_NIF_INIT(erl_tracer, functions, load, nullptr, upgrade, nullptr)
