// The new device's side of a run (docs/specs/linking.md 3, 4), one type for each state:
//
//   NewDeviceStarted --reply--> NewDeviceReplied --manifest--> NewDeviceConfirming --accept-->
//   NewDeviceAccepted
//                                                                                   --grant--> LinkGrant
//
// Each transition consumes its state. On an error the run is over and the caller sends an abort. The caller
// fetches the account's newest manifest from the log and verifies it between reply and confirm, and stores
// attempts() before it sends confirm(): an impostor checks its guess against that message.
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

/// The trusted device has the code too. What remains is to wait for the account.
class NewDeviceAccepted {
 public:
  /// To be stored: a success forgives the failures before it.
  [[nodiscard]] LinkAttempts attempts() const { return {}; }

  /// The account, as from a link file: the caller verifies the manifest's chain before it uses anything
  /// (docs/specs/identity.md 5). Errors: expired, bad_grant.
  LinkingResult<identity::LinkGrant> open(const LinkSealedGrant& grant, UnixMs now) &&;

 private:
  friend class NewDeviceConfirming;
  NewDeviceAccepted(const identity::DeviceIdentity* device, RunKeys keys, identity::GrantParties parties,
                    UnixMs now);

  const identity::DeviceIdentity* device_;
  RunKeys keys_;
  identity::GrantParties parties_;
  Deadline deadline_;
};

/// The confirm may leave.
class NewDeviceConfirming {
 public:
  [[nodiscard]] const LinkConfirm& confirm() const { return confirm_; }
  /// To be stored before confirm() leaves: this run counts as failed until it is accepted.
  [[nodiscard]] const LinkAttempts& attempts() const { return attempts_; }

  /// Errors: expired, not_confirmed.
  LinkingResult<NewDeviceAccepted> accept(const LinkAccept& accept, UnixMs now) &&;

 private:
  friend class NewDeviceReplied;
  NewDeviceConfirming(const identity::DeviceIdentity* device, RunKeys keys, identity::GrantParties parties,
                      LinkConfirm confirm, LinkAttempts attempts, Deadline deadline);

  const identity::DeviceIdentity* device_;
  RunKeys keys_;
  identity::GrantParties parties_;
  LinkConfirm confirm_;
  LinkAttempts attempts_;
  Deadline deadline_;
};

/// A reply is in. Who sent it is unknown until the run is confirmed.
class NewDeviceReplied {
 public:
  /// `newest` is the account's newest manifest, verified through the log and fresh. The name is cleaned.
  /// Errors: expired, paused, wrong_account, unknown_device.
  LinkingResult<NewDeviceConfirming> confirm(const identity::VerifiedManifest& newest, std::string_view name,
                                             const LinkAttempts& attempts, UnixMs now,
                                             crypto::RandomSource& random) &&;

 private:
  friend class NewDeviceStarted;
  struct Secrets {
    crypto::KemSecret kem;
    crypto::Spake2Key spake2;
    std::optional<QrSecret> qr;
  };
  NewDeviceReplied(const identity::DeviceIdentity* device, std::optional<crypto::Fingerprint> account_key,
                   Transcript transcript, Secrets secrets, Deadline deadline);

  const identity::DeviceIdentity* device_;
  std::optional<crypto::Fingerprint> account_key_;  ///< from the QR code
  Transcript transcript_;                           ///< complete but for the AIK, which the manifest brings
  Secrets secrets_;
  Deadline deadline_;
};

/// The hello may leave.
class NewDeviceStarted {
 public:
  /// `device` outlives the run. Errors: paused.
  static LinkingResult<NewDeviceStarted> with_code(const identity::DeviceIdentity& device,
                                                   const identity::AccountId& account, const LinkCode& code,
                                                   const LinkAttempts& attempts, UnixMs now,
                                                   crypto::RandomSource& random);
  static LinkingResult<NewDeviceStarted> with_qr(const identity::DeviceIdentity& device, const LinkQr& qr,
                                                 const LinkAttempts& attempts, UnixMs now,
                                                 crypto::RandomSource& random);

  [[nodiscard]] const LinkHello& hello() const { return hello_; }

  /// Errors: expired, other_device, malformed, not_confirmed (a share chosen to give away the key).
  LinkingResult<NewDeviceReplied> reply(const LinkReply& reply, UnixMs now) &&;

 private:
  /// What a QR code says in advance.
  struct Scanned {
    crypto::Fingerprint account_key;
    crypto::Fingerprint trusted_key;
  };
  static NewDeviceStarted start(const identity::DeviceIdentity& device, const identity::AccountId& account,
                                RunSecret secret, std::optional<Scanned> scanned, UnixMs now,
                                crypto::RandomSource& random);
  NewDeviceStarted(const identity::DeviceIdentity* device, identity::AccountId account,
                   std::optional<Scanned> scanned, std::optional<QrSecret> qr, crypto::Spake2A spake2,
                   crypto::MlKem768DecapsulationKey kem, LinkHello hello, Deadline deadline);

  const identity::DeviceIdentity* device_;
  identity::AccountId account_;
  std::optional<Scanned> scanned_;
  std::optional<QrSecret> qr_;
  crypto::Spake2A spake2_;
  crypto::MlKem768DecapsulationKey kem_;
  LinkHello hello_;
  Deadline deadline_;
};

}  // namespace sotto::linking
