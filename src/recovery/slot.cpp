#include "recovery/slot.h"

#include "bytes/encoder.h"
#include "crypto/declassify.h"
#include "crypto/hash.h"
#include "identity/handle.h"
#include "identity/sealing.h"
#include "recovery/labels.h"
#include "recovery/limits.h"
#include "recovery/secret_codec.h"

namespace sotto::recovery {
namespace {

constexpr std::size_t kAccountForm = 1 + identity::AccountId::kSize + crypto::HybridSeed::kSize;
constexpr std::size_t kSecretPart = kAccountForm + identity::SyncKey::kSize;
constexpr std::size_t kMaxContent = kMaxSealedSlot;

/// What stands before the sealed part; `octets` is all of it, the context of keys and MAC.
struct Header {
  AccountName name;
  SlotId slot;
  identity::Capsule capsule;
};

Bytes encode(const Header& header) {
  Encoder out;
  out.label(label::kSlot).raw(header.name.account.view()).raw(header.name.key.octets());
  out.raw(header.slot).raw(header.capsule);
  return std::move(out).take();
}

RecoveryResult<Header> parse_header(Decoder& in) {
  in.label(label::kSlot);
  const identity::AccountId account(in.array<16>());
  const auto key = crypto::Fingerprint::from_octets(in.array<32>());
  const SlotId slot = in.array<16>();
  const auto capsule = in.array<std::tuple_size_v<identity::Capsule>>();
  if (in.failed()) return err(RecoveryError::malformed);
  return Header{{account, key}, slot, capsule};
}

identity::SealKeys slot_keys(ByteView header, const identity::CapsuleSecrets& secrets) {
  Encoder salt;
  salt.label(label::kSlotSalt).raw(header);
  Encoder info;
  info.label(label::kSlotKeys);
  return identity::expand_seal_keys(secrets.extract(crypto::sha384(salt.view())), info.view());
}

RecoveryError error_of(identity::IdentityError error) {
  return error == identity::IdentityError::cannot_open ? RecoveryError::cannot_open
                                                       : RecoveryError::malformed;
}

bool allowed(const ContactsRecord& record) {
  return record.threshold >= kMinThreshold && record.threshold <= record.contacts.size() &&
         record.contacts.size() <= kMaxContacts && record.delay <= kMaxDelay &&
         record.sealed.size() <= kMaxSealedSlot;
}

void append(Encoder& out, const std::optional<ContactsRecord>& contacts) {
  if (!contacts) {
    out.u8(0);
    return;
  }
  out.u8(contacts->threshold).raw(contacts->set).u64(contacts->delay.value).raw(contacts->access_hash);
  out.var(contacts->sealed).u8(static_cast<std::uint8_t>(contacts->contacts.size()));
  for (const auto& account : contacts->contacts) out.raw(account.view());
}

RecoveryResult<std::optional<ContactsRecord>> parse_contacts(Decoder& in) {
  ContactsRecord record;
  record.threshold = in.u8();
  if (record.threshold == 0) return std::nullopt;
  record.set = in.array<16>();
  record.delay = {in.u64()};
  record.access_hash = in.array<32>();
  record.sealed = to_bytes(in.var(kMaxSealedSlot));
  const std::size_t count = in.u8();
  for (std::size_t i = 0; i < count && !in.failed(); ++i) {
    record.contacts.emplace_back(in.array<16>());
  }
  if (in.failed() || !allowed(record)) return err(RecoveryError::malformed);
  return record;
}

bool is_normal_handle(std::string_view text) {
  if (text.empty()) return true;
  const auto handle = identity::Handle::parse(text);
  return handle && handle->text() == text;
}

/// h2 of docs/specs/recovery.md 3.
Bytes contacts_header(const AccountName& name, const SetId& set, const SlotId& slot) {
  Encoder out;
  out.label(label::kContacts).raw(name.account.view()).raw(name.key.octets()).raw(set).raw(slot);
  return std::move(out).take();
}

identity::SealKeys contacts_keys(const RecoverySeed& opener) {
  Encoder salt;
  salt.label(label::kAccess);
  Encoder info;
  info.label(label::kContactsKeys);
  return identity::expand_seal_keys(crypto::hkdf_extract(salt.view(), opener), info.view());
}

}  // namespace

class SlotSeal {
 public:
  static crypto::WipedOctets content(const SlotSource& source) {
    crypto::WipedOctets out;
    const auto add = [&out](ByteView octets) { out.insert(out.end(), octets.begin(), octets.end()); };
    const auto account = identity::SecretCodec::encode(source.account);
    add(account.reveal(SecretCodec::access()));
    add(source.sync_key.reveal(SecretCodec::access()));
    Encoder rest;
    rest.var(as_bytes(source.handle)).u64(source.manifest.version).raw(source.manifest.hash);
    append(rest, source.contacts);
    add(rest.view());
    return out;
  }

  static RecoveryResult<SlotContent> parse(ByteView content) {
    // What is authentic and no key may be looked at.
    crypto::declassify(content.first(std::min<std::size_t>(1 + identity::AccountId::kSize, content.size())));
    crypto::declassify(content.subspan(std::min(kSecretPart, content.size())));
    Decoder in(content);
    auto account = identity::SecretCodec::decode_account(crypto::SecretBytes::copy_of(in.raw(kAccountForm)));
    const ByteView sync_key = in.raw(identity::SyncKey::kSize);
    std::string handle(as_chars(in.var(identity::kMaxHandle)));
    const std::uint64_t version = in.u64();
    const auto hash = in.array<16>();
    SOTTO_TRY(auto contacts, parse_contacts(in));
    if (!in.finished() || !account || version == 0 || !is_normal_handle(handle)) {
      return err(RecoveryError::malformed);
    }
    return SlotContent{*std::move(account), identity::SyncKey::copy_of(sync_key), std::move(handle),
                       identity::ManifestRef{.version = version, .hash = hash}, std::move(contacts)};
  }

  static crypto::WipedOctets seed_octets(const RecoverySeed& seed) {
    const ByteView octets = seed.reveal(SecretCodec::access());
    return {octets.begin(), octets.end()};
  }
};

RecoveryResult<Bytes> seal_slot(const identity::RecoveryPublicKey& key, const SlotId& slot,
                                const SlotSource& source, crypto::RandomSource& random) {
  if (!is_normal_handle(source.handle) || source.manifest.version == 0) return err(RecoveryError::malformed);
  if (source.contacts && !allowed(*source.contacts)) return err(RecoveryError::bad_terms);
  const auto sealed_to = identity::encapsulate(key.sealing_ec, key.sealing_kem, random);
  if (!sealed_to) return err(RecoveryError::malformed);
  const AccountName name{source.account.id, source.account.key.public_key().fingerprint()};
  const Bytes header = encode(Header{name, slot, sealed_to->capsule});
  Encoder out;
  out.raw(header).raw(
      identity::seal(slot_keys(header, sealed_to->secrets), header, SlotSeal::content(source)));
  return std::move(out).take();
}

RecoveryResult<OpenedSlot> open_slot(const RecoverySeed& seed, ByteView sealed) {
  if (sealed.size() > kMaxSealedSlot) return err(RecoveryError::malformed);
  Decoder in(sealed);
  SOTTO_TRY(const Header header, parse_header(in));
  RecoveryKey key = RecoveryKey::derive(seed, header.name);
  const auto secrets = identity::decapsulate(key.sealing_ec, key.sealing_kem, header.capsule);
  if (!secrets) return err(error_of(secrets.error()));
  const Bytes octets = encode(header);
  const auto plain = identity::open_seal(slot_keys(octets, *secrets), octets, in.rest(), kMaxContent);
  if (!plain) return err(error_of(plain.error()));
  SOTTO_TRY(SlotContent content, SlotSeal::parse(*plain));
  const AccountName inside{content.account.id, content.account.key.public_key().fingerprint()};
  if (inside != header.name || SlotKey::derive(seed).slot != header.slot) {
    return err(RecoveryError::inconsistent);
  }
  return OpenedSlot{std::move(content), std::move(key)};
}

Bytes seal_contacts_slot(const RecoverySeed& opener, const AccountName& name, const SetId& set,
                         const RecoverySeed& seed) {
  const Bytes header = contacts_header(name, set, SlotKey::derive(opener).slot);
  Encoder out;
  out.raw(header).raw(identity::seal(contacts_keys(opener), header, SlotSeal::seed_octets(seed)));
  return std::move(out).take();
}

std::optional<SlotId> contacts_slot_id(ByteView sealed) {
  Decoder in(sealed);
  in.label(label::kContacts);
  in.raw(identity::AccountId::kSize + crypto::Fingerprint::kSize + std::tuple_size_v<SetId>);
  const SlotId slot = in.array<std::tuple_size_v<SlotId>>();
  if (in.failed()) return std::nullopt;
  return slot;
}

RecoveryResult<RecoverySeed> open_contacts_slot(const RecoverySeed& opener, const AccountName& name,
                                                const SetId& set, ByteView sealed) {
  const Bytes header = contacts_header(name, set, SlotKey::derive(opener).slot);
  if (sealed.size() < header.size()) return err(RecoveryError::malformed);
  if (!equal(sealed.first(header.size()), header)) return err(RecoveryError::inconsistent);
  const auto plain =
      identity::open_seal(contacts_keys(opener), header, sealed.subspan(header.size()), RecoverySeed::kSize);
  if (!plain) return err(error_of(plain.error()));
  if (plain->size() != RecoverySeed::kSize) return err(RecoveryError::malformed);
  return RecoverySeed::copy_of(*plain);
}

}  // namespace sotto::recovery
