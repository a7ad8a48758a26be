#include "attach.h"
#include "bytes/hex.h"
#include "client/attachments/transfers.h"
#include "client/conversations/commands.h"
#include "client/conversations/markup.h"
#include "commands.h"
#include "files.h"
#include "lengths.h"
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

CommandResult<client::EntryOptions> options_of(const SendOptions& options) {
  client::EntryOptions out{
      .reply_to = options.reply_to, .lifetime = {}, .without_guests = options.without_guests};
  if (!options.require.empty()) {
    const auto requirement = client::parse_requirement(options.require);
    if (!requirement) {
      return err(Failure{ExitCode::usage,
                         "--require takes pq>=2 or pq>=3, verified, or both: --require pq>=3,verified"});
    }
    out.requirement = *requirement;
  }
  if (options.expires.empty()) return out;
  out.lifetime = parse_length(options.expires);
  if (!out.lifetime) return err(Failure{ExitCode::usage, std::string(kLengthHelp)});
  return out;
}

}  // namespace

CommandResult<ExitCode> finish_send(Profile& profile, const Output& output, const session::MessageId& id,
                                    const std::string& user, std::uint64_t wait_s) {
  const auto hindrance =
      wait_until(profile, output, seconds(wait_s), [&] { return decided(load(profile, id)); });
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
  if (hindrance && hindrance->code == ExitCode::refused) return err(*hindrance);
  return err(Failure{ExitCode::queued,
                     "the message is kept and will be sent with the next connection (" + why + ")"});
}

CommandResult<ExitCode> run_send(const GlobalOptions& global, const SendOptions& options) {
  SOTTO_TRY(const std::string typed, read_text(options.text, options.file));
  SOTTO_TRY(auto terms, options_of(options));
  terms.with_files = !options.attach.empty();
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  v1::Content content;
  if (options.markup) {
    *content.mutable_text() = client::parse_markup(typed);
  } else {
    content.mutable_text()->set_body(typed);
  }
  if (!options.preview_url.empty()) {
    v1::LinkPreview preview;
    preview.set_url(options.preview_url);
    preview.set_title(options.preview_title);
    preview.set_description(options.preview_description);
    auto with_preview = client::text_with_preview(std::move(*content.mutable_text()), preview);
    if (!with_preview) return err(failure_of(with_preview.error()));
    content = *std::move(with_preview);
  }
  // Never silently: whoever can be asked is, and for anybody else it fails below.
  if (!global.json && options.require.empty()) SOTTO_CHECK_OK(ask_for_sms(*profile, options.user));
  SOTTO_TRY(const auto files, seal_files(*profile, options.attach, options.keep_metadata));
  auto outcome = profile->core().command(SystemClock().now(), [&](client::Work& work) {
    client::resolve_mentions(work, *content.mutable_text());
    if (files.empty()) return client::send_entry(work, options.user, content, terms);
    return client::send_files(work, options.user, content, terms, files);
  });
  if (!outcome) return err(failure_of(outcome.error()));
  if (!outcome->value) return err(failure_of(outcome->value.error(), profile->database()));
  const Output output(global.json);
  if (!files.empty())
    return finish_send_files(*profile, output, *outcome->value, options.user, options.wait_s);
  return finish_send(*profile, output, *outcome->value, options.user, options.wait_s);
}

}  // namespace sotto::cli
