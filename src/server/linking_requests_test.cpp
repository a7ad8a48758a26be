#include <algorithm>

#include "identity/account_password.h"
#include "server/test_world.h"

namespace sotto::server {
namespace {

using testing::TestDevice;
using testing::TestWorld;

class LinkingRequestsTest : public ::testing::Test, public TestWorld {
 protected:
  LinkingRequestsTest() {
    register_account(account(), "alice");
    device = connect(alice_);
  }
  static const testing::TestAccount& account() {
    static crypto::DeterministicRandom keys(7);
    static const testing::TestAccount made(keys);
    return made;
  }
  static v1::ClientFrame opening(const std::string& link, bool by_password) {
    v1::ClientFrame frame;
    frame.mutable_open_link()->set_link(link);
    frame.mutable_open_link()->set_by_password(by_password);
    return frame;
  }
  static v1::ClientFrame joining(const std::string& link = {}) {
    v1::ClientFrame frame;
    frame.mutable_join_link()->set_link(link);
    return frame;
  }
  static v1::ClientFrame message(const std::string& text) {
    v1::ClientFrame frame;
    frame.mutable_send_link()->set_link(kLink);
    frame.mutable_send_link()->set_message(text);
    return frame;
  }
  static v1::ClientFrame closing() {
    v1::ClientFrame frame;
    frame.mutable_close_link()->set_link(kLink);
    return frame;
  }
  ConnectionId stranger(const std::string& remote = "198.51.100.7") {
    const ConnectionId connection = open(remote);
    hello(connection);
    return connection;
  }
  ConnectionId guest() {
    v1::ClientFrame password;
    auto& request = *password.mutable_set_password();
    request.set_salt(std::string(16, 's'));
    request.mutable_stretching()->set_memory_kib(identity::kPasswordCost.memory_kib);
    request.mutable_stretching()->set_passes(identity::kPasswordCost.iterations);
    request.mutable_stretching()->set_lanes(identity::kPasswordCost.lanes);
    request.set_authenticator(std::string(32, 'a'));
    EXPECT_TRUE(ask(device, password).has_done());
    const ConnectionId connection = stranger();
    v1::ClientFrame attempt;
    attempt.mutable_sign_in()->set_handle("alice");
    attempt.mutable_sign_in()->set_authenticator(std::string(32, 'a'));
    EXPECT_TRUE(ask(connection, attempt).has_signed_in());
    return connection;
  }
  /// "joined 198.51.100.7", "message x", "closed"
  std::vector<std::string> events(ConnectionId connection) const {
    std::vector<std::string> out;
    const auto frames = received.find(connection);
    if (frames == received.end()) return out;
    for (const auto& frame : frames->second) {
      if (!frame.has_link_event()) continue;
      const auto& event = frame.link_event();
      EXPECT_EQ(event.link(), kLink);
      out.push_back(event.has_joined()   ? "joined " + event.joined().address()
                    : event.has_closed() ? "closed"
                                         : "message " + event.message());
    }
    return out;
  }

  inline static const std::string kLink = std::string(16, 'l');
  using Events = std::vector<std::string>;
  const TestDevice alice_{account().account.id, &account().device};
  ConnectionId device{0};
};

TEST_F(LinkingRequestsTest, CarriesMessagesBothWaysForWhoSignedIn) {
  ASSERT_TRUE(ask(device, opening(kLink, true)).has_done());
  const ConnectionId other = guest();
  const auto joined = ask(other, joining());
  EXPECT_EQ(joined.link_joined().account(), wire::field(alice_.account.view()));
  EXPECT_TRUE(ask(other, message("hello")).has_done());
  EXPECT_TRUE(ask(device, message("reply")).has_done());
  EXPECT_EQ(events(device), (Events{"joined 198.51.100.7", "message hello"}));
  EXPECT_EQ(events(other), (Events{"message reply"}));
  EXPECT_TRUE(ask(device, closing()).has_done());
  EXPECT_EQ(events(other), (Events{"message reply", "closed"}));
  EXPECT_EQ(error_of(other, message("late")), v1::Error::NO_SUCH_LINK);
  EXPECT_TRUE(ask(device, closing()).has_done());
}

TEST_F(LinkingRequestsTest, AQrOfferIsJoinedByItsNameAndByNobodyElse) {
  ASSERT_TRUE(ask(device, opening(kLink, false)).has_done());
  const ConnectionId signed_in = guest();
  EXPECT_EQ(error_of(signed_in, joining()), v1::Error::NO_SUCH_LINK);
  const ConnectionId other = stranger();
  EXPECT_EQ(error_of(other, joining()), v1::Error::MALFORMED);
  EXPECT_EQ(error_of(other, joining("short")), v1::Error::MALFORMED);
  EXPECT_EQ(error_of(other, joining(std::string(16, 'x'))), v1::Error::NO_SUCH_LINK);
  EXPECT_TRUE(ask(other, joining(kLink)).has_link_joined());
  EXPECT_EQ(error_of(stranger(), joining(kLink)), v1::Error::NO_SUCH_LINK);  // taken
  // It is a guest now: it may read the manifests it has to verify.
  v1::ClientFrame manifests;
  manifests.mutable_fetch_manifests()->set_account(wire::field(alice_.account.view()));
  EXPECT_TRUE(ask(other, manifests).has_manifests());
}

TEST_F(LinkingRequestsTest, OnlyDevicesOfferAndOnlyThoseWithAPartSpeak) {
  EXPECT_EQ(error_of(guest(), opening(kLink, true)), v1::Error::NOT_AUTHENTICATED);
  EXPECT_EQ(error_of(device, opening("short", true)), v1::Error::MALFORMED);
  EXPECT_EQ(error_of(device, message("to nobody")), v1::Error::NO_SUCH_LINK);
  ask(device, opening(kLink, true));
  EXPECT_EQ(error_of(device, message("nobody joined")), v1::Error::NO_SUCH_LINK);
  EXPECT_EQ(error_of(guest(), message("did not join")), v1::Error::NO_SUCH_LINK);
  EXPECT_EQ(error_of(open(), joining(kLink)), v1::Error::MALFORMED);  // no hello
  EXPECT_EQ(error_of(device, joining(kLink)), v1::Error::MALFORMED);  // a device already
}

TEST_F(LinkingRequestsTest, MessagesAreBoundedInSizeAndNumber) {
  ask(device, opening(kLink, true));
  const ConnectionId other = guest();
  ask(other, joining());
  EXPECT_EQ(error_of(device, message("")), v1::Error::TOO_LARGE);
  EXPECT_EQ(error_of(device, message(std::string((std::size_t{64} << 10) + 1, 'x'))), v1::Error::TOO_LARGE);
  EXPECT_TRUE(ask(device, message(std::string(std::size_t{64} << 10, 'x'))).has_done());
  for (std::uint32_t i = 0; i < kMaxLinkMessages; ++i) EXPECT_TRUE(ask(other, message("m")).has_done());
  EXPECT_EQ(error_of(other, message("one too many")), v1::Error::NO_SUCH_LINK);
  EXPECT_EQ(events(device).back(), "closed");
  EXPECT_EQ(events(other).back(), "closed");
}

TEST_F(LinkingRequestsTest, AnOfferIsOpenForTwoMinutesAndARunForTwelve) {
  ask(device, opening(kLink, true));
  const ConnectionId other = guest();
  now = now + minutes(2);
  core->tick(now);
  EXPECT_EQ(events(device), (Events{"closed"}));
  EXPECT_EQ(error_of(other, joining()), v1::Error::NO_SUCH_LINK);
  ask(device, opening(kLink, true));
  ask(other, joining());
  now = now + minutes(11);
  core->tick(now);
  EXPECT_TRUE(ask(other, message("still there")).has_done());
  now = now + minutes(1);
  core->tick(now);
  EXPECT_EQ(events(device).back(), "closed");
  EXPECT_EQ(events(other).back(), "closed");
}

TEST_F(LinkingRequestsTest, ANewOfferOfTheAccountReplacesTheOldOne) {
  ask(device, opening(kLink, true));
  const ConnectionId other = guest();
  ask(other, joining());
  ask(device, opening(kLink, false));
  EXPECT_EQ(events(other), (Events{"closed"}));
  EXPECT_EQ(error_of(other, joining()), v1::Error::NO_SUCH_LINK);
  EXPECT_TRUE(ask(stranger(), joining(kLink)).has_link_joined());
}

TEST_F(LinkingRequestsTest, ALostConnectionOfEitherSideEndsIt) {
  ask(device, opening(kLink, true));
  const ConnectionId other = guest();
  ask(other, joining());
  core->on_close(other, now);
  EXPECT_EQ(events(device).back(), "closed");
  ask(device, opening(kLink, false));
  const ConnectionId third = stranger();
  ask(third, joining(kLink));
  connect(alice_);  // replaces the connection that offered
  EXPECT_EQ(events(third), (Events{"closed"}));
}

}  // namespace
}  // namespace sotto::server
