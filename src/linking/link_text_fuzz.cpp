// What a camera or a keyboard delivers: the content of QR codes, and codes as people type them.
#include "linking/link_code.h"
#include "linking/link_qr.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const std::string_view input = as_chars({data, size});
  if (const auto qr = linking::parse_link_qr(input)) {
    const auto again = linking::parse_link_qr(linking::qr_text(*qr));
    SOTTO_CHECK(again && linking::qr_text(*again) == linking::qr_text(*qr));
  }
  if (const auto code = linking::LinkCode::parse(input)) {
    SOTTO_CHECK(linking::LinkCode::parse(code->text())->text() == code->text());
  }
  return 0;
}
