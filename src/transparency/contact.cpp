#include "transparency/contact.h"

namespace sotto::transparency {
namespace {

Question ask(Label label, const PinOf& pin_of) {
  auto pin = pin_of(label);
  return {std::move(label), std::move(pin)};
}

}  // namespace

TransparencyResult<ContactStates> verify_contact(LogView& view, std::string_view handle,
                                                 const LookupAnswer& answer, const PinOf& pin_of,
                                                 UnixMs now) {
  if (answer.labels.empty()) return err(TransparencyError::malformed);
  // The second question depends on the answer to the first. That the answer is true is verified below, with
  // the same octets.
  SOTTO_TRY(const auto account, parse_handle_value(answer.labels[0].opening.value));
  std::vector<Question> questions = {ask(Label::handle(handle), pin_of)};
  if (account) questions.push_back(ask(Label::account(*account), pin_of));
  SOTTO_TRY(std::vector<LabelState> states, view.verify(answer, questions, now));
  ContactStates out{std::move(states[0]), account, std::nullopt};
  if (account) out.account_state = std::move(states[1]);
  return out;
}

TransparencyResult<LabelState> verify_account(LogView& view, const AccountId& account,
                                              const LookupAnswer& answer, const PinOf& pin_of, UnixMs now) {
  const Question question = ask(Label::account(account), pin_of);
  SOTTO_TRY(std::vector<LabelState> states, view.verify(answer, {&question, 1}, now));
  return std::move(states[0]);
}

ManifestCheck check_manifest(const LabelState& state, const identity::VerifiedManifest& manifest) {
  if (!state.present()) return ManifestCheck::not_in_log;
  const auto value = parse_account_value(state.value);
  if (value && !*value) return ManifestCheck::retired;
  const AccountBinding ours = AccountBinding::of(manifest);
  if (!value || (*value)->account_key != ours.account_key) return ManifestCheck::other_key;
  if (manifest.version() < state.version) return ManifestCheck::older;
  if (manifest.version() > state.version) return ManifestCheck::newer;
  return (*value)->manifest == ours.manifest ? ManifestCheck::logged : ManifestCheck::other_manifest;
}

SelfAudit self_audit(const OwnLabel& own, const LabelState& state) {
  if (!state.present()) return SelfAudit::missing;
  if (state.version < own.version) return SelfAudit::behind;
  if (state.version > own.version) {
    return own.label.is_account() && state.value.empty() ? SelfAudit::retired : SelfAudit::ahead;
  }
  return state.value == own.value ? SelfAudit::as_published : SelfAudit::replaced;
}

}  // namespace sotto::transparency
