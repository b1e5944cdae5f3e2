// Where the processors sit, and which scheduler is bound to which of them.
//
// A topology is a list of places, one a logical processor. It is read from the operating system
// (detected), and may be given by +sct or erlang:system_flag/2 (defined), which goes first: used. A NUMA
// node stands either above processors (`node`) or inside one (`processor_node`); -1 says that there is none.
//
// A bind type is an order of the places: the n-th scheduler is bound to the n-th place whose processor
// this program may use. Schedulers that are not online are not bound. Source: erl(1), +sbt and +sct.
#pragma once
#include <pthread.h>

#include <string>
#include <utility>
#include <vector>

#include "vm/base/types.h"

namespace lintel {

struct CpuPlace {
  int node = -1, processor = 0, processor_node = -1, core = 0, thread = 0, logical = 0;
};
using CpuTopology = std::vector<CpuPlace>;  // empty: not known
inline constexpr int kMaxCpuId = 0xffff;

enum class BindType : u8 {
  Unbound,
  Spread,
  ProcessorSpread,
  ThreadSpread,
  ThreadNoNodeProcessorSpread,
  NoNodeProcessorSpread,
  NoNodeThreadSpread,
  NoSpread,
};
inline constexpr BindType kDefaultBind = BindType::ThreadNoNodeProcessorSpread;

// Before anything below; `skip` leaves the topology undetected (+ssrct).
void cpu_topology_init(bool skip);
// Reads the system again; true when something about its processors changed.
bool cpu_topology_update();

CpuTopology cpu_topology_defined();
CpuTopology cpu_topology_detected();
CpuTopology cpu_topology_used();
// An empty one takes the definition back. False, and nothing done, when places contradict each other.
bool cpu_topology_define(CpuTopology places);
// The argument of +sct; what is wrong with it, or null.
const char* cpu_topology_define_text(const std::string& text);

BindType scheduler_bind_type();
// False when there is no topology to bind by.
bool scheduler_bind_type_set(BindType type);
// Binds the running schedulers as type, topology and number online say.
void scheduler_bindings_apply();
// By scheduler: the logical processor it is bound to, or -1.
std::vector<int> scheduler_bindings();

// The places in the order of a bind type, with numbers counted anew from 0 at each level.
CpuTopology cpu_topology_in_order(CpuTopology places, BindType type);
// The used topology's processors in n groups, neighbours together: {logical, group from 0}.
std::vector<std::pair<int, int>> cpu_groups(int n);

// Processors that this program may use, as they were when last read.
u32 processors_available();
// A thread made with these attributes may run wherever the program may, though its maker be bound.
void thread_attributes_unbound(pthread_attr_t* attributes);

}  // namespace lintel
