// Lines of what changed in a group, and its photo, through whole clients over a FakeServer.
#include "client/groups/lines.h"

#include "bytes/hex.h"
#include "client/attachments/transfers.h"
#include "client/groups/commands.h"
#include "client/groups/conversations.h"
#include "client/groups/photo.h"
#include "client/requests/decisions.h"
#include "client/test_content.h"

namespace sotto::client::testing {
namespace {

using v1::SystemLine;

class GroupLinesTest : public CoreTest {
 protected:
  GroupLinesTest() {
    server_.tamper = [this](const v1::ClientFrame& request, v1::ServerFrame& answer) {
      if (answer.has_welcome()) answer.mutable_welcome()->mutable_limits()->set_max_blob_bytes(1 << 30);
      if (request.has_create_blob()) {
        answer.clear_body();
        answer.mutable_blob_created()->set_capability(std::string(32, static_cast<char>('a' + ++created)));
        answer.mutable_blob_created()->set_upload_token(std::string(32, 't'));
      }
      if (request.has_keep_blob()) {
        ++kept;
        answer.clear_body();
        answer.mutable_blob_kept();
      }
    };
  }
  void SetUp() override {
    clients_.push_back(&carol_);
    for (const auto& [client, handle] : std::vector<std::pair<TestClient*, std::string_view>>{
             {&alice_, "alice"}, {&bob_, "bob"}, {&carol_, "carol"}})
      sign_up(*client, handle);
    for (const auto* handle : {"bob", "carol"}) {
      perform(alice_, alice_.core->look_up(handle, now_).value().effects);
      settle();
    }
    act(alice_, [](Work& work) { return create_group(work, "friends", {"bob"}); });
  }
  template <typename Command>
  void act(TestClient& client, const Command& command) {
    auto outcome = client.core->command(now_, command).value();
    ASSERT_TRUE(outcome.value.has_value()) << describe(outcome.value.error());
    perform(client, std::move(outcome.effects));
    settle();
    now_ = now_ + seconds(1);
  }
  static std::vector<v1::Message> lines(TestClient& client) { return client.messages("#friends").second; }
  static std::vector<std::string> words(TestClient& client) {
    std::vector<std::string> out;
    for (const auto& line : lines(client)) out.push_back(line.body());
    return out;
  }
  static v1::Group group_of(TestClient& client) {
    const auto all = group_records(*client.database, *client.core->self());
    return all.empty() ? v1::Group() : all.front();
  }
  NewFile picture() {
    return {.keys = attachments::FileKeys::generate(random),
            .shape = attachments::Shape::of(1000).value(),
            .tags_hash = random.array<48>(),
            .mime = "image/png",
            .name = "a.png",
            .thumbnail = Bytes(100, 7)};
  }
  void set_photo() {
    const NewFile photo = picture();
    act(alice_, [&](Work& work) { return set_group_photo(work, "friends", photo); });
  }
  void all_moved(TestClient& client) {
    for (const FileKey& key : moving_files(*client.database, 10)) {
      act(client, [&](Work& work) -> GroupOutcome<void> {
        file_moved(work, key, ~std::uint64_t{0});
        return {};
      });
    }
  }

  TestClient carol_{4, 44};
  crypto::DeterministicRandom random{53};
  int created = 0;
  int kept = 0;
};

TEST_F(GroupLinesTest, SayWhoDidWhat) {
  EXPECT_EQ(words(alice_), std::vector<std::string>{"alice made the group"});
  EXPECT_EQ(words(bob_), words(alice_));
  act(alice_, [](Work& work) { return rename_group(work, "friends", "friends"); });
  act(alice_, [](Work& work) { return add_to_group(work, "friends", {"carol"}); });
  act(alice_, [](Work& work) { return set_group_role(work, "friends", "bob", groups::Role::admin); });
  act(alice_, [](Work& work) { return set_in_group(work, "friends", groups::Setting::timer, 60'000); });
  act(alice_, [](Work& work) { return set_in_group(work, "friends", groups::Setting::guests, 1); });
  act(alice_, [](Work& work) { return group_link(work, "friends", LinkChange::renew); });
  act(alice_, [](Work& work) { return group_link(work, "friends", LinkChange::withdraw); });
  act(alice_, [](Work& work) { return set_in_group(work, "friends", groups::Setting::guests, 0); });
  act(alice_, [](Work& work) { return set_in_group(work, "friends", groups::Setting::timer, 0); });
  act(alice_, [](Work& work) { return remove_from_group(work, "friends", {"carol"}); });
  act(bob_, [](Work& work) { return leave_group(work, "friends"); });
  std::vector<int> kinds;
  for (const auto& line : lines(alice_)) kinds.push_back(line.system().kind());
  EXPECT_EQ(kinds, (std::vector<int>{SystemLine::GROUP_CREATED, SystemLine::GROUP_RENAMED,
                                     SystemLine::MEMBERS_ADDED, SystemLine::ROLE_CHANGED,
                                     SystemLine::GROUP_TIMER_CHANGED, SystemLine::GUESTS_ALLOWED,
                                     SystemLine::GROUP_LINK_CHANGED, SystemLine::GROUP_LINK_WITHDRAWN,
                                     SystemLine::GUESTS_FORBIDDEN, SystemLine::GROUP_TIMER_CHANGED,
                                     SystemLine::MEMBERS_REMOVED, SystemLine::MEMBER_LEFT}));
  EXPECT_EQ(words(bob_).size(), words(alice_).size());
  const auto all = lines(alice_);
  EXPECT_EQ(all[1].body(), "alice called the group friends");
  EXPECT_EQ(all[2].body(), "alice added carol");
  EXPECT_EQ(all[2].sender(), "alice");
  EXPECT_EQ(all[2].system().people(0).name(), "carol");
  EXPECT_EQ(all[3].body(), "alice made bob an admin");
  EXPECT_EQ(all[3].system().role(), v1::Group::ADMIN);
  EXPECT_EQ(all[4].system().timer_ms(), 60'000u);
  EXPECT_EQ(all[4].body(), "alice lets messages disappear after 60 seconds");
  EXPECT_EQ(all[9].body(), "alice lets messages stay");
  EXPECT_EQ(all[10].body(), "alice removed carol");
  EXPECT_EQ(all[11].body(), "bob left");
  EXPECT_EQ(lines(carol_).front().body(), "alice added carol");
}

TEST_F(GroupLinesTest, NeedNoAttentionAndNothingIsSaidAboutThem) {
  const auto line = lines(bob_).front();
  const auto conversation = find_conversation(*bob_.database, *bob_.core->self(), "#friends");
  EXPECT_EQ(conversation_record(*bob_.database, *bob_.core->self(), *conversation, now_).unread(), 0u);
  auto outcome = bob_.core->command(
      now_, [&](Work& work) { return react(work, "#friends", line.message_id(), "\U0001f44d"); });
  EXPECT_EQ(outcome.value().value.error(), ComposeError::no_message);
  auto erased = bob_.core->command(
      now_, [&](Work& work) { return erase_message(work, "#friends", line.message_id()); });
  EXPECT_EQ(erased.value().value.error(), ComposeError::no_message);
  auto last = bob_.core->command(
      now_, [&](Work& work) { return named_message(work, "#friends", "last", Whose::anybody); });
  EXPECT_EQ(last.value().value.error(), ComposeError::no_message);
}

TEST_F(GroupLinesTest, NoneInAGroupOfAStrangerUntilItIsAccepted) {
  set_photo();
  all_moved(alice_);
  follow_rule(carol_, v1::ContactRules::ANYBODY);
  act(alice_, [](Work& work) { return add_to_group(work, "friends", {"carol"}); });
  EXPECT_TRUE(lines(carol_).empty());
  EXPECT_FALSE(group_of(carol_).has_photo());
  act(carol_, [](Work& work) { return accept_request(work, "#friends"); });
  EXPECT_EQ(words(carol_).size(), 2u);
  EXPECT_EQ(lines(carol_).front().body(), "alice added carol");
  EXPECT_TRUE(group_of(carol_).has_photo());
}

TEST_F(GroupLinesTest, APhotoIsTheGroupsOnceItIsAtTheServer) {
  set_photo();
  EXPECT_FALSE(group_of(alice_).has_photo());
  EXPECT_EQ(lines(alice_).back().state(), v1::Message::QUEUED);
  all_moved(alice_);
  ASSERT_TRUE(group_of(alice_).has_photo());
  EXPECT_EQ(lines(alice_).back().state(), v1::Message::STATE_UNSPECIFIED);
  EXPECT_EQ(lines(alice_).size(), 2u) << "one line, not another one for the operation";
  const auto photo = group_of(bob_).photo();
  EXPECT_EQ(photo.name(), "a.png");
  EXPECT_EQ(photo.conversation(), "#" + group_of(bob_).group());
  EXPECT_EQ(photo.message_id(), lines(bob_).back().message_id());
  EXPECT_EQ(lines(bob_).back().system().kind(), SystemLine::GROUP_PHOTO_CHANGED);
  ASSERT_EQ(lines(bob_).back().files_size(), 1);
  act(alice_, [](Work& work) { return add_to_group(work, "friends", {"carol"}); });
  EXPECT_EQ(words(carol_), (std::vector<std::string>{"alice added carol", "alice gave the group a photo"}));
  EXPECT_TRUE(group_of(carol_).has_photo());
  act(alice_, [](Work& work) { return remove_group_photo(work, "friends"); });
  EXPECT_FALSE(group_of(bob_).has_photo());
  EXPECT_EQ(lines(bob_).back().system().kind(), SystemLine::GROUP_PHOTO_REMOVED);
}

TEST_F(GroupLinesTest, WhoMayNotChangeThePhotoSendsNothing) {
  const NewFile photo = picture();
  const auto outcome =
      bob_.core->command(now_, [&](Work& work) { return set_group_photo(work, "friends", photo); }).value();
  ASSERT_FALSE(outcome.value);
  EXPECT_EQ(outcome.value.error().rule, groups::GroupError::not_allowed);
  EXPECT_EQ(lines(bob_).size(), 1u);
}

TEST_F(GroupLinesTest, APhotoIsASmallPicture) {
  NewFile photo = picture();
  const auto refused = [&] {
    return alice_.core->command(now_, [&](Work& work) { return set_group_photo(work, "friends", photo); })
        .value()
        .value.error()
        .error;
  };
  photo.mime = "text/plain";
  EXPECT_EQ(refused(), GroupCommandError::bad_photo);
  photo.mime = "image/png";
  photo.shape = attachments::Shape::of(kMaxGroupPhoto + 1).value();
  EXPECT_EQ(refused(), GroupCommandError::bad_photo);
}

TEST_F(GroupLinesTest, APhotoThatCannotBeSentIsSaid) {
  set_photo();
  act(alice_, [&](Work& work) -> GroupOutcome<void> {
    file_failed(work, moving_files(work.db, 1).front(), "it is gone");
    return {};
  });
  EXPECT_EQ(lines(alice_).back().state(), v1::Message::FAILED);
  EXPECT_FALSE(group_of(alice_).has_photo());
}

TEST_F(GroupLinesTest, AdminsKeepThePhotoFromBeingForgotten) {
  set_photo();
  all_moved(alice_);
  all_moved(bob_);
  for (int day = 0; day < 11; ++day) pass(days(1));
  EXPECT_EQ(kept, 1) << "Alice asked, Bob did not";
  act(alice_, [](Work& work) { return remove_group_photo(work, "friends"); });
  for (int day = 0; day < 11; ++day) pass(days(1));
  EXPECT_EQ(kept, 1);
}

}  // namespace
}  // namespace sotto::client::testing
