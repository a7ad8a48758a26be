// Who has a handle: adding and removing, and holding what was given up.
#include <algorithm>

#include "directory/directory.h"
#include "identity/handle.h"
#include "wire/decode.h"

namespace sotto::directory {

struct Directory::HandleChange {
  AccountId account;
  std::string handle;
  bool add;
  UnixMs now;
  AccountState state{};
  Reply<v1::HandleManaged> reply{};

  void succeed() {
    v1::HandleManaged out;
    for (const std::string& listed : state.record.handles) out.add_handles(listed);
    reply(std::move(out));
  }
};

DirectoryResult<std::optional<AccountId>> Directory::owner_of(const std::string& handle) {
  const auto value = log_.read(handle_partition(handle), handle_key(handle));
  if (!value) return err(failure_of(value.error()));
  if (!*value) return std::nullopt;
  const auto claim = decode_claim(**value);
  if (!claim || claim->handle != handle) return err(Failure{DirectoryError::corrupt});
  return claim->account;
}

DirectoryResult<void> Directory::check_free(const AccountId& account, const std::string& handle, UnixMs now) {
  SOTTO_TRY(const std::optional<AccountId> owner, owner_of(handle));
  if (owner && *owner != account) return err(Failure{DirectoryError::handle_taken});
  SOTTO_TRY(const std::optional<HandleHold> hold, hold_of(handle));
  const bool held = hold && now < hold->since + kHandleHold;
  if (held && hold->account != account) return err(Failure{DirectoryError::handle_held});
  return {};
}

DirectoryResult<std::optional<HandleHold>> Directory::hold_of(const std::string& handle) {
  const auto value = log_.read(handle_partition(handle), hold_key(handle));
  if (!value) return err(failure_of(value.error()));
  if (!*value) return std::nullopt;
  const auto hold = decode_hold(**value);
  if (!hold) return err(Failure{DirectoryError::corrupt});
  return hold;
}

DirectoryResult<Directory::Holder> Directory::holder_of(std::string_view text, UnixMs now) {
  const auto handle = identity::Handle::parse(text);
  if (!handle) return err(Failure{DirectoryError::handle_invalid, {}, identity::describe(handle.error())});
  SOTTO_TRY(const std::optional<AccountId> owner, owner_of(handle->text()));
  SOTTO_TRY(const std::optional<HandleHold> hold, hold_of(handle->text()));
  const bool held = hold && now < hold->since + kHandleHold;
  if (!owner && !held) return err(Failure{DirectoryError::no_such_handle});
  Holder out{owner ? *owner : hold->account, std::nullopt, std::nullopt};
  if (!owner) out.given_up = hold->since;
  SOTTO_TRY(const AccountState state, read_any_account(out.account));
  if (state.record.is_retired()) out.retired = state.record.retired;
  return out;
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
  const auto work = std::make_shared<HandleChange>(HandleChange{asker, handle->text(), add, now});
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
        change_handle(work, std::move(account_pass), std::move(handle_pass));
      });
  if (!entered) work->reply(err(failure_of(storage::StorageError::overloaded)));
}

void Directory::change_handle(std::shared_ptr<HandleChange> work, AccountLanes::Pass account_pass,
                              HandleLanes::Pass handle_pass) {
  auto& handles = work->state.record.handles;
  if (work->add) {
    if (const auto free = check_free(work->account, work->handle, work->now); !free) {
      return work->reply(err(free.error()));
    }
    handles.push_back(work->handle);
  } else {
    std::erase(handles, work->handle);
  }
  transparency_log::Submission submission;
  submission.changes.push_back(
      {transparency::Label::handle(work->handle),
       transparency::handle_value(work->add ? std::optional(work->account) : std::nullopt), std::nullopt});
  submission.effects.emplace_back(account_partition(work->account))
      .put(account_key(), encode(work->state.record));
  submission.effects.push_back(work->add ? claim_batch({work->account, work->handle})
                                         : hold_batch(work->handle, {work->account, work->now}));
  submit(std::move(submission), [work, first = std::move(account_pass),
                                 second = std::move(handle_pass)](const DirectoryResult<void>& result) {
    if (!result) return work->reply(err(result.error()));
    work->succeed();
  });
}

void Directory::sweep_holds(UnixMs now) {
  const storage::Partition partition = handle_partition(swept_partition_);
  const auto page =
      store_.scan(partition, sweep_from_, ByteView(holds_end()), {.max_entries = kHoldsPerTick});
  if (!page) return;  // the next tick tries again
  // What was written since the page was read may be a newer hold of the same handle.
  storage::Batch batch(partition);
  batch.expect(page->version);
  for (const storage::Entry& entry : page->entries) {
    const auto hold = decode_hold(entry.value);
    if (hold && now >= hold->since + kHandleHold) batch.erase(entry.key);
  }
  if (!batch.writes.empty()) commits_.commit(std::move(batch), [](const auto&) {});
  sweep_from_ = first_hold_key();
  if (page->more) {
    sweep_from_ = page->entries.back().key;
    sweep_from_.push_back(0);
  } else {
    ++swept_partition_;
  }
}

}  // namespace sotto::directory
