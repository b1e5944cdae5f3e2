// The flags of vm/tables/options.def, looked up: by erlexec, which only needs to know which of them
// take the next argument, and by the emulator, which obeys them.
#pragma once
#include <string_view>

namespace options {

enum class Value { No, Yes, Letter, Bool, Rest };
enum class Meaning {
  Ignored, async_threads, break_mode, time_correction, time_warp, file_names, min_heap, min_vheap,
  max_heap, max_heap_kill, max_heap_log, message_queue_data, boot_module, max_processes,
  printable_range, max_ports, schedulers, schedulers_percent, dirty_cpu, dirty_cpu_percent,
  dirty_io, busy_wait, atom_limit, print_version, warning_map, dist_buffer,
  topology, skip_topology, bind_type, ets_limit,
};
struct Option {
  std::string_view flag;
  Value value;
  std::string_view allowed;
  Meaning meaning;
  std::string_view help;
};
struct OwnOption {
  std::string_view flag;
  std::string_view help;
};

inline constexpr Option kOptions[] = {
#define OPTION(flag, value, allowed, meaning, help) \
  {flag, Value::value, allowed, Meaning::meaning, help},
#include "vm/tables/options.def"
};
inline constexpr OwnOption kOwnOptions[] = {
#define OWN_OPTION(flag, help) {flag, help},
#include "vm/tables/options.def"
};

inline bool same_letter(char pattern, char c) {
  if (pattern == '?') return std::string_view(LINTEL_ALLOCATOR_LETTERS).find(c) != std::string_view::npos;
  return pattern == c;
}

inline bool starts_with_flag(std::string_view text, std::string_view flag) {
  if (text.size() < flag.size()) return false;
  for (size_t i = 0; i < flag.size(); i++) {
    if (!same_letter(flag[i], text[i])) return false;
  }
  return true;
}

// The option that is exactly this flag, without its sign; null if none is.
inline const Option* find_exact(std::string_view text) {
  for (const Option& o : kOptions) {
    if (o.flag.size() == text.size() && starts_with_flag(text, o.flag)) return &o;
  }
  return nullptr;
}

// The option with the longest name that the text begins with and that may have its value attached.
inline const Option* find_attached(std::string_view text) {
  const Option* best = nullptr;
  for (const Option& o : kOptions) {
    if (o.value != Value::Yes && o.value != Value::Rest) continue;
    if (o.flag.size() >= text.size() || !starts_with_flag(text, o.flag)) continue;
    if (best == nullptr || o.flag.size() > best->flag.size()) best = &o;
  }
  return best;
}

// Of Lintel's own, with its two dashes.
inline const OwnOption* find_own(std::string_view argument) {
  if (!argument.starts_with("--")) return nullptr;
  argument.remove_prefix(2);
  for (const OwnOption& o : kOwnOptions) {
    if (o.flag.back() == '=' ? argument.starts_with(o.flag) : argument == o.flag) return &o;
  }
  return nullptr;
}

// Whether an argument that stands alone takes the next one as its value.
inline bool takes_next(const Option& o, std::string_view next) {
  switch (o.value) {
    case Value::Yes: return true;
    case Value::Letter: return next == "c" || next == "d" || next == "i";
    case Value::Bool: return next == "true" || next == "false";
    case Value::No:
    case Value::Rest: break;
  }
  return false;
}

}  // namespace options
