// erlang: phash and phash2.
#include "vm/sched/long_work.h"
#include "vm/proc/exception.h"
#include "vm/term/hash.h"

namespace lintel {

namespace {

constexpr i64 kMaxRange = i64{1} << 32;
constexpr u32 kDefaultRangeMask = (1u << 27) - 1;

bool good_range(Term t) {
  return t.is_small() && t.small_value() >= 1 && t.small_value() <= kMaxRange;
}

}  // namespace

// 1..Range
BifResult erlang_phash_2(Process& p, Term* args) {
  if (!good_range(args[1])) return raise_badarg(p);
  if (is_long_walk(p, args[0])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  return Term::small(1 + static_cast<i64>(phash(args[0])) % args[1].small_value());
}

// 0..2^27-1
BifResult erlang_phash2_1(Process& p, Term* args) {
  if (is_long_walk(p, args[0])) return run_on_dirty(p, DirtyKind::Cpu, {args[0]});
  return Term::small(phash2(args[0]) & kDefaultRangeMask);
}

// 0..Range-1
BifResult erlang_phash2_2(Process& p, Term* args) {
  if (!good_range(args[1])) return raise_badarg(p);
  if (is_long_walk(p, args[0])) return run_on_dirty(p, DirtyKind::Cpu, {args[0], args[1]});
  return Term::small(static_cast<i64>(phash2(args[0])) % args[1].small_value());
}

}  // namespace lintel
