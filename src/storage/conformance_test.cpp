// The one suite that every backend passes: the contract of store.h.
#include <gtest/gtest.h>

#include <random>

#include "storage/test_backend.h"

namespace sotto::storage {
namespace {

template <typename Backend>
class Conformance : public testing::Test {
 protected:
  StorageResult<PartitionVersion> commit(Batch batch) { return commit_and_wait(backend_, std::move(batch)); }
  StorageResult<PartitionVersion> put(std::string_view key, std::string_view value) {
    return commit(Batch(box_).put(as_bytes(key), octets(value)));
  }
  std::string get(std::string_view key) { return get_text(store(), box_, key); }
  Page scan(std::string_view from, std::optional<std::string_view> to = {}, ScanLimits limits = {}) {
    std::optional<ByteView> end;
    if (to) end = as_bytes(*to);
    return store().scan(box_, as_bytes(from), end, limits).value();
  }
  Store& store() { return backend_.store(); }

  const Partition box_ = partition("box");
  Backend backend_;
};

using Backends = testing::Types<MemoryBackend, RocksDbBackend>;
TYPED_TEST_SUITE(Conformance, Backends);

TYPED_TEST(Conformance, APartitionThatWasNeverWrittenIsEmptyAtVersionZero) {
  EXPECT_EQ(this->get("k"), "(none)");
  EXPECT_EQ(text(this->scan("")), "");
  EXPECT_EQ(this->store().version(this->box_), PartitionVersion{0});
}

TYPED_TEST(Conformance, ACommittedBatchIsReadBackWholeAndRaisesTheVersionByOne) {
  EXPECT_EQ(this->commit(Batch(this->box_).put(as_bytes("a"), octets("1")).put(as_bytes("b"), octets("2"))),
            PartitionVersion{1});
  EXPECT_EQ(text(this->scan("")), "a=1 b=2 ");
  EXPECT_EQ(this->commit(Batch(this->box_).erase(as_bytes("a")).erase(as_bytes("never"))),
            PartitionVersion{2});
  EXPECT_EQ(this->get("a"), "(none)");
  EXPECT_EQ(this->get("b"), "2");
  EXPECT_EQ(this->scan("").version, PartitionVersion{2});
  EXPECT_EQ(this->commit(Batch(this->box_)), PartitionVersion{3});
}

TYPED_TEST(Conformance, WritesOfOneBatchApplyInOrder) {
  Batch batch(this->box_);
  batch.put(as_bytes("k"), octets("1")).erase(as_bytes("k")).put(as_bytes("k"), octets("2"));
  batch.put(as_bytes("gone"), octets("1")).erase(as_bytes("gone"));
  EXPECT_TRUE(this->commit(std::move(batch)));
  EXPECT_EQ(text(this->scan("")), "k=2 ");
}

TYPED_TEST(Conformance, AnEmptyValueIsNotNoValue) {
  EXPECT_TRUE(this->put("k", ""));
  EXPECT_EQ(this->get("k"), "");
}

TYPED_TEST(Conformance, PartitionsDoNotSeeEachOthersKeysHoweverTheirNamesOverlap) {
  using namespace std::string_view_literals;
  const std::vector<std::string_view> names = {"a"sv,  "a\0"sv, "a\1"sv,  "ab"sv,
                                               "\0"sv, "\1"sv,  "\xff"sv, "\xff\xff"sv};
  std::size_t index = 0;
  for (const auto name : names) {
    Batch batch(partition(name));
    batch.put(as_bytes("\0"sv), octets(std::to_string(index)))
        .put(as_bytes("b"), octets(std::to_string(index)));
    EXPECT_TRUE(this->commit(std::move(batch)));
    ++index;
  }
  index = 0;
  for (const auto name : names) {
    const Page page = this->store().scan(partition(name), {}, std::nullopt, {}).value();
    ASSERT_EQ(page.entries.size(), 2U);
    EXPECT_EQ(as_chars(page.entries[0].value), std::to_string(index));
    EXPECT_EQ(as_chars(page.entries[1].value), std::to_string(index));
    EXPECT_EQ(page.version, PartitionVersion{1});
    ++index;
  }
}

TYPED_TEST(Conformance, AScanCoversItsHalfOpenRangeInLexicographicOrder) {
  Batch batch(this->box_);
  for (const char* key : {"b", "a", "ab", "\xff", "c", "B"}) batch.put(as_bytes(key), octets("."));
  ASSERT_TRUE(this->commit(std::move(batch)));
  EXPECT_EQ(text(this->scan("")), "B=. a=. ab=. b=. c=. \xff=. ");
  EXPECT_EQ(text(this->scan("a", "b")), "a=. ab=. ");
  EXPECT_EQ(text(this->scan("aa", "c")), "ab=. b=. ");
  EXPECT_EQ(text(this->scan("c", "a")), "");
  EXPECT_EQ(text(this->scan("a", "")), "");
}

TYPED_TEST(Conformance, AScanPagesByEntriesAndByOctetsAndAlwaysMakesProgress) {
  Batch batch(this->box_);
  for (const char* key : {"a", "b", "c"}) batch.put(as_bytes(key), octets("123456789"));
  ASSERT_TRUE(this->commit(std::move(batch)));
  const Page two = this->scan("", {}, {.max_entries = 2});
  EXPECT_EQ(two.entries.size(), 2U);
  EXPECT_TRUE(two.more);
  const Page rest = this->scan(std::string_view("b\0", 2), {}, {.max_entries = 2});
  EXPECT_EQ(text(rest), "c=123456789 ");
  EXPECT_FALSE(rest.more);
  EXPECT_EQ(this->scan("", {}, {.max_entries = 9, .max_octets = 20}).entries.size(), 2U);
  EXPECT_EQ(this->scan("", {}, {.max_entries = 9, .max_octets = 19}).entries.size(), 1U);
  EXPECT_EQ(this->scan("", {}, {.max_entries = 9, .max_octets = 1}).entries.size(), 1U);
  const Page none = this->scan("", {}, {.max_entries = 0});
  EXPECT_TRUE(none.entries.empty());
  EXPECT_TRUE(none.more);
  EXPECT_FALSE(this->scan("a", "b", {.max_entries = 1}).more);
}

TYPED_TEST(Conformance, APageNeverExceedsTheMaximaWhateverTheLimits) {
  Batch batch(this->box_);
  for (std::size_t i = 0; i < kMaxPageEntries + 1; ++i) {
    batch.put(as_bytes("k" + std::to_string(i)), {});
  }
  ASSERT_TRUE(this->commit(std::move(batch)));
  const std::size_t huge = std::size_t{1} << 40;
  EXPECT_EQ(this->scan("", {}, {.max_entries = huge, .max_octets = huge}).entries.size(), kMaxPageEntries);
}

TYPED_TEST(Conformance, ABatchWithAnotherExpectedVersionFailsAlone) {
  ASSERT_TRUE(this->store().commit(Batch(this->box_).put(as_bytes("a"), octets("1")), Ticket{1}));
  ASSERT_TRUE(this->store().commit(Batch(this->box_).put(as_bytes("b"), octets("2")).expect({0}), Ticket{2}));
  ASSERT_TRUE(this->store().commit(Batch(this->box_).put(as_bytes("c"), octets("3")).expect({1}), Ticket{3}));
  ASSERT_TRUE(
      this->store().commit(Batch(partition("x")).put(as_bytes("a"), octets("1")).expect({0}), Ticket{4}));
  const auto done = this->backend_.settle(4);
  ASSERT_EQ(done.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(done[i].ticket, Ticket{i + 1});
  EXPECT_EQ(done[0].result, PartitionVersion{1});
  EXPECT_EQ(done[1].result, StorageResult<PartitionVersion>(err(StorageError::conflict)));
  EXPECT_EQ(done[2].result, PartitionVersion{2});
  EXPECT_EQ(done[3].result, PartitionVersion{1});
  EXPECT_EQ(text(this->scan("")), "a=1 c=3 ");
}

TYPED_TEST(Conformance, ATrimHidesTheKeysOfItsQueueUpToTheWatermarkAtOnce) {
  Batch batch(this->box_);
  for (const char* key : {"p9", "q", "q1", "q2", "q20", "q3", "r1"}) batch.put(as_bytes(key), octets("."));
  ASSERT_TRUE(this->commit(std::move(batch)));
  ASSERT_EQ(this->commit(Batch(this->box_).trim_up_to(as_bytes("q2"))), PartitionVersion{2});
  EXPECT_EQ(text(this->scan("")), "p9=. q20=. q3=. r1=. ");
  EXPECT_EQ(text(this->scan("q1", "q3")), "q20=. ");
  for (const char* key : {"q", "q1", "q2"}) EXPECT_EQ(this->get(key), "(none)");
  for (const char* key : {"p9", "q20", "q3", "r1"}) EXPECT_EQ(this->get(key), ".");
}

TYPED_TEST(Conformance, AWatermarkNeverFallsAndNeedNotBeAKey) {
  ASSERT_TRUE(
      this->commit(Batch(this->box_).put(as_bytes("q4"), octets(".")).put(as_bytes("q7"), octets("."))));
  ASSERT_TRUE(this->commit(Batch(this->box_).trim_up_to(as_bytes("q5"))));
  ASSERT_TRUE(this->commit(Batch(this->box_).trim_up_to(as_bytes("q1"))));
  EXPECT_EQ(text(this->scan("")), "q7=. ");
  EXPECT_EQ(this->put("q5", "."), StorageResult<PartitionVersion>(err(StorageError::trimmed)));
}

TYPED_TEST(Conformance, APutAtOrBelowAnEarlierWatermarkFailsAndADeleteThereDoesNothing) {
  ASSERT_TRUE(this->commit(Batch(this->box_).trim_up_to(as_bytes("q5"))));
  Batch below(this->box_);
  below.put(as_bytes("other"), octets(".")).put(as_bytes("q4"), octets("."));
  EXPECT_EQ(this->commit(std::move(below)), StorageResult<PartitionVersion>(err(StorageError::trimmed)));
  EXPECT_EQ(this->get("other"), "(none)");
  EXPECT_EQ(this->commit(Batch(this->box_).erase(as_bytes("q4"))), PartitionVersion{2});
  EXPECT_EQ(this->put("q6", "."), PartitionVersion{3});
  EXPECT_TRUE(this->commit(Batch(partition("elsewhere")).put(as_bytes("q4"), octets("."))));
}

TYPED_TEST(Conformance, ABatchMayTrimWhatItPuts) {
  Batch batch(this->box_);
  batch.put(as_bytes("q1"), octets(".")).put(as_bytes("q2"), octets(".")).trim_up_to(as_bytes("q1"));
  ASSERT_TRUE(this->commit(std::move(batch)));
  EXPECT_EQ(text(this->scan("")), "q2=. ");
}

TYPED_TEST(Conformance, CommitsOfOneGroupSeeEachOther) {
  ASSERT_TRUE(this->store().commit(Batch(this->box_).put(as_bytes("q1"), octets("1")), Ticket{1}));
  ASSERT_TRUE(this->store().commit(Batch(this->box_).trim_up_to(as_bytes("q1")), Ticket{2}));
  ASSERT_TRUE(this->store().commit(Batch(this->box_).put(as_bytes("q1"), octets("2")), Ticket{3}));
  ASSERT_TRUE(this->store().commit(Batch(this->box_).put(as_bytes("q2"), octets("2")), Ticket{4}));
  const auto done = this->backend_.settle(4);
  ASSERT_EQ(done.size(), 4U);
  EXPECT_EQ(done[2].result, StorageResult<PartitionVersion>(err(StorageError::trimmed)));
  EXPECT_EQ(done[3].result, PartitionVersion{3});
  EXPECT_EQ(text(this->scan("")), "q2=2 ");
}

TYPED_TEST(Conformance, EverythingCompletedSurvivesARestart) {
  ASSERT_TRUE(
      this->commit(Batch(this->box_).put(as_bytes("k"), octets("v")).put(as_bytes("q9"), octets("v"))));
  ASSERT_TRUE(this->commit(Batch(this->box_).trim_up_to(as_bytes("q5"))));
  this->backend_.restart();
  EXPECT_EQ(text(this->scan("")), "k=v q9=v ");
  EXPECT_EQ(this->store().version(this->box_), PartitionVersion{2});
  EXPECT_EQ(this->put("q5", "."), StorageResult<PartitionVersion>(err(StorageError::trimmed)));
}

TYPED_TEST(Conformance, LimitsAreAcceptedExactlyAndRefusedOneAbove) {
  const auto refused = [](StorageError error) { return StorageResult<void>(err(error)); };
  Store& store = this->store();
  EXPECT_EQ(Partition::create({}).error(), StorageError::partition_length);
  EXPECT_EQ(Partition::create(Bytes(kMaxPartitionOctets + 1)).error(), StorageError::partition_length);
  const Partition longest = Partition::create(Bytes(kMaxPartitionOctets, 0xff)).value();
  const Bytes key(kMaxKeyOctets, 0xff);
  const Bytes long_key(kMaxKeyOctets + 1, 0xff);
  EXPECT_TRUE(this->commit(Batch(longest).put(key, Bytes(kMaxValueOctets))));
  EXPECT_EQ(store.get(longest, key).value().value().size(), kMaxValueOctets);

  EXPECT_EQ(store.commit(Batch(longest).put(key, Bytes(kMaxValueOctets + 1)), {}),
            refused(StorageError::value_too_large));
  EXPECT_EQ(store.commit(Batch(longest).put({}, {}), {}), refused(StorageError::key_length));
  EXPECT_EQ(store.commit(Batch(longest).put(long_key, {}), {}), refused(StorageError::key_length));
  EXPECT_EQ(store.commit(Batch(longest).erase(long_key), {}), refused(StorageError::key_length));
  EXPECT_EQ(store.commit(Batch(longest).trim_up_to({}), {}), refused(StorageError::key_length));
  EXPECT_EQ(store.get(longest, {}).error(), StorageError::key_length);
  EXPECT_EQ(store.get(longest, long_key).error(), StorageError::key_length);
  EXPECT_TRUE(store.scan(longest, long_key, std::nullopt, {}));
  EXPECT_EQ(store.scan(longest, Bytes(kMaxScanBoundOctets + 1), std::nullopt, {}).error(),
            StorageError::key_length);
  EXPECT_EQ(store.scan(longest, {}, Bytes(kMaxScanBoundOctets + 1), {}).error(), StorageError::key_length);

  Batch many(longest);
  for (std::size_t i = 0; i < kMaxBatchWrites; ++i) many.erase(as_bytes("k"));
  EXPECT_TRUE(this->commit(many));
  EXPECT_EQ(store.commit(many.trim_up_to(as_bytes("q")), {}), refused(StorageError::batch_too_large));
  Batch heavy(longest);
  for (std::size_t i = 0; i < kMaxBatchOctets / kMaxValueOctets; ++i) heavy.put(key, Bytes(kMaxValueOctets));
  EXPECT_EQ(store.commit(std::move(heavy), {}), refused(StorageError::batch_too_large));
  EXPECT_EQ(store.version(longest), PartitionVersion{2});
}

template <typename Backend>
class ConformanceBounds : public testing::Test {};
TYPED_TEST_SUITE(ConformanceBounds, Backends);

TYPED_TEST(ConformanceBounds, ACommitBeyondTheQueuesBoundIsRefusedAndNotQueued) {
  TypeParam no_batches(QueueBounds{.batches = 0});
  const StorageResult<void> overloaded = err(StorageError::overloaded);
  EXPECT_EQ(no_batches.store().commit(Batch(partition("p")), Ticket{1}), overloaded);
  TypeParam few_octets(QueueBounds{.octets = 2000});
  EXPECT_EQ(few_octets.store().commit(Batch(partition("p")).put(as_bytes("k"), Bytes(2000)), Ticket{1}),
            overloaded);
  // Room comes back with every completed group.
  for (int i = 1; i <= 20; ++i) {
    EXPECT_TRUE(commit_and_wait(few_octets, Batch(partition("p")).put(as_bytes("k"), Bytes(1000)))) << i;
  }
  EXPECT_EQ(few_octets.store().version(partition("p")), PartitionVersion{20});
}

// The contract once more, written so plainly that it is right by inspection.
struct ModelPartition {
  std::map<Bytes, Bytes> entries;
  std::vector<Bytes> trims;
  std::uint64_t version = 0;

  static bool covers(const Bytes& trim, const Bytes& key) { return key[0] == trim[0] && key <= trim; }

  StorageResult<PartitionVersion> apply(const Batch& batch) {
    if (batch.expected && batch.expected->value != version) return err(StorageError::conflict);
    for (const Write& write : batch.writes) {
      for (const Bytes& trim : trims) {
        if (write.value && covers(trim, write.key)) return err(StorageError::trimmed);
      }
    }
    for (const Write& write : batch.writes) {
      if (write.value) {
        entries[write.key] = *write.value;
      } else {
        entries.erase(write.key);
      }
    }
    for (const Bytes& trim : batch.trims) {
      std::erase_if(entries, [&](const auto& entry) { return covers(trim, entry.first); });
      trims.push_back(trim);
    }
    return PartitionVersion{++version};
  }
};

template <typename Backend>
class ConformanceModel : public testing::Test {
 protected:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  // Few distinct keys, so that overwrites, deletes and trims hit; octets at the ends of their range.
  Bytes key() {
    static constexpr std::uint8_t kOctets[] = {0x00, 0x01, 'q', 0xff};
    Bytes out(1 + below(3));
    for (auto& octet : out) octet = kOctets[below(4)];
    return out;
  }

  // Mostly puts of rising queue keys, as mailboxes do, with everything else mixed in.
  Batch batch() {
    Batch out(names_[below(names_.size())]);
    const std::uint64_t seen = model_[out.partition].version;
    for (std::size_t i = below(5); i > 0; --i) {
      if (below(4) == 0) {
        out.erase(key());
      } else {
        out.put(below(2) == 0 ? key() : queue_key(seen),
                Bytes(below(3000), static_cast<std::uint8_t>(random_())));
      }
    }
    if (below(4) == 0) out.trim_up_to(queue_key(seen < 8 ? 0 : seen - 8));
    if (below(40) == 0) out.trim_up_to(key());
    if (below(4) == 0) out.expect({seen + below(2)});
    return out;
  }
  Bytes queue_key(std::uint64_t at) {
    return {'t', static_cast<std::uint8_t>(at >> 8), static_cast<std::uint8_t>(at),
            static_cast<std::uint8_t>(below(3))};
  }

  void commit_burst(Backend& backend) {
    std::vector<StorageResult<PartitionVersion>> expected;
    for (std::size_t i = 0, count = 1 + below(12); i < count; ++i) {
      const Batch next = batch();
      expected.push_back(model_[next.partition].apply(next));
      ASSERT_TRUE(backend.store().commit(next, Ticket{i}));
    }
    const auto done = backend.settle(expected.size());
    ASSERT_EQ(done.size(), expected.size());
    for (std::size_t i = 0; i < done.size(); ++i) {
      EXPECT_EQ(done[i].ticket, Ticket{i});
      EXPECT_EQ(done[i].result, expected[i]) << "batch " << i;
    }
  }

  void compare_reads(Store& store) {
    const Partition& name = names_[below(names_.size())];
    const ModelPartition& model = model_[name];
    EXPECT_EQ(store.version(name), PartitionVersion{model.version});
    const Bytes one = key();
    const auto found = model.entries.find(one);
    EXPECT_EQ(store.get(name, one).value(),
              found == model.entries.end() ? std::nullopt : std::optional<Bytes>(found->second));
    compare_scan(store, name, below(2) == 0 ? key() : Bytes{},
                 below(2) == 0 ? std::optional<Bytes>(key()) : std::nullopt);
  }

  void compare_scan(Store& store, const Partition& name, Bytes from, const std::optional<Bytes>& to) {
    std::vector<Entry> expected;
    for (const auto& [at, value] : model_[name].entries) {
      if (at >= from && (!to || at < *to)) expected.push_back({at, value});
    }
    std::vector<Entry> actual;
    for (bool more = true; more;) {
      auto page =
          store.scan(name, from, to, {.max_entries = 1 + below(8), .max_octets = 1 + below(10'000)}).value();
      for (Entry& entry : page.entries) actual.push_back(std::move(entry));
      more = page.more;
      if (more) {
        from = actual.back().key;
        from.push_back(0);
      }
    }
    EXPECT_EQ(actual, expected);
  }

  std::mt19937_64 random_;
  const std::vector<Partition> names_ = {partition("a"), partition("ab"),
                                         partition(std::string_view("a\0", 2)), partition("\1"),
                                         Partition::create(Bytes(64, 0xff)).value()};
  std::map<Partition, ModelPartition> model_;
};
TYPED_TEST_SUITE(ConformanceModel, Backends);

TYPED_TEST(ConformanceModel, AgreesWithAPlainMapOverRandomCommitsScansAndRestarts) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    this->random_.seed(seed);
    this->model_.clear();
    TypeParam backend;
    for (int step = 0; step < 150 && !this->HasFailure(); ++step) {
      this->commit_burst(backend);
      for (int i = 0; i < 4; ++i) this->compare_reads(backend.store());
      if (this->below(40) == 0) backend.restart();
    }
    for (const Partition& name : this->names_) this->compare_scan(backend.store(), name, {}, std::nullopt);
  }
}

}  // namespace
}  // namespace sotto::storage
