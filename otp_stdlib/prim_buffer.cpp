// prim_buffer: a byte queue for file's read-ahead and delayed writes.
//
// Small writes are gathered in one block (`pending`) that joins the queue when it is full or when
// somebody wants to read, so that many short lines do not become many slices.
#define STATIC_ERLANG_NIF 1
#include <erl_nif.h>

#include <atomic>
#include <cstring>
#include <new>

#include "otp_stdlib/static_nifs.h"

namespace {

using Args = const ERL_NIF_TERM[];

constexpr size_t kPendingSize = 2048;        // bytes of the gathering block
constexpr size_t kDirtySearchSize = 1 << 20; // a search over more than this goes to a dirty thread

struct Buffer {
  ErlNifIOQueue* queue;
  ErlNifBinary pending;
  size_t pending_used;  // 0: there is no pending block
  std::atomic<int> locked;
};

ErlNifResourceType* buffer_type;
ERL_NIF_TERM am_ok, am_not_found, am_acquired, am_busy, am_lock_order_violation;

void destroy(ErlNifEnv*, void* object) {
  auto* b = static_cast<Buffer*>(object);
  if (b->pending_used != 0) enif_release_binary(&b->pending);
  enif_ioq_destroy(b->queue);
}

Buffer* buffer_of(ErlNifEnv* env, ERL_NIF_TERM t) {
  void* object;
  return enif_get_resource(env, t, buffer_type, &object) ? static_cast<Buffer*>(object) : nullptr;
}

void flush_pending(Buffer* b) {
  if (b->pending_used == 0) return;
  enif_realloc_binary(&b->pending, b->pending_used);
  enif_ioq_enq_binary(b->queue, &b->pending, 0);
  b->pending_used = 0;
}

// Copies the first `size` bytes of the slices.
void copy_slices(const SysIOVec* v, size_t size, unsigned char* to) {
  for (size_t done = 0; done < size; v++) {
    size_t n = v->iov_len < size - done ? v->iov_len : size - done;
    std::memcpy(to + done, v->iov_base, n);
    done += n;
  }
}

ERL_NIF_TERM create(ErlNifEnv* env, int, Args) {
  auto* b = static_cast<Buffer*>(enif_alloc_resource(buffer_type, sizeof(Buffer)));
  b->queue = enif_ioq_create(ERL_NIF_IOQ_NORMAL);
  b->pending_used = 0;
  new (&b->locked) std::atomic<int>(0);
  ERL_NIF_TERM t = enif_make_resource(env, b);
  enif_release_resource(b);
  return t;
}

ERL_NIF_TERM size(ErlNifEnv* env, int, Args argv) {
  Buffer* b = buffer_of(env, argv[0]);
  if (b == nullptr) return enif_make_badarg(env);
  return enif_make_uint64(env, enif_ioq_size(b->queue) + b->pending_used);
}

ERL_NIF_TERM peek_head(ErlNifEnv* env, int, Args argv) {
  Buffer* b = buffer_of(env, argv[0]);
  if (b == nullptr) return enif_make_badarg(env);
  flush_pending(b);
  ERL_NIF_TERM head;
  if (!enif_ioq_peek_head(env, b->queue, nullptr, &head)) return enif_make_badarg(env);
  return head;
}

ERL_NIF_TERM copying_read(ErlNifEnv* env, int, Args argv) {
  Buffer* b = buffer_of(env, argv[0]);
  ErlNifUInt64 size;
  if (b == nullptr || !enif_get_uint64(env, argv[1], &size)) return enif_make_badarg(env);
  flush_pending(b);
  if (size > enif_ioq_size(b->queue)) return enif_make_badarg(env);
  ERL_NIF_TERM result;
  unsigned char* to = enif_make_new_binary(env, size, &result);
  int count;
  copy_slices(enif_ioq_peek(b->queue, &count), size, to);
  enif_ioq_deq(b->queue, size, nullptr);
  return result;
}

ERL_NIF_TERM write(ErlNifEnv* env, int, Args argv) {
  Buffer* b = buffer_of(env, argv[0]);
  ErlNifIOVec space;
  ErlNifIOVec* v = &space;
  ERL_NIF_TERM rest;
  if (b == nullptr || !enif_inspect_iovec(env, 64, argv[1], &rest, &v)) return enif_make_badarg(env);
  if (v->size != 0) {
    bool is_small = v->size < kPendingSize / 2;
    if (!is_small || b->pending_used + v->size > kPendingSize) flush_pending(b);
    if (is_small) {
      if (b->pending_used == 0) enif_alloc_binary(kPendingSize, &b->pending);
      copy_slices(v->iov, v->size, b->pending.data + b->pending_used);
      b->pending_used += v->size;
    } else {
      enif_ioq_enqv(b->queue, v, 0);
    }
  }
  if (enif_is_empty_list(env, rest)) return am_ok;
  const ERL_NIF_TERM again[] = {argv[0], rest};
  return enif_schedule_nif(env, "write", 0, write, 2, again);
}

ERL_NIF_TERM skip(ErlNifEnv* env, int, Args argv) {
  Buffer* b = buffer_of(env, argv[0]);
  ErlNifUInt64 size;
  if (b == nullptr || !enif_get_uint64(env, argv[1], &size)) return enif_make_badarg(env);
  flush_pending(b);
  if (!enif_ioq_deq(b->queue, size, nullptr)) return enif_make_badarg(env);
  return am_ok;
}

ERL_NIF_TERM find_byte_index(ErlNifEnv* env, int argc, Args argv) {
  Buffer* b = buffer_of(env, argv[0]);
  int wanted;
  if (b == nullptr || !enif_get_int(env, argv[1], &wanted) || wanted < 0 || wanted > 255) {
    return enif_make_badarg(env);
  }
  flush_pending(b);
  size_t size = enif_ioq_size(b->queue);
  if (enif_thread_type() == ERL_NIF_THR_NORMAL_SCHEDULER) {
    if (size >= kDirtySearchSize) {
      return enif_schedule_nif(env, "find_byte_index", ERL_NIF_DIRTY_JOB_CPU_BOUND, find_byte_index,
                               argc, argv);
    }
    if (size > kDirtySearchSize / 100) {
      enif_consume_timeslice(env, static_cast<int>(size * 100 / kDirtySearchSize) + 1);
    }
  }
  int count;
  const SysIOVec* v = enif_ioq_peek(b->queue, &count);
  size_t before = 0;
  for (int i = 0; i < count; before += v[i].iov_len, i++) {
    const void* at = std::memchr(v[i].iov_base, wanted, v[i].iov_len);
    if (at == nullptr) continue;
    size_t index = before + static_cast<size_t>(static_cast<const char*>(at) -
                                                static_cast<const char*>(v[i].iov_base));
    return enif_make_tuple2(env, am_ok, enif_make_uint64(env, index));
  }
  return am_not_found;
}

ERL_NIF_TERM try_lock(ErlNifEnv* env, int, Args argv) {
  Buffer* b = buffer_of(env, argv[0]);
  if (b == nullptr) return enif_make_badarg(env);
  return b->locked.exchange(1, std::memory_order_acquire) == 0 ? am_acquired : am_busy;
}

ERL_NIF_TERM unlock(ErlNifEnv* env, int, Args argv) {
  Buffer* b = buffer_of(env, argv[0]);
  if (b == nullptr) return enif_make_badarg(env);
  if (b->locked.exchange(0, std::memory_order_release) == 0) {
    return enif_raise_exception(env, am_lock_order_violation);
  }
  return am_ok;
}

int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM) {
  am_ok = enif_make_atom(env, "ok");
  am_not_found = enif_make_atom(env, "not_found");
  am_acquired = enif_make_atom(env, "acquired");
  am_busy = enif_make_atom(env, "busy");
  am_lock_order_violation = enif_make_atom(env, "lock_order_violation");
  buffer_type = enif_open_resource_type(env, nullptr, "gc_buffer", destroy, ERL_NIF_RT_CREATE, nullptr);
  *priv_data = nullptr;
  return buffer_type == nullptr;
}

int upgrade(ErlNifEnv* env, void** priv_data, void** old_priv_data, ERL_NIF_TERM info) {
  return *old_priv_data != nullptr ? -1 : load(env, priv_data, info);
}

ErlNifFunc functions[] = {
    {"new", 0, create, 0},
    {"size", 1, size, 0},
    {"peek_head", 1, peek_head, 0},
    {"copying_read", 2, copying_read, 0},
    {"write", 2, write, 0},
    {"skip", 2, skip, 0},
    {"find_byte_index", 2, find_byte_index, 0},
    {"try_lock", 1, try_lock, 0},
    {"unlock", 1, unlock, 0},
};

}  // namespace

ERL_NIF_INIT(prim_buffer, functions, load, nullptr, upgrade, nullptr)
