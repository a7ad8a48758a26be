#include "accounts/registrar.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>
#include <set>

#include "storage/memory_store.h"

namespace sotto::accounts {
namespace {

using identity::AccountId;
constexpr UnixMs kNow{1'800'000'000'000};

class TestRegistrar {
 public:
  explicit TestRegistrar(RegistrationPolicy policy, std::uint64_t seed = 1, storage::QueueBounds bounds = {})
      : random(seed),
        store(
            [this](const std::vector<storage::Completion>& group) {
              for (const auto& completion : group) registrar->on_completion(completion);
            },
            bounds),
        policy_(policy) {
    restart(policy);
  }
  void restart(RegistrationPolicy policy) {
    policy_ = policy;
    registrar = std::make_unique<Registrar>(store, random, policy);
  }
  void crash() {
    store.crash();
    restart(policy_);
  }
  void settle() {
    while (store.sync() > 0) {
    }
  }

  AccountsResult<std::string> invite(const NewInvite& options = {}, UnixMs now = kNow) {
    AccountsResult<std::string> out = err(AccountsError::corrupt);
    registrar->create_invite(options, now, [&](auto result) { out = std::move(result); });
    settle();
    return out;
  }
  AccountsResult<void> authorise(const AccountId& account, std::string_view invite, UnixMs now = kNow,
                                 std::string_view handle = "alice") {
    AccountsResult<void> out = err(AccountsError::corrupt);
    registrar->authorise(account, handle, invite, now, [&](auto result) { out = result; });
    settle();
    return out;
  }

  crypto::DeterministicRandom random;
  storage::MemoryStore store;
  std::unique_ptr<Registrar> registrar;

 private:
  RegistrationPolicy policy_;
};

constexpr AccountId kAlice({1});
constexpr AccountId kBob({2});

TEST(Registrar, AnOpenServerTakesAnybody) {
  TestRegistrar server(RegistrationPolicy::open);
  EXPECT_TRUE(server.authorise(kAlice, ""));
  EXPECT_TRUE(server.authorise(kAlice, "whatever"));
}

TEST(Registrar, AnInviteServesForOneAccountAsOftenAsItAsks) {
  TestRegistrar server(RegistrationPolicy::invite);
  EXPECT_EQ(server.authorise(kAlice, "").error(), AccountsError::registration_closed);
  const auto token = server.invite();
  ASSERT_TRUE(token);
  EXPECT_EQ(token->size(), 32U);
  EXPECT_TRUE(server.authorise(kAlice, *token));
  EXPECT_TRUE(server.authorise(kAlice, *token, kNow + days(30), "alice2"));
  EXPECT_EQ(server.authorise(kBob, *token).error(), AccountsError::invite_used);
  server.crash();
  EXPECT_TRUE(server.authorise(kAlice, *token));
  EXPECT_EQ(server.authorise(kBob, *token).error(), AccountsError::invite_used);
}

TEST(Registrar, UnknownExpiredAndRevokedInvitesAreRefused) {
  TestRegistrar server(RegistrationPolicy::invite);
  EXPECT_EQ(server.authorise(kAlice, "nonsense").error(), AccountsError::invite_unknown);
  EXPECT_EQ(server.authorise(kAlice, std::string(32, '0')).error(), AccountsError::invite_unknown);
  const auto token = server.invite({.handle = {}, .lifetime = days(1)});
  ASSERT_TRUE(token);
  EXPECT_EQ(server.authorise(kAlice, *token, kNow + days(1)).error(), AccountsError::invite_expired);
  AccountsResult<void> revoked = err(AccountsError::corrupt);
  server.registrar->revoke_invite(*token, [&](auto result) { revoked = result; });
  server.settle();
  EXPECT_TRUE(revoked);
  EXPECT_EQ(server.authorise(kAlice, *token).error(), AccountsError::invite_unknown);
  server.registrar->revoke_invite(*token, [&](auto result) { revoked = result; });
  EXPECT_EQ(revoked.error(), AccountsError::invite_unknown);
  server.registrar->revoke_invite("x", [&](auto result) { revoked = result; });
  EXPECT_EQ(revoked.error(), AccountsError::invite_unknown);
}

TEST(Registrar, AnInviteMayNameItsHandle) {
  TestRegistrar server(RegistrationPolicy::by_admin);
  const auto named = server.invite({.handle = "Alice"});
  const auto unnamed = server.invite();
  ASSERT_TRUE(named && unnamed);
  EXPECT_EQ(server.authorise(kAlice, *named, kNow, "bob").error(), AccountsError::invite_for_another);
  EXPECT_EQ(server.authorise(kAlice, *unnamed).error(), AccountsError::invite_for_another);
  EXPECT_TRUE(server.authorise(kAlice, *named));
  EXPECT_EQ(server.invite({.handle = "a b"}).error(), AccountsError::handle_invalid);
  EXPECT_EQ(server.invite({.handle = {}, .lifetime = days(366)}).error(), AccountsError::lifetime_too_long);
}

TEST(Registrar, OfTwoAtTheSameTimeOneRedeems) {
  TestRegistrar server(RegistrationPolicy::invite);
  const auto token = server.invite();
  std::optional<AccountsResult<void>> first;
  std::optional<AccountsResult<void>> second;
  server.registrar->authorise(kAlice, "alice", *token, kNow, [&](auto result) { first = result; });
  server.registrar->authorise(kBob, "bob", *token, kNow, [&](auto result) { second = result; });
  EXPECT_FALSE(first.has_value());
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->error(), AccountsError::overloaded);
  server.store.fail_next_commits(1, storage::StorageError::no_space);
  server.settle();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->error(), AccountsError::storage_unavailable);
  EXPECT_TRUE(server.authorise(kBob, *token));
}

TEST(Registrar, ReportsAFullQueueABrokenDiskAndDamage) {
  TestRegistrar full(RegistrationPolicy::invite, 1, {.batches = 0});
  EXPECT_EQ(full.invite().error(), AccountsError::overloaded);
  EXPECT_EQ(full.registrar->in_flight(), 0U);
  TestRegistrar server(RegistrationPolicy::invite);
  const auto token = server.invite();
  server.store.fail_next_reads(1, storage::StorageError::io_error);
  EXPECT_EQ(server.authorise(kAlice, *token).error(), AccountsError::storage_unavailable);
  storage::Batch damage(invite_partition());
  damage.put(invite_key(from_hex(*token).value()), {9});
  ASSERT_TRUE(server.store.commit(std::move(damage), {~0ULL}));
  server.settle();
  EXPECT_EQ(server.authorise(kAlice, *token).error(), AccountsError::corrupt);
}

TEST(Registrar, SweepsInvitesThatExpiredLongAgo) {
  TestRegistrar server(RegistrationPolicy::invite);
  ASSERT_TRUE(server.invite({.handle = {}, .lifetime = days(1)}));
  const auto living = server.invite({.handle = {}, .lifetime = days(30)});
  const auto count = [&] {
    return server.store.scan(invite_partition(), {}, std::nullopt, {})->entries.size();
  };
  server.registrar->tick(kNow + days(8) + DurationMs{});
  server.settle();
  EXPECT_EQ(count(), 1U);
  EXPECT_TRUE(server.authorise(kAlice, *living, kNow + days(8)));
}

TEST(Registrar, TheStoreHoldsNoToken) {
  TestRegistrar server(RegistrationPolicy::invite);
  const auto token = from_hex(server.invite().value()).value();
  for (const auto& entry : server.store.scan(invite_partition(), {}, std::nullopt, {})->entries) {
    EXPECT_EQ(std::search(entry.key.begin(), entry.key.end(), token.begin(), token.end()), entry.key.end());
    EXPECT_EQ(std::search(entry.value.begin(), entry.value.end(), token.begin(), token.end()),
              entry.value.end());
  }
}

/// Property: under any order of redemptions, group commits, failures and crashes an invite admits one
/// account.
TEST(RegistrarProperty, AnInviteAdmitsOneAccount) {
  rc::check([](std::uint32_t seed, const std::vector<std::uint8_t>& steps) {
    TestRegistrar server(RegistrationPolicy::invite, seed);
    const std::string token = server.invite().value();
    auto admitted = std::make_shared<std::set<std::uint8_t>>();
    for (const std::uint8_t step : steps) {
      const auto who = static_cast<std::uint8_t>(1 + step / 8 % 3);
      switch (step % 8) {
        case 0: server.store.sync(); break;
        case 1: server.store.fail_next_commits(1, storage::StorageError::io_error); break;
        case 2: server.crash(); break;
        default:
          server.registrar->authorise(AccountId({who}), "name", token, kNow,
                                      [admitted, who](const auto& result) {
                                        if (result) admitted->insert(who);
                                      });
      }
    }
    server.settle();
    RC_ASSERT(admitted->size() <= 1U);
  });
}

TEST(InviteRecord, RoundTripsAndFailsOnTruncationAtEveryLength) {
  for (const InviteRecord& record : {InviteRecord{{7}, "alice", kAlice}, InviteRecord{{7}, "", {}}}) {
    Bytes octets = encode(record);
    EXPECT_EQ(decode_invite(octets), record);
    for (std::size_t length = 0; length < octets.size(); ++length) {
      EXPECT_FALSE(decode_invite(ByteView(octets).first(length))) << length;
    }
    octets.push_back(0);
    EXPECT_FALSE(decode_invite(octets));
  }
  InviteRecord record{{7}, "", kAlice};
  Bytes octets = encode(record);
  octets.pop_back();
  octets[octets.size() - 16] = 15;  // an account id of 15 octets
  EXPECT_FALSE(decode_invite(octets));
}

TEST(AccountsErrors, EveryOneHasATextAndAWireCode) {
  for (int i = 0; i <= static_cast<int>(AccountsError::file_damaged); ++i) {
    const auto error = static_cast<AccountsError>(i);
    EXPECT_NE(describe(error), "unknown accounts error");
    EXPECT_NE(wire_code(error), v1::Error::CODE_UNSPECIFIED);
  }
  EXPECT_EQ(wire_code(AccountsError::invite_used), v1::Error::INVITE_INVALID);
  EXPECT_GT(retry_after(AccountsError::overloaded).value, 0U);
  EXPECT_EQ(retry_after(AccountsError::invite_used).value, 0U);
}

}  // namespace
}  // namespace sotto::accounts
