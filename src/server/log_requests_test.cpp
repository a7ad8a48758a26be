// What the server answers about its log, to devices and to auditors.
#include "server/test_auditor.h"
#include "server/test_world.h"

namespace sotto::server {
namespace {

using testing::TestDevice;
using testing::TestWorld;
using transparency::ManifestCheck;

class LogRequestsTest : public ::testing::Test, public TestWorld {
 protected:
  static const testing::TestAccount& alice_account() {
    static crypto::DeterministicRandom seed(7);
    static const testing::TestAccount account(seed);
    return account;
  }
  static const testing::TestAccount& bob_account() {
    static crypto::DeterministicRandom seed(8);
    static const testing::TestAccount account(seed);
    return account;
  }
  const TestDevice alice_{alice_account().account.id, &alice_account().device};
  const TestDevice bob_{bob_account().account.id, &bob_account().device};

  /// What a device or an auditor asks with.
  auto asking(ConnectionId connection) {
    return [this, connection](const v1::ClientFrame& frame) { return ask(connection, frame); };
  }
  ConnectionId stranger(const std::string& remote = "192.0.2.1") {
    const ConnectionId connection = open(remote);
    EXPECT_TRUE(hello(connection).has_welcome());
    return connection;
  }
  static v1::ClientFrame tree_head(std::uint64_t known_size = 0, bool cosigned = false) {
    v1::ClientFrame frame;
    frame.mutable_fetch_tree_head()->set_known_size(known_size);
    frame.mutable_fetch_tree_head()->set_cosigned(cosigned);
    return frame;
  }
  static v1::ClientFrame consistency(std::uint64_t first, std::uint64_t second) {
    v1::ClientFrame frame;
    frame.mutable_fetch_consistency()->set_first_size(first);
    frame.mutable_fetch_consistency()->set_second_size(second);
    return frame;
  }
  static v1::ClientFrame cosignature(const transparency::TreeHead& head,
                                     const transparency::Cosignature& by) {
    v1::ClientFrame frame;
    frame.mutable_submit_cosignature()->set_head(wire::field(head.encoded()));
    transparency::to_wire(by, *frame.mutable_submit_cosignature()->mutable_cosignature());
    return frame;
  }
  void restart() {
    core.reset();
    start();
  }

  const transparency::LogKeys log_keys_{keys().identity.public_key(), keys().vrf.public_key()};
  transparency::LogView view_{log_keys_};
  transparency::Auditor auditor_{log_keys_};
};

TEST_F(LogRequestsTest, TheGreetingNamesTheKeysOfTheLog) {
  EXPECT_EQ(testing::log_keys(hello(open()).welcome()), log_keys_);
}

TEST_F(LogRequestsTest, ADeviceLooksUpWhatWasRegisteredAndPublished) {
  register_account(alice_account(), "alice");
  register_account(bob_account(), "bob");
  const ConnectionId bob = connect(bob_);
  const auto first = testing::look_up(view_, asking(bob), "alice", now);
  ASSERT_TRUE(first && first->account_state);
  EXPECT_EQ(first->account, alice_.account);
  EXPECT_EQ(check_manifest(*first->account_state, alice_account().manifest), ManifestCheck::logged);

  const auto second = alice_account().successor(random, now, [](identity::Manifest&) {});
  v1::ClientFrame publish;
  identity::to_wire(second.signed_manifest(), *publish.mutable_publish_manifest()->mutable_manifest());
  ASSERT_TRUE(ask(connect(alice_), publish).has_manifest_published());
  const auto later = testing::look_up(view_, asking(bob), "alice", now);
  ASSERT_TRUE(later && later->account_state) << "with consistency from what was seen before";
  EXPECT_EQ(check_manifest(*later->account_state, second), ManifestCheck::logged);
  const auto nobody = testing::look_up(view_, asking(bob), "nobody", now);
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(nobody->handle.present());
}

TEST_F(LogRequestsTest, LookingUpIsForDevicesAndCounted) {
  register_account(alice_account(), "alice");
  options.lookups.resolves = 1;
  restart();
  v1::ClientFrame frame;
  frame.mutable_look_up()->set_handle("alice");
  EXPECT_EQ(error_of(stranger(), frame), v1::Error::NOT_AUTHENTICATED);
  const ConnectionId alice = connect(alice_);
  EXPECT_TRUE(ask(alice, frame).has_lookup_answer());
  const auto refused = ask(alice, frame).error();
  EXPECT_EQ(refused.code(), v1::Error::RATE_LIMITED);
  EXPECT_GT(refused.retry_after_ms(), 0U);
  frame.mutable_look_up()->set_handle("no spaces");
  EXPECT_EQ(error_of(alice, frame), v1::Error::HANDLE_INVALID);
  frame.mutable_look_up()->set_account("short");
  EXPECT_EQ(error_of(alice, frame), v1::Error::MALFORMED);
}

TEST_F(LogRequestsTest, HeadsComeWithConsistencyForDevicesAndAuditors) {
  const ConnectionId auditor = stranger();
  const auto before = transparency::from_wire(ask(auditor, tree_head()).tree_head().head()).value();
  register_account(alice_account(), "alice");
  for (const ConnectionId connection : {auditor, connect(alice_)}) {
    const auto answer = ask(connection, tree_head(before.head.size)).tree_head();
    const auto head = transparency::from_wire(answer.head()).value();
    ASSERT_GT(head.head.size, before.head.size);
    const auto path = transparency::path_from(wire::octets(answer.consistency()), 130).value();
    EXPECT_TRUE(crypto::consistent(before.head.size, before.head.root, head.head.size, head.head.root, path));
    const auto same = ask(connection, consistency(before.head.size, head.head.size)).consistency();
    EXPECT_EQ(same.path(), answer.consistency());
    EXPECT_TRUE(ask(connection, tree_head(head.head.size)).tree_head().consistency().empty());
  }
}

TEST_F(LogRequestsTest, WhatTheLogDoesNotHaveYetIsSaidWithATime) {
  const ConnectionId auditor = stranger();
  v1::ClientFrame entries;
  entries.mutable_fetch_entries()->set_first_epoch(core->counts().log.epochs);
  v1::ClientFrame mutations;
  mutations.mutable_fetch_mutations()->set_epoch(core->counts().log.epochs);
  for (const auto& frame : {consistency(1, 99), tree_head(0, true), entries, mutations}) {
    const auto error = ask(auditor, frame).error();
    EXPECT_EQ(error.code(), v1::Error::LOG_NOT_READY) << frame.ShortDebugString();
    EXPECT_GT(error.retry_after_ms(), 0U);
  }
  EXPECT_EQ(error_of(auditor, consistency(0, 1)), v1::Error::MALFORMED);
  EXPECT_EQ(error_of(auditor, consistency(2, 1)), v1::Error::MALFORMED);
  mutations.mutable_fetch_mutations()->set_epoch(0);
  EXPECT_TRUE(ask(auditor, mutations).has_mutations());
  mutations.mutable_fetch_mutations()->set_page(1);
  EXPECT_EQ(error_of(auditor, mutations), v1::Error::MALFORMED);
  store.fail_next_reads(1, storage::StorageError::io_error);
  entries.mutable_fetch_entries()->set_first_epoch(0);
  EXPECT_EQ(error_of(auditor, entries), v1::Error::STORAGE_UNAVAILABLE);
  store.fail_next_reads(1, storage::StorageError::corrupt);
  EXPECT_EQ(error_of(auditor, entries), v1::Error::INTERNAL);
}

TEST_F(LogRequestsTest, AnAuditorFollowsEverythingAndItsCosignatureIsHandedOut) {
  const auto witness = crypto::HybridPrivateKey::generate(random);
  options.log.witnesses = {witness.public_key()};
  restart();
  register_account(alice_account(), "alice");
  register_account(bob_account(), "bob");
  const ConnectionId auditor = stranger();
  testing::follow_log(auditor_, asking(auditor), now);
  EXPECT_EQ(auditor_.leaves(), 4U);
  const transparency::TreeHead head = auditor_.last_admitted()->head;
  EXPECT_TRUE(ask(auditor, cosignature(head, cosign(head, witness, random))).has_done());
  const auto cosigned = transparency::from_wire(ask(auditor, tree_head(0, true)).tree_head().head()).value();
  EXPECT_EQ(cosigned.head, head);
  EXPECT_EQ(count_cosignatures(cosigned, options.log.witnesses).value(), 1U);
  EXPECT_EQ(core->counts().log.cosigned_epochs, head.size);
  // A restart goes on where it was.
  crash_and_restart();
  testing::follow_log(auditor_, asking(stranger()), now);
}

TEST_F(LogRequestsTest, CosignaturesOfStrangersAndOfOtherHeadsAreRejected) {
  const auto witness = crypto::HybridPrivateKey::generate(random);
  options.log.witnesses = {witness.public_key()};
  restart();
  const ConnectionId auditor = stranger();
  auto head = transparency::from_wire(ask(auditor, tree_head()).tree_head().head()).value().head;
  EXPECT_EQ(error_of(auditor, cosignature(head, cosign(head, keys().identity, random))),
            v1::Error::COSIGNATURE_REJECTED);
  auto forged = cosign(head, witness, random);
  forged.signature[0] ^= 1;
  EXPECT_EQ(error_of(auditor, cosignature(head, forged)), v1::Error::COSIGNATURE_REJECTED);
  head.root[0] ^= 1;
  EXPECT_EQ(error_of(auditor, cosignature(head, cosign(head, witness, random))),
            v1::Error::COSIGNATURE_REJECTED);
  v1::ClientFrame malformed;
  malformed.mutable_submit_cosignature()->set_head("short");
  EXPECT_EQ(error_of(auditor, malformed), v1::Error::MALFORMED);
}

TEST_F(LogRequestsTest, AuditorsSayHelloAndAskAtABoundedRate) {
  options.limits.log_requests_per_address = {1, 2};
  restart();
  EXPECT_EQ(error_of(open(), tree_head()), v1::Error::NOT_AUTHENTICATED);
  EXPECT_TRUE(ask(stranger(), tree_head()).has_tree_head());
  const ConnectionId auditor = stranger();
  EXPECT_TRUE(ask(auditor, tree_head()).has_tree_head());
  const auto refused = ask(auditor, tree_head()).error();
  EXPECT_EQ(refused.code(), v1::Error::RATE_LIMITED);
  EXPECT_GT(refused.retry_after_ms(), 0U);
  EXPECT_TRUE(ask(stranger("198.51.100.1"), tree_head()).has_tree_head());
}

TEST_F(LogRequestsTest, AnAuditorStaysForAsLongAsItAsks) {
  const ConnectionId auditor = stranger();
  const ConnectionId silent = stranger();
  for (int i = 0; i < 5; ++i) {
    now = now + seconds(40);
    core->tick(now);
    ASSERT_TRUE(ask(auditor, tree_head()).has_tree_head()) << i;
  }
  EXPECT_TRUE(closed.contains(silent));
  now = now + kAuthenticationDeadline + seconds(41);
  core->tick(now);
  EXPECT_TRUE(closed.contains(auditor));
}

TEST_F(LogRequestsTest, UntilTheLogIsReadyEverybodyIsToldToWait) {
  register_account(alice_account(), "alice");
  const ConnectionId lost = stranger();
  post(lost, registration(bob_account(), "bob"));
  core->turn_end(now);
  store.sync();  // durable, and not yet written where it belongs
  core.reset();
  store.crash();
  open_core();
  EXPECT_FALSE(core->counts().log.ready);
  EXPECT_EQ(core->holdings("alice", now).error().error, directory::DirectoryError::log_not_ready);
  const ConnectionId connection = open();
  v1::ClientFrame greeting;
  greeting.mutable_hello()->set_protocol_version(kProtocolVersion);
  greeting.mutable_hello()->set_client_nonce(std::string(32, 'n'));
  const auto welcome = answer(connection, post(connection, greeting));
  ASSERT_TRUE(welcome.has_welcome());
  for (const auto& frame :
       {registration(bob_account(), "bob"), authentication(connection, alice_, welcome), tree_head()}) {
    const auto error = answer(connection, post(connection, frame)).error();
    EXPECT_EQ(error.code(), v1::Error::LOG_NOT_READY);
    EXPECT_GT(error.retry_after_ms(), 0U);
  }
  settle();
  EXPECT_TRUE(core->counts().log.ready);
  EXPECT_TRUE(ask(connection, registration(bob_account(), "bob")).has_registered());
  EXPECT_TRUE(ask(connection, authentication(connection, alice_, welcome)).has_authenticated());
  testing::follow_log(auditor_, asking(stranger()), now);
  EXPECT_EQ(auditor_.leaves(), 4U);
}

TEST_F(LogRequestsTest, AServerThatStopsAnswersWhatWaitsForAnEpoch) {
  options.log.epoch_interval = hours(1);
  restart();
  register_account(alice_account(), "alice");
  const ConnectionId waiting = stranger();
  const std::uint64_t request = post(waiting, registration(bob_account(), "bob"));
  settle();
  EXPECT_FALSE(answer(waiting, request).has_registered());
  EXPECT_EQ(core->counts().log.waiting, 2U);
  EXPECT_GT(*core->due(), now);
  core->begin_drain(now);
  EXPECT_FALSE(core->idle());
  settle();
  EXPECT_TRUE(answer(waiting, request).has_registered());
  EXPECT_TRUE(core->idle());
}

TEST_F(LogRequestsTest, ALogThatCannotBeWrittenIsCountedAndRefusesChanges) {
  store.fail_next_commits(1, storage::StorageError::no_space);
  const ConnectionId connection = stranger();
  const auto refused = ask(connection, registration(alice_account(), "alice")).error();
  EXPECT_EQ(refused.code(), v1::Error::STORAGE_UNAVAILABLE);
  EXPECT_GT(refused.retry_after_ms(), 0U);
  EXPECT_TRUE(core->counts().log.stalled);
  now = now + seconds(1);
  EXPECT_TRUE(ask(connection, registration(alice_account(), "alice")).has_registered());
  EXPECT_FALSE(core->counts().log.stalled);
}

TEST_F(LogRequestsTest, TheLogOfOtherKeysIsNotOpened) {
  const ServerKeys others{crypto::HybridPrivateKey::generate(random),
                          crypto::VrfPrivateKey::generate(random)};
  const auto opened = Core::open(options, others, store, random, logger, *this, now);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error(), transparency_log::LogError::wrong_keys);
}

}  // namespace
}  // namespace sotto::server
