// Topologies and bind types as terms: what system_info, system_flag and erts_debug say of vm/sched/cpu_topology.h.
#pragma once
#include "bifs/scratch.h"
#include "vm/proc/exception.h"
#include "vm/sched/cpu_topology.h"

namespace lintel {

// [{cpu, Node, Processor, ProcessorNode, Core, Thread, Logical}] or undefined: what
// erlang:format_cpu_topology/1 reads.
Term cpu_topology_term(Scratch& s, const CpuTopology& places);
// False when the list is not such a one. `undefined` is the empty topology.
bool cpu_topology_of_term(Term list, CpuTopology* places);

Term bind_type_term(BindType type);
bool bind_type_of_term(Term name, BindType* type);

Term scheduler_bindings_term(Scratch& s);
Term fake_scheduler_bindings(Scratch& s, BindType type);
// [{Logical, Group}], groups from 1.
Term cpu_groups_term(Scratch& s, int n);

}  // namespace lintel
