// Pages of anybody: lines that can be shown, and addresses that are addresses again.
#include <cstddef>
#include <cstdint>

#include "client/conversations/text_rules.h"
#include "client/links/web_url.h"
#include "client/previews/page.h"
#include "result/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto::client;  // NOLINT(google-build-using-namespace): one program
  const std::string_view html(reinterpret_cast<const char*>(data), size);
  const PageFacts facts = scan_page(html);
  for (const auto& line : {facts.title, facts.description}) SOTTO_CHECK(line.empty() || is_line(line));
  SOTTO_CHECK(facts.picture.empty() || is_line(facts.picture, kMaxWebUrl));
  static constexpr std::string_view kBase = "https://example.org/a/b?c";
  for (const std::string& reference : {facts.picture, std::string(html.substr(0, 4096))}) {
    const auto url = parse_web_url(resolve_reference(kBase, reference));
    SOTTO_CHECK(!url || (!url->host.empty() && url->target.starts_with('/') && url->port != 0));
  }
  return 0;
}
