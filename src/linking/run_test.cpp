// Runs in which everybody does what the specification says.
#include <gtest/gtest.h>

#include "linking/limits.h"
#include "linking/test_support.h"

namespace sotto::linking {
namespace {

using testing::after;
using testing::kNow;
using testing::LinkingTest;

TEST_F(LinkingTest, TheRightCodeGivesTheNewDeviceTheAccount) {
  auto run = confirmed();
  EXPECT_EQ(run.trusted.device().id, laptop.id);
  EXPECT_EQ(run.trusted.device().key, laptop.key.public_key());
  EXPECT_EQ(run.trusted.device().name, "Laptop");
  const auto manifest = manifest_with(run.trusted.device());
  const auto sealed = std::move(run.trusted).grant(source(manifest), kNow, random);
  ASSERT_TRUE(sealed);
  const auto grant = std::move(run.fresh).open(*sealed, kNow);
  ASSERT_TRUE(grant) << describe(grant.error());
  EXPECT_EQ(grant->account.id, alice.account.id);
  EXPECT_EQ(grant->account.key.public_key(), alice.account.key.public_key());
  EXPECT_EQ(crypto::hmac_sha384(grant->sync_key, {}), crypto::hmac_sha384(sync_key, {}));
  EXPECT_EQ(grant->handle, "alice");
  EXPECT_EQ(grant->manifest, manifest);
}

TEST_F(LinkingTest, AScannedQrCodeGivesTheNewDeviceTheAccount) {
  const auto scanned = parse_link_qr(qr_text(qr));
  ASSERT_TRUE(scanned);
  auto run = confirmed(replied(NewDeviceStarted::with_qr(laptop, *scanned, {}, kNow, random).value(),
                               TrustedOffer::with_qr(qr, {}, kNow).value()));
  const auto manifest = manifest_with(run.trusted.device());
  const auto sealed = std::move(run.trusted).grant(source(manifest), kNow, random);
  ASSERT_TRUE(sealed);
  EXPECT_TRUE(std::move(run.fresh).open(*sealed, kNow));
}

TEST_F(LinkingTest, ARunSurvivesTheEncodingOfEveryMessage) {
  const auto carried = [](const LinkMessage& message) {
    return decode_link_message(encode(message)).value();
  };
  auto started = start();
  auto answered = offer().answer(std::get<LinkHello>(carried(started.hello())), kNow, random);
  ASSERT_TRUE(answered);
  auto fresh = std::move(started).reply(std::get<LinkReply>(carried(answered->reply())), kNow);
  ASSERT_TRUE(fresh);
  auto confirming = std::move(*fresh).confirm(alice.manifest, "Laptop", {}, kNow, random);
  ASSERT_TRUE(confirming);
  auto trusted = std::move(*answered).confirm(std::get<LinkConfirm>(carried(confirming->confirm())), kNow);
  ASSERT_TRUE(trusted);
  auto accepted = std::move(*confirming).accept(std::get<LinkAccept>(carried(trusted->accept())), kNow);
  ASSERT_TRUE(accepted);
  const auto manifest = manifest_with(trusted->device());
  const auto sealed = std::move(*trusted).grant(source(manifest), kNow, random);
  ASSERT_TRUE(sealed);
  EXPECT_TRUE(std::move(*accepted).open(std::get<LinkSealedGrant>(carried(*sealed)), kNow));
}

TEST_F(LinkingTest, ARunCountsAsFailedUntilItIsConfirmed) {
  auto run = replied(start(), offer());
  EXPECT_EQ(run.trusted.attempts(), LinkAttempts{}.with_run(kNow).value());
  auto confirming = std::move(run.fresh).confirm(alice.manifest, "Laptop", {}, kNow, random);
  ASSERT_TRUE(confirming);
  EXPECT_EQ(confirming->attempts(), LinkAttempts{}.with_run(kNow).value());
  auto trusted = std::move(run.trusted).confirm(confirming->confirm(), kNow);
  ASSERT_TRUE(trusted);
  EXPECT_EQ(trusted->attempts(), LinkAttempts{});
  auto accepted = std::move(*confirming).accept(trusted->accept(), kNow);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->attempts(), LinkAttempts{});
}

TEST_F(LinkingTest, ANameThatCouldDeceiveArrivesClean) {
  auto run = replied(start(), offer());
  auto confirming = std::move(run.fresh).confirm(alice.manifest, "Lap\x1b[2Jtop\u202E" + std::string(80, 'x'),
                                                 {}, kNow, random);
  ASSERT_TRUE(confirming);
  const auto trusted = std::move(run.trusted).confirm(confirming->confirm(), kNow);
  ASSERT_TRUE(trusted);
  EXPECT_EQ(trusted->device().name, "Lap[2Jtop" + std::string(55, 'x'));
}

TEST_F(LinkingTest, TheNameIsNotToldByTheLengthOfItsMessage) {
  auto first = replied(start(), offer());
  auto second = replied(start(), offer());
  const auto short_name = std::move(first.fresh).confirm(alice.manifest, "", {}, kNow, random);
  const auto long_name =
      std::move(second.fresh).confirm(alice.manifest, std::string(64, 'x'), {}, kNow, random);
  EXPECT_EQ(short_name->confirm().sealed_device.size(), long_name->confirm().sealed_device.size());
}

TEST_F(LinkingTest, ACodeIsGoodForTwoMinutesOfAClockThatDoesNotGoBack) {
  const auto last_moment = after({kCodeLifetime.value - 1});
  const UnixMs before{kNow.value - 1};
  EXPECT_TRUE(offer().answer(start().hello(), last_moment, random));
  for (const UnixMs late : {after(kCodeLifetime), after(days(1)), before}) {
    EXPECT_EQ(offer().answer(start().hello(), late, random).error(), LinkingError::expired);
    auto run = replied(start(), offer());
    EXPECT_EQ(std::move(run.fresh).confirm(alice.manifest, "", {}, late, random).error(),
              LinkingError::expired);
    auto started = start();
    const auto answered = offer().answer(started.hello(), kNow, random);
    EXPECT_EQ(std::move(started).reply(answered->reply(), late).error(), LinkingError::expired);
    run = replied(start(), offer());
    auto confirming = std::move(run.fresh).confirm(alice.manifest, "", {}, kNow, random);
    EXPECT_EQ(std::move(run.trusted).confirm(confirming->confirm(), late).error(), LinkingError::expired);
    EXPECT_EQ(std::move(*confirming).accept({}, late).error(), LinkingError::expired);
  }
}

TEST_F(LinkingTest, TheGrantMayTakeTenMinutesMore) {
  auto run = confirmed();
  const auto manifest = manifest_with(run.trusted.device());
  const auto sealed = std::move(run.trusted).grant(source(manifest), after({kGrantWait.value - 1}), random);
  ASSERT_TRUE(sealed);
  EXPECT_TRUE(std::move(run.fresh).open(*sealed, after({kGrantWait.value - 1})));

  auto late = confirmed();
  EXPECT_EQ(std::move(late.trusted).grant(source(manifest), after(kGrantWait), random).error(),
            LinkingError::expired);
  EXPECT_EQ(std::move(late.fresh).open(*sealed, after(kGrantWait)).error(), LinkingError::expired);
}

TEST_F(LinkingTest, OnlyTheDeviceAndAccountOfTheRunCanGrant) {
  const identity::testing::TestAccount mallory(random);
  const auto manifest = manifest_with({laptop.id, laptop.key.public_key(), ""});
  const auto refused = [&](const identity::GrantSource& other) {
    const auto sealed = confirmed().trusted.grant(other, kNow, random);
    return !sealed && sealed.error() == LinkingError::grant_refused;
  };
  EXPECT_TRUE(refused({mallory.account, alice.device, sync_key, "", manifest}));
  EXPECT_TRUE(refused({alice.account, mallory.device, sync_key, "", manifest}));
  EXPECT_TRUE(refused({alice.account, alice.device, sync_key, "", alice.manifest.signed_manifest()}));
}

}  // namespace
}  // namespace sotto::linking
