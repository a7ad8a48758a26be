#include "identity/link_grant.h"

#include <tuple>

#include "bytes/base32.h"
#include "bytes/encoder.h"
#include "identity/device_name.h"
#include "identity/labels.h"
#include "identity/sealing.h"

namespace sotto::identity {
namespace {

/// What stands after LBL("link-file") (docs/specs/identity.md 5, 8).
enum class LinkPart : std::uint8_t {
  request = 1,
  grant = 2,  // 3 is a grant's author signature (grant_payload.cpp)
  salt = 4,
  keys = 5,
  fingerprint = 6,
};

Encoder labelled(LinkPart part) {
  Encoder out;
  out.label(label::kLinkFile).u8(static_cast<std::uint8_t>(part));
  return out;
}

bool begins_with(Decoder& in, LinkPart part) {
  in.label(label::kLinkFile);
  return in.u8() == static_cast<std::uint8_t>(part) && !in.failed();
}

/// The part of a grant that is not encrypted; `octets` is all of it, the MAC's and the key derivation's
/// context.
struct GrantHeader {
  AccountId account;
  ByteArray<32> account_fp;
  ByteArray<32> author_fp;
  ByteArray<32> device_fp;
  crypto::Sha384Digest request_hash;
  Capsule capsule;

  [[nodiscard]] Bytes encoded() const {
    Encoder out = labelled(LinkPart::grant);
    out.raw(account.view()).raw(account_fp).raw(author_fp).raw(device_fp).raw(request_hash).raw(capsule);
    return std::move(out).take();
  }
};

IdentityResult<GrantHeader> parse_header(Decoder& in) {
  if (!begins_with(in, LinkPart::grant)) return err(IdentityError::malformed);
  const AccountId account(in.array<AccountId::kSize>());
  const auto account_fp = in.array<32>();
  const auto author_fp = in.array<32>();
  const auto device_fp = in.array<32>();
  const auto request_hash = in.array<48>();
  const auto capsule = in.array<std::tuple_size_v<Capsule>>();
  if (in.failed()) return err(IdentityError::malformed);
  return GrantHeader{account, account_fp, author_fp, device_fp, request_hash, capsule};
}

SealKeys seal_keys(ByteView header, const CapsuleSecrets& secrets) {
  const auto prk = secrets.extract(crypto::sha384(labelled(LinkPart::salt).raw(header).view()));
  return expand_seal_keys(prk, labelled(LinkPart::keys).view());
}

}  // namespace

OutgoingLinkRequest make_link_request(const DeviceIdentity& device, std::string_view name, UnixMs now,
                                      crypto::RandomSource& random) {
  LinkRequestKeys keys = LinkRequestKeys::generate(random);
  Encoder out = labelled(LinkPart::request);
  out.raw(device.id.view()).raw(device.key.public_key().encoded()).raw(keys.ec.public_key().encoded());
  out.raw(keys.kem.encapsulation_key()).var(as_bytes(clean_device_name(name))).u64(now.value);
  out.raw(device.key.sign(out.view(), random));
  return {std::move(out).take(), std::move(keys)};
}

IdentityResult<LinkRequest> parse_link_request(ByteView octets) {
  if (octets.size() < crypto::kHybridSignatureSize) return err(IdentityError::malformed);
  const ByteView signed_part = octets.first(octets.size() - crypto::kHybridSignatureSize);
  Decoder in(signed_part);
  if (!begins_with(in, LinkPart::request)) return err(IdentityError::malformed);
  const DeviceId device(in.array<DeviceId::kSize>());
  auto key = crypto::HybridPublicKey::decode(in.raw(crypto::kHybridPublicKeySize));
  auto ec = crypto::P256PublicKey::decode(in.raw(crypto::kP256PublicKeySize));
  auto kem = crypto::MlKem1024EncapsulationKey::decode(in.raw(crypto::MlKem1024::kEncapsulationKeySize));
  std::string name(as_chars(in.var(kMaxDeviceName)));
  const UnixMs created{in.u64()};
  if (!in.finished() || !key || !ec || !kem || clean_device_name(name) != name) {
    return err(IdentityError::malformed);
  }
  if (device == DeviceId{}) return err(IdentityError::invalid_device_id);
  if (!key->verify(signed_part, octets.subspan(signed_part.size()))) {
    return err(IdentityError::bad_device_signature);
  }
  return LinkRequest{device, *std::move(key), *std::move(ec), *std::move(kem), std::move(name), created};
}

std::string link_request_fingerprint(ByteView request) {
  constexpr std::size_t kCharacters = 20;
  const auto digest = crypto::sha384(labelled(LinkPart::fingerprint).raw(crypto::sha384(request)).view());
  std::string out;
  for (const char c : to_base32(digest).substr(0, kCharacters)) {
    if (out.size() % 5 == 4) out.push_back('-');
    out.push_back(c >= 'A' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

IdentityResult<Bytes> make_link_grant(ByteView request, const AccountIdentity& account,
                                      const DeviceIdentity& author, const SyncKey& sync_key,
                                      std::string_view handle, const SignedManifest& manifest,
                                      crypto::RandomSource& random) {
  SOTTO_TRY(const LinkRequest asked, parse_link_request(request));
  SOTTO_TRY(const Encapsulated sealed_to, encapsulate(asked.sealing_ec, asked.sealing_kem, random));
  const crypto::Fingerprint& device_fp = asked.device_key.fingerprint();
  const Bytes header = GrantHeader{account.id,
                                   account.key.public_key().fingerprint().octets(),
                                   author.key.public_key().fingerprint().octets(),
                                   device_fp.octets(),
                                   crypto::sha384(request),
                                   sealed_to.capsule}
                           .encoded();
  SOTTO_TRY(auto payload, make_grant_payload(header, {account, author, sync_key, handle, manifest},
                                             asked.device, device_fp, random));
  Encoder out;
  out.raw(header).raw(seal(seal_keys(header, sealed_to.secrets), header, std::move(payload)));
  return std::move(out).take();
}

IdentityResult<LinkGrant> open_link_grant(ByteView grant, ByteView request, const DeviceIdentity& device,
                                          const LinkRequestKeys& keys) {
  Decoder in(grant);
  SOTTO_TRY(const GrantHeader header, parse_header(in));
  if (header.request_hash != crypto::sha384(request) ||
      header.device_fp != device.key.public_key().fingerprint().octets()) {
    return err(IdentityError::wrong_request);
  }
  SOTTO_TRY(const CapsuleSecrets secrets, decapsulate(keys.ec, keys.kem, header.capsule));
  const Bytes header_octets = header.encoded();
  SOTTO_TRY(const auto payload,
            open_seal(seal_keys(header_octets, secrets), header_octets, in.rest(), kMaxGrantPayload));
  const GrantParties parties{header.account, crypto::Fingerprint::from_octets(header.account_fp),
                             crypto::Fingerprint::from_octets(header.author_fp)};
  return read_grant_payload(header_octets, parties, payload, device);
}

}  // namespace sotto::identity
