#include "client/events/event_log.h"

#include <set>

#include "client/conversations/text_rules.h"
#include "client/events/event_key.h"

namespace sotto::client {
namespace {

/// Events are forgotten so many at a time.
constexpr std::uint64_t kForgetting = 256;
constexpr std::size_t kMaxName = 64;

bool are_kept(store::Database& database) {
  store::Rows rows = database.query("SELECT 1 FROM event_reading");
  return rows.next();
}

void forget_old(store::Database& database) {
  const auto newest = static_cast<std::uint64_t>(database.last_insert_id());
  if (newest % kForgetting != 0 || newest <= kKeptEvents) return;
  database.run("DELETE FROM event_log WHERE sequence <= ?1", newest - kKeptEvents);
}

std::optional<v1::Consumer> find_consumer(store::Database& database, std::string_view name) {
  store::Rows rows = database.query("SELECT acknowledged, seen_ms FROM event_consumer WHERE name = ?1", name);
  if (!rows.next()) return std::nullopt;
  v1::Consumer consumer;
  consumer.set_name(std::string(name));
  consumer.set_acknowledged(rows.count(0));
  consumer.set_seen_ms(rows.count(1));
  return consumer;
}

}  // namespace

std::string_view describe(EventError error) {
  switch (error) {
    case EventError::bad_name: return "a consumer's name has 1 to 64 octets, all of which can be shown";
    case EventError::too_many_consumers:
      return "100 consumers are kept already; forget one with events.forget";
    case EventError::no_consumer: return "there is no consumer of this name; see events.consumers";
    case EventError::not_yet: return "there is no event of this number yet";
  }
  return "unknown error";
}

void keep_events(store::Database& database, UnixMs now) {
  database.run("INSERT OR IGNORE INTO event_reading (id, since_ms) VALUES (1, ?1)", now);
}

void log_events(Work& work) {
  if (work.effects.events.empty() || !are_kept(work.db)) return;
  std::set<EventKey> logged;  // one input often tells of a record several times; it is read once, later
  for (const v1::Event& event : work.effects.events) {
    auto key = key_of(work.db, work.self, event);
    if (!key || logged.contains(*key)) continue;
    work.db.run("INSERT INTO event_log (time_ms, kind, row, detail) VALUES (?1, ?2, ?3, ?4)", work.now,
                key->kind, key->row, key->detail);
    forget_old(work.db);
    logged.insert(*std::move(key));
  }
}

EventRange event_range(store::Database& database) {
  store::Rows rows =
      database.query("SELECT coalesce(min(sequence), 0), coalesce(max(sequence), 0) FROM event_log");
  if (!rows.next()) return {};
  return {rows.count(0), rows.count(1)};
}

bool has_gap(const EventRange& range, std::uint64_t since) {
  return since > range.newest || (range.oldest > 0 && since + 1 < range.oldest);
}

v1::EventPage read_events(store::Database& database, const Self& self, std::uint64_t since,
                          std::uint32_t limit, UnixMs now) {
  const EventRange range = event_range(database);
  v1::EventPage page;
  page.set_newest(range.newest);
  page.set_gap(has_gap(range, since));
  store::Rows rows = database.query(
      "SELECT sequence, time_ms, kind, row, detail FROM event_log WHERE sequence > ?1 ORDER BY sequence",
      page.gap() ? std::uint64_t{0} : since);
  while (page.events_size() < static_cast<int>(limit) && rows.next()) {
    const EventKey key{static_cast<v1::Event::KindCase>(rows.integer(2)), rows.integer(3), rows.octets(4)};
    auto event = event_for(database, self, key, now);
    if (!event) continue;
    auto* record = page.add_events();
    record->set_sequence(rows.count(0));
    record->set_time_ms(rows.count(1));
    *record->mutable_event() = *std::move(event);
  }
  return page;
}

Result<v1::Consumer, EventError> open_consumer(store::Database& database, std::string_view name, UnixMs now) {
  if (auto known = find_consumer(database, name)) {
    database.run("UPDATE event_consumer SET seen_ms = ?2 WHERE name = ?1", name, now);
    known->set_seen_ms(now.value);
    return *std::move(known);
  }
  return acknowledge_events(database, name, event_range(database).newest, now);
}

Result<v1::Consumer, EventError> acknowledge_events(store::Database& database, std::string_view name,
                                                    std::uint64_t sequence, UnixMs now) {
  if (!is_line(name, kMaxName)) return err(EventError::bad_name);
  if (sequence > event_range(database).newest) return err(EventError::not_yet);
  if (!find_consumer(database, name)) {
    store::Rows rows = database.query("SELECT count(*) FROM event_consumer");
    if (rows.next() && rows.integer(0) >= kMaxConsumers) return err(EventError::too_many_consumers);
  }
  database.run(
      "INSERT INTO event_consumer (name, acknowledged, seen_ms) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO"
      " UPDATE SET acknowledged = max(acknowledged, ?2), seen_ms = ?3",
      name, sequence, now);
  return find_consumer(database, name).value_or(v1::Consumer());
}

std::vector<v1::Consumer> event_consumers(store::Database& database) {
  std::vector<v1::Consumer> out;
  store::Rows rows = database.query("SELECT name, acknowledged, seen_ms FROM event_consumer ORDER BY name");
  while (rows.next()) {
    auto& consumer = out.emplace_back();
    consumer.set_name(rows.text(0));
    consumer.set_acknowledged(rows.count(1));
    consumer.set_seen_ms(rows.count(2));
  }
  return out;
}

Result<void, EventError> forget_consumer(store::Database& database, std::string_view name) {
  database.run("DELETE FROM event_consumer WHERE name = ?1", name);
  if (database.changes() == 0) return err(EventError::no_consumer);
  return {};
}

}  // namespace sotto::client
