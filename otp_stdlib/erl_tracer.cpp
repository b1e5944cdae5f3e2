// The NIF half of erl_tracer, the tracer module behind {tracer, Pid | Port}: it is never called while
// trace messages to processes and ports are sent by the emulator itself.
#include "otp_stdlib/static_nifs.h"

namespace {

ERL_NIF_TERM enabled(ErlNifEnv* env, int, const ERL_NIF_TERM*) {
  return enif_make_atom(env, "trace");
}
ERL_NIF_TERM trace(ErlNifEnv* env, int, const ERL_NIF_TERM*) { return enif_make_atom(env, "ok"); }

ErlNifFunc functions[] = {{"enabled", 3, enabled, 0}, {"trace", 5, trace, 0}};

int load(ErlNifEnv*, void**, ERL_NIF_TERM) { return 0; }

ErlNifEntry entry = {ERL_NIF_MAJOR_VERSION,
                     ERL_NIF_MINOR_VERSION,
                     "erl_tracer",
                     2,
                     functions,
                     load,
                     nullptr,
                     nullptr,
                     nullptr,
                     ERL_NIF_VM_VARIANT,
                     1,
                     sizeof(ErlNifResourceTypeInit),
                     ERL_NIF_MIN_ERTS_VERSION};

}  // namespace

ErlNifEntry* erl_tracer_nif_init(void) { return &entry; }
