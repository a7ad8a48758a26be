// What linking by code or QR code refuses before anything is sent.
#include "client/devices/link_offer.h"
#include "client/test_clients.h"

namespace sotto::client {
namespace {

using testing::CoreTest;
using testing::kServer;
using testing::TestClient;

class LinkRefusals : public CoreTest {
 protected:
  std::optional<LinkError> offer(TestClient& client) {
    return error_of(client.core->offer_link(OfferKind::code, now_).value().value);
  }
  static std::optional<LinkError> error_of(const Result<void, LinkError>& result) {
    return result ? std::nullopt : std::optional(result.error());
  }
};

TEST_F(LinkRefusals, NewDevicesAreToldWhatIsWrongWithWhatWasTyped) {
  EXPECT_EQ(error_of(bob2_.core->join_by_code("bob", "123456", now_).value().value), LinkError::no_request);
  ASSERT_TRUE(bob2_.core->set_up_device("tablet", kServer, now_).value());
  const auto by_code = [&](std::string_view handle, std::string_view code) {
    return error_of(bob2_.core->join_by_code(handle, code, now_).value().value);
  };
  EXPECT_EQ(by_code("not a name", "123456"), LinkError::bad_handle);
  EXPECT_EQ(by_code("bob", "12345"), LinkError::bad_code);
  EXPECT_EQ(error_of(bob2_.core->join_by_qr("SOTTO:LINK/1/AAAA", now_).value().value), LinkError::bad_qr);
  EXPECT_EQ(error_of(bob2_.core->sign_in({}, now_).value().value), LinkError::no_challenge);
  EXPECT_EQ(by_code("bob", "123 456"), std::nullopt);
  EXPECT_EQ(error_of(bob2_.core->sign_in({}, now_).value().value), LinkError::no_challenge);
}

TEST_F(LinkRefusals, DevicesOfferNothingWithoutAConnectionOrWhileOneIsBeingLinked) {
  EXPECT_EQ(offer(alice_), LinkError::not_registered);
  sign_up(alice_, "alice");
  disconnect(alice_);
  EXPECT_EQ(offer(alice_), LinkError::not_connected);
  connect(alice_);
  settle();
  EXPECT_EQ(offer(alice_), std::nullopt);
  EXPECT_EQ(offer(alice_), std::nullopt) << "nobody has answered to the first code: it is replaced";
  v1::ServerFrame joined;
  joined.mutable_link_event()->set_link(wire::field(alice_.core->links().offer->name));
  joined.mutable_link_event()->mutable_joined()->set_address("192.0.2.1");
  ASSERT_TRUE(alice_.core->receive(joined, now_));
  EXPECT_EQ(offer(alice_), LinkError::running);
}

}  // namespace
}  // namespace sotto::client
