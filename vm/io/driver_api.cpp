// The functions of erl_driver.h. An ErlDrvPort is the port's id, looked up at each call, so that a
// driver's thread that comes late with a port that is gone gets -1 and no crash.
#include "vm/io/driver.h"

#include <dlfcn.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "vm/base/alloc.h"
#include "vm/base/quiesce.h"
#include "vm/io/async.h"
#include "vm/io/driver_term.h"
#include "vm/io/environment.h"
#include "vm/io/port.h"
#include "vm/io/port_monitor.h"
#include "vm/io/port_select.h"
#include "vm/io/system_info.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/sched/clock.h"
#include "vm/term/atom.h"

using namespace lintel;

struct erl_drv_port_data_lock {
  std::mutex mutex;
  std::atomic<i64> refs{1};
};

namespace lintel {

struct PortDataLock : erl_drv_port_data_lock {};

namespace {

ErlDrvPDL data_lock_of(Port& p) { return p.data_lock; }

i64 data_lock_release(ErlDrvPDL lock) {
  i64 left = lock->refs.fetch_sub(1, std::memory_order_acq_rel) - 1;
  if (left == 0) vm_delete(static_cast<PortDataLock*>(lock));
  return left;
}

// ---- timers ----

struct PortTimer : Timer {
  Term port;
};

struct TimeoutTask : PortTask {
  PortTimer* timer;
};

void run_timeout(Port* p, PortTask* t) {
  auto* task = static_cast<TimeoutTask*>(t);
  PortTimer* timer = task->timer;
  vm_delete(task);
  bool is_current = p != nullptr && p->timer == timer;
  vm_delete(timer);
  if (!is_current) return;
  p->timer = nullptr;
  if (p->entry().timeout != nullptr) p->entry().timeout(p->data);
}

void fire_timer(Timer* t) {
  auto* timer = static_cast<PortTimer*>(t);
  auto* task = vm_new<TimeoutTask>();
  task->run = run_timeout;
  task->timer = timer;
  port_push_to(timer->port, task);
}

void destroy_timer(Timer* t) { vm_delete(static_cast<PortTimer*>(t)); }

// ---- async ----

struct PortAsync : AsyncJob {
  Term port;
  void (*invoke)(void*);
  void (*free)(void*);
  void* data;
};

struct AsyncDoneTask : PortTask {
  PortAsync* job;
};

void run_async_done(Port* p, PortTask* t) {
  auto* task = static_cast<AsyncDoneTask*>(t);
  PortAsync* job = task->job;
  vm_delete(task);
  if (p != nullptr && p->entry().ready_async != nullptr) {
    p->entry().ready_async(p->data, static_cast<ErlDrvThreadData>(job->data));
  } else if (job->free != nullptr) {
    job->free(job->data);
  }
  vm_delete(job);
}

void run_async(AsyncJob* j) {
  auto* job = static_cast<PortAsync*>(j);
  job->invoke(job->data);
  auto* t = vm_new<AsyncDoneTask>();
  t->run = run_async_done;
  t->job = job;
  port_push_to(job->port, t);
}

// ---- output ----

int output(ErlDrvPort handle, const char* header, size_t header_size, const char* bytes, size_t size,
           ErlDrvBinary* bin) {
  Port* p = port_of_handle(handle);
  if (p == nullptr || p->is_dead()) return -1;
  BinaryData* shared = bin != nullptr ? binary_of_driver(bin) : nullptr;
  port_deliver_data(*p, header, header_size, reinterpret_cast<const u8*>(bytes), size, shared);
  return 0;
}

int fail(ErlDrvPort handle, Term reason, bool is_eof) {
  Port* p = port_of_handle(handle);
  if (p == nullptr || p->has(kPortClosed)) return -1;
  if (p->has(kPortFlushing)) {
    port_close_now(*p);
    return 0;
  }
  if (p->is_dead()) return -1;
  if (is_eof && p->has(kPortSoftEof)) {
    port_deliver_eof(*p);
    return 0;
  }
  if (is_eof) port_flush_line(*p);
  port_exit(*p, p->id, reason, false, false);
  return 0;
}

int send_built(Term to, const ErlDrvTermData* data, int length) {
  Fragment* f;
  Term message = driver_term_build(data, length, &f);
  if (message.is_none()) return -1;
  QuiesceGuard guard;
  Process* p = to.is_local_pid() ? process_lookup_alive(to) : nullptr;
  if (p == nullptr) {
    if (f != nullptr) fragments_free(f);
    return 0;
  }
  send_fragment(*p, message, f);
  return 1;
}

i64 unit_rate(ErlDrvTimeUnit unit) {
  switch (unit) {
    case ERL_DRV_SEC: return 1;
    case ERL_DRV_MSEC: return 1000;
    case ERL_DRV_USEC: return 1000000;
    case ERL_DRV_NSEC: return 1000000000;
  }
  return 0;
}

}  // namespace

void port_timer_cancel(Port& p) {
  if (p.timer == nullptr) return;
  timer_cancel(p.timer);  // one that has fired frees itself in its task
  p.timer = nullptr;
}

void port_data_lock_drop(Port& p) {
  if (p.data_lock != nullptr) data_lock_release(p.data_lock);
  p.data_lock = nullptr;
}

}  // namespace lintel

const ErlDrvTermData driver_term_nil = Term::nil().bits();

extern "C" {

// ---- data to the connected process ----
int driver_output(ErlDrvPort port, char* bytes, ErlDrvSizeT size) {
  return output(port, nullptr, 0, bytes, size, nullptr);
}
int driver_output2(ErlDrvPort port, char* header, ErlDrvSizeT header_size, char* bytes,
                   ErlDrvSizeT size) {
  return output(port, header, header_size, bytes, size, nullptr);
}
int driver_output_binary(ErlDrvPort port, char* header, ErlDrvSizeT header_size, ErlDrvBinary* bin,
                         ErlDrvSizeT offset, ErlDrvSizeT size) {
  return output(port, header, header_size, bin->orig_bytes + offset, size, bin);
}
int driver_outputv(ErlDrvPort port, char* header, ErlDrvSizeT header_size, ErlIOVec* v,
                   ErlDrvSizeT skip) {
  std::string all(v->size > skip ? v->size - skip : 0, '\0');
  size_t done = 0;
  for (int i = 0; i < v->vsize; i++) {
    size_t n = v->iov[i].iov_len;
    if (skip >= n) {
      skip -= n;
      continue;
    }
    std::memcpy(all.data() + done, static_cast<char*>(v->iov[i].iov_base) + skip, n - skip);
    done += n - skip;
    skip = 0;
  }
  return output(port, header, header_size, all.data(), done, nullptr);
}
ErlDrvSizeT driver_vec_to_buf(ErlIOVec* v, char* buffer, ErlDrvSizeT size) {
  size_t done = 0;
  for (int i = 0; i < v->vsize && done < size; i++) {
    size_t n = std::min<size_t>(v->iov[i].iov_len, size - done);
    std::memcpy(buffer + done, v->iov[i].iov_base, n);
    done += n;
  }
  return done;
}

// ---- events, timers, async ----
int driver_select(ErlDrvPort port, ErlDrvEvent event, int mode, int on) {
  Port* p = port_of_handle(port);
  if (p == nullptr || p->has(kPortClosed)) {
    // While `stop` runs the port is closed already but its events are still there.
    if (p == nullptr) return -1;
  }
  return port_select(*p, static_cast<int>(reinterpret_cast<intptr_t>(event)), mode, on != 0);
}
int driver_set_timer(ErlDrvPort port, unsigned long ms) {
  Port* p = port_of_handle(port);
  if (p == nullptr || p->entry().timeout == nullptr) return -1;
  port_timer_cancel(*p);
  auto* t = vm_new<PortTimer>();
  t->port = p->id;
  t->fire = fire_timer;
  t->destroy = destroy_timer;
  t->deadline = clock_tick_after(ms);
  p->timer = t;
  p->timer_deadline = t->deadline;
  timer_start(t);
  return 0;
}
int driver_cancel_timer(ErlDrvPort port) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return -1;
  port_timer_cancel(*p);
  return 0;
}
int driver_read_timer(ErlDrvPort port, unsigned long* left) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return -1;
  u64 now = clock_tick_after(0);  // rounded as the deadline was
  *left = p->timer != nullptr && p->timer_deadline > now ? p->timer_deadline - now : 0;
  return 0;
}
int erl_drv_consume_timeslice(ErlDrvPort, int percent) {
  VM_CHECK(percent >= 1 && percent <= 100);
  thread_local int used = 0;
  used += percent;
  if (used < 100) return 0;
  used = 0;
  return 1;
}
unsigned int driver_async_port_key(ErlDrvPort port) {
  return static_cast<unsigned>(reinterpret_cast<Word>(port) >> 6);
}
long driver_async(ErlDrvPort port, unsigned int* key, void (*invoke)(void*), void* data,
                  void (*free_data)(void*)) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return -1;
  static std::atomic<u32> round{0};
  u32 k = key == nullptr ? round.fetch_add(1, std::memory_order_relaxed) : *key;
  if (key != nullptr && k == 0) k = *key = driver_async_port_key(port);
  auto* job = vm_new<PortAsync>();
  job->run = run_async;
  job->port = p->id;
  job->invoke = invoke;
  job->free = free_data;
  job->data = data;
  async_push(k, job);
  return 1;
}

// ---- ending a port ----
int driver_failure_eof(ErlDrvPort port) { return fail(port, am::normal, true); }
int driver_failure_atom(ErlDrvPort port, char* name) {
  return fail(port, atom_intern_latin1(name), false);
}
int driver_failure_posix(ErlDrvPort port, int error) {
  return fail(port, atom_intern_latin1(erl_errno_id(error)), false);
}
int driver_failure(ErlDrvPort port, int error) { return fail(port, Term::small(error), error == 0); }
int driver_exit(ErlDrvPort port, int error) {
  Port* p = port_of_handle(port);
  if (p != nullptr) {
    // The owner is not told.
    auto same = [&](LinkRecord& l) { return l.peer == p->connected; };
    if (LinkRecord* l = p->links.find(hash_id(p->connected), same)) {
      p->links.remove(l);
      vm_free(l);
    }
  }
  return error == 0 ? fail(port, am::normal, false) : driver_failure_posix(port, error);
}

// ---- port data lock ----
ErlDrvPDL driver_pdl_create(ErlDrvPort port) {
  Port* p = port_of_handle(port);
  if (p == nullptr || p->data_lock != nullptr) return nullptr;
  p->data_lock = vm_new<PortDataLock>();
  return data_lock_of(*p);
}
void driver_pdl_lock(ErlDrvPDL lock) {
  lock->refs.fetch_add(1, std::memory_order_relaxed);
  lock->mutex.lock();
}
void driver_pdl_unlock(ErlDrvPDL lock) {
  lock->mutex.unlock();
  data_lock_release(lock);
}
ErlDrvSInt driver_pdl_get_refc(ErlDrvPDL lock) { return lock->refs.load(std::memory_order_relaxed); }
ErlDrvSInt driver_pdl_inc_refc(ErlDrvPDL lock) {
  return lock->refs.fetch_add(1, std::memory_order_relaxed) + 1;
}
ErlDrvSInt driver_pdl_dec_refc(ErlDrvPDL lock) { return data_lock_release(lock); }

// ---- process monitors ----
int driver_monitor_process(ErlDrvPort port, ErlDrvTermData pid, ErlDrvMonitor* monitor) {
  Port* p = port_of_handle(port);
  if (p == nullptr || p->entry().process_exit == nullptr) return -1;
  return port_monitor(*p, Term(pid), monitor);
}
int driver_demonitor_process(ErlDrvPort port, const ErlDrvMonitor* monitor) {
  Port* p = port_of_handle(port);
  return p != nullptr && port_demonitor(*p, monitor) ? 0 : 1;
}
ErlDrvTermData driver_get_monitored_process(ErlDrvPort port, const ErlDrvMonitor* monitor) {
  Port* p = port_of_handle(port);
  Term pid = p != nullptr ? port_monitored(*p, monitor) : Term::none();
  return pid.is_none() ? driver_term_nil : pid.bits();
}
int driver_compare_monitors(const ErlDrvMonitor* a, const ErlDrvMonitor* b) {
  return std::memcmp(a, b, sizeof *a);
}

// ---- attributes ----
void set_busy_port(ErlDrvPort port, int on) {
  if (Port* p = port_of_handle(port)) port_set_busy(*p, on != 0);
}
void erl_drv_busy_msgq_limits(ErlDrvPort port, ErlDrvSizeT* low, ErlDrvSizeT* high) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return;
  auto exchange = [](std::atomic<size_t>& limit, ErlDrvSizeT* value) {
    if (value == nullptr) return;
    if (*value == ERL_DRV_BUSY_MSGQ_READ_ONLY) {
      *value = limit.load(std::memory_order_relaxed);
    } else {
      limit.store(*value, std::memory_order_relaxed);
    }
  };
  exchange(p->busy_low, low);
  exchange(p->busy_high, high);
}
void set_port_control_flags(ErlDrvPort port, int flags) {
  if (Port* p = port_of_handle(port)) p->control_flags = flags;
}
int get_port_flags(ErlDrvPort port) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return 0;
  return (p->has(kPortBinary) ? PORT_FLAG_BINARY : 0) | (p->has(kPortLine) ? PORT_FLAG_LINE : 0);
}
void erl_drv_set_os_pid(ErlDrvPort port, ErlDrvSInt pid) {
  if (Port* p = port_of_handle(port)) p->os_pid = pid;
}
void erl_drv_init_ack(ErlDrvPort port, ErlDrvData result) {
  Port* p = port_of_handle(port);
  if (p == nullptr || !p->awaits_ack) return;
  p->awaits_ack = false;
  Term answer = p->id;
  bool failed = true;
  if (result == ERL_DRV_ERROR_GENERAL) {
    answer = am::einval;
  } else if (result == ERL_DRV_ERROR_ERRNO) {
    answer = atom_intern_latin1(erl_errno_id(errno));
  } else if (result == ERL_DRV_ERROR_BADARG) {
    answer = am::badarg;
  } else {
    failed = false;
    p->data = result;
  }
  port_reply(p->connected, p->ack_ref, answer);
  if (failed) fail(port, am::normal, false);
}

// ---- binaries and memory ----
ErlDrvBinary* driver_alloc_binary(ErlDrvSizeT size) { return driver_binary(binary_data_new(size)); }
ErlDrvBinary* driver_realloc_binary(ErlDrvBinary* bin, ErlDrvSizeT size) {
  if (bin == nullptr) return driver_alloc_binary(size);
  return driver_binary(binary_data_grow(binary_of_driver(bin), size));
}
void driver_free_binary(ErlDrvBinary* bin) {
  if (bin != nullptr) binary_data_release(binary_of_driver(bin));
}
ErlDrvSInt driver_binary_get_refc(ErlDrvBinary* bin) {
  return static_cast<ErlDrvSInt>(binary_of_driver(bin)->refs.load(std::memory_order_relaxed));
}
ErlDrvSInt driver_binary_inc_refc(ErlDrvBinary* bin) {
  return static_cast<ErlDrvSInt>(binary_of_driver(bin)->refs.fetch_add(1, std::memory_order_relaxed) + 1);
}
ErlDrvSInt driver_binary_dec_refc(ErlDrvBinary* bin) {
  return static_cast<ErlDrvSInt>(binary_of_driver(bin)->refs.fetch_sub(1, std::memory_order_acq_rel) - 1);
}
void* driver_alloc(ErlDrvSizeT size) { return vm_alloc(size); }
void* driver_realloc(void* block, ErlDrvSizeT size) { return vm_realloc(block, size); }
void driver_free(void* block) { vm_free(block); }

// ---- the port's queue ----
static int enqueue_vector(ErlDrvPort port, ErlIOVec* v, ErlDrvSizeT skip, bool front) {
  Port* p = port_of_handle(port);
  if (p == nullptr || skip > v->size) return -1;
  auto put = [&](int i, size_t from) {
    auto* bytes = static_cast<u8*>(static_cast<void*>(v->iov[i].iov_base)) + from;
    size_t size = v->iov[i].iov_len - from;
    ErlDrvBinary* bin = v->binv[i];
    if (size == 0) return;
    if (bin == nullptr) {
      front ? p->queue.push_front_copy(bytes, size) : p->queue.push_back_copy(bytes, size);
      return;
    }
    BinaryData* d = binary_of_driver(bin);
    binary_data_retain(d);
    front ? p->queue.push_front(d, bytes, size) : p->queue.push_back(d, bytes, size);
  };
  int first = 0;
  while (first < v->vsize && skip >= v->iov[first].iov_len) skip -= v->iov[first++].iov_len;
  if (!front) {
    for (int i = first; i < v->vsize; i++) put(i, i == first ? skip : 0);
  } else {
    for (int i = v->vsize - 1; i >= first; i--) put(i, i == first ? skip : 0);
  }
  return 0;
}
int driver_enqv(ErlDrvPort port, ErlIOVec* v, ErlDrvSizeT skip) {
  return enqueue_vector(port, v, skip, false);
}
int driver_pushqv(ErlDrvPort port, ErlIOVec* v, ErlDrvSizeT skip) {
  return enqueue_vector(port, v, skip, true);
}
int driver_enq(ErlDrvPort port, char* bytes, ErlDrvSizeT size) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return -1;
  p->queue.push_back_copy(bytes, size);
  return 0;
}
int driver_pushq(ErlDrvPort port, char* bytes, ErlDrvSizeT size) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return -1;
  p->queue.push_front_copy(bytes, size);
  return 0;
}
int driver_enq_bin(ErlDrvPort port, ErlDrvBinary* bin, ErlDrvSizeT offset, ErlDrvSizeT size) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return -1;
  BinaryData* d = binary_of_driver(bin);
  binary_data_retain(d);
  p->queue.push_back(d, d->bytes + offset, size);
  return 0;
}
int driver_pushq_bin(ErlDrvPort port, ErlDrvBinary* bin, ErlDrvSizeT offset, ErlDrvSizeT size) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return -1;
  BinaryData* d = binary_of_driver(bin);
  binary_data_retain(d);
  p->queue.push_front(d, d->bytes + offset, size);
  return 0;
}
ErlDrvSizeT driver_sizeq(ErlDrvPort port) {
  Port* p = port_of_handle(port);
  return p != nullptr ? p->queue.byte_count() : static_cast<ErlDrvSizeT>(-1);
}
SysIOVec* driver_peekq(ErlDrvPort port, int* count) {
  Port* p = port_of_handle(port);
  if (p == nullptr) {
    *count = -1;
    return nullptr;
  }
  *count = p->queue.slice_count();
  return *count == 0 ? nullptr : p->queue.slices();
}
ErlDrvSizeT driver_peekqv(ErlDrvPort port, ErlIOVec* v) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return static_cast<ErlDrvSizeT>(-1);
  v->vsize = p->queue.slice_count();
  v->size = p->queue.byte_count();
  v->iov = p->queue.slices();
  // Every slice is of an inline byte array, so its owner can be seen as a driver binary. The array
  // of those is the owners' own, translated in place for as long as the caller looks.
  thread_local std::vector<ErlDrvBinary*> owners;
  owners.clear();
  for (int i = 0; i < v->vsize; i++) owners.push_back(driver_binary(p->queue.owners()[i]));
  v->binv = owners.data();
  return v->size;
}
ErlDrvSizeT driver_deq(ErlDrvPort port, ErlDrvSizeT size) {
  Port* p = port_of_handle(port);
  if (p == nullptr || size > p->queue.byte_count()) return static_cast<ErlDrvSizeT>(-1);
  p->queue.drop(size);
  return p->queue.byte_count();
}

// ---- drivers ----
void add_driver_entry(ErlDrvEntry* entry) { driver_add(entry, nullptr); }
int remove_driver_entry(ErlDrvEntry* entry) {
  Driver* d = driver_find(entry->driver_name);
  if (d == nullptr || d->entry != entry) return -1;
  driver_remove(d);
  return 1;
}
int driver_lock_driver(ErlDrvPort port) {
  Port* p = port_of_handle(port);
  if (p == nullptr) return -1;
  p->driver->is_permanent = true;
  return 0;
}
void driver_system_info(ErlDrvSysInfo* out, size_t size) { system_info_fill(out, size); }
void* driver_dl_open(char* path) { return dlopen(path, RTLD_NOW); }
void* driver_dl_sym(void* handle, char* name) { return dlsym(handle, name); }
int driver_dl_close(void* handle) { return dlclose(handle); }
char* driver_dl_error(void) { return dlerror(); }
int null_func(void) { return 0; }

// ---- terms ----
ErlDrvTermData driver_mk_atom(char* name) { return atom_intern_latin1(name).bits(); }
ErlDrvTermData driver_mk_port(ErlDrvPort port) { return reinterpret_cast<ErlDrvTermData>(port); }
ErlDrvTermData driver_mk_term_nil(void) { return driver_term_nil; }
ErlDrvTermData driver_connected(ErlDrvPort port) {
  Port* p = port_of_handle(port);
  return p != nullptr ? p->connected.bits() : driver_term_nil;
}
ErlDrvTermData driver_caller(ErlDrvPort port) {
  Port* p = port_of_handle(port);
  return p != nullptr && !p->caller.is_none() ? p->caller.bits() : driver_term_nil;
}
int erl_drv_output_term(ErlDrvTermData port, ErlDrvTermData* data, int length) {
  QuiesceGuard guard;
  Port* p = Term(port).is_local_port() ? port_lookup(Term(port)) : nullptr;
  if (p == nullptr) return -1;
  return send_built(p->connected, data, length);
}
int erl_drv_send_term(ErlDrvTermData port, ErlDrvTermData to, ErlDrvTermData* data, int length) {
  if (!Term(port).is_local_port()) return -1;
  return send_built(Term(to), data, length);
}
int driver_output_term(ErlDrvPort port, ErlDrvTermData* data, int length) {
  return erl_drv_output_term(driver_mk_port(port), data, length);
}
int driver_send_term(ErlDrvPort port, ErlDrvTermData to, ErlDrvTermData* data, int length) {
  return erl_drv_send_term(driver_mk_port(port), to, data, length);
}
ErlDrvPort driver_create_port(ErlDrvPort creator, ErlDrvTermData owner, char* name, ErlDrvData data) {
  Port* from = port_of_handle(creator);
  if (from == nullptr || process_lookup_alive(Term(owner)) == nullptr) return nullptr;
  Port* p = port_create_by_driver(*from, Term(owner), name, data);
  return p != nullptr ? p->handle() : reinterpret_cast<ErlDrvPort>(-1);
}

// ---- time ----
int driver_get_now(ErlDrvNowData* now) {
  if (now == nullptr) return -1;
  i64 us = erlang_system_ns() / 1000;
  now->megasecs = static_cast<unsigned long>(us / 1000000000000);
  now->secs = static_cast<unsigned long>(us / 1000000 % 1000000);
  now->microsecs = static_cast<unsigned long>(us % 1000000);
  return 0;
}
ErlDrvTime erl_drv_convert_time_unit(ErlDrvTime value, ErlDrvTimeUnit from, ErlDrvTimeUnit to) {
  i64 from_rate = unit_rate(from);
  i64 to_rate = unit_rate(to);
  if (from_rate == 0 || to_rate == 0) return ERL_DRV_TIME_ERROR;
  i128 n = static_cast<i128>(value) * to_rate;
  i128 q = n / from_rate;
  return static_cast<ErlDrvTime>(n % from_rate < 0 ? q - 1 : q);
}
ErlDrvTime erl_drv_monotonic_time(ErlDrvTimeUnit unit) {
  return erl_drv_convert_time_unit(erlang_monotonic_ns(), ERL_DRV_NSEC, unit);
}
ErlDrvTime erl_drv_time_offset(ErlDrvTimeUnit unit) {
  return erl_drv_convert_time_unit(erlang_time_offset_ns(), ERL_DRV_NSEC, unit);
}

// ---- environment ----
int erl_drv_putenv(const char* key, char* value) {
  environment_put(key, value);
  return 0;
}
int erl_drv_getenv(const char* key, char* value, size_t* size) {
  return environment_get(key, value, size);
}

}  // extern "C"
