// What turning an account off means to its devices and to those that write to it.
#include "identity/retirement.h"

#include "relay/record.h"
#include "server/test_auditor.h"
#include "server/test_world.h"

namespace sotto::server {
namespace {

using testing::TestDevice;
using testing::TestWorld;

class RetirementTest : public ::testing::Test, public TestWorld {
 protected:
  void SetUp() override {
    register_account(alice_account_, "alice");
    register_account(bob_account_, "bob");
  }
  v1::ClientFrame retirement() {
    v1::ClientFrame frame;
    to_wire(
        sign_retirement(alice_account_.manifest, alice_account_.account, alice_account_.device, now, random),
        *frame.mutable_retire_account());
    return frame;
  }
  std::size_t waiting_for_alice() {
    return store
        .scan(relay::mailbox_partition(alice_.address()), relay::envelope_key({0}),
              ByteView(relay::envelope_key({1000})), {})
        ->entries.size();
  }
  v1::ServerFrame authenticate_alice(ConnectionId connection) {
    return ask(connection, authentication(connection, alice_, hello(connection)));
  }

  testing::TestAccount alice_account_{random};
  testing::TestAccount bob_account_{random};
  const TestDevice alice_{alice_account_.account.id, &alice_account_.device};
  const TestDevice bob_{bob_account_.account.id, &bob_account_.device};
};

TEST_F(RetirementTest, TheAnswerComesAndThenTheGoodbye) {
  ask(connect(bob_), submission(alice_.address(), {"waiting"}));
  ASSERT_EQ(waiting_for_alice(), 1U);
  const ConnectionId alice = connect(alice_);
  EXPECT_TRUE(ask(alice, retirement()).has_done());
  EXPECT_EQ(last(alice).goodbye().reason(), v1::Goodbye::REVOKED);
  EXPECT_TRUE(closed.contains(alice));
  EXPECT_EQ(waiting_for_alice(), 0U);
}

TEST_F(RetirementTest, TheWaysBackIntoItAreGoneToo) {
  const ConnectionId alice = connect(alice_);
  v1::ClientFrame password;
  password.mutable_set_password()->set_salt(std::string(16, 's'));
  password.mutable_set_password()->set_authenticator(std::string(32, 'a'));
  const auto& cost = identity::kPasswordCost;
  password.mutable_set_password()->mutable_stretching()->set_memory_kib(cost.memory_kib);
  password.mutable_set_password()->mutable_stretching()->set_passes(cost.iterations);
  password.mutable_set_password()->mutable_stretching()->set_lanes(cost.lanes);
  ASSERT_TRUE(ask(alice, password).has_done());
  v1::ClientFrame recovery;
  auto& slot = *recovery.mutable_store_recovery()->add_slots();
  slot.set_slot(std::string(16, 'r'));
  slot.set_access_hash(wire::field(crypto::sha256(as_bytes(std::string(32, 'x')))));
  slot.set_sealed("sealed");
  ASSERT_TRUE(ask(alice, recovery).has_done());
  v1::ClientFrame fetch;
  fetch.mutable_fetch_recovery()->set_account(wire::field(alice_.account.view()));
  fetch.mutable_fetch_recovery()->set_slot(slot.slot());
  fetch.mutable_fetch_recovery()->set_access(std::string(32, 'x'));
  const ConnectionId visitor = open();
  hello(visitor);
  ASSERT_TRUE(ask(visitor, fetch).has_recovery_slot()) << "and a notice is kept";
  const auto kept = [&] {
    std::size_t count = 0;
    for (const auto& partition :
         {accounts::sign_in_partition(alice_.account), accounts::notice_partition(alice_.account),
          accounts::recovery_partition(alice_.account)}) {
      count += store.scan(partition, {}, std::nullopt, {})->entries.size();
    }
    return count;
  };
  EXPECT_EQ(kept(), 4U) << "password, slot, notice and its number";
  ASSERT_TRUE(ask(alice, retirement()).has_done());
  EXPECT_EQ(kept(), 0U);
  const ConnectionId late = open();
  hello(late);
  EXPECT_EQ(error_of(late, fetch), v1::Error::NO_SUCH_RECOVERY_SLOT);
  EXPECT_EQ(kept(), 0U) << "nobody is left to be told";
}

TEST_F(RetirementTest, OthersAreToldThatTheAccountIsGone) {
  ASSERT_TRUE(ask(connect(alice_), retirement()).has_done());
  for (int life = 0; life < 2; ++life) {
    const ConnectionId bob = connect(bob_);
    auto both = submission(alice_.address(), {"too late"});
    *both.mutable_submit()->add_targets() = submission(bob_.address(), {"note"}).submit().targets(0);
    const auto submitted = ask(bob, both).submitted();
    ASSERT_EQ(submitted.results_size(), 2);
    EXPECT_EQ(submitted.results(0).status(), v1::TargetResult::RETIRED);
    EXPECT_EQ(submitted.results(1).status(), v1::TargetResult::OK);
    v1::ClientFrame fetch;
    fetch.mutable_fetch_manifests()->set_account(wire::field(alice_.account.view()));
    EXPECT_EQ(error_of(bob, fetch), v1::Error::ACCOUNT_RETIRED);
    transparency::LogView view(testing::log_keys(hello(open()).welcome()));
    const auto states =
        testing::look_up(view, [&](const v1::ClientFrame& frame) { return ask(bob, frame); }, "alice", now);
    ASSERT_TRUE(states);
    EXPECT_TRUE(states->handle.present());
    EXPECT_EQ(states->account, std::nullopt);
    v1::ClientFrame take;
    take.mutable_manage_handle()->set_add("alice");
    EXPECT_EQ(error_of(bob, take), v1::Error::HANDLE_HELD);
    crash_and_restart();
  }
}

TEST_F(RetirementTest, ItsDevicesAreToldSoAndNobodyElseIs) {
  ASSERT_TRUE(ask(connect(alice_), retirement()).has_done());
  const ConnectionId again = open();
  EXPECT_EQ(authenticate_alice(again).error().code(), v1::Error::ACCOUNT_RETIRED);
  EXPECT_TRUE(closed.contains(again));
  const ConnectionId forger = open();
  const auto proof = authentication(forger, {alice_.account, bob_.identity}, hello(forger));
  EXPECT_EQ(error_of(forger, proof), v1::Error::AUTHENTICATION_FAILED);
  EXPECT_EQ(error_of(forger, registration(alice_account_, "another")), v1::Error::ACCOUNT_RETIRED);
}

TEST_F(RetirementTest, AMailboxThatACrashLeftIsEmptiedWhenItsDeviceAsks) {
  ask(connect(bob_), submission(alice_.address(), {"waiting"}));
  const ConnectionId alice = connect(alice_);
  post(alice, retirement());
  core->turn_end(now);
  store.sync();  // the epoch, and nobody heard of it
  crash_and_restart();
  ASSERT_EQ(waiting_for_alice(), 1U);
  EXPECT_EQ(authenticate_alice(open()).error().code(), v1::Error::ACCOUNT_RETIRED);
  settle();
  EXPECT_EQ(waiting_for_alice(), 0U);
}

TEST_F(RetirementTest, AStatementThatDoesNotVerifyTurnsNothingOff) {
  const ConnectionId bob = connect(bob_);
  EXPECT_EQ(error_of(bob, retirement()), v1::Error::MANIFEST_REJECTED) << "Alice's statement, by Bob";
  auto forged = retirement();
  forged.mutable_retire_account()->mutable_account_signature()->at(9) ^= 1;
  const ConnectionId alice = connect(alice_);
  EXPECT_EQ(error_of(alice, forged), v1::Error::MANIFEST_REJECTED);
  EXPECT_FALSE(closed.contains(alice));
}

TEST_F(RetirementTest, TheOperatorSeesWhatIsLeft) {
  ASSERT_TRUE(ask(connect(alice_), retirement()).has_done());
  const auto holdings = core->holdings("alice", now);
  ASSERT_TRUE(holdings);
  EXPECT_EQ(holdings->account, alice_.account);
  EXPECT_EQ(holdings->handle_given_up, now);
  EXPECT_EQ(holdings->retired, now);
  EXPECT_EQ(holdings->status.handles_size(), 0);
  EXPECT_EQ(holdings->prekeys, std::vector<std::uint32_t>{0});
}

}  // namespace
}  // namespace sotto::server
