#include "recovery/share.h"

#include <algorithm>

#include "bytes/encoder.h"
#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "recovery/labels.h"
#include "recovery/limits.h"
#include "recovery/secret_codec.h"

namespace sotto::recovery {
namespace {

constexpr std::size_t kDigestSize = std::tuple_size_v<ShareDigest>;

bool allowed(std::size_t threshold, std::size_t count) {
  return threshold >= kMinThreshold && threshold <= count && count <= kMaxContacts;
}

/// A share's digest but for the value: label, owner, set, slot, t, n, i.
Bytes digest_context(const ShareTerms& terms, std::size_t count, std::size_t index) {
  Encoder out;
  out.label(label::kShare).raw(terms.owner.account.view()).raw(terms.owner.key.octets());
  out.raw(terms.set).raw(terms.slot).u8(terms.threshold).u8(static_cast<std::uint8_t>(count));
  out.u8(static_cast<std::uint8_t>(index));
  return std::move(out).take();
}

RecoveryResult<std::vector<ShareDigest>> parse_digests(Decoder& in, std::size_t count) {
  std::vector<ShareDigest> out;
  for (std::size_t i = 0; i < count && !in.failed(); ++i) out.push_back(in.array<kDigestSize>());
  if (!in.finished()) return err(RecoveryError::malformed);
  return out;
}

/// The shares that have the terms of `model`, each index once.
std::vector<SharePoint> points_of(std::span<const Share> shares, const ShareTerms& model) {
  std::vector<SharePoint> out;
  for (const Share& share : shares) {
    const bool counted = std::ranges::find(out, share.index, &SharePoint::index) != out.end();
    if (share.terms == model && !counted) out.push_back({share.index, share.value});
  }
  return out;
}

}  // namespace

class ShareForm {
 public:
  static ShareDigest digest(const ShareTerms& terms, std::size_t count, std::size_t index,
                            const ShareValue& value) {
    const auto out =
        crypto::sha256({digest_context(terms, count, index), value.reveal(SecretCodec::access())});
    crypto::declassify(out);  // every contact has the digests of all shares
    return out;
  }

  static void append_value(crypto::WipedOctets& out, const ShareValue& value) {
    const ByteView octets = value.reveal(SecretCodec::access());
    out.insert(out.end(), octets.begin(), octets.end());
  }

  /// Precondition: the digests are in the terms.
  static RecoveryResult<Share> checked(ShareTerms terms, std::uint32_t index, ByteView value) {
    const std::size_t count = terms.digests.size();
    if (!allowed(terms.threshold, count) || index == 0 || index > count) {
      return err(RecoveryError::bad_terms);
    }
    auto held = ShareValue::copy_of(value);
    if (digest(terms, count, index, held) != terms.digests[index - 1]) return err(RecoveryError::wrong_share);
    return Share{std::move(terms), static_cast<std::uint8_t>(index), std::move(held)};
  }
};

RecoveryResult<std::vector<Share>> make_shares(const RecoverySeed& opener, const AccountName& owner,
                                               const SetId& set, std::size_t threshold, std::size_t count,
                                               crypto::RandomSource& random) {
  if (!allowed(threshold, count)) return err(RecoveryError::bad_terms);
  ShareTerms terms{owner, set, SlotKey::derive(opener).slot, static_cast<std::uint8_t>(threshold), {}};
  std::vector<ShareValue> values = split(opener, threshold, count, random);
  for (std::size_t i = 0; i < count; ++i) {
    terms.digests.push_back(ShareForm::digest(terms, count, i + 1, values[i]));
  }
  std::vector<Share> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({terms, static_cast<std::uint8_t>(i + 1), std::move(values[i])});
  }
  return out;
}

crypto::WipedOctets share_octets(const Share& share) {
  crypto::WipedOctets out;
  ShareForm::append_value(out, share.value);
  for (const ShareDigest& digest : share.terms.digests) out.insert(out.end(), digest.begin(), digest.end());
  return out;
}

RecoveryResult<Share> parse_share(ShareTerms terms, std::uint32_t index, ByteView octets) {
  Decoder in(octets);
  const ByteView value = in.raw(ShareValue::kSize);
  if (in.failed() || in.remaining() % kDigestSize != 0) return err(RecoveryError::malformed);
  if (in.remaining() / kDigestSize > kMaxContacts) return err(RecoveryError::bad_terms);
  SOTTO_TRY(terms.digests, parse_digests(in, in.remaining() / kDigestSize));
  return ShareForm::checked(std::move(terms), index, value);
}

ByteArray<16> share_hash(const Share& share) {
  const auto digest = crypto::sha256(share_octets(share));
  return to_array<16>(ByteView(digest).first(16));
}

crypto::WipedOctets encode(const Share& share) {
  Encoder before;
  before.raw(share.terms.owner.account.view()).raw(share.terms.owner.key.octets());
  before.raw(share.terms.set).raw(share.terms.slot).u8(share.terms.threshold).u8(share.index);
  Encoder after;
  after.u8(static_cast<std::uint8_t>(share.terms.digests.size()));
  for (const ShareDigest& digest : share.terms.digests) after.raw(digest);
  crypto::WipedOctets out(before.view().begin(), before.view().end());
  ShareForm::append_value(out, share.value);
  out.insert(out.end(), after.view().begin(), after.view().end());
  return out;
}

RecoveryResult<Share> decode_share(ByteView octets) {
  constexpr std::size_t kBefore = 16 + 32 + 16 + 16 + 1 + 1;
  // Authentic when it came out of a seal: all but the value may be looked at.
  crypto::declassify(octets.first(std::min(kBefore, octets.size())));
  crypto::declassify(octets.subspan(std::min(kBefore + ShareValue::kSize, octets.size())));
  Decoder in(octets);
  const identity::AccountId account(in.array<16>());
  ShareTerms terms{.owner = {account, crypto::Fingerprint::from_octets(in.array<32>())}};
  terms.set = in.array<16>();
  terms.slot = in.array<16>();
  terms.threshold = in.u8();
  const std::uint32_t index = in.u8();
  const ByteView value = in.raw(ShareValue::kSize);
  const std::size_t count = in.u8();
  if (in.failed()) return err(RecoveryError::malformed);
  SOTTO_TRY(terms.digests, parse_digests(in, count));
  return ShareForm::checked(std::move(terms), index, value);
}

RecoveryResult<Combined> combine_shares(std::span<const Share> shares) {
  bool mixed = false;
  for (const Share& model : shares) {
    mixed = mixed || model.terms != shares.front().terms;
    const auto points = points_of(shares, model.terms);
    if (points.size() < model.terms.threshold) continue;
    RecoverySeed opener = combine(points);
    if (SlotKey::derive(opener).slot != model.terms.slot) return err(RecoveryError::wrong_share);
    return Combined{model.terms, std::move(opener)};
  }
  return err(mixed ? RecoveryError::mixed_shares : RecoveryError::too_few_shares);
}

}  // namespace sotto::recovery
