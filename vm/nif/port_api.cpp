// Ports, as NIFs see them.
#include "vm/base/quiesce.h"
#include "vm/heap/copy.h"
#include "vm/io/port.h"
#include "vm/nif/env.h"
#include "vm/proc/registry.h"
#include "vm/term/atom.h"

using namespace lintel;

extern "C" {

int enif_get_local_port(ErlNifEnv*, ERL_NIF_TERM t, ErlNifPort* port) {
  if (!to_term(t).is_local_port()) return 0;
  port->port_id = t;
  return 1;
}
int enif_whereis_port(ErlNifEnv*, ERL_NIF_TERM name, ErlNifPort* port) {
  if (!to_term(name).is_atom()) return 0;
  QuiesceGuard guard;
  Term t = registry_whereis(to_term(name));
  if (t.is_none() || !t.is_local_port()) return 0;
  port->port_id = from_term(t);
  return 1;
}
int enif_is_port_alive(ErlNifEnv*, ErlNifPort* port) {
  QuiesceGuard guard;
  Port* p = port_lookup(to_term(port->port_id));
  return p != nullptr && !p->is_dead();
}
// Sends a command, whoever owns the port. False: there is no such port.
int enif_port_command(ErlNifEnv* env, const ErlNifPort* to, ErlNifEnv* message_env, ERL_NIF_TERM message) {
  QuiesceGuard guard;
  Port* p = port_lookup(to_term(to->port_id));
  if (p == nullptr || p->is_dead()) return 0;
  Term value = to_term(message);
  Fragment* fragment = nullptr;
  if (message_env != nullptr && message_env->process == nullptr) {
    fragment = message_env->take_fragments();
  } else {
    value = copy_to_keep(value, &fragment);
  }
  Term from = env != nullptr && env->process != nullptr ? env->process->id : Term::none();
  port_command_later(*p, from, value, fragment);
  return 1;
}

}  // extern "C"
