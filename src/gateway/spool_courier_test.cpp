#include "gateway/spool_courier.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "paths/test_folder.h"

namespace sotto::gateway {
namespace {

class SpoolCourierTest : public ::testing::Test {
 protected:
  std::string read(const std::string& name) const { return paths::read_all(folder / name); }

  paths::TestFolder temporary;
  const std::filesystem::path& folder = temporary.path();
  log::NullLogger logger;
  Notice notice{.to = "+46701234567", .subject = "", .text = "123456 is your code.\n"};
};

TEST_F(SpoolCourierTest, WritesOneFileForEachNoticeThatOnlyTheOwnerReads) {
  SpoolCourier courier(folder, logger);
  EXPECT_TRUE(courier.send(notice));
  EXPECT_TRUE(courier.send({.to = "bob@example.org", .subject = "Hello", .text = "Text\n"}));
  EXPECT_EQ(read("1.notice"), "To: +46701234567\n\n123456 is your code.\n");
  EXPECT_EQ(read("2.notice"), "To: bob@example.org\nSubject: Hello\n\nText\n");
  struct stat status{};
  ASSERT_EQ(::stat((folder / "1.notice").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 2) << "unfinished files are left";
}

TEST_F(SpoolCourierTest, GoesOnCountingAfterARestartAndLeavesForeignFilesAlone) {
  std::ofstream(folder / "7.notice") << "old";
  std::ofstream(folder / "99.txt") << "foreign";
  std::ofstream(folder / "x9.notice") << "foreign";
  SpoolCourier courier(folder, logger);
  EXPECT_TRUE(courier.send(notice));
  EXPECT_EQ(read("8.notice").substr(0, 3), "To:");
  EXPECT_EQ(read("7.notice"), "old");
}

TEST_F(SpoolCourierTest, StopsWhenNobodyPicksUpAndWhenTheFolderIsGone) {
  SpoolCourier courier(folder, logger);
  for (std::size_t i = 0; i < SpoolCourier::kMaxWaiting; ++i) ASSERT_TRUE(courier.send(notice));
  EXPECT_FALSE(courier.send(notice));
  std::filesystem::remove(folder / "1.notice");
  EXPECT_TRUE(courier.send(notice));
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(courier.send(notice));
}

}  // namespace
}  // namespace sotto::gateway
