#include "recovery/slot.h"

#include <gtest/gtest.h>

#include "identity/test_support.h"
#include "recovery/limits.h"

namespace sotto::recovery {
namespace {

class SlotTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{11};
  identity::AccountIdentity account = identity::AccountIdentity::generate(random);
  identity::SyncKey sync_key = crypto::random_secret<identity::SyncKey>(random);
  RecoverySeed seed = crypto::random_secret<RecoverySeed>(random);
  AccountName name{account.id, account.key.public_key().fingerprint()};
  SlotId slot = SlotKey::derive(seed).slot;
  identity::RecoveryPublicKey key = RecoveryKey::derive(seed, name).public_key();
  std::optional<ContactsRecord> contacts = record();

  ContactsRecord record() {
    return {.set = random.array<16>(),
            .threshold = 2,
            .delay = hours(72),
            .access_hash = random.array<32>(),
            .sealed = Bytes(150, 7),
            .contacts = {identity::AccountId(random.array<16>()), identity::AccountId(random.array<16>()),
                         identity::AccountId(random.array<16>())}};
  }
  RecoveryResult<Bytes> seal(std::string_view handle = "alice") {
    return seal_slot(key, slot, {account, sync_key, handle, {.version = 5, .hash = {1, 2}}, contacts},
                     random);
  }
};

TEST_F(SlotTest, TheSeedOpensWhatAnyDeviceSealed) {
  const Bytes sealed = seal().value();
  EXPECT_LT(sealed.size(), kMaxSealedSlot / 4);
  const auto opened = open_slot(seed, sealed);
  ASSERT_TRUE(opened) << describe(opened.error());
  EXPECT_EQ(opened->content.account.id, account.id);
  EXPECT_EQ(opened->content.account.key.public_key(), account.key.public_key());
  EXPECT_EQ(opened->content.handle, "alice");
  EXPECT_EQ(opened->content.manifest, (identity::ManifestRef{.version = 5, .hash = {1, 2}}));
  EXPECT_EQ(opened->content.contacts, contacts);
  EXPECT_EQ(opened->key.public_key().fingerprint(), key.fingerprint());
  EXPECT_NE(seal().value(), sealed);  // sealed anew each time

  contacts.reset();
  const auto without = open_slot(seed, seal("").value());
  ASSERT_TRUE(without);
  EXPECT_EQ(without->content.contacts, std::nullopt);
  EXPECT_EQ(without->content.handle, "");
}

TEST_F(SlotTest, NoOtherSeedOpensIt) {
  const auto other = crypto::random_secret<RecoverySeed>(random);
  EXPECT_EQ(open_slot(other, seal().value()).error(), RecoveryError::cannot_open);
}

TEST_F(SlotTest, EveryFlippedOctetIsNoticed) {
  Bytes sealed = seal().value();
  for (std::size_t at = 0; at < sealed.size(); at += at < 120 || at > sealed.size() - 120 ? 1 : 97) {
    sealed[at] ^= 1U;
    EXPECT_FALSE(open_slot(seed, sealed)) << at;
    sealed[at] ^= 1U;
  }
  ASSERT_TRUE(open_slot(seed, sealed));
}

TEST_F(SlotTest, EveryTruncationIsRefused) {
  const Bytes sealed = seal().value();
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    if (length > 100 && length < sealed.size() - 600 && length % 101 != 0) continue;
    EXPECT_EQ(open_slot(seed, ByteView(sealed).first(length)).error(), RecoveryError::malformed) << length;
  }
  Bytes longer = sealed;
  longer.push_back(0);
  EXPECT_EQ(open_slot(seed, longer).error(), RecoveryError::malformed);
  EXPECT_EQ(open_slot(seed, Bytes(kMaxSealedSlot + 1)).error(), RecoveryError::malformed);
}

TEST_F(SlotTest, AServerCannotSealAnotherAccountToTheSameSeed) {
  // It knows the public key of the true account, and has an account of its own.
  const auto fake = identity::AccountIdentity::generate(random);
  const auto made = seal_slot(key, slot, {fake, sync_key, "alice", {.version = 1}, contacts}, random);
  EXPECT_EQ(open_slot(seed, *made).error(), RecoveryError::cannot_open);
}

TEST_F(SlotTest, WhatIsInsideIsWhatStandsOutside) {
  // Whoever sealed this has the seed's own key, and put another slot's id before it.
  SlotId other = slot;
  other[3] ^= 1U;
  const auto made = seal_slot(key, other, {account, sync_key, "alice", {.version = 1}, contacts}, random);
  EXPECT_EQ(open_slot(seed, *made).error(), RecoveryError::inconsistent);
}

TEST_F(SlotTest, OnlyWhatIsAllowedIsSealed) {
  EXPECT_EQ(seal("Alice").error(), RecoveryError::malformed);
  contacts->threshold = 1;
  EXPECT_EQ(seal().error(), RecoveryError::bad_terms);
  contacts->threshold = 4;
  EXPECT_EQ(seal().error(), RecoveryError::bad_terms);
  contacts->threshold = 2;
  contacts->contacts.resize(17);
  EXPECT_EQ(seal().error(), RecoveryError::bad_terms);
  contacts->contacts.resize(16);
  EXPECT_TRUE(seal());
  contacts->delay = days(31);
  EXPECT_EQ(seal().error(), RecoveryError::bad_terms);
}

TEST_F(SlotTest, TheContactsSlotHoldsTheSeedForItsOpener) {
  const auto opener = crypto::random_secret<RecoverySeed>(random);
  const SetId set = random.array<16>();
  const Bytes sealed = seal_contacts_slot(opener, name, set, seed);
  const auto opened = open_contacts_slot(opener, name, set, sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(seed_text(*opened), seed_text(seed));

  EXPECT_EQ(contacts_slot_id(sealed), SlotKey::derive(opener).slot);
  EXPECT_FALSE(contacts_slot_id(ByteView(sealed).first(60)));
  EXPECT_FALSE(contacts_slot_id(seal().value()));
  EXPECT_EQ(open_contacts_slot(seed, name, set, sealed).error(), RecoveryError::inconsistent);
  SetId other = set;
  other[0] ^= 1U;
  EXPECT_EQ(open_contacts_slot(opener, name, other, sealed).error(), RecoveryError::inconsistent);
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_EQ(open_contacts_slot(opener, name, set, ByteView(sealed).first(length)).error(),
              RecoveryError::malformed);
  }
  Bytes bad = sealed;
  bad.back() ^= 1U;
  EXPECT_EQ(open_contacts_slot(opener, name, set, bad).error(), RecoveryError::cannot_open);
}

}  // namespace
}  // namespace sotto::recovery
