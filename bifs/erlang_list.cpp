// erlang: lists. hd, tl, length, '++', '--'.
//
// '++' of a very long list takes turns: first the list is consed up backwards, some cells a turn,
// then that is put in front of the right operand in the same way. In between the left operand is a
// tuple {Mark, Phase, Rest, Done, Left} where Mark is a reference that only this file makes. What is in
// the tuple is checked like any argument, so a copy of it in strange hands does no harm.
//
// '--' of long lists counts what is to go in a table, a tuple on the heap, and then walks the left
// list, both in turns; in between the left operand is {Mark, Phase, Rest, Table, Left or Done}.
#include <vector>

#include "vm/ops/bytes.h"
#include "vm/proc/exception.h"
#include "vm/sched/long_work.h"
#include "vm/term/atom.h"
#include "vm/term/compare.h"
#include "vm/term/hash.h"

namespace lintel {

namespace {

// Cells walked, or copied, per reduction.
constexpr i64 kWalkedPerReduction = 64;
constexpr i64 kCopiedPerReduction = 20;

constexpr i64 kFewElements = 12;  // up to this many, looking at each is faster than a table
constexpr i64 kAppendAtOnce = 100000;  // cells: well under a millisecond

void forget_mark(MagicData*) {}
MagicData append_mark{.refs = 1, .numbers = {{1, 0, 0}}, .destroy = forget_mark};

bool is_append_state(Term t) {
  if (!is_tuple_of(t, 5)) return false;
  Term mark = tuple_element(t, 0);
  return mark.is(BoxedTag::MagicRef) && mark.object()[2].as_raw_pointer<MagicData>() == &append_mark;
}

// Takes up to kAppendAtOnce cells from rest to the front of done; again when there are more. `whole` is
// the left operand, for the error that it is no proper list.
BifResult append_turn(Process& p, Term rest, bool second_phase, Term done, Term whole, Term right) {
  LocalRoots<4> roots(p, rest, done, whole, right);
  Builder b = p.reserve(static_cast<u64>(kAppendAtOnce) * kConsWords + tuple_words(5) + kMagicRefWords);
  rest = roots[0];
  done = roots[1];
  i64 left = kAppendAtOnce;
  for (; rest.is_list() && left > 0; left--, rest = rest.tail()) done = b.cons(rest.head(), done);
  p.bump_reductions((kAppendAtOnce - left) / kCopiedPerReduction);
  if (rest.is_nil()) {
    if (second_phase) return done;
    rest = done;
    done = roots[3];
    second_phase = true;
  }
  Term mark = b.magic_reference(&append_mark);
  return yield_again(p, {b.tuple({mark, am_bool(second_phase), rest, done, roots[2]}), roots[3]});
}

BifResult append(Process& p, Term* args) {
  if (args[0].is_nil()) return args[1];
  if (VM_UNLIKELY(is_append_state(args[0]))) {
    const Term* e = tuple_elements(args[0]);
    if (!e[2].is_list()) {
      args[0] = e[4];
      return raise_badarg(p);
    }
    return append_turn(p, e[2], e[1] == am::true_, e[3], e[4], args[1]);
  }
  i64 n = 0;
  Term end = args[0];
  for (; end.is_list() && n <= kAppendAtOnce; end = end.tail()) n++;
  if (n > kAppendAtOnce) return append_turn(p, args[0], false, Term::nil(), args[0], args[1]);
  if (!end.is_nil()) return raise_badarg(p);
  p.bump_reductions(n / kCopiedPerReduction);
  Builder b = p.reserve(static_cast<u64>(n) * kConsWords);
  Term* cell = b.alloc(static_cast<u64>(n) * kConsWords);
  Term result = Term::list(cell);
  for (Term from = args[0]; from.is_list(); from = from.tail(), cell += 2) {
    cell[0] = from.head();
    cell[1] = Term::list(cell + 2);
  }
  cell[-1] = args[1];
  return result;
}

// A bag of terms, for taking out one of each: open addressing over distinct terms with counts.
// The salt differs from run to run, so that nobody can prepare terms that all collide.
class Bag {
 public:
  explicit Bag(u64 n) {
    u64 size = 16;
    while (size < 2 * n) size *= 2;
    slots_.resize(size);
  }
  void add(Term t) {
    Slot& s = find(t);
    s.term = t;
    s.count++;
  }
  bool take(Term t) {
    Slot& s = find(t);
    if (s.count == 0) return false;
    s.count--;
    return true;
  }

 private:
  struct Slot {
    Term term = Term::none();
    u64 count = 0;
  };
  Slot& find(Term t) {
    static const u32 salt = static_cast<u32>(reinterpret_cast<u64>(&salt) >> 4) * 0x9E3779B9u | 1;
    u64 mask = slots_.size() - 1;
    for (u64 i = internal_hash(t, salt) & mask;; i = (i + 1) & mask) {
      if (slots_[i].term.is_none() || exact_equal(slots_[i].term, t)) return slots_[i];
    }
  }
  std::vector<Slot> slots_;
};

// The same as a tuple {Term, Count, Term, Count ...}. What it holds is older than it is, so it may be
// written after it was made. A slot that was never used has the count -1.
constexpr i64 kSubtractAtOnce = 8192;  // elements of both lists
MagicData subtract_mark{.refs = 1, .numbers = {{2, 0, 0}}, .destroy = forget_mark};

bool is_subtract_state(Term t) {
  if (!is_tuple_of(t, 5)) return false;
  Term mark = tuple_element(t, 0);
  return mark.is(BoxedTag::MagicRef) && mark.object()[2].as_raw_pointer<MagicData>() == &subtract_mark;
}

Term* table_slot(Term table, Term t) {
  static const u32 salt = static_cast<u32>(reinterpret_cast<u64>(&salt) >> 4) * 0x9E3779B9u | 1;
  Term* slots = tuple_elements(table);
  u64 mask = tuple_arity(table) / 2 - 1;
  for (u64 i = internal_hash(t, salt) & mask;; i = (i + 1) & mask) {
    Term* slot = slots + 2 * i;
    if (slot[1] == Term::small(-1) || exact_equal(slot[0], t)) return slot;
  }
}

BifResult subtract_again(Process& p, Term taking, Term rest, Term table, Term list, Term right) {
  LocalRoots<4> roots(p, rest, table, list, right);
  Builder b = p.reserve(tuple_words(5) + kMagicRefWords);
  Term mark = b.magic_reference(&subtract_mark);
  return yield_again(p, {b.tuple({mark, taking, roots[0], roots[1], roots[2]}), roots[3]});
}

BifResult subtract_start(Process& p, Term* args, u64 m) {
  u64 size = 16;
  while (size < m + m / 2) size *= 2;
  Builder b = p.reserve(tuple_words(2 * size));
  Term* slots;
  Term table = b.tuple_uninitialized(2 * size, &slots);
  for (u64 i = 0; i < size; i++) {
    slots[2 * i] = Term::nil();
    slots[2 * i + 1] = Term::small(-1);
  }
  return subtract_again(p, am::false_, args[1], table, args[0], args[1]);
}

BifResult subtract_turn(Process& p, Term* args) {
  const Term* e = tuple_elements(args[0]);
  bool taking = e[1] == am::true_;
  Term rest = e[2];
  Term table = e[3];
  i64 left = kSubtractAtOnce;
  p.bump_reductions(kSubtractAtOnce / kCopiedPerReduction);
  if (!taking) {
    for (; rest.is_list() && left > 0; left--, rest = rest.tail()) {
      Term* slot = table_slot(table, rest.head());
      i64 count = slot[1].small_value();
      if (count < 0) slot[0] = rest.head();
      slot[1] = Term::small(count < 0 ? 1 : count + 1);
    }
    if (rest.is_list()) return subtract_again(p, am::false_, rest, table, e[4], args[1]);
    // The left list, and what stays of it so far.
    return subtract_again(p, am::true_, e[4], table, Term::nil(), args[1]);
  }
  LocalRoots<1> right(p, args[1]);
  Builder b = p.reserve(static_cast<u64>(left) * kConsWords + tuple_words(5) + kMagicRefWords);
  e = tuple_elements(args[0]);
  rest = e[2];
  table = e[3];
  Term done = e[4];
  for (; rest.is_list() && left > 0; left--, rest = rest.tail()) {
    Term* slot = table_slot(table, rest.head());
    i64 count = slot[1].small_value();
    if (count > 0) {
      slot[1] = Term::small(count - 1);
    } else {
      done = b.cons(rest.head(), done);
    }
  }
  if (rest.is_list()) return subtract_again(p, am::true_, rest, table, done, right[0]);
  if (done.is_nil()) return done;
  // What is left to do is to turn it round, as '++' ends.
  Term mark = b.magic_reference(&append_mark);
  return yield_again(p, {b.tuple({mark, am::true_, done, Term::nil(), Term::nil()}), right[0]});
}

BifResult subtract(Process& p, Term* args) {
  if (VM_UNLIKELY(args[0].is_boxed())) {
    if (is_subtract_state(args[0])) return subtract_turn(p, args);
    if (is_append_state(args[0])) return append(p, args);
  }
  // Counting a very long list, or making a table of one, is not for a scheduler.
  constexpr u64 kCountedAtOnce = 100000;
  if (is_long_list(p, args[0], kCountedAtOnce) || is_long_list(p, args[1], kCountedAtOnce)) {
    return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  }
  i64 n = list_length(args[0]);
  i64 m = list_length(args[1]);
  if (n < 0 || m < 0) return raise_badarg(p);
  if (n == 0 || m == 0) return args[0];
  if (m > kFewElements && n + m > kSubtractAtOnce && !on_dirty_thread(p)) return subtract_start(p, args, static_cast<u64>(m));
  p.bump_reductions((n + m) / kCopiedPerReduction);

  // First which elements stay: the last one that goes decides how much has to be copied; what is
  // behind it is shared.
  std::vector<bool> gone(static_cast<u64>(n));
  i64 last_gone = -1;
  i64 index = 0;
  i64 taken = 0;
  auto decide = [&](auto take) {
    for (Term l = args[0]; l.is_list() && taken < m; l = l.tail(), index++) {
      if (!take(l.head())) continue;
      gone[static_cast<u64>(index)] = true;
      last_gone = index;
      taken++;
    }
  };
  if (m <= kFewElements) {
    Term left[kFewElements];
    i64 k = 0;
    for (Term l = args[1]; l.is_list(); l = l.tail()) left[k++] = l.head();
    decide([&](Term t) {
      for (i64 i = 0; i < k; i++) {
        if (exact_equal(left[i], t)) {
          left[i] = left[--k];
          return true;
        }
      }
      return false;
    });
  } else {
    Bag bag(static_cast<u64>(m));
    for (Term l = args[1]; l.is_list(); l = l.tail()) bag.add(l.head());
    decide([&](Term t) { return bag.take(t); });
  }
  if (last_gone < 0) return args[0];

  u64 copied = static_cast<u64>(last_gone + 1 - taken);
  Builder b = p.reserve(copied * kConsWords);
  Term* cell = b.alloc(copied * kConsWords);
  Term result = Term::list(cell);
  Term l = args[0];
  for (i64 i = 0; i <= last_gone; i++, l = l.tail()) {
    if (gone[static_cast<u64>(i)]) continue;
    cell[0] = l.head();
    cell[1] = Term::list(cell + 2);
    cell += 2;
  }
  if (copied == 0) return l;
  cell[-1] = l;
  return result;
}

}  // namespace

BifResult erlang_hd_1(Process& p, Term* args) {
  if (!args[0].is_list()) return raise_badarg(p);
  return args[0].head();
}

BifResult erlang_tl_1(Process& p, Term* args) {
  if (!args[0].is_list()) return raise_badarg(p);
  return args[0].tail();
}

BifResult erlang_length_1(Process& p, Term* args) {
  i64 n = list_length(args[0]);
  if (n < 0) return raise_badarg(p);
  p.bump_reductions(n / kWalkedPerReduction);
  return Term::small(n);
}

// The right side may be anything.
BifResult erlang_append_op_2(Process& p, Term* args) { return append(p, args); }
BifResult erlang_append_2(Process& p, Term* args) { return append(p, args); }

// Takes the first occurrence of each element of the right list out of the left one.
BifResult erlang_subtract_op_2(Process& p, Term* args) { return subtract(p, args); }
BifResult erlang_subtract_2(Process& p, Term* args) { return subtract(p, args); }

}  // namespace lintel
