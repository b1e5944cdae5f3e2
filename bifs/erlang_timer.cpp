// erlang:start_timer, send_after, cancel_timer, read_timer.
#include "vm/sched/bif_timer.h"

#include "vm/heap/copy.h"
#include "vm/proc/exception.h"
#include "vm/proc/send.h"
#include "vm/proc/unique.h"
#include "vm/sched/clock.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

BifResult start(Process& p, Term time, Term receiver, Term message, Term options, bool wrap) {
  bool absolute = false;
  for (; options.is_list(); options = options.tail()) {
    Term option = options.head();
    if (!is_tuple_of(option, 2) || tuple_element(option, 0) != am::abs) {
      return raise_badarg_cause(p, am::badopt);
    }
    Term value = tuple_element(option, 1);
    if (value != am::true_ && value != am::false_) return raise_badarg_cause(p, am::badopt);
    absolute = value == am::true_;
  }
  if (!options.is_nil()) return raise_badarg_cause(p, am::badopt);
  if (!time.is_small()) return raise_badarg_cause(p, am::time);
  i64 ms = time.small_value();
  i64 latest = (kErlangEndNs - (absolute ? 0 : erlang_monotonic_ns())) / 1'000'000;
  if (ms > latest || (!absolute && ms < 0)) return raise_badarg_cause(p, am::time);
  if (!receiver.is_local_pid() && !receiver.is_atom()) return raise_badarg(p);
  u64 tick = absolute ? clock_tick_at(ms) : clock_tick_after(static_cast<u64>(ms));
  RefNumbers ref = make_ref_numbers();
  bif_timer_start(ref, receiver, tick, message, wrap);
  Builder b = p.reserve(kRefWords);
  return b.reference(ref);
}

struct ReplyOptions {
  bool async = false;
  bool info = true;
};

bool parse(Term options, ReplyOptions* out) {
  for (; options.is_list(); options = options.tail()) {
    Term option = options.head();
    if (!is_tuple_of(option, 2)) return false;
    Term value = tuple_element(option, 1);
    if (value != am::true_ && value != am::false_) return false;
    if (tuple_element(option, 0) == am::async) {
      out->async = value == am::true_;
    } else if (tuple_element(option, 0) == am::info) {
      out->info = value == am::true_;
    } else {
      return false;
    }
  }
  return options.is_nil();
}

Term milliseconds(i64 ms) { return ms < 0 ? am::false_ : Term::small(ms); }

// {Kind, Ref, Result} to the caller itself.
void send_result(Process& p, Term kind, Term ref, Term result) {
  Fragment* f = fragment_new(tuple_words(3) + copy_size(ref));
  Builder b = f->builder();
  Term copy = copy_term(ref, b);
  send_fragment(p, b.tuple({kind, copy, result}), f);
}

BifResult cancel(Process& p, Term ref, const ReplyOptions& options) {
  if (!ref.is_ref()) return raise_badarg(p);
  Term result = am::false_;
  if (ref.is_local_ref()) result = milliseconds(bif_timer_cancel(local_ref_numbers(ref)));
  if (!options.async) return options.info ? result : am::ok;
  if (options.info) send_result(p, am::cancel_timer, ref, result);
  return am::ok;
}

BifResult read(Process& p, Term ref, const ReplyOptions& options) {
  if (!ref.is_ref()) return raise_badarg(p);
  Term result = am::false_;
  if (ref.is_local_ref()) result = milliseconds(bif_timer_read(local_ref_numbers(ref)));
  if (!options.async) return result;
  send_result(p, am::read_timer, ref, result);
  return am::ok;
}

}  // namespace

BifResult erlang_start_timer_3(Process& p, Term* args) {
  return start(p, args[0], args[1], args[2], Term::nil(), true);
}
BifResult erlang_start_timer_4(Process& p, Term* args) {
  return start(p, args[0], args[1], args[2], args[3], true);
}
BifResult erlang_send_after_3(Process& p, Term* args) {
  return start(p, args[0], args[1], args[2], Term::nil(), false);
}
BifResult erlang_send_after_4(Process& p, Term* args) {
  return start(p, args[0], args[1], args[2], args[3], false);
}

BifResult erlang_cancel_timer_1(Process& p, Term* args) { return cancel(p, args[0], ReplyOptions{}); }
BifResult erlang_cancel_timer_2(Process& p, Term* args) {
  ReplyOptions options;
  if (!parse(args[1], &options)) return raise_badarg_cause(p, am::badopt);
  return cancel(p, args[0], options);
}

BifResult erlang_read_timer_1(Process& p, Term* args) { return read(p, args[0], ReplyOptions{}); }
BifResult erlang_read_timer_2(Process& p, Term* args) {
  ReplyOptions options;
  if (!parse(args[1], &options) || !options.info) return raise_badarg_cause(p, am::badopt);
  return read(p, args[0], options);
}

}  // namespace lintel
