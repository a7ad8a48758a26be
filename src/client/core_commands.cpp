// The commands of Core that have a function of their own there; newer ones go through Core::command().
#include "client/accounts/own_handles.h"
#include "client/core.h"
#include "client/verification/state.h"
#include "identity/handle.h"

namespace sotto::client {

StoreResult<Outcome<Result<session::MessageId, ComposeError>>> Core::send_text(std::string_view handle,
                                                                               std::string_view text,
                                                                               UnixMs now) {
  using Value = Result<session::MessageId, ComposeError>;
  if (!self_) return Outcome<Value>{err(ComposeError::not_registered), {}};
  return command(now, [&](Work& work) { return compose_text(work, handle, text); });
}

StoreResult<Outcome<bool>> Core::own_handles(UnixMs now) {
  if (!self_) return Outcome<bool>{false, {}};
  return command(now, [](Work& work) { return ask_own_handles(work); });
}

StoreResult<Outcome<bool>> Core::change_handle(const v1::ManageHandle& change, UnixMs now) {
  if (!self_) return Outcome<bool>{false, {}};
  return command(now, [&](Work& work) { return change_own_handle(work, change); });
}

StoreResult<Outcome<bool>> Core::look_up(std::string_view handle, UnixMs now) {
  const auto normal = identity::Handle::parse(handle);
  if (!self_ || !normal) return Outcome<bool>{false, {}};
  return command(now, [&](Work& work) {
    const auto contact = ensure_contact(work.db, normal->text(), work.now);
    work.db.run("UPDATE contact SET wanted = 1 WHERE id = ?1 AND identity_fingerprint IS NULL", contact.id);
    return true;
  });
}

StoreResult<Outcome<bool>> Core::accept_changed_contact(std::string_view handle, UnixMs now) {
  if (!self_) return Outcome<bool>{false, {}};
  return command(now, [&](Work& work) {
    const auto contact = find_called(work.db, handle);
    if (!contact || !contact->account || !contact->changed) return false;
    decide(work, *contact, *contact->changed, SyncEvent::ContactVerified::ACCEPTED);
    return true;
  });
}

StoreResult<Outcome<Result<std::string, LinkError>>> Core::request_link(UnixMs now) {
  using Value = Result<std::string, LinkError>;
  if (!self_) return Outcome<Value>{err(LinkError::no_request), {}};
  return command(now, [](Work& work) { return make_request(work); });
}

StoreResult<Outcome<Result<void, LinkError>>> Core::approve_link(std::string_view armored_request,
                                                                 UnixMs now) {
  using Value = Result<void, LinkError>;
  if (!self_) return Outcome<Value>{err(LinkError::not_registered), {}};
  return command(now, [&](Work& work) { return approve_request(work, armored_request); });
}

StoreResult<Outcome<Result<std::string, LinkError>>> Core::grant_link(std::string_view armored_request,
                                                                      UnixMs now) {
  using Value = Result<std::string, LinkError>;
  if (!self_) return Outcome<Value>{err(LinkError::not_registered), {}};
  return command(now, [&](Work& work) { return make_grant(work, armored_request); });
}

StoreResult<Outcome<Result<void, LinkError>>> Core::join_link(std::string_view armored_grant, UnixMs now) {
  using Value = Result<void, LinkError>;
  if (!self_) return Outcome<Value>{err(LinkError::no_request), {}};
  return command(now, [&](Work& work) { return join(work, armored_grant); });
}

}  // namespace sotto::client
