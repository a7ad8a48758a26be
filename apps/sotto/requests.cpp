// What strangers want, who may want something at all, and where links lead.
#include "requests.h"

#include <fmt/format.h>

#include "client/links/records.h"
#include "client/requests/decisions.h"
#include "client/requests/rules.h"
#include "commands.h"
#include "reading.h"
#include "speech.h"

namespace sotto::cli {
namespace {

using client::ComposeError;
using client::Work;

/// A decision that leaves nothing to show.
template <typename Decide>
CommandResult<ExitCode> decide(const GlobalOptions& global, const RequestOptions& options, Decide&& decide) {
  SOTTO_TRY(const auto profile, Profile::open(global));
  SOTTO_CHECK_OK(profile->self());
  SOTTO_TRY(const bool done, run_in(*profile, [&](Work& work) -> Result<bool, ComposeError> {
              SOTTO_CHECK_OK(decide(work, options.user));
              return true;
            }));
  static_cast<void>(done);
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
    if (all.empty()) output.note("Nobody waits.");
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
