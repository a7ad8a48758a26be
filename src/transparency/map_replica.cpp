#include "transparency/map_replica.h"

#include "result/check.h"

namespace sotto::transparency {

void MapReplica::set(const MapKey& key, const Record& record) {
  SOTTO_CHECK(leaves_.size() < kNone && branches_.size() < kNone);
  std::optional<std::pair<Link, bool>> parent;
  Link at = root_;
  std::size_t depth = 0;
  for (; at != kNone && !is_leaf(at); ++depth) {
    Branch& branch = branches_[at];
    branch.dirty = true;
    parent = {at, bit_of(key, depth)};
    at = branch.sides[parent->second ? 1 : 0];
  }
  if (at != kNone && leaf(at).key == key) {
    leaf(at).record = record;
    return;
  }
  leaves_.push_back({key, record});
  const Link added = static_cast<Link>(leaves_.size() - 1) | kLeafBit;
  const Link placed = at == kNone ? added : split(at, added, depth);
  (parent ? branches_[parent->first].sides[parent->second ? 1 : 0] : root_) = placed;
}

/// Branches for two leaves whose keys share the first `depth` bits at least.
MapReplica::Link MapReplica::split(Link old_leaf, Link new_leaf, std::size_t depth) {
  const MapKey& old_key = leaf(old_leaf).key;
  const MapKey& new_key = leaf(new_leaf).key;
  const std::size_t last = shared_bits(old_key, new_key);
  Branch bottom{.sides = {old_leaf, new_leaf}};
  if (!bit_of(new_key, last)) std::swap(bottom.sides[0], bottom.sides[1]);
  branches_.push_back(bottom);
  Link top = static_cast<Link>(branches_.size() - 1);
  for (std::size_t level = last; level-- > depth;) {
    Branch branch{.sides = {kNone, kNone}};
    branch.sides[bit_of(new_key, level) ? 1 : 0] = top;
    branches_.push_back(branch);
    top = static_cast<Link>(branches_.size() - 1);
  }
  return top;
}

std::optional<MapReplica::Record> MapReplica::find(const MapKey& key) const {
  Link at = root_;
  for (std::size_t depth = 0; at != kNone && !is_leaf(at); ++depth) {
    at = branches_[at].sides[bit_of(key, depth) ? 1 : 0];
  }
  if (at == kNone || leaf(at).key != key) return std::nullopt;
  return leaf(at).record;
}

const Hash& MapReplica::root() { return hash_of(root_); }

const Hash& MapReplica::hash_of(Link link) {
  if (link == kNone) return empty_hash();
  if (is_leaf(link)) return leaf(link).record.leaf;
  Branch& branch = branches_[link];
  if (branch.dirty) {
    branch.hash = map_node(hash_of(branch.sides[0]), hash_of(branch.sides[1]));
    branch.dirty = false;
  }
  return branch.hash;
}

void MapReplica::for_each(const std::function<void(const MapKey&, const Record&)>& visit) const {
  std::vector<Link> waiting = {root_};
  while (!waiting.empty()) {
    const Link at = waiting.back();
    waiting.pop_back();
    if (at == kNone) continue;
    if (is_leaf(at)) {
      visit(leaf(at).key, leaf(at).record);
      continue;
    }
    waiting.push_back(branches_[at].sides[1]);
    waiting.push_back(branches_[at].sides[0]);
  }
}

}  // namespace sotto::transparency
