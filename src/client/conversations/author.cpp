#include "client/conversations/author.h"

#include "crypto/hash.h"
#include "session/sequence_set.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

/// Where this device stands in the numbering of one conversation (docs/specs/session-protocol.md 9).
struct Numbering {
  std::uint64_t last = 0;
  bool this_run = false;
  Bytes last_hash;
};

Numbering load_numbering(Work& work, const session::ConversationId& conversation) {
  store::Rows rows =
      work.db.query("SELECT last, run = ?2, last_content_hash FROM own_sequence WHERE conversation_id = ?1",
                    conversation, work.run);
  if (!rows.next()) return {};
  return {.last = rows.count(0), .this_run = rows.integer(1) != 0, .last_hash = rows.octets(2)};
}

void save_numbering(Work& work, const session::ConversationId& conversation, std::uint64_t number,
                    ByteView content) {
  work.db.run(
      "INSERT INTO own_sequence (conversation_id, last, run, last_content_hash) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (conversation_id) DO UPDATE SET last = ?2, run = ?3, last_content_hash = ?4",
      conversation, number, work.run, content_hash(content));
}

}  // namespace

ByteArray<16> content_hash(ByteView content) {
  return to_array<16>(ByteView(crypto::sha384(content)).first(16));
}

session::SignedContent author_content(Work& work, const identity::AccountId& other, v1::Content& content,
                                      const session::MessageId& message_id, UnixMs sent) {
  const auto conversation = session::direct_conversation(work.self.account_id(), other);
  const Numbering numbering = load_numbering(work, conversation);
  if (!numbering.last_hash.empty()) content.set_previous_hash16(wire::field(numbering.last_hash));
  const Bytes octets = wire::encode(content);
  const std::uint64_t number =
      numbering.this_run ? numbering.last + 1 : session::first_of_run(numbering.last, work.now);
  save_numbering(work, conversation, number, octets);
  const session::ContentFacts facts{
      .conversation = other, .message_id = message_id, .sender_seq = number, .sent = sent};
  return session::sign_content(work.self.local(), conversation, facts, octets);
}

session::SignedContent renumber_content(Work& work, const session::SignedContent& content) {
  const auto& other = std::get<identity::AccountId>(content.facts.conversation);
  const auto conversation = session::direct_conversation(work.self.account_id(), other);
  auto facts = content.facts;
  facts.sender_seq = session::skip_ahead(load_numbering(work, conversation).last);
  save_numbering(work, conversation, facts.sender_seq, content.content);
  return session::sign_content(work.self.local(), conversation, facts, content.content);
}

}  // namespace sotto::client
