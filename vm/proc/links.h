// Links, monitors and aliases of a process: the owner's records, and what the signals about them do.
//
//   link      both sides hold a LinkRecord. Unlinking is asked for with an id and acknowledged; until
//             the acknowledgement with this id arrives, the record is inactive and an exit signal over
//             it is dropped. A new link/1 makes the record active again, and the late
//             acknowledgement, whose id no longer matches, is ignored.
//   monitor   the watcher holds a MonitorRecord, the watched a WatcherRecord, both under the
//             reference. A DOWN whose MonitorRecord is gone is dropped.
//   alias     an AliasRecord, or the alias mode of a MonitorRecord. The reference's term carries the
//             owner's pid, so that a send finds the process; the record says whether it is active.
#pragma once
#include "vm/proc/record_table.h"
#include "vm/proc/signal.h"

namespace lintel {

inline u64 hash_ref(RefNumbers n) { return (u64{n.n[1]} << 18 ^ n.n[0]) * 0x9E3779B97F4A7C15u >> 20; }
// Pids and ports; those of other nodes by what they name.
inline u64 hash_id(Term id) {
  u64 word = VM_UNLIKELY(id.is_boxed()) ? view<External>(id)->data[0] : id.bits() >> 3;
  return word * 0x9E3779B97F4A7C15u >> 20;
}
inline bool same_id(Term a, Term b) {
  if (a == b) return true;
  return a.is_boxed() && b.is_boxed() && a.object()[0] == b.object()[0] &&
         view<External>(a)->node == view<External>(b)->node &&
         view<External>(a)->data[0] == view<External>(b)->data[0];
}

struct LinkRecord {
  LinkRecord* next;
  Term peer;          // pid or port; one of another node lives behind the record
  u64 unlink_id = 0;  // not 0: inactive, waiting for the acknowledgement with this id
  u32 connection = 0; // that a link to another node goes over; see vm/proc/remote.h
  u64 hash() const { return hash_id(peer); }
};

enum class MonitorType : u8 { Process, Port, TimeOffset, Foreign };
enum class AliasMode : u8 { None, Explicit, Demonitor, ReplyDemonitor, Reply };

struct MonitorRecord {
  MonitorRecord* next;
  RefNumbers ref;
  MonitorType type;
  AliasMode alias;
  Term target;                 // pid or port; none when there was none. Another node's lives behind
  Term name;                   // monitored by this name, or none
  Term tag;                    // instead of 'DOWN'; none
  Fragment* tag_fragment;
  Term node = Term::none();    // another node's name, or none
  u32 connection = 0;
  u64 hash() const { return hash_ref(ref); }
};

struct WatcherRecord {
  WatcherRecord* next;
  RefNumbers ref;
  Term watcher;  // pid or port, or none; if `foreign` is set for the eye only
  Term name;
  ForeignWatcher* foreign;
  u64 hash() const { return hash_ref(ref); }
};

struct AliasRecord {
  AliasRecord* next;
  RefNumbers ref;
  AliasMode mode;
  u64 hash() const { return hash_ref(ref); }
};

// Processes that this one suspended (erlang:suspend_process).
struct SuspendRecord {
  SuspendRecord* next;
  Term suspendee;
  u64 count;
  u64 hash() const { return hash_id(suspendee); }
};

// A process that another node is asked for (spawn_request) and has not told of yet.
struct SpawnRequestRecord {
  SpawnRequestRecord* next;
  RefNumbers ref;
  Term node;
  u32 connection;
  bool link;
  bool reply_ok;
  bool reply_error;
  Term tag;  // of the reply; in the fragment
  Fragment* fragment;
  u64 hash() const { return hash_ref(ref); }
};

// monitor_node, `count` times.
struct NodeMonitorRecord {
  NodeMonitorRecord* next;
  Term node;
  u64 count;
  u32 connection;
  u64 hash() const { return hash_id(node); }
};
// net_kernel:monitor_nodes with these options, `count` times.
struct NodesMonitorRecord {
  NodesMonitorRecord* next;
  u32 options;
  u64 count;
  u64 hash() const { return options; }
};

struct Relations {
  RecordTable<LinkRecord> links;
  RecordTable<MonitorRecord> monitors;
  RecordTable<WatcherRecord> watchers;
  RecordTable<AliasRecord> aliases;
  RecordTable<SuspendRecord> suspends;
  RecordTable<SpawnRequestRecord> spawn_requests;
  RecordTable<NodeMonitorRecord> node_monitors;
  RecordTable<NodesMonitorRecord> nodes_monitors;
  u64 next_unlink_id = 1;
  void* carried = nullptr;  // vm/dist's: the connection that this process carries
};
Relations& relations_of(Process& p);  // makes it

// ---- references that carry their owner's pid ----
inline constexpr u64 kAliasRefWords = kRefWords;
// alias_ref_owner (vm/term/node.h) finds the owner again.

// ---- links ----
// False when there is no such process or port, or no connection to its node.
bool process_link(Process& p, Term peer);
void process_unlink(Process& p, Term peer);
// Puts the record in place without telling the other side (spawn_link).
void link_record_add(Process& p, Term peer, u32 connection = 0);

// ---- monitors ----
struct MonitorOptions {
  AliasMode alias = AliasMode::None;
  Term tag = Term::none();  // a term of the caller's heap
};
// Sets up a monitor with the given reference. A target that does not exist gives the DOWN message at
// once. `target`: local pid or port, or none (nothing has this name); `name`: none, or the registered
// name.
void process_monitor(Process& p, MonitorType type, Term target, Term name, RefNumbers ref,
                     const MonitorOptions& options);
// Of another node's process: a pid, or a name on `node`. Without a connection the DOWN comes at once.
void process_monitor_remote(Process& p, Term target, Term name, Term node, RefNumbers ref,
                            const MonitorOptions& options);
// The record only (spawn_monitor).
MonitorRecord& monitor_record_add(Process& p, MonitorType type, Term target, Term name, RefNumbers ref,
                                  const MonitorOptions& options);
MonitorRecord* monitor_record_find(Process& p, RefNumbers ref);
// Once a monitor's target is known (spawn_request).
void monitor_record_set_target(Process& p, RefNumbers ref, Term target);
// Takes a monitor back without a word to anybody.
void monitor_record_drop(Process& p, RefNumbers ref);
void spawn_request_record_remove(Process& p, SpawnRequestRecord* r);
// False when the monitor did not exist any more.
bool process_demonitor(Process& p, RefNumbers ref);
// Type of an existing monitor; false when there is none.
bool process_has_monitor(Process& p, RefNumbers ref);
// A watcher that is not a process (enif_monitor_process, driver_monitor_process with port): false
// when the process does not exist. The watcher object lives until its `down` or `released` was called.
bool foreign_monitor(ForeignWatcher* w, Term target_pid, RefNumbers ref);
void foreign_demonitor(ForeignWatcher* w, Term target_pid, RefNumbers ref);

// ---- aliases ----
void alias_add(Process& p, RefNumbers ref, AliasMode mode);
bool alias_remove(Process& p, RefNumbers ref);

// ---- receiving (called by signals_fetch) ----
void link_signal_received(Process& p, LinkSignal* s);
void monitor_signal_received(Process& p, MonitorSignal* s);
void down_signal_received(Process& p, DownSignal* s);
void alias_message_received(Process& p, AliasMessage* m);

// Sends the DOWN of a watcher. `object` is the pid or port.
void send_down(const WatcherRecord& w, Term object, Term reason);
// Fires links, watchers, own monitors and suspends of an exiting process until `reds` are used up;
// false when there is more to do.
bool relations_fire(Process& p, Term reason, i64& reds);
void relations_destroy(Process& p);
u64 relations_memory_bytes(const Process& p);

}  // namespace lintel
