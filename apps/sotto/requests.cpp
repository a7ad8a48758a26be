// What strangers want, who may want something at all, and where links lead.
#include "requests.h"

#include <fmt/format.h>

#include "client/conversations/records.h"
#include "client/links/records.h"
#include "client/requests/decisions.h"
#include "client/requests/reports.h"
#include "client/requests/rules.h"
#include "client/safety/cards.h"
#include "commands.h"
#include "confirm.h"
#include "reading.h"
#include "speech.h"

namespace sotto::cli {
namespace {

using client::ComposeError;
using client::Work;

constexpr const char* kPointer = "What to look out for with people you do not know: sotto safety";

/// The user saw what goes, and wants it. Nothing they said goes without being shown.
CommandResult<void> agree(Profile& profile, const Output& output, const v1::Report& report,
                          const RequestOptions& options) {
  for (const auto& message : report.messages()) output.message(message);
  const std::string what =
      report.messages_size() == 0
          ? std::string("your words about them, and nothing they wrote")
          : fmt::format(
                "your words and these {} messages. They leave the end-to-end encryption, because you "
                "want it; the operator can read them, and cannot prove that they were written",
                report.messages_size());
  const std::string question = fmt::format("To the operator of {} go: {}. Report {}?", profile.server_name(),
                                           what, harmless(report.name()));
  if (options.yes) {
    output.note(question);
    return {};
  }
  if (is_at_terminal() && confirm(question)) return {};
  return err(
      Failure{ExitCode::refused, "nothing was reported; where nobody can be asked, --yes says that it may"});
}

/// A decision that leaves nothing to show.
template <typename Decide>
CommandResult<ExitCode> decide(const GlobalOptions& global, const RequestOptions& options, Decide&& decide) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_CHECK_OK(run_in(*profile, [&](Work& work) { return decide(work, options.user); }));
  return deliver(*profile, Output(global.json), options.wait_s);
}

template <typename Change>
CommandResult<ExitCode> change_rules(const GlobalOptions& global, const RequestOptions& options,
                                     Change&& change) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const auto rules, run_in(*profile, [&](Work& work) -> Result<v1::ContactRules, ComposeError> {
              change(work);
              return client::contact_rules(work.db, work.self);
            }));
  const Output output(global.json);
  output.contact_rules(rules);
  return deliver(*profile, output, options.wait_s);
}

}  // namespace

std::optional<v1::ContactRules::From> rule_named(const std::string& name) {
  if (name == "anybody") return v1::ContactRules::ANYBODY;
  if (name == "groups") return v1::ContactRules::GROUPS;
  if (name == "link") return v1::ContactRules::LINK;
  if (name == "nobody") return v1::ContactRules::NOBODY;
  if (name == "open") return v1::ContactRules::OPEN;
  return std::nullopt;
}

CommandResult<ExitCode> run_requests(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  const Output output(global.json);
  return read_only(*profile, [&] {
    const auto all = client::request_records(profile->database(), *self, SystemClock().now());
    for (const auto& request : all) output.request(request);
    output.note(all.empty() ? "Nobody waits." : kPointer);
  });
}

CommandResult<ExitCode> run_request_accept(const GlobalOptions& global, const RequestOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const auto conversation,
            run_in(*profile, [&](Work& work) { return client::accept_request(work, options.user); }));
  const Output output(global.json);
  output.conversation(conversation);
  return deliver(*profile, output, options.wait_s);
}

CommandResult<ExitCode> run_request_delete(const GlobalOptions& global, const RequestOptions& options) {
  return decide(global, options, client::delete_request);
}

CommandResult<ExitCode> run_request_block(const GlobalOptions& global, const RequestOptions& options) {
  return decide(global, options, client::block_request);
}

CommandResult<ExitCode> run_request_blocked(const GlobalOptions& global) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->reader());
  const Output output(global.json);
  return read_only(*profile, [&] {
    const auto all = client::blocked_records(profile->database(), *self, SystemClock().now());
    for (const auto& blocked : all) output.blocked(blocked);
    if (all.empty()) output.note("Nobody is blocked.");
  });
}

CommandResult<ExitCode> run_request_unblock(const GlobalOptions& global, const RequestOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const auto conversation,
            run_in(*profile, [&](Work& work) { return client::unblock(work, options.user); }));
  const Output output(global.json);
  output.blocked(conversation);
  return deliver(*profile, output, options.wait_s);
}

CommandResult<ExitCode> run_request_report(const GlobalOptions& global, const RequestOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  const Output output(global.json);
  SOTTO_TRY(auto preview,
            run_in(*profile, [&](Work& work) { return client::preview_report(work, options.user); }));
  if (!options.with_messages) preview.clear_messages();
  SOTTO_CHECK_OK(agree(*profile, output, preview, options));
  client::ReportWish wish{.why = options.why, .messages = {}, .keep = options.keep};
  for (const auto& message : preview.messages()) wish.messages.push_back(message.message_id());
  SOTTO_TRY(auto report,
            run_in(*profile, [&](Work& work) { return client::report_person(work, options.user, wish); }));
  auto sent = deliver(*profile, output, options.wait_s);
  const auto standing = client::report_standing(profile->database(), report);
  if (!standing.refusal.empty()) {
    return err(Failure{ExitCode::refused, "the server did not take the report: " + standing.refusal});
  }
  report.set_sent(standing.sent);
  output.report(report);
  return sent;
}

CommandResult<ExitCode> run_safety(const GlobalOptions& global, const std::string& language) {
  const Output output(global.json);
  for (const auto& card : client::safety_cards(language)) output.safety_card(card);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_request_rule(const GlobalOptions& global, const RequestOptions& options) {
  const auto rule = rule_named(options.from);
  return change_rules(global, options, [&](Work& work) {
    if (rule) client::set_contact_rule(work, *rule);
  });
}

CommandResult<ExitCode> run_request_link(const GlobalOptions& global, const RequestOptions& options) {
  return change_rules(global, options, [&](Work& work) {
    const bool none = client::contact_rules(work.db, work.self).link().empty();
    if (options.withdraw) {
      client::withdraw_contact_link(work);
    } else if (options.renew || none) {
      client::renew_contact_link(work);
    }
  });
}

CommandResult<ExitCode> run_contact_add(const GlobalOptions& global, const std::string& link) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const std::string handle,
            run_in(*profile, [&](Work& work) { return client::use_contact_link(work, link); }));
  Output(global.json)
      .note(fmt::format("Your first messages to {} show the link: sotto send {} TEXT", handle, handle));
  return ExitCode::ok;
}

CommandResult<ExitCode> run_links(const GlobalOptions& global, const SpeechOptions& options) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_TRY(const auto* self, profile->self());
  SOTTO_TRY(const std::int64_t row, run_in(*profile, [&](Work& work) {
              return client::reveal_links(work, options.user, options.message);
            }));
  const Output output(global.json);
  if (const auto message = client::message_record(profile->database(), *self, row)) output.links(*message);
  return ExitCode::ok;
}

}  // namespace sotto::cli
