#include "client/search/search.h"

#include "client/conversations/records.h"
#include "client/store/search_words.h"

namespace sotto::client {
namespace {

/// Bit n: kind n is wanted.
std::int64_t mask_of(const std::vector<v1::Message::Kind>& kinds) {
  std::int64_t mask = 0;
  for (const auto kind : kinds) mask |= std::int64_t{1} << static_cast<int>(kind);
  return kinds.empty() ? ~std::int64_t{0} : mask;
}

}  // namespace

std::vector<v1::Message> search(store::Database& database, const Self& self, std::string_view typed,
                                const SearchFilter& filter, std::uint32_t limit, UnixMs now) {
  const std::string expression = store::match_expression(typed);
  const std::int64_t kinds = mask_of(filter.kinds);
  std::vector<std::int64_t> found;
  {
    // CROSS JOIN: the index of words leads, whatever the planner thinks of the filters.
    store::Rows rows =
        expression.empty()
            ? database.query(
                  "SELECT id FROM message WHERE system = 0 AND unsent = 0"
                  " AND (expires_ms = 0 OR expires_ms > ?1) AND (?2 IS NULL OR conversation = ?2)"
                  " AND (?3 IS NULL OR sender_account = ?3) AND sent_ms >= ?4 AND sent_ms < ?5"
                  " AND (?6 >> kind) & 1 AND (?8 = 0 OR EXISTS (SELECT 1 FROM attachment a WHERE a.message = "
                  "message.id))"
                  " ORDER BY id DESC LIMIT ?7",
                  now, filter.conversation, filter.sender, filter.since, filter.until, kinds, limit,
                  filter.has_files)
            : database.query(
                  "SELECT m.id FROM message_words CROSS JOIN message m ON m.id = message_words.rowid"
                  " WHERE message_words MATCH ?9 AND m.unsent = 0"
                  " AND (m.expires_ms = 0 OR m.expires_ms > ?1) AND (?2 IS NULL OR m.conversation = ?2)"
                  " AND (?3 IS NULL OR m.sender_account = ?3) AND m.sent_ms >= ?4 AND m.sent_ms < ?5"
                  " AND (?6 >> m.kind) & 1 AND (?8 = 0 OR EXISTS (SELECT 1 FROM attachment a WHERE a.message "
                  "= m.id))"
                  " ORDER BY message_words.rowid DESC LIMIT ?7",
                  now, filter.conversation, filter.sender, filter.since, filter.until, kinds, limit,
                  filter.has_files, std::string_view(expression));
    while (rows.next()) found.push_back(rows.integer(0));
  }
  std::vector<v1::Message> out;
  for (const std::int64_t row : found) {
    if (auto record = message_record(database, self, row)) out.push_back(*std::move(record));
  }
  return out;
}

}  // namespace sotto::client
