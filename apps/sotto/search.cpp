// `sotto search`: messages by their words and by what they are.
#include "client/search/search.h"

#include <algorithm>
#include <map>

#include "client/contacts/contact_records.h"
#include "client/conversations/records.h"
#include "client/conversations/text_rules.h"
#include "commands.h"
#include "identity/handle.h"
#include "moments.h"
#include "profile.h"
#include "reading.h"

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

CommandResult<identity::AccountId> sender_named(Profile& profile, const client::Self& self,
                                                const std::string& typed) {
  const auto handle = identity::Handle::parse(typed);
  if (!handle) return err(failure_of(client::ComposeError::bad_handle));
  if (client::is_own_handle(profile.database(), self, handle->text())) return self.account_id();
  const auto contact = client::find_named(profile.database(), handle->text());
  if (contact && contact->account) return *contact->account;
  return err(Failure{ExitCode::no_such_user,
                     "nobody here is called " + handle->text() + "; see `sotto conversations`"});
}

CommandResult<void> set_moment(std::optional<UnixMs> moment, const std::string& typed, UnixMs& out) {
  if (typed.empty()) return {};
  if (!moment) return err(Failure{ExitCode::usage, typed + ": " + std::string(kMomentHelp)});
  out = *moment;
  return {};
}

CommandResult<client::SearchFilter> filter_of(Profile& profile, const client::Self& self,
                                              const SearchOptions& options) {
  client::SearchFilter filter;
  if (!options.with.empty()) {
    SOTTO_TRY(filter.conversation, conversation_named(profile, self, options.with));
  }
  if (!options.from.empty()) {
    SOTTO_TRY(filter.sender, sender_named(profile, self, options.from));
  }
  SOTTO_CHECK_OK(set_moment(parse_moment(options.since), options.since, filter.since));
  SOTTO_CHECK_OK(set_moment(parse_end_moment(options.until), options.until, filter.until));
  for (const std::string& name : options.kinds) {
    SOTTO_TRY(const auto kind, parse_kind(name));
    filter.kinds.push_back(kind);
  }
  return filter;
}

std::map<std::string, std::string> titles_of(client::store::Database& database, const client::Self& self) {
  std::map<std::string, std::string> titles;
  for (const auto& conversation : client::conversation_records(database, self, SystemClock().now())) {
    titles[conversation.conversation()] = title(conversation);
  }
  return titles;
}

}  // namespace

CommandResult<ExitCode> run_search(const GlobalOptions& global, const SearchOptions& options) {
  std::string typed;
  for (const std::string& word : options.words) typed += word + " ";
  if (!client::is_utf8(typed)) return err(Failure{ExitCode::usage, "what is looked for is not UTF-8"});
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  SOTTO_TRY(const auto filter, filter_of(*profile, *self, options));
  Output output(global.json);
  output.show_ids(options.ids);
  return read_only(*profile, [&] {
    const auto found =
        client::search(profile->database(), *self, typed, filter, options.limit, SystemClock().now());
    const auto titles = titles_of(profile->database(), *self);
    for (const auto& message : found) {
      const auto titled = titles.find(message.conversation());
      output.found(message, titled == titles.end() ? harmless(message.conversation()) : titled->second);
    }
    if (found.empty()) output.note("Nothing found.");
  });
}

}  // namespace sotto::cli
