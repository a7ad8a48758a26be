#include "client/runtime/pictures.h"

#include <gtest/gtest.h>

namespace sotto::client {
namespace {

using media::MediaError;
using v1::AttachedFile;

constexpr UnixMs kNow{1'750'000'000'000};

media::QuarantineRecord record_of(const Looked& looked) {
  return media::decode_quarantine_record(looked.quarantine).value();
}

TEST(LookedInVain, TriesOnceMoreAfterACrashAndNoMoreAfterTheSecond) {
  const auto first = looked_in_vain({}, MediaError::crashed, kNow);
  EXPECT_EQ(first.state, AttachedFile::UNCHECKED);
  EXPECT_EQ(first.next, kNow + media::kRetryAfter);
  const auto second = looked_in_vain(record_of(first), MediaError::timed_out, first.next);
  EXPECT_EQ(second.state, AttachedFile::QUARANTINED);
  EXPECT_FALSE(second.failure.empty());
}

TEST(LookedInVain, PutsAnAttackIntoQuarantineAtOnce) {
  for (const auto error : {MediaError::forbidden_call, MediaError::bad_answer}) {
    EXPECT_EQ(looked_in_vain({}, error, kNow).state, AttachedFile::QUARANTINED);
  }
}

TEST(LookedInVain, GivesUpWhatWouldNotBeDifferentNextTime) {
  for (const auto error :
       {MediaError::not_a_picture, MediaError::not_supported, MediaError::malformed, MediaError::too_large}) {
    EXPECT_EQ(looked_in_vain({}, error, kNow).state, AttachedFile::REFUSED);
  }
}

TEST(LookedInVain, DoesNotHoldThisMachinesTroubleAgainstTheFile) {
  for (const auto error : {MediaError::not_started, MediaError::not_confined}) {
    const auto looked = looked_in_vain({}, error, kNow);
    EXPECT_EQ(looked.state, AttachedFile::UNCHECKED);
    EXPECT_GT(looked.next, kNow);
    EXPECT_EQ(record_of(looked), media::QuarantineRecord());
  }
}

}  // namespace
}  // namespace sotto::client
