// The trusted device's side of a run (docs/specs/linking.md 3, 4), one type for each state:
//
//   TrustedOffer --hello--> TrustedAnswered --confirm--> TrustedConfirmed --grant--> done
//
// Each transition consumes its state, so a code answers one hello and checks one confirm: that is the one
// guess. On an error the run is over and the caller sends an abort. Storage, publishing the manifest and
// showing the attempt are the caller's: it stores attempts() before it sends reply() or accept().
#pragma once

#include "clock/deadline.h"
#include "crypto/spake2.h"
#include "identity/grant_payload.h"
#include "linking/attempts.h"
#include "linking/link_code.h"
#include "linking/link_qr.h"
#include "linking/messages.h"
#include "linking/run_keys.h"

namespace sotto::linking {

/// The device that offers, and the account it offers.
struct TrustedParty {
  identity::AccountId account;
  crypto::Fingerprint account_key;  ///< fp(AIK)
  crypto::Fingerprint device_key;   ///< its own fp(DIK_T)
};

/// What a confirmed new device says about itself; the key is the one that the run was bound to.
struct LinkedDevice {
  identity::DeviceId id;
  crypto::HybridPublicKey key;
  std::string name;  ///< clean (identity/device_name.h)
};

/// Confirmed: the new device has the code. The caller shows device(), publishes a manifest that lists it, and
/// when that is accepted calls grant().
class TrustedConfirmed {
 public:
  [[nodiscard]] const LinkedDevice& device() const { return device_; }
  [[nodiscard]] LinkAccept accept() const { return {keys_.trusted_confirmation()}; }
  /// To be stored before accept() leaves: a success forgives the failures before it.
  [[nodiscard]] LinkAttempts attempts() const { return {}; }

  /// Seals the account for the new device. Errors: grant_refused, expired.
  LinkingResult<LinkSealedGrant> grant(const identity::GrantSource& source, UnixMs now,
                                       crypto::RandomSource& random) &&;

 private:
  friend class TrustedAnswered;
  TrustedConfirmed(TrustedParty self, RunKeys keys, LinkedDevice device, UnixMs now);

  TrustedParty self_;
  RunKeys keys_;
  LinkedDevice device_;
  Deadline deadline_;
};

/// The reply is out; nothing that depends on the keys has left this device.
class TrustedAnswered {
 public:
  [[nodiscard]] const LinkReply& reply() const { return reply_; }
  /// To be stored before reply() leaves: this run counts as failed until it is confirmed.
  [[nodiscard]] const LinkAttempts& attempts() const { return attempts_; }

  /// Errors: expired, not_confirmed, bad_device.
  LinkingResult<TrustedConfirmed> confirm(const LinkConfirm& confirm, UnixMs now) &&;

 private:
  friend class TrustedOffer;
  TrustedAnswered(TrustedParty self, RunKeys keys, crypto::Fingerprint new_key, LinkReply reply,
                  LinkAttempts attempts, Deadline deadline);

  TrustedParty self_;
  RunKeys keys_;
  crypto::Fingerprint new_key_;
  LinkReply reply_;
  LinkAttempts attempts_;
  Deadline deadline_;
};

/// A code is on the screen. Lives in memory only.
class TrustedOffer {
 public:
  /// Errors: paused.
  static LinkingResult<TrustedOffer> with_code(const TrustedParty& self, const LinkCode& code,
                                               LinkAttempts attempts, UnixMs now);
  /// `qr` names this device and its account. Errors: paused.
  static LinkingResult<TrustedOffer> with_qr(const LinkQr& qr, LinkAttempts attempts, UnixMs now);

  /// Errors: expired, malformed (a key the library refuses), not_confirmed (a share chosen to give away the
  /// key). None of them has sent anything, so none is counted.
  LinkingResult<TrustedAnswered> answer(const LinkHello& hello, UnixMs now, crypto::RandomSource& random) &&;

 private:
  TrustedOffer(const TrustedParty& self, RunSecret secret, LinkAttempts attempts, UnixMs now);

  TrustedParty self_;
  RunSecret secret_;
  LinkAttempts attempts_;
  Deadline deadline_;
};

}  // namespace sotto::linking
