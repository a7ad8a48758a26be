// Links in what a peer writes: total, inside the text, in order, and shown without anything that hides.
#include <cstddef>
#include <cstdint>

#include "client/conversations/text_rules.h"
#include "client/links/find_links.h"
#include "client/links/look_alike.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto::client;  // NOLINT(google-build-using-namespace): one program
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> known = {"example.org", "paypal.example"};
  std::size_t end = 0;
  for (FoundLink& link : find_links(text)) {
    SOTTO_CHECK(link.start() >= end && link.length() > 0 && link.start() + link.length() <= text.size());
    end = link.start() + link.length();
    SOTTO_CHECK(!link.host().empty() && is_utf8(link.host()) && is_utf8(link.url()));
    for (std::size_t at = 0; at < link.host().size();) {
      const auto point = next_point(link.host(), at);
      SOTTO_CHECK(point && *point >= 0x20 && (*point < 0x7f || *point > 0x9f));
    }
    compare_with(known, link);
  }
  SOTTO_CHECK(is_utf8(skeleton(text)));
  return 0;
}
