// The commands of Core for passwords and linking by code or QR code.
#include "client/core.h"
#include "client/devices/link_join.h"
#include "client/recovery/attempt.h"

namespace sotto::client {
StoreResult<Outcome<bool>> Core::change_password(const std::optional<NewPassword>& password, UnixMs now) {
  bool asked = false;
  SOTTO_TRY(Effects effects,
            transact(now, [&](Work& work) { asked = client::change_password(work, password); }));
  return Outcome<bool>{asked, std::move(effects)};
}

StoreResult<Outcome<Result<void, LinkError>>> Core::offer_link(OfferKind kind, UnixMs now) {
  Result<void, LinkError> value = err(LinkError::not_registered);
  SOTTO_TRY(Effects effects, transact(now, [&](Work& work) { value = client::offer_link(work, kind); }));
  return Outcome<Result<void, LinkError>>{value, std::move(effects)};
}

StoreResult<Outcome<bool>> Core::withdraw_offer(UnixMs now) {
  const bool offered = run_.linking.offer.has_value();
  SOTTO_TRY(Effects effects, transact(now, [](Work& work) { client::withdraw_offer(work); }));
  return Outcome<bool>{offered, std::move(effects)};
}

StoreResult<Outcome<Result<void, LinkError>>> Core::join_by_code(std::string_view handle,
                                                                 std::string_view code, UnixMs now) {
  Result<void, LinkError> value = err(LinkError::no_request);
  SOTTO_TRY(Effects effects,
            transact(now, [&](Work& work) { value = client::join_by_code(work, handle, code); }));
  return Outcome<Result<void, LinkError>>{value, std::move(effects)};
}

StoreResult<Outcome<Result<void, LinkError>>> Core::join_by_qr(std::string_view text, UnixMs now) {
  Result<void, LinkError> value = err(LinkError::no_request);
  SOTTO_TRY(Effects effects, transact(now, [&](Work& work) { value = client::join_by_qr(work, text); }));
  return Outcome<Result<void, LinkError>>{value, std::move(effects)};
}

const PasswordChallenge* Core::password_challenge() const {
  const auto& join = run_.linking.join;
  return join && join->challenge ? &*join->challenge : nullptr;
}

StoreResult<Outcome<Result<void, LinkError>>> Core::sign_in(const identity::Authenticator& authenticator,
                                                            UnixMs now) {
  Result<void, LinkError> value = err(LinkError::no_challenge);
  SOTTO_TRY(Effects effects,
            transact(now, [&](Work& work) { value = sign_in_with_password(work, authenticator); }));
  return Outcome<Result<void, LinkError>>{value, std::move(effects)};
}

bool Core::wants_connection() const {
  return self_ &&
         (self_->stage != v1::Status::WAITING_FOR_LINK || run_.linking.join || is_recovering(database_));
}

}  // namespace sotto::client
