#include "jit/code_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <iterator>
#include <map>
#include <mutex>

#include "vm/base/lock.h"

namespace lintel::jit {

namespace {

constexpr u8 kTrap = 0xcc;  // int3

u8* run_view;
u8* write_view;
u64 total;
u64 used;
Mutex<LockRank::Leaf> lock;
// Free ranges: offset to size; neighbours are joined.
std::map<u64, u64>* free_ranges;

}  // namespace

bool code_memory_init(u64 bytes, const char** why) {
  VM_CHECK(run_view == nullptr && bytes % kCodeUnit == 0);
  int fd = memfd_create("lintel-code", MFD_CLOEXEC);
  if (fd < 0) {
    *why = "no memory file for machine code";
    return false;
  }
  void* run = MAP_FAILED;
  void* write = MAP_FAILED;
  if (ftruncate(fd, static_cast<off_t>(bytes)) == 0) {
    run = mmap(nullptr, bytes, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_32BIT | MAP_NORESERVE, fd, 0);
    write = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  }
  close(fd);
  if (run == MAP_FAILED || write == MAP_FAILED) {
    if (run != MAP_FAILED) munmap(run, bytes);
    if (write != MAP_FAILED) munmap(write, bytes);
    *why = "no room below 4 GB for machine code";
    return false;
  }
  VM_CHECK(reinterpret_cast<u64>(run) + bytes <= u64{1} << 32);
  run_view = static_cast<u8*>(run);
  write_view = static_cast<u8*>(write);
  total = bytes;
  free_ranges = new std::map<u64, u64>{{0, bytes}};
  return true;
}

CodeBlock code_memory_take(u64 bytes) {
  u64 size = (bytes + kCodeUnit - 1) / kCodeUnit * kCodeUnit;
  if (size == 0) return {};
  std::lock_guard guard(lock);
  for (auto it = free_ranges->begin(); it != free_ranges->end(); ++it) {
    auto [at, room] = *it;
    if (room < size) continue;
    free_ranges->erase(it);
    if (room > size) free_ranges->emplace(at + size, room - size);
    used += size;
    return {run_view + at, size};
  }
  return {};
}

u8* code_memory_writable(const CodeBlock& block) {
  VM_ASSERT(code_memory_contains(block.run));
  return write_view + (block.run - run_view);
}

void code_memory_give_back(const CodeBlock& block) {
  std::memset(code_memory_writable(block), kTrap, block.size);
  u64 at = static_cast<u64>(block.run - run_view);
  u64 size = block.size;
  std::lock_guard guard(lock);
  used -= size;
  auto next = free_ranges->upper_bound(at);
  if (next != free_ranges->end() && next->first == at + size) {
    size += next->second;
    next = free_ranges->erase(next);
  }
  if (next != free_ranges->begin()) {
    auto before = std::prev(next);
    VM_ASSERT(before->first + before->second <= at);
    if (before->first + before->second == at) {
      before->second += size;
      return;
    }
  }
  free_ranges->emplace(at, size);
}

bool code_memory_contains(const void* address) {
  auto* a = static_cast<const u8*>(address);
  return a >= run_view && a < run_view + total;
}

u64 code_memory_used() {
  std::lock_guard guard(lock);
  return used;
}

}  // namespace lintel::jit
