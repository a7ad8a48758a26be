// What a client does with verified label states: whom a handle names, which manifest is the newest, and
// whether its own labels are what it published (docs/specs/transparency.md 4, 6).
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "transparency/log_view.h"

namespace sotto::transparency {

/// What the client stored of a label; none for one that it never looked up.
using PinOf = std::function<std::optional<LabelState>(const Label&)>;

struct ContactStates {
  LabelState handle;
  std::optional<AccountId> account;         ///< none: the log has no such handle, or it is retired
  std::optional<LabelState> account_state;  ///< with `account`; not necessarily present in the map
};

/// Verifies the answer to a LookUp of a handle (normal form). The states are the new pins. Errors: those of
/// LogView::verify, malformed (a value that is none, or an answer without the account it names).
TransparencyResult<ContactStates> verify_contact(LogView& view, std::string_view handle,
                                                 const LookupAnswer& answer, const PinOf& pin_of, UnixMs now);

/// Verifies the answer to a LookUp of an account. The state is the new pin. Errors: those of LogView::verify.
TransparencyResult<LabelState> verify_account(LogView& view, const AccountId& account,
                                              const LookupAnswer& answer, const PinOf& pin_of, UnixMs now);

/// What stands between a manifest and the log.
enum class ManifestCheck : std::uint8_t {
  logged,
  not_in_log,      ///< the log has no such account: do not send
  retired,         ///< the account was turned off for good
  older,           ///< the log has a newer version: fetch it
  newer,           ///< the log does not have it yet: look up again
  other_manifest,  ///< same version, another hash: alarm
  other_key,       ///< the AIK does not hash to the log's fingerprint: alarm
};
/// Only `logged` allows to encrypt. `state` is the verified state of the manifest's own account.
ManifestCheck check_manifest(const LabelState& state, const identity::VerifiedManifest& manifest);

/// What a device published or accepted itself.
struct OwnLabel {
  Label label;
  std::uint64_t version = 0;
  Bytes value;
};

enum class SelfAudit : std::uint8_t {
  as_published,
  missing,   ///< alarm
  behind,    ///< a lower version than ours: alarm
  replaced,  ///< our version with another value: alarm
  ahead,     ///< somebody published: fetch and verify the versions between, alarm if they do not explain it
  retired,   ///< our account has a tombstone: what we turned off ourselves, else alarm
};
SelfAudit self_audit(const OwnLabel& own, const LabelState& state);

}  // namespace sotto::transparency
