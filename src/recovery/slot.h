// The two kinds of slot (docs/specs/recovery.md 2, 3): the key's, which any device seals and the seed opens,
// and the contacts', which gives the seed to whoever has put enough shares together. Where they are kept is
// the server's concern.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clock/clock.h"
#include "crypto/random.h"
#include "identity/manifest.h"
#include "identity/private_identity.h"
#include "recovery/recovery_key.h"

namespace sotto::recovery {

/// Names one splitting among contacts.
using SetId = ByteArray<16>;

/// Who holds shares, and the contacts' slot itself, so that no device's loss takes it away.
struct ContactsRecord {
  SetId set{};
  std::uint8_t threshold = 0;
  DurationMs delay;
  AccessHash access_hash{};
  Bytes sealed;
  std::vector<identity::AccountId> contacts;  ///< in the order of their shares, the first has index 1

  friend bool operator==(const ContactsRecord&, const ContactsRecord&) = default;
};

/// What the key's slot holds.
struct SlotContent {
  identity::AccountIdentity account;
  identity::SyncKey sync_key;
  std::string handle;              ///< normalised, or empty
  identity::ManifestRef manifest;  ///< the newest that the sealing device knew
  std::optional<ContactsRecord> contacts;
};

/// The same as the sealing device has it. Refers to objects that live as long as the call.
struct SlotSource {
  const identity::AccountIdentity& account;
  const identity::SyncKey& sync_key;
  std::string_view handle;
  identity::ManifestRef manifest;
  const std::optional<ContactsRecord>& contacts;
};

/// Seals to the public halves: no seed is needed. Errors: malformed (handle, or a key the library refuses),
/// bad_terms (contacts).
RecoveryResult<Bytes> seal_slot(const identity::RecoveryPublicKey& key, const SlotId& slot,
                                const SlotSource& source, crypto::RandomSource& random);

struct OpenedSlot {
  SlotContent content;
  RecoveryKey key;  ///< of this account
};

/// Errors: malformed, cannot_open (another seed, or altered), inconsistent (what is inside is another account
/// than outside, or the slot another one than the seed's).
RecoveryResult<OpenedSlot> open_slot(const RecoverySeed& seed, ByteView sealed);

/// The contacts' slot: opened by `opener`, holds `seed`.
Bytes seal_contacts_slot(const RecoverySeed& opener, const AccountName& name, const SetId& set,
                         const RecoverySeed& seed);
/// Which slot these octets are for, as they say; empty if they are no contacts' slot.
std::optional<SlotId> contacts_slot_id(ByteView sealed);
/// Errors: malformed, cannot_open, inconsistent (of another account, set or slot).
RecoveryResult<RecoverySeed> open_contacts_slot(const RecoverySeed& opener, const AccountName& name,
                                                const SetId& set, ByteView sealed);

}  // namespace sotto::recovery
