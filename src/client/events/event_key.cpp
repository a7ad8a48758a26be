#include "client/events/event_key.h"

#include "bytes/hex.h"
#include "client/attachments/records.h"
#include "client/conversations/records.h"
#include "client/families/records.h"
#include "client/groups/conversations.h"
#include "client/groups/histories.h"
#include "client/groups/requests.h"
#include "client/notices/notices.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

using Kind = v1::Event::KindCase;

/// Only ids and words of this program, never of people.
constexpr std::size_t kMaxDetail = 4096;

std::optional<std::int64_t> message_row(store::Database& database, const Self& self,
                                        const std::string& conversation, const std::string& message_id,
                                        const std::string& sender_device) {
  const auto id = from_hex(message_id);
  const auto device = from_hex(sender_device);
  const auto named = find_conversation(database, self, conversation);
  if (!id || !device || !named) return std::nullopt;
  store::Rows rows =
      database.query("SELECT id FROM message WHERE msg_id = ?1 AND sender_device = ?2 AND conversation = ?3",
                     *id, *device, named->id);
  return rows.next() ? std::optional(rows.integer(0)) : std::nullopt;
}

std::optional<EventKey> message_key(store::Database& database, const Self& self, const v1::Message& message) {
  const auto row =
      message_row(database, self, message.conversation(), message.message_id(), message.sender_device());
  if (!row) return std::nullopt;
  return EventKey{Kind::kMessage, *row, {}};
}

std::optional<EventKey> contact_key(store::Database& database, const v1::Contact& contact) {
  const auto octets = from_hex(contact.account());
  const auto account = octets ? identity::AccountId::from(*octets) : std::nullopt;
  const auto known = account ? find_contact(database, *account) : find_contact(database, contact.handle());
  if (!known) return std::nullopt;
  return EventKey{Kind::kContact, known->id, {}};
}

std::optional<EventKey> conversation_key(store::Database& database, const Self& self,
                                         const std::string& name) {
  const auto known = find_conversation(database, self, name);
  if (!known) return std::nullopt;
  return EventKey{Kind::kConversation, known->id, {}};
}

/// Progress is of the moment; where a file ended up is not.
std::optional<EventKey> file_key(store::Database& database, const Self& self, const v1::AttachedFile& file) {
  const bool moves =
      file.state() == v1::AttachedFile::UPLOADING || file.state() == v1::AttachedFile::DOWNLOADING;
  if (moves && file.transferred() > 0) return std::nullopt;
  const auto id = from_hex(file.message_id());
  const auto named = find_conversation(database, self, file.conversation());
  if (!id || !named) return std::nullopt;
  store::Rows rows =
      database.query("SELECT id FROM message WHERE msg_id = ?1 AND conversation = ?2", *id, named->id);
  if (!rows.next()) return std::nullopt;
  return EventKey{Kind::kFile, rows.integer(0), {static_cast<std::uint8_t>(file.position())}};
}

std::optional<EventKey> group_request_key(const v1::GroupRequest& request) {
  auto detail = from_hex(request.group());
  const auto account = from_hex(request.account());
  if (!detail || !account) return std::nullopt;
  detail->insert(detail->end(), account->begin(), account->end());
  return EventKey{Kind::kGroupRequest, 0, *std::move(detail)};
}

std::optional<EventKey> notice_key(store::Database& database, const v1::Notice& notice) {
  store::Rows rows = database.query(
      "SELECT id FROM notice WHERE kind = ?1 AND time_ms = ?2 AND detail = ?3 ORDER BY id DESC LIMIT 1",
      notice.kind(), notice.time_ms(), std::string_view(notice.detail()));
  if (!rows.next()) return std::nullopt;
  return EventKey{Kind::kNotice, rows.integer(0), {}};
}

std::optional<v1::Event> decoded(const Bytes& detail) {
  v1::Event event;
  if (!wire::decode(detail, kMaxDetail, event)) return std::nullopt;
  return event;
}

template <typename T, typename Put>
std::optional<v1::Event> event_with(std::optional<T> record, const Put& put) {
  if (!record) return std::nullopt;
  v1::Event event;
  *put(event) = *std::move(record);
  return event;
}

std::optional<v1::Event> message_event(store::Database& database, const Self& self, std::int64_t row,
                                       UnixMs now) {
  auto record = message_record(database, self, row);
  if (record && record->expires_ms() > 0 && record->expires_ms() <= now.value) return std::nullopt;
  return event_with(std::move(record), [](v1::Event& event) { return event.mutable_message(); });
}

std::optional<v1::Event> file_event(store::Database& database, const Self& self, const EventKey& key,
                                    UnixMs now) {
  if (key.detail.size() != 1 || !message_event(database, self, key.row, now)) return std::nullopt;
  auto record = file_record(database, {key.row, key.detail[0]});
  const auto message = message_record(database, self, key.row);
  if (!record || !message) return std::nullopt;
  record->set_message_id(message->message_id());
  record->set_conversation(message->conversation());
  record->clear_thumbnail();
  return event_with(std::move(record), [](v1::Event& event) { return event.mutable_file(); });
}

/// A person whom this account is nothing to any more is told without a role.
v1::Event family_event(store::Database& database, const Self& self, const Bytes& account, UnixMs now) {
  const std::string wanted = to_hex(account);
  v1::Event event;
  event.mutable_family()->set_account(wanted);
  for (const auto& records : {family_records(database, self), guardian_offers(database, self, now)}) {
    for (const auto& record : records) {
      if (record.account() == wanted) *event.mutable_family() = record;
    }
  }
  return event;
}

std::optional<EventKey> family_request_key(const v1::FamilyRequest& request) {
  auto detail = from_hex(request.child() + request.account());
  if (!detail || detail->size() != 2 * identity::AccountId::kSize) return std::nullopt;
  return EventKey{Kind::kFamilyRequest, 0, *std::move(detail)};
}

std::optional<v1::Event> family_request_event(store::Database& database, const Bytes& detail) {
  for (auto& request : family_requests(database)) {
    if (request.child() + request.account() != to_hex(detail)) continue;
    v1::Event event;
    *event.mutable_family_request() = std::move(request);
    return event;
  }
  return std::nullopt;
}

std::optional<v1::Event> group_event(store::Database& database, const Self& self, const Bytes& id) {
  for (auto& record : group_records(database, self)) {
    if (record.group() != to_hex(id)) continue;
    v1::Event event;
    *event.mutable_group() = std::move(record);
    return event;
  }
  return std::nullopt;
}

std::optional<v1::Event> group_request_event(store::Database& database, const Bytes& detail) {
  constexpr std::size_t kGroup = sizeof(groups::GroupId);
  if (detail.size() != kGroup + identity::AccountId::kSize) return std::nullopt;
  for (auto& request : open_requests(database, to_array<kGroup>(ByteView(detail).first(kGroup)))) {
    if (request.account() != to_hex(ByteView(detail).subspan(kGroup))) continue;
    v1::Event event;
    *event.mutable_group_request() = std::move(request);
    return event;
  }
  return std::nullopt;
}

}  // namespace

std::optional<EventKey> key_of(store::Database& database, const Self& self, const v1::Event& event) {
  switch (event.kind_case()) {
    case Kind::kMessage: return message_key(database, self, event.message());
    case Kind::kContact: return contact_key(database, event.contact());
    case Kind::kConversation: return conversation_key(database, self, event.conversation().conversation());
    case Kind::kFile: return file_key(database, self, event.file());
    case Kind::kGroupRequest: return group_request_key(event.group_request());
    case Kind::kNotice: return notice_key(database, event.notice());
    case Kind::kGroup:
      if (auto id = from_hex(event.group().group())) return EventKey{Kind::kGroup, 0, *std::move(id)};
      return std::nullopt;
    case Kind::kFamily:
      if (auto account = from_hex(event.family().account())) {
        return EventKey{Kind::kFamily, 0, *std::move(account)};
      }
      return std::nullopt;
    case Kind::kFamilyRequest: return family_request_key(event.family_request());
    case Kind::kErased:
    case Kind::kOwnDevices:
    case Kind::kProblem: {
      Bytes octets = wire::encode(event);
      if (octets.size() > kMaxDetail) return std::nullopt;
      return EventKey{event.kind_case(), 0, std::move(octets)};
    }
    default: return std::nullopt;
  }
}

std::optional<v1::Event> event_for(store::Database& database, const Self& self, const EventKey& key,
                                   UnixMs now) {
  switch (key.kind) {
    case Kind::kMessage: return message_event(database, self, key.row, now);
    case Kind::kFile: return file_event(database, self, key, now);
    case Kind::kGroup: return group_event(database, self, key.detail);
    case Kind::kGroupRequest: return group_request_event(database, key.detail);
    case Kind::kFamily: return family_event(database, self, key.detail, now);
    case Kind::kFamilyRequest: return family_request_event(database, key.detail);
    case Kind::kContact: {
      const auto contact = find_contact(database, ContactId{key.row});
      if (!contact) return std::nullopt;
      return event_with(std::optional(contact_record(database, *contact)),
                        [](v1::Event& event) { return event.mutable_contact(); });
    }
    case Kind::kConversation: {
      const auto conversation = load_conversation(database, key.row);
      if (!conversation) return std::nullopt;
      return event_with(std::optional(conversation_record(database, self, *conversation, now)),
                        [](v1::Event& event) { return event.mutable_conversation(); });
    }
    case Kind::kNotice:
      return event_with(find_notice(database, key.row),
                        [](v1::Event& event) { return event.mutable_notice(); });
    case Kind::kErased:
    case Kind::kOwnDevices:
    case Kind::kProblem: return decoded(key.detail);
    default: return std::nullopt;
  }
}

}  // namespace sotto::client
