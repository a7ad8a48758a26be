#include "app_watch.h"

#include <gtest/gtest.h>

namespace sotto::simulation {
namespace {

v1::Message message(const std::string& body) {
  v1::Message out;
  out.set_body(body);
  return out;
}

TEST(AppWatch, KnowsWhatIsBetweenPeopleAndApps) {
  EXPECT_TRUE(AppWatch::is_one(message("/calc app words 1")));
  EXPECT_TRUE(AppWatch::is_one(message("app answer 1")));
  EXPECT_FALSE(AppWatch::is_one(message("m1 ")));
  EXPECT_FALSE(AppWatch::is_one(message("")));
}

}  // namespace
}  // namespace sotto::simulation
