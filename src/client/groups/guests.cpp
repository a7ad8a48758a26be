#include "client/groups/guests.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/groups/changes.h"
#include "client/groups/commands.h"
#include "client/groups/conversations.h"
#include "client/sms/texts.h"
#include "identity/device_name.h"
#include "identity/handle.h"

namespace sotto::client {
namespace {

GroupFailure failure(GroupCommandError error, std::string_view subject) {
  return {error, {}, std::string(subject)};
}

/// With or without the mark that a number has among conversations.
GroupOutcome<std::string> checked_number(std::string_view typed) {
  const auto bare = typed.starts_with(kSmsPrefix) ? typed.substr(kSmsPrefix.size()) : typed;
  const auto number = identity::Handle::phone(bare);
  if (!number) return err(failure(GroupCommandError::bad_number, typed));
  return number->text();
}

std::string introduction(Work& work, const groups::GroupId& group) {
  return work.self.handle + " brought you into the group \"" + group_title(work.db, group) +
         "\" on Sotto. You get what is said there as text messages, which are not encrypted; what you answer "
         "goes to everybody in it.";
}

}  // namespace

GroupOutcome<void> add_guest(Work& work, std::string_view group, std::string_view typed,
                             std::string_view name) {
  SOTTO_TRY(const auto id, group_called(work, group));
  SOTTO_TRY(const std::string number, checked_number(typed));
  if (name.empty() || identity::clean_device_name(name) != name) {
    return err(failure(GroupCommandError::bad_name, name));
  }
  if (!sms_allowed(work.db, number)) return err(failure(GroupCommandError::sms_not_allowed, number));
  const auto elsewhere = group_of_guest(work, number);
  if (elsewhere && *elsewhere != id) return err(failure(GroupCommandError::guest_elsewhere, number));
  SOTTO_CHECK_OK(change_group(
      work, id, groups::AddGuest{to_bytes(as_bytes(std::string_view(number))), to_bytes(as_bytes(name))}));
  queue_text(work, ensure_sms_peer(work.db, number), introduction(work, id));
  return {};
}

GroupOutcome<void> remove_guest(Work& work, std::string_view group, std::string_view typed) {
  SOTTO_TRY(const auto id, group_called(work, group));
  SOTTO_TRY(const std::string number, checked_number(typed));
  return change_group(work, id, groups::RemoveGuest{to_bytes(as_bytes(std::string_view(number)))});
}

bool vouches_for(const Work& work, const groups::Guest& guest) {
  return guest.sponsor.account == work.self.account_id() &&
         guest.sponsor.key == work.self.account->key.public_key().fingerprint();
}

bool may_pass_on(Work& work, const groups::GroupId& group, const v1::Content& content) {
  if (!content.has_guest_text()) return true;
  const auto* history = work.run.histories.find(work.db, group);
  const ByteView number = as_bytes(std::string_view(content.guest_text().number()));
  const auto* guest = history == nullptr ? nullptr : history->state().find_guest(number);
  return guest != nullptr && vouches_for(work, *guest);
}

std::optional<groups::GroupId> group_of_guest(Work& work, std::string_view number) {
  auto all = known_groups(work.db);
  std::ranges::sort(all);
  for (const auto& group : all) {
    const auto* history = work.run.histories.find(work.db, group);
    const auto* guest = history == nullptr ? nullptr : history->state().find_guest(as_bytes(number));
    if (guest != nullptr && vouches_for(work, *guest)) return group;
  }
  return std::nullopt;
}

void dismiss_guest(Work& work, std::string_view number) {
  for (const auto& group : known_groups(work.db)) {
    const auto* history = work.run.histories.find(work.db, group);
    const auto* guest = history == nullptr ? nullptr : history->state().find_guest(as_bytes(number));
    if (guest == nullptr || !vouches_for(work, *guest)) continue;
    // Refused only where another own device did it already, or this account is out.
    static_cast<void>(change_group(work, group, groups::RemoveGuest{guest->number}));
  }
}

std::string guest_name(const groups::Guest& guest) {
  return identity::clean_device_name(as_chars(guest.name));
}

void add_guest_records(store::Database& database, const Self& self, const groups::GroupState& state,
                       google::protobuf::RepeatedPtrField<v1::Guest>& records) {
  for (const auto& guest : state.guests) {
    auto* record = records.Add();
    record->set_number(std::string(as_chars(guest.number)));
    record->set_name(guest_name(guest));
    record->set_sponsor(member_name(database, self, guest.sponsor.account));
    record->set_sponsor_account(to_hex(guest.sponsor.account.view()));
  }
}

}  // namespace sotto::client
