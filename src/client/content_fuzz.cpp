// What a peer can put into content, and what a person can type as markup: the first octet chooses which.
#include <cstddef>
#include <cstdint>

#include "client/conversations/entry.h"
#include "client/conversations/markup.h"
#include "client/conversations/text_rules.h"
#include "result/check.h"
#include "wire/decode.h"

namespace sotto::client {
namespace {

constexpr std::size_t kMaxInput = std::size_t{64} * 1024;

void content(ByteView input) {
  v1::Content parsed;
  if (!wire::decode(input, kMaxInput, parsed)) return;
  const auto entry = entry_of(parsed);
  if (!entry) return;
  SOTTO_CHECK(is_utf8(entry->body));
  // What a row keeps of it says the same again.
  const v1::Content kept = decode_detail(entry->detail);
  if (!entry->detail) return;
  SOTTO_CHECK(kept.kind_case() == parsed.kind_case());
  for (const auto& span : kept.text().spans()) SOTTO_CHECK(is_span(span, entry->body));
}

void markup(ByteView input) {
  const std::string_view typed = as_chars(input);
  SOTTO_CHECK(!is_emoji(typed) || is_utf8(typed));
  if (!is_utf8(typed)) return;
  const v1::Text text = parse_markup(typed);
  SOTTO_CHECK(is_utf8(text.body()));
  for (v1::Span span : text.spans()) {
    span.clear_mention();
    if (span.style() == v1::Span::MENTION) span.set_style(v1::Span::BOLD);
    SOTTO_CHECK(is_span(span, text.body()));
  }
  SOTTO_CHECK(is_utf8(with_marks(text.body(), text.spans())));
}

}  // namespace
}  // namespace sotto::client

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const sotto::ByteView input(data + 1, size - 1);
  if (data[0] == 0) {
    sotto::client::content(input);
  } else {
    sotto::client::markup(input);
  }
  return 0;
}
