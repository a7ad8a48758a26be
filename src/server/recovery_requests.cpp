// The part of Core that keeps the way back into an account whose devices are all gone
// (docs/specs/recovery.md 6).
#include <utility>

#include "identity/handle.h"
#include "server/core.h"
#include "wire/decode.h"

namespace sotto::server {

void Core::store_recovery(Connection& connection, const v1::ClientFrame& frame) {
  const Request owed = begin(connection, frame);
  recovery_slots_.replace(connection.device->account, frame.store_recovery(), now_,
                          [this, owed](accounts::AccountsResult<void> stored) {
                            const Connection* asker = finish(owed);
                            if (asker == nullptr) return;
                            if (!stored) return refuse(*asker, owed.id, stored.error());
                            done(*asker, owed.id);
                          });
}

void Core::list_recovery(Connection& connection, const v1::ClientFrame& frame) {
  auto slots = recovery_slots_.list(connection.device->account);
  if (!slots) return refuse(connection, frame.request_id(), slots.error());
  v1::ServerFrame answer;
  answer.set_request_id(frame.request_id());
  *answer.mutable_recovery_slots() = *std::move(slots);
  send(connection, answer);
}

void Core::fetch_recovery(Connection& connection, const v1::ClientFrame& frame) {
  if (!connection.device && !connection.greeting) {
    return malformed(connection, frame.request_id(), "say hello first");
  }
  const DurationMs wait = addresses_.fetch_recovery(connection.address_group, now_);
  if (wait != DurationMs{}) {
    return refuse(connection, frame.request_id(), v1::Error::RATE_LIMITED, "too many tries", wait);
  }
  const v1::FetchRecovery& request = frame.fetch_recovery();
  const auto account = recovery_account(request);
  if (!account) return refuse(connection, frame.request_id(), account.error());
  // Whose a name is, and whether anybody's, is not said: nobody's account is looked into alike.
  auto slot = recovery_slots_.fetch(account->value_or(AccountId()), wire::octets(request.slot()),
                                    wire::octets(request.access()));
  if (connection.device) return answer_drill(connection, frame, *account, std::move(slot));
  if (!slot) return refuse_recovery(connection, frame, *account, slot.error());
  const Request owed = begin(connection, frame);
  record_notice(
      **account, v1::AccountNotice::RECOVERY_SLOT_FETCHED, connection.address_group,
      [this, owed, owner = **account, slot = *std::move(slot)](accounts::AccountsResult<void> recorded) {
        Connection* asker = finish(owed);
        if (asker == nullptr) return;
        // What nobody would be told of is not given out.
        if (!recorded) return refuse(*asker, owed.id, recorded.error());
        become_guest(*asker, owner);
        v1::ServerFrame answer;
        answer.set_request_id(owed.id);
        *answer.mutable_recovery_slot() = slot;
        send(*asker, answer);
      });
}

directory::DirectoryResult<std::optional<AccountId>> Core::recovery_account(
    const v1::FetchRecovery& request) {
  if (request.handle().empty()) {
    const auto account = AccountId::from(wire::octets(request.account()));
    if (!account) return std::nullopt;
    const auto current = directory_.current_manifest(*account);
    if (current && (*current)->retired) return std::nullopt;
    return account;
  }
  const auto handle = identity::Handle::parse(request.handle());
  if (!handle) return std::nullopt;
  return directory_.owner_of(handle->text());
}

void Core::answer_drill(Connection& connection, const v1::ClientFrame& frame,
                        const std::optional<AccountId>& account,
                        accounts::AccountsResult<v1::RecoverySlot> slot) {
  if (account != connection.device->account) slot = err(accounts::AccountsError::no_such_recovery_slot);
  if (!slot) return refuse(connection, frame.request_id(), slot.error());
  v1::ServerFrame answer;
  answer.set_request_id(frame.request_id());
  *answer.mutable_recovery_slot() = *std::move(slot);
  send(connection, answer);
}

void Core::refuse_recovery(Connection& connection, const v1::ClientFrame& frame,
                           const std::optional<AccountId>& account, accounts::AccountsError error) {
  const bool wrong = error == accounts::AccountsError::no_such_recovery_slot;
  const bool tell = wrong && account && directory_.current_manifest(*account).has_value() &&
                    recovery_refusals_.allow(*account, now_);
  if (!tell) return refuse(connection, frame.request_id(), error);
  const Request owed = begin(connection, frame);
  record_notice(*account, v1::AccountNotice::RECOVERY_SLOT_REFUSED, connection.address_group,
                [this, owed, error](const accounts::AccountsResult<void>&) {
                  if (const Connection* asker = finish(owed)) refuse(*asker, owed.id, error);
                });
}

}  // namespace sotto::server
