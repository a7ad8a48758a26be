#include "transparency/log_view.h"

#include <gtest/gtest.h>

#include "transparency/test_log.h"

namespace sotto::transparency {
namespace {

using testing::account;
using testing::kNow;
using testing::TestKeys;
using testing::TestLog;

constexpr UnixMs later(DurationMs by) { return kNow + by; }

class LogViewTest : public ::testing::Test {
 protected:
  LogViewTest() { grow(log, 5); }

  void grow(TestLog& which, std::size_t entries) {
    for (std::size_t i = 0; i < entries; ++i) {
      which.set(alice, handle_value(account(static_cast<std::uint8_t>(which.tree.size()))));
      which.close(kNow);
    }
  }
  TransparencyResult<std::vector<LabelState>> look_up(const TestLog& in, UnixMs signed_at = kNow,
                                                      UnixMs now = kNow) {
    const Question question{alice};
    return view.verify(
        in.answer({alice}, std::min<std::size_t>(view.known_size(), in.tree.size()), signed_at),
        {&question, 1}, now);
  }
  [[nodiscard]] Gossip claim(const TestLog& of, std::size_t size) const {
    return {to_array<8>(ByteView(view.id()).first(8)), size, of.tree.root(size)};
  }

  crypto::DeterministicRandom random{1};
  TestKeys keys{random};
  TestLog log{keys, random};
  LogView view{keys.public_keys()};
  Label alice = Label::handle("alice");
  AccountId bob = account(2);
};

TEST_F(LogViewTest, FollowsALogThatGrows) {
  EXPECT_EQ(view.known_size(), 0U);
  EXPECT_EQ(view.gossip(), std::nullopt);
  ASSERT_TRUE(look_up(log));
  EXPECT_EQ(view.known_size(), 6U);
  for (int i = 0; i < 20; ++i) {
    grow(log, 1 + static_cast<std::size_t>(i) % 3);
    ASSERT_TRUE(look_up(log)) << i;
    EXPECT_EQ(view.gossip(), claim(log, log.tree.size()));
  }
  ASSERT_TRUE(look_up(log));  // the same head again
}

TEST_F(LogViewTest, RefusesAnotherLogAndForgedHeads) {
  const TestKeys other(random);
  EXPECT_EQ(look_up(TestLog(other, random)).error(), TransparencyError::wrong_log);
  LookupAnswer forged = log.answer({alice}, 0, kNow);
  forged.head.signature[70] ^= 1;
  const Question question{alice};
  EXPECT_EQ(view.verify(forged, {&question, 1}, kNow).error(), TransparencyError::bad_signature);
  EXPECT_EQ(view.known_size(), 0U);
}

TEST_F(LogViewTest, RefusesHeadsFromYesterdayAndFromTomorrow) {
  const UnixMs now = later(hours(24));
  EXPECT_TRUE(look_up(log, kNow, now));
  EXPECT_EQ(look_up(log, kNow, now + DurationMs{1}).error(), TransparencyError::head_too_old);
  EXPECT_EQ(look_up(log, now + DurationMs{1}, kNow).error(), TransparencyError::head_from_future);
}

TEST_F(LogViewTest, NeverGoesBackToAnOlderHead) {
  const TestLog before = log;
  grow(log, 2);
  ASSERT_TRUE(look_up(log, later(seconds(5))));
  EXPECT_EQ(look_up(before).error(), TransparencyError::head_behind);
  EXPECT_EQ(look_up(log, later(seconds(4))).error(), TransparencyError::head_behind);
  EXPECT_EQ(view.known_size(), log.tree.size());
  EXPECT_FALSE(view.forked());
}

TEST_F(LogViewTest, WantsConsistencyFromTheHeadItSawLast) {
  ASSERT_TRUE(look_up(log));
  grow(log, 3);
  const Question question{alice};
  LookupAnswer answer = log.answer({alice}, 0, kNow);
  EXPECT_EQ(view.verify(answer, {&question, 1}, kNow).error(), TransparencyError::not_consistent);
  answer.consistency = log.tree.consistency(5, log.tree.size());
  EXPECT_EQ(view.verify(answer, {&question, 1}, kNow).error(), TransparencyError::not_consistent);
  EXPECT_FALSE(view.forked());  // a wrong path proves nothing
  EXPECT_TRUE(look_up(log));
}

TEST_F(LogViewTest, KeepsAHeadOnlyIfTheWholeAnswerIsTrue) {
  ASSERT_TRUE(look_up(log));
  grow(log, 1);
  LookupAnswer answer = log.answer({alice}, view.known_size(), kNow);
  answer.labels[0].opening.value[0] ^= 1;
  const LogView before = view;
  const Question question{alice};
  EXPECT_EQ(view.verify(answer, {&question, 1}, kNow).error(), TransparencyError::bad_opening);
  EXPECT_EQ(view, before);
}

TEST_F(LogViewTest, TwoHeadsOfOneSizeAreAForkThatStopsEverything) {
  TestLog split = log;
  grow(log, 1);
  split.set(alice, handle_value(account(99)));
  split.close(kNow);
  ASSERT_TRUE(look_up(log));
  EXPECT_EQ(look_up(split).error(), TransparencyError::forked);
  ASSERT_TRUE(view.forked());
  EXPECT_TRUE(std::holds_alternative<Split>(view.forked()->contradiction));
  EXPECT_TRUE(verify(*view.forked()));
  EXPECT_EQ(look_up(log).error(), TransparencyError::forked);
  EXPECT_EQ(view.advance(log.head(kNow), {}, kNow).error(), TransparencyError::forked);
  EXPECT_EQ(view.examine(log.head(kNow), {}).error(), TransparencyError::forked);
  EXPECT_EQ(view.standing(bob, kNow), Standing::forked);
}

TEST_F(LogViewTest, ALogThatRewroteItsPastConvictsItselfByItsOwnConsistencyPath) {
  TestLog split = log;
  grow(log, 1);
  split.set(alice, handle_value(account(99)));
  split.close(kNow);
  grow(split, 5);
  ASSERT_FALSE(std::has_single_bit(log.tree.size()));
  ASSERT_TRUE(look_up(log));
  // An honest path for the other history, from its own tree of our size.
  EXPECT_EQ(look_up(split).error(), TransparencyError::forked);
  ASSERT_TRUE(view.forked());
  EXPECT_TRUE(std::holds_alternative<Inconsistent>(view.forked()->contradiction));
  EXPECT_TRUE(verify(*view.forked()));
}

TEST_F(LogViewTest, ComparesSignedHeadsOfOthersWithItsOwn) {
  EXPECT_EQ(view.examine(log.head(kNow), {}).error(), TransparencyError::head_behind);
  ASSERT_TRUE(look_up(log));
  const std::size_t ours = view.known_size();
  grow(log, 3);
  EXPECT_TRUE(view.examine(log.head(3, kNow), log.tree.consistency(3, ours)));
  EXPECT_TRUE(view.examine(log.head(kNow), log.tree.consistency(ours, log.tree.size())));
  EXPECT_EQ(view.known_size(), ours);
  EXPECT_EQ(view.examine(log.head(2, kNow), {}).error(), TransparencyError::not_consistent);
  TestLog split = log;
  split.tree.replace(4, {});
  EXPECT_EQ(view.examine(split.head(ours, kNow), {}).error(), TransparencyError::forked);
}

TEST_F(LogViewTest, GossipAboutKnownHeadsCostsNothing) {
  ASSERT_TRUE(look_up(log));
  EXPECT_EQ(view.heard(bob, claim(log, 6), kNow), ClaimVerdict::agrees);
  grow(log, 2);
  ASSERT_TRUE(look_up(log));
  EXPECT_EQ(view.heard(bob, claim(log, 6), kNow), ClaimVerdict::agrees);
  EXPECT_TRUE(view.open_claims().empty());
}

TEST_F(LogViewTest, GossipAboutUnknownSizesWantsAProofWithinADay) {
  ASSERT_TRUE(look_up(log));
  EXPECT_EQ(view.heard(bob, claim(log, 3), kNow), ClaimVerdict::needs_proof);
  ASSERT_EQ(view.open_claims().size(), 1U);
  // A later claim does not restart the day.
  EXPECT_EQ(view.heard(bob, claim(log, 4), later(hours(23))), ClaimVerdict::needs_proof);
  EXPECT_EQ(view.standing(bob, later(hours(24))), Standing::trusted);
  EXPECT_EQ(view.standing(bob, later(hours(24)) + DurationMs{1}), Standing::disputed);
  EXPECT_EQ(view.standing(account(3), later(hours(25))), Standing::trusted);
  EXPECT_EQ(view.settle(bob, {}).error(), TransparencyError::not_consistent);
  EXPECT_TRUE(view.settle(bob, log.tree.consistency(3, 6)));
  EXPECT_EQ(view.standing(bob, later(hours(25))), Standing::trusted);
  EXPECT_EQ(view.heard(bob, claim(log, 3), kNow), ClaimVerdict::agrees);
  EXPECT_EQ(view.settle(bob, {}).error(), TransparencyError::malformed);
}

TEST_F(LogViewTest, AClaimThatIsAheadIsSettledByCatchingUp) {
  ASSERT_TRUE(look_up(log));
  grow(log, 4);
  EXPECT_EQ(view.heard(bob, claim(log, 8), kNow), ClaimVerdict::needs_proof);
  EXPECT_EQ(view.heard(account(3), claim(log, 10), kNow), ClaimVerdict::needs_proof);
  EXPECT_EQ(view.settle(bob, {}).error(), TransparencyError::head_behind);
  ASSERT_TRUE(look_up(log));
  ASSERT_EQ(view.open_claims().size(), 1U);  // the one about this very size has settled itself
  EXPECT_TRUE(view.settle(bob, log.tree.consistency(8, 10)));
}

// A contact can say what it likes, so what it says stops nothing but messages to itself.
TEST_F(LogViewTest, GossipThatContradictsIsDisputedAndConcernsTheClaimantAlone) {
  ASSERT_TRUE(look_up(log));
  Gossip lie = claim(log, 6);
  lie.root[0] ^= 1;
  EXPECT_EQ(view.heard(bob, lie, kNow), ClaimVerdict::disputed);
  EXPECT_EQ(view.standing(bob, kNow), Standing::disputed);
  EXPECT_EQ(view.standing(account(3), kNow), Standing::trusted);
  EXPECT_FALSE(view.forked());
  EXPECT_EQ(view.settle(bob, {}).error(), TransparencyError::not_consistent);
  EXPECT_EQ(view.heard(bob, claim(log, 6), kNow), ClaimVerdict::agrees);
  EXPECT_EQ(view.standing(bob, kNow), Standing::disputed);  // the lie was not taken back
  Gossip foreign = claim(log, 6);
  foreign.log[0] ^= 1;
  EXPECT_EQ(view.heard(account(3), foreign, kNow), ClaimVerdict::disputed);
  EXPECT_EQ(view.settle(account(3), {}).error(), TransparencyError::wrong_log);
}

TEST_F(LogViewTest, AClaimAheadThatTurnsOutFalseIsDisputed) {
  ASSERT_TRUE(look_up(log));
  Gossip lie = claim(log, 6);
  lie.size = 8;
  EXPECT_EQ(view.heard(bob, lie, kNow), ClaimVerdict::needs_proof);
  grow(log, 2);
  ASSERT_TRUE(look_up(log));
  EXPECT_EQ(view.standing(bob, kNow), Standing::disputed);
}

TEST_F(LogViewTest, TakesUpABoundedNumberOfClaims) {
  ASSERT_TRUE(look_up(log));
  for (std::size_t i = 0; i < kMaxOpenClaims + 10; ++i) {
    ByteArray<16> octets{};
    octets[0] = static_cast<std::uint8_t>(i);
    octets[1] = static_cast<std::uint8_t>(i >> 8);
    view.heard(AccountId(octets), claim(log, 2), kNow);
  }
  EXPECT_EQ(view.open_claims().size(), kMaxOpenClaims);
}

TEST_F(LogViewTest, IsConvincedByEvidenceOfItsOwnLogOnly) {
  TestLog split = log;
  grow(log, 1);
  grow(split, 1);
  auto evidence = contradiction(keys.public_keys(), log.head(kNow), split.head(kNow), {}).value();
  LogView other(TestKeys(random).public_keys());
  EXPECT_EQ(other.convict(evidence).error(), TransparencyError::wrong_log);
  ForkEvidence forged = evidence;
  forged.first.head.root[0] ^= 1;
  EXPECT_EQ(view.convict(forged).error(), TransparencyError::bad_signature);
  EXPECT_TRUE(view.convict(evidence));
  EXPECT_EQ(view.forked(), evidence);
}

TEST_F(LogViewTest, ComesBackFromItsRecord) {
  EXPECT_EQ(LogView::from_own_store(view.encoded()), view);
  ASSERT_TRUE(look_up(log));
  view.heard(bob, claim(log, 3), kNow);
  EXPECT_EQ(LogView::from_own_store(view.encoded()), view);
  TestLog split = log;
  split.tree.replace(1, {});
  EXPECT_FALSE(view.examine(split.head(6, kNow), {}));
  const Bytes whole = view.encoded();
  EXPECT_EQ(LogView::from_own_store(whole), view);
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    EXPECT_EQ(LogView::from_own_store(ByteView(whole).first(size)).error(), TransparencyError::malformed);
  }
}

}  // namespace
}  // namespace sotto::transparency
