// Messages from the other device, or whoever is in its place, and this device's own records.
#include "linking/attempts.h"
#include "linking/messages.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  if (const auto message = linking::decode_link_message(input)) {
    const Bytes octets = linking::encode(*message);
    const auto again = linking::decode_link_message(octets);
    SOTTO_CHECK(again && linking::encode(*again) == octets);
  }
  if (const auto attempts = linking::LinkAttempts::decode(input)) {
    SOTTO_CHECK(equal(attempts->encode(), input));
  }
  return 0;
}
