#include "transparency/auditor.h"

#include <gtest/gtest.h>

#include "transparency/test_log.h"

namespace sotto::transparency {
namespace {

using testing::account;
using testing::kNow;
using testing::TestKeys;
using testing::TestLog;

class AuditorTest : public ::testing::Test {
 protected:
  AuditorTest() {
    for (std::uint8_t i = 0; i < 12; ++i) change(i);
  }
  void change(std::uint8_t number) {
    for (std::uint8_t i = 0; i <= number % 4; ++i) {
      log.set(Label::account(account(static_cast<std::uint8_t>((number * 3 + i) % 16))), {number});
    }
    log.close(kNow + seconds(number));
  }
  TransparencyResult<void> follow(std::size_t epoch) {
    return auditor.follow(log.entries[epoch], log.lists[epoch]);
  }
  void follow_all() {
    while (auditor.size() < log.entries.size()) ASSERT_TRUE(follow(auditor.size()));
  }
  /// What the auditor says when this is its next entry; nothing it says later may be better.
  TransparencyError refusal(const Entry& entry, const std::vector<Mutation>& list) {
    const auto followed = auditor.follow(entry, list);
    EXPECT_FALSE(followed);
    EXPECT_EQ(auditor.violation(), followed.error());
    EXPECT_EQ(follow(auditor.size()).error(), followed.error());
    EXPECT_EQ(auditor.admit(log.head(end), end).error(), followed.error());
    return followed.error();
  }
  Entry entry_for(std::vector<Mutation> list) {
    Entry entry = log.entries[auditor.size()];
    entry.mutations = hash_of(list).value();
    return entry;
  }

  crypto::DeterministicRandom random{1};
  TestKeys keys{random};
  TestLog log{keys, random};
  Auditor auditor{keys.public_keys()};
  UnixMs end = kNow + seconds(100);
};

TEST_F(AuditorTest, FollowsAnHonestLogAndAdmitsItsHeads) {
  follow_all();
  EXPECT_TRUE(auditor.admit(log.head(end), end));
  EXPECT_EQ(auditor.root(), log.tree.root(log.tree.size()));
  change(13);
  EXPECT_EQ(auditor.admit(log.head(end), end).error(), TransparencyError::head_behind);
  follow_all();
  EXPECT_TRUE(auditor.admit(log.head(end), end));
  EXPECT_FALSE(auditor.violation());
}

TEST_F(AuditorTest, StopsAtAnEntryAtAnotherPlace) {
  ASSERT_TRUE(follow(0));
  EXPECT_EQ(refusal(log.entries[2], log.lists[2]), TransparencyError::wrong_epoch);
}

TEST_F(AuditorTest, StopsWhenTimeGoesBack) {
  for (std::size_t i = 0; i < 5; ++i) ASSERT_TRUE(follow(i));
  Entry entry = log.entries[5];
  entry.time = {log.entries[4].time.value - 1};
  EXPECT_EQ(refusal(entry, log.lists[5]), TransparencyError::time_went_back);
}

TEST_F(AuditorTest, StopsAtAListThatIsUnsortedRepeatsAKeyOrIsAnother) {
  for (std::size_t i = 0; i < 4; ++i) ASSERT_TRUE(follow(i));
  const auto& list = log.lists[4];
  ASSERT_GE(list.size(), 2U);
  Auditor fresh = auditor;
  auto unsorted = list;
  std::swap(unsorted[0], unsorted[1]);
  EXPECT_EQ(refusal(log.entries[4], unsorted), TransparencyError::wrong_list);
  auditor = fresh;
  auto repeated = list;
  repeated[1] = repeated[0];
  EXPECT_EQ(refusal(log.entries[4], repeated), TransparencyError::wrong_list);
  auditor = fresh;
  auto shorter = list;
  shorter.pop_back();
  EXPECT_EQ(refusal(log.entries[4], shorter), TransparencyError::wrong_list);
}

TEST_F(AuditorTest, StopsAtAVersionThatIsNotTheNext) {
  for (std::size_t i = 0; i < 8; ++i) ASSERT_TRUE(follow(i));
  const Auditor fresh = auditor;
  for (const std::uint64_t by : {std::uint64_t{1}, ~std::uint64_t{0}}) {
    auditor = fresh;
    auto list = log.lists[8];
    list[0].version += by;
    EXPECT_EQ(refusal(entry_for(list), list), TransparencyError::wrong_version);
  }
}

TEST_F(AuditorTest, StopsAtALeafThatTheListDoesNotMention) {
  for (std::size_t i = 0; i < 8; ++i) ASSERT_TRUE(follow(i));
  const Auditor fresh = auditor;
  auto list = log.lists[8];
  list.pop_back();
  EXPECT_EQ(refusal(entry_for(list), list), TransparencyError::wrong_root);
  auditor = fresh;
  list = log.lists[8];
  list[0].leaf[0] ^= 1;
  EXPECT_EQ(refusal(entry_for(list), list), TransparencyError::wrong_root);
}

// The map that the log shows to clients lost a leaf; its list says nothing of it.
TEST_F(AuditorTest, StopsAtARewrittenMap) {
  log.forget(Label::account(account(3)));
  change(13);
  while (auditor.size() + 1 < log.entries.size()) ASSERT_TRUE(follow(auditor.size()));
  EXPECT_EQ(refusal(log.entries.back(), log.lists.back()), TransparencyError::wrong_root);
}

TEST_F(AuditorTest, StopsAtAHeadOfAnotherHistory) {
  TestLog split = log;
  follow_all();
  split.tree.replace(2, {});
  EXPECT_EQ(auditor.admit(split.head(end), end).error(), TransparencyError::wrong_root);
  EXPECT_EQ(auditor.admit(log.head(end), end).error(), TransparencyError::wrong_root);
  EXPECT_EQ(auditor.violation(), TransparencyError::wrong_root);
}

TEST_F(AuditorTest, StopsAtAHeadSignedBeforeItsLastEntryWasMade) {
  follow_all();
  EXPECT_EQ(auditor.admit(log.head(kNow), end).error(), TransparencyError::time_went_back);
  EXPECT_EQ(auditor.violation(), TransparencyError::time_went_back);
}

TEST_F(AuditorTest, RefusesForgedForeignFutureAndOlderHeadsWithoutStopping) {
  follow_all();
  SignedTreeHead forged = log.head(end);
  forged.signature[10] ^= 1;
  EXPECT_EQ(auditor.admit(forged, end).error(), TransparencyError::bad_signature);
  const TestKeys other(random);
  EXPECT_EQ(auditor.admit(TestLog(other, random).head(end), end).error(), TransparencyError::wrong_log);
  EXPECT_EQ(auditor.admit(log.head(end + hours(25)), end).error(), TransparencyError::head_from_future);
  EXPECT_TRUE(auditor.admit(log.head(end), end));
  EXPECT_EQ(auditor.admit(log.head({end.value - 1}), end).error(), TransparencyError::head_behind);
  EXPECT_FALSE(auditor.violation());
}

TEST_F(AuditorTest, GoesOnFromWhatItSaved) {
  follow_all();
  ASSERT_TRUE(auditor.admit(log.head(end), end));
  change(20);
  ASSERT_TRUE(follow(auditor.size()));
  const Bytes saved = auditor.saved();
  auto restored = Auditor::restore(saved);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->root(), auditor.root());
  EXPECT_EQ(restored->last_admitted(), auditor.last_admitted());
  change(21);
  EXPECT_TRUE(restored->follow(log.entries.back(), log.lists.back()));
  for (std::size_t size = 0; size < saved.size(); size += 13) {
    EXPECT_EQ(Auditor::restore(ByteView(saved).first(size)).error(), TransparencyError::malformed);
  }
  Bytes damaged = saved;
  damaged.back() ^= 1;
  EXPECT_EQ(Auditor::restore(damaged).error(), TransparencyError::wrong_root);
  EXPECT_TRUE(Auditor::restore(Auditor(keys.public_keys()).saved()));
}

TEST_F(AuditorTest, CosignaturesCountOncePerKnownWitness) {
  follow_all();
  SignedTreeHead head = log.head(end);
  ASSERT_TRUE(auditor.admit(head, end));
  const auto first = crypto::HybridPrivateKey::generate(random);
  const auto second = crypto::HybridPrivateKey::generate(random);
  const auto stranger = crypto::HybridPrivateKey::generate(random);
  const std::vector<crypto::HybridPublicKey> known = {first.public_key(), second.public_key()};
  EXPECT_EQ(count_cosignatures(head, known), 0U);
  head.cosignatures = {cosign(head.head, first, random), cosign(head.head, stranger, random),
                       cosign(head.head, first, random)};
  EXPECT_EQ(count_cosignatures(head, known), 1U);
  head.cosignatures.push_back(cosign(head.head, second, random));
  EXPECT_EQ(count_cosignatures(head, known), 2U);
  head.cosignatures[0].signature[5] ^= 1;
  EXPECT_EQ(count_cosignatures(head, known).error(), TransparencyError::bad_signature);
}

TEST(Mutations, ComeBackFromTheirOctets) {
  const std::vector<Mutation> list = {{{1}, 7, {2}}, {{3}, 1, {4}}};
  EXPECT_EQ(parse_mutations(encode(list)), list);
  EXPECT_EQ(parse_mutations({}), std::vector<Mutation>());
  for (std::size_t size = 1; size < kMutationSize; ++size) {
    EXPECT_EQ(parse_mutations(Bytes(size)).error(), TransparencyError::malformed);
  }
  EXPECT_EQ(hash_of(std::vector<Mutation>(2)).error(), TransparencyError::wrong_list);
}

TEST(Entry, ComesBackFromItsOctets) {
  const Entry entry{5, {1}, kNow, {2}};
  const auto octets = entry.encoded();
  EXPECT_EQ(Entry::parse(octets), entry);
  EXPECT_EQ(Entry::parse(ByteView(octets).first(79)).error(), TransparencyError::malformed);
}

TEST(TreeHead, ComesBackFromItsOctetsAndHasALeafAtLeast) {
  const TreeHead head{{1}, 9, {2}, kNow};
  const auto octets = head.encoded();
  EXPECT_EQ(TreeHead::parse(octets), head);
  for (std::size_t size = 0; size < octets.size(); ++size) {
    EXPECT_EQ(TreeHead::parse(ByteView(octets).first(size)).error(), TransparencyError::malformed);
  }
  EXPECT_EQ(TreeHead::parse(TreeHead{{1}, 0, {2}, kNow}.encoded()).error(), TransparencyError::malformed);
}

}  // namespace
}  // namespace sotto::transparency
