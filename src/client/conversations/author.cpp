#include "client/conversations/author.h"

#include "crypto/hash.h"
#include "session/sequence_set.h"
#include "wire/decode.h"

namespace sotto::client {

ByteArray<16> content_hash(ByteView content) {
  return to_array<16>(ByteView(crypto::sha384(content)).first(16));
}

Numbered number_content(Work& work, const session::ConversationId& numbering, v1::Content& content) {
  std::uint64_t last = 0;
  content.clear_previous_hash16();
  {
    store::Rows rows = work.db.query(
        "SELECT last, last_content_hash FROM own_sequence WHERE conversation_id = ?1", numbering);
    if (rows.next()) {
      last = rows.count(0);
      content.set_previous_hash16(wire::field(rows.octets(1)));
    }
  }
  std::uint64_t sequence = last + 1;
  if (work.run.numbered.insert(numbering).second) {
    sequence = session::first_of_run(last, *work.run.opened);
  }
  Bytes octets = wire::encode(content);
  work.db.run(
      "INSERT INTO own_sequence (conversation_id, last, last_content_hash) VALUES (?1, ?2, ?3)"
      " ON CONFLICT (conversation_id) DO UPDATE SET last = ?2, last_content_hash = ?3",
      numbering, sequence, content_hash(octets));
  return {sequence, std::move(octets)};
}

session::SignedContent author_content(Work& work, const identity::AccountId& other, v1::Content& content,
                                      const session::MessageId& message_id, UnixMs sent) {
  const auto conversation = session::direct_conversation(work.self.account_id(), other);
  const auto numbered = number_content(work, conversation, content);
  const session::ContentFacts facts{
      .conversation = other, .message_id = message_id, .sender_seq = numbered.sequence, .sent = sent};
  return session::sign_content(work.self.local(), conversation, facts, numbered.octets);
}

}  // namespace sotto::client
