// Reads the emulator's flags by the table vm/tables/options.def.
#include "tools/emulator_options.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tools/option_table.h"
#include "vm/base/settings.h"
#include "vm/base/types.h"
#include "vm/dist/entry.h"
#include "vm/heap/debug.h"
#include "vm/interp/op_count.h"
#include "vm/proc/spawn.h"
#include "vm/sched/cpu_topology.h"

namespace {

using lintel::i64;
using lintel::u32;
using lintel::u64;
using options::Meaning;
using options::Option;
using options::Value;

[[noreturn]] void usage(const char* program, int status) {
  std::FILE* out = stderr;
  std::fprintf(out, "Usage: %s [flags] [ -- [init_args] ]\nThe flags are (with + on erl's command line):\n\n",
               program);
  for (const Option& o : options::kOptions) {
    if (o.help.empty()) continue;
    std::string words(o.allowed);
    if (words.size() > 24) words.clear();
    std::string left = "-" + std::string(o.flag) + (o.value == Value::Yes ? " " : "") +
                       (words.empty() && o.value == Value::Yes ? "value" : words);
    std::fprintf(out, "%-28s %.*s\n", left.c_str(), static_cast<int>(o.help.size()), o.help.data());
  }
  std::fprintf(out, "\nLintel's own:\n\n");
  for (const options::OwnOption& o : options::kOwnOptions) {
    std::string left = "--" + std::string(o.flag);
    std::fprintf(out, "%-28s %.*s\n", left.c_str(), static_cast<int>(o.help.size()), o.help.data());
  }
  std::exit(status);
}

const char* program_name = "beam.smp";

[[noreturn]] void refuse(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  usage(program_name, 1);
}

[[noreturn]] void bad_value(const std::string& flag, const std::string& text) {
  refuse("bad value for -" + flag + ": " + text);
}

u64 number(const std::string& flag, const std::string& text, u64 low, u64 high) {
  char* end = nullptr;
  u64 v = std::strtoull(text.c_str(), &end, 10);
  if (text.empty() || text[0] == '-' || *end != 0 || v < low || v > high) bad_value(flag, text);
  return v;
}

// "a|b|c" or "low..high"
bool is_allowed(std::string_view allowed, const std::string& text) {
  size_t dots = allowed.find("..");
  if (dots != std::string_view::npos) {
    char* end = nullptr;
    i64 v = std::strtoll(text.c_str(), &end, 10);
    i64 low = std::strtoll(std::string(allowed.substr(0, dots)).c_str(), nullptr, 10);
    i64 high = std::strtoll(std::string(allowed.substr(dots + 2)).c_str(), nullptr, 10);
    return !text.empty() && *end == 0 && v >= low && v <= high;
  }
  for (size_t at = 0; at <= allowed.size();) {
    size_t bar = allowed.find('|', at);
    if (bar == std::string_view::npos) bar = allowed.size();
    if (allowed.substr(at, bar - at) == text) return true;
    at = bar + 1;
  }
  return false;
}

// "n", "n:m", ":m"; what follows is not looked at.
struct Pair {
  bool has_first = false, has_second = false;
  int first = 0, second = 0;
};

bool read_pair(const std::string& text, Pair* p) {
  int n = std::sscanf(text.c_str(), "%d:%d", &p->first, &p->second);
  p->has_first = n >= 1;
  p->has_second = n == 2 || (n < 1 && std::sscanf(text.c_str(), ":%d", &p->second) == 1);
  return p->has_first || p->has_second;
}

// Threads of one kind, how many there are and how many of them are online; flags set the numbers, and
// percentages of them are taken when all flags are read.
struct ThreadCount {
  const char* name;     // "schedulers"
  int total, online;
  int percent = 100, online_percent = 100;
};

std::string format(const char* text, const char* name, int a, int b) {
  char out[256];
  std::snprintf(out, sizeof out, text, name, a, name, b);
  return out;
}

// A number that is not positive counts from the machine's; online defaults to no more than there are.
void set_threads(const std::string& text, const ThreadCount& machine, ThreadCount* c) {
  Pair p;
  if (!read_pair(text, &p)) refuse(std::string("bad amount of ") + c->name + " " + text);
  int total = p.has_first ? p.first : machine.total;
  int wanted = p.has_second ? p.second : total < c->online ? total : c->online;
  c->total = total > 0 ? total : machine.total + total;
  c->online = wanted > 0 ? wanted : machine.online + wanted;
  if (c->total < 1 || c->total > 1024) refuse(format("bad amount of %s %d", c->name, total, 0));
  if (c->online < 1 || c->online > c->total) {
    refuse(format("bad amount of %s online %d (total amount of %s %d)", c->name, c->online, c->total));
  }
}

void set_percent(const std::string& text, const char* what, ThreadCount* c) {
  Pair p;
  if (!read_pair(text, &p) || p.first < 0 || p.second < 0) refuse(std::string("bad ") + what + " percentage specifier " + text);
  c->percent = p.has_first ? p.first : 100;
  c->online_percent = p.has_second ? p.second : c->percent < 100 ? c->percent : 100;
}

void take_percent(ThreadCount* c) {
  c->total = static_cast<int>(i64{c->total} * c->percent / 100);
  c->online = static_cast<int>(i64{c->online} * c->online_percent / 100);
  if (c->total < 1) c->total = 1;
  if (c->online < 1) c->online = 1;
}

ThreadCount machine_threads(const char* name) {
  int online = static_cast<int>(lintel::processors_online());
  int quota = static_cast<int>(lintel::processors_quota());
  if (quota > 0 && quota < online) online = quota;
  return ThreadCount{name, static_cast<int>(lintel::processors_configured()), online};
}

struct ThreadCounts {
  ThreadCount machine = machine_threads("schedulers");
  ThreadCount normal = machine;
  ThreadCount dirty = machine_threads("dirty CPU schedulers");
};

// Never more dirty CPU threads than schedulers, nor more online.
void finish_threads(ThreadCounts* counts, lintel::SchedulerOptions* o) {
  ThreadCount& n = counts->normal;
  ThreadCount& d = counts->dirty;
  take_percent(&n);
  if (n.total > 1024) {
    refuse("bad schedulers percentage " + std::to_string(n.percent) + " (total amount of schedulers " + std::to_string(n.total) + ")");
  }
  if (n.online > n.total) {
    refuse("bad schedulers online percentage " + std::to_string(n.online_percent) + " (total amount of schedulers " +
           std::to_string(n.total) + ", online " + std::to_string(n.online) + ")");
  }
  take_percent(&d);
  d.total = std::min(d.total, n.total);
  d.online = std::min({d.online, d.total, n.online});
  o->schedulers = static_cast<u32>(n.total);
  o->online = static_cast<u32>(n.online);
  o->dirty_cpu = static_cast<u32>(d.total);
  o->dirty_cpu_online = static_cast<u32>(d.online);
}

lintel::BindType bind_type_of_letters(const std::string& letters) {
  using lintel::BindType;
  struct Letters {
    const char* text;
    BindType type;
  };
  static constexpr Letters kAll[] = {
      {"u", BindType::Unbound},
      {"db", lintel::kDefaultBind},
      {"s", BindType::Spread},
      {"ps", BindType::ProcessorSpread},
      {"ts", BindType::ThreadSpread},
      {"tnnps", BindType::ThreadNoNodeProcessorSpread},
      {"nnps", BindType::NoNodeProcessorSpread},
      {"nnts", BindType::NoNodeThreadSpread},
      {"ns", BindType::NoSpread},
  };
  for (const Letters& l : kAll) {
    if (letters == l.text) return l.type;
  }
  refuse("setting scheduler bind type '" + letters + "' failed: invalid type");
}

u32 table_size(const std::string& flag, const std::string& text, u32 otherwise) {
  if (text == "legacy") return otherwise;
  return static_cast<u32>(number(flag, text, 1024, 134217727));
}

// What is no number, or too small a one, leaves the limit as it is.
void set_ets_limit(const char* text) {
  int n = text != nullptr ? std::atoi(text) : 0;
  lintel::settings.ets_limit = n > 8192 ? static_cast<unsigned>(n) : 8192;
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
  } else if (value("--backend=", &v)) {
    if (v == "both") refuse("--backend=both is not there yet");
    if (v != "interp" && v != "jit") refuse("bad value for --backend: " + v);
    o.jit = v == "jit";
  } else if (value("--jit-threshold=", &v)) {
    o.jit_threshold = static_cast<lintel::i64>(number("-jit-threshold", v, 0, 1000000000));
  } else if (value("--otp-root=", &v)) {
    o.otp_root = v;
  } else if (arg == "--bifs") {
    o.list_bifs = true;
  } else {
    return false;
  }
  return true;
}

void apply(const Option& option, const std::string& flag, const std::string& v,
           EmulatorOptions& o, ThreadCounts& threads) {
  auto& spawn = lintel::spawn_defaults;
  auto& settings = lintel::settings;
  switch (option.meaning) {
    case Meaning::Ignored:
    case Meaning::busy_wait:
      break;
    case Meaning::break_mode: {
      char letter = !v.empty() ? v[0] : flag.size() > 1 ? flag[1] : 'd';
      settings.break_mode = letter == 'i'   ? lintel::Settings::Break::Ignore
                            : letter == 'c' ? lintel::Settings::Break::Menu
                                            : lintel::Settings::Break::Off;
      break;
    }
    case Meaning::async_threads:
      o.schedulers.async_threads = static_cast<u32>(number(flag, v, 0, 1024));
      break;
    case Meaning::time_correction:
      settings.time_correction = v == "true" || flag == "ctrue";
      break;
    case Meaning::time_warp:
      settings.time_warp = v;
      break;
    case Meaning::file_names:
      settings.file_names = v[0] == 'l'   ? lintel::Settings::FileNames::Latin1
                            : v[0] == 'u' ? lintel::Settings::FileNames::Utf8
                                          : lintel::Settings::FileNames::Locale;
      if (v.size() == 2) settings.file_name_warnings = v[1];
      break;
    case Meaning::printable_range:
      settings.printable_unicode = v == "unicode";
      break;
    case Meaning::warning_map:
      settings.warning_map = v[0];
      break;
    case Meaning::dist_buffer:
      lintel::dist_busy_limit = number(flag, v, 1, 2097151) * 1024;
      break;
    case Meaning::min_heap:
      spawn.min_heap_words = static_cast<u32>(number(flag, v, 1, u64{1} << 31));
      break;
    case Meaning::min_vheap:
      spawn.min_vheap_words = number(flag, v, 1, u64{1} << 40);
      break;
    case Meaning::max_heap:
      spawn.max_heap_words = number(flag, v, 0, (u64{1} << 59) - 1);
      break;
    case Meaning::max_heap_kill:
      spawn.max_heap_kill = v == "true";
      break;
    case Meaning::max_heap_log:
      spawn.max_heap_log = v == "true";
      break;
    case Meaning::message_queue_data:
      spawn.off_heap_messages = v == "off_heap";
      break;
    case Meaning::boot_module:
      o.boot_module = v;
      break;
    case Meaning::max_processes:
      o.max_processes = table_size(flag, v, o.max_processes);
      break;
    case Meaning::max_ports:
      o.max_ports = table_size(flag, v, o.max_ports);
      break;
    case Meaning::schedulers:
      set_threads(v, threads.machine, &threads.normal);
      break;
    case Meaning::schedulers_percent:
      set_percent(v, "schedulers", &threads.normal);
      break;
    case Meaning::dirty_cpu:
      set_threads(v, threads.machine, &threads.dirty);
      break;
    case Meaning::dirty_cpu_percent:
      set_percent(v, "dirty CPU schedulers", &threads.dirty);
      break;
    case Meaning::ets_limit:
      set_ets_limit(v.c_str());
      break;
    case Meaning::skip_topology:
      break;  // read before all others
    case Meaning::topology:
      if (const char* wrong = lintel::cpu_topology_define_text(v)) refuse("bad cpu topology '" + v + "': " + wrong);
      break;
    case Meaning::bind_type: {
      lintel::BindType type = bind_type_of_letters(v);
      bool tries = flag == "stbt";
      if (!lintel::scheduler_bind_type_set(type) && type != lintel::BindType::Unbound && !tries) {
        refuse("setting scheduler bind type '" + v + "' failed: no cpu topology available");
      }
      break;
    }
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
  ThreadCounts threads;
  set_ets_limit(std::getenv("ERL_MAX_ETS_TABLES"));
  bool skip_topology = false;
  for (int k = 1; k < argc && std::strcmp(argv[k], "--") != 0; k++) {
    // Who tells us the topology makes reading it superfluous.
    skip_topology = skip_topology || std::strcmp(argv[k], "-ssrct") == 0 || std::strncmp(argv[k], "-sct", 4) == 0;
  }
  lintel::cpu_topology_init(skip_topology);
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
    if (flag == "help") usage(program_name, 0);
    std::string value;
    const Option* option = options::find_exact(flag);
    if (option != nullptr) {
      bool last = i + 1 >= argc || std::strcmp(argv[i + 1], "--") == 0;
      if (last && option->value == Value::Yes) refuse("missing value for " + arg);
      if (!last && options::takes_next(*option, argv[i + 1])) value = argv[++i];
    } else {
      option = options::find_attached(flag);
      if (option == nullptr) refuse(std::string(argv[0]) + " unknown flag " + arg);
      value = flag.substr(option->flag.size());
      flag.resize(option->flag.size());
    }
    if (!option->allowed.empty() && !is_allowed(option->allowed, value)) bad_value(flag, value);
    apply(*option, flag, value, o, threads);
  }
  finish_threads(&threads, &o.schedulers);
  for (; i < argc; i++) o.init_arguments.emplace_back(argv[i]);
  if (o.otp_root.empty()) {
    for (size_t k = 0; k + 1 < o.init_arguments.size(); k++) {
      if (o.init_arguments[k] != "-root") continue;
      o.otp_root = o.init_arguments[k + 1];
      break;  // init refuses a second one
    }
  }
  return o;
}
