// What people do in a conversation besides writing: answer, react, edit, take back, erase, read, and its
// settings.
#include "client/api/conversations.h"
#include "client/api/messages.h"
#include "commands.h"
#include "files.h"
#include "lengths.h"
#include "speech.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

/// What is asked about a conversation, or a message of it.
template <typename Request>
Request in_conversation(const SpeechOptions& options) {
  Request request;
  request.set_conversation(options.user);
  return request;
}

template <typename Request>
Request named(const SpeechOptions& options) {
  auto request = in_conversation<Request>(options);
  request.set_message_id(options.message);
  return request;
}

CommandResult<DurationMs> length_of(const SpeechOptions& options) {
  const auto length = parse_length(options.text);
  if (length) return *length;
  return err(Failure{ExitCode::usage, std::string(kLengthHelp)});
}

/// A setting of the conversation, on own devices.
template <typename Request>
CommandResult<ExitCode> set(const GlobalOptions& global, const SpeechOptions& options,
                            CommandResult<v1::Conversation> (*function)(api::Client&, const Request&),
                            const Request& request) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const v1::Conversation conversation, session.call(function, request));
  session.output().settings(conversation);
  return deliver(session.profile(), session.output(), options.wait_s);
}

bool changes_settings(const SpeechOptions& options) {
  return options.has_name || !options.read_receipts.empty() || !options.delivery_receipts.empty() ||
         !options.typing.empty() || !options.pinned.empty();
}

}  // namespace

CommandResult<ExitCode> run_react(const GlobalOptions& global, const SpeechOptions& options) {
  auto request = named<v1::ReactRequest>(options);
  if (!options.remove) request.set_emoji(options.text);
  return about_message(global, api::react, request, options.wait_s);
}

CommandResult<ExitCode> run_edit(const GlobalOptions& global, const SpeechOptions& options) {
  auto request = named<v1::EditRequest>(options);
  SOTTO_TRY(*request.mutable_text(), read_text(options.text, options.file));
  request.set_markup(options.markup);
  return about_message(global, api::edit_message, request, options.wait_s);
}

CommandResult<ExitCode> run_unsend(const GlobalOptions& global, const SpeechOptions& options) {
  return about_message(global, api::unsend_message, named<v1::MessageRequest>(options), options.wait_s);
}

CommandResult<ExitCode> run_erase(const GlobalOptions& global, const SpeechOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_CHECK_OK(session.call(api::erase_message, named<v1::MessageRequest>(options)));
  return deliver(session.profile(), session.output(), options.wait_s);
}

CommandResult<ExitCode> run_read(const GlobalOptions& global, const SpeechOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto conversation,
            session.call(api::mark_read, in_conversation<v1::ConversationRequest>(options)));
  session.output().conversation(conversation);
  return deliver(session.profile(), session.output(), options.wait_s);
}

CommandResult<ExitCode> run_typing(const GlobalOptions& global, const SpeechOptions& options) {
  auto request = in_conversation<v1::TypingRequest>(options);
  request.set_active(!options.remove);
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const bool told, session.call(api::signal_typing, request));
  if (!told) {
    session.output().note(
        "Nobody is told: they were not there lately, or the conversation's settings forbid it.");
    return ExitCode::ok;
  }
  return deliver(session.profile(), session.output(), options.wait_s);
}

CommandResult<ExitCode> run_timer(const GlobalOptions& global, const SpeechOptions& options) {
  auto request = in_conversation<v1::TimerRequest>(options);
  SOTTO_TRY(const DurationMs length, length_of(options));
  request.set_seconds(length.value / 1000);
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto said, session.call(api::say_timer, request));
  return finish_send(session, said, options.user, options.wait_s);
}

CommandResult<ExitCode> run_settings(const GlobalOptions& global, const SpeechOptions& options) {
  if (!changes_settings(options)) {
    SOTTO_TRY(Session session, Session::reading(global));
    SOTTO_TRY(const auto conversation,
              session.call(api::get_conversation, in_conversation<v1::ConversationRequest>(options)));
    session.output().settings(conversation);
    return ExitCode::ok;
  }
  auto request = in_conversation<v1::SettingsRequest>(options);
  if (!options.read_receipts.empty()) request.set_read_receipts(options.read_receipts == "on");
  if (!options.delivery_receipts.empty()) request.set_delivery_receipts(options.delivery_receipts == "on");
  if (!options.typing.empty()) request.set_typing(options.typing == "on");
  if (!options.pinned.empty()) request.set_pinned(options.pinned == "on");
  if (options.has_name) request.set_name(options.text);
  return set(global, options, api::change_settings, request);
}

CommandResult<ExitCode> run_mute(const GlobalOptions& global, const SpeechOptions& options) {
  auto request = in_conversation<v1::SettingsRequest>(options);
  SOTTO_TRY(const DurationMs length, length_of(options));
  request.set_muted_until_ms(length.value == 0 ? 0 : (SystemClock().now() + length).value);
  return set(global, options, api::change_settings, request);
}

CommandResult<ExitCode> run_block(const GlobalOptions& global, const SpeechOptions& options) {
  auto request = in_conversation<v1::SettingsRequest>(options);
  request.set_blocked(!options.remove);
  return set(global, options, api::change_settings, request);
}

CommandResult<ExitCode> run_draft(const GlobalOptions& global, const SpeechOptions& options) {
  auto request = in_conversation<v1::DraftRequest>(options);
  request.set_text(options.text);
  return set(global, options, api::set_draft, request);
}

}  // namespace sotto::cli
