#include "client/groups/lines.h"

#include <algorithm>
#include <vector>

#include "bytes/hex.h"
#include "client/conversations/system_lines.h"
#include "client/groups/changes.h"
#include "client/groups/conversations.h"
#include "client/groups/photo.h"
#include "client/requests/standing.h"
#include "identity/device_name.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using v1::SystemLine;

/// At a time: somebody who was away for long reads what the group is, not all that happened.
constexpr std::size_t kMaxLines = 50;
/// An operation names 256 people at most, 32 digits each.
constexpr std::size_t kMaxLine = std::size_t{64} << 10;
constexpr int kMaxNamed = 5;

void add(SystemLine& line, const identity::AccountId& account) {
  line.add_people()->set_account(to_hex(account.view()));
}

SystemLine line_with(SystemLine::Kind kind) {
  SystemLine line;
  line.set_kind(kind);
  return line;
}

SystemLine line_about(SystemLine::Kind kind, const std::vector<groups::MemberName>& members) {
  SystemLine line = line_with(kind);
  for (const auto& member : members) add(line, member.account);
  return line;
}

std::string shown(ByteView octets) { return identity::clean_device_name(as_chars(octets)); }

/// KIND_UNSPECIFIED: nothing that people would want to hear of.
struct LineOf {
  SystemLine operator()(const groups::Create&) const { return line_with(SystemLine::GROUP_CREATED); }
  SystemLine operator()(const groups::Add& add) const {
    return line_about(SystemLine::MEMBERS_ADDED, add.members);
  }
  SystemLine operator()(const groups::Approve& approve) const {
    return line_about(SystemLine::MEMBERS_ADDED, {approve.member});
  }
  SystemLine operator()(const groups::Remove& remove) const {
    SystemLine line = line_with(SystemLine::MEMBERS_REMOVED);
    for (const auto& member : remove.members) add(line, member);
    return line;
  }
  SystemLine operator()(const groups::Leave&) const { return line_with(SystemLine::MEMBER_LEFT); }
  SystemLine operator()(const groups::SetRole& change) const {
    SystemLine line = line_with(SystemLine::ROLE_CHANGED);
    add(line, change.member);
    line.set_role(static_cast<v1::Group::Role>(change.role));
    return line;
  }
  SystemLine operator()(const groups::Rename& rename) const {
    SystemLine line = line_with(SystemLine::GROUP_RENAMED);
    line.set_text(shown(rename.name));
    return line;
  }
  SystemLine operator()(const groups::SetPhoto& photo) const {
    return line_with(photo.descriptor.empty() ? SystemLine::GROUP_PHOTO_REMOVED
                                              : SystemLine::GROUP_PHOTO_CHANGED);
  }
  SystemLine operator()(const groups::SetLink& link) const {
    return line_with(link.secret ? SystemLine::GROUP_LINK_CHANGED : SystemLine::GROUP_LINK_WITHDRAWN);
  }
  SystemLine operator()(const groups::Set& change) const {
    if (change.setting == groups::Setting::guests) {
      return line_with(change.value != 0 ? SystemLine::GUESTS_ALLOWED : SystemLine::GUESTS_FORBIDDEN);
    }
    SystemLine line = line_with(SystemLine::GROUP_TIMER_CHANGED);
    line.set_timer_ms(change.value);
    return line;
  }
  SystemLine operator()(const groups::AddGuest& guest) const {
    SystemLine line = line_with(SystemLine::GUEST_ADDED);
    line.set_text(shown(guest.name));
    line.set_number(std::string(as_chars(guest.number)));
    return line;
  }
  SystemLine operator()(const groups::RemoveGuest& guest) const {
    SystemLine line = line_with(SystemLine::GUEST_REMOVED);
    line.set_number(std::string(as_chars(guest.number)));
    return line;
  }
  SystemLine operator()(const auto& silent) const {
    static_cast<void>(silent);  // Refuse, DevicesLeft, Merge
    return {};
  }
};

std::optional<groups::VerifiedOperation> operation_of(Work& work, const groups::GroupId& group,
                                                      const groups::OperationHash& hash) {
  const Bytes octets = operation_octets(work.db, group, hash);
  const auto parsed = groups::parse_signed_operation(octets);
  auto operation = parsed ? groups::VerifiedOperation::from_own_store(parsed->o) : err(parsed.error());
  if (operation) return *std::move(operation);
  work.db.report_damage();
  return std::nullopt;
}

void tell(Work& work, ConversationRow conversation, const groups::Operation& operation, SystemLine line) {
  if (line.kind() == SystemLine::KIND_UNSPECIFIED) return;
  const auto& author = operation.author.account;
  const auto* photo = std::get_if<groups::SetPhoto>(&operation.act);
  const auto descriptor = photo != nullptr ? photo_of(photo->descriptor) : std::nullopt;
  if (descriptor && photo_line(work.db, conversation, descriptor->keys.file_id)) return;  // by this device
  const auto filled = group_line(work.db, work.self, wire::encode(line));
  const std::int64_t row =
      tell_group(work, conversation,
                 {.kind = line.kind(),
                  .devices = {},
                  .words = words_of(filled.value_or(line), member_name(work.db, work.self, author)),
                  .cause = {author, work.self.device.id},
                  .detail = wire::encode(line)});
  if (descriptor) take_photo(work, row, conversation, *descriptor, author == work.self.account_id());
  announce_group_line(work, row);
}

bool brings_in(const groups::Operation& operation, const identity::AccountId& account) {
  const auto names = [&](const groups::MemberName& member) { return member.account == account; };
  if (const auto* create = std::get_if<groups::Create>(&operation.act))
    return operation.author.account == account || std::ranges::any_of(create->members, names);
  if (const auto* add = std::get_if<groups::Add>(&operation.act))
    return std::ranges::any_of(add->members, names);
  const auto* approve = std::get_if<groups::Approve>(&operation.act);
  return approve != nullptr && names(approve->member);
}

bool has_lines(store::Database& database, ConversationRow conversation) {
  store::Rows rows = database.query("SELECT 1 FROM message WHERE conversation = ?1 AND system >= ?2 LIMIT 1",
                                    conversation, SystemLine::GROUP_CREATED);
  return rows.next();
}

/// Who began it or let this account in, and the photo that the group has.
void tell_beginning(Work& work, ConversationRow conversation, const groups::History& history) {
  std::optional<groups::VerifiedOperation> joined;
  std::optional<groups::VerifiedOperation> pictured;
  for (const auto& hash : history.missing_after({})) {
    auto operation = operation_of(work, history.id(), hash);
    if (!operation) return;
    if (!history.stands(hash)) continue;
    const auto* photo = std::get_if<groups::SetPhoto>(&operation->operation().act);
    if (photo != nullptr && !photo->descriptor.empty() && photo->descriptor == history.state().photo)
      pictured = operation;
    if (brings_in(operation->operation(), work.self.account_id())) joined = *std::move(operation);
  }
  if (joined) {
    const bool began = std::holds_alternative<groups::Create>(joined->operation().act);
    tell(work, conversation, joined->operation(),
         began ? line_with(SystemLine::GROUP_CREATED)
               : line_about(SystemLine::MEMBERS_ADDED, {own_author(work).member()}));
  }
  if (pictured) tell(work, conversation, pictured->operation(), line_with(SystemLine::GROUP_PHOTO_CHANGED));
}

std::string names_of(const SystemLine& line) {
  std::string out;
  for (int i = 0; i < line.people_size() && i < kMaxNamed; ++i) {
    if (i > 0) out += i + 1 == line.people_size() ? " and " : ", ";
    out += line.people(i).name();
  }
  if (line.people_size() > kMaxNamed)
    out += " and " + std::to_string(line.people_size() - kMaxNamed) + " more";
  return out;
}

std::string_view name_of(v1::Group::Role role) {
  if (role == v1::Group::OWNER) return "an owner";
  return role == v1::Group::ADMIN ? "an admin" : "a member without office";
}

std::string timer_words(const SystemLine& line) {
  if (line.timer_ms() == 0) return " lets messages stay";
  return " lets messages disappear after " + std::to_string(line.timer_ms() / 1000) + " seconds";
}

}  // namespace

std::string words_of(const SystemLine& line, const std::string& who) {
  switch (line.kind()) {
    case SystemLine::GROUP_CREATED: return who + " made the group";
    case SystemLine::MEMBERS_ADDED: return who + " added " + names_of(line);
    case SystemLine::MEMBERS_REMOVED: return who + " removed " + names_of(line);
    case SystemLine::MEMBER_LEFT: return who + " left";
    case SystemLine::ROLE_CHANGED:
      return who + " made " + names_of(line) + " " + std::string(name_of(line.role()));
    case SystemLine::GROUP_RENAMED: return who + " called the group " + line.text();
    case SystemLine::GROUP_PHOTO_CHANGED: return who + " gave the group a photo";
    case SystemLine::GROUP_PHOTO_REMOVED: return who + " took the group's photo away";
    case SystemLine::GROUP_LINK_CHANGED: return who + " made an invite link";
    case SystemLine::GROUP_LINK_WITHDRAWN: return who + " withdrew the invite link";
    case SystemLine::GROUP_TIMER_CHANGED: return who + timer_words(line);
    case SystemLine::GUESTS_ALLOWED:
      return who + " lets guests in, by text messages, which are NOT encrypted";
    case SystemLine::GUESTS_FORBIDDEN: return who + " lets no guests in";
    case SystemLine::GUEST_ADDED:
      return who + " brought in the guest " + line.text() + " (" + line.number() +
             "), by text messages, which are NOT encrypted";
    case SystemLine::GUEST_REMOVED: return who + " sent the guest " + line.number() + " away";
    default: return {};
  }
}

std::optional<SystemLine> group_line(store::Database& database, const Self& self,
                                     const std::optional<Bytes>& detail) {
  SystemLine line;
  if (!detail || !wire::decode(*detail, kMaxLine, line)) return std::nullopt;
  for (auto& person : *line.mutable_people()) {
    const auto octets = from_hex(person.account());
    const auto account = octets ? identity::AccountId::from(*octets) : std::nullopt;
    person.set_name(account ? member_name(database, self, *account) : person.account());
  }
  return line;
}

void tell_group_changes(Work& work, const groups::History& history,
                        std::span<const groups::OperationHash> taken, bool fresh) {
  const auto conversation = find_group_conversation(work.db, history.id());
  if (!conversation || is_request(work.db, work.self, *conversation)) return;
  if (!has_lines(work.db, conversation->id)) tell_beginning(work, conversation->id, history);
  if (fresh) return;
  if (taken.size() > kMaxLines) taken = taken.last(kMaxLines);
  for (const auto& hash : taken) {
    const auto operation = operation_of(work, history.id(), hash);
    if (!operation) return;
    if (history.stands(hash)) {
      tell(work, conversation->id, operation->operation(), std::visit(LineOf(), operation->operation().act));
    }
  }
}

}  // namespace sotto::client
