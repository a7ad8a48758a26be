#include "client/conversations/history.h"

#include <algorithm>
#include <vector>

#include "bytes/hex.h"
#include "client/conversations/records.h"

namespace sotto::client {
namespace {

/// Where an entry stands.
struct Place {
  std::uint64_t sort = 0;
  std::int64_t row = 0;
};

struct Reader {
  store::Database& database;
  ConversationRow conversation;
  UnixMs now;

  [[nodiscard]] std::optional<Place> find(const std::string& message_id) const {
    const auto octets = from_hex(message_id);
    if (!octets) return std::nullopt;
    store::Rows rows = database.query(
        "SELECT sort_ms, id FROM message WHERE msg_id = ?1 AND conversation = ?2 ORDER BY id LIMIT 1",
        *octets, conversation);
    if (!rows.next()) return std::nullopt;
    return Place{rows.count(0), rows.integer(1)};
  }
  /// The last `limit` before the place, the nearest first.
  [[nodiscard]] std::vector<Place> before(const Place& place, std::uint32_t limit) const {
    return places(
        database.query("SELECT sort_ms, id FROM message WHERE conversation = ?1 AND (sort_ms, id) < (?2, ?3) "
                       "AND (expires_ms ="
                       " 0 OR expires_ms > ?4) ORDER BY sort_ms DESC, id DESC LIMIT ?5",
                       conversation, place.sort, place.row, now, limit));
  }
  /// The first `limit` after the place, the nearest first.
  [[nodiscard]] std::vector<Place> after(const Place& place, std::uint32_t limit) const {
    return places(
        database.query("SELECT sort_ms, id FROM message WHERE conversation = ?1 AND (sort_ms, id) > (?2, ?3) "
                       "AND (expires_ms ="
                       " 0 OR expires_ms > ?4) ORDER BY sort_ms, id LIMIT ?5",
                       conversation, place.sort, place.row, now, limit));
  }
  [[nodiscard]] std::uint64_t count_before(const Place& place) const {
    store::Rows rows = database.query(
        "SELECT count(*) FROM message WHERE conversation = ?1 AND (sort_ms, id) < (?2, ?3) AND (expires_ms = "
        "0"
        " OR expires_ms > ?4)",
        conversation, place.sort, place.row, now);
    return rows.next() ? rows.count(0) : 0;
  }

 private:
  static std::vector<Place> places(store::Rows rows) {
    std::vector<Place> out;
    while (rows.next()) out.push_back({rows.count(0), rows.integer(1)});
    return out;
  }
};

/// After everything.
constexpr Place kEnd{std::uint64_t{1} << 62U, INT64_MAX};

struct Window {
  std::vector<Place> places;  ///< oldest first
  bool more_before = false;
  bool more_after = false;
};

/// Takes what is over the limit away; true if there was any.
bool cut(std::vector<Place>& places, std::uint32_t limit) {
  if (places.size() <= limit) return false;
  places.resize(limit);
  return true;
}

Window window_before(const Reader& reader, const Place& place, std::uint32_t limit) {
  Window window{.places = reader.before(place, limit + 1)};
  window.more_before = cut(window.places, limit);
  std::ranges::reverse(window.places);
  window.more_after = !reader.after(window.places.empty() ? place : window.places.back(), 1).empty();
  return window;
}

Window window_after(const Reader& reader, const Place& place, std::uint32_t limit) {
  Window window{.places = reader.after(place, limit + 1)};
  window.more_after = cut(window.places, limit);
  window.more_before = !reader.before(window.places.empty() ? place : window.places.front(), 1).empty();
  return window;
}

/// The entry itself, half of the rest before it.
Window window_around(const Reader& reader, const Place& place, std::uint32_t limit) {
  const std::uint32_t half = (limit - 1) / 2;
  Window window = window_before(reader, place, half);
  auto after = reader.after({place.sort, place.row - 1}, limit - half + 1);
  window.more_after = cut(after, limit - half);
  window.places.insert(window.places.end(), after.begin(), after.end());
  return window;
}

}  // namespace

Result<v1::MessagePage, ComposeError> message_page(store::Database& database, const Self& self,
                                                   ConversationRow conversation,
                                                   const v1::HistoryRequest& request, UnixMs now) {
  const Reader reader{database, conversation, now};
  const std::uint32_t limit = request.limit() == 0 ? kDefaultPage : std::min(request.limit(), kMaxPage);
  const std::string& anchor = !request.before().empty()  ? request.before()
                              : !request.after().empty() ? request.after()
                                                         : request.around();
  const auto place = anchor.empty() ? std::optional(kEnd) : reader.find(anchor);
  if (!place) return err(ComposeError::no_message);
  const Window window = anchor.empty() || !request.before().empty() ? window_before(reader, *place, limit)
                        : !request.after().empty()                  ? window_after(reader, *place, limit)
                                                                    : window_around(reader, *place, limit);
  v1::MessagePage page;
  for (const Place& each : window.places) {
    if (auto record = message_record(database, self, each.row)) *page.add_messages() = *std::move(record);
  }
  page.set_more_before(window.more_before);
  page.set_more_after(window.more_after);
  page.set_position(reader.count_before(window.places.empty() ? *place : window.places.front()));
  page.set_total(reader.count_before(kEnd));
  return page;
}

}  // namespace sotto::client
