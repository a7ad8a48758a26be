#include "client/previews/page.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "client/conversations/text_rules.h"
#include "client/links/web_url.h"

namespace sotto::client {
namespace {

/// Tags that matter have three.
constexpr std::size_t kMaxAttributes = 16;
/// Octets read for each that a line may have: entities and blanks take more room than what they stand for.
constexpr std::size_t kMarkupFactor = 4;
constexpr std::size_t kLongestEntity = 10;
constexpr std::uint32_t kReplacement = 0xfffd;

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; }

bool is_blank(char letter) { return static_cast<unsigned char>(letter) <= ' '; }

bool is_same(std::string_view text, std::string_view small) {
  return text.size() == small.size() &&
         std::ranges::equal(text, small, [](char a, char b) { return lower(a) == b; });
}

/// Where `small` begins, in letters of any size, from `at` on; npos.
std::size_t find_any_case(std::string_view text, std::string_view small, std::size_t at) {
  const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), small.begin(),
                                 small.end(), [](char a, char b) { return lower(a) == b; });
  return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

struct Attribute {
  std::string_view name;
  std::string_view value;
};

struct Tag {
  std::string_view name;
  std::vector<Attribute> attributes;

  [[nodiscard]] std::string_view value(std::string_view attribute) const {
    const auto found =
        std::ranges::find_if(attributes, [&](const auto& each) { return is_same(each.name, attribute); });
    return found == attributes.end() ? std::string_view() : found->value;
  }
};

class Scanner {
 public:
  explicit Scanner(std::string_view html) : html_(html.substr(0, kMaxScanned)) {}

  /// The next tag, in whatever comes before the page's body; empty at its end. Comments and scripts are
  /// passed over.
  std::optional<Tag> next() {
    for (;;) {
      at_ = html_.find('<', at_);
      if (at_ == std::string_view::npos) return std::nullopt;
      if (html_.substr(at_).starts_with("<!--")) {
        if (!pass("-->", 4)) return std::nullopt;
        continue;
      }
      Tag tag = read_tag();
      if (is_same(tag.name, "body")) return std::nullopt;
      if (is_same(tag.name, "script") && !pass("</script", 0)) return std::nullopt;
      if (is_same(tag.name, "style") && !pass("</style", 0)) return std::nullopt;
      return tag;
    }
  }
  /// What stands up to the end of the element that begins here.
  std::string_view text_until(std::string_view end) {
    const std::size_t found = find_any_case(html_, end, at_);
    const std::string_view text = html_.substr(at_, found == std::string_view::npos ? found : found - at_);
    at_ = found == std::string_view::npos ? html_.size() : found;
    return text;
  }

 private:
  bool pass(std::string_view end, std::size_t beginning) {
    const std::size_t found = find_any_case(html_, end, std::min(at_ + beginning, html_.size()));
    if (found == std::string_view::npos) return false;
    at_ = found + end.size();
    return true;
  }
  [[nodiscard]] bool ended() const { return at_ >= html_.size(); }
  [[nodiscard]] char here() const { return html_[at_]; }
  std::string_view take_while(auto&& wanted) {
    const std::size_t begin = at_;
    while (!ended() && wanted(here())) ++at_;
    return html_.substr(begin, at_ - begin);
  }
  /// From "<" behind the tag's ">".
  Tag read_tag() {
    ++at_;
    Tag tag{.name = take_while([](char c) { return !is_blank(c) && c != '>'; }), .attributes = {}};
    while (!ended() && here() != '>') {
      const auto attribute = read_attribute();
      if (!attribute.name.empty() && tag.attributes.size() < kMaxAttributes)
        tag.attributes.push_back(attribute);
    }
    if (!ended()) ++at_;
    return tag;
  }
  /// At least one octet.
  Attribute read_attribute() {
    const auto blank = [](char c) { return is_blank(c) || c == '/'; };
    take_while(blank);
    Attribute out;
    out.name = take_while([](char c) { return !is_blank(c) && c != '=' && c != '>' && c != '/'; });
    take_while(is_blank);
    if (ended() || here() != '=') return out;
    ++at_;
    take_while(is_blank);
    if (ended()) return out;
    const char quote = here();
    if (quote != '"' && quote != '\'') {
      out.value = take_while([](char c) { return !is_blank(c) && c != '>'; });
      return out;
    }
    ++at_;
    out.value = take_while([quote](char c) { return c != quote; });
    if (!ended()) ++at_;
    return out;
  }

  std::string_view html_;
  std::size_t at_ = 0;
};

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 13> kEntities = {{{"amp", '&'},
                                                                                   {"lt", '<'},
                                                                                   {"gt", '>'},
                                                                                   {"quot", '"'},
                                                                                   {"apos", '\''},
                                                                                   {"nbsp", ' '},
                                                                                   {"hellip", 0x2026},
                                                                                   {"ndash", 0x2013},
                                                                                   {"mdash", 0x2014},
                                                                                   {"lsquo", 0x2018},
                                                                                   {"rsquo", 0x2019},
                                                                                   {"ldquo", 0x201c},
                                                                                   {"rdquo", 0x201d}}};

std::optional<std::uint32_t> point_of(std::string_view entity) {
  if (!entity.starts_with('#')) {
    const auto found = std::ranges::find(kEntities, entity, [](const auto& each) { return each.first; });
    return found == kEntities.end() ? std::nullopt : std::optional(found->second);
  }
  entity.remove_prefix(1);
  const bool hexadecimal = entity.starts_with('x') || entity.starts_with('X');
  if (hexadecimal) entity.remove_prefix(1);
  std::uint32_t point = 0;
  const auto parsed =
      std::from_chars(entity.data(), entity.data() + entity.size(), point, hexadecimal ? 16 : 10);
  if (entity.empty() || parsed.ec != std::errc() || parsed.ptr != entity.data() + entity.size())
    return std::nullopt;
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return kReplacement;
  return point;
}

/// The code point at `at`, which moves behind it. Precondition: at < text.size().
std::uint32_t take_point(std::string_view text, std::size_t& at) {
  if (text[at] == '&') {
    const std::size_t end = text.substr(at, kLongestEntity + 2).find(';');
    const auto point = end == std::string_view::npos ? std::nullopt : point_of(text.substr(at + 1, end - 1));
    if (point) {
      at += end + 1;
      return *point;
    }
  }
  if (const auto point = next_point(text, at)) return *point;
  ++at;
  return kReplacement;
}

/// A value of three: what `fill` has not yet.
void fill(std::string& out, std::string_view value, std::size_t limit = kMaxLine) {
  if (out.empty()) out = line_of(value, limit);
}

struct Found {
  PageFacts graph;   ///< Open Graph
  PageFacts card;    ///< what Twitter began
  PageFacts common;  ///< for search engines, and titles of windows
};

void note_meta(const Tag& tag, Found& found) {
  const std::string_view key = tag.value("property").empty() ? tag.value("name") : tag.value("property");
  const std::string_view value = tag.value("content");
  if (is_same(key, "og:title")) fill(found.graph.title, value);
  if (is_same(key, "og:description")) fill(found.graph.description, value);
  if (is_same(key, "og:image") || is_same(key, "og:image:secure_url"))
    fill(found.graph.picture, value, kMaxWebUrl);
  if (is_same(key, "twitter:title")) fill(found.card.title, value);
  if (is_same(key, "twitter:description")) fill(found.card.description, value);
  if (is_same(key, "twitter:image")) fill(found.card.picture, value, kMaxWebUrl);
  if (is_same(key, "description")) fill(found.common.description, value);
}

}  // namespace

std::string line_of(std::string_view markup, std::size_t limit) {
  const std::string_view text = markup.substr(0, kMarkupFactor * limit);
  std::string out;
  bool gap = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t point = take_point(text, at);
    const bool shown = point > 0x20 && (point < 0x7f || point > 0xa0);
    if (shown) {
      if (gap && !out.empty()) out.push_back(' ');
      append_point(out, point);
    }
    gap = !shown;
  }
  return std::string(excerpt(out, limit));
}

PageFacts scan_page(std::string_view html) {
  Scanner scanner(html);
  Found found;
  while (const auto tag = scanner.next()) {
    if (is_same(tag->name, "meta")) note_meta(*tag, found);
    if (is_same(tag->name, "title")) fill(found.common.title, scanner.text_until("</title"));
  }
  PageFacts out = std::move(found.graph);
  for (PageFacts* other : {&found.card, &found.common}) {
    if (out.title.empty()) out.title = std::move(other->title);
    if (out.description.empty()) out.description = std::move(other->description);
    if (out.picture.empty()) out.picture = std::move(other->picture);
  }
  return out;
}

}  // namespace sotto::client
