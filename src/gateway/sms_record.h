// How texts and routes lie in the store. docs/specs/gateway.md 6 has the octets.
#pragma once

#include <optional>
#include <string>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "identity/ids.h"
#include "storage/partition.h"

namespace sotto::gateway {

/// What the server calls a text towards the gateway: random, so that it tells nobody anything, and knowing it
/// is the right to report about it.
using SmsRef = identity::Id<struct SmsRefTag>;
/// What a device calls its text.
using SmsId = identity::Id<struct SmsIdTag>;

enum class SmsState : std::uint8_t {
  waiting = 1,  ///< to be handed over; only then its words are kept
  handed_over = 2,
  at_carrier = 3,
  delivered = 4,
  failed = 5,
  no_report = 6,
};

/// True when nothing more is expected: then neither number is kept.
constexpr bool is_final(SmsState state) { return state >= SmsState::delivered; }

struct TextRecord {
  identity::AccountId account;
  SmsId id;
  UnixMs accepted;
  UnixMs reported;  ///< when the state was reached; zero while waiting or handed over
  std::uint8_t parts = 0;
  SmsState state = SmsState::waiting;
  bool owed = false;  ///< the account's devices have not been told of the state
  std::string from;
  std::string to;
  std::string text;

  friend bool operator==(const TextRecord&, const TextRecord&) = default;
};

/// Whose one of the server's numbers is towards one recipient.
struct RouteRecord {
  identity::AccountId account;
  UnixMs created;
  UnixMs last_used;
  bool stopped = false;
  std::string number;
  std::string peer;

  friend bool operator==(const RouteRecord&, const RouteRecord&) = default;
};

/// "sms": all of both.
storage::Partition sms_partition();
Bytes text_key(const SmsRef& ref);
Bytes route_key(const std::string& number, const std::string& peer);
/// Every key of a kind lies between its first key and the next.
Bytes first_text_key();
Bytes first_route_key();
/// The reference in text_key(ref).
std::optional<SmsRef> ref_of(ByteView key);

Bytes encode(const TextRecord& record);
Bytes encode(const RouteRecord& record);
/// Both: empty when the octets are not what encode makes.
std::optional<TextRecord> decode_text(ByteView octets);
std::optional<RouteRecord> decode_route(ByteView octets);

}  // namespace sotto::gateway
