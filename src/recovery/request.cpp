#include "recovery/request.h"

#include "bytes/base32.h"
#include "bytes/encoder.h"
#include "identity/handle.h"
#include "identity/sealing.h"
#include "recovery/labels.h"
#include "recovery/limits.h"

namespace sotto::recovery {
namespace {

/// R with the digests of all shares.
constexpr std::size_t kMaxShareForm =
    16 + 32 + 16 + 16 + 2 + ShareValue::kSize + 1 + kMaxContacts * std::tuple_size_v<ShareDigest>;

bool is_normal_handle(std::string_view text) {
  const auto handle = identity::Handle::parse(text);
  return handle && handle->text() == text;
}

/// h of docs/specs/recovery.md 4.
Bytes release_header(ByteView request, const identity::Capsule& capsule) {
  Encoder out;
  out.label(label::kRelease).raw(crypto::sha384(request)).raw(capsule);
  return std::move(out).take();
}

identity::SealKeys release_keys(ByteView header, const identity::CapsuleSecrets& secrets) {
  Encoder salt;
  salt.label(label::kReleaseSalt).raw(header);
  Encoder info;
  info.label(label::kReleaseKeys);
  return identity::expand_seal_keys(secrets.extract(crypto::sha384(salt.view())), info.view());
}

RecoveryError error_of(identity::IdentityError error) {
  return error == identity::IdentityError::cannot_open ? RecoveryError::cannot_open
                                                       : RecoveryError::malformed;
}

}  // namespace

RecoveryResult<Bytes> make_request(const RequestKeys& keys, std::string_view handle, UnixMs now) {
  if (!is_normal_handle(handle)) return err(RecoveryError::malformed);
  Encoder out;
  out.label(label::kRequest).var(as_bytes(handle)).raw(keys.ec.public_key().encoded());
  out.raw(keys.kem.encapsulation_key()).u64(now.value);
  return std::move(out).take();
}

RecoveryResult<Request> parse_request(ByteView octets) {
  Decoder in(octets);
  in.label(label::kRequest);
  std::string handle(as_chars(in.var(identity::kMaxHandle)));
  auto ec = crypto::P256PublicKey::decode(in.raw(crypto::kP256PublicKeySize));
  auto kem = crypto::MlKem1024EncapsulationKey::decode(in.raw(crypto::MlKem1024::kEncapsulationKeySize));
  const UnixMs created{in.u64()};
  if (!in.finished() || !ec || !kem || !is_normal_handle(handle)) return err(RecoveryError::malformed);
  return Request{std::move(handle), *std::move(ec), *std::move(kem), created};
}

std::string request_fingerprint(ByteView request) {
  constexpr std::size_t kCharacters = 20;
  Encoder labelled;
  labelled.label(label::kShown).raw(crypto::sha384(request));
  std::string out;
  for (const char c : to_base32(crypto::sha384(labelled.view())).substr(0, kCharacters)) {
    if (out.size() % 5 == 4) out.push_back('-');
    out.push_back(c >= 'A' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

RecoveryResult<Bytes> make_release(ByteView request, const Share& share, crypto::RandomSource& random) {
  SOTTO_TRY(const Request asked, parse_request(request));
  const auto sealed_to = identity::encapsulate(asked.sealing_ec, asked.sealing_kem, random);
  if (!sealed_to) return err(RecoveryError::malformed);
  const Bytes header = release_header(request, sealed_to->capsule);
  Encoder out;
  out.raw(header).raw(identity::seal(release_keys(header, sealed_to->secrets), header, encode(share)));
  return std::move(out).take();
}

RecoveryResult<Share> open_release(ByteView release, ByteView request, const RequestKeys& keys) {
  Decoder in(release);
  in.label(label::kRelease);
  const auto answers = in.array<48>();
  const auto capsule = in.array<std::tuple_size_v<identity::Capsule>>();
  if (in.failed()) return err(RecoveryError::malformed);
  if (answers != crypto::sha384(request)) return err(RecoveryError::wrong_request);
  const auto secrets = identity::decapsulate(keys.ec, keys.kem, capsule);
  if (!secrets) return err(error_of(secrets.error()));
  const Bytes header = release_header(request, capsule);
  const auto plain = identity::open_seal(release_keys(header, *secrets), header, in.rest(), kMaxShareForm);
  if (!plain) return err(error_of(plain.error()));
  return decode_share(*plain);
}

}  // namespace sotto::recovery
