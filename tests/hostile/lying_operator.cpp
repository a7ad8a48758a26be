// A lying operator. Whoever runs a server owns its disk and its keys: with sottod stopped, this program makes
// the database say what is not true, through the server's own modules, and the unmodified sottod then tells
// it to everybody (tests/journeys/lying_server_test.py, tests/browser/people_test.mjs). What of it is
// noticed: docs/specs/hostile-actors.md. Only built with the tests.
//
//   lying_operator DATA_DIR impostor HANDLE [--in-log] [--alone]
//       another identity, made here, speaks for the account from now on, with a device and prekeys of its
//       own;
//       --in-log: the log says so too; --alone: the account's true devices are not in its list
//   lying_operator DATA_DIR older-list HANDLE     the newest device list was never published
//   lying_operator DATA_DIR name HANDLE OTHER     the name is that of OTHER's account, also in the log
//   lying_operator DATA_DIR waiting ACCOUNT DEVICE   no lie: how many envelopes a mailbox has
//
// Prints one line of JSON.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "accounts/server_key_file.h"
#include "bytes/hex.h"
#include "clock/clock.h"
#include "directory/directory.h"
#include "disk.h"
#include "identity/author.h"
#include "relay/record.h"
#include "session/prekey_ring.h"
#include "storage/commits.h"
#include "storage/ticket_space.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using directory::AccountRecord;
using identity::AccountId;
using identity::DeviceId;
using transparency::AccountBinding;
using transparency::Label;

// Whose a completion is.
constexpr std::uint8_t kLogSpace = 1;
constexpr std::uint8_t kDirectorySpace = 2;
constexpr std::uint8_t kOwnSpace = 3;
/// Groups of completions that a lie takes: an epoch has a handful.
constexpr int kMaxTurns = 1000;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "lying_operator: %s\n", why.c_str());
  std::exit(1);
}

template <typename T, typename E>
T must(Result<T, E> result, const std::string& what) {
  if (!result) give_up("cannot " + what);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// Somebody who is not whom the account belongs to, and has everything that an account has.
struct Impostor {
  identity::AccountIdentity account;
  identity::DeviceIdentity device;

  [[nodiscard]] session::LocalDevice local() const {
    return {account.id, device.id, account.key.public_key().fingerprint(), device.key};
  }
};

class LyingOperator {
 public:
  explicit LyingOperator(const std::filesystem::path& data);

  nlohmann::json impostor(const std::string& handle, bool in_log, bool alone);
  nlohmann::json older_list(const std::string& handle);
  nlohmann::json steal_name(const std::string& handle, const std::string& other);
  nlohmann::json waiting(const AccountId& account, const DeviceId& device);

 private:
  AccountId owner_of(const std::string& handle);
  Bytes stored(const AccountId& account, const Bytes& key);
  AccountRecord record_of(const AccountId& account);
  identity::Manifest manifest_of(const AccountId& account, std::uint64_t version);
  std::vector<identity::VerifiedManifest> chain_of(const Impostor& impostor, const identity::Manifest& truth,
                                                   bool alone);
  void upload_prekeys(const Impostor& impostor);

  void write(storage::Batch batch);
  void submit(transparency_log::Submission submission);
  void settle();

  crypto::SystemRandom random_;
  log::NullLogger logger_;
  UnixMs now_ = SystemClock().now();
  Disk disk_;
  storage::TicketSpace log_store_{disk_, kLogSpace};
  storage::TicketSpace directory_store_{disk_, kDirectorySpace};
  storage::TicketSpace own_store_{disk_, kOwnSpace};
  crypto::HybridPrivateKey identity_;
  crypto::VrfPrivateKey vrf_;
  std::unique_ptr<transparency_log::Log> log_;
  directory::Directory directory_;
  storage::Commits commits_{own_store_};
};

LyingOperator::LyingOperator(const std::filesystem::path& data)
    : disk_(data / "database", logger_),
      identity_(must(accounts::ServerKeyFile::load_or_create(data / "identity.key", random_),
                     "read the server's key")),
      vrf_(must(accounts::ServerKeyFile::load_or_create_vrf(data / "transparency.key", random_),
                "read the log's key")),
      log_(must(
          transparency_log::Log::open(log_store_, identity_, vrf_, random_, {.epoch_interval = {}}, now_),
          "open the log")),
      directory_(directory_store_, *log_, random_) {
  settle();
}

nlohmann::json LyingOperator::impostor(const std::string& handle, bool in_log, bool alone) {
  const AccountId account = owner_of(handle);
  AccountRecord record = record_of(account);
  const Impostor impostor{{account, crypto::HybridPrivateKey::generate(random_)},
                          identity::DeviceIdentity::generate(random_)};
  const auto chain = chain_of(impostor, manifest_of(account, record.newest_version), alone);
  const auto& newest = chain.back();

  record.newest_version = newest.version();
  storage::Batch batch(directory::account_partition(account));
  batch.put(directory::account_key(), encode(record));
  for (const auto& manifest : chain)
    batch.put(directory::manifest_key(manifest.version()), manifest.store_form());
  if (in_log) {
    transparency_log::Submission submission;
    submission.changes.push_back(
        {Label::account(account), AccountBinding::of(newest).encoded(), newest.version()});
    submission.effects.push_back(std::move(batch));
    submit(std::move(submission));
  } else {
    write(std::move(batch));
  }
  upload_prekeys(impostor);
  return {{"account", to_hex(account.view())},
          {"device", to_hex(impostor.device.id.view())},
          {"fingerprint", to_hex(impostor.local().account_key.octets())},
          {"version", newest.version()}};
}

/// Of the impostor's own from the beginning, as those who accept its key look there; and one longer than the
/// truth, as those who know the account ask for what is newer.
std::vector<identity::VerifiedManifest> LyingOperator::chain_of(const Impostor& impostor,
                                                                const identity::Manifest& truth, bool alone) {
  auto first = identity::draft_first(impostor.account,
                                     {impostor.device.id, impostor.device.key.public_key(), {}, 0}, now_);
  for (const auto& device : truth.devices) {
    if (alone) break;
    must(identity::add_device(first, {device.id, device.key, device.sealed_name, device.capabilities}),
         "list the true devices");
  }
  const auto sign = [&](const identity::Manifest& draft) {
    return identity::sign_manifest(draft, impostor.account, impostor.device, random_);
  };
  std::vector<identity::VerifiedManifest> out;
  out.push_back(must(identity::verify_first(sign(first)), "make a first device list"));
  while (out.back().version() <= truth.version) {
    const auto next = identity::draft_successor(out.back(), impostor.device.id, now_);
    out.push_back(must(identity::verify_successor(out.back(), sign(next)), "make another device list"));
  }
  return out;
}

void LyingOperator::upload_prekeys(const Impostor& impostor) {
  session::PrekeyRing ring;
  const auto prekeys = ring.generate(impostor.local(), now_, random_);
  v1::UploadPrekeys request;
  request.set_batch(wire::field(prekeys.m));
  request.set_signature(wire::field(prekeys.signature));
  request.set_last_resort_kem(wire::field(prekeys.last_resort_kem));
  for (const auto& pair : prekeys.pairs) {
    auto* out = request.add_pairs();
    out->set_ec(wire::field(pair.ec));
    out->set_kem(wire::field(pair.kem));
  }
  bool stored = false;
  directory_.upload_prekeys({impostor.account.id, impostor.device.id}, std::move(request), now_,
                            [&](const auto& answer) { stored = answer.has_value(); });
  settle();
  if (!stored) give_up("cannot store the impostor's prekeys");
}

nlohmann::json LyingOperator::older_list(const std::string& handle) {
  const AccountId account = owner_of(handle);
  AccountRecord record = record_of(account);
  if (record.newest_version < 2) give_up(handle + " has one device list only");
  storage::Batch batch(directory::account_partition(account));
  batch.erase(directory::manifest_key(record.newest_version));
  --record.newest_version;
  batch.put(directory::account_key(), encode(record));
  write(std::move(batch));
  return {{"account", to_hex(account.view())}, {"version", record.newest_version}};
}

nlohmann::json LyingOperator::steal_name(const std::string& handle, const std::string& other) {
  const AccountId owner = owner_of(handle);
  const AccountId thief = owner_of(other);
  AccountRecord loses = record_of(owner);
  AccountRecord gains = record_of(thief);
  std::erase(loses.handles, handle);
  gains.handles.push_back(handle);
  transparency_log::Submission submission;
  submission.changes.push_back({Label::handle(handle), transparency::handle_value(thief), std::nullopt});
  submission.effects.push_back(directory::claim_batch({thief, handle}));
  submission.effects.emplace_back(directory::account_partition(owner))
      .put(directory::account_key(), encode(loses));
  submission.effects.emplace_back(directory::account_partition(thief))
      .put(directory::account_key(), encode(gains));
  submit(std::move(submission));
  return {{"account", to_hex(thief.view())}};
}

nlohmann::json LyingOperator::waiting(const AccountId& account, const DeviceId& device) {
  const auto page =
      must(disk_.scan(relay::mailbox_partition({account, device}), {}, std::nullopt, {}), "read the mailbox");
  std::size_t envelopes = 0;
  for (const auto& entry : page.entries) envelopes += relay::parse_envelope_key(entry.key) ? 1U : 0U;
  return {{"envelopes", envelopes}};
}

AccountId LyingOperator::owner_of(const std::string& handle) {
  return must(directory_.holder_of(handle, now_), "find " + handle).account;
}

Bytes LyingOperator::stored(const AccountId& account, const Bytes& key) {
  auto value = must(disk_.get(directory::account_partition(account), key), "read the account");
  if (!value) give_up("the account has no such record");
  return *std::move(value);
}

AccountRecord LyingOperator::record_of(const AccountId& account) {
  auto record = directory::decode_account(stored(account, directory::account_key()));
  if (!record) give_up("the account's record is damaged");
  return *std::move(record);
}

identity::Manifest LyingOperator::manifest_of(const AccountId& account, std::uint64_t version) {
  return must(identity::VerifiedManifest::from_own_store(stored(account, directory::manifest_key(version))),
              "read the device list")
      .manifest();
}

void LyingOperator::write(storage::Batch batch) {
  bool written = false;
  commits_.commit(std::move(batch), [&](const auto& result) { written = result.has_value(); });
  settle();
  if (!written) give_up("cannot write the lie");
}

void LyingOperator::submit(transparency_log::Submission submission) {
  bool logged = false;
  log_->submit(std::move(submission), [&](const auto& epoch) { logged = epoch.has_value(); });
  settle();
  if (!logged) give_up("cannot log the lie");
}

/// Until everything is on the disk.
void LyingOperator::settle() {
  for (int turn = 0; turn < kMaxTurns; ++turn) {
    log_->tick(now_);
    for (const auto& group : disk_.wait()) {
      for (const auto& [ticket, result] : group) {
        const storage::Completion completion{storage::own_ticket(ticket), result};
        switch (storage::ticket_space(ticket)) {
          case kLogSpace: log_->on_completion(completion, now_); break;
          case kDirectorySpace: directory_.on_completion(completion); break;
          default: commits_.on_completion(completion); break;
        }
      }
    }
    if (log_->ready() && !log_->busy() && log_->waiting() == 0 && !disk_.busy()) return;
  }
  give_up("the database takes no writes");
}

template <typename Id>
Id id_of(const std::string& hex) {
  const auto octets = from_hex(hex);
  const auto id = octets ? Id::from(*octets) : std::nullopt;
  if (!id) give_up(hex + " is no id");
  return *id;
}

nlohmann::json lie(const std::filesystem::path& data, const std::vector<std::string>& words) {
  const auto has = [&](std::string_view option) { return std::ranges::find(words, option) != words.end(); };
  LyingOperator liar(data);
  if (words.size() >= 2 && words[0] == "impostor")
    return liar.impostor(words[1], has("--in-log"), has("--alone"));
  if (words.size() == 2 && words[0] == "older-list") return liar.older_list(words[1]);
  if (words.size() == 3 && words[0] == "name") return liar.steal_name(words[1], words[2]);
  if (words.size() == 3 && words[0] == "waiting")
    return liar.waiting(id_of<AccountId>(words[1]), id_of<DeviceId>(words[2]));
  give_up("unknown lie; the head of lying_operator.cpp lists them");
}

}  // namespace
}  // namespace sotto::hostile

int main(int count, char** words) {
  if (count < 3) sotto::hostile::give_up("DATA_DIR and what to say; the head of lying_operator.cpp lists it");
  const auto told = sotto::hostile::lie(words[1], {words + 2, words + count});
  std::printf("%s\n", told.dump().c_str());
  return 0;
}
