// What the literal area collector (an Erlang process) calls: it takes the areas of purged modules one
// after another and asks every process to copy what it still holds of them.
#include "bifs/process_options.h"
#include "vm/code/code_server.h"
#include "vm/heap/literals.h"
#include "vm/proc/exception.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/reply.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

// Runs in the process asked. Its copies stay valid for whoever has read them; a collection follows
// in its next turn.
Term copy_literals(Process* target, Request& r, Fragment**, u64) {
  const LiteralArea* area = leaving_literal_area.load(std::memory_order_acquire);
  if (target != nullptr && area != nullptr) {
    mailbox_attach_all(*target);
    target->collect_with_literal_area(*area);
  }
  return am::ok;
}

}  // namespace

BifResult erts_literal_area_collector_release_area_switch_0(Process& p, Term*) {
  if (!is_system_process_of(p, am::erts_literal_area_collector)) return raise_notsup(p);
  // Nobody is between measuring a term and copying it, or has a copy in hand that is not sent yet.
  schedulers_block();
  bool more = literal_release_next();
  schedulers_unblock();
  return am_bool(more);
}

// send_copy_request(Pid, {Area, How, Pid}, How): {copy_literals, {Area, How, Pid}, ok} comes back.
BifResult erts_literal_area_collector_send_copy_request_3(Process& p, Term* args) {
  if (!is_system_process_of(p, am::erts_literal_area_collector)) return raise_notsup(p);
  if (!args[0].is_local_pid() || !args[2].is_atom()) return raise_badarg(p);
  Builder b = p.reserve(tuple_words(3));
  Term tag = b.tuple({args[1], args[2], args[0]});
  auto* r = vm_new<Request>(p.id, RefNumbers{}, copy_literals);
  r->args[2] = am::copy_literals;
  r->arity = 3;
  r->walks_heap = true;
  r->reply_tag = request_keep(*r, tag);
  signal_push_to_or_drop(args[0], r);
  return am::ok;
}

}  // namespace lintel
