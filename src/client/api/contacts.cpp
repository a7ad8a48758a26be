#include "client/api/contacts.h"

#include <algorithm>

#include "client/contacts/contact_records.h"
#include "client/conversations/records.h"
#include "client/requests/rules.h"
#include "client/transparency/log_records.h"
#include "client/verification/digits.h"
#include "client/verification/qr.h"
#include "client/verification/state.h"
#include "identity/handle.h"

namespace sotto::client::api {
namespace {

using Progress = v1::VerificationProgress;

bool is_pinned(store::Database& database, const std::string& typed) {
  const auto contact = find_named(database, typed);
  return contact && contact->pinned.has_value();
}

/// And the log shows its devices.
bool is_proven(store::Database& database, const std::string& typed) {
  const auto contact = find_named(database, typed);
  return contact && contact->pinned.has_value() && contact->account &&
         proven_size(database, *contact->account) > 0;
}

Failure nobody(const std::string& handle) {
  return {ExitCode::no_such_user,
          "there is no user called " + handle + " on this server; check the spelling"};
}

/// Why the log does not lead to anybody.
const v1::Problem* unproven(const v1::Event* event) {
  return problem_in(event, {v1::Problem::HANDLE_GIVEN_UP, v1::Problem::LOG_PROOF_REFUSED,
                            v1::Problem::LOG_STALE, v1::Problem::LOG_FORKED});
}

CommandResult<v1::Contact> contact_now(Client& client, const std::string& typed) {
  return flatten(read_in(client, [&](const Self&) -> CommandResult<v1::Contact> {
    const auto contact = find_named(client.database(), typed);
    if (!contact) return err(Failure{ExitCode::no_such_user, "there is no contact called " + typed});
    return contact_record(client.database(), *contact);
  }));
}

CommandResult<void> ask_about(Client& client, const std::string& handle) {
  auto outcome = client.core.look_up(handle, client.now());
  if (!outcome) return err(failure_of(outcome.error()));
  client.perform(std::move(outcome->effects));
  return {};
}

/// Verification goes by handle.
CommandResult<std::string> handle_of(const std::string& typed) {
  const auto handle = identity::Handle::parse(typed);
  if (!handle) return err(failure_of(ComposeError::bad_handle));
  return handle->text();
}

CommandResult<Progress> comparison_now(Client& client, const std::string& handle) {
  return flatten(read_in(client, [&](const Self& self) -> CommandResult<Progress> {
    const auto found = comparison(client.database(), self, handle, client.now());
    if (!found) return err(failure_of(found.error()));
    return *found;
  }));
}

Progress with_stage(const std::string& contact, Progress::Stage stage) {
  Progress progress;
  progress.set_contact(contact);
  progress.set_stage(stage);
  return progress;
}

}  // namespace

CommandResult<Wait<v1::Nothing>> until_known(Client& client, const std::vector<std::string>& people) {
  SOTTO_TRY(const Self* self, registered(client.core));
  std::vector<std::string> handles;
  for (const std::string& person : people) {
    const auto handle = identity::Handle::parse(person);
    if (!handle || is_own_handle(client.database(), *self, handle->text())) continue;
    if (is_pinned(client.database(), person)) continue;
    handles.push_back(handle->text());
    SOTTO_CHECK_OK(ask_about(client, handle->text()));
  }
  return Wait<v1::Nothing>{
      .look = [&client, handles](const v1::Event* event) -> std::optional<CommandResult<v1::Nothing>> {
        if (const auto* problem = problem_in(event, {v1::Problem::NO_SUCH_USER})) {
          if (std::ranges::find(handles, problem->subject()) != handles.end()) {
            return err(nobody(problem->subject()));
          }
        }
        const bool all = std::ranges::all_of(
            handles, [&](const std::string& handle) { return is_pinned(client.database(), handle); });
        if (!all) return std::nullopt;
        return v1::Nothing();
      }};
}

CommandResult<v1::Contact> get_contact(Client& client, const v1::ContactRequest& request) {
  return contact_now(client, request.contact());
}

CommandResult<Wait<v1::Contact>> look_up_contact(Client& client, const v1::ContactRequest& request) {
  SOTTO_CHECK_OK(registered(client.core));
  SOTTO_TRY(const std::string handle, handle_of(request.contact()));
  if (!is_proven(client.database(), handle)) SOTTO_CHECK_OK(ask_about(client, handle));
  return Wait<v1::Contact>{
      .look = [&client, handle](const v1::Event* event) -> std::optional<CommandResult<v1::Contact>> {
        if (is_proven(client.database(), handle)) return contact_now(client, handle);
        if (const auto* problem = unproven(event)) {
          return err(Failure{ExitCode::refused, problem->detail()});
        }
        const auto* problem = problem_in(event, {v1::Problem::NO_SUCH_USER});
        if (problem != nullptr && problem->subject() == handle) return err(nobody(handle));
        return std::nullopt;
      }};
}

CommandResult<std::string> keep_contact_link(Client& client, const v1::ContactLinkRequest& request) {
  return run_in(client, [&](Work& work) { return client::use_contact_link(work, request.link()); });
}

CommandResult<Wait<v1::Contact>> use_contact_link(Client& client, const v1::ContactLinkRequest& request) {
  SOTTO_TRY(const std::string handle, keep_contact_link(client, request));
  v1::ContactRequest whose;
  whose.set_contact(handle);
  return look_up_contact(client, whose);
}

CommandResult<v1::Contact> accept_key(Client& client, const v1::ContactRequest& request) {
  SOTTO_CHECK_OK(registered(client.core));
  auto outcome = client.core.accept_changed_contact(request.contact(), client.now());
  if (!outcome) return err(failure_of(outcome.error()));
  client.perform(std::move(outcome->effects));
  if (!outcome->value) {
    return err(Failure{ExitCode::usage,
                       "the key of " + request.contact() + " has not changed; there is nothing to accept"});
  }
  return contact_now(client, request.contact());
}

CommandResult<v1::Contact> keep_key(Client& client, const v1::ContactRequest& request) {
  SOTTO_CHECK_OK(run_in(client, [&](Work& work) { return client::keep_key(work, request.contact()); }));
  return contact_now(client, request.contact());
}

CommandResult<Progress> show_qr(Client& client, const v1::ContactRequest& request) {
  SOTTO_TRY(const std::string handle, handle_of(request.contact()));
  return flatten(read_in(client, [&](const Self& self) -> CommandResult<Progress> {
    const auto text = verification_qr(client.database(), self, handle);
    if (!text) return err(failure_of(text.error()));
    Progress progress = with_stage(handle, Progress::STARTED);
    progress.set_qr(*text);
    return progress;
  }));
}

CommandResult<Progress> verify_by_qr(Client& client, const v1::VerifyQrRequest& request) {
  SOTTO_TRY(const std::string handle, handle_of(request.contact()));
  SOTTO_CHECK_OK(
      run_in(client, [&](Work& work) { return client::verify_by_qr(work, handle, request.scanned()); }));
  return with_stage(handle, Progress::VERIFIED);
}

CommandResult<Progress> start_digits(Client& client, const v1::ContactRequest& request) {
  SOTTO_TRY(const std::string handle, handle_of(request.contact()));
  SOTTO_CHECK_OK(run_in(client, [&](Work& work) { return start_comparing(work, handle); }));
  return comparison_now(client, handle);
}

CommandResult<Progress> answer_digits(Client& client, const v1::AnswerDigitsRequest& request) {
  SOTTO_TRY(const std::string handle, handle_of(request.contact()));
  const auto answer = request.same() ? client::Answer::same : client::Answer::differs;
  SOTTO_CHECK_OK(run_in(client, [&](Work& work) { return finish_comparing(work, handle, answer); }));
  if (request.same()) return with_stage(handle, Progress::VERIFIED);
  Progress differs = with_stage(handle, Progress::FAILED);
  differs.set_failure(
      "the digits differ: you do not hold the same keys, or somebody interferes. Do not trust this "
      "conversation; compare fingerprints in person");
  return differs;
}

CommandResult<v1::Contact> withdraw_verification(Client& client, const v1::ContactRequest& request) {
  SOTTO_TRY(const std::string handle, handle_of(request.contact()));
  SOTTO_CHECK_OK(run_in(client, [&](Work& work) { return client::withdraw_verification(work, handle); }));
  return contact_now(client, handle);
}

}  // namespace sotto::client::api
