// Programs that are told of events by HTTP: what they are called, where they are, how far they were told and
// what went wrong. Sending is the owner's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/links/web_url.h"
#include "client/store/database.h"
#include "clock/clock.h"
#include "crypto/random.h"
#include "result/result.h"
#include "sotto/v1/client_service.pb.h"

namespace sotto::client {

inline constexpr std::int64_t kMaxWebhooks = 20;
/// Events in one request.
inline constexpr std::uint32_t kWebhookEvents = 100;
/// Between tries: doubled each time, and never longer than that.
inline constexpr DurationMs kFirstWebhookPause = seconds(1);
inline constexpr DurationMs kLongestWebhookPause = hours(1);

enum class WebhookError : std::uint8_t {
  bad_name,    ///< empty, too long, or with characters that do not show
  bad_url,     ///< neither https:// nor http:// of this machine
  taken,       ///< there is one of this name
  too_many,    ///< kMaxWebhooks are there already
  no_webhook,  ///< none of this name
};
std::string_view describe(WebhookError error);

/// An address that events may be sent to. Over plain HTTP only to this machine.
using WebhookUrl = WebUrl;
std::optional<WebhookUrl> parse_webhook_url(std::string_view url);

/// Begins at the newest event. The answer alone has the secret: 64 hexadecimal digits.
Result<v1::Webhook, WebhookError> add_webhook(store::Database& database, const v1::Webhook& wish,
                                              crypto::RandomSource& random);
/// Without secrets.
std::vector<v1::Webhook> webhooks(store::Database& database);
Result<void, WebhookError> remove_webhook(store::Database& database, std::string_view name);

/// One that has events to be told and is not waiting after a failure.
struct DueWebhook {
  std::string name;
  WebhookUrl url;
  Bytes secret;
  std::uint64_t acknowledged = 0;
};
std::optional<DueWebhook> due_webhook(store::Database& database, UnixMs now);
/// One waits after a failure, and has something to be told.
bool has_failing_webhook(store::Database& database);
/// It answered with 2xx: it has everything up to `sequence`.
void webhook_told(store::Database& database, std::string_view name, std::uint64_t sequence);
void webhook_failed(store::Database& database, std::string_view name, std::string_view why, UnixMs now);

/// "sha256=" and the HMAC-SHA-256 of the body under the secret, in hexadecimal.
std::string webhook_signature(ByteView secret, std::string_view body);

}  // namespace sotto::client
