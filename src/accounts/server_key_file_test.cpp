#include "accounts/server_key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace sotto::accounts {
namespace {

class ServerKeyFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "sotto-key-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
    path = folder / "server.key";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  AccountsError error() {
    const auto loaded = ServerKeyFile::load_or_create(path, random);
    EXPECT_FALSE(loaded);
    if (loaded) return AccountsError::corrupt;
    EXPECT_NE(loaded.error().message.find(folder.string()), std::string::npos);
    return loaded.error().error;
  }

  crypto::DeterministicRandom random{1};
  std::filesystem::path folder;
  std::filesystem::path path;
};

TEST_F(ServerKeyFileTest, IsMadeOnceAndReadEverAfter) {
  const auto made = ServerKeyFile::load_or_create(path, random);
  ASSERT_TRUE(made) << made.error().message;
  const auto read = ServerKeyFile::load_or_create(path, random);
  ASSERT_TRUE(read);
  EXPECT_EQ(made->public_key(), read->public_key());
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto entries = std::distance(std::filesystem::directory_iterator(folder), {});
  EXPECT_EQ(entries, 1);
}

TEST_F(ServerKeyFileTest, RefusesAFileThatOthersMayRead) {
  ASSERT_TRUE(ServerKeyFile::load_or_create(path, random));
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  EXPECT_EQ(error(), AccountsError::file_not_private);
}

TEST_F(ServerKeyFileTest, RefusesDamageInsteadOfMakingANewKey) {
  ASSERT_TRUE(ServerKeyFile::load_or_create(path, random));
  for (const std::uintmax_t size : {std::uintmax_t{0}, std::uintmax_t{64}, std::uintmax_t{66}}) {
    std::filesystem::resize_file(path, size);
    EXPECT_EQ(error(), AccountsError::file_damaged) << size;
  }
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  ASSERT_EQ(::chmod(path.c_str(), 0700), 0);
  EXPECT_EQ(error(), AccountsError::file_damaged);
}

TEST_F(ServerKeyFileTest, KeepsTheKeyOfTheLogInTheSameWay) {
  const auto made = ServerKeyFile::load_or_create_vrf(path, random);
  ASSERT_TRUE(made) << made.error().message;
  const auto read = ServerKeyFile::load_or_create_vrf(path, random);
  ASSERT_TRUE(read);
  EXPECT_EQ(made->public_key(), read->public_key());
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(error(), AccountsError::file_damaged) << "one key is not the other";
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  EXPECT_EQ(ServerKeyFile::load_or_create_vrf(path, random).error().error, AccountsError::file_not_private);
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  for (const std::uintmax_t size : {std::uintmax_t{0}, std::uintmax_t{32}, std::uintmax_t{34}}) {
    std::filesystem::resize_file(path, size);
    EXPECT_EQ(ServerKeyFile::load_or_create_vrf(path, random).error().error, AccountsError::file_damaged);
  }
  std::ofstream(path, std::ios::binary) << '\5' << std::string(32, '\0');  // a scalar that is none
  EXPECT_EQ(ServerKeyFile::load_or_create_vrf(path, random).error().error, AccountsError::file_damaged);
}

TEST_F(ServerKeyFileTest, DoesNotFollowALink) {
  ASSERT_TRUE(ServerKeyFile::load_or_create(folder / "other", random));
  std::filesystem::create_symlink(folder / "other", path);
  EXPECT_EQ(error(), AccountsError::file_unreadable);
}

TEST_F(ServerKeyFileTest, SaysSoWhenItCannotBeMade) {
  path = folder / "missing" / "server.key";
  EXPECT_EQ(error(), AccountsError::file_unwritable);
}

}  // namespace
}  // namespace sotto::accounts
