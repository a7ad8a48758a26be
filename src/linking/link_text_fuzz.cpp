// What a camera or a keyboard delivers: the content of QR codes, and codes as people type them.
#include <algorithm>
#include <cctype>

#include "linking/link_code.h"
#include "linking/link_qr.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const std::string_view input = as_chars({data, size});
  if (const auto qr = linking::parse_link_qr(input)) {
    std::string upper(input);
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    SOTTO_CHECK(linking::qr_text(*qr) == upper);
  }
  if (const auto code = linking::LinkCode::parse(input)) {
    SOTTO_CHECK(linking::LinkCode::parse(code->text())->text() == code->text());
  }
  return 0;
}
