// Native bodies of lists:sort/1, usort/1, keysort/2 and ukeysort/2: merge sort over an array.
//
// The result of a sort is unique but for the order of elements that compare equal. keysort and
// ukeysort are stable, and so is this. sort/1 and usort/1 are not: which of 1 and 1.0 comes first, or
// stays, follows from how the library merges. So when two elements turn out equal and are not the
// same in every respect, the body declines and the library's own code runs.
//
// A short list is sorted at once in an array outside the heap. A long one is sorted in turns, in a
// tuple on the heap that no program ever sees:
//
//   {N, Width, Low, I, J, Source, element 1 .. N, room 1 .. N}
//
// whose elements change places while it is in use. That is safe for a collection between turns: all
// elements are older than the tuple. Between turns the registers are
//
//   x0  the rest of the list (counting, filling), or the result so far (building), else []
//   x1  the list      x2  the key's position, or 0
//   x3  how many were counted, or the tuple
#include <algorithm>
#include <cstring>

#include "vm/base/alloc.h"
#include "vm/code/native_function.h"
#include "vm/proc/process.h"
#include "vm/sched/long_work.h"
#include "vm/term/compare.h"
#include "vm/term/work_stack.h"

namespace lintel {

namespace {

constexpr u64 kAtOnce = 1024;        // elements that are sorted without a pause
constexpr u64 kSmallsAtOnce = 8192;  // when all are small integers
constexpr u64 kRun = 8;              // elements that are sorted by insertion
constexpr i64 kStepsPerReduction = 4;
constexpr i64 kNoLimit = i64{1} << 40;  // steps
constexpr u64 kBuiltAtOnce = 16384;  // cells
constexpr u64 kPreparedAtOnce = 50000;  // elements

// ---- orders: a.compare(b) < 0, 0, > 0 ----

struct SmallOrder {
  static constexpr bool kDoubts = false;
  explicit SmallOrder(u64) {}
  VM_ALWAYS_INLINE i64 compare(Term a, Term b) {
    // Differences of smalls fit: they have 60 bits.
    return a.small_value() - b.small_value();
  }
  VM_ALWAYS_INLINE bool after(Term a, Term b) {
    return static_cast<i64>(a.bits()) > static_cast<i64>(b.bits());
  }
};

struct TermOrder {
  static constexpr bool kDoubts = true;
  bool doubtful = false;
  explicit TermOrder(u64) {}
  VM_ALWAYS_INLINE i64 compare(Term a, Term b) {
    if (a == b) return 0;
    i64 j = lintel::compare(a, b);
    if (VM_UNLIKELY(j == 0) && !identical(a, b)) doubtful = true;
    return j;
  }
  VM_ALWAYS_INLINE bool after(Term a, Term b) { return compare(a, b) > 0; }
};

struct KeyOrder {
  static constexpr bool kDoubts = false;
  u64 position;
  explicit KeyOrder(u64 key_position) : position(key_position) {}
  VM_ALWAYS_INLINE i64 compare(Term a, Term b) {
    return lintel::compare(a.object()[position], b.object()[position]);
  }
  VM_ALWAYS_INLINE bool after(Term a, Term b) { return compare(a, b) > 0; }
};

// ---- the sort ----

template <typename Order>
struct MergeSort {
  Order order;
  Term* from;  // what is being merged; the result when all is done
  Term* to;
  u64 n;
  u64 width = 0;  // of the runs in `from`; 0 while the first ones are made
  u64 low = 0;    // start of the pair of runs being merged, or of the run being made
  u64 i = 0;      // next of its first run
  u64 j = 0;      // next of its second run

  bool doubtful() const {
    if constexpr (Order::kDoubts) {
      return order.doubtful;
    } else {
      return false;
    }
  }

  void insertion(Term* a, u64 count) {
    for (u64 k = 1; k < count; k++) {
      Term t = a[k];
      u64 at = k;
      while (at > 0 && order.after(a[at - 1], t)) {
        a[at] = a[at - 1];
        at--;
      }
      a[at] = t;
    }
  }

  u64 middle() const { return std::min(low + width, n); }
  u64 high() const { return std::min(low + 2 * width, n); }
  void start_pair(u64 at) {
    low = i = at;
    j = middle();
  }

  // False: out of steps, or in doubt.
  bool run(i64 steps) {
    if (width == 0) {
      while (low < n) {
        if (steps <= 0 || doubtful()) return false;
        u64 count = std::min(kRun, n - low);
        insertion(from + low, count);
        steps -= 2 * kRun;
        low += count;
      }
      width = kRun;
      start_pair(0);
    }
    for (; width < n; width *= 2, std::swap(from, to), start_pair(0)) {
      while (low < n) {
        if (steps <= 0 || doubtful()) return false;
        u64 mid = middle();
        u64 end = high();
        if (i == low && j == mid) {
          // Runs that follow one another need no merging, whichever comes first.
          if (mid == end || !order.after(from[mid - 1], from[mid])) {
            std::copy(from + low, from + end, to + low);
            steps -= static_cast<i64>((end - low) / 8 + 1);
            start_pair(end);
            continue;
          }
          if (order.after(from[low], from[end - 1])) {
            std::copy(from + mid, from + end, to + low);
            std::copy(from + low, from + mid, to + low + (end - mid));
            steps -= static_cast<i64>((end - low) / 8 + 1);
            start_pair(end);
            continue;
          }
        }
        steps -= merge(mid, end, steps);
        if (i < mid && j < end) return false;
        Term* rest = to + i + j - mid;
        rest = std::copy(from + i, from + mid, rest);
        std::copy(from + j, from + end, rest);
        start_pair(end);
      }
    }
    return !doubtful();
  }

  // At most `steps` elements; returns how many it were.
  i64 merge(u64 mid, u64 end, i64 steps) {
    const Term* a = from + i;
    const Term* const a_end = from + mid;
    const Term* b = from + j;
    const Term* const b_end = from + end;
    Term* out = to + i + j - mid;
    Term* const first = out;
    Term* const out_end = out + steps;
    while (a < a_end && b < b_end && out < out_end) {
      Term ta = *a;
      Term tb = *b;
      bool second = order.after(ta, tb);
      *out++ = second ? tb : ta;
      a += !second;
      b += second;
    }
    i = static_cast<u64>(a - from);
    j = static_cast<u64>(b - from);
    return out - first;
  }
};

u64 steps_of(u64 n) { return n * (64 - static_cast<u64>(__builtin_clzll(n | 1))); }

// The n sorted terms at `a` as a list before `tail`. *unique: leave out all but the first of equals;
// `before` is what comes before a[0] in the whole, or none.
template <typename Order>
Term build(Builder& b, Order& order, const Term* a, u64 n, Term before, bool unique, Term tail) {
  for (u64 k = n; k-- > 0;) {
    Term previous = k > 0 ? a[k - 1] : before;
    if (unique && !previous.is_none() && order.compare(previous, a[k]) == 0) continue;
    tail = b.cons(a[k], tail);
  }
  return tail;
}

// ---- at once ----

template <typename Order, bool kUnique>
NativeStatus sort_at_once(Process& p, Term* x, Term list, u64 n, u64 position) {
  Term inline_room[2 * 128];
  Term* room = n <= 128 ? inline_room : vm_alloc_array<Term>(2 * n);
  u64 at = 0;
  for (Term l = list; l.is_list(); l = l.tail()) room[at++] = l.head();
  MergeSort<Order> sort{Order(position), room, room + n, n};
  bool done = sort.run(kNoLimit);
  if (done) {
    p.bump_reductions(static_cast<i64>(steps_of(n)) / kStepsPerReduction);
    p.live = 0;
    RootSpan roots(p, sort.from, n);
    Builder b = p.reserve(n * kConsWords);
    x[0] = build(b, sort.order, sort.from, n, Term::none(), kUnique, Term::nil());
  }
  if (room != inline_room) vm_free(room);
  return done ? NativeStatus::Done : NativeStatus::Declined;
}

// ---- in turns ----

enum Field : u64 { kN, kWidth, kLow, kI, kJ, kSource, kFilled, kBuilt, kFields };
// In kN's place while counting: x3 is a small.

template <typename Order, bool kUnique, bool kByKey>
struct Sorting {
  static NativeStatus declined(Term* x) {
    x[0] = kByKey ? x[2] : x[1];
    return NativeStatus::Declined;
  }
  static i64 budget(const Process& p) { return std::max<i64>(p.reds, 1) * kStepsPerReduction; }
  static NativeStatus pause(Process& p) {
    p.bump_reductions(std::max<i64>(p.reds, 1));
    return NativeStatus::Again;
  }

  static NativeStatus start(Process& p, Term* x) {
    Term list = kByKey ? x[1] : x[0];
    u64 position = 0;
    if constexpr (kByKey) {
      if (!x[0].is_small() || x[0].small_value() < 1) return NativeStatus::Declined;
      position = static_cast<u64>(x[0].small_value());
    }
    // Two elements or fewer are not worth it, and one is not even looked at.
    if (!list.is_list() || !list.tail().is_list()) return NativeStatus::Declined;
    u64 n = 0;
    bool all_small = true;
    Term l = list;
    for (; l.is_list() && n < (!kByKey && all_small ? kSmallsAtOnce : kAtOnce); l = l.tail(), n++) {
      if (kByKey && !has_key(l.head(), position)) return NativeStatus::Declined;
      all_small &= l.head().is_small();
    }
    if (l.is_nil() && (n <= kAtOnce || all_small)) {
      if constexpr (!kByKey) {
        if (all_small) return sort_at_once<SmallOrder, kUnique>(p, x, list, n, 0);
      }
      return sort_at_once<Order, kUnique>(p, x, list, n, position);
    }
    if (!l.is_list() && !l.is_nil()) return NativeStatus::Declined;
    Term key = kByKey ? x[0] : Term::small(0);
    x[0] = l;
    x[1] = list;
    x[2] = key;
    x[3] = Term::small(static_cast<i64>(n));
    p.live = kNativeStateRegisters;
    return resume(p, x);
  }

  static bool has_key(Term t, u64 position) { return t.is_tuple() && position <= tuple_arity(t); }

  static NativeStatus resume(Process& p, Term* x) {
    u64 position = static_cast<u64>(x[2].small_value());
    i64 steps = budget(p);
    if (x[3].is_small()) {
      i64 n = x[3].small_value();
      Term l = x[0];
      for (; l.is_list() && steps > 0; l = l.tail(), n++, steps--) {
        if (kByKey && !has_key(l.head(), position)) return declined(x);
      }
      if (l.is_list()) {
        x[0] = l;
        x[3] = Term::small(n);
        return pause(p);
      }
      if (!l.is_nil()) return declined(x);
      // The tuple for many elements takes long to make: on a dirty thread, for which this turn ends.
      if (is_long_work(p, static_cast<u64>(n), kPreparedAtOnce)) {
        x[0] = l;
        x[3] = Term::small(n);
        p.dirty_kind = static_cast<u8>(DirtyKind::Cpu);
        return pause(p);
      }
      x[0] = x[1];
      prepare(p, x, static_cast<u64>(n));
    }

    Term* fields = tuple_elements(x[3]);
    auto field = [&](Field f) { return static_cast<u64>(fields[f].small_value()); };
    auto set = [&](Field f, u64 value) { fields[f] = Term::small(static_cast<i64>(value)); };
    u64 n = field(kN);
    Term* first = fields + kFields;
    u64 filled = field(kFilled);
    if (filled < n) {
      Term l = x[0];
      for (; filled < n && steps > 0; l = l.tail(), steps--) first[filled++] = l.head();
      x[0] = l;
      set(kFilled, filled);
      if (filled < n) return pause(p);
    }

    u64 built = field(kBuilt);
    bool swapped = field(kSource) != 0;
    MergeSort<Order> sort{Order(position), swapped ? first + n : first, swapped ? first : first + n, n,
                          field(kWidth),   field(kLow), field(kI), field(kJ)};
    if (built == 0) {
      bool done = sort.run(steps);
      if (sort.doubtful()) return declined(x);
      set(kWidth, sort.width);
      set(kLow, sort.low);
      set(kI, sort.i);
      set(kJ, sort.j);
      set(kSource, sort.from != first);
      if (!done) return pause(p);
      x[0] = Term::nil();
    }
    u64 count = std::min(kBuiltAtOnce, n - built);
    u64 offset = static_cast<u64>(sort.from - fields) + n - built - count;
    Builder b = p.reserve(count * kConsWords);
    fields = tuple_elements(x[3]);
    const Term* a = fields + offset;
    x[0] = build(b, sort.order, a, count, built + count < n ? a[-1] : Term::none(), kUnique, x[0]);
    if (built + count == n) return NativeStatus::Done;
    set(kBuilt, built + count);
    return pause(p);
  }

  static void prepare(Process& p, Term* x, u64 n) {
    Builder b = p.reserve(tuple_words(kFields + 2 * n));
    Term* fields;
    x[3] = b.tuple_uninitialized(kFields + 2 * n, &fields);
    std::fill(fields, fields + kFields + 2 * n, Term::small(0));
    fields[kN] = Term::small(static_cast<i64>(n));
  }
};

}  // namespace

using Sort = Sorting<TermOrder, false, false>;
using Usort = Sorting<TermOrder, true, false>;
using Keysort = Sorting<KeyOrder, false, true>;
using Ukeysort = Sorting<KeyOrder, true, true>;

extern const NativeBody native_lists_sort;
extern const NativeBody native_lists_usort;
extern const NativeBody native_lists_keysort;
extern const NativeBody native_lists_ukeysort;
const NativeBody native_lists_sort = {Sort::start, Sort::resume};
const NativeBody native_lists_usort = {Usort::start, Usort::resume};
const NativeBody native_lists_keysort = {Keysort::start, Keysort::resume};
const NativeBody native_lists_ukeysort = {Ukeysort::start, Ukeysort::resume};

}  // namespace lintel
