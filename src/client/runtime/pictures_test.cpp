#include "client/runtime/pictures.h"

#include <boost/asio/executor_work_guard.hpp>

#include "client/test_content.h"
#include "client/test_pictures.h"

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

/// Bob has a file of Alice's that is in no folder.
class PictureRunnerTest : public testing::ContentTest {
 protected:
  void SetUp() override {
    begin();
    act(bob_, [&](Work& work) {
      auto rows = work.db.query("SELECT id FROM message WHERE body = 'one'");
      testing::picture_that_came(work, rows.next() ? rows.integer(0) : 0, random_);
      return true;
    });
  }
  std::unique_ptr<PictureRunner> runner() {
    return std::make_unique<PictureRunner>(context_, *bob_.core, random_, AttachmentFolder("/nowhere"),
                                           "/nowhere/sotto-media",
                                           [this](const store::StoreResult<Effects>&) { ++seen_; });
  }

  boost::asio::io_context context_;
  crypto::DeterministicRandom random_{78};
  int seen_ = 0;
};

TEST_F(PictureRunnerTest, TellsTheCoreWhatCameOfALook) {
  const auto runner = this->runner();
  runner->work();
  EXPECT_FALSE(runner->idle());
  const auto waiting = boost::asio::make_work_guard(context_);
  while (seen_ == 0) context_.run_one();
  EXPECT_TRUE(runner->idle());
  EXPECT_EQ(seen_, 1);
}

TEST_F(PictureRunnerTest, LeavesWhatItSawAloneOnceTheProfileIsClosed) {
  auto runner = this->runner();
  runner->work();
  runner.reset();  // waits for the look, which then still has to be told
  EXPECT_EQ(context_.poll(), 1U);
  EXPECT_EQ(seen_, 0);
}

}  // namespace
}  // namespace sotto::client
