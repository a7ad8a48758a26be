#include "identity/retirement.h"

#include "bytes/encoder.h"
#include "identity/labels.h"
#include "result/check.h"
#include "sotto/v1/stream.pb.h"
#include "wire/decode.h"

namespace sotto::identity {
namespace {

Bytes author_message(ByteView statement) {
  Encoder out;
  out.label(label::kRetirementAuthor).raw(crypto::sha384(statement));
  return std::move(out).take();
}

}  // namespace

Bytes encode(const Retirement& retirement) {
  Encoder out;
  out.label(label::kRetirement).raw(retirement.account.view()).u64(retirement.version);
  out.raw(retirement.manifest).raw(retirement.author.view()).u64(retirement.time.value);
  return std::move(out).take();
}

IdentityResult<Retirement> parse_retirement(ByteView statement) {
  Decoder in(statement);
  Retirement out;
  in.label(label::kRetirement);
  out.account = AccountId(in.array<AccountId::kSize>());
  out.version = in.u64();
  out.manifest = in.array<sizeof(ManifestHash)>();
  out.author = DeviceId(in.array<DeviceId::kSize>());
  out.time = {in.u64()};
  if (!in.finished() || out.version == 0) return err(IdentityError::malformed);
  return out;
}

SignedRetirement sign_retirement(const VerifiedManifest& newest, const AccountIdentity& account,
                                 const DeviceIdentity& author, UnixMs now, crypto::RandomSource& random) {
  SOTTO_CHECK(newest.account() == account.id && newest.find(author.id) != nullptr);
  Bytes statement = encode(Retirement{account.id, newest.version(), newest.hash(), author.id, now});
  const auto account_signature = account.key.sign(statement, random);
  const auto author_signature = author.key.sign(author_message(statement), random);
  return {std::move(statement), account_signature, author_signature};
}

IdentityResult<Retirement> verify_retirement(const VerifiedManifest& newest,
                                             const SignedRetirement& retirement, UnixMs now) {
  SOTTO_TRY(Retirement parsed, parse_retirement(retirement.statement));
  if (parsed.account != newest.account()) return err(IdentityError::wrong_account);
  if (parsed.version != newest.version()) return err(IdentityError::wrong_version);
  if (parsed.manifest != newest.hash()) return err(IdentityError::broken_chain);
  if (elapsed(parsed.time, now) > kMaxClockSkew) return err(IdentityError::expired);
  if (elapsed(now, parsed.time) > kMaxClockSkew) return err(IdentityError::from_future);
  const ManifestDevice* author = newest.find(parsed.author);
  if (author == nullptr) return err(IdentityError::unknown_author);
  if (!newest.manifest().account_key.verify(retirement.statement, retirement.account_signature)) {
    return err(IdentityError::bad_account_signature);
  }
  if (!author->key.verify(author_message(retirement.statement), retirement.author_signature)) {
    return err(IdentityError::bad_author_signature);
  }
  return parsed;
}

void to_wire(const SignedRetirement& from, v1::RetireAccount& to) {
  to.set_statement(wire::field(from.statement));
  to.set_account_signature(wire::field(from.account_signature));
  to.set_author_signature(wire::field(from.author_signature));
}

IdentityResult<SignedRetirement> from_wire(const v1::RetireAccount& from) {
  const bool lengths_fit = from.statement().size() <= kMaxRetirement &&
                           from.account_signature().size() == crypto::kHybridSignatureSize &&
                           from.author_signature().size() == crypto::kHybridSignatureSize;
  if (!lengths_fit) return err(IdentityError::malformed);
  return SignedRetirement{to_bytes(wire::octets(from.statement())),
                          to_array<crypto::kHybridSignatureSize>(wire::octets(from.account_signature())),
                          to_array<crypto::kHybridSignatureSize>(wire::octets(from.author_signature()))};
}

}  // namespace sotto::identity
