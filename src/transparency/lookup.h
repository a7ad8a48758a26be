// An answer of the log about a few labels under one head, and what it proves by itself
// (docs/specs/transparency.md 4, steps 5 to 7). What a client has seen before is log_view.h's concern.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "transparency/entry.h"
#include "transparency/label.h"
#include "transparency/tree_head.h"

namespace sotto::transparency {

/// What opens a commitment.
struct Opening {
  Nonce nonce{};
  Bytes value;

  friend bool operator==(const Opening&, const Opening&) = default;
};

struct LabelProof {
  crypto::VrfProof vrf{};
  MapProof map;
  Opening opening;  ///< of a label that is present, else empty

  friend bool operator==(const LabelProof&, const LabelProof&) = default;
};

/// The last entry of a head's tree without what follows from elsewhere: its epoch is size - 1, its map root
/// comes out of a map proof.
struct LastEntry {
  UnixMs time;
  Hash mutations{};
  crypto::MerklePath path;

  friend bool operator==(const LastEntry&, const LastEntry&) = default;
};

struct LookupAnswer {
  SignedTreeHead head;
  crypto::MerklePath consistency;  ///< from the size that the asker named
  LastEntry entry;
  std::vector<LabelProof> labels;  ///< in the order of the question, 1 to kMaxLabels

  friend bool operator==(const LookupAnswer&, const LookupAnswer&) = default;
};

/// What the log says about a label. A client keeps it as the label's pin.
struct LabelState {
  MapKey key{};
  std::uint64_t version = 0;  ///< 0: not in the map
  Hash leaf{};                ///< zeros: not in the map
  Bytes value;

  [[nodiscard]] bool present() const { return version != 0; }
  friend bool operator==(const LabelState&, const LabelState&) = default;
};

/// What was asked: a label and what this client saw of it last. With a pin the VRF proof only has to give the
/// pinned map key again (one input has one output), which saves most of what a client spends.
struct Question {
  Label label;
  std::optional<LabelState> pin = std::nullopt;
};

/// Checks that an entry with this map root is the last one of the head's tree. Errors: not_last_entry.
TransparencyResult<void> check_last_entry(const TreeHead& head, const LastEntry& entry, const Hash& map_root);

/// Everything that the proofs say under the head, whose signature the caller has verified. `vrf` is the
/// pinned key. The states are in the order of the questions. Errors: malformed (another number of labels than
/// questions, or none, or too many), bad_vrf_proof, bad_map_proof, bad_opening, not_last_entry,
/// label_vanished, version_went_back, value_replaced.
TransparencyResult<std::vector<LabelState>> verify_labels(const crypto::VrfPublicKey& vrf,
                                                          const LookupAnswer& answer,
                                                          std::span<const Question> questions);

}  // namespace sotto::transparency
