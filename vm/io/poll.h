// Readiness of descriptors. One thread waits in epoll for all of them.
//
// Interest is one-shot: when a descriptor gets ready for a direction, that direction's target is told
// once and the direction sleeps until it is armed again. So a slow reader costs nothing, and nobody
// is told twice. Descriptors that epoll does not take (plain files) count as always ready.
//
//   direction:  off --poll_arm--> armed --ready--> fired (target called) --poll_arm--> armed ...
//                   <--poll_disarm--                <--poll_disarm--
//
// A target is called on the poll thread without locks held, or by poll_arm itself for an always-ready
// descriptor; it only posts work somewhere.
#pragma once
#include "vm/base/types.h"

namespace lintel {

enum PollDirection : u8 { kPollRead = 1, kPollWrite = 2, kPollError = 4 };

struct PollTarget {
  // Called with the directions that got ready.
  void (*ready)(PollTarget* target, int fd, u8 directions) = nullptr;
};

void poll_init();
// Starts the thread.
void poll_start();

// Wants to hear once when `fd` is ready for any of `directions`. The target stays valid until it is
// disarmed for them. 0 or an errno value.
int poll_arm(int fd, u8 directions, PollTarget* target);
// Stops wanting. Directions that were fired but not yet armed again are off as well. A call of the
// target that is going on is not waited for: targets are freed by quiesce_retire.
void poll_disarm(int fd, u8 directions);
// The descriptor is about to be closed: forgets it.
void poll_forget(int fd);

struct PollStats {
  u64 descriptors;  // ever seen and not forgotten
  u64 armed;
};
PollStats poll_stats();

}  // namespace lintel
