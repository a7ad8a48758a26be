// What happened on this device, in the order in which it happened, for programs that read on where they
// stopped (docs/specs/agent.md 5). Written with what it tells of in one transaction, whichever process does
// it. Nothing is kept before somebody wants to read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "client/core/work.h"
#include "result/result.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client {

/// A program that was away for so long reads the conversations instead.
inline constexpr std::uint64_t kKeptEvents = 50'000;
inline constexpr std::uint32_t kDefaultEvents = 100;
inline constexpr std::uint32_t kMaxEvents = 500;
/// Programs of one person.
inline constexpr std::int64_t kMaxConsumers = 100;

enum class EventError : std::uint8_t {
  bad_name,            ///< of a consumer: empty, too long, or with characters that do not show
  too_many_consumers,  ///< kMaxConsumers are kept already
  no_consumer,         ///< none of this name
  not_yet,             ///< acknowledging what has not happened
};
std::string_view describe(EventError error);

/// Events are kept from now on. Inside a transaction.
void keep_events(store::Database& database, UnixMs now);
/// Keeps what this input's effects tell of. Costs one question where nothing is kept.
void log_events(Work& work);

/// Where the log begins and ends; 0 and 0: nothing happened yet.
struct EventRange {
  std::uint64_t oldest = 0;
  std::uint64_t newest = 0;
};
EventRange event_range(store::Database& database);
/// Events after `since` are no longer kept, or it is a number of another log.
bool has_gap(const EventRange& range, std::uint64_t since);

/// The next `limit` events after `since` whose records are still there. Reads only.
v1::EventPage read_events(store::Database& database, const Self& self, std::uint64_t since,
                          std::uint32_t limit, UnixMs now);

/// How far it has read, made at the newest event if there was none.
Result<v1::Consumer, EventError> open_consumer(store::Database& database, std::string_view name, UnixMs now);
/// Moves it forward; back is as good as nothing. Made if there is none.
Result<v1::Consumer, EventError> acknowledge_events(store::Database& database, std::string_view name,
                                                    std::uint64_t sequence, UnixMs now);
std::vector<v1::Consumer> event_consumers(store::Database& database);
Result<void, EventError> forget_consumer(store::Database& database, std::string_view name);

}  // namespace sotto::client
