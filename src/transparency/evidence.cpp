#include "transparency/evidence.h"

#include <utility>

namespace sotto::transparency {
namespace {

std::uint64_t version_of(const MapOutcome& outcome) {
  const auto* present = std::get_if<Present>(&outcome);
  return present == nullptr ? 0 : present->version;
}

/// Whether the second statement cannot follow the first one in a map that only grows.
bool contradicts(const MapOutcome& first, const MapOutcome& second) {
  const std::uint64_t before = version_of(first);
  const std::uint64_t after = version_of(second);
  if (before == 0) return false;
  return after < before || (after == before && std::get<Present>(first) != std::get<Present>(second));
}

TransparencyResult<void> check_statement(const TreeHead& head, const MapKey& key,
                                         const MapStatement& statement) {
  SOTTO_TRY(const Hash root, root_of(key, statement.map));
  return check_last_entry(head, statement.entry, root);
}

struct Contradiction {
  const TreeHead& first;
  const TreeHead& second;

  TransparencyResult<void> operator()(const Split&) const {
    if (first.size != second.size || first.root == second.root)
      return err(TransparencyError::no_contradiction);
    return {};
  }
  TransparencyResult<void> operator()(const Inconsistent& claim) const {
    const bool shown = first.size < second.size && claim.other_root != first.root &&
                       crypto::consistent(first.size, claim.other_root, second.size, second.root, claim.path);
    if (!shown) return err(TransparencyError::no_contradiction);
    return {};
  }
  TransparencyResult<void> operator()(const Rewritten& claim) const {
    if (first.size > second.size || !contradicts(claim.first.map.outcome, claim.second.map.outcome)) {
      return err(TransparencyError::no_contradiction);
    }
    SOTTO_CHECK_OK(check_statement(first, claim.key, claim.first));
    return check_statement(second, claim.key, claim.second);
  }
};

SignedTreeHead bare(const SignedTreeHead& head) { return {head.head, head.signature, {}}; }

}  // namespace

TransparencyResult<void> verify(const ForkEvidence& evidence) {
  SOTTO_CHECK_OK(verify(evidence.keys, evidence.first));
  SOTTO_CHECK_OK(verify(evidence.keys, evidence.second));
  return std::visit(Contradiction{evidence.first.head, evidence.second.head}, evidence.contradiction);
}

std::optional<ForkEvidence> contradiction(const LogKeys& keys, const SignedTreeHead& a,
                                          const SignedTreeHead& b, const crypto::MerklePath& path) {
  if (a.head.size > b.head.size) return contradiction(keys, b, a, path);
  if (a.head.size == b.head.size) {
    if (a.head.root == b.head.root) return std::nullopt;
    return ForkEvidence{keys, bare(a), bare(b), Split{}};
  }
  const auto roots = crypto::roots_of_consistency(a.head.size, b.head.size, a.head.root, path);
  if (!roots || roots->second != b.head.root || roots->first == a.head.root) return std::nullopt;
  return ForkEvidence{keys, bare(a), bare(b), Inconsistent{path, roots->first}};
}

std::optional<ForkEvidence> contradiction(const LogKeys& keys, const LookupAnswer& a, std::size_t index_a,
                                          const LookupAnswer& b, std::size_t index_b) {
  if (a.head.head.size > b.head.head.size) return contradiction(keys, b, index_b, a, index_a);
  if (index_a >= a.labels.size() || index_b >= b.labels.size()) return std::nullopt;
  const LabelProof& first = a.labels[index_a];
  const LabelProof& second = b.labels[index_b];
  const MapKey key = crypto::vrf_output(first.vrf);
  ForkEvidence out{keys, bare(a.head), bare(b.head),
                   Rewritten{key, {a.entry, first.map}, {b.entry, second.map}}};
  if (crypto::vrf_output(second.vrf) != key || !verify(out)) return std::nullopt;
  return out;
}

}  // namespace sotto::transparency
