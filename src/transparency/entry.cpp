#include "transparency/entry.h"

#include "bytes/encoder.h"
#include "transparency/limits.h"

namespace sotto::transparency {
namespace {

Encoder& operator<<(Encoder& out, const Mutation& mutation) {
  return out.raw(mutation.key).u64(mutation.version).raw(mutation.leaf);
}

}  // namespace

ByteArray<kEntrySize> Entry::encoded() const {
  Encoder out(kEntrySize);
  out.u64(epoch).raw(map_root).u64(time.value).raw(mutations);
  return to_array<kEntrySize>(out.view());
}

TransparencyResult<Entry> Entry::parse(ByteView octets) {
  Decoder in(octets);
  Entry out;
  out.epoch = in.u64();
  out.map_root = in.array<32>();
  out.time = {in.u64()};
  out.mutations = in.array<32>();
  if (!in.finished()) return err(TransparencyError::malformed);
  return out;
}

Bytes encode(std::span<const Mutation> mutations) {
  Encoder out(mutations.size() * kMutationSize);
  for (const Mutation& mutation : mutations) out << mutation;
  return std::move(out).take();
}

TransparencyResult<std::vector<Mutation>> parse_mutations(ByteView octets) {
  if (octets.size() % kMutationSize != 0 || octets.size() / kMutationSize > kMaxMutations) {
    return err(TransparencyError::malformed);
  }
  Decoder in(octets);
  std::vector<Mutation> out;
  out.reserve(octets.size() / kMutationSize);
  while (in.remaining() > 0) {
    Mutation mutation;
    mutation.key = in.array<32>();
    mutation.version = in.u64();
    mutation.leaf = in.array<32>();
    out.push_back(mutation);
  }
  return out;
}

TransparencyResult<Hash> hash_of(std::span<const Mutation> mutations) {
  if (mutations.size() > kMaxMutations) return err(TransparencyError::wrong_list);
  for (std::size_t i = 1; i < mutations.size(); ++i) {
    if (mutations[i].key <= mutations[i - 1].key) return err(TransparencyError::wrong_list);
  }
  Encoder out(5 + mutations.size() * kMutationSize);
  out.u8(0x03).u32(static_cast<std::uint32_t>(mutations.size()));
  for (const Mutation& mutation : mutations) out << mutation;
  return crypto::sha256(out.view());
}

}  // namespace sotto::transparency
