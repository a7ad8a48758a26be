#include "transparency/lookup.h"

#include "transparency/limits.h"

namespace sotto::transparency {
namespace {

/// Step 5, first half: the map key. One input has one output under one key, so a key that was proven before
/// is proven.
TransparencyResult<MapKey> map_key(const crypto::VrfPublicKey& vrf, const Question& question,
                                   const crypto::VrfProof& proof) {
  if (question.pin) {
    if (crypto::vrf_output(proof) != question.pin->key) return err(TransparencyError::bad_vrf_proof);
    return question.pin->key;
  }
  auto key = vrf.verify(question.label.alpha(), proof);
  if (!key) return err(TransparencyError::bad_vrf_proof);
  return *key;
}

/// Step 7: what the leaf commits to.
TransparencyResult<LabelState> open(const MapKey& key, const LabelProof& proof) {
  const auto* present = std::get_if<Present>(&proof.map.outcome);
  if (present == nullptr) {
    if (proof.opening != Opening{}) return err(TransparencyError::malformed);
    return LabelState{.key = key};
  }
  if (commit(proof.opening.nonce, proof.opening.value) != present->commitment) {
    return err(TransparencyError::bad_opening);
  }
  return LabelState{key, present->version, leaf_hash({key, present->version, present->commitment}),
                    proof.opening.value};
}

/// Step 8.
TransparencyResult<void> check_pin(const Label& label, const LabelState& pin, const LabelState& now) {
  if (pin.present() && !now.present()) return err(TransparencyError::label_vanished);
  if (now.version < pin.version) return err(TransparencyError::version_went_back);
  if (now.version == pin.version && now.leaf != pin.leaf) return err(TransparencyError::value_replaced);
  const bool was_turned_off = label.is_account() && pin.present() && pin.value.empty();
  if (was_turned_off && now.version != pin.version) return err(TransparencyError::value_replaced);
  return {};
}

}  // namespace

TransparencyResult<void> check_last_entry(const TreeHead& head, const LastEntry& entry,
                                          const Hash& map_root) {
  if (head.size == 0) return err(TransparencyError::not_last_entry);
  const Entry whole{head.size - 1, map_root, entry.time, entry.mutations};
  const auto root = crypto::root_of_inclusion(whole.leaf(), head.size - 1, head.size, entry.path);
  if (root != head.root) return err(TransparencyError::not_last_entry);
  return {};
}

TransparencyResult<std::vector<LabelState>> verify_labels(const crypto::VrfPublicKey& vrf,
                                                          const LookupAnswer& answer,
                                                          std::span<const Question> questions) {
  if (questions.empty() || questions.size() > kMaxLabels || answer.labels.size() != questions.size()) {
    return err(TransparencyError::malformed);
  }
  std::vector<LabelState> states;
  std::optional<Hash> root;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const LabelProof& proof = answer.labels[i];
    SOTTO_TRY(const MapKey key, map_key(vrf, questions[i], proof.vrf));
    SOTTO_TRY(const Hash this_root, root_of(key, proof.map));
    if (root && *root != this_root) return err(TransparencyError::bad_map_proof);
    root = this_root;
    SOTTO_TRY(LabelState state, open(key, proof));
    states.push_back(std::move(state));
  }
  SOTTO_CHECK_OK(check_last_entry(answer.head.head, answer.entry, *root));
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (questions[i].pin) SOTTO_CHECK_OK(check_pin(questions[i].label, *questions[i].pin, states[i]));
  }
  return states;
}

}  // namespace sotto::transparency
