#include "client/families/commands.h"

#include <algorithm>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/conversation.h"
#include "client/conversations/text_rules.h"
#include "client/families/hours.h"
#include "client/families/messages.h"
#include "client/families/policies.h"
#include "client/families/records.h"
#include "client/sync/registers.h"
#include "identity/handle.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Write = v1::SyncEvent::Write;

FamilyFailure failure(FamilyError error, std::string_view subject = {}) {
  return {error, std::string(subject)};
}

/// Somebody whose key is known and did not change.
FamilyOutcome<families::Person> person_called(Work& work, std::string_view typed) {
  if (!work.self.ready()) return err(failure(FamilyError::not_registered));
  const auto handle = identity::Handle::parse(typed);
  if (handle && is_own_handle(work.db, work.self, handle->text()))
    return err(failure(FamilyError::own_account));
  const auto contact = find_called(work.db, typed);
  if (!contact || !contact->key_holds()) return err(failure(FamilyError::unknown_person, typed));
  return families::Person{*contact->account, *contact->pinned};
}

/// Who accepted this account as guardian, or was offered that.
FamilyOutcome<Child> asked_child(Work& work, std::string_view typed) {
  SOTTO_TRY(const auto person, person_called(work, typed));
  const auto child = find_child(work.db, person.account);
  if (!child || child->person != person) return err(failure(FamilyError::no_child, typed));
  return *child;
}

FamilyOutcome<Child> child_called(Work& work, std::string_view typed) {
  SOTTO_TRY(const auto child, asked_child(work, typed));
  if (!child.accepted) return err(failure(FamilyError::no_child, typed));
  return child;
}

FamilyOutcome<void> change_people(Work& work, const PolicyChange& change, families::Policy& policy) {
  for (const std::string& typed : change.allow) {
    SOTTO_TRY(const auto person, person_called(work, typed));
    std::erase_if(policy.allowed, [&](const auto& other) { return other.account == person.account; });
    if (person != policy.child) policy.allowed.push_back(person);
  }
  for (const std::string& typed : change.forbid) {
    SOTTO_TRY(const auto person, person_called(work, typed));
    std::erase_if(policy.allowed, [&](const auto& other) { return other.account == person.account; });
  }
  std::ranges::sort(policy.allowed);
  if (policy.allowed.size() > families::kMaxAllowed) return err(failure(FamilyError::too_many_people));
  return {};
}

FamilyOutcome<void> change_hours(const PolicyChange& change, families::Policy& policy) {
  if (change.hours && *change.hours == "any") {
    policy.limited_hours = false;
    policy.hours.clear();
  } else if (change.hours) {
    const auto hours = parse_hours(*change.hours);
    if (!hours) return err(failure(FamilyError::bad_hours));
    policy.limited_hours = true;
    policy.hours = *hours;
  }
  if (!change.offset) return {};
  const auto offset = parse_offset(*change.offset);
  if (!offset) return err(failure(FamilyError::bad_hours));
  policy.utc_offset_min = *offset;
  return {};
}

}  // namespace

FamilyOutcome<v1::Family> offer_guardianship(Work& work, std::string_view typed) {
  SOTTO_TRY(const auto person, person_called(work, typed));
  if (guardian_of(work.db)) return err(failure(FamilyError::has_guardian));
  const auto known = find_child(work.db, person.account);
  const bool accepted = known && known->accepted && known->person == person;
  if (!accepted) register_family(work, Write::CHILD, person, kChildOffered);
  v1::FamilyMessage message;
  message.set_offer(true);
  tell_family(work, person.account, message);
  return child_record(work.db, work.self, {person, accepted});
}

FamilyOutcome<v1::Family> accept_guardian(Work& work, std::string_view typed, std::string_view fingerprint) {
  SOTTO_TRY(const auto person, person_called(work, typed));
  if (guardian_of(work.db)) return err(failure(FamilyError::has_guardian));
  if (!children_of(work.db).empty()) return err(failure(FamilyError::is_guardian));
  const UnixMs oldest = oldest_offer(work.now);
  {
    store::Rows rows = work.db.query("SELECT key FROM family_offer WHERE guardian = ?1 AND received_ms >= ?2",
                                     person.account, oldest);
    if (!rows.next()) return err(failure(FamilyError::no_offer, typed));
    const bool same =
        rows.octets(0) == to_bytes(person.key.octets()) && fingerprint == to_hex(person.key.octets());
    if (!same) return err(failure(FamilyError::other_key, typed));
  }
  work.db.run("DELETE FROM family_offer");
  register_family(work, Write::GUARDIAN, person, 1);
  v1::FamilyMessage message;
  message.set_accepted(true);
  tell_family(work, person.account, message);
  return guardian_record(work.db, work.self, person);
}

FamilyOutcome<v1::Family> change_policy(Work& work, std::string_view typed, const PolicyChange& change) {
  SOTTO_TRY(const auto child, child_called(work, typed));
  auto policy = present_policy(work, child.person);
  SOTTO_CHECK_OK(change_people(work, change, policy));
  SOTTO_CHECK_OK(change_hours(change, policy));
  policy.blur_pictures = change.blur_pictures.value_or(policy.blur_pictures);
  policy.blur_all_pictures = change.blur_all_pictures.value_or(policy.blur_all_pictures);
  policy.hold_strangers = change.hold_strangers.value_or(policy.hold_strangers);
  return put_in_force(work, child, std::move(policy));
}

FamilyOutcome<v1::Family> end_guardianship(Work& work, std::string_view typed) {
  // It may have been accepted where nothing was heard of it yet.
  SOTTO_TRY(const auto child, asked_child(work, typed));
  auto policy = present_policy(work, child.person);
  policy.ended = true;
  auto record = put_in_force(work, child, std::move(policy));
  register_family(work, Write::CHILD, child.person, 0);
  work.db.run("DELETE FROM family_request WHERE child = ?1", child.person.account);
  record.set_accepted(false);
  return record;
}

FamilyOutcome<v1::Family> ask_guardian(Work& work, std::string_view typed, std::string_view note) {
  SOTTO_TRY(const auto person, person_called(work, typed));
  // The guardian looks them up by their name.
  const auto contact = find_contact(work.db, person.account);
  if (!contact || !contact->handle) return err(failure(FamilyError::unknown_person, typed));
  const auto guardian = guardian_of(work.db);
  if (!guardian) return err(failure(FamilyError::no_guardian));
  if (!note.empty() && !is_line(note)) return err(failure(FamilyError::bad_note));
  v1::FamilyMessage message;
  auto* request = message.mutable_contact();
  request->set_account(wire::field(person.account.view()));
  request->set_key(wire::field(person.key.octets()));
  request->set_handle(*contact->handle);
  request->set_note(std::string(note));
  tell_family(work, guardian->account, message);
  return guardian_record(work.db, work.self, *guardian);
}

FamilyOutcome<v1::Family> decide_for_child(Work& work, std::string_view typed, std::string_view who,
                                           bool allow) {
  SOTTO_TRY(const auto child, child_called(work, typed));
  SOTTO_TRY(const auto person, person_called(work, who));
  {
    store::Rows rows = work.db.query("SELECT key FROM family_request WHERE child = ?1 AND account = ?2",
                                     child.person.account, person.account);
    if (!rows.next()) return err(failure(FamilyError::no_request, who));
    if (allow && rows.octets(0) != to_bytes(person.key.octets())) {
      return err(failure(FamilyError::other_key, who));
    }
  }
  auto policy = present_policy(work, child.person);
  if (allow) SOTTO_CHECK_OK(change_people(work, {.allow = {std::string(who)}}, policy));
  work.db.run("DELETE FROM family_request WHERE child = ?1 AND account = ?2", child.person.account,
              person.account);
  if (!allow) return child_record(work.db, work.self, child);
  return put_in_force(work, child, std::move(policy));
}

}  // namespace sotto::client
