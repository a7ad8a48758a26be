// What the log keeps of an event: which record it was about. The record itself is read when somebody is told,
// so that the log keeps nothing of what has expired, was taken back or was erased.
#pragma once

#include <cstdint>
#include <optional>

#include "bytes/bytes.h"
#include "client/accounts/self.h"
#include "client/store/database.h"
#include "clock/clock.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

struct EventKey {
  v1::Event::KindCase kind = v1::Event::KIND_NOT_SET;
  std::int64_t row = 0;  ///< of the message, contact, conversation or notice
  Bytes detail;          ///< what has no row: ids of a group, a position; or the event, where it is ids alone

  friend auto operator<=>(const EventKey&, const EventKey&) = default;
};

/// Empty for what is of the moment only (typing, connections, progress) and for what is not in the store.
std::optional<EventKey> key_of(store::Database& database, const Self& self, const v1::Event& event);

/// The event with its record as it is now; empty if that is gone.
std::optional<v1::Event> event_for(store::Database& database, const Self& self, const EventKey& key,
                                   UnixMs now);

}  // namespace sotto::client
