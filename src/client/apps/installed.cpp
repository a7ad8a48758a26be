#include "client/apps/installed.h"

#include <set>

#include "bytes/encoder.h"
#include "bytes/hex.h"
#include "client/apps/pseudonyms.h"
#include "client/conversations/conversation.h"
#include "client/conversations/text_rules.h"
#include "client/requests/standing.h"
#include "crypto/hash.h"

namespace sotto::client {
namespace {

/// Tells what it is wherever it turns up.
constexpr std::string_view kTokenPrefix = "sotto-app-";
constexpr std::size_t kTokenOctets = 32;

/// A token is random, so its hash gives nothing away and needs no stretching.
crypto::Sha384Digest token_hash(std::string_view token) {
  return crypto::sha384(Encoder().label("app-token").raw(as_bytes(token)).view());
}

v1::ConnectedApp record_in(const store::Rows& rows) {
  v1::ConnectedApp record;
  record.set_name(rows.text(1));
  record.set_added_ms(rows.count(2));
  record.set_may_send(rows.flag(3));
  record.set_lost(rows.count(4));
  record.set_waiting(rows.count(5));
  return record;
}

/// Subjects of conversations where others may ask it.
std::set<Bytes> places(store::Database& database, AppRow app) {
  std::set<Bytes> out;
  store::Rows rows = database.query("SELECT subject FROM app_hears WHERE app = ?1", app);
  while (rows.next()) out.insert(rows.octets(0));
  return out;
}

/// The subject of a conversation with others.
AppResult<Bytes> place_named(Work& work, const std::string& typed, bool accepted) {
  const auto conversation = find_conversation(work.db, work.self, typed);
  const bool others = conversation && (conversation->kind == v1::Conversation::DIRECT ||
                                       conversation->kind == v1::Conversation::GROUP);
  if (!others || (accepted && is_request(work.db, work.self, *conversation))) {
    return err(AppError::no_conversation);
  }
  Bytes subject = subject_of(work.db, work.self, *conversation);
  if (subject.empty()) return err(AppError::no_conversation);
  return subject;
}

/// Where others may ask it from then on.
AppResult<std::set<Bytes>> places_after(Work& work, std::set<Bytes> places, const v1::AppRequest& wish) {
  for (const auto& typed : wish.not_hear()) {
    SOTTO_TRY(const Bytes subject, place_named(work, typed, false));
    places.erase(subject);
  }
  for (const auto& typed : wish.hear()) {
    SOTTO_TRY(Bytes subject, place_named(work, typed, true));
    places.insert(std::move(subject));
  }
  if (places.size() > kMaxHears) return err(AppError::too_many_places);
  return places;
}

void grant(Work& work, AppRow app, const std::set<Bytes>& places, const v1::AppRequest& wish) {
  work.db.run("DELETE FROM app_hears WHERE app = ?1", app);
  for (const Bytes& subject : places) {
    work.db.run("INSERT INTO app_hears (app, subject) VALUES (?1, ?2)", app, subject);
  }
  if (wish.has_may_send()) {
    work.db.run("UPDATE app SET may_send = ?2 WHERE id = ?1", app, wish.may_send());
  }
}

AppResult<v1::ConnectedApp> record_of(Work& work, std::string_view name) {
  for (auto& record : app_records(work.db, work.self)) {
    if (record.name() == name) return std::move(record);
  }
  return err(AppError::no_app);
}

}  // namespace

AppResult<v1::ConnectedApp> add_app(Work& work, const v1::AppRequest& wish) {
  if (!is_app_name(wish.name())) return err(AppError::bad_name);
  if (find_app(work.db, wish.name())) return err(AppError::taken);
  {
    store::Rows rows = work.db.query("SELECT count(*) FROM app");
    if (rows.next() && rows.integer(0) >= kMaxApps) return err(AppError::too_many);
  }
  SOTTO_TRY(const auto places, places_after(work, {}, wish));
  const std::string token = std::string(kTokenPrefix) + to_hex(work.random.array<kTokenOctets>());
  work.db.run(
      "INSERT INTO app (name, token_hash, secret, added_ms, may_send, told, lost, minute_ms, answers)"
      " VALUES (?1, ?2, ?3, ?4, 0, 0, 0, 0, 0)",
      std::string_view(wish.name()), token_hash(token), crypto::random_secret<AppSecret>(work.random),
      work.now);
  grant(work, work.db.last_insert_id(), places, wish);
  SOTTO_TRY(auto record, record_of(work, wish.name()));
  record.set_token(token);
  return record;
}

AppResult<void> remove_app(Work& work, std::string_view name) {
  work.db.run("DELETE FROM app WHERE name = ?1", name);
  if (work.db.changes() == 0) return err(AppError::no_app);
  return {};
}

AppResult<v1::ConnectedApp> change_app_grants(Work& work, const v1::AppRequest& wish) {
  const auto app = find_app(work.db, wish.name());
  if (!app) return err(AppError::no_app);
  SOTTO_TRY(const auto after, places_after(work, places(work.db, *app), wish));
  grant(work, *app, after, wish);
  return record_of(work, wish.name());
}

std::optional<AppRow> find_app(store::Database& database, std::string_view name) {
  store::Rows rows = database.query("SELECT id FROM app WHERE name = ?1", name);
  return rows.next() ? std::optional(rows.integer(0)) : std::nullopt;
}

std::vector<v1::ConnectedApp> app_records(store::Database& database, const Self& self) {
  std::vector<v1::ConnectedApp> out;
  store::Rows rows = database.query(
      "SELECT id, name, added_ms, may_send, lost, (SELECT count(*) FROM app_message m WHERE m.app = app.id "
      "AND"
      " m.taken = 0) FROM app ORDER BY name");
  while (rows.next()) {
    auto& record = out.emplace_back(record_in(rows));
    for (const Bytes& subject : places(database, rows.integer(0))) {
      const auto conversation = find_by_subject(database, self, subject);
      if (conversation) record.add_hears(conversation_name(database, self, *conversation));
    }
  }
  return out;
}

std::optional<AppRow> app_with_token(store::Database& database, std::string_view token) {
  if (!token.starts_with(kTokenPrefix)) return std::nullopt;
  store::Rows rows = database.query("SELECT id FROM app WHERE token_hash = ?1", token_hash(token));
  return rows.next() ? std::optional(rows.integer(0)) : std::nullopt;
}

}  // namespace sotto::client
