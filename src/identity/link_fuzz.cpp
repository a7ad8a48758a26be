// Link files come from outside by mail or stick: their text form, requests and grants.
#include "identity/armor.h"
#include "identity/link_grant.h"
#include "identity/server_statement.h"
#include "result/check.h"

namespace {

/// One new device that waits for a grant; the same keys in every run.
struct NewDevice {
  sotto::crypto::DeterministicRandom random{1};
  sotto::identity::DeviceIdentity device = sotto::identity::DeviceIdentity::generate(random);
  sotto::identity::OutgoingLinkRequest request =
      sotto::identity::make_link_request(device, "fuzz", {1}, random);
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  static const NewDevice receiver;
  const ByteView input(data, size);
  if (const auto octets = identity::dearmor(identity::kLinkGrantArmor, as_chars(input))) {
    const auto again =
        identity::dearmor(identity::kLinkGrantArmor, identity::armor(identity::kLinkGrantArmor, *octets));
    SOTTO_CHECK(again && *again == *octets);
  }
  (void)identity::parse_link_request(input);
  (void)identity::open_link_grant(input, receiver.request.octets, receiver.device, receiver.request.keys);
  (void)identity::parse_server_statement(input);
  return 0;
}
