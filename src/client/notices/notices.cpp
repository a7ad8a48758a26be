#include "client/notices/notices.h"

#include <utility>

namespace sotto::client {
namespace {

/// Notices kept; older ones have been shown, or nobody looks.
constexpr std::int64_t kMaxNotices = 1000;

/// Columns id, kind, time_ms, detail, address.
v1::Notice notice_in(const store::Rows& rows) {
  v1::Notice notice;
  notice.set_id(rows.count(0));
  const auto kind = static_cast<int>(rows.integer(1));
  if (v1::Notice::Kind_IsValid(kind)) notice.set_kind(static_cast<v1::Notice::Kind>(kind));
  notice.set_time_ms(rows.count(2));
  notice.set_detail(rows.text(3));
  notice.set_address(rows.text(4));
  return notice;
}

}  // namespace

void give_notice(Work& work, v1::Notice notice) {
  work.db.run("INSERT INTO notice (kind, time_ms, detail, address, seen) VALUES (?1, ?2, ?3, ?4, 0)",
              notice.kind(), notice.time_ms(), std::string_view(notice.detail()),
              std::string_view(notice.address()));
  const NoticeId id = work.db.last_insert_id();
  work.db.run("DELETE FROM notice WHERE id <= ?1", id - kMaxNotices);
  notice.set_id(static_cast<std::uint64_t>(id));
  *work.effects.events.emplace_back().mutable_notice() = std::move(notice);
}

void give_notice(Work& work, v1::Notice::Kind kind, std::string_view detail) {
  v1::Notice notice;
  notice.set_kind(kind);
  notice.set_time_ms(work.now.value);
  notice.set_detail(std::string(detail));
  give_notice(work, std::move(notice));
}

std::vector<v1::Notice> unseen_notices(store::Database& database) {
  std::vector<v1::Notice> out;
  store::Rows rows =
      database.query("SELECT id, kind, time_ms, detail, address FROM notice WHERE seen = 0 ORDER BY id");
  while (rows.next()) out.push_back(notice_in(rows));
  return out;
}

std::optional<v1::Notice> find_notice(store::Database& database, NoticeId id) {
  store::Rows rows =
      database.query("SELECT id, kind, time_ms, detail, address FROM notice WHERE id = ?1", id);
  if (!rows.next()) return std::nullopt;
  return notice_in(rows);
}

void dismiss_notice(store::Database& database, NoticeId id) {
  database.run("UPDATE notice SET seen = 1 WHERE id = ?1", id);
}

}  // namespace sotto::client
