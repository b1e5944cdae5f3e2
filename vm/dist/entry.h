// Connections to other nodes.
//
//   Idle ──new_connection, a send──▶ Pending ──setnode/3──▶ Connected ──bad packet──▶ Exiting
//     ▲                                │ given up                │ controller ends      │
//     └────────────────────────────────┴─────────────────────────┴─────────────────────┘
//
// There is one entry per node ever heard of, never freed. Each new connection to a node has a number;
// what belongs to a connection carries it, so that what comes late does not hit the next one.
//
// Signals to a pending connection wait in the queue. A connection's controller, a port or a process,
// takes packets from the queue and hands in those that it receives. Who sends has nothing to do with
// carriers: it encodes, and appends to the queue under the entry's lock.
//
// Lock order: a port's lock, the table's, an entry's. Under an entry's lock only queues are touched
// and processes woken.
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "vm/base/lock.h"
#include "vm/dist/packet.h"
#include "vm/proc/remote.h"
#include "vm/term/node.h"

namespace lintel {

enum class DistState : u8 { Idle, Pending, Connected, Exiting };

// ---- what a connection knows of this node's processes; see vm/proc/remote.h ----

struct LinkEntry {
  LinkEntry* next;
  Term local;
  u32 number, serial;  // of the peer
  u32 creation;
  u64 hash() const { return hash_id(local) ^ number * 0x9E3779B97F4A7C15u >> 20; }
};

// A monitor or a spawn request of a local process.
struct MonitorEntry {
  MonitorEntry* next;
  RefNumbers ref;
  Term local;
  bool is_spawn;
  Term target;  // pid or name; a pid lives in box
  Term box[kExternalWords];
  u64 hash() const { return hash_ref(ref); }
};

// A process of the other node that monitors one of this node's. Held by the table and by the watched
// process.
struct RemoteWatcher : ForeignWatcher {
  RemoteWatcher* next = nullptr;
  std::atomic<u32> holders{2};
  struct DistEntry* entry = nullptr;
  u32 connection = 0;
  RefNumbers key{};      // under which the watched process knows it
  RefParts ref{};        // the other node's
  Node* ref_node = nullptr;
  Term watched;          // local pid
  Term name;             // or the name that was monitored; none
  Term pid[kExternalWords];
  Term watcher() { return Term::boxed(pid); }
  static u64 hash_parts(const RefParts& r) { return (u64{r.n[1]} << 18 ^ r.n[0] ^ u64{r.n[2]} << 7) * 0x9E3779B97F4A7C15u >> 20; }
  u64 hash() const { return hash_parts(ref); }
};

// Null when the watcher is no process of another node.
RemoteWatcher* dist_remote_watcher(ForeignWatcher* w);

struct NodeMonitorEntry {
  NodeMonitorEntry* next;
  Term local;
  u64 hash() const { return hash_id(local); }
};

// A process ended before it heard of the linked child it had asked for: why, for the child.
struct OrphanEntry {
  OrphanEntry* next;
  RefNumbers ref;
  Term reason;
  Fragment* fragment;
  u64 hash() const { return hash_ref(ref); }
};

struct DistTables {
  RecordTable<LinkEntry> links;
  RecordTable<MonitorEntry> monitors;
  RecordTable<RemoteWatcher> watchers;
  RecordTable<NodeMonitorEntry> node_monitors;
  RecordTable<OrphanEntry> orphans;
};

struct DistEntry : MagicData {
  Term name;
  DistEntry* next_in_bucket = nullptr;

  Mutex<LockRank::Dist> lock;
  // ---- under the lock ----
  DistState state = DistState::Idle;
  u32 connection = 0;               // the number of the present or latest connection
  u64 flags = 0;
  u32 creation = 0;
  u64 order = 0;                    // of connecting
  Term controller = Term::none();   // port or pid
  Term input_handler = Term::none();
  std::shared_ptr<DistInput> input;
  std::unique_ptr<DistOutput> output;
  DistMessage* first = nullptr;     // messages without packets yet
  DistMessage* last = nullptr;
  std::deque<std::vector<DistBytes>> packets;
  u64 queued_bytes = 0;
  bool busy = false;
  bool wants_notice = false;        // dist_ctrl_get_data_notification
  bool get_size = false;
  std::vector<Term> suspended;
  DistTables* tables = nullptr;     // while Pending or Connected
  u64 in = 0;
  u64 out = 0;

  bool is_up() const { return state == DistState::Connected || state == DistState::Pending; }
};

// ---- the table ----
void dist_init();                       // also sets remote_hooks
DistEntry* dist_entry(Term node);       // makes it
DistEntry* dist_entry_find(Term node);  // null
void dist_entries_each(void (*f)(DistEntry&, void*), void* data);
bool dist_is_node_name(Term atom);      // something@something
bool dist_is_alive();                   // this node has a name

// The connection's entry of a link; null when there is none. Under the lock, with tables.
const LinkEntry* dist_link_find_locked(DistEntry& e, Term local, Term peer);

// {Connection, #Ref}: how Erlang code names a connection. kDistHandleWords.
inline constexpr u64 kDistHandleWords = tuple_words(2) + kMagicRefWords;
Term dist_handle(Builder& b, DistEntry& e, u32 connection);
// The entry, if that is what a magic reference stands for.
DistEntry* dist_entry_of_magic(MagicData* data);
DistEntry* dist_entry_of_handle(Term handle, u32* connection);

// ---- states ----
// Idle becomes Pending. Under the lock.
void dist_set_pending_locked(DistEntry& e);
// Has net_kernel connect unless that is under way. False when there is no net_kernel.
bool dist_auto_connect(DistEntry& e);
// True unless it was connected by then.
bool dist_abort_pending(DistEntry& e, u32 connection);
// Pending becomes Connected; the controller has been checked. Under the lock.
void dist_set_connected_locked(DistEntry& e, Term controller, u64 flags, u32 creation);
// The controller ended, or the connection never came about.
void dist_connection_down(DistEntry& e, u32 connection, Term reason);
// A peer sent what it should not have: ends the connection, without waiting for that.
void dist_kill(DistEntry& e, u32 connection);

// setnode/2. False when it may not be. This node has its name until net_kernel has ended and all
// connections are down.
bool dist_start(Term name, u32 creation);
// Whether net_kernel is the one that setnode/2 found; its pid.
bool dist_has_kernel(Term* pid);
void dist_node_added();
void dist_node_gone();
// A process becomes a controller.
void dist_process_attach(Process& p, DistEntry& e, u32 connection);
// The entry of the connection that it carries, or null.
DistEntry* dist_process_entry(const Process& p);

// ---- the queue ----
extern std::atomic<u64> dist_busy_limit;
// Appends to the queue of this connection; else frees the message and answers false. `sender`, if the
// queue has grown too long, gets suspended; null: nobody is.
bool dist_enqueue(DistEntry& e, u32 connection, DistMessage* m, Process* sender);
bool dist_enqueue_locked(DistEntry& e, u32 connection, DistMessage* m, Process* sender);
// The next packet. False when there is none.
bool dist_next_packet(DistEntry& e, u32 connection, std::vector<DistBytes>* packet);
// A packet, which may be empty (a tick).
void dist_receive(DistEntry& e, u32 connection, std::span<const u8> packet);
// Tells a process what became of its spawn request: `result` is a pid of the other node or an atom.
// False when the process is gone.
bool dist_spawn_replied(DistEntry& e, Term to, RefNumbers ref, u32 connection, u32 flags, Term result);

// Encodes for this entry's connection as it is now and appends. For control messages without sender.
void dist_send_control(DistEntry& e, u32 connection, Term control, Term payload);

// ---- nodes coming and going ----
void nodes_monitor_add(Term pid, u32 options);
void nodes_monitor_remove(Term pid, u32 options);
enum NodesOptions : u32 {
  kNodesVisible = 1,
  kNodesHidden = 2,
  kNodesReason = 4,
  kNodesMap = 8,
  kNodesConnection = 16,
};
void nodes_monitors_tell(Term what, Term node, u32 connection, Term type, Term reason);
// All of them, with their options.
void nodes_monitors_each(void (*f)(Term pid, u32 options, void*), void* data);

// ---- controllers that are ports: vm/dist/port_channel.h ----
void dist_port_schedule(Term port);
void dist_port_kill(Term port, Term reason);

// ---- other parts ----
void dist_send_init();  // remote_hooks
// Options of a process that another node spawns; set by the BIFs.
enum class SpawnOptionsResult : u8 { Ok, BadOption, NotAList };
extern SpawnOptionsResult (*dist_parse_spawn_options)(Term list, struct SpawnOptions* out);
// {busy_dist_port} of system_monitor; set by the BIFs.
extern void (*dist_tell_busy)(Term process, Term controller);

}  // namespace lintel
