// What is known of files that came, in a client's store. The sandbox itself: tests/media.
#include "client/pictures/records.h"

#include "client/test_content.h"
#include "client/test_pictures.h"

namespace sotto::client::testing {
namespace {

using v1::AttachedFile;

class PicturesTest : public ContentTest {
 protected:
  /// Bob has all of a file of Alice's.
  FileKey receive_file() {
    begin();
    return act(bob_, [&](Work& work) { return picture_that_came(work, row_of(bob_), random); });
  }
  static std::int64_t row_of(TestClient& client) {
    auto rows = client.database->query("SELECT id FROM message WHERE body = 'one'");
    return rows.next() ? rows.integer(0) : 0;
  }
  std::optional<UncheckedFile> next(UnixMs now) {
    return next_unchecked(*bob_.database, *bob_.core->self(), now);
  }
  AttachedFile record(const FileKey& key) { return file_record(*bob_.database, key).value(); }
  void note(const FileKey& key, const Looked& looked) {
    act(bob_, [&](Work& work) {
      note_looked(work, key, looked);
      return true;
    });
  }

  crypto::DeterministicRandom random{77};
};

TEST_F(PicturesTest, WhatIsHereIsLookedAtOnce) {
  const FileKey key = receive_file();
  EXPECT_EQ(record(key).media(), AttachedFile::UNCHECKED);
  const auto waiting = next(now_);
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->file.key, key);
  EXPECT_TRUE(waiting->known_sender) << "Bob wrote to her";
  note(key, {.state = AttachedFile::CLEAN,
             .clean = CleanFile{attachments::FileKeys::generate(random), attachments::Shape::of(700).value(),
                                random.array<48>(), "image/png"},
             .thumbnail = Bytes{1, 2, 3}});
  EXPECT_FALSE(next(now_ + days(1)));
  EXPECT_EQ(record(key).media(), AttachedFile::CLEAN);
  EXPECT_EQ(record(key).clean_size(), 700U);
  EXPECT_EQ(record(key).clean_thumbnail(), "\x01\x02\x03");
  ASSERT_TRUE(load_clean(*bob_.database, key));
  EXPECT_EQ(load_clean(*bob_.database, key)->mime, "image/png");
  note(key, {.state = AttachedFile::QUARANTINED});
  EXPECT_EQ(record(key).media(), AttachedFile::CLEAN) << "another process was first";
}

TEST_F(PicturesTest, WhatFailedWaitsAndWhatIsInQuarantineWaitsForThePerson) {
  const FileKey key = receive_file();
  note(key, {.quarantine = Bytes{1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
             .next = now_ + minutes(10),
             .failure = "crashed"});
  EXPECT_EQ(record(key).media(), AttachedFile::SUSPECT);
  EXPECT_EQ(record(key).media_failure(), "crashed");
  EXPECT_FALSE(next(now_));
  EXPECT_TRUE(next(now_ + minutes(10)));
  note(key, {.state = AttachedFile::QUARANTINED, .quarantine = Bytes{1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0}});
  EXPECT_FALSE(next(now_ + days(1)));
  const auto release = [&] { return act(bob_, [&](Work& work) { return release_picture(work, key); }); };
  EXPECT_TRUE(release());
  EXPECT_EQ(record(key).media(), AttachedFile::UNCHECKED);
  EXPECT_FALSE(release());
}

TEST_F(PicturesTest, WhatIsKnownGoesWithTheMessage) {
  receive_file();
  unsend(alice_, "bob", id_of(alice_, "bob", "one"));
  EXPECT_FALSE(next(now_ + days(1)));
  auto rows = bob_.database->query("SELECT count(*) FROM attachment_media");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), 0);
}

}  // namespace
}  // namespace sotto::client::testing
