#include "identity/link_grant.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "bytes/encoder.h"
#include "crypto/cipher.h"
#include "crypto/declassify.h"
#include "crypto/hkdf.h"
#include "identity/device_name.h"
#include "identity/labels.h"

namespace sotto::identity {
namespace {

/// What stands after LBL("link-file") (docs/specs/identity.md 5, 8).
enum class LinkPart : std::uint8_t {
  request = 1,
  grant = 2,
  grant_author = 3,
  salt = 4,
  keys = 5,
  fingerprint = 6,
};

constexpr std::size_t kTagSize = 32;
constexpr std::size_t kSecretPart = crypto::HybridSeed::kSize + SyncKey::kSize;
constexpr std::size_t kMaxGrantPayload =
    kSecretPart + 4 + kMaxHandle + 4 + kMaxSignedManifestSize + crypto::kHybridSignatureSize;

using MacKey = crypto::SecretArray<48, struct LinkMacKeyTag>;
using WipedOctets = std::vector<std::uint8_t, crypto::WipingAllocator<std::uint8_t>>;

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
  crypto::P256PublicKey ec;
  ByteArray<crypto::MlKem1024::kCiphertextSize> kem_ciphertext;

  [[nodiscard]] Bytes encoded() const {
    Encoder out = labelled(LinkPart::grant);
    out.raw(account.view()).raw(account_fp).raw(author_fp).raw(device_fp).raw(request_hash);
    out.raw(ec.encoded()).raw(kem_ciphertext);
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
  auto ec = crypto::P256PublicKey::decode(in.raw(crypto::kP256PublicKeySize));
  const auto kem_ciphertext = in.array<crypto::MlKem1024::kCiphertextSize>();
  if (in.failed() || !ec) return err(IdentityError::malformed);
  return GrantHeader{account, account_fp, author_fp, device_fp, request_hash, *std::move(ec), kem_ciphertext};
}

struct SealKeys {
  crypto::CipherKey cipher;
  crypto::CipherIv iv;
  MacKey mac;
};

SealKeys derive_keys(ByteView header, const crypto::KemSecret& kem, const crypto::EcdhSecret& ec) {
  const auto prk = crypto::hkdf_extract(crypto::sha384(labelled(LinkPart::salt).raw(header).view()), kem, ec);
  auto [cipher, iv, mac] =
      crypto::hkdf_expand<crypto::CipherKey, crypto::CipherIv, MacKey>(prk, labelled(LinkPart::keys).view());
  return {std::move(cipher), std::move(iv), std::move(mac)};
}

ByteArray<kTagSize> tag_of(const MacKey& mac, ByteView header, ByteView ciphertext) {
  Encoder prefix;
  prefix.label(label::kTag).u32(static_cast<std::uint32_t>(header.size())).raw(header);
  prefix.u64(ciphertext.size());
  return to_array<kTagSize>(ByteView(crypto::hmac_sha384(mac, {prefix.view(), ciphertext})).first(kTagSize));
}

/// What the author of a grant signs, so that no other holder of the AIK can slip in a sync key of its own.
Bytes author_message(ByteView header, ByteView body) {
  const auto body_hash = crypto::sha384(body);
  crypto::declassify(
      body_hash);  // hides the body, whose first 96 octets nobody can guess; signatures look at it
  return std::move(labelled(LinkPart::grant_author).raw(crypto::sha384(header)).raw(body_hash)).take();
}

/// Both sides of a grant make this check, each on what it knows.
IdentityResult<void> check_listed(const Manifest& manifest, const DeviceId& device,
                                  const crypto::Fingerprint& device_fp,
                                  const crypto::Fingerprint& author_fp) {
  const ManifestDevice* listed = manifest.find(device);
  const ManifestDevice* author = manifest.find(manifest.author);
  if (listed == nullptr || listed->key.fingerprint() != device_fp || author == nullptr ||
      author->key.fingerprint() != author_fp) {
    return err(IdentityError::grant_inconsistent);
  }
  return {};
}

bool is_normal_handle(std::string_view text) {
  if (text.empty()) return true;
  const auto handle = Handle::parse(text);
  return handle && handle->text() == text;
}

}  // namespace

/// The plaintext of grants: AIK seed64 || sync key32 || V(handle) || V(signed manifest) || signature3373.
class LinkSeal {
 public:
  static WipedOctets body(const AccountIdentity& account, const SyncKey& sync_key, std::string_view handle,
                          const SignedManifest& manifest) {
    WipedOctets out;
    const auto append = [&out](ByteView octets) { out.insert(out.end(), octets.begin(), octets.end()); };
    const crypto::HybridSeed seed = account.key.seed();
    append(seed.reveal(SecretCodec::access()));
    append(sync_key.reveal(SecretCodec::access()));
    append(Encoder().var(as_bytes(handle)).var(encode(manifest)).view());
    return out;
  }
};

namespace {

/// Reads a decrypted payload and checks that everything in it fits together and was signed by the author.
IdentityResult<LinkGrant> read_payload(const GrantHeader& header, ByteView payload,
                                       const DeviceIdentity& device) {
  if (payload.size() < crypto::kHybridSignatureSize) return err(IdentityError::malformed);
  const ByteView body = payload.first(payload.size() - crypto::kHybridSignatureSize);
  Decoder in(body);
  const ByteView seed = in.raw(crypto::HybridSeed::kSize);
  const ByteView sync_key = in.raw(SyncKey::kSize);
  std::string handle(as_chars(in.var(kMaxHandle)));
  const ByteView manifest_octets = in.var(kMaxSignedManifestSize);
  if (!in.finished() || !is_normal_handle(handle)) return err(IdentityError::malformed);
  auto key = crypto::HybridPrivateKey::from_seed(crypto::HybridSeed::copy_of(seed));
  if (!key) return err(IdentityError::malformed);
  SOTTO_TRY(SignedManifest signed_manifest, parse_signed_manifest(manifest_octets));
  SOTTO_TRY(const Manifest manifest, check_unanchored(signed_manifest));
  if (manifest.account != header.account || manifest.account_key != key->public_key() ||
      key->public_key().fingerprint().octets() != header.account_fp) {
    return err(IdentityError::grant_inconsistent);
  }
  SOTTO_CHECK_OK(check_listed(manifest, device.id, device.key.public_key().fingerprint(),
                              crypto::Fingerprint::from_octets(header.author_fp)));
  const ManifestDevice* author = manifest.find(manifest.author);
  if (!author->key.verify(author_message(header.encoded(), body), payload.subspan(body.size()))) {
    return err(IdentityError::bad_device_signature);
  }
  return LinkGrant{AccountIdentity{header.account, *std::move(key)}, SyncKey::copy_of(sync_key),
                   std::move(handle), std::move(signed_manifest)};
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
  constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";  // RFC 4648 6, lower case
  constexpr std::size_t kCharacters = 20;
  const auto digest = crypto::sha384(labelled(LinkPart::fingerprint).raw(crypto::sha384(request)).view());
  std::string out;
  for (std::size_t i = 0; i < kCharacters; ++i) {
    const std::size_t bit = i * 5;
    const unsigned pair = unsigned{digest[bit / 8]} << 8U | digest[bit / 8 + 1];
    if (i > 0 && i % 4 == 0) out.push_back('-');
    out.push_back(kBase32[pair >> (11U - bit % 8) & 31U]);
  }
  return out;
}

IdentityResult<Bytes> make_link_grant(ByteView request, const AccountIdentity& account,
                                      const DeviceIdentity& author, const SyncKey& sync_key,
                                      std::string_view handle, const SignedManifest& manifest,
                                      crypto::RandomSource& random) {
  SOTTO_TRY(const LinkRequest asked, parse_link_request(request));
  SOTTO_TRY(const Manifest listed, parse_manifest(manifest.m));
  if (!is_normal_handle(handle)) return err(IdentityError::malformed);
  const auto& account_key = account.key.public_key();
  if (listed.account != account.id || listed.account_key != account_key)
    return err(IdentityError::wrong_account);
  if (listed.author != author.id) return err(IdentityError::grant_inconsistent);
  const auto author_fp = author.key.public_key().fingerprint();
  SOTTO_CHECK_OK(check_listed(listed, asked.device, asked.device_key.fingerprint(), author_fp));

  const auto ephemeral = crypto::P256PrivateKey::generate(random);
  const auto kem = asked.sealing_kem.encapsulate(random);
  const auto ec = ephemeral.ecdh(asked.sealing_ec);
  if (!kem || !ec) return err(IdentityError::malformed);
  const Bytes header = GrantHeader{account.id,
                                   account_key.fingerprint().octets(),
                                   author_fp.octets(),
                                   asked.device_key.fingerprint().octets(),
                                   crypto::sha384(request),
                                   ephemeral.public_key(),
                                   kem->ciphertext}
                           .encoded();
  WipedOctets payload = LinkSeal::body(account, sync_key, handle, manifest);
  const auto signature = author.key.sign(author_message(header, payload), random);
  payload.insert(payload.end(), signature.begin(), signature.end());

  const SealKeys keys = derive_keys(header, kem->secret, *ec);
  crypto::aes256_ctr(keys.cipher, keys.iv, payload);
  Encoder out;
  out.raw(header).var(payload).raw(tag_of(keys.mac, header, payload));
  crypto::declassify(out.view());  // a file that a person carries
  return std::move(out).take();
}

IdentityResult<LinkGrant> open_link_grant(ByteView grant, ByteView request, const DeviceIdentity& device,
                                          const LinkRequestKeys& keys) {
  Decoder in(grant);
  SOTTO_TRY(const GrantHeader header, parse_header(in));
  const ByteView ciphertext = in.var(kMaxGrantPayload);
  const auto tag = in.array<kTagSize>();
  if (!in.finished()) return err(IdentityError::malformed);
  if (header.request_hash != crypto::sha384(request) ||
      header.device_fp != device.key.public_key().fingerprint().octets()) {
    return err(IdentityError::wrong_request);
  }
  const auto kem = keys.kem.decapsulate(header.kem_ciphertext);
  const auto ec = keys.ec.ecdh(header.ec);
  if (!kem || !ec) return err(IdentityError::cannot_open);
  const Bytes header_octets = header.encoded();
  const SealKeys seal = derive_keys(header_octets, *kem, *ec);
  if (!crypto::constant_time_equal(tag_of(seal.mac, header_octets, ciphertext), tag)) {
    return err(IdentityError::cannot_open);
  }
  WipedOctets payload(ciphertext.begin(), ciphertext.end());
  crypto::aes256_ctr(seal.cipher, seal.iv, payload);
  // Authentic, and what stands behind the seed and the sync key is parsed.
  crypto::declassify(ByteView(payload).subspan(std::min(kSecretPart, payload.size())));
  return read_payload(header, payload, device);
}

}  // namespace sotto::identity
