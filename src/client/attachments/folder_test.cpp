#include "client/attachments/folder.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "bytes/hex.h"
#include "crypto/random.h"
#include "paths/test_folder.h"

namespace sotto::client {
namespace {

class FolderTest : public ::testing::Test {
 protected:
  Bytes some_octets(std::size_t length) {
    Bytes out(length);
    random.fill(out);
    return out;
  }
  std::filesystem::path put(const std::string& name, ByteView octets) {
    std::ofstream(profile / name, std::ios::binary) << as_chars(octets);
    return profile / name;
  }
  FileResult<AttachmentFolder::Sealed> seal(const std::filesystem::path& path) {
    auto source = SourceFile::open(path);
    if (!source) return err(source.error());
    return folder.seal(keys, source->size(), [&](MutableByteView out) { return source->read(out); });
  }
  FileResult<void> open(const AttachmentFolder::Sealed& sealed, const std::string& name) {
    return folder.open(keys, sealed.shape, sealed.tags_hash, profile / name);
  }
  std::filesystem::path stored() const { return profile / "attachments" / to_hex(keys.file_id); }

  paths::TestFolder profile;
  crypto::DeterministicRandom random{41};
  attachments::FileKeys keys = attachments::FileKeys::generate(random);
  AttachmentFolder folder{profile.path()};
};

TEST_F(FolderTest, FilesLieEncryptedAndComeBack) {
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{200'000}}) {
    keys = attachments::FileKeys::generate(random);
    const Bytes octets = some_octets(length);
    const auto sealed = seal(put("in", octets));
    ASSERT_TRUE(sealed) << describe(sealed.error());
    EXPECT_EQ(std::filesystem::file_size(stored()), sealed->shape.stored);
    struct stat about{};
    ASSERT_EQ(::stat(stored().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    if (length > 1000)
      EXPECT_EQ(paths::read_all(stored()).find(as_chars(ByteView(octets).first(32))), std::string::npos);
    ASSERT_TRUE(open(*sealed, "out" + std::to_string(length)));
    EXPECT_EQ(paths::read_all(profile / ("out" + std::to_string(length))), as_chars(octets));
  }
}

TEST_F(FolderTest, AFullDiskIsSaid) {
  const auto source = put("in", some_octets(2U << 20U));
  const auto attachments = profile / "attachments";
  std::filesystem::create_directory(attachments);
  if (::mount("tmpfs", attachments.c_str(), "tmpfs", 0, "size=512k") != 0) {
    GTEST_SKIP() << "needs the right to mount a tmpfs";
  }
  EXPECT_EQ(seal(source).error(), FileError::disk_full);
  EXPECT_EQ(folder.write(keys.file_id, 1U << 20U, some_octets(1U << 20U)).error(), FileError::disk_full);
  ::umount(attachments.c_str());
}

TEST_F(FolderTest, PartsAreWrittenAndReadWhereTheyBelong) {
  const Bytes octets = some_octets(100);
  ASSERT_TRUE(folder.write(keys.file_id, 1000, octets));
  EXPECT_EQ(folder.read(keys.file_id, 1000, 100), octets);
  EXPECT_EQ(folder.read(keys.file_id, 0, 10), Bytes(10, 0));
  EXPECT_EQ(folder.read(keys.file_id, 1000, 101).error(), FileError::damaged);
  EXPECT_EQ(folder.read(random.array<32>(), 0, 1).error(), FileError::unreadable);
}

TEST_F(FolderTest, DamageIsNoticedAndNothingAppears) {
  const auto sealed = seal(put("in", some_octets(200'000))).value();
  ASSERT_TRUE(folder.write(keys.file_id, 70'000, Bytes(1, 0x55)));
  EXPECT_EQ(open(sealed, "out").error(), FileError::damaged);
  EXPECT_FALSE(std::filesystem::exists(profile / "out"));
  EXPECT_FALSE(std::filesystem::exists(profile / "out.part"));
  std::filesystem::resize_file(stored(), 100);
  EXPECT_EQ(open(sealed, "out").error(), FileError::damaged);
}

TEST_F(FolderTest, NothingIsReplaced) {
  const auto sealed = seal(put("in", some_octets(10))).value();
  put("out", as_bytes("mine"));
  EXPECT_EQ(open(sealed, "out").error(), FileError::exists);
  EXPECT_EQ(paths::read_all(profile / "out"), "mine");
  EXPECT_EQ(open(sealed, "no/such/folder").error(), FileError::unwritable);
}

TEST_F(FolderTest, SourcesThatAreNoneAreRefused) {
  EXPECT_EQ(seal(profile / "none").error(), FileError::unreadable);
  EXPECT_EQ(seal(profile.path()).error(), FileError::unreadable);
  const auto huge = put("huge", {});
  std::filesystem::resize_file(huge, attachments::kMaxFileOctets + 1);
  EXPECT_EQ(seal(huge).error(), FileError::too_large);
}

TEST_F(FolderTest, AFileThatChangesWhileItIsReadIsNotSent) {
  auto source = SourceFile::open(put("in", some_octets(1000))).value();
  const auto read = [&](MutableByteView out) { return source.read(out); };
  EXPECT_EQ(folder.seal(keys, 1001, read).error(), FileError::changed);
  keys = attachments::FileKeys::generate(random);
  ASSERT_TRUE(source.rewind());
  EXPECT_EQ(folder.seal(keys, 999, read).error(), FileError::changed);
  EXPECT_EQ(source.read_all().value().size(), 1000u);
}

TEST_F(FolderTest, WhatNobodyNeedsGoesAfterADay) {
  ASSERT_TRUE(folder.write(keys.file_id, 0, Bytes(1, 1)));
  const auto other = random.array<32>();
  ASSERT_TRUE(folder.write(other, 0, Bytes(1, 1)));
  put("attachments/notes", as_bytes("not ours"));
  const auto needed = [&](const attachments::FileId& file) { return file == other; };
  folder.sweep(needed);
  EXPECT_TRUE(folder.read(keys.file_id, 0, 1)) << "it may be in the making";
  for (const auto& entry : std::filesystem::directory_iterator(profile / "attachments")) {
    std::filesystem::last_write_time(entry.path(),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(25));
  }
  folder.sweep(needed);
  EXPECT_FALSE(folder.read(keys.file_id, 0, 1));
  EXPECT_TRUE(folder.read(other, 0, 1));
  EXPECT_TRUE(std::filesystem::exists(profile / "attachments" / "notes"));
}

}  // namespace
}  // namespace sotto::client
