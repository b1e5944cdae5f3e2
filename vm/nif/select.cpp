// enif_select: a message when a descriptor gets ready.
//
// The first call for a descriptor makes a relation between it and a resource, which holds a
// reference to the resource until ERL_NIF_SELECT_STOP. Each selected direction holds the message to
// send, built when it was selected; the poll thread sends it, once.
#include <climits>
#include <map>

#include "vm/base/alloc.h"
#include "vm/base/quiesce.h"
#include "vm/heap/copy.h"
#include "vm/io/poll.h"
#include "vm/nif/resource.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/term/atom.h"

using namespace lintel;

namespace {

struct Pending {
  Term pid = Term::none();  // none: not selected
  Term message = Term::none();
  Fragment* fragment = nullptr;
};

struct NifDescriptor : PollTarget {
  int fd;
  Resource* resource;
  Pending pending[3];  // by direction
};

Mutex<LockRank::NifSelect> lock;
std::map<int, NifDescriptor*>& relations() {
  static auto* map = new std::map<int, NifDescriptor*>();
  return *map;
}

u8 directions_of(int flags) {
  return static_cast<u8>((flags & ERL_NIF_SELECT_READ ? kPollRead : 0) |
                         (flags & ERL_NIF_SELECT_WRITE ? kPollWrite : 0) |
                         (flags & ERL_NIF_SELECT_ERROR ? kPollError : 0));
}

// Bits of the result that say what was still to come.
constexpr int kCancelled[3] = {ERL_NIF_SELECT_READ_CANCELLED, ERL_NIF_SELECT_WRITE_CANCELLED,
                               ERL_NIF_SELECT_ERROR_CANCELLED};

void forget(Pending& p) {
  if (p.fragment != nullptr) fragments_free(p.fragment);
  p = Pending();
}

int cancel_locked(NifDescriptor* d, u8 directions) {
  poll_disarm(d->fd, directions);
  int result = 0;
  for (int i = 0; i < 3; i++) {
    if (!(directions & (1 << i)) || d->pending[i].pid.is_none()) continue;
    forget(d->pending[i]);
    result |= kCancelled[i];
  }
  return result;
}

// On the poll thread. A relation that was stopped has nothing pending any more.
void ready(PollTarget* target, int, u8 directions) {
  auto* d = static_cast<NifDescriptor*>(target);
  Pending due[3];
  {
    Guard guard(lock);
    for (int i = 0; i < 3; i++) {
      if (!(directions & (1 << i))) continue;
      due[i] = d->pending[i];
      d->pending[i] = Pending();
    }
  }
  QuiesceGuard guard;
  for (Pending& p : due) {
    if (!p.pid.is_none()) send_fragment_to(p.pid, p.message, p.fragment);
  }
}

// {select, Object, Ref, ready_input | ready_output | ready_error}, or the caller's own message.
Pending make_pending(Term pid, Resource* r, int direction, Term message, ErlNifEnv* message_env,
                     bool is_custom) {
  Pending p;
  p.pid = pid;
  if (is_custom && message_env != nullptr && message_env->process == nullptr) {
    p.message = message;
    p.fragment = message_env->take_fragments();
    return p;
  }
  u64 words = flat_size(message);
  p.fragment = fragment_new(words + tuple_words(4) + kMagicRefWords);
  Builder b = p.fragment->builder();
  Term copy = copy_term_whole(message, b);
  if (is_custom) {
    p.message = copy;
    return p;
  }
  Term what = direction == 0 ? am::ready_input : direction == 1 ? am::ready_output : am::ready_error;
  Term object = b.magic_reference(r);
  p.message = b.tuple({am::select, object, copy, what});
  return p;
}

int stop(int fd, Resource* r) {
  NifDescriptor* d = nullptr;
  int result = 0;
  {
    Guard guard(lock);
    auto it = relations().find(fd);
    if (it != relations().end()) {
      d = it->second;
      if (d->resource != r) return INT_MIN | ERL_NIF_SELECT_INVALID_EVENT;
      result = cancel_locked(d, kPollRead | kPollWrite | kPollError);
      relations().erase(it);
      poll_forget(fd);
    }
  }
  if (d != nullptr) quiesce_retire(d, [](void* block) { vm_delete(static_cast<NifDescriptor*>(block)); });
  if (r->type->callbacks.stop != nullptr) {
    enif_environment_t env;
    env.library = r->type->owner;
    r->type->callbacks.stop(&env, r->data, fd, 1);
  }
  if (d != nullptr) resource_release(*r);
  return result | ERL_NIF_SELECT_STOP_CALLED;
}

}  // namespace

extern "C" {

int enif_select_x(ErlNifEnv* env, ErlNifEvent fd, enum ErlNifSelectFlags flag_bits, void* object,
                  const ErlNifPid* pid, ERL_NIF_TERM message, ErlNifEnv* message_env) {
  int flags = flag_bits;
  Resource* r = Resource::from_data(object);
  if (fd < 0) return INT_MIN | ERL_NIF_SELECT_INVALID_EVENT;
  if (flags & ERL_NIF_SELECT_STOP) return stop(fd, r);
  u8 directions = directions_of(flags);
  if (flags & ERL_NIF_SELECT_CANCEL) {
    Guard guard(lock);
    auto it = relations().find(fd);
    if (it == relations().end() || it->second->resource != r) {
      return INT_MIN | ERL_NIF_SELECT_INVALID_EVENT;
    }
    return cancel_locked(it->second, directions);
  }
  Term to = pid != nullptr                                    ? to_term(pid->pid)
            : env != nullptr && env->process != nullptr ? env->process->id
                                                              : Term::none();
  VM_CHECK(to.is_local_pid());
  bool is_custom = (flags & ERL_NIF_SELECT_CUSTOM_MSG) != 0;
  NifDescriptor* d;
  {
    Guard guard(lock);
    auto it = relations().find(fd);
    if (it != relations().end()) {
      d = it->second;
      if (d->resource != r) return INT_MIN | ERL_NIF_SELECT_INVALID_EVENT;
    } else {
      d = vm_new<NifDescriptor>();
      d->PollTarget::ready = ready;
      d->fd = fd;
      d->resource = r;
      resource_retain(*r);
      relations()[fd] = d;
    }
    for (int i = 0; i < 3; i++) {
      if (!(directions & (1 << i))) continue;
      forget(d->pending[i]);
      d->pending[i] = make_pending(to, r, i, to_term(message), message_env, is_custom);
    }
  }
  // Outside the lock: a descriptor that is always ready reports at once.
  if (poll_arm(fd, directions, d) == 0) return 0;
  Guard guard(lock);
  cancel_locked(d, directions);
  return INT_MIN | ERL_NIF_SELECT_FAILED;
}

int enif_select(ErlNifEnv* env, ErlNifEvent fd, enum ErlNifSelectFlags flags, void* object,
                const ErlNifPid* pid, ERL_NIF_TERM ref) {
  return enif_select_x(env, fd, flags, object, pid, ref, nullptr);
}

}  // extern "C"
