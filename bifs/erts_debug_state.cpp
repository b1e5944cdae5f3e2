// erts_debug:get_internal_state/1 and set_internal_state/2: what the test suites look at and turn. A
// key is an atom, or a tuple that begins with one; each has a row in a table below. Keys of machinery
// that is not here (allocators, flexible counters, lock graphs) answer as a stock VM built without it.
#include <pthread.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "bifs/cpu_topology.h"
#include "bifs/debug_wait.h"
#include "bifs/erlang_halt.h"
#include "bifs/erts_debug_relations.h"
#include "bifs/node_references.h"
#include "bifs/process_info.h"
#include "bifs/scratch.h"
#include "bifs/system_memory.h"
#include "vm/code/code_server.h"
#include "vm/diag/system_events.h"
#include "vm/dist/entry.h"
#include "vm/ets/table.h"
#include "vm/io/port.h"
#include "vm/proc/exception.h"
#include "vm/proc/exit.h"
#include "vm/proc/links.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/sched/clock.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/hash.h"
#include "vm/term/magic.h"
#include "vm/term/print.h"

namespace lintel {

u64 persistent_term_slots();

namespace {

std::atomic<bool> available{false};

Term integer(Process& p, u64 n) { return p.reserve(kIntegerWords).unsigned_integer(n); }

bool as_i64(Term t, i64* out) {
  if (t.is_small()) {
    *out = t.small_value();
    return true;
  }
  if (!t.is_big() || big_limb_count(t) != 1) return false;
  u64 magnitude = big_limbs(t)[0];
  if (magnitude > static_cast<u64>(INT64_MAX)) return false;
  *out = big_is_negative(t) ? -static_cast<i64>(magnitude) : static_cast<i64>(magnitude);
  return true;
}

bool as_u64(Term t, u64* out) {
  if (t.is(BoxedTag::BigPos) && big_limb_count(t) == 1) {
    *out = big_limbs(t)[0];
    return true;
  }
  if (!t.is_small() || t.small_value() < 0) return false;
  *out = static_cast<u64>(t.small_value());
  return true;
}

void sleep_ms(i64 ms) {
  timespec time{ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, nullptr);
}

// ---- what is asked with an atom ----

BifResult get_available(Process&) { return am::true_; }
BifResult get_reds_left(Process& p) { return Term::small(p.reds); }
BifResult get_next_pid(Process&) { return Term::small(process_table_next()); }
BifResult get_next_port(Process&) { return Term::small(port_table_next()); }
BifResult get_false(Process&) { return am::false_; }
BifResult get_notsup(Process&) { return am::notsup; }
BifResult get_true(Process&) { return am::true_; }
BifResult get_min_unique(Process&) { return Term::small(kSmallMin); }
BifResult get_monotonic_state(Process& p) { return integer(p, monotonic_last()); }

// What there is of the thread's C stack.
BifResult get_stack_check(Process& p) {
  pthread_attr_t attributes;
  void* base = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return am::false_;
  pthread_attr_getstack(&attributes, &base, &size);
  pthread_attr_destroy(&attributes);
  char here;
  return integer(p, static_cast<u64>(&here - static_cast<char*>(base)));
}

BifResult get_memory(Process& p) {
  Scratch s(p);
  SystemMemory m = system_memory();
  u64 system = m.total - m.processes;
  struct Row {
    Term key;
    u64 bytes;
  };
  const Row rows[] = {{am::total, m.total},      {am::processes, m.processes}, {am::processes_used, m.processes},
                      {am::system, system},      {am::atom, m.atoms},          {am::atom_used, m.atoms},
                      {am::binary, m.binaries},  {am::code, m.code},           {am::ets, m.ets}};
  std::vector<Term> items;
  for (const Row& r : rows) items.push_back(s.tuple({r.key, s.integer(static_cast<i64>(r.bytes))}));
  return s.list(items);
}

BifResult get_persistent_term(Process& p) {
  Scratch s(p);
  Term keys = s.tuple({am::table});
  Term* map = s.room(3).alloc(3);
  map[0] = Term::header(BoxedTag::FlatMap, 2);
  map[1] = keys;
  map[2] = Term::small(static_cast<i64>(persistent_term_slots()));
  return Term::boxed(map);
}

BifResult get_process_info_args(Process& p) {
  Scratch s(p);
  std::vector<Term> items;
  process_info_items_each([](Term item, void* data) { static_cast<std::vector<Term>*>(data)->push_back(item); },
                          &items);
  return s.list(items);
}

BifResult get_processes(Process& p) {
  Scratch s(p);
  std::vector<Term> pids;
  auto add = [](Process& other, void* data) {
    if ((other.state_now() & kStateExiting) == 0) static_cast<std::vector<Term>*>(data)->push_back(other.id);
  };
  schedulers_block();
  processes_each(add, &pids);
  schedulers_unblock();
  return s.list(pids);
}

// [{Pid, Options...}] in the order of asking.
BifResult get_monitoring_nodes(Process& p) {
  struct State {
    Scratch s;
    std::vector<Term> items;
  } state{Scratch(p), {}};
  nodes_monitors_each(
      [](Term pid, u32 options, void* data) {
        auto* st = static_cast<State*>(data);
        std::vector<Term> list;
        u32 types = options & (kNodesVisible | kNodesHidden);
        if (types != 0) {
          Term type = types == kNodesVisible ? am::visible : types == kNodesHidden ? am::hidden : am::all;
          list.push_back(st->s.tuple({am::node_type, type}));
        }
        if ((options & kNodesReason) != 0) list.push_back(am::nodedown_reason);
        if ((options & kNodesConnection) != 0) list.push_back(am::connection_id);
        st->items.push_back(st->s.tuple({pid, st->s.list(list)}));
      },
      &state);
  return state.s.list(state.items);
}

BifResult get_balance_rounds(Process& p) {
  Builder b = p.reserve(kIntegerWords);
  return b.unsigned_integer(scheduler_balance_rounds());
}

struct GetKey {
  Term key;
  BifResult (*get)(Process& p);
};
constexpr GetKey kGetKeys[] = {
    {am::available_internal_state, get_available},
    {am::flxctr_memory_usage, get_notsup},
    {am::force_heap_frags, get_false},
    {am::lc_graph, get_notsup},
    {am::memory, get_memory},
    {am::min_unique_integer, get_min_unique},
    {am::min_unique_monotonic_integer, get_min_unique},
    {am::monitoring_nodes, get_monitoring_nodes},
    {am::nbalance, get_balance_rounds},
    {am::next_pid, get_next_pid},
    {am::next_port, get_next_port},
    {am::node_and_dist_references, get_node_references},
    {am::persistent_term, get_persistent_term},
    {am::process_info_args, get_process_info_args},
    {am::processes, get_processes},
    {am::reds_left, get_reds_left},
    {am::scheduler_dump, get_true},
    {am::stack_check, get_stack_check},
    {am::unique_monotonic_integer_state, get_monotonic_state},
};

// ---- what is asked with a tuple; `t` is the whole ----

BifResult get_process_status(Process& p, Term t) {
  Term pid = tuple_element(t, 1);
  if (!pid.is_local_pid()) return raise_badarg(p);
  Process* other = process_lookup(pid);
  if (other == nullptr) return am::undefined;
  return (other->state_now() & kStateExiting) != 0 ? am::exiting : am::running;
}

// How a binary is stored: {refc_binary, Size, {binary, Allocated}, Flags}, or heap_binary.
BifResult get_binary_info(Process& p, Term t) {
  Term of = tuple_element(t, 1);
  if (!of.is_bitstring()) return raise_badarg(p);
  Scratch s(p);
  if (of.is(BoxedTag::SubBinary)) of = view<SubBinary>(of)->base;
  if (!of.is(BoxedTag::RefcBinary)) return am::heap_binary;
  const auto* b = view<RefcBinary>(of);
  Term allocated = s.tuple({am::binary, Term::small(static_cast<i64>(b->data->capacity))});
  return s.tuple({am::refc_binary, Term::small(static_cast<i64>(b->size())), allocated, Term::small(0)});
}

BifResult get_link_list(Process& p, Term t) { return internal_link_list(p, tuple_element(t, 1)); }
BifResult get_monitor_list(Process& p, Term t) { return internal_monitor_list(p, tuple_element(t, 1)); }

// The connection's entry, if there is a connection.
DistEntry* connected(Term node) {
  DistEntry* e = node.is_atom() ? dist_entry_find(node) : nullptr;
  if (e == nullptr) return nullptr;
  Guard guard(e->lock);
  return e->state == DistState::Connected ? e : nullptr;
}

BifResult get_dist_ctrl(Process&, Term t) {
  DistEntry* e = connected(tuple_element(t, 1));
  if (e == nullptr) return am::undefined;
  Guard guard(e->lock);
  return e->state == DistState::Connected ? e->controller : am::undefined;
}

BifResult get_connection_id(Process& p, Term t) {
  DistEntry* e = connected(tuple_element(t, 1));
  if (e == nullptr) return raise_badarg(p);
  Guard guard(e->lock);
  return Term::small(e->connection);
}

BifResult get_internal_hash(Process&, Term t) { return Term::small(internal_hash(tuple_element(t, 1))); }

// The atom of an index; the table is filled up to it.
BifResult get_atom(Process& p, Term t) {
  u64 index;
  if (!as_u64(tuple_element(t, 1), &index) || index >= atom_limit()) return raise_badarg(p);
  while (index >= atom_count()) {
    char name[20];
    std::snprintf(name, sizeof name, "am%x", atom_count());
    if (atom_intern(name).is_none()) return raise_system_limit(p);
  }
  return Term::atom(static_cast<u32>(index));
}

void destroy_empty(MagicData* data) { vm_delete(data); }

// {Address, Holders, MadeHere}, true for one that stands for nothing any more, else false.
BifResult get_magic_ref(Process& p, Term t) {
  Term ref = tuple_element(t, 1);
  if (!ref.is(BoxedTag::MagicRef)) return am_bool(ref.is(BoxedTag::Ref) && is_magic_numbers(local_ref_numbers(ref)));
  auto* data = ref.object()[2].as_raw_pointer<MagicData>();
  Scratch s(p);
  Builder b = s.room(2 * kIntegerWords + tuple_words(3));
  Term address = b.unsigned_integer(reinterpret_cast<Word>(data));
  Term holders = b.unsigned_integer(data->refs.load(std::memory_order_relaxed));
  return b.tuple({address, holders, am_bool(data->destroy == destroy_empty)});
}

// Every mode of time that there is works here.
BifResult get_check_time_config(Process& p, Term t) {
  Term correction = tuple_element(t, 1), mode = tuple_element(t, 2);
  bool known = (correction == am::true_ || correction == am::false_) &&
               (mode == am::no_time_warp || mode == am::single_time_warp || mode == am::multi_time_warp);
  return known ? BifResult(am::true_) : raise_badarg(p);
}

BifResult get_make_unique(Process& p, Term t) {
  UniqueInteger u;
  if (!as_u64(tuple_element(t, 1), &u.thread) || !as_u64(tuple_element(t, 2), &u.count)) return raise_badarg(p);
  Builder b = p.reserve(kUniqueIntegerWords);
  return build_unique_integer(b, u, false);
}

BifResult get_fake_bindings(Process& p, Term t) {
  BindType type;
  if (!bind_type_of_term(tuple_element(t, 1), &type)) return raise_badarg(p);
  Scratch s(p);
  return fake_scheduler_bindings(s, type);
}

BifResult get_reader_groups(Process& p, Term t) {
  i64 n;
  if (!as_i64(tuple_element(t, 1), &n) || n < 1 || n > kMaxCpuId) return raise_badarg(p);
  Scratch s(p);
  return cpu_groups_term(s, static_cast<int>(n));
}

struct GetTuple {
  Term key;
  u64 arity;
  BifResult (*get)(Process& p, Term t);
};
constexpr GetTuple kGetTuples[] = {
    {am::atom, 2, get_atom},
    {am::binary_info, 2, get_binary_info},
    {am::check_time_config, 3, get_check_time_config},
    {am::connection_id, 2, get_connection_id},
    {am::dist_ctrl, 2, get_dist_ctrl},
    {am::fake_scheduler_bindings, 2, get_fake_bindings},
    {am::internal_hash, 2, get_internal_hash},
    {am::link_list, 2, get_link_list},
    {am::magic_ref, 2, get_magic_ref},
    {am::make_unique_integer, 3, get_make_unique},
    {am::monitor_list, 2, get_monitor_list},
    {am::process_status, 2, get_process_status},
    {am::reader_groups_map, 2, get_reader_groups},
};

// ---- what is set ----

BifResult set_reds_left(Process& p, Term value) {
  i64 n;
  if (!as_i64(value, &n)) return raise_badarg(p);
  if (n >= 0 && n <= kReductions) p.reds = n;
  return am::true_;
}

// Everything stands still meanwhile; with `sleep` this thread only.
BifResult pause(Process& p, Term value, bool block) {
  i64 ms;
  if (!as_i64(value, &ms)) return raise_badarg(p);
  if (ms <= 0) return am::true_;
  if (block) schedulers_block();
  sleep_ms(ms);
  if (block) schedulers_unblock();
  return am::true_;
}
BifResult set_block(Process& p, Term value) { return pause(p, value, true); }
BifResult set_sleep(Process& p, Term value) { return pause(p, value, false); }

BifResult set_next_pid(Process& p, Term value) {
  u64 n;
  if (!as_u64(value, &n)) return raise_badarg(p);
  process_table_set_next(static_cast<u32>(n));
  return Term::small(process_table_next());
}
BifResult set_next_port(Process& p, Term value) {
  u64 n;
  if (!as_u64(value, &n)) return raise_badarg(p);
  port_table_set_next(n);
  return Term::small(port_table_next());
}

// Stock's next reservation collects; which one is never told, so the caller's own will do.
BifResult set_force_gc(Process& p, Term value) {
  if (!value.is_local_pid() || process_lookup_alive(value) == nullptr) return am::false_;
  p.heap_flags |= Heap::kForceCollect;
  return am::true_;
}

// As many free words as there are become garbage.
BifResult set_fill_heap(Process& p, Term value) {
  u64 left = p.free_words();
  if (left > kStackRedZone + 1) {
    u64 words = left - kStackRedZone;
    Term* filler = p.reserve(words).alloc(words);
    filler[0] = Term::header(BoxedTag::BigPos, words - 1);
    filler[1] = Term(~u64{0});
  }
  if (value == am::true_) p.heap_flags |= Heap::kForceMajor;
  return am::ok;
}

// A copy of a term in a fragment of the caller's heap.
BifResult set_mbuf(Process& p, Term value) {
  u64 words = copy_size(value);
  if (words == 0) return value;
  Fragment* f = fragment_new(words);
  Builder b = f->builder();
  Term copy = copy_term(value, b);
  p.attach(f);
  return copy;
}

BifResult set_binary(Process& p, Term value) {
  u64 size;
  if (!as_u64(value, &size)) return raise_badarg(p);
  if (size > u64{1} << 47) return am::false_;
  u8* bytes;
  Term t = p.reserve(binary_words(size)).binary_uninitialized(size, &bytes);
  std::memset(bytes, 0, size);
  return t;
}

BifResult set_make(Process& p, Term value) {
  if (value != am::magic_ref) return raise_badarg(p);
  Builder b = p.reserve(kMagicRefWords + kIntegerWords + tuple_words(2));
  auto* data = vm_new<MagicData>();
  data->numbers = make_magic_ref_numbers();
  data->destroy = destroy_empty;
  Term ref = b.magic_reference(data);
  Term address = b.unsigned_integer(reinterpret_cast<Word>(data));
  return b.tuple({ref, address});
}

BifResult set_monotonic_state(Process&, Term value) {
  u64 n;
  if (value.is_small() && value.small_value() < 0) {
    n = static_cast<u64>(value.small_value());
  } else if (!as_u64(value, &n)) {
    return am::false_;
  }
  monotonic_set_last(n);
  return am::true_;
}

BifResult set_test_long_gc_sleep(Process& p, Term value) {
  u64 ms;
  if (!as_u64(value, &ms)) return raise_badarg(p);
  test_long_gc_sleep_ms.store(static_cast<u32>(ms), std::memory_order_relaxed);
  return am::true_;
}

BifResult set_wait(Process& p, Term value) {
  if (value != am::deallocations && value != am::timer_cancellations && value != am::aux_work &&
      value != am::thread_progress) {
    return raise_badarg(p);
  }
  return debug_wait_completed(p);
}

BifResult set_multizero(Process& p, Term value) {
  i64 ms;
  if (!as_i64(value, &ms)) return raise_badarg(p);
  debug_start_zero_timers(p.id, ms < 0 ? 0 : static_cast<u64>(ms));
  return am::ok;
}

BifResult set_colliding_names(Process& p, Term value) {
  u64 n;
  if (!is_tuple_of(value, 2) || !tuple_element(value, 0).is_atom() || !as_u64(tuple_element(value, 1), &n)) {
    return raise_badarg(p);
  }
  Scratch s(p);
  return s.list(ets_colliding_names(tuple_element(value, 0), n));
}

BifResult set_kill_dist_connection(Process&, Term value) {
  DistEntry* e = connected(value);
  if (e == nullptr) return am::false_;
  u32 connection;
  {
    Guard guard(e->lock);
    connection = e->connection;
  }
  dist_kill(*e, connection);
  return am::true_;
}

// Nodes are never forgotten, so there is no time after which they are.
BifResult set_node_tab_delayed_delete(Process& p, Term value) {
  i64 ms;
  return as_i64(value, &ms) ? BifResult(am::ok) : raise_badarg(p);
}

// A process that takes messages off its heap has buffers for parallel senders on stock; here every
// in-queue takes them in parallel.
BifResult set_proc_sig_buffers(Process& p, Term value) {
  if (value != am::true_) return am::notsup;
  return am_bool((p.flags & kFlagOffHeapMessages) != 0);
}

// The process handles this signal for so many milliseconds.
struct BlockingSignal : CallSignal {
  i64 ms;
  explicit BlockingSignal(i64 n) : CallSignal(block), ms(n) {}
  static void block(Process* p, CallSignal* signal) {
    auto* s = static_cast<BlockingSignal*>(signal);
    if (p != nullptr && s->ms > 0) sleep_ms(s->ms);
    vm_delete(s);
  }
};
BifResult set_proc_sig_block(Process& p, Term value) {
  i64 ms;
  if (!is_tuple_of(value, 2) || !tuple_element(value, 0).is_local_pid() || !as_i64(tuple_element(value, 1), &ms)) {
    return raise_badarg(p);
  }
  Process* to = process_lookup_alive(tuple_element(value, 0));
  if (to == nullptr) return am::false_;
  signal_push_or_drop(*to, vm_new<BlockingSignal>(ms));
  return am::true_;
}

// Marks that receive counts with go on from here.
BifResult set_process_uniq_counter(Process& p, Term value) {
  i64 n;
  if (!as_i64(value, &n)) return raise_badarg(p);
  receive_marker_set_serial(p, static_cast<u32>(n));
  return am::ok;
}

BifResult set_abort(Process&, Term value) {
  std::fprintf(stderr, "%s\n", term_text(value).c_str());
  std::abort();
}

// On stock a dump in spite of broken data of the scheduler; no part of a dump here reads any.
BifResult set_broken_halt(Process&, Term value) { halt_with_slogan(term_text(value)); }

// BIFs whose work is cut by its size and not by turns.
BifResult set_notsup(Process&, Term) { return am::notsup; }

struct SetKey {
  Term key;
  BifResult (*set)(Process& p, Term value);
};
constexpr SetKey kSetKeys[] = {
    {am::abort, set_abort},
    {am::binary, set_binary},
    {am::binary_loop_limit, set_notsup},
    {am::block, set_block},
    {am::block_scheduler, set_sleep},
    {am::broken_halt, set_broken_halt},
    {am::colliding_names, set_colliding_names},
    {am::ets_force_trap, set_notsup},
    {am::fill_heap, set_fill_heap},
    {am::force_gc, set_force_gc},
    {am::jit_asm_dump, set_notsup},
    {am::kill_dist_connection, set_kill_dist_connection},
    {am::make, set_make},
    {am::mbuf, set_mbuf},
    {am::multizero_timeout_in_timeout, set_multizero},
    {am::next_pid, set_next_pid},
    {am::next_port, set_next_port},
    {am::node_tab_delayed_delete, set_node_tab_delayed_delete},
    {am::proc_sig_block, set_proc_sig_block},
    {am::proc_sig_buffers, set_proc_sig_buffers},
    {am::process_uniq_counter, set_process_uniq_counter},
    {am::re_loop_limit, set_notsup},
    {am::reds_left, set_reds_left},
    {am::sleep, set_sleep},
    {am::test_long_gc_sleep, set_test_long_gc_sleep},
    {am::unicode_loop_limit, set_notsup},
    {am::unique_monotonic_integer_state, set_monotonic_state},
    {am::wait, set_wait},
};

// As stock says it to whoever reads the log.
void tell_logger(Process& p) {
  Fragment* f = fragment_new(2 * kConsWords);
  Builder b = f->builder();
  bool alive = dist_is_alive();
  Term args = b.cons(p.id, alive ? b.cons(this_node()->name, Term::nil()) : Term::nil());
  const char* format =
      alive ? "Process ~p on node ~p enabled access to the emulator internal state.\n"
              "NOTE: This is an erts internal test feature and should *only* be used by OTP test-suites.\n"
            : "Process ~p enabled access to the emulator internal state.\n"
              "NOTE: This is an erts internal test feature and should *only* be used by OTP test-suites.\n";
  send_to_logger(&p, am::warning, format, args);
  fragments_free(f);
}

}  // namespace

BifResult erts_debug_get_internal_state_1(Process& p, Term* args) {
  Term what = args[0];
  if (!available) return raise_undef(p);
  if (what.is_atom()) {
    for (const GetKey& k : kGetKeys) {
      if (k.key == what) return k.get(p);
    }
  } else if (what.is_tuple() && tuple_arity(what) != 0) {
    for (const GetTuple& k : kGetTuples) {
      if (k.key == tuple_element(what, 0) && k.arity == tuple_arity(what)) return k.get(p, what);
    }
  }
  return raise_badarg(p);
}

BifResult erts_debug_set_internal_state_2(Process& p, Term* args) {
  Term what = args[0];
  Term value = args[1];
  if (what == am::available_internal_state && (value == am::true_ || value == am::false_)) {
    bool before = available.exchange(value == am::true_);
    if (value == am::true_) tell_logger(p);
    return am_bool(before);
  }
  if (!available) return raise_undef(p);
  for (const SetKey& k : kSetKeys) {
    if (k.key == what) return k.set(p, value);
  }
  return raise_badarg(p);
}

}  // namespace lintel
