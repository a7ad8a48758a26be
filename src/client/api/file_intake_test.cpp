#include "client/api/file_intake.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>
#include <fstream>

#include "paths/test_folder.h"
#include "picture_metadata/picture_metadata.h"

namespace sotto::client::api {
namespace {

constexpr std::string_view kWhere = "59.3293N 18.0686E";

void put(Bytes& out, std::uint8_t marker, ByteView payload) {
  out.insert(out.end(), {0xff, marker, 0, static_cast<std::uint8_t>(payload.size() + 2)});
  out.insert(out.end(), payload.begin(), payload.end());
}

/// A JPEG, with a remark if one is given.
Bytes picture(std::string_view remark) {
  Bytes out{0xff, 0xd8};
  if (!remark.empty()) put(out, 0xfe, as_bytes(remark));
  put(out, 0xdb, Bytes(65, 1));
  put(out, 0xc2, Bytes(15, 2));
  put(out, 0xc4, Bytes(20, 3));
  put(out, 0xda, Bytes(10, 4));
  out.insert(out.end(), {0x12, 0xff, 0xd9});
  return out;
}

class FileIntakeTest : public ::testing::Test {
 protected:
  FileIntake begin(IncomingFile file) {
    file.about = "what was uploaded";
    auto intake = FileIntake::begin(sealing, std::move(file));
    EXPECT_TRUE(intake);
    return *std::move(intake);
  }
  /// All of it, in pieces of so many octets.
  IntakeResult<NewFile> take(FileIntake intake, ByteView octets, std::size_t piece) {
    while (!octets.empty()) {
      const ByteView part = octets.first(std::min(piece, octets.size()));
      SOTTO_CHECK_OK(intake.take(part));
      octets = octets.subspan(part.size());
    }
    return intake.finish();
  }
  Bytes content(const NewFile& file) {
    return folder.open_beginning(file.keys, file.shape, file.tags_hash, file.shape.file).value();
  }
  [[nodiscard]] std::ptrdiff_t stored() const {
    if (!std::filesystem::exists(profile / "attachments")) return 0;
    return std::distance(std::filesystem::directory_iterator(profile / "attachments"), {});
  }

  paths::TestFolder profile;
  crypto::DeterministicRandom random{44};
  AttachmentFolder folder{profile.path()};
  std::vector<Bytes> shown;  ///< what thumbnails were made of
  Sealing sealing{.random = random, .folder = folder, .thumbnail = [this](ByteView picture) {
                    shown.push_back(to_bytes(picture));
                    return Bytes{1, 2, 3};
                  }};
};

TEST_F(FileIntakeTest, AFileComesInPiecesOrFromADiskAndIsTheSame) {
  Bytes octets(200'000);
  random.fill(octets);
  const auto first = take(begin({.name = "a.bin"}), octets, 1000).value();
  EXPECT_EQ(content(first), octets);
  EXPECT_EQ(first.name, "a.bin");
  EXPECT_EQ(first.mime, "application/octet-stream");
  std::ofstream(profile / "notes.txt", std::ios::binary) << as_chars(octets);
  const auto second = seal_path(sealing, profile / "notes.txt", {}, false).value();
  EXPECT_EQ(content(second), octets);
  EXPECT_EQ(second.name, "notes.txt");
  EXPECT_EQ(second.mime, "text/plain");
  EXPECT_EQ(content(take(begin({.name = "empty"}), {}, 1).value()), Bytes());
  EXPECT_EQ(stored(), 3);
  EXPECT_TRUE(shown.empty());
  EXPECT_EQ(seal_path(sealing, profile.path(), {}, false).error().code, ExitCode::failed);
}

TEST_F(FileIntakeTest, APictureLosesItsMetadataHoweverItIsCut) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    const auto file = take(begin({.name = "a.jpg"}), picture(kWhere), piece).value();
    EXPECT_EQ(content(file), picture({}));
    EXPECT_EQ(file.mime, "image/jpeg");
    EXPECT_EQ(file.thumbnail, (Bytes{1, 2, 3}));
    EXPECT_EQ(shown.back(), picture({}));
    folder.erase(file.keys.file_id);
    EXPECT_EQ(stored(), 0) << "the one with metadata is gone";
  }
}

TEST_F(FileIntakeTest, WhoWantsItsMetadataKeptSendsThePictureAsItIs) {
  const Bytes octets = picture(kWhere);
  const auto file = take(begin({.name = "a.jpg", .keep_metadata = true}), octets, 50).value();
  EXPECT_EQ(content(file), octets);
  EXPECT_EQ(shown.back(), octets);
  EXPECT_TRUE(take(begin({.name = "a.gif", .keep_metadata = true}), as_bytes("GIF89a..."), 50));
}

TEST_F(FileIntakeTest, APictureThatCannotLoseItsMetadataIsRefusedAsSoonAsThatIsKnown) {
  auto gif = begin({.name = "a.gif"});
  const auto refused = gif.take(as_bytes("GIF89a"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().failure.code, ExitCode::refused);
  EXPECT_TRUE(refused.error().failure.message.starts_with("what was uploaded: "));
  EXPECT_NE(refused.error().failure.message.find("--keep-metadata"), std::string::npos);
  EXPECT_FALSE(refused.error().cause);
  auto large = begin({.name = "a.jpg", .size = picture_metadata::kMaxPictureOctets + 1});
  EXPECT_EQ(large.take(picture({})).error().failure.code, ExitCode::refused);
  EXPECT_EQ(stored(), 0) << "nothing was begun";
  const auto broken = take(begin({.name = "a.jpg"}), ByteView(picture({})).first(40), 40);
  EXPECT_EQ(broken.error().failure.code, ExitCode::refused);
  EXPECT_EQ(stored(), 0);
}

TEST_F(FileIntakeTest, APictureThatTurnsOutTooLargeIsRefusedThen) {
  auto large = begin({.name = "a.jpg"});
  ASSERT_TRUE(large.take(picture({})));
  const Bytes more(std::size_t{1} << 20);
  IntakeResult<void> taken;
  std::size_t pieces = 0;
  for (; taken && pieces <= picture_metadata::kMaxPictureOctets / more.size(); ++pieces) {
    taken = large.take(more);
  }
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().failure.code, ExitCode::refused);
  EXPECT_EQ(pieces, picture_metadata::kMaxPictureOctets / more.size());
}

TEST_F(FileIntakeTest, ANameThatOthersCouldNotUseIsRefused) {
  for (const std::string name : {"", "../a", ".hidden", "a/b"}) {
    const auto intake = FileIntake::begin(sealing, {.name = name, .about = name});
    ASSERT_FALSE(intake) << name;
    EXPECT_EQ(intake.error().code, ExitCode::failed);
  }
}

TEST_F(FileIntakeTest, AFullDiskIsNamedWithWhatToDo) {
  const auto attachments = profile / "attachments";
  std::filesystem::create_directory(attachments);
  if (::mount("tmpfs", attachments.c_str(), "tmpfs", 0, "size=256k") != 0) {
    GTEST_SKIP() << "needs the right to mount a tmpfs";
  }
  const auto full = take(begin({.name = "a.bin"}), Bytes(1U << 20U), 10'000);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().cause, FileError::disk_full);
  EXPECT_EQ(full.error().failure.message,
            "what was uploaded: the disk is full; free some space and try again");
  EXPECT_EQ(stored(), 0);
  ::umount(attachments.c_str());
}

}  // namespace
}  // namespace sotto::client::api
