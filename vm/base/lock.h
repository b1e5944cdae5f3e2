// Ranked locks. Each lock has a class from locks.def; debug builds abort when a thread takes a lock
// whose rank is not above every rank it holds, so that no lock order can be wrong unnoticed.
#pragma once
#include <atomic>
#include <mutex>
#include <shared_mutex>

#include "vm/base/types.h"

namespace lintel {

enum class LockRank : u8 {
#define LOCK(name) name,
#include "vm/tables/locks.def"
#undef LOCK
};

#ifdef LINTEL_ASSERTS
void lock_rank_push(LockRank rank);
void lock_rank_pop(LockRank rank);
#else
inline void lock_rank_push(LockRank) {}
inline void lock_rank_pop(LockRank) {}
#endif

template <LockRank kRank>
class Mutex {
 public:
  void lock() {
    lock_rank_push(kRank);
    m_.lock();
  }
  bool try_lock() {
    if (!m_.try_lock()) return false;
    lock_rank_push(kRank);
    return true;
  }
  void unlock() {
    m_.unlock();
    lock_rank_pop(kRank);
  }
  // For the lock of something that nobody else knows yet, which cannot be waited for: outside the
  // order, so another of its class may be held.
  void lock_unpublished() { m_.lock(); }
  void unlock_unpublished() { m_.unlock(); }

 private:
  std::mutex m_;
};

template <LockRank kRank>
class RwMutex {
 public:
  void lock() {
    lock_rank_push(kRank);
    m_.lock();
  }
  void unlock() {
    m_.unlock();
    lock_rank_pop(kRank);
  }
  void lock_shared() {
    lock_rank_push(kRank);
    m_.lock_shared();
  }
  void unlock_shared() {
    m_.unlock_shared();
    lock_rank_pop(kRank);
  }

 private:
  std::shared_mutex m_;
};

template <typename M>
class [[nodiscard]] Guard {
 public:
  explicit Guard(M& m) : m_(m) { m_.lock(); }
  ~Guard() { m_.unlock(); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  M& m_;
};

template <typename M>
class [[nodiscard]] SharedGuard {
 public:
  explicit SharedGuard(M& m) : m_(m) { m_.lock_shared(); }
  ~SharedGuard() { m_.unlock_shared(); }
  SharedGuard(const SharedGuard&) = delete;
  SharedGuard& operator=(const SharedGuard&) = delete;

 private:
  M& m_;
};

}  // namespace lintel
