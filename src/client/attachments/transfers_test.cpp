// Files beside messages between cores; their octets are said to have moved.
#include "client/attachments/transfers.h"

#include "client/attachments/policy.h"
#include "client/test_content.h"

namespace sotto::client::testing {
namespace {

class TransfersTest : public ContentTest {
 protected:
  TransfersTest() {
    server_.tamper = [this](const v1::ClientFrame& request, v1::ServerFrame& answer) {
      if (answer.has_welcome()) answer.mutable_welcome()->mutable_limits()->set_max_blob_bytes(most);
      if (request.has_create_blob()) {
        sizes.push_back(request.create_blob().size());
        kept.push_back(request.create_blob().keep_ms());
        answer.clear_body();
        if (refusal != v1::Error::CODE_UNSPECIFIED) {
          answer.mutable_error()->set_code(refusal);
          return;
        }
        answer.mutable_blob_created()->set_capability(std::string(32, static_cast<char>('a' + sizes.size())));
        answer.mutable_blob_created()->set_upload_token(std::string(token_octets, 't'));
      }
      if (request.has_release_blob()) {
        released.push_back(request.release_blob().capability());
        answer.clear_body();
        answer.mutable_done();
      }
    };
  }
  NewFile file(std::uint64_t size, const std::string& name = "a.bin") {
    return {.keys = attachments::FileKeys::generate(random),
            .shape = attachments::Shape::of(size).value(),
            .tags_hash = random.array<48>(),
            .mime = "application/octet-stream",
            .name = name,
            .thumbnail = {}};
  }
  template <typename... Files>
  static std::vector<NewFile> album(Files... files) {
    std::vector<NewFile> out;
    (out.push_back(std::move(files)), ...);
    return out;
  }
  std::string send_to_bob(const std::vector<NewFile>& files, std::string_view words = "look",
                          const EntryOptions& terms = {}) {
    v1::Content content;
    content.mutable_text()->set_body(std::string(words));
    EntryOptions options = terms;
    options.with_files = true;
    const auto id = act(alice_, [&](Work& work) { return send_files(work, "bob", content, options, files); });
    EXPECT_TRUE(id) << describe(id.error());
    return to_hex(*id);
  }
  void moved(TestClient& client, const FileKey& key, std::uint64_t octets) {
    act(client, [&](Work& work) {
      file_moved(work, key, octets);
      return true;
    });
  }
  static std::vector<FileKey> all_files(TestClient& client) {
    std::vector<FileKey> out;
    auto rows = client.database->query("SELECT message, position FROM attachment ORDER BY message, position");
    while (rows.next()) out.push_back({rows.integer(0), rows.integer(1)});
    return out;
  }
  static Bytes stored_key(TestClient& client) {
    auto rows = client.database->query("SELECT key FROM attachment");
    rows.next();
    return rows.octets(0);
  }
  static std::vector<FileKey> moving(TestClient& client) { return moving_files(*client.database, 10); }
  void all_moved(TestClient& client) {
    for (const FileKey& key : moving(client)) moved(client, key, ~std::uint64_t{0});
  }

  crypto::DeterministicRandom random{51};
  std::uint64_t most = std::uint64_t{1} << 30;
  std::size_t token_octets = 32;
  v1::Error::Code refusal = v1::Error::CODE_UNSPECIFIED;
  std::vector<std::uint64_t> sizes;
  std::vector<std::uint64_t> kept;
  std::vector<std::string> released;
};

TEST_F(TransfersTest, AMessageLeavesWhenItsFilesAreAtTheServer) {
  begin();
  const auto id = send_to_bob(album(file(1000, "one.bin"), file(100'000, "two.bin")));
  EXPECT_EQ(sizes, (std::vector<std::uint64_t>{attachments::Shape::of(1000)->stored,
                                               attachments::Shape::of(100'000)->stored}));
  EXPECT_EQ(at(alice_, "bob", id).state(), v1::Message::QUEUED);
  const auto keys = moving(alice_);
  ASSERT_EQ(keys.size(), 2u);
  moved(alice_, keys[0], ~std::uint64_t{0});
  moved(alice_, keys[1], 65'536);
  EXPECT_EQ(at(bob_, "alice", id).message_id(), "") << "half of it";
  EXPECT_EQ(at(alice_, "bob", id).files(1).transferred(), 65'536u);
  alice_.restart();
  connect(alice_);
  settle();
  moved(alice_, keys[1], ~std::uint64_t{0});
  const auto arrived = at(bob_, "alice", id);
  EXPECT_EQ(arrived.body(), "look");
  ASSERT_EQ(arrived.files_size(), 2);
  EXPECT_EQ(arrived.files(0).name(), "one.bin");
  EXPECT_EQ(arrived.files(1).size(), 100'000u);
  EXPECT_EQ(at(alice_, "bob", id).files(0).state(), v1::AttachedFile::HERE);
}

TEST_F(TransfersTest, FilesNeedNoWords) {
  begin();
  const auto id = send_to_bob(album(file(10)), "");
  all_moved(alice_);
  EXPECT_EQ(at(bob_, "alice", id).files_size(), 1);
}

TEST_F(TransfersTest, WhatTheRecipientHasIsWhatWasSent) {
  begin();
  const NewFile sent = file(1000);
  const attachments::FileId file_id = sent.keys.file_id;
  std::vector<NewFile> files;
  files.push_back({.keys = {sent.keys.key.clone(), sent.keys.file_id},
                   .shape = sent.shape,
                   .tags_hash = sent.tags_hash,
                   .mime = sent.mime,
                   .name = sent.name,
                   .thumbnail = {}});
  send_to_bob(files);
  all_moved(alice_);
  const auto key = moving(bob_);
  ASSERT_EQ(key.size(), 1u);
  const auto row = load_file(*bob_.database, key.front());
  ASSERT_TRUE(row);
  EXPECT_EQ(row->keys.file_id, file_id);
  EXPECT_EQ(row->tags_hash, sent.tags_hash);
  EXPECT_EQ(row->shape, sent.shape);
  EXPECT_TRUE(crypto::constant_time_equal(row->keys.key, stored_key(alice_)));
}

TEST_F(TransfersTest, WhatIsFetchedByItself) {
  sign_up_both();
  const auto fetched = [&] { return moving(bob_).size(); };
  send_to_bob(album(file(1000)));
  all_moved(alice_);
  EXPECT_EQ(fetched(), 0u) << "from somebody Bob never wrote to";
  send(bob_, "alice", "hello");
  settle();
  send_to_bob(album(file(1000), file(20'000'000)));
  all_moved(alice_);
  EXPECT_EQ(fetched(), 1u) << "the small one";
  all_moved(bob_);
  const auto allow = [&](const DownloadPolicy& policy) {
    act(bob_, [&](Work& work) {
      save_policy(work.db, policy);
      return true;
    });
    EXPECT_EQ(load_policy(*bob_.database), policy);
    send_to_bob(album(file(20'000'000)));
    all_moved(alice_);
    const auto count = fetched();
    all_moved(bob_);
    return count;
  };
  EXPECT_EQ(allow({.max_octets = 50'000'000}), 1u);
  EXPECT_EQ(allow({.max_octets = 50'000'000, .metered = true}), 0u);
  EXPECT_EQ(allow({.max_octets = 50'000'000, .senders = FetchFrom::nobody}), 0u);
  EXPECT_EQ(allow({.max_octets = 50'000'000, .senders = FetchFrom::everybody}), 1u);
}

TEST_F(TransfersTest, WhatIsNotFetchedByItselfIsWhenItIsWanted) {
  sign_up_both();
  const auto id = send_to_bob(album(file(1000)));
  all_moved(alice_);
  EXPECT_EQ(at(bob_, "alice", id).files(0).state(), v1::AttachedFile::REMOTE);
  const auto want = [&](const FileKey& which) {
    return act(bob_, [&](Work& work) { return want_file(work, which); });
  };
  const auto rows = all_files(bob_);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(want(rows[0]));
  EXPECT_FALSE(want(rows[0])) << "on its way";
  act(bob_, [&](Work& work) {
    file_failed(work, rows[0], "nothing doing");
    return true;
  });
  EXPECT_EQ(at(bob_, "alice", id).files(0).failure(), "nothing doing");
  EXPECT_TRUE(want(rows[0])) << "again";
  all_moved(bob_);
  EXPECT_EQ(at(bob_, "alice", id).files(0).state(), v1::AttachedFile::HERE);
  EXPECT_FALSE(want(rows[0]));
  EXPECT_FALSE(want({rows[0].message, 7}));
}

TEST_F(TransfersTest, AFileIsOnItsWayWhileAHandleIsFoundToBeSomebodyKnown) {
  sign_up_both();
  send(alice_, "bob", "hello");
  const auto alice = to_hex(alice_.core->self()->account_id().view());
  while (bob_.texts(alice).empty()) ASSERT_TRUE(step());
  ASSERT_TRUE(bob_.texts("alice").empty()) << "nobody proved yet that this is her name";
  v1::Content content;
  content.mutable_text()->set_body("look");
  const auto sent = bob_.core->command(now_, [&](Work& work) {
    return send_files(work, "alice", content, {.reply_to = {}, .lifetime = {}, .with_files = true},
                      album(file(1000)));
  });
  ASSERT_TRUE(sent && sent->value);
  perform(bob_, sent->effects);
  settle();
  all_moved(bob_);
  EXPECT_EQ(bob_.texts("alice"), (std::vector<std::string>{"hello", "look"}));
  EXPECT_EQ(alice_.newest("bob").files_size(), 1);
}

TEST_F(TransfersTest, WhatTheServerRefusesFailsTheMessage) {
  most = 5000;
  begin();
  auto id = send_to_bob(album(file(10'000)));
  EXPECT_EQ(at(alice_, "bob", id).state(), v1::Message::FAILED);
  EXPECT_TRUE(sizes.empty()) << "it need not be asked";
  for (const auto code : {v1::Error::TOO_LARGE, v1::Error::BLOB_QUOTA}) {
    refusal = code;
    id = send_to_bob(album(file(10), file(20)));
    EXPECT_EQ(at(alice_, "bob", id).state(), v1::Message::FAILED);
    EXPECT_EQ(at(alice_, "bob", id).files(1).state(), v1::AttachedFile::FAILED);
  }
  refusal = v1::Error::STORAGE_UNAVAILABLE;
  id = send_to_bob(album(file(10)));
  EXPECT_EQ(at(alice_, "bob", id).state(), v1::Message::QUEUED) << "again later";
  refusal = v1::Error::CODE_UNSPECIFIED;
  pass(minutes(5));
  all_moved(alice_);
  EXPECT_EQ(at(bob_, "alice", id).files_size(), 1);
}

TEST_F(TransfersTest, AServerThatAnswersNonsenseIsLeft) {
  token_octets = 31;
  begin();
  send_to_bob(album(file(10)));
  EXPECT_FALSE(alice_.connected);
  EXPECT_TRUE(moving(alice_).empty());
}

TEST_F(TransfersTest, AnUploadThatIsLostAtTheServerBeginsAnew) {
  begin();
  const auto id = send_to_bob(album(file(100'000)));
  const auto key = moving(alice_).front();
  moved(alice_, key, 65'536);
  act(alice_, [&](Work& work) {
    upload_lost(work, key);
    return true;
  });
  EXPECT_EQ(sizes.size(), 2u);
  EXPECT_EQ(load_file(*alice_.database, key)->transferred, 0u);
  all_moved(alice_);
  EXPECT_EQ(at(bob_, "alice", id).files_size(), 1);
}

TEST_F(TransfersTest, WhatIsTakenBackIsReleasedAtTheServer) {
  begin();
  const auto id = send_to_bob(album(file(10)));
  all_moved(alice_);
  ASSERT_TRUE(unsend(alice_, "bob", id));
  EXPECT_EQ(released, std::vector<std::string>{std::string(32, 'b')});
  EXPECT_EQ(at(alice_, "bob", id).files_size(), 0);
  EXPECT_EQ(at(bob_, "alice", id).files_size(), 0);
  pass(minutes(5));
  EXPECT_EQ(released.size(), 1u) << "once";
}

TEST_F(TransfersTest, WhatDisappearsNeedNotLieAtTheServerForLonger) {
  begin();
  send_to_bob(album(file(10)), "soon gone", {.reply_to = "", .lifetime = hours(1)});
  EXPECT_EQ(kept, std::vector<std::uint64_t>{hours(1).value});
}

TEST_F(TransfersTest, DescriptionsThatDoNotHoldAreLeftOutAndBounded) {
  begin();
  v1::Content content;
  content.mutable_text()->set_body("odd");
  v1::Attachment good;
  good.set_capability(std::string(32, 'c'));
  good.set_key(std::string(48, 'k'));
  good.set_file_id(std::string(32, 'f'));
  good.set_size(1000);
  good.set_stored_size(attachments::Shape::of(1000)->stored);
  good.set_tags_hash(std::string(48, 't'));
  good.set_mime("text/plain");
  good.set_name("../../.bashrc");
  *content.add_attachments() = good;
  good.set_name("notes.txt");
  for (int i = 0; i < 2 * kMaxFilesOfMessage; ++i) *content.add_attachments() = good;
  forge(alice_, "bob", content);
  const auto message = bob_.newest("alice");
  EXPECT_EQ(message.body(), "odd");
  EXPECT_EQ(message.files_size(), kMaxFilesOfMessage - 1);
  EXPECT_EQ(message.files(0).name(), "notes.txt");
  EXPECT_TRUE(bob_.saw(v1::Problem::ATTACHMENT_REFUSED));
}

}  // namespace
}  // namespace sotto::client::testing
