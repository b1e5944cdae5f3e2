// What erts_debug:get_internal_state/1 tells of links and monitors:
//
//   {link_list, What}      [{erl_link, Type, Peer, linked | unlinking, Id}]
//   {monitor_list, What}   [{erl_monitor, Type, origin | target, Ref, Other, Extra}]
//
// What is a process or a port (which has links only), each with its own records, or a node's name,
// with what the connection knows. A link to another node has the same Id on both lists of its node.
#pragma once
#include "vm/proc/process.h"

namespace lintel {

BifResult internal_link_list(Process& p, Term of);
BifResult internal_monitor_list(Process& p, Term of);

}  // namespace lintel
