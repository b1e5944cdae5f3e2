// Fun entries: what local funs point at. One per {module, index, unique hash} ever seen, in a loaded
// module or in a decoded external term, never freed, so that a fun term owns nothing.
#pragma once
#include <array>
#include <atomic>

#include "vm/term/term.h"

namespace lintel {

struct FunEntry {
  std::atomic<const Word*> entry;  // where a call goes; `stub` while no loaded code has the fun
  Term module;
  u32 arity;      // of the fun as called
  u32 num_free;
  u32 index;
  u32 old_index;
  u32 old_uniq;
  std::array<u8, 16> uniq;  // md5 of the module that defines it
  Term function;  // name of the implementing function, none() until loaded
  bool is_purged = false;  // its code is about to go: whoever calls it waits. Set with the schedulers blocked
  Word stub[2];   // code that calls error_handler:undefined_lambda/3

  bool is_loaded() const { return entry.load(std::memory_order_acquire) != stub; }
};

struct FunKey {
  Term module;
  u32 index;
  u32 old_uniq;
  std::array<u8, 16> uniq;
};
// Finds or makes; a new entry has entry == stub and the numbers given.
FunEntry* fun_entry_get(const FunKey& key, u32 arity, u32 num_free, u32 old_index);

}  // namespace lintel
