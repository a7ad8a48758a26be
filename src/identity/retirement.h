// Turning an account off for good: what its owner signs (docs/specs/identity.md 9).
#pragma once

#include "crypto/random.h"
#include "identity/private_identity.h"
#include "identity/verify.h"

namespace sotto::v1 {
class RetireAccount;
}

namespace sotto::identity {

/// What is said: this account ends with this manifest. Not yet believed.
struct Retirement {
  AccountId account;
  std::uint64_t version = 1;  ///< of the newest manifest
  ManifestHash manifest{};    ///< H(m) of it
  DeviceId author;
  UnixMs time;

  friend bool operator==(const Retirement&, const Retirement&) = default;
};

Bytes encode(const Retirement& retirement);
/// Errors: malformed.
IdentityResult<Retirement> parse_retirement(ByteView statement);

/// Exact octets and the signatures over them.
struct SignedRetirement {
  Bytes statement;
  crypto::HybridSignature account_signature;
  crypto::HybridSignature author_signature;

  friend bool operator==(const SignedRetirement&, const SignedRetirement&) = default;
};

/// Precondition: `author` is a device of the newest manifest.
SignedRetirement sign_retirement(const VerifiedManifest& newest, const AccountIdentity& account,
                                 const DeviceIdentity& author, UnixMs now, crypto::RandomSource& random);

/// Checks it against the newest manifest of the account. A statement that was signed long ago, or is to be
/// used later, is none. Errors: malformed, wrong_account, wrong_version, broken_chain (of another manifest),
/// expired (signed more than kMaxClockSkew ago), from_future, unknown_author, bad_account_signature,
/// bad_author_signature.
IdentityResult<Retirement> verify_retirement(const VerifiedManifest& newest,
                                             const SignedRetirement& retirement, UnixMs now);

void to_wire(const SignedRetirement& from, v1::RetireAccount& to);
/// Checks lengths only. Errors: malformed.
IdentityResult<SignedRetirement> from_wire(const v1::RetireAccount& from);

}  // namespace sotto::identity
