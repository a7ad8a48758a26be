// Operations with their author's signature, and what is left of it once it verified (docs/specs/groups.md 3).
#pragma once

#include "crypto/random.h"
#include "groups/operation.h"
#include "identity/verify.h"

namespace sotto::groups {

/// Exact octets and the hybrid signature of the author's device over them: what is stored and sent.
struct SignedOperation {
  Bytes o;
  crypto::HybridSignature signature{};

  friend bool operator==(const SignedOperation&, const SignedOperation&) = default;
};

/// V(o) || signature.
Bytes encode(const SignedOperation& operation);
/// Checks lengths only, not o itself. Errors: malformed.
GroupResult<SignedOperation> parse_signed_operation(ByteView octets);

/// An operation that its author signed. Only this can enter a history.
class VerifiedOperation {
 public:
  [[nodiscard]] const Operation& operation() const { return operation_; }
  [[nodiscard]] const OperationHash& hash() const { return hash_; }
  /// Of the group that it begins, or belongs to.
  [[nodiscard]] const GroupId& group() const { return group_; }

  /// Reads o back WITHOUT a signature. Only for octets from one's own authenticated store, where they were
  /// put after they had been verified. Errors: malformed.
  static GroupResult<VerifiedOperation> from_own_store(ByteView o);

 private:
  friend struct Signed sign(const Operation& operation, const crypto::HybridPrivateKey& device,
                            crypto::RandomSource& random);
  VerifiedOperation(Operation operation, ByteView o);

  Operation operation_;
  OperationHash hash_;
  GroupId group_;
};

/// What the author of an operation gets.
struct Signed {
  SignedOperation octets;
  VerifiedOperation verified;
};
/// Precondition: `device` is the key that operation.author names, and parse_operation would take it.
Signed sign(const Operation& operation, const crypto::HybridPrivateKey& device, crypto::RandomSource& random);

/// `manifest` is the one that the operation names: of its author's account, in that version. Of devices that
/// are said to have left, none may be in it. Errors: malformed, wrong_author, bad_signature.
GroupResult<VerifiedOperation> verify(const SignedOperation& operation,
                                      const identity::VerifiedManifest& manifest);

}  // namespace sotto::groups
