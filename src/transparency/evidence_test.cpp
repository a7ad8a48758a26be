// Evidence convinces anybody who knows the log's id, and nothing else does.
#include "transparency/evidence.h"

#include <gtest/gtest.h>

#include "sotto/v1/transparency.pb.h"
#include "transparency/test_log.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::transparency {
namespace {

using testing::account;
using testing::kNow;
using testing::TestKeys;
using testing::TestLog;

class Evidence : public ::testing::Test {
 protected:
  Evidence() {
    for (int i = 0; i < 4; ++i) close_one(log, 1);
  }
  void close_one(TestLog& which, std::uint8_t value) {
    which.set(alice, handle_value(account(value)));
    which.set(Label::handle("user" + std::to_string(which.tree.size())), handle_value(account(value)));
    which.close(kNow);
  }
  [[nodiscard]] LookupAnswer answer(const TestLog& of) const { return of.answer({alice}, 0, kNow); }

  crypto::DeterministicRandom random{1};
  TestKeys keys{random};
  LogKeys public_keys = keys.public_keys();
  TestLog log{keys, random};
  Label alice = Label::handle("alice");
};

TEST_F(Evidence, HonestHeadsAndAnswersGiveNone) {
  const TestLog before = log;
  const auto path = [&] { return log.tree.consistency(before.tree.size(), log.tree.size()); };
  EXPECT_FALSE(contradiction(public_keys, log.head(kNow), log.head(kNow + seconds(1)), {}));
  close_one(log, 2);
  EXPECT_FALSE(contradiction(public_keys, before.head(kNow), log.head(kNow), path()));
  EXPECT_FALSE(contradiction(public_keys, before.head(kNow), log.head(kNow), {}));
  EXPECT_FALSE(contradiction(public_keys, answer(before), 0, answer(log), 0));
  EXPECT_FALSE(contradiction(public_keys, answer(before), 0, answer(before), 0));
  EXPECT_FALSE(contradiction(public_keys, answer(before), 0, answer(log), 1));
}

TEST_F(Evidence, OfASplitStandsInAnyOrder) {
  TestLog split = log;
  close_one(log, 2);
  close_one(split, 3);
  for (const auto& evidence : {contradiction(public_keys, log.head(kNow), split.head(kNow), {}),
                               contradiction(public_keys, split.head(kNow), log.head(kNow), {})}) {
    ASSERT_TRUE(evidence);
    EXPECT_TRUE(verify(*evidence));
  }
}

TEST_F(Evidence, OfARewrittenMapNeedsNoConsistencyPath) {
  const TestLog before = log;
  struct Lie {
    const char* what;
    std::function<void(TestLog&)> tell;
  };
  const std::vector<Lie> lies = {
      {"lower version", [&](TestLog& l) { l.set_version(alice, handle_value(account(9)), 3); }},
      {"same version, another leaf", [&](TestLog& l) { l.set_version(alice, handle_value(account(9)), 4); }},
      {"vanished", [&](TestLog& l) { l.forget(alice); }},
  };
  for (const Lie& lie : lies) {
    TestLog rewritten = before;
    lie.tell(rewritten);
    rewritten.close(kNow);
    const auto evidence = contradiction(public_keys, answer(rewritten), 0, answer(before), 0);
    ASSERT_TRUE(evidence) << lie.what;
    EXPECT_TRUE(verify(*evidence)) << lie.what;
    ForkEvidence swapped = *evidence;
    std::swap(swapped.first, swapped.second);
    EXPECT_FALSE(verify(swapped)) << lie.what;
    ForkEvidence reversed = *evidence;
    auto& rewrite = std::get<Rewritten>(reversed.contradiction);
    std::swap(rewrite.first, rewrite.second);
    EXPECT_FALSE(verify(reversed)) << lie.what;
  }
}

TEST_F(Evidence, OfNothingIsRefused) {
  TestLog longer = log;
  close_one(longer, 2);
  const auto path = longer.tree.consistency(log.tree.size(), longer.tree.size());
  const auto first = log.head(kNow);
  const auto second = longer.head(kNow);
  EXPECT_EQ(verify({public_keys, first, first, Split{}}).error(), TransparencyError::no_contradiction);
  EXPECT_EQ(verify({public_keys, first, second, Split{}}).error(), TransparencyError::no_contradiction);
  EXPECT_EQ(verify({public_keys, first, second, Inconsistent{path, first.head.root}}).error(),
            TransparencyError::no_contradiction);
  EXPECT_EQ(verify({public_keys, first, second, Inconsistent{path, {}}}).error(),
            TransparencyError::no_contradiction);
  const MapKey key = crypto::vrf_output(log.prove(alice).vrf);
  const MapStatement before{answer(log).entry, log.prove(alice).map};
  const MapStatement after{answer(longer).entry, longer.prove(alice).map};
  EXPECT_EQ(verify({public_keys, first, second, Rewritten{key, before, after}}).error(),
            TransparencyError::no_contradiction);
  EXPECT_EQ(verify({public_keys, first, second, Rewritten{key, after, before}}).error(),
            TransparencyError::not_last_entry);
}

TEST_F(Evidence, NeedsTheSignatureOfTheLogItAccuses) {
  TestLog split = log;
  close_one(log, 2);
  close_one(split, 3);
  const ForkEvidence good = contradiction(public_keys, log.head(kNow), split.head(kNow), {}).value();
  ForkEvidence bad = good;
  bad.second.signature[3000] ^= 1;
  EXPECT_EQ(verify(bad).error(), TransparencyError::bad_signature);
  bad = good;
  bad.keys = TestKeys(random).public_keys();
  EXPECT_EQ(verify(bad).error(), TransparencyError::wrong_log);
}

TEST_F(Evidence, TravelsAsAMessageThatConvictsSomebodyWhoSawNothing) {
  TestLog split = log;
  close_one(log, 2);
  close_one(split, 3);
  close_one(split, 3);
  split.forget(alice);
  split.close(kNow);
  const std::vector<ForkEvidence> all = {
      contradiction(public_keys, log.head(kNow), split.head(log.tree.size(), kNow), {}).value(),
      contradiction(public_keys, log.head(kNow), split.head(kNow),
                    split.tree.consistency(log.tree.size(), split.tree.size()))
          .value(),
      contradiction(public_keys, answer(log), 0, answer(split), 0).value()};
  for (const ForkEvidence& evidence : all) {
    v1::ForkEvidence message;
    to_wire(evidence, message);
    const Bytes file = wire::encode(message);
    EXPECT_LT(file.size(), kMaxEvidence);
    v1::ForkEvidence read;
    ASSERT_TRUE(wire::decode(file, kMaxEvidence, read));
    const auto back = from_wire(read);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, evidence);
    EXPECT_TRUE(verify(*back));
    EXPECT_EQ(log_id(back->keys), log_id(public_keys));
    for (std::size_t size = 0; size < file.size(); size += 101) {
      v1::ForkEvidence cut;
      if (wire::decode(ByteView(file).first(size), kMaxEvidence, cut)) EXPECT_FALSE(from_wire(cut)) << size;
    }
  }
  EXPECT_FALSE(from_wire(v1::ForkEvidence()));
}

}  // namespace
}  // namespace sotto::transparency
