#include "transparency_log/page.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "result/check.h"

namespace sotto::transparency_log {
namespace {

using Kind = Summary::Kind;

constexpr std::uint8_t kBucketFormat = 1;
constexpr std::uint8_t kInnerFormat = 2;
constexpr std::size_t kLeafSize = 72;
constexpr std::size_t kSummarySize = 33;

bool under(const MapKey& key, const PageId& id) {
  return transparency::shared_bits(key, id.prefix) >= id.depth;
}

std::optional<Page> decode_bucket(Decoder& in, const PageId& id) {
  const std::uint16_t count = in.u16();
  if (count > kBucketLeaves) return std::nullopt;
  Bucket out;
  out.leaves.reserve(count);
  for (std::uint16_t i = 0; i < count; ++i) {
    MapLeaf leaf;
    leaf.key = in.array<32>();
    leaf.version = in.u64();
    leaf.commitment = in.array<32>();
    const bool ascending = out.leaves.empty() || out.leaves.back().key < leaf.key;
    if (!ascending || leaf.version == 0 || !under(leaf.key, id)) return std::nullopt;
    out.leaves.push_back(leaf);
  }
  if (!in.finished()) return std::nullopt;
  return out;
}

std::optional<Page> decode_inner(Decoder& in) {
  InnerPage out;
  for (std::size_t i = 0; i < InnerPage::kSlots; ++i) {
    const std::uint8_t kind = in.u8();
    if (kind > static_cast<std::uint8_t>(Kind::more)) return std::nullopt;
    const Summary slot{static_cast<Kind>(kind), in.array<32>()};
    if (slot.kind == Kind::empty && slot.hash != transparency::empty_hash()) return std::nullopt;
    out.set_slot(i, slot);
  }
  if (!in.finished()) return std::nullopt;
  out.rehash();
  return out;
}

struct PageEncoder {
  Bytes operator()(const Bucket& bucket) const {
    Encoder out(3 + bucket.leaves.size() * kLeafSize);
    out.u8(kBucketFormat).u16(static_cast<std::uint16_t>(bucket.leaves.size()));
    for (const MapLeaf& leaf : bucket.leaves) out.raw(leaf.key).u64(leaf.version).raw(leaf.commitment);
    return std::move(out).take();
  }
  Bytes operator()(const InnerPage& page) const {
    Encoder out(1 + InnerPage::kSlots * kSummarySize);
    out.u8(kInnerFormat);
    for (std::size_t i = 0; i < InnerPage::kSlots; ++i) {
      out.u8(static_cast<std::uint8_t>(page.slot(i).kind)).raw(page.slot(i).hash);
    }
    return std::move(out).take();
  }
};

}  // namespace

PageId PageId::child(std::size_t slot) const {
  SOTTO_CHECK(depth + kPageLevels < 256 && slot < InnerPage::kSlots);
  PageId out{static_cast<std::uint8_t>(depth + kPageLevels), prefix};
  const std::size_t shift = depth % 8 == 0 ? 4 : 0;
  out.prefix[depth / 8] = static_cast<std::uint8_t>(out.prefix[depth / 8] | slot << shift);
  return out;
}

std::size_t slot_of(const MapKey& key, std::size_t depth) {
  const std::uint8_t octet = key[depth / 8];
  return depth % 8 == 0 ? octet >> 4 : octet & 0x0f;
}

Summary combine(const Summary& left, const Summary& right) {
  if (left.kind == Kind::empty && right.kind != Kind::more) return right;
  if (right.kind == Kind::empty && left.kind != Kind::more) return left;
  return {Kind::more, transparency::map_node(left.hash, right.hash)};
}

Summary summarise(std::span<const MapLeaf> leaves, std::size_t depth) {
  if (leaves.empty()) return {};
  if (leaves.size() == 1) return {Kind::one, transparency::leaf_hash(leaves[0])};
  const auto right = std::ranges::partition_point(
      leaves, [depth](const MapLeaf& leaf) { return !transparency::bit_of(leaf.key, depth); });
  const auto split = static_cast<std::size_t>(right - leaves.begin());
  return combine(summarise(leaves.first(split), depth + 1), summarise(leaves.subspan(split), depth + 1));
}

void InnerPage::set_slot(std::size_t index, const Summary& summary) {
  nodes_[kSlots + index] = summary;
  for (std::size_t node = (kSlots + index) / 2; node > 0; node /= 2) dirty_ |= std::uint32_t{1} << node;
}

void InnerPage::rehash() {
  for (std::size_t node = kSlots - 1; node > 0; --node) {
    if ((dirty_ >> node & 1) != 0) nodes_[node] = combine(nodes_[2 * node], nodes_[2 * node + 1]);
  }
  dirty_ = 0;
}

Bytes encode(const Page& page) { return std::visit(PageEncoder{}, page); }

std::optional<Page> decode_page(ByteView octets, const PageId& id) {
  Decoder in(octets);
  switch (in.u8()) {
    case kBucketFormat: return decode_bucket(in, id);
    case kInnerFormat: return decode_inner(in);
    default: return std::nullopt;
  }
}

}  // namespace sotto::transparency_log
