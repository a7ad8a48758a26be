// What a client is told when the directory or a mailbox refuses: every code that core_test.cpp does not meet.
#include <set>

#include "directory/limits.h"
#include "server/test_world.h"

namespace sotto::server {
namespace {

using testing::TestDevice;
using testing::TestWorld;

class RefusalTest : public ::testing::Test, public TestWorld {
 protected:
  void SetUp() override { register_account(alice_account_, "alice"); }
  /// The core again, with other options, over what the store holds.
  void restart() {
    core.reset();
    start();
  }
  v1::DeviceResult refused(const std::vector<std::string>& payloads) {
    return ask(connect(alice_), submission(alice_.address(), payloads)).submitted().results(0).devices(0);
  }

  testing::TestAccount alice_account_{random};
  const TestDevice alice_{alice_account_.account.id, &alice_account_.device};
};

TEST_F(RefusalTest, AnAccountHasNotAnyNumberOfHandles) {
  std::set<v1::Error::Code> codes;
  for (std::size_t i = 0; i <= directory::kMaxHandles; ++i) {
    v1::ClientFrame frame;
    frame.mutable_manage_handle()->set_add("alice" + std::to_string(i));
    codes.insert(error_of(connect(alice_), frame));
    now = now + days(1);  // changes a day are limited
  }
  EXPECT_EQ(codes, (std::set{v1::Error::CODE_UNSPECIFIED, v1::Error::HANDLE_LIMIT}));
}

TEST_F(RefusalTest, AnAccountIsNotRegisteredUnderASecondName) {
  const ConnectionId connection = open();
  hello(connection);
  EXPECT_EQ(error_of(connection, registration(alice_account_, "alice2")), v1::Error::ACCOUNT_EXISTS);
}

TEST_F(RefusalTest, DamageInTheStoreIsTheServersOwnFault) {
  const ConnectionId connection = connect(alice_);
  v1::ClientFrame frame;
  frame.mutable_fetch_manifests()->set_account(wire::field(alice_account_.account.id.view()));
  store.fail_next_reads(1, storage::StorageError::corrupt);
  EXPECT_EQ(error_of(connection, frame), v1::Error::INTERNAL);
}

TEST_F(RefusalTest, AFirstContactTooManyIsSaidToBeOneAndCounted) {
  options.lookups.first_contacts_per_hour = 1;
  restart();
  const testing::TestAccount bob{random};
  const testing::TestAccount carol{random};
  register_account(bob, "bob");
  register_account(carol, "carol");
  const ConnectionId connection = connect(alice_);
  const auto fetch = [&](const testing::TestAccount& whom) {
    v1::ClientFrame frame;
    frame.mutable_fetch_bundles()->set_account(wire::field(whom.account.id.view()));
    frame.mutable_fetch_bundles()->add_devices(wire::field(whom.device.id.view()));
    return ask(connection, frame);
  };
  EXPECT_EQ(fetch(bob).bundles().pass().size(), 16U);
  const auto refused = fetch(carol);
  EXPECT_EQ(refused.error().code(), v1::Error::RATE_LIMITED);
  EXPECT_TRUE(refused.error().first_contact());
  EXPECT_EQ(refused.error().retry_after_ms(), hours(1).value);
  EXPECT_EQ(core->counts().first_contacts_refused, 1U);
  EXPECT_EQ(core->holdings("alice", now)->first_contacts, 1U);
}

TEST_F(RefusalTest, AReportIsAboutAnAccountThatIsHereAndSomebodyElses) {
  const testing::TestAccount bob{random};
  register_account(bob, "bob");
  const ConnectionId connection = connect(alice_);
  v1::ClientFrame frame;
  const auto about = [&](ByteView account) {
    frame.mutable_report_account()->set_account(wire::field(account));
    return error_of(connection, frame);
  };
  EXPECT_EQ(about(Bytes(3, 1)), v1::Error::MALFORMED);
  EXPECT_EQ(about(Bytes(16, 1)), v1::Error::NO_SUCH_ACCOUNT);
  EXPECT_EQ(about(alice_account_.account.id.view()), v1::Error::MALFORMED);
  for (std::uint32_t i = 0; i < accounts::kReportsPerDay; ++i) {
    EXPECT_EQ(about(bob.account.id.view()), v1::Error::CODE_UNSPECIFIED) << i;
  }
  EXPECT_EQ(about(bob.account.id.view()), v1::Error::RATE_LIMITED);
  ASSERT_EQ(core->reports().list()->size(), 1U);
  EXPECT_EQ(core->reports().list()->at(0).account, bob.account.id);
  EXPECT_EQ(core->handles_of(bob.account.id), std::vector<std::string>{"bob"});
}

TEST_F(RefusalTest, AFullMailboxTakesWhatFits) {
  options.mailboxes.mailbox_envelopes = 2;
  restart();
  const auto result = refused({"1", "2", "3"});
  EXPECT_EQ(result.accepted(), 2U);
  EXPECT_EQ(result.refusal(), v1::DeviceResult::MAILBOX_FULL);
}

TEST_F(RefusalTest, AnEnvelopeOverTheLimitIsNotKept) {
  options.mailboxes.max_envelope_octets = 10;
  restart();
  const auto result = refused({"short", "longer than ten octets"});
  EXPECT_EQ(result.accepted(), 1U);
  EXPECT_EQ(result.refusal(), v1::DeviceResult::ENVELOPE_TOO_LARGE);
}

TEST_F(RefusalTest, AFullCommitQueueIsAReasonToWait) {
  const ConnectionId connection = connect(alice_);
  const storage::Batch empty(*storage::Partition::create(Bytes(1, 0xff)));
  // As many as the queue takes; their tickets are nobody's.
  for (std::uint64_t i = 0; store.commit(empty, storage::Ticket{~std::uint64_t{0} - i}); ++i) continue;
  const std::uint64_t request = post(connection, submission(alice_.address(), {"x"}));
  core->turn_end(now);
  const auto result = answer(connection, request).submitted().results(0).devices(0);
  EXPECT_EQ(result.refusal(), v1::DeviceResult::OVERLOADED);
  EXPECT_GT(result.retry_after_ms(), 0U);
}

}  // namespace
}  // namespace sotto::server
