// Reads the emulator's flags by the table vm/tables/options.def.
#include "tools/emulator_options.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "vm/base/settings.h"
#include "vm/base/types.h"
#include "vm/heap/debug.h"
#include "vm/interp/op_count.h"
#include "vm/proc/spawn.h"

namespace {

using lintel::u32;
using lintel::u64;

enum class Value { No, Yes, May, Attached };
enum class Meaning {
  Ignored, async_threads, break_mode, time_correction, time_warp, file_names, min_heap, min_vheap,
  max_heap, max_heap_kill, max_heap_log, message_queue_data, boot_module, max_processes,
  printable_range, max_ports, schedulers, schedulers_percent, dirty_cpu, dirty_cpu_percent,
  dirty_io, busy_wait, atom_limit, print_version, warning_map,
};
struct Option {
  std::string_view flag;
  Value value;
  Meaning meaning;
};
constexpr Option kOptions[] = {
#define OPTION(flag, value, meaning) {flag, Value::value, Meaning::meaning},
#include "vm/tables/options.def"
#undef OPTION
};

[[noreturn]] void usage() {
  std::fprintf(stderr,
               "Usage: beam.smp [flags] [ -- [init_args] ]\n"
               "The flags are those of erl(1), \"Emulator Flags\", with - instead of +, and:\n\n"
               "--reds=N              reductions of one turn (default 4000)\n"
               "--gc-zeal=P[,SEED]    collect at this part of all reservations (0..1)\n"
               "--verify-heap         check the heap after every collection\n"
               "--sched-seed=N        one runnable thread at a time, in an order drawn from N\n"
               "--count-ops=FILE      count the operations that run, and their pairs\n"
               "--otp-root=DIR        the OTP installation to run (default: -root's)\n");
  std::exit(1);
}

[[noreturn]] void refuse(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  usage();
}

const Option* find_option(std::string_view flag) {
  const Option* pattern = nullptr;
  for (const Option& o : kOptions) {
    if (o.flag == flag) return &o;
    if (o.flag.back() == '*' && flag.size() >= o.flag.size() &&
        flag.starts_with(o.flag.substr(0, o.flag.size() - 1))) {
      pattern = &o;
    }
  }
  return pattern;
}

u64 number(const std::string& flag, const std::string& text, u64 low, u64 high) {
  char* end = nullptr;
  u64 v = std::strtoull(text.c_str(), &end, 10);
  if (text.empty() || *end != 0 || v < low || v > high) {
    refuse("bad value for -" + flag + ": " + text);
  }
  return v;
}

// "n", "n:m", ":m"
void number_pair(const std::string& flag, const std::string& text, u32* n, u32* m) {
  size_t colon = text.find(':');
  std::string first = text.substr(0, colon);
  if (!first.empty()) *n = static_cast<u32>(number(flag, first, 0, 1024));
  if (colon != std::string::npos) {
    *m = static_cast<u32>(number(flag, text.substr(colon + 1), 0, 1024));
  }
}

bool own_option(const std::string& arg, EmulatorOptions& o) {
  auto value = [&](std::string_view name, std::string* out) {
    if (!std::string_view(arg).starts_with(name)) return false;
    *out = arg.substr(name.size());
    return true;
  };
  std::string v;
  if (value("--reds=", &v)) {
    o.schedulers.reductions = static_cast<lintel::i64>(number("-reds", v, 1, 1000000));
  } else if (value("--sched-seed=", &v)) {
    o.schedulers.seeded = true;
    o.schedulers.seed = number("-sched-seed", v, 0, ~u64{0});
  } else if (value("--gc-zeal=", &v)) {
    if (!lintel::heap_debug_set_zeal(v.c_str())) refuse("bad value for --gc-zeal: " + v);
  } else if (arg == "--verify-heap") {
    lintel::heap_debug.verify = true;
  } else if (value("--count-ops=", &v)) {
    lintel::interp::op_count_enable(v.c_str());
  } else if (value("--otp-root=", &v)) {
    o.otp_root = v;
  } else {
    return false;
  }
  return true;
}

void apply(const Option& option, const std::string& flag, const std::string& v,
           EmulatorOptions& o) {
  auto& spawn = lintel::spawn_defaults;
  auto& settings = lintel::settings;
  switch (option.meaning) {
    case Meaning::Ignored:
    case Meaning::break_mode:
    case Meaning::busy_wait:
      break;
    case Meaning::async_threads:
      o.schedulers.async_threads = static_cast<u32>(number(flag, v, 0, 1024));
      break;
    case Meaning::time_correction:
      if (!v.empty() && v != "true" && v != "false") refuse("bad time correction: " + v);
      settings.time_correction = v != "false";
      break;
    case Meaning::time_warp:
      if (v != "no_time_warp" && v != "single_time_warp" && v != "multi_time_warp") {
        refuse("bad time warp mode: " + v);
      }
      settings.time_warp = v;
      break;
    case Meaning::file_names:
      settings.file_names = flag[2] == 'l'   ? lintel::Settings::FileNames::Latin1
                            : flag[2] == 'u' ? lintel::Settings::FileNames::Utf8
                                             : lintel::Settings::FileNames::Locale;
      if (flag.size() == 4) settings.file_name_warnings = flag[3];
      break;
    case Meaning::printable_range:
      if (v != "unicode" && v != "latin1") refuse("bad printable range: " + v);
      settings.printable_unicode = v == "unicode";
      break;
    case Meaning::warning_map:
      if (v != "e" && v != "w" && v != "i") refuse("unrecognized warning_map option " + v);
      settings.warning_map = v[0];
      break;
    case Meaning::min_heap:
      spawn.min_heap_words = static_cast<u32>(number(flag, v, 1, u64{1} << 31));
      break;
    case Meaning::min_vheap:
      spawn.min_vheap_words = number(flag, v, 1, u64{1} << 40);
      break;
    case Meaning::max_heap:
      spawn.max_heap_words = number(flag, v, 0, u64{1} << 58);
      break;
    case Meaning::max_heap_kill:
      spawn.max_heap_kill = v == "true";
      break;
    case Meaning::max_heap_log:
      spawn.max_heap_log = v == "true";
      break;
    case Meaning::message_queue_data:
      if (v != "on_heap" && v != "off_heap") refuse("bad message queue data: " + v);
      spawn.off_heap_messages = v == "off_heap";
      break;
    case Meaning::boot_module:
      o.boot_module = v;
      break;
    case Meaning::max_processes:
      o.max_processes = static_cast<u32>(number(flag, v, 1024, 134217727));
      break;
    case Meaning::max_ports:
      o.max_ports = static_cast<u32>(number(flag, v, 1024, 134217727));
      break;
    case Meaning::schedulers:
      number_pair(flag, v, &o.schedulers.schedulers, &o.schedulers.online);
      break;
    case Meaning::schedulers_percent:
    case Meaning::dirty_cpu_percent: {
      u32 n = 100;
      u32 m = 100;
      number_pair(flag, v, &n, &m);
      u32 processors = lintel::processors_online();
      u32 count = processors * n / 100 > 0 ? processors * n / 100 : 1;
      u32 online = processors * m / 100 > 0 ? processors * m / 100 : 1;
      bool dirty = option.meaning == Meaning::dirty_cpu_percent;
      (dirty ? o.schedulers.dirty_cpu : o.schedulers.schedulers) = count;
      (dirty ? o.schedulers.dirty_cpu_online : o.schedulers.online) = online;
      break;
    }
    case Meaning::dirty_cpu:
      number_pair(flag, v, &o.schedulers.dirty_cpu, &o.schedulers.dirty_cpu_online);
      break;
    case Meaning::dirty_io:
      o.schedulers.dirty_io = static_cast<u32>(number(flag, v, 1, 1024));
      break;
    case Meaning::atom_limit:
      o.atom_limit = static_cast<u32>(number(flag, v, 8192, 2147483647));
      break;
    case Meaning::print_version:
      o.print_version = true;
      break;
  }
}

}  // namespace

EmulatorOptions parse_emulator_options(int argc, char** argv) {
  EmulatorOptions o;
  int i = 1;
  for (; i < argc; i++) {
    std::string arg = argv[i];
    if (arg == "--") {
      i++;
      break;
    }
    if (arg.starts_with("--")) {
      if (!own_option(arg, o)) refuse("unknown flag " + arg);
      continue;
    }
    if (arg.size() < 2 || arg[0] != '-') refuse("unexpected argument " + arg);
    std::string flag = arg.substr(1);
    const Option* option = find_option(flag);
    if (option == nullptr) {
      // Some flags take their value attached: -P5000, -S2.
      for (size_t n = flag.size() - 1; n > 0 && option == nullptr; n--) {
        const Option* shorter = find_option(flag.substr(0, n));
        if (shorter != nullptr && shorter->value == Value::Yes &&
            shorter->flag.back() != '*') {
          apply(*shorter, flag.substr(0, n), flag.substr(n), o);
          option = shorter;
        }
      }
      if (option == nullptr) refuse("unknown flag " + arg);
      continue;
    }
    std::string value;
    if (option->value == Value::Yes) {
      if (i + 1 >= argc) refuse("flag " + arg + " needs a value");
      value = argv[++i];
    } else if (option->value == Value::May && i + 1 < argc && argv[i + 1][0] != '-') {
      value = argv[++i];
    }
    apply(*option, flag, value, o);
  }
  for (; i < argc; i++) o.init_arguments.emplace_back(argv[i]);
  if (o.otp_root.empty()) {
    for (size_t k = 0; k + 1 < o.init_arguments.size(); k++) {
      if (o.init_arguments[k] == "-root") o.otp_root = o.init_arguments[k + 1];
    }
  }
  return o;
}
