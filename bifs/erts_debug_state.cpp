// erts_debug:get_internal_state/1 and set_internal_state/2: what the test suites look at.
#include "bifs/scratch.h"
#include "vm/diag/system_events.h"
#include "vm/proc/exception.h"
#include "vm/proc/links.h"
#include "vm/proc/process_table.h"
#include "vm/sched/bif_timer.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {

u64 persistent_term_slots();

namespace {
std::atomic<bool> available{false};

// How a binary is stored: {refc_binary, Size, {binary, Allocated}, Flags}, or heap_binary.
Term binary_info(Scratch& s, Term of) {
  if (of.is(BoxedTag::SubBinary)) of = view<SubBinary>(of)->base;
  if (!of.is(BoxedTag::RefcBinary)) return am::heap_binary;
  const auto* b = view<RefcBinary>(of);
  Term allocated = s.tuple({am::binary, Term::small(static_cast<i64>(b->data->capacity))});
  return s.tuple({am::refc_binary, Term::small(static_cast<i64>(b->size())), allocated, Term::small(0)});
}
}  // namespace

BifResult erts_debug_get_internal_state_1(Process& p, Term* args) {
  Term what = args[0];
  if (what == am::available_internal_state) return am_bool(available);
  if (!available) return raise_undef(p);
  Scratch s(p);
  if (what == am::reds_left) return Term::small(p.reds);
  if (what == am::next_pid) return Term::small(process_table_next());
  if (what == am::memory) return am::notsup;
  if (what == am::persistent_term) {
    Term keys = s.tuple({am::table});
    Term* map = s.room(3).alloc(3);
    map[0] = Term::header(BoxedTag::FlatMap, 2);
    map[1] = keys;
    map[2] = Term::small(static_cast<i64>(persistent_term_slots()));
    return Term::boxed(map);
  }
  if (what == am::scheduler_dump) return am::ok;
  if (what == am::aux_work) return Term::nil();
  if (is_tuple_of(what, 2)) {
    Term kind = tuple_element(what, 0);
    Term of = tuple_element(what, 1);
    if (kind == am::process_status && of.is_local_pid()) {
      Process* other = process_lookup(of);
      if (other == nullptr) return am::undefined;
      return (other->state_now() & kStateExiting) != 0 ? am::exiting : am::running;
    }
    if (kind == am::binary_info && of.is_bitstring()) return binary_info(s, of);
    if (kind == am::next_pid) return Term::small(process_table_next());
  }
  return am::undefined;
}

BifResult erts_debug_set_internal_state_2(Process& p, Term* args) {
  Term what = args[0];
  Term value = args[1];
  if (what == am::available_internal_state && (value == am::true_ || value == am::false_)) {
    return am_bool(available.exchange(value == am::true_));
  }
  if (!available) return raise_undef(p);
  i64 n = value.is_small() ? value.small_value() : -1;
  if (what == am::reds_left && n >= 0) {
    p.reds = n;
    return am::true_;
  }
  if (what == am::next_pid && n >= 0) {
    process_table_set_next(static_cast<u32>(n));
    return Term::small(n);
  }
  if (what == am::block && n >= 0) {
    schedulers_block();
    timespec time{n / 1000, n % 1000 * 1000000};
    nanosleep(&time, nullptr);
    schedulers_unblock();
    return am::true_;
  }
  if (what == am::test_long_gc_sleep && n >= 0) {
    test_long_gc_sleep_ms.store(static_cast<u32>(n), std::memory_order_relaxed);
    return am::true_;
  }
  if (what == am::wait) return am::ok;
  // Only debug builds of the stock VM can pause every step; the ETS suite asks, and runs without.
  if (what == am::ets_force_trap) return am::notsup;
  if (what == am::force_gc && value.is_local_pid()) return am::true_;
  return am::undefined;
}

}  // namespace lintel
