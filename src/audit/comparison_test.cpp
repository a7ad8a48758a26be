#include "audit/comparison.h"

#include <gtest/gtest.h>

#include "audit/test_world.h"

namespace sotto::audit {
namespace {

using testing::kNow;
using testing::LogServer;
using testing::TestKeys;

class ComparisonTest : public ::testing::Test {
 protected:
  ComparisonTest() {
    server.grow(10);
    split = server;
    split.log.tree.replace(2, {});
    server.tamper = [this](v1::ServerFrame& frame) {
      ++answers;
      if (spoil) spoil(frame);
    };
  }
  /// Runs a comparison to its end.
  ComparisonEffects compare(std::vector<transparency::SignedTreeHead> heads,
                            std::optional<PinnedLog> pinned = std::nullopt) {
    Comparison comparison(std::move(heads), std::move(pinned), random);
    ComparisonEffects effects = comparison.connected(testing::kTlsKey);
    while (!effects.result && !effects.error) {
      EXPECT_EQ(effects.frames.size(), 1U);
      v1::ClientFrame asked;
      EXPECT_TRUE(wire::decode(effects.frames.at(0), wire::kMaxFrameBytes, asked));
      effects = comparison.receive(wire::encode(server.answer(asked)), kNow);
    }
    return effects;
  }
  crypto::DeterministicRandom random{1};
  TestKeys keys{random};
  LogServer server{keys, random};
  LogServer split{keys, random};
  std::function<void(v1::ServerFrame&)> spoil;
  int answers = 0;
};

TEST_F(ComparisonTest, HeadsOfOneLogBelongTogetherInAnyOrder) {
  const auto effects = compare({server.log.head(9, kNow), server.log.head(3, kNow),
                                server.log.head(9, kNow + seconds(5)), server.log.head(8, kNow)});
  ASSERT_TRUE(effects.result);
  EXPECT_EQ(effects.result->relation, Relation::consistent);
  EXPECT_EQ(answers, 3);
}

TEST_F(ComparisonTest, ASplitAndAChangedPastAreProven) {
  // Of sizes that are powers of two a single path shows nothing.
  for (const std::uint64_t size : {std::uint64_t{11}, std::uint64_t{5}, std::uint64_t{4}, std::uint64_t{8}}) {
    const auto effects = compare({server.log.head(11, kNow), split.log.head(size, kNow)});
    ASSERT_TRUE(effects.result);
    EXPECT_EQ(effects.result->relation, Relation::forked);
    ASSERT_TRUE(effects.result->evidence);
    EXPECT_TRUE(transparency::verify(*effects.result->evidence));
    EXPECT_EQ(effects.result->between->first.size, size);
  }
}

TEST_F(ComparisonTest, WhatTheServerDoesNotShowIsUnproven) {
  spoil = [](v1::ServerFrame& frame) {
    if (frame.has_consistency()) frame.mutable_consistency()->clear_path();
  };
  EXPECT_EQ(compare({server.log.head(5, kNow), server.log.head(9, kNow)}).result->relation,
            Relation::unproven);
  spoil = [](v1::ServerFrame& frame) {
    if (frame.has_consistency()) frame.mutable_error()->set_code(v1::Error::LOG_NOT_READY);
  };
  EXPECT_EQ(compare({server.log.head(5, kNow), server.log.head(9, kNow)}).result->relation,
            Relation::unproven);
}

TEST_F(ComparisonTest, ForeignHeadsServersAndAnswersAreErrors) {
  const TestKeys others(random);
  LogServer other(others, random);
  EXPECT_EQ(compare({server.log.head(5, kNow), other.log.head(1, kNow)}).error, AuditError::bad_head);
  EXPECT_EQ(compare({server.log.head(5, kNow), server.log.head(9, kNow)},
                    PinnedLog{server.name, others.public_keys()})
                .error,
            AuditError::other_log);
  spoil = [](v1::ServerFrame& frame) {
    if (frame.has_consistency()) frame.mutable_done();
  };
  EXPECT_EQ(compare({server.log.head(5, kNow), server.log.head(9, kNow)}).error,
            AuditError::malformed_answer);
  spoil = [](v1::ServerFrame& frame) { frame.mutable_error()->set_code(v1::Error::OVERLOADED); };
  EXPECT_EQ(compare({server.log.head(5, kNow), server.log.head(9, kNow)}).error, AuditError::refused);
}

}  // namespace
}  // namespace sotto::audit
