// Ports.
//
// Whoever calls into a driver holds the port's lock (or its driver's, for drivers without port
// locking). Work comes in two ways:
//
//   directly   a BIF takes the lock, first does what is waiting in the port's queue, so that signals
//              of one process keep their order, and then calls the driver;
//   as a task  everything else (ready descriptors, timers, finished async jobs, link and exit
//              signals, commands while the lock is taken) is pushed on the queue, and a scheduler
//              runs the port.
//
// A port ends in three steps: `exiting` (links and monitors told, name free), perhaps `flushing`
// (the driver still writes its queue), then it is closed: `stop` was called and it has left the
// table. Its memory is retired, so a pointer from port_lookup is good until the next quiescent point.
#pragma once
#include <vector>

#include "vm/io/driver.h"
#include "vm/io/io_queue.h"
#include "vm/proc/links.h"
#include "vm/proc/process.h"
#include "vm/sched/timer_wheel.h"

namespace lintel {

struct Port;
struct PortDescriptor;  // vm/io/port_select.cpp
struct PortDataLock;    // vm/io/driver_api.cpp
struct PortMonitor;     // vm/io/port_monitor.cpp
struct DistEntry;       // vm/dist/entry.h

// Work for a port. `run` owns the task; port is null when it was closed before.
struct PortTask {
  PortTask* next = nullptr;
  void (*run)(Port* port, PortTask* task);
};

enum PortFlags : u32 {
  kPortBinary = 1,        // data as binaries
  kPortLine = 2,          // {line, N}
  kPortSoftEof = 4,       // {Port, eof} instead of closing
  kPortExiting = 8,
  kPortFlushing = 16,
  kPortClosed = 32,
  kPortBusy = 64,         // the driver's say
  kPortSendClosed = 128,  // {Port, closed} at the end
  kPortParallelism = 256,
  kPortStarting = 512,    // in the driver's start
};

// A command that waits until the port is no longer busy. Who called port_command waits for an answer;
// who sent a message is suspended meanwhile.
struct DeferredCommand {
  DeferredCommand* next = nullptr;
  Term caller = Term::none();
  Term suspended = Term::none();  // the sender of a message
  bool is_message = false;
  RefNumbers ref{};
  Term data;
  Fragment* fragment;
};

struct Port : Runnable {
  Term id;
  Driver* driver = nullptr;
  ErlDrvData data = nullptr;
  std::string name;
  Term connected = Term::none();     // the owner's pid
  std::atomic<u32> flags{0};         // changed under the lock
  PortMutex* lock = nullptr;
  PortMutex own_lock;

  std::atomic<PortTask*> tasks{nullptr};  // newest first
  std::atomic<bool> is_scheduled{false};

  // ---- under the lock ----
  RecordTable<LinkRecord> links;
  RecordTable<WatcherRecord> watchers;
  u64 next_unlink_id = 1;
  Term registered_name = Term::none();
  Term exit_reason = Term::none();   // atom or small
  Term caller = Term::none();        // process whose call the driver is working on
  IoQueue queue;
  u64 bytes_in = 0;
  u64 bytes_out = 0;
  i64 os_pid = -1;
  int control_flags = 0;
  u32 line_max = 0;
  std::string line;                  // begun, not delivered
  std::vector<PortDescriptor*> descriptors;
  std::vector<PortMonitor*> monitors;
  u32 trace_flags = 0;               // TraceFlag; changed with the schedulers blocked or under the lock
  TraceState* trace = nullptr;
  Timer* timer = nullptr;
  u64 timer_deadline = 0;
  PortDataLock* data_lock = nullptr;
  DeferredCommand* deferred_first = nullptr;
  DeferredCommand* deferred_last = nullptr;
  // open_port waits for erl_drv_init_ack under this reference.
  bool awaits_ack = false;
  RefNumbers ack_ref{};
  // The connection that this port carries; vm/dist/port_channel.cpp.
  DistEntry* dist = nullptr;
  u32 dist_connection = 0;
  std::atomic<size_t> busy_low{0};
  std::atomic<size_t> busy_high{0};

  // port_set_data; under its own lock because readers are many.
  Mutex<LockRank::Leaf> user_data_lock;
  Term user_data = Term::none();
  Fragment* user_data_fragment = nullptr;

  bool is_dead() const {
    return (flags.load(std::memory_order_acquire) & (kPortExiting | kPortClosed)) != 0;
  }
  bool has(u32 f) const { return (flags.load(std::memory_order_relaxed) & f) != 0; }
  void set(u32 f) { flags.fetch_or(f, std::memory_order_acq_rel); }
  void clear(u32 f) { flags.fetch_and(~f, std::memory_order_acq_rel); }
  ErlDrvPort handle() const { return reinterpret_cast<ErlDrvPort>(id.bits()); }
  const ErlDrvEntry& entry() const { return *driver->entry; }
};

inline bool is_traced(const Port& p, u32 flags) { return VM_UNLIKELY((p.trace_flags & flags) != 0); }

// ---- table ----
inline constexpr u32 kDefaultMaxPorts = 65536;
void ports_init(u32 max_ports);   // also sets port_hooks and run_port_task
Port* port_lookup(Term id);       // null: none, or closed
Port* port_of_handle(ErlDrvPort handle);
u32 port_count();
u32 port_limit();
// The number that the next port would get if its slot were free.
u64 port_table_next();
void port_table_set_next(u64 number);
void ports_each(void (*f)(Port&, void*), void* data);

// ---- running ----
// Holds a port for direct work: takes the lock and does what is waiting. port() is null when the
// port turned out to be closed.
class PortSession {
 public:
  explicit PortSession(Port& p);
  ~PortSession();
  PortSession(const PortSession&) = delete;
  PortSession& operator=(const PortSession&) = delete;
  Port* port() { return port_.has(kPortClosed) ? nullptr : &port_; }

 private:
  Port& port_;
};
// The end of a session: a port that was flushing and has written everything is closed, the lock is
// released, and with it the locks of ports that the driver created meanwhile.
void port_leave(Port& p);
// Queues a task and has a scheduler run the port.
void port_push(Port& p, PortTask* t);
// As port_push for a port by id; a task for a port that is gone is run with null at once.
void port_push_to(Term id, PortTask* t);

// ---- opening ----
enum class PortError { None, BadArg, BadOpt, Einval, SystemLimit, Errno };
struct PortOptions {
  u32 flags = 0;          // kPortBinary, kPortSoftEof, kPortParallelism
  u32 line_max = 0;
  SysDriverOpts system{};
  bool has_port_limits = false;
  bool has_queue_limits = false;
  size_t queue_low = 0, queue_high = 0;
};
// Makes a port of `driver` for the process `owner` (linked to it by the caller). On an error null.
Port* port_open(Driver* driver, Term owner, const char* name, PortOptions& options,
                PortError* error, int* error_number);

// driver_create_port: a port of the same driver, with its data already made. Under `from`'s lock; the
// new port stays locked until the session with `from` ends, so the driver can go on with it.
Port* port_create_by_driver(Port& from, Term owner, const char* name, ErlDrvData data);

// ---- what is done to an open port; the caller is in a PortSession ----
// Commands. False: `data` is no I/O list.
bool port_output(Port& p, Term caller, Term data);
void port_connect(Port& p, Term new_owner);
// For the tracer of a port that is_traced: {Caller, What}, or {Caller, {What, Data}}.
void trace_port_request(Port& p, Term caller, Term what, Term data);
// Ends the port. `from` is who wants it; a `normal` from a stranger is ignored when drop_normal.
void port_exit(Port& p, Term from, Term reason, bool send_closed, bool drop_normal);
// Closes at once a port that is flushing.
void port_close_now(Port& p);
void port_set_busy(Port& p, bool on);
// Keeps a command until the port is no longer busy. Copies the data.
void port_defer(Port& p, DeferredCommand* c, Term data);
// What an owner gets for a message that is none, or a command with bad data.
void port_bad_signal(Port& p);
// {Port, Value...} to the connected process.
void port_deliver_data(Port& p, const char* header, size_t header_size, const u8* bytes, size_t size,
                       BinaryData* shared);
void port_deliver_eof(Port& p);
void port_flush_line(Port& p);
void port_reply(Term to, RefNumbers ref, Term immediate);

// ---- at the end of the VM ----
// Has all ports write what they have queued; waits at most `timeout_ms`.
void ports_flush(u64 timeout_ms);

// Tells drivers that care (terminals) that the process is about to end. Takes no locks.
void ports_emergency_close();

// ---- parts in other files ----
void port_select_drop_all(Port& p);       // port_select.cpp
void port_monitors_drop_all(Port& p);     // port_monitor.cpp
std::vector<Term> port_monitored_pids(const Port& p);
void port_timer_cancel(Port& p);          // driver_api.cpp
void port_data_lock_drop(Port& p);        // driver_api.cpp

void port_signals_init();                 // port_signals.cpp: port_hooks
// A command as a task, without looking at who owns the port. Takes over the fragment (may be null).
void port_command_later(Port& p, Term caller, Term data, Fragment* fragment);

}  // namespace lintel
