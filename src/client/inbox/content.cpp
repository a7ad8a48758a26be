#include "client/inbox/content.h"

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/reading.h"
#include "client/conversations/timeline.h"
#include "client/devices/link_attempts.h"
#include "client/devices/sync_key.h"
#include "client/families/messages.h"
#include "client/groups/intake.h"
#include "client/groups/messages.h"
#include "client/inbox/said.h"
#include "client/recovery/messages.h"
#include "client/recovery/setup.h"
#include "client/requests/standing.h"
#include "client/sms/texts.h"
#include "client/sync/registers.h"
#include "client/transparency/claims.h"
#include "client/verification/digits.h"
#include "client/verification/state.h"
#include "identity/handle.h"
#include "session/sequence_set.h"
#include "session/shared_body.h"
#include "sotto/v1/content.pb.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Larger than any content that fits an envelope.
constexpr std::size_t kMaxContent = std::size_t{64} * 1024;

session::SessionResult<session::VerifiedContent> verify(const identity::AccountId& own,
                                                        session::UnverifiedContent content) {
  const auto* other = std::get_if<identity::AccountId>(&content.claimed().conversation);
  // What own devices tell each other alone stands in the conversation of the account with itself.
  if (other != nullptr && *other == own && content.author().account == own) {
    return std::move(content).verify(session::direct_conversation(own, own));
  }
  return std::move(content).verify_direct(own);
}

struct Progress {
  session::SequenceSet seen;
  Bytes last_hash;  ///< of the high-water mark
};

Progress load_progress(store::Database& database, const session::ConversationId& conversation,
                       ByteView sender) {
  Progress progress;
  store::Rows rows = database.query(
      "SELECT seen, last_content_hash FROM sender_progress WHERE conversation_id = ?1 AND sender = ?2",
      conversation, sender);
  if (!rows.next()) return progress;
  auto stored = session::SequenceSet::decode(rows.octets(0));
  if (!stored) {
    database.report_damage();
    return progress;
  }
  return {*std::move(stored), rows.octets(1)};
}

/// What numbering and chaining say about messages that did not come: somebody on the way withheld or
/// exchanged one.
void report_irregularity(Work& work, const session::VerifiedContent& content, const v1::Content& parsed,
                         const Progress& before, const session::SequenceSet& after) {
  const ByteView previous = wire::octets(parsed.previous_hash16());
  const bool newest = after.high_water() > before.seen.high_water();
  const bool chained = previous.size() == 16 && equal(previous, before.last_hash);
  const auto subject = to_hex(content.facts.message_id);
  if (after.missing() > before.seen.missing()) {
    report_problem(work, v1::Problem::MESSAGES_MISSING, "a message before this one has not arrived", subject);
  } else if (newest && !chained && content.facts.sender_seq == before.seen.high_water() + 1) {
    report_problem(work, v1::Problem::CONTENT_REFUSED,
                   "the sender's previous message was another than the one here", subject);
  } else if (newest && !chained) {
    // The first number of a run: the end of the run before is missing, or its sender was restored from an
    // older copy.
    report_problem(work, v1::Problem::MESSAGES_MISSING,
                   "the sender's last message before this one has not arrived", subject);
  }
}

/// False for a number that was seen before.
bool note_sequence(Work& work, const session::VerifiedContent& content, const v1::Content& parsed) {
  const auto& sender = content.author.device_key.octets();
  const Progress before = load_progress(work.db, content.conversation, sender);
  session::SequenceSet seen = before.seen;
  if (!seen.insert(content.facts.sender_seq)) return false;
  // A device that was linked later, and one of the own account, legitimately sees holes: the first message it
  // gets is not the first one sent, and what own devices tell the peer alone is numbered too.
  if (before.seen.high_water() > 0 && content.author.account != work.self.account_id()) {
    report_irregularity(work, content, parsed, before, seen);
  }
  const bool newest = seen.high_water() > before.seen.high_water();
  work.db.run(
      "INSERT INTO sender_progress (conversation_id, sender, seen, last_content_hash) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (conversation_id, sender) DO UPDATE SET seen = ?3, last_content_hash = ?4",
      content.conversation, sender, seen.encode(),
      newest ? to_bytes(content.content_hash) : before.last_hash);
  return true;
}

/// A name that the sender says it has: asked for at the directory before anybody sees it as a name.
void note_claim(Work& work, const identity::AccountId& account, const std::string& claimed) {
  const auto handle = identity::Handle::parse(claimed);
  if (!handle) return;
  const auto contact = ensure_contact(work.db, account, work.now);
  if (contact.handle) return;
  work.db.run("UPDATE contact SET claimed_handle = ?2 WHERE id = ?1", contact.id,
              std::string_view(handle->text()));
}

void take_receipt(Work& work, const session::VerifiedContent& content, const v1::Receipt& receipt) {
  if (content.author.account == work.self.account_id()) return;
  for (const auto& received : receipt.received()) {
    if (received.msg_id().size() != 16) continue;
    mark_delivered(work, {content.author.account, content.author.device},
                   to_array<16>(wire::octets(received.msg_id())), wire::octets(received.content_hash16()));
  }
}

void take_sync(Work& work, const session::VerifiedContent& content, const v1::SyncEvent& sync) {
  if (content.author.account != work.self.account_id()) return;
  if (sync.has_recovery_setup()) return take_recovery_setup(work, sync.recovery_setup());
  if (sync.has_new_sync_key()) return take_sync_key(work, sync.new_sync_key());
  if (sync.has_link_attempt()) return on_link_attempt(work, content.author.device, sync.link_attempt());
  if (sync.has_contact_verified()) return take_decision(work, sync.contact_verified());
  if (sync.has_writes()) return take_writes(work, sync.writes());
  if (sync.has_sms_sent()) return take_sms_copy(work, content, sync.sms_sent());
  if (sync.has_marks()) return take_marks(work, content, sync.marks());
  if (!sync.has_contact_name()) return;
  const auto account = identity::AccountId::from(wire::octets(sync.contact_name().account()));
  const auto handle = identity::Handle::parse(sync.contact_name().handle());
  if (!account || !handle || *account == work.self.account_id()) return;
  const auto contact = ensure_contact(work.db, *account, work.now);
  if (!contact.handle && attach_handle(work.db, contact, handle->text())) announce_contact(work, contact.id);
}

bool refuse(Work& work, const identity::DeviceId& author) {
  report_problem(work, v1::Problem::CONTENT_REFUSED,
                 "a message whose signature or form does not hold was dropped", to_hex(author.view()));
  return false;
}

/// Puts what came beside the message in the place of what opens it.
bool open_shared(v1::Content& content, ByteView shared_body) {
  const auto ref = session::from_wire(content.shared());
  const auto opened = ref ? session::open_body(*ref, shared_body) : err(ref.error());
  return opened && wire::decode(*opened, kMaxContent, content) && !content.has_shared();
}

/// True when a receipt is owed.
bool take_direct(Work& work, const session::VerifiedContent& content, const v1::Content& parsed,
                 const session::SecurityState& security) {
  const bool from_self = content.author.account == work.self.account_id();
  switch (parsed.kind_case()) {
    case v1::Content::kReceipt: take_receipt(work, content, parsed.receipt()); return false;
    case v1::Content::kSync: take_sync(work, content, parsed.sync()); return false;
    case v1::Content::kHeads: take_heads(work, content.author.account, parsed.heads()); return false;
    case v1::Content::kFamily: take_family_message(work, content, parsed.family()); return false;
    case v1::Content::kGroup: take_group_update(work, content, parsed.group()); return false;
    case v1::Content::kVerification:
      if (!from_self && reception_of(work, content, parsed) != Reception::refused)
        take_verification(work, content, parsed.verification());
      return false;
    case v1::Content::kRecovery:
      if (!from_self) take_recovery_message(work, content.author.account, parsed.recovery());
      return false;
    default: return take_said(work, content, parsed, security);
  }
}

}  // namespace

bool take_content(Work& work, session::UnverifiedContent unverified, const session::SecurityState& security,
                  ByteView shared_body) {
  const auto author = unverified.author().device;
  const bool in_group = std::holds_alternative<session::GroupId>(unverified.claimed().conversation);
  std::optional<session::VerifiedContent> content;
  if (in_group) {
    content = verify_in_group(work, std::move(unverified), shared_body);
    if (!content) return false;
  } else if (auto direct = verify(work.self.account_id(), std::move(unverified))) {
    content = *std::move(direct);
  }
  v1::Content parsed;
  // What is chained and receipted is what was signed, though it may stand for what came beside it.
  if (!content || !wire::decode(content->content, kMaxContent, parsed)) return refuse(work, author);
  const std::string chained = parsed.previous_hash16();
  if (parsed.has_shared() && !open_shared(parsed, shared_body)) return refuse(work, author);
  parsed.set_previous_hash16(chained);
  if (!note_sequence(work, *content, parsed)) return take_repetition(work, *content, parsed);
  const bool names_itself =
      content->author.account != work.self.account_id() && !parsed.sender_handle().empty();
  if (names_itself && (in_group || reception_of(work, *content, parsed) != Reception::refused)) {
    note_claim(work, content->author.account, parsed.sender_handle());
  }
  if (in_group) return take_said(work, *content, parsed, security);
  return take_direct(work, *content, parsed, security);
}

}  // namespace sotto::client
