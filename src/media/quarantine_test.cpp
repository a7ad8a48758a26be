#include "media/quarantine.h"

#include <gtest/gtest.h>

#include "media/limits.h"

namespace sotto::media {
namespace {

constexpr UnixMs kNow{1'800'000'000'000};

bool may_try(const QuarantineRecord& record, UnixMs now) {
  return std::holds_alternative<MayTry>(standing(record, now));
}

TEST(Quarantine, LetsAFileBeTriedTwiceWithAPauseBetween) {
  QuarantineRecord record;
  EXPECT_TRUE(may_try(record, kNow));
  record = after(record, MediaError::crashed, kNow);
  ASSERT_TRUE(std::holds_alternative<Wait>(standing(record, kNow)));
  EXPECT_EQ(std::get<Wait>(standing(record, kNow)).until, kNow + kRetryAfter);
  EXPECT_FALSE(may_try(record, UnixMs{kNow.value + kRetryAfter.value - 1}));
  EXPECT_TRUE(may_try(record, kNow + kRetryAfter));
  record = after(record, MediaError::timed_out, kNow + kRetryAfter);
  ASSERT_TRUE(std::holds_alternative<Quarantined>(standing(record, kNow + days(1000))));
  EXPECT_FALSE(std::get<Quarantined>(standing(record, kNow)).attack);
}

TEST(Quarantine, HoldsAnAttackAtOnce) {
  for (const MediaError error : {MediaError::forbidden_call, MediaError::bad_answer}) {
    const auto record = after({}, error, kNow);
    ASSERT_TRUE(std::holds_alternative<Quarantined>(standing(record, kNow + days(1))));
    EXPECT_TRUE(std::get<Quarantined>(standing(record, kNow)).attack);
  }
}

TEST(Quarantine, CountsNeitherBadFormNorTroubleOfTheMachine) {
  for (const MediaError error : {MediaError::not_a_picture, MediaError::not_supported, MediaError::malformed,
                                 MediaError::too_large, MediaError::not_confined, MediaError::not_started}) {
    EXPECT_EQ(after({}, error, kNow), QuarantineRecord{});
  }
}

TEST(Quarantine, DoesNotWaitForAClockThatWasWrong) {
  const auto record = after({}, MediaError::crashed, kNow + days(365));
  EXPECT_TRUE(may_try(record, kNow));
}

TEST(Quarantine, KeepsCountingWithinItsBounds) {
  QuarantineRecord record;
  for (int i = 0; i < 300; ++i) record = after(record, MediaError::crashed, kNow);
  EXPECT_EQ(record.failures, kMaxTries);
}

TEST(Quarantine, IsReadAsItWasWritten) {
  QuarantineRecord record;
  EXPECT_EQ(decode_quarantine_record(encode(record)), record);
  for (const MediaError error : {MediaError::crashed, MediaError::forbidden_call}) {
    record = after(record, error, kNow);
    EXPECT_EQ(decode_quarantine_record(encode(record)), record);
  }
  const Bytes whole = encode(record);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(decode_quarantine_record(ByteView(whole).first(size)), std::nullopt);
  }
  for (const std::size_t at : {0U, 1U, 2U}) {
    Bytes changed = whole;
    changed[at] = 9;
    EXPECT_EQ(decode_quarantine_record(changed), std::nullopt);
  }
}

}  // namespace
}  // namespace sotto::media
