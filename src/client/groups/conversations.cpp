#include "client/groups/conversations.h"

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/groups/guests.h"
#include "client/groups/histories.h"
#include "client/groups/photo.h"
#include "groups/link.h"
#include "identity/device_name.h"

namespace sotto::client {
namespace {

/// Shorter ones could be names.
constexpr std::size_t kShortestId = 8;

/// What can be shown of a name that others chose.
std::string shown_name(ByteView name) { return identity::clean_device_name(as_chars(name)); }

}  // namespace

std::string member_name(store::Database& database, const Self& self, const identity::AccountId& account) {
  if (account == self.account_id()) return self.handle;
  const auto contact = find_contact(database, account);
  return contact ? display_name(*contact) : to_hex(account.view());
}

bool is_member(const Work& work, const groups::History& history) {
  const auto* own = history.state().roster.find(work.self.account_id());
  return own != nullptr && own->name.key == work.self.account->key.public_key().fingerprint();
}

std::optional<ConversationRecord> find_group_conversation(store::Database& database,
                                                          const groups::GroupId& group) {
  std::optional<ConversationRow> row;
  {
    store::Rows rows = database.query("SELECT id FROM conversation WHERE group_id = ?1", group);
    if (rows.next()) row = rows.integer(0);
  }
  return row ? load_conversation(database, *row) : std::nullopt;
}

ConversationRow ensure_group_conversation(store::Database& database, const groups::GroupId& group) {
  if (const auto known = find_group_conversation(database, group)) return known->id;
  database.run("INSERT INTO conversation (kind, group_id) VALUES (?1, ?2)", v1::Conversation::GROUP, group);
  return database.last_insert_id();
}

v1::Group group_record(store::Database& database, const Self& self, const groups::History& history) {
  const groups::GroupState& state = history.state();
  v1::Group record;
  record.set_group(to_hex(history.id()));
  record.set_name(shown_name(state.name));
  record.set_timer_ms(state.timer.value);
  record.set_guests_allowed(state.guests_allowed);
  add_guest_records(database, self, state, *record.mutable_guests());
  record.set_link(state.link.has_value());
  if (auto photo = photo_record(database, self, history)) *record.mutable_photo() = *std::move(photo);
  record.set_operations(history.size());
  record.set_roster(to_hex(hash_of(state.roster)));
  for (const auto& member : state.roster.members) {
    auto* shown = record.add_members();
    shown->set_account(to_hex(member.name.account.view()));
    shown->set_name(member_name(database, self, member.name.account));
    shown->set_role(static_cast<v1::Group::Role>(member.role));
    shown->set_fingerprint(to_hex(member.name.key.octets()));
  }
  const auto* own = state.roster.find(self.account_id());
  record.set_member(own != nullptr && own->name.key == self.account->key.public_key().fingerprint());
  return record;
}

std::vector<v1::Group> group_records(store::Database& database, const Self& self) {
  std::vector<v1::Group> out;
  Histories histories;
  for (const auto& group : known_groups(database)) {
    const auto* history = histories.find(database, group);
    if (history != nullptr && find_group_conversation(database, group)) {
      out.push_back(group_record(database, self, *history));
    }
  }
  return out;
}

void announce_group(Work& work, const groups::GroupId& group) {
  const auto* history = work.run.histories.find(work.db, group);
  if (history == nullptr || !find_group_conversation(work.db, group)) return;
  *work.effects.events.emplace_back().mutable_group() = group_record(work.db, work.self, *history);
}

std::string group_title(store::Database& database, const groups::GroupId& group) {
  Histories histories;
  const auto* history = histories.find(database, group);
  return history == nullptr ? std::string() : shown_name(history->state().name);
}

void add_group(store::Database& database, const groups::GroupId& group, const Self& self,
               v1::Conversation& record) {
  Histories histories;
  const auto* history = histories.find(database, group);
  if (history == nullptr) return;
  record.set_title(shown_name(history->state().name));
  add_guest_records(database, self, history->state(), *record.mutable_guests());
  record.mutable_security()->set_channel(v1::SecurityState::SOTTO);
  record.mutable_security()->set_authentication(v1::SecurityState::HYBRID);
  record.mutable_security()->set_end_to_end(record.guests().empty());
}

std::vector<groups::GroupId> groups_called(store::Database& database, std::string_view typed) {
  std::vector<groups::GroupId> out;
  Histories histories;
  for (const auto& group : known_groups(database)) {
    const auto* history = histories.find(database, group);
    if (history == nullptr || !find_group_conversation(database, group)) continue;
    const bool by_id = typed.size() >= kShortestId && to_hex(group).starts_with(typed);
    if (by_id || shown_name(history->state().name) == typed) out.push_back(group);
  }
  return out;
}

}  // namespace sotto::client
