#include "bifs/cpu_topology.h"

#include <algorithm>

#include "vm/term/atom.h"

namespace lintel {

namespace {

// In the order of the tuple's elements.
constexpr int CpuPlace::* kFields[] = {&CpuPlace::node, &CpuPlace::processor, &CpuPlace::processor_node,
                                       &CpuPlace::core, &CpuPlace::thread, &CpuPlace::logical};
constexpr u64 kArity = 1 + std::size(kFields);

struct BindName {
  BindType type;
  Term name;
};
constexpr BindName kBindNames[] = {
    {BindType::Unbound, am::unbound},
    {BindType::Spread, am::spread},
    {BindType::ProcessorSpread, am::processor_spread},
    {BindType::ThreadSpread, am::thread_spread},
    {BindType::ThreadNoNodeProcessorSpread, am::thread_no_node_processor_spread},
    {BindType::NoNodeProcessorSpread, am::no_node_processor_spread},
    {BindType::NoNodeThreadSpread, am::no_node_thread_spread},
    {BindType::NoSpread, am::no_spread},
    {kDefaultBind, am::default_bind},
};

Term tuple_of(Scratch& s, const std::vector<Term>& elements) {
  Builder b = s.room(tuple_words(elements.size()));
  Term* out;
  Term t = b.tuple_uninitialized(elements.size(), &out);
  std::copy(elements.begin(), elements.end(), out);
  return t;
}

}  // namespace

Term cpu_topology_term(Scratch& s, const CpuTopology& places) {
  if (places.empty()) return am::undefined;
  std::vector<Term> rows;
  for (const CpuPlace& c : places) {
    std::vector<Term> row{am::cpu};
    for (int CpuPlace::* field : kFields) row.push_back(Term::small(c.*field));
    rows.push_back(tuple_of(s, row));
  }
  return s.list(rows);
}

bool cpu_topology_of_term(Term list, CpuTopology* places) {
  places->clear();
  if (list == am::undefined) return true;
  if (!list.is_list()) return false;
  for (; list.is_list(); list = list.tail()) {
    Term row = list.head();
    if (!is_tuple_of(row, kArity) || tuple_element(row, 0) != am::cpu) return false;
    CpuPlace c;
    for (u64 i = 1; i < kArity; i++) {
      Term id = tuple_element(row, i);
      if (!id.is_small() || id.small_value() < -1 || id.small_value() > kMaxCpuId) return false;
      c.*kFields[i - 1] = static_cast<int>(id.small_value());
    }
    places->push_back(c);
  }
  return list.is_nil();
}

Term bind_type_term(BindType type) {
  for (const BindName& n : kBindNames) {
    if (n.type == type) return n.name;
  }
  return am::unbound;
}

bool bind_type_of_term(Term name, BindType* type) {
  for (const BindName& n : kBindNames) {
    if (n.name != name) continue;
    *type = n.type;
    return true;
  }
  return false;
}

Term scheduler_bindings_term(Scratch& s) {
  std::vector<Term> cpus;
  for (int cpu : scheduler_bindings()) cpus.push_back(cpu < 0 ? am::unbound : Term::small(cpu));
  return tuple_of(s, cpus);
}

Term fake_scheduler_bindings(Scratch& s, BindType type) {
  CpuTopology places = cpu_topology_used();
  if (type == BindType::Unbound || places.empty()) return am::false_;
  std::vector<Term> cpus;
  for (const CpuPlace& c : cpu_topology_in_order(places, type)) cpus.push_back(Term::small(c.logical));
  return tuple_of(s, cpus);
}

Term cpu_groups_term(Scratch& s, int n) {
  auto groups = cpu_groups(n);
  std::sort(groups.begin(), groups.end());
  std::vector<Term> rows;
  for (auto [logical, group] : groups) rows.push_back(s.tuple({Term::small(logical), Term::small(group + 1)}));
  return s.list(rows);
}

}  // namespace lintel
