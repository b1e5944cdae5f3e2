#include "vm/term/magic.h"

#include <unordered_map>

#include "vm/base/lock.h"

namespace lintel {

namespace {

struct NumbersHash {
  size_t operator()(const RefNumbers& n) const { return (u64{n.n[1]} << 18 ^ n.n[0]) * 0x9E3779B97F4A7C15u; }
};

Mutex<LockRank::MagicRefs> lock;
std::unordered_map<RefNumbers, MagicData*, NumbersHash>& table() {
  static auto* t = new std::unordered_map<RefNumbers, MagicData*, NumbersHash>();
  return *t;
}

}  // namespace

void magic_remember(Term t) {
  if (!t.is(BoxedTag::MagicRef)) return;
  auto* data = t.object()[2].as_raw_pointer<MagicData>();
  if (data->remembered.load(std::memory_order_relaxed)) return;
  Guard guard(lock);
  table()[data->numbers] = data;
  // The caller holds it, so whoever lets go of it last sees this.
  data->remembered.store(true, std::memory_order_relaxed);
}

MagicData* magic_find(RefNumbers n) {
  if (!is_magic_numbers(n)) return nullptr;
  Guard guard(lock);
  auto at = table().find(n);
  if (at == table().end()) return nullptr;
  // Without holders it is on its way to magic_forget, which waits for the lock.
  MagicData* data = at->second;
  u64 refs = data->refs.load(std::memory_order_relaxed);
  while (refs != 0) {
    if (data->refs.compare_exchange_weak(refs, refs + 1, std::memory_order_relaxed)) return data;
  }
  return nullptr;
}

void magic_forget(MagicData* data) {
  Guard guard(lock);
  table().erase(data->numbers);
  data->remembered.store(false, std::memory_order_relaxed);
}

}  // namespace lintel
