// The module's own encodings: heads, entries, lists, views, an auditor's state. Whatever decodes encodes to
// the octets that it came from.
#include "result/check.h"
#include "transparency/auditor.h"
#include "transparency/log_view.h"

namespace {

template <typename Decoded, typename Encode>
void check(sotto::ByteView input, const Decoded& decoded, const Encode& encode) {
  if (decoded) SOTTO_CHECK(sotto::equal(encode(*decoded), input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sotto;
  using namespace sotto::transparency;
  const ByteView input(data, size);
  const auto encoded = [](const auto& value) { return value.encoded(); };
  check(input, TreeHead::parse(input), encoded);
  check(input, Entry::parse(input), encoded);
  check(input, LogKeys::parse(input), encoded);
  check(input, AccountBinding::parse(input), encoded);
  const auto list = parse_mutations(input);
  check(input, list, [](const auto& mutations) { return encode(std::span<const Mutation>(mutations)); });
  if (list) (void)hash_of(*list);
  if (const auto view = LogView::from_own_store(input)) {
    SOTTO_CHECK(LogView::from_own_store(view->encoded()) == *view);
  }
  if (auto auditor = Auditor::restore(input)) {
    SOTTO_CHECK(Auditor::restore(auditor->saved())->root() == auditor->root());
  }
  return 0;
}
