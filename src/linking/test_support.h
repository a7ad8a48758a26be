// For the tests of this module: an account with a phone that lets a laptop in, and a run between the two that
// can be stopped and bent at every message.
#pragma once

#include <gtest/gtest.h>

#include "identity/test_support.h"
#include "linking/new_device.h"
#include "linking/trusted_device.h"

namespace sotto::linking::testing {

using identity::testing::kNow;

inline UnixMs after(DurationMs length) { return kNow + length; }

class LinkingTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{11};
  identity::testing::TestAccount alice{random};
  identity::DeviceIdentity laptop = identity::DeviceIdentity::generate(random);
  identity::SyncKey sync_key = crypto::random_secret<identity::SyncKey>(random);
  TrustedParty phone{alice.account.id, alice.account.key.public_key().fingerprint(),
                     alice.device.key.public_key().fingerprint()};
  LinkCode code = LinkCode::parse("123456").value();
  LinkQr qr{phone.account, phone.account_key, phone.device_key, crypto::random_secret<QrSecret>(random)};

  TrustedOffer offer(std::string_view shown = "123456") {
    return TrustedOffer::with_code(phone, LinkCode::parse(shown).value(), {}, kNow).value();
  }
  NewDeviceStarted start(std::string_view typed = "123456") {
    return NewDeviceStarted::with_code(laptop, phone.account, LinkCode::parse(typed).value(), {}, kNow,
                                       random)
        .value();
  }

  /// A run after its reply, still good on both sides if the codes are equal.
  struct Replied {
    TrustedAnswered trusted;
    NewDeviceReplied fresh;
  };
  Replied replied(NewDeviceStarted started, TrustedOffer offered) {
    auto answered = std::move(offered).answer(started.hello(), kNow, random);
    EXPECT_TRUE(answered);
    auto fresh = std::move(started).reply(answered->reply(), kNow);
    EXPECT_TRUE(fresh);
    return {*std::move(answered), *std::move(fresh)};
  }

  /// A run after both confirmations.
  struct Confirmed {
    TrustedConfirmed trusted;
    NewDeviceAccepted fresh;
  };
  Confirmed confirmed(Replied run) {
    auto confirming = std::move(run.fresh).confirm(alice.manifest, "Laptop", {}, kNow, random);
    EXPECT_TRUE(confirming);
    auto trusted = std::move(run.trusted).confirm(confirming->confirm(), kNow);
    EXPECT_TRUE(trusted);
    auto accepted = std::move(*confirming).accept(trusted->accept(), kNow);
    EXPECT_TRUE(accepted);
    return {*std::move(trusted), *std::move(accepted)};
  }
  Confirmed confirmed() { return confirmed(replied(start(), offer())); }

  /// The manifest that the phone publishes after a run.
  identity::SignedManifest manifest_with(const LinkedDevice& device) {
    return alice
        .successor(random, kNow,
                   [&](identity::Manifest& draft) {
                     EXPECT_TRUE(identity::add_device(draft, {device.id, device.key, {}, 0}));
                   })
        .signed_manifest();
  }
  identity::GrantSource source(const identity::SignedManifest& manifest) const {
    return {alice.account, alice.device, sync_key, "alice", manifest};
  }
};

}  // namespace sotto::linking::testing
