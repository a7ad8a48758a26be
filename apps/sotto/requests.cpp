// What strangers want, who may want something at all, and where links lead.
#include "requests.h"

#include <fmt/format.h>

#include "client/api/contacts.h"
#include "client/api/requests.h"
#include "client/requests/reports.h"
#include "client/safety/cards.h"
#include "commands.h"
#include "confirm.h"
#include "delivery.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

constexpr const char* kPointer = "What to look out for with people you do not know: sotto safety";

v1::ConversationRequest named(const RequestOptions& options) {
  v1::ConversationRequest request;
  request.set_conversation(options.user);
  return request;
}

/// What was decided goes to everybody whom it concerns.
CommandResult<ExitCode> tell(Session& session, const RequestOptions& options) {
  return deliver(session.profile(), session.output(), options.wait_s);
}

/// A decision that leaves nothing to show.
CommandResult<ExitCode> decide(const GlobalOptions& global, const RequestOptions& options,
                               CommandResult<v1::Nothing> (*function)(api::Client&,
                                                                      const v1::ConversationRequest&)) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_CHECK_OK(session.call(function, named(options)));
  return tell(session, options);
}

CommandResult<ExitCode> show_rules(Session& session, const v1::ContactRules& rules,
                                   const RequestOptions& options) {
  session.output().contact_rules(rules);
  return tell(session, options);
}

/// The user saw what goes, and wants it. Nothing they said goes without being shown.
CommandResult<void> agree(Session& session, const v1::Report& report, const RequestOptions& options) {
  const Output& output = session.output();
  for (const auto& message : report.messages()) output.message(message);
  const std::string what =
      report.messages_size() == 0
          ? std::string("your words about them, and nothing they wrote")
          : fmt::format(
                "your words and these {} messages. They leave the end-to-end encryption, because you "
                "want it; the operator can read them, and cannot prove that they were written",
                report.messages_size());
  const std::string question = fmt::format("To the operator of {} go: {}. Report {}?",
                                           session.profile().server_name(), what, harmless(report.name()));
  if (options.yes) {
    output.note(question);
    return {};
  }
  if (is_at_terminal() && confirm(question)) return {};
  return err(
      Failure{ExitCode::refused, "nothing was reported; where nobody can be asked, --yes says that it may"});
}

/// As the user agreed to it.
v1::ReportRequest request_for(const v1::Report& agreed, const RequestOptions& options) {
  v1::ReportRequest request;
  request.set_conversation(options.user);
  request.set_why(options.why);
  request.set_keep(options.keep);
  for (const auto& message : agreed.messages()) request.add_message_ids(message.message_id());
  return request;
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
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_requests, v1::Nothing()));
  for (const auto& request : list.conversations()) session.output().request(request);
  session.output().note(list.conversations().empty() ? "Nobody waits." : kPointer);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_request_accept(const GlobalOptions& global, const RequestOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto conversation, session.call(api::accept_request, named(options)));
  session.output().conversation(conversation);
  return tell(session, options);
}

CommandResult<ExitCode> run_request_delete(const GlobalOptions& global, const RequestOptions& options) {
  return decide(global, options, api::delete_request);
}

CommandResult<ExitCode> run_request_block(const GlobalOptions& global, const RequestOptions& options) {
  return decide(global, options, api::block_request);
}

CommandResult<ExitCode> run_request_blocked(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_blocked, v1::Nothing()));
  for (const auto& blocked : list.conversations()) session.output().blocked(blocked);
  if (list.conversations().empty()) session.output().note("Nobody is blocked.");
  return ExitCode::ok;
}

CommandResult<ExitCode> run_request_unblock(const GlobalOptions& global, const RequestOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(const auto conversation, session.call(api::unblock, named(options)));
  session.output().blocked(conversation);
  return tell(session, options);
}

CommandResult<ExitCode> run_request_report(const GlobalOptions& global, const RequestOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(auto preview, session.call(api::preview_report, named(options)));
  if (!options.with_messages) preview.clear_messages();
  SOTTO_CHECK_OK(agree(session, preview, options));
  SOTTO_TRY(auto report, session.call(api::report, request_for(preview, options)));
  auto sent = tell(session, options);
  const auto standing = client::report_standing(session.profile().database(), report);
  if (!standing.refusal.empty()) {
    return err(Failure{ExitCode::refused, "the server did not take the report: " + standing.refusal});
  }
  report.set_sent(standing.sent);
  session.output().report(report);
  return sent;
}

// Needs no profile, so that there is no client to call.
CommandResult<ExitCode> run_safety(const GlobalOptions& global, const std::string& language) {
  const Output output(global.json);
  for (const auto& card : client::safety_cards(language)) output.safety_card(card);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_request_rule(const GlobalOptions& global, const RequestOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  v1::ContactRules wish;
  const auto rule = rule_named(options.from);
  if (rule) wish.set_from(*rule);
  SOTTO_TRY(const auto rules, rule ? session.call(api::set_contact_rule, wish)
                                   : session.call(api::contact_rules, v1::Nothing()));
  return show_rules(session, rules, options);
}

CommandResult<ExitCode> run_request_link(const GlobalOptions& global, const RequestOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  SOTTO_TRY(auto rules, session.call(api::contact_rules, v1::Nothing()));
  if (options.withdraw) {
    SOTTO_TRY(rules, session.call(api::withdraw_contact_link, v1::Nothing()));
  } else if (options.renew || rules.link().empty()) {
    SOTTO_TRY(rules, session.call(api::renew_contact_link, v1::Nothing()));
  }
  return show_rules(session, rules, options);
}

CommandResult<ExitCode> run_contact_add(const GlobalOptions& global, const std::string& link) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  v1::ContactLinkRequest request;
  request.set_link(link);
  SOTTO_TRY(const std::string handle, session.call(api::keep_contact_link, request));
  session.output().note(
      fmt::format("Your first messages to {} show the link: sotto send {} TEXT", handle, handle));
  return ExitCode::ok;
}

CommandResult<ExitCode> run_links(const GlobalOptions& global, const SpeechOptions& options) {
  SOTTO_TRY(Session session, Session::open(global, Reach::nobody));
  v1::MessageRequest request;
  request.set_conversation(options.user);
  request.set_message_id(options.message);
  SOTTO_TRY(const auto message, session.call(api::reveal_links, request));
  session.output().links(message);
  return ExitCode::ok;
}

}  // namespace sotto::cli
