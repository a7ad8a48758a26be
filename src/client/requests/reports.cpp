#include "client/requests/reports.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/commands.h"
#include "client/conversations/records.h"
#include "client/conversations/text_rules.h"
#include "client/requests/decisions.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// A reason, not a letter; what the server takes.
constexpr std::size_t kMaxWhy = 1'000;
/// Enough to judge by, and a person can read all of it before it leaves.
constexpr std::size_t kMaxExcerpts = 5;
constexpr std::size_t kMaxExcerpt = 4'000;
/// Of a conversation, among which theirs are looked for.
constexpr std::uint32_t kLookedThrough = 200;
/// On their way at once.
constexpr std::int64_t kMaxReportsSent = 8;

/// Who a conversation is with.
struct Person {
  ConversationRecord conversation;
  identity::AccountId account;
  std::string name;
};

Result<Person, ComposeError> person_in(Work& work, std::string_view typed) {
  if (!work.self.ready()) return err(ComposeError::not_registered);
  const auto conversation = find_conversation(work.db, work.self, typed);
  if (!conversation) return err(ComposeError::no_conversation);
  const auto contact = conversation->contact ? find_contact(work.db, *conversation->contact) : std::nullopt;
  if (!contact || !contact->account) return err(ComposeError::not_a_person);
  return Person{*conversation, *contact->account, display_name(*contact)};
}

v1::Report report_on(const Person& person) {
  v1::Report out;
  out.set_account(to_hex(person.account.view()));
  out.set_name(person.name);
  return out;
}

bool is_theirs(const v1::Message& message) { return !message.outgoing() && !message.has_system(); }

/// Those that the user chose, as they are shown.
Result<void, ComposeError> add_chosen(Work& work, std::string_view conversation,
                                      const std::vector<std::string>& chosen, v1::Report& report) {
  if (chosen.size() > kMaxExcerpts) return err(ComposeError::bad_report);
  for (const std::string& which : chosen) {
    SOTTO_TRY(const auto named, named_message(work, conversation, which, Whose::anybody));
    auto record = message_record(work.db, work.self, named.row);
    if (!record || !is_theirs(*record)) return err(ComposeError::bad_report);
    *report.add_messages() = *std::move(record);
  }
  return {};
}

v1::ReportAccount wire_form(const Person& person, const v1::Report& report) {
  v1::ReportAccount out;
  out.set_account(wire::field(person.account.view()));
  out.set_why(report.why());
  for (const auto& message : report.messages()) {
    auto& said = *out.add_excerpts();
    said.set_sent_ms(message.sent_ms());
    said.set_text(std::string(excerpt(message.body(), kMaxExcerpt)));
  }
  return out;
}

/// A newer report about the same account has another row, so that the answer to the first is not taken for
/// its.
RequestKey key_of_report(std::int64_t row) {
  Encoder subject;
  subject.u64(static_cast<std::uint64_t>(row));
  return {RequestKind::report, std::move(subject).take()};
}

std::int64_t row_of(const Request& request) {
  return static_cast<std::int64_t>(Decoder(request.key.subject).u64());
}

}  // namespace

Result<v1::Report, ComposeError> preview_report(Work& work, std::string_view conversation) {
  SOTTO_TRY(const Person person, person_in(work, conversation));
  v1::Report out = report_on(person);
  std::vector<v1::Message> theirs;
  for (auto& message : history(work.db, work.self, person.conversation.id, kLookedThrough, work.now)) {
    if (is_theirs(message) && !message.body().empty()) theirs.push_back(std::move(message));
  }
  const std::size_t count = std::min(theirs.size(), kMaxExcerpts);
  for (std::size_t i = theirs.size() - count; i < theirs.size(); ++i) {
    *out.add_messages() = std::move(theirs[i]);
  }
  return out;
}

Result<v1::Report, ComposeError> report_person(Work& work, std::string_view conversation,
                                               const ReportWish& wish) {
  SOTTO_TRY(const Person person, person_in(work, conversation));
  v1::Report out = report_on(person);
  if (wish.why.size() > kMaxWhy || !is_utf8(wish.why)) return err(ComposeError::bad_report);
  out.set_why(wish.why);
  SOTTO_CHECK_OK(add_chosen(work, conversation, wish.messages, out));
  work.db.run("DELETE FROM report_due WHERE refused <> ''");
  work.db.run(
      "INSERT OR REPLACE INTO report_due (account, request, made_ms, refused) VALUES (?1, ?2, ?3, '')",
      person.account, wire::encode(wire_form(person, out)), work.now);
  if (!wish.keep) block(work, person.conversation);
  out.set_blocked(!wish.keep);
  return out;
}

ReportStanding report_standing(store::Database& database, const v1::Report& report) {
  const auto account = from_hex(report.account());
  store::Rows rows =
      database.query("SELECT refused FROM report_due WHERE account = ?1", account.value_or(Bytes()));
  if (!rows.next()) return {.sent = true};
  return {.sent = false, .refusal = rows.text(0)};
}

void send_reports(Work& work) {
  std::vector<std::pair<std::int64_t, Bytes>> waiting;
  {
    store::Rows rows = work.db.query(
        "SELECT id, request FROM report_due WHERE refused = '' ORDER BY id LIMIT ?1", kMaxReportsSent);
    while (rows.next()) waiting.emplace_back(rows.integer(0), rows.octets(1));
  }
  for (const auto& [row, request] : waiting) {
    const RequestKey key = key_of_report(row);
    if (!work.link.may(key, work.now)) continue;
    v1::ClientFrame frame;
    if (!wire::decode(request, request.size(), *frame.mutable_report_account())) {
      work.db.report_damage();
      continue;
    }
    const auto account = identity::AccountId::from(wire::octets(frame.report_account().account()));
    work.link.send(work.effects, frame,
                   {.key = key, .account = account.value_or(identity::AccountId()), .handle = {}});
  }
}

void on_report_taken(Work& work, const Request& request) {
  work.link.succeeded(request.key);
  work.db.run("DELETE FROM report_due WHERE id = ?1", row_of(request));
}

void on_report_refused(Work& work, const Request& request, const v1::Error& error) {
  if (error.retry_after_ms() > 0) {
    work.link.pause(request.key, DurationMs{error.retry_after_ms()}, work.now, work.random);
    return;
  }
  work.link.succeeded(request.key);
  const std::string why = error.detail().empty() ? v1::Error::Code_Name(error.code()) : error.detail();
  work.db.run("UPDATE report_due SET refused = ?2 WHERE id = ?1", row_of(request), std::string_view(why));
  const auto contact = find_contact(work.db, request.account);
  report_problem(work, v1::Problem::REPORT_REFUSED, why,
                 contact ? display_name(*contact) : to_hex(request.account.view()));
}

}  // namespace sotto::client
