#include "transparency/wire_form.h"

#include "sotto/v1/session.pb.h"
#include "sotto/v1/transparency.pb.h"
#include "transparency/limits.h"
#include "wire/decode.h"

namespace sotto::transparency {
namespace {

using wire::field;
using wire::octets;

constexpr auto kMalformed = TransparencyError::malformed;

template <std::size_t N>
TransparencyResult<ByteArray<N>> fixed(const std::string& from) {
  if (from.size() != N) return err(kMalformed);
  return to_array<N>(octets(from));
}

void to_wire(const MapLeaf& from, v1::MapProof_OtherLeaf& to) {
  to.set_map_key(field(from.key));
  to.set_version(from.version);
  to.set_commitment(field(from.commitment));
}

TransparencyResult<MapLeaf> from_wire(const v1::MapProof_OtherLeaf& from) {
  SOTTO_TRY(const MapKey key, fixed<32>(from.map_key()));
  SOTTO_TRY(const Commitment commitment, fixed<32>(from.commitment()));
  return MapLeaf{key, from.version(), commitment};
}

enum class WithCommitment : std::uint8_t { no, yes };

void to_wire(const MapProof& from, WithCommitment with, v1::MapProof& to) {
  to.set_path(field(to_field(from.path)));
  if (const auto* present = std::get_if<Present>(&from.outcome)) {
    to.set_version(present->version);
    if (with == WithCommitment::yes) to.set_commitment(field(present->commitment));
  } else if (const auto* other = std::get_if<AbsentOther>(&from.outcome)) {
    to_wire(other->leaf, *to.mutable_other());
  }
}

/// `computed`: the commitment of a present leaf where it does not travel.
TransparencyResult<MapProof> from_wire(const v1::MapProof& from, const std::optional<Commitment>& computed) {
  SOTTO_TRY(crypto::MerklePath path, path_from(octets(from.path()), kMaxMapPath));
  MapProof out{std::move(path), AbsentEmpty{}};
  const bool present = from.version() != 0;
  if (present == from.has_other() && present) return err(kMalformed);
  if (from.commitment().empty() != (!present || computed.has_value())) return err(kMalformed);
  if (present && computed) {
    out.outcome = Present{from.version(), *computed};
  } else if (present) {
    SOTTO_TRY(const Commitment commitment, fixed<32>(from.commitment()));
    out.outcome = Present{from.version(), commitment};
  } else if (from.has_other()) {
    SOTTO_TRY(const MapLeaf leaf, from_wire(from.other()));
    out.outcome = AbsentOther{leaf};
  }
  return out;
}

void to_wire(const LastEntry& from, v1::LastEntry& to) {
  to.set_time_ms(from.time.value);
  to.set_mutations(field(from.mutations));
  to.set_path(field(to_field(from.path)));
}

TransparencyResult<LastEntry> from_wire(const v1::LastEntry& from) {
  SOTTO_TRY(const Hash mutations, fixed<32>(from.mutations()));
  SOTTO_TRY(crypto::MerklePath path, path_from(octets(from.path()), kMaxInclusionPath));
  return LastEntry{{from.time_ms()}, mutations, std::move(path)};
}

void to_wire(const LabelProof& from, v1::LabelProof& to) {
  to.set_vrf_proof(field(from.vrf));
  to_wire(from.map, WithCommitment::no, *to.mutable_map());
  if (!std::holds_alternative<Present>(from.map.outcome)) return;
  to.set_nonce(field(from.opening.nonce));
  to.set_value(field(from.opening.value));
}

TransparencyResult<LabelProof> from_wire(const v1::LabelProof& from) {
  LabelProof out;
  SOTTO_TRY(out.vrf, fixed<crypto::kVrfProofSize>(from.vrf_proof()));
  if (from.map().version() != 0) {
    SOTTO_TRY(out.opening.nonce, fixed<32>(from.nonce()));
    if (from.value().size() > kMaxValue) return err(kMalformed);
    out.opening.value = to_bytes(octets(from.value()));
    SOTTO_TRY(out.map, from_wire(from.map(), commit(out.opening.nonce, out.opening.value)));
  } else {
    if (!from.nonce().empty() || !from.value().empty()) return err(kMalformed);
    SOTTO_TRY(out.map, from_wire(from.map(), std::nullopt));
  }
  return out;
}

void to_wire(const MapStatement& from, v1::MapStatement& to) {
  to_wire(from.entry, *to.mutable_entry());
  to_wire(from.map, WithCommitment::yes, *to.mutable_map());
}

TransparencyResult<MapStatement> from_wire(const v1::MapStatement& from) {
  SOTTO_TRY(LastEntry entry, from_wire(from.entry()));
  SOTTO_TRY(MapProof map, from_wire(from.map(), std::nullopt));
  return MapStatement{std::move(entry), std::move(map)};
}

struct ContradictionWriter {
  v1::ForkEvidence& to;

  void operator()(const Split&) const { to.mutable_split(); }
  void operator()(const Inconsistent& from) const {
    to.mutable_inconsistent()->set_path(field(to_field(from.path)));
    to.mutable_inconsistent()->set_other_root(field(from.other_root));
  }
  void operator()(const Rewritten& from) const {
    to.mutable_rewritten()->set_map_key(field(from.key));
    to_wire(from.first, *to.mutable_rewritten()->mutable_first());
    to_wire(from.second, *to.mutable_rewritten()->mutable_second());
  }
};

TransparencyResult<std::variant<Split, Inconsistent, Rewritten>> contradiction_from(
    const v1::ForkEvidence& from) {
  switch (from.contradiction_case()) {
    case v1::ForkEvidence::kSplit: return Split{};
    case v1::ForkEvidence::kInconsistent: {
      SOTTO_TRY(crypto::MerklePath path, path_from(octets(from.inconsistent().path()), kMaxConsistencyPath));
      SOTTO_TRY(const Hash other_root, fixed<32>(from.inconsistent().other_root()));
      return Inconsistent{std::move(path), other_root};
    }
    case v1::ForkEvidence::kRewritten: {
      SOTTO_TRY(const MapKey key, fixed<32>(from.rewritten().map_key()));
      SOTTO_TRY(MapStatement first, from_wire(from.rewritten().first()));
      SOTTO_TRY(MapStatement second, from_wire(from.rewritten().second()));
      return Rewritten{key, std::move(first), std::move(second)};
    }
    case v1::ForkEvidence::CONTRADICTION_NOT_SET: break;
  }
  return err(kMalformed);
}

}  // namespace

Bytes to_field(const crypto::MerklePath& path) {
  Bytes out;
  out.reserve(path.size() * sizeof(Hash));
  for (const Hash& hash : path) out.insert(out.end(), hash.begin(), hash.end());
  return out;
}

TransparencyResult<crypto::MerklePath> path_from(ByteView field_octets, std::size_t max_hashes) {
  constexpr std::size_t kSize = sizeof(Hash);
  if (field_octets.size() % kSize != 0 || field_octets.size() / kSize > max_hashes) return err(kMalformed);
  crypto::MerklePath out;
  out.reserve(field_octets.size() / kSize);
  for (; !field_octets.empty(); field_octets = field_octets.subspan(kSize)) {
    out.push_back(to_array<kSize>(field_octets.first(kSize)));
  }
  return out;
}

void to_wire(const LogKeys& from, v1::LogKeys& to) {
  to.set_identity(field(from.identity.encoded()));
  to.set_vrf(field(from.vrf.encoded()));
}

TransparencyResult<LogKeys> from_wire(const v1::LogKeys& from) {
  auto identity = crypto::HybridPublicKey::decode(octets(from.identity()));
  auto vrf = crypto::VrfPublicKey::decode(octets(from.vrf()));
  if (!identity || !vrf) return err(kMalformed);
  return LogKeys{*std::move(identity), *std::move(vrf)};
}

void to_wire(const Cosignature& from, v1::Cosignature& to) {
  to.set_witness(field(from.witness.octets()));
  to.set_signature(field(from.signature));
}

TransparencyResult<Cosignature> from_wire(const v1::Cosignature& from) {
  SOTTO_TRY(const auto witness, fixed<crypto::Fingerprint::kSize>(from.witness()));
  SOTTO_TRY(const auto signature, fixed<crypto::kHybridSignatureSize>(from.signature()));
  return Cosignature{crypto::Fingerprint::from_octets(witness), signature};
}

void to_wire(const SignedTreeHead& from, v1::SignedTreeHead& to) {
  to.set_head(field(from.head.encoded()));
  to.set_signature(field(from.signature));
  for (const Cosignature& cosignature : from.cosignatures) to_wire(cosignature, *to.add_cosignatures());
}

TransparencyResult<SignedTreeHead> from_wire(const v1::SignedTreeHead& from) {
  SOTTO_TRY(const TreeHead head, TreeHead::parse(octets(from.head())));
  SOTTO_TRY(const auto signature, fixed<crypto::kHybridSignatureSize>(from.signature()));
  if (from.cosignatures_size() > static_cast<int>(kMaxCosignatures)) return err(kMalformed);
  SignedTreeHead out{head, signature, {}};
  for (const v1::Cosignature& cosignature : from.cosignatures()) {
    SOTTO_TRY(Cosignature decoded, from_wire(cosignature));
    out.cosignatures.push_back(std::move(decoded));
  }
  return out;
}

void to_wire(const LookupAnswer& from, v1::LookupAnswer& to) {
  to_wire(from.head, *to.mutable_head());
  to.set_consistency(field(to_field(from.consistency)));
  to_wire(from.entry, *to.mutable_entry());
  for (const LabelProof& label : from.labels) to_wire(label, *to.add_labels());
}

TransparencyResult<LookupAnswer> from_wire(const v1::LookupAnswer& from) {
  if (from.labels_size() < 1 || from.labels_size() > static_cast<int>(kMaxLabels)) return err(kMalformed);
  LookupAnswer out;
  SOTTO_TRY(out.head, from_wire(from.head()));
  SOTTO_TRY(out.consistency, path_from(octets(from.consistency()), kMaxConsistencyPath));
  SOTTO_TRY(out.entry, from_wire(from.entry()));
  for (const v1::LabelProof& label : from.labels()) {
    SOTTO_TRY(LabelProof decoded, from_wire(label));
    out.labels.push_back(std::move(decoded));
  }
  return out;
}

void to_wire(const Gossip& from, v1::TransparencyHead& to) {
  to.set_log_id8(field(from.log));
  to.set_size(from.size);
  to.set_root32(field(from.root));
}

TransparencyResult<Gossip> from_wire(const v1::TransparencyHead& from) {
  SOTTO_TRY(const auto log, fixed<8>(from.log_id8()));
  SOTTO_TRY(const Hash root, fixed<32>(from.root32()));
  if (from.size() == 0) return err(kMalformed);
  return Gossip{log, from.size(), root};
}

void to_wire(const ForkEvidence& from, v1::ForkEvidence& to) {
  to_wire(from.keys, *to.mutable_keys());
  to_wire(from.first, *to.mutable_first());
  to_wire(from.second, *to.mutable_second());
  std::visit(ContradictionWriter{to}, from.contradiction);
}

TransparencyResult<ForkEvidence> from_wire(const v1::ForkEvidence& from) {
  SOTTO_TRY(LogKeys keys, from_wire(from.keys()));
  SOTTO_TRY(SignedTreeHead first, from_wire(from.first()));
  SOTTO_TRY(SignedTreeHead second, from_wire(from.second()));
  SOTTO_TRY(auto what, contradiction_from(from));
  return ForkEvidence{std::move(keys), std::move(first), std::move(second), std::move(what)};
}

}  // namespace sotto::transparency
