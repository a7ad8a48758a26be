#include "recovery/request.h"

#include <gtest/gtest.h>

namespace sotto::recovery {
namespace {

class RequestTest : public ::testing::Test {
 protected:
  crypto::DeterministicRandom random{13};
  RequestKeys keys = RequestKeys::generate(random);
  Bytes request = make_request(keys, "alice", {77}).value();
  RecoverySeed opener = crypto::random_secret<RecoverySeed>(random);
  AccountName owner{identity::AccountId(random.array<16>()),
                    crypto::Fingerprint::from_octets(random.array<32>())};
  std::vector<Share> shares = make_shares(opener, owner, random.array<16>(), 2, 3, random).value();
};

TEST_F(RequestTest, SaysWhoAsks) {
  const auto parsed = parse_request(request);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->handle, "alice");
  EXPECT_EQ(parsed->created, UnixMs{77});
  EXPECT_EQ(parsed->sealing_ec, keys.ec.public_key());
  EXPECT_EQ(make_request(keys, "Alice ", {77}).error(), RecoveryError::malformed);
}

TEST_F(RequestTest, EveryTruncationIsRefused) {
  for (std::size_t length = 0; length < request.size(); ++length) {
    EXPECT_EQ(parse_request(ByteView(request).first(length)).error(), RecoveryError::malformed) << length;
  }
  Bytes longer = request;
  longer.push_back(0);
  EXPECT_EQ(parse_request(longer).error(), RecoveryError::malformed);
}

TEST_F(RequestTest, TheFingerprintIsFiveGroupsAndAnotherRequestsIsAnother) {
  const std::string shown = request_fingerprint(request);
  EXPECT_EQ(shown.size(), 24U);
  EXPECT_EQ(shown.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567-"), std::string::npos);
  const auto exchanged = make_request(RequestKeys::generate(random), "alice", {77}).value();
  EXPECT_NE(request_fingerprint(exchanged), shown);
  EXPECT_NE(request_hash(exchanged), request_hash(request));
}

TEST_F(RequestTest, OnlyTheMakerOfTheRequestOpensTheRelease) {
  const auto release = make_release(request, shares[1], random);
  ASSERT_TRUE(release);
  const auto opened = open_release(*release, request, keys);
  ASSERT_TRUE(opened) << describe(opened.error());
  EXPECT_EQ(encode(*opened), encode(shares[1]));

  const auto stranger = RequestKeys::generate(random);
  EXPECT_EQ(open_release(*release, request, stranger).error(), RecoveryError::cannot_open);
  const auto other = make_request(keys, "alice", {78}).value();
  EXPECT_EQ(open_release(*release, other, keys).error(), RecoveryError::wrong_request);
}

TEST_F(RequestTest, EveryFlippedOctetAndEveryTruncationOfAReleaseIsNoticed) {
  Bytes release = make_release(request, shares[0], random).value();
  for (std::size_t at = 0; at < release.size(); at += at < 100 ? 1 : 13) {
    release[at] ^= 1U;
    EXPECT_FALSE(open_release(release, request, keys)) << at;
    release[at] ^= 1U;
  }
  for (std::size_t length = 0; length < release.size(); length += length < 100 ? 1 : 11) {
    EXPECT_EQ(open_release(ByteView(release).first(length), request, keys).error(), RecoveryError::malformed)
        << length;
  }
  EXPECT_EQ(make_release(ByteView(request).first(100), shares[0], random).error(), RecoveryError::malformed);
}

}  // namespace
}  // namespace sotto::recovery
