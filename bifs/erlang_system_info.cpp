// erlang:system_info/1.
//
// What the library asks for, with the stock VM's shapes. Keys that describe machinery that is not
// there (allocator carriers, emulator build files) give the empty form of their answer.
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "bifs/cpu_topology.h"
#include "bifs/erlang_trace.h"
#include "bifs/multi_scheduling.h"
#include "bifs/process_options.h"
#include "bifs/scratch.h"
#include "bifs/time_offset.h"
#include "bifs/system_memory.h"
#include "bifs/system_version.h"
#include "vm/base/settings.h"
#include "vm/code/bif_table.h"
#include "vm/code/code_server.h"
#include "vm/code/export.h"
#include "vm/diag/seq_trace.h"
#include "vm/dist/entry.h"
#include "vm/proc/exception.h"
#include "vm/proc/exit.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/sched/bif_timer.h"
#include "vm/sched/clock.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {

// Defined by vm/io and vm/ets; absent while there are none.
u64 port_count() __attribute__((weak));
u64 ets_table_count() __attribute__((weak));

std::string system_version() {
  char text[512];
  u32 n = scheduler_count();
  std::snprintf(text, sizeof text,
                "Erlang/OTP %s [erts-%s] [source] [64-bit] [smp:%u:%u] [ds:%u:%u:%u] "
                "[async-threads:%u] [lintel-%s]\n",
                settings.otp_release.c_str(), settings.erts_version.c_str(), n, schedulers_online_wanted(),
                dirty_cpu_count(), dirty_cpu_online(), dirty_io_count(),
                scheduler_options().async_threads, LINTEL_VERSION);
  return text;
}

namespace {

#if defined(__x86_64__)
constexpr const char* kArchitecture = "x86_64-pc-linux-gnu";
#elif defined(__aarch64__)
constexpr const char* kArchitecture = "aarch64-unknown-linux-gnu";
#endif

// Allocators that erlang:memory/0 asks about, with what is behind each here.
constexpr const char* kAllocators[] = {"temp_alloc",    "sl_alloc",     "std_alloc", "ll_alloc",
                                       "eheap_alloc",   "ets_alloc",    "fix_alloc", "literal_alloc",
                                       "binary_alloc",  "driver_alloc"};

// [{Node, Controller}] of all connections.
Term dist_controllers(Scratch& s) {
  struct State {
    Scratch* scratch;
    std::vector<Term> items;
  } state{&s, {}};
  dist_entries_each(
      [](DistEntry& e, void* data) {
        Term controller = Term::none();
        {
          Guard guard(e.lock);
          if (e.state == DistState::Connected) controller = e.controller;
        }
        auto* st = static_cast<State*>(data);
        if (!controller.is_none()) st->items.push_back(st->scratch->tuple({e.name, controller}));
      },
      &state);
  return s.list(state.items);
}

Term time_source(Scratch& s, bool monotonic) {
  auto pair = [&](Term key, Term value) { return s.tuple({key, value}); };
  std::vector<Term> rows;
  rows.push_back(pair(am::function, am::clock_gettime));
  rows.push_back(pair(am::clock_id, monotonic ? am::clock_monotonic : am::clock_realtime));
  rows.push_back(pair(am::resolution, Term::small(1000000000)));
  if (monotonic) rows.push_back(pair(am::extended, am::no));
  rows.push_back(pair(am::parallel, am::yes));
  rows.push_back(pair(am::time, s.integer(monotonic ? os_monotonic_ns() : os_system_ns())));
  return s.list(rows);
}

// The data that erlang:memory/0 adds up: per allocator one instance with its blocks' size.
void send_memory(Process& p, Term ref, Term allocators) {
  SystemMemory m = system_memory();
  // erlang:memory/0 takes code from the allocated areas; the table of processes and atoms are there as
  // well, but stand within these blocks.
  u64 heaps = m.processes - m.process_table - m.timers;
  u64 other = m.total - heaps - m.timers - m.binaries - m.ets - m.code;
  Fragment* done;
  Term message;
  {
    u64 words = copy_size(ref) + tuple_words(3);
    for (Term l = allocators; l.is_list(); l = l.tail()) words += 64;
    done = fragment_new(words);
    Builder b = done->builder();
    Term list = Term::nil();
    for (Term l = allocators; l.is_list(); l = l.tail()) {
      Term name = l.head();
      u64 bytes = name == am::eheap_alloc    ? heaps
                  : name == am::fix_alloc    ? m.timers
                  : name == am::binary_alloc ? m.binaries
                  : name == am::ets_alloc    ? m.ets
                  : name == am::std_alloc    ? other
                                             : 0;
      Term size = b.cons(b.tuple({am::size, b.unsigned_integer(bytes)}), Term::nil());
      Term block = b.cons(b.tuple({name, size}), Term::nil());
      Term blocks = b.cons(b.tuple({am::blocks, block}), Term::nil());
      Term data = b.cons(b.tuple({am::mbcs, blocks}), Term::nil());
      if (name == am::fix_alloc) {
        Term timer_bytes = b.unsigned_integer(m.timers);
        Term types = b.cons(b.tuple({am::bif_timer, timer_bytes, timer_bytes}), Term::nil());
        data = b.cons(b.tuple({am::fix_types, types}), data);
      }
      list = b.cons(b.tuple({name, Term::small(0), data}), list);
    }
    Term copy = copy_term(ref, b);
    message = b.tuple({copy, Term::small(1), list});
  }
  send_fragment(p, message, done);
}

// {Ref, 1, [{Allocator, false}]}: allocators without statistics of their own.
void send_no_allocators(Process& p, Term ref, Term allocators) {
  u64 words = copy_size(ref) + tuple_words(3);
  for (Term l = allocators; l.is_list(); l = l.tail()) words += kConsWords + tuple_words(2);
  Fragment* f = fragment_new(words);
  Builder b = f->builder();
  std::vector<Term> names;
  for (Term l = allocators; l.is_list(); l = l.tail()) names.push_back(l.head());
  Term list = Term::nil();
  for (size_t i = names.size(); i-- > 0;) list = b.cons(b.tuple({names[i], am::false_}), list);
  Term copy = copy_term(ref, b);
  send_fragment(p, b.tuple({copy, Term::small(1), list}), f);
}

Term allocated_areas(Scratch& s) {
  SystemMemory m = system_memory();
  auto row = [&](Term key, u64 bytes) {
    return s.tuple({key, s.integer(static_cast<i64>(bytes))});
  };
  Term atom_bytes = s.integer(static_cast<i64>(m.atoms));
  return s.list({row(am::sys_misc, 0), s.tuple({am::atom_space, atom_bytes, atom_bytes}),
                 row(am::atom_table, 0), row(am::module_table, 0), row(am::export_table, 0),
                 row(am::export_list, 0), row(am::register_table, 0), row(am::fun_table, 0),
                 row(am::module_refs, 0), row(am::loaded_code, m.code), row(am::dist_table, 0),
                 row(am::node_table, 0), row(am::bits_bufs_size, 0),
                 row(am::bif_timer, 0), row(am::process_table, m.process_table), row(am::port_table, 0),
                 row(am::ets_misc, 0), row(am::external_alloc, m.code)});
}

Term allocators(Scratch& s) {
  std::vector<Term> names;
  for (const char* name : kAllocators) names.push_back(atom_intern(name));
  return s.list(names);
}

Term heap_sizes(Scratch& s) {
  std::vector<Term> sizes{Term::small(12), Term::small(38)};
  u64 before = 12, size = 38;
  while (size < u64{1} << 58) {
    u64 next = size < 800000 ? size + before + 1 : size + size / 5;
    before = size;
    size = next;
    sizes.push_back(Term::small(static_cast<i64>(size)));
  }
  return s.list(sizes);
}

Term check_io(Scratch& s) {
  return s.list({s.list({s.tuple({am::name, am::erts_poll}), s.tuple({am::primary, am::epoll}),
                         s.tuple({am::kernel_poll, am::epoll}),
                         s.tuple({am::memory_size, Term::small(0)}),
                         s.tuple({am::total_poll_set_size, Term::small(0)}),
                         s.tuple({am::lazy_updates, am::false_}),
                         s.tuple({am::pending_updates, Term::small(0)}),
                         s.tuple({am::batch_updates, am::false_}),
                         s.tuple({am::concurrent_updates, am::true_}),
                         s.tuple({am::fallback, am::false_}),
                         s.tuple({am::max_fds, Term::small(sysconf(_SC_OPEN_MAX))}),
                         s.tuple({am::active_fds, Term::small(0)}),
                         s.tuple({am::poll_threads, Term::small(1)})})});
}

Term scheduler_id(Process& p) {
  switch (p.sched->kind) {
    case SchedulerKind::Normal: return Term::small(p.sched->index + 1);
    case SchedulerKind::DirtyCpu: return Term::small(scheduler_count() + p.sched->index + 1);
    case SchedulerKind::DirtyIo:
      return Term::small(scheduler_count() + dirty_cpu_count() + p.sched->index + 1);
  }
  return Term::small(0);
}

std::string memory_info() {
  SystemMemory m = system_memory();
  char text[1024];
  std::snprintf(text, sizeof text,
                "=memory\ntotal: %llu\nprocesses: %llu\nprocesses_used: %llu\nsystem: %llu\natom: %llu\n"
                "atom_used: %llu\nbinary: %llu\ncode: %llu\nets: %llu\n",
                static_cast<unsigned long long>(m.total), static_cast<unsigned long long>(m.processes),
                static_cast<unsigned long long>(m.processes),
                static_cast<unsigned long long>(m.total - m.processes),
                static_cast<unsigned long long>(m.atoms), static_cast<unsigned long long>(m.atoms),
                static_cast<unsigned long long>(m.binaries), static_cast<unsigned long long>(m.code),
                static_cast<unsigned long long>(m.ets));
  return text;
}

// none: no such key.
Term info(Process& p, Term key, Scratch& s) {
  auto number = [&](u64 n) { return s.integer(static_cast<i64>(n)); };
  switch (key.atom_index()) {
    // -- the release
    case am::index_machine: return s.text("BEAM");
    case am::index_otp_release: return s.text(settings.otp_release);
    case am::index_version: return s.text(settings.erts_version);
    case am::index_system_version: return s.text(system_version());
    case am::index_system_architecture: return s.text(kArchitecture);
    case am::index_nif_version: return s.text("2.16");
    case am::index_driver_version: return s.text("3.3");
    case am::index_compat_rel: return Term::small(std::atoi(settings.otp_release.c_str()));
    case am::index_emu_flavor: return am::emu;
    case am::index_emu_type: return am::opt;
    case am::index_build_type: return am::opt;
    case am::index_debug_compiled: return am::false_;
    case am::index_lock_checking: return am::false_;
    case am::index_lock_counting: return am::false_;
    case am::index_c_compiler_used:
      return s.tuple({am::gnuc, s.tuple({Term::small(__GNUC__), Term::small(__GNUC_MINOR__),
                                         Term::small(__GNUC_PATCHLEVEL__)})});
    case am::index_compile_info:
      return s.list({s.tuple({am::ldflags, Term::nil()}), s.tuple({am::cflags, Term::nil()}),
                     s.tuple({am::config_h, Term::nil()})});
    case am::index_wordsize: return Term::small(8);
    case am::index_endian: return am::little;
    case am::index_os_type: return s.tuple({am::unix_, am::linux_});
    case am::index_os_version: {
      utsname name;
      uname(&name);
      int v[3] = {0, 0, 0};
      if (std::sscanf(name.release, "%d.%d.%d", &v[0], &v[1], &v[2]) < 1) return s.text(name.release);
      return s.tuple({Term::small(v[0]), Term::small(v[1]), Term::small(v[2])});
    }
    case am::index_beam_jump_table: return am::true_;
    case am::index_taints: return Term::nil();
    case am::index_snifs: {
      std::vector<Term> functions;
      for (u32 i = 0; i < bif_count; i++) {
        const BifEntry& b = bif_table[i];
        // These two are instructions first of all.
        bool instruction = b.module == "erlang" && (b.function == "apply" || b.function == "yield");
        if (instruction) continue;
        functions.push_back(s.tuple(
            {b.export_entry->module, b.export_entry->function, Term::small(b.arity)}));
      }
      return s.list(functions);
    }
    case am::index_ethread_info: {
      // What the stock VM's thread library would say about itself.
      std::vector<Term> rows;
      for (const char* name : {"32-bit native atomics", "64-bit native atomics", "Double word native atomics"}) {
        rows.push_back(s.tuple({s.text(name), s.text("c++"), Term::nil()}));
      }
      for (const char* name : {"Native spinlocks", "Native rw-spinlocks"}) {
        rows.push_back(s.tuple({s.text(name), s.text("no")}));
      }
      return s.list(rows);
    }
    case am::index_dynamic_trace: return am::none;
    case am::index_dynamic_trace_probes: return am::false_;

    // -- processors and threads
    case am::index_logical_processors: return Term::small(processors_configured());
    case am::index_logical_processors_online: return Term::small(sysconf(_SC_NPROCESSORS_ONLN));
    case am::index_logical_processors_available: return Term::small(processors_available());
    case am::index_cpu_quota: {
      u32 quota = processors_quota();
      return quota == 0 ? am::unknown : Term::small(quota);
    }
    case am::index_update_cpu_info: return cpu_topology_update() ? am::changed : am::unchanged;
    case am::index_schedulers: return Term::small(scheduler_count());
    case am::index_schedulers_online: return Term::small(schedulers_online_wanted());
    case am::index_schedulers_state:
      return s.tuple({Term::small(scheduler_count()), Term::small(schedulers_online_wanted()),
                      Term::small(schedulers_online())});
    case am::index_all_schedulers_state: {
      auto row = [&](Term kind, u32 all, u32 online, u32 active) {
        return s.tuple({kind, Term::small(all), Term::small(online), Term::small(active)});
      };
      bool blocked = multi_scheduling_state() == am::blocked;
      return s.list({row(am::normal, scheduler_count(), schedulers_online_wanted(), schedulers_online()),
                     row(am::dirty_cpu, dirty_cpu_count(), dirty_cpu_online(), blocked ? 0 : dirty_cpu_online()),
                     row(am::dirty_io, dirty_io_count(), dirty_io_count(), blocked ? 0 : dirty_io_count())});
    }
    case am::index_schedulers_active: return Term::small(schedulers_online());
    case am::index_schedulers_total: return Term::small(scheduler_count());
    case am::index_dirty_cpu_schedulers: return Term::small(dirty_cpu_count());
    case am::index_dirty_cpu_schedulers_online: return Term::small(dirty_cpu_online());
    case am::index_dirty_io_schedulers: return Term::small(dirty_io_count());
    case am::index_scheduler_id: return scheduler_id(p);
    case am::index_scheduler_bind_type: return bind_type_term(scheduler_bind_type());
    case am::index_scheduler_bindings: return scheduler_bindings_term(s);
    case am::index_multi_scheduling: return multi_scheduling_state();
    case am::index_multi_scheduling_blockers:
      return s.list(multi_scheduling_blockers(MultiSchedulingBlock::All));
    case am::index_normal_multi_scheduling_blockers:
      return s.list(multi_scheduling_blockers(MultiSchedulingBlock::Normal));
    case am::index_smp_support: return am::true_;
    case am::index_threads: return am::true_;
    case am::index_thread_pool_size: return Term::small(scheduler_options().async_threads);
    case am::index_run_queues: return Term::small(scheduler_count());
    case am::index_context_reductions: return Term::small(scheduler_options().reductions);
    case am::index_kernel_poll: return am::true_;
    case am::index_check_io: return check_io(s);
    case am::index_eager_check_io: return am::true_;
    case am::index_port_parallelism: return am::false_;
    case am::index_outstanding_system_requests_limit: return Term::small(4);

    // -- limits and counts
    case am::index_process_count: return number(process_count());
    case am::index_process_limit: return number(process_limit());
    case am::index_port_count: return number(&port_count != nullptr ? port_count() : 0);
    case am::index_port_limit: return number(settings.max_ports);
    case am::index_atom_count: return number(atom_count());
    case am::index_atom_limit: return number(atom_limit());
    case am::index_ets_count: return number(&ets_table_count != nullptr ? ets_table_count() : 0);
    case am::index_ets_limit: return number(settings.ets_limit);
    case am::index_ets_realloc_moves: return am::false_;
    case am::index_ets_always_compress: return am::false_;

    // -- memory and collection
    case am::index_allocated_areas: return allocated_areas(s);
    case am::index_alloc_util_allocators: return allocators(s);
    case am::index_allocator:
      return s.tuple({am::mimalloc, Term::nil(), allocators(s), Term::nil()});
    case am::index_fullsweep_after:
      return s.tuple({am::fullsweep_after, number(spawn_defaults.fullsweep_after)});
    case am::index_min_heap_size:
      return s.tuple({am::min_heap_size, number(spawn_defaults.min_heap_words)});
    case am::index_min_bin_vheap_size:
      return s.tuple({am::min_bin_vheap_size, number(spawn_defaults.min_vheap_words)});
    case am::index_max_heap_size: {
      Builder b = s.room(kMaxHeapMapWords);
      return build_max_heap(b, spawn_defaults.max_heap_words, spawn_defaults.max_heap_kill,
                            spawn_defaults.max_heap_log);
    }
    case am::index_garbage_collection:
      return s.list({s.tuple({am::max_heap_size, number(spawn_defaults.max_heap_words)}),
                     s.tuple({am::min_bin_vheap_size, number(spawn_defaults.min_vheap_words)}),
                     s.tuple({am::min_heap_size, number(spawn_defaults.min_heap_words)}),
                     s.tuple({am::fullsweep_after, number(spawn_defaults.fullsweep_after)})});
    case am::index_heap_sizes: return heap_sizes(s);
    case am::index_heap_type: return am::private_;
    case am::index_message_queue_data:
      return spawn_defaults.off_heap_messages ? am::off_heap : am::on_heap;

    // -- time
    case am::index_start_time: return number(static_cast<u64>(erlang_start_monotonic_ns()));
    case am::index_end_time: return s.integer(kErlangEndNs);
    case am::index_time_offset: return time_offset_atom(time_offset_state());
    case am::index_time_correction: return am_bool(settings.time_correction);
    case am::index_time_warp_mode: return atom_intern(settings.time_warp);
    case am::index_tolerant_timeofday: return am::enabled;
    case am::index_os_monotonic_time_source: return time_source(s, true);
    case am::index_os_system_time_source: return time_source(s, false);
    case am::index_modified_timing_level: return am::undefined;

    // -- distribution
    case am::index_creation: return Term::small(this_node()->creation);
    case am::index_delayed_node_table_gc: return Term::small(60);
    case am::index_dist: return s.binary("=node:'" + std::string(atom_name(this_node()->name)) + "'\n=no_distribution\n");
    case am::index_dist_buf_busy_limit:
      return Term::small(static_cast<i64>(dist_busy_limit.load(std::memory_order_relaxed)));
    case am::index_dist_ctrl: return dist_controllers(s);

    // -- logging, tracing, text dumps
    case am::index_system_logger: return system_logger();
    case am::index_sequential_tracer: {
      const Tracer* t = system_tracer();
      if (t == nullptr) return s.tuple({am::sequential_tracer, am::false_});
      Builder b = s.room(tracer_term_words(t));
      return s.tuple({am::sequential_tracer, tracer_term(t, b)});
    }
    case am::index_trace_control_word: return Term::small(trace_control_word.load());
    case am::index_info: return s.binary(memory_info());
    case am::index_procs:
    case am::index_loaded: return s.binary("");
    case am::index_emu_args: return Term::nil();
    default: return Term::none();
  }
}

// none: there is no such topology.
Term topology(Scratch& s, Term which) {
  if (which == am::used) return cpu_topology_term(s, cpu_topology_used());
  if (which == am::detected) return cpu_topology_term(s, cpu_topology_detected());
  if (which == am::defined) return cpu_topology_term(s, cpu_topology_defined());
  return Term::none();
}

BifResult format_topology(Process& p, Term which) {
  Term places;
  {
    Scratch s(p);
    places = topology(s, which);
  }
  if (places.is_none()) return raise_badarg(p);
  return trap(p, export_get(am::erlang, am::format_cpu_topology, 1), {places});
}

}  // namespace

BifResult erlang_system_info_1(Process& p, Term* args) {
  Term key = args[0];
  if (key == am::cpu_topology) return format_topology(p, am::used);
  if (key.is_atom()) {
    Scratch s(p);
    Term value = info(p, key, s);
    if (!value.is_none()) return value;
    return raise_badarg(p);
  }
  if (is_tuple_of(key, 2)) {
    Term kind = tuple_element(key, 0);
    Term what = tuple_element(key, 1);
    if (kind == am::wordsize && (what == am::internal || what == am::external)) return Term::small(8);
    if (kind == am::cpu_topology) return format_topology(p, what);
    if (kind == am::internal_cpu_topology) {
      Scratch s(p);
      Term places = topology(s, what);
      if (!places.is_none()) return places;
    }
    if (kind == am::allocator) return trap(p, export_get(am::erlang, am::alloc_info, 1), {what});
    if (kind == am::allocator_sizes) {
      return trap(p, export_get(am::erlang, am::alloc_sizes, 1), {what});
    }
    if (kind == am::error_checker) return am::false_;
  }
  if (is_tuple_of(key, 3)) {
    Term kind = tuple_element(key, 0);
    Term ref = tuple_element(key, 1);
    Term names = tuple_element(key, 2);
    if (ref.is_local_ref()) {
      if (kind == am::memory_internal) {
        send_memory(p, ref, names);
        return am::true_;
      }
      if (kind == am::allocator || kind == am::allocator_sizes) {
        send_no_allocators(p, ref, names);
        return am::true_;
      }
    }
  }
  return raise_badarg(p);
}

// Replies to the requests above come from one thread; the library waits for this number less one.
BifResult erts_internal_no_aux_work_threads_0(Process&, Term*) { return Term::small(2); }

// `undefined` as long as this node has no name.
BifResult erts_internal_get_creation_0(Process& p, Term*) {
  if (this_node()->creation == 0) return am::undefined;
  Builder b = p.reserve(kIntegerWords);
  return b.unsigned_integer(this_node()->creation);
}

}  // namespace lintel
