// Two tenants do anything at random, also with what they guess, swap and remember from before. Nobody reads,
// writes, keeps or releases what is not theirs to.
#include <gtest/gtest.h>

#include <map>

#include "blobs/test_world.h"

namespace sotto::blobs {
namespace {

class TenantsTest : public testing::BlobsTest {
 protected:
  struct Mine {
    Created blob;
    Bytes octets;
    std::uint64_t written = 0;
    bool released = false;
  };
  struct Tenant {
    AccountId account;
    std::vector<Mine> blobs;
  };

  std::uint32_t roll(std::uint32_t sides) {
    const auto octets = random.array<4>();
    std::uint32_t value = 0;
    for (const auto octet : octets) value = value << 8 | octet;
    return value % sides;
  }
  /// Anything but a capability that was given out: random, or one octet off.
  Capability guess(const Tenant& victim) {
    if (victim.blobs.empty() || roll(2) == 0) return random.array<32>();
    Capability near = victim.blobs[roll(static_cast<std::uint32_t>(victim.blobs.size()))].blob.capability;
    near[roll(32)] ^= static_cast<std::uint8_t>(1 + roll(255));
    return near;
  }
  void attack(const Tenant& attacker, const Tenant& victim) {
    const Capability guessed = guess(victim);
    EXPECT_EQ(blobs->size(guessed, now).error(), BlobError::no_such_blob);
    EXPECT_EQ(blobs->read(guessed, 0, 1, now).error(), BlobError::no_such_blob);
    EXPECT_EQ(keep(attacker.account, guessed).error(), BlobError::no_such_blob);
    EXPECT_EQ(release(attacker.account, guessed).error(), BlobError::no_such_blob);
    if (victim.blobs.empty()) return;
    // What a recipient knows: the capability, and its own tokens.
    const Mine& target = victim.blobs[roll(static_cast<std::uint32_t>(victim.blobs.size()))];
    UploadToken token = random.array<32>();
    if (!attacker.blobs.empty()) token = attacker.blobs.back().blob.token;
    const Bytes octets = some_octets(kPieceOctets);
    const auto written = answer<Progress>([&](auto reply) {
      blobs->write(target.blob.capability, token, target.written, octets, now, std::move(reply));
    });
    EXPECT_EQ(written.error(), BlobError::no_such_blob);
    EXPECT_EQ(blobs->progress(target.blob.capability, token, now).error(), BlobError::no_such_blob);
    EXPECT_EQ(release(attacker.account, target.blob.capability).error(), BlobError::no_such_blob);
  }
  void use(Tenant& tenant) {
    if (tenant.blobs.empty() || roll(4) == 0) {
      Mine mine{.octets = some_octets(1 + roll(2 * kPieceOctets))};
      mine.blob = create(tenant.account, mine.octets.size()).value();
      tenant.blobs.push_back(std::move(mine));
      return;
    }
    Mine& mine = tenant.blobs[roll(static_cast<std::uint32_t>(tenant.blobs.size()))];
    if (mine.released) return;
    if (roll(6) == 0) {
      EXPECT_TRUE(release(tenant.account, mine.blob.capability));
      mine.released = true;
    } else if (mine.written < mine.octets.size()) {
      const ByteView rest = ByteView(mine.octets).subspan(mine.written);
      const auto done = write(mine.blob, mine.written, rest.first(std::min(rest.size(), kPieceOctets)));
      mine.written = done.value().received;
    } else if (roll(2) == 0) {
      EXPECT_TRUE(keep(tenant.account, mine.blob.capability));
    }
  }
  void check(const Tenant& tenant) {
    std::uint64_t octets = 0;
    for (const Mine& mine : tenant.blobs) {
      if (!mine.released) octets += mine.octets.size();
      const bool readable = !mine.released && mine.written == mine.octets.size();
      EXPECT_EQ(download(mine.blob.capability), readable ? mine.octets : Bytes{});
    }
    EXPECT_EQ(sum(tenant.account).octets, octets);
  }
};

TEST_F(TenantsTest, NobodyReadsExtendsOrDeletesByGuessing) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(seed);
    random = crypto::DeterministicRandom(1000 + seed);
    Tenant one{somebody(), {}};
    Tenant two{somebody(), {}};
    for (int step = 0; step < 60; ++step) {
      use(one);
      use(two);
      attack(one, two);
      attack(two, one);
      if (roll(10) == 0) crash_and_restart();
    }
    check(one);
    check(two);
  }
}

}  // namespace
}  // namespace sotto::blobs
