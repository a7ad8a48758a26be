// Pictures in previews between cores; what the sandbox makes of them is said by the test.
#include "client/previews/records.h"

#include "client/conversations/kinds.h"
#include "client/test_content.h"

namespace sotto::client::testing {
namespace {

class PreviewRecordsTest : public ContentTest {
 protected:
  std::string send_preview(TestClient& from, std::string_view to, const std::string& picture) {
    v1::LinkPreview preview;
    preview.set_url("https://example.org/");
    preview.set_title("Example");
    preview.set_picture(picture);
    const auto content = text_with_preview(text("see https://example.org/"), preview);
    EXPECT_TRUE(content) << describe(content.error());
    const auto id = act(from, [&](Work& work) { return send_entry(work, to, *content, {}); });
    return to_hex(*id);
  }
  static std::optional<UncheckedPreview> unchecked(TestClient& client) {
    return next_unchecked_preview(*client.database, *client.core->self());
  }
  void looked(TestClient& client, std::string_view clean) {
    const auto next = unchecked(client);
    ASSERT_TRUE(next);
    act(client, [&](Work& work) {
      note_preview_looked(work, *next, as_bytes(clean));
      return true;
    });
  }
};

TEST_F(PreviewRecordsTest, APictureIsShownOnceTheSandboxMadeItAnew) {
  begin();
  const auto id = send_preview(alice_, "bob", "as it came");
  EXPECT_EQ(at(bob_, "alice", id).preview().title(), "Example");
  EXPECT_EQ(at(bob_, "alice", id).preview().picture(), "");
  ASSERT_TRUE(unchecked(bob_));
  EXPECT_TRUE(unchecked(bob_)->known_sender);
  EXPECT_EQ(unchecked(bob_)->octets, to_bytes(as_bytes(std::string_view("as it came"))));
  looked(bob_, "clean");
  EXPECT_EQ(at(bob_, "alice", id).preview().picture(), "clean");
  EXPECT_FALSE(unchecked(bob_));
  EXPECT_TRUE(unchecked(alice_)->own) << "the sender's programs show no octets of others either";
}

TEST_F(PreviewRecordsTest, WhatTheSandboxCanMakeNothingOfIsGone) {
  begin();
  const auto id = send_preview(alice_, "bob", "hostile");
  looked(bob_, "");
  EXPECT_FALSE(unchecked(bob_));
  EXPECT_EQ(at(bob_, "alice", id).preview().picture(), "");
  EXPECT_EQ(at(bob_, "alice", id).preview().title(), "Example");
}

TEST_F(PreviewRecordsTest, AnEditAndTakingBackEraseIt) {
  begin();
  const auto id = send_preview(alice_, "bob", "picture");
  looked(bob_, "clean");
  ASSERT_TRUE(edit(alice_, "bob", id, "see nothing"));
  EXPECT_FALSE(at(bob_, "alice", id).has_preview());
  EXPECT_FALSE(bob_.database->query("SELECT 1 FROM preview_picture").next());
  const auto other = send_preview(alice_, "bob", "picture");
  ASSERT_TRUE(unsend(alice_, "bob", other));
  EXPECT_FALSE(bob_.database->query("SELECT 1 FROM preview_picture").next());
}

TEST_F(PreviewRecordsTest, OfAStrangerNothingIsKept) {
  sign_up_both();
  follow_rule(bob_, v1::ContactRules::ANYBODY);
  const auto id = send_preview(alice_, "bob", "picture");
  ASSERT_NE(at(bob_, "alice", id).message_id(), "");
  EXPECT_FALSE(at(bob_, "alice", id).has_preview());
  EXPECT_FALSE(unchecked(bob_));
  EXPECT_FALSE(bob_.database->query("SELECT 1 FROM preview_picture").next());
}

TEST_F(PreviewRecordsTest, AnUnsoundOneIsNotSentAndNotKept) {
  begin();
  v1::LinkPreview preview;
  preview.set_url("https://example.org/");
  preview.set_picture(std::string(kMaxPreviewPicture + 1, 'x'));
  EXPECT_EQ(text_with_preview(text("https://example.org/"), preview).error(), KindError::bad_preview);
  v1::Content forged;
  *forged.mutable_text() = text("https://example.org/");
  *forged.mutable_text()->mutable_preview() = preview;
  forge(alice_, "bob", forged);
  EXPECT_EQ(bob_.newest("alice").preview().url(), "https://example.org/");
  EXPECT_FALSE(unchecked(bob_));
}

}  // namespace
}  // namespace sotto::client::testing
