// The emulator's own command line.
#pragma once
#include <string>
#include <vector>

#include "jit/jit.h"
#include "vm/sched/scheduler.h"

struct EmulatorOptions {
  lintel::SchedulerOptions schedulers;
  unsigned max_processes = 262144;
  unsigned max_ports = 65536;
  unsigned atom_limit = 1048576;
  std::string boot_module = "init";
  bool print_version = false;
  bool list_bifs = false;
  bool jit = false;
  lintel::i64 jit_threshold = lintel::jit::kDefaultThreshold;
  std::string otp_root;                    // --otp-root, else -root among the init arguments
  std::vector<std::string> init_arguments; // what follows "--"
};

// Refuses what it does not know with the usage text and exit 1.
EmulatorOptions parse_emulator_options(int argc, char** argv);
