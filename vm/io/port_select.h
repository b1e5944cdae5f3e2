// driver_select's work; see port_select.cpp.
#pragma once
#include "vm/io/port.h"

namespace lintel {
// 0, or -1 when the descriptor cannot be polled. Under the port's lock.
int port_select(Port& p, int fd, int mode, bool on);
}  // namespace lintel
