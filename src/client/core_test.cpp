#include <array>

#include "bytes/hex.h"
#include "client/conversations/reading.h"
#include "client/test_clients.h"

namespace sotto::client {
namespace {

using testing::CoreTest;
using testing::kServer;
using testing::TestClient;

TEST_F(CoreTest, DeliversTextBothWaysWithNamesAndReceipts) {
  sign_up_both();
  send(alice_, "bob", "hello bob");
  settle();
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>{"hello bob"});
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::DELIVERED);
  EXPECT_EQ(alice_.newest("bob").deliveries_size(), 1);

  send(bob_, "alice", "hello alice");
  settle();
  EXPECT_EQ(alice_.texts("bob"), (std::vector<std::string>{"hello bob", "hello alice"}));
  EXPECT_EQ(bob_.newest("alice").state(), v1::Message::DELIVERED);
}

TEST_F(CoreTest, RecordsTheSecurityStateOfEveryMessage) {
  sign_up_both();
  for (int i = 0; i < 30; ++i) {
    send(alice_, "bob", "text " + std::to_string(i));
    settle();
    send(bob_, "alice", "answer " + std::to_string(i));
    settle();
  }
  const auto message = alice_.newest("bob");
  EXPECT_EQ(message.security().channel(), v1::SecurityState::SOTTO);
  EXPECT_TRUE(message.security().end_to_end());
  EXPECT_EQ(message.security().authentication(), v1::SecurityState::HYBRID);
  EXPECT_EQ(message.security().verified_by(), v1::PINNED_AT_FIRST_CONTACT);
  EXPECT_EQ(message.security().pq_level(), v1::SecurityState::PQ_CONTINUOUS);
  EXPECT_GT(message.security().last_rekey_ms(), 0U);
}

TEST_F(CoreTest, KeepsMessagesForARecipientWhoIsOffline) {
  sign_up_both();
  disconnect(bob_);
  for (int i = 0; i < 20; ++i) send(alice_, "bob", "text " + std::to_string(i));
  settle();
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::SENT);
  connect(bob_);
  settle();
  const auto texts = bob_.texts("alice");
  ASSERT_EQ(texts.size(), 20U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(texts[static_cast<std::size_t>(i)], "text " + std::to_string(i));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::DELIVERED);
}

TEST_F(CoreTest, QueuesWithoutAConnectionAndSendsLater) {
  sign_up_both();
  disconnect(alice_);
  send(alice_, "bob", "later");
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
  alice_.restart();
  connect(alice_);
  settle();
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>{"later"});
}

TEST_F(CoreTest, FailsAMessageToNobodyAndSaysSo) {
  sign_up_both();
  send(alice_, "carol", "anyone?");
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::NO_SUCH_USER));
  EXPECT_EQ(alice_.newest("carol").state(), v1::Message::FAILED);
}

TEST_F(CoreTest, TakesAnOwnNameThatItHadNotHeardOfForNotes) {
  sign_up_both();
  const auto account = to_bytes(alice_.core->self()->account_id().view());
  server_.handles["alicia"] = account;
  server_.set_in_log(transparency::Label::handle("alicia"), account, now_);
  send(alice_, "alicia", "me");
  settle();
  EXPECT_EQ(alice_.texts("alice"), std::vector<std::string>{"me"});
  EXPECT_EQ(alice_.newest("alice").state(), v1::Message::SENT);
}

TEST_F(CoreTest, RefusesTextThatCannotBeSent) {
  EXPECT_EQ(alice_.core->send_text("bob", "x", now_).value().value.error(), ComposeError::not_registered);
  sign_up_both();
  EXPECT_EQ(alice_.core->send_text("bob", "", now_).value().value.error(), ComposeError::empty);
  EXPECT_EQ(alice_.core->send_text("b b", "x", now_).value().value.error(), ComposeError::bad_handle);
  EXPECT_EQ(alice_.core->send_text("bob", std::string(kMaxText + 1, 'x'), now_).value().value.error(),
            ComposeError::too_long);
  EXPECT_EQ(alice_.core->send_text("bob", "\xff", now_).value().value.error(), ComposeError::not_utf8);
  EXPECT_EQ(alice_.core->send_text("bob", "\xed\xa0\x80", now_).value().value.error(),
            ComposeError::not_utf8);
  send(alice_, "bob", std::string(kMaxText, 'x'));
  settle();
  EXPECT_EQ(bob_.newest("alice").body().size(), kMaxText);
}

TEST_F(CoreTest, LosesAndRepeatsNothingWhateverCrashesInBetween) {
  sign_up_both();
  int sent = 0;
  for (int round = 0; round < 60; ++round) {
    if (round % 3 == 0)
      send(round % 2 == 0 ? alice_ : bob_, round % 2 == 0 ? "bob" : "alice", std::to_string(sent++));
    for (int i = 0; i < round % 7; ++i) step();
    TestClient& victim = *clients_[static_cast<std::size_t>(round) % 2];
    server_.detach(victim.id);
    victim.restart();
    connect(victim);
  }
  settle();
  EXPECT_EQ(alice_.texts("bob").size(), static_cast<std::size_t>(sent));
  EXPECT_EQ(bob_.texts("alice").size(), static_cast<std::size_t>(sent));
  EXPECT_FALSE(alice_.saw(v1::Problem::UNDECRYPTABLE));
  EXPECT_FALSE(bob_.saw(v1::Problem::UNDECRYPTABLE));
}

TEST_F(CoreTest, ShowsAMessageOnceWhenTheAnswerToItsSubmissionIsLost) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  int losses = 1;
  server_.drop_submission = [&losses] { return losses-- > 0; };
  send(alice_, "bob", "second");
  settle();
  disconnect(alice_);
  connect(alice_);
  settle();
  EXPECT_EQ(bob_.texts("alice"), (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::DELIVERED);
}

TEST_F(CoreTest, SendsAgainWhatThePeerCouldNotReadWhileItsSubmissionWasRepeated) {
  sign_up_both();
  send(alice_, "bob", "first");
  settle();
  send(bob_, "alice", "answer");
  settle();
  // Bob's sessions are gone, as after a month of silence.
  bob_.database->run("DELETE FROM peer_record");
  bob_.database->run("DELETE FROM peer_session");
  int losses = 1;
  server_.drop_submission = [&losses] { return losses-- > 0; };
  send(alice_, "bob", "second");
  disconnect(alice_);
  settle();
  // His error comes before the answer to the repeated submission does.
  connect(alice_);
  settle();
  pass(hours(1));
  EXPECT_EQ(bob_.texts("alice"), (std::vector<std::string>{"first", "answer", "second"}));
}

TEST_F(CoreTest, OpensTheFirstMessageOfAKnownDeviceWithoutWaitingForItsNewList) {
  sign_up_both();
  send(alice_, "bob", "one");
  settle();
  disconnect(alice_);
  // A new session, and a list that Alice has not seen.
  bob_.database->run("DELETE FROM peer_record");
  bob_.database->run("DELETE FROM peer_session");
  link_second_device();
  send(bob_, "alice", "two");
  settle();
  connect(alice_);
  for (bool pushed = false; !pushed;) {
    const auto frame = server_.next(alice_.id);
    ASSERT_TRUE(frame.has_value());
    pushed = frame->has_deliver();
    perform(alice_, alice_.core->receive(*frame, now_).value());
  }
  EXPECT_EQ(alice_.texts("bob"), (std::vector<std::string>{"one", "two"}));
}

TEST_F(CoreTest, WaitsWhenTheServerIsOverloaded) {
  sign_up_both();
  server_.refuse_submissions = true;
  send(alice_, "bob", "patience");
  settle();
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
  const std::size_t tries = server_.submissions;
  pass(DurationMs{10});
  EXPECT_EQ(server_.submissions, tries);
  server_.refuse_submissions = false;
  pass(seconds(10));
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>{"patience"});
}

TEST_F(CoreTest, ReachesASecondDeviceWithMessagesAndSentCopies) {
  sign_up_both();
  send(alice_, "bob", "before");
  settle();
  link_second_device();
  send(alice_, "bob", "to both");
  settle();
  EXPECT_EQ(bob2_.texts("alice"), std::vector<std::string>{"to both"});
  EXPECT_EQ(bob_.texts("alice"), (std::vector<std::string>{"before", "to both"}));
  EXPECT_EQ(alice_.newest("bob").deliveries_size(), 2);

  send(bob_, "alice", "from the laptop");
  settle();
  ASSERT_EQ(bob2_.texts("alice"), (std::vector<std::string>{"to both", "from the laptop"}));
  EXPECT_TRUE(bob2_.newest("alice").outgoing());
  send(bob2_, "alice", "from the tablet");
  settle();
  EXPECT_EQ(bob_.texts("alice").back(), "from the tablet");
  EXPECT_EQ(alice_.texts("bob").back(), "from the tablet");
  EXPECT_EQ(bob_.newest("alice").state(), v1::Message::DELIVERED);
}

TEST_F(CoreTest, TellsANewDeviceTheNamesOfContacts) {
  sign_up_both();
  send(bob_, "alice", "hi");
  settle();
  link_second_device();
  settle();
  EXPECT_TRUE(find_contact(*bob2_.database, "alice"));
}

TEST_F(CoreTest, RefusesAServerWithAnotherIdentity) {
  sign_up_both();
  disconnect(alice_);
  server_.change_identity();
  connect(alice_);
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::SERVER_IDENTITY_CHANGED));
  EXPECT_TRUE(alice_.refused);
}

TEST_F(CoreTest, ReportsATakenNameAndRegistersAnother) {
  sign_up(alice_, "alice");
  ASSERT_TRUE(bob_.core->set_up_account("alice", "", "", kServer, now_).value());
  connect(bob_);
  settle();
  EXPECT_TRUE(bob_.saw(v1::Problem::REGISTRATION_REFUSED));
  EXPECT_FALSE(bob_.core->self()->ready());
  sign_up(bob_, "bob");
  EXPECT_EQ(bob_.core->set_up_account("robert", "", "", kServer, now_).value().error(),
            AccountError::already_registered);
}

TEST_F(CoreTest, StopsSendingWhenAnAccountShowsAnotherKey) {
  sign_up_both();
  send(alice_, "bob", "one");
  settle();
  // As if the server had shown another key at the first contact: what it shows now must not pass unnoticed.
  alice_.database->run("DELETE FROM manifest WHERE account = ?1", bob_.core->self()->account_id());
  alice_.database->run("UPDATE contact SET identity_fingerprint = ?1 WHERE handle = 'bob'", Bytes(32, 7));
  send(alice_, "bob", "two");
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::ACCOUNT_KEY_CHANGED));
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>{"one"});

  auto accepted = alice_.core->accept_changed_contact("bob", now_).value();
  EXPECT_TRUE(accepted.value);
  perform(alice_, std::move(accepted.effects));
  pass(hours(2));
  EXPECT_EQ(bob_.texts("alice").back(), "two");
}

TEST_F(CoreTest, RecoversAfterTheStoreWasRolledBack) {
  sign_up_both();
  send(alice_, "bob", "one");
  settle();
  send(bob_, "alice", "two");
  settle();
  const Bytes snapshot = alice_.database->snapshot();
  send(alice_, "bob", "three");
  settle();
  send(bob_, "alice", "four");
  settle();
  server_.detach(alice_.id);
  alice_.roll_back(snapshot);
  connect(alice_);
  settle();
  send(alice_, "bob", "five");
  settle();
  pass(hours(1));
  send(bob_, "alice", "six");
  settle();
  pass(hours(1));
  const auto at_bob = bob_.texts("alice");
  EXPECT_EQ(std::count(at_bob.begin(), at_bob.end(), "five"), 1);
  const auto at_alice = alice_.texts("bob");
  EXPECT_EQ(std::count(at_alice.begin(), at_alice.end(), "six"), 1);
}

TEST_F(CoreTest, AsksWhoeverItHearsFirstForWhatCameBeforeItKnewAnybody) {
  sign_up_both();
  const Bytes snapshot = alice_.database->snapshot();
  send(alice_, "bob", "forgotten");
  settle();
  send(bob_, "alice", "lost");
  settle();
  disconnect(alice_);
  now_ = now_ + seconds(2);  // numbers of a run begin with its second
  alice_.roll_back(snapshot);
  send(bob_, "alice", "unread at first");
  settle();
  connect(alice_);
  settle();
  EXPECT_TRUE(alice_.saw(v1::Problem::UNDECRYPTABLE));
  send(alice_, "bob", "hello again");
  settle();
  pass(hours(1));
  const auto at_alice = alice_.texts("bob");
  EXPECT_EQ(std::count(at_alice.begin(), at_alice.end(), "unread at first"), 1);
  const auto at_bob = bob_.texts("alice");
  EXPECT_EQ(std::count(at_bob.begin(), at_bob.end(), "hello again"), 1);
}

TEST_F(CoreTest, AsksAgainForWhatItsRolledBackKeysCannotRead) {
  sign_up_both();
  send(alice_, "bob", "one");
  settle();
  const Bytes snapshot = alice_.database->snapshot();
  for (int round = 0; round < 3; ++round) {
    send(bob_, "alice", "lost");
    settle();
    send(alice_, "bob", "lost");
    settle();
  }
  server_.detach(alice_.id);
  alice_.roll_back(snapshot);
  connect(alice_);
  settle();
  send(bob_, "alice", "two");
  settle();
  pass(hours(1));
  EXPECT_TRUE(alice_.saw(v1::Problem::UNDECRYPTABLE));
  EXPECT_EQ(alice_.texts("bob"), std::vector<std::string>({"one", "two"}));
}

TEST_F(CoreTest, HearsAgainWhoItKnewBeforeItsStoreWasRolledBackToBeforeTheyMet) {
  sign_up_both();
  const Bytes snapshot = alice_.database->snapshot();
  for (int round = 0; round < 6; ++round) {
    // Each round the old session's id may be the smaller one, in which Bob would go on.
    send(bob_, "alice", "before " + std::to_string(round));
    settle();
    send(alice_, "bob", "before");
    settle();
    server_.detach(alice_.id);
    alice_.roll_back(snapshot);
    connect(alice_);
    settle();
    send(alice_, "bob", "after");
    settle();
    const std::string text = "after " + std::to_string(round);
    send(bob_, "alice", text);
    settle();
    pass(days(2));
    const auto at_alice = alice_.texts("bob");
    EXPECT_EQ(std::count(at_alice.begin(), at_alice.end(), text), 1) << text;
  }
}

TEST_F(CoreTest, RenewsItsManifestBeforeItExpires) {
  sign_up_both();
  const auto account = to_bytes(alice_.core->self()->account_id().view());
  ASSERT_EQ(server_.manifests[account].size(), 1U);
  pass(days(25));
  EXPECT_EQ(server_.manifests[account].size(), 2U);
  send(bob_, "alice", "still there?");
  settle();
  EXPECT_EQ(alice_.texts("bob"), std::vector<std::string>{"still there?"});
}

TEST_F(CoreTest, WritesToAContactThatWasAwayUntilItsManifestExpired) {
  sign_up_both();
  send(alice_, "bob", "before");
  settle();
  disconnect(bob_);
  now_ = now_ + days(100);
  send(alice_, "bob", "after");
  settle();
  pass(hours(2));
  EXPECT_EQ(alice_.newest("bob").state(), v1::Message::QUEUED);
  connect(bob_);
  settle();
  pass(hours(2));
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>({"before", "after"}));
}

TEST_F(CoreTest, GoesOnAtOnceWhenAClockThatWasAheadIsSetRight) {
  sign_up_both();
  send(alice_, "bob", "one");
  settle();
  const UnixMs right = now_;
  server_.heads_stop_at = right;  // the server's clock is right all the time
  server_.refuse_submissions = true;
  now_ = right + days(6);
  perform(alice_, alice_.core->tick(now_).value());
  send(alice_, "bob", "two");
  for (int i = 0; i < 20; ++i) {
    now_ = now_ + minutes(10);
    perform(alice_, alice_.core->tick(now_).value());
    while (const auto frame = server_.next(alice_.id))
      perform(alice_, alice_.core->receive(*frame, now_).value());
  }
  server_.refuse_submissions = false;
  now_ = right;
  pass(seconds(1));
  EXPECT_EQ(bob_.texts("alice"), std::vector<std::string>({"one", "two"}));
}

TEST_F(CoreTest, AsksSeldomForTheManifestOfAContactThatStaysAway) {
  sign_up_both();
  send(alice_, "bob", "before");
  settle();
  disconnect(bob_);
  now_ = now_ + days(100);
  const std::size_t asked = server_.manifest_fetches;
  send(alice_, "bob", "after");
  settle();
  for (int i = 0; i < 12; ++i) pass(minutes(5));
  EXPECT_GE(server_.manifest_fetches - asked, 2U);
  EXPECT_LE(server_.manifest_fetches - asked, 15U);
}

TEST_F(CoreTest, LooksUpAContactWithNothingToSend) {
  sign_up_both();
  auto outcome = alice_.core->look_up("bob", now_).value();
  EXPECT_TRUE(outcome.value);
  perform(alice_, std::move(outcome.effects));
  settle();
  const auto contact = find_contact(*alice_.database, "bob");
  ASSERT_TRUE(contact);
  const auto record = contact_record(*alice_.database, *contact);
  EXPECT_EQ(record.fingerprint(),
            to_hex(bob_.core->self()->account->key.public_key().fingerprint().octets()));
  EXPECT_EQ(record.devices_size(), 1);
}

TEST_F(CoreTest, HandsUnreadMessagesToAReaderOnce) {
  sign_up_both();
  send(alice_, "bob", "one");
  send(alice_, "bob", "two");
  settle();
  const auto unread = unread_messages(*bob_.database, *bob_.core->self(), 100, true, now_);
  ASSERT_EQ(unread.size(), 2U);
  EXPECT_EQ(unread[0].second.sender(), "alice");
  perform(bob_, bob_.core
                    ->command(now_,
                              [&](Work& work) {
                                mark_read(work, std::array{unread[0].first});
                                return true;
                              })
                    .value()
                    .effects);
  EXPECT_EQ(unread_messages(*bob_.database, *bob_.core->self(), 100, true, now_).size(), 1U);
  const auto conversations = conversation_records(*bob_.database, *bob_.core->self(), now_);
  ASSERT_EQ(conversations.size(), 1U);
  EXPECT_EQ(conversations[0].unread(), 1U);
  EXPECT_EQ(conversations[0].newest().body(), "two");
}

TEST_F(CoreTest, ReportsAMessageThatTheServerWithholds) {
  sign_up_both();
  send(alice_, "bob", "one");
  settle();
  disconnect(bob_);
  send(alice_, "bob", "two");
  send(alice_, "bob", "three");
  settle();
  auto& mailbox = server_.mailboxes[to_bytes(bob_.core->self()->account_id().view())]
                                   [to_bytes(bob_.core->self()->device.id.view())];
  ASSERT_EQ(mailbox.size(), 2U);
  mailbox.pop_front();
  connect(bob_);
  settle();
  EXPECT_EQ(bob_.texts("alice"), (std::vector<std::string>{"one", "three"}));
  EXPECT_TRUE(bob_.saw(v1::Problem::MESSAGES_MISSING));
}

TEST_F(CoreTest, NumbersEachRunAnewWithoutCallingTheGapALoss) {
  sign_up_both();
  for (int run = 0; run < 3; ++run) {
    send(alice_, "bob", "a");
    send(alice_, "bob", "b");
    settle();
    server_.detach(alice_.id);
    alice_.restart();
    pass(seconds(2));
    connect(alice_);
    settle();
  }
  EXPECT_EQ(bob_.texts("alice"), (std::vector<std::string>{"a", "b", "a", "b", "a", "b"}));
  EXPECT_FALSE(bob_.saw(v1::Problem::MESSAGES_MISSING));
  EXPECT_FALSE(bob_.saw(v1::Problem::CONTENT_REFUSED));
}

TEST_F(CoreTest, MergesAWriterWhoseNameWasNotKnownWithWhatWasQueuedForThatName) {
  sign_up_both();
  disconnect(bob_);
  send(bob_, "alice", "queued before Alice was known");
  send(alice_, "bob", "hello");
  settle();
  connect(bob_);
  settle();
  EXPECT_EQ(conversation_records(*bob_.database, *bob_.core->self(), now_).size(), 1U);
  EXPECT_EQ(bob_.texts("alice").size(), 2U);
  EXPECT_EQ(alice_.texts("bob").size(), 2U);
}

TEST_F(CoreTest, RefusesNamesThatCannotBe) {
  EXPECT_EQ(alice_.core->set_up_account("a b", "", "", kServer, now_).value().error(),
            AccountError::bad_handle);
  EXPECT_EQ(alice_.core->set_up_account("alice", "", std::string(65, 'x'), kServer, now_).value().error(),
            AccountError::bad_name);
  EXPECT_EQ(alice_.core->set_up_device(std::string(65, 'x'), kServer, now_).value().error(),
            AccountError::bad_name);
}

TEST_F(CoreTest, RefusesLinkFilesThatDoNotFit) {
  const auto error = [this](TestClient& client, auto call) {
    return (client.core.get()->*call)(now_).value().value.error();
  };
  EXPECT_EQ(error(alice_, &Core::request_link), LinkError::no_request);
  EXPECT_EQ(alice_.core->approve_link("", now_).value().value.error(), LinkError::not_registered);
  sign_up_both();
  EXPECT_EQ(error(alice_, &Core::request_link), LinkError::already_linked);
  EXPECT_EQ(alice_.core->join_link("", now_).value().value.error(), LinkError::already_linked);
  EXPECT_EQ(alice_.core->approve_link("no request", now_).value().value.error(), LinkError::bad_request);

  ASSERT_TRUE(bob2_.core->set_up_device("tablet", kServer, now_).value());
  EXPECT_EQ(bob2_.core->join_link("no grant", now_).value().value.error(), LinkError::no_request);
  const auto request = bob2_.core->request_link(now_).value().value.value();
  EXPECT_EQ(bob2_.core->request_link(now_).value().value.value(), request);
  EXPECT_EQ(bob2_.core->join_link("no grant", now_).value().value.error(), LinkError::bad_grant);
  EXPECT_EQ(summarize_request(request).value().name, "tablet");
  EXPECT_EQ(alice_.core->grant_link(request, now_).value().value.error(), LinkError::not_published);

  disconnect(alice_);
  ASSERT_TRUE(alice_.core->approve_link(request, now_).value().value);
  EXPECT_EQ(alice_.core->approve_link(request, now_).value().value.error(), LinkError::publishing);
  connect(alice_);
  settle();
  EXPECT_TRUE(alice_.core->approve_link(request, now_).value().value);
  const auto grant = alice_.core->grant_link(request, now_).value().value.value();

  TestClient stranger(8, 88);
  ASSERT_TRUE(stranger.core->set_up_device("stranger", kServer, now_).value());
  ASSERT_TRUE(stranger.core->request_link(now_).value().value);
  EXPECT_EQ(stranger.core->join_link(grant, now_).value().value.error(), LinkError::bad_grant);
}

TEST_F(CoreTest, AnswersADeviceThatOnlyTalks) {
  sign_up_both();
  link_second_device();
  for (int i = 0; i < 40; ++i) {
    send(bob_, "alice", std::to_string(i));
    settle();
  }
  // The tablet never says anything of its own, and still its session with the laptop is renewed.
  store::Rows rows = bob_.database->query("SELECT pq_level FROM peer_device WHERE account = ?1",
                                          bob_.core->self()->account_id());
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), v1::SecurityState::PQ_CONTINUOUS);
}

}  // namespace
}  // namespace sotto::client
