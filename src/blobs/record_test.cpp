#include "blobs/record.h"

#include <gtest/gtest.h>

#include "crypto/random.h"

namespace sotto::blobs {
namespace {

class BlobRecordTest : public ::testing::Test {
 protected:
  BlobRecord complete() {
    BlobRecord out;
    out.state = BlobRecord::State::complete;
    out.size = out.received = 1'000'000;
    out.written = {days(20'000).value};
    out.upload_hash = random.array<32>();
    for (int i = 0; i < 3; ++i) {
      out.keepers.push_back({AccountId(random.array<16>()), out.written + days(30)});
    }
    return out;
  }
  crypto::DeterministicRandom random{11};
};

TEST_F(BlobRecordTest, ComesBackAndEveryTruncationIsRefused) {
  const BlobRecord record = complete();
  Bytes octets = encode(record);
  EXPECT_EQ(decode_blob(octets), record);
  for (std::size_t length = 0; length < octets.size(); ++length) {
    EXPECT_FALSE(decode_blob(ByteView(octets).first(length))) << length;
  }
  octets.push_back(0);
  EXPECT_FALSE(decode_blob(octets));
}

TEST_F(BlobRecordTest, StatesThatCannotBeAreRefused) {
  BlobRecord record = complete();
  record.received = kPieceOctets;
  EXPECT_FALSE(decode_blob(encode(record))) << "complete without all octets";
  record.state = BlobRecord::State::uploading;
  EXPECT_EQ(decode_blob(encode(record)), record);
  record.received = kPieceOctets + 1;
  EXPECT_FALSE(decode_blob(encode(record))) << "half a piece";
  record.received = record.size;
  EXPECT_FALSE(decode_blob(encode(record))) << "uploading with all octets";
  record = complete();
  record.size = record.received = 0;
  EXPECT_FALSE(decode_blob(encode(record))) << "empty";
  record = complete();
  record.keepers.push_back(record.keepers.front());
  EXPECT_FALSE(decode_blob(encode(record))) << "an account twice";
  record.keepers.clear();
  EXPECT_FALSE(decode_blob(encode(record))) << "kept by nobody";
  record.state = BlobRecord::State::erasing;
  EXPECT_EQ(decode_blob(encode(record)), record);
  Bytes octets = encode(record);
  octets[1] = 4;
  EXPECT_FALSE(decode_blob(octets)) << "unknown state";
  octets = encode(record);
  octets[0] = 2;
  EXPECT_FALSE(decode_blob(octets)) << "another format";
}

TEST_F(BlobRecordTest, ThereAreAsManyKeepersAsMayBe) {
  BlobRecord record = complete();
  while (record.keepers.size() < kMaxKeepers) record.keepers.push_back({AccountId(random.array<16>()), {1}});
  EXPECT_EQ(decode_blob(encode(record)), record);
  record.keepers.push_back({AccountId(random.array<16>()), {1}});
  EXPECT_FALSE(decode_blob(encode(record)));
}

TEST_F(BlobRecordTest, KeysAndHoldingsComeBack) {
  const BlobName name = random.array<32>();
  EXPECT_EQ(parse_record_key(record_key(name)), name);
  EXPECT_EQ(parse_holding_key(holding_key(name)), name);
  EXPECT_FALSE(parse_record_key(holding_key(name)));
  EXPECT_FALSE(parse_holding_key(record_key(name)));
  EXPECT_FALSE(parse_record_key(piece_key(name, 1)));
  EXPECT_NE(piece_key(name, 1), piece_key(name, 256));
  const auto range = record_range();
  EXPECT_LE(range.first, record_key(name));
  EXPECT_LT(record_key(name), range.second);
  EXPECT_GE(piece_key(name, 0), range.second);

  EXPECT_EQ(decode_holding(encode_holding(77)), 77u);
  EXPECT_FALSE(decode_holding(encode_holding(0)));
  const Bytes octets = encode_holding(77);
  for (std::size_t length = 0; length < octets.size(); ++length) {
    EXPECT_FALSE(decode_holding(ByteView(octets).first(length))) << length;
  }
}

TEST_F(BlobRecordTest, PiecesAreCountedUp) {
  EXPECT_EQ(piece_count(1), 1u);
  EXPECT_EQ(piece_count(kPieceOctets), 1u);
  EXPECT_EQ(piece_count(kPieceOctets + 1), 2u);
}

}  // namespace
}  // namespace sotto::blobs
