#include "linking/new_device.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "identity/device_name.h"
#include "linking/limits.h"

namespace sotto::linking {
namespace {

/// device16 || DIK_N 1985 || u8 length || name64 || signature3373.
crypto::WipedOctets device_plaintext(ByteView header, const identity::DeviceIdentity& device,
                                     std::string_view name, crypto::RandomSource& random) {
  const std::string clean = identity::clean_device_name(name);
  ByteArray<identity::kMaxDeviceName> padded{};
  std::ranges::copy(as_bytes(clean), padded.begin());
  Encoder body(kDevicePlaintextSize);
  body.raw(device.id.view()).raw(device.key.public_key().encoded());
  body.u8(static_cast<std::uint8_t>(clean.size())).raw(padded);
  body.raw(device.key.sign(device_message(header, body.view()), random));
  const Bytes octets = std::move(body).take();
  return {octets.begin(), octets.end()};
}

bool lists(const identity::Manifest& manifest, const crypto::Fingerprint& key) {
  return std::ranges::any_of(manifest.devices,
                             [&](const auto& device) { return device.key.fingerprint() == key; });
}

}  // namespace

NewDeviceStarted::NewDeviceStarted(const identity::DeviceIdentity* device, identity::AccountId account,
                                   std::optional<Scanned> scanned, std::optional<QrSecret> qr,
                                   crypto::Spake2A spake2, crypto::MlKem768DecapsulationKey kem,
                                   LinkHello hello, Deadline deadline)
    : device_(device),
      account_(account),
      scanned_(scanned),
      qr_(std::move(qr)),
      spake2_(std::move(spake2)),
      kem_(std::move(kem)),
      hello_(std::move(hello)),
      deadline_(deadline) {}

NewDeviceStarted NewDeviceStarted::start(const identity::DeviceIdentity& device,
                                         const identity::AccountId& account, RunSecret secret,
                                         std::optional<Scanned> scanned, UnixMs now,
                                         crypto::RandomSource& random) {
  auto spake2 = crypto::Spake2A::start(std::move(secret.password), random);
  auto kem = crypto::MlKem768DecapsulationKey::generate(random);
  auto share = crypto::P256PublicKey::decode(spake2.share());
  auto encapsulation_key = crypto::MlKem768EncapsulationKey::decode(kem.encapsulation_key());
  SOTTO_CHECK(share && encapsulation_key);
  LinkHello hello{*std::move(share), *std::move(encapsulation_key), device.key.public_key().fingerprint()};
  return NewDeviceStarted(&device, account, scanned, std::move(secret.qr), std::move(spake2), std::move(kem),
                          std::move(hello), Deadline(now, kCodeLifetime));
}

LinkingResult<NewDeviceStarted> NewDeviceStarted::with_code(const identity::DeviceIdentity& device,
                                                            const identity::AccountId& account,
                                                            const LinkCode& code,
                                                            const LinkAttempts& attempts, UnixMs now,
                                                            crypto::RandomSource& random) {
  if (attempts.paused_until(now)) return err(LinkingError::paused);
  return start(device, account, code.for_account(account), std::nullopt, now, random);
}

LinkingResult<NewDeviceStarted> NewDeviceStarted::with_qr(const identity::DeviceIdentity& device,
                                                          const LinkQr& qr, const LinkAttempts& attempts,
                                                          UnixMs now, crypto::RandomSource& random) {
  if (attempts.paused_until(now)) return err(LinkingError::paused);
  return start(device, qr.account, run_secret(qr.account, qr.secret), Scanned{qr.account_key, qr.trusted_key},
               now, random);
}

LinkingResult<NewDeviceReplied> NewDeviceStarted::reply(const LinkReply& reply, UnixMs now) && {
  NewDeviceStarted self = std::move(*this);
  if (self.deadline_.passed(now)) return err(LinkingError::expired);
  if (self.scanned_ && self.scanned_->trusted_key != reply.device_key) return err(LinkingError::other_device);
  auto kem = self.kem_.decapsulate(reply.ciphertext);
  if (!kem) return err(LinkingError::malformed);
  const auto& new_key = self.hello_.device_key;
  auto key = std::move(self.spake2_).finish(reply.share, {new_key.octets(), reply.device_key.octets()});
  if (!key) return err(LinkingError::not_confirmed);
  constexpr auto kUnknownYet = crypto::Fingerprint::from_octets({});
  const Transcript transcript{self.account_,
                              kUnknownYet,
                              reply.device_key,
                              new_key,
                              crypto::sha384(self.hello_.encapsulation_key.encoded()),
                              crypto::sha384(reply.ciphertext),
                              self.hello_.share.encoded(),
                              reply.share.encoded()};
  std::optional<crypto::Fingerprint> account_key;
  if (self.scanned_) account_key = self.scanned_->account_key;
  return NewDeviceReplied(self.device_, account_key, transcript,
                          {*std::move(kem), *std::move(key), std::move(self.qr_)}, self.deadline_);
}

NewDeviceReplied::NewDeviceReplied(const identity::DeviceIdentity* device,
                                   std::optional<crypto::Fingerprint> account_key, Transcript transcript,
                                   Secrets secrets, Deadline deadline)
    : device_(device),
      account_key_(account_key),
      transcript_(transcript),
      secrets_(std::move(secrets)),
      deadline_(deadline) {}

LinkingResult<NewDeviceConfirming> NewDeviceReplied::confirm(const identity::VerifiedManifest& newest,
                                                             std::string_view name,
                                                             const LinkAttempts& attempts, UnixMs now,
                                                             crypto::RandomSource& random) && {
  NewDeviceReplied self = std::move(*this);
  if (self.deadline_.passed(now)) return err(LinkingError::expired);
  SOTTO_TRY(LinkAttempts counted, attempts.with_run(now));
  const auto& account_key = newest.manifest().account_key.fingerprint();
  if (newest.account() != self.transcript_.account ||
      (self.account_key_ && *self.account_key_ != account_key)) {
    return err(LinkingError::wrong_account);
  }
  if (!lists(newest.manifest(), self.transcript_.trusted_key)) return err(LinkingError::unknown_device);
  self.transcript_.account_key = account_key;
  RunKeys keys(self.transcript_, self.secrets_.kem, self.secrets_.spake2, self.secrets_.qr);
  const Bytes header = keys.device_header();
  LinkConfirm confirm{
      keys.new_confirmation(),
      identity::seal(keys.device_seal(), header, device_plaintext(header, *self.device_, name, random))};
  const identity::GrantParties parties{self.transcript_.account, account_key, self.transcript_.trusted_key};
  return NewDeviceConfirming(self.device_, std::move(keys), parties, std::move(confirm), std::move(counted),
                             self.deadline_);
}

NewDeviceConfirming::NewDeviceConfirming(const identity::DeviceIdentity* device, RunKeys keys,
                                         identity::GrantParties parties, LinkConfirm confirm,
                                         LinkAttempts attempts, Deadline deadline)
    : device_(device),
      keys_(std::move(keys)),
      parties_(parties),
      confirm_(std::move(confirm)),
      attempts_(std::move(attempts)),
      deadline_(deadline) {}

LinkingResult<NewDeviceAccepted> NewDeviceConfirming::accept(const LinkAccept& accept, UnixMs now) && {
  NewDeviceConfirming self = std::move(*this);
  if (self.deadline_.passed(now)) return err(LinkingError::expired);
  if (!crypto::constant_time_equal(self.keys_.trusted_confirmation(), accept.mac)) {
    return err(LinkingError::not_confirmed);
  }
  return NewDeviceAccepted(self.device_, std::move(self.keys_), self.parties_, now);
}

NewDeviceAccepted::NewDeviceAccepted(const identity::DeviceIdentity* device, RunKeys keys,
                                     identity::GrantParties parties, UnixMs now)
    : device_(device), keys_(std::move(keys)), parties_(parties), deadline_(now, kGrantWait) {}

LinkingResult<identity::LinkGrant> NewDeviceAccepted::open(const LinkSealedGrant& grant, UnixMs now) && {
  const NewDeviceAccepted self = std::move(*this);
  if (self.deadline_.passed(now)) return err(LinkingError::expired);
  const Bytes header = self.keys_.grant_header();
  const auto payload =
      identity::open_seal(self.keys_.grant_seal(), header, grant.sealed, identity::kMaxGrantPayload);
  if (!payload) return err(LinkingError::bad_grant);
  auto opened = identity::read_grant_payload(header, self.parties_, *payload, *self.device_);
  if (!opened) return err(LinkingError::bad_grant);
  return *std::move(opened);
}

}  // namespace sotto::linking
