#include "vm/io/ddll.h"

#include <dlfcn.h>

#include <list>
#include <map>
#include <memory>

#include "vm/base/alloc.h"
#include "vm/base/quiesce.h"
#include "vm/io/port.h"
#include "vm/proc/exit.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"

namespace lintel {
namespace {

struct Waiter {
  Term pid;
  RefNumbers ref;
  bool for_load;   // else for unload
  bool only_this;  // unloaded_only: not told when an unload is cancelled
};

struct Loaded {
  Driver* driver;
  std::map<u64, u32> users;  // pid bits -> count
  bool kill_ports = false;
  std::string reload_path;   // not empty: load this again once unloaded
  std::string path;
};

Mutex<LockRank::Ddll> lock;
std::map<std::string, std::unique_ptr<Loaded>>& table() {
  static auto* t = new std::map<std::string, std::unique_ptr<Loaded>>();
  return *t;
}
std::multimap<std::string, Waiter>& waiters() {
  static auto* w = new std::multimap<std::string, Waiter>();
  return *w;
}
std::vector<std::string>& open_errors() {
  static auto* e = new std::vector<std::string>();
  return *e;
}

Loaded* find(const std::string& name) {
  auto it = table().find(name);
  return it == table().end() ? nullptr : it->second.get();
}

void tell(const Waiter& w, Term kind, const std::string& name, Term what) {
  Fragment* f = fragment_new(tuple_words(5) + kRefWords + tuple_words(2));
  Builder b = f->builder();
  Term ref = b.reference(w.ref);
  if (kind == am::DOWN && what.is_atom() && what != am::unloaded && what != am::load_cancelled) {
    what = b.tuple({am::load_failure, what});
  }
  QuiesceGuard guard;
  send_fragment_to(w.pid, b.tuple({kind, ref, am::driver, atom_intern(name), what}), f);
}

void tell_all(const std::string& name, bool for_load, Term kind, Term what) {
  auto [first, last] = waiters().equal_range(name);
  for (auto it = first; it != last;) {
    if (it->second.for_load != for_load) {
      ++it;
      continue;
    }
    bool is_told = !(what == am::unload_cancelled && it->second.only_this);
    if (is_told) tell(it->second, kind, name, what);
    it = is_told ? waiters().erase(it) : std::next(it);
  }
}

RefNumbers add_waiter(Process& p, const std::string& name, bool for_load, bool only_this) {
  RefNumbers ref = make_ref_numbers();
  waiters().emplace(name, Waiter{p.id, ref, for_load, only_this});
  return ref;
}

// Opens the library. An atom or, with *open_error set, nothing: what went wrong. None: it is loaded.
Term open_locked(const std::string& file, const std::string& name, int* open_error) {
  void* handle = dlopen((file + ".so").c_str(), RTLD_NOW);
  if (handle == nullptr) {
    open_errors().push_back(dlerror());
    *open_error = static_cast<int>(open_errors().size()) - 1;
    return Term::none();
  }
  auto init = reinterpret_cast<ErlDrvEntry* (*)()>(dlsym(handle, "driver_init"));
  Term problem = Term::none();
  ErlDrvEntry* entry = init != nullptr ? init() : nullptr;
  if (init == nullptr) {
    problem = am::no_driver_init;
  } else if (entry == nullptr) {
    problem = am::driver_init_failed;
  } else if (entry->extended_marker != static_cast<int>(ERL_DRV_EXTENDED_MARKER) ||
             entry->major_version < ERL_DRV_MIN_REQUIRED_MAJOR_VERSION_ON_LOAD ||
             entry->major_version > ERL_DRV_EXTENDED_MAJOR_VERSION ||
             (entry->major_version == ERL_DRV_EXTENDED_MAJOR_VERSION &&
              entry->minor_version > ERL_DRV_EXTENDED_MINOR_VERSION)) {
    problem = am::driver_incorrect_version;
  } else if (name != entry->driver_name) {
    problem = am::bad_driver_name;
  } else {
    Driver* d = driver_add(entry, handle);
    if (d != nullptr) {
      auto loaded = std::make_unique<Loaded>();
      loaded->driver = d;
      loaded->path = file;
      table()[name] = std::move(loaded);
      return Term::none();
    }
    problem = am::driver_init_failed;
  }
  dlclose(handle);
  return problem;
}

// Nobody uses it and it has no ports.
void unload_locked(const std::string& name) {
  Loaded* l = find(name);
  std::string again = l->reload_path;
  std::map<u64, u32> users = l->users;
  bool kill_ports = l->kill_ports;
  driver_remove(l->driver);
  table().erase(name);
  tell_all(name, false, am::DOWN, am::unloaded);
  if (again.empty()) {
    tell_all(name, true, am::DOWN, am::load_cancelled);
    return;
  }
  int open_error = -1;
  Term problem = open_locked(again, name, &open_error);
  if (open_error >= 0 || !problem.is_none()) {
    tell_all(name, true, am::DOWN, problem.is_none() ? am::open_error : problem);
    return;
  }
  find(name)->users = users;
  find(name)->kill_ports = kill_ports;
  tell_all(name, true, am::UP, am::loaded);
}

void kill_ports_of(Driver* d) {
  QuiesceGuard guard;
  ports_each(
      [](Port& p, void* driver) {
        if (p.driver != driver) return;
        PortSession session(p);
        if (session.port() != nullptr && !p.is_dead()) {
          port_exit(p, p.id, am::driver_unloaded, false, false);
        }
      },
      d);
}

// Starts unloading a driver that no process uses any more; true when it is gone at once.
bool begin_unload_locked(const std::string& name, Loaded* l) {
  l->driver->is_unloading.store(true);
  if (l->kill_ports) kill_ports_of(l->driver);
  if (l->driver->ports.load() != 0) return false;
  unload_locked(name);
  return true;
}

void ports_gone(void* driver) {
  Guard guard(lock);
  for (auto& [name, loaded] : table()) {
    if (loaded->driver != driver) continue;
    if (loaded->driver->is_unloading.load() && loaded->driver->ports.load() == 0) {
      unload_locked(std::string(name));
    }
    return;
  }
}

bool process_ended(Process& p) {
  Guard guard(lock);
  if (table().empty() && waiters().empty()) return true;
  for (auto it = waiters().begin(); it != waiters().end();) {
    it = it->second.pid == p.id ? waiters().erase(it) : std::next(it);
  }
  std::vector<std::string> unused;
  for (auto& [name, loaded] : table()) {
    if (loaded->users.erase(p.id.bits()) != 0 && loaded->users.empty() && !loaded->driver->is_permanent) {
      unused.push_back(name);
    }
  }
  for (const std::string& name : unused) begin_unload_locked(name, find(name));
  return true;
}

// The drivers behind {fd, ...}, {spawn, ...} and file names are no drivers to Erlang code.
bool is_system_driver(const std::string& name) {
  return name == "fd" || name == "spawn" || name == "vanilla";
}
bool is_linked_in(const std::string& name) {
  return find(name) == nullptr && driver_find(name) != nullptr && !is_system_driver(name);
}

}  // namespace

void ddll_init() {
  driver_ports_gone = ports_gone;
  process_add_exit_hook(process_ended);
}

DdllResult ddll_load(Process& p, const DdllLoad& r) {
  DdllResult result;
  std::string file = r.path.empty() ? r.name : r.path + "/" + r.name;
  Guard guard(lock);
  if (is_linked_in(r.name)) {
    result.error = am::linked_in_driver;
    return result;
  }
  Loaded* l = find(r.name);
  u64 self = p.id.bits();
  if (l == nullptr) {
    if (r.reload != DdllMonitor::None) {
      result.error = am::not_loaded;
      return result;
    }
    result.error = open_locked(file, r.name, &result.open_error);
    if (!result.error.is_none() || result.open_error >= 0) return result;
    l = find(r.name);
    l->kill_ports = r.kill_ports;
    l->users[self] = 1;
    tell_all(r.name, true, am::UP, am::loaded);
    result.status = am::loaded;
    return result;
  }
  if (l->driver->is_permanent) {
    result.error = am::permanent;
    return result;
  }
  if (r.reload != DdllMonitor::None) {
    if (l->users.count(self) == 0) {
      result.error = am::not_loaded_by_this_process;
    } else if (!l->reload_path.empty()) {
      result.error = am::pending_reload;
    } else if (r.reload == DdllMonitor::PendingDriver && l->users.size() > 1) {
      result.error = am::pending_process;
    } else {
      l->reload_path = file;
      l->kill_ports = r.kill_ports;
      if (begin_unload_locked(r.name, l)) {
        result.status = am::loaded;
        return result;
      }
      result.status = am::pending_driver;
      if (r.monitor != DdllMonitor::None) {
        result.has_ref = true;
        result.ref = add_waiter(p, r.name, true, false);
      }
    }
    return result;
  }
  if (l->path != file || l->kill_ports != r.kill_ports) {
    result.error = am::inconsistent;
    return result;
  }
  // A load calls off an unload that waits for ports.
  if (l->driver->is_unloading.exchange(false)) {
    l->reload_path.clear();
    tell_all(r.name, false, am::UP, am::unload_cancelled);
  }
  l->users[self]++;
  result.status = am::already_loaded;
  return result;
}

DdllResult ddll_unload(Process& p, const std::string& name, bool kill_ports, DdllMonitor monitor) {
  DdllResult result;
  Guard guard(lock);
  if (is_linked_in(name)) {
    result.error = am::linked_in_driver;
    return result;
  }
  Loaded* l = find(name);
  if (l == nullptr) {
    result.error = am::not_loaded;
    return result;
  }
  if (l->driver->is_permanent) {
    result.error = am::permanent;
    return result;
  }
  auto mine = l->users.find(p.id.bits());
  if (mine == l->users.end()) {
    result.error = am::not_loaded_by_this_process;
    return result;
  }
  if (--mine->second == 0) l->users.erase(mine);
  bool has_others = !l->users.empty();
  if (!has_others) {
    l->kill_ports = l->kill_ports || kill_ports;
    if (begin_unload_locked(name, l)) {
      result.status = am::unloaded;
      return result;
    }
  }
  result.status = has_others ? am::pending_process : am::pending_driver;
  if (monitor == DdllMonitor::Pending || (monitor == DdllMonitor::PendingDriver && !has_others)) {
    result.has_ref = true;
    result.ref = add_waiter(p, name, false, false);
  }
  return result;
}

RefNumbers ddll_monitor(Process& p, const std::string& name, Term when) {
  Guard guard(lock);
  Loaded* l = find(name);
  bool linked = is_linked_in(name);
  Waiter now{p.id, make_ref_numbers(), when == am::loaded, when == am::unloaded_only};
  if (now.for_load) {
    if (linked) {
      tell(now, am::UP, name, am::permanent);
    } else if (l != nullptr && l->reload_path.empty()) {
      tell(now, am::UP, name, l->driver->is_permanent ? am::permanent : am::loaded);
    } else if (l == nullptr) {
      tell(now, am::DOWN, name, am::load_cancelled);
    } else {
      waiters().emplace(name, now);
    }
  } else if (linked || (l != nullptr && l->driver->is_permanent)) {
    tell(now, am::UP, name, am::permanent);
  } else if (l == nullptr) {
    tell(now, am::DOWN, name, am::unloaded);
  } else if (l->driver->is_unloading.load() || now.only_this || !l->users.empty()) {
    waiters().emplace(name, now);
  }
  return now.ref;
}

void ddll_demonitor(Process& p, RefNumbers ref) {
  Guard guard(lock);
  for (auto it = waiters().begin(); it != waiters().end(); ++it) {
    if (it->second.ref == ref && it->second.pid == p.id) {
      waiters().erase(it);
      return;
    }
  }
}

bool ddll_info(const std::string& name, DdllInfo* out) {
  Guard guard(lock);
  Loaded* l = find(name);
  Driver* d = l != nullptr ? l->driver : driver_find(name);
  if (d == nullptr) return false;
  *out = DdllInfo();
  out->port_count = d->ports.load();
  out->is_linked_in = l == nullptr;
  out->is_permanent = l != nullptr && d->is_permanent;
  if (l != nullptr) {
    for (auto& [pid, count] : l->users) out->users.emplace_back(Term(pid), count);
    out->kill_ports = l->kill_ports;
  }
  auto [first, last] = waiters().equal_range(name);
  for (auto it = first; it != last; ++it) {
    auto& list = it->second.for_load ? out->waiting_for_load : out->waiting_for_unload;
    list.emplace_back(it->second.pid, 1);
  }
  return true;
}

std::string ddll_open_error_text(int code) {
  Guard guard(lock);
  if (code < 0 || static_cast<size_t>(code) >= open_errors().size()) return "";
  return open_errors()[static_cast<size_t>(code)];
}

}  // namespace lintel
