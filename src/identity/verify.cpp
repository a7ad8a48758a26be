#include "identity/verify.h"

#include "bytes/encoder.h"
#include "identity/labels.h"

namespace sotto::identity {
namespace {

Bytes author_message(const ManifestHash& hash) {
  Encoder out;
  out.label(label::kManifestAuthor).raw(hash);
  return std::move(out).take();
}

/// `lister` is the manifest whose devices and recovery key may author `next`.
IdentityResult<void> check_signatures(const Manifest& next, const SignedManifest& octets,
                                      const Manifest& lister) {
  if (!next.account_key.verify(octets.m, octets.account_signature)) {
    return err(IdentityError::bad_account_signature);
  }
  const Bytes message = author_message(crypto::sha384(octets.m));
  if (next.recovery_authored()) {
    if (!octets.recovery_key || lister.recovery == RecoveryFingerprint{}) {
      return err(IdentityError::unknown_author);
    }
    const auto recovery = RecoveryPublicKey::decode(*octets.recovery_key);
    if (!recovery || recovery->fingerprint() != lister.recovery) return err(IdentityError::unknown_author);
    if (!recovery->signing.verify(message, octets.author_signature)) {
      return err(IdentityError::bad_author_signature);
    }
    return {};
  }
  const ManifestDevice* author = lister.find(next.author);
  if (author == nullptr || octets.recovery_key) return err(IdentityError::unknown_author);
  if (!author->key.verify(message, octets.author_signature)) return err(IdentityError::bad_author_signature);
  return {};
}

/// A device keeps its key and its time of joining for as long as it is listed; a new one joins at issue.
IdentityResult<void> check_continuity(const Manifest& before, const Manifest& after) {
  for (const ManifestDevice& device : after.devices) {
    const ManifestDevice* known = before.find(device.id);
    if (known != nullptr && known->key != device.key) return err(IdentityError::device_key_changed);
    const UnixMs expected = known != nullptr ? known->added : after.issued;
    if (device.added != expected) return err(IdentityError::invalid_added_time);
  }
  return {};
}

}  // namespace

VerifiedManifest::VerifiedManifest(Manifest manifest, SignedManifest signed_manifest)
    : manifest_(std::move(manifest)), signed_(std::move(signed_manifest)), hash_(crypto::sha384(signed_.m)) {}

ManifestRef VerifiedManifest::ref() const {
  return {.version = manifest_.version, .hash = to_array<16>(ByteView(hash_).first(16))};
}

IdentityResult<VerifiedManifest> VerifiedManifest::from_own_store(ByteView octets) {
  SOTTO_TRY(SignedManifest stored, parse_signed_manifest(octets));
  SOTTO_TRY(Manifest manifest, parse_manifest(stored.m));
  return VerifiedManifest(std::move(manifest), std::move(stored));
}

IdentityResult<VerifiedManifest> verify_first(SignedManifest first) {
  SOTTO_TRY(Manifest manifest, parse_manifest(first.m));
  if (manifest.version != 1) return err(IdentityError::wrong_version);
  if (manifest.previous != ManifestHash{}) return err(IdentityError::broken_chain);
  for (const ManifestDevice& device : manifest.devices) {
    if (device.added != manifest.issued) return err(IdentityError::invalid_added_time);
  }
  // Nothing before it could have named a recovery key, so a device has to be the author.
  if (manifest.recovery_authored()) return err(IdentityError::unknown_author);
  SOTTO_CHECK_OK(check_signatures(manifest, first, manifest));
  return VerifiedManifest(std::move(manifest), std::move(first));
}

IdentityResult<VerifiedManifest> verify_successor(const VerifiedManifest& previous, SignedManifest next) {
  const Manifest& before = previous.manifest();
  SOTTO_TRY(Manifest manifest, parse_manifest(next.m));
  if (manifest.account != before.account) return err(IdentityError::wrong_account);
  if (manifest.account_key != before.account_key) return err(IdentityError::account_key_changed);
  // Compared this way round because previous + 1 could wrap to 0.
  if (manifest.version - 1 != before.version) return err(IdentityError::wrong_version);
  if (manifest.previous != previous.hash()) return err(IdentityError::broken_chain);
  if (manifest.issued < before.issued) return err(IdentityError::time_went_back);
  SOTTO_CHECK_OK(check_continuity(before, manifest));
  SOTTO_CHECK_OK(check_signatures(manifest, next, before));
  return VerifiedManifest(std::move(manifest), std::move(next));
}

IdentityResult<Manifest> check_unanchored(const SignedManifest& signed_manifest) {
  SOTTO_TRY(Manifest manifest, parse_manifest(signed_manifest.m));
  if (manifest.recovery_authored()) return err(IdentityError::unknown_author);
  SOTTO_CHECK_OK(check_signatures(manifest, signed_manifest, manifest));
  return manifest;
}

IdentityResult<Freshness> freshness(const Manifest& manifest, UnixMs now) {
  if (elapsed(now, manifest.issued) > kMaxClockSkew) return err(IdentityError::from_future);
  if (now < manifest.expires) return Freshness::fresh;
  if (elapsed(manifest.expires, now) < kManifestGrace) return Freshness::grace;
  return err(IdentityError::expired);
}

IdentityResult<VerifiedChain> verify_chain(const VerifiedManifest* anchor, std::vector<SignedManifest> links,
                                           UnixMs now) {
  if (links.empty()) return err(IdentityError::empty_chain);
  VerifiedChain chain;
  chain.links.reserve(links.size());
  for (SignedManifest& link : links) {
    const VerifiedManifest* previous = chain.links.empty() ? anchor : &chain.links.back();
    SOTTO_TRY(VerifiedManifest verified, previous == nullptr ? verify_first(std::move(link))
                                                             : verify_successor(*previous, std::move(link)));
    chain.links.push_back(std::move(verified));
  }
  SOTTO_TRY(chain.freshness, freshness(chain.links.back().manifest(), now));
  return chain;
}

bool is_fork(const VerifiedManifest& a, const VerifiedManifest& b) {
  return a.account() == b.account() && a.manifest().account_key == b.manifest().account_key &&
         a.version() == b.version() && a.hash() != b.hash();
}

ManifestDiff diff(const Manifest& before, const Manifest& after) {
  ManifestDiff out;
  for (const ManifestDevice& device : after.devices) {
    const ManifestDevice* known = before.find(device.id);
    if (known == nullptr) {
      out.added.push_back(device.id);
    } else if (known->sealed_name != device.sealed_name || known->capabilities != device.capabilities) {
      out.changed.push_back(device.id);
    }
  }
  for (const ManifestDevice& device : before.devices) {
    if (after.find(device.id) == nullptr) out.removed.push_back(device.id);
  }
  out.recovery_changed = before.recovery != after.recovery;
  return out;
}

}  // namespace sotto::identity
