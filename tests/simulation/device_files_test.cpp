#include "device_files.h"

#include <gtest/gtest.h>

#include "sent_files.h"

namespace sotto::simulation {
namespace {

using client::FileError;

struct DeviceFilesTest : testing::Test {
  crypto::DeterministicRandom random{7};
  attachments::FileKeys keys = attachments::FileKeys::generate(random);
  DeviceFiles files;
};

TEST_F(DeviceFilesTest, OpenWhatWasSealedAndNothingThatIsDifferent) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{200'000}}) {
    const auto one = attachments::FileKeys::generate(random);
    const Bytes octets = SentFiles::octets(3, size);
    const auto sealed = files.seal(one, octets);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(files.open(one, sealed->shape, sealed->tags_hash), octets);
    const auto& stored = files.contents().at(one.file_id);
    EXPECT_EQ(stored.size(), sealed->shape.stored);
    EXPECT_FALSE(SentFiles::shows(as_chars(stored)));
    ASSERT_TRUE(files.write(one.file_id, stored.size() - 1, Bytes(1, stored.back() ^ 1U)));
    EXPECT_EQ(files.open(one, sealed->shape, sealed->tags_hash).error(), FileError::damaged);
    EXPECT_EQ(files.open(keys, sealed->shape, sealed->tags_hash).error(), FileError::unreadable);
  }
  EXPECT_TRUE(SentFiles::shows(as_chars(SentFiles::octets(1, 100))));
  EXPECT_NE(SentFiles::octets(1, 100), SentFiles::octets(2, 100));
}

TEST_F(DeviceFilesTest, TakeNothingWhileTheDiskIsFullOrBroken) {
  files.set_fault(DiskFault::full);
  EXPECT_EQ(files.write(keys.file_id, 0, Bytes(3, 1)).error(), FileError::disk_full);
  files.set_fault(DiskFault::read_only);
  EXPECT_EQ(files.seal(keys, Bytes(3, 1)).error(), FileError::unwritable);
  EXPECT_TRUE(files.contents().empty());
  EXPECT_EQ(files.writes(), 0U);
}

TEST_F(DeviceFilesTest, KeepThePartOfAWriteThatWasThereWhenTheProcessDied) {
  ASSERT_TRUE(files.write(keys.file_id, 0, Bytes(4, 1)));
  ASSERT_TRUE(files.write(keys.file_id, 2, Bytes(4, 2)));
  EXPECT_EQ(files.last_write(), 4U);
  files.tear_last_write(1);
  EXPECT_EQ(files.contents().at(keys.file_id), (Bytes{1, 1, 2, 1}));
  files.tear_last_write(0);
  EXPECT_EQ(files.contents().at(keys.file_id), (Bytes{1, 1, 2, 1})) << "only the last";
  EXPECT_EQ(files.read(keys.file_id, 3, 2).error(), FileError::damaged);
}

}  // namespace
}  // namespace sotto::simulation
