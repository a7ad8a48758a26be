// OctetMover between cores and a server of blobs in memory that does what a test wants.
#include "client/attachments/octet_mover.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "client/attachments/transfers.h"
#include "client/test_content.h"

namespace sotto::client::testing {
namespace {

/// The folder, in memory.
class MemoryOctets final : public StoredOctets {
 public:
  FileResult<Bytes> read(const attachments::FileId& file, std::uint64_t offset,
                         std::size_t length) const override {
    const auto found = files.find(file);
    if (found == files.end()) return err(FileError::unreadable);
    if (offset + length > found->second.size()) return err(FileError::damaged);
    return to_bytes(ByteView(found->second).subspan(offset, length));
  }
  FileResult<void> write(const attachments::FileId& file, std::uint64_t offset, ByteView octets) override {
    if (full) return err(FileError::disk_full);
    Bytes& content = files[file];
    content.resize(std::max<std::size_t>(content.size(), offset + octets.size()));
    std::ranges::copy(octets, content.begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
  }

  std::map<attachments::FileId, Bytes> files;
  bool full = false;
};

constexpr std::size_t kPart = std::size_t{256} << 10;

class OctetMoverTest : public ContentTest {
 protected:
  OctetMoverTest() {
    server_.tamper = [this](const v1::ClientFrame& request, v1::ServerFrame& answer) {
      if (answer.has_welcome()) answer.mutable_welcome()->mutable_limits()->set_max_blob_bytes(1U << 30U);
      if (!request.has_create_blob()) return;
      answer.clear_body();
      answer.mutable_blob_created()->set_capability(std::string(32, static_cast<char>('a' + ++blobs_)));
      answer.mutable_blob_created()->set_upload_token(std::string(32, 't'));
    };
  }
  /// A message of Alice to Bob with a file of these octets, in her folder and not yet on its way.
  std::string send_file(const Bytes& octets) {
    auto keys = attachments::FileKeys::generate(random_);
    const auto shape = attachments::Shape::of(octets.size()).value();
    Bytes stored(shape.stored);
    std::ranges::copy(octets, stored.begin());
    Bytes tags;
    for (std::uint64_t i = 0; i < shape.chunks; ++i) {
      const auto tag = attachments::seal_chunk(
          keys, shape, i,
          MutableByteView(stored).subspan(attachments::Shape::chunk_begin(i), shape.chunk_octets(i)));
      tags.insert(tags.end(), tag.begin(), tag.end());
    }
    std::ranges::copy(tags, stored.begin() + static_cast<std::ptrdiff_t>(shape.tags_begin()));
    hers_.files[keys.file_id] = stored;
    std::vector<NewFile> files;
    files.push_back({.keys = std::move(keys),
                     .shape = shape,
                     .tags_hash = attachments::hash_tags(tags),
                     .mime = "application/octet-stream",
                     .name = "a.bin",
                     .thumbnail = {}});
    v1::Content content;
    content.mutable_text()->set_body("look");
    const auto id = act(alice_, [&](Work& work) {
      return send_files(work, "bob", content, {.reply_to = {}, .lifetime = {}, .with_files = true}, files);
    });
    return to_hex(*id);
  }
  void tell(TestClient& client, const OctetMover::Input& input) {
    if (!input) return;
    act(client, [&](Work& work) {
      input(work);
      return true;
    });
  }
  static std::string field(const BlobAsk& request, std::string_view name) {
    for (const auto& [known, value] : request.fields) {
      if (known == name) return value;
    }
    return {};
  }
  /// As the server answers by docs/specs/blobs.md, for one blob.
  BlobAnswer serve(const BlobAsk& request) {
    std::uint64_t begin = 0;
    std::uint64_t last = 0;
    const std::string place = field(request, request.method == "PUT" ? "Content-Range" : "Range");
    EXPECT_EQ(std::sscanf(place.c_str(), "bytes%*1[ =]%lu-%lu", &begin, &last), 2) << place;
    Bytes& blob = stored_[request.target];
    if (request.method == "GET") {
      return {.status = 206,
              .upload_offset = 0,
              .retry_after = {},
              .body = to_bytes(ByteView(blob).subspan(begin, last + 1 - begin))};
    }
    EXPECT_EQ(field(request, "Authorization").size(), std::string("Sotto-Upload ").size() + 64);
    if (begin != blob.size())
      return {.status = 409, .upload_offset = blob.size(), .retry_after = {}, .body = {}};
    EXPECT_EQ(last + 1 - begin, request.body.size());
    const auto octets = as_bytes(std::string_view(request.body));
    blob.insert(blob.end(), octets.begin(), octets.end());
    return {.status = 204, .upload_offset = blob.size(), .retry_after = {}, .body = {}};
  }
  /// Everything there is to move; how many requests that took.
  int run(TestClient& client, OctetMover& mover) {
    for (int requests = 0;;) {
      auto step = mover.next(now_);
      tell(client, step.tell);
      if (!step.ask && !step.tell) return requests;
      if (!step.ask) continue;
      ++requests;
      const BlobAnswer answer = serve(*step.ask);
      tell(client, mover.answered(&answer, now_));
    }
  }
  /// The next request is answered like this.
  void answer_next(TestClient& client, OctetMover& mover, const BlobAnswer* answer) {
    const auto step = mover.next(now_);
    ASSERT_TRUE(step.ask);
    EXPECT_TRUE(mover.asking());
    tell(client, mover.answered(answer, now_));
    EXPECT_FALSE(mover.asking());
  }
  void answer_next(TestClient& client, OctetMover& mover, unsigned status, DurationMs retry_after = {}) {
    const BlobAnswer answer{.status = status, .upload_offset = 0, .retry_after = retry_after, .body = {}};
    answer_next(client, mover, &answer);
  }
  v1::AttachedFile at_bob(const std::string& id) { return at(bob_, "alice", id).files(0); }

  Bytes some(std::size_t size) {
    Bytes out(size);
    random_.fill(out);
    return out;
  }

  crypto::DeterministicRandom random_{77};
  MemoryOctets hers_;
  MemoryOctets his_;
  OctetMover up_{*alice_.database, hers_, kPart};
  OctetMover down_{*bob_.database, his_, kPart};
  std::map<std::string, Bytes> stored_;  ///< at the server
  char blobs_ = 0;
};

TEST_F(OctetMoverTest, MovesAFileInPartsThatTheServerTakes) {
  begin();
  const auto id = send_file(some(600'000));
  EXPECT_EQ(run(alice_, up_), 3);
  EXPECT_EQ(stored_.begin()->second, hers_.files.begin()->second);
  EXPECT_EQ(run(bob_, down_), 4) << "the list of tags, and three parts";
  EXPECT_EQ(at_bob(id).state(), v1::AttachedFile::HERE);
  EXPECT_EQ(his_.files, hers_.files);
}

TEST_F(OctetMoverTest, AnEmptyFileHasNothingButItsTag) {
  begin();
  const auto id = send_file({});
  EXPECT_EQ(run(alice_, up_), 1);
  EXPECT_EQ(run(bob_, down_), 1);
  EXPECT_EQ(at_bob(id).state(), v1::AttachedFile::HERE);
}

TEST_F(OctetMoverTest, GoesOnWhereTheServerIs) {
  begin();
  const auto id = send_file(some(600'000));
  const auto lost = up_.next(now_);
  ASSERT_TRUE(lost.ask);
  serve(*lost.ask);  // the answer is lost
  tell(alice_, up_.answered(nullptr, now_));
  EXPECT_FALSE(up_.next(now_).ask) << "not at once";
  pass(minutes(1));
  EXPECT_EQ(run(alice_, up_), 3) << "the first one asks in vain, and learns what is there";
  EXPECT_EQ(run(bob_, down_), 4);
  EXPECT_EQ(at_bob(id).state(), v1::AttachedFile::HERE);
}

TEST_F(OctetMoverTest, AnotherProcessGoesOnWithWhatIsOnTheDisk) {
  begin();
  const auto id = send_file(some(600'000));
  run(alice_, up_);
  for (int i = 0; i < 2; ++i) {
    const auto step = down_.next(now_);
    const BlobAnswer answer = serve(*step.ask);
    tell(bob_, down_.answered(&answer, now_));
  }
  bob_.restart();
  connect(bob_);
  settle();
  OctetMover again(*bob_.database, his_, kPart);
  EXPECT_EQ(run(bob_, again), 2);
  EXPECT_EQ(at_bob(id).state(), v1::AttachedFile::HERE);
}

TEST_F(OctetMoverTest, WaitsLongerWithEveryFailureButNotByAClockThatWasSetBack) {
  begin();
  send_file(some(1000));
  for (const DurationMs pause : {seconds(1), seconds(2), seconds(4)}) {
    answer_next(alice_, up_, nullptr);
    EXPECT_EQ(up_.paused_until(), now_ + pause);
    EXPECT_FALSE(up_.next(now_).ask);
    now_ = *up_.paused_until();
  }
  for (const unsigned status : {429U, 500U, 503U, 507U}) {
    answer_next(alice_, up_, status, minutes(10));
    EXPECT_EQ(up_.paused_until(), now_ + minutes(10)) << status;
    now_ = *up_.paused_until();
  }
  answer_next(alice_, up_, 503, days(3000));
  EXPECT_EQ(up_.paused_until(), now_ + hours(1)) << "nobody is made to wait for ever";
  now_ = UnixMs{now_.value - days(1).value};
  EXPECT_TRUE(up_.next(now_).ask);
}

TEST_F(OctetMoverTest, WhatIsNotThereAnyMoreIsUploadedAnewAndNotDownloaded) {
  begin();
  const auto id = send_file(some(1000));
  answer_next(alice_, up_, 404);
  pass(minutes(1));
  EXPECT_EQ(blobs_, 2);
  run(alice_, up_);
  answer_next(bob_, down_, 404);
  EXPECT_EQ(at_bob(id).state(), v1::AttachedFile::FAILED);
  EXPECT_EQ(at_bob(id).failure(), "the server has it no more");
}

TEST_F(OctetMoverTest, TakesNothingButWhatWasAskedForAndSent) {
  begin();
  const auto refused = [&](const BlobAnswer& answer) {
    const auto id = send_file(some(1000));
    run(alice_, up_);
    answer_next(bob_, down_, &answer);
    EXPECT_EQ(at_bob(id).state(), v1::AttachedFile::FAILED);
    return at_bob(id).failure();
  };
  const auto with = [](unsigned status, Bytes body) {
    return BlobAnswer{.status = status, .upload_offset = 0, .retry_after = {}, .body = std::move(body)};
  };
  EXPECT_EQ(refused(with(206, Bytes(32, 0))), "it is not the file that was sent");
  EXPECT_EQ(refused(with(206, {})), "it is not the file that was sent");
  EXPECT_EQ(refused(with(200, Bytes(5000, 0))), "the server's answer is not the part that was asked for");
  EXPECT_EQ(refused(with(416, {})), "the server refused it (HTTP status 416)");
  EXPECT_TRUE(his_.files.empty());
}

TEST_F(OctetMoverTest, AnAlteredPartIsNotKept) {
  begin();
  const auto id = send_file(some(100'000));
  run(alice_, up_);
  auto step = down_.next(now_);
  BlobAnswer answer = serve(*step.ask);
  tell(bob_, down_.answered(&answer, now_));
  const auto kept = his_.files;
  step = down_.next(now_);
  answer = serve(*step.ask);
  answer.body[70'000] ^= 1;
  tell(bob_, down_.answered(&answer, now_));
  EXPECT_EQ(at_bob(id).failure(), "it is not the file that was sent");
  EXPECT_EQ(his_.files, kept);
  act(bob_, [&](Work& work) { return want_file(work, message_files(work, "alice", id)->front()); });
  run(bob_, down_);
  EXPECT_EQ(at_bob(id).state(), v1::AttachedFile::HERE);
}

TEST_F(OctetMoverTest, AFullDiskIsTriedAgain) {
  begin();
  const auto id = send_file(some(100'000));
  run(alice_, up_);
  his_.full = true;
  EXPECT_EQ(run(bob_, down_), 1);
  EXPECT_EQ(at_bob(id).state(), v1::AttachedFile::DOWNLOADING);
  his_.full = false;
  now_ = now_ + minutes(2);
  run(bob_, down_);
  EXPECT_EQ(at_bob(id).state(), v1::AttachedFile::HERE);
}

TEST_F(OctetMoverTest, AFileThatIsGoneFromTheFolderFailsItsMessage) {
  begin();
  const auto id = send_file(some(1000));
  hers_.files.clear();
  EXPECT_EQ(run(alice_, up_), 0);
  EXPECT_EQ(at(alice_, "bob", id).state(), v1::Message::FAILED);
}

}  // namespace
}  // namespace sotto::client::testing
