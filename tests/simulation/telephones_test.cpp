#include "telephones.h"

#include <gtest/gtest.h>

#include "sotto/v1/client_api.pb.h"

namespace sotto::simulation {
namespace {

struct TelephonesTest : testing::Test {
  void arrive(const std::string& text) {
    telephones.arrive({.ref = {}, .from = "+1", .to = "+2", .text = text});
  }

  Schedule schedule{{0}};
  Transcript transcript{schedule, nullptr};
  Oracle oracle{transcript};
  Network network{schedule, Dice(1), transcript};
  ServerMachine server{schedule, network, transcript, Dice(2)};
  Telephones telephones{oracle, transcript, server};
};

TEST_F(TelephonesTest, TakeAMessageOnceAndNothingThatWasWithheld) {
  arrive("alice writes through sotto.example.\nalice (g1): group clear 12");
  arrive("alice (g1): group clear 13");
  EXPECT_TRUE(oracle.violations().empty());
  arrive("alice (g1): group clear 12");
  ASSERT_EQ(oracle.violations().size(), 1U);
  EXPECT_EQ(oracle.violations()[0], "+2: gets clear message 12 again");
  arrive("alice (g1): group withheld 14");
  ASSERT_EQ(oracle.violations().size(), 2U);
  telephones.forgive_repetition();
  arrive("alice (g1): group clear 12");
  EXPECT_EQ(oracle.violations().size(), 2U);
}

}  // namespace
}  // namespace sotto::simulation
