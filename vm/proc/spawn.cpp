#include "vm/proc/spawn.h"

#include <algorithm>

#include "vm/code/backend.h"
#include "vm/heap/copy.h"
#include "vm/proc/dictionary.h"
#include "vm/proc/exit.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/tracing.h"
#include "vm/term/atom.h"

namespace lintel {

SpawnDefaults spawn_defaults;

namespace {

alignas(64) std::atomic<u64> births{0};

void visit_process_roots(Heap& heap, RootVisitor& visitor) {
  auto& p = static_cast<Process&>(heap);
  visitor.visit(p.saved_x, p.saved_count);
  visitor.visit(&p.exc_reason, 1);
  visitor.visit(&p.exc_trace, 1);
  visitor.visit(&p.exc_args, 1);
  visitor.visit(&p.exc_info, 1);
  visitor.visit(&p.exit_reason, 1);
  visitor.visit(&p.group_leader, 1);
  visitor.visit(&p.parent, 1);
  if (VM_UNLIKELY(p.trace != nullptr)) trace_visit_roots(p, visitor);
  mailbox_visit_roots(p, visitor);
  dictionary_visit_roots(p, visitor);
}

u64 list_cells(Term list) {
  u64 n = 0;
  for (; list.is_list(); list = list.tail()) n++;
  return n;
}

}  // namespace

Process* process_spawn(Process* parent, Term module, Term function, Term args,
                       const SpawnOptions& options) {
  auto* p = vm_new<Process>();
  p->visit_owner_roots = visit_process_roots;
  p->min_heap_words = options.min_heap_words;
  p->min_vheap_words = options.min_vheap_words;
  p->fullsweep_after = options.fullsweep_after;
  p->max_heap_words = options.max_heap_words;
  p->priority = options.priority;
  if (options.max_heap_kill) p->flags |= kFlagMaxHeapKill;
  if (options.max_heap_log) p->flags |= kFlagMaxHeapLog;
  if (options.off_heap_messages) p->flags |= kFlagOffHeapMessages;
  if (options.scheduler != 0) {
    p->home = options.scheduler - 1;
    p->bound = true;
  } else if (parent != nullptr) {
    p->home = parent->home;
  }
  p->start_unique = births.fetch_add(1, std::memory_order_relaxed);

  // The first process leads its own group, and those of the VM.
  Term leader = parent != nullptr ? parent->group_leader : Term::pid(0);
  Term ancestor = parent != nullptr ? parent->id : am::undefined;
  if (options.remote != nullptr) {
    leader = options.remote->group_leader;
    ancestor = options.remote->parent;
  }
  u64 need = copy_size(args) + copy_size(leader) + copy_size(ancestor);
  u64 first = need + kStackRedZone + 8;
  p->init(first > options.min_heap_words ? first : options.min_heap_words);
  {
    Builder b = p->reserve(need);
    p->saved_x[2] = copy_term(args, b);
    p->group_leader = copy_term(leader, b);
    p->parent = copy_term(ancestor, b);
  }
  p->saved_x[0] = module;
  p->saved_x[1] = function;
  p->saved_count = 3;
  p->live = 0;
  p->pc = engine.apply_start;
  *--p->sp = Term::interp_return(engine.normal_exit);
  p->initial_mfa[0] = module;
  p->initial_mfa[1] = function;
  p->initial_mfa[2] = Term::small(static_cast<i64>(list_cells(args)));
  if (options.remote != nullptr) std::copy_n(options.remote->mfa, 3, p->initial_mfa);
  // Queued from the start, so that no signal puts it into a run queue before it is complete.
  p->state.store(kStateQueued | (options.system_process ? kStateSystem : 0u), std::memory_order_relaxed);

  if (parent != nullptr && options.link) link_record_add(*p, parent->id);
  if (parent != nullptr && options.monitor) {
    relations_of(*p).watchers.insert(vm_new<WatcherRecord>(
        WatcherRecord{nullptr, options.monitor_ref, parent->id, Term::none(), nullptr}));
  }
  if (!process_table_insert(*p)) {
    process_free_parts(*p);
    vm_delete(p);
    return nullptr;
  }
  if (parent != nullptr && options.link) link_record_add(*parent, p->id);
  if (parent != nullptr && options.monitor) {
    monitor_record_add(*parent, MonitorType::Process, p->id, Term::none(), options.monitor_ref,
                       options.monitor_options);
  }
  if (VM_UNLIKELY(trace_new_processes.load(std::memory_order_relaxed))) trace_new_process(*p);
  if (parent != nullptr && VM_UNLIKELY((parent->trace_flags | p->trace_flags) != 0)) {
    if ((parent->trace_flags & kTraceHasToken) != 0) {
      seq_trace_spawning(*parent, *p, module, function, args, options.link, options.monitor);
    }
    trace_spawned(*parent, *p, module, function, args, options.link);
  }
  if (!options.held) process_enqueue(*p);
  return p;
}

void process_start(Process& p) { process_enqueue(p); }

}  // namespace lintel
