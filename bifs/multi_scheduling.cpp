#include "bifs/multi_scheduling.h"

#include <algorithm>
#include <atomic>

#include "vm/base/lock.h"
#include "vm/proc/exit.h"
#include "vm/sched/scheduler.h"
#include "vm/term/atom.h"

namespace lintel {

namespace {

struct Blocker {
  Term pid;
  u32 blocks[2] = {0, 0};  // by MultiSchedulingBlock
};

Mutex<LockRank::SchedulersOnline> lock;
std::vector<Blocker> blockers;     // under lock
u32 wanted = 0;                    // under lock; means something while there are blockers
std::atomic<bool> somebody{false};  // a hint for processes that end: no blocker, no lock

std::vector<Blocker>::iterator find_locked(Term pid) {
  return std::find_if(blockers.begin(), blockers.end(), [pid](const Blocker& b) { return b.pid == pid; });
}

void remove_locked(std::vector<Blocker>::iterator b) {
  blockers.erase(b);
  if (!blockers.empty()) return;
  somebody.store(false, std::memory_order_relaxed);
  schedulers_set_online(wanted);
}

// What a process that ends still blocks. It made its block itself, so it sees the hint set.
bool release_blocks(Process& p) {
  if (!somebody.load(std::memory_order_relaxed)) return true;
  Guard guard(lock);
  auto b = find_locked(p.id);
  if (b != blockers.end()) remove_locked(b);
  return true;
}

}  // namespace

void multi_scheduling_init() { process_add_exit_hook(release_blocks); }

void multi_scheduling_block(Process& p, MultiSchedulingBlock kind) {
  Guard guard(lock);
  if (blockers.empty()) {
    wanted = schedulers_online();
    somebody.store(true, std::memory_order_relaxed);
    schedulers_set_online(1);
  }
  auto b = find_locked(p.id);
  if (b == blockers.end()) b = blockers.insert(blockers.end(), Blocker{p.id});
  b->blocks[static_cast<u32>(kind)]++;
}

void multi_scheduling_unblock(Process& p, MultiSchedulingBlock kind) {
  Guard guard(lock);
  auto b = find_locked(p.id);
  if (b == blockers.end() || b->blocks[static_cast<u32>(kind)] == 0) return;
  b->blocks[static_cast<u32>(kind)]--;
  if (b->blocks[0] == 0 && b->blocks[1] == 0) remove_locked(b);
}

Term multi_scheduling_state() {
  Guard guard(lock);
  if (blockers.empty()) return am::enabled;
  for (const Blocker& b : blockers) {
    if (b.blocks[static_cast<u32>(MultiSchedulingBlock::All)] != 0) return am::blocked;
  }
  return am::blocked_normal;
}

std::vector<Term> multi_scheduling_blockers(MultiSchedulingBlock kind) {
  Guard guard(lock);
  std::vector<Term> pids;
  for (const Blocker& b : blockers) {
    if (b.blocks[static_cast<u32>(kind)] != 0) pids.push_back(b.pid);
  }
  return pids;
}

u32 schedulers_online_wanted() {
  Guard guard(lock);
  return blockers.empty() ? schedulers_online() : wanted;
}

void schedulers_online_want(u32 n) {
  Guard guard(lock);
  if (blockers.empty()) {
    schedulers_set_online(n);
  } else {
    wanted = n;
  }
}

}  // namespace lintel
