// What a contact's screen or device delivers: QR codes and the messages of a comparison.
#include "result/check.h"
#include "verification/contact_qr.h"
#include "verification/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const ByteView input(data, size);
  if (const auto message = verification::decode_verification_message(input)) {
    const Bytes octets = verification::encode(*message);
    const auto again = verification::decode_verification_message(octets);
    SOTTO_CHECK(again && verification::encode(*again) == octets);
  }
  if (const auto qr = verification::parse_contact_qr(as_chars(input))) {
    const auto again = verification::parse_contact_qr(verification::qr_text(*qr));
    SOTTO_CHECK(again && again->shower == qr->shower && again->reader == qr->reader);
  }
  return 0;
}
