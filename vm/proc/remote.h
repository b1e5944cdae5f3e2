// What processes do to processes of other nodes, and what the other nodes' connections need of them.
//
// The records of a process (links, monitors, spawn requests, node monitors) are the process's own. For
// each that reaches another node the connection keeps an entry, so that it knows whom to tell when it
// goes down. Entries are made and removed by the process, at the time it changes its record; the
// connection takes out all of them when it goes down, and tells by signals that carry its number.
//
// A connection is named by the node and a number that each new connection to it increases; 0 is none.
#pragma once
#include "vm/proc/links.h"

namespace lintel {

struct RemoteSpawn;

enum class RemoteResult : u8 {
  Ok,
  NoConnection,  // not connected, or this node is not alive
  Busy,          // would have to wait
};

enum RemoteSendFlags : u32 { kRemoteNoConnect = 1, kRemoteNoSuspend = 2 };

// Set by vm/dist. Terms belong to the caller.
struct RemoteHooks {
  // `to`: a pid or reference of another node, or an atom with `node` set. Connects if need be. A sender
  // that fills the channel gets suspended.
  RemoteResult (*send)(Process& from, Term to, Term node, Term message, u32 flags) = nullptr;
  // exit/2.
  void (*exit)(Process* from, Term from_id, Term to, Term reason) = nullptr;
  void (*group_leader)(Process& from, Term leader, Term of) = nullptr;

  // Links of local to peer. link: connects; the connection's number, or 0.
  u32 (*link)(Process& p, Term peer) = nullptr;
  // One that the other side made. False when that connection is gone.
  bool (*link_added)(Term local, Term peer, u32 connection) = nullptr;
  void (*link_removed)(Term local, Term peer, u32 connection) = nullptr;
  // Removes it and tells the peer. False when no acknowledgement will come.
  bool (*unlink)(Term local, Term peer, u32 connection, u64 id) = nullptr;
  void (*unlink_ack)(Term local, Term peer, u32 connection, u64 id) = nullptr;
  // Removes it: local has ended.
  void (*link_exit)(Term local, Term peer, u32 connection, Term reason) = nullptr;

  // Monitors of a pid, or of a name (atom) on a node. monitor: connects; the connection's number, or 0.
  u32 (*monitor)(Process& p, Term target, Term node, RefNumbers ref) = nullptr;
  void (*monitor_removed)(RefNumbers ref, Term node, u32 connection) = nullptr;
  void (*demonitor)(Term local, Term target, Term node, RefNumbers ref, u32 connection) = nullptr;

  // A process with spawn requests on their way ended; `reason` belongs to it.
  void (*spawn_abandoned)(RefNumbers ref, Term node, u32 connection, Term reason) = nullptr;

  // monitor_node and net_kernel:monitor_nodes of a process that ends or takes them back.
  void (*node_monitor_removed)(Term local, Term node, u32 connection) = nullptr;
  void (*nodes_monitor_removed)(Term local, u32 options) = nullptr;
};
extern RemoteHooks remote_hooks;

}  // namespace lintel
