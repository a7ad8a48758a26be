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
#include "client/api/test_api.h"
#include "client/conversations/commands.h"
#include "client/notices/notices.h"
#include "client/pictures/records.h"
#include "client/test_pictures.h"
#include "crypto/hybrid_signature.h"

namespace sotto::client::api {
namespace {

v1::FamilyRef whom(const std::string& person) {
  v1::FamilyRef request;
  request.set_person(person);
  return request;
}

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
  const auto asked = ask_for_shares(api, request);
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(alice_.core->self()->device_name, host_name());
  EXPECT_EQ(ask_for_shares(api, request)->request(), asked->request());
  EXPECT_EQ(read_shares_request(api, *asked)->fingerprint(), asked->fingerprint());
  EXPECT_EQ(read_shares_request(api, *asked)->handle(), "alice");
  EXPECT_FALSE(read_shares_request(api, {}));
  request.add_shares("no share");
  EXPECT_EQ(recover(api, request).error().code, ExitCode::refused);
  request.set_key("ABCD");
  EXPECT_EQ(recover(api, request).error().code, ExitCode::usage) << "with a key as well";
  request.clear_shares();
  EXPECT_EQ(recover(api, request).error().code, ExitCode::usage);
  EXPECT_TRUE(recover_with(api, request, crypto::random_secret<recovery::RecoverySeed>(*alice_.random)));

  sign_up(bob_, "bob");
  auto bob = api_of(bob_);
  EXPECT_EQ(set_up_device(bob, "fake:1", "", "phone").error().code, ExitCode::usage);
  EXPECT_EQ(ask_for_shares(bob, request).error().code, ExitCode::usage);
  EXPECT_EQ(finish(bob_, refuse_recovery(bob, {})).error().code, ExitCode::refused) << "nobody asked";
  EXPECT_FALSE(finish(bob_, release_share(bob, *asked))) << "he has none of alice's";
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

}  // namespace
}  // namespace sotto::client::api
