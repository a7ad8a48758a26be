// The search finds what is there. Without these tests a search that looks nowhere would look clean.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "known_secrets.h"

namespace sotto::testing {
namespace {

ByteArray<32> g_planted{};

/// Keeps the compiler from leaving out what nobody reads.
void keep(const void* data) { asm volatile("" : : "r"(data) : "memory"); }

struct Planted {
  Planted() {
    crypto::SystemRandom().fill(octets);
    secrets.add("planted", octets);
  }
  void wipe() { crypto::wipe(octets.data(), octets.size()); }
  ByteArray<32> octets{};
  KnownSecrets secrets;
};

TEST(MemoryScan, SelfTestFindsACopyOnTheStack) {
  Planted planted;
  EXPECT_FALSE(planted.secrets.found().empty());
}

TEST(MemoryScan, SelfTestFindsACopyOnTheHeapAtAnyAddress) {
  Planted planted;
  Bytes copy(100);
  std::memcpy(copy.data() + 13, planted.octets.data(), planted.octets.size());
  keep(copy.data());
  planted.wipe();
  EXPECT_EQ(planted.secrets.found().size(), 1U);
}

TEST(MemoryScan, SelfTestFindsWhatWasFreedAndNotWiped) {
  Planted planted;
  void* block = std::malloc(5000);
  std::memcpy(static_cast<char*>(block) + 4000, planted.octets.data(), planted.octets.size());
  keep(block);
  planted.wipe();
  std::free(block);
  EXPECT_EQ(planted.secrets.found().size(), 1U);
}

TEST(MemoryScan, SelfTestFindsACopyInAStaticVariable) {
  Planted planted;
  g_planted = planted.octets;
  keep(g_planted.data());
  planted.wipe();
  EXPECT_EQ(planted.secrets.found().size(), 1U);
  crypto::wipe(g_planted.data(), g_planted.size());
}

TEST(MemoryScan, SelfTestFindsNothingAfterWiping) {
  Planted planted;
  planted.wipe();
  EXPECT_EQ(planted.secrets.found(), std::vector<std::string>());
}

TEST(MemoryScan, P32_TheHeapOfTheClientWipesWhatStringsLeaveBehind) {
  Planted planted;
  {
    std::string text(as_chars(planted.octets));
    for (int i = 0; i < 8; ++i) text += text;  // grows, and leaves its old buffers
  }
  planted.wipe();
  EXPECT_EQ(planted.secrets.found(), std::vector<std::string>());
}

}  // namespace
}  // namespace sotto::testing
