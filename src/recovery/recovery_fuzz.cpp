// What comes to this module from outside: typed keys, requests and releases as files, shares from contacts,
// slots from the server. The first octet of the input says which of them it is.
#include "recovery/request.h"
#include "recovery/share.h"
#include "recovery/slot.h"
#include "result/check.h"

namespace {

using namespace sotto;  // NOLINT(google-build-using-namespace): one translation unit, nothing else in it

/// The same in every run: a seed, and a request that waits for releases.
struct Receiver {
  crypto::DeterministicRandom random{1};
  recovery::RecoverySeed seed = crypto::random_secret<recovery::RecoverySeed>(random);
  recovery::RequestKeys keys = recovery::RequestKeys::generate(random);
  Bytes request = recovery::make_request(keys, "fuzz", {1}).value();
};

void typed_key(ByteView input) {
  const auto seed = recovery::parse_seed(as_chars(input));
  if (!seed) return;
  const std::string text = recovery::seed_text(*seed);
  SOTTO_CHECK(recovery::seed_text(*recovery::parse_seed(text)) == text);
}

void request(ByteView input, Receiver& receiver) {
  const auto parsed = recovery::parse_request(input);
  if (!parsed) return;
  static const auto shares =
      recovery::make_shares(receiver.seed, {identity::AccountId(), crypto::Fingerprint::from_octets({})}, {},
                            2, 2, receiver.random);
  SOTTO_CHECK(recovery::make_release(input, shares->front(), receiver.random).has_value());
}

void share(ByteView input) {
  if (const auto decoded = recovery::decode_share(input)) {
    SOTTO_CHECK(equal(recovery::encode(*decoded), input));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Receiver receiver;
  if (size == 0) return 0;
  const ByteView input(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0: typed_key(input); break;
    case 1: request(input, receiver); break;
    case 2: (void)recovery::open_release(input, receiver.request, receiver.keys); break;
    case 3: share(input); break;
    case 4: (void)recovery::open_slot(receiver.seed, input); break;
    default:
      (void)recovery::open_contacts_slot(
          receiver.seed, {identity::AccountId(), crypto::Fingerprint::from_octets({})}, {}, input);
  }
  return 0;
}
