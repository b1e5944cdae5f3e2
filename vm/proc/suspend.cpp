#include "vm/proc/suspend.h"

#include "vm/proc/process_table.h"
#include "vm/proc/send.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

struct SuspendCall : CallSignal {
  Term from;
  RefNumbers ref{};
  bool wants_reply = false;
  u64 count = 1;
  SuspendCall(void (*f)(Process*, CallSignal*), Term from_pid) : CallSignal(f), from(from_pid) {}
};

void reply(const SuspendCall& s, Term answer) {
  if (!s.wants_reply) return;
  Fragment* f = fragment_new(kRefWords + tuple_words(2));
  Builder b = f->builder();
  Term ref = b.reference(s.ref);
  send_fragment_to(s.from, b.tuple({ref, answer}), f);
}

void suspend_run(Process* p, CallSignal* signal) {
  auto* s = static_cast<SuspendCall*>(signal);
  if (p != nullptr) p->suspend_count++;
  reply(*s, p != nullptr ? am::true_ : am::noproc);
  vm_delete(s);
}

void resume_run(Process* p, CallSignal* signal) {
  auto* s = static_cast<SuspendCall*>(signal);
  if (p != nullptr) {
    VM_ASSERT(p->suspend_count >= s->count);
    p->suspend_count -= static_cast<u32>(s->count);
  }
  vm_delete(s);
}

}  // namespace

void process_suspend(Term from, Term suspendee, const RefNumbers* ref) {
  auto* s = vm_new<SuspendCall>(suspend_run, from);
  if (ref != nullptr) {
    s->wants_reply = true;
    s->ref = *ref;
  }
  signal_push_to_or_drop(suspendee, s);
}

void process_resume(Term from, Term suspendee, u64 count) {
  auto* s = vm_new<SuspendCall>(resume_run, from);
  s->count = count;
  signal_push_to_or_drop(suspendee, s);
}

}  // namespace lintel
