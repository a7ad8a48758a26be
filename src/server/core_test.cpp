#include "server/core.h"

#include "relay/record.h"
#include "server/test_world.h"

namespace sotto::server {
namespace {

using testing::TestDevice;
using testing::TestWorld;
using Texts = std::vector<std::string>;

class CoreTest : public ::testing::Test, public TestWorld {
 protected:
  // Keys are slow to make and never change: one set for all tests.
  static const testing::TestAccount& alice_account() {
    static crypto::DeterministicRandom keys(7);
    static const testing::TestAccount account(keys);
    return account;
  }
  static const testing::TestAccount& bob_account() {
    static crypto::DeterministicRandom keys(8);
    static const testing::TestAccount account(keys);
    return account;
  }
  static const identity::DeviceIdentity& laptop_identity() {
    static crypto::DeterministicRandom keys(9);
    static const auto laptop = identity::DeviceIdentity::generate(keys);
    return laptop;
  }
  const TestDevice alice_{alice_account().account.id, &alice_account().device};
  const TestDevice bob_{bob_account().account.id, &bob_account().device};
  const TestDevice laptop_{alice_account().account.id, &laptop_identity()};

  void register_both() {
    register_account(alice_account(), "alice");
    register_account(bob_account(), "bob");
  }
  /// Alice's version 2, with the laptop.
  identity::VerifiedManifest with_laptop() {
    return alice_account().successor(random, now, [](identity::Manifest& draft) {
      EXPECT_TRUE(identity::add_device(draft, identity::testing::listing(laptop_identity())));
    });
  }
  static v1::ClientFrame publication(const identity::SignedManifest& manifest) {
    v1::ClientFrame frame;
    identity::to_wire(manifest, *frame.mutable_publish_manifest()->mutable_manifest());
    return frame;
  }
};

// --- handshake

TEST_F(CoreTest, HelloIsAnsweredWithTheServersIdentityAndLimits) {
  const auto welcome = hello(open()).welcome();
  EXPECT_EQ(welcome.server_name(), "test.example");
  EXPECT_EQ(welcome.server_nonce().size(), 32u);
  EXPECT_EQ(welcome.server_identity().size(), 1985u);
  EXPECT_EQ(welcome.statement_signature().size(), 3373u);
  EXPECT_EQ(welcome.server_time_ms(), now.value);
  EXPECT_EQ(welcome.limits().max_frame_bytes(), wire::kMaxFrameBytes);
}

TEST_F(CoreTest, AClientThatKnowsTheStatementIsSpareItsSignature) {
  v1::ClientFrame frame;
  frame.mutable_hello()->set_protocol_version(1);
  frame.mutable_hello()->set_client_nonce(std::string(32, 'n'));
  frame.mutable_hello()->set_known_statement_hash(
      wire::field(crypto::sha256(options.presentation.statement)));
  const auto welcome = ask(open(), frame).welcome();
  EXPECT_TRUE(welcome.server_identity().empty());
  EXPECT_TRUE(welcome.statement_signature().empty());
  EXPECT_EQ(welcome.statement(), wire::field(options.presentation.statement));
}

TEST_F(CoreTest, NoncesDifferBetweenConnections) {
  EXPECT_NE(hello(open()).welcome().server_nonce(), hello(open()).welcome().server_nonce());
}

TEST_F(CoreTest, AnotherProtocolVersionIsRefusedAndClosed) {
  const ConnectionId connection = open();
  v1::ClientFrame frame;
  frame.mutable_hello()->set_protocol_version(2);
  EXPECT_EQ(error_of(connection, frame), v1::Error::UNSUPPORTED_VERSION);
  EXPECT_TRUE(closed.contains(connection));
}

TEST_F(CoreTest, ASecondHelloAndAShortNonceAreMalformed) {
  const ConnectionId connection = open();
  EXPECT_EQ(hello(connection, "short").error().code(), v1::Error::MALFORMED);
  EXPECT_TRUE(hello(connection).has_welcome());
  EXPECT_EQ(hello(connection).error().code(), v1::Error::MALFORMED);
}

TEST_F(CoreTest, ADeviceAuthenticatesWithItsKey) {
  register_both();
  const ConnectionId connection = open();
  const auto answer = ask(connection, authentication(connection, alice_, hello(connection)));
  EXPECT_EQ(answer.authenticated().manifest_version(), 1u);
  EXPECT_EQ(answer.authenticated().prekeys_remaining(), 0u);
  EXPECT_EQ(answer.authenticated().queued_envelopes(), 0u);
  EXPECT_EQ(core->counts().authenticated, 1u);
}

TEST_F(CoreTest, AuthenticationBeforeHelloIsMalformed) {
  register_both();
  v1::ClientFrame frame;
  frame.mutable_authenticate()->set_account(wire::field(alice_.account.view()));
  EXPECT_EQ(error_of(open(), frame), v1::Error::MALFORMED);
}

TEST_F(CoreTest, AProofFromAnotherConnectionIsRefused) {
  register_both();
  const ConnectionId first = open();
  const auto proof = authentication(first, alice_, hello(first));
  const ConnectionId second = open();
  hello(second);
  EXPECT_EQ(error_of(second, proof), v1::Error::AUTHENTICATION_FAILED);
}

TEST_F(CoreTest, AProofByAnotherKeyAndAnUnknownDeviceLookTheSame) {
  register_both();
  const ConnectionId connection = open();
  const auto welcome = hello(connection);
  const auto wrong_key =
      ask(connection, authentication(connection, {alice_.account, bob_.identity}, welcome));
  const identity::AccountId nobody(ByteArray<16>{1});
  const auto unknown = ask(connection, authentication(connection, {nobody, bob_.identity}, welcome));
  EXPECT_EQ(wrong_key.error().code(), v1::Error::AUTHENTICATION_FAILED);
  EXPECT_EQ(wrong_key.error().SerializeAsString(), unknown.error().SerializeAsString());
}

TEST_F(CoreTest, ThreeFailedProofsCloseTheConnection) {
  register_both();
  const ConnectionId connection = open();
  const auto proof = authentication(connection, {alice_.account, bob_.identity}, hello(connection));
  for (std::uint32_t i = 0; i < kMaxAuthenticationAttempts; ++i) {
    EXPECT_FALSE(closed.contains(connection));
    EXPECT_EQ(error_of(connection, proof), v1::Error::AUTHENTICATION_FAILED);
  }
  EXPECT_TRUE(closed.contains(connection));
}

TEST_F(CoreTest, AuthenticationsOfOneAddressAreLimited) {
  options.limits.authentications_per_address = {1, 1};
  start();
  register_both();
  connect(alice_);
  const ConnectionId connection = open();
  const auto refused = ask(connection, authentication(connection, bob_, hello(connection)));
  EXPECT_EQ(refused.error().code(), v1::Error::RATE_LIMITED);
  EXPECT_GT(refused.error().retry_after_ms(), 0u);
}

TEST_F(CoreTest, AnUnreadableStoreIsNotAFailedAuthentication) {
  register_both();
  const ConnectionId connection = open();
  const auto proof = authentication(connection, alice_, hello(connection));
  store.fail_next_reads(1, storage::StorageError::io_error);
  EXPECT_EQ(error_of(connection, proof), v1::Error::STORAGE_UNAVAILABLE);
  EXPECT_TRUE(ask(connection, proof).has_authenticated());
}

TEST_F(CoreTest, ANewerConnectionReplacesTheOlder) {
  register_both();
  const ConnectionId older = connect(alice_);
  const ConnectionId newer = connect(alice_);
  EXPECT_EQ(last(older).goodbye().reason(), v1::Goodbye::REPLACED);
  EXPECT_TRUE(closed.contains(older));
  core->on_close(older, now);  // as the listener says later
  ask(connect(bob_), submission(alice_.address(), {"hi"}));
  EXPECT_EQ(texts(newer), Texts{"hi"});
  EXPECT_EQ(core->counts().authenticated, 2u);
}

TEST_F(CoreTest, AnOlderConnectionThatAuthenticatesLateReplacesNothing) {
  register_both();
  const ConnectionId older = open();
  const auto late = authentication(older, alice_, hello(older));
  const ConnectionId newer = connect(alice_);
  ask(older, late);
  EXPECT_EQ(last(older).goodbye().reason(), v1::Goodbye::REPLACED);
  EXPECT_TRUE(closed.contains(older));
  EXPECT_FALSE(closed.contains(newer));
  ask(connect(bob_), submission(alice_.address(), {"hi"}));
  EXPECT_EQ(texts(newer), Texts{"hi"});
}

TEST_F(CoreTest, AConnectionThatDoesNotAuthenticateInTimeIsClosed) {
  register_both();
  const ConnectionId silent = open();
  const ConnectionId device = connect(alice_);
  now = now + kAuthenticationDeadline;
  core->tick(now);
  EXPECT_TRUE(closed.contains(silent));
  EXPECT_FALSE(closed.contains(device));
}

TEST_F(CoreTest, WhoIsGoneIsForgotten) {
  register_both();
  const ConnectionId connection = connect(alice_);
  now = now + kAuthenticationDeadline;
  core->tick(now);  // ends the registrations' connections
  EXPECT_EQ(core->counts().connections, 1u);
  EXPECT_EQ(core->counts().relay.attached, 1u);
  now = now + kAllowanceMemory + seconds(1);
  core->tick(now);
  EXPECT_EQ(core->counts().remembered_devices, 1u);
  core->on_close(connection, now);
  EXPECT_EQ(core->counts().connections, 0u);
  EXPECT_EQ(core->counts().authenticated, 0u);
  EXPECT_EQ(core->counts().relay.attached, 0u);
  now = now + kAllowanceMemory + seconds(1);
  core->tick(now);
  EXPECT_EQ(core->counts().remembered_devices, 0u);
  EXPECT_EQ(core->counts().remembered_addresses, 0u);
}

TEST_F(CoreTest, TooManyConnectionsOfOneAddressAreClosed) {
  options.limits.connections_per_address = 1;
  start();
  const ConnectionId first = open();
  EXPECT_TRUE(closed.contains(open()));
  EXPECT_FALSE(closed.contains(open("198.51.100.1")));
  core->on_close(first, now);
  EXPECT_FALSE(closed.contains(open()));
}

// --- who may ask what

TEST_F(CoreTest, StrangersMayOnlySayHelloAuthenticateAndRegister) {
  const ConnectionId connection = open();
  hello(connection);
  std::vector<v1::ClientFrame> frames(8);
  frames[0].mutable_look_up();
  frames[1].mutable_fetch_manifests();
  frames[2].mutable_publish_manifest();
  frames[3].mutable_upload_prekeys();
  frames[4].mutable_fetch_bundles();
  frames[5].mutable_submit();
  frames[6].mutable_get_account_status();
  frames[7].mutable_manage_handle();
  for (const auto& frame : frames) {
    EXPECT_EQ(error_of(connection, frame), v1::Error::NOT_AUTHENTICATED) << frame.ShortDebugString();
  }
  acknowledge(connection, 1);
  EXPECT_FALSE(closed.contains(connection));
}

TEST_F(CoreTest, AStrangerThatKeepsAskingIsClosed) {
  const ConnectionId connection = open();
  v1::ClientFrame frame;
  frame.mutable_get_account_status();
  for (std::uint32_t i = 0; i < kMaxMistakes; ++i) {
    EXPECT_FALSE(closed.contains(connection));
    EXPECT_EQ(error_of(connection, frame), v1::Error::NOT_AUTHENTICATED);
  }
  EXPECT_TRUE(closed.contains(connection));
}

TEST_F(CoreTest, GarbageAndFramesWithoutAnIdCloseTheConnection) {
  const ConnectionId garbage = open();
  raw(garbage, Bytes{0xff, 0xff, 0xff});
  EXPECT_EQ(last(garbage).error().code(), v1::Error::MALFORMED);
  EXPECT_TRUE(closed.contains(garbage));
  const ConnectionId anonymous = open();
  raw(anonymous, {});
  EXPECT_TRUE(closed.contains(anonymous));
  raw(anonymous, Bytes{1, 2, 3});  // what was still in the pipe
}

TEST_F(CoreTest, AnOversizedFrameClosesTheConnection) {
  const ConnectionId connection = open();
  raw(connection, Bytes(wire::kMaxFrameBytes + 1));
  EXPECT_TRUE(closed.contains(connection));
}

TEST_F(CoreTest, ARequestOfANewerProtocolIsRefusedAndManyCloseTheConnection) {
  const ConnectionId connection = open();
  for (std::uint32_t i = 0; i < kMaxMistakes; ++i) {
    EXPECT_FALSE(closed.contains(connection));
    EXPECT_EQ(error_of(connection, {}), v1::Error::MALFORMED);
  }
  EXPECT_TRUE(closed.contains(connection));
}

TEST_F(CoreTest, EventsOfUnknownConnectionsChangeNothing) {
  raw(ConnectionId(99), Bytes{1});
  core->on_close(ConnectionId(99), now);
  EXPECT_TRUE(received.empty());
}

TEST_F(CoreTest, HelloAndAuthenticateAreMalformedOnceAuthenticated) {
  register_both();
  const ConnectionId connection = connect(alice_);
  EXPECT_EQ(hello(connection).error().code(), v1::Error::MALFORMED);
}

TEST_F(CoreTest, RequestsOfOneDeviceAreLimitedAcrossReconnects) {
  options.limits.requests_per_device = {1, 2};
  start();
  register_both();
  v1::ClientFrame status;
  status.mutable_get_account_status();
  ConnectionId connection = connect(alice_);
  EXPECT_TRUE(ask(connection, status).has_account_status());
  EXPECT_TRUE(ask(connection, status).has_account_status());
  EXPECT_EQ(error_of(connection, status), v1::Error::RATE_LIMITED);
  connection = connect(alice_);
  EXPECT_EQ(error_of(connection, status), v1::Error::RATE_LIMITED);
  now = now + seconds(2);
  EXPECT_TRUE(ask(connection, status).has_account_status());
}

// --- messages

TEST_F(CoreTest, AMessageTravelsFromDeviceToDevice) {
  register_both();
  const ConnectionId from = connect(bob_);
  const ConnectionId to = connect(alice_);
  const auto submitted = ask(from, submission(alice_.address(), {"one", "two"})).submitted();
  ASSERT_EQ(submitted.results_size(), 1);
  EXPECT_EQ(submitted.results(0).status(), v1::TargetResult::OK);
  EXPECT_EQ(submitted.results(0).devices(0).accepted(), 2u);
  EXPECT_EQ(submitted.results(0).devices(0).refusal(), v1::DeviceResult::NONE);
  EXPECT_EQ(texts(to), (Texts{"one", "two"}));
  EXPECT_EQ(delivered(to)[0].received_ms(), now.value);
}

TEST_F(CoreTest, WhatWaitsIsSaidAtAuthenticationAndPushedAfterwards) {
  register_both();
  ask(connect(bob_), submission(alice_.address(), {"one", "two"}));
  const ConnectionId to = open();
  const auto answer = ask(to, authentication(to, alice_, hello(to)));
  EXPECT_EQ(answer.authenticated().queued_envelopes(), 2u);
  EXPECT_EQ(texts(to), (Texts{"one", "two"}));
  EXPECT_TRUE(received[to][1].has_authenticated()) << "the answer precedes the pushes";
  acknowledge(to, delivered(to)[1].sequence());
  settle();
  EXPECT_EQ(core->counts().relay.acknowledged, 2u);
}

TEST_F(CoreTest, WhatWasAcceptedSurvivesACrashAndWhatWasNotAnsweredMayNot) {
  register_both();
  const ConnectionId from = connect(bob_);
  ask(from, submission(alice_.address(), {"kept"}));
  const auto unanswered = post(from, submission(alice_.address(), {"lost"}));
  EXPECT_FALSE(answer(from, unanswered).has_submitted());
  crash_and_restart();
  EXPECT_EQ(texts(connect(alice_)), Texts{"kept"});
}

TEST_F(CoreTest, AnAnswerForAClosedConnectionIsDropped) {
  register_both();
  const ConnectionId from = connect(bob_);
  post(from, submission(alice_.address(), {"x"}));
  core->on_close(from, now);
  settle();
  EXPECT_TRUE(core->idle());
  EXPECT_EQ(texts(connect(alice_)), Texts{"x"});
}

TEST_F(CoreTest, AStaleManifestIsAnsweredPerTarget) {
  register_both();
  const ConnectionId from = connect(bob_);
  auto frame = submission(alice_.address(), {"stale"}, 9);
  *frame.mutable_submit()->add_targets() = submission(bob_.address(), {"fine"}).submit().targets(0);
  *frame.mutable_submit()->add_targets() =
      submission({identity::AccountId(ByteArray<16>{1}), alice_.identity->id}, {"x"}).submit().targets(0);
  const auto submitted = ask(from, frame).submitted();
  EXPECT_EQ(submitted.results(0).status(), v1::TargetResult::STALE_MANIFEST);
  EXPECT_EQ(submitted.results(0).current_version(), 1u);
  EXPECT_EQ(submitted.results(1).status(), v1::TargetResult::OK);
  EXPECT_EQ(submitted.results(2).status(), v1::TargetResult::NO_SUCH_ACCOUNT);
}

TEST_F(CoreTest, ADeviceThatSyncsToItsSiblingsIsNotMissingItself) {
  register_both();
  const ConnectionId connection = connect(alice_);
  ASSERT_TRUE(ask(connection, publication(with_laptop().signed_manifest())).has_manifest_published());
  const auto result = ask(connection, submission(bob_.address(), {"x"}, 7)).submitted().results(0);
  EXPECT_EQ(result.missing_devices_size(), 0);
  const auto own = ask(connection, submission(laptop_.address(), {"x"}, 1)).submitted().results(0);
  EXPECT_EQ(own.status(), v1::TargetResult::STALE_MANIFEST);
  EXPECT_EQ(own.missing_devices_size(), 0);
}

TEST_F(CoreTest, SubmissionsOfAWrongShapeAreMalformed) {
  register_both();
  const ConnectionId from = connect(bob_);
  const auto good = submission(alice_.address(), {"x"});
  std::vector<v1::ClientFrame> bad(7, good);
  bad[0].mutable_submit()->clear_targets();
  bad[1].mutable_submit()->mutable_targets(0)->set_account("short");
  bad[2].mutable_submit()->mutable_targets(0)->mutable_devices(0)->set_device("short");
  bad[3].mutable_submit()->mutable_targets(0)->mutable_devices(0)->add_envelopes("");
  *bad[4].mutable_submit()->mutable_targets(0)->add_devices() = good.submit().targets(0).devices(0);
  bad[5].mutable_submit()->set_shared_body("body");
  bad[5].mutable_submit()->mutable_targets(0)->mutable_devices(0)->add_envelopes("second");
  bad[6].mutable_submit();
  bad[6].clear_submit();
  for (const auto& frame : bad) EXPECT_EQ(error_of(from, frame), v1::Error::MALFORMED);
  EXPECT_TRUE(ask(from, good).has_submitted());
}

TEST_F(CoreTest, SubmissionsWithTooMuchInThemAreTooLarge) {
  register_both();
  const ConnectionId from = connect(bob_);
  v1::ClientFrame targets;
  for (int i = 0; i <= kMaxTargetsPerSubmit; ++i) {
    *targets.mutable_submit()->add_targets() = submission(alice_.address(), {"x"}).submit().targets(0);
  }
  EXPECT_EQ(error_of(from, targets), v1::Error::TOO_LARGE);
  EXPECT_EQ(error_of(from, submission(alice_.address(), Texts(kMaxEnvelopesPerSubmit + 1, "x"))),
            v1::Error::TOO_LARGE);
  v1::ClientFrame devices = submission(alice_.address(), {"x"});
  for (int i = 0; i < kMaxDevicesPerTarget; ++i) devices.mutable_submit()->mutable_targets(0)->add_devices();
  EXPECT_EQ(error_of(from, devices), v1::Error::TOO_LARGE);
}

TEST_F(CoreTest, EnvelopesOfOneDeviceAreLimited) {
  options.limits.envelopes_per_device = {1, 3};
  start();
  register_both();
  const ConnectionId from = connect(bob_);
  EXPECT_TRUE(ask(from, submission(alice_.address(), {"1", "2", "3"})).has_submitted());
  EXPECT_EQ(error_of(from, submission(alice_.address(), {"4"})), v1::Error::RATE_LIMITED);
}

TEST_F(CoreTest, RequestsInFlightAreBounded) {
  register_both();
  const ConnectionId from = connect(bob_);
  for (std::size_t i = 0; i < kMaxRequestsInFlight; ++i) post(from, submission(alice_.address(), {"x"}));
  const auto refused = post(from, submission(alice_.address(), {"x"}));
  EXPECT_EQ(answer(from, refused).error().code(), v1::Error::OVERLOADED);
  settle();
  EXPECT_TRUE(ask(from, submission(alice_.address(), {"x"})).has_submitted());
}

TEST_F(CoreTest, AFullDiskRefusesSubmissionsAndTheServerRecovers) {
  register_both();
  const ConnectionId from = connect(bob_);
  ask(from, submission(alice_.address(), {"before"}));
  store.fail_next_commits(1, storage::StorageError::no_space);
  const auto failed = ask(from, submission(alice_.address(), {"x"})).submitted().results(0).devices(0);
  EXPECT_EQ(failed.accepted(), 0u);
  EXPECT_EQ(failed.refusal(), v1::DeviceResult::STORAGE_UNAVAILABLE);
  EXPECT_GT(failed.retry_after_ms(), 0u);
  EXPECT_EQ(ask(from, submission(alice_.address(), {"after"})).submitted().results(0).devices(0).accepted(),
            1u);
}

TEST_F(CoreTest, ManyEnvelopesShareAFrameAndLargeOnesAreSplit) {
  register_both();
  const ConnectionId from = connect(bob_);
  ask(from, submission(alice_.address(), Texts(50, "small")));
  const ConnectionId to = connect(alice_);
  EXPECT_EQ(received[to].size(), 3u) << "welcome, authenticated, one push";
  acknowledge(to, delivered(to).back().sequence());
  const std::string large(60'000, 'x');
  ask(from, submission(alice_.address(), Texts(10, large)));
  EXPECT_EQ(delivered(to).size(), 60u);
  for (const auto& frame : received[to]) EXPECT_LE(frame.ByteSizeLong(), kMaxPushFrameOctets + 70'000);
}

// --- accounts

TEST_F(CoreTest, RegistrationWantsAnInviteWhereThePolicySaysSo) {
  options.registration = accounts::RegistrationPolicy::invite;
  start();
  std::string token;
  core->create_invite({}, now, [&](accounts::AccountsResult<std::string> made) { token = made.value(); });
  settle();
  ASSERT_FALSE(token.empty());
  const ConnectionId connection = open();
  hello(connection);
  auto frame = registration(alice_account(), "alice");
  EXPECT_EQ(error_of(connection, frame), v1::Error::REGISTRATION_CLOSED);
  frame.mutable_register_()->set_invite("0123456789abcdef0123456789abcdef");
  EXPECT_EQ(error_of(connection, frame), v1::Error::INVITE_INVALID);
  frame.mutable_register_()->set_invite(token);
  EXPECT_EQ(ask(connection, frame).registered().handle(), "alice");
  auto second = registration(bob_account(), "bob");
  second.mutable_register_()->set_invite(token);
  EXPECT_EQ(error_of(connection, second), v1::Error::INVITE_INVALID);
}

TEST_F(CoreTest, RegistrationWithAnImpossibleHandleOrAccountIsRefused) {
  const ConnectionId connection = open();
  hello(connection);
  EXPECT_EQ(error_of(connection, registration(alice_account(), "no spaces")), v1::Error::HANDLE_INVALID);
  auto frame = registration(alice_account(), "alice");
  frame.mutable_register_()->set_account("short");
  EXPECT_EQ(error_of(connection, frame), v1::Error::MALFORMED);
}

TEST_F(CoreTest, ARevokedInviteIsOfNoUse) {
  options.registration = accounts::RegistrationPolicy::invite;
  start();
  std::string token;
  core->create_invite({}, now, [&](accounts::AccountsResult<std::string> made) { token = made.value(); });
  settle();
  bool revoked = false;
  core->revoke_invite(token, [&](accounts::AccountsResult<void> done) { revoked = done.has_value(); });
  settle();
  EXPECT_TRUE(revoked);
  const ConnectionId connection = open();
  hello(connection);
  auto frame = registration(alice_account(), "alice");
  frame.mutable_register_()->set_invite(token);
  EXPECT_EQ(error_of(connection, frame), v1::Error::INVITE_INVALID);
}

TEST_F(CoreTest, TheOperatorSeesWhatCouldBeHandedOver) {
  register_both();
  ask(connect(bob_), submission(alice_.address(), {"12345"}));
  const auto holdings = core->holdings("Alice", now);
  ASSERT_TRUE(holdings);
  EXPECT_EQ(holdings->account, alice_.account);
  EXPECT_EQ(holdings->manifest_version, 1u);
  EXPECT_EQ(holdings->status.mailboxes(0).envelopes(), 1u);
  EXPECT_EQ(holdings->prekeys, std::vector<std::uint32_t>{0});
  EXPECT_EQ(core->holdings("nobody", now).error().error, directory::DirectoryError::no_such_handle);
}

TEST_F(CoreTest, RegistrationsOfOneAddressAreLimited) {
  options.limits.registrations_per_address = {1, 1};
  start();
  register_account(alice_account(), "alice");
  const ConnectionId connection = open();
  hello(connection);
  EXPECT_EQ(error_of(connection, registration(bob_account(), "bob")), v1::Error::RATE_LIMITED);
}

TEST_F(CoreTest, RegistrationNeedsHello) {
  EXPECT_EQ(error_of(open(), registration(alice_account(), "alice")), v1::Error::MALFORMED);
}

TEST_F(CoreTest, ATakenHandleIsSaid) {
  register_account(alice_account(), "alice");
  const ConnectionId connection = open();
  hello(connection);
  EXPECT_EQ(error_of(connection, registration(bob_account(), "Alice")), v1::Error::HANDLE_TAKEN);
}

TEST_F(CoreTest, ManifestsAreFetched) {
  register_both();
  const ConnectionId connection = connect(bob_);
  v1::ClientFrame fetch;
  fetch.mutable_fetch_manifests()->set_account(wire::field(alice_.account.view()));
  EXPECT_EQ(ask(connection, fetch).manifests().manifests_size(), 1);
}

TEST_F(CoreTest, HandlesAreManaged) {
  register_both();
  const ConnectionId connection = connect(bob_);
  v1::ClientFrame add;
  add.mutable_manage_handle()->set_add("bobby");
  EXPECT_EQ(ask(connection, add).handle_managed().handles_size(), 2);
}

TEST_F(CoreTest, AddressesAreAddedOnlyWithTheCodeThatWasSentToThem) {
  register_both();
  const ConnectionId connection = connect(bob_);
  v1::ClientFrame add;
  add.mutable_manage_handle()->set_add("Bob@Example.org");
  EXPECT_EQ(error_of(connection, add), v1::Error::HANDLE_UNPROVABLE);
  code_sending = CodeSending::overloaded;
  EXPECT_EQ(error_of(connection, add), v1::Error::OVERLOADED);
  code_sending = CodeSending::queued;
  EXPECT_EQ(ask(connection, add).handle_managed().code_sent_to(), "bob@example.org");
  ASSERT_EQ(sent_codes.count("bob@example.org"), 1u);

  v1::ClientFrame prove;
  auto& proof = *prove.mutable_manage_handle()->mutable_prove();
  proof.set_handle("bob@example.org");
  proof.set_code("x");
  EXPECT_EQ(error_of(connection, prove), v1::Error::CODE_WRONG);
  proof.set_handle("bob@");
  EXPECT_EQ(error_of(connection, prove), v1::Error::HANDLE_INVALID);
  proof.set_handle("bob@example.org");
  proof.set_code(sent_codes["bob@example.org"]);
  EXPECT_EQ(ask(connection, prove).handle_managed().handles_size(), 2);
  EXPECT_EQ(error_of(connection, prove), v1::Error::CODE_WRONG) << "a code is good once";
  v1::ClientFrame remove;
  remove.mutable_manage_handle()->set_remove("bob@example.org");
  EXPECT_EQ(ask(connection, remove).handle_managed().handles_size(), 1);
  EXPECT_EQ(error_of(connection, remove), v1::Error::NO_SUCH_HANDLE);
}

TEST_F(CoreTest, PrekeysAndBundlesAreAsked) {
  register_both();
  const ConnectionId connection = connect(bob_);
  v1::ClientFrame upload;
  upload.mutable_upload_prekeys()->set_batch("not a batch");
  EXPECT_EQ(error_of(connection, upload), v1::Error::PREKEYS_REJECTED);
  v1::ClientFrame fetch;
  fetch.mutable_fetch_bundles()->set_account(wire::field(alice_.account.view()));
  fetch.mutable_fetch_bundles()->add_devices(wire::field(alice_.identity->id.view()));
  EXPECT_EQ(ask(connection, fetch).bundles().unavailable_size(), 1);
}

TEST_F(CoreTest, AChangedManifestIsToldToAllDevicesOfTheAccount) {
  register_both();
  const ConnectionId phone = connect(alice_);
  const ConnectionId bob = connect(bob_);
  const std::size_t bobs_frames = received[bob].size();
  EXPECT_EQ(ask(phone, publication(with_laptop().signed_manifest())).manifest_published().version(), 2u);
  EXPECT_EQ(last(phone).manifest_changed().version(), 2u);
  EXPECT_EQ(received[bob].size(), bobs_frames);
  EXPECT_EQ(core->counts().errors[v1::Error::MANIFEST_REJECTED], 0u);
  connect(laptop_);
}

TEST_F(CoreTest, ARemovedDeviceIsDisconnectedAndItsMailboxEmptied) {
  register_both();
  const ConnectionId phone = connect(alice_);
  const auto second = with_laptop();
  ask(phone, publication(second.signed_manifest()));
  const ConnectionId bob = connect(bob_);
  ask(bob, submission(laptop_.address(), {"waiting"}, 2));
  const ConnectionId laptop = connect(laptop_);

  auto draft = identity::draft_successor(second, alice_.identity->id, now);
  ASSERT_TRUE(identity::remove_device(draft, laptop_.identity->id));
  const auto third = identity::sign_manifest(draft, alice_account().account, alice_account().device, random);
  EXPECT_EQ(ask(phone, publication(third)).manifest_published().version(), 3u);
  EXPECT_EQ(last(laptop).goodbye().reason(), v1::Goodbye::REVOKED);
  const auto mailbox = store.scan(relay::mailbox_partition(laptop_.address()), relay::envelope_key({0}),
                                  ByteView(relay::envelope_key({1000})), {});
  EXPECT_TRUE(mailbox->entries.empty());
  EXPECT_TRUE(closed.contains(laptop));
  EXPECT_EQ(core->counts().relay.attached, 2u);
  const auto refused = open();
  EXPECT_EQ(error_of(refused, authentication(refused, laptop_, hello(refused))),
            v1::Error::AUTHENTICATION_FAILED);
  EXPECT_EQ(ask(bob, submission(laptop_.address(), {"late"}, 3)).submitted().results(0).status(),
            v1::TargetResult::STALE_MANIFEST);
}

TEST_F(CoreTest, APublicationTakesEffectThoughThePublisherIsGone) {
  register_both();
  const ConnectionId phone = connect(alice_);
  post(phone, publication(with_laptop().signed_manifest()));
  core->on_close(phone, now);
  settle();
  connect(laptop_);
}

TEST_F(CoreTest, ARejectedManifestChangesNothing) {
  register_both();
  const ConnectionId phone = connect(alice_);
  auto manifest = with_laptop().signed_manifest();
  manifest.author_signature[0] ^= 1;
  EXPECT_EQ(error_of(phone, publication(manifest)), v1::Error::MANIFEST_REJECTED);
}

TEST_F(CoreTest, AnAccountSeesWhatIsHeldAboutIt) {
  register_both();
  ask(connect(bob_), submission(alice_.address(), {"12345"}));
  v1::ClientFrame frame;
  frame.mutable_get_account_status();
  const auto status = ask(connect(alice_), frame).account_status();
  ASSERT_EQ(status.handles_size(), 1);
  EXPECT_EQ(status.handles(0), "alice");
  ASSERT_EQ(status.mailboxes_size(), 1);
  EXPECT_EQ(status.mailboxes(0).envelopes(), 1u);
  EXPECT_EQ(status.mailboxes(0).bytes(), 5u);
  EXPECT_EQ(status.mailboxes(0).oldest_ms(), now.value);
}

// --- shutting down

TEST_F(CoreTest, DrainingSaysGoodbyeAnswersWhatIsOwedAndTakesNothingNew) {
  register_both();
  const ConnectionId from = connect(bob_);
  const ConnectionId to = connect(alice_);
  ask(from, submission(alice_.address(), {"one"}));
  acknowledge(to, delivered(to)[0].sequence());
  const auto owed = post(from, submission(alice_.address(), {"two"}));
  core->begin_drain(now);
  EXPECT_FALSE(core->idle());
  EXPECT_EQ(last(from).goodbye().reason(), v1::Goodbye::SHUTTING_DOWN);
  EXPECT_LE(last(from).goodbye().reconnect_after_ms(), kReconnectSpread.value);
  EXPECT_EQ(error_of(from, submission(alice_.address(), {"three"})), v1::Error::OVERLOADED);
  EXPECT_TRUE(answer(from, owed).has_submitted());
  EXPECT_TRUE(core->idle());
  EXPECT_TRUE(closed.contains(open()));
  crash_and_restart();
  EXPECT_EQ(texts(connect(alice_)), Texts{"two"}) << "the acknowledgement of \"one\" was flushed";
}

}  // namespace
}  // namespace sotto::server
