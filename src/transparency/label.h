// What the log speaks about: labels and their values (docs/specs/transparency.md 1).
#pragma once

#include <optional>
#include <string_view>

#include "crypto/hash.h"
#include "crypto/hybrid_signature.h"
#include "identity/ids.h"
#include "identity/verify.h"
#include "transparency/error.h"

namespace sotto::transparency {

using identity::AccountId;

/// A handle or an account as the map knows it.
class Label {
 public:
  /// "h:" || handle. Precondition: a normal form of identity::Handle, at most kMaxHandle octets.
  static Label handle(std::string_view normal_form);
  /// "a:" || account16
  static Label account(const AccountId& account);

  [[nodiscard]] ByteView octets() const { return octets_; }
  [[nodiscard]] bool is_account() const { return octets_.front() == 'a'; }
  /// What the VRF is computed over: V(label).
  [[nodiscard]] Bytes alpha() const;

  friend auto operator<=>(const Label&, const Label&) = default;

 private:
  explicit Label(Bytes octets) : octets_(std::move(octets)) {}

  Bytes octets_;
};

/// The value of an "a:" label: which key an account has and which manifest is its newest.
struct AccountBinding {
  crypto::Fingerprint account_key;  ///< fp(AIK)
  identity::ManifestHash manifest{};

  /// fp32 || H384(m)48
  [[nodiscard]] Bytes encoded() const;
  /// Errors: malformed.
  static TransparencyResult<AccountBinding> parse(ByteView value);
  /// The binding that a manifest gives.
  static AccountBinding of(const identity::VerifiedManifest& manifest);

  friend bool operator==(const AccountBinding&, const AccountBinding&) = default;
};

/// The value of an "a:" label as the map has it: a binding, or nothing once the account was turned off for
/// good (a tombstone, of the version after the last manifest's).
Bytes account_value(const std::optional<AccountBinding>& binding);
/// Errors: malformed.
TransparencyResult<std::optional<AccountBinding>> parse_account_value(ByteView value);

/// The value of an "h:" label: an account, or nothing once the handle is retired.
Bytes handle_value(const std::optional<AccountId>& account);
/// Errors: malformed.
TransparencyResult<std::optional<AccountId>> parse_handle_value(ByteView value);

}  // namespace sotto::transparency
