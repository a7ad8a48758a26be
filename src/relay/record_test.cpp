#include "relay/record.h"

#include <gtest/gtest.h>

namespace sotto::relay {
namespace {

DeviceAddress some_device() {
  ByteArray<16> account{};
  account.fill(3);
  ByteArray<16> device{};
  device.fill(4);
  return {AccountId(account), DeviceId(device)};
}

const Bytes kPayload{1, 2, 3};
const Bytes kBody{4, 5};

TEST(EnvelopeRecordTest, SurvivesTheRoundTrip) {
  const Bytes stored = encode(EnvelopeRecord{{77}, {5, 100}, kPayload, kBody});
  const auto record = decode_envelope(stored);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->received, UnixMs{77});
  EXPECT_EQ(record->totals, (Totals{5, 100}));
  EXPECT_TRUE(equal(record->payload, kPayload));
  EXPECT_TRUE(equal(record->shared_body, kBody));
  EXPECT_EQ(record->before({9}), (Point{{8}, {4, 95}}));
}

TEST(EnvelopeRecordTest, IsRefusedWhenCutAnywhereOrLonger) {
  Bytes stored = encode(EnvelopeRecord{{77}, {5, 100}, kPayload, kBody});
  for (std::size_t length = 0; length < stored.size(); ++length) {
    EXPECT_EQ(decode_envelope(ByteView(stored).first(length)).error(), RelayError::corrupt) << length;
  }
  stored.push_back(0);
  EXPECT_EQ(decode_envelope(stored).error(), RelayError::corrupt);
}

TEST(EnvelopeRecordTest, SaysWhoWroteIt) {
  const Bytes stored = encode(EnvelopeRecord{{77}, {5, 100}, kPayload, {}, Origin::gateway});
  EXPECT_EQ(decode_envelope(stored)->origin, Origin::gateway);
}

TEST(EnvelopeRecordTest, IsRefusedWithAnUnknownOriginOrImpossibleTotals) {
  Bytes stored = encode(EnvelopeRecord{{77}, {5, 100}, kPayload, kBody});
  for (const std::uint8_t origin : ByteArray<2>{0, 3}) {
    stored[0] = origin;
    EXPECT_FALSE(decode_envelope(stored));
  }
  EXPECT_FALSE(decode_envelope(encode(EnvelopeRecord{{77}, {0, 100}, kPayload, kBody})));
  EXPECT_FALSE(decode_envelope(encode(EnvelopeRecord{{77}, {1, 4}, kPayload, kBody})));
}

TEST(CheckpointTest, SurvivesTheRoundTripAndIsRefusedWhenCut) {
  const Checkpoint checkpoint{{{5}, {4, 40}}, {{9}, {7, 70}}, 20'000};
  const Bytes stored = encode(checkpoint);
  EXPECT_EQ(decode_checkpoint(stored), checkpoint);
  for (std::size_t length = 0; length < stored.size(); ++length) {
    EXPECT_EQ(decode_checkpoint(ByteView(stored).first(length)).error(), RelayError::corrupt) << length;
  }
}

TEST(CheckpointTest, IsRefusedWhenMoreIsAcknowledgedThanExists) {
  EXPECT_FALSE(decode_checkpoint(encode(Checkpoint{{{5}, {4, 40}}, {{4}, {4, 40}}, 0})));
  EXPECT_FALSE(decode_checkpoint(encode(Checkpoint{{{5}, {4, 40}}, {{9}, {3, 40}}, 0})));
  EXPECT_FALSE(decode_checkpoint(encode(Checkpoint{{{5}, {4, 40}}, {{9}, {4, 39}}, 0})));
}

TEST(KeysTest, OrderAsTheirNumbers) {
  EXPECT_LT(envelope_key({255}), envelope_key({256}));
  EXPECT_LT(expiry_key(1, some_device()), expiry_bound(2));
  EXPECT_GT(expiry_key(2, some_device()), expiry_bound(2));
}

TEST(KeysTest, AreReadBackAndOthersRefused) {
  EXPECT_EQ(parse_envelope_key(envelope_key({1234})), Sequence{1234});
  EXPECT_EQ(parse_envelope_key(checkpoint_key()), std::nullopt);
  const Bytes key = expiry_key(9, some_device());
  EXPECT_EQ(parse_expiry_key(key), (std::pair{std::uint32_t{9}, some_device()}));
  for (std::size_t length = 0; length < key.size(); ++length) {
    EXPECT_EQ(parse_expiry_key(ByteView(key).first(length)), std::nullopt);
  }
}

TEST(KeysTest, DevicesOfDifferentAccountsNeverShareAMailbox) {
  DeviceAddress other = some_device();
  other.account = AccountId{};
  EXPECT_NE(mailbox_partition(some_device()), mailbox_partition(other));
}

TEST(RelayErrorTest, HasWords) {
  EXPECT_FALSE(describe(RelayError::storage_unavailable).empty());
  EXPECT_FALSE(describe(RelayError::corrupt).empty());
}

}  // namespace
}  // namespace sotto::relay
