#include "vm/sched/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "vm/base/alloc.h"

namespace lintel {
namespace {

struct TestTimer : Timer {
  u64 fired_at = 0;
};

TimerWheel* wheel_now;
void on_fire(Timer* t) { static_cast<TestTimer*>(t)->fired_at = wheel_now->now; }

class Wheel : public ::testing::Test {
 protected:
  Wheel() : wheel(vm_new<TimerWheel>()) { wheel_now = wheel; }
  ~Wheel() override { vm_delete(wheel); }
  TestTimer* add(u64 deadline) {
    timers.push_back(std::make_unique<TestTimer>());
    TestTimer* t = timers.back().get();
    t->deadline = deadline;
    t->fire = on_fire;
    t->wheel = wheel;
    wheel->insert(t);
    return t;
  }
  TimerWheel* wheel;
  std::vector<std::unique_ptr<TestTimer>> timers;
};

TEST_F(Wheel, FiresAtTheDeadline) {
  for (u64 d : {1u, 2u, 255u, 256u, 257u, 511u, 512u, 65535u, 65536u, 65537u, 1000000u, 20000000u}) {
    add(d);
  }
  wheel->advance(30000000);
  for (auto& t : timers) EXPECT_EQ(t->fired_at, t->deadline);
  EXPECT_EQ(wheel->next_tick(), kNoDeadline);
}

TEST_F(Wheel, NeverEarlyNeverForgotten) {
  std::mt19937_64 random(1);
  u64 now = 0;
  std::multimap<u64, TestTimer*> waiting;
  for (int step = 0; step < 20000; step++) {
    switch (random() % 4) {
      case 0:
      case 1: {
        u64 distance = 1 + (random() % (u64{1} << (random() % 28)));
        TestTimer* t = add(now + distance);
        waiting.emplace(t->deadline, t);
        break;
      }
      case 2:
        if (!waiting.empty()) {
          auto i = waiting.begin();
          std::advance(i, static_cast<long>(random() % std::min<size_t>(waiting.size(), 10)));
          wheel->unlink(i->second);
          i->second->fired_at = 1;
          waiting.erase(i);
        }
        break;
      default: {
        // What the scheduler does: sleep until next_tick, or a little, or long.
        u64 next = wheel->next_tick();
        if (!waiting.empty()) {
          ASSERT_LE(next, waiting.begin()->first);
        }
        now += random() % (u64{1} << (random() % 20));
        wheel->advance(now);
        while (!waiting.empty() && waiting.begin()->first <= now) {
          ASSERT_EQ(waiting.begin()->second->fired_at, waiting.begin()->first);
          waiting.erase(waiting.begin());
        }
        for (auto& [deadline, t] : waiting) ASSERT_EQ(t->fired_at, 0u) << deadline;
      }
    }
  }
}

TEST_F(Wheel, FarBeyondTheLastLevel) {
  TestTimer* t = add(u64{1} << 50);
  wheel->advance((u64{1} << 50) - 1);
  EXPECT_EQ(t->fired_at, 0u);
  wheel->advance(u64{1} << 50);
  EXPECT_EQ(t->fired_at, u64{1} << 50);
}

}  // namespace
}  // namespace lintel
