// Uploading prekey batches and handing out bundles.
#include <algorithm>

#include "directory/directory.h"
#include "session/prekey_batch.h"
#include "wire/decode.h"

namespace sotto::directory {
namespace {

Failure rejected(session::PrekeyError error) {
  return {DirectoryError::prekeys_rejected, {}, session::describe(error)};
}

std::vector<session::OneTimePairView> pair_views(const v1::UploadPrekeys& request) {
  std::vector<session::OneTimePairView> out;
  for (const auto& pair : request.pairs()) out.push_back({wire::octets(pair.ec()), wire::octets(pair.kem())});
  return out;
}

}  // namespace

struct Directory::BundleRequest {
  AccountId asker;
  AccountId account;
  std::vector<DeviceId> devices;
  UnixMs now;
  Fetched fetched{};
  Reply<Fetched> reply{};
};

DirectoryResult<std::optional<BatchRecord>> Directory::read_batch(const DeviceAddress& device) {
  const auto value = store_.get(account_partition(device.account), batch_key(device.device));
  if (!value) return err(failure_of(value.error()));
  if (!*value) return std::nullopt;
  auto record = decode_batch_record(**value);
  if (!record) return err(Failure{DirectoryError::corrupt});
  return record;
}

DirectoryResult<std::uint32_t> Directory::read_cursor(const DeviceAddress& device) {
  const auto value = store_.get(account_partition(device.account), cursor_key(device.device));
  if (!value) return err(failure_of(value.error()));
  const auto next = *value ? decode_cursor(**value) : std::nullopt;
  if (!next) return err(Failure{DirectoryError::corrupt});
  return *next;
}

DirectoryResult<std::uint32_t> Directory::prekeys_remaining(const DeviceAddress& device) {
  SOTTO_TRY(const std::optional<BatchRecord> stored, read_batch(device));
  if (!stored) return 0U;
  SOTTO_TRY(const std::uint32_t next, read_cursor(device));
  const auto count = static_cast<std::uint32_t>(stored->leaves.size());
  return count > next ? count - next : 0U;
}

DirectoryResult<void> Directory::erase_prekeys(const DeviceAddress& device, storage::Batch& batch) {
  SOTTO_TRY(const std::optional<BatchRecord> stored, read_batch(device));
  if (!stored) return {};
  batch.erase(batch_key(device.device)).erase(cursor_key(device.device));
  for (std::uint32_t i = 0; i < stored->leaves.size(); ++i) batch.erase(pair_key(device.device, i));
  return {};
}

void Directory::upload_prekeys(const DeviceAddress& asker, v1::UploadPrekeys request, UnixMs now,
                               Reply<v1::PrekeysUploaded> reply) {
  if (static_cast<std::size_t>(request.pairs_size()) > session::kMaxOneTimePairs) {
    return reply(err(Failure{DirectoryError::malformed}));
  }
  if (!rates_.allow(Rate::upload, {asker.account.view(), asker.device.view()}, now)) {
    return reply(err(Failure{DirectoryError::rate_limited, rates_.retry_after(Rate::upload, now)}));
  }
  const auto shared = std::make_shared<Reply<v1::PrekeysUploaded>>(std::move(reply));
  const bool entered = accounts_.enter(
      asker.account, [this, asker, request = std::move(request), now, shared](AccountLanes::Pass pass) {
        upload(asker, request, now, std::move(pass), std::move(*shared));
      });
  if (!entered) (*shared)(err(failure_of(storage::StorageError::overloaded)));
}

DirectoryResult<storage::Batch> Directory::check_batch(const DeviceAddress& device,
                                                       const v1::UploadPrekeys& request,
                                                       const std::optional<BatchRecord>& stored, UnixMs now) {
  SOTTO_TRY(const AccountState state, read_account(device.account));
  SOTTO_TRY(const identity::VerifiedManifest newest, read_newest(device.account, state.record));
  const auto* listed = newest.find(device.device);
  if (listed == nullptr) return err(Failure{DirectoryError::no_such_device});
  std::optional<UnixMs> newest_seen;
  if (stored) {
    const auto before = session::decode_batch(stored->m);
    if (!before) return err(Failure{DirectoryError::corrupt});
    newest_seen = before->created;
  }
  const session::PeerDevice owner{device.account, device.device, newest.manifest().account_key.fingerprint(),
                                  listed->key};
  const auto pairs = pair_views(request);
  const auto checked =
      session::check_upload(wire::octets(request.batch()), wire::octets(request.signature()),
                            wire::octets(request.last_resort_kem()), pairs, owner, newest_seen, now);
  if (!checked) return err(rejected(checked.error()));

  storage::Batch batch(account_partition(device.account));
  batch.expect(state.version);
  BatchRecord record{
      to_bytes(wire::octets(request.batch())),
      to_array<crypto::kHybridSignatureSize>(wire::octets(request.signature())),
      to_array<crypto::MlKem1024::kEncapsulationKeySize>(wire::octets(request.last_resort_kem())),
      {}};
  for (std::uint32_t i = 0; i < pairs.size(); ++i) {
    record.leaves.push_back(session::pair_leaf(i, pairs[i]));
    batch.put(pair_key(device.device, i),
              encode(PairRecord{to_array<33>(pairs[i].ec),
                                to_array<crypto::MlKem1024::kEncapsulationKeySize>(pairs[i].kem)}));
  }
  for (std::size_t i = pairs.size(); stored && i < stored->leaves.size(); ++i) {
    batch.erase(pair_key(device.device, static_cast<std::uint32_t>(i)));
  }
  batch.put(batch_key(device.device), encode(record)).put(cursor_key(device.device), encode_cursor(0));
  return batch;
}

void Directory::upload(const DeviceAddress& device, const v1::UploadPrekeys& request, UnixMs now,
                       AccountLanes::Pass pass, Reply<v1::PrekeysUploaded> reply) {
  const auto stored = read_batch(device);
  if (!stored) return reply(err(stored.error()));
  v1::PrekeysUploaded out;
  if (*stored && equal((*stored)->m, wire::octets(request.batch()))) {
    // A repeated upload after a lost answer: pairs that were handed out since stay gone.
    const auto remaining = prekeys_remaining(device);
    if (!remaining) return reply(err(remaining.error()));
    out.set_stored(*remaining);
    return reply(std::move(out));
  }
  auto batch = check_batch(device, request, *stored, now);
  if (!batch) return reply(err(batch.error()));
  out.set_stored(static_cast<std::uint32_t>(request.pairs_size()));
  commits_.commit(*std::move(batch), [out = std::move(out), reply = std::move(reply),
                                      pass = std::move(pass)](const auto& result) mutable {
    if (!result) return reply(err(failure_of(result.error())));
    reply(std::move(out));
  });
}

void Directory::fetch_bundles(const AccountId& asker, const v1::FetchBundles& request, UnixMs now,
                              Reply<Fetched> reply) {
  const auto work = std::make_shared<BundleRequest>(BundleRequest{.asker = asker, .now = now});
  const auto account = AccountId::from(wire::octets(request.account()));
  if (!account || static_cast<std::size_t>(request.devices_size()) > identity::kMaxDevices) {
    return reply(err(Failure{DirectoryError::malformed}));
  }
  work->account = *account;
  for (const auto& field : request.devices()) {
    const auto device = DeviceId::from(wire::octets(field));
    const bool repeated =
        device && std::find(work->devices.begin(), work->devices.end(), *device) != work->devices.end();
    if (!device || repeated) return reply(err(Failure{DirectoryError::malformed}));
    if (!rates_.allow(Rate::fetch_pair, {asker.view(), account->view(), device->view()}, now)) {
      return reply(err(Failure{DirectoryError::rate_limited, rates_.retry_after(Rate::fetch_pair, now)}));
    }
    work->devices.push_back(*device);
  }
  work->reply = std::move(reply);
  if (*account == asker) return serve_in_turn(work);
  // Nobody is met where nobody is.
  if (const auto known = read_account(*account); !known) return work->reply(err(known.error()));
  first_contacts_.admit(asker, *account, wire::octets(request.pass()), now,
                        [this, work](DirectoryResult<ContactPass> pass) {
                          if (!pass) return work->reply(err(pass.error()));
                          work->fetched.bundles.set_pass(wire::field(*pass));
                          serve_in_turn(work);
                        });
}

void Directory::serve_in_turn(std::shared_ptr<BundleRequest> work) {
  const bool entered =
      accounts_.enter(work->account, [this, work](AccountLanes::Pass pass) { serve(work, std::move(pass)); });
  if (!entered) work->reply(err(failure_of(storage::StorageError::overloaded)));
}

void Directory::serve(std::shared_ptr<BundleRequest> work, AccountLanes::Pass pass) {
  const auto state = read_account(work->account);
  if (!state) return work->reply(err(state.error()));
  storage::Batch batch(account_partition(work->account));
  batch.expect(state->version);
  for (const DeviceId& device : work->devices) {
    if (const auto added = add_bundle(*work, device, batch); !added) return work->reply(err(added.error()));
  }
  if (batch.writes.empty()) return work->reply(std::move(work->fetched));
  commits_.commit(std::move(batch), [work, pass = std::move(pass)](const auto& result) {
    if (!result) return work->reply(err(failure_of(result.error())));
    work->reply(std::move(work->fetched));
  });
}

DirectoryResult<void> Directory::add_bundle(BundleRequest& work, const DeviceId& device,
                                            storage::Batch& batch) {
  const DeviceAddress address{work.account, device};
  SOTTO_TRY(const std::optional<BatchRecord> stored, read_batch(address));
  const auto prekeys = stored ? session::decode_batch(stored->m) : err(session::PrekeyError::malformed);
  if (stored && !prekeys) return err(Failure{DirectoryError::corrupt});
  if (!stored || work.now >= prekeys->expires) {
    work.fetched.bundles.add_unavailable(wire::field(device.view()));
    return {};
  }
  auto& bundle = *work.fetched.bundles.add_bundles();
  bundle.set_device(wire::field(device.view()));
  bundle.set_batch(wire::field(stored->m));
  bundle.set_signature(wire::field(stored->signature));
  bundle.set_last_resort_kem(wire::field(stored->last_resort));

  SOTTO_TRY(const std::uint32_t next, read_cursor(address));
  const auto count = static_cast<std::uint32_t>(stored->leaves.size());
  const bool allowed =
      next < count &&
      rates_.allow(Rate::one_time_pair, {work.asker.view(), work.account.view(), device.view()}, work.now) &&
      rates_.allow(Rate::one_time_target, {work.account.view(), device.view()}, work.now);
  if (!allowed) return {};
  const auto value = store_.get(batch.partition, pair_key(device, next));
  if (!value) return err(failure_of(value.error()));
  const auto pair = *value ? decode_pair(**value) : std::nullopt;
  if (!pair) return err(Failure{DirectoryError::corrupt});
  auto& one_time = *bundle.mutable_one_time();
  one_time.set_index(next);
  one_time.set_ec(wire::field(pair->ec));
  one_time.set_kem(wire::field(pair->kem));
  for (const auto& node : crypto::merkle_path(stored->leaves, next)) one_time.add_path(wire::field(node));
  batch.put(cursor_key(device), encode_cursor(next + 1)).erase(pair_key(device, next));
  work.fetched.left.push_back({device, count - next - 1});
  return {};
}

}  // namespace sotto::directory
