// Shares with everything that binds them (docs/specs/recovery.md 3): account, set, slot, threshold, and the
// digests of all shares of the set, so that a wrong one is found out.
#pragma once

#include <span>
#include <vector>

#include "crypto/random.h"
#include "recovery/slot.h"
#include "recovery/splitting.h"

namespace sotto::recovery {

using ShareDigest = crypto::Sha256Digest;

/// What all shares of a set have in common.
struct ShareTerms {
  AccountName owner;
  SetId set{};
  SlotId slot{};  ///< that the shared seed opens
  std::uint8_t threshold = 0;
  std::vector<ShareDigest> digests;  ///< of all shares, the first has index 1

  friend bool operator==(const ShareTerms&, const ShareTerms&) = default;
};

/// A share that fits its terms: that it stands among the digests was checked.
struct Share {
  ShareTerms terms;
  std::uint8_t index = 0;
  ShareValue value;

  [[nodiscard]] Share clone() const { return {terms, index, value.clone()}; }
};

/// One for each of `count` contacts. Errors: bad_terms.
RecoveryResult<std::vector<Share>> make_shares(const RecoverySeed& opener, const AccountName& owner,
                                               const SetId& set, std::size_t threshold, std::size_t count,
                                               crypto::RandomSource& random);

/// y 20 || digests: what RecoveryMessage.Share carries beside the other fields.
crypto::WipedOctets share_octets(const Share& share);
/// `terms` without digests. Errors: malformed, bad_terms, wrong_share.
RecoveryResult<Share> parse_share(ShareTerms terms, std::uint32_t index, ByteView octets);
/// SHA-256(share octets)[0:16], by which a contact says that it still has the share.
ByteArray<16> share_hash(const Share& share);

/// R: everything about a share in one string, for a release.
crypto::WipedOctets encode(const Share& share);
/// Errors: malformed, bad_terms, wrong_share.
RecoveryResult<Share> decode_share(ByteView octets);

struct Combined {
  ShareTerms terms;
  RecoverySeed opener;
};
/// Of the first set of which there are enough; the same share twice counts once. Errors: too_few_shares,
/// mixed_shares, wrong_share (they do not give the slot that they name).
RecoveryResult<Combined> combine_shares(std::span<const Share> shares);

}  // namespace sotto::recovery
