// The directory: which devices an account has, who answers to a handle, and the prekeys that start sessions.
// docs/specs/directory.md.
//
// Synchronous and for one thread: its owner hands in requests, the store's completions and ticks. Requests
// that only read answer at once; those that write answer through a Reply when what they wrote is durable.
// What others rely on (who has a handle, which manifest is the newest) changes through the transparency log
// alone, as effects of the epoch that shows it (transparency_log/log.h). Not its concern: who may register
// (accounts), who is connected, frames, envelopes, driving the log.
#pragma once

#include <string>
#include <vector>

#include "crypto/random.h"
#include "directory/failure.h"
#include "directory/first_contacts.h"
#include "directory/lanes.h"
#include "directory/manifest_cache.h"
#include "directory/rate_counters.h"
#include "directory/record.h"
#include "identity/retirement.h"
#include "identity/verify.h"
#include "sotto/v1/stream.pb.h"
#include "storage/commits.h"
#include "storage/store.h"
#include "transparency_log/log.h"

namespace sotto::directory {

/// A manifest that became the newest one. Devices that it removed are to be disconnected and their mailboxes
/// deleted.
struct Published {
  std::uint64_t version = 0;
  std::vector<DeviceId> removed;
};

/// An account that was turned off. All of its devices are to be disconnected and their mailboxes deleted.
struct Retired {
  std::vector<DeviceId> devices;
};

struct Fetched {
  v1::Bundles bundles;
  /// One-time pairs left of each device that one was taken from: for PrekeysLow.
  struct Left {
    DeviceId device;
    std::uint32_t remaining;
  };
  std::vector<Left> left;
};

/// A device that the newest manifest of its account lists.
struct ListedDevice {
  std::uint64_t manifest_version;
  crypto::HybridPublicKey key;  ///< DIK
  bool account_retired;         ///< it was listed last in an account that was turned off
};

class Directory {
 public:
  /// `store`, `log` and `random` must outlive the directory; no other writer may use its partitions ("acc",
  /// "hnd", "first-contacts"). Tickets of its commits count from 1: a store that is shared needs someone
  /// between who tells completions apart. Precondition of everything below but tick(): the log is ready.
  Directory(storage::Store& store, transparency_log::Log& log, crypto::RandomSource& random,
            const RateLimits& limits = {});
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  /// Creates an account with its first manifest and handle. Repeating it with the same account, handle and
  /// manifest succeeds again. The caller has checked the registration policy and ignores `invite`. Errors:
  /// malformed, handle_invalid, manifest_rejected, account_exists, account_retired, handle_taken,
  /// handle_held, overloaded, storage_unavailable.
  void register_account(const v1::Register& request, UnixMs now, Reply<v1::Registered> reply);

  /// Makes a successor of the newest manifest the newest one and deletes the prekeys of devices that it
  /// removes. Repeating the newest one succeeds again. `asker` is an authenticated account. Errors:
  /// malformed, no_such_account, manifest_rejected, rate_limited, overloaded, storage_unavailable.
  void publish_manifest(const AccountId& asker, const v1::PublishManifest& request, UnixMs now,
                        Reply<Published> reply);

  /// Adds a handle to the asking account or removes one, which for kHandleHold nobody else may add then. The
  /// caller has seen a proof for an address or number to be added. Errors: malformed, handle_invalid,
  /// handle_taken, handle_held, handle_limit, no_such_handle, no_such_account, rate_limited, overloaded,
  /// storage_unavailable.
  void manage_handle(const AccountId& asker, const v1::ManageHandle& request, UnixMs now,
                     Reply<v1::HandleManaged> reply);

  /// Turns the asking account off for good: nobody finds it, its handles are held, its prekeys are gone, its
  /// id is never registered again. `erasures`, at most kMaxErasures, take back in the same moment what others
  /// keep about it; they are not applied when there is nothing to do. Repeating it succeeds. Errors:
  /// no_such_account, manifest_rejected, overloaded, storage_unavailable.
  void retire_account(const AccountId& asker, const v1::RetireAccount& request,
                      std::vector<storage::Batch> erasures, UnixMs now, Reply<Retired> reply);

  /// Replaces the asking device's batch. Repeating the stored one succeeds and brings no pair back. Errors:
  /// malformed, no_such_account, no_such_device, prekeys_rejected, rate_limited, overloaded,
  /// storage_unavailable.
  void upload_prekeys(const DeviceAddress& asker, v1::UploadPrekeys request, UnixMs now,
                      Reply<v1::PrekeysUploaded> reply);

  /// Bundles of devices of one account. A one-time pair is durably gone before it is given out, and given out
  /// once. Over the limits of a pair or a device, or with none left, a bundle has none. Whom the asker never
  /// wrote to counts as a first contact. Errors: malformed, no_such_account, rate_limited,
  /// first_contact_limited, overloaded, storage_unavailable.
  void fetch_bundles(const AccountId& asker, const v1::FetchBundles& request, UnixMs now,
                     Reply<Fetched> reply);

  /// Who has a handle, or gave it up less than kHandleHold ago: for the operator. Errors: handle_invalid,
  /// no_such_handle, storage_unavailable.
  struct Holder {
    AccountId account;
    std::optional<UnixMs> given_up;
    std::optional<UnixMs> retired;  ///< the account was turned off
  };
  DirectoryResult<Holder> holder_of(std::string_view handle, UnixMs now);
  /// What the log says about a handle or an account, with proofs. Errors: malformed, handle_invalid,
  /// rate_limited, storage_unavailable.
  DirectoryResult<transparency::LookupAnswer> look_up(const AccountId& asker, const v1::LookUp& request,
                                                      UnixMs now);
  /// Whose a handle in normal form is, for the server itself: not counted. nullopt when nobody's claim
  /// counts. Errors: storage_unavailable, corrupt.
  DirectoryResult<std::optional<AccountId>> owner_of(const std::string& handle);
  /// One page. Errors: malformed, no_such_account, rate_limited, storage_unavailable.
  DirectoryResult<v1::Manifests> fetch_manifests(const AccountId& asker, const v1::FetchManifests& request,
                                                 UnixMs now);
  /// Never null. Cached. Also of an account that was turned off. Errors: no_such_account,
  /// storage_unavailable.
  DirectoryResult<CurrentManifestPtr> current_manifest(const AccountId& account);
  /// What authentication needs. Errors: no_such_account, no_such_device, storage_unavailable.
  DirectoryResult<ListedDevice> find_device(const DeviceAddress& device);
  /// Accounts that this one began to write to in the last day. Errors: storage_unavailable, corrupt.
  DirectoryResult<std::size_t> first_contacts(const AccountId& account, UnixMs now) {
    return first_contacts_.count(account, now);
  }
  [[nodiscard]] std::uint64_t first_contacts_refused() const { return first_contacts_.refused(); }
  /// One-time pairs left; 0 without a batch. Errors: storage_unavailable.
  DirectoryResult<std::uint32_t> prekeys_remaining(const DeviceAddress& device);
  /// Handles and time of creation; the mailboxes are the relay's to add. Also of an account that was turned
  /// off. Errors: no_such_account, storage_unavailable.
  DirectoryResult<v1::AccountStatus> account_status(const AccountId& account);

  /// One completion of a commit that the directory made; others are ignored.
  void on_completion(const storage::Completion& completion) { commits_.on_completion(completion); }
  /// About once a second: lets old rate counters go, and handles that were held long enough.
  void tick(UnixMs now);
  /// Commits that are not completed yet.
  [[nodiscard]] std::size_t in_flight() const { return commits_.in_flight(); }

 private:
  using AccountLanes = Lanes<AccountId>;
  using HandleLanes = Lanes<std::string>;
  struct Registration;
  struct HandleChange;
  struct BundleRequest;
  /// An account as the store has it now; `version` is what a batch computed from it expects.
  struct AccountState {
    storage::PartitionVersion version;
    AccountRecord record;
  };

  /// Also of an account that was turned off. Errors: no_such_account, storage_unavailable, corrupt.
  DirectoryResult<AccountState> read_any_account(const AccountId& account);
  /// Errors: those of read_any_account, account_retired.
  DirectoryResult<AccountState> read_account(const AccountId& account);
  DirectoryResult<identity::SignedManifest> read_manifest(const AccountId& account, std::uint64_t version);
  DirectoryResult<identity::VerifiedManifest> read_newest(const AccountId& account,
                                                          const AccountRecord& record);
  /// Also of what was held long enough.
  DirectoryResult<std::optional<HandleHold>> hold_of(const std::string& handle);
  /// Whether the account may have the handle. Errors: handle_taken, handle_held.
  DirectoryResult<void> check_free(const AccountId& account, const std::string& handle, UnixMs now);
  void sweep_holds(UnixMs now);

  /// Calls `then` when the changes are in the log and the writes in the store, or when neither will ever be.
  void submit(transparency_log::Submission submission,
              std::move_only_function<void(DirectoryResult<void>)> then);
  void begin(std::shared_ptr<Registration> work, AccountLanes::Pass pass);
  void create_account(std::shared_ptr<Registration> work, AccountLanes::Pass account_pass,
                      HandleLanes::Pass handle_pass);
  void publish(const AccountId& account, identity::SignedManifest manifest, UnixMs now,
               AccountLanes::Pass pass, Reply<Published> reply);
  void retire(const AccountId& account, const identity::SignedRetirement& retirement,
              std::vector<storage::Batch> erasures, UnixMs now, AccountLanes::Pass pass,
              Reply<Retired> reply);
  DirectoryResult<void> erase_prekeys(const DeviceAddress& device, storage::Batch& batch);
  void begin(std::shared_ptr<HandleChange> work, AccountLanes::Pass pass);
  void change_handle(std::shared_ptr<HandleChange> work, AccountLanes::Pass account_pass,
                     HandleLanes::Pass handle_pass);
  void upload(const DeviceAddress& device, const v1::UploadPrekeys& request, UnixMs now,
              AccountLanes::Pass pass, Reply<v1::PrekeysUploaded> reply);
  DirectoryResult<storage::Batch> check_batch(const DeviceAddress& device, const v1::UploadPrekeys& request,
                                              const std::optional<BatchRecord>& stored, UnixMs now);
  DirectoryResult<std::optional<BatchRecord>> read_batch(const DeviceAddress& device);
  DirectoryResult<std::uint32_t> read_cursor(const DeviceAddress& device);
  void serve_in_turn(std::shared_ptr<BundleRequest> work);
  void serve(std::shared_ptr<BundleRequest> work, AccountLanes::Pass pass);
  DirectoryResult<void> add_bundle(BundleRequest& work, const DeviceId& device, storage::Batch& batch);

  storage::Store& store_;
  transparency_log::Log& log_;
  RateCounters rates_;
  ManifestCache cache_;
  AccountLanes accounts_;
  HandleLanes handles_;
  storage::Commits commits_;
  FirstContacts first_contacts_;
  std::uint8_t swept_partition_ = 0;  ///< of handles; its holds are looked at next
  Bytes sweep_from_ = first_hold_key();
};

}  // namespace sotto::directory
