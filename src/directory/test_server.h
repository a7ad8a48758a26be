// For tests: a directory and its log on a store in memory that can crash, and clients' side of its requests.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "directory/directory.h"
#include "identity/test_support.h"
#include "identity/wire_form.h"
#include "session/prekey_batch.h"
#include "storage/memory_store.h"
#include "storage/ticket_space.h"
#include "transparency/contact.h"
#include "wire/decode.h"

namespace sotto::directory::testing {

using identity::testing::kNow;
using identity::testing::TestAccount;

/// Where a reply lands.
template <typename T>
using Slot = std::shared_ptr<std::optional<DirectoryResult<T>>>;

template <typename T>
Slot<T> make_slot() {
  return std::make_shared<std::optional<DirectoryResult<T>>>();
}

template <typename T>
Reply<T> into(const Slot<T>& slot) {
  return [slot](DirectoryResult<T> result) {
    EXPECT_FALSE(slot->has_value()) << "answered twice";
    *slot = std::move(result);
  };
}

class TestServer {
 public:
  static constexpr std::uint8_t kLogSpace = 1;
  static constexpr std::uint8_t kDirectorySpace = 2;

  explicit TestServer(std::uint64_t seed, const RateLimits& limits = {})
      : random(seed),
        store([this](const std::vector<storage::Completion>& group) { complete(group); }),
        limits_(limits) {
    restart();
  }

  /// A new process on what the old one made durable.
  void restart() {
    directory.reset();
    log =
        transparency_log::Log::open(log_store, identity, vrf, random, {.epoch_interval = {}}, clock).value();
    directory = std::make_unique<Directory>(directory_store, *log, random, limits_);
    settle();
    EXPECT_TRUE(log->ready());
  }
  void crash() {
    directory.reset();
    log.reset();
    store.crash();
    restart();
  }
  /// Until nothing is queued any more.
  void settle() {
    do {
      log->tick(clock);
    } while (store.sync() > 0);
  }

  /// Makes the request with a reply, settles, and returns the answer.
  template <typename T, typename Request>
  DirectoryResult<T> ask(const Request& request) {
    auto slot = make_slot<T>();
    request(into(slot));
    settle();
    if (!slot->has_value()) {
      ADD_FAILURE() << "no answer";
      return err(Failure{DirectoryError::overloaded});
    }
    return **std::move(slot);
  }

  DirectoryResult<v1::Registered> register_account(const TestAccount& who, std::string_view handle,
                                                   UnixMs now = kNow) {
    return ask<v1::Registered>(
        [&](auto reply) { directory->register_account(registration(who, handle), now, std::move(reply)); });
  }
  DirectoryResult<Published> publish(const AccountId& asker, const identity::VerifiedManifest& manifest,
                                     UnixMs now = kNow) {
    v1::PublishManifest request;
    identity::to_wire(manifest.signed_manifest(), *request.mutable_manifest());
    return ask<Published>(
        [&](auto reply) { directory->publish_manifest(asker, request, now, std::move(reply)); });
  }
  DirectoryResult<v1::HandleManaged> manage(const AccountId& asker, bool add, std::string_view handle,
                                            UnixMs now = kNow) {
    return ask<v1::HandleManaged>([&](auto reply) {
      directory->manage_handle(asker, handle_change(add, handle), now, std::move(reply));
    });
  }
  DirectoryResult<v1::PrekeysUploaded> upload(const DeviceAddress& device, const v1::UploadPrekeys& request,
                                              UnixMs now = kNow) {
    return ask<v1::PrekeysUploaded>(
        [&](auto reply) { directory->upload_prekeys(device, request, now, std::move(reply)); });
  }
  DirectoryResult<Fetched> fetch(const AccountId& asker, const DeviceAddress& target, UnixMs now = kNow) {
    return ask<Fetched>(
        [&](auto reply) { directory->fetch_bundles(asker, bundles_of(target), now, std::move(reply)); });
  }
  /// What the log says, verified as a client does that sees it for the first time: whom the handle names, and
  /// which version of which manifest the account has.
  std::optional<transparency::ContactStates> logged(std::string_view handle) {
    transparency::LogView view{log->keys()};
    const auto answer = log->look_up_handle(handle, 0);
    if (!answer) return std::nullopt;
    auto states =
        transparency::verify_contact(view, handle, *answer, [](const auto&) { return std::nullopt; }, clock);
    EXPECT_TRUE(states) << handle;
    if (!states) return std::nullopt;
    return *std::move(states);
  }
  /// The account that a handle leads to, if any.
  std::optional<AccountId> owner(std::string_view handle) {
    const auto holder = directory->holder_of(handle, kNow);
    if (!holder || holder->given_up) return std::nullopt;
    return holder->account;
  }

  static v1::Register registration(const TestAccount& who, std::string_view handle) {
    v1::Register request;
    request.set_account(wire::field(who.account.id.view()));
    request.set_handle(std::string(handle));
    identity::to_wire(who.manifest.signed_manifest(), *request.mutable_manifest());
    return request;
  }
  static v1::ManageHandle handle_change(bool add, std::string_view handle) {
    v1::ManageHandle request;
    (add ? *request.mutable_add() : *request.mutable_remove()) = std::string(handle);
    return request;
  }
  static v1::FetchBundles bundles_of(const DeviceAddress& target) {
    v1::FetchBundles request;
    request.set_account(wire::field(target.account.view()));
    request.add_devices(wire::field(target.device.view()));
    return request;
  }

  crypto::DeterministicRandom random;
  crypto::HybridPrivateKey identity = crypto::HybridPrivateKey::generate(random);
  crypto::VrfPrivateKey vrf = crypto::VrfPrivateKey::generate(random);
  UnixMs clock = kNow;  ///< of the log; requests bring their own time
  storage::MemoryStore store;
  storage::TicketSpace log_store{store, kLogSpace};
  storage::TicketSpace directory_store{store, kDirectorySpace};
  std::unique_ptr<transparency_log::Log> log;
  std::unique_ptr<Directory> directory;

 private:
  void complete(const std::vector<storage::Completion>& group) {
    for (const auto& completion : group) {
      const storage::Completion own{storage::own_ticket(completion.ticket), completion.result};
      switch (storage::ticket_space(completion.ticket)) {
        case kLogSpace: log->on_completion(own, clock); break;
        case kDirectorySpace: directory->on_completion(own); break;
        default: break;  // a test's own
      }
    }
  }

  RateLimits limits_;
};

inline DeviceAddress address_of(const TestAccount& who) { return {who.account.id, who.device.id}; }

/// A signed batch of `who`'s device with `count` pairs.
inline v1::UploadPrekeys make_prekeys(const TestAccount& who, std::uint32_t count,
                                      crypto::RandomSource& random, UnixMs created = kNow) {
  v1::UploadPrekeys out;
  std::vector<crypto::MerkleHash> leaves;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto keys = identity::LinkRequestKeys::generate(random);  // a P-256 and an ML-KEM-1024 key
    auto& pair = *out.add_pairs();
    pair.set_ec(wire::field(keys.ec.public_key().encoded()));
    pair.set_kem(wire::field(keys.kem.encapsulation_key()));
    leaves.push_back(session::pair_leaf(i, {wire::octets(pair.ec()), wire::octets(pair.kem())}));
  }
  const auto last = identity::LinkRequestKeys::generate(random);
  session::PrekeyBatch batch{
      .owner = {who.account.id, who.device.id, who.account.key.public_key().fingerprint(),
                who.device.key.public_key().fingerprint()},
      .created = created,
      .expires = created + days(35),
      .signed_prekey = last.ec.public_key().encoded(),
      .last_resort_hash = crypto::sha384(last.kem.encapsulation_key()),
      .count = count,
      .root = session::pairs_root(leaves)};
  const Bytes m = session::encode(batch);
  out.set_batch(wire::field(m));
  out.set_signature(wire::field(who.device.key.sign(m, random)));
  out.set_last_resort_kem(wire::field(last.kem.encapsulation_key()));
  return out;
}

}  // namespace sotto::directory::testing
