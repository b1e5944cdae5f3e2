#include "tests/unit/fake_engine.h"
#include "vm/proc/registry.h"
#include "vm/proc/suspend.h"

namespace lintel {
namespace {

using namespace fake;

class Signals : public Machine {};

// A process that waits for an exit signal.
RunResult idle(Process& p) {
  while (!receive(p).is_none()) {
  }
  (void)p;
  return RunResult::Waiting;
}

void send_exit(Term to, Term reason) {
  QuiesceGuard guard;
  send_exit_signal(Term::pid((1 << 28) - 1), to, reason, false);
}

TEST_F(Signals, KillEndsAProcess) {
  Term pid = start(nullptr, idle);
  send_exit(pid, am::normal);  // ignored
  usleep(5000);
  EXPECT_EQ(process_count(), 1u);
  send_exit(pid, am::kill);
  wait_for_no_processes();
}

TEST_F(Signals, TrapExit) {
  std::atomic<bool> got{false};
  std::atomic<bool> traps{false};
  Term pid = start(nullptr, [&](Process& p) {
    p.flags |= kFlagTrapExit;
    traps = true;
    Term m = receive(p);
    if (m.is_none()) return RunResult::Waiting;
    got = tuple_element(m, 0) == am::EXIT && tuple_element(m, 2) == am::badarg;
    return exit_with(p, am::normal);
  });
  while (!traps) usleep(1000);
  send_exit(pid, am::badarg);
  wait_for_no_processes();
  EXPECT_TRUE(got);
}

TEST_F(Signals, LinksTakeAChainDown) {
  // Each links to the one before; killing the first ends all.
  Term first = start(nullptr, idle);
  Term before = first;
  std::atomic<int> linked{0};
  for (int i = 0; i < 200; i++) {
    auto once = std::make_shared<bool>(false);
    before = start(nullptr, [&, once](Process& p) {
      if (!*once) {
        *once = true;
        EXPECT_TRUE(process_link(p, argument(p)));
        linked++;
      }
      return idle(p);
    }, {before});
  }
  wait_for([&] { return linked == 200; });
  EXPECT_EQ(process_count(), 201u);
  send_exit(first, am::kill);
  wait_for_no_processes();
}

TEST_F(Signals, ManyLinksAndMonitorsFire) {
  // One process with 20,000 links and as many monitors on it ends in several turns.
  constexpr int kCount = 10000;
  std::atomic<int> downs{0}, exits{0};
  Term hub = start(nullptr, idle);
  std::atomic<int> ready{0};
  for (int i = 0; i < kCount; i++) {
    auto once = std::make_shared<bool>(false);
    bool link = i % 2 == 0;
    start(nullptr, [&, once, link](Process& p) {
      if (!*once) {
        *once = true;
        p.flags |= kFlagTrapExit;
        if (link) {
          process_link(p, argument(p));
        } else {
          process_monitor(p, MonitorType::Process, argument(p), Term::none(), make_ref_numbers(), {});
        }
        ready++;
      }
      Term m = receive(p);
      if (m.is_none()) return RunResult::Waiting;
      if (tuple_element(m, 0) == am::DOWN && tuple_element(m, 4) == am::killed) downs++;
      if (tuple_element(m, 0) == am::EXIT && tuple_element(m, 2) == am::killed) exits++;
      return exit_with(p, am::normal);
    }, {hub});
  }
  wait_for([&] { return ready == kCount; });
  send_exit(hub, am::kill);
  wait_for_no_processes();
  EXPECT_EQ(downs, kCount / 2);
  EXPECT_EQ(exits, kCount / 2);
}

TEST_F(Signals, MonitorOfTheDead) {
  std::atomic<bool> got{false};
  Term dead = start(nullptr, [](Process& p) { return exit_with(p, am::normal); });
  wait_for_no_processes();
  auto once = std::make_shared<bool>(false);
  start(nullptr, [&, once](Process& p) {
    if (!*once) {
      *once = true;
      process_monitor(p, MonitorType::Process, argument(p), Term::none(), make_ref_numbers(), {});
    }
    Term m = receive(p);
    if (m.is_none()) return RunResult::Waiting;
    got = tuple_element(m, 3) == argument(p) && tuple_element(m, 4) == am::noproc;
    return exit_with(p, am::normal);
  }, {dead});
  wait_for_no_processes();
  EXPECT_TRUE(got);
}

TEST_F(Signals, DemonitoredSendsNothing) {
  std::atomic<int> got{0};
  Term target = start(nullptr, idle);
  auto once = std::make_shared<bool>(false);
  Term watcher = start(nullptr, [&, once](Process& p) {
    if (!*once) {
      *once = true;
      for (int i = 0; i < 100; i++) {
        RefNumbers ref = make_ref_numbers();
        process_monitor(p, MonitorType::Process, argument(p), Term::none(), ref, {});
        EXPECT_TRUE(process_demonitor(p, ref));
        EXPECT_FALSE(process_demonitor(p, ref));
      }
    }
    while (!receive(p).is_none()) got++;
    return RunResult::Waiting;
  }, {target});
  usleep(10000);
  send_exit(target, am::kill);
  usleep(10000);
  EXPECT_EQ(got, 0);
  send_exit(watcher, am::kill);
  wait_for_no_processes();
}

TEST_F(Signals, LinkAndUnlinkRace) {
  // Two processes link and unlink each other at random; afterwards both sides agree.
  std::atomic<Word> peers[2] = {};
  std::atomic<int> finished{0};
  std::atomic<int> links_left{0};
  std::atomic<bool> count_now{false};
  std::atomic<int> counted{0};
  for (int side = 0; side < 2; side++) {
    auto left = std::make_shared<int>(20000);
    auto rng = std::make_shared<u64>(side + 7);
    Term pid = start(nullptr, [&, side, left, rng](Process& p) {
      Word other = peers[1 - side];
      if (other == 0) return RunResult::Yielded;
      p.flags |= kFlagTrapExit;
      while (!receive(p).is_none()) {
      }
      if (*left > 0) {
        for (int i = 0; i < 50; i++, --*left) {
          *rng = *rng * 6364136223846793005u + 1;
          if (*rng >> 63) {
            process_link(p, Term(other));
          } else {
            process_unlink(p, Term(other));
          }
        }
        if (*left <= 0) finished++;
        return RunResult::Yielded;
      }
      if (!count_now) return RunResult::Yielded;
      if (*left == -1) return RunResult::Waiting;
      *left = -1;
      if (p.relations != nullptr) links_left += static_cast<int>(p.relations->links.count());
      counted++;
      return RunResult::Yielded;
    });
    peers[side] = pid.bits();
  }
  wait_for([&] { return finished == 2; });
  usleep(20000);  // acknowledgements arrive
  count_now = true;
  wait_for([&] { return counted == 2; });
  EXPECT_TRUE(links_left == 0 || links_left == 2) << links_left;
  send_exit(Term(peers[0]), am::kill);
  send_exit(Term(peers[1]), am::kill);
  wait_for_no_processes();
}

TEST_F(Signals, AliasesStopBeingActive) {
  std::atomic<int> got{0};
  std::atomic<bool> ready{false};
  std::atomic<u32> numbers[3];
  auto phase = std::make_shared<int>(0);
  Term pid = start(nullptr, [&, phase](Process& p) {
    if (*phase == 0) {
      *phase = 1;
      RefNumbers n = make_ref_numbers();
      alias_add(p, n, AliasMode::Reply);
      for (int i = 0; i < 3; i++) numbers[i] = n.n[i];
      ready = true;
    }
    while (!receive(p).is_none()) got++;
    return RunResult::Waiting;
  });
  wait_for([&] { return ready.load(); });
  {
    QuiesceGuard guard;
    Fragment* f = fragment_new(kAliasRefWords);
    Builder b = f->builder();
    Term alias = build_alias_ref(b, {{numbers[0], numbers[1], numbers[2]}}, pid);
    EXPECT_EQ(alias_ref_owner(alias), pid);
    for (int i = 0; i < 5; i++) send_message(nullptr, alias, am::ok);
    fragments_free(f);
  }
  usleep(20000);
  EXPECT_EQ(got, 1);
  send_exit(pid, am::kill);
  wait_for_no_processes();
}

TEST_F(Signals, NamesAreFreeBeforeLinksFire) {
  std::atomic<int> taken{0};
  Term name = atom_intern("some_name");
  for (int round = 0; round < 300; round++) {
    Term owner = start(nullptr, idle);
    {
      QuiesceGuard guard;
      ASSERT_EQ(registry_register(name, owner), RegisterResult::Ok);
      ASSERT_EQ(registry_register(name, owner), RegisterResult::NameTaken);
    }
    auto once = std::make_shared<bool>(false);
    std::atomic<bool> monitoring{false}, done{false};
    start(nullptr, [&, once](Process& p) {
      if (!*once) {
        *once = true;
        process_monitor(p, MonitorType::Process, argument(p), Term::none(), make_ref_numbers(), {});
        monitoring = true;
      }
      if (receive(p).is_none()) return RunResult::Waiting;
      if (!registry_whereis(name).is_none()) taken++;
      done = true;
      return exit_with(p, am::normal);
    }, {owner});
    wait_for([&] { return monitoring.load(); });
    send_exit(owner, am::kill);
    wait_for([&] { return done.load(); });
    wait_for_no_processes();
  }
  EXPECT_EQ(taken, 0);
}

TEST_F(Signals, RegistryGrows) {
  std::vector<Term> pids;
  QuiesceGuard guard;
  for (int i = 0; i < 3000; i++) {
    Term pid = start(nullptr, idle);
    pids.push_back(pid);
    Term name = atom_intern("name_" + std::to_string(i));
    ASSERT_EQ(registry_register(name, pid), RegisterResult::Ok);
  }
  for (int i = 0; i < 3000; i++) {
    ASSERT_EQ(registry_whereis(atom_find("name_" + std::to_string(i))), pids[static_cast<size_t>(i)]);
  }
  for (Term pid : pids) send_exit(pid, am::kill);
  wait_for_no_processes();
  EXPECT_EQ(registry_count(), 0u);
}

TEST_F(Signals, SuspendedDoesNotRun) {
  std::atomic<u64> turns{0};
  std::atomic<bool> stop{false};
  Term pid = start(nullptr, [&](Process& p) {
    turns++;
    return stop ? exit_with(p, am::normal) : RunResult::Yielded;
  });
  for (int i = 0; i < 20; i++) {
    {
      QuiesceGuard guard;
      process_suspend(Term::none(), pid, nullptr);
    }
    // A scheduler that the system does not run just now may be slow to see it.
    u64 before;
    for (int tries = 0; tries < 200; tries++) {
      usleep(3000);
      before = turns;
      usleep(3000);
      if (turns == before) break;
    }
    EXPECT_EQ(turns, before);
    QuiesceGuard guard;
    process_resume(Term::none(), pid, 1);
    usleep(1000);
  }
  stop = true;
  wait_for_no_processes();
}

TEST_F(Signals, MessagesSurviveCollections) {
  // Peeked messages stay in the queue while the heap is collected and moved.
  std::atomic<int> wrong{0};
  int got = 0;
  Term pid = start(nullptr, [&](Process& p) {
    while (true) {
      Term m = mailbox_peek(p);
      if (m.is_none()) return RunResult::Waiting;
      if (got % 3 == 0) p.collect(100);
      if (got % 7 == 0) p.collect_major(0);
      m = mailbox_peek(p);
      if (tuple_element(m, 0).small_value() != got ||
          tuple_element(tuple_element(m, 1), 0).small_value() != got) {
        wrong++;
      }
      mailbox_remove(p);
      if (++got == 1000) return exit_with(p, am::normal);
    }
  });
  {
    QuiesceGuard guard;
    Fragment* f = fragment_new(1000 * 8);
    Builder b = f->builder();
    for (int i = 0; i < 1000; i++) {
      send_message(nullptr, pid, b.tuple({Term::small(i), b.tuple({Term::small(i)})}));
    }
    fragments_free(f);
  }
  wait_for_no_processes();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace lintel
