// Whoever calls back, whatever it says: an answer, and words that are UTF-8.
#include <string_view>

#include "gateway/kannel.h"
#include "gateway/sms_parts.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  const std::string_view input = as_chars(ByteView(data, size));
  // target \n content type \n body
  const std::string_view target = input.substr(0, input.find('\n'));
  const std::string_view after = input.substr(std::min(input.size(), target.size() + 1));
  const std::string_view type = after.substr(0, after.find('\n'));
  const std::string_view body = after.substr(std::min(after.size(), type.size() + 1));
  const gateway::CallbackRequest request{"127.0.0.1", "POST", target, type, body};
  const auto callback = gateway::read_callback(request, {"secret", {"127.0.0.1"}});
  if (!callback) return 0;
  if (const auto* text = std::get_if<gateway::IncomingSms>(&*callback)) {
    SOTTO_CHECK(gateway::sms_length(text->text));
    SOTTO_CHECK(gateway::sms_length(gateway::cut_utf8(text->text, size / 2)));
  }
  return 0;
}
