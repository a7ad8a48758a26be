#include "schedule.h"

#include <gtest/gtest.h>

#include <string>

namespace sotto::simulation {
namespace {

TEST(Schedule, RunsEventsInTheOrderOfTimeAndThenOfScheduling) {
  Schedule schedule({100});
  std::string order;
  schedule.after({20}, [&] { order += 'c'; });
  schedule.after({10}, [&] { order += 'a'; });
  schedule.after({10}, [&] {
    order += 'b';
    schedule.after({0}, [&] { order += '+'; });
  });
  schedule.run_until({120});
  EXPECT_EQ(order, "ab+c");
  EXPECT_EQ(schedule.now(), UnixMs{120});
}

TEST(Schedule, NeverRunsWhatWasCancelledOrIsNotDue) {
  Schedule schedule({0});
  int runs = 0;
  const auto cancelled = schedule.after({5}, [&] { ++runs; });
  schedule.after({11}, [&] { ++runs; });
  schedule.cancel(cancelled);
  schedule.run_until({10});
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(schedule.now(), UnixMs{10});
}

TEST(Schedule, TakesATimeInThePastForNow) {
  Schedule schedule({50});
  UnixMs ran;
  schedule.at({10}, [&] { ran = schedule.now(); });
  schedule.run_until({60});
  EXPECT_EQ(ran, UnixMs{50});
}

}  // namespace
}  // namespace sotto::simulation
