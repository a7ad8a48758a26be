// Guardians and children through whole clients over a FakeServer. With real programs:
// tests/journeys/families_test.py.
#include "bytes/hex.h"
#include "client/conversations/commands.h"
#include "client/families/commands.h"
#include "client/families/enforcement.h"
#include "client/families/hours.h"
#include "client/families/messages.h"
#include "client/families/records.h"
#include "client/groups/commands.h"
#include "client/pictures/records.h"
#include "client/sms/texts.h"
#include "client/test_clients.h"
#include "client/test_pictures.h"
#include "client/verification/error.h"
#include "families/signed_policy.h"

namespace sotto::client {
namespace {

using testing::TestClient;

/// Alice is the guardian, bob the child, with a second device where a test links one; carol is somebody else.
class FamiliesTest : public testing::CoreTest {
 protected:
  template <typename Body>
  auto command(TestClient& client, const Body& body) {
    auto outcome = client.core->command(now_, body).value();
    perform(client, std::move(outcome.effects));
    settle();
    return std::move(outcome.value);
  }
  template <typename Body>
  std::optional<FamilyError> refused(TestClient& client, const Body& body) {
    const auto outcome = command(client, body);
    return outcome ? std::nullopt : std::optional(outcome.error().error);
  }
  void know(TestClient& client, const std::vector<std::string>& handles) {
    for (const auto& handle : handles) perform(client, client.core->look_up(handle, now_).value().effects);
    settle();
  }
  void begin() {
    clients_.push_back(&carol_);
    sign_up_both();
    sign_up(carol_, "carol");
    know(alice_, {"bob", "carol"});
    know(bob_, {"alice", "carol"});
    know(carol_, {"bob"});
  }
  static std::string fingerprint(TestClient& client) {
    return to_hex(client.core->self()->account->key.public_key().fingerprint().octets());
  }
  void become_family() {
    ASSERT_FALSE(refused(alice_, [](Work& work) { return offer_guardianship(work, "bob"); }));
    ASSERT_FALSE(
        refused(bob_, [&](Work& work) { return accept_guardian(work, "alice", fingerprint(alice_)); }));
  }
  void change(const PolicyChange& what) {
    ASSERT_FALSE(refused(alice_, [&](Work& work) { return change_policy(work, "bob", what); }));
  }
  std::optional<ComposeError> write(TestClient& client, std::string_view to, std::string_view words) {
    v1::Content content;
    content.mutable_text()->set_body(std::string(words));
    const auto sent = command(client, [&](Work& work) { return send_entry(work, to, content, {}); });
    return sent ? std::nullopt : std::optional(sent.error());
  }
  static v1::Family family(TestClient& client) {
    const auto all = family_records(*client.database, *client.core->self());
    return all.empty() ? v1::Family() : all.front();
  }

  TestClient carol_{4, 44};
  TestClient dave_{5, 55};
};

TEST_F(FamiliesTest, AnOfferIsTakenBackBeforeAndAfterSomebodyAccepted) {
  begin();
  const auto offers = [&] { return guardian_offers(*bob_.database, *bob_.core->self(), now_).size(); };
  ASSERT_FALSE(refused(alice_, [](Work& work) { return offer_guardianship(work, "bob"); }));
  ASSERT_FALSE(refused(carol_, [](Work& work) { return offer_guardianship(work, "bob"); }));
  ASSERT_EQ(offers(), 2U);
  ASSERT_FALSE(refused(alice_, [](Work& work) { return end_guardianship(work, "bob"); }));
  EXPECT_EQ(offers(), 1U) << "carol's is another";
  EXPECT_TRUE(children_of(*alice_.database).empty());
  EXPECT_EQ(refused(bob_, [&](Work& work) { return accept_guardian(work, "alice", fingerprint(alice_)); }),
            FamilyError::no_offer);
  EXPECT_EQ(refused(alice_, [](Work& work) { return end_guardianship(work, "bob"); }), FamilyError::no_child);
  // Offered again it counts again, and whoever accepts while it is taken back is let go.
  now_ = now_ + minutes(1);
  ASSERT_FALSE(refused(alice_, [](Work& work) { return offer_guardianship(work, "bob"); }));
  ASSERT_EQ(offers(), 2U);
  auto accepted = bob_.core->command(
      now_, [&](Work& work) { return accept_guardian(work, "alice", fingerprint(alice_)); });
  ASSERT_TRUE(accepted && accepted->value);
  ASSERT_FALSE(refused(alice_, [](Work& work) { return end_guardianship(work, "bob"); }));
  perform(bob_, std::move(accepted->effects));
  settle();
  EXPECT_TRUE(family(bob_).account().empty());
  EXPECT_TRUE(children_of(*alice_.database).empty());
  EXPECT_EQ(write(bob_, "carol", "free to write"), std::nullopt);
}

TEST_F(FamiliesTest, PeopleAreNamedByTheirAccountToo) {
  begin();
  const auto account = [](TestClient& client) { return to_hex(client.core->self()->account_id().view()); };
  ASSERT_FALSE(refused(alice_, [&](Work& work) { return offer_guardianship(work, account(bob_)); }));
  ASSERT_FALSE(
      refused(bob_, [&](Work& work) { return accept_guardian(work, account(alice_), fingerprint(alice_)); }));
  ASSERT_FALSE(refused(bob_, [&](Work& work) { return ask_guardian(work, account(carol_), ""); }));
  EXPECT_EQ(family_requests(*alice_.database).at(0).handle(), "carol") << "the guardian looks up a name";
  ASSERT_FALSE(refused(
      alice_, [&](Work& work) { return decide_for_child(work, account(bob_), account(carol_), true); }));
  EXPECT_EQ(family(bob_).policy().allowed(0).account(), account(carol_));
  EXPECT_TRUE(known_contact(*alice_.database, *alice_.core->self(), account(bob_))) << "for verifying, too";
  ASSERT_FALSE(refused(alice_, [&](Work& work) { return end_guardianship(work, account(bob_)); }));
  EXPECT_EQ(refused(alice_, [&](Work& work) { return end_guardianship(work, std::string(32, 'f')); }),
            FamilyError::unknown_person);
}

TEST_F(FamiliesTest, AGuardianIsAcceptedOnTheChildsDeviceAndSeenThere) {
  begin();
  EXPECT_EQ(refused(bob_, [&](Work& work) { return accept_guardian(work, "alice", fingerprint(alice_)); }),
            FamilyError::no_offer);
  ASSERT_FALSE(refused(alice_, [](Work& work) { return offer_guardianship(work, "bob"); }));
  EXPECT_FALSE(family(alice_).accepted());
  const auto offers = [&](UnixMs now) { return guardian_offers(*bob_.database, *bob_.core->self(), now); };
  ASSERT_EQ(offers(now_).size(), 1U);
  EXPECT_EQ(offers(now_)[0].fingerprint(), fingerprint(alice_));
  EXPECT_TRUE(offers(now_ + days(8)).empty()) << "which is too long ago";
  EXPECT_EQ(write(bob_, "carol", "an offer alone changes nothing"), std::nullopt);
  EXPECT_EQ(refused(bob_, [&](Work& work) { return accept_guardian(work, "alice", fingerprint(carol_)); }),
            FamilyError::other_key);
  ASSERT_FALSE(
      refused(bob_, [&](Work& work) { return accept_guardian(work, "alice", fingerprint(alice_)); }));
  EXPECT_TRUE(offers(now_).empty());
  EXPECT_EQ(family(bob_).role(), v1::Family::GUARDIAN);
  EXPECT_EQ(family(bob_).name(), "alice");
  EXPECT_EQ(status_record(*bob_.database, *bob_.core->self()).guardian(), "alice");
  EXPECT_TRUE(family(bob_).has_policy()) << "the first one came with the acceptance";
  EXPECT_EQ(family(alice_).role(), v1::Family::CHILD);
  EXPECT_TRUE(family(alice_).accepted());
}

TEST_F(FamiliesTest, AChildWritesWithWhomItsGuardianAllowsAndWithNobodyElse) {
  begin();
  become_family();
  EXPECT_EQ(write(bob_, "carol", "no"), ComposeError::family_stranger);
  clients_.push_back(&dave_);
  sign_up(dave_, "dave");
  EXPECT_EQ(write(bob_, "dave", "no"), std::nullopt) << "whose account is still to be looked up";
  EXPECT_EQ(bob_.newest("dave").state(), v1::Message::FAILED);
  EXPECT_NE(bob_.newest("dave").failure().find("your guardian alice"), std::string::npos);
  EXPECT_TRUE(dave_.texts("bob").empty());
  EXPECT_EQ(write(bob_, "alice", "the guardian always"), std::nullopt);
  EXPECT_EQ(write(bob_, "bob", "notes too"), std::nullopt);
  EXPECT_EQ(command(bob_, [](Work& work) { return set_sms_permission(work, "+46701112233", true); }).error(),
            ComposeError::family_stranger);
  EXPECT_NE(explain(*bob_.database, ComposeError::family_stranger).find("your guardian alice"),
            std::string::npos);
  change({.allow = {"carol"}});
  EXPECT_EQ(write(bob_, "carol", "yes"), std::nullopt);
  EXPECT_EQ(carol_.texts("bob"), std::vector<std::string>{"yes"});
  change({.forbid = {"carol"}});
  EXPECT_EQ(write(bob_, "carol", "not any more"), ComposeError::family_stranger);
  const auto reaction =
      command(bob_, [](Work& work) { return react(work, "carol", "last", "\xf0\x9f\x91\x8d"); });
  EXPECT_EQ(reaction.error(), ComposeError::family_stranger);
}

TEST_F(FamiliesTest, WhatWaitsToBeSentIsMeasuredAgainWhenItLeaves) {
  begin();
  become_family();
  change({.allow = {"carol"}, .hours = "sun 17:00-17:30", .offset = "+02:00"});
  disconnect(bob_);
  EXPECT_EQ(write(bob_, "carol", "written in time"), std::nullopt);
  pass(minutes(30));
  connect(bob_);
  settle();
  EXPECT_EQ(bob_.newest("carol").state(), v1::Message::FAILED);
  EXPECT_NE(bob_.newest("carol").failure().find("your guardian alice"), std::string::npos);
  EXPECT_TRUE(carol_.texts("bob").empty());
}

TEST_F(FamiliesTest, ThereAreHoursByTheChildsClock) {
  begin();
  become_family();
  // 2025-06-15 15:06:40 UTC is a Sunday.
  change({.allow = {"carol"}, .hours = "mon-fri 15:00-20:00, sun 17:00-17:30", .offset = "+02:00"});
  EXPECT_EQ(write(bob_, "carol", "17:06 here"), std::nullopt);
  pass(minutes(30));
  EXPECT_EQ(write(bob_, "carol", "17:36"), ComposeError::family_closed);
  EXPECT_EQ(write(bob_, "alice", "the guardian at any hour"), std::nullopt);
  EXPECT_EQ(write(carol_, "bob", "whom I may hear"), std::nullopt);
  EXPECT_EQ(bob_.newest("carol").body(), "whom I may hear");
  disconnect(bob_);
  change({.hours = "any"});
  connect(bob_);
  settle();
  EXPECT_EQ(write(bob_, "carol", "any"), std::nullopt);
  change({.hours = "mon 08:00-09:00"});
  pass(hours(16));
  EXPECT_EQ(write(bob_, "carol", "Monday 09:36"), ComposeError::family_closed);
}

TEST_F(FamiliesTest, WhatStrangersSayWaitsOrIsDropped) {
  begin();
  become_family();
  EXPECT_EQ(write(carol_, "bob", "hello child"), std::nullopt);
  EXPECT_TRUE(bob_.texts("carol").empty());
  EXPECT_EQ(carol_.newest("bob").state(), v1::Message::SENT) << "no receipt tells that anybody is there";
  change({.allow = {"carol"}});
  EXPECT_EQ(bob_.texts("carol"), std::vector<std::string>{"hello child"});
  change({.forbid = {"carol"}, .hold_strangers = false});
  EXPECT_EQ(write(carol_, "bob", "into nothing"), std::nullopt);
  change({.allow = {"carol"}});
  EXPECT_EQ(bob_.texts("carol"), std::vector<std::string>{"hello child"});
}

TEST_F(FamiliesTest, AChildAsksAndItsGuardianDecides) {
  begin();
  become_family();
  ASSERT_FALSE(refused(bob_, [](Work& work) { return ask_guardian(work, "carol", "from school"); }));
  const auto requests = family_requests(*alice_.database);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].child_name(), "bob");
  EXPECT_EQ(requests[0].handle(), "carol");
  EXPECT_EQ(requests[0].note(), "from school");
  EXPECT_EQ(requests[0].fingerprint(), fingerprint(carol_));
  ASSERT_FALSE(refused(alice_, [](Work& work) { return decide_for_child(work, "bob", "carol", true); }));
  EXPECT_EQ(write(bob_, "carol", "hi"), std::nullopt);
  EXPECT_TRUE(family_requests(*alice_.database).empty());
  ASSERT_FALSE(refused(bob_, [](Work& work) { return ask_guardian(work, "carol", ""); }));
  ASSERT_FALSE(refused(alice_, [](Work& work) { return decide_for_child(work, "bob", "carol", false); }));
  EXPECT_TRUE(family_requests(*alice_.database).empty());
  ASSERT_FALSE(refused(bob_, [](Work& work) { return ask_guardian(work, "carol", ""); }));
  alice_.database->run("UPDATE family_request SET key = zeroblob(32)");
  EXPECT_EQ(refused(alice_, [](Work& work) { return decide_for_child(work, "bob", "carol", true); }),
            FamilyError::other_key);
}

TEST_F(FamiliesTest, EveryDeviceOfTheChildKeepsToIt) {
  begin();
  become_family();
  link_second_device();
  pass(minutes(11));
  EXPECT_EQ(family(bob2_).name(), "alice");
  EXPECT_TRUE(family(bob2_).has_policy());
  know(bob2_, {"carol"});
  EXPECT_EQ(write(bob2_, "carol", "no"), ComposeError::family_stranger);
  change({.allow = {"carol"}});
  EXPECT_EQ(write(bob2_, "carol", "yes"), std::nullopt);
}

TEST_F(FamiliesTest, OnlyTheGuardianEndsIt) {
  begin();
  become_family();
  EXPECT_EQ(refused(bob_, [&](Work& work) { return accept_guardian(work, "carol", fingerprint(carol_)); }),
            FamilyError::has_guardian);
  EXPECT_EQ(write(carol_, "bob", "kept"), std::nullopt);
  ASSERT_FALSE(refused(alice_, [](Work& work) { return end_guardianship(work, "bob"); }));
  EXPECT_TRUE(family_records(*bob_.database, *bob_.core->self()).empty());
  EXPECT_TRUE(family_records(*alice_.database, *alice_.core->self()).empty());
  EXPECT_EQ(bob_.texts("carol"), std::vector<std::string>{"kept"});
  EXPECT_EQ(write(bob_, "carol", "free"), std::nullopt);
  become_family();
  EXPECT_EQ(write(bob_, "carol", "and again not"), ComposeError::family_stranger);
}

TEST_F(FamiliesTest, GroupsAreForThoseWhoAreAllAllowed) {
  begin();
  ASSERT_TRUE(command(carol_, [](Work& work) { return create_group(work, "friends", {"bob"}); }));
  become_family();
  EXPECT_EQ(write(carol_, "#friends", "hello group"), std::nullopt);
  EXPECT_TRUE(bob_.texts("#friends").empty());
  EXPECT_EQ(write(bob_, "#friends", "no"), ComposeError::family_stranger);
  change({.allow = {"carol"}});
  EXPECT_EQ(bob_.texts("#friends"), std::vector<std::string>{"hello group"});
  EXPECT_EQ(write(bob_, "#friends", "yes"), std::nullopt);
  EXPECT_EQ(carol_.newest("#friends").body(), "yes");
}

TEST_F(FamiliesTest, APolicyOfAnybodyElseIsRefused) {
  begin();
  become_family();
  const auto forge = [&](TestClient& client, const auto& change_it) {
    command(client, [&](Work& work) {
      families::Policy policy;
      policy.child = own_person(*bob_.core->self());
      policy.guardian = own_person(*alice_.core->self());
      policy.version = ~std::uint64_t{0};
      policy.device = work.self.device.key.public_key().fingerprint();
      change_it(policy);
      v1::FamilyMessage message;
      message.set_policy(wire::field(families::sign(policy, work.self.device.key, work.random)));
      tell_family(work, bob_.core->self()->account_id(), message);
      return true;
    });
    const bool refused = bob_.saw(v1::Problem::FAMILY_POLICY_REFUSED);
    bob_.events.clear();
    return refused;
  };
  EXPECT_TRUE(forge(carol_, [](families::Policy&) {})) << "of no device of the guardian";
  EXPECT_TRUE(
      forge(carol_, [&](families::Policy& policy) { policy.guardian = own_person(*carol_.core->self()); }));
  EXPECT_TRUE(
      forge(alice_, [&](families::Policy& policy) { policy.child = own_person(*carol_.core->self()); }));
  EXPECT_FALSE(forge(alice_, [](families::Policy& policy) { policy.version = 1; }))
      << "an old one means nothing";
  EXPECT_EQ(write(bob_, "carol", "still not"), ComposeError::family_stranger);
}

TEST_F(FamiliesTest, PicturesAreBlurredWhereTheGuardianSaysSo) {
  begin();
  become_family();
  EXPECT_FALSE(must_blur_pictures(*bob_.database, *bob_.core->self()));
  change({.blur_pictures = true});
  EXPECT_TRUE(must_blur_pictures(*bob_.database, *bob_.core->self()));
  EXPECT_FALSE(must_blur_pictures(*alice_.database, *alice_.core->self()));
}

TEST_F(FamiliesTest, TheGuardianSeesToItThatTheClassifierStays) {
  begin();
  become_family();
  const auto set = [&](TestClient& client, std::string_view path) {
    return command(client, [&](Work& work) { return set_classifier(work, path); });
  };
  change({.blur_pictures = true});
  ASSERT_TRUE(set(bob_, "/usr/lib/one.so")) << "where there is none yet";
  EXPECT_TRUE(set(bob_, "/usr/lib/one.so"));
  EXPECT_EQ(set(bob_, "").error(), ComposeError::family_classifier);
  EXPECT_EQ(set(bob_, "/usr/lib/other.so").error(), ComposeError::family_classifier);
  EXPECT_EQ(load_classifier(*bob_.database), "/usr/lib/one.so");
  EXPECT_NE(explain(*bob_.database, ComposeError::family_classifier).find("your guardian alice"),
            std::string::npos);
  change({.blur_pictures = false});
  EXPECT_TRUE(set(bob_, ""));
}

TEST_F(FamiliesTest, EverybodysPicturesAreHiddenWhereTheGuardianSaysSo) {
  begin();
  become_family();
  EXPECT_EQ(write(alice_, "bob", "look"), std::nullopt);
  const auto rows_of = [&](TestClient& client) {
    auto rows = client.database->query("SELECT id FROM message WHERE body = 'look'");
    return rows.next() ? rows.integer(0) : 0;
  };
  crypto::DeterministicRandom random(78);
  FileKey key{};
  command(bob_, [&](Work& work) {
    key = testing::picture_that_came(work, rows_of(bob_), random);
    return true;
  });
  const auto next = [&] { return next_unchecked(*bob_.database, *bob_.core->self(), now_); };
  ASSERT_TRUE(next());
  EXPECT_FALSE(next()->hidden);
  change({.blur_all_pictures = true});
  EXPECT_TRUE(family(bob_).policy().blur_all_pictures());
  EXPECT_TRUE(next()->hidden);
  const auto note = [&](v1::AttachedFile::Media state) {
    command(bob_, [&](Work& work) {
      note_looked(work, key, {.state = state});
      return true;
    });
    return file_record(*bob_.database, key)->media();
  };
  EXPECT_EQ(note(v1::AttachedFile::CLEAN), v1::AttachedFile::UNCHECKED)
      << "the policy came while somebody looked";
  EXPECT_EQ(note(v1::AttachedFile::HIDDEN), v1::AttachedFile::HIDDEN);
}

TEST_F(FamiliesTest, AChildSeesTheDevicesOfItsGuardian) {
  begin();
  become_family();
  ASSERT_EQ(family(bob_).devices_size(), 1);
  EXPECT_EQ(family(bob_).devices(0).device(), to_hex(alice_.core->self()->device.id.view()));
  EXPECT_EQ(family(alice_).devices_size(), 1);
}

TEST_F(FamiliesTest, WhatMakesNoSenseIsRefusedWithTheReason) {
  ASSERT_TRUE(alice_.core->set_up_account("alice", "", "laptop", testing::kServer, now_).value());
  EXPECT_EQ(refused(alice_, [](Work& work) { return offer_guardianship(work, "bob"); }),
            FamilyError::not_registered);
  connect(alice_);
  settle();
  sign_up(bob_, "bob");
  clients_.push_back(&carol_);
  sign_up(carol_, "carol");
  know(alice_, {"bob", "carol"});
  know(bob_, {"alice", "carol"});
  know(carol_, {"alice", "bob"});
  EXPECT_EQ(refused(alice_, [](Work& work) { return offer_guardianship(work, "nobody"); }),
            FamilyError::unknown_person);
  EXPECT_EQ(refused(alice_, [](Work& work) { return change_policy(work, "bob", {}); }),
            FamilyError::no_child);
  EXPECT_EQ(refused(bob_, [](Work& work) { return ask_guardian(work, "carol", ""); }),
            FamilyError::no_guardian);
  become_family();
  EXPECT_EQ(refused(bob_, [](Work& work) { return offer_guardianship(work, "carol"); }),
            FamilyError::has_guardian);
  ASSERT_FALSE(refused(carol_, [](Work& work) { return offer_guardianship(work, "alice"); }));
  EXPECT_EQ(refused(alice_, [&](Work& work) { return accept_guardian(work, "carol", fingerprint(carol_)); }),
            FamilyError::is_guardian);
  EXPECT_EQ(refused(alice_, [](Work& work) { return change_policy(work, "bob", {.hours = "always"}); }),
            FamilyError::bad_hours);
  EXPECT_EQ(refused(alice_, [](Work& work) { return change_policy(work, "bob", {.offset = "2"}); }),
            FamilyError::bad_hours);
  EXPECT_EQ(refused(alice_, [](Work& work) { return decide_for_child(work, "bob", "carol", true); }),
            FamilyError::no_request);
  EXPECT_EQ(refused(bob_, [](Work& work) { return ask_guardian(work, "carol", "a\nb"); }),
            FamilyError::bad_note);
  EXPECT_EQ(refused(alice_, [](Work& work) { return offer_guardianship(work, "alice"); }),
            FamilyError::own_account);
}

TEST_F(FamiliesTest, AGuardianAllowsSoManyAndNoMore) {
  begin();
  become_family();
  command(alice_, [&](Work& work) {
    auto policy = policy_for(work.db, bob_.core->self()->account_id()).value();
    for (std::size_t i = 0; i < families::kMaxAllowed; ++i) {
      policy.allowed.push_back({identity::AccountId({static_cast<std::uint8_t>(i)}), policy.guardian.key});
    }
    save_policy(work.db, policy, families::sign(policy, work.self.device.key, work.random));
    return true;
  });
  EXPECT_EQ(refused(alice_, [](Work& work) { return change_policy(work, "bob", {.allow = {"carol"}}); }),
            FamilyError::too_many_people);
}

TEST(FamilyHours, AreReadAsTheyAreWritten) {
  const auto hours = parse_hours("sat 09:00-24:00, mon-tue 15:00-20:00");
  ASSERT_TRUE(hours);
  EXPECT_EQ(*hours, (std::vector<families::Window>{{0, 900, 1200}, {1, 900, 1200}, {5, 540, 1440}}));
  for (const char* wrong :
       {"", "mon", "mon 9:00-10:00", "mon 10:00-09:00", "fri-mon 10:00-11:00", "day 10:00-11:00",
        "mon 10:00-11:00, mon 10:30-12:00", "mon 10:00-24:01", "mon 10:60-12:00"}) {
    EXPECT_FALSE(parse_hours(wrong)) << wrong;
  }
  EXPECT_EQ(parse_offset("+05:30"), 330);
  EXPECT_EQ(parse_offset("-10:00"), -600);
  for (const char* wrong : {"", "2", "+2:00", "05:30 ", "+15:00", "-12:30"})
    EXPECT_FALSE(parse_offset(wrong)) << wrong;
}

}  // namespace
}  // namespace sotto::client
