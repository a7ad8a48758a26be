// The way back into an account without devices, as the server sees it (docs/specs/recovery.md 6).
#include "accounts/recovery_slots.h"
#include "server/test_world.h"

namespace sotto::server {
namespace {

using testing::TestDevice;
using testing::TestWorld;

class RecoveryTest : public ::testing::Test, public TestWorld {
 protected:
  void SetUp() override {
    register_account(alice_account_, "alice");
    register_account(bob_account_, "bob");
    const ConnectionId connection = connect(alice_);
    named_ = alice_account_.successor(
        random, now, [&](identity::Manifest& draft) { draft.recovery = key_.fingerprint(); });
    ASSERT_TRUE(ask(connection, publication(named_->signed_manifest())).has_manifest_published());
    ASSERT_TRUE(ask(connection, storing("open sesame")).has_done());
  }

  static v1::ClientFrame publication(const identity::SignedManifest& manifest) {
    v1::ClientFrame frame;
    identity::to_wire(manifest, *frame.mutable_publish_manifest()->mutable_manifest());
    return frame;
  }
  static v1::ClientFrame storing(const std::string& access) {
    v1::ClientFrame frame;
    auto& slot = *frame.mutable_store_recovery()->add_slots();
    slot.set_slot(std::string(16, 's'));
    slot.set_access_hash(wire::field(crypto::sha256(as_bytes(access))));
    slot.set_sealed("what only a seed opens");
    return frame;
  }
  static v1::ClientFrame fetching(const std::string& handle, const std::string& access, char slot = 's') {
    v1::ClientFrame frame;
    frame.mutable_fetch_recovery()->set_handle(handle);
    frame.mutable_fetch_recovery()->set_slot(std::string(16, slot));
    frame.mutable_fetch_recovery()->set_access(access);
    return frame;
  }
  v1::ClientFrame manifests_of(const TestDevice& device) const {
    v1::ClientFrame frame;
    frame.mutable_fetch_manifests()->set_account(wire::field(device.account.view()));
    frame.mutable_fetch_manifests()->set_from_version(1);
    return frame;
  }
  /// A connection that nobody authenticated.
  ConnectionId stranger(const std::string& remote = "198.51.100.7") {
    const ConnectionId connection = open(remote);
    hello(connection);
    return connection;
  }
  /// A list with the laptop alone, by the recovery key.
  identity::SignedManifest recovered(const crypto::HybridPrivateKey& author,
                                     const identity::RecoveryPublicKey& key) {
    auto draft = identity::draft_successor(*named_, identity::DeviceId{}, now);
    draft.devices.clear();
    EXPECT_TRUE(identity::add_device(draft, identity::testing::listing(laptop_identity_)));
    return identity::sign_recovery_manifest(draft, alice_account_.account, author, key, random);
  }
  std::vector<v1::AccountNotice::Kind> notices(ConnectionId connection) const {
    std::vector<v1::AccountNotice::Kind> out;
    for (const auto& frame : received.at(connection)) {
      if (frame.has_account_notice()) out.push_back(frame.account_notice().kind());
    }
    return out;
  }

  testing::TestAccount alice_account_{random};
  testing::TestAccount bob_account_{random};
  identity::DeviceIdentity laptop_identity_ = identity::DeviceIdentity::generate(random);
  crypto::HybridPrivateKey signing_ = crypto::HybridPrivateKey::generate(random);
  identity::LinkRequestKeys sealing_ = identity::LinkRequestKeys::generate(random);
  identity::RecoveryPublicKey key_{signing_.public_key(), sealing_.ec.public_key(),
                                   identity::testing::sealing_kem(sealing_)};
  std::optional<identity::VerifiedManifest> named_;
  const TestDevice alice_{alice_account_.account.id, &alice_account_.device};
  const TestDevice bob_{bob_account_.account.id, &bob_account_.device};
  const TestDevice laptop_{alice_account_.account.id, &laptop_identity_};
};

TEST_F(RecoveryTest, WhoeverKnowsTheAccessComesBackIntoTheAccount) {
  const ConnectionId old = connect(alice_);
  const ConnectionId connection = stranger();
  EXPECT_EQ(error_of(connection, manifests_of(alice_)), v1::Error::NOT_AUTHENTICATED);
  const auto slot = ask(connection, fetching("Alice", "open sesame"));
  EXPECT_EQ(slot.recovery_slot().sealed(), "what only a seed opens");
  EXPECT_EQ(notices(old), std::vector{v1::AccountNotice::RECOVERY_SLOT_FETCHED});
  EXPECT_EQ(last(old).account_notice().address(), "198.51.100.7");

  EXPECT_EQ(ask(connection, manifests_of(alice_)).manifests().manifests_size(), 2);
  EXPECT_EQ(error_of(connection, manifests_of(bob_)), v1::Error::NOT_AUTHENTICATED);
  const auto published = ask(connection, publication(recovered(signing_, key_)));
  EXPECT_EQ(published.manifest_published().version(), 3U);
  EXPECT_EQ(last(old).goodbye().reason(), v1::Goodbye::REVOKED);

  EXPECT_TRUE(ask(connect(laptop_), storing("another")).has_done());
  EXPECT_EQ(error_of(stranger(), fetching("alice", "open sesame")), v1::Error::NO_SUCH_RECOVERY_SLOT);
}

TEST_F(RecoveryTest, TheGuestIsAGuestOnTheSameConnectionUntilItAuthenticates) {
  const ConnectionId connection = open("198.51.100.7");
  const auto welcome = hello(connection);
  ASSERT_TRUE(ask(connection, fetching("alice", "open sesame")).has_recovery_slot());
  ASSERT_TRUE(ask(connection, publication(recovered(signing_, key_))).has_manifest_published());
  EXPECT_TRUE(ask(connection, authentication(connection, laptop_, welcome)).has_authenticated());
  EXPECT_EQ(ask(connection, manifests_of(bob_)).manifests().manifests_size(), 1);
}

TEST_F(RecoveryTest, WhatIsWrongIsNotSaid) {
  std::vector<v1::ServerFrame> answers;
  for (const auto& frame :
       {fetching("alice", "open"), fetching("alice", "open sesame", 'x'), fetching("bob", "open sesame"),
        fetching("nobody", "open sesame"), fetching("not a handle", "open sesame")}) {
    auto answer = ask(stranger(), frame);
    answer.set_request_id(1);
    answers.push_back(std::move(answer));
  }
  EXPECT_EQ(answers[0].error().code(), v1::Error::NO_SUCH_RECOVERY_SLOT);
  for (const auto& answer : answers) EXPECT_EQ(answer.DebugString(), answers[0].DebugString());
  v1::ClientFrame by_account;
  by_account.mutable_fetch_recovery()->set_account("short");
  EXPECT_EQ(error_of(stranger(), by_account), v1::Error::NO_SUCH_RECOVERY_SLOT);
  by_account = fetching("", "open sesame");
  by_account.mutable_fetch_recovery()->set_account(wire::field(alice_.account.view()));
  EXPECT_TRUE(ask(stranger(), by_account).has_recovery_slot());
}

TEST_F(RecoveryTest, RefusedTriesAreToldTheAccountAndCountedByAddress) {
  const ConnectionId device = connect(alice_);
  const ConnectionId guesser = stranger();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(error_of(guesser, fetching("alice", "guess")), v1::Error::NO_SUCH_RECOVERY_SLOT) << i;
  }
  EXPECT_EQ(notices(device).size(), kRecoveryRefusalsTold);
  EXPECT_EQ(notices(device)[0], v1::AccountNotice::RECOVERY_SLOT_REFUSED);
  EXPECT_EQ(error_of(guesser, fetching("alice", "guess")), v1::Error::RATE_LIMITED);
  // Nobody else is kept out by that, least of all the owner.
  EXPECT_TRUE(ask(stranger("203.0.113.1"), fetching("alice", "open sesame")).has_recovery_slot());
  now = now + hours(25);
  EXPECT_EQ(error_of(stranger(), fetching("alice", "guess")), v1::Error::NO_SUCH_RECOVERY_SLOT);
  EXPECT_EQ(notices(device).size(), kRecoveryRefusalsTold + 2U);
}

TEST_F(RecoveryTest, AGuestPublishesForTheRecoveryKeyAlone) {
  const auto other = crypto::HybridPrivateKey::generate(random);
  const identity::RecoveryPublicKey other_key{other.public_key(), key_.sealing_ec, key_.sealing_kem};
  const ConnectionId connection = stranger();
  const auto mine = publication(recovered(signing_, key_));
  EXPECT_EQ(error_of(connection, mine), v1::Error::NOT_AUTHENTICATED);  // not a guest yet
  ASSERT_TRUE(ask(connection, fetching("alice", "open sesame")).has_recovery_slot());
  EXPECT_EQ(error_of(connection, publication(recovered(other, other_key))), v1::Error::MANIFEST_REJECTED);
  // A removed device still has the account key and its own; as a guest it is nobody either.
  const auto by_device = alice_account_.successor(random, now, [](identity::Manifest&) {});
  EXPECT_EQ(error_of(connection, publication(by_device.signed_manifest())), v1::Error::NOT_AUTHENTICATED);
  EXPECT_EQ(error_of(connection, storing("mine now")), v1::Error::NOT_AUTHENTICATED);
  v1::ClientFrame list;
  list.mutable_list_recovery();
  EXPECT_EQ(error_of(connection, list), v1::Error::NOT_AUTHENTICATED);
  EXPECT_TRUE(ask(connection, mine).has_manifest_published());
}

TEST_F(RecoveryTest, DevicesListTheirSlotsAndTryTheirKeyWithoutANotice) {
  const ConnectionId connection = connect(alice_);
  v1::ClientFrame list;
  list.mutable_list_recovery();
  const auto slots = ask(connection, list).recovery_slots();
  ASSERT_EQ(slots.slots_size(), 1);
  EXPECT_EQ(slots.slots(0).stored_ms(), now.value);
  EXPECT_TRUE(slots.slots(0).sealed().empty());
  EXPECT_EQ(ask(connection, fetching("alice", "open sesame")).recovery_slot().sealed(),
            "what only a seed opens");
  EXPECT_EQ(error_of(connection, fetching("alice", "wrong")), v1::Error::NO_SUCH_RECOVERY_SLOT);
  EXPECT_TRUE(notices(connection).empty());
  EXPECT_EQ(error_of(connect(bob_), fetching("alice", "open sesame")), v1::Error::NO_SUCH_RECOVERY_SLOT);
  EXPECT_EQ(ask(connect(bob_), list).recovery_slots().slots_size(), 0);
}

TEST_F(RecoveryTest, SlotsSurviveARestartAndAreNamedToTheOperator) {
  crash_and_restart();
  const auto holdings = core->holdings("alice", now);
  ASSERT_TRUE(holdings);
  ASSERT_EQ(holdings->recovery.slots_size(), 1);
  EXPECT_TRUE(holdings->recovery.slots(0).sealed().empty());
  EXPECT_TRUE(ask(stranger(), fetching("alice", "open sesame")).has_recovery_slot());
}

TEST_F(RecoveryTest, BadRequestsAreRefused) {
  EXPECT_EQ(error_of(open(), fetching("alice", "open sesame")), v1::Error::MALFORMED);  // no hello
  const ConnectionId connection = connect(alice_);
  auto frame = storing("a");
  frame.mutable_store_recovery()->mutable_slots(0)->set_slot("short");
  EXPECT_EQ(error_of(connection, frame), v1::Error::MALFORMED);
  frame = storing("a");
  frame.mutable_store_recovery()->mutable_slots(0)->set_sealed(std::string(17'000, 'x'));
  EXPECT_EQ(error_of(connection, frame), v1::Error::TOO_LARGE);
  store.fail_next_commits(1, storage::StorageError::no_space);
  EXPECT_EQ(error_of(connection, storing("a")), v1::Error::STORAGE_UNAVAILABLE);
  v1::Error::Code code = v1::Error::CODE_UNSPECIFIED;
  for (std::uint32_t i = 0; i <= accounts::kMaxRecoveryStoresPerDay && code != v1::Error::RATE_LIMITED; ++i) {
    now = now + seconds(1);
    code = error_of(connection, storing("open sesame"));
  }
  EXPECT_EQ(code, v1::Error::RATE_LIMITED);
  store.fail_next_reads(1, storage::StorageError::io_error);
  EXPECT_EQ(error_of(stranger(), fetching("alice", "open sesame")), v1::Error::STORAGE_UNAVAILABLE);
}

}  // namespace
}  // namespace sotto::server
