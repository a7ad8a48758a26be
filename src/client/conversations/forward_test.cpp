// Messages passed on: what goes along, and what of their files has to be sent anew.
#include "client/conversations/forward.h"

#include "client/attachments/transfers.h"
#include "client/conversations/kinds.h"
#include "client/test_content.h"

namespace sotto::client::testing {
namespace {

using v1::AttachedFile;

/// Alice and Bob talk; what Bob got he passes on to his notes, or back.
class ForwardTest : public ContentTest {
 protected:
  ForwardTest() {
    server_.tamper = [this](const v1::ClientFrame& request, v1::ServerFrame& answer) {
      if (answer.has_welcome()) answer.mutable_welcome()->mutable_limits()->set_max_blob_bytes(1 << 30);
      if (request.has_create_blob()) {
        ++created;
        answer.clear_body();
        answer.mutable_blob_created()->set_capability(std::string(32, static_cast<char>('a' + created)));
        answer.mutable_blob_created()->set_upload_token(std::string(32, 't'));
      }
      if (request.has_keep_blob()) {
        kept.push_back(request.keep_blob().capability());
        answer.clear_body();
        if (gone) {
          answer.mutable_error()->set_code(v1::Error::NO_SUCH_BLOB);
        } else {
          answer.mutable_blob_kept();
        }
      }
      if (request.has_release_blob()) {
        released.push_back(request.release_blob().capability());
        answer.clear_body();
        answer.mutable_done();
      }
    };
  }
  std::string send_file(TestClient& from, std::string_view to) {
    v1::Content content;
    *content.mutable_text() = text("look");
    std::vector<NewFile> files;
    files.push_back({.keys = attachments::FileKeys::generate(random),
                     .shape = attachments::Shape::of(1000).value(),
                     .tags_hash = random.array<48>(),
                     .mime = "image/png",
                     .name = "a.png",
                     .thumbnail = {}});
    const auto id = act(from, [&](Work& work) {
      return send_files(work, to, content, {.reply_to = {}, .lifetime = {}, .with_files = true}, files);
    });
    all_moved(from);
    return to_hex(*id);
  }
  void all_moved(TestClient& client) {
    for (const FileKey& key : moving_files(*client.database, 10)) {
      act(client, [&](Work& work) {
        file_moved(work, key, ~std::uint64_t{0});
        return true;
      });
    }
  }
  Result<session::MessageId, ComposeError> forward(TestClient& who, std::string_view from,
                                                   std::string_view which, std::string_view to) {
    return act(who, [&](Work& work) { return forward_message(work, from, which, to, {}); });
  }
  std::string send_entry_of(const v1::Content& content) {
    const auto id = act(alice_, [&](Work& work) { return send_entry(work, "bob", content, {}); });
    return to_hex(*id);
  }

  crypto::DeterministicRandom random{52};
  int created = 0;
  bool gone = false;
  std::vector<std::string> kept;
  std::vector<std::string> released;
};

TEST_F(ForwardTest, SaysWhatWasSaidAndThatItWasPassedOn) {
  begin();
  const auto id = forward(bob_, "alice", "last", "alice");
  ASSERT_TRUE(id) << describe(id.error());
  const auto arrived = at(alice_, "bob", to_hex(*id));
  EXPECT_EQ(arrived.body(), "one");
  EXPECT_TRUE(arrived.forwarded());
  EXPECT_EQ(arrived.sender(), "bob");
  EXPECT_FALSE(at(alice_, "bob", id_of(alice_, "bob", "one")).forwarded());
  EXPECT_TRUE(forward(bob_, "alice", to_hex(*id), "bob")) << "own ones, into notes";
}

TEST_F(ForwardTest, TakesKindsAlongAndMakesPlacesOfPositions) {
  begin();
  v1::Location place;
  place.set_latitude_e7(1);
  place.set_name("Odenplan");
  send_entry_of(*location_content(place, hours(1), now_));
  const auto moved = forward(bob_, "alice", "last", "bob");
  ASSERT_TRUE(moved);
  EXPECT_EQ(bob_.newest("bob").location().live_until_ms(), 0u);
  EXPECT_EQ(bob_.newest("bob").location().name(), "Odenplan");
  v1::Poll poll;
  poll.set_question("Where?");
  poll.add_options("here");
  poll.add_options("there");
  send_entry_of(*poll_content(poll));
  EXPECT_EQ(forward(bob_, "alice", "last", "bob").error(), ComposeError::not_forwardable);
}

TEST_F(ForwardTest, WhatDisappearsStays) {
  begin();
  v1::Content content;
  *content.mutable_text() = text("for a moment");
  act(alice_,
      [&](Work& work) { return send_entry(work, "bob", content, {.reply_to = {}, .lifetime = hours(1)}); });
  EXPECT_EQ(forward(bob_, "alice", "last", "bob").error(), ComposeError::not_forwardable);
}

TEST_F(ForwardTest, AFileIsKeptAndNotSentAnew) {
  begin();
  const auto source = send_file(alice_, "bob");
  all_moved(bob_);
  ASSERT_EQ(at(bob_, "alice", source).files(0).state(), AttachedFile::HERE);
  const auto id = forward(bob_, "alice", source, "alice");
  ASSERT_TRUE(id) << describe(id.error());
  EXPECT_EQ(kept, std::vector<std::string>{std::string(32, 'b')});
  EXPECT_EQ(created, 1);
  const auto sent = at(bob_, "alice", to_hex(*id));
  EXPECT_EQ(sent.state(), v1::Message::DELIVERED);
  EXPECT_EQ(sent.files(0).state(), AttachedFile::HERE);
  EXPECT_EQ(sent.files(0).media(), AttachedFile::UNCHECKED) << "it is still somebody else's picture";
  const auto arrived = at(alice_, "bob", to_hex(*id));
  ASSERT_EQ(arrived.files_size(), 1);
  EXPECT_EQ(arrived.files(0).name(), "a.png");
}

TEST_F(ForwardTest, AFileThatIsNotHereIsPassedOnAllTheSame) {
  sign_up_both();
  const auto source = send_file(alice_, "bob");
  ASSERT_EQ(at(bob_, "alice", source).files(0).state(), AttachedFile::REMOTE);
  const auto id = forward(bob_, "alice", source, "bob");
  ASSERT_TRUE(id) << describe(id.error());
  EXPECT_EQ(bob_.newest("bob").files(0).state(), AttachedFile::REMOTE);
  EXPECT_EQ(bob_.newest("bob").state(), v1::Message::SENT);
  gone = true;
  const auto other = forward(bob_, "alice", source, "bob");
  ASSERT_TRUE(other);
  EXPECT_EQ(at(bob_, "bob", to_hex(*other)).state(), v1::Message::FAILED);
  EXPECT_NE(at(bob_, "bob", to_hex(*other)).failure().find("no more"), std::string::npos);
}

TEST_F(ForwardTest, WhatTheServerHasNoMoreIsSentAnewFromHere) {
  begin();
  const auto source = send_file(alice_, "bob");
  all_moved(bob_);
  gone = true;
  const auto id = forward(bob_, "alice", source, "alice");
  ASSERT_TRUE(id);
  EXPECT_EQ(created, 2);
  EXPECT_EQ(at(bob_, "alice", to_hex(*id)).state(), v1::Message::QUEUED);
  all_moved(bob_);
  EXPECT_EQ(at(alice_, "bob", to_hex(*id)).files_size(), 1);
}

TEST_F(ForwardTest, TakingOneBackLeavesTheOthersFile) {
  begin();
  const auto source = send_file(alice_, "bob");
  const auto id = forward(alice_, "bob", source, "bob");
  ASSERT_TRUE(id) << describe(id.error());
  ASSERT_TRUE(unsend(alice_, "bob", source));
  EXPECT_TRUE(released.empty()) << "the other message needs the blob";
  ASSERT_TRUE(unsend(alice_, "bob", to_hex(*id)));
  EXPECT_EQ(released, std::vector<std::string>{std::string(32, 'b')});
}

TEST_F(ForwardTest, WhatIsOnItsWayOrBreaksDecodersIsNotPassedOn) {
  begin();
  v1::Content content;
  *content.mutable_text() = text("later");
  std::vector<NewFile> files;
  files.push_back({.keys = attachments::FileKeys::generate(random),
                   .shape = attachments::Shape::of(10).value(),
                   .tags_hash = {},
                   .mime = "a/b",
                   .name = "a",
                   .thumbnail = {}});
  const auto waiting = act(alice_, [&](Work& work) {
    return send_files(work, "bob", content, {.reply_to = {}, .lifetime = {}, .with_files = true}, files);
  });
  EXPECT_EQ(forward(alice_, "bob", to_hex(*waiting), "bob").error(), ComposeError::file_not_ready);
  const auto source = send_file(alice_, "bob");
  all_moved(bob_);
  bob_.database->run("UPDATE attachment_media SET state = ?1", AttachedFile::QUARANTINED);
  EXPECT_EQ(forward(bob_, "alice", source, "bob").error(), ComposeError::file_unsafe);
}

TEST_F(ForwardTest, NothingOfARequest) {
  sign_up_both();
  follow_rule(bob_, v1::ContactRules::ANYBODY);
  send(alice_, "bob", "hello");
  settle();
  EXPECT_EQ(forward(bob_, "alice", "last", "bob").error(), ComposeError::not_accepted);
}

}  // namespace
}  // namespace sotto::client::testing
