// process_info/1,2. Each item is built in a fragment of its own by the process that is asked about:
// at once when it asks about itself, else when it handles the request. The fragments then go to the
// asking process's heap as they are.
#include <cstdio>
#include <string>
#include <algorithm>
#include <vector>

#include "bifs/process_info.h"
#include "bifs/process_options.h"
#include "bifs/scratch.h"
#include "vm/code/export.h"
#include "vm/diag/saved_calls.h"
#include "vm/heap/copy.h"
#include "vm/proc/dictionary.h"
#include "vm/proc/exception.h"
#include "vm/proc/gc_info.h"
#include "vm/proc/links.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/tracing.h"
#include "vm/proc/reply.h"
#include "vm/proc/stacktrace.h"
#include "vm/proc/unique.h"
#include "vm/sched/scheduler.h"
#include "vm/sched/long_work.h"
#include "vm/term/atom.h"
#include "vm/term/node.h"

namespace lintel {

namespace {

u64 memory_bytes(const Process& p) {
  return sizeof(Process) + p.total_words() * kWordBytes + p.mailbox.length * sizeof(Message) +
         mailbox_outside_words(p) * kWordBytes + relations_memory_bytes(p) +
         dictionary_memory_bytes(p);
}

Term status(const Process& p, bool self) {
  if (self) return am::running;
  if (p.exiting) return am::exiting;
  if (p.suspend_count != 0) return am::suspended;
  return p.waiting ? am::waiting : am::running;
}

Term links_of(const Process& p, Pieces& a) {
  std::vector<Term> peers;
  if (p.relations != nullptr) {
    p.relations->links.each([&](LinkRecord& l) {
      if (l.unlink_id == 0) peers.push_back(a.copy(l.peer));
    });
  }
  return a.list(peers);
}

Term monitors_of(const Process& p, Pieces& a) {
  std::vector<Term> items;
  if (p.relations != nullptr) {
    p.relations->monitors.each([&](MonitorRecord& m) {
      if (m.type != MonitorType::Process && m.type != MonitorType::Port) return;
      if (m.target.is_none() && m.name.is_none()) return;
      if (m.target == am::pending) return;
      Builder b = a.room(2 * tuple_words(2));
      Term node = m.node.is_none() ? this_node()->name : m.node;
      Term what = m.name.is_none() ? a.copy(m.target) : b.tuple({m.name, node});
      items.push_back(b.tuple({m.type == MonitorType::Port ? am::port : am::process, what}));
    });
  }
  return a.list(items);
}

Term monitored_by(const Process& p, Pieces& a) {
  std::vector<Term> items;
  if (p.relations != nullptr) {
    p.relations->watchers.each([&](WatcherRecord& w) {
      if (!w.watcher.is_none()) items.push_back(a.copy(w.watcher));
    });
  }
  return a.list(items);
}

Term suspending(const Process& p, Pieces& a) {
  std::vector<Term> items;
  if (p.relations != nullptr) {
    p.relations->suspends.each([&](SuspendRecord& s) {
      Builder b = a.room(tuple_words(3));
      items.push_back(b.tuple({s.suspendee, Term::small(static_cast<i64>(s.count)), Term::small(0)}));
    });
  }
  return a.list(items);
}

Term messages_of(const Process& p, Pieces& a) {
  std::vector<Term> items;
  for (Message* m = p.mailbox.first; m != nullptr; m = static_cast<Message*>(m->next)) {
    items.push_back(a.copy(m->value));
  }
  return a.list(items);
}

// The oldest first.
Term last_calls(const Process& p, Pieces& a) {
  const SavedCalls* saved = saved_calls_of(p);
  if (saved == nullptr) return am::false_;
  std::vector<Term> items;
  for (u64 i = 0; i < saved->calls.size(); i++) {
    const SavedCall& c = saved->oldest(i);
    items.push_back(c.module.is_none() ? c.function : a.tuple({c.module, c.function, Term::small(c.arity)}));
  }
  return a.list(items);
}

Term dictionary_of(const Process& p, Pieces& a) {
  struct State {
    Pieces* pieces;
    std::vector<Term> items;
  } state{&a, {}};
  dictionary_each(
      p,
      [](Term key, Term value, void* data) {
        auto* s = static_cast<State*>(data);
        Term k = s->pieces->copy(key);
        Term v = s->pieces->copy(value);
        Builder b = s->pieces->room(tuple_words(2));
        s->items.push_back(b.tuple({k, v}));
      },
      &state);
  // In the order of erlang:get/0; programs compare the two.
  std::reverse(state.items.begin(), state.items.end());
  return a.list(state.items);
}

Term binaries_of(const Process& p, Pieces& a) {
  std::vector<Term> items;
  for (const OffHeap* list : {&p.off_heap, &p.old_off_heap}) {
    for (OffHeapObject* o = list->first; o != nullptr; o = o->next) {
      if (o->header.header_tag() != BoxedTag::RefcBinary) continue;
      auto* binary = reinterpret_cast<RefcBinary*>(o);
      Builder b = a.room(tuple_words(3) + 3 * kIntegerWords);
      Term id = b.unsigned_integer(reinterpret_cast<Word>(binary->data));
      Term size = b.unsigned_integer(binary->data->capacity);
      Term refs = b.unsigned_integer(binary->data->refs.load(std::memory_order_relaxed));
      items.push_back(b.tuple({id, size, refs}));
    }
  }
  return a.list(items);
}

Term garbage_collection(const Process& p, Pieces& a) {
  Builder b = a.room(5 * (kConsWords + tuple_words(2) + kIntegerWords) + kMaxHeapMapWords);
  auto row = [&](Term key, Term value, Term rest) { return b.cons(b.tuple({key, value}), rest); };
  Term list = row(am::minor_gcs, Term::small(p.minor_since_major), Term::nil());
  list = row(am::fullsweep_after, Term::small(p.fullsweep_after), list);
  list = row(am::min_heap_size, Term::small(p.min_heap_words), list);
  list = row(am::min_bin_vheap_size, Term::small(static_cast<i64>(p.min_vheap_words)), list);
  Term max = build_max_heap(b, p.max_heap_words, (p.flags & kFlagMaxHeapKill) != 0,
                            (p.flags & kFlagMaxHeapLog) != 0);
  return row(am::max_heap_size, max, list);
}

// {M, F, A} of where the process is.
Term current_function(const Process& p, Pieces& a) {
  Term module, function;
  u32 arity;
  if ((p.flags & kFlagHibernated) != 0) {
    Builder b = a.room(tuple_words(3));
    return b.tuple({am::erlang, am::hibernate, Term::small(3)});
  }
  if (!process_current_function(p, &module, &function, &arity)) {
    // Before its first turn it is about to be in the function it was made for.
    if (p.exiting) return am::undefined;
    Builder b = a.room(tuple_words(3));
    return b.tuple({p.initial_mfa[0], p.initial_mfa[1], p.initial_mfa[2]});
  }
  Builder b = a.room(tuple_words(3));
  return b.tuple({module, function, Term::small(arity)});
}

Term stacktrace(Process& p, Pieces& a, bool self) {
  if (!self) p.live = 0;
  return a.copy(process_stacktrace(p, p, backtrace_depth));
}

Term current_location(Process& p, Pieces& a, bool self) {
  if (const BifEntry* bif = p.suspended_bif) {
    const Export& e = *bif->export_entry;
    Builder b = a.room(tuple_words(4));
    return b.tuple({e.module, e.function, Term::small(bif->arity), Term::nil()});
  }
  Term trace = stacktrace(p, a, self);
  if (trace.is_list()) return trace.head();
  Builder b = a.room(tuple_words(4));
  return b.tuple({p.initial_mfa[0], p.initial_mfa[1], p.initial_mfa[2], Term::nil()});
}

Term backtrace(Process& p, Pieces& a, bool self) {
  std::string text;
  char line[512];
  Term module, function;
  u32 arity;
  if (process_current_function(p, &module, &function, &arity)) {
    std::snprintf(line, sizeof line, "Program counter: %p (%.*s:%.*s/%u)\n",
                  static_cast<const void*>(p.pc), static_cast<int>(atom_name(module).size()),
                  atom_name(module).data(), static_cast<int>(atom_name(function).size()),
                  atom_name(function).data(), arity);
    text += line;
  }
  for (Term trace = stacktrace(p, a, self); trace.is_list(); trace = trace.tail()) {
    Term item = trace.head();
    std::string_view m = atom_name(tuple_element(item, 0));
    std::string_view f = atom_name(tuple_element(item, 1));
    std::snprintf(line, sizeof line, "Return addr (%.*s:%.*s/%d)\n", static_cast<int>(m.size()),
                  m.data(), static_cast<int>(f.size()), f.data(),
                  static_cast<int>(tuple_element(item, 2).is_small() ? tuple_element(item, 2).small_value() : 0));
    text += line;
  }
  Builder b = a.room(binary_words(text.size()));
  return b.binary(text.data(), text.size());
}

void print_backtrace(Process& p, bool self) {
  if ((p.flags & kFlagSensitive) != 0) return;
  Pieces a;
  Bits text = bits_of(backtrace(p, a, self));
  std::fwrite(text.base, 1, text.byte_size(), stderr);
  fragments_free(a.take());
}

i64 reductions(const Process& p) {
  // What it used in this turn is not in its total yet.
  i64 now = p.sched != nullptr && p.sched->current == &p ? p.sched->turn_budget - p.reds : 0;
  return p.reds_total + (now > 0 ? now : 0);
}

// The value of an item, or none when there is no such item.
Term item_value(Process& p, Term item, Pieces& a, bool self) {
  if (VM_UNLIKELY((p.flags & kFlagSensitive) != 0)) {
    if (item == am::messages || item == am::dictionary) return Term::nil();
    if (item == am::backtrace) return a.room(binary_words(0)).binary("", 0);
  }
  auto words = [](u64 n) { return Term::small(static_cast<i64>(n)); };
  switch (item.is_atom() ? item.atom_index() : am::kCount) {
    case am::index_backtrace: return backtrace(p, a, self);
    case am::index_binary: return binaries_of(p, a);
    case am::index_catchlevel: return words(p.catches);
    case am::index_current_function: return current_function(p, a);
    case am::index_current_location: return current_location(p, a, self);
    case am::index_current_stacktrace: return stacktrace(p, a, self);
    case am::index_dictionary: return dictionary_of(p, a);
    case am::index_error_handler:
      return p.error_handler.is_none() ? am::error_handler : p.error_handler;
    case am::index_fullsweep_after: return words(p.fullsweep_after);
    case am::index_garbage_collection: return garbage_collection(p, a);
    case am::index_garbage_collection_info: {
      Builder b = a.room(kGcInfoWords);
      return build_gc_info(b, p);
    }
    case am::index_group_leader: return a.copy(p.group_leader);
    case am::index_heap_size: return words(static_cast<u64>(p.end - p.start));
    case am::index_initial_call: {
      Builder b = a.room(tuple_words(3));
      return b.tuple({p.initial_mfa[0], p.initial_mfa[1], p.initial_mfa[2]});
    }
    case am::index_last_calls: return last_calls(p, a);
    case am::index_links: return links_of(p, a);
    case am::index_magic_ref: return Term::nil();
    case am::index_max_heap_size: {
      Builder b = a.room(kMaxHeapMapWords);
      return build_max_heap(b, p.max_heap_words, (p.flags & kFlagMaxHeapKill) != 0,
                            (p.flags & kFlagMaxHeapLog) != 0);
    }
    case am::index_memory: return words(memory_bytes(p));
    case am::index_message_queue_data:
      return (p.flags & kFlagOffHeapMessages) != 0 ? am::off_heap : am::on_heap;
    case am::index_message_queue_len: return words(p.mailbox.length);
    case am::index_messages: return messages_of(p, a);
    case am::index_min_bin_vheap_size: return words(p.min_vheap_words);
    case am::index_min_heap_size: return words(p.min_heap_words);
    case am::index_monitored_by: return monitored_by(p, a);
    case am::index_monitors: return monitors_of(p, a);
    case am::index_parent: return a.copy(p.parent);
    case am::index_priority: return priority_atom(p.priority);
    case am::index_reductions: return Term::small(reductions(p));
    case am::index_registered_name: return p.registered_name.load(std::memory_order_relaxed);
    case am::index_sequential_trace_token: return a.copy(seq_trace_token(p));
    case am::index_stack_size: return words(p.stack_words());
    case am::index_status: return status(p, self);
    case am::index_suspending: return suspending(p, a);
    case am::index_total_heap_size: return words(p.total_words());
    case am::index_trace: return Term::small(p.trace_flags & kTraceeFlags);
    case am::index_trap_exit: return am_bool((p.flags & kFlagTrapExit) != 0);
    default: return Term::none();
  }
}

constexpr Term kDefaultItems[] = {
    am::registered_name, am::current_function, am::initial_call, am::status, am::message_queue_len,
    am::links, am::dictionary, am::trap_exit, am::error_handler, am::priority, am::group_leader,
    am::total_heap_size, am::heap_size, am::stack_size, am::reductions, am::garbage_collection,
    am::suspending};

constexpr Term kItems[] = {
    am::backtrace, am::binary, am::catchlevel, am::current_function, am::current_location,
    am::current_stacktrace, am::dictionary, am::error_handler, am::fullsweep_after, am::garbage_collection,
    am::garbage_collection_info, am::group_leader, am::heap_size, am::initial_call,
    am::last_calls, am::links, am::magic_ref, am::max_heap_size, am::memory,
    am::message_queue_data, am::message_queue_len, am::messages, am::min_bin_vheap_size,
    am::min_heap_size, am::monitored_by, am::monitors, am::parent, am::priority, am::reductions,
    am::registered_name, am::sequential_trace_token, am::stack_size, am::status, am::suspending,
    am::total_heap_size, am::trace, am::trap_exit};

bool is_item(Term t) {
  if (!t.is_atom()) return false;
  for (Term item : kItems) {
    if (item == t) return true;
  }
  return false;
}

// What is asked for: one item, a list of them, or process_info/1's set (none).
Term answer(Process& p, Term spec, Pieces& a, bool self) {
  auto pair = [&](Term item, Term value) {
    Builder b = a.room(tuple_words(2));
    return b.tuple({item, value});
  };
  if (spec.is_atom()) {
    Term value = item_value(p, spec, a, self);
    // The one item that has no value at all when there is none.
    if (spec == am::registered_name && value.is_nil()) return Term::nil();
    return pair(spec, value);
  }
  std::vector<Term> rows;
  if (spec.is_none()) {
    for (Term item : kDefaultItems) {
      Term value = item_value(p, item, a, self);
      if (item == am::registered_name && value.is_nil()) continue;
      rows.push_back(pair(item, value));
    }
  } else {
    std::vector<Term> items;  // item_value may collect
    for (; spec.is_list(); spec = spec.tail()) items.push_back(spec.head());
    // Who asks for the messages of a sensitive process gets to know nothing of how many there are.
    bool hidden = false;
    for (Term item : items) {
      hidden = hidden || (item == am::messages && (p.flags & kFlagSensitive) != 0);
      bool no_length = hidden && item == am::message_queue_len;
      rows.push_back(pair(item, no_length ? Term::small(0) : item_value(p, item, a, self)));
    }
  }
  return a.list(rows);
}

BifResult process_info(Process& p, Term pid, Term spec) {
  if (!pid.is_local_pid()) {
    if (pid.is_pid() && node_of(pid)->name == this_node()->name) return am::undefined;
    return raise_badarg(p);
  }
  if (pid == p.id) {
    signals_fetch(p);
    if (p.exiting) {
      p.outcome = BifOutcome::Exit;
      return Term::none();
    }
    constexpr u64 kListedAtOnce = 10000;
    if (is_long_work(p, std::max(p.mailbox.length, dictionary_count(p)), kListedAtOnce)) {
      return spec.is_none() ? run_on_dirty(p, DirtyKind::Cpu, {pid}) : run_on_dirty(p, DirtyKind::Cpu, {pid, spec});
    }
    Pieces a;
    Term value = answer(p, spec, a, true);
    if (Fragment* pieces = a.take()) p.attach(pieces);
    return value;
  }
  if (process_lookup(pid) == nullptr) return am::undefined;
  RefNumbers ref = make_ref_numbers();
  auto* r = vm_new<Request>(p.id, ref, [](Process* target, Request& request, Fragment** f, u64 extra) {
    if (target == nullptr) return am::undefined;
    Pieces a;
    Term value = answer(*target, request.args[0], a, false);
    (void)a.room(extra);
    *f = a.take();
    return value;
  });
  if (!spec.is_none()) r->args[0] = request_keep(*r, spec);
  mailbox_save_at_end(p);
  signal_push_to_or_drop(pid, r);
  Builder b = p.reserve(kRefWords);
  return trap(p, export_get(am::erts_internal, am::await_result, 1), {b.reference(ref)});
}

}  // namespace

void process_info_items_each(void (*f)(Term, void*), void* data) {
  for (Term item : kItems) f(item, data);
}

// The backtrace of a process as text on standard error, written by the process itself.
BifResult erts_internal_process_display_2(Process& p, Term* args) {
  if (args[1] != am::backtrace) return am::badopt;
  if (!args[0].is_local_pid()) return am::badarg;
  if (args[0] == p.id) {
    print_backtrace(p, true);
    return am::true_;
  }
  if (process_lookup_alive(args[0]) == nullptr) return am::badarg;
  RefNumbers ref = make_ref_numbers();
  auto* r = vm_new<Request>(p.id, ref, [](Process* target, Request&, Fragment**, u64) {
    if (target == nullptr) return am::badarg;
    print_backtrace(*target, false);
    return am::true_;
  });
  mailbox_save_at_end(p);
  signal_push_to_or_drop(args[0], r);
  Builder b = p.reserve(kRefWords);
  return b.reference(ref);
}

BifResult erlang_process_info_1(Process& p, Term* args) {
  return process_info(p, args[0], Term::none());
}

BifResult erlang_process_info_2(Process& p, Term* args) {
  Term spec = args[1];
  if (!spec.is_atom()) {
    Term list = spec;
    for (; list.is_list(); list = list.tail()) {
      if (!is_item(list.head())) return raise_badarg(p);
    }
    if (!list.is_nil()) return raise_badarg(p);
  } else if (!is_item(spec)) {
    return raise_badarg(p);
  }
  return process_info(p, args[0], spec);
}

}  // namespace lintel
