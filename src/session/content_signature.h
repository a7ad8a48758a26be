// Authorship of content: one ECDSA signature per message, made once for all recipient devices
// (docs/specs/session-protocol.md 6). Received content stays sealed in UnverifiedContent until it is
// verified.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "bytes/bytes.h"
#include "clock/clock.h"
#include "crypto/hash.h"
#include "session/device.h"
#include "session/error.h"
#include "session/limits.h"

namespace sotto::v1 {
class ContentProof;
}

namespace sotto::session {

/// conv_id, 32 octets: what a content signature binds the content to.
using ConversationId = ByteArray<32>;
using GroupId = ByteArray<32>;
using MessageId = ByteArray<16>;
using GroupHead = ByteArray<48>;

/// SHA-256(LBL("dm") || smaller account || larger account); the order of the arguments does not matter.
ConversationId direct_conversation(const AccountId& one, const AccountId& other);
/// SHA-256(LBL("grp") || group id || H(current roster)).
ConversationId group_conversation(const GroupId& group, const crypto::Sha384Digest& roster_hash);

/// How a sender names the conversation; the receiver recomputes conv_id from it.
using ConversationName = std::variant<AccountId, GroupId>;  ///< AccountId: the other account of a direct one

/// What one message says about itself.
struct ContentFacts {
  ConversationName conversation;
  MessageId message_id{};
  std::uint64_t sender_seq =
      0;  ///< per conversation (a group is one, whatever its roster) and sender device, from 1
  UnixMs sent;
  /// Of a group: the ends of the history whose roster conv_id has. Not signed: they only help to find it.
  std::vector<GroupHead> group_heads = {};
};

/// Content with its author's signature: goes into seal() for every recipient device.
struct SignedContent {
  ContentFacts facts;
  Bytes content;  ///< exact serialised Content
  crypto::EcdsaSignature signature{};
};

SignedContent sign_content(const LocalDevice& local, const ConversationId& conversation,
                           const ContentFacts& facts, ByteView content);

/// Content whose author is proved.
struct VerifiedContent {
  DeviceIdentity author;
  ConversationId conversation{};
  ContentFacts facts;
  Bytes content;
  ByteArray<16> content_hash{};  ///< H(content)[0:16], what delivery receipts carry
};

/// Content as decrypted in a session with `author`. Its octets come out through verify alone; the facts may
/// be read before, to find the conversation, and are not to be believed.
class UnverifiedContent {
 public:
  UnverifiedContent(PeerDevice author, SignedContent content)
      : author_(std::move(author)), content_(std::move(content)) {}

  [[nodiscard]] const ContentFacts& claimed() const { return content_.facts; }
  [[nodiscard]] const PeerDevice& author() const { return author_; }

  /// `conversation` is recomputed by the caller from its own roster. Errors: bad_content_signature.
  [[nodiscard]] SessionResult<VerifiedContent> verify(const ConversationId& conversation) &&;
  /// For direct conversations: recomputes conv_id and insists that `own` and the author's account are in it
  /// (for an own device as author, any other account). Errors: wrong_conversation, bad_content_signature.
  [[nodiscard]] SessionResult<VerifiedContent> verify_direct(const AccountId& own) &&;

  /// For content that waits for its roster: its message key is gone, so it must be stored.
  [[nodiscard]] Bytes encode() const;
  /// Errors: corrupt_record, also when the record is of another author.
  static SessionResult<UnverifiedContent> decode(ByteView record, const PeerDevice& author);

 private:
  PeerDevice author_;
  SignedContent content_;
};

/// Wire form of everything but the content.
void to_wire(const SignedContent& content, v1::ContentProof& out);
/// Errors: bad_payload.
SessionResult<SignedContent> from_wire(const v1::ContentProof& proof, ByteView content);

}  // namespace sotto::session
