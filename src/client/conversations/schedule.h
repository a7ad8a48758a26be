// Messages that are to be sent later. This device holds them, whatever happens to it meanwhile; when it runs
// again after their time it sends them then.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "client/conversations/commands.h"
#include "result/result.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

/// More is a task for a program of its own.
inline constexpr std::int64_t kMaxScheduled = 1000;
inline constexpr DurationMs kLongestWait = days(3653);

enum class ScheduleError : std::uint8_t {
  not_later,      ///< a time that has passed, or more than ten years ahead
  too_many,       ///< kMaxScheduled wait already
  not_scheduled,  ///< nothing with this id waits
};
std::string_view describe(ScheduleError error);

/// Precondition: the content is an entry that keeps to its bounds.
Result<v1::Scheduled, ScheduleError> schedule_entry(Work& work, const ConversationRecord& conversation,
                                                    const v1::Content& content, UnixMs due);
/// `which`: the first digits of its id.
Result<v1::Scheduled, ScheduleError> cancel_scheduled(Work& work, std::string_view which);
/// In the order in which they are due. Reads only.
std::vector<v1::Scheduled> scheduled_records(store::Database& database, const Self& self);

/// Composes what is due.
void send_due(Work& work);
/// When that is next. Reads only.
std::optional<UnixMs> next_due(store::Database& database);

}  // namespace sotto::client
