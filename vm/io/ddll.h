// Drivers that Erlang code loads and unloads (erl_ddll).
//
// Each driver counts its users: processes, with the number of times each loaded it. It is unloaded
// when the last of them unloads it or ends, at once, or when its last port closes. Whoever wants to
// know waits under a reference:
//
//   {'UP', Ref, driver, Name, loaded | unload_cancelled | permanent}
//   {'DOWN', Ref, driver, Name, unloaded | load_cancelled | {load_failure, Why}}
#pragma once
#include <string>
#include <vector>

#include "vm/proc/process.h"

namespace lintel {

enum class DdllMonitor { None, Pending, PendingDriver };

struct DdllLoad {
  std::string path;  // of the directory
  std::string name;
  bool kill_ports = false;
  DdllMonitor monitor = DdllMonitor::None;
  DdllMonitor reload = DdllMonitor::None;
};

// What a call comes to: `error` or status is an atom (or {open_error, N}: open_error >= 0).
struct DdllResult {
  Term status = Term::none();
  Term error = Term::none();
  int open_error = -1;
  bool has_ref = false;
  RefNumbers ref{};
};

DdllResult ddll_load(Process& p, const DdllLoad& request);
DdllResult ddll_unload(Process& p, const std::string& name, bool kill_ports, DdllMonitor monitor);
// `when`: loaded, unloaded or unloaded_only.
RefNumbers ddll_monitor(Process& p, const std::string& name, Term when);
void ddll_demonitor(Process& p, RefNumbers ref);

struct DdllInfo {
  std::vector<std::pair<Term, u32>> users;
  bool kill_ports;
  u32 port_count;
  bool is_linked_in;
  bool is_permanent;
  std::vector<std::pair<Term, u32>> waiting_for_load;
  std::vector<std::pair<Term, u32>> waiting_for_unload;
};
bool ddll_info(const std::string& name, DdllInfo* out);
// Text of {open_error, N}; empty when there is none.
std::string ddll_open_error_text(int code);

void ddll_init();  // process exit hook

}  // namespace lintel
