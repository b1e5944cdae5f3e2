// Calling NIFs, and enif_schedule_nif.
//
// A dirty NIF asks for a dirty thread and to be called again: the scheduler moves the process there
// and the same call instruction runs once more. When it is done the process has no reductions left,
// so that it goes back to an ordinary scheduler at its next call.
//
// A scheduled NIF continues through a BIF of our own, erts_internal:nif_continue/2, which is in no
// table: its arguments are a magic reference to the function and the argument tuple.
#include <algorithm>

#include "vm/base/alloc.h"
#include "vm/code/backend.h"
#include "vm/code/export.h"
#include "vm/nif/library.h"
#include "vm/proc/exception.h"
#include "vm/proc/stacktrace.h"
#include "vm/proc/unique.h"
#include "vm/sched/dirty.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {
namespace {

struct ScheduledNif : MagicData {
  NifFunction function;
};

void scheduled_destroy(MagicData* d) {
  auto* s = static_cast<ScheduledNif*>(d);
  if (s->function.library != nullptr) nif_library_release(*s->function.library);
  vm_delete(s);
}

Export* continue_export = nullptr;

bool needs_other_thread(const Process& p, const NifFunction& f) {
  return f.flags != 0 && !on_dirty_thread(p) && p.sched != nullptr;
}

BifResult move_to_dirty(Process& p, unsigned flags) {
  DirtyKind kind = flags == ERL_NIF_DIRTY_JOB_IO_BOUND ? DirtyKind::Io : DirtyKind::Cpu;
  p.dirty_kind = static_cast<u8>(kind);
  p.outcome = BifOutcome::Yield;
  return Term::none();
}

BifResult run(Process& p, NifFunction& f, const Term* args, u32 arity) {
  enif_environment_t env;
  env.process = &p;
  env.library = f.library;
  static_assert(sizeof(Term) == sizeof(ERL_NIF_TERM));
  bool is_dirty = p.sched != nullptr && on_dirty_thread(p);
  Term result;
  {
    DirtyNative section;  // does nothing on an ordinary scheduler
    result = to_term(f.fn(&env, static_cast<int>(arity),
                          reinterpret_cast<const ERL_NIF_TERM*>(args)));
  }
  if (env.fragments != nullptr) p.attach(env.take_fragments());
  if (is_dirty) p.reds = 0;
  if (VM_UNLIKELY(env.scheduled != nullptr)) {
    auto* s = vm_new<ScheduledNif>();
    s->numbers = make_magic_ref_numbers();
    s->destroy = scheduled_destroy;
    s->function = *env.scheduled;
    vm_delete(env.scheduled);
    if (s->function.library != nullptr) nif_library_retain(*s->function.library);
    LocalRoots<1> roots(p, env.scheduled_args);
    Builder b = p.reserve(kMagicRefWords);
    return trap(p, continue_export, {b.magic_reference(s), roots[0]});
  }
  if (VM_UNLIKELY(env.is_raised || result.is_none())) {
    BifResult r = raise_error(p, env.is_raised ? env.exception : am::badarg);
    // The NIF heads the stack trace, with its arguments.
    exception_save_trace_of(p, f.module, f.name, args, arity);
    return r;
  }
  return result;
}

BifResult nif_continue(Process& p, Term* args) {
  auto* s = static_cast<ScheduledNif*>(args[0].object()[2].as_raw_pointer<MagicData>());
  if (needs_other_thread(p, s->function)) return move_to_dirty(p, s->function.flags);
  // In code, arguments of a NIF are registers; here they stand in a tuple, which does not move.
  u32 arity = static_cast<u32>(tuple_arity(args[1]));
  Term copy[256];
  std::copy_n(tuple_elements(args[1]), arity, copy);
  return run(p, s->function, copy, arity);
}

BifEntry continue_entry = {"erts_internal", "nif_continue", 2, BifKind::Normal, nif_continue, nullptr};

}  // namespace

BifResult nif_call(Process& p, NifFunction* f, Term* args, u32 arity) {
  if (VM_UNLIKELY(needs_other_thread(p, *f))) return move_to_dirty(p, f->flags);
  return run(p, *f, args, arity);
}

void nif_init() {
  engine.nif_call = nif_call;
  continue_export = export_get(am::erts_internal, atom_intern("nif_continue"), 2);
  continue_export->bif = &continue_entry;
  continue_entry.export_entry = continue_export;
  continue_entry.body = continue_entry.fn;
  engine.link_export(continue_export);
}

}  // namespace lintel

using namespace lintel;

extern "C" {

ERL_NIF_TERM enif_schedule_nif(ErlNifEnv* env, const char* name, int flags,
                               ERL_NIF_TERM (*fn)(ErlNifEnv*, int, const ERL_NIF_TERM[]), int argc,
                               const ERL_NIF_TERM argv[]) {
  bool is_known = flags == 0 || flags == ERL_NIF_DIRTY_JOB_CPU_BOUND ||
                  flags == ERL_NIF_DIRTY_JOB_IO_BOUND;
  if (!is_known || argc < 0 || argc > 255) return enif_make_badarg(env);
  if (env->scheduled == nullptr) env->scheduled = vm_new<NifFunction>();
  *env->scheduled = {fn, static_cast<unsigned>(flags), static_cast<u32>(argc),
                     env->library != nullptr ? env->library->module : am::undefined,
                     atom_intern_latin1(name), env->library};
  env->scheduled_args = to_term(enif_make_tuple_from_array(env, argv, static_cast<unsigned>(argc)));
  return kNifException;
}

// True when the time slice is used up and the NIF should return soon.
int enif_consume_timeslice(ErlNifEnv* env, int percent) {
  VM_CHECK(percent >= 1 && percent <= 100);
  if (env->process == nullptr) return 0;
  i64 cost = kReductions * percent / 100;
  env->process->bump_reductions(cost);
  return env->process->reds <= 0;
}

int enif_thread_type(void) {
  if (this_scheduler == nullptr) return ERL_NIF_THR_UNDEFINED;
  switch (this_scheduler->kind) {
    case SchedulerKind::DirtyCpu: return ERL_NIF_THR_DIRTY_CPU_SCHEDULER;
    case SchedulerKind::DirtyIo: return ERL_NIF_THR_DIRTY_IO_SCHEDULER;
    default: return ERL_NIF_THR_NORMAL_SCHEDULER;
  }
}

}  // extern "C"
