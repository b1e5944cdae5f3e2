// Environments by themselves, sending, and what NIFs may ask about processes.
#include <cstring>

#include "vm/base/alloc.h"
#include "vm/base/quiesce.h"
#include "vm/heap/copy.h"
#include "vm/nif/library.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"

using namespace lintel;

extern "C" {

void* enif_priv_data(ErlNifEnv* env) { return env->library->priv_data; }
void* enif_alloc(size_t size) { return vm_alloc(size); }
void* enif_realloc(void* block, size_t size) { return vm_realloc(block, size); }
void enif_free(void* block) { vm_free(block); }

// ---- environments ----
ErlNifEnv* enif_alloc_env(void) { return vm_new<enif_environment_t>(); }
void enif_free_env(ErlNifEnv* env) { vm_delete(env); }
void enif_clear_env(ErlNifEnv* env) {
  VM_CHECK(env->process == nullptr);
  env->clear();
}
ERL_NIF_TERM enif_make_copy(ErlNifEnv* env, ERL_NIF_TERM source) {
  Term t = to_term(source);
  if (t.is_imm()) return source;
  Builder b = env->reserve(flat_size(t));
  return from_term(copy_term_whole(t, b));
}

// ---- pids ----
ErlNifPid* enif_self(ErlNifEnv* caller, ErlNifPid* pid) {
  if (caller == nullptr || caller->process == nullptr) return nullptr;
  pid->pid = from_term(caller->process->id);
  return pid;
}
int enif_get_local_pid(ErlNifEnv*, ERL_NIF_TERM t, ErlNifPid* pid) {
  if (!to_term(t).is_local_pid()) return 0;
  pid->pid = t;
  return 1;
}
int enif_whereis_pid(ErlNifEnv*, ERL_NIF_TERM name, ErlNifPid* pid) {
  if (!to_term(name).is_atom()) return 0;
  QuiesceGuard guard;
  Term t = registry_whereis(to_term(name));
  if (t.is_none() || !t.is_local_pid()) return 0;
  pid->pid = from_term(t);
  return 1;
}
void enif_set_pid_undefined(ErlNifPid* pid) { pid->pid = from_term(am::undefined); }
int enif_is_pid_undefined(const ErlNifPid* pid) { return to_term(pid->pid) == am::undefined; }
int enif_is_process_alive(ErlNifEnv*, ErlNifPid* pid) {
  if (!to_term(pid->pid).is_local_pid()) return 0;
  QuiesceGuard guard;
  return process_lookup_alive(to_term(pid->pid)) != nullptr;
}
int enif_is_current_process_alive(ErlNifEnv* env) {
  Process* p = env->process;
  return p != nullptr && (p->state_now() & kStateExiting) == 0 && process_lookup_alive(p->id) == p;
}

// ---- sending ----
// False when there is no such process; then a message environment keeps its terms.
int enif_send(ErlNifEnv*, const ErlNifPid* to, ErlNifEnv* message_env, ERL_NIF_TERM message) {
  Term pid = to_term(to->pid);
  if (!pid.is_local_pid()) return 0;
  QuiesceGuard guard;
  Process* p = process_lookup_alive(pid);
  if (p == nullptr) return 0;
  Term value = to_term(message);
  Fragment* fragment = nullptr;
  if (message_env != nullptr && message_env->process == nullptr) {
    fragment = message_env->take_fragments();
    message_env->free_temporaries();
  } else {
    value = copy_to_keep(value, &fragment);
  }
  send_fragment(*p, value, fragment);
  return 1;
}

// ---- references and unique integers ----
ERL_NIF_TERM enif_make_ref(ErlNifEnv* env) {
  return from_term(env->reserve(kRefWords).reference(make_ref_numbers()));
}
ERL_NIF_TERM enif_make_unique_integer(ErlNifEnv* env, ErlNifUniqueInteger properties) {
  Builder b = env->reserve(kUniqueIntegerWords);
  bool positive = (properties & ERL_NIF_UNIQUE_POSITIVE) != 0;
  if ((properties & ERL_NIF_UNIQUE_MONOTONIC) != 0) {
    return from_term(build_monotonic_integer(b, monotonic_next(), positive));
  }
  return from_term(build_unique_integer(b, unique_next(), positive));
}

}  // extern "C"
