// The process table: pid -> Process* without locks.
//
// A pid's data is a number that only grows (28 bits, then it starts over); its slot is the data
// modulo the table size. A new process takes the next number whose slot is empty, so a number comes
// back only after the whole range was used. Printed as stock: <0.(low 15 bits).(high 13 bits)>.
//
// A pointer got from here is good until the calling thread's next quiescent point
// (vm/base/quiesce.h); threads that are not schedulers hold a QuiesceGuard.
#pragma once
#include "vm/proc/process.h"
#include "vm/term/node.h"

namespace lintel {

inline constexpr u32 kDefaultMaxProcesses = 262144;
inline constexpr u32 kPidDataBits = 28;

void process_table_init(u32 max_processes);

// Gives p a pid and makes it visible; false when the table is full.
bool process_table_insert(Process& p);
// Makes p invisible. Its memory is not freed.
void process_table_remove(Process& p);

// Null when no such process exists or it has left the table. `pid` is a local pid.
Process* process_lookup(Term pid);
// As process_lookup, but null too when it is exiting.
Process* process_lookup_alive(Term pid);

u32 process_count();  // as system_info(process_count)
u32 process_limit();
// Calls f for each process in the table at some moment during the call, in slot order.
void processes_each(void (*f)(Process&, void*), void* data);

// The data that the next process would get if its slot were free (get_internal_state(next_pid)).
u32 process_table_next();
void process_table_set_next(u32 data);

}  // namespace lintel
