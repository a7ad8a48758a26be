#include "storage/encoding.h"

#include <gtest/gtest.h>

#include "bytes/hex.h"

namespace sotto::storage {
namespace {

Bytes prefix_of(std::string_view name) { return encode_prefix(Partition::create(as_bytes(name)).value()); }

PartitionState sample_state() {
  PartitionState state{.version = {0x0102}, .watermarks = {}};
  state.watermarks.raise(as_bytes("q7"));
  state.watermarks.raise(as_bytes("a"));
  return state;
}

TEST(Encoding, HasTheOctetsOfTheSpecification) {
  const Bytes prefix = prefix_of("mb");
  EXPECT_EQ(to_hex(prefix), "026d62");
  EXPECT_EQ(to_hex(encode_state_key(prefix)), "026d6200");
  EXPECT_EQ(to_hex(encode_entry_key(prefix, as_bytes("k"))), "026d62016b");
  EXPECT_EQ(to_hex(encode_after(prefix, as_bytes("k"))), "026d62016b00");
  EXPECT_EQ(to_hex(encode_partition_end(prefix)), "026d6202");
  EXPECT_EQ(to_hex(encode_format_key()), "00");
  EXPECT_EQ(to_hex(encode_format(1)), "00000001");
  EXPECT_EQ(to_hex(encode_state(sample_state())),
            "0000000000000102"
            "0002"
            "0000000161"
            "000000027137");
}

TEST(Encoding, StateRoundTripsAndEveryTruncationOrExtraOctetIsCorrupt) {
  const Bytes encoded = encode_state(sample_state());
  const auto decoded = decode_state(encoded);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->version, sample_state().version);
  EXPECT_EQ(decoded->watermarks, sample_state().watermarks);
  for (std::size_t length = 0; length < encoded.size(); ++length) {
    const auto cut = decode_state(ByteView(encoded).first(length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error(), StorageError::corrupt);
  }
  Bytes longer = encoded;
  longer.push_back(0);
  EXPECT_FALSE(decode_state(longer));
}

TEST(Encoding, RefusesWatermarksThatAreEmptyLongOrOutOfOrder) {
  for (const std::string_view hex : {"0000000000000001"
                                     "0001"
                                     "00000000",
                                     "0000000000000001"
                                     "0002"
                                     "0000000171"
                                     "0000000161",
                                     "0000000000000001"
                                     "0002"
                                     "0000000171"
                                     "000000027137"}) {
    EXPECT_EQ(decode_state(from_hex(hex).value()).error(), StorageError::corrupt) << hex;
  }
  Bytes longest = from_hex(
                      "0000000000000001"
                      "0001"
                      "00000041")
                      .value();
  longest.insert(longest.end(), 0x41, 'q');
  EXPECT_EQ(decode_state(longest).error(), StorageError::corrupt);
}

TEST(Encoding, FormatRecordIsExactlyFourOctets) {
  EXPECT_EQ(decode_format(encode_format(7)), 7U);
  for (const std::size_t length : std::initializer_list<std::size_t>{0, 1, 2, 3, 5})
    EXPECT_EQ(decode_format(Bytes(length)).error(), StorageError::corrupt);
}

TEST(Encoding, EntryKeysRoundTripAndEveryTruncationIsRefused) {
  const Bytes prefix = prefix_of("mb");
  const Bytes encoded = encode_entry_key(prefix, as_bytes("k"));
  const auto decoded = decode_entry_key(encoded);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(equal(decoded->prefix, prefix));
  EXPECT_EQ(as_chars(decoded->key), "k");
  for (std::size_t length = 0; length < encoded.size(); ++length) {
    EXPECT_FALSE(decode_entry_key(ByteView(encoded).first(length))) << length;
  }
}

TEST(Encoding, OtherKeysAreNoEntries) {
  EXPECT_FALSE(decode_entry_key(encode_format_key()));
  EXPECT_FALSE(decode_entry_key(encode_state_key(prefix_of("mb"))));
  EXPECT_FALSE(decode_entry_key(encode_partition_end(prefix_of("mb"))));
  EXPECT_FALSE(decode_entry_key(encode_entry_key(prefix_of("mb"), Bytes(kMaxKeyOctets + 1))));
  Bytes long_name(1 + kMaxPartitionOctets + 1 + 2, 1);
  long_name[0] = kMaxPartitionOctets + 1;
  EXPECT_FALSE(decode_entry_key(long_name));
}

}  // namespace
}  // namespace sotto::storage
