// What driver_monitor_process and its relatives do.
#pragma once
#include "vm/io/port.h"

namespace lintel {

// 0: set up; 1: no such process. Under the port's lock, like the others.
int port_monitor(Port& p, Term pid, ErlDrvMonitor* out);
// False: no such monitor.
bool port_demonitor(Port& p, const ErlDrvMonitor* monitor);
Term port_monitored(Port& p, const ErlDrvMonitor* monitor);  // pid or none

}  // namespace lintel
