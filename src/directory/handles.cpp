// Claims on handles, and adding and removing them. A claim counts while the account it names lists the
// handle.
#include <algorithm>

#include "directory/directory.h"
#include "identity/handle.h"
#include "wire/decode.h"

namespace sotto::directory {

struct Directory::HandleChange {
  AccountId account;
  std::string handle;
  bool add;
  AccountState state{};
  Reply<v1::HandleManaged> reply{};

  void succeed() {
    v1::HandleManaged out;
    for (const std::string& listed : state.record.handles) out.add_handles(listed);
    reply(std::move(out));
  }
};

DirectoryResult<std::optional<AccountId>> Directory::owner_of(const std::string& handle) {
  const auto value = store_.get(handle_partition(handle), handle_key(handle));
  if (!value) return err(failure_of(value.error()));
  if (!*value) return std::nullopt;
  const auto claim = decode_claim(**value);
  if (!claim || claim->handle != handle) return err(Failure{DirectoryError::corrupt});
  const auto state = read_account(claim->account);
  if (!state) {
    if (state.error().error == DirectoryError::no_such_account) return std::nullopt;
    return err(state.error());
  }
  const auto& handles = state->record.handles;
  if (std::find(handles.begin(), handles.end(), handle) == handles.end()) return std::nullopt;
  return claim->account;
}

void Directory::claim(const AccountId& account, const std::string& handle, HandleLanes::Pass pass,
                      Claimed then) {
  const auto owner = owner_of(handle);
  if (!owner) return then(err(owner.error()), std::move(pass));
  if (*owner && **owner != account) return then(err(Failure{DirectoryError::handle_taken}), std::move(pass));
  storage::Batch batch(handle_partition(handle));
  batch.put(handle_key(handle), encode(HandleClaim{account, handle}));
  commits_.commit(std::move(batch),
                  [then = std::move(then), pass = std::move(pass)](const auto& result) mutable {
                    if (!result) return then(err(failure_of(result.error())), std::move(pass));
                    then({}, std::move(pass));
                  });
}

void Directory::manage_handle(const AccountId& asker, const v1::ManageHandle& request, UnixMs now,
                              Reply<v1::HandleManaged> reply) {
  if (!request.has_add() && !request.has_remove()) {
    return reply(err(Failure{DirectoryError::malformed}));
  }
  const bool add = request.has_add();
  const auto handle = identity::Handle::parse(add ? request.add() : request.remove());
  if (!handle) {
    return reply(err(Failure{DirectoryError::handle_invalid, {}, identity::describe(handle.error())}));
  }
  if (!rates_.allow(Rate::handle_change, {asker.view()}, now)) {
    return reply(err(Failure{DirectoryError::rate_limited, rates_.retry_after(Rate::handle_change, now)}));
  }
  const auto work = std::make_shared<HandleChange>(HandleChange{asker, handle->text(), add});
  work->reply = std::move(reply);
  const bool entered =
      accounts_.enter(asker, [this, work](AccountLanes::Pass pass) { begin(work, std::move(pass)); });
  if (!entered) work->reply(err(failure_of(storage::StorageError::overloaded)));
}

void Directory::begin(std::shared_ptr<HandleChange> work, AccountLanes::Pass pass) {
  auto state = read_account(work->account);
  if (!state) return work->reply(err(state.error()));
  work->state = *std::move(state);
  const auto& handles = work->state.record.handles;
  const bool listed = std::find(handles.begin(), handles.end(), work->handle) != handles.end();
  if (work->add && listed) return work->succeed();
  if (!work->add && !listed) return work->reply(err(Failure{DirectoryError::no_such_handle}));
  if (work->add && handles.size() >= kMaxHandles)
    return work->reply(err(Failure{DirectoryError::handle_limit}));
  const bool entered = handles_.enter(
      work->handle, [this, work, account_pass = std::move(pass)](HandleLanes::Pass handle_pass) mutable {
        if (!work->add) return remove_handle(work, std::move(account_pass), std::move(handle_pass));
        add_handle(work, std::move(account_pass), std::move(handle_pass));
      });
  if (!entered) work->reply(err(failure_of(storage::StorageError::overloaded)));
}

void Directory::add_handle(std::shared_ptr<HandleChange> work, AccountLanes::Pass account_pass,
                           HandleLanes::Pass handle_pass) {
  claim(work->account, work->handle, std::move(handle_pass),
        [this, work, account_pass = std::move(account_pass)](DirectoryResult<void> claimed,
                                                             HandleLanes::Pass pass) mutable {
          if (!claimed) return work->reply(err(claimed.error()));
          work->state.record.handles.push_back(work->handle);
          storage::Batch batch(account_partition(work->account));
          batch.put(account_key(), encode(work->state.record)).expect(work->state.version);
          commits_.commit(std::move(batch), [work, first = std::move(account_pass),
                                             second = std::move(pass)](const auto& result) {
            if (!result) return work->reply(err(failure_of(result.error())));
            work->succeed();
          });
        });
}

void Directory::remove_handle(std::shared_ptr<HandleChange> work, AccountLanes::Pass account_pass,
                              HandleLanes::Pass handle_pass) {
  std::erase(work->state.record.handles, work->handle);
  storage::Batch batch(account_partition(work->account));
  batch.put(account_key(), encode(work->state.record)).expect(work->state.version);
  commits_.commit(std::move(batch), [this, work, first = std::move(account_pass),
                                     second = std::move(handle_pass)](const auto& result) mutable {
    if (!result) return work->reply(err(failure_of(result.error())));
    work->succeed();
    // The claim counts for nothing already; without it the handle's octets are gone from the server too.
    storage::Batch leftover(handle_partition(work->handle));
    leftover.erase(handle_key(work->handle));
    commits_.commit(std::move(leftover), [pass = std::move(second)](const auto&) {});
  });
}

}  // namespace sotto::directory
