#include "client/store/database.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "client/store/test_folder.h"
#include "crypto/random.h"

namespace sotto::client::store {
namespace {

DatabaseKey key_number(std::uint8_t fill) { return DatabaseKey::copy_of(Bytes(32, fill)); }

TEST(Database, KeepsWhatWasCommittedAcrossReopening) {
  const TestFolder folder;
  {
    auto database = Database::open(folder.path() / "a.db", key_number(1), Access::create);
    ASSERT_TRUE(database);
    (*database)->run_script("CREATE TABLE t (a INTEGER, b TEXT, c BLOB)");
    (*database)->run("INSERT INTO t VALUES (?1, ?2, ?3)", 7, std::string_view("text"), Bytes{1, 2, 0, 3});
    ASSERT_FALSE((*database)->failure());
  }
  auto database = Database::open(folder.path() / "a.db", key_number(1), Access::read_write);
  ASSERT_TRUE(database);
  Rows rows = (*database)->query("SELECT a, b, c FROM t WHERE a = ?1", 7);
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), 7);
  EXPECT_EQ(rows.text(1), "text");
  EXPECT_EQ(rows.octets(2), (Bytes{1, 2, 0, 3}));
  EXPECT_FALSE(rows.next());
}

TEST(Database, IsUnreadableWithAnotherKey) {
  const TestFolder folder;
  {
    ASSERT_TRUE(Database::open(folder.path() / "a.db", key_number(1), Access::create));
  }
  const auto opened = Database::open(folder.path() / "a.db", key_number(2), Access::read_write);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error(), StoreError::database_corrupt);
}

TEST(Database, LeavesNoPlaintextOnDisk) {
  const TestFolder folder;
  auto database = Database::open(folder.path() / "a.db", key_number(1), Access::create);
  ASSERT_TRUE(database);
  (*database)->run_script("CREATE TABLE t (body TEXT)");
  (*database)->run("INSERT INTO t VALUES (?1)", std::string_view("the secret words"));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_EQ(read_all(entry.path()).find("secret words"), std::string::npos) << entry.path();
    EXPECT_EQ(read_all(entry.path()).find("CREATE TABLE"), std::string::npos) << entry.path();
  }
}

TEST(Database, ReportsAnAlteredPageAsCorrupt) {
  const TestFolder folder;
  const auto file = folder.path() / "a.db";
  {
    auto database = Database::open(file, key_number(1), Access::create);
    ASSERT_TRUE(database);
    (*database)->run_script("CREATE TABLE t (body TEXT)");
    (*database)->run("INSERT INTO t VALUES (?1)", std::string(20000, 'x'));
  }
  std::string content = read_all(file);
  ASSERT_GT(content.size(), 20000U);
  content[content.size() - 2000] = static_cast<char>(content[content.size() - 2000] ^ 1);
  std::ofstream(file, std::ios::binary) << content;
  auto database = Database::open(file, key_number(1), Access::read_write);
  ASSERT_TRUE(database);
  auto transaction = Transaction::begin(**database);
  ASSERT_TRUE(transaction);
  (*database)->run("SELECT sum(length(body)), max(body) FROM t");
  // SQLCipher hands out zeros for the page and fails everything after it: the commit at the latest.
  const auto committed = transaction->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error(), StoreError::database_corrupt);
}

TEST(Database, MakesFilesThatOnlyTheOwnerMayRead) {
  const TestFolder folder;
  auto database = Database::open(folder.path() / "a.db", key_number(1), Access::create);
  ASSERT_TRUE(database);
  (*database)->run_script("CREATE TABLE t (a)");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    struct stat status{};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 2U);
}

TEST(Database, TellsAMissingFileFromAnExistingOne) {
  const TestFolder folder;
  const auto missing = Database::open(folder.path() / "a.db", key_number(1), Access::read_write);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error(), StoreError::database_missing);
  ASSERT_TRUE(Database::open(folder.path() / "a.db", key_number(1), Access::create));
  const auto again = Database::open(folder.path() / "a.db", key_number(1), Access::create);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), StoreError::profile_exists);
}

TEST(Database, StaysFailedUntilTheTransactionEnds) {
  auto database = Database::in_memory();
  database->run_script("CREATE TABLE t (a INTEGER UNIQUE)");
  auto transaction = Transaction::begin(*database);
  ASSERT_TRUE(transaction);
  database->run("INSERT INTO t VALUES (?1)", 1);
  database->run("INSERT INTO t VALUES (?1)", 1);
  EXPECT_EQ(database->failure(), StoreError::constraint_failed);
  database->run("INSERT INTO t VALUES (?1)", 2);
  EXPECT_FALSE(database->query("SELECT a FROM t").next());
  const auto committed = transaction->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error(), StoreError::constraint_failed);
  EXPECT_FALSE(database->query("SELECT a FROM t").next());
  EXPECT_FALSE(database->failure());
}

TEST(Database, RollsBackATransactionThatDies) {
  auto database = Database::in_memory();
  database->run_script("CREATE TABLE t (a INTEGER)");
  {
    auto transaction = Transaction::begin(*database);
    ASSERT_TRUE(transaction);
    database->run("INSERT INTO t VALUES (?1)", 1);
  }
  EXPECT_FALSE(database->query("SELECT a FROM t").next());
}

TEST(Database, ReportsUnusableSqlAndWrongColumnSizes) {
  auto database = Database::in_memory();
  database->run("SELECT nothing FROM nowhere");
  EXPECT_EQ(database->take_failure(), StoreError::library_failure);
  Rows rows = database->query("SELECT x'0102'");
  ASSERT_TRUE(rows.next());
  static_cast<void>(rows.array<3>(0));
  EXPECT_EQ(database->take_failure(), StoreError::database_corrupt);
}

TEST(Database, TellsEmptyOctetsFromNull) {
  auto database = Database::in_memory();
  database->run_script("CREATE TABLE t (a BLOB, b BLOB, c TEXT)");
  database->run("INSERT INTO t VALUES (?1, ?2, ?3)", Bytes{}, std::nullopt, std::string_view());
  Rows rows = database->query("SELECT a, b, c FROM t");
  ASSERT_TRUE(rows.next());
  EXPECT_FALSE(rows.is_null(0));
  EXPECT_TRUE(rows.is_null(1));
  EXPECT_FALSE(rows.is_null(2));
}

TEST(Database, AllowsTheSameStatementInsideItself) {
  auto database = Database::in_memory();
  static constexpr Sql kSeries = "SELECT value FROM (SELECT 1 AS value UNION SELECT 2)";
  int total = 0;
  Rows outer = database->query(kSeries);
  while (outer.next()) {
    Rows inner = database->query(kSeries);
    while (inner.next()) total += static_cast<int>(outer.integer(0) * inner.integer(0));
  }
  EXPECT_EQ(total, 9);
}

TEST(Database, ReturnsToASnapshot) {
  auto database = Database::in_memory();
  database->run_script("CREATE TABLE t (a INTEGER)");
  database->run("INSERT INTO t VALUES (?1)", 1);
  const Bytes before = database->snapshot();
  database->run("INSERT INTO t VALUES (?1)", 2);
  const auto restored = Database::restore(before);
  Rows rows = restored->query("SELECT count(*) FROM t");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), 1);
  restored->run("INSERT INTO t VALUES (?1)", Bytes(100000, 7));
  EXPECT_FALSE(restored->failure());
}

TEST(Database, LetsAnotherConnectionReadAndNoticeCommits) {
  const TestFolder folder;
  const auto file = folder.path() / "a.db";
  auto writer = Database::open(file, key_number(1), Access::create);
  auto reader = Database::open(file, key_number(1), Access::read_write);
  ASSERT_TRUE(writer && reader);
  (*writer)->run_script("CREATE TABLE t (a INTEGER)");
  const auto version = (*reader)->data_version();
  auto transaction = Transaction::begin(**writer);
  ASSERT_TRUE(transaction);
  (*writer)->run("INSERT INTO t VALUES (?1)", 1);
  EXPECT_FALSE((*reader)->query("SELECT a FROM t").next());
  EXPECT_EQ((*reader)->data_version(), version);
  ASSERT_TRUE(transaction->commit());
  EXPECT_TRUE((*reader)->query("SELECT a FROM t").next());
  EXPECT_NE((*reader)->data_version(), version);
}

TEST(Database, ReportsAFullDiskAndKeepsWhatWasThere) {
  const TestFolder folder;
  if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=512k") != 0) {
    GTEST_SKIP() << "needs the right to mount a tmpfs";
  }
  {
    auto database = Database::open(folder.path() / "a.db", key_number(1), Access::create);
    ASSERT_TRUE(database);
    (*database)->run_script("CREATE TABLE t (body BLOB)");
    (*database)->run("INSERT INTO t VALUES (?1)", Bytes(1000, 1));
    ASSERT_FALSE((*database)->failure());
    auto transaction = Transaction::begin(**database);
    ASSERT_TRUE(transaction);
    (*database)->run("INSERT INTO t VALUES (?1)", Bytes(2U << 20U, 1));
    const auto committed = transaction->commit();
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error(), StoreError::disk_full);
    Rows rows = (*database)->query("SELECT count(*) FROM t");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer(0), 1);
  }
  ::umount(folder.path().c_str());
}

/// Runs in a process of its own: commits a row of a megabyte after `break_something`. 0 if that fails as
/// expected.
template <typename Break>
int exit_code_of_a_commit(const Break& break_something, StoreError expected) {
  const TestFolder folder;
  auto database = Database::open(folder.path() / "a.db", key_number(1), Access::create);
  if (!database) return 1;
  (*database)->run_script("CREATE TABLE t (body BLOB)");
  auto transaction = Transaction::begin(**database);
  if (!transaction) return 2;
  break_something(**database);
  (*database)->run("INSERT INTO t VALUES (?1)", Bytes(1U << 20U, 1));
  const auto committed = transaction->commit();
  return !committed && committed.error() == expected ? 0 : 3;
}

TEST(DatabaseDeathTest, ReportsADiskThatFails) {
  const auto forbid_growth = [](Database&) {
    std::signal(SIGXFSZ, SIG_IGN);
    // Writing fails with EFBIG, which is no full disk; the record of errors (result/record.h) is smaller.
    const rlimit limit = {.rlim_cur = 1U << 20U, .rlim_max = 1U << 20U};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  EXPECT_EXIT(std::_Exit(exit_code_of_a_commit(forbid_growth, StoreError::io_failed)),
              ::testing::ExitedWithCode(0), "");
}

TEST(DatabaseDeathTest, ReportsThatMemoryRanOut) {
  const auto forbid_allocation = [](Database& database) {
    database.run_script("PRAGMA hard_heap_limit = 500000");
  };
  EXPECT_EXIT(std::_Exit(exit_code_of_a_commit(forbid_allocation, StoreError::out_of_memory)),
              ::testing::ExitedWithCode(0), "");
}

TEST(Database, ReportsABusyWriter) {
  const TestFolder folder;
  const auto file = folder.path() / "a.db";
  auto first = Database::open(file, key_number(1), Access::create);
  auto second = Database::open(file, key_number(1), Access::read_write);
  ASSERT_TRUE(first && second);
  (*second)->run_script("PRAGMA busy_timeout = 1");
  auto transaction = Transaction::begin(**first);
  ASSERT_TRUE(transaction);
  const auto refused = Transaction::begin(**second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), StoreError::busy);
}

}  // namespace
}  // namespace sotto::client::store
