// The devices of an account: names, removal and all that follows, changes at the same time.
#include "bytes/hex.h"
#include "client/accounts/retire.h"
#include "client/contacts/manifests.h"
#include "client/devices/aftermath.h"
#include "client/devices/device_name.h"
#include "client/devices/manage.h"
#include "client/devices/own_devices.h"
#include "client/notices/notices.h"
#include "client/test_clients.h"
#include "crypto/hash.h"
#include "identity/author.h"

namespace sotto::client {
namespace {

using testing::CoreTest;
using testing::kServer;
using testing::TestClient;
using Names = std::vector<std::string>;
using Texts = std::vector<std::string>;

class DevicesTest : public CoreTest {
 protected:
  /// Bob has a laptop and a tablet; everybody has talked to everybody.
  void SetUp() override {
    sign_up_both();
    link_second_device();
    for (int i = 0; i < 3; ++i) {
      send(alice_, "bob", "to bob");
      settle();
      send(bob_, "alice", "from the laptop");
      settle();
      send(bob2_, "alice", "from the tablet");
      settle();
    }
    for (TestClient* client : clients_) client->events.clear();
  }
  static std::string id_of(const TestClient& client) { return to_hex(client.core->self()->device.id.view()); }
  static identity::DeviceAddress address_of(const TestClient& client) {
    return {client.core->self()->account_id(), client.core->self()->device.id};
  }
  Result<identity::DeviceId, DeviceError> remove(TestClient& by, std::string_view which) {
    auto outcome = by.core->command(now_, [&](Work& work) { return remove_device(work, which); }).value();
    perform(by, std::move(outcome.effects));
    return outcome.value;
  }
  Result<identity::DeviceId, DeviceError> rename(TestClient& by, std::string_view which,
                                                 std::string_view name) {
    auto outcome =
        by.core->command(now_, [&](Work& work) { return rename_device(work, which, name); }).value();
    perform(by, std::move(outcome.effects));
    return outcome.value;
  }
  static std::uint64_t version(const TestClient& client) {
    return load_manifest(*client.database, client.core->self()->account_id())->version();
  }
  /// A stand-in for the key itself, which compares with nothing.
  static Bytes key_digest(const TestClient& client) {
    return to_bytes(crypto::hmac_sha384(*client.core->self()->sync_key, {}));
  }
  static bool has_sessions(const TestClient& client, const TestClient& with) {
    const auto address = address_of(with);
    return client.database
        ->query("SELECT 1 FROM peer_record WHERE account = ?1 AND device = ?2", address.account,
                address.device)
        .next();
  }
  TestClient bob3_{4, 44};
};

TEST_F(DevicesTest, ARenamedDeviceHasItsNewNameOnEveryDeviceOfTheAccount) {
  ASSERT_TRUE(rename(bob_, "tablet", "kitchen"));
  settle();
  EXPECT_EQ(bob_.device_names(), (Names{"kitchen", "laptop"}));
  EXPECT_EQ(bob2_.device_names(), (Names{"kitchen", "laptop"}));
  ASSERT_TRUE(rename(bob2_, "", "cellar"));  // itself
  settle();
  EXPECT_EQ(bob_.device_names(), (Names{"cellar", "laptop"}));
  EXPECT_EQ(bob2_.core->self()->device_name, "cellar");
  ASSERT_TRUE(rename(bob_, id_of(bob2_).substr(0, 8), "attic"));
  settle();
  EXPECT_EQ(bob2_.device_names(), (Names{"attic", "laptop"}));
  EXPECT_EQ(key_digest(bob_), key_digest(bob2_));
}

TEST_F(DevicesTest, SaysWhichDeviceAndNameMakeNoSense) {
  EXPECT_EQ(rename(bob_, "fridge", "x").error(), DeviceError::no_such_device);
  EXPECT_EQ(rename(bob_, id_of(bob2_).substr(0, 3), "x").error(), DeviceError::no_such_device);
  EXPECT_EQ(rename(bob_, "tablet", "").error(), DeviceError::bad_name);
  EXPECT_EQ(rename(bob_, "tablet", std::string(65, 'x')).error(), DeviceError::bad_name);
  EXPECT_EQ(rename(bob_, "tablet", "a\x1b[2J").error(), DeviceError::bad_name);
  ASSERT_TRUE(rename(bob_, "tablet", "laptop"));
  EXPECT_EQ(remove(bob_, "tablet").error(), DeviceError::publishing);
  settle();
  EXPECT_EQ(remove(bob_, "laptop").error(), DeviceError::ambiguous);
  EXPECT_EQ(remove(alice_, "laptop").error(), DeviceError::last_device);
  TestClient fresh{9, 9};
  ASSERT_TRUE(fresh.core->set_up_device("new", kServer, now_).value());
  EXPECT_EQ(remove(fresh, "x").error(), DeviceError::not_registered);
  EXPECT_EQ(rename(fresh, "x", "y").error(), DeviceError::not_registered);
}

TEST_F(DevicesTest, RemovalEndsSessionsOnOwnDevicesAndOnContactsWhenTheyLearnOfIt) {
  ASSERT_TRUE(has_sessions(alice_, bob2_));
  ASSERT_TRUE(has_sessions(bob_, bob2_));
  ASSERT_TRUE(remove(bob_, "tablet"));
  settle();
  EXPECT_FALSE(has_sessions(bob_, bob2_));
  EXPECT_TRUE(bob2_.saw(v1::Problem::DEVICE_REVOKED));
  EXPECT_TRUE(bob2_.refused);
  // Alice learned of it with the messages that renew the keys.
  EXPECT_FALSE(has_sessions(alice_, bob2_));
  EXPECT_TRUE(has_sessions(alice_, bob_));
  pass(minutes(1));
  send(alice_, "bob", "not for the tablet");
  settle();
  EXPECT_EQ(bob_.texts("alice").back(), "not for the tablet");
  EXPECT_EQ(alice_.newest("bob").deliveries_size(), 1);
  EXPECT_EQ(
      server_.mailboxes[to_bytes(address_of(bob2_).account.view())][to_bytes(address_of(bob2_).device.view())]
          .size(),
      0U);
}

TEST_F(DevicesTest, RemovalGivesTheRemainingDevicesANewSyncKeyThatTheRemovedOneDoesNotHave) {
  link(bob3_, bob_, "phone");
  const Bytes before = key_digest(bob_);
  ASSERT_EQ(key_digest(bob3_), before);
  ASSERT_TRUE(remove(bob_, "tablet"));
  settle();
  EXPECT_NE(key_digest(bob_), before);
  EXPECT_EQ(key_digest(bob3_), key_digest(bob_));
  EXPECT_EQ(key_digest(bob2_), before);
  EXPECT_EQ(bob3_.device_names(), (Names{"laptop", "phone"}));
  // The list that everybody may read has the names under the new key only.
  const auto list = load_manifest(*alice_.database, bob_.core->self()->account_id());
  for (const auto& device : list->manifest().devices) {
    EXPECT_FALSE(open_device_name(device.sealed_name, *bob2_.core->self()->sync_key));
    EXPECT_TRUE(open_device_name(device.sealed_name, *bob3_.core->self()->sync_key));
  }
}

TEST_F(DevicesTest, RemovalRenewsThePostQuantumKeysOfAllOtherSessionsAtOnce) {
  link(bob3_, bob_, "phone");
  send(bob3_, "alice", "hello from the phone");
  settle();
  send(alice_, "bob", "hello phone");
  settle();
  const auto epoch = [](const TestClient& client, const TestClient& with) {
    Peers peers(*client.database);
    const auto peer = peer_device(*client.database, address_of(with));
    return peers.get(peer->identity()).security(UnixMs{}).pq_epoch;
  };
  const std::vector<std::pair<TestClient*, TestClient*>> pairs{
      {&bob_, &alice_}, {&bob3_, &alice_}, {&bob_, &bob3_}};
  std::vector<std::uint32_t> before;
  for (const auto& [one, other] : pairs) before.push_back(epoch(*one, *other) + epoch(*other, *one));
  ASSERT_TRUE(remove(bob_, "tablet"));
  settle();
  // Nobody said a word since.
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_GT(epoch(*pairs[i].first, *pairs[i].second) + epoch(*pairs[i].second, *pairs[i].first), before[i])
        << i;
  }
}

TEST_F(DevicesTest, EveryOwnDeviceIsToldOnceAndTheConversationsHaveALine) {
  link(bob3_, bob_, "phone");
  EXPECT_EQ(bob_.notices(v1::Notice::DEVICE_ADDED), 1);
  EXPECT_EQ(bob2_.notices(v1::Notice::DEVICE_ADDED), 1);
  EXPECT_EQ(bob3_.notices(v1::Notice::DEVICE_ADDED), 0);
  send(alice_, "bob", "hello all");
  settle();
  ASSERT_TRUE(remove(bob2_, "phone"));
  settle();
  send(alice_, "bob", "hello two");
  settle();
  EXPECT_EQ(bob_.notices(v1::Notice::DEVICE_REMOVED), 1);
  EXPECT_EQ(bob2_.notices(v1::Notice::DEVICE_REMOVED), 1);
  using Kinds = std::vector<v1::SystemLine::Kind>;
  const auto last_two = [](const Kinds& all) {
    EXPECT_GE(all.size(), 2U);
    return all.size() < 2 ? all : Kinds(all.end() - 2, all.end());
  };
  const Kinds both{v1::SystemLine::DEVICE_ADDED, v1::SystemLine::DEVICE_REMOVED};
  EXPECT_EQ(last_two(alice_.lines("bob")), both);
  EXPECT_EQ(last_two(bob_.lines("alice")), both);
  EXPECT_EQ(last_two(bob2_.lines("alice")), both);
  const auto line = alice_.messages("bob").second.back();
  EXPECT_FALSE(line.outgoing());
  EXPECT_EQ(line.state(), v1::Message::STATE_UNSPECIFIED);
  EXPECT_EQ(line.system().devices(0), id_of(bob3_));
  EXPECT_EQ(line.sender(), "bob");
  EXPECT_TRUE(bob_.messages("alice").second.back().outgoing());
  // Kept until somebody has seen it.
  const auto waiting = unseen_notices(*bob_.database);
  ASSERT_FALSE(waiting.empty());
  EXPECT_EQ(waiting.back().kind(), v1::Notice::DEVICE_REMOVED);
  for (const auto& notice : waiting) dismiss_notice(*bob_.database, static_cast<NoticeId>(notice.id()));
  EXPECT_TRUE(unseen_notices(*bob_.database).empty());
}

TEST_F(DevicesTest, OfTwoChangesAtOnceTheLaterIsMadeOnTopOfTheFirst) {
  link(bob3_, bob_, "phone");
  ASSERT_TRUE(rename(bob_, "phone", "mobile"));
  ASSERT_TRUE(remove(bob2_, "phone"));
  ASSERT_TRUE(rename(bob3_, "laptop", "desk"));
  settle();
  pass(minutes(1));
  EXPECT_EQ(bob_.device_names(), bob2_.device_names());
  EXPECT_EQ(bob_.device_names().size(), 2U);
  EXPECT_EQ(version(bob_), version(bob2_));
  EXPECT_EQ(key_digest(bob_), key_digest(bob2_));
  EXPECT_FALSE(bob_.saw(v1::Problem::MANIFEST_REFUSED));
  EXPECT_FALSE(bob2_.saw(v1::Problem::MANIFEST_REFUSED));
  EXPECT_EQ(pending_manifest(*bob_.database), std::nullopt);
  EXPECT_EQ(pending_manifest(*bob2_.database), std::nullopt);
}

/// What a backup waited to change was changed since, and taken back.
TEST_F(DevicesTest, ARemovedDeviceDoesNotComeBackWithABackupFromBeforeItWasAdded) {
  clients_.push_back(&bob3_);
  ASSERT_TRUE(bob3_.core->set_up_device("phone", kServer, now_).value());
  const auto request = bob3_.core->request_link(now_).value().value;
  disconnect(bob_);
  ASSERT_TRUE(bob_.core->approve_link(*request, now_).value().value);
  const Bytes backup = bob_.database->snapshot();
  ASSERT_TRUE(rename(bob2_, "tablet", "kitchen"));  // so the addition is made anew, on top of this
  settle();
  connect(bob_);
  settle();
  pass(minutes(2));
  const auto grant = bob_.core->grant_link(*request, now_).value().value;
  ASSERT_TRUE(grant.has_value()) << describe(grant.error());
  ASSERT_TRUE(bob3_.core->join_link(*grant, now_).value().value);
  connect(bob3_);
  settle();
  ASSERT_EQ(bob2_.device_names(), (Names{"kitchen", "laptop", "phone"}));
  ASSERT_TRUE(remove(bob2_, "phone"));
  settle();
  disconnect(bob_);
  bob_.roll_back(backup);
  connect(bob_);
  settle();
  pass(minutes(1));
  EXPECT_EQ(bob_.device_names().size(), 2U);  // it lost the key that names are under now
  EXPECT_EQ(bob2_.device_names(), (Names{"kitchen", "laptop"}));
  EXPECT_EQ(pending_manifest(*bob_.database), std::nullopt);
}

TEST_F(DevicesTest, AnOldRecoveryKeyDoesNotComeBackWithABackup) {
  const auto set_recovery = [this](TestClient& by, std::uint8_t octet) {
    auto outcome = by.core
                       ->command(now_,
                                 [&](Work& work) {
                                   const auto own = load_manifest(work.db, work.self.account_id());
                                   auto draft =
                                       identity::draft_successor(*own, work.self.device.id, work.now);
                                   draft.recovery.fill(octet);
                                   publish(work, draft);
                                   return true;
                                 })
                       .value();
    perform(by, std::move(outcome.effects));
  };
  const auto recovery = [](const TestClient& client) {
    return load_manifest(*client.database, client.core->self()->account_id())->manifest().recovery[0];
  };
  disconnect(bob_);
  set_recovery(bob_, 1);
  const Bytes backup = bob_.database->snapshot();
  connect(bob_);
  settle();
  ASSERT_EQ(recovery(bob2_), 1);
  set_recovery(bob2_, 2);
  settle();
  disconnect(bob_);
  bob_.roll_back(backup);
  connect(bob_);
  settle();
  pass(minutes(1));
  EXPECT_EQ(recovery(bob_), 2);
  EXPECT_EQ(recovery(bob2_), 2);
}

TEST_F(DevicesTest, TwoDevicesThatRemoveDifferentOnesAtOnceAgreeOnOneKey) {
  link(bob3_, bob_, "phone");
  TestClient bob4{5, 55};
  link(bob4, bob2_, "watch");
  ASSERT_TRUE(remove(bob_, "phone"));
  ASSERT_TRUE(remove(bob2_, "watch"));
  settle();
  pass(minutes(1));
  EXPECT_EQ(bob_.device_names(), (Names{"laptop", "tablet"}));
  EXPECT_EQ(bob2_.device_names(), (Names{"laptop", "tablet"}));
  EXPECT_EQ(key_digest(bob_), key_digest(bob2_));
  EXPECT_NE(key_digest(bob_), key_digest(bob3_));
  EXPECT_NE(key_digest(bob_), key_digest(bob4));
  clients_.pop_back();
}

TEST_F(DevicesTest, ADeviceThatRemovesItselfLeavesTheOthersANewKey) {
  link(bob3_, bob_, "phone");
  const Bytes before = key_digest(bob_);
  ASSERT_TRUE(remove(bob3_, "phone"));
  settle();
  pass(minutes(1));
  EXPECT_EQ(bob3_.core->self()->stage, v1::Status::REMOVED);
  EXPECT_TRUE(bob3_.refused);
  EXPECT_FALSE(bob3_.saw(v1::Problem::DEVICE_REVOKED)) << "it knows";
  EXPECT_EQ(bob3_.core->send_text("alice", "x", now_).value().value.error(), ComposeError::not_registered);
  EXPECT_EQ(key_digest(bob3_), before);
  EXPECT_NE(key_digest(bob_), before);
  EXPECT_EQ(key_digest(bob_), key_digest(bob2_));
  EXPECT_EQ(bob_.device_names(), (Names{"laptop", "tablet"}));
}

TEST_F(DevicesTest, ADeviceThatLeftAndNeverHeardTheAnswerKnowsItWhenItComesBack) {
  server_.tamper = [this](const v1::ClientFrame& request, v1::ServerFrame&) {
    if (request.has_publish_manifest()) server_.detach(bob2_.id);
  };
  auto outcome = bob2_.core->command(now_, [](Work& work) { return remove_device(work, "tablet"); }).value();
  server_.tamper = nullptr;
  v1::ClientFrame frame;
  for (const Bytes& octets : outcome.effects.frames) {
    ASSERT_TRUE(wire::decode(octets, wire::kMaxFrameBytes, frame));
    server_.take(bob2_.id, frame, now_);
  }
  disconnect(bob2_);
  bob2_.restart();
  connect(bob2_);
  settle();
  EXPECT_EQ(bob2_.core->self()->stage, v1::Status::REMOVED);
  EXPECT_FALSE(bob2_.saw(v1::Problem::DEVICE_REVOKED));
}

TEST_F(DevicesTest, ARemovedDeviceThatComesBackIsToldAndAuthorsNothing) {
  disconnect(bob2_);
  ASSERT_TRUE(remove(bob_, "tablet"));
  settle();
  const auto newest = version(bob_);
  // It does not know yet, and has a wish of its own.
  static_cast<void>(
      bob2_.core->command(now_, [](Work& work) { return rename_device(work, "laptop", "mine"); }).value());
  connect(bob2_);
  settle();
  EXPECT_TRUE(bob2_.saw(v1::Problem::DEVICE_REVOKED));
  EXPECT_TRUE(bob2_.refused);
  EXPECT_EQ(version(bob_), newest);
  EXPECT_EQ(bob_.device_names(), Names{"laptop"});
}

TEST_F(DevicesTest, WhatARemovedDeviceSaysLaterIsDroppedInSilence) {
  disconnect(alice_);
  send(bob2_, "alice", "on its way when the tablet was removed");
  settle();
  auto& mailbox =
      server_
          .mailboxes[to_bytes(address_of(alice_).account.view())][to_bytes(address_of(alice_).device.view())];
  const auto late = mailbox;
  mailbox.clear();
  ASSERT_TRUE(remove(bob_, "tablet"));
  settle();
  connect(alice_);
  settle();
  ASSERT_TRUE(has_departed(*alice_.database, address_of(bob2_)));
  const auto submissions = server_.submissions;
  v1::ServerFrame frame;
  for (const auto& envelope : late) *frame.mutable_deliver()->add_envelopes() = envelope;
  perform(alice_, alice_.core->receive(frame, now_).value());
  settle();
  EXPECT_EQ(alice_.texts("bob").back(), "from the tablet");
  EXPECT_FALSE(alice_.saw(v1::Problem::UNDECRYPTABLE));
  EXPECT_EQ(server_.submissions, submissions) << "nobody is asked to repeat it";
  pass(days(60));
  EXPECT_FALSE(has_departed(*alice_.database, address_of(bob2_)));
}

TEST_F(DevicesTest, SixteenDevicesAndAnySubsetOnline) {
  std::vector<std::unique_ptr<TestClient>> more;
  for (int i = 3; i <= 16; ++i) {
    more.push_back(std::make_unique<TestClient>(10 + i, static_cast<std::uint64_t>(100 + i)));
    link(*more.back(), bob_, "device " + std::to_string(i));
  }
  EXPECT_EQ(bob_.device_names().size(), identity::kMaxDevices);
  // Every third one is away, the first ones too.
  for (std::size_t i = 0; i < more.size(); i += 3) disconnect(*more[i]);
  disconnect(bob_);
  send(alice_, "bob", "to sixteen");
  settle();
  ASSERT_TRUE(remove(*more[1], "laptop"));
  settle();
  send(*more[1], "alice", "from one of fifteen");
  settle();
  for (std::size_t i = 0; i < more.size(); i += 3) connect(*more[i]);
  settle();
  pass(minutes(1));
  for (const auto& device : more) {
    const auto texts = device->texts("alice");
    EXPECT_EQ(std::count(texts.begin(), texts.end(), "to sixteen"), 1) << device->id;
    EXPECT_EQ(std::count(texts.begin(), texts.end(), "from one of fifteen"), 1) << device->id;
    EXPECT_EQ(device->device_names().size(), identity::kMaxDevices - 1);
    EXPECT_EQ(key_digest(*device), key_digest(bob2_)) << device->id;
    EXPECT_FALSE(device->saw(v1::Problem::UNDECRYPTABLE));
  }
  EXPECT_EQ(alice_.texts("bob").back(), "from one of fifteen");
  while (!clients_.empty() && clients_.back() != &bob2_) clients_.pop_back();
}

TEST_F(DevicesTest, AnAccountThatIsTurnedOffIsGoneForItsDevicesAndForContacts) {
  auto wished = bob_.core->command(now_, [](Work& work) { return retire_account(work); }).value();
  ASSERT_TRUE(wished.value);
  perform(bob_, std::move(wished.effects));
  settle();
  EXPECT_EQ(bob_.core->self()->stage, v1::Status::RETIRED);
  EXPECT_TRUE(bob_.refused);
  EXPECT_EQ(bob_.core->send_text("alice", "x", now_).value().value.error(), ComposeError::not_registered);
  EXPECT_EQ(bob_.core->command(now_, [](Work& work) { return retire_account(work); }).value().value.error(),
            RetireError::not_registered);
  // The other device was online, and comes back.
  EXPECT_TRUE(bob2_.saw(v1::Problem::DEVICE_REVOKED));
  connect(bob2_);
  settle();
  EXPECT_TRUE(bob2_.saw(v1::Problem::ACCOUNT_GONE));
  EXPECT_TRUE(bob2_.refused);
  pass(minutes(1));
  send(alice_, "bob", "too late");
  settle();
  pass(minutes(5));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::FAILED);
  EXPECT_TRUE(alice_.saw(v1::Problem::ACCOUNT_GONE));
  EXPECT_EQ(alice_.lines("bob").back(), v1::SystemLine::ACCOUNT_RETIRED);
}

TEST_F(DevicesTest, ARetirementIsSignedAnewOnceAndGivenUpWhenItIsRefusedAgain) {
  int refusals = 0;
  server_.tamper = [&](const v1::ClientFrame& request, v1::ServerFrame& answer) {
    if (!request.has_retire_account()) return;
    ++refusals;
    server_.retired.clear();
    answer.Clear();
    answer.mutable_error()->set_code(v1::Error::MANIFEST_REJECTED);
  };
  auto wished = bob_.core->command(now_, [](Work& work) { return retire_account(work); }).value();
  perform(bob_, std::move(wished.effects));
  settle();
  pass(minutes(1));
  EXPECT_EQ(refusals, 2);
  EXPECT_TRUE(bob_.saw(v1::Problem::RETIREMENT_REFUSED));
  EXPECT_TRUE(bob_.core->self()->ready());
}

TEST_F(DevicesTest, WhoNeverHeardThatTheAccountIsOffKnowsItWhenItComesBack) {
  const auto wished = bob_.core->command(now_, [](Work& work) { return retire_account(work); }).value();
  ASSERT_TRUE(wished.value);
  v1::ClientFrame frame;
  for (const Bytes& octets : wished.effects.frames) {
    ASSERT_TRUE(wire::decode(octets, wire::kMaxFrameBytes, frame));
    server_.take(bob_.id, frame, now_);
  }
  disconnect(bob_);
  bob_.restart();
  connect(bob_);
  settle();
  EXPECT_EQ(bob_.core->self()->stage, v1::Status::RETIRED);
  EXPECT_FALSE(bob_.saw(v1::Problem::ACCOUNT_GONE)) << "it knows";
}

}  // namespace
}  // namespace sotto::client
