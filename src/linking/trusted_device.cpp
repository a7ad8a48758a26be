#include "linking/trusted_device.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "crypto/declassify.h"
#include "identity/device_name.h"
#include "linking/limits.h"

namespace sotto::linking {
namespace {

/// device16 || DIK_N 1985 || u8 length || name64 || signature3373. Errors: bad_device.
LinkingResult<LinkedDevice> read_device(ByteView header, ByteView plaintext,
                                        const crypto::Fingerprint& expected) {
  Decoder in(plaintext);
  const ByteView body = in.raw(kDeviceBodySize);
  const ByteView signature = in.raw(crypto::kHybridSignatureSize);
  if (!in.finished()) return err(LinkingError::bad_device);
  Decoder fields(body);
  const identity::DeviceId id(fields.array<identity::DeviceId::kSize>());
  auto key = crypto::HybridPublicKey::decode(fields.raw(crypto::kHybridPublicKeySize));
  const std::size_t length = fields.u8();
  const ByteView padded = fields.raw(identity::kMaxDeviceName);
  if (!key || id == identity::DeviceId{} || length > padded.size()) return err(LinkingError::bad_device);
  const ByteView padding = padded.subspan(length);
  std::string name(as_chars(padded.first(length)));
  if (std::ranges::any_of(padding, [](std::uint8_t octet) { return octet != 0; }) ||
      identity::clean_device_name(name) != name || key->fingerprint() != expected ||
      !key->verify(device_message(header, body), signature)) {
    return err(LinkingError::bad_device);
  }
  return LinkedDevice{id, *std::move(key), std::move(name)};
}

}  // namespace

TrustedOffer::TrustedOffer(const TrustedParty& self, RunSecret secret, LinkAttempts attempts, UnixMs now)
    : self_(self),
      secret_(std::move(secret)),
      attempts_(std::move(attempts)),
      deadline_(now, kCodeLifetime) {}

LinkingResult<TrustedOffer> TrustedOffer::with_code(const TrustedParty& self, const LinkCode& code,
                                                    LinkAttempts attempts, UnixMs now) {
  if (attempts.paused_until(now)) return err(LinkingError::paused);
  return TrustedOffer(self, code.for_account(self.account), std::move(attempts), now);
}

LinkingResult<TrustedOffer> TrustedOffer::with_qr(const LinkQr& qr, LinkAttempts attempts, UnixMs now) {
  if (attempts.paused_until(now)) return err(LinkingError::paused);
  return TrustedOffer({qr.account, qr.account_key, qr.trusted_key}, run_secret(qr.account, qr.secret),
                      std::move(attempts), now);
}

LinkingResult<TrustedAnswered> TrustedOffer::answer(const LinkHello& hello, UnixMs now,
                                                    crypto::RandomSource& random) && {
  TrustedOffer self = std::move(*this);  // used up, whatever follows
  if (self.deadline_.passed(now)) return err(LinkingError::expired);
  SOTTO_TRY(LinkAttempts attempts, self.attempts_.with_run(now));
  const auto encapsulated = hello.encapsulation_key.encapsulate(random);
  if (!encapsulated) return err(LinkingError::malformed);
  auto spake2 = crypto::Spake2B::start(std::move(self.secret_.password), random);
  auto share = crypto::P256PublicKey::decode(spake2.share());
  SOTTO_CHECK(share);
  LinkReply reply{*std::move(share), encapsulated->ciphertext, self.self_.device_key};
  const auto key =
      std::move(spake2).finish(hello.share, {hello.device_key.octets(), self.self_.device_key.octets()});
  if (!key) return err(LinkingError::not_confirmed);
  const Transcript transcript{self.self_.account,
                              self.self_.account_key,
                              self.self_.device_key,
                              hello.device_key,
                              crypto::sha384(hello.encapsulation_key.encoded()),
                              crypto::sha384(reply.ciphertext),
                              hello.share.encoded(),
                              reply.share.encoded()};
  return TrustedAnswered(self.self_, RunKeys(transcript, encapsulated->secret, *key, self.secret_.qr),
                         hello.device_key, std::move(reply), std::move(attempts), self.deadline_);
}

TrustedAnswered::TrustedAnswered(TrustedParty self, RunKeys keys, crypto::Fingerprint new_key,
                                 LinkReply reply, LinkAttempts attempts, Deadline deadline)
    : self_(self),
      keys_(std::move(keys)),
      new_key_(new_key),
      reply_(std::move(reply)),
      attempts_(std::move(attempts)),
      deadline_(deadline) {}

LinkingResult<TrustedConfirmed> TrustedAnswered::confirm(const LinkConfirm& confirm, UnixMs now) && {
  TrustedAnswered self = std::move(*this);
  if (self.deadline_.passed(now)) return err(LinkingError::expired);
  if (!crypto::constant_time_equal(self.keys_.new_confirmation(), confirm.mac)) {
    return err(LinkingError::not_confirmed);
  }
  const Bytes header = self.keys_.device_header();
  const auto plaintext =
      identity::open_seal(self.keys_.device_seal(), header, confirm.sealed_device, kDevicePlaintextSize);
  if (!plaintext) return err(LinkingError::bad_device);
  crypto::declassify(*plaintext);  // what the manifest will say to everybody, and a name
  SOTTO_TRY(LinkedDevice device, read_device(header, *plaintext, self.new_key_));
  return TrustedConfirmed(self.self_, std::move(self.keys_), std::move(device), now);
}

TrustedConfirmed::TrustedConfirmed(TrustedParty self, RunKeys keys, LinkedDevice device, UnixMs now)
    : self_(self), keys_(std::move(keys)), device_(std::move(device)), deadline_(now, kGrantWait) {}

LinkingResult<LinkSealedGrant> TrustedConfirmed::grant(const identity::GrantSource& source, UnixMs now,
                                                       crypto::RandomSource& random) && {
  const TrustedConfirmed self = std::move(*this);
  if (self.deadline_.passed(now)) return err(LinkingError::expired);
  if (source.account.id != self.self_.account ||
      source.account.key.public_key().fingerprint() != self.self_.account_key ||
      source.author.key.public_key().fingerprint() != self.self_.device_key) {
    return err(LinkingError::grant_refused);
  }
  const Bytes header = self.keys_.grant_header();
  auto payload =
      identity::make_grant_payload(header, source, self.device_.id, self.device_.key.fingerprint(), random);
  if (!payload) return err(LinkingError::grant_refused);
  return LinkSealedGrant{identity::seal(self.keys_.grant_seal(), header, *std::move(payload))};
}

}  // namespace sotto::linking
