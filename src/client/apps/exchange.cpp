#include "client/apps/exchange.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/apps/pseudonyms.h"
#include "client/conversations/commands.h"
#include "client/conversations/compose.h"
#include "client/conversations/entry.h"
#include "client/conversations/text_rules.h"

namespace sotto::client {
namespace {

constexpr DurationMs kMinute = minutes(1);

struct App {
  AppRow row = 0;
  std::string name;
  AppSecret secret;
  UnixMs added;
  bool may_send = false;
  std::uint64_t lost = 0;
};

std::optional<App> load_app(store::Database& database, AppRow app) {
  store::Rows rows =
      database.query("SELECT name, secret, added_ms, may_send, lost FROM app WHERE id = ?1", app);
  if (!rows.next()) return std::nullopt;
  auto secret = rows.secret_array<AppSecret>(1);
  if (!secret) return std::nullopt;
  return App{app, rows.text(0), *std::move(secret), rows.time(2), rows.flag(3), rows.count(4)};
}

/// A message as an app may come to see it.
struct Question {
  std::int64_t row = 0;
  ConversationRow conversation = 0;
  MessageKey key;
  bool by_user = false;
  UnixMs sent;
  UnixMs expires;
  std::string body;
  std::string made_by;  ///< an app; empty: a person
};

std::optional<Question> load_question(store::Database& database, std::int64_t message, UnixMs now) {
  store::Rows rows = database.query(
      "SELECT conversation, sender_account, msg_id, outgoing, sent_ms, expires_ms, body, detail FROM message"
      " WHERE id = ?1 AND body LIKE '/%' AND kind = ?2 AND unsent = 0 AND system = 0 AND sender_account IS "
      "NOT NULL AND"
      " (expires_ms = 0 OR expires_ms > ?3)",
      message, v1::Message::TEXT, now);
  if (!rows.next()) return std::nullopt;
  Question out{.row = message,
               .conversation = rows.integer(0),
               .key = {rows.id<identity::AccountId>(1), rows.array<16>(2)},
               .by_user = rows.flag(3),
               .sent = rows.time(4),
               .expires = rows.time(5),
               .body = rows.text(6),
               .made_by = {}};
  if (!rows.is_null(7)) out.made_by = decode_detail(rows.octets(7)).app();
  return out;
}

/// By a person, in a conversation whose contents are encrypted, which text messages are not: by the user, or
/// where the user lets others ask.
bool may_have(store::Database& database, const Self& self, AppRow app, const Question& question) {
  if (!question.made_by.empty()) return false;
  const auto conversation = load_conversation(database, question.conversation);
  if (!conversation || conversation->kind == v1::Conversation::SMS) return false;
  if (question.by_user) return true;
  store::Rows rows = database.query("SELECT 1 FROM app_hears WHERE app = ?1 AND subject = ?2", app,
                                    subject_of(database, self, *conversation));
  return rows.next();
}

UnixMs earliest(UnixMs now) { return {now.value - std::min(now.value, kAppPatience.value)}; }

/// The oldest go; those that it had not taken yet are counted.
void forget(Work& work, AppRow app, std::uint64_t up_to) {
  work.db.run(
      "UPDATE app SET lost = lost + (SELECT count(*) FROM app_message WHERE app = ?1 AND sequence <= ?2 AND"
      " taken = 0) WHERE id = ?1",
      app, up_to);
  work.db.run("DELETE FROM app_message WHERE app = ?1 AND sequence <= ?2", app, up_to);
}

void give(Work& work, AppRow app, std::int64_t message) {
  work.db.run("UPDATE app SET told = told + 1 WHERE id = ?1", app);
  std::uint64_t told = 0;
  {
    store::Rows rows = work.db.query("SELECT told FROM app WHERE id = ?1", app);
    if (rows.next()) told = rows.count(0);
  }
  work.db.run(
      "INSERT INTO app_message (app, sequence, message, pseudonym, given_ms, taken, answers) VALUES (?1, ?2,"
      " ?3, ?4, ?5, 0, 0)",
      app, told, message, work.random.array<16>(), work.now);
  if (told > kMaxAppMessages) forget(work, app, told - kMaxAppMessages);
}

/// One message that an app was given.
struct Given {
  std::uint64_t sequence = 0;
  std::int64_t answers = 0;
  Question question;
};

std::optional<Given> find_given(Work& work, const App& app, std::string_view message_id) {
  const auto id = from_hex(std::string(message_id));
  if (!id) return std::nullopt;
  std::int64_t message = 0;
  Given out;
  {
    store::Rows rows = work.db.query(
        "SELECT sequence, answers, message FROM app_message WHERE app = ?1 AND pseudonym = ?2 AND given_ms > "
        "?3",
        app.row, *id, earliest(work.now));
    if (!rows.next()) return std::nullopt;
    out.sequence = rows.count(0);
    out.answers = rows.integer(1);
    message = rows.integer(2);
  }
  auto question = load_question(work.db, message, work.now);
  if (!question || addressed(question->body).name != app.name) return std::nullopt;
  if (!may_have(work.db, work.self, app.row, *question)) return std::nullopt;
  out.question = *std::move(question);
  return out;
}

/// Counts an answer in its minute. False: enough for this one.
bool has_room(store::Database& database, AppRow app, UnixMs now) {
  database.run(
      "UPDATE app SET minute_ms = ?2, answers = 0 WHERE id = ?1 AND (minute_ms > ?2 OR minute_ms <= ?3)", app,
      now, now.value - std::min(now.value, kMinute.value));
  store::Rows rows = database.query("SELECT answers FROM app WHERE id = ?1", app);
  return rows.next() && rows.integer(0) < kMaxAnswersAMinute;
}

/// An answer stays no longer than what it answers.
Result<Lifetime, AppError> lifetime_of(const Question& question, UnixMs now) {
  if (question.expires.value == 0) return Lifetime();
  const DurationMs rest = elapsed(now, question.expires);
  if (rest < seconds(1)) return err(AppError::no_message);
  return Lifetime(std::min(rest, kLongestTimer));
}

AppResult<void> say(Work& work, const App& app, const Question& question, std::string_view text) {
  const auto asked_in = load_conversation(work.db, question.conversation);
  const bool there = asked_in && (app.may_send || asked_in->kind == v1::Conversation::NOTES);
  const auto place = there ? asked_in : load_conversation(work.db, ensure_notes(work.db));
  if (!place) return err(AppError::not_sent);
  v1::Content content;
  content.mutable_text()->set_body(std::string(text));
  content.set_app(app.name);
  if (there) *content.mutable_reply_to() = ref_of(question.key);
  SOTTO_TRY(const Lifetime lifetime, lifetime_of(question, work.now));
  // No guest is read to in clear by a program.
  if (!compose_entry(work, *place, std::move(content), {.lifetime = lifetime, .without_guests = true})) {
    return err(AppError::not_sent);
  }
  return {};
}

}  // namespace

Addressed addressed(std::string_view body) {
  if (!body.starts_with('/')) return {};
  body.remove_prefix(1);
  const std::size_t end = std::min(body.find_first_of(" \n\t"), body.size());
  Addressed out{.name = std::string(body.substr(0, end)), .text = body.substr(end)};
  // Telephones begin a sentence with a capital letter.
  std::ranges::transform(out.name, out.name.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  if (!is_app_name(out.name)) return {};
  out.text.remove_prefix(std::min(out.text.find_first_not_of(" \n\t"), out.text.size()));
  return out;
}

void offer_to_app(Work& work, std::int64_t message) {
  const auto question = load_question(work.db, message, work.now);
  if (!question) return;
  const auto to = addressed(question->body);
  const auto row = to.name.empty() ? std::nullopt : find_app(work.db, to.name);
  const auto app = row ? load_app(work.db, *row) : std::nullopt;
  // What was said before it was there is no business of its.
  if (!app || question->sent < app->added) return;
  if (!may_have(work.db, work.self, app->row, *question)) return;
  give(work, app->row, message);
}

v1::AppAbout app_about(store::Database& database, const Self& self, AppRow app) {
  v1::AppAbout about;
  if (const auto known = load_app(database, app)) {
    about.set_name(known->name);
    about.set_user(person_pseudonym(known->secret, self.account_id()));
    about.set_may_send(known->may_send);
  }
  return about;
}

AppResult<v1::AppPage> messages_for_app(store::Database& database, const Self& self, AppRow app,
                                        std::uint32_t limit, UnixMs now) {
  const auto known = load_app(database, app);
  if (!known) return err(AppError::no_app);
  v1::AppPage page;
  page.set_lost(known->lost);
  store::Rows rows = database.query(
      "SELECT sequence, message, pseudonym FROM app_message WHERE app = ?1 AND taken = 0 AND given_ms > ?2 "
      "ORDER"
      " BY sequence",
      app, earliest(now));
  while (page.messages_size() < static_cast<int>(limit) && rows.next()) {
    // It may have been taken back meanwhile, edited so that it is for somebody else, or be the app's no more.
    const auto question = load_question(database, rows.integer(1), now);
    const auto to = question ? addressed(question->body) : Addressed();
    if (to.name != known->name || !may_have(database, self, app, *question)) continue;
    auto& message = *page.add_messages();
    message.set_sequence(rows.count(0));
    message.set_message_id(to_hex(rows.octets(2)));
    message.set_conversation(conversation_pseudonym(known->secret, question->conversation));
    message.set_sender(person_pseudonym(known->secret, question->key.account));
    message.set_by_user(question->by_user);
    message.set_text(std::string(to.text));
    message.set_time_s(question->sent.value / 1000);
  }
  return page;
}

AppResult<void> acknowledge_for_app(Work& work, AppRow app, std::uint64_t sequence) {
  if (!load_app(work.db, app)) return err(AppError::no_app);
  work.db.run("UPDATE app_message SET taken = 1 WHERE app = ?1 AND sequence <= ?2", app,
              std::min(sequence, kLatestTime));
  return {};
}

AppResult<void> answer_as_app(Work& work, AppRow app, std::string_view message_id, std::string_view text) {
  const auto known = load_app(work.db, app);
  if (!known) return err(AppError::no_app);
  if (text.empty() || text.size() > kMaxAppAnswer || !is_utf8(text)) return err(AppError::bad_answer);
  const auto given = find_given(work, *known, message_id);
  if (!given) return err(AppError::no_message);
  if (given->answers >= kMaxAnswersEach) return err(AppError::too_many_answers);
  if (!has_room(work.db, app, work.now)) return err(AppError::too_often);
  SOTTO_CHECK_OK(say(work, *known, given->question, text));
  work.db.run("UPDATE app SET answers = answers + 1 WHERE id = ?1", app);
  work.db.run("UPDATE app_message SET answers = answers + 1 WHERE app = ?1 AND sequence = ?2", app,
              given->sequence);
  return {};
}

void expire_app_messages(Work& work) {
  std::vector<std::pair<AppRow, std::uint64_t>> old;
  {
    store::Rows rows = work.db.query(
        "SELECT app, max(sequence) FROM app_message WHERE given_ms <= ?1 GROUP BY app", earliest(work.now));
    while (rows.next()) old.emplace_back(rows.integer(0), rows.count(1));
  }
  for (const auto& [app, sequence] : old) forget(work, app, sequence);
}

}  // namespace sotto::client
