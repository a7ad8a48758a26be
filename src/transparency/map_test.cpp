#include "transparency/map.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "bytes/hex.h"
#include "transparency/map_replica.h"
#include "transparency/test_log.h"

namespace sotto::transparency {
namespace {

using testing::NaiveMap;

MapKey random_key(crypto::RandomSource& random) { return random.array<32>(); }

MapLeaf random_leaf(crypto::RandomSource& random) {
  return {random_key(random), std::uint64_t{1} + random.array<1>()[0], random.array<32>()};
}

/// Keys of which some share long prefixes, as random ones never do.
MapLeaf close_leaf(crypto::RandomSource& random, const NaiveMap& map) {
  MapLeaf leaf = random_leaf(random);
  if (map.leaves().empty() || random.array<1>()[0] % 2 == 0) return leaf;
  leaf.key = map.leaves().begin()->first;
  const std::size_t bit = random.array<1>()[0];
  leaf.key[bit / 8] ^= static_cast<std::uint8_t>(1U << (7 - bit % 8));
  return leaf;
}

NaiveMap random_map(std::uint64_t seed, std::size_t count) {
  crypto::DeterministicRandom random(seed);
  NaiveMap out;
  for (std::size_t i = 0; i < count; ++i) out.set(close_leaf(random, out));
  return out;
}

// SHA-256 of the single octet 0x02, from another implementation (coreutils sha256sum).
TEST(Map, EmptyRootIsTheHashOfOneOctet) {
  EXPECT_EQ(to_hex(empty_hash()), "dbc1b4c900ffe48d575b5da5c638040125f65db0fe3e24494b76ea986457d986");
  EXPECT_EQ(NaiveMap().root(), empty_hash());
}

TEST(Map, AProofOfEveryKeyLeadsToTheRoot) {
  for (const std::size_t count : {0U, 1U, 2U, 3U, 10U, 40U}) {
    const NaiveMap map = random_map(count, count);
    const Hash root = map.root();
    for (const auto& [key, leaf] : map.leaves()) {
      const MapProof proof = map.prove(key);
      EXPECT_TRUE(std::holds_alternative<Present>(proof.outcome));
      EXPECT_EQ(root_of(key, proof), root);
    }
    crypto::DeterministicRandom random(7);
    for (int i = 0; i < 20; ++i) {
      const MapKey key = close_leaf(random, map).key;
      EXPECT_EQ(root_of(key, map.prove(key)), root);
    }
  }
}

/// Every proof that differs from `proof` in one bit of one field.
std::vector<MapProof> altered(const MapProof& proof) {
  std::vector<MapProof> out;
  const auto flip = [&](auto&& field_of) {
    for (std::size_t bit = 0; bit < 256; bit += 5) {
      MapProof copy = proof;
      field_of(copy)[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      out.push_back(copy);
    }
  };
  for (std::size_t i = 0; i < proof.path.size(); ++i) flip([i](MapProof& p) -> Hash& { return p.path[i]; });
  const auto versions = [&](auto&& version_of) {
    for (std::size_t bit = 0; bit < 64; ++bit) {
      MapProof copy = proof;
      version_of(copy) ^= std::uint64_t{1} << bit;
      out.push_back(copy);
    }
  };
  if (std::holds_alternative<Present>(proof.outcome)) {
    flip([](MapProof& p) -> Hash& { return std::get<Present>(p.outcome).commitment; });
    versions([](MapProof& p) -> std::uint64_t& { return std::get<Present>(p.outcome).version; });
  } else if (std::holds_alternative<AbsentOther>(proof.outcome)) {
    flip([](MapProof& p) -> Hash& { return std::get<AbsentOther>(p.outcome).leaf.key; });
    flip([](MapProof& p) -> Hash& { return std::get<AbsentOther>(p.outcome).leaf.commitment; });
    versions([](MapProof& p) -> std::uint64_t& { return std::get<AbsentOther>(p.outcome).leaf.version; });
  }
  return out;
}

TEST(Map, NoProofWithABitFlippedLeadsToTheRoot) {
  const NaiveMap map = random_map(3, 12);
  const Hash root = map.root();
  crypto::DeterministicRandom random(4);
  std::vector<MapKey> keys;
  for (const auto& [key, leaf] : map.leaves()) keys.push_back(key);
  for (int i = 0; i < 12; ++i) keys.push_back(close_leaf(random, map).key);
  for (const MapKey& key : keys) {
    for (const MapProof& proof : altered(map.prove(key))) EXPECT_NE(root_of(key, proof), root);
  }
}

TEST(Map, NoOutcomeCanBeSwappedForAnother) {
  const NaiveMap map = random_map(5, 12);
  const Hash root = map.root();
  crypto::DeterministicRandom random(6);
  for (int i = 0; i < 60; ++i) {
    const MapKey key = i < 12 ? std::next(map.leaves().begin(), i)->first : close_leaf(random, map).key;
    const MapProof honest = map.prove(key);
    // Any outcome at any depth of the honest path, for a key whose outcome is another.
    for (std::size_t depth = 0; depth <= honest.path.size(); ++depth) {
      MapProof lie = honest;
      lie.path.erase(lie.path.begin(), lie.path.end() - static_cast<std::ptrdiff_t>(depth));
      std::vector<MapOutcome> outcomes = {AbsentEmpty{}};
      for (const auto& [other_key, leaf] : map.leaves()) {
        outcomes.push_back(AbsentOther{leaf});
        outcomes.push_back(Present{leaf.version, leaf.commitment});
      }
      for (const MapOutcome& outcome : outcomes) {
        if (outcome == honest.outcome && depth == honest.path.size()) continue;
        lie.outcome = outcome;
        EXPECT_NE(root_of(key, lie), root);
      }
    }
  }
}

TEST(Map, RefusesLeavesThatAreNotInTheWayAndPathsLongerThanAKey) {
  const NaiveMap map = random_map(8, 6);
  const MapLeaf leaf = map.leaves().begin()->second;
  const MapProof own{map.prove(leaf.key).path, AbsentOther{leaf}};
  EXPECT_EQ(root_of(leaf.key, own).error(), TransparencyError::bad_map_proof);
  MapKey far = leaf.key;
  far[0] ^= 0x80;
  EXPECT_EQ(root_of(far, own).error(), TransparencyError::bad_map_proof);
  EXPECT_EQ(root_of(leaf.key, {{}, Present{0, leaf.commitment}}).error(), TransparencyError::bad_map_proof);
  EXPECT_EQ(root_of(leaf.key, {crypto::MerklePath(257), AbsentEmpty{}}).error(),
            TransparencyError::bad_map_proof);
  EXPECT_TRUE(root_of(leaf.key, {crypto::MerklePath(256), AbsentEmpty{}}));
}

TEST(MapReplica, HasTheRootOfTheDefinitionAfterAnyOperations) {
  rc::check([](std::uint64_t seed, std::uint8_t count) {
    crypto::DeterministicRandom random(seed);
    NaiveMap naive;
    MapReplica replica;
    for (std::size_t i = 0; i < count; ++i) {
      MapLeaf leaf = close_leaf(random, naive);
      if (!naive.leaves().empty() && random.array<1>()[0] % 4 == 0) leaf.key = naive.leaves().rbegin()->first;
      naive.set(leaf);
      replica.set(leaf.key, {leaf.version, leaf_hash(leaf)});
      if (i % 16 == 0) RC_ASSERT(replica.root() == naive.root());
    }
    RC_ASSERT(replica.root() == naive.root());
    RC_ASSERT(replica.size() == naive.leaves().size());
    auto expected = naive.leaves().begin();
    replica.for_each([&](const MapKey& key, const MapReplica::Record& record) {
      RC_ASSERT(key == expected->first && record.version == expected->second.version);
      ++expected;
    });
    RC_ASSERT(!replica.find(random_key(random)).has_value());
  });
}

}  // namespace
}  // namespace sotto::transparency
