// Turning an account off for good: everything about it at once.
#include "directory/directory.h"
#include "result/check.h"

namespace sotto::directory {
namespace {

Failure rejected(identity::IdentityError error) {
  return {DirectoryError::manifest_rejected, {}, identity::describe(error)};
}

}  // namespace

static_assert(kMaxHandles + 1 + kMaxErasures <= transparency_log::kMaxEffects);
static_assert(kMaxHandles + 1 <= transparency_log::kMaxChanges);

void Directory::retire_account(const AccountId& asker, const v1::RetireAccount& request,
                               std::vector<storage::Batch> erasures, UnixMs now, Reply<Retired> reply) {
  SOTTO_CHECK(erasures.size() <= kMaxErasures);
  auto retirement = identity::from_wire(request);
  if (!retirement) return reply(err(rejected(retirement.error())));
  const auto shared = std::make_shared<Reply<Retired>>(std::move(reply));
  const bool entered =
      accounts_.enter(asker, [this, asker, retirement = *std::move(retirement),
                              erasures = std::move(erasures), now, shared](AccountLanes::Pass pass) mutable {
        retire(asker, retirement, std::move(erasures), now, std::move(pass), std::move(*shared));
      });
  if (!entered) (*shared)(err(failure_of(storage::StorageError::overloaded)));
}

void Directory::retire(const AccountId& account, const identity::SignedRetirement& retirement,
                       std::vector<storage::Batch> erasures, UnixMs now, AccountLanes::Pass pass,
                       Reply<Retired> reply) {
  auto state = read_any_account(account);
  if (!state) return reply(err(state.error()));
  const auto newest = read_newest(account, state->record);
  if (!newest) return reply(err(newest.error()));
  if (const auto verified = identity::verify_retirement(*newest, retirement, now); !verified) {
    return reply(err(rejected(verified.error())));
  }
  auto gone = summarise(newest->manifest(), true);
  if (state->record.is_retired()) return reply(Retired{gone->devices});
  transparency_log::Submission submission;
  submission.effects = std::move(erasures);
  submission.changes.push_back({transparency::Label::account(account),
                                transparency::account_value(std::nullopt), newest->version() + 1});
  // Nobody else writes what a handle of this account leads to, so its lane is not needed.
  for (const std::string& handle : state->record.handles) {
    submission.changes.push_back(
        {transparency::Label::handle(handle), transparency::handle_value(std::nullopt), std::nullopt});
    submission.effects.push_back(hold_batch(handle, {account, now}));
  }
  storage::Batch batch(account_partition(account));
  batch.put(account_key(), encode(AccountRecord{state->record.created, now, newest->version(), {}}));
  for (const DeviceId& device : gone->devices) {
    if (const auto erased = erase_prekeys({account, device}, batch); !erased)
      return reply(err(erased.error()));
  }
  submission.effects.push_back(std::move(batch));
  submit(std::move(submission), [this, account, gone = std::move(gone), reply = std::move(reply),
                                 pass = std::move(pass)](const DirectoryResult<void>& result) mutable {
    if (!result) return reply(err(result.error()));
    cache_.put(account, gone);
    reply(Retired{gone->devices});
  });
}

}  // namespace sotto::directory
