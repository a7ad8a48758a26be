// What goes into and comes out of the relay. Payloads are opaque: nothing here says who sent them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "identity/ids.h"
#include "result/result.h"

namespace sotto::relay {

using identity::AccountId;
using identity::DeviceAddress;
using identity::DeviceId;

/// Place of an envelope in its mailbox: ascending from 1, with gaps, never used twice.
struct Sequence {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(Sequence, Sequence) = default;
};

/// Who wrote an envelope. Whoever submits cannot choose it: a device never passes for the server.
enum class Origin : std::uint8_t {
  device = 1,
  gateway = 2,  ///< the server itself, for the gateway to telephone networks (gateway.md)
};

/// One envelope as the device gets it.
struct Envelope {
  Sequence sequence;
  UnixMs received;
  Bytes payload;
  Bytes shared_body;
  Origin origin = Origin::device;

  friend bool operator==(const Envelope&, const Envelope&) = default;
};

/// Why a mailbox could not be read.
enum class RelayError : std::uint8_t {
  storage_unavailable,  ///< the store failed to read
  corrupt,              ///< a stored record does not decode
};
std::string_view describe(RelayError error);

template <typename T>
using RelayResult = Result<T, RelayError>;

/// The newest manifest of an account, as far as the relay needs it. A view: valid during the call.
struct CurrentManifest {
  std::uint64_t version = 0;
  std::span<const DeviceId> devices;
};

/// Envelopes for one device, in order. Views: valid during the call.
struct DeviceEnvelopes {
  DeviceId device;
  std::vector<ByteView> envelopes;
};

/// Envelopes for devices of one account. Each device at most once.
struct Target {
  AccountId account;
  std::uint64_t manifest_version = 0;      ///< the version that the sender encrypted to
  std::optional<CurrentManifest> current;  ///< nullopt: there is no such account, or no longer
  std::vector<DeviceEnvelopes> devices;
  ByteView shared_body;  ///< goes with every envelope of the target; empty: none
  bool retired = false;  ///< the account was turned off for good
  Origin origin = Origin::device;
};

enum class Refusal : std::uint8_t { none, mailbox_full, envelope_too_large, storage_unavailable, overloaded };

/// How many envelopes of a device's list are durable, from the first, and why the next one was refused.
struct DeviceResult {
  std::uint32_t accepted = 0;
  Refusal refusal = Refusal::none;
  DurationMs retry_after;

  friend bool operator==(const DeviceResult&, const DeviceResult&) = default;
};

enum class TargetStatus : std::uint8_t { ok, stale_manifest, no_such_account, retired };

struct TargetResult {
  TargetStatus status = TargetStatus::ok;
  std::uint64_t current_version = 0;      ///< with stale_manifest, as the two lists
  std::vector<DeviceId> missing_devices;  ///< in the manifest and not addressed
  std::vector<DeviceId> extra_devices;    ///< addressed and not in the manifest
  std::vector<DeviceResult> devices;      ///< with ok, in the order of the target

  friend bool operator==(const TargetResult&, const TargetResult&) = default;
};

/// The caller's name for a submission, given back with its results.
struct SubmissionId {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(SubmissionId, SubmissionId) = default;
};

/// What the relay holds for a device, submissions that are being written included.
struct MailboxStatus {
  std::uint64_t envelopes = 0;
  std::uint64_t octets = 0;  ///< of payloads and shared bodies
  UnixMs oldest;             ///< zero when empty

  friend bool operator==(const MailboxStatus&, const MailboxStatus&) = default;
};

/// For metrics; all since the relay was made, except `mailboxes` and `attached`.
struct RelayCounts {
  std::uint64_t accepted = 0;      ///< envelopes made durable
  std::uint64_t refused_full = 0;  ///< device lists cut short, by refusal
  std::uint64_t refused_too_large = 0;
  std::uint64_t refused_storage = 0;
  std::uint64_t refused_overloaded = 0;
  std::uint64_t stale_targets = 0;
  std::uint64_t pushed = 0;        ///< envelopes, repeats included
  std::uint64_t acknowledged = 0;  ///< envelopes
  std::uint64_t expired = 0;       ///< envelopes dropped unread by age
  std::uint64_t loads = 0;         ///< mailboxes read from the store
  std::size_t mailboxes = 0;       ///< in memory
  std::size_t attached = 0;        ///< of connected devices
};

}  // namespace sotto::relay
