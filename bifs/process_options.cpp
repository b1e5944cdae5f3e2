#include "bifs/process_options.h"

#include "vm/term/atom.h"
#include "vm/term/map.h"

namespace lintel {

bool parse_monitor_options(Term list, MonitorOptions* out) {
  for (; list.is_list(); list = list.tail()) {
    Term option = list.head();
    if (!is_tuple_of(option, 2)) return false;
    Term key = tuple_element(option, 0);
    Term value = tuple_element(option, 1);
    if (key == am::alias) {
      if (value == am::explicit_unalias) {
        out->alias = AliasMode::Explicit;
      } else if (value == am::demonitor) {
        out->alias = AliasMode::Demonitor;
      } else if (value == am::reply_demonitor) {
        out->alias = AliasMode::ReplyDemonitor;
      } else {
        return false;
      }
    } else if (key == am::tag) {
      out->tag = value;
    } else {
      return false;
    }
  }
  return list.is_nil();
}

bool parse_max_heap(Term value, MaxHeapOption* out) {
  out->kill = spawn_defaults.max_heap_kill;
  out->log = spawn_defaults.max_heap_log;
  if (value.is_map()) {
    Term size = map_get_fast(value, am::size);
    Term kill = map_get_fast(value, am::kill);
    Term log = map_get_fast(value, am::error_logger);
    if (!kill.is_none()) {
      if (kill != am::true_ && kill != am::false_) return false;
      out->kill = kill == am::true_;
    }
    if (!log.is_none()) {
      if (log != am::true_ && log != am::false_) return false;
      out->log = log == am::true_;
    }
    if (size.is_none()) return false;
    value = size;
  }
  if (!value.is_small() || value.small_value() < 0) return false;
  out->words = static_cast<u64>(value.small_value());
  return out->words == 0 || out->words >= kDefaultMinHeap;
}

Term build_max_heap(Builder& b, u64 words, bool kill, bool log) {
  Term keys = b.tuple({am::error_logger, am::kill, am::size});
  Term size = b.unsigned_integer(words);
  Term* m = b.alloc(5);
  m[0] = Term::header(BoxedTag::FlatMap, 4);
  m[1] = keys;
  m[2] = am_bool(log);
  m[3] = am_bool(kill);
  m[4] = size;
  return Term::boxed(m);
}

bool parse_priority(Term value, u8* out) {
  if (value == am::normal) *out = kPriorityNormal;
  else if (value == am::low) *out = kPriorityLow;
  else if (value == am::high) *out = kPriorityHigh;
  else if (value == am::max) *out = kPriorityMax;
  else return false;
  return true;
}

Term priority_atom(u8 priority) {
  constexpr Term kAtoms[] = {am::max, am::high, am::normal, am::low};
  return kAtoms[priority];
}

u64 next_heap_size(u64 words) {
  u64 before = 12;
  u64 size = 38;
  while (size < words) {
    u64 next = size < 1000000 ? size + before + 1 : size + size / 5;
    before = size;
    size = next;
  }
  return size < kDefaultMinHeap ? kDefaultMinHeap : size;
}

}  // namespace lintel
