// Who a log is, and the heads it signs (docs/specs/transparency.md 3).
#pragma once

#include <span>
#include <vector>

#include "clock/clock.h"
#include "crypto/hybrid_signature.h"
#include "crypto/vrf.h"
#include "transparency/map.h"

namespace sotto::transparency {

using LogId = Hash;

/// The public keys of a log. They never change; other keys are another log.
struct LogKeys {
  crypto::HybridPublicKey identity;  ///< the server identity key
  crypto::VrfPublicKey vrf;

  static constexpr std::size_t kSize = crypto::kHybridPublicKeySize + crypto::kP256PublicKeySize;
  /// ec33 || mldsa1952 || vrf33
  [[nodiscard]] ByteArray<kSize> encoded() const;
  /// Full validation of every key. Errors: malformed.
  static TransparencyResult<LogKeys> parse(ByteView octets);

  friend bool operator==(const LogKeys&, const LogKeys&) = default;
};

/// H(LBL("log") || keys)
LogId log_id(const LogKeys& keys);

inline constexpr std::size_t kTreeHeadSize = 88;

struct TreeHead {
  LogId log{};
  std::uint64_t size = 0;  ///< entries; 1 or larger
  Hash root{};
  UnixMs time;

  /// The octets that the log and its witnesses sign.
  [[nodiscard]] ByteArray<kTreeHeadSize> encoded() const;
  /// Errors: malformed (also size 0).
  static TransparencyResult<TreeHead> parse(ByteView octets);

  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

struct Cosignature {
  crypto::Fingerprint witness;
  crypto::HybridSignature signature;

  friend bool operator==(const Cosignature&, const Cosignature&) = default;
};

/// A head as it travels: believed by nobody before its signature is verified.
struct SignedTreeHead {
  TreeHead head;
  crypto::HybridSignature signature;
  std::vector<Cosignature> cosignatures;  ///< at most kMaxCosignatures

  friend bool operator==(const SignedTreeHead&, const SignedTreeHead&) = default;
};

SignedTreeHead sign(const TreeHead& head, const crypto::HybridPrivateKey& identity,
                    crypto::RandomSource& random);
/// The log's own signature alone. Errors: wrong_log, bad_signature.
TransparencyResult<void> verify(const LogKeys& keys, const SignedTreeHead& head);

/// A witness's signature. Only for a head that an Auditor admitted (auditor.h).
Cosignature cosign(const TreeHead& head, const crypto::HybridPrivateKey& witness,
                   crypto::RandomSource& random);
/// How many of the given witnesses signed this head, each counted once. Signatures of others are ignored.
/// Errors: bad_signature (of a known witness).
TransparencyResult<std::size_t> count_cosignatures(const SignedTreeHead& head,
                                                   std::span<const crypto::HybridPublicKey> witnesses);

}  // namespace sotto::transparency
