// Threads, locks, condition variables and thread-specific data, under the names of the driver API
// (erl_drv_*) and of the NIF API (enif_*). The two share their types and these definitions.
#include <erl_driver.h>
#include <erl_nif.h>
#include <pthread.h>

#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "vm/base/alloc.h"
#include "vm/base/lock.h"
#include "vm/sched/cpu_topology.h"

using namespace lintel;

struct ErlDrvMutex_ {
  pthread_mutex_t mutex;
  std::string name;
};
struct ErlDrvCond_ {
  pthread_cond_t cond;
  std::string name;
};
struct ErlDrvRWLock_ {
  pthread_rwlock_t lock;
  std::string name;
};
struct ErlDrvTid_ {
  pthread_t thread;
  void* (*run)(void*);
  void* argument;
  void* result = nullptr;
  std::string name;
  bool is_ours = true;  // made by thread_create; else a handle for some other thread of the VM
};

namespace {

thread_local ErlDrvTid_* this_thread = nullptr;

std::string name_or_empty(const char* name) { return name == nullptr ? "" : name; }

// Keys are indices; a deleted one is used again.
Mutex<LockRank::Leaf> keys_lock;
std::vector<std::string>& key_names() {
  static auto* names = new std::vector<std::string>();
  return *names;
}
std::vector<int>& free_keys() {
  static auto* keys = new std::vector<int>();
  return *keys;
}
struct ThreadData {
  std::vector<void*> values;
};
thread_local ThreadData thread_data;

void* thread_main(void* arg) {
  auto* t = static_cast<ErlDrvTid_*>(arg);
  this_thread = t;
  if (!t->name.empty()) pthread_setname_np(pthread_self(), t->name.substr(0, 15).c_str());
  t->result = t->run(t->argument);
  return nullptr;
}

}  // namespace

extern "C" {

// ---- mutexes ----
ErlDrvMutex* erl_drv_mutex_create(char* name) {
  auto* m = vm_new<ErlDrvMutex_>();
  pthread_mutex_init(&m->mutex, nullptr);
  m->name = name_or_empty(name);
  return m;
}
void erl_drv_mutex_destroy(ErlDrvMutex* m) {
  pthread_mutex_destroy(&m->mutex);
  vm_delete(m);
}
int erl_drv_mutex_trylock(ErlDrvMutex* m) { return pthread_mutex_trylock(&m->mutex); }
void erl_drv_mutex_lock(ErlDrvMutex* m) { pthread_mutex_lock(&m->mutex); }
void erl_drv_mutex_unlock(ErlDrvMutex* m) { pthread_mutex_unlock(&m->mutex); }
char* erl_drv_mutex_name(ErlDrvMutex* m) { return m == nullptr ? nullptr : m->name.data(); }

// ---- condition variables ----
ErlDrvCond* erl_drv_cond_create(char* name) {
  auto* c = vm_new<ErlDrvCond_>();
  pthread_cond_init(&c->cond, nullptr);
  c->name = name_or_empty(name);
  return c;
}
void erl_drv_cond_destroy(ErlDrvCond* c) {
  pthread_cond_destroy(&c->cond);
  vm_delete(c);
}
void erl_drv_cond_signal(ErlDrvCond* c) { pthread_cond_signal(&c->cond); }
void erl_drv_cond_broadcast(ErlDrvCond* c) { pthread_cond_broadcast(&c->cond); }
void erl_drv_cond_wait(ErlDrvCond* c, ErlDrvMutex* m) { pthread_cond_wait(&c->cond, &m->mutex); }
char* erl_drv_cond_name(ErlDrvCond* c) { return c == nullptr ? nullptr : c->name.data(); }

// ---- read-write locks ----
ErlDrvRWLock* erl_drv_rwlock_create(char* name) {
  auto* l = vm_new<ErlDrvRWLock_>();
  pthread_rwlock_init(&l->lock, nullptr);
  l->name = name_or_empty(name);
  return l;
}
void erl_drv_rwlock_destroy(ErlDrvRWLock* l) {
  pthread_rwlock_destroy(&l->lock);
  vm_delete(l);
}
int erl_drv_rwlock_tryrlock(ErlDrvRWLock* l) { return pthread_rwlock_tryrdlock(&l->lock); }
void erl_drv_rwlock_rlock(ErlDrvRWLock* l) { pthread_rwlock_rdlock(&l->lock); }
void erl_drv_rwlock_runlock(ErlDrvRWLock* l) { pthread_rwlock_unlock(&l->lock); }
int erl_drv_rwlock_tryrwlock(ErlDrvRWLock* l) { return pthread_rwlock_trywrlock(&l->lock); }
void erl_drv_rwlock_rwlock(ErlDrvRWLock* l) { pthread_rwlock_wrlock(&l->lock); }
void erl_drv_rwlock_rwunlock(ErlDrvRWLock* l) { pthread_rwlock_unlock(&l->lock); }
char* erl_drv_rwlock_name(ErlDrvRWLock* l) { return l == nullptr ? nullptr : l->name.data(); }

// ---- thread-specific data ----
int erl_drv_tsd_key_create(char* name, ErlDrvTSDKey* key) {
  Guard guard(keys_lock);
  if (!free_keys().empty()) {
    *key = free_keys().back();
    free_keys().pop_back();
    key_names()[static_cast<size_t>(*key)] = name_or_empty(name);
    return 0;
  }
  *key = static_cast<int>(key_names().size());
  key_names().push_back(name_or_empty(name));
  return 0;
}
void erl_drv_tsd_key_destroy(ErlDrvTSDKey key) {
  Guard guard(keys_lock);
  free_keys().push_back(key);
}
void erl_drv_tsd_set(ErlDrvTSDKey key, void* value) {
  auto& values = thread_data.values;
  if (values.size() <= static_cast<size_t>(key)) values.resize(static_cast<size_t>(key) + 1, nullptr);
  values[static_cast<size_t>(key)] = value;
}
void* erl_drv_tsd_get(ErlDrvTSDKey key) {
  auto& values = thread_data.values;
  return static_cast<size_t>(key) < values.size() ? values[static_cast<size_t>(key)] : nullptr;
}

// ---- threads ----
ErlDrvThreadOpts* erl_drv_thread_opts_create(char*) {
  auto* o = vm_new<ErlDrvThreadOpts>();
  o->suggested_stack_size = -1;  // kilowords; negative: the default
  return o;
}
void erl_drv_thread_opts_destroy(ErlDrvThreadOpts* o) { vm_delete(o); }
int erl_drv_thread_create(char* name, ErlDrvTid* tid, void* (*run)(void*), void* argument,
                          ErlDrvThreadOpts* options) {
  auto* t = vm_new<ErlDrvTid_>();
  t->run = run;
  t->argument = argument;
  t->name = name_or_empty(name);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  thread_attributes_unbound(&attributes);
  if (options != nullptr && options->suggested_stack_size >= 0) {
    size_t bytes = static_cast<size_t>(options->suggested_stack_size) * 1024 * sizeof(void*);
    pthread_attr_setstacksize(&attributes, bytes < 65536 ? 65536 : (bytes + 4095) & ~size_t{4095});
  }
  // Signals of the operating system go to the thread that waits for them, never to a library's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&t->thread, &attributes, thread_main, t);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    vm_delete(t);
    return error;
  }
  *tid = t;
  return 0;
}
char* erl_drv_thread_name(ErlDrvTid tid) { return tid == nullptr ? nullptr : tid->name.data(); }
ErlDrvTid erl_drv_thread_self(void) {
  if (this_thread == nullptr) {
    this_thread = vm_new<ErlDrvTid_>();
    this_thread->thread = pthread_self();
    this_thread->is_ours = false;
  }
  return this_thread;
}
int erl_drv_equal_tids(ErlDrvTid a, ErlDrvTid b) { return a == b; }
void erl_drv_thread_exit(void* result) {
  ErlDrvTid_* t = this_thread;
  VM_CHECK(t != nullptr && t->is_ours);
  t->result = result;
  pthread_exit(nullptr);
}
int erl_drv_thread_join(ErlDrvTid tid, void** result) {
  VM_CHECK(tid != nullptr && tid->is_ours);
  int error = pthread_join(tid->thread, nullptr);
  if (error != 0) return error;
  if (result != nullptr) *result = tid->result;
  vm_delete(tid);
  return 0;
}

// ---- the same for NIFs ----
ErlNifMutex* enif_mutex_create(char* name) { return erl_drv_mutex_create(name); }
void enif_mutex_destroy(ErlNifMutex* m) { erl_drv_mutex_destroy(m); }
int enif_mutex_trylock(ErlNifMutex* m) { return erl_drv_mutex_trylock(m); }
void enif_mutex_lock(ErlNifMutex* m) { erl_drv_mutex_lock(m); }
void enif_mutex_unlock(ErlNifMutex* m) { erl_drv_mutex_unlock(m); }
char* enif_mutex_name(ErlNifMutex* m) { return erl_drv_mutex_name(m); }
ErlNifCond* enif_cond_create(char* name) { return erl_drv_cond_create(name); }
void enif_cond_destroy(ErlNifCond* c) { erl_drv_cond_destroy(c); }
void enif_cond_signal(ErlNifCond* c) { erl_drv_cond_signal(c); }
void enif_cond_broadcast(ErlNifCond* c) { erl_drv_cond_broadcast(c); }
void enif_cond_wait(ErlNifCond* c, ErlNifMutex* m) { erl_drv_cond_wait(c, m); }
char* enif_cond_name(ErlNifCond* c) { return erl_drv_cond_name(c); }
ErlNifRWLock* enif_rwlock_create(char* name) { return erl_drv_rwlock_create(name); }
void enif_rwlock_destroy(ErlNifRWLock* l) { erl_drv_rwlock_destroy(l); }
int enif_rwlock_tryrlock(ErlNifRWLock* l) { return erl_drv_rwlock_tryrlock(l); }
void enif_rwlock_rlock(ErlNifRWLock* l) { erl_drv_rwlock_rlock(l); }
void enif_rwlock_runlock(ErlNifRWLock* l) { erl_drv_rwlock_runlock(l); }
int enif_rwlock_tryrwlock(ErlNifRWLock* l) { return erl_drv_rwlock_tryrwlock(l); }
void enif_rwlock_rwlock(ErlNifRWLock* l) { erl_drv_rwlock_rwlock(l); }
void enif_rwlock_rwunlock(ErlNifRWLock* l) { erl_drv_rwlock_rwunlock(l); }
char* enif_rwlock_name(ErlNifRWLock* l) { return erl_drv_rwlock_name(l); }
int enif_tsd_key_create(char* name, ErlNifTSDKey* key) { return erl_drv_tsd_key_create(name, key); }
void enif_tsd_key_destroy(ErlNifTSDKey key) { erl_drv_tsd_key_destroy(key); }
void enif_tsd_set(ErlNifTSDKey key, void* value) { erl_drv_tsd_set(key, value); }
void* enif_tsd_get(ErlNifTSDKey key) { return erl_drv_tsd_get(key); }
ErlNifThreadOpts* enif_thread_opts_create(char* name) { return erl_drv_thread_opts_create(name); }
void enif_thread_opts_destroy(ErlNifThreadOpts* o) { erl_drv_thread_opts_destroy(o); }
int enif_thread_create(char* name, ErlNifTid* tid, void* (*run)(void*), void* argument,
                       ErlNifThreadOpts* options) {
  return erl_drv_thread_create(name, tid, run, argument, options);
}
char* enif_thread_name(ErlNifTid tid) { return erl_drv_thread_name(tid); }
ErlNifTid enif_thread_self(void) { return erl_drv_thread_self(); }
int enif_equal_tids(ErlNifTid a, ErlNifTid b) { return erl_drv_equal_tids(a, b); }
void enif_thread_exit(void* result) { erl_drv_thread_exit(result); }
int enif_thread_join(ErlNifTid tid, void** result) { return erl_drv_thread_join(tid, result); }

}  // extern "C"
