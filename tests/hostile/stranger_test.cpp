// A stranger who wants to be read by as many as possible: an honest server lets an account begin to write to
// so many others and no more (docs/specs/hostile-actors.md).
#include <gtest/gtest.h>

#include <algorithm>

#include "stage.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

constexpr std::uint32_t kPerHour = 3;
constexpr std::uint32_t kPerDay = 5;

class HostileStranger : public ::testing::Test {
 protected:
  HostileStranger() {
    stage.rates.first_contacts_per_hour = kPerHour;
    stage.rates.first_contacts_per_day = kPerDay;
    stage.restart_server();
    stage.pass(seconds(10));
    for (int i = 0; i < 8; ++i) victims.push_back(&stage.join("victim" + std::to_string(i)));
  }
  void write_to_all(Person& from) {
    for (Person* victim : victims) stage.write(from, victim->name(), "buy");
    stage.settle();
  }
  std::size_t reached() {
    return static_cast<std::size_t>(
        std::ranges::count_if(victims, [](Person* victim) { return !victim->texts("mallory").empty(); }));
  }
  v1::ServerFrame bundles_for(Person& asker, Person& of, const std::string& pass) {
    v1::ClientFrame frame;
    frame.mutable_fetch_bundles()->set_account(wire::field(of.address().account.view()));
    frame.mutable_fetch_bundles()->add_devices(wire::field(of.address().device.view()));
    frame.mutable_fetch_bundles()->set_pass(pass);
    return stage.ask(asker, frame);
  }

  Stage stage;
  Person& mallory = stage.join("mallory");
  std::vector<Person*> victims;
};

TEST_F(HostileStranger, WhoWritesToManyReachesNoMoreThanTheServerLetsItInAnHourAndADay) {
  write_to_all(mallory);
  EXPECT_EQ(reached(), kPerHour);
  EXPECT_TRUE(mallory.told(v1::Problem::FIRST_CONTACT_LIMITED));
  EXPECT_EQ(mallory.state_of(victims[7]->name(), "buy"), v1::Message::QUEUED);
  stage.pass_in_steps(minutes(50), minutes(5));
  EXPECT_EQ(reached(), kPerHour);
  stage.pass_in_steps(hours(20), minutes(30));
  EXPECT_EQ(reached(), kPerDay);
  stage.pass_in_steps(hours(8), minutes(30));
  EXPECT_EQ(reached(), victims.size()) << "and in the end what an honest sender wrote arrives";
  stage.chat(mallory, *victims[0]);
}

TEST_F(HostileStranger, WhoComesBackAfterACrashOrWithAnotherDeviceOrAnothersPassIsStillCounted) {
  const std::string pass = bundles_for(mallory, *victims[0], {}).bundles().pass();
  ASSERT_EQ(pass.size(), 16U);
  for (std::uint32_t i = 1; i < kPerHour; ++i) {
    EXPECT_TRUE(bundles_for(mallory, *victims[i], pass).has_bundles());
  }
  EXPECT_TRUE(bundles_for(mallory, *victims[6], pass).error().first_contact());
  stage.restart_server();
  stage.pass(seconds(10));
  EXPECT_TRUE(bundles_for(mallory, *victims[6], {}).error().first_contact());
  Person& second = stage.link(mallory, "second");
  EXPECT_TRUE(bundles_for(second, *victims[6], {}).error().first_contact());
  EXPECT_TRUE(bundles_for(second, *victims[0], pass).has_bundles())
      << "whom it wrote to it may go on writing to";
  Person& other = *victims[7];
  for (std::uint32_t i = 0; i < kPerHour; ++i) EXPECT_TRUE(bundles_for(other, *victims[i], {}).has_bundles());
  EXPECT_TRUE(bundles_for(other, *victims[4], pass).error().first_contact()) << "of another account";
  stage.chat(mallory, *victims[0]);
}

TEST_F(HostileStranger, WhoAsksPastItsClientIsToldToWait) {
  for (std::uint32_t i = 0; i < kPerHour; ++i)
    EXPECT_TRUE(bundles_for(mallory, *victims[i], {}).has_bundles());
  const auto refused = bundles_for(mallory, *victims[5], {});
  EXPECT_EQ(refused.error().code(), v1::Error::RATE_LIMITED);
  EXPECT_GT(refused.error().retry_after_ms(), minutes(50).value);
  EXPECT_LE(refused.error().retry_after_ms(), hours(1).value);
  const auto before = victims[5]->record_digest();
  stage.submit(mallory, *victims[5], Bytes(2000, 0x55));
  stage.settle();
  EXPECT_EQ(victims[5]->record_digest(), before);
  EXPECT_EQ(stage.server().counts().first_contacts_refused, 1U);
  stage.chat(mallory, *victims[0]);
}

}  // namespace
}  // namespace sotto::hostile
