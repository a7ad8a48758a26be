// The durable queue of what this device has to tell: one item for the devices of one account, kept 7 days for
// repeating. Items become deliveries (fanout.h), deliveries become wire octets (encrypt.h), those leave
// (submit.h).
#pragma once

#include <optional>
#include <string_view>

#include "client/core/work.h"
#include "session/content_signature.h"
#include "session/peer_state.h"

namespace sotto::client {

/// How long an item may be asked for again (docs/specs/session-protocol.md 9).
inline constexpr DurationMs kKeepForResend = days(7);

using OutboxItemId = std::int64_t;

struct Destination {
  identity::AccountId account;
  std::optional<identity::DeviceId> device;  ///< absent: every device of the manifest
  std::optional<std::int64_t> message;       ///< row of the message it carries
  bool heads = false;   ///< a HeadExchange: leaves although the account claims another log
  UnixMs expires = {};  ///< nothing of it is kept then, delivered or not; 0: as long as it may be asked for
};

OutboxItemId queue_content(Work& work, const Destination& destination, const session::SignedContent& content);
/// Nothing but the ratchets' own parts, so that a peer that was only heard gets an answer. Not repeated while
/// anything for it still waits to be encrypted.
void queue_answer(Work& work, const identity::DeviceAddress& device);
/// The same whatever else is on its way: what was encrypted already does not carry what the ratchets want
/// now. Nothing while something for the device waits to be encrypted.
void queue_protocol_parts(Work& work, const identity::DeviceAddress& device);
void queue_report(Work& work, const identity::DeviceAddress& device, const session::ErrorReport& report);

/// What an item carries; empty if it has none. A stored item that does not decode is database_corrupt.
struct Carried {
  std::optional<session::SignedContent> content;
  std::optional<session::ErrorReport> report;
};
Carried load_carried(store::Database& database, OutboxItemId item);

/// Closes items with nothing left to deliver, and tells the timeline.
void settle_items(Work& work, const identity::AccountId& account);
/// The message of an item cannot be delivered: FAILED, unless somebody has it.
void fail_item(Work& work, OutboxItemId item, std::string_view reason);

/// The same for everything that is still to be delivered to an account.
void fail_account(Work& work, const identity::AccountId& account, std::string_view reason);

/// What a session with `device` reports: repeats what the device says it could not read, or what was sent in
/// a session that died and was never confirmed; the same content under the same number, so that whoever has
/// it already drops it. At most session::kMaxResends times.
void resend_message(Work& work, const identity::DeviceAddress& device, const session::WireHash& hash);
void resend_unconfirmed(Work& work, const identity::DeviceAddress& device, const session::SessionId& session);

/// Messages of the user, and what else contacts wait for, that the server does not have yet. Reads only.
std::uint64_t unsent(store::Database& database);

/// Forgets items older than kKeepForResend that are done.
void expire_outbox(Work& work);

}  // namespace sotto::client
