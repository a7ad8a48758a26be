#include "transparency_log/log.h"

#include <gtest/gtest.h>

#include "storage/test_backend.h"
#include "transparency_log/test_world.h"

namespace sotto::transparency_log {
namespace {

using testing::account;
using testing::binding;
using testing::World;
using transparency::TransparencyError;

TEST(Log, BeginsWithAnEmptyEpochThatEverybodyCanVerify) {
  World world;
  EXPECT_FALSE(world.log->ready());
  EXPECT_EQ(world.log->head().error(), LogError::not_ready);
  EXPECT_EQ(world.log->look_up_handle("user1", 0).error(), LogError::not_ready);
  EXPECT_EQ(world.log->cosigned_head().error(), LogError::not_ready);
  world.settle();
  ASSERT_TRUE(world.log->ready());
  EXPECT_EQ(world.log->size(), 1U);
  world.expect_says(1, 0);
  world.audit();
}

TEST(Log, ChangesAndEffectsOfASubmissionAppearTogether) {
  World world;
  world.settle();
  world.submit(1, 1);
  world.settle();
  EXPECT_EQ(world.log->size(), 1U);
  EXPECT_EQ(world.effect_of(1), std::nullopt);
  EXPECT_EQ(world.log->waiting(), 2U);
  world.close();
  ASSERT_EQ(world.replies.size(), 1U);
  EXPECT_EQ(world.replies[0], 1U);
  EXPECT_EQ(world.effect_of(1), 1);
  world.expect_says(1, 1);
  world.expect_says(2, 0);
  world.audit();
}

TEST(Log, FollowersVerifyEveryEpochOfAGrowingDirectory) {
  World world;
  world.settle();
  // Enough that pages split twice; some accounts change again and again.
  for (std::uint32_t epoch = 0; epoch < 30; ++epoch) {
    for (std::uint32_t i = 0; i < 10; ++i) world.submit(epoch * 10 + i, 1);
    if (epoch > 0) world.submit(0, static_cast<std::uint8_t>(epoch + 1));
    world.close();
    world.expect_says(0, static_cast<std::uint8_t>(epoch + 1));
    world.expect_says(epoch * 10 + 9, 1);
    world.expect_says(1000 + epoch, 0);
  }
  for (const auto& reply : world.replies) EXPECT_TRUE(reply);
  for (std::uint32_t i = 1; i < 300; i += 7) world.expect_says(i, 1);
  world.audit();
  EXPECT_EQ(world.auditor.leaves(), 600U);
}

TEST(Log, AnswersAsBeforeAfterARestart) {
  World world;
  world.settle();
  for (std::uint32_t i = 0; i < 60; ++i) world.submit(i, 1);
  world.close();
  for (std::uint32_t i = 0; i < 60; ++i) world.expect_says(i, 1);
  for (int restarts = 0; restarts < 3; ++restarts) {
    ASSERT_TRUE(world.start());
    EXPECT_TRUE(world.log->ready());
    EXPECT_EQ(world.store.queued(), 0U);
    for (std::uint32_t i = 0; i < 60; ++i) world.expect_says(i, 1);
    world.submit(100 + static_cast<std::uint32_t>(restarts), 1);
    world.close();
    world.audit();
  }
}

TEST(Log, RefusesToOpenTheLogOfOtherKeys) {
  World world;
  world.settle();
  world.vrf = crypto::VrfPrivateKey::generate(world.random);
  EXPECT_EQ(world.start().error(), LogError::wrong_keys);
}

TEST(Log, RefusesAVersionThatIsNotTheNextWithoutHarmToOthers) {
  World world;
  world.settle();
  world.submit(1, 1);
  world.close();
  world.submit(1, 3);
  world.submit(2, 1);
  world.submit(1, 1);
  world.close();
  world.close();
  ASSERT_EQ(world.replies.size(), 4U);
  EXPECT_EQ(world.replies[1].error(), LogError::wrong_version);
  EXPECT_EQ(world.replies[2], 2U);
  EXPECT_EQ(world.replies[3].error(), LogError::wrong_version);
  EXPECT_EQ(world.effect_of(1), 1);
  world.expect_says(1, 1);
  world.expect_says(2, 1);
  world.audit();
}

TEST(Log, TwoChangesOfOneLabelTakeTwoEpochs) {
  World world;
  world.settle();
  for (std::uint8_t version = 1; version <= 3; ++version) world.submit(1, version);
  world.submit(2, 1);
  for (int i = 0; i < 3; ++i) world.close();
  EXPECT_EQ(world.replies, (std::vector<LogResult<std::uint64_t>>{1, 2, 3, 3}));
  world.expect_says(1, 3);
  world.audit();
}

TEST(Log, AHandleCanBeRetiredAndComeBack) {
  World world;
  world.settle();
  world.submit(1, 1);
  world.close();
  for (const bool back : {false, true}) {
    const auto owner = back ? std::optional(account(1)) : std::nullopt;
    world.log->submit({{{World::handle(1), transparency::handle_value(owner), std::nullopt}}, {}},
                      [](const auto& result) { EXPECT_TRUE(result); });
    world.close();
    const auto answer = world.log->look_up_handle("user1", world.view.known_size());
    const auto contact = verify_contact(world.view, "user1", answer.value(), world.pin_of, world.now);
    ASSERT_TRUE(contact);
    EXPECT_EQ(contact->account, owner);
    EXPECT_EQ(contact->handle.version, back ? 3U : 2U);
  }
}

TEST(Log, RefusesMalformedSubmissionsAtOnce) {
  World world;
  world.settle();
  const Submission good = world.change(1, 1);
  std::vector<Submission> bad(8, good);
  bad[0].changes.clear();
  bad[1].changes.push_back(bad[1].changes[0]);
  bad[2].changes[0].value = Bytes(transparency::kMaxValue + 1);
  bad[3].effects[0].expect({3});
  bad[4].effects[0].trim_up_to(as_bytes("x"));
  bad[5].effects = {storage::Batch(log_partition())};
  bad[6].effects[0].put(Bytes(65), {});
  bad[7].effects.assign(kMaxEffects + 1, good.effects[0]);
  for (Submission& submission : bad) {
    std::optional<LogError> error;
    world.log->submit(std::move(submission), [&](const auto& result) { error = result.error(); });
    EXPECT_EQ(error, LogError::malformed);
  }
  EXPECT_EQ(world.log->waiting(), 0U);
}

TEST(Log, RefusesMoreThanItMayKeepWaiting) {
  World world;
  world.settle();
  Submission large = world.change(1, 1);
  large.effects.clear();
  for (std::size_t i = 0; i < 3; ++i) {
    storage::Batch effect(testing::effect_partition(9));
    for (std::uint8_t k = 0; k < 3; ++k) effect.put(Bytes{k}, Bytes(storage::kMaxValueOctets));
    large.effects.push_back(std::move(effect));
  }
  std::optional<LogError> error;
  for (int i = 0; i < 10 && !error; ++i) {
    world.log->submit(large, [&](const auto& result) {
      if (!result) error = result.error();
    });
  }
  EXPECT_EQ(error, LogError::overloaded);
  EXPECT_EQ(world.log->waiting(), 14U);
}

TEST(Log, AFailedCommitRefusesItsChangesAndTheNextEpochTakesItsPlace) {
  World world;
  world.settle();
  world.submit(1, 1);
  world.store.memory().fail_next_commits(1, storage::StorageError::no_space);
  world.close();
  EXPECT_EQ(world.replies.at(0).error(), LogError::storage_unavailable);
  EXPECT_EQ(world.log->size(), 1U);
  EXPECT_EQ(world.log->stalled(), storage::StorageError::no_space);
  EXPECT_EQ(world.effect_of(1), std::nullopt);
  world.expect_says(1, 0);
  world.submit(1, 1);
  world.close();
  EXPECT_EQ(world.replies.at(1), 1U);
  EXPECT_EQ(world.log->stalled(), std::nullopt);
  world.expect_says(1, 1);
  world.audit();
}

TEST(Log, AFirstEpochThatFailsIsTriedAgain) {
  World world;
  world.store.memory().fail_next_commits(1, storage::StorageError::io_error);
  world.settle();
  EXPECT_FALSE(world.log->ready());
  EXPECT_TRUE(world.log->due());
  world.close();
  EXPECT_TRUE(world.log->ready());
}

TEST(Log, WhatFollowsTheCommitPointIsRepeatedUntilItSucceedsAndVisibleMeanwhile) {
  World world;
  world.settle();
  for (std::uint32_t i = 0; i < 40; ++i) world.submit(i, 1);
  world.now = world.now + seconds(2);
  world.log->tick(world.now);
  world.step();  // the commit point
  ASSERT_EQ(world.log->size(), 2U);
  for (int i = 0; i < 5; ++i) {
    world.store.memory().fail_next_commits(3, storage::StorageError::io_error);
    world.settle();
    EXPECT_TRUE(world.replies.empty());
    EXPECT_TRUE(world.log->stalled());
    for (std::uint32_t number = 0; number < 40; ++number) world.expect_says(number, 1);
    world.now = world.now + seconds(2);
    world.log->tick(world.now);
  }
  world.settle();
  EXPECT_EQ(world.replies.size(), 40U);
  EXPECT_FALSE(world.log->stalled());
  for (std::uint32_t number = 0; number < 40; ++number) EXPECT_EQ(world.effect_of(number), 1);
  world.audit();
}

TEST(Log, AFullQueueDelaysAnEpochAndLosesNothing) {
  World world;
  world.settle();
  world.submit(1, 1);
  world.store.refuse = 1;
  world.close();
  EXPECT_TRUE(world.replies.empty());
  EXPECT_EQ(world.log->stalled(), storage::StorageError::overloaded);
  world.close();
  EXPECT_EQ(world.replies.at(0), 1U);
}

TEST(Log, AReadThatFailsRefusesAndBreaksNothing) {
  World world;
  world.settle();
  world.submit(1, 1);
  world.close();
  world.store.memory().fail_next_reads(1, storage::StorageError::io_error);
  EXPECT_EQ(world.log->look_up_handle("user1", 0).error(), LogError::storage_unavailable);
  world.store.memory().fail_next_reads(1, storage::StorageError::corrupt);
  EXPECT_EQ(world.log->look_up_handle("user1", 0).error(), LogError::corrupt);
  world.submit(2, 1);
  world.store.memory().fail_next_reads(1, storage::StorageError::io_error);
  world.close();
  EXPECT_EQ(world.replies.at(1).error(), LogError::storage_unavailable);
  world.submit(2, 1);
  world.close();
  world.expect_says(2, 1);
}

TEST(Log, FindsStoredPagesThatAreNotWhatTheEntrySays) {
  World world;
  world.settle();
  for (std::uint32_t i = 0; i < 60; ++i) world.submit(i, 1);
  world.close();
  const PageId top;
  storage::Batch damage(page_partition(top));
  damage.put(page_key(top), encode(Page(Bucket{})));
  ASSERT_TRUE(world.store.commit(std::move(damage), {999}));
  world.store.step();
  EXPECT_EQ(world.start().error(), LogError::corrupt);
}

TEST(Log, SignsItsHeadAnewWithoutChanges) {
  World world;
  world.settle();
  const auto first = world.log->head().value();
  world.now = world.now + minutes(29);
  world.log->tick(world.now);
  EXPECT_EQ(world.log->head().value(), first);
  EXPECT_LE(*world.log->due(), world.now + minutes(1));
  world.now = world.now + minutes(1);
  world.log->tick(world.now);
  const auto second = world.log->head().value();
  EXPECT_EQ(second.head.time, world.now);
  EXPECT_EQ(second.head.root, first.head.root);
  EXPECT_TRUE(verify(world.keys, second));
}

TEST(Log, TakesCosignaturesOfItsWitnessesOverRecentHeads) {
  crypto::DeterministicRandom random(3);
  const auto witness = crypto::HybridPrivateKey::generate(random);
  const auto stranger = crypto::HybridPrivateKey::generate(random);
  World world(1, {.witnesses = {witness.public_key()}});
  world.settle();
  const auto head = world.log->head().value().head;
  world.submit(1, 1);
  world.close();  // the witness was slow: its head is not the newest any more
  EXPECT_EQ(world.log->add_cosignature(head, cosign(head, stranger, random)).error(),
            LogError::bad_cosignature);
  auto forged = cosign(head, witness, random);
  forged.signature[8] ^= 1;
  EXPECT_EQ(world.log->add_cosignature(head, forged).error(), LogError::bad_cosignature);
  auto other = head;
  other.root[0] ^= 1;
  EXPECT_EQ(world.log->add_cosignature(other, cosign(other, witness, random)).error(),
            LogError::bad_cosignature);
  EXPECT_TRUE(world.log->add_cosignature(head, cosign(head, witness, random)));
  const auto cosigned = world.log->cosigned_head().value();
  EXPECT_EQ(cosigned.head, head);
  EXPECT_EQ(count_cosignatures(cosigned, world.options.witnesses), 1U);
  // A client that trusts the witness finds that both heads are of one log.
  world.expect_says(1, 1);
  EXPECT_TRUE(world.view.examine(cosigned, world.log->consistency(1, 2).value()));
}

TEST(Log, SaysWhatItDoesNotHave) {
  World world;
  world.settle();
  EXPECT_EQ(world.log->entries(1).error(), LogError::out_of_range);
  EXPECT_EQ(world.log->mutations(1, 0).error(), LogError::out_of_range);
  EXPECT_EQ(world.log->mutations(0, 1).error(), LogError::out_of_range);
  EXPECT_EQ(world.log->consistency(0, 1).error(), LogError::out_of_range);
  EXPECT_EQ(world.log->consistency(1, 2).error(), LogError::out_of_range);
  EXPECT_TRUE(world.log->consistency(1, 1)->empty());
}

TEST(Log, AClientFromAnyEarlierSizeCatchesUpInOneStep) {
  World world;
  world.settle();
  std::vector<transparency::LogView> views;
  for (std::uint32_t i = 0; i < 20; ++i) {
    world.expect_says(0, i == 0 ? 0 : 1);
    views.push_back(world.view);
    world.submit(i, 1);
    world.close();
  }
  for (transparency::LogView& view : views) {
    const auto answer = world.log->look_up_account(account(3), view.known_size()).value();
    EXPECT_TRUE(
        verify_account(view, account(3), answer, [](const auto&) { return std::nullopt; }, world.now));
    EXPECT_EQ(view.known_size(), 21U);
  }
}

// A malicious operator restores yesterday's disk and goes on from there: a client that saw today refuses.
TEST(Log, AServerThatRestoredABackupIsCaught) {
  World world;
  world.settle();
  for (std::uint32_t i = 0; i < 6; ++i) {
    world.submit(i, 1);
    world.close();
  }
  World restored;  // the same keys and the same beginning
  restored.settle();
  for (std::uint32_t i = 0; i < 4; ++i) {
    restored.submit(i, 1);
    restored.close();
  }
  world.expect_says(0, 1);
  restored.view = world.view;
  auto answer = restored.log->look_up_handle("user0", world.view.known_size()).value();
  EXPECT_EQ(verify_contact(restored.view, "user0", answer, restored.pin_of, world.now).error(),
            TransparencyError::head_behind);
  for (std::uint32_t i = 20; i < 24; ++i) {
    restored.submit(i, 1);
    restored.close();
  }
  answer = restored.log->look_up_handle("user0", world.view.known_size()).value();
  EXPECT_EQ(verify_contact(restored.view, "user0", answer, restored.pin_of, restored.now).error(),
            TransparencyError::forked);
  ASSERT_TRUE(restored.view.forked());
  EXPECT_TRUE(verify(*restored.view.forked()));
}

TEST(Log, WorksOnDiskAsInMemory) {
  crypto::DeterministicRandom random(5);
  const auto identity = crypto::HybridPrivateKey::generate(random);
  const auto vrf = crypto::VrfPrivateKey::generate(random);
  transparency::LogView view({identity.public_key(), vrf.public_key()});
  storage::RocksDbBackend backend;
  UnixMs now = testing::kNow;
  for (std::uint32_t round = 0; round < 3; ++round) {
    const auto log = Log::open(backend.store(), identity, vrf, random, {}, now).value();
    std::size_t replies = 0;
    for (std::uint32_t i = 0; i < 100; ++i) {
      log->submit(
          {{{Label::account(account(i)), binding(i, static_cast<std::uint8_t>(round + 1)), round + 1}}, {}},
          [&](const auto& result) { replies += result ? 1U : 0U; });
    }
    while (replies < 100) {
      now = now + seconds(1);
      log->tick(now);
      while (replies < 100 && log->busy()) {
        for (const auto& completion : backend.settle(1)) log->on_completion(completion, now);
      }
    }
    for (std::uint32_t i = 0; i < 100; i += 9) {
      const auto answer = log->look_up_account(account(i), view.known_size()).value();
      const auto state =
          verify_account(view, account(i), answer, [](const auto&) { return std::nullopt; }, now);
      ASSERT_TRUE(state);
      EXPECT_EQ(state->value, binding(i, static_cast<std::uint8_t>(round + 1)));
    }
    backend.restart();
  }
}

}  // namespace
}  // namespace sotto::transparency_log
