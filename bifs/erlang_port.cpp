// Ports: open_port, port_command, port_control, port_call, port_connect, port_close, port_info and
// what belongs to them. Most are the erts_internal halves of functions in erlang.erl: they return a
// result, or an atom that is the reason of the error to raise, or a reference under which the result
// will come as a message.
#include "vm/io/driver.h"

#include <cstring>
#include <map>

#include "vm/base/alloc.h"
#include "vm/code/export.h"
#include "vm/etf/decode.h"
#include "vm/etf/encode.h"
#include "vm/heap/copy.h"
#include "vm/io/environment.h"
#include "vm/io/filename.h"
#include "vm/io/iolist.h"
#include "vm/io/port.h"
#include "vm/proc/exception.h"
#include "vm/proc/registry.h"
#include "vm/proc/tracing.h"
#include "vm/proc/unique.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {
namespace {

// A port by id or registered name; null when there is none or it is exiting.
Port* find_port(Term t) {
  if (t.is_atom()) {
    t = registry_whereis(t);
    if (t.is_none()) return nullptr;
  }
  if (!t.is_local_port()) return nullptr;
  Port* p = port_lookup(t);
  return p == nullptr || p->is_dead() ? nullptr : p;
}

bool get_u32(Term t, u32* out) {
  if (!t.is_small() || t.small_value() < 0 || t.small_value() > UINT32_MAX) return false;
  *out = static_cast<u32>(t.small_value());
  return true;
}

// ---- open_port ----

bool get_size(Term t, size_t* out) {
  if (t.is_small() && t.small_value() >= 0) {
    *out = static_cast<size_t>(t.small_value());
    return true;
  }
  if (t.is(BoxedTag::BigPos) && big_limb_count(t) == 1) {
    *out = big_limbs(t)[0];
    return true;
  }
  return false;
}

// {Low, High} or disabled.
bool get_limits(Term t, size_t* low, size_t* high) {
  if (t == am::disabled) {
    *low = *high = ERL_DRV_BUSY_MSGQ_DISABLED;
    return true;
  }
  if (!is_tuple_of(t, 2) || !get_size(tuple_element(t, 0), low) || !get_size(tuple_element(t, 1), high)) {
    return false;
  }
  if (*low < ERL_DRV_BUSY_MSGQ_LIM_MIN || *low > ERL_DRV_BUSY_MSGQ_LIM_MAX ||
      *high < ERL_DRV_BUSY_MSGQ_LIM_MIN || *high > ERL_DRV_BUSY_MSGQ_LIM_MAX) {
    return false;
  }
  if (*low > *high) *low = *high;
  return true;
}

// Everything that open_port's second argument says.
struct Settings {
  PortOptions port;
  std::string directory;
  bool has_directory = false;
  std::vector<std::string> arguments;
  bool has_arguments = false;
  std::string argument0;
  bool has_argument0 = false;
  std::vector<std::string> environment;

  bool parse(Term list);
  bool parse_environment(Term list);

 private:
  bool parse_pair(Term name, Term value);
  bool parse_atom(Term option);
};

bool Settings::parse_environment(Term list) {
  std::map<std::string, std::string> merged;
  for (const std::string& line : environment_list()) {
    size_t equals = line.find('=');
    merged[line.substr(0, equals)] = line.substr(equals + 1);
  }
  for (; list.is_list(); list = list.tail()) {
    Term pair = list.head();
    if (!is_tuple_of(pair, 2)) return false;
    std::string name, value;
    if (!filename_to_native(tuple_element(pair, 0), &name) || name.empty() ||
        name.find('=') != std::string::npos) {
      return false;
    }
    if (tuple_element(pair, 1) == am::false_) {
      merged.erase(name);
      continue;
    }
    if (!filename_to_native(tuple_element(pair, 1), &value)) return false;
    merged[name] = value;
  }
  if (!list.is_nil()) return false;
  environment.clear();
  for (auto& [name, value] : merged) environment.push_back(name + "=" + value);
  return true;
}

bool Settings::parse_pair(Term name, Term value) {
  SysDriverOpts& s = port.system;
  if (name == am::packet) {
    if (value != Term::small(1) && value != Term::small(2) && value != Term::small(4)) return false;
    s.packet_bytes = static_cast<int>(value.small_value());
  } else if (name == am::line) {
    if (!value.is_small() || value.small_value() <= 0 || value.small_value() > INT32_MAX) return false;
    port.line_max = static_cast<u32>(value.small_value());
  } else if (name == am::env) {
    return parse_environment(value);
  } else if (name == am::args) {
    arguments.clear();
    for (; value.is_list(); value = value.tail()) {
      std::string argument;
      if (!filename_to_native(value.head(), &argument)) return false;
      arguments.push_back(argument);
    }
    has_arguments = true;
    return value.is_nil();
  } else if (name == am::arg0) {
    argument0.clear();
    has_argument0 = true;
    return filename_to_native(value, &argument0);
  } else if (name == am::cd) {
    directory.clear();
    has_directory = true;
    return filename_to_native(value, &directory);
  } else if (name == am::parallelism) {
    if (value != am::true_ && value != am::false_) return false;
    port.flags &= ~kPortParallelism;
    if (value == am::true_) port.flags |= kPortParallelism;
  } else if (name == am::busy_limits_port) {
    port.has_port_limits = true;
    return get_limits(value, &s.low_watermark, &s.high_watermark);
  } else if (name == am::busy_limits_msgq) {
    port.has_queue_limits = true;
    return get_limits(value, &port.queue_low, &port.queue_high);
  } else {
    return false;
  }
  return true;
}

bool Settings::parse_atom(Term option) {
  SysDriverOpts& s = port.system;
  if (option == am::stream) {
    s.packet_bytes = 0;
  } else if (option == am::use_stdio) {
    s.use_stdio = 1;
  } else if (option == am::nouse_stdio) {
    s.use_stdio = 0;
  } else if (option == am::stderr_to_stdout) {
    s.redir_stderr = 1;
  } else if (option == am::line) {
    port.line_max = 512;
  } else if (option == am::binary) {
    port.flags |= kPortBinary;
  } else if (option == am::in) {
    s.read_write |= ERL_DRV_READ;
  } else if (option == am::out) {
    s.read_write |= ERL_DRV_WRITE;
  } else if (option == am::eof) {
    port.flags |= kPortSoftEof;
  } else if (option == am::exit_status) {
    s.exit_status = 1;
  } else {
    return option == am::hide || option == am::overlapped_io;  // mean something on Windows
  }
  return true;
}

bool Settings::parse(Term list) {
  SysDriverOpts& s = port.system;
  s.use_stdio = 1;
  s.high_watermark = 8192;
  s.low_watermark = 4096;
  environment = environment_list();
  for (; list.is_list(); list = list.tail()) {
    Term option = list.head();
    bool ok = is_tuple_of(option, 2) ? parse_pair(tuple_element(option, 0), tuple_element(option, 1))
                                     : option.is_atom() && parse_atom(option);
    if (!ok) return false;
  }
  if (!list.is_nil()) return false;
  if (s.read_write == 0) s.read_write = ERL_DRV_READ | ERL_DRV_WRITE;
  if (port.line_max != 0) port.flags |= kPortLine;
  // These exclude each other.
  if (port.line_max != 0 && s.packet_bytes != 0) return false;
  return !(s.redir_stderr && !s.use_stdio);
}

// A NULL-terminated array over strings that stay alive.
std::vector<char*> c_array(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& s : strings) pointers.push_back(s.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The driver for a port name, and the name's text. Null: badarg.
// An atom or a flat list of characters, not an empty one.
bool is_file_name(Term t) {
  if (t.is_atom()) return true;
  if (!t.is_list()) return false;
  for (; t.is_list(); t = t.tail()) {
    if (!t.head().is_small()) return false;
  }
  return t.is_nil();
}

Driver* choose_driver(Term name, Settings& settings, std::string* text) {
  SysDriverOpts& s = settings.port.system;
  bool has_argv = settings.has_arguments || settings.has_argument0;
  Driver* driver = nullptr;
  if (!name.is_tuple()) {  // an old kind: a file of this name
    if (!is_file_name(name) || !filename_to_native(name, text) || has_argv || s.exit_status) return nullptr;
    return driver_find("vanilla");
  }
  u64 arity = tuple_arity(name);
  if (arity == 0) return nullptr;
  Term kind = tuple_element(name, 0);
  if (kind == am::fd) {
    u32 in, out;
    if (arity != 3 || !get_u32(tuple_element(name, 1), &in) || !get_u32(tuple_element(name, 2), &out)) {
      return nullptr;
    }
    s.ifd = static_cast<int>(in);
    s.ofd = static_cast<int>(out);
    *text = std::to_string(in) + "/" + std::to_string(out);
    if (has_argv || s.exit_status) return nullptr;
    return driver_find("fd");
  }
  if (arity != 2) return nullptr;
  if (kind == am::spawn_driver) {
    s.spawn_type = ERTS_SPAWN_DRIVER;
  } else if (kind == am::spawn_executable) {
    s.spawn_type = ERTS_SPAWN_EXECUTABLE;
  } else if (kind != am::spawn) {
    return nullptr;
  }
  if (!filename_to_native(tuple_element(name, 1), text)) return nullptr;
  if (has_argv && s.spawn_type != ERTS_SPAWN_EXECUTABLE) return nullptr;
  if (s.spawn_type != ERTS_SPAWN_EXECUTABLE) {
    driver = driver_find(std::string_view(*text).substr(0, text->find(' ')));
    if (driver != nullptr && s.exit_status && driver->name != "spawn") return nullptr;
  }
  if (driver == nullptr && s.spawn_type != ERTS_SPAWN_DRIVER) driver = driver_find("spawn");
  if (driver != nullptr && settings.port.has_port_limits && driver->name != "spawn") return nullptr;
  return driver;
}

Term error_atom(PortError error, int error_number) {
  switch (error) {
    case PortError::BadOpt: return am::badopt;
    case PortError::SystemLimit: return am::system_limit;
    case PortError::Einval: return am::einval;
    case PortError::Errno: return atom_intern_latin1(erl_errno_id(error_number));
    default: return am::badarg;
  }
}

// ---- replies ----

Term build_control_reply(Process& p, Port& port, char* reply, char* given, ErlDrvSSizeT size) {
  if (port.control_flags & PORT_CONTROL_FLAG_BINARY) {
    if (reply == nullptr) return Term::nil();
    if (reply == given) {
      return p.reserve(binary_words(static_cast<u64>(size))).binary(reply, static_cast<u64>(size));
    }
    auto* bin = reinterpret_cast<ErlDrvBinary*>(reply);
    u64 bytes = static_cast<u64>(bin->orig_size);
    if (bytes <= kMaxHeapBinary) {
      Term t = p.reserve(binary_words(bytes)).binary(bin->orig_bytes, bytes);
      driver_free_binary(bin);
      return t;
    }
    return p.reserve(kRefcBinaryWords).refc_binary(binary_of_driver(bin), bytes);
  }
  Builder b = p.reserve(static_cast<u64>(size) * kConsWords);
  Term list = Term::nil();
  for (ErlDrvSSizeT i = size; i > 0; i--) list = b.cons(Term::small(static_cast<u8>(reply[i - 1])), list);
  if (reply != given) driver_free(reply);
  return list;
}

// ---- port_info ----

Term list_of_ids(Process& p, const std::vector<Term>& ids) {
  Builder b = p.reserve(ids.size() * kConsWords);
  Term list = Term::nil();
  for (Term id : ids) list = b.cons(id, list);
  return list;
}

// The value of one item; none() for an unknown one. The port is held.
Term info_value(Process& p, Port& port, Term item) {
  if (item == am::id) return Term::small(static_cast<i64>(port_number(port.id)));
  if (item == am::connected) return port.connected;
  if (item == am::registered_name) {
    return port.registered_name.is_none() ? Term::nil() : port.registered_name;
  }
  if (item == am::name) {
    Builder b = p.reserve(port.name.size() * kConsWords);
    Term list = Term::nil();
    for (size_t i = port.name.size(); i > 0; i--) {
      list = b.cons(Term::small(static_cast<u8>(port.name[i - 1])), list);
    }
    return list;
  }
  if (item == am::links) {
    std::vector<Term> ids;
    port.links.each([&](LinkRecord& l) {
      if (l.unlink_id == 0) ids.push_back(l.peer);
    });
    return list_of_ids(p, ids);
  }
  if (item == am::monitored_by) {
    std::vector<Term> ids;
    port.watchers.each([&](WatcherRecord& w) {
      if (!w.watcher.is_none()) ids.push_back(w.watcher);
    });
    return list_of_ids(p, ids);
  }
  if (item == am::monitors) {
    std::vector<Term> pids = port_monitored_pids(port);
    Builder b = p.reserve(pids.size() * (kConsWords + tuple_words(2)));
    Term list = Term::nil();
    for (Term pid : pids) list = b.cons(b.tuple({am::process, pid}), list);
    return list;
  }
  if (item == am::input) return p.reserve(kIntegerWords).unsigned_integer(port.bytes_in);
  if (item == am::output) return p.reserve(kIntegerWords).unsigned_integer(port.bytes_out);
  if (item == am::os_pid) return port.os_pid < 0 ? am::undefined : Term::small(port.os_pid);
  if (item == am::queue_size) {
    return p.reserve(kIntegerWords).unsigned_integer(port.queue.byte_count());
  }
  if (item == am::memory) {
    u64 bytes = port.links.count() * sizeof(LinkRecord) + port.watchers.count() * sizeof(WatcherRecord) +
                port.line.capacity() + port.queue.byte_count();
    return p.reserve(kIntegerWords).unsigned_integer(bytes);
  }
  if (item == am::parallelism) return am_bool(port.has(kPortParallelism));
  if (item == am::locking) return port.driver->lock != nullptr ? am::driver_level : am::port_level;
  return Term::none();
}

}  // namespace

BifResult erts_internal_open_port_2(Process& p, Term* args) {
  Settings settings;
  if (!settings.parse(args[1])) return am::badopt;
  std::string name;
  Driver* driver = choose_driver(args[0], settings, &name);
  if (driver == nullptr) return am::badarg;
  SysDriverOpts& s = settings.port.system;
  if (settings.has_directory) s.wd = settings.directory.c_str();
  std::vector<char*> environment = c_array(settings.environment);
  s.envir = environment.data();
  std::vector<char*> argv;
  if (s.spawn_type == ERTS_SPAWN_EXECUTABLE) {
    settings.arguments.insert(settings.arguments.begin(),
                              settings.has_argument0 ? settings.argument0 : name);
    argv = c_array(settings.arguments);
    s.argv = argv.data();
  }
  PortError error;
  int error_number = 0;
  Port* port = port_open(driver, p.id, name.c_str(), settings.port, &error, &error_number);
  if (port == nullptr) return error_atom(error, error_number);
  link_record_add(p, port->id);
  if (VM_UNLIKELY((p.trace_flags & kTraceProcs) != 0)) trace_process_event(p, am::link, port->id);
  if (driver->flags & ERL_DRV_FLAG_USE_INIT_ACK) {
    return p.reserve(kRefWords).reference(port->ack_ref);
  }
  return port->id;
}

BifResult erts_internal_port_command_3(Process& p, Term* args) {
  bool force = false;
  bool nosuspend = false;
  Term options = args[2];
  for (; options.is_list(); options = options.tail()) {
    if (options.head() == am::force) {
      force = true;
    } else if (options.head() == am::nosuspend) {
      nosuspend = true;
    } else {
      return am::badopt;
    }
  }
  if (!options.is_nil()) return am::badopt;
  Port* found = find_port(args[0]);
  if (found == nullptr) return am::badarg;
  if (force && !(found->driver->flags & ERL_DRV_FLAG_SOFT_BUSY)) return am::notsup;
  PortSession session(*found);
  Port* port = session.port();
  if (port == nullptr || port->is_dead()) return am::badarg;
  if (port->has(kPortBusy) && !force) {
    if (nosuspend) return am::false_;
    if (is_watched(kWatchBusyPort)) watch_busy_port(p.id, port->id);
    IoListShape shape;
    if (!iolist_measure(args[1], SIZE_MAX, &shape)) return am::badarg;
    auto* c = vm_new<DeferredCommand>();
    c->caller = p.id;
    c->ref = make_ref_numbers();
    port_defer(*port, c, args[1]);
    RefNumbers ref = c->ref;
    return p.reserve(kRefWords).reference(ref);
  }
  if (!port_output(*port, p.id, args[1])) return am::badarg;
  return am::true_;
}

BifResult erts_internal_port_connect_2(Process& p, Term* args) {
  Port* found = find_port(args[0]);
  if (found == nullptr || !args[1].is_local_pid()) return am::badarg;
  PortSession session(*found);
  Port* port = session.port();
  if (port == nullptr || port->is_dead()) return am::badarg;
  if (is_traced(*port, kTraceReceive)) trace_port_request(*port, p.id, am::connect, args[1]);
  // The new owner is linked to the port; the old one stays linked.
  auto* s = vm_new<LinkSignal>(SignalKind::Link, port->id, args[1]);
  if (args[1] == p.id) {
    vm_free(s);
    process_link(p, port->id);
  } else if (!signal_push_to(args[1], s)) {
    vm_free(s);
    return am::badarg;
  }
  auto same = [&](LinkRecord& l) { return l.peer == args[1]; };
  if (port->links.find(hash_id(args[1]), same) == nullptr) {
    port->links.insert(vm_new<LinkRecord>(LinkRecord{nullptr, args[1]}));
  }
  port_connect(*port, args[1]);
  return am::true_;
}

BifResult erts_internal_port_close_1(Process& p, Term* args) {
  Port* found = find_port(args[0]);
  if (found == nullptr) return am::badarg;
  PortSession session(*found);
  Port* port = session.port();
  if (port == nullptr || port->is_dead()) return am::badarg;
  if (is_traced(*port, kTraceReceive)) trace_port_request(*port, p.id, am::close, Term::none());
  port_exit(*port, p.id, am::normal, false, false);
  return am::true_;
}

BifResult erts_internal_port_control_3(Process& p, Term* args) {
  Port* found = find_port(args[0]);
  u32 operation;
  IoListShape shape;
  if (found == nullptr || !get_u32(args[1], &operation) ||
      !iolist_measure(args[2], SIZE_MAX, &shape)) {
    return am::badarg;
  }
  std::string data(shape.copied, '\0');
  iolist_copy(args[2], reinterpret_cast<u8*>(data.data()));
  PortSession session(*found);
  Port* port = session.port();
  if (port == nullptr || port->is_dead() || port->entry().control == nullptr) return am::badarg;
  char given[256];
  char* reply = given;
  port->caller = p.id;
  ErlDrvSSizeT size = port->entry().control(port->data, operation, data.data(), data.size(), &reply,
                                            sizeof given);
  port->caller = Term::none();
  if (size < 0) return am::badarg;
  return build_control_reply(p, *port, reply, given, size);
}

BifResult erts_internal_port_call_3(Process& p, Term* args) {
  Port* found = find_port(args[0]);
  u32 operation;
  if (found == nullptr || !get_u32(args[1], &operation)) return am::badarg;
  EtfEncoder encoder(args[2]);
  encoder.put_version();
  i64 budget = INT64_MAX;
  if (encoder.step(budget) != EtfEncoder::Status::Done) return am::badarg;
  std::string data(reinterpret_cast<const char*>(encoder.bytes()), encoder.size());
  PortSession session(*found);
  Port* port = session.port();
  if (port == nullptr || port->is_dead() || port->entry().call == nullptr) return am::badarg;
  char given[256];
  char* reply = given;
  unsigned flags = 0;
  port->caller = p.id;
  ErlDrvSSizeT size = port->entry().call(port->data, operation, data.data(), data.size(), &reply,
                                         sizeof given, &flags);
  port->caller = Term::none();
  Term result = am::badarg;
  if (size > 0) {
    auto payload = etf_open({reinterpret_cast<const u8*>(reply), static_cast<size_t>(size)});
    if (payload) {
      auto term = etf_decode(payload->bytes, static_cast<Heap&>(p), EtfDecodeOptions{});
      if (term) {
        LocalRoots<1> roots(p, *term);
        Builder b = p.reserve(tuple_words(2));
        result = b.tuple({am::ok, roots[0]});
      }
    }
  }
  if (reply != given && !(flags & DRIVER_CALL_KEEP_BUFFER)) driver_free(reply);
  return result;
}

BifResult erts_internal_port_info_1(Process& p, Term* args) {
  if (!args[0].is_local_port() && !args[0].is_atom()) {
    bool was_ours = args[0].is(BoxedTag::ExtPort) && node_of(args[0])->name == this_node()->name;
    return was_ours ? am::undefined : am::badarg;
  }
  Port* found = find_port(args[0]);
  if (found == nullptr) return am::undefined;
  PortSession session(*found);
  Port* port = session.port();
  if (port == nullptr || port->is_dead()) return am::undefined;
  const Term items[] = {am::os_pid, am::output, am::input, am::connected, am::id, am::links, am::name};
  LocalRoots<2> roots(p);
  roots[0] = Term::nil();
  for (Term item : items) {
    roots[1] = info_value(p, *port, item);
    Builder b = p.reserve(tuple_words(2) + kConsWords);
    roots[0] = b.cons(b.tuple({item, roots[1]}), roots[0]);
  }
  if (!port->registered_name.is_none()) {
    Builder b = p.reserve(tuple_words(2) + kConsWords);
    roots[0] = b.cons(b.tuple({am::registered_name, port->registered_name}), roots[0]);
  }
  return roots[0];
}

BifResult erts_internal_port_info_2(Process& p, Term* args) {
  if (!args[0].is_local_port() && !args[0].is_atom()) {
    bool was_ours = args[0].is(BoxedTag::ExtPort) && node_of(args[0])->name == this_node()->name;
    return was_ours ? am::undefined : am::badtype;
  }
  Port* found = find_port(args[0]);
  if (found == nullptr) return am::undefined;
  PortSession session(*found);
  Port* port = session.port();
  if (port == nullptr || port->is_dead()) return am::undefined;
  Term item = args[1];
  if (item == am::registered_name && port->registered_name.is_none()) return Term::nil();
  LocalRoots<1> roots(p, info_value(p, *port, item));
  if (roots[0].is_none()) return am::badarg;
  Builder b = p.reserve(tuple_words(2));
  return b.tuple({item, roots[0]});
}

BifResult erlang_ports_0(Process& p, Term*) {
  std::vector<Term> ids;
  ports_each(
      [](Port& port, void* data) {
        if (!port.is_dead()) static_cast<std::vector<Term>*>(data)->push_back(port.id);
      },
      &ids);
  return list_of_ids(p, std::vector<Term>(ids.rbegin(), ids.rend()));
}

BifResult erlang_port_set_data_2(Process& p, Term* args) {
  Port* port = find_port(args[0]);
  if (port == nullptr) return raise_badarg(p);
  Fragment* fragment;
  Term value = copy_to_keep(args[1], &fragment);
  Fragment* before;
  {
    Guard guard(port->user_data_lock);
    before = port->user_data_fragment;
    port->user_data = value;
    port->user_data_fragment = fragment;
  }
  if (before != nullptr) fragments_free(before);
  return am::true_;
}

BifResult erlang_port_get_data_1(Process& p, Term* args) {
  Port* port = find_port(args[0]);
  if (port == nullptr) return raise_badarg(p);
  for (u64 room = 0;;) {
    Builder b = p.reserve(room);
    Guard guard(port->user_data_lock);
    if (port->user_data.is_none()) return am::undefined;
    u64 need = port->user_data.is_pointer() ? copy_size(port->user_data) : 0;
    if (need <= room) {
      return port->user_data.is_pointer() ? copy_term(port->user_data, b) : port->user_data;
    }
    room = need;
  }
}

}  // namespace lintel
