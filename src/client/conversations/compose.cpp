#include "client/conversations/compose.h"

#include <vector>

#include "client/contacts/contact_records.h"
#include "client/conversations/author.h"
#include "client/conversations/timeline.h"
#include "client/outbox/queue.h"
#include "client/transparency/clearance.h"
#include "identity/handle.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {
namespace {

/// Messages signed in one input; the rest follows with the next.
constexpr std::size_t kMaxSignedAtOnce = 64;

/// Well-formed UTF-8 without surrogates or overlong forms (RFC 3629).
bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || text.size() - at < length) return false;
    std::uint32_t point = length == 1 ? lead : lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xc0U) != 0x80U) return false;
      point = point << 6U | (next & 0x3fU);
    }
    if ((length == 3 && point < 0x800) || (length == 4 && (point < 0x10000 || point > 0x10ffff)))
      return false;
    if (point >= 0xd800 && point <= 0xdfff) return false;
    at += length;
  }
  return true;
}

struct Unsigned {
  std::int64_t row;
  session::MessageId message_id;
  UnixMs sent;
  std::string body;
  identity::AccountId peer;
  bool heard;
};

/// Its account and keys are known, and a name that was given up reaches nobody, however well its former owner
/// is known.
bool may_be_signed_for(Work& work, const ContactRecord& contact) {
  return contact.account && contact.pinned && !contact.changed && !contact.account_retired &&
         name_holds(work, contact);
}

std::vector<Unsigned> unsigned_messages(store::Database& database, const ContactRecord& contact,
                                        std::size_t limit) {
  std::vector<Unsigned> out;
  store::Rows rows = database.query(
      "SELECT m.id, m.msg_id, m.sent_ms, m.body FROM message m INDEXED BY message_unsigned"
      " JOIN conversation v ON v.id = m.conversation WHERE v.contact = ?1 AND m.sender_sequence IS NULL AND "
      "m.state = 1 ORDER BY m.id LIMIT ?2",
      contact.id, limit);
  while (rows.next()) {
    out.push_back(
        {rows.integer(0), rows.array<16>(1), rows.time(2), rows.text(3), *contact.account, contact.heard});
  }
  return out;
}

void sign(Work& work, const Unsigned& message) {
  v1::Content content;
  content.mutable_text()->set_body(message.body);
  if (!message.heard) content.set_sender_handle(work.self.handle);
  const auto authored = author_content(work, message.peer, content, message.message_id, message.sent);
  mark_signed(work, message.row, authored);
  // Own devices first: a sent copy that fails must not hold up the message itself, and neither waits for
  // the other.
  queue_content(work, {.account = work.self.account_id(), .message = message.row}, authored);
  queue_content(work, {.account = message.peer, .message = message.row}, authored);
}

}  // namespace

std::string_view describe(ComposeError error) {
  switch (error) {
    case ComposeError::not_registered:
      return "this profile is not registered yet; run `sotto register` first";
    case ComposeError::bad_handle:
      return "this is not a user name; names have letters, digits, dots, - and _";
    case ComposeError::empty: return "there is no text to send";
    case ComposeError::too_long: return "the text is longer than 16 KiB; split it";
    case ComposeError::not_utf8: return "the text is not valid UTF-8";
  }
  return "unknown error";
}

Result<session::MessageId, ComposeError> compose_text(Work& work, std::string_view handle,
                                                      std::string_view text) {
  if (!work.self.ready()) return err(ComposeError::not_registered);
  const auto normal = identity::Handle::parse(handle);
  if (!normal) return err(ComposeError::bad_handle);
  if (text.empty()) return err(ComposeError::empty);
  if (text.size() > kMaxText) return err(ComposeError::too_long);
  if (!is_utf8(text)) return err(ComposeError::not_utf8);

  const auto contact = ensure_contact(work.db, normal->text(), work.now);
  const auto message_id = work.random.array<16>();
  const std::int64_t row = insert_composed(work, ensure_conversation(work.db, contact.id), message_id, text);
  announce_message(work, row);
  return message_id;
}

void sign_queued_messages(Work& work) {
  std::size_t room = kMaxSignedAtOnce;
  for (const ContactId id : unsent_contacts(work.db)) {
    const auto contact = find_contact(work.db, id);
    if (!contact || !may_be_signed_for(work, *contact)) continue;
    for (const Unsigned& message : unsigned_messages(work.db, *contact, room)) {
      sign(work, message);
      --room;
    }
  }
}

}  // namespace sotto::client
