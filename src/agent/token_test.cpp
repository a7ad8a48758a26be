#include "agent/token.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "paths/test_folder.h"

namespace sotto::agent {
namespace {

TEST(Token, IsMadeOnceForItsOwnerAlone) {
  const paths::TestFolder folder;
  crypto::DeterministicRandom random(1);
  const auto made = load_token(folder.path(), random);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->size(), 64U);
  EXPECT_EQ(*load_token(folder.path(), random), *made);
  struct stat about{};
  ASSERT_EQ(::stat((folder / "agent-token").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST(Token, OneThatOthersCouldReadOrThatIsDamagedIsReplaced) {
  const paths::TestFolder folder;
  crypto::DeterministicRandom random(1);
  const auto made = load_token(folder.path(), random);
  ASSERT_EQ(::chmod((folder / "agent-token").c_str(), 0644), 0);
  const auto next = load_token(folder.path(), random);
  EXPECT_NE(*next, *made);
  std::ofstream(folder / "agent-token") << "short";
  EXPECT_NE(*load_token(folder.path(), random), *next);
  EXPECT_FALSE(load_token(folder / "missing", random));
}

TEST(Token, NothingButTheTokenPasses) {
  EXPECT_TRUE(is_token("abc", "abc"));
  EXPECT_FALSE(is_token("", "abc"));
  EXPECT_FALSE(is_token("abd", "abc"));
  EXPECT_FALSE(is_token("abca", "abc"));
}

}  // namespace
}  // namespace sotto::agent
