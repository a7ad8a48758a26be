#include "audit/follower.h"

#include <gtest/gtest.h>

#include <bit>

#include "audit/test_world.h"
#include "transparency/limits.h"

namespace sotto::audit {
namespace {

using testing::Disk;
using testing::kNow;
using testing::LogServer;
using testing::TestKeys;
using testing::Watch;
using transparency::TransparencyError;

class FollowerTest : public ::testing::Test {
 protected:
  FollowerTest() { server.grow(11); }

  /// A run from what is on the disk, to its end.
  Watch run(LogServer& with) {
    Watch out(with, disk, &witness, random);
    out.catch_up(now);
    return out;
  }
  /// What an auditor finds at this server, which has to be the end.
  Finding finding(LogServer& with) {
    const auto before = disk.head;
    EXPECT_TRUE(run(with).follower.finished());
    const Finding& found = disk.finding.value();
    EXPECT_EQ(disk.head, before);
    EXPECT_FALSE(explain(found).empty());
    return found;
  }
  Finding finding() { return finding(server); }
  void follow_honestly() {
    const Watch done = run(server);
    ASSERT_TRUE(done.follower.status().caught_up);
    ASSERT_EQ(disk.head->head, server.log.head(server.time).head);
  }
  void expect_evidence(const Finding& found) {
    ASSERT_TRUE(found.evidence);
    EXPECT_TRUE(transparency::verify(*found.evidence));
    EXPECT_EQ(transparency::log_id(found.evidence->keys), transparency::log_id(keys.public_keys()));
  }

  crypto::DeterministicRandom random{1};
  TestKeys keys{random};
  LogServer server{keys, random};
  crypto::HybridPrivateKey witness = crypto::HybridPrivateKey::generate(random);
  Disk disk;
  UnixMs now = kNow + minutes(1);
};

TEST_F(FollowerTest, FollowsFromTheFirstEntryCosignsAndSubmits) {
  const Watch done = run(server);
  EXPECT_TRUE(done.follower.status().caught_up);
  EXPECT_EQ(done.follower.status().followed, 12U);
  EXPECT_EQ(done.follower.status().leaves, server.log.map().leaves().size());
  ASSERT_EQ(server.cosigned.size(), 1U);
  EXPECT_EQ(wire::octets(server.cosigned[0].head()).size(), transparency::kTreeHeadSize);
  transparency::SignedTreeHead head = server.log.head(server.time);
  head.cosignatures = {transparency::from_wire(server.cosigned[0].cosignature()).value()};
  const std::vector<crypto::HybridPublicKey> known = {witness.public_key()};
  EXPECT_EQ(transparency::count_cosignatures(head, known), 1U);
  EXPECT_EQ(disk.head->cosignatures, head.cosignatures);
  EXPECT_EQ(PinnedLog::parse(*disk.pin)->keys, keys.public_keys());
  EXPECT_LE(done.most_in_flight, kMaxListRequests);
}

TEST_F(FollowerTest, FollowsOnWhileConnected) {
  Watch going(server, disk, &witness, random);
  going.catch_up(now);
  for (int i = 0; i < 3; ++i) {
    server.grow(2);
    now = now + seconds(10);
    going.catch_up(now);
    EXPECT_TRUE(going.follower.status().caught_up);
    EXPECT_EQ(going.follower.known()->head, server.log.head(server.time).head);
  }
  EXPECT_EQ(server.cosigned.size(), 4U);
}

TEST_F(FollowerTest, ChecksWithoutCosigningWhereItHasNoKey) {
  Watch checking(server, disk, nullptr, random);
  checking.catch_up(now);
  EXPECT_TRUE(checking.follower.status().caught_up);
  EXPECT_TRUE(disk.head->cosignatures.empty());
  EXPECT_TRUE(server.cosigned.empty());
}

TEST_F(FollowerTest, GoesOnFromTheDiskWithAndWithoutASnapshot) {
  for (const bool with_snapshot : {true, false}) {
    Watch first(server, disk, &witness, random);
    first.catch_up(now);
    if (with_snapshot) disk.snapshot = first.follower.snapshot();
    server.grow(3);
    now = now + minutes(1);
    const Watch second = run(server);
    EXPECT_TRUE(second.follower.status().caught_up);
    EXPECT_EQ(disk.head->head, server.log.head(server.time).head);
    disk.snapshot.reset();
  }
}

TEST_F(FollowerTest, SurvivesPowerLossBetweenAnyTwoWrites) {
  for (std::size_t writes = 0;; ++writes) {
    disk = {};
    disk.writes_left = writes;
    server.cosigned.clear();
    const bool survived = run(server).powered;
    // Nothing was cosigned that is not on the disk.
    for (const auto& submitted : server.cosigned) {
      ASSERT_TRUE(disk.head);
      EXPECT_TRUE(equal(wire::octets(submitted.head()), disk.head->head.encoded()));
    }
    disk.writes_left.reset();
    const Watch again = run(server);
    EXPECT_TRUE(again.follower.status().caught_up) << writes;
    EXPECT_FALSE(disk.finding);
    if (survived) return;
  }
}

TEST_F(FollowerTest, SurvivesTheLossOfSnapshotOrHistoryAndHoldsTheLogToTheHeadItCosigned) {
  follow_honestly();
  disk.history.resize(disk.history.size() / 2);
  EXPECT_TRUE(run(server).follower.status().caught_up);
  disk.history.clear();
  disk.snapshot = Bytes(100, 7);
  EXPECT_TRUE(run(server).follower.status().caught_up);
  EXPECT_FALSE(disk.finding);
  // The same loss, and a log that uses it to show another past.
  disk.history.clear();
  LogServer other(keys, random);
  other.time = other.time + seconds(30);
  other.grow(11);
  const Finding found = finding(other);
  EXPECT_EQ(found.kind, FindingKind::head);
  expect_evidence(found);
}

TEST_F(FollowerTest, TakesItsOwnFilesForAlarmingWhenTheyContradictTheHeadItCosigned) {
  follow_honestly();
  LogServer other(keys, random);
  other.time = other.time + seconds(30);
  other.grow(12);
  Disk foreign;
  Watch(other, foreign, nullptr, random).catch_up(now);
  disk.history = foreign.history;
  EXPECT_EQ(testing::restored(disk).error(), RestoreError::contradicts_head);
}

TEST_F(FollowerTest, FindsEntriesThatBreakTheRules) {
  using Mutations = std::vector<transparency::Mutation>;
  struct Case {
    TransparencyError rule;
    std::function<void(transparency::Entry&, Mutations&)> change;
  };
  const std::vector<Case> cases = {
      {TransparencyError::wrong_epoch, [](auto& entry, auto&) { ++entry.epoch; }},
      {TransparencyError::time_went_back,
       [](auto& entry, auto&) { entry.time = {entry.time.value - 5'000}; }},
      {TransparencyError::wrong_list, [](auto&, Mutations& list) { std::swap(list[0], list[1]); }},
      {TransparencyError::wrong_list, [](auto&, Mutations& list) { list.pop_back(); }},
      {TransparencyError::wrong_version,
       [](auto& entry, Mutations& list) {
         ++list[0].version;
         entry.mutations = transparency::hash_of(list).value();
       }},
      {TransparencyError::wrong_root,
       [](auto& entry, Mutations& list) {
         list[0].leaf[3] ^= 1;
         entry.mutations = transparency::hash_of(list).value();
       }},
      {TransparencyError::wrong_root, [](auto& entry, auto&) { entry.map_root[0] ^= 1; }},
  };
  for (const Case& broken : cases) {
    disk = {};
    LogServer lying = server;
    broken.change(lying.log.entries[7], lying.log.lists[7]);
    const Finding found = finding(lying);
    EXPECT_EQ(found.kind, FindingKind::entry);
    EXPECT_EQ(found.rule, broken.rule);
    EXPECT_EQ(found.followed, 7U);
    EXPECT_EQ(found.entry, lying.log.entries[7]);
    EXPECT_TRUE(found.head);
    EXPECT_TRUE(check(found));
    EXPECT_FALSE(disk.head);
    EXPECT_TRUE(lying.cosigned.empty());
  }
}

TEST_F(FollowerTest, FindsAMapFromWhichALeafVanished) {
  server.log.forget(testing::Label::account(testing::account(3)));
  server.grow();
  const Finding found = finding();
  EXPECT_EQ(found.rule, TransparencyError::wrong_root);
  EXPECT_EQ(found.followed, 12U);
}

TEST_F(FollowerTest, FindsAListLongerThanAllowedWithoutFetchingItWhole) {
  LogServer lying = server;
  lying.mutations_page = 14'000;
  lying.log.lists[3] = std::vector<transparency::Mutation>(400'000);
  std::size_t pages = 0;
  lying.tamper = [&pages](v1::ServerFrame& frame) { pages += frame.has_mutations() ? 1 : 0; };
  const Finding found = finding(lying);
  EXPECT_EQ(found.rule, TransparencyError::wrong_list);
  EXPECT_LT(pages, 20U);
  EXPECT_EQ(found.mutations.size(), transparency::kMaxMutations);
}

TEST_F(FollowerTest, FindsAHeadThatIsNotTheRootOfTheEntries) {
  server.log.tree.replace(2, {});
  const Finding found = finding();
  EXPECT_EQ(found.kind, FindingKind::head);
  EXPECT_EQ(found.rule, TransparencyError::wrong_root);
  EXPECT_TRUE(check(found));
}

TEST_F(FollowerTest, FindsAHeadSignedBeforeItsLastEntryWasMade) {
  server.time = kNow;
  EXPECT_EQ(finding().rule, TransparencyError::time_went_back);
}

TEST_F(FollowerTest, ProvesASplit) {
  follow_honestly();
  LogServer split = server;
  split.log.tree.replace(2, {});
  split.time = split.time + seconds(1);
  const Finding found = finding(split);
  EXPECT_EQ(found.rule, TransparencyError::forked);
  expect_evidence(found);
  EXPECT_TRUE(std::holds_alternative<transparency::Split>(found.evidence->contradiction));
}

TEST_F(FollowerTest, ProvesAPastThatWasChanged) {
  follow_honestly();
  LogServer changed = server;
  changed.grow(3);
  changed.log.tree.replace(2, {});
  const Finding found = finding(changed);
  EXPECT_EQ(found.rule, TransparencyError::forked);
  expect_evidence(found);
}

TEST_F(FollowerTest, ProvesThatALogWasBuiltAnewWhateverTheSizes) {
  LogServer first(keys, random);
  for (std::uint64_t known = 1; known <= 9; ++known, first.grow()) {
    disk = {};
    ASSERT_TRUE(run(first).follower.status().caught_up);
    for (std::size_t epochs = 0; epochs < 11; ++epochs) {
      Disk before = disk;
      LogServer rebuilt(keys, random, first.time + seconds(30));
      rebuilt.grow(epochs);
      const Finding found = finding(rebuilt);
      // One entry more than a power of two, and more than one: no path shows the smaller root. That there is
      // something wrong is then shown by the entries, and reported.
      const bool shown = known == 1 ? epochs == 0 : epochs != known || !std::has_single_bit(known);
      EXPECT_EQ(found.evidence.has_value(), shown) << known << " " << epochs + 1;
      if (shown) expect_evidence(found);
      disk = std::move(before);
    }
  }
}

TEST_F(FollowerTest, FindsALogThatTookEntriesBack) {
  LogServer backup = server;
  server.grow(4);
  follow_honestly();
  backup.time = server.time + seconds(60);
  const Finding found = finding(backup);
  EXPECT_EQ(found.kind, FindingKind::rolled_back);
  EXPECT_EQ(found.rule, TransparencyError::head_behind);
  EXPECT_TRUE(check(found));
}

TEST_F(FollowerTest, HasPatienceWithOlderHeads) {
  const LogServer earlier = server;
  server.grow(4);
  follow_honestly();
  LogServer late = earlier;
  EXPECT_FALSE(run(late).follower.finished());
  LogServer older_head = server;
  older_head.time = {server.time.value - 1};
  EXPECT_FALSE(run(older_head).follower.finished());
  EXPECT_EQ(disk.head->head.time, server.time);
  EXPECT_FALSE(disk.finding);
}

TEST_F(FollowerTest, DoesNotBelieveAnotherServer) {
  follow_honestly();
  const TestKeys others(random);
  LogServer other(others, random);
  EXPECT_EQ(run(other).ended, AuditError::other_log);
  LogServer renamed(keys, random);
  renamed.name = "other.example.org";
  EXPECT_EQ(run(renamed).ended, AuditError::bad_statement);
  LogServer unsigned_key = server;
  unsigned_key.statement.signature[7] ^= 1;
  EXPECT_EQ(run(unsigned_key).ended, AuditError::bad_statement);
  LogServer logless = server;
  logless.tamper = [](v1::ServerFrame& frame) { frame.mutable_welcome()->clear_log_vrf_key(); };
  EXPECT_EQ(run(logless).ended, AuditError::unsupported_server);
  EXPECT_FALSE(worth_retrying(AuditError::other_log));
  EXPECT_FALSE(disk.finding);
}

TEST_F(FollowerTest, GivesUpAConnectionThatMakesNoSense) {
  const auto ended = [&](const std::function<void(v1::ServerFrame&)>& tamper) {
    LogServer strange = server;
    strange.tamper = tamper;
    const Watch gone = run(strange);
    EXPECT_FALSE(gone.follower.finished());
    return gone.ended;
  };
  EXPECT_EQ(ended([](auto& frame) { frame.set_request_id(99); }), AuditError::malformed_answer);
  EXPECT_EQ(ended([](auto& frame) {
              if (frame.has_tree_head()) frame.mutable_entries();
            }),
            AuditError::malformed_answer);
  EXPECT_EQ(ended([](auto& frame) {
              if (frame.has_tree_head()) frame.mutable_tree_head()->set_consistency("?");
            }),
            AuditError::malformed_answer);
  EXPECT_EQ(ended([](auto& frame) {
              if (frame.has_entries()) frame.mutable_entries()->add_entries("?");
              if (frame.has_entries()) frame.mutable_entries()->mutable_entries()->SwapElements(0, 3);
            }),
            AuditError::malformed_answer);
  EXPECT_EQ(ended([](auto& frame) {
              if (frame.has_mutations()) frame.mutable_mutations()->set_mutations("?");
            }),
            AuditError::malformed_answer);
  EXPECT_EQ(ended([](auto& frame) {
              if (!frame.has_tree_head()) return;
              (*frame.mutable_tree_head()->mutable_head()->mutable_signature())[9] ^= 1;
            }),
            AuditError::bad_head);
  EXPECT_EQ(ended([](auto& frame) {
              if (frame.has_tree_head()) frame.mutable_error()->set_code(v1::Error::NOT_AUTHENTICATED);
            }),
            AuditError::refused);
  Watch silent(server, disk, &witness, random);
  static_cast<void>(silent.follower.connected(testing::kTlsKey, now));
  EXPECT_EQ(silent.follower.tick(now + kAnswerPatience).disconnect, AuditError::no_answer);
  EXPECT_FALSE(disk.finding);
}

TEST_F(FollowerTest, WaitsWhereTheServerAsksForPatience) {
  LogServer busy = server;
  int refusals = 0;
  busy.tamper = [&refusals](v1::ServerFrame& frame) {
    if (frame.has_welcome() || ++refusals % 2 == 0) return;
    frame.mutable_error()->set_code(refusals % 3 == 0 ? v1::Error::RATE_LIMITED : v1::Error::LOG_NOT_READY);
    frame.mutable_error()->set_retry_after_ms(2'000);
  };
  const Watch done = run(busy);
  EXPECT_EQ(done.follower.status().followed, 12U);
  EXPECT_TRUE(disk.head);
}

TEST_F(FollowerTest, StopsSubmittingWhereItsCosignaturesAreNotWanted) {
  server.tamper = [](v1::ServerFrame& frame) {
    if (frame.has_done()) frame.mutable_error()->set_code(v1::Error::COSIGNATURE_REJECTED);
  };
  const Watch done = run(server);
  EXPECT_TRUE(done.follower.status().caught_up);
  EXPECT_EQ(done.follower.status().cosignatures_refused, 1U);
  EXPECT_EQ(done.notices.size(), 1U);
  EXPECT_EQ(disk.head->cosignatures.size(), 1U);
}

TEST_F(FollowerTest, DoesNotCosignTheFuture) {
  server.time = now + hours(25);
  const Watch done = run(server);
  EXPECT_FALSE(done.follower.status().caught_up);
  ASSERT_FALSE(done.notices.empty());
  EXPECT_EQ(done.notices[0], transparency::describe(TransparencyError::head_from_future));
  EXPECT_FALSE(disk.head);
}

TEST_F(FollowerTest, HoldsFewListsWhileOneIsKeptBack) {
  server.grow(60);
  LogServer hiding = server;
  hiding.entries_page = 1'000;
  hiding.withheld = 5;
  std::size_t lists = 0;
  hiding.tamper = [&lists](v1::ServerFrame& frame) { lists += frame.has_mutations() ? 1 : 0; };
  const Watch waiting = run(hiding);
  EXPECT_EQ(waiting.follower.status().followed, 5U);
  EXPECT_LE(waiting.most_in_flight, kMaxListRequests);
  EXPECT_LE(lists, 2 * kMaxListRequests) << "lists are fetched that are not needed yet";
}

TEST_F(FollowerTest, WaitsForEntriesThatAreSignedAndNotShown) {
  LogServer hiding = server;
  hiding.tamper = [](v1::ServerFrame& frame) {
    if (frame.has_entries()) frame.mutable_entries()->clear_entries();
  };
  const Watch waiting = run(hiding);
  EXPECT_FALSE(waiting.follower.status().caught_up);
  EXPECT_FALSE(waiting.notices.empty());
  EXPECT_FALSE(waiting.follower.finished());
}

}  // namespace
}  // namespace sotto::audit
