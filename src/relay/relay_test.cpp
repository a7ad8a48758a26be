#include "relay/relay.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "storage/forwarding_store.h"
#include "storage/memory_store.h"

namespace sotto::relay {
namespace {

using storage::MemoryStore;
using storage::StorageError;

constexpr UnixMs kStart{days(20'000).value};

template <typename IdType>
IdType id(std::uint8_t fill) {
  ByteArray<16> octets{};
  octets.fill(fill);
  return IdType(octets);
}

/// Counts what a message costs in reads, which unlike time is the same on every machine.
class CountingStore final : public storage::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  storage::StorageResult<std::optional<Bytes>> get(const storage::Partition& p, ByteView key) override {
    ++reads;
    return ForwardingStore::get(p, key);
  }
  storage::StorageResult<storage::Page> scan(const storage::Partition& p, ByteView from,
                                             std::optional<ByteView> to, storage::ScanLimits l) override {
    ++reads;
    auto page = ForwardingStore::scan(p, from, to, l);
    if (page) entries += page->entries.size();
    return page;
  }
  storage::StorageResult<void> commit(storage::Batch batch, storage::Ticket ticket) override {
    ++commits;
    return ForwardingStore::commit(std::move(batch), ticket);
  }

  std::size_t reads = 0;
  std::size_t entries = 0;
  std::size_t commits = 0;
};

class RelayTest : public ::testing::Test, public Output {
 protected:
  RelayTest() { start(); }

  void start() { relay_ = std::make_unique<Relay>(counting_, limits_, *this); }
  /// A new process over what is durable.
  void crash_and_restart() {
    relay_.reset();
    store_.crash();
    start();
  }

  void submitted(SubmissionId submission, std::vector<TargetResult> results) override {
    EXPECT_FALSE(results_.contains(submission.value)) << "answered twice";
    results_[submission.value] = std::move(results);
  }
  void deliver(const DeviceAddress& device, std::span<const Envelope> envelopes) override {
    for (const Envelope& envelope : envelopes) delivered_[device].push_back(envelope);
    ++pushes_;
  }

  DeviceAddress phone() const { return {alice_, id<DeviceId>(1)}; }
  DeviceAddress laptop() const { return {alice_, id<DeviceId>(2)}; }

  using Lists = std::vector<std::pair<DeviceAddress, std::vector<std::string>>>;
  /// Submits to Alice and returns the submission's number; does not sync.
  std::uint64_t submit(const Lists& lists, std::uint64_t version = 1, std::string_view body = {}) {
    Target target{alice_, version, CurrentManifest{1, devices_}, {}, as_bytes(body)};
    for (const auto& [address, payloads] : lists) {
      DeviceEnvelopes& list = target.devices.emplace_back();
      list.device = address.device;
      for (const std::string& payload : payloads) list.envelopes.push_back(as_bytes(payload));
    }
    relay_->submit({++last_submission_}, std::span(&target, 1), now_);
    return last_submission_;
  }
  /// Submits to one device and completes it.
  DeviceResult send(const DeviceAddress& device, const std::vector<std::string>& payloads) {
    const std::uint64_t number = submit({{device, payloads}});
    settle();
    return results_.at(number).at(0).devices.at(0);
  }
  void settle() {
    while (store_.sync() > 0 || relay_->turn_end()) {
    }
  }
  MailboxStatus attach(const DeviceAddress& device) {
    const auto status = relay_->attach(device, now_);
    EXPECT_TRUE(status.has_value());
    settle();
    return status.value_or(MailboxStatus{});
  }
  std::vector<std::string> texts(const DeviceAddress& device) {
    std::vector<std::string> out;
    for (const Envelope& envelope : delivered_[device]) out.emplace_back(as_chars(envelope.payload));
    return out;
  }
  void acknowledge_all(const DeviceAddress& device) {
    relay_->acknowledge(device, delivered_[device].back().sequence);
    settle();
  }

  /// What lies in the store, read or not.
  std::vector<storage::Entry> stored(const DeviceAddress& device) {
    const Bytes end = envelope_key({~std::uint64_t{0}});
    return store_.scan(mailbox_partition(device), envelope_key({0}), ByteView(end), {})->entries;
  }

  using Texts = std::vector<std::string>;

  const AccountId alice_ = id<AccountId>(0xA1);
  const std::vector<DeviceId> devices_{id<DeviceId>(1), id<DeviceId>(2)};
  UnixMs now_ = kStart;
  Limits limits_;
  MemoryStore store_{[this](const std::vector<storage::Completion>& completions) {
    for (const auto& completion : completions) relay_->on_completion(completion);
  }};
  CountingStore counting_{store_};
  std::unique_ptr<Relay> relay_;
  std::map<std::uint64_t, std::vector<TargetResult>> results_;
  std::map<DeviceAddress, std::vector<Envelope>> delivered_;
  std::size_t pushes_ = 0;
  std::uint64_t last_submission_ = 0;
};

TEST_F(RelayTest, AnswersOnlyAfterTheBatchIsDurable) {
  const auto number = submit({{phone(), {"one", "two"}}});
  relay_->turn_end();
  EXPECT_FALSE(results_.contains(number));
  store_.sync();
  ASSERT_TRUE(results_.contains(number));
  EXPECT_EQ(results_[number][0].devices[0], (DeviceResult{2, Refusal::none, {}}));
}

TEST_F(RelayTest, PushesInOrderToAConnectedDeviceWithoutReadingBack) {
  attach(phone());
  const std::size_t reads = counting_.reads;
  send(phone(), {"one", "two"});
  send(phone(), {"three"});
  EXPECT_EQ(texts(phone()), (Texts{"one", "two", "three"}));
  EXPECT_EQ(delivered_[phone()][0].received, now_);
  EXPECT_EQ(counting_.reads, reads);
}

TEST_F(RelayTest, CompletionsOfOneGroupLeaveInOnePush) {
  attach(phone());
  for (const char* text : {"one", "two", "three"}) submit({{phone(), {text}}});
  settle();
  EXPECT_EQ(texts(phone()), (Texts{"one", "two", "three"}));
  EXPECT_EQ(pushes_, 1u);
}

TEST_F(RelayTest, NothingIsPushedToADeviceThatIsNotConnected) {
  send(phone(), {"one"});
  EXPECT_TRUE(delivered_.empty());
  EXPECT_EQ(attach(phone()), (MailboxStatus{1, 3, kStart}));
  EXPECT_EQ(texts(phone()), Texts{"one"});
}

TEST_F(RelayTest, SharedBodiesArriveWithEachDevicesEnvelope) {
  attach(phone());
  attach(laptop());
  submit({{phone(), {"p"}}, {laptop(), {"l"}}}, 1, "body");
  settle();
  EXPECT_EQ(as_chars(delivered_[phone()].at(0).shared_body), "body");
  EXPECT_EQ(as_chars(delivered_[laptop()].at(0).shared_body), "body");
  EXPECT_EQ(relay_->status(phone())->octets, 5u);
}

TEST_F(RelayTest, UnacknowledgedEnvelopesAreRepeatedAfterAReconnect) {
  attach(phone());
  send(phone(), {"one", "two", "three"});
  relay_->acknowledge(phone(), delivered_[phone()][0].sequence);
  relay_->detach(phone());
  delivered_.clear();
  attach(phone());
  EXPECT_EQ(texts(phone()), (Texts{"two", "three"}));
  send(phone(), {"four"});
  EXPECT_EQ(texts(phone()), (Texts{"two", "three", "four"}));
}

TEST_F(RelayTest, AReplacingConnectionGetsEverythingAgain) {
  attach(phone());
  send(phone(), {"one"});
  attach(phone());
  EXPECT_EQ(texts(phone()), (Texts{"one", "one"}));
  EXPECT_EQ(relay_->counts().attached, 1u);
}

TEST_F(RelayTest, AnAcknowledgementFromAnEarlierConnectionCounts) {
  attach(phone());
  send(phone(), {"one", "two", "three"});
  const Sequence second = delivered_[phone()][1].sequence;
  relay_->detach(phone());
  delivered_.clear();
  ASSERT_TRUE(relay_->attach(phone(), now_));
  relay_->acknowledge(phone(), second);  // before anything was pushed on the new connection
  settle();
  EXPECT_EQ(texts(phone()), Texts{"three"});
  EXPECT_EQ(relay_->status(phone())->envelopes, 1u);
}

TEST_F(RelayTest, AnAcknowledgementOfEverythingImaginableDeletesOnlyWhatExists) {
  attach(phone());
  send(phone(), {"one"});
  relay_->acknowledge(phone(), {~std::uint64_t{0}});
  settle();
  EXPECT_EQ(relay_->status(phone())->envelopes, 0u);
  send(phone(), {"two"});
  EXPECT_EQ(texts(phone()), (Texts{"one", "two"}));
  EXPECT_GT(delivered_[phone()][1].sequence, delivered_[phone()][0].sequence);
}

TEST_F(RelayTest, OldAndForeignAcknowledgementsAreIgnored) {
  attach(phone());
  send(phone(), {"one", "two"});
  relay_->acknowledge(phone(), delivered_[phone()][1].sequence);
  relay_->acknowledge(phone(), delivered_[phone()][0].sequence);
  relay_->acknowledge(laptop(), {1});
  settle();
  EXPECT_EQ(relay_->status(phone())->envelopes, 0u);
  EXPECT_EQ(relay_->counts().acknowledged, 2u);
}

TEST_F(RelayTest, AcknowledgedMeansDurableAcrossACrash) {
  send(phone(), {"one"});
  submit({{phone(), {"never synced"}}});
  crash_and_restart();
  attach(phone());
  EXPECT_EQ(texts(phone()), Texts{"one"});
}

TEST_F(RelayTest, SequencesAreNeverUsedTwiceThoughEverythingWasTrimmed) {
  attach(phone());
  send(phone(), {"one", "two"});
  acknowledge_all(phone());
  relay_->flush();
  settle();
  const Sequence last = delivered_[phone()].back().sequence;
  crash_and_restart();
  delivered_.clear();
  EXPECT_EQ(attach(phone()), MailboxStatus{});
  send(phone(), {"three"});
  EXPECT_EQ(texts(phone()), Texts{"three"});
  EXPECT_GT(delivered_[phone()][0].sequence, last);
}

TEST_F(RelayTest, AnAcknowledgementThatWasNotYetDurableRepeatsDeliveriesAfterACrash) {
  attach(phone());
  send(phone(), {"one"});
  relay_->acknowledge(phone(), delivered_[phone()][0].sequence);
  crash_and_restart();
  attach(phone());
  EXPECT_EQ(texts(phone()), (Texts{"one", "one"}));
}

TEST_F(RelayTest, ATickMakesAcknowledgementsDurable) {
  attach(phone());
  send(phone(), {"one"});
  relay_->acknowledge(phone(), delivered_[phone()][0].sequence);
  relay_->tick(now_);
  settle();
  EXPECT_TRUE(stored(phone()).empty());
  crash_and_restart();
  EXPECT_EQ(attach(phone()), MailboxStatus{});
}

TEST_F(RelayTest, ALargeAcknowledgementBecomesDurableWithoutWaitingForATick) {
  attach(phone());
  send(phone(), Texts(kTrimEnvelopes, "x"));
  acknowledge_all(phone());
  crash_and_restart();
  EXPECT_EQ(attach(phone()).envelopes, 0u);
}

TEST_F(RelayTest, TheWindowBoundsWhatIsUnacknowledgedAndMovesOn) {
  limits_.window_envelopes = 3;
  start();
  attach(phone());
  send(phone(), {"1", "2", "3", "4", "5"});
  EXPECT_EQ(texts(phone()), (Texts{"1", "2", "3"}));
  relay_->acknowledge(phone(), delivered_[phone()][0].sequence);
  settle();
  EXPECT_EQ(texts(phone()), (Texts{"1", "2", "3", "4"}));
  acknowledge_all(phone());
  EXPECT_EQ(texts(phone()), (Texts{"1", "2", "3", "4", "5"}));
}

TEST_F(RelayTest, TheWindowBoundsOctetsButLetsALargeEnvelopeThrough) {
  limits_.window_octets = 10;
  start();
  attach(phone());
  send(phone(), {std::string(64, 'a'), "b", "c"});
  EXPECT_EQ(delivered_[phone()].size(), 1u);
  acknowledge_all(phone());
  EXPECT_EQ(delivered_[phone()].size(), 3u);
}

TEST_F(RelayTest, WhatOutgrowsTheTailIsReadBackInOrder) {
  limits_.window_envelopes = 1;
  start();
  attach(phone());
  const std::size_t count = kMaxTailEnvelopes * 3;
  for (std::size_t i = 0; i < count; ++i) send(phone(), {std::to_string(i)});
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(texts(phone()).size(), i + 1);
    ASSERT_EQ(texts(phone()).back(), std::to_string(i));
    acknowledge_all(phone());
  }
  EXPECT_EQ(relay_->status(phone())->envelopes, 0u);
}

TEST_F(RelayTest, AStaleManifestIsAnsweredWithWhatIsMissingAndExtra) {
  const DeviceAddress stranger{alice_, id<DeviceId>(9)};
  const auto number = submit({{phone(), {"x"}}, {stranger, {"y"}}}, 7);
  ASSERT_TRUE(results_.contains(number));
  const TargetResult& result = results_[number][0];
  EXPECT_EQ(result.status, TargetStatus::stale_manifest);
  EXPECT_EQ(result.current_version, 1u);
  EXPECT_EQ(result.missing_devices, std::vector{laptop().device});
  EXPECT_EQ(result.extra_devices, std::vector{stranger.device});
  EXPECT_EQ(counting_.commits, 0u);
}

TEST_F(RelayTest, ADeviceOutsideTheManifestIsRefusedAtTheCurrentVersionToo) {
  const auto number = submit({{{alice_, id<DeviceId>(9)}, {"y"}}});
  EXPECT_EQ(results_[number][0].status, TargetStatus::stale_manifest);
}

TEST_F(RelayTest, SomeDevicesOfTheCurrentManifestMayBeAddressedAlone) {
  EXPECT_EQ(send(laptop(), {"x"}).accepted, 1u);
}

TEST_F(RelayTest, AnUnknownAccountIsSaid) {
  const Target target{alice_, 1, std::nullopt, {}, {}};
  relay_->submit({77}, std::span(&target, 1), now_);
  EXPECT_EQ(results_[77][0].status, TargetStatus::no_such_account);
}

TEST_F(RelayTest, AFullMailboxTakesAPrefixAndDoesNotHoldUpOthers) {
  limits_.mailbox_envelopes = 3;
  start();
  send(phone(), {"1", "2"});
  const auto number = submit({{phone(), {"3", "4", "5"}}, {laptop(), {"a", "b", "c"}}});
  settle();
  EXPECT_EQ(results_[number][0].devices[0], (DeviceResult{1, Refusal::mailbox_full, kRetryMailboxFull}));
  EXPECT_EQ(results_[number][0].devices[1], (DeviceResult{3, Refusal::none, {}}));
  attach(phone());
  EXPECT_EQ(texts(phone()), (Texts{"1", "2", "3"}));
}

TEST_F(RelayTest, TheQuotaCountsWhatIsStillBeingWritten) {
  limits_.mailbox_octets = 10;
  start();
  const auto first = submit({{phone(), {"12345678"}}});
  const auto second = submit({{phone(), {"123"}}});
  EXPECT_EQ(results_.at(second)[0].devices[0].refusal, Refusal::mailbox_full);
  settle();
  EXPECT_EQ(results_.at(first)[0].devices[0].accepted, 1u);
}

TEST_F(RelayTest, AcknowledgingMakesRoomInAFullMailbox) {
  limits_.mailbox_envelopes = 2;
  start();
  attach(phone());
  send(phone(), {"1", "2"});
  EXPECT_EQ(send(phone(), {"3"}).refusal, Refusal::mailbox_full);
  acknowledge_all(phone());
  EXPECT_EQ(send(phone(), {"3"}).accepted, 1u);
}

TEST_F(RelayTest, AnEnvelopeOverTheLimitEndsTheListThere) {
  const std::string large(limits_.max_envelope_octets + 1, 'x');
  EXPECT_EQ(send(phone(), {"1", large, "3"}), (DeviceResult{1, Refusal::envelope_too_large, {}}));
  const std::string body(limits_.max_shared_body_octets + 1, 'x');
  const auto number = submit({{phone(), {"1"}}}, 1, body);
  EXPECT_EQ(results_.at(number)[0].devices[0].refusal, Refusal::envelope_too_large);
}

TEST_F(RelayTest, AFullDiskRefusesAndRecovers) {
  send(phone(), {"before"});
  store_.fail_next_commits(1, StorageError::no_space);
  EXPECT_EQ(send(phone(), {"lost"}), (DeviceResult{0, Refusal::storage_unavailable, kRetryStorage}));
  EXPECT_EQ(send(phone(), {"after"}).accepted, 1u);
  EXPECT_EQ(relay_->status(phone())->envelopes, 2u);
  attach(phone());
  EXPECT_EQ(texts(phone()), (Texts{"before", "after"}));
  acknowledge_all(phone());
  EXPECT_EQ(relay_->status(phone()), MailboxStatus{});
}

TEST_F(RelayTest, FailuresUnderPipeliningLeaveNoPhantomsOnceDrained) {
  attach(phone());
  for (int i = 0; i < 4; ++i) submit({{phone(), {std::to_string(i)}}});
  store_.fail_next_commits(3, StorageError::io_error);  // the index entry and the first two messages
  settle();
  EXPECT_EQ(texts(phone()), (Texts{"2", "3"}));
  acknowledge_all(phone());
  EXPECT_EQ(relay_->status(phone()), MailboxStatus{});
  relay_->flush();
  settle();
  crash_and_restart();
  EXPECT_EQ(attach(phone()), MailboxStatus{});
}

TEST_F(RelayTest, AFullCommitQueueIsSaidAtOnce) {
  MemoryStore tiny([](const auto&) {}, {1, 1 << 20});
  Relay relay(tiny, limits_, *this);
  const std::string payload = "x";
  Target target{alice_, 1, CurrentManifest{1, devices_}, {{phone().device, {as_bytes(payload)}}}, {}};
  relay.submit({500}, std::span(&target, 1), now_);  // the index entry fills the queue
  EXPECT_EQ(results_.at(500)[0].devices[0], (DeviceResult{0, Refusal::overloaded, kRetryOverloaded}));
}

TEST_F(RelayTest, AReadFailureRefusesOneDeviceOnly) {
  store_.fail_next_reads(1, StorageError::io_error);
  const auto number = submit({{phone(), {"x"}}, {laptop(), {"y"}}});
  settle();
  EXPECT_EQ(results_[number][0].devices[0].refusal, Refusal::storage_unavailable);
  EXPECT_EQ(results_[number][0].devices[1].accepted, 1u);
}

TEST_F(RelayTest, ReadFailuresAreErrorsOfAttachAndStatus) {
  store_.fail_next_reads(1, StorageError::io_error);
  EXPECT_EQ(relay_->attach(phone(), now_).error(), RelayError::storage_unavailable);
  store_.fail_next_reads(1, StorageError::corrupt);
  EXPECT_EQ(relay_->status(phone()).error(), RelayError::corrupt);
  EXPECT_EQ(relay_->counts().attached, 0u);
}

TEST_F(RelayTest, AFailedReadWhilePushingIsRetried) {
  send(phone(), {"one"});
  ASSERT_TRUE(relay_->attach(phone(), now_));
  store_.fail_next_reads(1, StorageError::io_error);
  relay_->turn_end();
  EXPECT_TRUE(texts(phone()).empty());
  relay_->turn_end();
  EXPECT_EQ(texts(phone()), Texts{"one"});
}

TEST_F(RelayTest, AFailedTrimIsRepeatedByATick) {
  attach(phone());
  send(phone(), {"one"});
  acknowledge_all(phone());
  store_.fail_next_commits(1, StorageError::no_space);
  relay_->tick(now_);
  settle();
  relay_->tick(now_);
  settle();
  crash_and_restart();
  EXPECT_EQ(attach(phone()).envelopes, 0u);
}

TEST_F(RelayTest, ATrimThatWasLostWithAFailedAppendIsRepeated) {
  attach(phone());
  for (std::uint64_t i = 0; i < kCheckpointEnvelopes; ++i) send(phone(), {"x"});
  acknowledge_all(phone());
  store_.fail_next_commits(1, StorageError::no_space);
  submit({{phone(), {"carries the next checkpoint, and the trim"}}});
  relay_->tick(now_);  // has nothing left to trim
  settle();
  ASSERT_FALSE(stored(phone()).empty());
  relay_->tick(now_);
  settle();
  EXPECT_TRUE(stored(phone()).empty());
}

TEST_F(RelayTest, AnExpiryIndexThatFailedIsWrittenWithTheNextMessage) {
  const auto indexed = [&] { return store_.scan(expiry_partition(), {}, std::nullopt, {})->entries.size(); };
  store_.fail_next_commits(1, StorageError::no_space);
  send(phone(), {"one"});
  EXPECT_EQ(indexed(), 0u);
  send(phone(), {"two"});
  EXPECT_EQ(indexed(), 1u);
  const std::size_t commits = counting_.commits;
  send(phone(), {"three"});
  EXPECT_EQ(counting_.commits, commits + 1) << "once a day is enough";
}

TEST_F(RelayTest, AnAcknowledgementInAGapCountsWhatIsBeforeIt) {
  send(phone(), {"one"});
  store_.fail_next_commits(1, StorageError::io_error);
  send(phone(), {"lost"});
  send(phone(), {"three"});
  ASSERT_TRUE(relay_->attach(phone(), now_));
  relay_->acknowledge(phone(), {2});
  EXPECT_EQ(relay_->status(phone())->envelopes, 1u);
  settle();
  EXPECT_EQ(texts(phone()), Texts{"three"});
}

TEST_F(RelayTest, WhatWasInFlightWhenADeviceWasRemovedIsNotPushedToItsReturn) {
  attach(phone());
  submit({{phone(), {"in flight"}}});
  ASSERT_TRUE(relay_->remove(phone()));
  attach(phone());
  EXPECT_TRUE(texts(phone()).empty());
  send(phone(), {"new"});
  EXPECT_EQ(texts(phone()), Texts{"new"});
}

TEST_F(RelayTest, RemovingADeviceEmptiesItsMailboxForGood) {
  attach(phone());
  send(phone(), {"one"});
  submit({{phone(), {"in flight"}}});
  ASSERT_TRUE(relay_->remove(phone()));
  settle();
  delivered_.clear();
  EXPECT_EQ(relay_->status(phone()), MailboxStatus{});
  EXPECT_EQ(relay_->counts().attached, 0u);
  crash_and_restart();
  EXPECT_EQ(attach(phone()), MailboxStatus{});
  EXPECT_EQ(send(phone(), {"added again"}).accepted, 1u);
  EXPECT_EQ(texts(phone()), Texts{"added again"});
}

TEST_F(RelayTest, EnvelopesOlderThanTheTtlAreSweptUnread) {
  send(phone(), {"old", "old too"});
  now_ = now_ + hours(25);
  send(phone(), {"newer"});
  now_ = kStart + limits_.ttl + days(1);
  relay_->tick(now_);
  settle();
  EXPECT_EQ(relay_->counts().expired, 2u);
  EXPECT_EQ(relay_->status(phone())->envelopes, 1u);
  EXPECT_EQ(relay_->status(phone())->oldest, kStart + hours(25));
  now_ = now_ + days(1);
  for (int i = 0; i < 3; ++i) {
    relay_->tick(now_);
    settle();
  }
  EXPECT_EQ(relay_->status(phone()), MailboxStatus{});
  const auto page = store_.scan(expiry_partition(), {}, std::nullopt, {});
  EXPECT_TRUE(page->entries.empty()) << "the index forgets mailboxes it has swept";
}

TEST_F(RelayTest, ALargeExpiryIsSpreadOverTicks) {
  const std::size_t count = kMaxExpiryScan * 2 + 10;
  for (std::size_t i = 0; i < count; ++i) send(phone(), {"x"});
  now_ = now_ + limits_.ttl + days(1);
  for (int i = 0; i < 2; ++i) {
    relay_->tick(now_);
    settle();
    EXPECT_GT(relay_->status(phone())->envelopes, 0u);
  }
  relay_->tick(now_);
  settle();
  EXPECT_EQ(relay_->status(phone()), MailboxStatus{});
}

TEST_F(RelayTest, ExpiryMakesRoomWhenAMailboxIsFull) {
  limits_.mailbox_envelopes = 1;
  start();
  send(phone(), {"old"});
  now_ = now_ + limits_.ttl;
  EXPECT_EQ(send(phone(), {"new"}).accepted, 1u);
  attach(phone());
  EXPECT_EQ(texts(phone()), Texts{"new"});
}

TEST_F(RelayTest, IdleMailboxesAreDroppedFromMemoryAndComeBack) {
  limits_.idle_mailboxes = 1;
  start();
  send(phone(), {"one"});
  send(laptop(), {"two"});
  EXPECT_EQ(relay_->counts().mailboxes, 1u);
  EXPECT_EQ(attach(phone()), (MailboxStatus{1, 3, kStart}));
  EXPECT_EQ(attach(laptop()), (MailboxStatus{1, 3, kStart}));
}

TEST_F(RelayTest, TheCostOfAMessageDoesNotDependOnTheBacklog) {
  limits_.mailbox_envelopes = 1'000'000;
  start();
  for (int i = 0; i < 100'000; ++i) {
    submit({{phone(), {"x"}}});
    if (i % 1000 == 0) settle();
  }
  settle();
  crash_and_restart();
  counting_.reads = counting_.entries = counting_.commits = 0;
  send(phone(), {"cold"});
  EXPECT_LE(counting_.reads, 2u);
  EXPECT_LE(counting_.entries, kCheckpointEnvelopes);
  counting_.reads = counting_.entries = counting_.commits = 0;
  for (int i = 0; i < 100; ++i) send(phone(), {"warm"});
  EXPECT_EQ(counting_.reads, 0u);
  EXPECT_EQ(counting_.commits, 100u);
  EXPECT_EQ(relay_->status(phone())->envelopes, 100'101u);
  counting_.entries = 0;
  attach(phone());
  EXPECT_LE(counting_.entries, limits_.window_envelopes + kMaxExpiryScan + 1);
}

TEST_F(RelayTest, AHerdOfReconnectingDevicesIsServedOverSeveralTurns) {
  std::vector<DeviceId> many;
  for (std::size_t i = 0; i < kMaxPagesPerTurn + 5; ++i) {
    ByteArray<16> octets{};
    octets[0] = static_cast<std::uint8_t>(i);
    octets[1] = static_cast<std::uint8_t>(i >> 8);
    many.emplace_back(octets);
  }
  const std::string payload = "x";
  Target target{alice_, 1, CurrentManifest{1, many}, {}, {}};
  for (const DeviceId& device : many) target.devices.push_back({device, {as_bytes(payload)}});
  relay_->submit({900}, std::span(&target, 1), now_);
  settle();
  for (const DeviceId& device : many) ASSERT_TRUE(relay_->attach({alice_, device}, now_));
  EXPECT_TRUE(relay_->turn_end());
  EXPECT_LE(delivered_.size(), kMaxPagesPerTurn);
  EXPECT_FALSE(relay_->turn_end());
  EXPECT_EQ(delivered_.size(), many.size());
}

TEST_F(RelayTest, TheSenderIsNowhereInTheStore) {
  // The API takes no sender; this pins the record's length so that nobody adds one without thought.
  send(phone(), {"payload"});
  ASSERT_EQ(stored(phone()).size(), 1u);
  EXPECT_EQ(stored(phone())[0].value.size(), 1u + 8 + 8 + 8 + 4 + 7 + 4);
}

}  // namespace
}  // namespace sotto::relay
