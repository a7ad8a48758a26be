// What many accounts get beside their envelopes.
#include "server/test_world.h"

namespace sotto::server {
namespace {

using testing::TestDevice;
using testing::TestWorld;

class SharedBodyTest : public ::testing::Test, public TestWorld {
 protected:
  void SetUp() override {
    register_account(alice_account_, "alice");
    register_account(bob_account_, "bob");
  }

  testing::TestAccount alice_account_{random};
  testing::TestAccount bob_account_{random};
  const TestDevice alice_{alice_account_.account.id, &alice_account_.device};
  const TestDevice bob_{bob_account_.account.id, &bob_account_.device};
};

TEST_F(SharedBodyTest, ASharedBodyIsSentOnceAndReachesEverybody) {
  const ConnectionId from = connect(bob_);
  const ConnectionId to = connect(alice_);
  v1::ClientFrame frame = submission(alice_.address(), {"to alice"});
  *frame.mutable_submit()->add_targets() = submission(bob_.address(), {"to bob"}).submit().targets(0);
  frame.mutable_submit()->set_shared_body("body");
  EXPECT_EQ(ask(from, frame).submitted().results_size(), 2);
  for (const auto& [connection, payload] : {std::pair{to, "to alice"}, {from, "to bob"}}) {
    const auto envelopes = delivered(connection);
    ASSERT_EQ(envelopes.size(), 1U);
    EXPECT_EQ(envelopes[0].payload(), payload);
    EXPECT_EQ(envelopes[0].shared_body(), "body");
  }
}

}  // namespace
}  // namespace sotto::server
