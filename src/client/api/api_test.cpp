// Methods of client_service.proto over cores in memory. What the functions of the client do is tested beside
// them; here: what a caller sees.
#include <gtest/gtest.h>

#include "bytes/hex.h"
#include "client/api/account.h"
#include "client/api/contacts.h"
#include "client/api/conversations.h"
#include "client/api/devices.h"
#include "client/api/families.h"
#include "client/api/files.h"
#include "client/api/groups.h"
#include "client/api/log.h"
#include "client/api/messages.h"
#include "client/api/recovery.h"
#include "client/api/requests.h"
#include "client/api/safety.h"
#include "client/api/server_address.h"
#include "client/conversations/commands.h"
#include "client/notices/notices.h"
#include "client/pictures/records.h"
#include "client/store/test_folder.h"
#include "client/test_clients.h"
#include "client/test_pictures.h"
#include "crypto/hybrid_signature.h"

namespace sotto::client::api {
namespace {

using client::testing::CoreTest;
using client::testing::TestClient;

v1::FamilyRef whom(const std::string& person) {
  v1::FamilyRef request;
  request.set_person(person);
  return request;
}

class ApiTest : public CoreTest {
 protected:
  Client api_of(TestClient& client) {
    return {.core = *client.core,
            .random = *client.random,
            .folder = folder_.path(),
            .now = [this] { return now_; },
            .perform = [this, &client](Effects effects) { perform(client, std::move(effects)); },
            .reconnect = [] {},
            .hindrance = [] { return std::string(); },
            .offload =
                [](const std::function<void()>& work, const std::function<void()>& done) {
                  work();
                  done();
                },
            .take_upload = [](const std::string&) { return std::nullopt; }};
  }
  /// Lets frames flow, and the wait see every event, until there is an answer.
  template <typename T>
  CommandResult<T> finish(TestClient& client, CommandResult<Wait<T>> wait) {
    if (!wait) return err(wait.error());
    std::size_t seen = client.events.size();
    for (int i = 0; i < 2000; ++i) {
      while (seen < client.events.size()) {
        const v1::Event event = client.events[seen++];
        if (auto answer = wait->look(&event)) return *std::move(answer);
      }
      if (auto answer = wait->look(nullptr)) return *std::move(answer);
      step();
    }
    return err(Failure{ExitCode::unreachable, "no answer"});
  }
  static v1::ConversationRequest with(std::string_view name) {
    v1::ConversationRequest request;
    request.set_conversation(std::string(name));
    return request;
  }
  v1::Message say(TestClient& client, std::string_view to, std::string_view text) {
    auto api = api_of(client);
    v1::SendRequest request;
    request.set_conversation(std::string(to));
    request.set_text(std::string(text));
    auto sent = send_message(api, request);
    EXPECT_TRUE(sent) << sent.error().message;
    settle();
    now_ = now_ + seconds(1);
    return sent.value_or(v1::Message());
  }

  store::TestFolder folder_;
};

TEST_F(ApiTest, WithoutAnAccountEveryCallSaysSo) {
  auto api = api_of(alice_);
  EXPECT_EQ(list_conversations(api, {}).error().code, ExitCode::no_profile);
  EXPECT_EQ(account_status(api, {}).error().code, ExitCode::no_profile);
  EXPECT_EQ(send_message(api, {}).error().code, ExitCode::no_profile);
  EXPECT_EQ(own_handles(api, {}).error().code, ExitCode::no_profile);
}

TEST_F(ApiTest, RegisteringWaitsForTheServer) {
  auto api = api_of(alice_);
  v1::RegisterRequest request;
  request.set_username("alice");
  request.set_server("nowhere");
  EXPECT_EQ(register_account(api, request).error().code, ExitCode::usage);
  request.set_server("fake:1");
  auto wait = register_account(api, request);
  ASSERT_TRUE(wait);
  EXPECT_FALSE(wait->look(nullptr));
  connect(alice_);
  const auto status = finish(alice_, std::move(wait));
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->handle(), "alice");
  EXPECT_EQ(status->stage(), v1::Status::READY);
}

TEST_F(ApiTest, WitnessesAreTakenAndRequiredByCalls) {
  sign_up_both();
  auto api = api_of(alice_);
  EXPECT_EQ(log_evidence(api, {}).error().code, ExitCode::usage) << "the log never contradicted itself";
  v1::WitnessRequest request;
  request.set_key("no digits");
  EXPECT_FALSE(add_witness(api, request));
  request.set_key(to_hex(crypto::HybridPrivateKey::generate(*alice_.random).public_key().encoded()));
  const auto witness = add_witness(api, request);
  ASSERT_TRUE(witness) << witness.error().message;
  EXPECT_FALSE(add_witness(api, request)) << "it is known";
  v1::RequireWitnessesRequest require;
  require.set_required(2);
  EXPECT_FALSE(require_witnesses(api, require));
  require.set_required(1);
  const auto required = require_witnesses(api, require);
  ASSERT_TRUE(required);
  EXPECT_EQ(required->required(), 1U);
  ASSERT_EQ(required->witnesses_size(), 1);
  request.set_fingerprint(witness->fingerprint());
  EXPECT_FALSE(remove_witness(api, request)) << "it is required";
  require.set_required(0);
  ASSERT_TRUE(require_witnesses(api, require));
  EXPECT_EQ(remove_witness(api, request)->witnesses_size(), 0);
  request.set_fingerprint("short");
  EXPECT_EQ(remove_witness(api, request).error().code, ExitCode::usage);
}

TEST_F(ApiTest, ANoticeIsThereUntilSomebodyHasSeenIt) {
  sign_up_both();
  auto api = api_of(alice_);
  EXPECT_EQ(list_notices(api, {})->notices_size(), 0);
  for (const char* detail : {"first", "second"}) {
    const auto given = run_in(api, [&](Work& work) -> Result<void, ComposeError> {
      give_notice(work, v1::Notice::DEVICE_ADDED, detail);
      return {};
    });
    ASSERT_TRUE(given);
    EXPECT_EQ(alice_.events.back().notice().id(), list_notices(api, {})->notices().rbegin()->id());
  }
  v1::NoticeRequest request;
  request.set_id(list_notices(api, {})->notices(1).id());
  ASSERT_TRUE(dismiss_notice(api, request));
  ASSERT_TRUE(dismiss_notice(api, request)) << "somebody else may have seen it, too";
  ASSERT_EQ(list_notices(api, {})->notices_size(), 1);
  EXPECT_EQ(list_notices(api, {})->notices(0).detail(), "first");
}

TEST_F(ApiTest, AMessageIsAnsweredOnceItIsDurableHere) {
  sign_up_both();
  const auto sent = say(alice_, "bob", "hello");
  EXPECT_EQ(sent.state(), v1::Message::QUEUED);
  auto api = api_of(alice_);
  v1::MessageRequest request;
  request.set_conversation("bob");
  request.set_message_id(sent.message_id());
  EXPECT_EQ(get_message(api, request)->state(), v1::Message::DELIVERED);
  request.set_message_id("ffff");
  EXPECT_EQ(get_message(api, request).error().code, ExitCode::usage);
}

TEST_F(ApiTest, FamiliesAreMadeAndKeptByCalls) {
  TestClient carol{4, 44};
  clients_.push_back(&carol);
  sign_up_both();
  sign_up(carol, "carol");
  auto guardian = api_of(alice_);
  auto child = api_of(bob_);
  const auto offered = finish(alice_, offer_guardianship(guardian, whom("bob")));
  ASSERT_TRUE(offered) << offered.error().message;
  settle();
  v1::FamilyAcceptance acceptance;
  acceptance.set_guardian("alice");
  acceptance.set_fingerprint("00");
  EXPECT_EQ(finish(bob_, accept_guardian(child, acceptance)).error().code, ExitCode::refused);
  std::string read_out;
  for (const char digit : offered->own_fingerprint()) read_out += std::string(1, digit) + " ";
  acceptance.set_fingerprint(read_out);
  ASSERT_TRUE(finish(bob_, accept_guardian(child, acceptance)));
  settle();
  EXPECT_EQ(list_families(child, {})->families(0).role(), v1::Family::GUARDIAN);
  v1::FamilyAsk ask;
  ask.set_person("carol");
  ask.set_note("from school");
  ASSERT_TRUE(finish(bob_, ask_guardian(child, ask)));
  settle();
  const auto requests = list_family_requests(guardian, {});
  ASSERT_EQ(requests->requests_size(), 1);
  v1::FamilyDecision decision;
  decision.set_child("bob");
  decision.set_person("carol");
  decision.set_approve(true);
  ASSERT_TRUE(finish(alice_, decide_for_child(guardian, decision)));
  v1::FamilyPolicyChange change;
  change.set_child("bob");
  change.set_hours("any");
  change.set_blur_all_pictures(true);
  const auto changed = finish(alice_, change_family_policy(guardian, change));
  ASSERT_TRUE(changed);
  EXPECT_TRUE(changed->policy().blur_all_pictures());
  EXPECT_EQ(changed->policy().allowed(0).name(), "carol");
  change.set_hours("at noon");
  EXPECT_EQ(finish(alice_, change_family_policy(guardian, change)).error().code, ExitCode::usage);
  ASSERT_TRUE(finish(alice_, end_guardianship(guardian, whom("bob"))));
  settle();
  EXPECT_EQ(list_families(child, {})->families_size(), 0);
}

TEST_F(ApiTest, StrangersAreReportedBlockedAndUnblockedByCalls) {
  sign_up_both();
  follow_rule(bob_, v1::ContactRules::ANYBODY);
  say(alice_, "bob", "buy");
  auto api = api_of(bob_);
  const auto preview = preview_report(api, with("alice"));
  ASSERT_EQ(preview->messages_size(), 1);
  v1::ReportRequest request;
  request.set_conversation("alice");
  request.set_why("sells things");
  request.add_message_ids(preview->messages(0).message_id());
  EXPECT_TRUE(report(api, request)->blocked());
  settle();
  ASSERT_EQ(server_.reports.size(), 1U);
  EXPECT_EQ(server_.reports[0].excerpts(0).text(), "buy");
  ASSERT_EQ(list_blocked(api, {})->conversations_size(), 1);
  EXPECT_FALSE(unblock(api, with("alice"))->settings().blocked());
  EXPECT_EQ(list_blocked(api, {})->conversations_size(), 0);
  EXPECT_EQ(unblock(api, with("nobody")).error().code, ExitCode::usage);
}

TEST_F(ApiTest, ANewDeviceIsSetUpOnceAndRecoversWithAKeyOrWithShares) {
  auto api = api_of(alice_);
  v1::RecoverRequest request;
  request.set_handle("alice");
  request.set_server("nowhere");
  EXPECT_EQ(ask_for_shares(api, request).error().code, ExitCode::usage);
  EXPECT_EQ(alice_.core->self(), nullptr);
  request.set_server("fake:1");
  const auto armored = ask_for_shares(api, request);
  ASSERT_TRUE(armored) << armored.error().message;
  EXPECT_EQ(alice_.core->self()->device_name, host_name());
  EXPECT_EQ(*ask_for_shares(api, request), *armored);
  const std::vector<std::string> shares = {"no share"};
  EXPECT_EQ(recover_with(api, request, shares).error().code, ExitCode::refused);
  request.set_key("ABCD");
  EXPECT_EQ(recover(api, request).error().code, ExitCode::usage);
  const auto seed = crypto::random_secret<recovery::RecoverySeed>(*alice_.random);
  EXPECT_TRUE(recover_with(api, request, seed.clone()));

  sign_up(bob_, "bob");
  auto bob = api_of(bob_);
  EXPECT_EQ(set_up_device(bob, "fake:1", "", "phone").error().code, ExitCode::usage);
  EXPECT_EQ(ask_for_shares(bob, request).error().code, ExitCode::usage);
}

TEST_F(ApiTest, SomebodysContactLinkLeadsToThem) {
  sign_up_both();
  auto bob = api_of(bob_);
  auto alice = api_of(alice_);
  v1::ContactLinkRequest request;
  request.set_link("nonsense");
  EXPECT_EQ(use_contact_link(alice, request).error().code, ExitCode::usage);
  request.set_link(renew_contact_link(bob, {})->link());
  EXPECT_EQ(keep_contact_link(alice, request), "bob");
  const auto contact = finish(alice_, use_contact_link(alice, request));
  ASSERT_TRUE(contact) << contact.error().message;
  EXPECT_EQ(contact->handle(), "bob");
  follow_rule(bob_, v1::ContactRules::LINK);
  say(alice_, "bob", "you gave me your link");
  EXPECT_EQ(list_requests(bob, {})->conversations_size(), 1);
}

TEST_F(ApiTest, FilesInQuarantineAreListedAndReleased) {
  sign_up_both();
  say(alice_, "bob", "look");
  auto api = api_of(bob_);
  v1::FileRequest request;
  request.set_conversation("alice");
  request.set_message_id("last");
  EXPECT_EQ(get_file(api, request).error().code, ExitCode::usage);
  crypto::DeterministicRandom random(79);
  auto outcome = bob_.core->command(now_, [&](Work& work) {
    const auto message = named_message(work, "alice", "last", Whose::anybody);
    const FileKey key = testing::picture_that_came(work, message->row, random);
    note_looked(work, key, {.state = v1::AttachedFile::QUARANTINED, .failure = "it broke"});
    return true;
  });
  ASSERT_TRUE(outcome);
  const auto waiting = list_quarantine(api, {});
  ASSERT_EQ(waiting->files_size(), 1);
  EXPECT_EQ(waiting->files(0).conversation(), "alice");
  EXPECT_EQ(get_file(api, request)->media(), v1::AttachedFile::QUARANTINED);
  EXPECT_EQ(release_file(api, request)->media(), v1::AttachedFile::UNCHECKED);
  EXPECT_EQ(release_file(api, request).error().code, ExitCode::usage);
  EXPECT_EQ(list_quarantine(api, {})->files_size(), 0);
  EXPECT_GE(safety_cards(api, {})->cards_size(), 3);
}

TEST_F(ApiTest, AMessageIsOneThingAndWithinItsBounds) {
  sign_up_both();
  auto api = api_of(alice_);
  v1::SendRequest request;
  request.set_conversation("bob");
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
  request.set_text("hello");
  request.mutable_poll()->set_question("?");
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
  request.clear_poll();
  request.set_require("no such thing");
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
  request.set_require("verified");
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::insecure);
  request.clear_require();
  request.set_expires_in_s(~std::uint64_t{0});
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
  request.clear_expires_in_s();
  request.clear_text();
  request.mutable_sticker()->set_emoji("👍");
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage) << "without a picture";
  request.clear_sticker();
  request.mutable_voice_note();
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
  request.clear_voice_note();
  request.mutable_location()->set_live_until_ms(now_.value + 60'000);
  EXPECT_TRUE(send_message(api, request));
  request.mutable_location()->set_live_until_ms(now_.value);
  EXPECT_EQ(send_message(api, request).error().code, ExitCode::usage);
}

TEST_F(ApiTest, AMessageIsCheckedBeforeAnybodyIsAskedAboutIt) {
  v1::SendRequest request;
  request.set_text("see https://example.org/");
  request.mutable_preview()->set_url("https://example.org/");
  EXPECT_TRUE(check_outgoing(request, now_));
  request.mutable_preview()->set_url("https://elsewhere.example/");
  EXPECT_EQ(check_outgoing(request, now_).error().code, ExitCode::usage);
  request.clear_preview();
  request.set_require("no such thing");
  EXPECT_EQ(check_outgoing(request, now_).error().code, ExitCode::usage);
}

TEST_F(ApiTest, AnOwnMessageIsFoundByItsWholeIdUntilItIsGone) {
  sign_up_both();
  const auto sent = say(alice_, "bob", "hello");
  auto alice = api_of(alice_);
  auto bob = api_of(bob_);
  const auto known = own_message(alice, sent.message_id());
  ASSERT_TRUE(known && *known);
  EXPECT_EQ((*known)->state(), v1::Message::DELIVERED);
  const auto another = own_message(bob, sent.message_id());
  EXPECT_TRUE(another && !*another);
  EXPECT_EQ(own_message(alice, sent.message_id().substr(0, 8)).error().code, ExitCode::usage);
  v1::MessageRequest which;
  which.set_conversation("bob");
  which.set_message_id(sent.message_id());
  ASSERT_TRUE(erase_message(alice, which));
  const auto gone = own_message(alice, sent.message_id());
  EXPECT_TRUE(gone && !*gone);
}

TEST_F(ApiTest, AMessageThatIsSentLaterMakesNoDemandsThatNobodyWouldKeep) {
  sign_up_both();
  auto api = api_of(alice_);
  v1::SendRequest request;
  request.set_conversation("bob");
  request.set_text("later");
  request.set_due_ms(now_.value + 60'000);
  request.set_require("pq>=3");
  EXPECT_EQ(schedule(api, request).error().code, ExitCode::usage);
  request.clear_require();
  request.set_expires_in_s(60);
  EXPECT_EQ(schedule(api, request).error().code, ExitCode::usage);
  request.clear_expires_in_s();
  request.set_reply_to("last");
  EXPECT_EQ(schedule(api, request).error().code, ExitCode::usage);
  request.clear_reply_to();
  const auto waiting = schedule(api, request);
  ASSERT_TRUE(waiting) << waiting.error().message;
  EXPECT_EQ(list_scheduled(api, {})->scheduled_size(), 1);
  v1::MessageRequest which;
  which.set_message_id(waiting->message_id());
  EXPECT_EQ(withdraw_scheduled(api, which)->body(), "later");
  EXPECT_EQ(list_scheduled(api, {})->scheduled_size(), 0);
  EXPECT_EQ(cancel_scheduled(api, which).error().code, ExitCode::usage);
}

TEST_F(ApiTest, ATimerIsSaidByAMessageAndWhoTypesIsToldWhetherAnybodySeesIt) {
  sign_up_both();
  say(alice_, "bob", "hello");
  auto api = api_of(alice_);
  v1::TimerRequest timer;
  timer.set_conversation("bob");
  timer.set_seconds(3600);
  const auto said = say_timer(api, timer);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->kind(), v1::Message::TIMER);
  EXPECT_EQ(said->timer_s(), 3600U);
  EXPECT_EQ(set_timer(api, timer)->settings().timer_s(), 3600U);
  timer.set_seconds(~std::uint64_t{0});
  EXPECT_EQ(set_timer(api, timer).error().code, ExitCode::usage);
  v1::TypingRequest typing;
  typing.set_conversation("bob");
  typing.set_active(true);
  EXPECT_TRUE(signal_typing(api, typing).value());
  EXPECT_TRUE(set_typing(api, typing));
  now_ = now_ + days(1);
  EXPECT_FALSE(signal_typing(api, typing).value()) << "nobody was there lately";
}

TEST_F(ApiTest, APreviewIsMadeByWhoAsksAndGoesAlong) {
  sign_up_both();
  auto api = api_of(alice_);
  v1::PreviewRequest page;
  page.set_url("https://example.org/");
  EXPECT_EQ(finish(alice_, preview_page(api, page)).error().code, ExitCode::failed) << "nobody makes any";
  PreviewOutcome outcome = err(PreviewError::no_title);
  api.preview = [&](const std::string& url, bool private_addresses,
                    const std::function<void(PreviewOutcome)>& done) {
    EXPECT_EQ(url, "https://example.org/");
    EXPECT_FALSE(private_addresses);
    done(outcome);
  };
  const auto refused = finish(alice_, preview_page(api, page));
  EXPECT_EQ(refused.error().code, ExitCode::failed);
  EXPECT_NE(refused.error().message.find("what it is called"), std::string::npos);
  outcome = err(PreviewError::private_address);
  EXPECT_EQ(finish(alice_, preview_page(api, page)).error().code, ExitCode::refused)
      << "the user may want it";
  v1::LinkPreview made;
  made.set_url(page.url());
  made.set_title("Example");
  outcome = made;
  v1::SendRequest request;
  request.set_conversation("bob");
  request.set_text("see https://example.org/");
  *request.mutable_preview() = finish(alice_, preview_page(api, page)).value();
  ASSERT_TRUE(send_message(api, request));
  settle();
  EXPECT_EQ(bob_.newest("alice").preview().title(), "Example");
}

TEST_F(ApiTest, AMessageIsPassedOn) {
  sign_up_both();
  const auto said = say(alice_, "bob", "hello");
  auto api = api_of(bob_);
  v1::ForwardRequest request;
  request.set_conversation("alice");
  request.set_message_id(said.message_id());
  request.set_to("bob");
  const auto sent = forward_message(api, request);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_TRUE(sent->forwarded());
  EXPECT_EQ(sent->body(), "hello");
  request.set_require("pq>=9");
  EXPECT_EQ(forward_message(api, request).error().code, ExitCode::usage);
  request.clear_require();
  request.set_message_id("00000000");
  EXPECT_EQ(forward_message(api, request).error().code, ExitCode::usage);
}

TEST_F(ApiTest, AHistoryIsReadInPagesFromAnyOfItsMessages) {
  sign_up_both();
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) ids.push_back(say(alice_, "bob", std::to_string(i)).message_id());
  auto api = api_of(alice_);
  const auto page = [&](const std::function<void(v1::HistoryRequest&)>& set) {
    v1::HistoryRequest request;
    request.set_conversation("bob");
    request.set_limit(3);
    set(request);
    return conversation_history(api, request);
  };
  const auto texts = [](const CommandResult<v1::MessagePage>& got) {
    std::string out;
    if (!got) return got.error().message;
    for (const auto& message : got->messages()) out += message.body();
    return out;
  };
  const auto newest = page([](v1::HistoryRequest&) {});
  EXPECT_EQ(texts(newest), "456");
  EXPECT_TRUE(newest->more_before());
  EXPECT_FALSE(newest->more_after());
  EXPECT_EQ(newest->position(), 4U);
  EXPECT_EQ(newest->total(), 7U);
  const auto before = page([&](v1::HistoryRequest& request) { request.set_before(ids[4]); });
  EXPECT_EQ(texts(before), "123");
  EXPECT_TRUE(before->more_before());
  EXPECT_TRUE(before->more_after());
  EXPECT_EQ(before->position(), 1U);
  const auto first = page([&](v1::HistoryRequest& request) { request.set_before(ids[0]); });
  EXPECT_EQ(texts(first), "");
  EXPECT_FALSE(first->more_before());
  EXPECT_TRUE(first->more_after());
  const auto after = page([&](v1::HistoryRequest& request) { request.set_after(ids[4]); });
  EXPECT_EQ(texts(after), "56");
  EXPECT_TRUE(after->more_before());
  EXPECT_FALSE(after->more_after());
  const auto around = page([&](v1::HistoryRequest& request) { request.set_around(ids[3]); });
  EXPECT_EQ(texts(around), "234");
  EXPECT_TRUE(around->more_before());
  EXPECT_TRUE(around->more_after());
  EXPECT_EQ(around->position(), 2U);
  EXPECT_EQ(
      texts(page([&](v1::HistoryRequest& request) { request.set_limit(1), request.set_around(ids[6]); })),
      "6");
  EXPECT_EQ(page([](v1::HistoryRequest& request) { request.set_before("00ff"); }).error().code,
            ExitCode::usage);
}

TEST_F(ApiTest, AConversationCanBeOpenedBeforeAnythingIsSaid) {
  sign_up_both();
  auto api = api_of(alice_);
  EXPECT_EQ(get_conversation(api, with("bob")).error().code, ExitCode::no_such_user);
  EXPECT_EQ(get_conversation(api, with("?")).error().code, ExitCode::usage);
  const auto opened = finish(alice_, open_conversation(api, with("Bob")));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->conversation(), "bob");
  EXPECT_EQ(opened->contact().handle(), "bob");
  EXPECT_TRUE(get_conversation(api, with("bob")));
  EXPECT_EQ(finish(alice_, open_conversation(api, with("nobody"))).error().code, ExitCode::no_such_user);
  EXPECT_EQ(finish(alice_, open_conversation(api, with("alice")))->kind(), v1::Conversation::NOTES);
}

TEST_F(ApiTest, SettingsChangeTogetherAndTheRestStays) {
  sign_up_both();
  say(alice_, "bob", "hello");
  auto api = api_of(alice_);
  v1::SettingsRequest request;
  request.set_conversation("bob");
  request.set_pinned(true);
  request.set_read_receipts(false);
  request.set_name("Bob from work");
  const auto changed = change_settings(api, request);
  ASSERT_TRUE(changed);
  EXPECT_TRUE(changed->settings().pinned());
  EXPECT_FALSE(changed->settings().read_receipts());
  EXPECT_TRUE(changed->settings().delivery_receipts());
  EXPECT_EQ(changed->settings().name(), "Bob from work");
  v1::SettingsRequest none;
  none.set_conversation("bob");
  EXPECT_TRUE(change_settings(api, none)->settings().pinned());
  request.set_name(std::string(300, 'x'));
  EXPECT_EQ(change_settings(api, request).error().code, ExitCode::usage);
  v1::DraftRequest draft;
  draft.set_conversation("bob");
  draft.set_text("Dear Bob,");
  EXPECT_EQ(set_draft(api, draft)->draft(), "Dear Bob,");
}

TEST_F(ApiTest, AStrangerWaitsApartUntilAcceptedAndLinksUntilRevealed) {
  sign_up_both();
  auto api = api_of(bob_);
  v1::ContactRules rule;
  EXPECT_EQ(set_contact_rule(api, rule).error().code, ExitCode::usage);
  rule.set_from(v1::ContactRules::ANYBODY);
  EXPECT_EQ(set_contact_rule(api, rule)->from(), v1::ContactRules::ANYBODY);
  say(alice_, "bob", "look at https://example.org/");
  EXPECT_EQ(list_conversations(api, {})->conversations_size(), 0);
  const auto waiting = list_requests(api, {});
  ASSERT_EQ(waiting->conversations_size(), 1);
  EXPECT_TRUE(waiting->conversations(0).request());
  EXPECT_EQ(waiting->conversations(0).conversation(), "alice");

  EXPECT_FALSE(accept_request(api, with("alice"))->request());
  EXPECT_EQ(list_requests(api, {})->conversations_size(), 0);
  const auto accepted = list_conversations(api, {});
  ASSERT_EQ(accepted->conversations_size(), 1);
  const auto& message = accepted->conversations(0).newest();
  ASSERT_EQ(message.links_size(), 1);
  EXPECT_TRUE(message.links(0).inert());
  v1::MessageRequest request;
  request.set_conversation("alice");
  request.set_message_id(message.message_id());
  EXPECT_EQ(reveal_links(api, request)->links(0).url(), "https://example.org/");
}

TEST_F(ApiTest, ARequestCanBeDeletedOrBlockedUnread) {
  sign_up_both();
  auto api = api_of(bob_);
  follow_rule(bob_, v1::ContactRules::ANYBODY);
  say(alice_, "bob", "one");
  EXPECT_TRUE(delete_request(api, with("alice")));
  EXPECT_EQ(list_requests(api, {})->conversations_size(), 0);
  say(alice_, "bob", "two");
  EXPECT_EQ(list_requests(api, {})->conversations_size(), 1);
  EXPECT_TRUE(block_request(api, with("alice")));
  say(alice_, "bob", "three");
  EXPECT_EQ(list_requests(api, {})->conversations_size(), 0);
  EXPECT_EQ(list_conversations(api, {})->conversations_size(), 0);
}

TEST_F(ApiTest, AContactLinkIsMadeAndWithdrawn) {
  sign_up_both();
  auto api = api_of(bob_);
  EXPECT_TRUE(contact_rules(api, {})->link().empty());
  const auto made = renew_contact_link(api, {});
  EXPECT_TRUE(made->link().starts_with("SOTTO:CONTACT/1/bob/"));
  EXPECT_NE(renew_contact_link(api, {})->link(), made->link());
  EXPECT_TRUE(withdraw_contact_link(api, {})->link().empty());
}

TEST_F(ApiTest, LookingSomebodyUpWaitsForTheProof) {
  sign_up_both();
  auto api = api_of(alice_);
  v1::ContactRequest request;
  request.set_contact("bob");
  EXPECT_EQ(get_contact(api, request).error().code, ExitCode::no_such_user);
  const auto found = finish(alice_, look_up_contact(api, request));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->log_proof(), v1::Contact::PROVEN);
  request.set_contact(found->account());
  EXPECT_EQ(get_contact(api, request)->handle(), "bob");
  request.set_contact("nobody");
  EXPECT_EQ(finish(alice_, look_up_contact(api, request)).error().code, ExitCode::no_such_user);
}

TEST_F(ApiTest, AGroupIsMadeOfPeopleWhoAreLookedUpFirst) {
  sign_up_both();
  auto api = api_of(alice_);
  v1::GroupPeopleRequest request;
  request.set_name("friends");
  request.add_people("bob");
  const auto made = finish(alice_, create_group(api, request));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->members_size(), 2);
  settle();
  say(alice_, "#" + made->group(), "hello all");
  auto bobs = api_of(bob_);
  const auto list = list_conversations(bobs, {});
  ASSERT_TRUE(list);
  ASSERT_EQ(list->conversations_size(), 1);
  EXPECT_EQ(list->conversations(0).title(), "friends");
  EXPECT_EQ(list->conversations(0).newest().body(), "hello all");
  v1::GroupRef reference;
  reference.set_group("no such group");
  EXPECT_EQ(get_group(api, reference).error().code, ExitCode::usage);
}

TEST_F(ApiTest, AGuestOfAGroupComesAndGoesByNumberOnceTheUserAllowedTexts) {
  sign_up_both();
  auto api = api_of(alice_);
  v1::GroupPeopleRequest group;
  group.set_name("friends");
  group.add_people("bob");
  ASSERT_TRUE(finish(alice_, create_group(api, group)));
  v1::GroupPeopleRequest guest;
  guest.set_group("friends");
  guest.set_name("Erin");
  guest.add_people("sms:+46701112233");
  EXPECT_EQ(finish(alice_, add_to_group(api, guest)).error().code, ExitCode::insecure);
  v1::SmsRequest number;
  number.set_number("+46701112233");
  ASSERT_TRUE(allow_sms(api, number));
  EXPECT_EQ(finish(alice_, add_to_group(api, guest)).error().code, ExitCode::refused) << "no guests yet";
  v1::GroupSettingsRequest settings;
  settings.set_group("friends");
  settings.set_guests_allowed(true);
  ASSERT_TRUE(change_group_settings(api, settings));
  const auto added = finish(alice_, add_to_group(api, guest));
  ASSERT_TRUE(added) << added.error().message;
  ASSERT_EQ(added->guests_size(), 1);
  EXPECT_EQ(added->guests(0).name(), "Erin");
  EXPECT_EQ(added->guests(0).number(), "+46701112233");
  EXPECT_EQ(added->members_size(), 2);
  guest.add_people("bob");
  EXPECT_EQ(finish(alice_, add_to_group(api, guest)).error().code, ExitCode::usage);
  const auto removed = finish(alice_, remove_from_group(api, guest));
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(removed->guests_size(), 0);
  EXPECT_EQ(removed->members_size(), 1);
}

TEST_F(ApiTest, SearchTakesWordsAndFilters) {
  sign_up_both();
  say(alice_, "bob", "lunch at noon");
  say(alice_, "bob", "dinner");
  auto api = api_of(alice_);
  v1::SearchRequest request;
  request.set_words("lunch");
  EXPECT_EQ(search_messages(api, request)->messages_size(), 1);
  request.set_has_files(true);
  EXPECT_EQ(search_messages(api, request)->messages_size(), 0);
  request.clear_has_files();
  request.set_sender("bob");
  EXPECT_EQ(search_messages(api, request)->messages_size(), 0);
  request.set_sender("nobody");
  EXPECT_EQ(search_messages(api, request).error().code, ExitCode::no_such_user);
  request.clear_sender();
  request.add_kinds(static_cast<v1::Message::Kind>(99));
  EXPECT_EQ(search_messages(api, request).error().code, ExitCode::usage);
}

}  // namespace
}  // namespace sotto::client::api
