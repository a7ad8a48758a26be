// Creating an account: its record, its first manifest, its handle and what the log says about both, at once.
#include "directory/directory.h"
#include "identity/handle.h"
#include "identity/wire_form.h"
#include "wire/decode.h"

namespace sotto::directory {

struct Directory::Registration {
  AccountId account;
  std::string handle;
  identity::VerifiedManifest manifest;
  UnixMs now;
  Reply<v1::Registered> reply{};

  void succeed() {
    v1::Registered out;
    out.set_handle(handle);
    reply(std::move(out));
  }
};

namespace {

Failure rejected(identity::IdentityError error) {
  return {DirectoryError::manifest_rejected, {}, identity::describe(error)};
}

DirectoryResult<identity::VerifiedManifest> first_manifest(const v1::SignedManifest& message,
                                                           const AccountId& account, UnixMs now) {
  auto octets = identity::from_wire(message);
  if (!octets) return err(rejected(octets.error()));
  auto verified = identity::verify_first(*std::move(octets));
  if (!verified) return err(rejected(verified.error()));
  if (verified->account() != account) return err(rejected(identity::IdentityError::wrong_account));
  if (const auto fresh = identity::freshness(verified->manifest(), now); !fresh) {
    return err(rejected(fresh.error()));
  }
  return *std::move(verified);
}

}  // namespace

void Directory::register_account(const v1::Register& request, UnixMs now, Reply<v1::Registered> reply) {
  const auto account = AccountId::from(wire::octets(request.account()));
  if (!account) return reply(err(Failure{DirectoryError::malformed}));
  const auto handle = identity::Handle::username(request.handle());
  if (!handle) {
    return reply(err(Failure{DirectoryError::handle_invalid, {}, identity::describe(handle.error())}));
  }
  auto manifest = first_manifest(request.manifest(), *account, now);
  if (!manifest) return reply(err(manifest.error()));
  const auto work = std::make_shared<Registration>(
      Registration{*account, handle->text(), *std::move(manifest), now, std::move(reply)});
  const bool entered =
      accounts_.enter(*account, [this, work](AccountLanes::Pass pass) { begin(work, std::move(pass)); });
  if (!entered) work->reply(err(failure_of(storage::StorageError::overloaded)));
}

void Directory::begin(std::shared_ptr<Registration> work, AccountLanes::Pass pass) {
  const auto state = read_account(work->account);
  if (state) {
    const auto first = read_manifest(work->account, 1);
    if (!first) return work->reply(err(first.error()));
    const auto& handles = state->record.handles;
    const bool same = first->m == work->manifest.signed_manifest().m &&
                      std::find(handles.begin(), handles.end(), work->handle) != handles.end();
    if (!same) return work->reply(err(Failure{DirectoryError::account_exists}));
    return work->succeed();
  }
  if (state.error().error != DirectoryError::no_such_account) return work->reply(err(state.error()));
  const bool entered = handles_.enter(
      work->handle, [this, work, account_pass = std::move(pass)](HandleLanes::Pass handle_pass) mutable {
        create_account(work, std::move(account_pass), std::move(handle_pass));
      });
  if (!entered) work->reply(err(failure_of(storage::StorageError::overloaded)));
}

void Directory::create_account(std::shared_ptr<Registration> work, AccountLanes::Pass account_pass,
                               HandleLanes::Pass handle_pass) {
  if (const auto free = check_free(work->account, work->handle, work->now); !free) {
    return work->reply(err(free.error()));
  }
  transparency_log::Submission submission;
  submission.changes.push_back(
      {transparency::Label::handle(work->handle), transparency::handle_value(work->account), std::nullopt});
  submission.changes.push_back({transparency::Label::account(work->account),
                                transparency::AccountBinding::of(work->manifest).encoded(), 1});
  submission.effects.push_back(claim_batch({work->account, work->handle}));
  submission.effects.emplace_back(account_partition(work->account))
      .put(account_key(), encode(AccountRecord{work->now, {}, 1, {work->handle}}))
      .put(manifest_key(1), work->manifest.store_form());
  submit(std::move(submission), [this, work, first = std::move(account_pass),
                                 second = std::move(handle_pass)](const DirectoryResult<void>& result) {
    if (!result) return work->reply(err(result.error()));
    cache_.put(work->account, summarise(work->manifest.manifest()));
    work->succeed();
  });
}

}  // namespace sotto::directory
