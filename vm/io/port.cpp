#include "vm/io/port.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "vm/base/alloc.h"
#include "vm/base/quiesce.h"
#include "vm/dist/port_channel.h"
#include "vm/heap/copy.h"
#include "vm/io/iolist.h"
#include "vm/proc/exit.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/send.h"
#include "vm/proc/suspend.h"
#include "vm/proc/tracing.h"
#include "vm/proc/unique.h"
#include "vm/sched/clock.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {

// ---- table ----
// A port's number only grows; its slot is the number modulo the size. A slot holds the port or null.
namespace {

std::atomic<Port*>* slots = nullptr;
u32 slot_count = 0;
Mutex<LockRank::PortTable> table_lock;
u64 next_number = 0;
std::atomic<u32> live_ports{0};
constexpr u64 kPortNumberMask = (u64{1} << 28) - 1;

PortTask* const kClosedQueue = reinterpret_cast<PortTask*>(1);

bool table_insert(Port& p) {
  Guard guard(table_lock);
  for (u32 tries = 0; tries < slot_count; tries++) {
    u64 number = next_number++ & kPortNumberMask;
    auto& slot = slots[number % slot_count];
    if (slot.load(std::memory_order_relaxed) != nullptr) continue;
    p.id = Term::port(number);
    // release: partners with the acquire in port_lookup
    slot.store(&p, std::memory_order_release);
    live_ports.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  return false;
}

void table_remove(Port& p) {
  Guard guard(table_lock);
  slots[p.id.port_data() % slot_count].store(nullptr, std::memory_order_release);
  live_ports.fetch_sub(1, std::memory_order_relaxed);
}

// A closed port may still stand in a run queue. Its task queue is closed, so it gets into none again;
// but who takes it out uses it until his next quiescent point, so it takes one more round.
void free_port_last(void* block) {
  trace_forget_port(*static_cast<Port*>(block));
  vm_delete(static_cast<Port*>(block));
}
void free_port(void* block) {
  auto* p = static_cast<Port*>(block);
  quiesce_retire(p, p->is_scheduled.load(std::memory_order_seq_cst) ? free_port : free_port_last);
}

PortTask* take_tasks(Port& p) {
  PortTask* newest = p.tasks.exchange(nullptr, std::memory_order_acq_rel);
  PortTask* oldest = nullptr;
  while (newest != nullptr) {
    PortTask* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  return oldest;
}

void terminate(Port& p);

// Not in the middle of a callback, which still uses what the driver's `stop` frees.
void end_flushing(Port& p) {
  if (p.has(kPortFlushing) && p.queue.byte_count() == 0) terminate(p);
}

// Locks of ports that were created by drivers in this thread's session.
thread_local std::vector<PortMutex*> created_locks;

// The caller holds the lock. Tasks may push others; those are done too.
void run_tasks(Port& p) {
  while (p.tasks.load(std::memory_order_relaxed) != nullptr) {
    if (p.has(kPortClosed)) return;
    PortTask* t = take_tasks(p);
    while (t != nullptr) {
      PortTask* next = t->next;
      t->run(p.has(kPortClosed) ? nullptr : &p, t);
      end_flushing(p);
      t = next;
    }
  }
}

// A closed port answers what is still queued, once and for all.
void close_queue(Port& p) {
  PortTask* t = p.tasks.exchange(kClosedQueue, std::memory_order_acq_rel);
  PortTask* oldest = nullptr;
  while (t != nullptr && t != kClosedQueue) {
    PortTask* next = t->next;
    t->next = oldest;
    oldest = t;
    t = next;
  }
  while (oldest != nullptr) {
    PortTask* next = oldest->next;
    oldest->run(nullptr, oldest);
    oldest = next;
  }
}

void run_port(Runnable& r) {
  auto& p = static_cast<Port&>(r);
  p.is_scheduled.store(false, std::memory_order_seq_cst);
  p.lock->lock();
  if (!p.has(kPortClosed)) {
    if (is_traced(p, kTraceRunningPorts)) trace_port_event(p, kTraceRunningPorts, am::in, Term::small(0));
    i64 began = is_watched(kWatchLongSchedule) ? os_monotonic_ns() : 0;
    run_tasks(p);
    if (VM_UNLIKELY(began != 0)) watch_port_turn_ends(p.id, began);
    if (is_traced(p, kTraceRunningPorts)) trace_port_event(p, kTraceRunningPorts, am::out, Term::small(0));
  }
  if (is_watched(kWatchRunnablePorts)) watch_runnable_port(p.id, false);
  port_leave(p);
}

}  // namespace

void port_leave(Port& p) {
  end_flushing(p);
  // A closed port's memory lasts until the next quiescent point; a driver's lock stays.
  p.lock->unlock();
  while (!created_locks.empty()) {
    created_locks.back()->unlock_unpublished();
    created_locks.pop_back();
  }
}

void ports_init(u32 max_ports) {
  slot_count = max_ports;
  slots = static_cast<std::atomic<Port*>*>(vm_alloc_zeroed(sizeof(slots[0]) * max_ports));
  run_port_task = run_port;
  port_signals_init();
}

Port* port_lookup(Term id) {
  if (slots == nullptr) return nullptr;
  Port* p = slots[id.port_data() % slot_count].load(std::memory_order_acquire);
  return p != nullptr && p->id == id ? p : nullptr;
}

Port* port_of_handle(ErlDrvPort handle) {
  Term id(reinterpret_cast<Word>(handle));
  return id.is_local_port() ? port_lookup(id) : nullptr;
}

u32 port_count() { return live_ports.load(std::memory_order_relaxed); }
u32 port_limit() { return slot_count; }

u64 port_table_next() {
  Guard guard(table_lock);
  return next_number & kPortNumberMask;
}
void port_table_set_next(u64 number) {
  Guard guard(table_lock);
  next_number = number;
}

void ports_each(void (*f)(Port&, void*), void* data) {
  for (u32 i = 0; i < slot_count; i++) {
    Port* p = slots[i].load(std::memory_order_acquire);
    if (p != nullptr) f(*p, data);
  }
}

// ---- running ----

PortSession::PortSession(Port& p) : port_(p) {
  p.lock->lock();
  if (!p.has(kPortClosed)) run_tasks(p);
}

PortSession::~PortSession() { port_leave(port_); }

void port_push(Port& p, PortTask* t) {
  PortTask* head = p.tasks.load(std::memory_order_relaxed);
  do {
    if (head == kClosedQueue) {
      t->run(nullptr, t);
      return;
    }
    t->next = head;
  } while (!p.tasks.compare_exchange_weak(head, t, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
  if (!p.is_scheduled.exchange(true, std::memory_order_seq_cst)) {
    if (is_watched(kWatchRunnablePorts)) watch_runnable_port(p.id, true);
    runnable_enqueue(p);
  }
}

void port_push_to(Term id, PortTask* t) {
  QuiesceGuard guard;
  Port* p = port_lookup(id);
  if (p == nullptr) {
    t->run(nullptr, t);
  } else {
    port_push(*p, t);
  }
}

// ---- messages ----

namespace {

// {Port, Value} to `to`; Value is built by `make(builder)` in `words`.
template <typename F>
void send_from_port(Port& p, Term to, u64 words, F make) {
  if (!to.is_local_pid()) return;
  QuiesceGuard guard;
  Process* receiver = process_lookup_alive(to);
  if (receiver == nullptr) return;
  Fragment* f = fragment_new(tuple_words(2) + words);
  Builder b = f->builder();
  Term value = make(b);
  Term message = b.tuple({p.id, value});
  // What stock shows of the last message is its second half.
  if (is_traced(p, kTraceSend)) {
    trace_port_event(p, kTraceSend, am::send, value == am::closed ? value : message, to);
  }
  send_fragment(*receiver, message, f);
}

}  // namespace

void port_reply(Term to, RefNumbers ref, Term immediate) {
  if (!to.is_local_pid()) return;
  QuiesceGuard guard;
  Process* receiver = process_lookup_alive(to);
  if (receiver == nullptr) return;
  Fragment* f = fragment_new(tuple_words(2) + kRefWords);
  Builder b = f->builder();
  Term r = b.reference(ref);
  send_fragment(*receiver, b.tuple({r, immediate}), f);
}

// The bytes as list or binary, behind the header bytes as list.
static Term build_data(Builder& b, bool as_binary, const char* header, size_t header_size,
                       const u8* bytes, size_t size, BinaryData* shared) {
  Term data = Term::nil();
  if (bytes == nullptr) {
    // A header alone.
  } else if (!as_binary) {
    for (size_t i = size; i > 0; i--) data = b.cons(Term::small(bytes[i - 1]), data);
  } else if (shared != nullptr && size > kMaxHeapBinary) {
    binary_data_retain(shared);
    u64 offset = static_cast<u64>(bytes - shared->bytes);
    Term whole = b.refc_binary(shared, offset == 0 ? size : shared->capacity);
    data = offset == 0 ? whole : b.sub_binary(whole, offset * 8, size * 8);
  } else {
    data = b.binary(bytes, size);
  }
  for (size_t i = header_size; i > 0; i--) {
    data = b.cons(Term::small(static_cast<u8>(header[i - 1])), data);
  }
  return data;
}

static u64 data_words(bool as_binary, size_t header_size, size_t size) {
  u64 words = header_size * kConsWords;
  return words + (as_binary ? binary_words(size) + kSubBinaryWords : size * kConsWords);
}

// {Port, {data, {eol | noeol, Line}}}
static void deliver_line(Port& p, Term kind) {
  bool as_binary = p.has(kPortBinary);
  const auto* bytes = reinterpret_cast<const u8*>(p.line.data());
  size_t size = p.line.size();
  send_from_port(p, p.connected, 2 * tuple_words(2) + data_words(as_binary, 0, size), [&](Builder& b) {
    Term line = build_data(b, as_binary, nullptr, 0, bytes, size, nullptr);
    return b.tuple({am::data, b.tuple({kind, line})});
  });
  p.line.clear();
}

void port_flush_line(Port& p) {
  if (p.has(kPortLine) && !p.line.empty()) deliver_line(p, am::noeol);
}

static void take_lines(Port& p, const u8* bytes, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (bytes[i] == '\n') {
      if (!p.line.empty() && p.line.back() == '\r') p.line.pop_back();
      deliver_line(p, am::eol);
      continue;
    }
    if (p.line.size() == p.line_max) deliver_line(p, am::noeol);
    p.line.push_back(static_cast<char>(bytes[i]));
  }
}

void port_deliver_data(Port& p, const char* header, size_t header_size, const u8* bytes, size_t size,
                       BinaryData* shared) {
  p.bytes_in += header_size + size;
  if (p.dist != nullptr) return dist_port_input(p, header, header_size, bytes, size);
  if (p.has(kPortLine)) {
    take_lines(p, reinterpret_cast<const u8*>(header), header_size);
    take_lines(p, bytes, size);
    return;
  }
  bool as_binary = p.has(kPortBinary);
  u64 words = tuple_words(2) + data_words(as_binary, header_size, size);
  send_from_port(p, p.connected, words, [&](Builder& b) {
    return b.tuple({am::data, build_data(b, as_binary, header, header_size, bytes, size, shared)});
  });
}

void port_deliver_eof(Port& p) {
  port_flush_line(p);
  send_from_port(p, p.connected, 0, [](Builder&) { return am::eof; });
}

// ---- opening ----

// A port that is in no table yet. The driver counts it.
static Port* new_port(Driver* driver, Term owner, const char* name, u32 flags) {
  auto* p = vm_new<Port>();
  p->kind = Runnable::Kind::Port;
  p->driver = driver;
  p->name = name;
  p->connected = owner;
  p->lock = driver->lock != nullptr ? driver->lock : &p->own_lock;
  p->set(flags);
  trace_new_port(*p);
  driver->ports.fetch_add(1, std::memory_order_relaxed);
  return p;
}

// Makes it visible and links it, the port's side only; false when the table is full.
static bool publish(Port* p) {
  if (!table_insert(*p)) {
    p->driver->ports.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  if (p->connected.is_local_pid()) {
    p->links.insert(vm_new<LinkRecord>(LinkRecord{nullptr, p->connected}));
  }
  return true;
}

// A driver's start may take the port and the command only, or the options as well: whichever it was
// written with, the calling convention lets it ignore what it does not know.
__attribute__((no_sanitize("function"))) static ErlDrvData call_start(Driver& driver, Port& port, const char* name,
                                                                      PortOptions& options) {
  return driver.entry->start(port.handle(), const_cast<char*>(name), &options.system);
}

Port* port_open(Driver* driver, Term owner, const char* name, PortOptions& options,
                PortError* error, int* error_number) {
  *error = PortError::None;
  if (options.has_queue_limits && (driver->flags & ERL_DRV_FLAG_NO_BUSY_MSGQ) &&
      options.queue_high != ERL_DRV_BUSY_MSGQ_DISABLED) {
    *error = PortError::BadArg;
    return nullptr;
  }
  Port* p = new_port(driver, owner, name, options.flags | kPortStarting);
  p->line_max = options.line_max;
  p->busy_low.store(options.queue_low, std::memory_order_relaxed);
  p->busy_high.store(options.queue_high, std::memory_order_relaxed);
  PortMutex* lock = p->lock;
  lock->lock();
  if (!publish(p)) {
    lock->unlock();
    vm_delete(p);
    *error = PortError::SystemLimit;
    return nullptr;
  }
  if (is_traced(*p, kTracePorts)) {
    trace_port_event(*p, kTracePorts, am::open, owner, atom_intern_latin1(name));
  }
  p->awaits_ack = (driver->flags & ERL_DRV_FLAG_USE_INIT_ACK) != 0;
  p->ack_ref = make_ref_numbers();
  p->caller = owner;
  ErlDrvData data = nullptr;
  if (driver->entry->start != nullptr) {
    if (is_traced(*p, kTraceRunningPorts)) trace_port_event(*p, kTraceRunningPorts, am::in, am::open);
    errno = 0;
    data = call_start(*driver, *p, name, options);
    *error_number = errno;
    if (is_traced(*p, kTraceRunningPorts)) trace_port_event(*p, kTraceRunningPorts, am::out, am::open);
  }
  p->caller = Term::none();
  p->clear(kPortStarting);
  if (data == ERL_DRV_ERROR_GENERAL) *error = PortError::Einval;
  if (data == ERL_DRV_ERROR_ERRNO) *error = PortError::Errno;
  if (data == ERL_DRV_ERROR_BADARG) *error = PortError::BadArg;
  if (*error == PortError::None) {
    if (is_traced(*p, kTracePorts)) trace_port_event(*p, kTracePorts, am::getting_linked, owner);
    if (!p->has(kPortClosed)) p->data = data;
    lock->unlock();
    return p;
  }
  // Never lived: nobody is told.
  while (LinkRecord* l = p->links.take_any()) vm_free(l);
  p->set(kPortClosed | kPortExiting);
  port_timer_cancel(*p);
  port_select_drop_all(*p);
  port_monitors_drop_all(*p);
  port_data_lock_drop(*p);
  table_remove(*p);
  driver->ports.fetch_sub(1, std::memory_order_relaxed);
  close_queue(*p);
  lock->unlock();
  quiesce_retire(p, free_port);
  return nullptr;
}

Port* port_create_by_driver(Port& from, Term owner, const char* name, ErlDrvData data) {
  Port* p = new_port(from.driver, owner, name, 0);
  p->data = data;
  bool has_own_lock = p->lock == &p->own_lock;
  if (has_own_lock) p->lock->lock_unpublished();
  if (!publish(p)) {
    if (has_own_lock) p->lock->unlock_unpublished();
    vm_delete(p);
    return nullptr;
  }
  if (has_own_lock) created_locks.push_back(p->lock);
  // The owner's side of the link.
  auto* s = vm_new<LinkSignal>(SignalKind::Link, p->id, owner);
  if (!signal_push_to(owner, s)) vm_free(s);
  return p;
}

// ---- commands ----

// {Caller, What} or {Caller, {What, Data}}: what a port is asked.
void trace_port_request(Port& p, Term caller, Term what, Term data) {
  alignas(8) Term inner[3] = {Term::header(BoxedTag::Tuple, 2), what, data};
  alignas(8) Term outer[3] = {Term::header(BoxedTag::Tuple, 2), caller.is_none() ? Term(am::undefined) : caller,
                              data.is_none() ? what : Term::boxed(inner)};
  trace_port_event(p, kTraceReceive, am::receive, Term::boxed(outer));
}

static void report_bad_value(Port& p) {
  Fragment* f = fragment_new((p.name.size() + 1) * kConsWords);
  Builder b = f->builder();
  Term name = Term::nil();
  for (size_t i = p.name.size(); i > 0; i--) name = b.cons(Term::small(static_cast<u8>(p.name[i - 1])), name);
  send_to_logger(nullptr, am::error, "Bad value on output port '~s'~n~n", b.cons(name, Term::nil()));
  fragments_free(f);
}

// A driver without outputv gets one piece, and so does who traces; that of stock for programs has none.
static void trace_command(Port& p, Term caller, Term data, bool has_vector, const IoListShape& shape) {
  u64 size = shape.copied + shape.shared;
  Fragment* f = fragment_new(binary_words(size) + kConsWords);
  Builder b = f->builder();
  u8* bytes;
  Term binary = b.binary_uninitialized(size, &bytes);
  iolist_copy(data, bytes);
  if (has_vector && p.driver->name != "spawn") binary = size == 0 ? Term::nil() : b.cons(binary, Term::nil());
  trace_port_request(p, caller, am::command, binary);
  fragments_free(f);
}

// An ErlIOVec over an I/O list: slot 0 is the driver's own, reference-counted binaries are slices by
// themselves, the rest is gathered into one binary.
bool port_output(Port& p, Term caller, Term data) {
  const ErlDrvEntry& e = p.entry();
  IoListShape shape;
  bool has_vector = e.outputv != nullptr;
  if (!iolist_measure(data, has_vector ? kMaxHeapBinary : SIZE_MAX, &shape)) {
    report_bad_value(p);
    return false;
  }
  if (is_traced(p, kTraceReceive)) trace_command(p, caller, data, has_vector, shape);
  p.bytes_out += shape.copied + shape.shared;
  p.caller = caller;
  if (has_vector) {
    BinaryData* gathered = shape.copied != 0 ? binary_data_new(shape.copied) : nullptr;
    std::vector<SysIOVec> slices(1 + shape.slices);
    std::vector<ErlDrvBinary*> owners(1 + shape.slices);
    slices[0] = {nullptr, 0};
    owners[0] = nullptr;
    IoListSlices out = {slices.data() + 1, owners.data() + 1, gathered};
    int count = iolist_slice(data, kMaxHeapBinary, out);
    ErlIOVec v = {count + 1, shape.copied + shape.shared, slices.data(), owners.data()};
    e.outputv(p.data, &v);
    if (gathered != nullptr) binary_data_release(gathered);
  } else if (e.output != nullptr) {
    char fixed[1024];
    char* buffer = shape.copied <= sizeof fixed ? fixed : static_cast<char*>(vm_alloc(shape.copied));
    iolist_copy(data, reinterpret_cast<u8*>(buffer));
    e.output(p.data, buffer, shape.copied);
    if (buffer != fixed) vm_free(buffer);
  }
  p.caller = Term::none();
  return true;
}

void port_connect(Port& p, Term new_owner) { p.connected = new_owner; }

// ---- busy ----

void port_defer(Port& p, DeferredCommand* c, Term data) {
  c->data = copy_to_keep(data, &c->fragment);
  (p.deferred_last != nullptr ? p.deferred_last->next : p.deferred_first) = c;
  p.deferred_last = c;
}

static void finish_deferred(Port& p, DeferredCommand* c, bool ok) {
  if (!c->is_message) port_reply(c->caller, c->ref, ok ? am::true_ : am::badarg);
  if (!c->suspended.is_none()) process_resume(p.id, c->suspended, 1);
  if (c->fragment != nullptr) fragments_free(c->fragment);
  vm_delete(c);
}

static void answer_deferred(Port& p) {
  while (!p.has(kPortBusy) && p.deferred_first != nullptr && !p.has(kPortClosed)) {
    DeferredCommand* c = p.deferred_first;
    p.deferred_first = c->next;
    if (p.deferred_first == nullptr) p.deferred_last = nullptr;
    bool ok = !p.is_dead() && port_output(p, c->caller, c->data);
    if (!ok && c->is_message && !p.is_dead()) port_bad_signal(p);
    finish_deferred(p, c, ok);
  }
}

namespace {
struct ResumeTask : PortTask {};
void resume(Port* p, PortTask* t) {
  vm_delete(static_cast<ResumeTask*>(t));
  if (p != nullptr) answer_deferred(*p);
}
}  // namespace

void port_set_busy(Port& p, bool on) {
  if (on == p.has(kPortBusy)) return;
  if (on) {
    p.set(kPortBusy);
    return;
  }
  p.clear(kPortBusy);
  if (p.dist != nullptr) dist_port_schedule(p.id);
  if (p.deferred_first == nullptr) return;
  // The driver is in the middle of a callback; the next command comes when it is out.
  auto* t = vm_new<ResumeTask>();
  t->run = resume;
  port_push(p, t);
}

// ---- the end ----

namespace {
void terminate(Port& p) {
  if (p.has(kPortClosed)) return;
  if (p.has(kPortSendClosed)) send_from_port(p, p.connected, 0, [](Builder&) { return am::closed; });
  p.set(kPortClosed);
  port_timer_cancel(p);
  while (DeferredCommand* c = p.deferred_first) {
    p.deferred_first = c->next;
    finish_deferred(p, c, false);
  }
  if (p.entry().stop != nullptr) p.entry().stop(p.data);
  port_select_drop_all(p);
  port_monitors_drop_all(p);
  port_data_lock_drop(p);
  p.queue.drop(p.queue.byte_count());
  {
    Guard guard(p.user_data_lock);
    if (p.user_data_fragment != nullptr) fragments_free(p.user_data_fragment);
    p.user_data_fragment = nullptr;
    p.user_data = Term::none();
  }
  table_remove(p);
  close_queue(p);
  Driver* driver = p.driver;
  if (driver->ports.fetch_sub(1, std::memory_order_acq_rel) == 1 && driver->is_unloading.load() &&
      driver_ports_gone != nullptr) {
    quiesce_call(driver, driver_ports_gone);
  }
  quiesce_retire(&p, free_port);
}
}  // namespace

void port_exit(Port& p, Term from, Term reason, bool send_closed, bool drop_normal) {
  if (p.is_dead()) return;
  if (drop_normal && reason == am::normal && from != p.connected && from != p.id) return;
  if (is_traced(p, kTracePorts)) trace_port_event(p, kTracePorts, am::closed, reason);
  p.set(kPortExiting | (send_closed ? kPortSendClosed : 0));
  if (!p.registered_name.is_none()) registry_unregister(p.registered_name);
  Term told = reason == am::kill ? am::killed : reason;
  while (LinkRecord* l = p.links.take_any()) {
    if (l->unlink_id == 0) send_exit_signal(p.id, l->peer, told, true);
    vm_free(l);
  }
  while (WatcherRecord* w = p.watchers.take_any()) {
    send_down(*w, p.id, told);
    vm_free(w);
  }
  if (p.dist != nullptr) dist_port_exits(p, told);
  bool must_flush = reason != am::kill && p.queue.byte_count() != 0 && p.entry().flush != nullptr;
  if (!must_flush) {
    terminate(p);
    return;
  }
  p.set(kPortFlushing);
  p.entry().flush(p.data);
  if (p.queue.byte_count() == 0) terminate(p);
}

void port_close_now(Port& p) { terminate(p); }

// ---- end of the VM ----

void ports_flush(u64 timeout_ms) {
  timespec start;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (;;) {
    bool is_waiting = false;
    {
      QuiesceGuard guard;
      for (u32 i = 0; i < slot_count; i++) {
        Port* p = slots[i].load(std::memory_order_acquire);
        if (p == nullptr) continue;
        PortSession session(*p);
        if (session.port() == nullptr || p->entry().flush == nullptr) continue;
        if (p->queue.byte_count() != 0) is_waiting = true;
        if (p->queue.byte_count() != 0 && !p->has(kPortFlushing) && !p->is_dead()) p->entry().flush(p->data);
      }
    }
    if (!is_waiting) return;
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    u64 passed = static_cast<u64>((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000);
    if (passed >= timeout_ms) return;
    usleep(500);
  }
}

void ports_emergency_close() {
  for (u32 i = 0; i < slot_count; i++) {
    Port* p = slots[i].load(std::memory_order_acquire);
    if (p != nullptr && !p->has(kPortClosed) && p->entry().emergency_close != nullptr) {
      p->entry().emergency_close(p->data);
    }
  }
}

}  // namespace lintel
