#include "client/groups/clear_copies.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/conversations/records.h"
#include "client/groups/conversations.h"
#include "client/groups/guests.h"
#include "client/sms/numbers.h"

namespace sotto::client {
namespace {

void insert(Work& work, std::int64_t message, const groups::Guest& guest, bool said) {
  work.db.run(
      "INSERT OR IGNORE INTO message_guest (message, number, name, sponsor, said, state, failure) VALUES "
      "(?1, "
      "?2, ?3, ?4, ?5, 0, '')",
      message, as_chars(guest.number), std::string_view(guest_name(guest)), guest.sponsor.account, said);
}

}  // namespace

void name_guests(const groups::GroupState& state, v1::Content& content, std::string_view except) {
  content.clear_guests();
  if (content.expires_ms() > 0 || content.has_timer()) return;
  for (const auto& guest : state.guests) {
    const std::string_view number = as_chars(guest.number);
    if (number != except) content.add_guests(std::string(number));
  }
}

void keep_named_guests(const groups::GroupState& state, v1::Content& content) {
  auto& named = *content.mutable_guests();
  const auto gone = std::remove_if(named.begin(), named.end(), [&](const std::string& number) {
    return state.find_guest(as_bytes(std::string_view(number))) == nullptr;
  });
  named.erase(gone, named.end());
}

void note_clear_copies(Work& work, std::int64_t message, const groups::GroupState& state,
                       const v1::Content& content) {
  work.db.run("DELETE FROM message_guest WHERE message = ?1 AND said = 0", message);
  for (const auto& guest : state.guests) {
    const auto& named = content.guests();
    if (std::find(named.begin(), named.end(), as_chars(guest.number)) != named.end()) {
      insert(work, message, guest, false);
    }
  }
}

void note_speaker(Work& work, std::int64_t message, const groups::Guest& guest) {
  insert(work, message, guest, true);
}

void add_clear_copies(store::Database& database, const Self& self, std::int64_t message,
                      v1::Message& record) {
  store::Rows rows = database.query(
      "SELECT number, name, sponsor, said, state, failure FROM message_guest WHERE message = ?1 ORDER BY "
      "number",
      message);
  while (rows.next()) {
    const bool said = rows.flag(3);
    v1::Guest& guest = said ? *record.mutable_guest() : *record.add_also_in_clear();
    guest.set_number(rows.text(0));
    guest.set_name(rows.text(1));
    const auto sponsor = rows.id<identity::AccountId>(2);
    guest.set_sponsor(member_name(database, self, sponsor));
    guest.set_sponsor_account(to_hex(sponsor.view()));
    guest.set_state(static_cast<v1::Message::State>(rows.integer(4)));
    guest.set_failure(rows.text(5));
    if (!said) {
      record.mutable_security()->set_end_to_end(false);
      continue;
    }
    // Never by its name alone, which could be a member's.
    record.set_sender(std::string(kSmsPrefix) + guest.number());
    *record.mutable_security() = sms_security();
  }
}

}  // namespace sotto::client
