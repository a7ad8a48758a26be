#include "accounts/registrar.h"

#include "bytes/hex.h"
#include "identity/handle.h"

namespace sotto::accounts {
namespace {

constexpr std::size_t kTokenSize = 16;
/// Per tick: an hour of ticks sweeps 60,000 invites, and none of them delays a request by more than a page.
constexpr std::size_t kSweepPage = 1'000;

std::optional<Bytes> key_of(std::string_view token) {
  const auto octets = from_hex(token);
  if (!octets || octets->size() != kTokenSize) return std::nullopt;
  return invite_key(*octets);
}

}  // namespace

Registrar::Registrar(storage::Store& store, crypto::RandomSource& random, RegistrationPolicy policy)
    : store_(store), random_(random), policy_(policy), commits_(store) {}

AccountsResult<InviteRecord> Registrar::read(ByteView key) {
  const auto value = store_.get(invite_partition(), key);
  if (!value) return err(error_of(value.error()));
  if (!*value) return err(AccountsError::invite_unknown);
  auto record = decode_invite(**value);
  if (!record) return err(AccountsError::corrupt);
  return *std::move(record);
}

AccountsResult<void> Registrar::admits(const InviteRecord& invite, const identity::AccountId& account,
                                       std::string_view handle, UnixMs now) const {
  if (invite.redeemed_by && *invite.redeemed_by != account) return err(AccountsError::invite_used);
  if (!invite.redeemed_by && now >= invite.expires) return err(AccountsError::invite_expired);
  const bool any_handle = invite.handle.empty() && policy_ != RegistrationPolicy::by_admin;
  if (!any_handle && invite.handle != handle) return err(AccountsError::invite_for_another);
  return {};
}

void Registrar::authorise(const identity::AccountId& account, std::string_view handle,
                          std::string_view invite, UnixMs now, Reply<void> reply) {
  if (policy_ == RegistrationPolicy::open) return reply({});
  if (invite.empty()) return reply(err(AccountsError::registration_closed));
  const auto key = key_of(invite);
  if (!key) return reply(err(AccountsError::invite_unknown));
  auto record = read(*key);
  if (!record) return reply(err(record.error()));
  if (const auto admitted = admits(*record, account, handle, now); !admitted) return reply(admitted);
  if (record->redeemed_by) return reply({});
  std::string slot(as_chars(*key));
  if (!redeeming_.try_emplace(slot, account).second) return reply(err(AccountsError::overloaded));
  record->redeemed_by = account;
  storage::Batch batch(invite_partition());
  batch.put(*key, encode(*record));
  commits_.commit(std::move(batch),
                  [this, slot = std::move(slot), reply = std::move(reply)](const auto& result) mutable {
                    redeeming_.erase(slot);
                    if (!result) return reply(err(error_of(result.error())));
                    reply({});
                  });
}

void Registrar::create_invite(const NewInvite& invite, UnixMs now, Reply<std::string> reply) {
  if (invite.lifetime > kMaxInviteLifetime) return reply(err(AccountsError::lifetime_too_long));
  InviteRecord record{.expires = now + invite.lifetime, .handle = {}, .redeemed_by = {}};
  if (invite.handle) {
    const auto handle = identity::Handle::username(*invite.handle);
    if (!handle) return reply(err(AccountsError::handle_invalid));
    record.handle = handle->text();
  }
  const auto token = random_.array<kTokenSize>();
  storage::Batch batch(invite_partition());
  batch.put(invite_key(token), encode(record));
  commits_.commit(std::move(batch),
                  [text = to_hex(token), reply = std::move(reply)](const auto& result) mutable {
                    if (!result) return reply(err(error_of(result.error())));
                    reply(std::move(text));
                  });
}

void Registrar::revoke_invite(std::string_view token, Reply<void> reply) {
  const auto key = key_of(token);
  if (!key) return reply(err(AccountsError::invite_unknown));
  if (const auto record = read(*key); !record) return reply(err(record.error()));
  storage::Batch batch(invite_partition());
  batch.erase(*key);
  commits_.commit(std::move(batch), [reply = std::move(reply)](const auto& result) mutable {
    if (!result) return reply(err(error_of(result.error())));
    reply({});
  });
}

void Registrar::tick(UnixMs now) {
  const auto page = store_.scan(invite_partition(), sweep_from_, std::nullopt, {.max_entries = kSweepPage});
  if (!page) return;  // the next tick tries again
  storage::Batch batch(invite_partition());
  for (const auto& entry : page->entries) {
    const auto record = decode_invite(entry.value);
    if (record && now >= record->expires + kExpiredInviteKept) batch.erase(entry.key);
  }
  sweep_from_.clear();
  if (page->more) {
    sweep_from_ = page->entries.back().key;
    sweep_from_.push_back(0);
  }
  if (!batch.writes.empty()) commits_.commit(std::move(batch), [](const auto&) {});
}

}  // namespace sotto::accounts
