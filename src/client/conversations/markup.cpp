#include "client/conversations/markup.h"

#include <algorithm>
#include <array>
#include <map>

#include "bytes/hex.h"
#include "client/contacts/contact_records.h"
#include "client/conversations/conversation.h"
#include "identity/handle.h"

namespace sotto::client {
namespace {

struct Mark {
  std::string_view sign;
  v1::Span::Style style;
};
constexpr std::array kMarks = {Mark{"*", v1::Span::BOLD}, Mark{"_", v1::Span::ITALIC},
                               Mark{"~", v1::Span::STRIKETHROUGH}, Mark{"`", v1::Span::MONOSPACE},
                               Mark{"||", v1::Span::SPOILER}};
constexpr std::size_t kMaxName = 32;

bool is_word(char octet) {
  const auto letter = static_cast<unsigned char>(octet);
  return letter >= 0x80 || (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
         (letter >= 'A' && letter <= 'Z');
}
bool is_blank(char octet) { return octet == ' ' || octet == '\n' || octet == '\t'; }

class Parser {
 public:
  explicit Parser(std::string_view typed) : typed_(typed) {}

  v1::Text parse() {
    run(0, typed_.size(), 0);
    return std::move(text_);
  }

 private:
  /// The part from `at` to `end`, inside the marks whose bits are set in `open`.
  void run(std::size_t at, std::size_t end, unsigned open) {
    while (at < end) {
      if (typed_[at] == '\\' && at + 1 < end && !is_word(typed_[at + 1])) {
        text_.mutable_body()->push_back(typed_[at + 1]);
        at += 2;
      } else if (const std::size_t past = mention(at, end); past != at) {
        at = past;
      } else if (const std::size_t past_marked = marked(at, end, open); past_marked != at) {
        at = past_marked;
      } else {
        text_.mutable_body()->push_back(typed_[at++]);
      }
    }
  }

  [[nodiscard]] bool follows_word(std::size_t at) const { return at > 0 && is_word(typed_[at - 1]); }

  void add_span(std::size_t start, v1::Span::Style style, std::string_view name) {
    auto* span = text_.add_spans();
    span->set_start(static_cast<std::uint32_t>(start));
    span->set_length(static_cast<std::uint32_t>(text_.body().size() - start));
    span->set_style(style);
    span->set_mention(std::string(name));
  }

  std::size_t mention(std::size_t at, std::size_t end) {
    if (typed_[at] != '@' || follows_word(at)) return at;
    std::size_t past = at + 1;
    while (past < end && past - at <= kMaxName &&
           (is_word(typed_[past]) || std::string_view("._-").contains(typed_[past]))) {
      ++past;
    }
    while (past > at + 1 && !is_word(typed_[past - 1])) --past;
    if (past == at + 1) return at;
    const std::size_t start = text_.body().size();
    text_.mutable_body()->append(typed_.substr(at, past - at));
    add_span(start, v1::Span::MENTION, typed_.substr(at + 1, past - at - 1));
    return past;
  }

  std::size_t marked(std::size_t at, std::size_t end, unsigned open) {
    for (std::size_t i = 0; i < kMarks.size(); ++i) {
      const std::string_view sign = kMarks[i].sign;
      const unsigned bit = 1U << i;
      if ((open & bit) != 0 || typed_.substr(at, end - at).substr(0, sign.size()) != sign) continue;
      const std::size_t inner = at + sign.size();
      const std::size_t close = partner(inner, end, sign);
      if (follows_word(at) || close == inner) continue;
      const std::size_t start = text_.body().size();
      if (kMarks[i].style == v1::Span::MONOSPACE) {
        text_.mutable_body()->append(typed_.substr(inner, close - inner));
      } else {
        run(inner, close, open | bit);
      }
      add_span(start, kMarks[i].style, {});
      return close + sign.size();
    }
    return at;
  }

  /// Where the closing sign begins; `inner` if there is none. Each sign is looked for once a depth, and there
  /// are as many depths as signs.
  [[nodiscard]] std::size_t partner(std::size_t inner, std::size_t end, std::string_view sign) const {
    if (inner >= end || is_blank(typed_[inner])) return inner;
    for (std::size_t at = typed_.find(sign, inner + 1); at < end && at != std::string_view::npos;
         at = typed_.find(sign, at + 1)) {
      const std::size_t past = at + sign.size();
      if (past > end) return inner;
      if (!is_blank(typed_[at - 1]) && (past == typed_.size() || !is_word(typed_[past]))) return at;
    }
    return inner;
  }

  std::string_view typed_;
  v1::Text text_;
};

std::optional<identity::AccountId> account_of(Work& work, const std::string& name) {
  const auto handle = identity::Handle::parse(name);
  if (handle && is_own_handle(work.db, work.self, handle->text())) return work.self.account_id();
  const auto contact = find_called(work.db, name);
  return contact ? contact->account : std::nullopt;
}

std::string_view sign_of(v1::Span::Style style) {
  const auto* const mark =
      std::find_if(kMarks.begin(), kMarks.end(), [style](const Mark& each) { return each.style == style; });
  return mark == kMarks.end() ? std::string_view() : mark->sign;
}

}  // namespace

v1::Text parse_markup(std::string_view typed) { return Parser(typed).parse(); }

void resolve_mentions(Work& work, v1::Text& text) {
  google::protobuf::RepeatedPtrField<v1::Span> kept;
  for (const auto& span : text.spans()) {
    v1::Span resolved = span;
    if (span.style() == v1::Span::MENTION) {
      const auto account = account_of(work, span.mention());
      if (!account) continue;
      resolved.set_mention(to_hex(account->view()));
    }
    *kept.Add() = resolved;
  }
  text.mutable_spans()->Swap(&kept);
}

std::string with_marks(const std::string& body, const google::protobuf::RepeatedPtrField<v1::Span>& spans) {
  // Closing signs at a place stand before opening ones; of several the one that was opened last closes first.
  std::map<std::size_t, std::pair<std::string, std::string>> signs;
  for (const auto& span : spans) {
    const std::string_view sign = sign_of(span.style());
    signs[span.start()].second.insert(0, sign);
    signs[span.start() + span.length()].first.append(sign);
  }
  std::string out;
  std::size_t done = 0;
  for (const auto& [at, both] : signs) {
    const std::size_t place = std::min(at, body.size());
    out.append(body, done, place - done).append(both.first).append(both.second);
    done = place;
  }
  return out.append(body, std::min(done, body.size()));
}

}  // namespace sotto::client
