// What a person is told when the server, another device or a peer does what it should not.
#include "bytes/hex.h"
#include "client/test_clients.h"
#include "identity/armor.h"
#include "identity/link_grant.h"

namespace sotto::client {
namespace {

using testing::CoreTest;
using testing::kServer;
using testing::TestClient;
using Request = v1::ClientFrame;

class ProblemsTest : public CoreTest {
 protected:
  /// From now on the server answers requests of this kind with an error.
  void refuse(Request::RequestCase kind, v1::Error::Code code) {
    server_.tamper = [kind, code](const v1::ClientFrame& request, v1::ServerFrame& answer) {
      if (request.request_case() != kind) return;
      answer.Clear();
      answer.mutable_error()->set_code(code);
    };
  }
};

TEST_F(ProblemsTest, ADeviceThatTheServerDoesNotAcceptStops) {
  sign_up_both();
  disconnect(alice_);
  refuse(Request::kAuthenticate, v1::Error::MALFORMED);
  connect(alice_);
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::AUTHENTICATION_REFUSED));
  EXPECT_TRUE(alice_.refused);
}

TEST_F(ProblemsTest, AServerOfAnotherVersionIsSaidToBeOne) {
  refuse(Request::kHello, v1::Error::UNSUPPORTED_VERSION);
  ASSERT_TRUE(alice_.core->set_up_account("alice", "", "laptop", kServer, now_).value());
  connect(alice_);
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::UNSUPPORTED_SERVER));
  EXPECT_TRUE(alice_.refused);
}

TEST_F(ProblemsTest, PrekeysThatTheServerRefusesAreReportedAndMadeAnew) {
  refuse(Request::kUploadPrekeys, v1::Error::PREKEYS_REJECTED);
  sign_up(alice_, "alice");
  EXPECT_TRUE(alice_.saw(v1::Problem::PREKEYS_REFUSED));
  server_.tamper = nullptr;
  pass(minutes(5));
  sign_up(bob_, "bob");
  send(bob_, "alice", "hello");
  settle();
  EXPECT_EQ(alice_.texts("bob"), std::vector<std::string>{"hello"});
}

TEST_F(ProblemsTest, WhoWritesToTooManyNewPeopleIsToldOnceAndTheMessagesGoLater) {
  TestClient carol{7, 77};
  TestClient dave{8, 88};
  clients_.push_back(&carol);
  clients_.push_back(&dave);
  sign_up_both();
  sign_up(carol, "carol");
  sign_up(dave, "dave");
  const std::string pass_of_bob(16, 'p');
  const std::string bob(wire::field(bob_.core->self()->account_id().view()));
  std::vector<std::string> shown;
  bool limited = false;
  server_.tamper = [&](const v1::ClientFrame& request, v1::ServerFrame& answer) {
    if (!request.has_fetch_bundles()) return;
    if (request.fetch_bundles().account() == bob) shown.push_back(request.fetch_bundles().pass());
    if (!limited) return answer.mutable_bundles()->set_pass(pass_of_bob);
    answer.Clear();
    answer.mutable_error()->set_code(v1::Error::RATE_LIMITED);
    answer.mutable_error()->set_first_contact(true);
    answer.mutable_error()->set_retry_after_ms(minutes(12).value - 1);
  };
  send(alice_, "bob", "hello");
  settle();
  limited = true;
  send(alice_, "carol", "hello");
  send(alice_, "dave", "hello");
  settle();
  std::vector<std::string> told;
  for (const auto& event : alice_.events) {
    if (!event.has_problem()) continue;
    EXPECT_EQ(event.problem().code(), v1::Problem::FIRST_CONTACT_LIMITED);
    told.push_back(event.problem().subject() + ": " + event.problem().detail());
  }
  ASSERT_EQ(told.size(), 1U) << "once for all of them";
  EXPECT_NE(told[0].find("the server takes the next one in 12 minutes; the message is kept"),
            std::string::npos)
      << told[0];
  EXPECT_EQ(alice_.newest("carol").state(), v1::Message::QUEUED);
  limited = false;
  pass(minutes(25));
  EXPECT_EQ(carol.texts("alice"), std::vector<std::string>{"hello"});
  EXPECT_EQ(dave.texts("alice"), std::vector<std::string>{"hello"});
  // With whom there was a session before, the pass is shown for the next one.
  alice_.database->run("DELETE FROM peer_record");
  alice_.database->run("DELETE FROM peer_session");
  shown.clear();
  send(alice_, "bob", "again");
  settle();
  ASSERT_FALSE(shown.empty());
  EXPECT_EQ(shown, std::vector<std::string>(shown.size(), pass_of_bob));
}

TEST_F(ProblemsTest, PrekeysOfAPeerThatDoNotVerifyAreNotUsed) {
  sign_up_both();
  server_.tamper = [](const v1::ClientFrame&, v1::ServerFrame& answer) {
    if (!answer.has_bundles()) return;
    for (auto& bundle : *answer.mutable_bundles()->mutable_bundles()) bundle.mutable_signature()->back() ^= 1;
  };
  send(alice_, "bob", "hello");
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::PREKEYS_REFUSED));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
  EXPECT_TRUE(bob_.texts("alice").empty());
}

TEST_F(ProblemsTest, AManifestThatDoesNotVerifyIsRefused) {
  sign_up_both();
  server_.tamper = [](const v1::ClientFrame&, v1::ServerFrame& answer) {
    if (!answer.has_manifests()) return;
    for (auto& link : *answer.mutable_manifests()->mutable_manifests()) link.mutable_manifest()->back() ^= 1;
  };
  send(alice_, "bob", "hello");
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::MANIFEST_REFUSED));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
}

TEST_F(ProblemsTest, ARevokedDeviceIsToldByTheServersGoodbye) {
  sign_up_both();
  v1::ServerFrame goodbye;
  goodbye.mutable_goodbye()->set_reason(v1::Goodbye::REVOKED);
  perform(alice_, alice_.core->receive(goodbye, now_).value());
  EXPECT_TRUE(alice_.saw(v1::Problem::DEVICE_REVOKED));
  EXPECT_TRUE(alice_.refused);
}

TEST_F(ProblemsTest, ARequestInTheNameOfAListedDeviceIsRefused) {
  sign_up(alice_, "alice");
  const identity::DeviceIdentity impostor{alice_.core->self()->device.id,
                                          crypto::HybridPrivateKey::generate(*alice_.random)};
  const auto request = identity::make_link_request(impostor, "laptop", now_, *alice_.random);
  const auto armored = identity::armor(identity::kLinkRequestArmor, request.octets);
  EXPECT_EQ(alice_.core->approve_link(armored, now_).value().value.error(), LinkError::device_listed);
}

TEST_F(ProblemsTest, AnAccountHasNotAnyNumberOfDevices) {
  sign_up(alice_, "alice");
  Result<void, LinkError> approved;
  for (std::size_t i = 0; approved && i <= identity::kMaxDevices; ++i) {
    const auto device = identity::DeviceIdentity::generate(*alice_.random);
    const auto request = identity::make_link_request(device, "new", now_, *alice_.random);
    auto outcome =
        alice_.core->approve_link(identity::armor(identity::kLinkRequestArmor, request.octets), now_).value();
    approved = outcome.value;
    perform(alice_, std::move(outcome.effects));
    settle();
  }
  ASSERT_FALSE(approved);
  EXPECT_EQ(approved.error(), LinkError::too_many_devices);
}

TEST_F(ProblemsTest, OnlyTheAuthorOfTheNewestListGrants) {
  sign_up_both();
  link_second_device();
  const auto request_of = [this](TestClient& client) {
    EXPECT_TRUE(client.core->set_up_device("new", kServer, now_).value());
    return client.core->request_link(now_).value().value.value();
  };
  const auto approve = [this](TestClient& by, const std::string& request) {
    auto approved = by.core->approve_link(request, now_).value();
    ASSERT_TRUE(approved.value);
    perform(by, std::move(approved.effects));
    settle();
  };
  TestClient phone(4, 44);
  TestClient desk(5, 55);
  const auto first = request_of(phone);
  approve(bob_, first);
  approve(bob2_, request_of(desk));
  EXPECT_EQ(bob_.core->grant_link(first, now_).value().value.error(), LinkError::not_author);
}

TEST_F(ProblemsTest, AReceiptThatNamesAnotherTextIsReported) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  send(alice_, "bob", "hello");
  // As if something else had been sent.
  alice_.database->run("UPDATE message SET content_hash = zeroblob(16)");
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::CONTENT_REFUSED));
  EXPECT_NE(alice_.newest("bob").state(), v1::Message::DELIVERED);
}

TEST_F(ProblemsTest, APeerThatNeverAnswersPostQuantumRekeyingIsNamed) {
  sign_up_both();
  // Key offers ride on messages 0, 1, 2, 4, 8 and every 16th (docs/specs/session-protocol.md 5): exactly
  // those are lost.
  std::uint64_t sent = 0;
  server_.lose_envelope = [&](const Bytes& account) {
    if (account != server_.handles.at("bob")) return false;
    const std::uint64_t k = sent++;
    return k <= 2 || k == 4 || k == 8 || k % 16 == 0;
  };
  for (int i = 0; i < 60; ++i) {
    send(alice_, "bob", "text");
    settle();
    if (i < 4) continue;  // bob, who has not heard of her yet, would start a session of his own
    now_ = now_ + minutes(2);
    send(bob_, "alice", "answer");
    settle();
  }
  EXPECT_TRUE(alice_.saw(v1::Problem::PEER_STUCK));
}

}  // namespace
}  // namespace sotto::client
