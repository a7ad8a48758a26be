// Runs in which somebody in between, or one of the two, does not do what the specification says. `Run`
// carries messages as octets, so that an attacker can change any of them.
#include <gtest/gtest.h>

#include <functional>

#include "linking/limits.h"
#include "linking/test_support.h"

namespace sotto::linking {
namespace {

using testing::kNow;
using testing::LinkingTest;

class AttackTest : public LinkingTest {
 protected:
  /// Which of the five messages; carry() may change its octets.
  using Carry = std::function<Bytes(int step, Bytes octets)>;

  template <typename Message>
  static LinkingResult<Message> carried(const Carry& carry, int step, const Message& message) {
    SOTTO_TRY(auto arrived, decode_link_message(carry(step, encode(message))));
    auto* const expected = std::get_if<Message>(&arrived);
    if (expected == nullptr) return err(LinkingError::malformed);
    return std::move(*expected);
  }

  /// A whole run; what both end with if nobody notices anything.
  LinkingResult<identity::LinkGrant> run(NewDeviceStarted started, TrustedOffer offered, const Carry& carry) {
    SOTTO_TRY(const auto hello, carried(carry, 1, started.hello()));
    SOTTO_TRY(auto answered, std::move(offered).answer(hello, kNow, random));
    SOTTO_TRY(const auto reply, carried(carry, 2, answered.reply()));
    SOTTO_TRY(auto replied, std::move(started).reply(reply, kNow));
    SOTTO_TRY(auto confirming, std::move(replied).confirm(alice.manifest, "Laptop", {}, kNow, random));
    SOTTO_TRY(const auto confirm, carried(carry, 3, confirming.confirm()));
    SOTTO_TRY(auto trusted, std::move(answered).confirm(confirm, kNow));
    SOTTO_TRY(const auto accept, carried(carry, 4, trusted.accept()));
    SOTTO_TRY(auto accepted, std::move(confirming).accept(accept, kNow));
    SOTTO_TRY(const auto sealed, std::move(trusted).grant(source(manifest), kNow, random));
    SOTTO_TRY(const auto grant, carried(carry, 5, sealed));
    return std::move(accepted).open(grant, kNow);
  }
  LinkingResult<identity::LinkGrant> run(const Carry& carry) { return run(start(), offer(), carry); }

  identity::SignedManifest manifest = manifest_with({laptop.id, laptop.key.public_key(), ""});
};

TEST_F(AttackTest, EveryFlippedOctetOfEveryMessageEndsTheRun) {
  ASSERT_TRUE(run([](int, Bytes octets) { return octets; }));
  for (int step = 1; step <= 5; ++step) {
    std::size_t size = 1;
    // Confirm and grant are seals but for their ends, and identity/sealing_test.cpp flips every octet of one.
    const bool sealed = step == 3 || step == 5;
    for (std::size_t at = 0; at < size; at += sealed && at >= 64 && at + 64 < size ? 97 : 1) {
      const auto result = run([&](int now, Bytes octets) {
        if (now == step) {
          size = octets.size();
          octets[at] ^= 1U;
        }
        return octets;
      });
      ASSERT_FALSE(result) << "message " << step << ", octet " << at;
    }
    ASSERT_GT(size, 40U);
  }
}

TEST_F(AttackTest, AWrongCodeEndsTheRunAtTheConfirmation) {
  auto run = replied(start("123457"), offer("123456"));
  const auto confirming = std::move(run.fresh).confirm(alice.manifest, "Laptop", {}, kNow, random);
  ASSERT_TRUE(confirming);
  EXPECT_EQ(std::move(run.trusted).confirm(confirming->confirm(), kNow).error(), LinkingError::not_confirmed);
}

TEST_F(AttackTest, AWrongQrSecretEndsTheRunAtTheConfirmation) {
  const LinkQr forged{qr.account, qr.account_key, qr.trusted_key, crypto::random_secret<QrSecret>(random)};
  auto run = replied(NewDeviceStarted::with_qr(laptop, forged, {}, kNow, random).value(),
                     TrustedOffer::with_qr(qr, {}, kNow).value());
  const auto confirming = std::move(run.fresh).confirm(alice.manifest, "Laptop", {}, kNow, random);
  ASSERT_TRUE(confirming);
  EXPECT_EQ(std::move(run.trusted).confirm(confirming->confirm(), kNow).error(), LinkingError::not_confirmed);
}

TEST_F(AttackTest, AServerWithoutTheCodePosesAsNeitherDevice) {
  // It runs two exchanges of its own, one with each device, and guesses a code for each.
  const identity::DeviceIdentity impostor = identity::DeviceIdentity::generate(random);
  auto towards_trusted = NewDeviceStarted::with_code(impostor, phone.account,
                                                     LinkCode::parse("000000").value(), {}, kNow, random)
                             .value();
  auto towards_new = TrustedOffer::with_code(phone, LinkCode::parse("000000").value(), {}, kNow).value();
  auto left = replied(start(), std::move(towards_new));
  auto right = replied(std::move(towards_trusted), offer());

  auto victim_confirms = std::move(left.fresh).confirm(alice.manifest, "Laptop", {}, kNow, random);
  ASSERT_TRUE(victim_confirms);
  EXPECT_EQ(std::move(left.trusted).confirm(victim_confirms->confirm(), kNow).error(),
            LinkingError::not_confirmed);
  EXPECT_EQ(std::move(*victim_confirms).accept({}, kNow).error(), LinkingError::not_confirmed);

  const auto forged = std::move(right.fresh).confirm(alice.manifest, "Laptop", {}, kNow, random);
  ASSERT_TRUE(forged);
  EXPECT_EQ(std::move(right.trusted).confirm(forged->confirm(), kNow).error(), LinkingError::not_confirmed);
}

TEST_F(AttackTest, AnySubstitutedPartOfTheExchangeEndsTheRun) {
  const auto other_started = start();
  const auto other_answered = offer().answer(other_started.hello(), kNow, random);
  ASSERT_TRUE(other_answered);
  const LinkHello other_hello = other_started.hello();
  const LinkReply other_reply = other_answered->reply();
  const auto stranger = crypto::Fingerprint::from_octets({1});

  const auto with_hello = [&](const std::function<void(LinkHello&)>& change) {
    return run([&](int step, Bytes octets) {
      if (step != 1) return octets;
      auto hello = std::get<LinkHello>(decode_link_message(octets).value());
      change(hello);
      return encode(hello);
    });
  };
  const auto with_reply = [&](const std::function<void(LinkReply&)>& change) {
    return run([&](int step, Bytes octets) {
      if (step != 2) return octets;
      auto reply = std::get<LinkReply>(decode_link_message(octets).value());
      change(reply);
      return encode(reply);
    });
  };
  EXPECT_TRUE(with_hello([](LinkHello&) {}));
  EXPECT_EQ(with_hello([&](LinkHello& to) { to.share = other_hello.share; }).error(),
            LinkingError::not_confirmed);
  EXPECT_EQ(with_hello([&](LinkHello& to) { to.encapsulation_key = other_hello.encapsulation_key; }).error(),
            LinkingError::not_confirmed);
  EXPECT_EQ(with_hello([&](LinkHello& to) { to.device_key = stranger; }).error(),
            LinkingError::not_confirmed);
  EXPECT_TRUE(with_reply([](LinkReply&) {}));
  EXPECT_EQ(with_reply([&](LinkReply& to) { to.share = other_reply.share; }).error(),
            LinkingError::not_confirmed);
  EXPECT_EQ(with_reply([&](LinkReply& to) { to.ciphertext = other_reply.ciphertext; }).error(),
            LinkingError::not_confirmed);
  EXPECT_EQ(with_reply([&](LinkReply& to) { to.device_key = stranger; }).error(),
            LinkingError::unknown_device);
}

TEST_F(AttackTest, AnotherDeviceOfTheAccountCannotAnswerInPlaceOfTheScannedOne) {
  const auto started = [&] { return NewDeviceStarted::with_qr(laptop, qr, {}, kNow, random).value(); };
  TrustedParty tablet = phone;
  tablet.device_key = crypto::Fingerprint::from_octets({1});
  auto first = started();
  const auto answered =
      std::move(TrustedOffer::with_code(tablet, code, {}, kNow).value()).answer(first.hello(), kNow, random);
  EXPECT_EQ(std::move(first).reply(answered->reply(), kNow).error(), LinkingError::other_device);
}

TEST_F(AttackTest, TheManifestMustBeTheAccountsAndListTheTrustedDevice) {
  const identity::testing::TestAccount mallory(random);
  auto run = replied(start(), offer());
  EXPECT_EQ(std::move(run.fresh).confirm(mallory.manifest, "", {}, kNow, random).error(),
            LinkingError::wrong_account);

  LinkQr other_key{qr.account, mallory.account.key.public_key().fingerprint(), qr.trusted_key,
                   qr.secret.clone()};
  run = replied(NewDeviceStarted::with_qr(laptop, other_key, {}, kNow, random).value(),
                TrustedOffer::with_qr(qr, {}, kNow).value());
  EXPECT_EQ(std::move(run.fresh).confirm(alice.manifest, "", {}, kNow, random).error(),
            LinkingError::wrong_account);

  TrustedParty unlisted = phone;
  unlisted.device_key = laptop.key.public_key().fingerprint();
  run = replied(start(), TrustedOffer::with_code(unlisted, code, {}, kNow).value());
  EXPECT_EQ(std::move(run.fresh).confirm(alice.manifest, "", {}, kNow, random).error(),
            LinkingError::unknown_device);
}

TEST_F(AttackTest, MessagesOfAnotherRunWithTheSameCodeAreWorthNothing) {
  auto recorded = replied(start(), offer());
  auto old_confirming = std::move(recorded.fresh).confirm(alice.manifest, "Laptop", {}, kNow, random);
  auto old_trusted = std::move(recorded.trusted).confirm(old_confirming->confirm(), kNow);
  ASSERT_TRUE(old_trusted);

  auto run = replied(start(), offer());
  EXPECT_EQ(std::move(run.trusted).confirm(old_confirming->confirm(), kNow).error(),
            LinkingError::not_confirmed);
  auto confirming = std::move(run.fresh).confirm(alice.manifest, "Laptop", {}, kNow, random);
  EXPECT_EQ(std::move(*confirming).accept(old_trusted->accept(), kNow).error(), LinkingError::not_confirmed);

  auto first = confirmed();
  auto second = confirmed();
  const auto sealed = std::move(first.trusted).grant(source(manifest), kNow, random);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(std::move(second.fresh).open(*sealed, kNow).error(), LinkingError::bad_grant);
}

TEST_F(AttackTest, MessagesSentBackToTheirMakerAreWorthNothing) {
  // The new device's own share and confirmation come back to it.
  auto started = start();
  const LinkHello hello = started.hello();
  auto answered = offer().answer(hello, kNow, random);
  LinkReply reflected = answered->reply();
  reflected.share = hello.share;
  auto replied = std::move(started).reply(reflected, kNow);
  ASSERT_TRUE(replied);
  auto confirming = std::move(*replied).confirm(alice.manifest, "Laptop", {}, kNow, random);
  ASSERT_TRUE(confirming);
  const LinkAccept own_mac{confirming->confirm().mac};
  EXPECT_EQ(std::move(*confirming).accept(own_mac, kNow).error(), LinkingError::not_confirmed);
}

TEST_F(AttackTest, AGuesserHasOneGuessForACodeAndThreeADay) {
  LinkAttempts attempts;
  for (int guess = 0; guess < 3; ++guess) {
    auto offered = TrustedOffer::with_code(phone, code, attempts, kNow);
    ASSERT_TRUE(offered);
    const std::string typed = "00000" + std::to_string(guess);
    auto run = replied(start(typed), *std::move(offered));
    attempts = run.trusted.attempts();
    // The right message after a wrong one finds no state to be checked against: confirm() has consumed it.
    const auto confirming = std::move(run.fresh).confirm(alice.manifest, "", {}, kNow, random);
    EXPECT_EQ(std::move(run.trusted).confirm(confirming->confirm(), kNow).error(),
              LinkingError::not_confirmed);
  }
  EXPECT_EQ(TrustedOffer::with_code(phone, code, attempts, kNow).error(), LinkingError::paused);
  EXPECT_EQ(TrustedOffer::with_qr(qr, attempts, kNow).error(), LinkingError::paused);
  EXPECT_EQ(NewDeviceStarted::with_code(laptop, phone.account, code, attempts, kNow, random).error(),
            LinkingError::paused);
  EXPECT_EQ(NewDeviceStarted::with_qr(laptop, qr, attempts, kNow, random).error(), LinkingError::paused);
  EXPECT_TRUE(TrustedOffer::with_code(phone, code, attempts, testing::after(kPause)));
}

TEST_F(AttackTest, AStateThatWasUsedCannotBeUsedAgain) {
  static_assert(!std::is_copy_constructible_v<TrustedOffer>);
  static_assert(!std::is_copy_constructible_v<TrustedAnswered>);
  static_assert(!std::is_copy_constructible_v<TrustedConfirmed>);
  static_assert(!std::is_copy_constructible_v<NewDeviceStarted>);
  static_assert(!std::is_copy_constructible_v<NewDeviceReplied>);
  static_assert(!std::is_copy_constructible_v<NewDeviceConfirming>);
  static_assert(!std::is_copy_constructible_v<NewDeviceAccepted>);
  // Whoever does it all the same answers nobody with a password that is all zeros.
  auto offered = offer();
  const LinkHello hello = start().hello();
  ASSERT_TRUE(std::move(offered).answer(hello, kNow, random));
  EXPECT_DEATH((void)std::move(offered).answer(hello, kNow, random), "invariant broken");  // NOLINT
}

TEST_F(AttackTest, ANewDeviceCannotClaimAnotherDevicesKey) {
  // A device that has the code announces the victim's fingerprint and then describes itself.
  const identity::DeviceIdentity victim = identity::DeviceIdentity::generate(random);
  const identity::DeviceIdentity liar{victim.id, crypto::HybridPrivateKey::generate(random)};
  const auto attempt = [&](const identity::DeviceIdentity& described, const identity::DeviceIdentity& signer,
                           const std::function<void(Bytes&)>& change) {
    auto spake2 = crypto::Spake2A::start(code.for_account(phone.account).password, random);
    const auto kem = crypto::MlKem768DecapsulationKey::generate(random);
    const LinkHello hello{crypto::P256PublicKey::decode(spake2.share()).value(),
                          crypto::MlKem768EncapsulationKey::decode(kem.encapsulation_key()).value(),
                          victim.key.public_key().fingerprint()};
    auto answered = offer().answer(hello, kNow, random).value();
    const LinkReply& reply = answered.reply();
    const Transcript transcript{phone.account,
                                phone.account_key,
                                phone.device_key,
                                hello.device_key,
                                crypto::sha384(hello.encapsulation_key.encoded()),
                                crypto::sha384(reply.ciphertext),
                                hello.share.encoded(),
                                reply.share.encoded()};
    const auto key =
        std::move(spake2).finish(reply.share, {hello.device_key.octets(), phone.device_key.octets()});
    const RunKeys keys(transcript, kem.decapsulate(reply.ciphertext).value(), *key, std::nullopt);
    const Bytes header = keys.device_header();
    Bytes body = to_bytes(described.id.view());
    const auto public_key = described.key.public_key().encoded();
    body.insert(body.end(), public_key.begin(), public_key.end());
    body.push_back(1);
    body.push_back('x');
    body.resize(kDeviceBodySize);
    change(body);
    const auto signature = signer.key.sign(device_message(header, body), random);
    body.insert(body.end(), signature.begin(), signature.end());
    return std::move(answered).confirm(
        {keys.new_confirmation(), identity::seal(keys.device_seal(), header, {body.begin(), body.end()})},
        kNow);
  };
  const auto nothing = [](Bytes&) {};
  EXPECT_TRUE(attempt(victim, victim, nothing));
  EXPECT_EQ(attempt(liar, liar, nothing).error(), LinkingError::bad_device);
  EXPECT_EQ(attempt(victim, liar, nothing).error(), LinkingError::bad_device);
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    return attempt(victim, victim, [=](Bytes& body) { body[at] = value; });
  };
  const std::size_t length_at = 16 + crypto::kHybridPublicKeySize;
  EXPECT_EQ(changed(length_at, 0).error(), LinkingError::bad_device);         // padding that is not zero
  EXPECT_EQ(changed(length_at, 65).error(), LinkingError::bad_device);        // longer than its field
  EXPECT_EQ(changed(length_at + 1, 0x1b).error(), LinkingError::bad_device);  // a name that is not clean
  EXPECT_EQ(attempt(victim, victim, [](Bytes& body) { std::fill_n(body.begin(), 16, 0); }).error(),
            LinkingError::bad_device);  // no device id
}

}  // namespace
}  // namespace sotto::linking
