// atomics and counters: arrays of 64-bit numbers shared by all processes, behind references.
//
// An atomics array is plain: one number a word, all operations sequentially consistent. A counters
// array (of kind write_concurrency) has every number once per scheduler slot, each slot's numbers on
// cache lines of their own; adding touches the own slot, reading sums them up.
//
// The memory that info/1 tells is what the stock VM's layout takes, so that both print the same.
#include <new>

#include "vm/base/alloc.h"
#include "vm/proc/exception.h"
#include "vm/proc/unique.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"
#include "vm/term/big.h"
#include "vm/term/map.h"

namespace lintel {

namespace {

constexpr u64 kMostNumbers = u64{1} << 36;
constexpr u64 kLineWords = 8;
constexpr u64 kSlots = 16;

using Number = std::atomic<u64>;

enum class Kind : u8 { Atomics, Counters };

struct Array : MagicData {
  u64 size;
  bool is_signed;
  Kind kind;
  alignas(64) Number values[];
};

void array_destroy(MagicData* d) { vm_free(d); }

u64 lines(u64 size) { return (size + kLineWords - 1) / kLineWords; }

BifResult make(Process& p, u64 size, u64 words, bool is_signed, Kind kind) {
  u64 bytes = (sizeof(Array) + words * sizeof(Number) + 63) & ~u64{63};
  auto* a = new (vm_alloc_aligned(bytes, 64)) Array;
  a->numbers = make_magic_ref_numbers();
  a->destroy = array_destroy;
  a->kind = kind;
  a->size = size;
  a->is_signed = is_signed;
  for (u64 i = 0; i < words; i++) new (&a->values[i]) Number(0);
  return p.reserve(kMagicRefWords).magic_reference(a);
}

Array* array_of(Term ref, Kind kind) {
  if (!ref.is(BoxedTag::MagicRef)) return nullptr;
  auto* d = ref.object()[2].as_raw_pointer<MagicData>();
  if (d->destroy != array_destroy) return nullptr;
  auto* a = static_cast<Array*>(d);
  return a->kind == kind ? a : nullptr;
}

// The array and the 0-based index.
bool element_of(Term ref, Term index, Kind kind, Array** a, u64* i) {
  *a = array_of(ref, kind);
  if (*a == nullptr || !index.is_small()) return false;
  *i = static_cast<u64>(index.small_value()) - 1;
  return *i < (*a)->size;
}
bool number_of(Term ref, Term index, Array** a, Number** n) {
  u64 i;
  if (!element_of(ref, index, Kind::Atomics, a, &i)) return false;
  *n = &(*a)->values[i];
  return true;
}

bool to_signed(Term t, u64* out) {
  i64 v;
  if (!t.is_integer() || !integer_to_i64(t, &v)) return false;
  *out = static_cast<u64>(v);
  return true;
}
bool value_of(const Array* a, Term t, u64* out) {
  return a->is_signed ? to_signed(t, out) : t.is_integer() && integer_to_u64(t, out);
}
// What is added may be of either kind, whatever the array's.
bool increment_of(Term t, u64* out) {
  return to_signed(t, out) || (t.is_integer() && integer_to_u64(t, out));
}

Term number_term(Process& p, const Array* a, u64 v) {
  Builder b = p.reserve(kIntegerWords);
  return a->is_signed ? b.integer(static_cast<i64>(v)) : b.unsigned_integer(v);
}

// The size of a new array: false with the exception raised.
bool new_size(Process& p, Term t, u64* size) {
  if (t.is_big() && !big_is_negative(t)) {
    (void)raise_system_limit(p);
    return false;
  }
  if (!t.is_small() || t.small_value() <= 0) {
    (void)raise_badarg(p);
    return false;
  }
  *size = static_cast<u64>(t.small_value());
  if (*size <= kMostNumbers) return true;
  (void)raise_system_limit(p);
  return false;
}

u64 slot_number(const Process& p, u64 i) {
  u64 slot = p.home % kSlots;
  return (i / kLineWords * kSlots + slot) * kLineWords + i % kLineWords;
}

}  // namespace

// ---- atomics ----

BifResult erts_internal_atomics_new_2(Process& p, Term* args) {
  u64 size;
  if (!new_size(p, args[0], &size)) return Term::none();
  if (args[1].is_big()) return raise_system_limit(p);
  if (!args[1].is_small() || args[1].small_value() < 0) return raise_badarg(p);
  return make(p, size, size, (args[1].small_value() & 1) != 0, Kind::Atomics);
}

BifResult atomics_put_3(Process& p, Term* args) {
  Array* a;
  Number* n;
  u64 v;
  if (!number_of(args[0], args[1], &a, &n) || !value_of(a, args[2], &v)) return raise_badarg(p);
  n->store(v);
  return am::ok;
}

BifResult atomics_get_2(Process& p, Term* args) {
  Array* a;
  Number* n;
  if (!number_of(args[0], args[1], &a, &n)) return raise_badarg(p);
  return number_term(p, a, n->load());
}

BifResult atomics_add_3(Process& p, Term* args) {
  Array* a;
  Number* n;
  u64 v;
  if (!number_of(args[0], args[1], &a, &n) || !increment_of(args[2], &v)) return raise_badarg(p);
  n->fetch_add(v);
  return am::ok;
}

BifResult atomics_add_get_3(Process& p, Term* args) {
  Array* a;
  Number* n;
  u64 v;
  if (!number_of(args[0], args[1], &a, &n) || !increment_of(args[2], &v)) return raise_badarg(p);
  return number_term(p, a, n->fetch_add(v) + v);
}

BifResult atomics_exchange_3(Process& p, Term* args) {
  Array* a;
  Number* n;
  u64 v;
  if (!number_of(args[0], args[1], &a, &n) || !value_of(a, args[2], &v)) return raise_badarg(p);
  return number_term(p, a, n->exchange(v));
}

BifResult atomics_compare_exchange_4(Process& p, Term* args) {
  Array* a;
  Number* n;
  u64 expected, desired;
  if (!number_of(args[0], args[1], &a, &n) || !value_of(a, args[2], &expected) ||
      !value_of(a, args[3], &desired)) {
    return raise_badarg(p);
  }
  if (n->compare_exchange_strong(expected, desired)) return am::ok;
  return number_term(p, a, expected);
}

BifResult atomics_info_1(Process& p, Term* args) {
  Array* a = array_of(args[0], Kind::Atomics);
  if (a == nullptr) return raise_badarg(p);
  Builder b = p.reserve(2 * kIntegerWords);
  Term least = a->is_signed ? b.integer(INT64_MIN) : Term::small(0);
  Term most = a->is_signed ? b.integer(INT64_MAX) : b.unsigned_integer(UINT64_MAX);
  Term kv[] = {am::max, most, am::min, least, am::size, Term::small(static_cast<i64>(a->size)),
               am::memory, Term::small(static_cast<i64>(40 + 8 * a->size))};
  return map_from_pairs(p, kv, 4);
}

// ---- counters ----

BifResult erts_internal_counters_new_1(Process& p, Term* args) {
  u64 size;
  if (!new_size(p, args[0], &size)) return Term::none();
  if (size > kMostNumbers / kSlots) return raise_system_limit(p);
  return make(p, size, lines(size) * kLineWords * kSlots, true, Kind::Counters);
}

BifResult erts_internal_counters_get_2(Process& p, Term* args) {
  Array* a;
  u64 i;
  if (!element_of(args[0], args[1], Kind::Counters, &a, &i)) return raise_badarg(p);
  u64 sum = 0;
  Number* n = &a->values[i / kLineWords * kSlots * kLineWords + i % kLineWords];
  for (u64 s = 0; s < kSlots; s++) sum += n[s * kLineWords].load(std::memory_order_relaxed);
  return number_term(p, a, sum);
}

BifResult erts_internal_counters_add_3(Process& p, Term* args) {
  Array* a;
  u64 i, v;
  if (!element_of(args[0], args[1], Kind::Counters, &a, &i) || !increment_of(args[2], &v)) {
    return raise_badarg(p);
  }
  // More schedulers than slots share some, so the addition is atomic.
  a->values[slot_number(p, i)].fetch_add(v, std::memory_order_relaxed);
  return am::ok;
}

BifResult erts_internal_counters_put_3(Process& p, Term* args) {
  Array* a;
  u64 i, v;
  if (!element_of(args[0], args[1], Kind::Counters, &a, &i) || !to_signed(args[2], &v)) {
    return raise_badarg(p);
  }
  Number* n = &a->values[i / kLineWords * kSlots * kLineWords + i % kLineWords];
  for (u64 s = 1; s < kSlots; s++) v -= n[s * kLineWords].load(std::memory_order_relaxed);
  n->store(v, std::memory_order_relaxed);
  return am::ok;
}

BifResult erts_internal_counters_info_1(Process& p, Term* args) {
  Array* a = array_of(args[0], Kind::Counters);
  if (a == nullptr) return raise_badarg(p);
  u64 bytes = 32 + (scheduler_count() + 1) * lines(a->size) * kLineWords * sizeof(Number);
  Term kv[] = {am::memory, Term::small(static_cast<i64>(bytes)), am::size,
               Term::small(static_cast<i64>(a->size))};
  return map_from_pairs(p, kv, 2);
}

}  // namespace lintel
