#include "vm/sched/cpu_topology.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "vm/base/lock.h"
#include "vm/sched/scheduler.h"

namespace lintel {

namespace {

Mutex<LockRank::Leaf> lock;  // all of these
CpuTopology defined, detected;
BindType bind_type = BindType::Unbound;
std::vector<int> bound;
cpu_set_t usable;
u32 configured = 0;
u32 online = 0;

// ---- what the operating system says ----

int number_in_file(const char* format, int cpu, int otherwise) {
  char path[128];
  std::snprintf(path, sizeof path, format, cpu);
  int n = otherwise;
  if (std::FILE* f = std::fopen(path, "r")) {
    if (std::fscanf(f, "%d", &n) != 1) n = otherwise;
    std::fclose(f);
  }
  return n;
}

// "0-3,8" and the like: the last number and one; 1 when there is no such file.
int numbers_in_list(const char* path) {
  int last = 0;
  if (std::FILE* f = std::fopen(path, "r")) {
    for (int n; std::fscanf(f, "%d%*[-,]", &n) == 1;) last = n;
    std::fclose(f);
  }
  return last + 1;
}

int node_of(int cpu, int nodes) {
  for (int node = 0; node < nodes; node++) {
    char path[128];
    std::snprintf(path, sizeof path, "/sys/devices/system/node/node%d/cpu%d", node, cpu);
    if (access(path, F_OK) == 0) return node;
  }
  return -1;
}

auto by_processor(const CpuPlace& c) {
  return std::tuple(c.processor, c.node, c.processor_node, c.core, c.thread);
}

// Two nodes within one processor stand inside it.
void put_nodes_inside(CpuTopology& places) {
  std::stable_sort(places.begin(), places.end(), [](const CpuPlace& a, const CpuPlace& b) { return by_processor(a) < by_processor(b); });
  for (size_t i = 0, end; i < places.size(); i = end) {
    bool several = false;
    for (end = i; end < places.size() && places[end].processor == places[i].processor; end++) {
      several = several || places[end].node != places[i].node;
    }
    for (size_t k = i; several && k < end; k++) places[k].processor_node = std::exchange(places[k].node, -1);
  }
}

CpuTopology detect() {
  int nodes = numbers_in_list("/sys/devices/system/node/online");
  CpuTopology places;
  for (int cpu = 0; cpu < static_cast<int>(configured); cpu++) {
    CpuPlace c;
    c.logical = cpu;
    c.core = number_in_file("/sys/devices/system/cpu/cpu%d/topology/core_id", cpu, -1);
    c.processor = number_in_file("/sys/devices/system/cpu/cpu%d/topology/physical_package_id", cpu, -1);
    if (c.core < 0 || c.processor < 0) continue;  // offline
    c.node = nodes > 1 ? node_of(cpu, nodes) : -1;
    for (const CpuPlace& other : places) {
      if (other.core == c.core && other.processor == c.processor && other.node == c.node) c.thread++;
    }
    places.push_back(c);
  }
  put_nodes_inside(places);
  return places;
}

// The main thread is never bound: it has the mask that the program was given.
bool read_system() {
  u32 before_configured = std::exchange(configured, processors_configured());
  u32 before_online = online;
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  online = n < 1 ? 1 : static_cast<u32>(n);
  cpu_set_t now;
  if (sched_getaffinity(getpid(), sizeof now, &now) != 0) return false;
  bool changed = before_configured != configured || before_online != online || CPU_EQUAL(&now, &usable) == 0;
  usable = now;
  return changed;
}

bool is_usable(int cpu) { return cpu >= 0 && cpu < CPU_SETSIZE && CPU_ISSET(static_cast<unsigned>(cpu), &usable); }

// ---- orders ----

// Numbers as they come: equal neighbours share one.
struct Counter {
  int seen = -1;
  int number = -1;
  void restart() { *this = Counter{}; }
  bool step(int id) {
    if (id == seen) return false;
    seen = id;
    number++;
    return true;
  }
};

// `flat`: nodes count alike, wherever they stand. Otherwise those inside processors are numbered within
// their processor as well.
void renumber(CpuTopology& places, bool flat) {
  Counter node, processor, inner, core, thread;
  int inner_node = -1;
  auto new_core = [&] {
    core.restart();
    thread.restart();
  };
  for (CpuPlace& c : places) {
    if (!flat || c.node >= 0) {
      if (c.node == node.seen) {
        c.node = node.number;
      } else {
        node.seen = c.node;
        processor.restart();
        if (!flat) inner.restart();
        new_core();
        if (c.node >= 0) c.node = ++node.number;
      }
    }
    if (processor.step(c.processor)) {
      if (!flat) {
        inner.restart();
        inner_node = -1;
      }
      new_core();
    }
    c.processor = processor.number;
    if (flat && c.processor_node < 0) {
      inner.seen = -1;
    } else {
      if (c.processor_node != inner.seen) {
        inner.step(c.processor_node);
        inner_node = ++node.number;
        new_core();
      }
      if (flat) {
        c.node = c.processor_node = node.number;
      } else {
        if (inner_node >= 0) c.node = inner_node;
        c.processor_node = inner.number < 0 ? 0 : inner.number;
      }
    }
    if (core.step(c.core)) thread.restart();
    c.core = core.number;
    thread.step(c.thread);
    c.thread = thread.number;
  }
}

using Key = int CpuPlace::*;
constexpr Key kNode = &CpuPlace::node, kProcessor = &CpuPlace::processor, kInner = &CpuPlace::processor_node,
              kCore = &CpuPlace::core, kThread = &CpuPlace::thread;

// What changes slowest comes first.
std::vector<Key> keys_of(BindType type) {
  switch (type) {
    case BindType::Spread: return {kThread, kCore, kInner, kProcessor, kNode};
    case BindType::ProcessorSpread: return {kThread, kInner, kCore, kNode, kProcessor};
    case BindType::ThreadSpread: return {kThread, kNode, kProcessor, kInner, kCore};
    case BindType::ThreadNoNodeProcessorSpread: return {kThread, kNode, kCore, kProcessor};
    case BindType::NoNodeProcessorSpread: return {kNode, kThread, kCore, kProcessor};
    case BindType::NoNodeThreadSpread: return {kNode, kThread, kProcessor, kCore};
    case BindType::NoSpread:
    case BindType::Unbound: break;
  }
  return {kNode, kProcessor, kInner, kCore, kThread};
}

bool counts_nodes_alike(BindType type) {
  return type == BindType::ThreadNoNodeProcessorSpread || type == BindType::NoNodeProcessorSpread ||
         type == BindType::NoNodeThreadSpread;
}

const CpuTopology& used_locked() { return defined.empty() ? detected : defined; }

// ---- checking ----

const char* check(CpuTopology& places) {
  if (places.empty()) return nullptr;
  std::vector<int> logical;
  for (const CpuPlace& c : places) logical.push_back(c.logical);
  std::sort(logical.begin(), logical.end());
  if (std::adjacent_find(logical.begin(), logical.end()) != logical.end()) return "not unique logical identifiers";
  std::stable_sort(places.begin(), places.end(), [](const CpuPlace& a, const CpuPlace& b) { return by_processor(a) < by_processor(b); });
  for (size_t i = 1; i < places.size(); i++) {
    if (by_processor(places[i - 1]) == by_processor(places[i])) return "not unique entities";
  }
  bool no_nodes = places[0].node < 0 && places[0].processor_node < 0;
  for (size_t i = 1; i < places.size(); i++) {
    const CpuPlace& c = places[i];
    bool wrong = no_nodes ? c.node >= 0 || c.processor_node >= 0
                          : (c.node >= 0) == (c.processor_node >= 0) ||
                                (c.processor == places[i - 1].processor && c.node != places[i - 1].node);
    if (wrong) return "invalid nodes declaration";
  }
  return nullptr;
}

// ---- the text of +sct: "L0-1t0-1c0p0n0:L2,3..." ----

constexpr const char* kBadId = "invalid identifier";
constexpr const char* kBadRange = "invalid identifier range";
constexpr const char* kBadHierarchy = "invalid hierarchy";

bool read_id(const char*& at, int* id) {
  if (*at < '0' || *at > '9') return false;
  char* end;
  long n = std::strtol(at, &end, 10);
  if (n > kMaxCpuId) return false;
  at = end;
  *id = static_cast<int>(n);
  return true;
}

const char* read_ids(const char*& at, std::vector<int>* ids) {
  ids->clear();
  for (;; at++) {
    int first, last;
    if (!read_id(at, &first)) return kBadId;
    last = first;
    if (*at == '-') {
      at++;
      if (!read_id(at, &last)) return kBadRange;
    }
    int step = first <= last ? 1 : -1;
    for (int id = first; id != last + step; id += step) ids->push_back(id);
    if (*at != ',') return nullptr;
  }
}

// Levels come from the inside out, each at most once.
const char* read_entry(const char*& at, CpuTopology* places) {
  enum Level { kNodeLevel, kProcessorLevel, kInnerLevel, kCoreLevel, kThreadLevel, kLogicalLevel, kInside };
  constexpr Key kKeys[] = {kNode, kProcessor, kInner, kCore, kThread, &CpuPlace::logical};
  std::vector<int> ids[6] = {{-1}, {0}, {-1}, {0}, {0}, {}};
  int inside = kInside;
  while (*at != ':' && *at != 0) {
    char letter = *at++;
    int level;
    switch (letter) {
      case 'L': level = kLogicalLevel; break;
      case 't': case 'T': level = kThreadLevel; break;
      case 'c': case 'C': level = kCoreLevel; break;
      case 'p': case 'P': level = kProcessorLevel; break;
      case 'n': case 'N': {
        std::string rest(at);
        rest.resize(std::min(rest.size(), rest.find(':')));
        bool within = inside > kProcessorLevel && rest.find_first_of("pP") != std::string::npos;
        level = within ? kInnerLevel : kNodeLevel;
        break;
      }
      default: return "invalid identifier type";
    }
    if (inside <= level) return kBadHierarchy;
    inside = level;
    if (const char* wrong = read_ids(at, &ids[level])) return wrong;
  }
  size_t n = ids[kLogicalLevel].size();
  if (n == 0) return "missing logical identifier";
  if (*at == ':') at++;
  for (const auto& of_level : ids) {
    if (of_level.size() != 1 && of_level.size() != n) return kBadRange;
  }
  for (size_t i = 0; i < n; i++) {
    CpuPlace c;
    for (int level = 0; level < 6; level++) c.*kKeys[level] = ids[level][ids[level].size() == 1 ? 0 : i];
    places->push_back(c);
  }
  return nullptr;
}

void bind(u32 index, int cpu) {
  if (bound[index] == cpu) return;
  cpu_set_t set = usable;
  if (cpu >= 0) {
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpu), &set);
  }
  if (pthread_setaffinity_np(scheduler_at(index).thread, sizeof set, &set) == 0) bound[index] = cpu;
}

}  // namespace

void cpu_topology_init(bool skip) {
  Guard guard(lock);
  read_system();
  detected = skip ? CpuTopology{} : detect();
  if (check(detected) != nullptr) detected.clear();
}

bool cpu_topology_update() {
  {
    Guard guard(lock);
    if (!read_system()) return false;
    detected = detect();
    if (check(detected) != nullptr) detected.clear();
  }
  scheduler_bindings_apply();
  return true;
}

CpuTopology cpu_topology_defined() {
  Guard guard(lock);
  return defined;
}
CpuTopology cpu_topology_detected() {
  Guard guard(lock);
  return detected;
}
CpuTopology cpu_topology_used() {
  Guard guard(lock);
  return used_locked();
}

bool cpu_topology_define(CpuTopology places) {
  if (check(places) != nullptr) return false;
  {
    Guard guard(lock);
    defined = std::move(places);
  }
  scheduler_bindings_apply();
  return true;
}

const char* cpu_topology_define_text(const std::string& text) {
  if (text.empty()) return "missing cpu topology";
  CpuTopology places;
  const char* at = text.c_str();
  do {
    if (const char* wrong = read_entry(at, &places)) return wrong;
  } while (*at != 0);
  if (const char* wrong = check(places)) return wrong;
  Guard guard(lock);
  defined = std::move(places);
  return nullptr;
}

CpuTopology cpu_topology_in_order(CpuTopology places, BindType type) {
  if (places.size() < 2) return places;
  renumber(places, counts_nodes_alike(type));
  std::vector<Key> keys = keys_of(type);
  std::stable_sort(places.begin(), places.end(), [&](const CpuPlace& a, const CpuPlace& b) {
    for (Key key : keys) {
      if (a.*key != b.*key) return a.*key < b.*key;
    }
    return false;
  });
  return places;
}

BindType scheduler_bind_type() {
  Guard guard(lock);
  return bind_type;
}

bool scheduler_bind_type_set(BindType type) {
  {
    Guard guard(lock);
    if (used_locked().empty()) return false;
    bind_type = type;
  }
  scheduler_bindings_apply();
  return true;
}

void scheduler_bindings_apply() {
  if (!schedulers_are_started()) return;
  Guard guard(lock);
  bound.resize(scheduler_count(), -1);
  u32 next = 0;
  if (bind_type != BindType::Unbound) {
    for (const CpuPlace& c : cpu_topology_in_order(used_locked(), bind_type)) {
      if (next == schedulers_online()) break;
      if (is_usable(c.logical)) bind(next++, c.logical);
    }
  }
  for (; next < bound.size(); next++) bind(next, -1);
}

std::vector<int> scheduler_bindings() {
  Guard guard(lock);
  bound.resize(scheduler_count(), -1);
  return bound;
}

std::vector<std::pair<int, int>> cpu_groups(int n) {
  CpuTopology places = cpu_topology_in_order(cpu_topology_used(), BindType::NoSpread);
  if (n <= 0 || places.empty()) return {};
  // Entities of each level, numbered through the whole machine.
  constexpr Key kLevels[] = {kNode, kProcessor, kInner, kCore};
  constexpr size_t kCoreLevel = 3;
  std::vector<std::vector<int>> entity(4, std::vector<int>(places.size(), 0));
  for (size_t i = 1; i < places.size(); i++) {
    bool other = false;
    for (size_t l = 0; l <= kCoreLevel; l++) {
      other = other || places[i].*kLevels[l] != places[i - 1].*kLevels[l];
      entity[l][i] = entity[l][i - 1] + (other ? 1 : 0);
    }
  }
  auto count = [&](size_t level) { return entity[level].back() + 1; };
  // The outermost level that has more entities than there are groups is the one that is divided.
  size_t level = 0;
  while (level < kCoreLevel && count(level) <= n) level++;
  std::vector<std::pair<int, int>> groups;
  if (count(level) <= n) {
    for (size_t i = 0; i < places.size(); i++) groups.emplace_back(places[i].logical, entity[level][i]);
    return groups;
  }
  // Parts: the entities above. Each gets groups by its number of entities to divide, those with most first.
  struct Part {
    int children = 0;
    int groups = 0;
  };
  auto part_of = [&](size_t i) { return level == 0 ? 0 : entity[level - 1][i]; };
  std::vector<Part> parts(static_cast<size_t>(part_of(places.size() - 1)) + 1);
  for (size_t i = 0; i < places.size(); i++) {
    if (i == 0 || entity[level][i] != entity[level][i - 1]) parts[static_cast<size_t>(part_of(i))].children++;
  }
  int left = n;
  int share = n / static_cast<int>(parts.size());
  std::vector<Part*> largest_first;
  for (Part& part : parts) {
    part.groups = std::min(part.children, share);
    left -= part.groups;
    largest_first.push_back(&part);
  }
  std::stable_sort(largest_first.begin(), largest_first.end(), [](const Part* a, const Part* b) { return a->children > b->children; });
  while (left > 0) {
    for (Part* part : largest_first) {
      if (left == 0 || part->groups == part->children) break;
      part->groups++;
      left--;
    }
  }
  // Within a part, the last groups are the larger ones.
  int group = -1;
  for (size_t i = 0; i < places.size();) {
    int p = part_of(i);
    const Part& part = parts[static_cast<size_t>(p)];
    int size = part.children / part.groups;
    int larger_from = part.groups - part.children % part.groups;
    int of_part = -1, room = 0;
    for (int last = -1; i < places.size() && part_of(i) == p; i++) {
      if (entity[level][i] != last) {
        last = entity[level][i];
        if (room == 0) {
          group++;
          of_part++;
          room = size + (of_part >= larger_from ? 1 : 0);
        }
        room--;
      }
      groups.emplace_back(places[i].logical, group);
    }
  }
  return groups;
}

u32 processors_available() {
  Guard guard(lock);
  int n = CPU_COUNT(&usable);
  return n < 1 ? processors_online() : static_cast<u32>(n);
}

void thread_attributes_unbound(pthread_attr_t* attributes) {
  Scheduler* self = this_scheduler;
  if (self == nullptr || self->kind != SchedulerKind::Normal) return;
  Guard guard(lock);
  if (self->index < bound.size() && bound[self->index] >= 0) {
    pthread_attr_setaffinity_np(attributes, sizeof usable, &usable);
  }
}

}  // namespace lintel
