#include "tests/unit/fake_engine.h"
#include "vm/proc/registry.h"
#include "vm/sched/dirty.h"

namespace lintel {
namespace {

using namespace fake;

class Sched : public Machine {};

TEST_F(Sched, ProcessesRunAndEnd) {
  std::atomic<int> ran{0};
  for (int i = 0; i < 5000; i++) {
    Term pid = start(nullptr, [&](Process& p) {
      ran++;
      return exit_with(p, am::normal);
    });
    ASSERT_FALSE(pid.is_none());
  }
  wait_for([&] { return ran == 5000; });
  wait_for_no_processes();
}

TEST_F(Sched, SpawnFromProcesses) {
  // Each makes two children down to depth 10.
  std::atomic<int> ran{0};
  std::function<RunResult(Process&)> tree = [&](Process& p) {
    i64 depth = argument(p).small_value();
    ran++;
    if (depth > 0) {
      for (int i = 0; i < 2; i++) start(&p, tree, {Term::small(depth - 1)});
    }
    return exit_with(p, am::normal);
  };
  start(nullptr, tree, {Term::small(10)});
  wait_for([&] { return ran == (1 << 11) - 1; });
  wait_for_no_processes();
}

TEST_F(Sched, YieldingProcessesShare) {
  // Both count up to the other's number; a turn is one step.
  std::atomic<int> a{0}, b{0};
  for (auto* counter : {&a, &b}) {
    start(nullptr, [counter](Process& p) {
      p.reds = 0;
      return ++*counter == 2000 ? exit_with(p, am::normal) : RunResult::Yielded;
    });
  }
  wait_for_no_processes();
  EXPECT_EQ(a, 2000);
  EXPECT_EQ(b, 2000);
}

TEST_F(Sched, PingPong) {
  std::atomic<int> rounds{0};
  constexpr int kRounds = 20000;
  Term pong = start(nullptr, [](Process& p) {
    while (true) {
      Term m = receive(p);
      if (m.is_none()) return RunResult::Waiting;
      if (m == am::kill) return exit_with(p, am::normal);
      send_message(&p, m, am::ok);
    }
  });
  start(nullptr, [&](Process& p) {
    Term other = argument(p);
    if (rounds == 0) send_message(&p, other, p.id), rounds = 1;
    while (true) {
      Term m = receive(p);
      if (m.is_none()) return RunResult::Waiting;
      if (++rounds > kRounds) {
        send_message(&p, other, am::kill);
        return exit_with(p, am::normal);
      }
      send_message(&p, other, p.id);
    }
  }, {pong});
  wait_for_no_processes();
  EXPECT_EQ(rounds, kRounds + 1);
}

TEST_F(Sched, OrderBetweenPairs) {
  constexpr int kSenders = 8;
  constexpr int kEach = 5000;
  std::atomic<int> wrong{0};
  i64 next[kSenders] = {};
  int got = 0;
  Term sink = start(nullptr, [&](Process& p) {
    while (true) {
      Term m = receive(p);
      if (m.is_none()) return RunResult::Waiting;
      i64 who = tuple_element(m, 0).small_value();
      if (tuple_element(m, 1).small_value() != next[who]++) wrong++;
      if (++got == kSenders * kEach) return exit_with(p, am::normal);
    }
  });
  for (int s = 0; s < kSenders; s++) {
    auto sent = std::make_shared<i64>(0);
    start(nullptr, [sent](Process& p) {
      for (int i = 0; i < 100; i++) {
        Builder b = p.reserve(3);
        Term m = b.tuple({argument(p, 1), Term::small(*sent)});
        send_message(&p, argument(p, 0), m);
        if (++*sent == kEach) return exit_with(p, am::normal);
      }
      return RunResult::Yielded;
    }, {sink, Term::small(s)});
  }
  wait_for_no_processes();
  EXPECT_EQ(got, kSenders * kEach);
  EXPECT_EQ(wrong, 0);
}

TEST_F(Sched, Priorities) {
  // All work is queued while the world stands still; one scheduler then runs max before low.
  ASSERT_TRUE(schedulers_set_online(1));
  schedulers_block();
  std::mutex lock;
  std::vector<int> order;
  for (int i = 0; i < 3; i++) {
    for (u8 priority : {kPriorityLow, kPriorityNormal, kPriorityHigh, kPriorityMax}) {
      SpawnOptions options;
      options.priority = priority;
      start(nullptr, [&, priority](Process& p) {
        std::lock_guard guard(lock);
        order.push_back(priority);
        return exit_with(p, am::normal);
      }, {}, options);
    }
  }
  schedulers_unblock();
  wait_for_no_processes();
  schedulers_set_online(4);
  std::vector<int> expected{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
  EXPECT_EQ(order, expected);
}

TEST_F(Sched, DirtyThreads) {
  std::atomic<int> on_dirty{0}, back{0};
  for (int i = 0; i < 50; i++) {
    auto phase = std::make_shared<int>(0);
    DirtyKind kind = i % 2 ? DirtyKind::Cpu : DirtyKind::Io;
    start(nullptr, [&, phase, kind](Process& p) {
      switch ((*phase)++) {
        case 0:
          p.dirty_kind = static_cast<u8>(kind);
          return RunResult::Yielded;
        case 1: {
          if (on_dirty_thread(p)) on_dirty++;
          DirtyNative section;
          usleep(1000);
          return RunResult::Yielded;
        }
        default:
          if (!on_dirty_thread(p)) back++;
          return exit_with(p, am::normal);
      }
    });
  }
  wait_for_no_processes();
  EXPECT_EQ(on_dirty, 50);
  EXPECT_EQ(back, 50);
}

TEST_F(Sched, BlockingTheWorld) {
  std::atomic<bool> stop{false};
  std::atomic<u64> turns{0};
  for (int i = 0; i < 8; i++) {
    start(nullptr, [&](Process& p) {
      turns++;
      return stop ? exit_with(p, am::normal) : RunResult::Yielded;
    });
  }
  for (int i = 0; i < 200; i++) {
    schedulers_block();
    u64 before = turns;
    usleep(200);
    EXPECT_EQ(turns, before);
    schedulers_unblock();
    usleep(50);
  }
  stop = true;
  wait_for_no_processes();
}

TEST_F(Sched, BlockersAmongProcesses) {
  std::atomic<int> inside{0}, overlaps{0}, done{0};
  for (int i = 0; i < 6; i++) {
    auto left = std::make_shared<int>(50);
    start(nullptr, [&, left](Process& p) {
      schedulers_block();
      if (inside++ != 0) overlaps++;
      inside--;
      schedulers_unblock();
      if (--*left > 0) return RunResult::Yielded;
      done++;
      return exit_with(p, am::normal);
    });
  }
  wait_for([&] { return done == 6; });
  EXPECT_EQ(overlaps, 0);
  wait_for_no_processes();
}

TEST_F(Sched, ReceiveTimers) {
  std::atomic<i64> elapsed_ms{-1};
  auto begin = std::make_shared<i64>(0);
  start(nullptr, [&, begin](Process& p) {
    if (*begin == 0) *begin = os_monotonic_ns();
    if (!receive(p).is_none()) return exit_with(p, am::error);
    switch (receive_timer_wait(p, Term::small(50))) {
      case ReceiveWait::Expired:
        elapsed_ms = (os_monotonic_ns() - *begin) / 1000000;
        return exit_with(p, am::normal);
      default: return RunResult::Waiting;
    }
  });
  wait_for_no_processes();
  EXPECT_GE(elapsed_ms, 50);
  EXPECT_LT(elapsed_ms, 1000);
}

TEST_F(Sched, TimersCancelledByMessagesAndMigration) {
  // Pairs that exchange messages with a timeout each that never runs out, across schedulers.
  std::atomic<int> done{0};
  for (int i = 0; i < 40; i++) {
    auto left = std::make_shared<int>(500);
    auto body = [&, left](Process& p) {
      while (true) {
        Term m = receive(p);
        if (m.is_none()) {
          switch (receive_timer_wait(p, Term::small(60000))) {
            case ReceiveWait::Wait: return RunResult::Waiting;
            default: return exit_with(p, am::error);
          }
        }
        receive_timer_cancel(p);
        if (m == am::kill) return exit_with(p, am::normal);
        if (--*left == 0) {
          send_message(&p, m, am::kill);
          done++;
          return exit_with(p, am::normal);
        }
        send_message(&p, m, p.id);
      }
    };
    Term a = start(nullptr, body);
    Term b = start(nullptr, body);
    QuiesceGuard guard;
    send_message(nullptr, a, b);
  }
  wait_for([&] { return done == 40; });
  wait_for_no_processes();
}

TEST_F(Sched, SelectiveReceiveWithMarkers) {
  // The queue is long; the marker makes the receive look only at what came after.
  std::atomic<int> looked{0};
  std::atomic<bool> found{false};
  auto phase = std::make_shared<int>(0);
  auto ref = std::make_shared<RefNumbers>();
  Term pid = start(nullptr, [&, phase, ref](Process& p) {
    if (*phase == 0) {
      if (p.mailbox.length < 1000) {
        signals_fetch(p);
        if (p.mailbox.length < 1000) return RunResult::Waiting;
      }
      *phase = 1;
      Term marker = receive_marker_reserve(p);
      *ref = make_ref_numbers();
      Builder b = p.reserve(kRefWords);
      Term r = b.reference(*ref);
      receive_marker_bind(p, marker, r);
      send_message(&p, p.id, r);
      receive_marker_use(p, r);
    }
    while (true) {
      Term m = mailbox_peek(p);
      if (m.is_none()) return RunResult::Waiting;
      looked++;
      if (m.is_local_ref() && local_ref_numbers(m) == *ref) {
        mailbox_remove(p);
        found = true;
        return exit_with(p, am::normal);
      }
      mailbox_advance(p);
    }
  });
  {
    QuiesceGuard guard;
    for (int i = 0; i < 1000; i++) send_message(nullptr, pid, Term::small(i));
  }
  wait_for_no_processes();
  EXPECT_TRUE(found);
  EXPECT_EQ(looked, 1);
}

TEST_F(Sched, MemoryComesBack) {
  wait_for_no_processes();
  u64 before = 0;
  for (int round = 0; round < 5; round++) {
    for (int i = 0; i < 2000; i++) {
      start(nullptr, [](Process& p) { return exit_with(p, am::normal); });
    }
    wait_for_no_processes();
    // Schedulers pass quiescent points only when they run something.
    for (int i = 0; i < 20; i++) {
      start(nullptr, [](Process& p) { return exit_with(p, am::normal); });
      usleep(500);
    }
    if (round == 0) before = quiesce_pending();
  }
  EXPECT_LE(quiesce_pending(), before + 200);
}

}  // namespace
}  // namespace lintel
