#include "vm/proc/exit.h"

#include <time.h>

#include <cstdio>
#include <cstring>

#include "vm/base/quiesce.h"
#include "vm/heap/copy.h"
#include "vm/proc/dictionary.h"
#include "vm/proc/links.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/registry.h"
#include "vm/proc/remote.h"
#include "vm/proc/send.h"
#include "vm/proc/stacktrace.h"
#include "vm/proc/tracing.h"
#include "vm/term/atom.h"
#include "vm/term/print.h"
#include "vm/term/node.h"

namespace lintel {

namespace {

constexpr u32 kMaxExitHooks = 8;
bool (*exit_hooks[kMaxExitHooks])(Process&);
u32 exit_hook_count = 0;

std::atomic<Word> logger{am::logger.bits()};

// Exit phases; see exit.h. Values below kLeaveTable are indices into exit_hooks.
constexpr u8 kLeaveTable = 100;
constexpr u8 kFire = 101;
constexpr u8 kOver = 102;

}  // namespace

void process_add_exit_hook(bool (*hook)(Process&)) {
  VM_CHECK(exit_hook_count < kMaxExitHooks);
  exit_hooks[exit_hook_count++] = hook;
}

Term system_logger() { return Term(logger.load(std::memory_order_relaxed)); }
void system_logger_set(Term to) { logger.store(to.bits(), std::memory_order_relaxed); }

// ---- exit signals ----

void send_exit_signal(Term from, Term to, Term reason, bool linked, Process* exiting) {
  bool has_token = exiting != nullptr && (exiting->trace_flags & kTraceHasToken) != 0;
  if (VM_UNLIKELY(has_token)) seq_trace_exiting(*exiting, to, reason);
  // Room for {'EXIT', From, Reason}, should the receiver trap exits.
  u64 token_words = has_token ? copy_size(seq_trace_token(*exiting)) : 0;
  Fragment* f = fragment_new(tuple_words(3) + copy_size(reason) + token_words);
  Builder b = f->builder();
  Term why = copy_term(reason, b);
  Term token = has_token ? copy_term(seq_trace_token(*exiting), b) : Term::nil();
  auto* s = vm_new<ExitSignal>(linked ? SignalKind::ExitLinked : SignalKind::Exit, from, why, f);
  s->token = token;
  signal_push_to_or_drop(to, s);
}

namespace {
// The link is gone and the process is not.
void trace_unlinked(Process& p, Term from) {
  if (VM_UNLIKELY((p.trace_flags & kTraceProcs) != 0)) trace_process_event(p, am::getting_unlinked, from);
}
}  // namespace

void exit_signal_received(Process& p, ExitSignal* s) {
  bool linked = s->kind == SignalKind::ExitLinked;
  if (linked) {
    LinkRecord* r = nullptr;
    if (p.relations != nullptr) {
      r = p.relations->links.find(hash_id(s->from), [&](LinkRecord& l) {
        return same_id(l.peer, s->from) && l.connection == s->connection;
      });
    }
    if (r == nullptr) return signal_undeliverable(s);
    if (r->connection != 0) remote_hooks.link_removed(p.id, r->peer, r->connection);
    bool active = r->unlink_id == 0;
    p.relations->links.remove(r);
    vm_free(r);
    if (!active) return signal_undeliverable(s);
  }
  bool untrappable = !linked && s->reason == am::kill;
  if ((p.flags & kFlagTrapExit) != 0 && !untrappable) {
    Builder b = s->fragment->builder();
    Term message = b.tuple({am::EXIT, s->from, s->reason});
    if (linked) trace_unlinked(p, s->from);
    mailbox_receive(p, vm_new<Message>(SignalKind::Message, message, s->fragment, s->token));
    vm_free(s);
    return;
  }
  if (s->reason == am::normal && s->from != p.id) {
    if (linked) trace_unlinked(p, s->from);
    return signal_undeliverable(s);
  }
  Term reason = untrappable ? am::killed : s->reason;
  p.attach(s->fragment);
  vm_free(s);
  process_set_exiting(p, reason);
}

// ---- the end of a process ----

void process_set_exiting(Process& p, Term reason) {
  if (p.exiting) return;
  p.exiting = true;
  p.exit_reason = reason;
  p.waiting = false;
  p.reds = 0;  // what it runs now ends at the next call
  // Partner: registry_register.
  p.state.fetch_or(kStateExiting, std::memory_order_seq_cst);
}

void process_terminated(Process& p) {
  if (p.exiting) return;
  bool report = p.exc_class != ExcClass::Exit;
  p.saved_count = 0;
  p.live = 0;
  Term reason = exception_exit_reason(p);
  p.exc_trace = p.exc_args = p.exc_info = Term::nil();
  p.exc_reason = reason;
  if (report) {
    LocalRoots<1> roots(p, reason);
    Builder b = p.reserve(3 * kConsWords);
    Term args = b.cons(roots[0], Term::nil());
    bool named = this_node()->name != am::nonode_nohost;
    if (named) args = b.cons(this_node()->name, args);
    args = b.cons(p.id, args);
    send_to_logger(&p, am::error,
                   named ? "Error in process ~p on node ~p with exit value:~n~p~n"
                         : "Error in process ~p with exit value:~n~p~n",
                   args);
    reason = roots[0];
  }
  process_set_exiting(p, reason);
}

bool process_exit_continue(Process& p) {
  VM_ASSERT(p.exiting);
  i64 reds = p.reds > 0 ? p.reds : kReductions;
  p.live = 0;
  p.saved_count = 0;
  if (VM_UNLIKELY((p.trace_flags & kTraceeFlags) != 0)) trace_exiting(p, p.exit_reason);
  while (p.exit_phase < kLeaveTable) {
    if (p.exit_phase == exit_hook_count) {
      registry_release(p);
      // The stack is not needed any more.
      p.sp = p.end;
      p.exit_phase = kLeaveTable;
      break;
    }
    if (!exit_hooks[p.exit_phase](p)) return false;
    p.exit_phase++;
  }
  if (p.exit_phase == kLeaveTable) {
    process_table_remove(p);
    signals_close(p);
    p.exit_phase = kFire;
  }
  bool done = relations_fire(p, p.exit_reason, reds);
  p.reds = reds;
  if (!done) return false;
  if (VM_UNLIKELY((p.trace_flags & kTraceExiting) != 0)) trace_exited(p);
  p.exit_phase = kOver;
  return true;
}

bool process_exit_is_over(const Process& p) { return p.exit_phase == kOver; }

bool process_release_is_long(const Process& p) {
  constexpr u64 kWordsAtOnce = 1 << 20, kMessagesAtOnce = 5000;
  return p.total_words() > kWordsAtOnce || p.mailbox.length > kMessagesAtOnce;
}

void process_release(Process& p) {
  process_free_parts(p);
  p.state.fetch_or(kStateFree, std::memory_order_acq_rel);
  quiesce_retire(&p, [](void* block) {
    static_cast<Process*>(block)->~Process();
    vm_free(block);
  });
}

void process_free_parts(Process& p) {
  trace_forget(p);
  mailbox_destroy(p);
  relations_destroy(p);
  dictionary_destroy(p);
  p.destroy();
  if (p.saved_x != p.inline_saved_x) {
    vm_free(p.saved_x);
    p.saved_x = p.inline_saved_x;
  }
}

// ---- reports ----

namespace {

Term text_list(Builder& b, const char* text) {
  Term list = Term::nil();
  for (size_t i = std::strlen(text); i-- > 0;) {
    list = b.cons(Term::small(static_cast<u8>(text[i])), list);
  }
  return list;
}

// Keys are in term order: atoms by their text.
Term flat_map(Builder& b, std::initializer_list<Term> keys, std::initializer_list<Term> values) {
  Term key_tuple = b.tuple(keys);
  Term* m = b.alloc(2 + values.size());
  m[0] = Term::header(BoxedTag::FlatMap, 1 + values.size());
  m[1] = key_tuple;
  u64 i = 2;
  for (Term v : values) m[i++] = v;
  return Term::boxed(m);
}

}  // namespace

namespace {
// Nobody listens: standard error has to do.
void print_report(Term level, const char* format, Term args) {
  std::string text = "(no logger present) " + term_text(level) + ": \"" + format + "\" " + term_text(args);
  std::fprintf(stderr, "%s\n", text.c_str());
}
}  // namespace

void send_to_logger(Process* p, Term level, const char* format, Term args) {
  Term to = system_logger();
  if (to == am::undefined) {
    print_report(level, format, args);
    return;
  }
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  Term gl = p != nullptr ? p->group_leader : Term::nil();
  u64 words = kConsWords * std::strlen(format) + copy_size(args) + copy_size(gl) + tuple_words(5) +
              kIntegerWords + 2 * (2 + tuple_words(4) + 4);
  Fragment* f = fragment_new(words);
  Builder b = f->builder();
  Term legacy = level == am::info ? am::info_msg : level == am::warning ? am::warning_msg : level;
  Term inner = flat_map(b, {am::emulator, am::tag}, {am::true_, legacy});
  Term time = b.integer(now.tv_sec * 1000000 + now.tv_nsec / 1000);
  Term meta = p == nullptr
                  ? flat_map(b, {am::error_logger, am::time}, {inner, time})
                  : flat_map(b, {am::error_logger, am::gl, am::pid, am::time},
                             {inner, copy_term(gl, b), p->id, time});
  Term message =
      b.tuple({am::log, level, text_list(b, format), copy_term(args, b), meta});
  Term pid = to.is_atom() ? registry_whereis(to) : to;
  if (pid.is_local_pid() && !to.is_atom() && process_lookup_alive(pid) == nullptr) {
    // A process that was to read the log ended; the log goes its usual way again.
    Word ended = to.bits();
    logger.compare_exchange_strong(ended, am::logger.bits(), std::memory_order_relaxed);
    pid = registry_whereis(am::logger);
  }
  if (pid.is_none() || !send_fragment_to(pid, message, f)) {
    if (pid.is_none()) fragments_free(f);
    print_report(level, format, args);
  }
}

}  // namespace lintel
