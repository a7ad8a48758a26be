// `sotto send`, `reply` and `forward`.
#include "client/api/messages.h"
#include "client/previews/error.h"
#include "commands.h"
#include "delivery.h"
#include "files.h"
#include "lengths.h"
#include "recording.h"
#include "session.h"
#include "sms.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

void add_file(const SendOptions& options, const std::string& path, v1::SendRequest& request) {
  auto& file = *request.add_files();
  file.set_path(path);
  file.set_keep_metadata(options.keep_metadata);
}

CommandResult<void> add_text(const SendOptions& options, v1::SendRequest& request) {
  SOTTO_TRY(*request.mutable_text(), read_text(options.text, options.file));
  request.set_markup(options.markup);
  for (const std::string& path : options.attach) add_file(options, path, request);
  if (options.preview.empty() && options.preview_url.empty()) return {};
  auto& preview = *request.mutable_preview();
  preview.set_url(options.preview.empty() ? options.preview_url : options.preview);
  preview.set_title(options.preview_title);
  preview.set_description(options.preview_description);
  return {};
}

/// A text, or a recording or a picture instead of one.
CommandResult<void> add_content(const SendOptions& options, v1::SendRequest& request) {
  if (!options.voice_note.empty()) {
    add_file(options, options.voice_note, request);
    SOTTO_TRY(*request.mutable_voice_note(), voice_note_of(options.voice_note));
    return {};
  }
  if (options.sticker.empty()) return add_text(options, request);
  add_file(options, options.sticker, request);
  request.mutable_sticker()->set_emoji(options.emoji);
  request.mutable_sticker()->set_pack(options.pack);
  return {};
}

/// Of everything but the content.
CommandResult<v1::SendRequest> terms_of(const SendOptions& options) {
  v1::SendRequest request;
  request.set_conversation(options.user);
  request.set_reply_to(options.reply_to);
  request.set_require(options.require);
  request.set_without_guests(options.without_guests);
  if (options.expires.empty()) return request;
  const auto length = parse_length(options.expires);
  if (!length) return err(Failure{ExitCode::usage, std::string(kLengthHelp)});
  // Nothing is sent that has disappeared by then; and a conversation's timer is not turned off like this.
  if (length->value == 0) return err(failure_of(client::ComposeError::bad_lifetime));
  request.set_expires_in_s(length->value / 1000);
  return request;
}

/// What the page says, if that is wanted; a page that says nothing keeps no message back.
void ask_for_preview(Session& session, const SendOptions& options, v1::SendRequest& request) {
  if (!request.has_preview() || options.preview.empty()) return;
  v1::PreviewRequest page;
  page.set_url(options.preview);
  page.set_private_addresses(options.preview_private);
  auto asked = session.call(api::preview_page, page, options.wait_s);
  if (asked) {
    *request.mutable_preview() = *std::move(asked);
  } else {
    request.clear_preview();
    session.output().problem(client::preview_problem(asked.error().message, options.preview));
  }
}

}  // namespace

CommandResult<ExitCode> run_send(const GlobalOptions& global, const SendOptions& options) {
  SOTTO_TRY(v1::SendRequest request, terms_of(options));
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_CHECK_OK(add_content(options, request));
  // Before a page or a person is asked for what would not be sent.
  SOTTO_CHECK_OK(api::check_outgoing(request, session.api().now()));
  ask_for_preview(session, options, request);
  // Never silently: whoever can be asked is, and for anybody else it fails below.
  if (!global.json && options.require.empty()) SOTTO_CHECK_OK(ask_for_sms(session, options.user));
  SOTTO_TRY(const v1::Message sent, session.call(api::send_message, request));
  return finish_send(session, sent, options.user, options.wait_s);
}

CommandResult<ExitCode> run_forward(const GlobalOptions& global, const ForwardOptions& options) {
  v1::ForwardRequest request;
  request.set_conversation(options.user);
  request.set_message_id(options.message);
  request.set_to(options.to);
  request.set_require(options.require);
  request.set_without_guests(options.without_guests);
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const v1::Message sent, session.call(api::forward_message, request));
  return finish_send(session, sent, options.to, options.wait_s);
}

}  // namespace sotto::cli
