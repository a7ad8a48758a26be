#include "client/store/profile_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>

#include "client/store/schema.h"
#include "client/store/test_folder.h"

namespace sotto::client::store {
namespace {

constexpr crypto::Argon2Parameters kCheap = {.memory_kib = 64, .iterations = 1, .lanes = 1};

crypto::SecretBytes phrase(std::string_view text) { return crypto::SecretBytes::copy_of(as_bytes(text)); }

class ProfileFolderTest : public ::testing::Test {
 protected:
  [[nodiscard]] StoreResult<std::unique_ptr<Database>> create() {
    return profile_.create(phrase("right"), kCheap, random_);
  }
  [[nodiscard]] StoreError open_error(std::string_view passphrase = "right") {
    auto opened = profile_.open(phrase(passphrase));
    EXPECT_FALSE(opened);
    return opened ? StoreError::library_failure : opened.error();
  }

  TestFolder parent_;
  ProfileFolder profile_{parent_.path() / "nested" / "profile"};
  crypto::DeterministicRandom random_{7};
};

TEST_F(ProfileFolderTest, OpensWithItsPassphraseAfterCreation) {
  EXPECT_FALSE(profile_.exists());
  EXPECT_EQ(open_error(), StoreError::no_profile);
  ASSERT_TRUE(create());
  EXPECT_TRUE(profile_.exists());
  EXPECT_TRUE(profile_.open(phrase("right")));
  EXPECT_EQ(open_error("wrong"), StoreError::wrong_passphrase);
}

TEST_F(ProfileFolderTest, IsNeverCreatedOverAnotherProfile) {
  ASSERT_TRUE(create());
  const auto again = create();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), StoreError::profile_exists);
  EXPECT_TRUE(profile_.open(phrase("right")));
}

TEST_F(ProfileFolderTest, IsClosedToOtherUsers) {
  const auto database = create();
  ASSERT_TRUE(database);
  const auto lock = ConnectionLock::acquire(profile_);
  struct stat status{};
  ASSERT_EQ(::stat(profile_.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  for (const auto& entry : std::filesystem::directory_iterator(profile_.path())) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U) << entry.path();
  }
}

TEST_F(ProfileFolderTest, TellsDamageOfItsFilesApart) {
  {
    ASSERT_TRUE(create());
  }
  const auto key = profile_.path() / "key";
  const auto database = profile_.path() / "store.db";
  const std::string good_key = read_all(key);
  const std::string good_database = read_all(database);

  std::ofstream(key, std::ios::binary) << good_key.substr(0, 50);
  EXPECT_EQ(open_error(), StoreError::key_file_corrupt);
  std::ofstream(key, std::ios::binary) << good_key;

  std::ofstream(database, std::ios::binary) << std::string(good_database.size(), 'x');
  EXPECT_EQ(open_error(), StoreError::database_corrupt);
  std::filesystem::resize_file(database, 0);
  EXPECT_EQ(open_error(), StoreError::database_corrupt);
  EXPECT_EQ(std::filesystem::file_size(database), 0U);
  std::filesystem::remove(database);
  EXPECT_EQ(open_error(), StoreError::database_missing);
}

TEST_F(ProfileFolderTest, KeepsADatabaseWhoseKeyFileIsGone) {
  {
    ASSERT_TRUE(create());
  }
  const auto key = profile_.path() / "key";
  std::filesystem::rename(key, parent_.path() / "elsewhere");
  EXPECT_EQ(open_error(), StoreError::key_file_missing);
  const auto again = create();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), StoreError::profile_exists);
  std::filesystem::rename(parent_.path() / "elsewhere", key);
  EXPECT_TRUE(profile_.open(phrase("right")));
}

TEST_F(ProfileFolderTest, StartsOverAfterACreationThatNeverFinished) {
  {
    ASSERT_TRUE(create());
  }
  std::filesystem::rename(profile_.path() / "key", profile_.path() / "key.new");
  EXPECT_EQ(open_error(), StoreError::no_profile);
  EXPECT_TRUE(create());
  EXPECT_TRUE(profile_.open(phrase("right")));
}

TEST_F(ProfileFolderTest, ReportsAPlaceWhereNoFolderCanBe) {
  std::ofstream(parent_.path() / "file") << "x";
  const ProfileFolder inside_a_file(parent_.path() / "file" / "profile");
  const auto created = inside_a_file.create(phrase("p"), kCheap, random_);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error(), StoreError::not_permitted);
}

TEST_F(ProfileFolderTest, LetsOneHolderHaveTheConnectionLock) {
  ASSERT_TRUE(create());
  {
    const auto first = ConnectionLock::acquire(profile_);
    ASSERT_TRUE(first);
    const auto second = ConnectionLock::acquire(profile_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), StoreError::locked);
  }
  EXPECT_TRUE(ConnectionLock::acquire(profile_));
}

TEST_F(ProfileFolderTest, IsErasedWithItsKeyFirstAndNothingElse) {
  EXPECT_EQ(profile_.erase().error(), StoreError::no_profile);
  ASSERT_TRUE(create());
  {
    const auto lock = ConnectionLock::acquire(profile_);
    EXPECT_EQ(profile_.erase().error(), StoreError::locked);
    EXPECT_TRUE(profile_.open(phrase("right")));
  }
  std::ofstream(profile_.path() / "mine") << "kept";
  // Somebody still has the key file open: what it reads now is not the key.
  std::ifstream key(profile_.path() / "key", std::ios::binary);
  ASSERT_TRUE(profile_.erase());
  const std::string left{std::istreambuf_iterator<char>(key), {}};
  EXPECT_EQ(left, std::string(left.size(), '\0'));
  EXPECT_FALSE(left.empty());
  EXPECT_FALSE(profile_.exists());
  EXPECT_EQ(read_all(profile_.path() / "mine"), "kept");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(profile_.path()), {}), 1);
}

TEST(Schema, MigratesAnEmptyDatabaseOnceAndRefusesANewerOne) {
  auto database = Database::in_memory();
  ASSERT_TRUE(migrate(*database));
  ASSERT_TRUE(migrate(*database));
  Rows rows = database->query("SELECT count(*) FROM message");
  EXPECT_TRUE(rows.next());

  database->run_script("PRAGMA user_version = 1000");
  const auto refused = migrate(*database);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), StoreError::schema_newer);
}

TEST(StoreErrors, EachNamesItsOwnCauseAndNextStep) {
  std::set<std::string_view> texts;
  for (std::size_t i = 0; i < kStoreErrorCount; ++i) texts.insert(describe(static_cast<StoreError>(i)));
  EXPECT_EQ(texts.size(), kStoreErrorCount);
  EXPECT_FALSE(texts.contains("unknown store error"));
}

}  // namespace
}  // namespace sotto::client::store
