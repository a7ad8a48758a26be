// Construction, ticks, and everything that only reads.
#include "directory/directory.h"
#include "identity/handle.h"
#include "identity/wire_form.h"
#include "wire/decode.h"

namespace sotto::directory {

Directory::Directory(storage::Store& store, transparency_log::Log& log, crypto::RandomSource& random,
                     const RateLimits& limits)
    : store_(store),
      log_(log),
      rates_(limits, random),
      commits_(store),
      first_contacts_(store, commits_, random, limits) {}

Directory::~Directory() {
  // Continuations hold passes; giving those back must start nothing any more.
  accounts_.close();
  handles_.close();
}

void Directory::tick(UnixMs now) {
  rates_.tick(now);
  first_contacts_.tick(now);
  if (log_.ready()) sweep_holds(now);
}

void Directory::submit(transparency_log::Submission submission,
                       std::move_only_function<void(DirectoryResult<void>)> then) {
  log_.submit(std::move(submission),
              [then = std::move(then)](transparency_log::LogResult<std::uint64_t> epoch) mutable {
                if (!epoch) return then(err(failure_of(epoch.error())));
                then({});
              });
}

DirectoryResult<Directory::AccountState> Directory::read_account(const AccountId& account) {
  SOTTO_TRY(AccountState state, read_any_account(account));
  if (state.record.is_retired()) return err(Failure{DirectoryError::account_retired});
  return state;
}

DirectoryResult<Directory::AccountState> Directory::read_any_account(const AccountId& account) {
  const auto partition = account_partition(account);
  const auto version = store_.version(partition);
  if (!version) return err(failure_of(version.error()));
  const auto value = log_.read(partition, account_key());
  if (!value) return err(failure_of(value.error()));
  if (!*value) return err(Failure{DirectoryError::no_such_account});
  auto record = decode_account(**value);
  if (!record) return err(Failure{DirectoryError::corrupt});
  return AccountState{*version, *std::move(record)};
}

DirectoryResult<identity::SignedManifest> Directory::read_manifest(const AccountId& account,
                                                                   std::uint64_t version) {
  const auto value = log_.read(account_partition(account), manifest_key(version));
  if (!value) return err(failure_of(value.error()));
  if (!*value) return err(Failure{DirectoryError::corrupt});
  auto manifest = identity::parse_signed_manifest(**value);
  if (!manifest) return err(Failure{DirectoryError::corrupt});
  return *std::move(manifest);
}

DirectoryResult<identity::VerifiedManifest> Directory::read_newest(const AccountId& account,
                                                                   const AccountRecord& record) {
  const auto value = log_.read(account_partition(account), manifest_key(record.newest_version));
  if (!value) return err(failure_of(value.error()));
  if (!*value) return err(Failure{DirectoryError::corrupt});
  auto manifest = identity::VerifiedManifest::from_own_store(**value);
  if (!manifest) return err(Failure{DirectoryError::corrupt});
  return *std::move(manifest);
}

DirectoryResult<transparency::LookupAnswer> Directory::look_up(const AccountId& asker,
                                                               const v1::LookUp& request, UnixMs now) {
  const bool by_handle = request.has_handle();
  const auto handle = identity::Handle::parse(request.handle());
  const auto account = AccountId::from(wire::octets(request.account()));
  if (by_handle && !handle) {
    return err(Failure{DirectoryError::handle_invalid, {}, identity::describe(handle.error())});
  }
  if (!by_handle && !account) return err(Failure{DirectoryError::malformed});
  const Rate rate = by_handle ? Rate::resolve : Rate::account_lookup;
  if (!rates_.allow(rate, {asker.view()}, now)) {
    return err(Failure{DirectoryError::rate_limited, rates_.retry_after(rate, now)});
  }
  auto answer = by_handle ? log_.look_up_handle(handle->text(), request.known_size())
                          : log_.look_up_account(*account, request.known_size());
  if (!answer) return err(failure_of(answer.error()));
  return *std::move(answer);
}

DirectoryResult<v1::Manifests> Directory::fetch_manifests(const AccountId& asker,
                                                          const v1::FetchManifests& request, UnixMs now) {
  const auto account = AccountId::from(wire::octets(request.account()));
  if (!account) return err(Failure{DirectoryError::malformed});
  if (!rates_.allow(Rate::manifest_page, {asker.view()}, now)) {
    return err(Failure{DirectoryError::rate_limited, rates_.retry_after(Rate::manifest_page, now)});
  }
  SOTTO_TRY(const AccountState state, read_account(*account));
  const std::uint64_t newest = state.record.newest_version;
  std::uint64_t version = request.from_version() == 0 ? newest : request.from_version();
  v1::Manifests out;
  out.set_account(request.account());
  std::size_t octets = 0;
  for (; version <= newest && octets < kManifestPageOctets; ++version) {
    SOTTO_TRY(const identity::SignedManifest manifest, read_manifest(*account, version));
    identity::to_wire(manifest, *out.add_manifests());
    octets += manifest.m.size() + 2 * crypto::kHybridSignatureSize;
  }
  out.set_more(version <= newest);
  return out;
}

DirectoryResult<CurrentManifestPtr> Directory::current_manifest(const AccountId& account) {
  // While the log shows a newer one than the last that was written, the cached one is the older.
  if (!log_.writes(account_partition(account))) {
    if (auto cached = cache_.find(account)) return cached;
  }
  SOTTO_TRY(const AccountState state, read_any_account(account));
  SOTTO_TRY(const identity::VerifiedManifest newest, read_newest(account, state.record));
  auto current = summarise(newest.manifest(), state.record.is_retired());
  cache_.put(account, current);
  return current;
}

DirectoryResult<ListedDevice> Directory::find_device(const DeviceAddress& device) {
  SOTTO_TRY(const AccountState state, read_any_account(device.account));
  SOTTO_TRY(const identity::VerifiedManifest newest, read_newest(device.account, state.record));
  const auto* listed = newest.find(device.device);
  if (listed == nullptr) return err(Failure{DirectoryError::no_such_device});
  return ListedDevice{newest.version(), listed->key, state.record.is_retired()};
}

DirectoryResult<v1::AccountStatus> Directory::account_status(const AccountId& account) {
  SOTTO_TRY(const AccountState state, read_any_account(account));
  v1::AccountStatus out;
  out.set_created_ms(state.record.created.value);
  for (const std::string& handle : state.record.handles) out.add_handles(handle);
  return out;
}

}  // namespace sotto::directory
