#include "linking/messages.h"

#include "linking/limits.h"
#include "linking/run_keys.h"
#include "sotto/v1/linking.pb.h"
#include "wire/decode.h"

namespace sotto::linking {
namespace {

using wire::field;
using wire::octets;

void write(const LinkHello& from, v1::LinkMessage& to) {
  to.mutable_hello()->set_share(field(from.share.encoded()));
  to.mutable_hello()->set_encapsulation_key(field(from.encapsulation_key.encoded()));
  to.mutable_hello()->set_device_fingerprint(field(from.device_key.octets()));
}
void write(const LinkReply& from, v1::LinkMessage& to) {
  to.mutable_reply()->set_share(field(from.share.encoded()));
  to.mutable_reply()->set_ciphertext(field(from.ciphertext));
  to.mutable_reply()->set_device_fingerprint(field(from.device_key.octets()));
}
void write(const LinkConfirm& from, v1::LinkMessage& to) {
  to.mutable_confirm()->set_mac(field(from.mac));
  to.mutable_confirm()->set_sealed_device(field(from.sealed_device));
}
void write(const LinkAccept& from, v1::LinkMessage& to) { to.mutable_accept()->set_mac(field(from.mac)); }
void write(const LinkSealedGrant& from, v1::LinkMessage& to) {
  to.mutable_grant()->set_sealed(field(from.sealed));
}
void write(const LinkAbort&, v1::LinkMessage& to) { to.mutable_abort(); }

template <std::size_t N>
LinkingResult<ByteArray<N>> fixed(const std::string& from) {
  if (from.size() != N) return err(LinkingError::malformed);
  return to_array<N>(octets(from));
}

LinkingResult<crypto::P256PublicKey> read_share(const std::string& from) {
  auto share = crypto::P256PublicKey::decode(octets(from));
  if (!share) return err(LinkingError::malformed);
  return *std::move(share);
}

LinkingResult<LinkMessage> read(const v1::LinkHello& from) {
  SOTTO_TRY(auto share, read_share(from.share()));
  auto key = crypto::MlKem768EncapsulationKey::decode(octets(from.encapsulation_key()));
  if (!key) return err(LinkingError::malformed);
  SOTTO_TRY(const auto fingerprint, fixed<crypto::Fingerprint::kSize>(from.device_fingerprint()));
  return LinkHello{std::move(share), *std::move(key), crypto::Fingerprint::from_octets(fingerprint)};
}

LinkingResult<LinkMessage> read(const v1::LinkReply& from) {
  SOTTO_TRY(auto share, read_share(from.share()));
  SOTTO_TRY(const auto ciphertext, fixed<crypto::MlKem768::kCiphertextSize>(from.ciphertext()));
  SOTTO_TRY(const auto fingerprint, fixed<crypto::Fingerprint::kSize>(from.device_fingerprint()));
  return LinkReply{std::move(share), ciphertext, crypto::Fingerprint::from_octets(fingerprint)};
}

LinkingResult<LinkMessage> read(const v1::LinkConfirm& from) {
  SOTTO_TRY(const auto mac, fixed<kConfirmationSize>(from.mac()));
  if (from.sealed_device().size() != kSealedDeviceSize) return err(LinkingError::malformed);
  return LinkConfirm{mac, to_bytes(octets(from.sealed_device()))};
}

LinkingResult<LinkMessage> read(const v1::LinkAccept& from) {
  SOTTO_TRY(const auto mac, fixed<kConfirmationSize>(from.mac()));
  return LinkAccept{mac};
}

LinkingResult<LinkMessage> read(const v1::LinkGrant& from) {
  if (from.sealed().size() > kMaxSealedGrant) return err(LinkingError::malformed);
  return LinkSealedGrant{to_bytes(octets(from.sealed()))};
}

}  // namespace

Bytes encode(const LinkMessage& message) {
  v1::LinkMessage out;
  std::visit([&out](const auto& step) { write(step, out); }, message);
  return wire::encode(out);
}

LinkingResult<LinkMessage> decode_link_message(ByteView input) {
  v1::LinkMessage message;
  if (!wire::decode(input, kMaxLinkMessage, message)) return err(LinkingError::malformed);
  switch (message.step_case()) {
    case v1::LinkMessage::kHello: return read(message.hello());
    case v1::LinkMessage::kReply: return read(message.reply());
    case v1::LinkMessage::kConfirm: return read(message.confirm());
    case v1::LinkMessage::kAccept: return read(message.accept());
    case v1::LinkMessage::kGrant: return read(message.grant());
    case v1::LinkMessage::kAbort: return LinkAbort{};
    case v1::LinkMessage::STEP_NOT_SET: break;
  }
  return err(LinkingError::malformed);
}

}  // namespace sotto::linking
