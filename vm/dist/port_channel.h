// Ports that carry a connection (kernel's inet_tcp_dist makes them of tcp_inet). The driver gets each
// packet as one output call and puts its length in front; what it delivers are whole packets.
#pragma once
#include <cstddef>

#include "vm/term/term.h"

namespace lintel {

struct Port;
struct DistEntry;

// Has the port take what is queued; at once if it may, else when it is no longer busy. Any thread.
void dist_port_schedule(Term port);

// ---- under the port's lock ----
void dist_port_attach(Port& p, DistEntry& e, u32 connection);
void dist_port_input(Port& p, const char* header, size_t header_size, const u8* bytes, size_t size);
void dist_port_exits(Port& p, Term reason);

}  // namespace lintel
