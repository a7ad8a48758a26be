// `sotto search`: messages by their words and by what they are.
#include <algorithm>
#include <map>

#include "client/api/conversations.h"
#include "client/api/messages.h"
#include "client/conversations/text_rules.h"
#include "commands.h"
#include "moments.h"
#include "session.h"

namespace sotto::cli {
namespace {

/// As in the words of a message record, in small letters.
CommandResult<v1::Message::Kind> parse_kind(std::string name) {
  std::ranges::transform(name, name.begin(), [](char c) { return c == '-' ? '_' : std::toupper(c); });
  v1::Message::Kind kind = v1::Message::KIND_UNSPECIFIED;
  if (v1::Message::Kind_Parse(name, &kind) && kind != v1::Message::KIND_UNSPECIFIED) return kind;
  return err(Failure{ExitCode::usage,
                     "there is no such kind of message; one of text, location, sticker, voice-note, "
                     "contact-card, poll, timer, unknown"});
}

CommandResult<std::uint64_t> moment_of(const std::optional<UnixMs>& moment, const std::string& typed) {
  if (typed.empty()) return 0;
  if (!moment) return err(Failure{ExitCode::usage, typed + ": " + std::string(kMomentHelp)});
  return moment->value;
}

CommandResult<v1::SearchRequest> request_of(const SearchOptions& options) {
  v1::SearchRequest request;
  std::string words;
  for (const std::string& word : options.words) words += word + " ";
  // Protobuf takes nothing else, and would say less.
  if (!client::is_utf8(words)) return err(Failure{ExitCode::usage, "what is looked for is not UTF-8"});
  request.set_words(words);
  request.set_conversation(options.with);
  request.set_sender(options.from);
  SOTTO_TRY(const auto since, moment_of(parse_moment(options.since), options.since));
  SOTTO_TRY(const auto until, moment_of(parse_end_moment(options.until), options.until));
  request.set_since_ms(since);
  request.set_until_ms(until);
  for (const std::string& name : options.kinds) {
    SOTTO_TRY(const auto kind, parse_kind(name));
    request.add_kinds(kind);
  }
  request.set_has_files(options.files);
  request.set_limit(options.limit);
  return request;
}

/// What conversations are called, by what records name them.
std::map<std::string, std::string> titles_of(const v1::ConversationList& list) {
  std::map<std::string, std::string> titles;
  for (const auto& conversation : list.conversations()) {
    titles[conversation.conversation()] = title(conversation);
  }
  return titles;
}

}  // namespace

CommandResult<ExitCode> run_search(const GlobalOptions& global, const SearchOptions& options) {
  SOTTO_TRY(const auto request, request_of(options));
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto found, session.call(client::api::search_messages, request));
  SOTTO_TRY(const auto list, session.call(client::api::list_conversations, v1::Nothing()));
  const auto titles = titles_of(list);
  Output output(global.json);
  output.show_ids(options.ids);
  for (const auto& message : found.messages()) {
    const auto titled = titles.find(message.conversation());
    output.found(message, titled == titles.end() ? harmless(message.conversation()) : titled->second);
  }
  if (found.messages().empty()) output.note("Nothing found.");
  return ExitCode::ok;
}

}  // namespace sotto::cli
