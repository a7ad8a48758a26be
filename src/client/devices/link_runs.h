// Links by code or QR code that run now, from either side (docs/specs/linking.md). In memory alone: what a
// process that dies leaves behind is a failure counted before it (link_attempts.h), and nobody has to be told
// a secret twice.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "clock/clock.h"
#include "clock/deadline.h"
#include "crypto/argon2.h"
#include "identity/verify.h"
#include "linking/new_device.h"
#include "linking/trusted_device.h"

namespace sotto::client {

using LinkName = ByteArray<16>;

/// Which request of linking or signing in is in flight; the only octet, or the first, of its key's subject.
enum class LinkStep : std::uint8_t {
  set_password,
  challenge,
  sign_in,
  open,
  join,
  message,
  manifests,
  look_up
};

/// A trusted device offers.
struct OfferRun {
  std::variant<linking::TrustedOffer, linking::TrustedAnswered, linking::TrustedConfirmed> state;
  LinkName name;  ///< what the server calls it
  bool by_password = false;
  std::string code;  ///< one of the two, to be shown when the server has the offer
  std::string qr;
  UnixMs shown;
  Deadline deadline;
  bool opened = false;     ///< the server has it on the present connection
  bool announced = false;  ///< what to show was shown
  bool joined = false;
  LinkName attempt;  ///< for own devices
  UnixMs begun;
  std::string address;                       ///< of who joined, as the server says
  std::string device_name;                   ///< of who joined, once confirmed
  std::optional<identity::DeviceId> device;  ///< alike; it need not be told what it did itself
};

/// What a new device knows before it begins.
struct TypedCode {
  std::string handle;  ///< normalised
  linking::LinkCode code;
};

/// What the server says has to be done to the password.
struct PasswordChallenge {
  crypto::Argon2Salt salt;
  crypto::Argon2Parameters cost;
  std::string server_name;
};

/// A new device joins. The states of the exchange refer to Self's device.
struct JoinRun {
  std::variant<TypedCode, linking::LinkQr> secret;
  std::optional<PasswordChallenge> challenge;       ///< waits for sign_in_with_password()
  std::optional<identity::AccountId> account;       ///< once signed in or joined
  std::optional<identity::VerifiedManifest> chain;  ///< of the account, followed so far
  std::variant<std::monostate, linking::NewDeviceStarted, linking::NewDeviceReplied,
               linking::NewDeviceConfirming, linking::NewDeviceAccepted>
      state;
  std::optional<Deadline> deadline;  ///< since the hello

  [[nodiscard]] bool begun() const { return !std::holds_alternative<std::monostate>(state); }
};

struct LinkRuns {
  std::optional<OfferRun> offer;
  std::optional<JoinRun> join;
  std::uint8_t messages = 0;      ///< sent; keeps their keys apart
  bool password_changed = false;  ///< the server has the newest password
};

}  // namespace sotto::client
