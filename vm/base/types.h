// Sized types, assertions and branch hints used everywhere.
//
// VM_CHECK is always on: it guards foreign input and ABI promises that the caller should have
// refused already. VM_ASSERT is cheap and on in dev and sanitizer profiles. VM_SLOW_ASSERT walks
// data and is on only where --verify asks for it (see vm/heap/verify.h).
#pragma once
#include <cstddef>
#include <cstdint>

namespace lintel {

using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using i8 = int8_t;
using i16 = int16_t;
using i32 = int32_t;
using i64 = int64_t;
using Word = uint64_t;  // one heap, stack or code word
using u128 = unsigned __int128;
using i128 = __int128;

inline constexpr size_t kWordBytes = sizeof(Word);

// Words needed to hold `bytes` bytes.
constexpr size_t words_for_bytes(size_t bytes) { return (bytes + kWordBytes - 1) / kWordBytes; }

// Prints the message and the last operations of this thread's scheduler, then aborts.
[[noreturn]] void vm_panic(const char* file, int line, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

}  // namespace lintel

#define VM_LIKELY(c) __builtin_expect(!!(c), 1)
#define VM_UNLIKELY(c) __builtin_expect(!!(c), 0)
#define VM_PANIC(...) ::lintel::vm_panic(__FILE__, __LINE__, __VA_ARGS__)
#define VM_CHECK(c) (VM_LIKELY(c) ? (void)0 : VM_PANIC("check failed: %s", #c))
#ifdef LINTEL_ASSERTS
#define VM_ASSERT(c) VM_CHECK(c)
#else
#define VM_ASSERT(c) ((void)sizeof(!(c)))
#endif
#define VM_ALWAYS_INLINE inline __attribute__((always_inline))
#define VM_NOINLINE __attribute__((noinline))
#define VM_COLD __attribute__((noinline, cold))
