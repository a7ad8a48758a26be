// A stored password, count of failures or notice that decodes must encode to the octets it came from. The
// first octet chooses which.
#include "accounts/sign_in_record.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::accounts;
  if (size == 0) return 0;
  const ByteView input(data + 1, size - 1);
  const auto same = [&](const auto& record) {
    if (record) SOTTO_CHECK(equal(encode(*record), input));
  };
  switch (data[0] % 4) {
    case 0: same(decode_password(input)); break;
    case 1: same(decode_failures(input)); break;
    case 2: same(decode_notice(input)); break;
    default:
      if (const auto number = decode_last_notice(input))
        SOTTO_CHECK(equal(encode_last_notice(*number), input));
      if (const auto number = notice_number(input)) SOTTO_CHECK(equal(notice_key(*number), input));
  }
  return 0;
}
