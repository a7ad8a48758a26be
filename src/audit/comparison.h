// Do heads that several auditors found right belong to one log? Asks its server for the paths between them;
// what the server cannot connect was shown to different people. Synchronous, as the follower.
#pragma once

#include <optional>
#include <vector>

#include "audit/error.h"
#include "audit/pinned_log.h"
#include "crypto/random.h"
#include "transparency/evidence.h"

namespace sotto::v1 {
class ServerFrame;
}

namespace sotto::audit {

enum class Relation : std::uint8_t {
  consistent,  ///< each head continues the one before it
  unproven,    ///< the server did not show for some two heads that they belong together
  forked,      ///< two of them contradict each other: there is evidence
};

struct ComparisonResult {
  Relation relation = Relation::unproven;
  std::optional<transparency::ForkEvidence> evidence = std::nullopt;
  /// The first two that do not belong together, in the order of their sizes.
  std::optional<std::pair<transparency::TreeHead, transparency::TreeHead>> between = std::nullopt;
};

/// What its owner has to do: send, and when there is a result or an error, stop.
struct ComparisonEffects {
  std::vector<Bytes> frames = {};
  std::optional<ComparisonResult> result = std::nullopt;
  std::optional<AuditError> error = std::nullopt;
};

class Comparison {
 public:
  /// `pinned`: the log that is meant; without one it is the server's. Precondition: two heads at least.
  Comparison(std::vector<transparency::SignedTreeHead> heads, std::optional<PinnedLog> pinned,
             crypto::RandomSource& random);

  ComparisonEffects connected(const std::optional<identity::SpkiHash>& tls_key);
  /// Errors: those of check_welcome, malformed_answer, bad_head (of another log or not signed by it),
  /// refused.
  ComparisonEffects receive(ByteView message, UnixMs now);

 private:
  ComparisonEffects on_welcome(const v1::ServerFrame& frame, UnixMs now);
  ComparisonEffects on_path(const v1::ServerFrame& frame);
  /// Compares from `next_` on until a path is needed.
  ComparisonEffects go_on();
  ComparisonEffects ask(std::uint64_t first_size, std::uint64_t second_size);
  ComparisonEffects ended(Relation relation, std::optional<transparency::ForkEvidence> evidence) const;

  std::vector<transparency::SignedTreeHead> heads_;  ///< by size, then time
  std::optional<PinnedLog> pinned_;
  crypto::RandomSource& random_;
  std::optional<identity::SpkiHash> tls_key_;
  std::uint64_t last_id_ = 0;
  bool greeted_ = false;
  std::size_t next_ = 1;                        ///< to be compared with the one before it
  std::optional<crypto::MerklePath> doubtful_;  ///< between those two: fails and proves nothing yet
};

}  // namespace sotto::audit
