#include "client/notices/notices.h"

namespace sotto::client {
namespace {

/// Notices kept; older ones have been shown, or nobody looks.
constexpr std::int64_t kMaxNotices = 1000;

/// Columns id, kind, time_ms, detail, address.
v1::Notice notice_in(const store::Rows& rows) {
  v1::Notice notice;
  const auto kind = static_cast<int>(rows.integer(1));
  if (v1::Notice::Kind_IsValid(kind)) notice.set_kind(static_cast<v1::Notice::Kind>(kind));
  notice.set_time_ms(rows.count(2));
  notice.set_detail(rows.text(3));
  notice.set_address(rows.text(4));
  return notice;
}

}  // namespace

void give_notice(Work& work, const v1::Notice& notice) {
  work.db.run("INSERT INTO notice (kind, time_ms, detail, address, shown) VALUES (?1, ?2, ?3, ?4, 0)",
              notice.kind(), notice.time_ms(), std::string_view(notice.detail()),
              std::string_view(notice.address()));
  work.db.run("DELETE FROM notice WHERE id <= ?1", work.db.last_insert_id() - kMaxNotices);
  *work.effects.events.emplace_back().mutable_notice() = notice;
}

void give_notice(Work& work, v1::Notice::Kind kind, std::string_view detail) {
  v1::Notice notice;
  notice.set_kind(kind);
  notice.set_time_ms(work.now.value);
  notice.set_detail(std::string(detail));
  give_notice(work, notice);
}

std::vector<std::pair<NoticeId, v1::Notice>> unshown_notices(store::Database& database) {
  std::vector<std::pair<NoticeId, v1::Notice>> out;
  store::Rows rows =
      database.query("SELECT id, kind, time_ms, detail, address FROM notice WHERE shown = 0 ORDER BY id");
  while (rows.next()) out.emplace_back(rows.integer(0), notice_in(rows));
  return out;
}

std::optional<v1::Notice> find_notice(store::Database& database, NoticeId id) {
  store::Rows rows =
      database.query("SELECT id, kind, time_ms, detail, address FROM notice WHERE id = ?1", id);
  if (!rows.next()) return std::nullopt;
  return notice_in(rows);
}

void mark_notices_shown(store::Database& database, NoticeId newest) {
  database.run("UPDATE notice SET shown = 1 WHERE id <= ?1 AND shown = 0", newest);
}

}  // namespace sotto::client
