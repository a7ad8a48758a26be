// Publishing a manifest.
#include "directory/directory.h"
#include "identity/wire_form.h"

namespace sotto::directory {
namespace {

Failure rejected(identity::IdentityError error) {
  return {DirectoryError::manifest_rejected, {}, identity::describe(error)};
}

}  // namespace

void Directory::publish_manifest(const AccountId& asker, const v1::PublishManifest& request, UnixMs now,
                                 Reply<Published> reply) {
  auto manifest = identity::from_wire(request.manifest());
  if (!manifest) return reply(err(rejected(manifest.error())));
  if (!rates_.allow(Rate::publish, {asker.view()}, now)) {
    return reply(err(Failure{DirectoryError::rate_limited, rates_.retry_after(Rate::publish, now)}));
  }
  // Shared, because a lane that is full gives the job back unrun and the reply is needed for that.
  const auto shared = std::make_shared<Reply<Published>>(std::move(reply));
  const bool entered = accounts_.enter(
      asker, [this, asker, manifest = *std::move(manifest), now, shared](AccountLanes::Pass pass) mutable {
        publish(asker, std::move(manifest), now, std::move(pass), std::move(*shared));
      });
  if (!entered) (*shared)(err(failure_of(storage::StorageError::overloaded)));
}

void Directory::publish(const AccountId& account, identity::SignedManifest manifest, UnixMs now,
                        AccountLanes::Pass pass, Reply<Published> reply) {
  auto state = read_account(account);
  if (!state) return reply(err(state.error()));
  const auto newest = read_newest(account, state->record);
  if (!newest) return reply(err(newest.error()));
  if (manifest == newest->signed_manifest()) return reply(Published{newest->version(), {}});
  auto next = identity::verify_successor(*newest, std::move(manifest));
  if (!next) return reply(err(rejected(next.error())));
  if (now >= next->manifest().expires) return reply(err(rejected(identity::IdentityError::expired)));
  if (const auto fresh = identity::freshness(next->manifest(), now); !fresh) {
    return reply(err(rejected(fresh.error())));
  }
  Published published{next->version(), identity::diff(newest->manifest(), next->manifest()).removed};
  transparency_log::Submission submission;
  submission.changes.push_back({transparency::Label::account(account),
                                transparency::AccountBinding::of(*next).encoded(), next->version()});
  storage::Batch& batch = submission.effects.emplace_back(account_partition(account));
  state->record.newest_version = next->version();
  batch.put(account_key(), encode(state->record)).put(manifest_key(next->version()), next->store_form());
  for (const DeviceId& device : published.removed) {
    if (const auto erased = erase_prekeys({account, device}, batch); !erased)
      return reply(err(erased.error()));
  }
  submit(std::move(submission),
         [this, account, current = summarise(next->manifest()), published = std::move(published),
          reply = std::move(reply), pass = std::move(pass)](const DirectoryResult<void>& result) mutable {
           if (!result) return reply(err(result.error()));
           cache_.put(account, std::move(current));
           reply(std::move(published));
         });
}

}  // namespace sotto::directory
