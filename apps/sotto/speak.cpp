// What people do in a conversation besides writing: answer, react, edit, take back, erase, read, and its
// settings.
#include "bytes/hex.h"
#include "client/conversations/commands.h"
#include "client/conversations/markup.h"
#include "client/outbox/queue.h"
#include "commands.h"
#include "files.h"
#include "lengths.h"
#include "speech.h"

namespace sotto::cli {
namespace {

using client::ComposeError;
using client::Work;
using Write = v1::SyncEvent::Write;

CommandResult<v1::Text> text_of(const SpeechOptions& options) {
  SOTTO_TRY(const std::string typed, read_text(options.text, options.file));
  if (options.markup) return client::parse_markup(typed);
  v1::Text text;
  text.set_body(typed);
  return text;
}

/// A setting of the conversation, on own devices.
CommandResult<ExitCode> set(const GlobalOptions& global, const SpeechOptions& options, Write::Kind kind,
                            std::uint64_t number, const std::string& text = {}) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const auto conversation, run_in(*profile, [&](Work& work) {
              return client::set_register(work, options.user, kind, number, text);
            }));
  const Output output(global.json);
  output.settings(conversation);
  return deliver(*profile, output, options.wait_s);
}

}  // namespace

CommandResult<ExitCode> deliver(Profile& profile, const Output& output, std::uint64_t wait_s) {
  const auto hindrance = wait_until_all_sent(profile, output, seconds(wait_s));
  if (client::unsent(profile.database()) == 0) return ExitCode::ok;
  if (hindrance && (hindrance->code == ExitCode::refused || hindrance->code == ExitCode::queued))
    return err(*hindrance);
  const std::string why = hindrance ? hindrance->message : "the server has not taken it yet";
  return err(Failure{ExitCode::queued, "it is kept and will be sent with the next connection (" + why + ")"});
}

CommandResult<ExitCode> run_react(const GlobalOptions& global, const SpeechOptions& options) {
  return about_message(global, options.wait_s, [&](Work& work) {
    return client::react(work, options.user, options.message, options.remove ? "" : options.text);
  });
}

CommandResult<ExitCode> run_edit(const GlobalOptions& global, const SpeechOptions& options) {
  SOTTO_TRY(v1::Text text, text_of(options));
  return about_message(global, options.wait_s, [&](Work& work) {
    client::resolve_mentions(work, text);
    return client::edit_message(work, options.user, options.message, text);
  });
}

CommandResult<ExitCode> run_unsend(const GlobalOptions& global, const SpeechOptions& options) {
  return about_message(global, options.wait_s, [&](Work& work) {
    return client::unsend_message(work, options.user, options.message);
  });
}

CommandResult<ExitCode> run_erase(const GlobalOptions& global, const SpeechOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_CHECK_OK(run_in(
      *profile, [&](Work& work) { return client::erase_message(work, options.user, options.message); }));
  return deliver(*profile, Output(global.json), options.wait_s);
}

CommandResult<ExitCode> run_read(const GlobalOptions& global, const SpeechOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  SOTTO_TRY(const auto conversation,
            run_in(*profile, [&](Work& work) -> Result<v1::Conversation, ComposeError> {
              SOTTO_CHECK_OK(client::read_conversation(work, options.user));
              const auto record = client::find_conversation(work.db, *self, options.user);
              return client::conversation_record(work.db, *self, *record, work.now);
            }));
  const Output output(global.json);
  output.conversation(conversation);
  return deliver(*profile, output, options.wait_s);
}

CommandResult<ExitCode> run_typing(const GlobalOptions& global, const SpeechOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const bool told, run_in(*profile, [&](Work& work) {
              return client::signal_typing(work, options.user, !options.remove);
            }));
  const Output output(global.json);
  if (!told) {
    output.note("Nobody is told: they were not there lately, or the conversation's settings forbid it.");
    return ExitCode::ok;
  }
  return deliver(*profile, output, options.wait_s);
}

CommandResult<ExitCode> run_timer(const GlobalOptions& global, const SpeechOptions& options) {
  const auto length = parse_length(options.text);
  if (!length) return err(Failure{ExitCode::usage, std::string(kLengthHelp)});
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const auto id,
            run_in(*profile, [&](Work& work) { return client::set_timer(work, options.user, *length); }));
  return finish_send(*profile, Output(global.json), id, options.user, options.wait_s);
}

CommandResult<ExitCode> run_settings(const GlobalOptions& global, const SpeechOptions& options) {
  if (!options.read_receipts.empty())
    return set(global, options, Write::NO_READ_RECEIPTS, options.read_receipts == "off");
  if (!options.delivery_receipts.empty())
    return set(global, options, Write::NO_DELIVERY_RECEIPTS, options.delivery_receipts == "off");
  if (!options.typing.empty()) return set(global, options, Write::NO_TYPING, options.typing == "off");
  if (!options.pinned.empty()) return set(global, options, Write::PINNED, options.pinned == "on");
  if (options.has_name) return set(global, options, Write::NAME, 0, options.text);
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  const auto record = client::find_conversation(profile->database(), *self, options.user);
  if (!record) return err(failure_of(ComposeError::no_conversation));
  Output(global.json)
      .settings(client::conversation_record(profile->database(), *self, *record, SystemClock().now()));
  return ExitCode::ok;
}

CommandResult<ExitCode> run_mute(const GlobalOptions& global, const SpeechOptions& options) {
  const auto length = parse_length(options.text);
  if (!length) return err(Failure{ExitCode::usage, std::string(kLengthHelp)});
  const std::uint64_t until = length->value == 0 ? 0 : (SystemClock().now() + *length).value;
  return set(global, options, Write::MUTED_UNTIL, until);
}

CommandResult<ExitCode> run_block(const GlobalOptions& global, const SpeechOptions& options) {
  return set(global, options, Write::BLOCKED, options.remove ? 0 : 1);
}

CommandResult<ExitCode> run_draft(const GlobalOptions& global, const SpeechOptions& options) {
  return set(global, options, Write::DRAFT, 0, options.text);
}

}  // namespace sotto::cli
