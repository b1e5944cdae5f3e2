#include "vm/diag/seq_trace.h"

#include "vm/base/quiesce.h"
#include "vm/heap/copy.h"
#include "vm/proc/mailbox.h"
#include "vm/proc/process_table.h"
#include "vm/proc/unique.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/compare.h"

namespace lintel {

namespace {

std::atomic<Tracer*> system{nullptr};

enum Part : u32 { kFlags, kLabel, kSerial, kSender, kLast };
Term& part(Term token, Part i) { return tuple_elements(token)[i]; }
u32 flags_of(Term token) { return static_cast<u32>(part(token, kFlags).small_value()); }

bool has_token(const Process& p) { return (p.trace_flags & kTraceHasToken) != 0; }

// A token of p's own, in memory that may be written. A label that is no immediate may be younger than
// an old tuple: then a fresh one.
void need_token(Process& p, bool fresh) {
  if (has_token(p) && !fresh) return;
  Term e[5] = {Term::small(0), Term::small(0), Term::small(0), p.id,
               Term::small(static_cast<i64>(trace_state(p.trace).token_last))};
  if (has_token(p)) {
    for (u32 i = 0; i < 5; i++) e[i] = tuple_element(p.trace->token, i);
  }
  Builder b = p.reserve_nogc(tuple_words(5));
  p.trace->token = b.tuple({e[0], e[1], e[2], e[3], e[4]});
  p.trace_flags |= kTraceHasToken;
}

bool wants_to_hear(const Tracer& t, const Process* p) {
  Term id = p != nullptr ? p->id : Term(am::undefined);
  return tracer_wish(t, TraceKind::SeqTrace, am::seq_trace, id) == TracerWish::Trace;
}

// Whom to tell about p (null: nobody in particular), or null.
Tracer* listener(const Process* p) {
  Tracer* t = system.load(std::memory_order_acquire);
  if (t == nullptr || (p != nullptr && (p->flags & kFlagSensitive) != 0)) return nullptr;
  return wants_to_hear(*t, p) ? t : nullptr;
}

void output(Process* p, Term token, u32 type, Term receiver, Term message) {
  u32 flags = flags_of(token);
  if ((flags & type) == 0) return;
  Tracer* t = listener(p);
  if (t == nullptr) return;
  Term kind = type == kSeqSend ? am::send : type == kSeqReceive ? am::receive : am::print;
  LocalTuple<2> serial(part(token, kLast), part(token, kSerial));
  LocalTuple<5> data(kind, serial.term(), part(token, kSender), receiver, message);
  u32 stamps = ((flags & kSeqTimestamp) != 0 ? kTraceTimestamp : 0u) |
               ((flags & kSeqStrictMonotonic) != 0 ? kTraceStrictMonotonic : 0u) |
               ((flags & kSeqMonotonic) != 0 ? kTraceMonotonic : 0u);
  tracer_report(*t, TraceKind::SeqTrace, {part(token, kLabel), stamps, p}, {am::seq_trace, data.term()});
}

// The next serial number, unless nobody listens who is there to hear it. A sensitive process counts
// too, unheard.
void advance(Process& p) {
  Tracer* t = system.load(std::memory_order_acquire);
  if (t != nullptr && !wants_to_hear(*t, &p)) return;
  TraceState& s = trace_state(p.trace);
  part(p.trace->token, kSender) = p.id;
  part(p.trace->token, kSerial) = Term::small(static_cast<i64>(++s.token_clock));
  part(p.trace->token, kLast) = Term::small(static_cast<i64>(s.token_last));
}

Term set(Process& p, Term what, Term value) {
  if (u32 flag = seq_trace_flag_of(what)) {
    if (value != am::true_ && value != am::false_) return Term::none();
    need_token(p, false);
    u32 before = flags_of(p.trace->token);
    part(p.trace->token, kFlags) = Term::small(value == am::true_ ? before | flag : before & ~flag);
    return am_bool((before & flag) != 0);
  }
  if (what == am::label) {
    need_token(p, value.is_pointer());
    Term before = part(p.trace->token, kLabel);
    part(p.trace->token, kLabel) = value;
    return before;
  }
  if (what == am::serial) {
    if (!is_tuple_of(value, 2) || !tuple_element(value, 0).is_small() || !tuple_element(value, 1).is_small()) {
      return Term::none();
    }
    need_token(p, false);
    Term token = p.trace->token;
    Term before = p.reserve_nogc(tuple_words(2)).tuple({part(token, kLast), part(token, kSerial)});
    part(token, kLast) = tuple_element(value, 0);
    part(token, kSerial) = tuple_element(value, 1);
    p.trace->token_last = static_cast<u64>(tuple_element(value, 0).small_value());
    p.trace->token_clock = static_cast<u64>(tuple_element(value, 1).small_value());
    return before;
  }
  if (what == am::sequential_trace_token) {
    if (!value.is_nil()) return Term::none();
    Term before = seq_trace_token(p);
    seq_trace_clear(p);
    return before;
  }
  return Term::none();
}

}  // namespace

u32 seq_trace_flag_of(Term t) {
  if (t == am::send) return kSeqSend;
  if (t == am::receive) return kSeqReceive;
  if (t == am::print) return kSeqPrint;
  if (t == am::timestamp) return kSeqTimestamp;
  if (t == am::strict_monotonic_timestamp) return kSeqStrictMonotonic;
  if (t == am::monotonic_timestamp) return kSeqMonotonic;
  return 0;
}

void seq_trace_clear(Process& p) {
  if (p.trace != nullptr) p.trace->token = Term::nil();
  p.trace_flags &= ~kTraceHasToken;
}

Term seq_trace_set(Process& p, Term what, Term value) { return set(p, what, value); }

// The value of a specification may lie outside of the heap.
Term seq_trace_set_from_match(Process& p, Term what, Term value) {
  if (value.is_pointer()) {
    Builder b = p.reserve_nogc(copy_size(value));
    value = copy_term(value, b);
  }
  Term r = set(p, what, value);
  return r.is_none() ? r : Term(am::true_);
}

Term seq_trace_token_copy(Process& p) {
  if (!has_token(p)) return Term::nil();
  Builder b = p.reserve_nogc(copy_size(p.trace->token));
  return copy_term(p.trace->token, b);
}

Term seq_trace_info(Process& p, Term item) {
  u32 flag = seq_trace_flag_of(item);
  Term value;
  if (!has_token(p)) {
    if (item == am::label || item == am::serial) return Term::nil();
    if (flag == 0 && item != am::spawn) return Term::none();
    value = am::false_;
  } else if (flag != 0) {
    value = am_bool((flags_of(p.trace->token) & flag) != 0);
  } else if (item == am::label) {
    value = part(p.trace->token, kLabel);
  } else if (item == am::serial) {
    Builder b = p.reserve_nogc(tuple_words(2));
    value = b.tuple({part(p.trace->token, kLast), part(p.trace->token, kSerial)});
  } else {
    return Term::none();
  }
  return p.reserve_nogc(tuple_words(2)).tuple({item, value});
}

bool seq_trace_print(Process& p, Term message, Term label) {
  if (!has_token(p)) return false;
  if (!label.is_none() && !exact_equal(label, part(p.trace->token, kLabel))) return false;
  advance(p);
  output(&p, p.trace->token, kSeqPrint, Term::nil(), message);
  return true;
}

Tracer* system_tracer() { return system.load(std::memory_order_acquire); }
Tracer* system_tracer_set(Tracer* t) { return system.exchange(t, std::memory_order_acq_rel); }

void seq_trace_reset() {
  schedulers_block();
  processes_each(
      [](Process& p, void*) {
        seq_trace_clear(p);
        if (p.trace != nullptr) p.trace->token_clock = p.trace->token_last = 0;
        auto clear = [](Signal* s, void*) {
          if (s->kind == SignalKind::Message || s->kind == SignalKind::AliasMessage) {
            static_cast<Message*>(s)->token = Term::nil();
          }
        };
        for (Message* m = p.mailbox.first; m != nullptr; m = static_cast<Message*>(m->next)) clear(m, nullptr);
        signals_each_waiting(p, clear, nullptr);
      },
      nullptr);
  schedulers_unblock();
}

// ---- hooks ----

void seq_trace_sending(Process& from, Term to, Term message) {
  advance(from);
  output(&from, from.trace->token, kSeqSend, to, message);
}

void seq_trace_receiving(Process& p, Message& m) {
  if (m.token == am::undefined) return;  // says nothing about tokens
  if (m.token.is_nil()) return seq_trace_clear(p);
  TraceState& s = trace_state(p.trace);
  s.token = m.token;
  p.trace_flags |= kTraceHasToken;
  s.token_last = static_cast<u64>(part(m.token, kSerial).small_value());
  if (s.token_clock < s.token_last) s.token_clock = s.token_last;
  output(&p, m.token, kSeqReceive, p.id, m.value);
}

void seq_trace_exiting(Process& p, Term to, Term reason) {
  LocalTuple<3> message(am::EXIT, p.id, reason);
  seq_trace_sending(p, to, message.term());
}

// As if parent and child had sent each other a request and a reply.
void seq_trace_spawning(Process& parent, Process& child, Term module, Term function, Term args, bool linked,
                        bool monitored) {
  advance(parent);
  {
    Builder b = child.reserve_nogc(copy_size(parent.trace->token));
    trace_state(child.trace).token = copy_term(parent.trace->token, b);
    child.trace_flags |= kTraceHasToken;
  }
  alignas(8) Term ref_words[kRefWords];
  Term* top = ref_words;
  OffHeap none;
  Builder rb(&top, ref_words + kRefWords, &none);
  Term ref = rb.reference(make_ref_numbers());
  i64 arity = 0;
  for (Term l = args; l.is_list(); l = l.tail()) arity++;
  alignas(8) Term cells[2 * kConsWords];
  top = cells;
  Builder ob(&top, cells + 2 * kConsWords, &none);
  Term options = Term::nil();
  if (monitored) options = ob.cons(am::monitor, options);
  if (linked) options = ob.cons(am::link, options);
  LocalTuple<3> mfa(module, function, Term::small(arity));
  LocalTuple<8> request(am::spawn_request, ref, parent.id, parent.group_leader, mfa.term(), options, am::spawn_reply,
                        args);
  output(&parent, parent.trace->token, kSeqSend, child.id, request.term());
  output(&parent, parent.trace->token, kSeqReceive, child.id, request.term());
  TraceState& own = *child.trace;
  own.token_clock = own.token_last = static_cast<u64>(part(parent.trace->token, kSerial).small_value());
  advance(child);
  LocalTuple<4> reply(am::spawn_reply, ref, am::ok, child.id);
  output(&child, own.token, kSeqSend, parent.id, reply.term());
  output(&child, own.token, kSeqReceive, parent.id, reply.term());
  parent.trace->token_clock = parent.trace->token_last =
      static_cast<u64>(part(own.token, kSerial).small_value());
}

}  // namespace lintel
