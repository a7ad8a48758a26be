// The part of Core in which somebody signs in with a password, and the account's devices hear of it
// (docs/specs/sign-in.md).
#include <algorithm>

#include "identity/handle.h"
#include "server/core.h"
#include "wire/decode.h"

namespace sotto::server {

void Core::done(const Connection& connection, std::uint64_t request_id) {
  v1::ServerFrame frame;
  frame.set_request_id(request_id);
  frame.mutable_done();
  send(connection, frame);
}

void Core::set_password(Connection& connection, const v1::ClientFrame& frame) {
  const Request owed = begin(connection, frame);
  passwords_.set(connection.device->account, frame.set_password(), now_,
                 [this, owed](accounts::AccountsResult<void> result) {
                   const Connection* asker = finish(owed);
                   if (asker == nullptr) return;
                   if (!result) return refuse(*asker, owed.id, result.error());
                   done(*asker, owed.id);
                 });
}

std::optional<Core::SignInParty> Core::sign_in_party(Connection& connection, const v1::ClientFrame& frame,
                                                     const std::string& handle) {
  if (!connection.greeting) {
    malformed(connection, frame.request_id(), "say hello first");
    return std::nullopt;
  }
  const DurationMs wait = addresses_.authenticate(connection.address_group, now_);
  if (wait != DurationMs{}) {
    refuse(connection, frame.request_id(), v1::Error::RATE_LIMITED, "too many authentications", wait);
    return std::nullopt;
  }
  const auto parsed = identity::Handle::parse(handle);
  if (!parsed) {
    refuse(connection, frame.request_id(), v1::Error::HANDLE_INVALID, describe(parsed.error()));
    return std::nullopt;
  }
  const auto owner = directory_.owner_of(parsed->text());
  if (!owner) {
    refuse(connection, frame.request_id(), owner.error());
    return std::nullopt;
  }
  return SignInParty{parsed->text(), *owner};
}

void Core::begin_sign_in(Connection& connection, const v1::ClientFrame& frame) {
  const auto party = sign_in_party(connection, frame, frame.begin_sign_in().handle());
  if (!party) return;
  const auto challenge = passwords_.challenge({party->handle, party->account, connection.address_group});
  if (!challenge) return refuse(connection, frame.request_id(), challenge.error());
  v1::ServerFrame answer;
  answer.set_request_id(frame.request_id());
  *answer.mutable_sign_in_challenge() = *challenge;
  send(connection, answer);
}

void Core::sign_in(Connection& connection, const v1::ClientFrame& frame) {
  const auto party = sign_in_party(connection, frame, frame.sign_in().handle());
  if (!party) return;
  const auto account = passwords_.check({party->handle, party->account, connection.address_group},
                                        wire::octets(frame.sign_in().authenticator()), now_);
  if (!account) return sign_in_refused(connection, frame, party->account, account.error());
  // Nobody is let in unseen: what the devices will be told is durable before the answer leaves.
  const Request owed = begin(connection, frame);
  record_notice(*account, v1::AccountNotice::SIGNED_IN, connection.address_group,
                [this, owed, account = *account](const accounts::AccountsResult<void>& recorded) {
                  Connection* guest = finish(owed);
                  if (guest == nullptr) return;
                  if (!recorded) return refuse(*guest, owed.id, recorded.error());
                  ++counts_.sign_ins;
                  if (!guest->device) become_guest(*guest, account);
                  v1::ServerFrame answer;
                  answer.set_request_id(owed.id);
                  answer.mutable_signed_in()->set_account(wire::field(account.view()));
                  send(*guest, answer);
                });
}

void Core::sign_in_refused(Connection& connection, const v1::ClientFrame& frame,
                           const std::optional<AccountId>& account, const accounts::SignInRefusal& refusal) {
  if (refusal.notice && account) {
    record_notice(*account, *refusal.notice, connection.address_group,
                  [](const accounts::AccountsResult<void>&) {});
  }
  refuse(connection, frame.request_id(), accounts::wire_code(refusal.error),
         accounts::describe(refusal.error), refusal.retry_after);
  if (refusal.error != accounts::AccountsError::sign_in_failed) return;
  ++counts_.sign_ins_failed;
  if (++connection.authentication_attempts >= kMaxAuthenticationAttempts) {
    drop(connection, transport::CloseCode::policy_violation);
  }
}

void Core::become_guest(Connection& connection, const AccountId& account) {
  connection.guest_of = account;
  connection.guest_until = now_ + kGuestDeadline;
}

/// For every device of the account; `then` follows when it is durable.
void Core::record_notice(const AccountId& account, v1::AccountNotice::Kind kind, const std::string& address,
                         accounts::Reply<void> then) {
  notices_.add(account, kind, address, now_,
               [this, account,
                then = std::move(then)](const accounts::AccountsResult<v1::AccountNotice>& notice) mutable {
                 if (!notice) return then(err(notice.error()));
                 push_notice(account, *notice);
                 then({});
               });
}

void Core::push_notice(const AccountId& account, const v1::AccountNotice& notice) {
  v1::ServerFrame frame;
  *frame.mutable_account_notice() = notice;
  for (const ConnectionId id : connections_.of_account(account)) send(*connections_.find(id), frame);
}

void Core::push_notices(const Connection& connection) {
  const auto kept = notices_.all(connection.device->account, now_);
  if (!kept) return;  // the next connection brings them
  for (const v1::AccountNotice& notice : *kept) {
    v1::ServerFrame frame;
    *frame.mutable_account_notice() = notice;
    send(connection, frame);
  }
}

accounts::AccountsResult<void> Core::add_sign_in(AccountHoldings& holdings) {
  SOTTO_TRY(holdings.password, passwords_.holdings(holdings.account));
  SOTTO_TRY(holdings.notices, notices_.all(holdings.account, now_));
  return {};
}

}  // namespace sotto::server
