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
inline u64 hash_id(Term id) { return (id.bits() >> 3) * 0x9E3779B97F4A7C15u >> 20; }

struct LinkRecord {
  LinkRecord* next;
  Term peer;          // local pid or port
  u64 unlink_id = 0;  // not 0: inactive, waiting for the acknowledgement with this id
  u64 hash() const { return hash_id(peer); }
};

enum class MonitorType : u8 { Process, Port, TimeOffset, Foreign };
enum class AliasMode : u8 { None, Explicit, Demonitor, ReplyDemonitor, Reply };

struct MonitorRecord {
  MonitorRecord* next;
  RefNumbers ref;
  MonitorType type;
  AliasMode alias;
  Term target;                 // local pid or port; none when there was none
  Term name;                   // monitored by this name, or none
  Term tag;                    // instead of 'DOWN'; none
  Fragment* tag_fragment;
  u64 hash() const { return hash_ref(ref); }
};

struct WatcherRecord {
  WatcherRecord* next;
  RefNumbers ref;
  Term watcher;  // local pid or port, none for a foreign one
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

struct Relations {
  RecordTable<LinkRecord> links;
  RecordTable<MonitorRecord> monitors;
  RecordTable<WatcherRecord> watchers;
  RecordTable<AliasRecord> aliases;
  RecordTable<SuspendRecord> suspends;
  u64 next_unlink_id = 1;
  u32 node_monitors = 0;  // net_kernel:monitor_nodes
};
Relations& relations_of(Process& p);  // makes it

// ---- references that carry their owner's pid ----
inline constexpr u64 kAliasRefWords = kRefWords;
Term build_alias_ref(Builder& b, RefNumbers n, Term owner);
// The owner's pid, or none for a reference that is not an alias.
Term alias_ref_owner(Term ref);

// ---- links ----
// False when there is no such process or port. `peer` is a local pid or port.
bool process_link(Process& p, Term peer);
void process_unlink(Process& p, Term peer);
// Puts the record in place without telling the other side (spawn_link).
void link_record_add(Process& p, Term peer);

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
// The record only (spawn_monitor).
void monitor_record_add(Process& p, MonitorType type, Term target, Term name, RefNumbers ref,
                        const MonitorOptions& options);
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
