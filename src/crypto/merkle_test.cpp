#include "crypto/merkle.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "bytes/hex.h"
#include "crypto/openssl.h"
#include "paths/paths.h"

namespace sotto::crypto {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

Bytes octets(const std::string& base64) {
  Bytes out(base64.size());
  const int size = EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(base64.data()),
                                   static_cast<int>(base64.size()));
  SOTTO_CHECK(size >= 0);
  const auto padding = static_cast<std::size_t>(std::ranges::count(base64, '='));
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

/// Some files hold hashes of other lengths, which our types cannot: the hash of those stands for them, so
/// that equal ones stay equal.
MerkleHash hash_of(const Json& base64) {
  const Bytes value = octets(base64.get<std::string>());
  return value.size() == 32 ? to_array<32>(value) : sha256(value);
}

MerklePath path_of(const Json& test) {
  MerklePath out;
  if (test.at("proof").is_null()) return out;
  for (const Json& step : test.at("proof")) out.push_back(hash_of(step));
  return out;
}

bool includes(const Json& test) {
  // A tree of one leaf compares root and leaf, and equality is not enough to believe octets that are no hash.
  for (const char* field : {"root", "leafHash"}) {
    if (octets(test.at(field).get<std::string>()).size() != 32) return false;
  }
  return root_of_inclusion(hash_of(test.at("leafHash")), test.at("leafIdx").get<std::uint64_t>(),
                           test.at("treeSize").get<std::uint64_t>(),
                           path_of(test)) == hash_of(test.at("root"));
}

bool is_consistent(const Json& test) {
  return consistent(test.at("size1").get<std::uint64_t>(), hash_of(test.at("root1")),
                    test.at("size2").get<std::uint64_t>(), hash_of(test.at("root2")), path_of(test));
}

fs::path vector_folder() {
  const char* folder = std::getenv("SOTTO_VECTORS");
  return fs::path(folder != nullptr ? folder : paths::source_dir() + "/../shared/vectors") /
         "rfc6962/testdata";
}

// The vectors of transparency-dev/merkle, one file each.
TEST(Merkle, AgreesWithEveryVectorOfTransparencyDev) {
  const fs::path folder = vector_folder();
  if (!fs::is_directory(folder)) GTEST_SKIP() << "no vectors at " << folder;
  std::size_t good = 0;
  std::size_t bad = 0;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (file.path().extension() != ".json") continue;
    SCOPED_TRACE(file.path().string());
    std::ifstream in(file.path());
    const Json test = Json::parse(in);
    const bool expected = !test.at("wantErr").get<bool>();
    EXPECT_EQ(test.contains("leafHash") ? includes(test) : is_consistent(test), expected);
    ++(expected ? good : bad);
  }
  EXPECT_EQ(good, 12U);
  EXPECT_EQ(bad, 184U);
}

MerkleHash leaf_of(std::uint64_t index) { return merkle_leaf(as_bytes("leaf " + std::to_string(index))); }

/// MTH of RFC 6962 2.1, as it stands there.
MerkleHash naive_root(std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return sha256(ByteView());
  if (end - begin == 1) return leaf_of(begin);
  std::uint64_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  return merkle_node(naive_root(begin, begin + k), naive_root(begin + k, end));
}

using Nodes = std::map<SubtreeId, MerkleHash>;

MerklePath path_of(const Nodes& nodes, const std::vector<std::vector<SubtreeId>>& parts) {
  MerklePath out;
  for (const auto& run : parts) {
    MerklePath hashes;
    for (const SubtreeId& id : run) hashes.push_back(nodes.at(id));
    out.push_back(join(hashes));
  }
  return out;
}

constexpr std::uint64_t kSizes = 70;

/// The nodes of a tree of kSizes leaves, and its root at every size.
struct Grown {
  Nodes nodes;
  std::vector<MerkleHash> roots;

  Grown() {
    MerklePeaks peaks;
    roots.push_back(peaks.root());
    for (std::uint64_t i = 0; i < kSizes; ++i) {
      std::vector<std::pair<SubtreeId, MerkleHash>> completed;
      peaks.append(leaf_of(i), &completed);
      nodes.insert(completed.begin(), completed.end());
      roots.push_back(peaks.root());
    }
  }
};

TEST(Merkle, PeaksGiveTheRootOfEverySize) {
  const Grown tree;
  for (std::uint64_t size = 0; size <= kSizes; ++size)
    EXPECT_EQ(tree.roots[size], naive_root(0, size)) << size;
}

TEST(Merkle, PeaksComeBackFromStoredNodes) {
  const Grown tree;
  for (std::uint64_t size = 0; size < kSizes; ++size) {
    MerklePath stored;
    for (const SubtreeId& id : MerklePeaks::places(size)) stored.push_back(tree.nodes.at(id));
    auto peaks = MerklePeaks::restore(size, stored);
    ASSERT_TRUE(peaks);
    EXPECT_EQ(peaks->root(), tree.roots[size]);
    peaks->append(leaf_of(size));
    EXPECT_EQ(peaks->root(), tree.roots[size + 1]);
    stored.push_back({});
    EXPECT_FALSE(MerklePeaks::restore(size, stored));
  }
}

TEST(Merkle, EveryInclusionPathLeadsToTheRootAndNoOtherPlaceDoes) {
  const Grown tree;
  for (std::uint64_t size = 1; size <= kSizes; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const MerklePath path = path_of(tree.nodes, inclusion_parts(index, size));
      ASSERT_EQ(root_of_inclusion(leaf_of(index), index, size, path), tree.roots[size])
          << index << "/" << size;
      if (size > 1)
        EXPECT_NE(root_of_inclusion(leaf_of(index), (index + 1) % size, size, path), tree.roots[size]);
    }
  }
}

TEST(Merkle, EveryConsistencyPathVerifiesAndShowsBothRoots) {
  const Grown tree;
  for (std::uint64_t second = 2; second <= kSizes; ++second) {
    for (std::uint64_t first = 1; first < second; ++first) {
      MerklePath path = path_of(tree.nodes, consistency_parts(first, second));
      ASSERT_TRUE(consistent(first, tree.roots[first], second, tree.roots[second], path))
          << first << "/" << second;
      const auto roots = roots_of_consistency(first, second, tree.roots[first], path);
      EXPECT_EQ(roots->first, tree.roots[first]);
      EXPECT_FALSE(consistent(first, tree.roots[first - 1], second, tree.roots[second], path));
      path.back()[7] ^= 1;
      EXPECT_FALSE(consistent(first, tree.roots[first], second, tree.roots[second], path));
      path.pop_back();
      EXPECT_FALSE(consistent(first, tree.roots[first], second, tree.roots[second], path));
    }
  }
}

}  // namespace
}  // namespace sotto::crypto
