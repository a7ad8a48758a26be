#include "session/content_signature.h"

#include <gtest/gtest.h>

#include "session/sequence_set.h"
#include "session/test_devices.h"
#include "sotto/v1/session.pb.h"

namespace sotto::session {
namespace {

using testing::kStart;
using testing::TestDevice;

struct Fixture {
  [[nodiscard]] SignedContent sign(const ConversationName& name, const ConversationId& conversation) const {
    return sign_content(alice.local(), conversation,
                        {.conversation = name, .message_id = {1}, .sender_seq = 5, .sent = kStart},
                        as_bytes("words"));
  }
  [[nodiscard]] SignedContent direct() const {
    return sign(bob.account, direct_conversation(alice.account, bob.account));
  }

  crypto::DeterministicRandom random{3};
  TestDevice alice{1, random};
  TestDevice bob{2, random};
  TestDevice carol{3, random};
};

TEST(ContentSignature, VerifiesForEveryRecipientDeviceFromOneSignature) {
  const Fixture f;
  const auto content = f.direct();
  for (int device = 0; device < 2; ++device) {
    auto verified = UnverifiedContent(f.alice.peer(), content).verify_direct(f.bob.account);
    ASSERT_TRUE(verified);
    EXPECT_EQ(as_chars(verified->content), "words");
    EXPECT_EQ(verified->author, f.alice.local().identity());
    EXPECT_TRUE(equal(verified->content_hash, ByteView(crypto::sha384(as_bytes("words"))).first(16)));
  }
  // Alice's other device receives it in a sync: the conversation is with Bob, the author is an own device.
  EXPECT_TRUE(UnverifiedContent(f.alice.peer(), content).verify_direct(f.alice.account));
}

TEST(ContentSignature, RefusesAnyChangeOfWhatItCovers) {
  const Fixture f;
  const auto refused = [&](auto change) {
    auto content = f.direct();
    change(content);
    const auto result = UnverifiedContent(f.alice.peer(), content).verify_direct(f.bob.account);
    return !result && result.error() == SessionError::bad_content_signature;
  };
  EXPECT_TRUE(refused([](SignedContent& c) { c.content.push_back(0); }));
  EXPECT_TRUE(refused([](SignedContent& c) { c.facts.message_id[15] ^= 1; }));
  EXPECT_TRUE(refused([](SignedContent& c) { ++c.facts.sender_seq; }));
  EXPECT_TRUE(refused([](SignedContent& c) { ++c.facts.sent.value; }));
  EXPECT_TRUE(refused([](SignedContent& c) { c.signature[10] ^= 1; }));
  auto moved = UnverifiedContent(f.carol.peer(),
                                 f.sign(f.bob.account, direct_conversation(f.carol.account, f.bob.account)));
  EXPECT_EQ(std::move(moved).verify_direct(f.bob.account).error(), SessionError::bad_content_signature);
}

TEST(ContentSignature, RefusesConversationsWithoutItsParties) {
  const Fixture f;
  EXPECT_EQ(UnverifiedContent(f.alice.peer(), f.direct()).verify_direct(f.carol.account).error(),
            SessionError::wrong_conversation);
  const auto group = group_conversation(GroupId{1}, {});
  EXPECT_EQ(UnverifiedContent(f.alice.peer(), f.sign(GroupId{1}, group)).verify_direct(f.bob.account).error(),
            SessionError::wrong_conversation);
  EXPECT_TRUE(UnverifiedContent(f.alice.peer(), f.sign(GroupId{1}, group)).verify(group));
  EXPECT_FALSE(UnverifiedContent(f.alice.peer(), f.sign(GroupId{1}, group))
                   .verify(group_conversation(GroupId{1}, {1})));
}

TEST(ContentSignature, ADirectConversationHasOneNameSeenFromBothSides) {
  const Fixture f;
  EXPECT_EQ(direct_conversation(f.alice.account, f.bob.account),
            direct_conversation(f.bob.account, f.alice.account));
  EXPECT_NE(direct_conversation(f.alice.account, f.bob.account),
            direct_conversation(f.alice.account, f.carol.account));
}

TEST(ContentSignature, HeldContentRoundTripsAndBelongsToItsAuthor) {
  const Fixture f;
  const Bytes record = UnverifiedContent(f.alice.peer(), f.direct()).encode();
  auto back = UnverifiedContent::decode(record, f.alice.peer());
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::move(*back).verify_direct(f.bob.account));
  EXPECT_EQ(UnverifiedContent::decode(record, f.bob.peer()).error(), SessionError::corrupt_record);
  for (std::size_t length = 0; length < record.size(); ++length) {
    EXPECT_FALSE(UnverifiedContent::decode(ByteView(record).first(length), f.alice.peer()));
  }
}

TEST(ContentSignature, RefusesProofsOfTheWrongShape) {
  const Fixture f;
  v1::ContentProof good;
  to_wire(f.direct(), good);
  ASSERT_TRUE(from_wire(good, {}));
  const auto refused = [&](auto change) {
    v1::ContentProof proof = good;
    change(proof);
    return from_wire(proof, {}).error() == SessionError::bad_payload;
  };
  EXPECT_TRUE(refused([](v1::ContentProof& p) { p.mutable_signature()->pop_back(); }));
  EXPECT_TRUE(refused([](v1::ContentProof& p) { p.mutable_msg_id()->push_back('x'); }));
  EXPECT_TRUE(refused([](v1::ContentProof& p) { p.set_sender_seq(0); }));
  EXPECT_TRUE(refused([](v1::ContentProof& p) { p.set_dm_account("short"); }));
  EXPECT_TRUE(refused([](v1::ContentProof& p) { p.set_group_id("short"); }));
  EXPECT_TRUE(refused([](v1::ContentProof& p) { p.clear_conversation(); }));
  v1::ContentProof in_group;
  auto content = f.sign(GroupId{1}, group_conversation(GroupId{1}, {}));
  content.facts.group_heads = {GroupHead{1}, GroupHead{2}};
  to_wire(content, in_group);
  EXPECT_EQ(from_wire(in_group, {})->facts.group_heads, content.facts.group_heads);
  *in_group.mutable_group_heads(1) = "short";
  EXPECT_EQ(from_wire(in_group, {}).error(), SessionError::bad_payload);
  *in_group.mutable_group_heads(1) = in_group.group_heads(0);
  while (in_group.group_heads_size() <= kMaxGroupHeads) in_group.add_group_heads(in_group.group_heads(0));
  EXPECT_EQ(from_wire(in_group, {}).error(), SessionError::bad_payload);
}

TEST(SequenceSet, TakesEveryNumberOnceInAnyOrder) {
  SequenceSet set;
  EXPECT_FALSE(set.insert(0));
  for (const std::uint64_t seq : {3U, 1U, 7U, 2U, 5U}) {
    EXPECT_FALSE(set.contains(seq));
    EXPECT_TRUE(set.insert(seq));
    EXPECT_FALSE(set.insert(seq));
  }
  EXPECT_EQ(set.high_water(), 7U);
  EXPECT_EQ(set.missing(), 2U);
  EXPECT_TRUE(set.insert(4));
  EXPECT_TRUE(set.insert(6));
  EXPECT_EQ(set.missing(), 0U);
}

TEST(SequenceSet, GivesUpTheOldestGapBeyondItsBound) {
  SequenceSet set;
  for (std::uint64_t i = 1; i <= SequenceSet::kMaxGaps + 1; ++i) EXPECT_TRUE(set.insert(2 * i));
  EXPECT_TRUE(set.contains(1));
  EXPECT_FALSE(set.contains(3));
  EXPECT_EQ(set.missing(), SequenceSet::kMaxGaps);
}

TEST(SequenceSet, WhatASenderSkippedAfterARestartIsNotMissing) {
  SequenceSet set;
  set.insert(1);
  const std::uint64_t next = first_of_run(1, kStart);
  EXPECT_TRUE(set.insert(next + 1));
  EXPECT_EQ(set.missing(), 1U);
  EXPECT_TRUE(set.insert(next));
  EXPECT_TRUE(set.insert(skip_ahead(next)));
  EXPECT_EQ(set.missing(), 0U);
  EXPECT_FALSE(set.contains(2));  // overtaken by the restart, it may still come
  EXPECT_TRUE(set.insert(2));
  EXPECT_EQ(set.missing(), 0U);
  EXPECT_GT(first_of_run(next, UnixMs{0}), next);
}

TEST(SequenceSet, RoundTripsAndRefusesWhatItCannotHaveWritten) {
  SequenceSet set;
  for (const std::uint64_t seq : {2U, 9U, 12U}) set.insert(seq);
  const Bytes record = set.encode();
  const auto back = SequenceSet::decode(record);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->encode(), record);
  for (std::size_t length = 0; length < record.size(); ++length) {
    EXPECT_FALSE(SequenceSet::decode(ByteView(record).first(length)));
  }
  Bytes overlapping = record;
  overlapping[13 + 8 + 7] = 200;  // the first gap ends above the high-water mark
  EXPECT_EQ(SequenceSet::decode(overlapping).error(), SessionError::corrupt_record);
}

}  // namespace
}  // namespace sotto::session
