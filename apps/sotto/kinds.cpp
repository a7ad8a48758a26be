// Entries that are more than text: places, contact cards, polls; pins; and messages that are to go later.
#include "client/conversations/kinds.h"

#include <charconv>
#include <ctime>

#include "client/conversations/schedule.h"
#include "commands.h"
#include "files.h"
#include "lengths.h"
#include "speech.h"

namespace sotto::cli {
namespace {

using client::ComposeError;
using client::KindError;
using client::Work;

/// What a command of two steps ends with: the message named, then what is said about it.
template <typename Body>
CommandResult<ExitCode> about(const GlobalOptions& global, const KindOptions& options, client::Whose whose,
                              Body&& body) {
  std::optional<KindError> wrong;
  auto end = about_message(global, options.wait_s, [&](Work& work) -> Result<std::int64_t, ComposeError> {
    SOTTO_TRY(const auto message, client::open_message(work, options.user, options.message, whose));
    const Result<void, KindError> said = body(work, message);
    if (!said) wrong = said.error();
    return message.row;
  });
  if (wrong) return err(failure_of(*wrong));
  return end;
}

CommandResult<ExitCode> send_content(const GlobalOptions& global, const KindOptions& options,
                                     const Result<v1::Content, KindError>& content) {
  if (!content) return err(failure_of(content.error()));
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const auto id, run_in(*profile, [&](Work& work) {
              return client::send_entry(work, options.user, *content, {});
            }));
  return finish_send(*profile, Output(global.json), id, options.user, options.wait_s);
}

/// Degrees in decimals; empty for what is no number or off the globe.
std::optional<std::int32_t> parse_degrees(const std::string& text, double limit) {
  double degrees = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), degrees);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(degrees >= -limit && degrees <= limit)) return std::nullopt;
  return static_cast<std::int32_t>(degrees * 1e7);
}

CommandResult<v1::Location> location_of(const KindOptions& options) {
  const auto latitude = parse_degrees(options.latitude, 90);
  const auto longitude = parse_degrees(options.longitude, 180);
  if (!latitude || !longitude) return err(failure_of(KindError::bad_location));
  v1::Location location;
  location.set_latitude_e7(*latitude);
  location.set_longitude_e7(*longitude);
  location.set_accuracy_m(options.accuracy_m);
  location.set_name(options.name);
  return location;
}

/// "2026-12-24 18:00", where this machine is.
std::optional<UnixMs> parse_time(const std::string& text) {
  std::tm local{};
  const char* const end = ::strptime(text.c_str(), "%Y-%m-%d %H:%M", &local);
  if (end == nullptr || *end != '\0') return std::nullopt;
  local.tm_isdst = -1;
  const std::time_t time = ::mktime(&local);
  if (time <= 0) return std::nullopt;
  return UnixMs{static_cast<std::uint64_t>(time) * 1000};
}

CommandResult<UnixMs> due_of(const KindOptions& options) {
  if (!options.at.empty()) {
    const auto time = parse_time(options.at);
    if (!time) return err(Failure{ExitCode::usage, "this is no time; write 2026-12-24 18:00"});
    return *time;
  }
  const auto length = parse_length(options.length);
  if (!length) return err(Failure{ExitCode::usage, std::string(kLengthHelp)});
  return SystemClock().now() + *length;
}

}  // namespace

CommandResult<ExitCode> run_location_send(const GlobalOptions& global, const KindOptions& options) {
  SOTTO_TRY(const auto location, location_of(options));
  const auto live = options.length.empty() ? std::optional(DurationMs{}) : parse_length(options.length);
  if (!live) return err(Failure{ExitCode::usage, std::string(kLengthHelp)});
  return send_content(global, options, client::location_content(location, *live, SystemClock().now()));
}

CommandResult<ExitCode> run_location_move(const GlobalOptions& global, const KindOptions& options) {
  SOTTO_TRY(const auto location, location_of(options));
  return about(global, options, client::Whose::own, [&](Work& work, const client::NamedMessage& message) {
    return client::move_location(work, message, location);
  });
}

CommandResult<ExitCode> run_location_stop(const GlobalOptions& global, const KindOptions& options) {
  return about(global, options, client::Whose::own, [](Work& work, const client::NamedMessage& message) {
    return client::move_location(work, message, std::nullopt);
  });
}

CommandResult<ExitCode> run_card(const GlobalOptions& global, const KindOptions& options) {
  v1::ContactCard card;
  card.set_name(options.name);
  card.set_handle(options.handle);
  for (const auto& phone : options.phones) card.add_phones(phone);
  for (const auto& mail : options.mails) card.add_mails(mail);
  return send_content(global, options, client::card_content(card));
}

CommandResult<ExitCode> run_poll_ask(const GlobalOptions& global, const KindOptions& options) {
  v1::Poll poll;
  poll.set_question(options.text);
  poll.set_multiple(options.multiple);
  for (const auto& option : options.choices) poll.add_options(option);
  return send_content(global, options, client::poll_content(poll));
}

CommandResult<ExitCode> run_poll_vote(const GlobalOptions& global, const KindOptions& options) {
  std::vector<std::uint32_t> chosen;
  for (const std::uint32_t number : options.numbers) {
    if (number == 0) return err(failure_of(KindError::bad_option));
    chosen.push_back(number - 1);
  }
  return about(global, options, client::Whose::anybody, [&](Work& work, const client::NamedMessage& message) {
    return client::vote(work, message, chosen);
  });
}

CommandResult<ExitCode> run_poll_close(const GlobalOptions& global, const KindOptions& options) {
  return about(global, options, client::Whose::own, [](Work& work, const client::NamedMessage& message) {
    return client::close_poll(work, message);
  });
}

CommandResult<ExitCode> run_pin(const GlobalOptions& global, const KindOptions& options) {
  return about(global, options, client::Whose::anybody,
               [&](Work& work, const client::NamedMessage& message) -> Result<void, KindError> {
                 client::pin(work, message, !options.remove);
                 return {};
               });
}

CommandResult<ExitCode> run_schedule_add(const GlobalOptions& global, const KindOptions& options) {
  SOTTO_TRY(const std::string text, read_text(options.text, options.file));
  SOTTO_TRY(const UnixMs due, due_of(options));
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  v1::Content content;
  content.mutable_text()->set_body(text);
  SOTTO_TRY(const auto conversation,
            run_in(*profile, [&](Work& work) -> Result<client::ConversationRecord, ComposeError> {
              SOTTO_CHECK_OK(client::check_text(content.text()));
              return client::conversation_for(work, options.user);
            }));
  SOTTO_TRY(const auto scheduled, run_in(*profile, [&](Work& work) {
              return client::schedule_entry(work, conversation, content, due);
            }));
  Output(global.json).scheduled(scheduled);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_schedule_list(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  const Output output(global.json);
  const auto all = client::scheduled_records(profile->database(), *self);
  if (const auto failure = profile->database().take_failure()) return err(failure_of(*failure));
  for (const auto& scheduled : all) output.scheduled(scheduled);
  if (all.empty()) output.note("Nothing waits to be sent later.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_schedule_cancel(const GlobalOptions& global, const KindOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const auto cancelled,
            run_in(*profile, [&](Work& work) { return client::cancel_scheduled(work, options.message); }));
  Output(global.json).scheduled(cancelled);
  return ExitCode::ok;
}

}  // namespace sotto::cli
