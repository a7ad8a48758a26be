#include "identity/grant_payload.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "crypto/declassify.h"
#include "identity/handle.h"
#include "identity/labels.h"

namespace sotto::identity {
namespace {

constexpr std::size_t kSecretPart = crypto::HybridSeed::kSize + SyncKey::kSize;
constexpr std::uint8_t kGrantAuthorPart = 3;  // after LBL("link-file") (docs/specs/identity.md 5, 8)

/// What the author of a grant signs, so that no other holder of the AIK can slip in a sync key of its own.
Bytes author_message(ByteView header, ByteView body) {
  const auto body_hash = crypto::sha384(body);
  crypto::declassify(
      body_hash);  // hides the body, whose first 96 octets nobody can guess; signatures look at it
  Encoder out;
  out.label(label::kLinkFile).u8(kGrantAuthorPart).raw(crypto::sha384(header)).raw(body_hash);
  return std::move(out).take();
}

/// Both sides of a grant make this check, each on what it knows.
IdentityResult<void> check_listed(const Manifest& manifest, const DeviceId& device,
                                  const crypto::Fingerprint& device_key,
                                  const crypto::Fingerprint& author_key) {
  const ManifestDevice* listed = manifest.find(device);
  const ManifestDevice* author = manifest.find(manifest.author);
  if (listed == nullptr || listed->key.fingerprint() != device_key || author == nullptr ||
      author->key.fingerprint() != author_key) {
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

class LinkSeal {
 public:
  static crypto::WipedOctets body(const GrantSource& source) {
    crypto::WipedOctets out;
    const auto append = [&out](ByteView octets) { out.insert(out.end(), octets.begin(), octets.end()); };
    const crypto::HybridSeed seed = source.account.key.seed();
    append(seed.reveal(SecretCodec::access()));
    append(source.sync_key.reveal(SecretCodec::access()));
    append(Encoder().var(as_bytes(source.handle)).var(encode(source.manifest)).view());
    return out;
  }
};

IdentityResult<crypto::WipedOctets> make_grant_payload(ByteView header, const GrantSource& source,
                                                       const DeviceId& device,
                                                       const crypto::Fingerprint& device_key,
                                                       crypto::RandomSource& random) {
  SOTTO_TRY(const Manifest listed, parse_manifest(source.manifest.m));
  if (!is_normal_handle(source.handle)) return err(IdentityError::malformed);
  if (listed.account != source.account.id || listed.account_key != source.account.key.public_key()) {
    return err(IdentityError::wrong_account);
  }
  if (listed.author != source.author.id) return err(IdentityError::grant_inconsistent);
  SOTTO_CHECK_OK(check_listed(listed, device, device_key, source.author.key.public_key().fingerprint()));
  crypto::WipedOctets payload = LinkSeal::body(source);
  const auto signature = source.author.key.sign(author_message(header, payload), random);
  payload.insert(payload.end(), signature.begin(), signature.end());
  return payload;
}

IdentityResult<LinkGrant> read_grant_payload(ByteView header, const GrantParties& parties, ByteView payload,
                                             const DeviceIdentity& device) {
  if (payload.size() < crypto::kHybridSignatureSize) return err(IdentityError::malformed);
  const ByteView body = payload.first(payload.size() - crypto::kHybridSignatureSize);
  // Authentic, and what stands behind the seed and the sync key is parsed.
  crypto::declassify(payload.subspan(std::min(kSecretPart, payload.size())));
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
  if (manifest.account != parties.account || manifest.account_key != key->public_key() ||
      key->public_key().fingerprint() != parties.account_key) {
    return err(IdentityError::grant_inconsistent);
  }
  SOTTO_CHECK_OK(
      check_listed(manifest, device.id, device.key.public_key().fingerprint(), parties.author_key));
  const ManifestDevice* author = manifest.find(manifest.author);
  if (!author->key.verify(author_message(header, body), payload.subspan(body.size()))) {
    return err(IdentityError::bad_device_signature);
  }
  return LinkGrant{AccountIdentity{parties.account, *std::move(key)}, SyncKey::copy_of(sync_key),
                   std::move(handle), std::move(signed_manifest)};
}

}  // namespace sotto::identity
