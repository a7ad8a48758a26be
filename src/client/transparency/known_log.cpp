#include "client/transparency/known_log.h"

#include "result/check.h"

namespace sotto::client {

using transparency::LogView;

std::optional<LogView> load_log_view(store::Database& database) {
  store::Rows rows = database.query("SELECT octets FROM log_view");
  if (!rows.next()) return std::nullopt;
  auto view = LogView::from_own_store(rows.octets(0));
  if (view) return *std::move(view);
  database.report_damage();
  return std::nullopt;
}

void KnownLog::read() {
  std::int64_t stored = 0;
  {
    store::Rows rows = database_.query("SELECT revision FROM log_view");
    if (rows.next()) stored = rows.integer(0);
  }
  if (stored != revision_) {
    view_ = load_log_view(database_);
    revision_ = view_ ? stored : 0;
  }
  current_ = true;
}

const LogView* KnownLog::view() {
  if (!current_) read();
  return view_ ? &*view_ : nullptr;
}

LogView& KnownLog::change() {
  SOTTO_CHECK(view() != nullptr);
  changed_ = true;
  return *view_;
}

transparency::ClaimVerdict KnownLog::heard(const identity::AccountId& account,
                                           const transparency::Gossip& gossip, UnixMs now) {
  SOTTO_CHECK(view() != nullptr);
  // Ordinary gossip says what is known and must not cost a write.
  const auto before = view_->open_claims();
  const auto verdict = view_->heard(account, gossip, now);
  changed_ |= before != view_->open_claims();
  return verdict;
}

void KnownLog::pin(transparency::LogKeys keys) {
  if (view() != nullptr) return;
  view_.emplace(std::move(keys));
  changed_ = true;
}

void KnownLog::flush() {
  current_ = false;
  if (!std::exchange(changed_, false)) return;
  ++revision_;
  database_.run(
      "INSERT INTO log_view (id, octets, revision) VALUES (1, ?1, ?2)"
      " ON CONFLICT (id) DO UPDATE SET octets = ?1, revision = ?2",
      view_->encoded(), revision_);
}

void KnownLog::forget() {
  view_.reset();
  revision_ = 0;
  current_ = false;
  changed_ = false;
}

}  // namespace sotto::client
