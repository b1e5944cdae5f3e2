// Sending messages. The message is copied once, into a fragment that the receiver's heap takes over.
#pragma once
#include "vm/proc/signal.h"

namespace lintel {

enum class SendResult : u8 {
  Ok,        // delivered or dropped as the language says
  BadArg,    // not a destination, or a name that nobody has
  Suspend,   // kRemoteNoSuspend: would have to wait for a busy connection
  NoConnect, // kRemoteNoConnect: not connected
};

// `to !  message`: pid, port, registered name, {Name, Node}, alias reference. `from` may be null
// (timers, drivers); it is charged reductions for the copy.
// A sender to another node may find itself suspended afterwards. `flags`: RemoteSendFlags.
SendResult send_message(Process* from, Term to, Term message, u32 flags = 0);
// To a process already looked up.
void send_to_process(Process* from, Process& to, Term message);
// Hands over a message already built in `fragment` (a chain; null for immediates).
void send_fragment(Process& to, Term message, Fragment* fragment);
// As send_fragment to a local pid; frees when nobody is there. False then.
bool send_fragment_to(Term pid, Term message, Fragment* fragment);

}  // namespace lintel
