// Where machine code lives: one range of addresses, reserved at the start.
//
//   run view    readable and executable, below 4 GB, so that an address is half a code word
//   write view  the same pages, readable and writable, somewhere else
//
// No page is ever writable and executable at one address (asmjit's JitAllocator maps twice as well,
// but lets nobody choose where). Blocks are handed out first fit and come back when their module
// goes; what is free holds traps.
#pragma once
#include "vm/base/types.h"

namespace lintel::jit {

struct CodeBlock {
  u8* run = nullptr;  // where it is executed; null: none
  u64 size = 0;       // bytes handed out, a multiple of kCodeUnit
};

inline constexpr u64 kCodeUnit = 64;

// Reserves the range. False, with *why set, when the system refuses.
bool code_memory_init(u64 bytes, const char** why);
// Room for `bytes` bytes, or a block without address when there is none. Any thread.
CodeBlock code_memory_take(u64 bytes);
// The same bytes where they can be written. Nobody runs them before the writer publishes the address.
u8* code_memory_writable(const CodeBlock& block);
// Nobody runs the block any more.
void code_memory_give_back(const CodeBlock& block);
// Whether an address is in the range.
bool code_memory_contains(const void* address);
u64 code_memory_used();

}  // namespace lintel::jit
