#include "client/previews/records.h"

#include "client/conversations/timeline.h"
#include "client/families/records.h"
#include "client/requests/standing.h"

namespace sotto::client {
namespace {

/// Pictures of others, where the guardian says so.
bool must_hide(store::Database& database, const Self& self, bool own) {
  return !own && must_blur_all_pictures(database, self);
}

}  // namespace

void keep_preview_picture(Work& work, std::int64_t message, ByteView picture) {
  if (picture.empty() || picture.size() > kMaxPreviewPicture) return;
  work.db.run("INSERT OR IGNORE INTO preview_picture (message, octets, clean) VALUES (?1, ?2, 0)", message,
              picture);
}

std::optional<UncheckedPreview> next_unchecked_preview(store::Database& database, const Self& self) {
  store::Rows rows = database.query(
      "SELECT p.message, p.octets, m.sender_account FROM preview_picture p JOIN message m ON m.id = p.message"
      " WHERE p.clean = 0 ORDER BY p.message LIMIT 1");
  if (!rows.next()) return std::nullopt;
  const auto sender = rows.id<identity::AccountId>(2);
  const bool own = sender == self.account_id();
  return UncheckedPreview{.message = rows.integer(0),
                          .octets = rows.octets(1),
                          .known_sender = own || is_known(database, sender),
                          .own = own,
                          .hidden = must_hide(database, self, own)};
}

void note_preview_looked(Work& work, const UncheckedPreview& looked, ByteView clean) {
  // The policy came while it was looked at: somebody looks again.
  if (!looked.hidden && must_hide(work.db, work.self, looked.own)) return;
  if (clean.empty()) {
    work.db.run("DELETE FROM preview_picture WHERE message = ?1 AND octets = ?2", looked.message,
                looked.octets);
  } else {
    work.db.run(
        "UPDATE preview_picture SET octets = ?3, clean = 1 WHERE message = ?1 AND octets = ?2 AND clean = 0",
        looked.message, looked.octets, clean);
  }
  if (work.db.changes() > 0) announce_message(work, looked.message);
}

void add_preview_picture(store::Database& database, std::int64_t message, v1::LinkPreview& preview) {
  store::Rows rows =
      database.query("SELECT octets FROM preview_picture WHERE message = ?1 AND clean = 1", message);
  if (rows.next()) preview.set_picture(std::string(as_chars(rows.octets(0))));
}

}  // namespace sotto::client
