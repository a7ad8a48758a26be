// A log for tests, written as the specification reads: everything in memory, every hash computed anew from
// the definitions, nothing shared with src/transparency_log. Also lies on demand.
#pragma once

#include <bit>
#include <map>
#include <string_view>
#include <vector>

#include "crypto/random.h"
#include "result/check.h"
#include "transparency/contact.h"

namespace sotto::transparency::testing {

inline constexpr UnixMs kNow{1'800'000'000'000};

/// The map of section 2, by its definition.
class NaiveMap {
 public:
  void set(const MapLeaf& leaf) { leaves_[leaf.key] = leaf; }
  void erase(const MapKey& key) { leaves_.erase(key); }
  [[nodiscard]] const std::map<MapKey, MapLeaf>& leaves() const { return leaves_; }

  [[nodiscard]] Hash root() const { return hash_of(all(), 0); }
  [[nodiscard]] MapProof prove(const MapKey& key) const {
    MapProof out;
    auto under = all();
    for (std::size_t depth = 0; under.size() > 1; ++depth) {
      out.path.insert(out.path.begin(), hash_of(side(under, depth, !bit_of(key, depth)), depth + 1));
      under = side(under, depth, bit_of(key, depth));
    }
    if (under.empty()) {
      out.outcome = AbsentEmpty{};
    } else if (under[0].key != key) {
      out.outcome = AbsentOther{under[0]};
    } else {
      out.outcome = Present{under[0].version, under[0].commitment};
    }
    return out;
  }

 private:
  using Leaves = std::vector<MapLeaf>;

  [[nodiscard]] Leaves all() const {
    Leaves out;
    for (const auto& [key, leaf] : leaves_) out.push_back(leaf);
    return out;
  }
  static Leaves side(const Leaves& leaves, std::size_t depth, bool bit) {
    Leaves out;
    for (const MapLeaf& leaf : leaves) {
      if (bit_of(leaf.key, depth) == bit) out.push_back(leaf);
    }
    return out;
  }
  static Hash hash_of(const Leaves& leaves, std::size_t depth) {
    if (leaves.empty()) return empty_hash();
    if (leaves.size() == 1) return leaf_hash(leaves[0]);
    return map_node(hash_of(side(leaves, depth, false), depth + 1),
                    hash_of(side(leaves, depth, true), depth + 1));
  }

  std::map<MapKey, MapLeaf> leaves_;
};

/// MTH, PATH and PROOF of RFC 6962 2.1, as they stand there. Precondition: begin < end.
class NaiveTree {
 public:
  void append(const Hash& leaf) { leaves_.push_back(leaf); }
  void replace(std::size_t index, const Hash& leaf) { leaves_.at(index) = leaf; }
  [[nodiscard]] std::size_t size() const { return leaves_.size(); }
  [[nodiscard]] Hash root(std::size_t size) const { return root(0, size); }
  [[nodiscard]] crypto::MerklePath inclusion(std::size_t index, std::size_t size) const {
    return path(index, 0, size);
  }
  [[nodiscard]] crypto::MerklePath consistency(std::size_t first, std::size_t second) const {
    return first == second ? crypto::MerklePath() : proof(first, 0, second, true);
  }

 private:
  static std::size_t split(std::size_t n) { return std::bit_floor(n - 1); }
  [[nodiscard]] Hash root(std::size_t begin, std::size_t end) const {
    if (end - begin == 1) return leaves_.at(begin);
    const std::size_t k = begin + split(end - begin);
    return crypto::merkle_node(root(begin, k), root(k, end));
  }
  [[nodiscard]] crypto::MerklePath path(std::size_t m, std::size_t begin, std::size_t end) const {
    if (end - begin == 1) return {};
    const std::size_t k = split(end - begin);
    auto out = m < k ? path(m, begin, begin + k) : path(m - k, begin + k, end);
    out.push_back(m < k ? root(begin + k, end) : root(begin, begin + k));
    return out;
  }
  [[nodiscard]] crypto::MerklePath proof(std::size_t m, std::size_t begin, std::size_t end,
                                         bool whole) const {
    if (m == end - begin) return whole ? crypto::MerklePath() : crypto::MerklePath{root(begin, end)};
    const std::size_t k = split(end - begin);
    auto out = m <= k ? proof(m, begin, begin + k, whole) : proof(m - k, begin + k, end, false);
    out.push_back(m <= k ? root(begin + k, end) : root(begin, begin + k));
    return out;
  }

  std::vector<Hash> leaves_;
};

/// The keys of a log and of nobody else.
struct TestKeys {
  crypto::HybridPrivateKey identity;
  crypto::VrfPrivateKey vrf;

  explicit TestKeys(crypto::RandomSource& random)
      : identity(crypto::HybridPrivateKey::generate(random)), vrf(crypto::VrfPrivateKey::generate(random)) {}
  [[nodiscard]] LogKeys public_keys() const { return {identity.public_key(), vrf.public_key()}; }
};

/// Copies share keys and history: change one of two and there is a fork.
class TestLog {
 public:
  TestLog(const TestKeys& keys, crypto::RandomSource& random, UnixMs first = kNow)
      : keys_(&keys), random_(&random) {
    close(first);
  }

  /// A change for the next epoch; the version follows from the map.
  void set(const Label& label, Bytes value) {
    const MapKey key = crypto::vrf_output(keys_->vrf.prove(label.alpha()));
    const auto old = map_.leaves().find(key);
    set_version(label, std::move(value), old == map_.leaves().end() ? 1 : old->second.version + 1);
  }
  void set_version(const Label& label, Bytes value, std::uint64_t version) {
    const MapKey key = crypto::vrf_output(keys_->vrf.prove(label.alpha()));
    const Opening opening{random_->array<32>(), std::move(value)};
    openings_[key] = opening;
    map_.set({key, version, commit(opening.nonce, opening.value)});
    pending_[key] = {key, version, leaf_hash(map_.leaves().at(key))};
  }
  void forget(const Label& label) { map_.erase(crypto::vrf_output(keys_->vrf.prove(label.alpha()))); }
  /// Makes the changes an epoch.
  void close(UnixMs time) {
    std::vector<Mutation> list;
    for (const auto& [key, mutation] : pending_) list.push_back(mutation);
    pending_.clear();
    entries.push_back({entries.size(), map_.root(), time, *transparency::hash_of(list)});
    lists.push_back(std::move(list));
    tree.append(entries.back().leaf());
  }

  [[nodiscard]] SignedTreeHead head(UnixMs time) const { return head(tree.size(), time); }
  [[nodiscard]] SignedTreeHead head(std::size_t size, UnixMs time) const {
    return sign({log_id(keys_->public_keys()), size, tree.root(size), time}, keys_->identity, *random_);
  }
  [[nodiscard]] LabelProof prove(const Label& label) const {
    LabelProof out;
    out.vrf = keys_->vrf.prove(label.alpha());
    const MapKey key = crypto::vrf_output(out.vrf);
    out.map = map_.prove(key);
    if (std::holds_alternative<Present>(out.map.outcome)) out.opening = openings_.at(key);
    return out;
  }
  [[nodiscard]] LookupAnswer answer(const std::vector<Label>& labels, std::uint64_t known_size,
                                    UnixMs time) const {
    LookupAnswer out{head(time), {}, {}, {}};
    if (known_size > 0) out.consistency = tree.consistency(known_size, tree.size());
    out.entry = {entries.back().time, entries.back().mutations, tree.inclusion(tree.size() - 1, tree.size())};
    for (const Label& label : labels) out.labels.push_back(prove(label));
    return out;
  }

  [[nodiscard]] const NaiveMap& map() const { return map_; }
  [[nodiscard]] const TestKeys& keys() const { return *keys_; }

  std::vector<Entry> entries;
  std::vector<std::vector<Mutation>> lists;
  NaiveTree tree;

 private:
  const TestKeys* keys_;
  crypto::RandomSource* random_;
  NaiveMap map_;
  std::map<MapKey, Opening> openings_;
  std::map<MapKey, Mutation> pending_;
};

inline AccountId account(std::uint8_t number) {
  ByteArray<16> octets{};
  octets[15] = number;
  return AccountId(octets);
}

}  // namespace sotto::transparency::testing
