#include "client/events/webhooks.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/conversations/text_rules.h"
#include "client/events/event_log.h"
#include "crypto/hash.h"

namespace sotto::client {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxReason = 200;

bool is_this_machine(std::string_view host) {
  return host == "127.0.0.1" || host == "localhost" || host == "::1";
}

v1::Webhook record_in(const store::Rows& rows) {
  v1::Webhook record;
  record.set_name(rows.text(0));
  record.set_url(rows.text(1));
  record.set_acknowledged(rows.count(2));
  record.set_failures(static_cast<std::uint32_t>(rows.integer(3)));
  record.set_last_failure(rows.text(4));
  return record;
}

bool exists(store::Database& database, std::string_view name) {
  store::Rows rows = database.query("SELECT 1 FROM webhook WHERE name = ?1", name);
  return rows.next();
}

}  // namespace

std::string_view describe(WebhookError error) {
  switch (error) {
    case WebhookError::bad_name: return "a webhook's name has 1 to 64 octets, all of which can be shown";
    case WebhookError::bad_url:
      return "events are sent to https://... or, on this machine alone, to http://127.0.0.1:PORT/...";
    case WebhookError::taken: return "there is a webhook of this name; remove it first, or take another name";
    case WebhookError::too_many: return "there are 20 webhooks already; remove one with webhooks.remove";
    case WebhookError::no_webhook: return "there is no webhook of this name; see webhooks.list";
  }
  return "unknown error";
}

std::optional<WebhookUrl> parse_webhook_url(std::string_view url) {
  auto out = parse_web_url(url);
  if (!out || (!out->secure && !is_this_machine(out->host))) return std::nullopt;
  return out;
}

Result<v1::Webhook, WebhookError> add_webhook(store::Database& database, const v1::Webhook& wish,
                                              crypto::RandomSource& random) {
  if (!is_line(wish.name(), kMaxName)) return err(WebhookError::bad_name);
  if (!parse_webhook_url(wish.url())) return err(WebhookError::bad_url);
  if (exists(database, wish.name())) return err(WebhookError::taken);
  store::Rows rows = database.query("SELECT count(*) FROM webhook");
  if (rows.next() && rows.integer(0) >= kMaxWebhooks) return err(WebhookError::too_many);
  const auto secret = random.array<32>();
  const std::uint64_t newest = event_range(database).newest;
  database.run(
      "INSERT INTO webhook (name, url, secret, acknowledged, failures, last_failure, next_ms) VALUES (?1, ?2,"
      " ?3, ?4, 0, '', 0)",
      std::string_view(wish.name()), std::string_view(wish.url()), secret, newest);
  v1::Webhook record;
  record.set_name(wish.name());
  record.set_url(wish.url());
  record.set_secret(to_hex(secret));
  record.set_acknowledged(newest);
  return record;
}

std::vector<v1::Webhook> webhooks(store::Database& database) {
  std::vector<v1::Webhook> out;
  store::Rows rows =
      database.query("SELECT name, url, acknowledged, failures, last_failure FROM webhook ORDER BY name");
  while (rows.next()) out.push_back(record_in(rows));
  return out;
}

Result<void, WebhookError> remove_webhook(store::Database& database, std::string_view name) {
  database.run("DELETE FROM webhook WHERE name = ?1", name);
  if (database.changes() == 0) return err(WebhookError::no_webhook);
  return {};
}

std::optional<DueWebhook> due_webhook(store::Database& database, UnixMs now) {
  const std::uint64_t newest = event_range(database).newest;
  // Of several the one that waits longest: none keeps the others waiting.
  store::Rows rows = database.query(
      "SELECT name, url, secret, acknowledged FROM webhook WHERE acknowledged <> ?1 AND next_ms <= ?2 ORDER "
      "BY"
      " next_ms, acknowledged LIMIT 1",
      newest, now);
  if (!rows.next()) return std::nullopt;
  auto url = parse_webhook_url(rows.text(1));
  if (!url) return std::nullopt;
  return DueWebhook{rows.text(0), *std::move(url), rows.octets(2), rows.count(3)};
}

bool has_failing_webhook(store::Database& database) {
  store::Rows rows = database.query("SELECT 1 FROM webhook WHERE failures > 0 LIMIT 1");
  return rows.next();
}

void webhook_told(store::Database& database, std::string_view name, std::uint64_t sequence) {
  database.run(
      "UPDATE webhook SET acknowledged = ?2, failures = 0, last_failure = '', next_ms = 0 WHERE name = ?1",
      name, sequence);
}

void webhook_failed(store::Database& database, std::string_view name, std::string_view why, UnixMs now) {
  store::Rows rows = database.query("SELECT failures FROM webhook WHERE name = ?1", name);
  if (!rows.next()) return;
  const auto failures = static_cast<std::uint64_t>(rows.integer(0));
  const std::uint64_t pause =
      std::min(kFirstWebhookPause.value << std::min<std::uint64_t>(failures, 12), kLongestWebhookPause.value);
  database.run("UPDATE webhook SET failures = ?2, last_failure = ?3, next_ms = ?4 WHERE name = ?1", name,
               failures + 1, excerpt(why, kMaxReason), now.value + pause);
}

std::string webhook_signature(ByteView secret, std::string_view body) {
  return "sha256=" + to_hex(crypto::hmac_sha256(secret, as_bytes(body)));
}

}  // namespace sotto::client
