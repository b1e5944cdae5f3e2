// erlang: the process dictionary.
#include "vm/proc/dictionary.h"
#include "vm/proc/exception.h"
#include "vm/sched/long_work.h"
#include "vm/term/atom.h"
#include "vm/term/compare.h"

namespace lintel {

namespace {

Term or_undefined(Term t) { return t.is_none() ? am::undefined : t; }

// The lists come out in the opposite order of the table.
Term pairs(Process& p) {
  struct State {
    Builder b;
    Term list;
  } s{p.reserve(dictionary_count(p) * (tuple_words(2) + kConsWords)), Term::nil()};
  dictionary_each(
      p,
      [](Term key, Term value, void* data) {
        auto& s = *static_cast<State*>(data);
        Term pair = s.b.tuple({key, value});
        s.list = s.b.cons(pair, s.list);
      },
      &s);
  return s.list;
}

// Everything is listed at once.
bool is_long_listing(const Process& p) {
  constexpr u64 kListedAtOnce = 10000;
  return is_long_work(p, dictionary_count(p), kListedAtOnce);
}

}  // namespace

BifResult erlang_get_0(Process& p, Term*) {
  if (is_long_listing(p)) return run_on_dirty(p, DirtyKind::Cpu, {});
  return pairs(p);
}
BifResult erlang_get_1(Process& p, Term* args) { return or_undefined(dictionary_get(p, args[0])); }
BifResult erlang_put_2(Process& p, Term* args) {
  return or_undefined(dictionary_put(p, args[0], args[1]));
}
BifResult erlang_erase_0(Process& p, Term*) {
  if (is_long_listing(p)) return run_on_dirty(p, DirtyKind::Cpu, {});
  Term list = pairs(p);
  dictionary_clear(p);
  return list;
}
BifResult erlang_erase_1(Process& p, Term* args) {
  return or_undefined(dictionary_erase(p, args[0]));
}

BifResult erlang_get_keys_0(Process& p, Term*) {
  if (is_long_listing(p)) return run_on_dirty(p, DirtyKind::Cpu, {});
  struct State {
    Builder b;
    Term list;
  } s{p.reserve(dictionary_count(p) * kConsWords), Term::nil()};
  dictionary_each(
      p,
      [](Term key, Term, void* data) {
        auto& s = *static_cast<State*>(data);
        s.list = s.b.cons(key, s.list);
      },
      &s);
  return s.list;
}

BifResult erlang_get_keys_1(Process& p, Term* args) {
  if (is_long_listing(p)) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  u64 room = dictionary_count(p) * kConsWords;
  struct State {
    Builder b;
    Term list;
    Term value;
  } s{p.reserve(room), Term::nil(), args[0]};
  dictionary_each(
      p,
      [](Term key, Term value, void* data) {
        auto& s = *static_cast<State*>(data);
        if (exact_equal(value, s.value)) s.list = s.b.cons(key, s.list);
      },
      &s);
  return s.list;
}

}  // namespace lintel
