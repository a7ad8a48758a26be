// `sotto family`: guardians, children, and with whom those may write.
#include "bytes/hex.h"
#include "client/api/contacts.h"
#include "client/api/families.h"
#include "client/contacts/contact_records.h"
#include "commands.h"
#include "confirm.h"
#include "session.h"

namespace sotto::cli {
namespace {

namespace api = client::api;

/// One call of service Families, and the member of the family whom it concerns.
template <typename Request>
CommandResult<ExitCode> change(const GlobalOptions& global, const FamilyOptions& options,
                               CommandResult<api::Wait<v1::Family>> (*function)(api::Client&, const Request&),
                               const Request& request) {
  SOTTO_TRY(Session session, Session::open(global));
  SOTTO_TRY(const v1::Family record, session.call(function, request, options.wait_s));
  session.output().family(record);
  return session.finish();
}

v1::FamilyRef named(const std::string& person) {
  v1::FamilyRef request;
  request.set_person(person);
  return request;
}

/// What somebody compared: typed, or read out at the terminal.
CommandResult<std::string> compared(Session& session, const FamilyOptions& options) {
  if (!options.fingerprint.empty()) return options.fingerprint;
  const auto contact = client::find_contact(session.profile().database(), options.person);
  const std::string known = contact && contact->pinned ? to_hex(contact->pinned->octets()) : std::string();
  const bool agreed =
      is_at_terminal() &&
      confirm(
          "Guardian " + options.person + " has the fingerprint\n" + known +
          "\nThe same must stand on their device (sotto contact show YOUR-NAME there shows yours, sotto "
          "family theirs). They decide from now on with whom this account may write, and when, and only they "
          "can end it. Accept?");
  if (agreed) return known;
  return err(
      Failure{ExitCode::refused, "nothing changed: where nobody can be asked, --fingerprint names the key"});
}

}  // namespace

CommandResult<ExitCode> run_family_list(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_families, v1::Nothing()));
  for (const auto& record : list.families()) session.output().family(record);
  if (list.families().empty()) {
    session.output().note("Nobody decides for this account, and it decides for nobody.");
  }
  return ExitCode::ok;
}

CommandResult<ExitCode> run_family_requests(const GlobalOptions& global) {
  SOTTO_TRY(Session session, Session::reading(global));
  SOTTO_TRY(const auto list, session.call(api::list_family_requests, v1::Nothing()));
  for (const auto& request : list.requests()) session.output().family_request(request);
  return ExitCode::ok;
}

CommandResult<ExitCode> run_family_offer(const GlobalOptions& global, const FamilyOptions& options) {
  return change(global, options, api::offer_guardianship, named(options.person));
}

CommandResult<ExitCode> run_family_accept(const GlobalOptions& global, const FamilyOptions& options) {
  SOTTO_TRY(Session session, Session::open(global));
  const std::vector<std::string> guardian = {options.person};
  SOTTO_CHECK_OK(session.call(api::until_known, guardian, options.wait_s));
  v1::FamilyAcceptance request;
  request.set_guardian(options.person);
  SOTTO_TRY(*request.mutable_fingerprint(), compared(session, options));
  SOTTO_TRY(const v1::Family record, session.call(api::accept_guardian, request, options.wait_s));
  session.output().family(record);
  return session.finish();
}

CommandResult<ExitCode> run_family_set(const GlobalOptions& global, const FamilyOptions& options) {
  v1::FamilyPolicyChange request;
  request.set_child(options.person);
  request.mutable_allow()->Assign(options.allow.begin(), options.allow.end());
  request.mutable_forbid()->Assign(options.forbid.begin(), options.forbid.end());
  if (!options.hours.empty()) request.set_hours(options.hours);
  if (!options.offset.empty()) request.set_offset(options.offset);
  if (!options.blur.empty()) {
    request.set_blur_pictures(options.blur != "off");
    request.set_blur_all_pictures(options.blur == "all");
  }
  if (!options.strangers.empty()) request.set_hold_strangers(options.strangers == "hold");
  return change(global, options, api::change_family_policy, request);
}

CommandResult<ExitCode> run_family_end(const GlobalOptions& global, const FamilyOptions& options) {
  return change(global, options, api::end_guardianship, named(options.person));
}

CommandResult<ExitCode> run_family_ask(const GlobalOptions& global, const FamilyOptions& options) {
  v1::FamilyAsk request;
  request.set_person(options.person);
  request.set_note(options.note);
  return change(global, options, api::ask_guardian, request);
}

CommandResult<ExitCode> run_family_decide(const GlobalOptions& global, const FamilyOptions& options,
                                          bool allow) {
  v1::FamilyDecision request;
  request.set_child(options.person);
  request.set_person(options.other);
  request.set_approve(allow);
  return change(global, options, api::decide_for_child, request);
}

}  // namespace sotto::cli
