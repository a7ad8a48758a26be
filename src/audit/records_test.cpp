// What is kept in files and exported: round trips, truncation at every length, damage.
#include <gtest/gtest.h>

#include "audit/finding.h"
#include "audit/head_check.h"
#include "audit/history_record.h"
#include "audit/pinned_log.h"
#include "audit/test_world.h"
#include "sotto/v1/audit.pb.h"

namespace sotto::audit {
namespace {

using testing::kNow;
using testing::LogServer;
using testing::TestKeys;
using transparency::TransparencyError;

class RecordsTest : public ::testing::Test {
 protected:
  RecordsTest() { server.grow(9); }

  [[nodiscard]] Finding sample() const {
    return {.kind = FindingKind::entry,
            .rule = TransparencyError::wrong_version,
            .keys = keys.public_keys(),
            .followed = 5,
            .found = kNow,
            .known = server.log.head(5, kNow),
            .head = server.log.head(9, kNow),
            .entry = server.log.entries[5],
            .mutations = server.log.lists[5],
            .evidence = {}};
  }
  static AuditResult<Finding> decoded(ByteView octets) {
    v1::ViolationReport message;
    if (!wire::decode(octets, kMaxReportOctets, message)) return err(AuditError::damaged);
    return from_wire(message);
  }

  mutable crypto::DeterministicRandom random{1};
  TestKeys keys{random};
  LogServer server{keys, random};
};

TEST_F(RecordsTest, HistoryComesBackInAnyPieces) {
  Bytes all;
  for (std::size_t i = 0; i < server.log.entries.size(); ++i) {
    const Bytes record = encode(server.log.entries[i], server.log.lists[i]);
    all.insert(all.end(), record.begin(), record.end());
  }
  for (const std::size_t piece : {std::size_t{1}, std::size_t{97}, all.size()}) {
    HistoryDecoder decoder;
    std::size_t records = 0;
    for (std::size_t at = 0; at < all.size(); at += piece) {
      decoder.feed(ByteView(all).subspan(at, std::min(piece, all.size() - at)));
      for (auto record = decoder.next(); record && *record; record = decoder.next()) {
        EXPECT_EQ(**record, (HistoryRecord{server.log.entries[records], server.log.lists[records]}));
        ++records;
      }
    }
    EXPECT_EQ(records, server.log.entries.size());
    EXPECT_EQ(decoder.taken(), all.size());
  }
}

TEST_F(RecordsTest, HistoryEndsWhereItIsTornAndIsDamagedWhereItIsChanged) {
  const Bytes record = encode(server.log.entries[7], server.log.lists[7]);
  for (std::size_t size = 0; size < record.size(); ++size) {
    HistoryDecoder decoder;
    decoder.feed(ByteView(record).first(size));
    const auto none = decoder.next();
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
  }
  for (std::size_t at = 0; at < record.size(); ++at) {
    Bytes changed = record;
    changed[at] ^= 1;
    HistoryDecoder decoder;
    decoder.feed(changed);
    const auto result = decoder.next();
    EXPECT_FALSE(result && *result) << at;
  }
}

TEST_F(RecordsTest, ThePinnedLogComesBack) {
  const PinnedLog pinned{"chat.example.org", keys.public_keys()};
  const Bytes octets = pinned.encoded();
  EXPECT_EQ(PinnedLog::parse(octets), pinned);
  for (std::size_t size = 0; size < octets.size(); ++size) {
    EXPECT_EQ(PinnedLog::parse(ByteView(octets).first(size)).error(), AuditError::damaged);
  }
  Bytes other_format = octets;
  other_format[0] = 2;
  EXPECT_EQ(PinnedLog::parse(other_format).error(), AuditError::damaged);
}

TEST_F(RecordsTest, AReportComesBackAndIsNoEvidence) {
  const Finding report = sample();
  const Bytes octets = exported(report);
  EXPECT_EQ(decoded(octets), report);
  EXPECT_TRUE(check(report));
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto part = decoded(ByteView(octets).first(size));
    EXPECT_FALSE(part && *part == report);
  }
  v1::ForkEvidence evidence;
  ASSERT_TRUE(wire::decode(octets, kMaxReportOctets, evidence));
  EXPECT_FALSE(transparency::from_wire(evidence));
}

TEST_F(RecordsTest, AReportIsBelievedNoFurtherThanItsSignatures) {
  Finding forged = sample();
  forged.head->signature[3] ^= 1;
  EXPECT_EQ(check(forged).error(), AuditError::bad_head);
  Finding empty = sample();
  empty.entry.reset();
  EXPECT_EQ(check(empty).error(), AuditError::damaged);
  Finding no_rollback = sample();
  no_rollback.kind = FindingKind::rolled_back;
  EXPECT_EQ(check(no_rollback).error(), AuditError::damaged);
}

TEST_F(RecordsTest, FindingsAreToldInWords) {
  Finding told = sample();
  for (const auto rule :
       {TransparencyError::wrong_list, TransparencyError::wrong_epoch, TransparencyError::time_went_back,
        TransparencyError::wrong_version, TransparencyError::wrong_root}) {
    told.rule = rule;
    EXPECT_NE(explain(told).find("Entry 5"), std::string::npos);
    EXPECT_FALSE(name_of(rule).empty());
  }
  told.kind = FindingKind::rolled_back;
  EXPECT_NE(explain(told).find("taken back"), std::string::npos);
  told.kind = FindingKind::own_record;
  EXPECT_NE(explain(told).find("own record"), std::string::npos);
  EXPECT_EQ(utc_text({1'767'225'600'000}), "2026-01-01T00:00:00Z");
  EXPECT_EQ(utc_text({951'782'399'000}), "2000-02-28T23:59:59Z");
  EXPECT_EQ(utc_text({951'868'799'000}), "2000-02-29T23:59:59Z");
  EXPECT_EQ(utc_text({0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text({253'402'300'799'000}), "9999-12-31T23:59:59Z");
  EXPECT_EQ(utc_text({~std::uint64_t{0}}), "18446744073709551615 ms");
  for (const auto error : {AuditError::malformed_answer, AuditError::unsupported_server,
                           AuditError::other_log, AuditError::bad_statement, AuditError::bad_head,
                           AuditError::refused, AuditError::no_answer, AuditError::damaged}) {
    EXPECT_NE(describe(error), "unknown audit error");
  }
}

TEST_F(RecordsTest, PathsOutOfTheHistoryAreThoseOfTheLog) {
  testing::Disk disk;
  for (std::size_t i = 0; i < server.log.entries.size(); ++i) {
    const Bytes record = encode(server.log.entries[i], server.log.lists[i]);
    disk.history.insert(disk.history.end(), record.begin(), record.end());
  }
  const std::uint64_t size = server.log.tree.size();
  for (std::uint64_t second = 2; second <= size; ++second) {
    EXPECT_EQ(root_at(disk.leaves(), second), server.log.tree.root(second));
    for (std::uint64_t first = 1; first < second; ++first) {
      EXPECT_EQ(consistency_path(disk.leaves(), first, second), server.log.tree.consistency(first, second));
    }
  }
  EXPECT_FALSE(root_at(disk.leaves(), size + 1));
  EXPECT_FALSE(consistency_path(disk.leaves(), 1, size + 1));
}

}  // namespace
}  // namespace sotto::audit
