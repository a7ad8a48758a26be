#include "session/content_signature.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "session/labels.h"
#include "sotto/v1/session.pb.h"
#include "wire/decode.h"

namespace sotto::session {
namespace {

Bytes signed_octets(const ConversationId& conversation, const AccountId& account,
                    const crypto::Fingerprint& device_key, const ContentFacts& facts,
                    const crypto::Sha384Digest& content_hash) {
  Encoder out(224);
  out.label(labels::kContentSignature).raw(conversation).raw(account.view()).raw(device_key.octets());
  out.raw(facts.message_id).u64(facts.sender_seq).u64(facts.sent.value).raw(content_hash);
  return std::move(out).take();
}

}  // namespace

ConversationId direct_conversation(const AccountId& one, const AccountId& other) {
  Encoder out(48);
  out.label(labels::kDirectConversation).raw(std::min(one, other).view()).raw(std::max(one, other).view());
  return crypto::sha256(out.view());
}

ConversationId group_conversation(const GroupId& group, const crypto::Sha384Digest& roster_hash) {
  Encoder out(96);
  out.label(labels::kGroupConversation).raw(group).raw(roster_hash);
  return crypto::sha256(out.view());
}

SignedContent sign_content(const LocalDevice& local, const ConversationId& conversation,
                           const ContentFacts& facts, ByteView content) {
  const auto hash = crypto::sha384(content);
  const Bytes message =
      signed_octets(conversation, local.account, local.key.public_key().fingerprint(), facts, hash);
  return {facts, to_bytes(content), local.key.ecdsa_key().sign(message)};
}

SessionResult<VerifiedContent> UnverifiedContent::verify(const ConversationId& conversation) && {
  const auto hash = crypto::sha384(content_.content);
  const Bytes message =
      signed_octets(conversation, author_.account, author_.key.fingerprint(), content_.facts, hash);
  if (!crypto::ecdsa_verify(author_.key.ecdsa_key(), {message}, content_.signature)) {
    return err(SessionError::bad_content_signature);
  }
  return VerifiedContent{author_.identity(), conversation, content_.facts, std::move(content_.content),
                         to_array<16>(ByteView(hash).first(16))};
}

SessionResult<VerifiedContent> UnverifiedContent::verify_direct(const AccountId& own) && {
  const auto* other = std::get_if<AccountId>(&content_.facts.conversation);
  if (other == nullptr || (author_.account != own && *other != own)) {
    return err(SessionError::wrong_conversation);
  }
  return std::move(*this).verify(direct_conversation(author_.account, *other));
}

Bytes UnverifiedContent::encode() const {
  v1::ContentProof proof;
  to_wire(content_, proof);
  Encoder out(256 + content_.content.size());
  out.u8(1).raw(author_.account.view()).raw(author_.device.view()).raw(author_.key.fingerprint().octets());
  out.var(wire::encode(proof)).var(content_.content);
  return std::move(out).take();
}

SessionResult<UnverifiedContent> UnverifiedContent::decode(ByteView record, const PeerDevice& author) {
  Decoder in(record);
  const bool known = in.u8() == 1;
  const bool same = equal(in.raw(16), author.account.view()) && equal(in.raw(16), author.device.view()) &&
                    equal(in.raw(32), author.key.fingerprint().octets());
  const ByteView proof_octets = in.var(kMaxEnvelope);
  const ByteView content = in.var(kMaxEnvelope);
  v1::ContentProof proof;
  if (!in.finished() || !known || !same || !wire::decode(proof_octets, kMaxEnvelope, proof)) {
    return err(SessionError::corrupt_record);
  }
  auto signed_content = from_wire(proof, content);
  if (!signed_content) return err(SessionError::corrupt_record);
  return UnverifiedContent(author, *std::move(signed_content));
}

void to_wire(const SignedContent& content, v1::ContentProof& out) {
  out.set_signature(wire::field(content.signature));
  out.set_msg_id(wire::field(content.facts.message_id));
  out.set_sender_seq(content.facts.sender_seq);
  out.set_sent_ms(content.facts.sent.value);
  if (const auto* account = std::get_if<AccountId>(&content.facts.conversation)) {
    out.set_dm_account(wire::field(account->view()));
  } else {
    out.set_group_id(wire::field(std::get<GroupId>(content.facts.conversation)));
    for (const GroupHead& head : content.facts.group_heads) out.add_group_heads(wire::field(head));
  }
}

SessionResult<SignedContent> from_wire(const v1::ContentProof& proof, ByteView content) {
  const ByteView signature = wire::octets(proof.signature());
  const ByteView id = wire::octets(proof.msg_id());
  if (signature.size() != crypto::kEcdsaSignatureSize || id.size() != 16 || proof.sender_seq() == 0) {
    return err(SessionError::bad_payload);
  }
  SignedContent out;
  if (proof.has_dm_account()) {
    const auto account = AccountId::from(wire::octets(proof.dm_account()));
    if (!account) return err(SessionError::bad_payload);
    out.facts.conversation = *account;
  } else {
    const ByteView group = wire::octets(proof.group_id());
    if (group.size() != 32) return err(SessionError::bad_payload);
    out.facts.conversation = to_array<32>(group);
    if (proof.group_heads_size() > kMaxGroupHeads) return err(SessionError::bad_payload);
    for (const std::string& head : proof.group_heads()) {
      if (head.size() != std::tuple_size_v<GroupHead>) return err(SessionError::bad_payload);
      out.facts.group_heads.push_back(to_array<48>(wire::octets(head)));
    }
  }
  out.facts.message_id = to_array<16>(id);
  out.facts.sender_seq = proof.sender_seq();
  out.facts.sent = UnixMs{proof.sent_ms()};
  out.signature = to_array<crypto::kEcdsaSignatureSize>(signature);
  out.content = to_bytes(content);
  return out;
}

}  // namespace sotto::session
