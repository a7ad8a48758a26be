#include "client/devices/account_chain.h"

#include "identity/wire_form.h"

namespace sotto::client {

using identity::IdentityError;

identity::IdentityResult<AccountChain> verified_newest_manifest(
    const identity::AccountId& account, const std::optional<identity::VerifiedManifest>& before,
    const v1::Manifests& page, UnixMs now) {
  AccountChain chain{.newest = before};
  for (const auto& link : page.manifests()) {
    SOTTO_TRY(auto next, identity::from_wire(link));
    auto verified = chain.newest ? identity::verify_successor(*chain.newest, std::move(next))
                                 : identity::verify_first(std::move(next));
    if (!verified) return err(verified.error());
    if (verified->account() != account) return err(IdentityError::wrong_account);
    chain.newest = *std::move(verified);
  }
  if (page.manifests().empty()) return err(IdentityError::empty_chain);
  if (page.more()) return chain;
  SOTTO_CHECK_OK(identity::freshness(chain.newest->manifest(), now));
  chain.complete = true;
  return chain;
}

}  // namespace sotto::client
