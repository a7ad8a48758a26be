#include "directory/record.h"

#include <gtest/gtest.h>

#include "directory/failure.h"

namespace sotto::directory {
namespace {

template <typename Record, typename Decode>
void round_trip(const Record& record, const Decode& decode) {
  Bytes octets = encode(record);
  const auto decoded = decode(octets);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, record);
  for (std::size_t length = 0; length < octets.size(); ++length) {
    ASSERT_FALSE(decode(ByteView(octets).first(length)).has_value()) << length;
  }
  octets.push_back(0);
  EXPECT_FALSE(decode(octets).has_value());
}

TEST(Record, RoundTripsAndFailsOnTruncationAtEveryLength) {
  round_trip(AccountRecord{{5}, {}, 7, {"alice", "bob"}}, decode_account);
  round_trip(AccountRecord{{5}, {6}, 7, {}}, decode_account);
  round_trip(HandleClaim{AccountId({1, 2}), "alice"}, decode_claim);
  round_trip(HandleHold{AccountId({1, 2}), {77}}, decode_hold);
  BatchRecord batch{Bytes(245, 1), {}, {}, {{1}, {2}, {3}}};
  batch.signature[0] = 9;
  round_trip(batch, decode_batch_record);
  PairRecord pair{};
  pair.ec[32] = 4;
  round_trip(pair, decode_pair);
  EXPECT_EQ(decode_cursor(encode_cursor(77)), 77U);
  EXPECT_EQ(decode_cursor(Bytes{0, 0, 0}), std::nullopt);
}

TEST(Record, RefusesOtherFormatsAndTooManyHandles) {
  AccountRecord record{{5}, {}, 7, {}};
  Bytes octets = encode(record);
  octets[0] = 2;
  EXPECT_FALSE(decode_account(octets));
  record.handles.assign(11, "alice");
  EXPECT_FALSE(decode_account(encode(record)));
}

TEST(Record, KeysOfDifferentThingsDiffer) {
  const DeviceId device({1});
  EXPECT_NE(batch_key(device), cursor_key(device));
  EXPECT_NE(pair_key(device, 1), pair_key(device, 256));
  EXPECT_NE(manifest_key(1), manifest_key(256));
  EXPECT_NE(handle_key("a"), handle_key("b"));
  EXPECT_NE(handle_key("a"), hold_key("a"));
  EXPECT_LT(first_hold_key(), hold_key("a"));
  EXPECT_LT(hold_key("a"), holds_end());
  EXPECT_NE(account_partition(AccountId({1})), account_partition(AccountId({2})));
}

TEST(Failures, EveryErrorHasATextAndAWireCode) {
  for (int i = 0; i <= static_cast<int>(DirectoryError::corrupt); ++i) {
    const auto error = static_cast<DirectoryError>(i);
    EXPECT_NE(describe(error), "unknown directory error");
    EXPECT_NE(wire_code(error), v1::Error::CODE_UNSPECIFIED);
  }
}

}  // namespace
}  // namespace sotto::directory
