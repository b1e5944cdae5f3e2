// The BIFs of erl_ddll: loading, unloading and watching drivers.
#include "vm/io/ddll.h"
#include "vm/io/driver.h"
#include "vm/io/filename.h"
#include "vm/proc/exception.h"
#include "vm/term/atom.h"

namespace lintel {
namespace {

// Atom or string.
bool get_name(Term t, std::string* out) { return filename_to_native(t, out) && !out->empty(); }

// An atom, a binary, or characters with nothing else among them.
bool is_ddll_name(Term t) {
  if (t.is_atom() || is_binary(t)) return true;
  for (; t.is_list(); t = t.tail()) {
    if (!t.head().is_small()) return false;
  }
  return t.is_nil();
}

bool get_monitor(Term t, DdllMonitor* out) {
  if (t == am::pending) {
    *out = DdllMonitor::Pending;
  } else if (t == am::pending_driver) {
    *out = DdllMonitor::PendingDriver;
  } else {
    return false;
  }
  return true;
}

bool get_kill_ports(Term list, bool* kill_ports) {
  for (; list.is_list(); list = list.tail()) {
    if (list.head() != am::kill_ports) return false;
    *kill_ports = true;
  }
  return list.is_nil();
}

Term build_result(Process& p, const DdllResult& r) {
  Builder b = p.reserve(2 * tuple_words(3) + kRefWords);
  if (r.open_error >= 0) {
    return b.tuple({am::error, b.tuple({am::open_error, Term::small(r.open_error)})});
  }
  if (!r.error.is_none()) return b.tuple({am::error, r.error});
  if (!r.has_ref) return b.tuple({am::ok, r.status});
  Term ref = b.reference(r.ref);
  return b.tuple({am::ok, r.status, ref});
}

Term text_list(Process& p, std::string_view text) {
  Builder b = p.reserve(text.size() * kConsWords);
  Term list = Term::nil();
  for (size_t i = text.size(); i > 0; i--) list = b.cons(Term::small(static_cast<u8>(text[i - 1])), list);
  return list;
}

Term counted_pids(Process& p, const std::vector<std::pair<Term, u32>>& pids) {
  Builder b = p.reserve(pids.size() * (kConsWords + tuple_words(2)));
  Term list = Term::nil();
  for (auto& [pid, count] : pids) list = b.cons(b.tuple({pid, Term::small(count)}), list);
  return list;
}

}  // namespace

BifResult erl_ddll_try_load_3(Process& p, Term* args) {
  DdllLoad request;
  if (!filename_to_native(args[0], &request.path) || !get_name(args[1], &request.name)) {
    return raise_badarg(p);
  }
  Term list = args[2];
  for (; list.is_list(); list = list.tail()) {
    Term option = list.head();
    if (!is_tuple_of(option, 2)) return raise_badarg(p);
    Term name = tuple_element(option, 0);
    Term value = tuple_element(option, 1);
    bool ok = name == am::driver_options ? get_kill_ports(value, &request.kill_ports)
              : name == am::monitor      ? get_monitor(value, &request.monitor)
              : name == am::reload       ? get_monitor(value, &request.reload)
                                         : false;
    if (!ok) return raise_badarg(p);
  }
  if (!list.is_nil()) return raise_badarg(p);
  return build_result(p, ddll_load(p, request));
}

BifResult erl_ddll_try_unload_2(Process& p, Term* args) {
  std::string name;
  bool kill_ports = false;
  DdllMonitor monitor = DdllMonitor::None;
  if (!is_ddll_name(args[0]) || !filename_to_native(args[0], &name)) return raise_badarg(p);
  Term list = args[1];
  for (; list.is_list(); list = list.tail()) {
    Term option = list.head();
    if (option == am::kill_ports) {
      kill_ports = true;
    } else if (!is_tuple_of(option, 2) || tuple_element(option, 0) != am::monitor ||
               !get_monitor(tuple_element(option, 1), &monitor)) {
      return raise_badarg(p);
    }
  }
  if (!list.is_nil()) return raise_badarg(p);
  return build_result(p, ddll_unload(p, name, kill_ports, monitor));
}

BifResult erl_ddll_loaded_drivers_0(Process& p, Term*) {
  std::vector<std::string> names;
  drivers_each([](Driver& d, void* data) { static_cast<std::vector<std::string>*>(data)->push_back(d.name); },
               &names);
  LocalRoots<2> roots(p);
  for (size_t i = names.size(); i > 0; i--) {
    roots[1] = text_list(p, names[i - 1]);
    Builder b = p.reserve(kConsWords);
    roots[0] = b.cons(roots[1], roots[0]);
  }
  Builder b = p.reserve(tuple_words(2));
  return b.tuple({am::ok, roots[0]});
}

BifResult erl_ddll_info_2(Process& p, Term* args) {
  std::string name;
  DdllInfo info;
  if (!get_name(args[0], &name) || !ddll_info(name, &info)) return raise_badarg(p);
  if (args[1] == am::processes) return counted_pids(p, info.users);
  if (args[1] == am::driver_options) {
    if (!info.kill_ports) return Term::nil();
    return p.reserve(kConsWords).cons(am::kill_ports, Term::nil());
  }
  if (args[1] == am::port_count) return Term::small(info.port_count);
  if (args[1] == am::linked_in_driver) return am_bool(info.is_linked_in);
  if (args[1] == am::permanent) return am_bool(info.is_permanent);
  if (args[1] == am::awaiting_load) return counted_pids(p, info.waiting_for_load);
  if (args[1] == am::awaiting_unload) return counted_pids(p, info.waiting_for_unload);
  return raise_badarg(p);
}

BifResult erl_ddll_monitor_2(Process& p, Term* args) {
  std::string name;
  if (args[0] != am::driver || !is_tuple_of(args[1], 2) || !get_name(tuple_element(args[1], 0), &name)) {
    return raise_badarg(p);
  }
  Term when = tuple_element(args[1], 1);
  if (when != am::loaded && when != am::unloaded && when != am::unloaded_only) return raise_badarg(p);
  RefNumbers ref = ddll_monitor(p, name, when);
  return p.reserve(kRefWords).reference(ref);
}

BifResult erl_ddll_demonitor_1(Process& p, Term* args) {
  if (!args[0].is_local_ref()) return raise_badarg(p);
  ddll_demonitor(p, local_ref_numbers(args[0]));
  return am::true_;
}

BifResult erl_ddll_format_error_int_1(Process& p, Term* args) {
  const struct {
    Term error;
    const char* text;
  } known[] = {
      {am::inconsistent, "The driver is loaded already, from another path or with other options"},
      {am::linked_in_driver, "The driver is part of the emulator and cannot be loaded or unloaded"},
      {am::permanent, "The driver is permanent and cannot be loaded or unloaded"},
      {am::not_loaded, "The driver is not loaded"},
      {am::not_loaded_by_this_process, "The driver was not loaded by this process"},
      {am::already_loaded, "The driver is loaded already"},
      {am::pending_reload, "A reload of the driver is pending already"},
      {am::pending_process, "Other processes use the driver that is to be reloaded"},
      {am::no_driver_init, "The library has no driver_init function"},
      {am::driver_init_failed, "The driver's initialization failed"},
      {am::bad_driver_name, "The library's driver has another name"},
      {am::driver_incorrect_version, "The driver was compiled for an incompatible version"},
  };
  for (auto& k : known) {
    if (args[0] == k.error) return text_list(p, k.text);
  }
  if (is_tuple_of(args[0], 2) && tuple_element(args[0], 0) == am::open_error &&
      tuple_element(args[0], 1).is_small()) {
    std::string text = ddll_open_error_text(static_cast<int>(tuple_element(args[0], 1).small_value()));
    if (!text.empty()) return text_list(p, text);
  }
  return raise_badarg(p);
}

}  // namespace lintel
