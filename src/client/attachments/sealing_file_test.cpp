#include "client/attachments/sealing_file.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/mount.h>

#include <algorithm>

#include "bytes/hex.h"
#include "client/attachments/folder.h"
#include "crypto/random.h"
#include "paths/test_folder.h"

namespace sotto::client {
namespace {

using attachments::Shape;

class SealingFileTest : public ::testing::Test {
 protected:
  Bytes some_octets(std::size_t length) {
    Bytes out(length);
    random.fill(out);
    return out;
  }
  [[nodiscard]] std::filesystem::path stored() const {
    return profile / "attachments" / to_hex(keys.file_id);
  }
  [[nodiscard]] bool is_empty() const { return std::filesystem::is_empty(profile / "attachments"); }
  /// What docs/specs/session-protocol.md 10 makes of a file whose length is known: chunks, then tags.
  Bytes as_specified(const Bytes& file) {
    const Shape shape = Shape::of(file.size()).value();
    Bytes padded = file;
    padded.resize(shape.padded);
    Bytes tags;
    for (std::uint64_t i = 0; i < shape.chunks; ++i) {
      const auto chunk = MutableByteView(padded).subspan(Shape::chunk_begin(i), shape.chunk_octets(i));
      const auto tag = attachments::seal_chunk(keys, shape, i, chunk);
      tags.insert(tags.end(), tag.begin(), tag.end());
    }
    expected_hash = attachments::hash_tags(tags);
    padded.insert(padded.end(), tags.begin(), tags.end());
    return padded;
  }

  paths::TestFolder profile;
  crypto::DeterministicRandom random{43};
  attachments::FileKeys keys = attachments::FileKeys::generate(random);
  AttachmentFolder folder{profile.path()};
  attachments::TagsHash expected_hash{};
};

TEST_F(SealingFileTest, OctetsInAnyPiecesAreStoredAsIfTheirNumberHadBeenKnown) {
  for (const std::size_t length : {0U, 1U, 65'535U, 65'536U, 65'537U, 131'072U, 200'000U, 1'048'577U}) {
    for (const std::size_t piece : {std::size_t{997}, std::size_t{65'536}, std::size_t{300'000}}) {
      for (const bool announced : {false, true}) {
        keys = attachments::FileKeys::generate(random);
        const Bytes octets = some_octets(length);
        auto file = folder.begin(keys, announced ? std::optional<std::uint64_t>(length) : std::nullopt);
        ASSERT_TRUE(file) << describe(file.error());
        for (std::size_t at = 0; at < length; at += piece) {
          ASSERT_TRUE(file->append(ByteView(octets).subspan(at, std::min(piece, length - at))));
        }
        const auto sealed = file->finish();
        ASSERT_TRUE(sealed) << describe(sealed.error());
        EXPECT_EQ(sealed->shape, Shape::of(length).value());
        EXPECT_TRUE(paths::read_all(stored()) == as_chars(as_specified(octets))) << length << " in " << piece;
        EXPECT_EQ(sealed->tags_hash, expected_hash);
      }
    }
  }
}

TEST_F(SealingFileTest, WhatIsNotFinishedIsErased) {
  {
    auto file = folder.begin(keys, std::nullopt).value();
    ASSERT_TRUE(file.append(some_octets(200'000)));
    SealingFile moved = std::move(file);
    EXPECT_TRUE(std::filesystem::exists(stored()));
  }
  EXPECT_TRUE(is_empty());
}

TEST_F(SealingFileTest, FewerOctetsThanWereAnnouncedLeaveNoRoomTaken) {
  auto file = folder.begin(keys, 10'000'000).value();
  ASSERT_TRUE(file.append(some_octets(100)));
  const auto sealed = file.finish().value();
  EXPECT_EQ(std::filesystem::file_size(stored()), sealed.shape.stored);
}

TEST_F(SealingFileTest, AFileThatIsThereIsNeitherReplacedNorErased) {
  auto file = folder.begin(keys, std::nullopt).value();
  EXPECT_EQ(folder.begin(keys, std::nullopt).error(), FileError::unwritable);
  EXPECT_TRUE(std::filesystem::exists(stored()));
  EXPECT_TRUE(file.finish());
}

TEST_F(SealingFileTest, MoreThanAFileMayHaveIsRefused) {
  EXPECT_EQ(folder.begin(keys, attachments::kMaxFileOctets + 1).error(), FileError::too_large);
  const std::size_t length = attachments::kMaxFileOctets + 1;
  void* const nothing =
      ::mmap(nullptr, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (nothing == MAP_FAILED) GTEST_SKIP() << "needs addresses for 8 GiB that are never touched";
  auto file = folder.begin(keys, std::nullopt).value();
  EXPECT_EQ(file.append(ByteView(static_cast<const std::uint8_t*>(nothing), length)).error(),
            FileError::too_large);
  ::munmap(nothing, length);
}

TEST_F(SealingFileTest, AFullDiskIsSaidAndNothingIsLeftOnIt) {
  const auto attachments = profile / "attachments";
  std::filesystem::create_directory(attachments);
  if (::mount("tmpfs", attachments.c_str(), "tmpfs", 0, "size=512k") != 0) {
    GTEST_SKIP() << "needs the right to mount a tmpfs";
  }
  EXPECT_EQ(folder.begin(keys, 1U << 20U).error(), FileError::disk_full) << "before anything was written";
  EXPECT_TRUE(is_empty());
  {
    auto file = folder.begin(keys, std::nullopt).value();
    EXPECT_EQ(file.append(some_octets(1U << 20U)).error(), FileError::disk_full);
  }
  EXPECT_TRUE(is_empty());
  auto small = folder.begin(keys, std::nullopt).value();
  EXPECT_TRUE(small.append(some_octets(1000)));
  EXPECT_TRUE(small.finish()) << "there is room again";
  ::umount(attachments.c_str());
}

}  // namespace
}  // namespace sotto::client
