// Entries that are more than text: places, contact cards, polls; pins; and messages that are to go later.
#include "client/conversations/kinds.h"

#include <charconv>
#include <ctime>

#include "client/api/messages.h"
#include "commands.h"
#include "files.h"
#include "lengths.h"
#include "speech.h"

namespace sotto::cli {
namespace {

namespace api = client::api;
using client::KindError;

template <typename Request>
Request named(const KindOptions& options) {
  Request request;
  request.set_conversation(options.user);
  request.set_message_id(options.message);
  return request;
}

v1::SendRequest to_user(const KindOptions& options) {
  v1::SendRequest request;
  request.set_conversation(options.user);
  return request;
}

CommandResult<ExitCode> send(Session session, const KindOptions& options, const v1::SendRequest& request) {
  SOTTO_TRY(const v1::Message sent, session.call(api::send_message, request));
  return finish_send(session, sent, options.user, options.wait_s);
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
  auto request = to_user(options);
  SOTTO_TRY(*request.mutable_location(), location_of(options));
  const auto live = options.length.empty() ? std::optional(DurationMs{}) : parse_length(options.length);
  if (!live) return err(Failure{ExitCode::usage, std::string(kLengthHelp)});
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  // Counted from now: a passphrase takes its time.
  if (live->value > 0) {
    request.mutable_location()->set_live_until_ms((SystemClock().now() + *live).value);
  }
  return send(std::move(session), options, request);
}

CommandResult<ExitCode> run_location_move(const GlobalOptions& global, const KindOptions& options) {
  auto request = named<v1::MoveLocationRequest>(options);
  SOTTO_TRY(*request.mutable_location(), location_of(options));
  return about_message(global, api::move_location, request, options.wait_s);
}

CommandResult<ExitCode> run_location_stop(const GlobalOptions& global, const KindOptions& options) {
  return about_message(global, api::move_location, named<v1::MoveLocationRequest>(options), options.wait_s);
}

CommandResult<ExitCode> run_card(const GlobalOptions& global, const KindOptions& options) {
  auto request = to_user(options);
  auto& card = *request.mutable_contact_card();
  card.set_name(options.name);
  card.set_handle(options.handle);
  card.mutable_phones()->Assign(options.phones.begin(), options.phones.end());
  card.mutable_mails()->Assign(options.mails.begin(), options.mails.end());
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  return send(std::move(session), options, request);
}

CommandResult<ExitCode> run_poll_ask(const GlobalOptions& global, const KindOptions& options) {
  auto request = to_user(options);
  auto& poll = *request.mutable_poll();
  poll.set_question(options.text);
  poll.set_multiple(options.multiple);
  poll.mutable_options()->Assign(options.choices.begin(), options.choices.end());
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  return send(std::move(session), options, request);
}

CommandResult<ExitCode> run_poll_vote(const GlobalOptions& global, const KindOptions& options) {
  auto request = named<v1::VoteRequest>(options);
  for (const std::uint32_t number : options.numbers) {
    if (number == 0) return err(failure_of(KindError::bad_option));
    request.add_options(number - 1);
  }
  return about_message(global, api::vote, request, options.wait_s);
}

CommandResult<ExitCode> run_poll_close(const GlobalOptions& global, const KindOptions& options) {
  return about_message(global, api::close_poll, named<v1::MessageRequest>(options), options.wait_s);
}

CommandResult<ExitCode> run_pin(const GlobalOptions& global, const KindOptions& options) {
  auto request = named<v1::PinRequest>(options);
  request.set_pinned(!options.remove);
  return about_message(global, api::pin, request, options.wait_s);
}

CommandResult<ExitCode> run_schedule_add(const GlobalOptions& global, const KindOptions& options) {
  auto request = to_user(options);
  SOTTO_TRY(*request.mutable_text(), read_text(options.text, options.file));
  SOTTO_TRY(const UnixMs due, due_of(options));
  request.set_due_ms(due.value);
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto scheduled, session.call(api::schedule, request));
  session.output().scheduled(scheduled);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_schedule_list(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_scheduled, v1::Nothing()));
  for (const auto& scheduled : list.scheduled()) session.output().scheduled(scheduled);
  if (list.scheduled().empty()) session.output().note("Nothing waits to be sent later.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_schedule_cancel(const GlobalOptions& global, const KindOptions& options) {
  v1::MessageRequest request;
  request.set_message_id(options.message);
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto cancelled, session.call(api::withdraw_scheduled, request));
  session.output().scheduled(cancelled);
  return ExitCode::ok;
}

}  // namespace sotto::cli
