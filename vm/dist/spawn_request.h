// Asking other nodes for processes, and monitoring nodes: what the BIFs need beyond remote_hooks.
#pragma once
#include "vm/dist/entry.h"

namespace lintel {

enum class SpawnRequestResult : u8 { Ok, NoConnection, NotSupported, SystemLimit };
// Sends the request under `ref`; ref_term is the reference as the caller knows it. mfa: {M, F, Arity}.
SpawnRequestResult dist_spawn_request(Process& p, DistEntry& e, RefNumbers ref, Term ref_term, Term mfa,
                                      Term args, Term options, u32* connection);
// The answer came: the connection's entry becomes that of a monitor of `target` (none: of nothing).
bool dist_spawn_became_monitor(DistEntry& e, u32 connection, RefNumbers ref, Term target);

// The connection notes that p wants to hear of its end. False when there is none.
bool dist_monitor_node(Process& p, Term node, bool connect, u32* connection);

}  // namespace lintel
