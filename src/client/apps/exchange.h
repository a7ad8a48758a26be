// What an app is told, and what it says: messages that users addressed to it, from when it was added on, and
// its answers to them (docs/specs/apps.md 2 to 5).
#pragma once

#include <string>
#include <string_view>

#include "client/apps/installed.h"

namespace sotto::client {

/// A message can be answered for so long, and waits no longer for an app that is away: an answer to what
/// nobody remembers asking is none.
inline constexpr DurationMs kAppPatience = days(1);
/// Messages that are kept for one app, answered or not: the newest. Nobody asks more in a day.
inline constexpr std::uint64_t kMaxAppMessages = 500;
inline constexpr std::uint32_t kMaxAppPage = 100;
/// A screen full; what is longer is no message but a document.
inline constexpr std::size_t kMaxAppAnswer = 4096;
/// "Looking...", and what was found, in parts.
inline constexpr std::int64_t kMaxAnswersEach = 4;
/// Whatever an app does, the others in a conversation can still read it.
inline constexpr std::int64_t kMaxAnswersAMinute = 30;

/// Whom a text is for: its name, and what follows it. Empty: nobody.
struct Addressed {
  std::string name;
  std::string_view text;
};
Addressed addressed(std::string_view body);

/// A message that was just written or came: notes it for the app that it is for, if that may have it.
void offer_to_app(Work& work, std::int64_t message);

v1::AppAbout app_about(store::Database& database, const Self& self, AppRow app);
/// What was not acknowledged, as it is now. Reads only. Errors: no_app.
AppResult<v1::AppPage> messages_for_app(store::Database& database, const Self& self, AppRow app,
                                        std::uint32_t limit, UnixMs now);
/// Errors: no_app.
AppResult<void> acknowledge_for_app(Work& work, AppRow app, std::uint64_t sequence);
/// Says it where the message stands, if the app may, else in the notes. Errors: no_app, no_message,
/// bad_answer, too_many_answers, too_often, not_sent.
AppResult<void> answer_as_app(Work& work, AppRow app, std::string_view message_id, std::string_view text);

/// Forgets what is older than kAppPatience.
void expire_app_messages(Work& work);

}  // namespace sotto::client
