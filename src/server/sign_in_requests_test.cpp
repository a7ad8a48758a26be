#include <algorithm>

#include "identity/account_password.h"
#include "server/test_world.h"

namespace sotto::server {
namespace {

using testing::TestDevice;
using testing::TestWorld;

class SignInTest : public ::testing::Test, public TestWorld {
 protected:
  SignInTest() {
    register_account(account(), "alice");
    device = connect(alice_);
  }
  static const testing::TestAccount& account() {
    static crypto::DeterministicRandom keys(7);
    static const testing::TestAccount made(keys);
    return made;
  }
  static v1::ClientFrame password(char authenticator = 'a') {
    v1::ClientFrame frame;
    auto& request = *frame.mutable_set_password();
    request.set_salt(std::string(16, 's'));
    request.mutable_stretching()->set_memory_kib(identity::kPasswordCost.memory_kib);
    request.mutable_stretching()->set_passes(identity::kPasswordCost.iterations);
    request.mutable_stretching()->set_lanes(identity::kPasswordCost.lanes);
    request.set_authenticator(std::string(32, authenticator));
    return frame;
  }
  static v1::ClientFrame begin(const std::string& handle) {
    v1::ClientFrame frame;
    frame.mutable_begin_sign_in()->set_handle(handle);
    return frame;
  }
  static v1::ClientFrame attempt(char authenticator = 'a', const std::string& handle = "alice") {
    v1::ClientFrame frame;
    frame.mutable_sign_in()->set_handle(handle);
    frame.mutable_sign_in()->set_authenticator(std::string(32, authenticator));
    return frame;
  }
  static v1::ClientFrame manifests(const identity::AccountId& of) {
    v1::ClientFrame frame;
    frame.mutable_fetch_manifests()->set_account(wire::field(of.view()));
    frame.mutable_fetch_manifests()->set_from_version(1);
    return frame;
  }
  ConnectionId stranger(const std::string& remote = "192.0.2.1") {
    const ConnectionId connection = open(remote);
    hello(connection);
    return connection;
  }
  std::vector<v1::AccountNotice> notices(ConnectionId connection) const {
    std::vector<v1::AccountNotice> out;
    const auto frames = received.find(connection);
    if (frames == received.end()) return out;
    for (const auto& frame : frames->second) {
      if (frame.has_account_notice()) out.push_back(frame.account_notice());
    }
    return out;
  }

  const TestDevice alice_{account().account.id, &account().device};
  ConnectionId device{0};
};

TEST_F(SignInTest, TheRightPasswordMakesAGuestAndTellsTheDevices) {
  ASSERT_TRUE(ask(device, password()).has_done());
  const ConnectionId guest = stranger("198.51.100.7");
  const auto challenge = ask(guest, begin("alice")).sign_in_challenge();
  EXPECT_EQ(challenge.salt(), std::string(16, 's'));
  const auto signed_in = ask(guest, attempt());
  ASSERT_TRUE(signed_in.has_signed_in());
  EXPECT_EQ(signed_in.signed_in().account(), wire::field(alice_.account.view()));
  ASSERT_EQ(notices(device).size(), 1U);
  EXPECT_EQ(notices(device)[0].kind(), v1::AccountNotice::SIGNED_IN);
  EXPECT_EQ(notices(device)[0].address(), "198.51.100.7");
  EXPECT_EQ(notices(device)[0].number(), 1U);
  EXPECT_EQ(core->counts().sign_ins, 1U);
}

/// What anybody may ask who said hello.
bool is_public(const v1::ClientFrame& frame) {
  return frame.has_fetch_tree_head() || frame.has_fetch_consistency() || frame.has_fetch_entries() ||
         frame.has_fetch_mutations() || frame.has_submit_cosignature();
}

TEST_F(SignInTest, AGuestSeesTheManifestsOfTheAccountAndNothingElse) {
  ask(device, password());
  const ConnectionId guest = stranger();
  ask(guest, attempt());
  EXPECT_EQ(ask(guest, manifests(alice_.account)).manifests().manifests_size(), 1);
  EXPECT_EQ(error_of(guest, manifests(identity::AccountId{})), v1::Error::NOT_AUTHENTICATED);
  v1::ClientFrame frame;
  frame.mutable_fetch_manifests()->set_account("short");
  EXPECT_EQ(error_of(guest, frame), v1::Error::NOT_AUTHENTICATED);
  const auto& requests = *v1::ClientFrame::descriptor()->FindOneofByName("request");
  for (int i = 0; i < requests.field_count(); ++i) {
    v1::ClientFrame other;
    const auto* field = requests.field(i);
    other.GetReflection()->MutableMessage(&other, field);
    if (other.has_acknowledge() || other.has_fetch_manifests() || other.has_close_link()) continue;
    if (is_public(other)) continue;
    const ConnectionId each = stranger();
    ask(each, attempt());
    const auto answer = ask(each, other);
    EXPECT_TRUE(answer.has_error()) << field->name();
  }
  EXPECT_TRUE(delivered(guest).empty());
}

TEST_F(SignInTest, AStrangerIsNoGuest) {
  EXPECT_EQ(error_of(stranger(), manifests(alice_.account)), v1::Error::NOT_AUTHENTICATED);
  EXPECT_EQ(error_of(open(), begin("alice")), v1::Error::MALFORMED);  // no hello
  EXPECT_EQ(error_of(stranger(), password()), v1::Error::NOT_AUTHENTICATED);
}

TEST_F(SignInTest, WhoHasAnAccountIsNotSaid) {
  ask(device, password());
  for (const char* handle : {"alice", "nobody"}) {
    const ConnectionId connection = stranger();
    const auto challenge = ask(connection, begin(handle)).sign_in_challenge();
    EXPECT_EQ(challenge.salt().size(), 16U);
    EXPECT_EQ(challenge.stretching().memory_kib(), identity::kPasswordCost.memory_kib);
    const auto refused = ask(connection, attempt('x', handle)).error();
    EXPECT_EQ(refused.code(), v1::Error::SIGN_IN_FAILED);
    EXPECT_EQ(refused.detail(), "no such name, or not its password");
    EXPECT_EQ(refused.retry_after_ms(), 0U);
  }
  EXPECT_EQ(error_of(stranger(), begin("not a handle")), v1::Error::HANDLE_INVALID);
}

TEST_F(SignInTest, ThreeFailuresEndAConnectionAndTenCloseTheAccount) {
  ask(device, password());
  for (int i = 0; i < 10; ++i) {
    const ConnectionId guessing = stranger();
    EXPECT_EQ(error_of(guessing, attempt('x')), v1::Error::SIGN_IN_FAILED);
    EXPECT_FALSE(closed.contains(guessing));
  }
  const auto locked = ask(stranger(), attempt()).error();
  EXPECT_EQ(locked.code(), v1::Error::SIGN_IN_LOCKED);
  EXPECT_EQ(locked.retry_after_ms(), minutes(15).value);
  ASSERT_EQ(notices(device).size(), 10U);
  EXPECT_EQ(notices(device).back().kind(), v1::AccountNotice::SIGN_IN_LOCKED);
  now = now + minutes(15);
  EXPECT_TRUE(ask(stranger(), attempt()).has_signed_in());

  now = now + days(1);
  const ConnectionId stubborn = stranger();
  for (int i = 0; i < 3; ++i) error_of(stubborn, attempt('x'));
  EXPECT_TRUE(closed.contains(stubborn));
  EXPECT_EQ(core->counts().sign_ins_failed, 13U);
}

TEST_F(SignInTest, DevicesThatConnectLaterHearWhatHappened) {
  ask(device, password());
  core->on_close(device, now);
  error_of(stranger(), attempt('x'));
  crash_and_restart();
  const ConnectionId later = connect(alice_);
  ASSERT_EQ(notices(later).size(), 1U);
  EXPECT_EQ(notices(later)[0].kind(), v1::AccountNotice::SIGN_IN_FAILED);
  // And again: nothing acknowledges them.
  EXPECT_EQ(notices(connect(alice_)).size(), 1U);
}

TEST_F(SignInTest, NobodyIsLetInUnseen) {
  ask(device, password());
  const ConnectionId guest = stranger();
  store.fail_next_commits(1, storage::StorageError::no_space);
  EXPECT_EQ(error_of(guest, attempt()), v1::Error::STORAGE_UNAVAILABLE);
  EXPECT_EQ(error_of(guest, manifests(alice_.account)), v1::Error::NOT_AUTHENTICATED);
  EXPECT_TRUE(ask(guest, attempt()).has_signed_in());
  EXPECT_TRUE(ask(guest, attempt()).has_signed_in());  // for another code, after a mistyped one
}

TEST_F(SignInTest, AGuestMayBecomeADeviceAndOtherwiseHasFifteenMinutes) {
  ask(device, password());
  const ConnectionId idle = stranger();
  ask(idle, attempt());
  const ConnectionId becoming = open();
  const auto welcome = hello(becoming);
  ask(becoming, attempt());
  now = now + minutes(14);
  core->tick(now);
  EXPECT_FALSE(closed.contains(idle));
  EXPECT_TRUE(ask(becoming, authentication(becoming, alice_, welcome)).has_authenticated());
  now = now + minutes(1);
  core->tick(now);
  EXPECT_TRUE(closed.contains(idle));
  EXPECT_FALSE(closed.contains(becoming));
}

TEST_F(SignInTest, GuestsHaveTheAllowanceOfTheirAddress) {
  ask(device, password());
  const ConnectionId guest = stranger();
  ask(guest, attempt());
  std::size_t refused = 0;
  for (int i = 0; i < 2'100; ++i) {
    if (ask(guest, manifests(alice_.account)).error().code() == v1::Error::RATE_LIMITED) ++refused;
  }
  EXPECT_EQ(refused, 100U);
}

TEST_F(SignInTest, TheOperatorSeesWhatIsKept) {
  ask(device, password());
  error_of(stranger("198.51.100.7"), attempt('x'));
  const auto held = core->holdings("alice", now);
  ASSERT_TRUE(held);
  EXPECT_EQ(held->password.password_set, now);
  EXPECT_EQ(held->password.failures.count, 1U);
  ASSERT_EQ(held->notices.size(), 1U);
  EXPECT_EQ(held->notices[0].address(), "198.51.100.7");
}

}  // namespace
}  // namespace sotto::server
