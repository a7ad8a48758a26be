#include "attach.h"
#include "bytes/hex.h"
#include "client/attachments/transfers.h"
#include "client/conversations/commands.h"
#include "client/conversations/forward.h"
#include "client/conversations/kinds.h"
#include "client/conversations/markup.h"
#include "client/previews/error.h"
#include "commands.h"
#include "files.h"
#include "lengths.h"
#include "page.h"
#include "recording.h"
#include "sms.h"
#include "speech.h"

namespace sotto::cli {
namespace {

v1::Message load(Profile& profile, const session::MessageId& id) {
  std::int64_t row = 0;
  {
    auto rows = profile.database().query("SELECT id FROM message WHERE msg_id = ?1 AND outgoing = 1", id);
    if (rows.next()) row = rows.integer(0);
  }
  return client::message_record(profile.database(), *profile.core().self(), row).value_or(v1::Message());
}

bool decided(const v1::Message& message) { return message.state() != v1::Message::QUEUED; }

CommandResult<client::Requirement> requirement_of(const std::string& typed) {
  if (typed.empty()) return client::Requirement();
  const auto requirement = client::parse_requirement(typed);
  if (requirement) return *requirement;
  return err(Failure{ExitCode::usage,
                     "--require takes pq>=2 or pq>=3, verified, or both: --require pq>=3,verified"});
}

CommandResult<client::EntryOptions> options_of(const SendOptions& options) {
  client::EntryOptions out{
      .reply_to = options.reply_to, .lifetime = {}, .without_guests = options.without_guests};
  SOTTO_TRY(out.requirement, requirement_of(options.require));
  if (options.expires.empty()) return out;
  out.lifetime = parse_length(options.expires);
  if (!out.lifetime) return err(Failure{ExitCode::usage, std::string(kLengthHelp)});
  return out;
}

std::vector<std::string> paths_of(const SendOptions& options) {
  if (!options.voice_note.empty()) return {options.voice_note};
  if (!options.sticker.empty()) return {options.sticker};
  return options.attach;
}

CommandResult<v1::Content> checked(Result<v1::Content, client::KindError> content) {
  if (!content) return err(failure_of(content.error()));
  return *std::move(content);
}

/// Words of the user's, or what the page says; a page that says nothing keeps no message back.
CommandResult<v1::Content> with_preview(const Output& output, const SendOptions& options, v1::Text text) {
  v1::LinkPreview preview;
  preview.set_url(options.preview_url);
  preview.set_title(options.preview_title);
  preview.set_description(options.preview_description);
  if (!options.preview.empty()) {
    preview.set_url(options.preview);
    SOTTO_CHECK_OK(checked(client::text_with_preview(text, preview)));  // the page is asked for nothing else
    const auto asked = ask_page(options.preview, options.preview_private);
    if (!asked) {
      output.problem(client::preview_problem(asked.error(), options.preview));
      v1::Content content;
      *content.mutable_text() = std::move(text);
      return content;
    }
    preview = *asked;
  }
  return checked(client::text_with_preview(std::move(text), preview));
}

/// What a text would do, or a recording or a picture instead of one.
CommandResult<v1::Content> content_of(const Output& output, const SendOptions& options) {
  if (!options.voice_note.empty()) return voice_note_of(options.voice_note);
  if (!options.sticker.empty()) {
    v1::Sticker sticker;
    sticker.set_emoji(options.emoji);
    sticker.set_pack(options.pack);
    return checked(client::sticker_content(sticker));
  }
  SOTTO_TRY(const std::string typed, read_text(options.text, options.file));
  v1::Text text;
  if (options.markup) {
    text = client::parse_markup(typed);
  } else {
    text.set_body(typed);
  }
  if (!options.preview.empty() || !options.preview_url.empty())
    return with_preview(output, options, std::move(text));
  v1::Content content;
  *content.mutable_text() = std::move(text);
  return content;
}

bool has_files(Profile& profile, const session::MessageId& id) { return load(profile, id).files_size() > 0; }

CommandResult<ExitCode> finish(Profile& profile, const Output& output, const session::MessageId& id,
                               const std::string& user, std::uint64_t wait_s) {
  if (has_files(profile, id)) return finish_send_files(profile, output, id, user, wait_s);
  return finish_send(profile, output, id, user, wait_s);
}

}  // namespace

CommandResult<ExitCode> finish_send(Profile& profile, const Output& output, const session::MessageId& id,
                                    const std::string& user, std::uint64_t wait_s) {
  auto hindrance = stopped_by_changed_key(profile, user);
  if (!hindrance)
    hindrance = wait_until(profile, output, seconds(wait_s), [&] { return decided(load(profile, id)); });
  return report_sent(profile, output, id, user, hindrance);
}

CommandResult<ExitCode> report_sent(Profile& profile, const Output& output, const session::MessageId& id,
                                    const std::string& user, const std::optional<Failure>& hindrance) {
  const auto message = load(profile, id);
  if (message.state() == v1::Message::FAILED) {
    const bool nobody = message.failure().find("no such user") != std::string::npos;
    return err(Failure{nobody ? ExitCode::no_such_user : ExitCode::refused,
                       nobody ? "there is no user called " + user +
                                    " on this server; check the spelling. The message was not sent"
                              : "the message was not sent: " + message.failure()});
  }
  output.message(message);
  if (decided(message)) return ExitCode::ok;
  const std::string why = hindrance ? hindrance->message : "the server has not taken it yet";
  if (hindrance && (hindrance->code == ExitCode::refused || hindrance->code == ExitCode::queued))
    return err(*hindrance);
  return err(Failure{ExitCode::queued,
                     "the message is kept and will be sent with the next connection (" + why + ")"});
}

CommandResult<ExitCode> run_send(const GlobalOptions& global, const SendOptions& options) {
  SOTTO_TRY(auto terms, options_of(options));
  const auto paths = paths_of(options);
  terms.with_files = !paths.empty();
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const Output output(global.json);
  SOTTO_TRY(v1::Content content, content_of(output, options));
  // Never silently: whoever can be asked is, and for anybody else it fails below.
  if (!global.json && options.require.empty()) SOTTO_CHECK_OK(ask_for_sms(*profile, options.user));
  SOTTO_TRY(const auto files, seal_files(*profile, paths, options.keep_metadata));
  if (content.has_sticker() && !files.front().mime.starts_with("image/")) {
    return err(Failure{ExitCode::usage, "a sticker is a picture: PNG, JPEG or WebP"});
  }
  auto outcome = profile->core().command(SystemClock().now(), [&](client::Work& work) {
    if (content.has_text()) client::resolve_mentions(work, *content.mutable_text());
    if (files.empty()) return client::send_entry(work, options.user, content, terms);
    return client::send_files(work, options.user, content, terms, files);
  });
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) return err(failure_of(outcome->value.error(), profile->database()));
  return finish(*profile, output, *outcome->value, options.user, options.wait_s);
}

CommandResult<ExitCode> run_forward(const GlobalOptions& global, const ForwardOptions& options) {
  client::EntryOptions terms{.reply_to = {}, .lifetime = {}, .without_guests = options.without_guests};
  SOTTO_TRY(terms.requirement, requirement_of(options.require));
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const auto id, run_in(*profile, [&](client::Work& work) {
              return client::forward_message(work, options.user, options.message, options.to, terms);
            }));
  return finish(*profile, Output(global.json), id, options.to, options.wait_s);
}

}  // namespace sotto::cli
