// The paged map on disk against the definition of the map.
#include "transparency_log/disk_map.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "storage/memory_store.h"
#include "transparency/test_log.h"

namespace sotto::transparency_log {
namespace {

using transparency::testing::NaiveMap;

class Written {
 public:
  /// Sets the leaves and writes every page.
  void set(const std::vector<MapLeaf>& leaves) {
    const MapDelta delta = map.plan(leaves).value();
    for (const auto& [id, page] : delta.pages) {
      storage::Batch batch(page_partition(id));
      batch.put(page_key(id), encode(*page));
      SOTTO_CHECK(store.commit(std::move(batch), {1}));
    }
    store.sync();
    map.show(delta);
    map.written();
    root = delta.root;
  }

  storage::MemoryStore store{[](const auto&) {}};
  DiskMap map{store};
  Hash root = transparency::empty_hash();
};

/// Leaves of which every second shares 0 to 60 bits with the one before.
std::vector<MapLeaf> random_leaves(crypto::RandomSource& random, std::size_t count) {
  std::map<MapKey, MapLeaf> out;
  MapKey last{};
  for (std::size_t i = 0; i < count; ++i) {
    MapLeaf leaf{random.array<32>(), 1 + i, random.array<32>()};
    if (i % 2 == 1) {
      const std::size_t bit = random.array<1>()[0] % 60;
      leaf.key = last;
      leaf.key[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> bit % 8);
    }
    last = leaf.key;
    out[leaf.key] = leaf;
  }
  std::vector<MapLeaf> leaves;
  for (const auto& [key, leaf] : out) leaves.push_back(leaf);
  return leaves;
}

TEST(DiskMap, HasTheRootAndTheProofsOfTheDefinitionAfterAnyOperations) {
  rc::check([](std::uint64_t seed, const std::vector<std::uint8_t>& batches) {
    crypto::DeterministicRandom random(seed);
    Written disk;
    NaiveMap naive;
    for (std::size_t batch = 0; batch < std::min<std::size_t>(batches.size(), 8); ++batch) {
      const std::size_t size = batches[batch] % 48;
      auto leaves = random_leaves(random, size);
      // Some leaves again, with a new version.
      if (!naive.leaves().empty() && size % 3 == 0) leaves.push_back(naive.leaves().begin()->second);
      std::ranges::sort(leaves, {}, &MapLeaf::key);
      for (MapLeaf& leaf : leaves) {
        leaf.version += size;
        naive.set(leaf);
      }
      disk.set(leaves);
    }
    const Hash root = naive.root();
    RC_ASSERT(disk.root == root);
    RC_ASSERT(disk.map.root().value() == root);
    // Once with the pages in memory, once with those on disk alone.
    DiskMap reopened(disk.store);
    for (DiskMap* map : {&disk.map, &reopened}) {
      std::size_t i = 0;
      for (const auto& [key, leaf] : naive.leaves()) {
        if (++i % 16 == 0) RC_ASSERT(map->prove(key).value() == naive.prove(key));
      }
      for (const MapLeaf& absent : random_leaves(random, 6)) {
        RC_ASSERT(map->prove(absent.key).value() == naive.prove(absent.key));
      }
    }
  });
}

TEST(DiskMap, ProvesAbsenceBesideEveryLeafOfADeepTree) {
  crypto::DeterministicRandom random(3);
  Written disk;
  NaiveMap naive;
  std::vector<MapLeaf> leaves;
  const MapKey base = random.array<32>();
  // 60 keys that differ from one key in one bit each: a comb, as deep as keys that are hashes never make it.
  for (std::size_t bit = 0; bit < 240; bit += 4) {
    MapLeaf leaf{base, 1, random.array<32>()};
    leaf.key[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> bit % 8);
    leaves.push_back(leaf);
    naive.set(leaf);
  }
  std::ranges::sort(leaves, {}, &MapLeaf::key);
  disk.set(leaves);
  EXPECT_EQ(disk.root, naive.root());
  for (std::size_t bit = 0; bit < 256; ++bit) {
    MapKey key = base;
    key[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> bit % 8);
    EXPECT_EQ(disk.map.prove(key), naive.prove(key)) << bit;
  }
  EXPECT_EQ(disk.map.prove(base), naive.prove(base));
}

TEST(DiskMap, NoticesAPageThatIsMissingOrDamaged) {
  crypto::DeterministicRandom random(4);
  Written disk;
  const auto leaves = random_leaves(random, 200);
  disk.set(leaves);
  PageId below = PageId{}.child(slot_of(leaves[0].key, 0));
  for (const std::optional<Bytes>& value : {std::optional(Bytes{9}), std::optional<Bytes>()}) {
    storage::Batch batch(page_partition(below));
    if (value) {
      batch.put(page_key(below), *value);
    } else {
      batch.erase(page_key(below));
    }
    ASSERT_TRUE(disk.store.commit(std::move(batch), {1}));
    disk.store.sync();
    DiskMap reopened(disk.store);
    EXPECT_EQ(reopened.prove(leaves[0].key).error(), LogError::corrupt);
    EXPECT_EQ(reopened.plan({leaves.data(), 1}).error(), LogError::corrupt);
  }
}

// Recovery may find any lower part of an epoch's pages written already.
TEST(DiskMap, PlansTheSamePagesOverAnyPartOfThemselves) {
  crypto::DeterministicRandom random(5);
  Written disk;
  const auto old = random_leaves(random, 150);
  disk.set(old);
  auto next = random_leaves(random, 150);
  for (std::size_t i = 0; i < old.size(); i += 4) {
    next.push_back(old[i]);
    next.back().version += 7;
  }
  std::ranges::sort(next, {}, &MapLeaf::key);
  const MapDelta delta = disk.map.plan(next).value();
  for (std::size_t written = 0; written <= delta.pages.size(); ++written) {
    DiskMap recovering(disk.store);
    const MapDelta again = recovering.plan(next).value();
    ASSERT_EQ(again.root, delta.root) << written;
    std::map<PageId, Bytes> planned;
    for (const auto& [id, page] : again.pages) planned[id] = encode(*page);
    for (std::size_t i = 0; i < delta.pages.size(); ++i) {
      const auto found = planned.find(delta.pages[i].first);
      // A page that is not planned again is written already.
      ASSERT_TRUE(found != planned.end() || i < written) << i << " of " << written;
      if (found != planned.end()) ASSERT_EQ(found->second, encode(*delta.pages[i].second)) << written;
    }
    if (written == delta.pages.size()) break;
    const auto& [id, page] = delta.pages[written];
    storage::Batch batch(page_partition(id));
    batch.put(page_key(id), encode(*page));
    ASSERT_TRUE(disk.store.commit(std::move(batch), {1}));
    disk.store.sync();
  }
}

TEST(Page, ComesBackFromItsOctetsAndFromNoOthers) {
  crypto::DeterministicRandom random(6);
  const auto leaves = random_leaves(random, 20);
  InnerPage inner;
  inner.set_slot(3, summarise({leaves.data(), 1}, 4));
  inner.rehash();
  for (const Page& page : {Page(Bucket{leaves}), Page(Bucket{}), Page(inner)}) {
    const Bytes octets = encode(page);
    const auto back = decode_page(octets, PageId{});
    ASSERT_TRUE(back);
    EXPECT_EQ(encode(*back), octets);
    for (std::size_t size = 0; size < octets.size(); ++size) {
      EXPECT_FALSE(decode_page(ByteView(octets).first(size), PageId{})) << size;
    }
  }
  EXPECT_FALSE(decode_page(encode(Page(Bucket{leaves})), PageId{}.child(slot_of(leaves[0].key, 0) ^ 1)));
}

TEST(Records, ComeBackFromTheirOctetsAndFromNoShorterOnes) {
  const StateRecord state{5, 4, 3, {1}};
  EXPECT_EQ(decode_state(encode(state)), state);
  EXPECT_FALSE(decode_state(encode(StateRecord{5, 3, 0, {}})));
  const LabelRecord label{{1}, 7, {2}, Bytes(80, 3)};
  EXPECT_EQ(decode_label(encode(label)), label);
  Redo redo;
  redo.labels = {{{1}, label}, {{2}, label}};
  redo.effects.emplace_back(storage::Partition::create(as_bytes("acc")).value());
  redo.effects[0].put(as_bytes("k"), Bytes(10, 1)).erase(as_bytes("l"));
  const Bytes octets = encode(redo);
  const auto back = decode_redo(octets);
  ASSERT_TRUE(back);
  EXPECT_EQ(encode(*back), octets);
  for (std::size_t size = 0; size < octets.size(); ++size) {
    EXPECT_FALSE(decode_redo(ByteView(octets).first(size))) << size;
  }
}

}  // namespace
}  // namespace sotto::transparency_log
