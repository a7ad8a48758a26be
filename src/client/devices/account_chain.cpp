#include "client/devices/account_chain.h"

#include "client/transparency/label_pins.h"
#include "client/transparency/lookups.h"
#include "identity/wire_form.h"
#include "transparency/contact.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::client {

using identity::IdentityError;
using identity::VerifiedManifest;
using transparency::ManifestCheck;

std::string_view describe(NewestManifest verdict) {
  switch (verdict) {
    case NewestManifest::proven: return "proven";
    case NewestManifest::behind: return "the server holds the account's newest device list back";
    case NewestManifest::unproven:
      return "the server's log does not prove the account's device list; do not link through this server, "
             "and ask "
             "its operator";
    case NewestManifest::expired:
      return "the account's device list has expired: use one of its devices, which renews it, and ask for a "
             "new "
             "code";
  }
  return "unknown verdict";
}

identity::IdentityResult<VerifiedManifest> follow_chain(const identity::AccountId& account,
                                                        const std::optional<VerifiedManifest>& before,
                                                        const v1::Manifests& page) {
  if (page.manifests().empty()) return err(IdentityError::empty_chain);
  std::optional<VerifiedManifest> newest = before;
  for (const auto& link : page.manifests()) {
    SOTTO_TRY(auto next, identity::from_wire(link));
    auto verified = newest ? identity::verify_successor(*newest, std::move(next))
                           : identity::verify_first(std::move(next));
    if (!verified) return err(verified.error());
    if (verified->account() != account) return err(IdentityError::wrong_account);
    newest = *std::move(verified);
  }
  return *std::move(newest);
}

NewestManifest verified_newest_manifest(Work& work, const VerifiedManifest& newest,
                                        const v1::LookupAnswer& answer) {
  const auto parsed = transparency::from_wire(answer);
  if (!parsed || work.log.view() == nullptr) return NewestManifest::unproven;
  const auto& account = newest.account();
  const auto state =
      transparency::verify_account(work.log.change(), account, *parsed, pins_of(work.db), work.now);
  if (!state) {
    if (work.log.view()->forked()) tell_of_fork(work);
    return NewestManifest::unproven;
  }
  if (state->present()) {
    const auto& head = parsed->head.head;
    save_pin(work.db, account,
             {.state = *state, .size = head.size, .head = head.time, .proven = work.now, .refused = false},
             {wire::encode(answer), 0});
  }
  switch (transparency::check_manifest(*state, newest)) {
    case ManifestCheck::older: return NewestManifest::behind;
    case ManifestCheck::logged: break;
    default: return NewestManifest::unproven;
  }
  return identity::freshness(newest.manifest(), work.now) ? NewestManifest::proven : NewestManifest::expired;
}

}  // namespace sotto::client
